//! What can go wrong, as values: each with a stable code, and a class that exit codes and statuses follow from.

use crate::banks::BankError;
use crate::close::CloseError;
use crate::pay::PayError;
use crate::proofs::ProofError;
use crate::proposals::ProposalError;
use crate::reconcile::ReconcileError;
use crate::resolve::ResolveError;
use crate::witness::WitnessError;
use std::path::PathBuf;
use std::sync::Arc;
use upline_core::book::Impossible;
use upline_core::event::Position;
use upline_core::premium_status::Overflow;
use upline_core::reference_data::Unknown;
use upline_core::refusal::{Refusal, RefusalCode};
use upline_formats::source::SourceError;
use upline_log::LogError;
use upline_views::ScanError;
use upline_views::index::IndexError;

/// Why the ledger could not do what it was asked for. Nothing was recorded.
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
    NotStored(Arc<LedgerError>),
    /// A fact is refused, or a question names what the ledger does not know.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A fact that was to be new is recorded.
    #[error("this is recorded already; nothing is recorded twice")]
    RecordedAlready,
    /// A question asks for what was known at a position that the log has not reached.
    #[error("the log ends at position {last}, and {asked} is beyond it")]
    UnknownPosition {
        asked: Position,
        /// Where the log ends.
        last: Position,
    },
    /// What was to be imported cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A ledger that is in no directory has nowhere to keep files.
    #[error("this ledger keeps no files")]
    KeepsNoFiles,
    /// Something is where a restore or a copy makes its ledger.
    #[error("{} exists: {what} was interrupted or is still running. Remove it once none is running", path.display())]
    Unfinished {
        path: PathBuf,
        /// What makes a ledger there, as "a restore".
        what: String,
    },
    /// Bank details cannot be set.
    #[error(transparent)]
    Bank(#[from] BankError),
    /// A statement of a carrier is not taken in, or cannot be shown.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// Exceptions are not settled.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// A pay run is not done, or cannot be shown.
    #[error(transparent)]
    Pay(#[from] PayError),
    /// A period is not closed, or its evidence is not to be had.
    #[error(transparent)]
    Close(#[from] CloseError),
    /// A witness has seen another history, or cannot be asked.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// Something is not proposed, or nothing is decided about it.
    #[error(transparent)]
    Proposal(#[from] ProposalError),
    /// There is no such proof.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// What kind of failure it is: what exit codes and the statuses of HTTP follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// It names something that is not there.
    NotFound,
    /// It is refused by a rule, and will be until it is another.
    Refused,
    /// The store cannot be opened, read or written.
    Store,
    /// The program or the log has a defect.
    Defect,
}

impl LedgerError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            LedgerError::Store(error) => error.code(),
            LedgerError::Impossible(_) => "impossible",
            LedgerError::NotStored(error) => error.code(),
            LedgerError::Refused(refusal) => refusal.code.as_str(),
            LedgerError::RecordedAlready => "recorded_already",
            LedgerError::UnknownPosition { .. } => "unknown_position",
            LedgerError::Source(SourceError::Interrupted { .. }) => "interrupted",
            LedgerError::Source(_) => "unreadable",
            LedgerError::KeepsNoFiles => "keeps_no_files",
            LedgerError::Unfinished { .. } => "unfinished",
            LedgerError::Bank(error) => error.code(),
            LedgerError::Reconcile(error) => error.code(),
            LedgerError::Resolve(error) => error.code(),
            LedgerError::Pay(error) => error.code(),
            LedgerError::Close(error) => error.code(),
            LedgerError::Witness(error) => error.code(),
            LedgerError::Proposal(error) => error.code(),
            LedgerError::Proof(error) => error.code(),
        }
    }

    /// What kind of failure it is.
    pub fn class(&self) -> ErrorClass {
        match self {
            LedgerError::Store(_) => ErrorClass::Store,
            LedgerError::Impossible(_) => ErrorClass::Defect,
            LedgerError::NotStored(error) => error.class(),
            // Whatever a question names and nobody added says so in its code.
            _ if self.code().starts_with("unknown_") => ErrorClass::NotFound,
            _ => ErrorClass::Refused,
        }
    }

    /// A question about something that the ledger does not know.
    pub(crate) fn unknown(code: RefusalCode, field: &'static str, message: String) -> LedgerError {
        LedgerError::Refused(Refusal::of(code, field, message))
    }
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
