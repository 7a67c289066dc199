//! How commands fail: a sentence on stderr and a deliberate exit code.

use std::io;
use std::process::ExitCode;
use upline_ledger::LedgerError;

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub enum Failure {
    /// Something was refused or not verified; the report says what. Exit code 1.
    Refused,
    /// The same, and this sentence says what.
    Because(String),
    /// The ledger failed. Exit code 3 where its store is the reason.
    Ledger(LedgerError),
    /// The answer could not be written.
    Output(io::Error),
}

impl Failure {
    /// Says why, and which exit code it is.
    pub fn exit(self) -> ExitCode {
        match self {
            Failure::Refused => ExitCode::from(1),
            Failure::Because(message) => says(&message, 1),
            Failure::Ledger(error @ LedgerError::Store(_)) => says(&error.to_string(), 3),
            Failure::Ledger(error) => says(&error.to_string(), 1),
            // Whoever read the answer has seen enough.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Failure::Output(error) => says(&format!("the answer cannot be written: {error}"), 1),
        }
    }
}

fn says(message: &str, code: u8) -> ExitCode {
    eprintln!("upline: {message}");
    ExitCode::from(code)
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Failure {
        Failure::Ledger(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Output(error)
    }
}
