//! What can go wrong besides a refusal.

use upline_core::book::Impossible;
use upline_core::premium_status::Overflow;
use upline_core::reference_data::Unknown;
use upline_log::LogError;
use upline_views::ScanError;
use upline_views::index::IndexError;

/// Why the ledger could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store cannot be opened, read or written.
    #[error(transparent)]
    Store(#[from] LogError),
    /// A defect of the program or a damaged log; nothing was stored.
    #[error("impossible state, nothing was stored: {0}")]
    Impossible(#[from] Impossible),
    /// A commit was not stored, nor any behind it, for this reason.
    #[error("nothing was recorded: {0}")]
    NotStored(std::sync::Arc<LedgerError>),
    /// What was to be imported cannot be read.
    #[error("{0}")]
    Input(String),
    /// The question names something that the ledger does not know.
    #[error("{0}")]
    Question(String),
}

impl From<ScanError> for LedgerError {
    fn from(error: ScanError) -> LedgerError {
        match error {
            ScanError::Log(error) => LedgerError::Store(error),
            ScanError::Unknown(error) => error.into(),
        }
    }
}

impl From<IndexError> for LedgerError {
    fn from(error: IndexError) -> LedgerError {
        match error {
            IndexError::Log(error) => LedgerError::Store(error),
            IndexError::Unknown(position) => Unknown(position).into(),
            IndexError::TooLarge => Overflow.into(),
        }
    }
}

impl From<Unknown> for LedgerError {
    fn from(error: Unknown) -> LedgerError {
        LedgerError::Impossible(error.into())
    }
}

impl From<Overflow> for LedgerError {
    fn from(error: Overflow) -> LedgerError {
        LedgerError::Impossible(error.into())
    }
}
