//! How commands fail: a sentence on stderr and a deliberate exit code.

use std::io::{self, Write};
use std::path::Path;
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
    pub fn exit(self, dir: &Path) -> ExitCode {
        match self {
            Failure::Refused => ExitCode::from(1),
            Failure::Because(message) => says(&message, 1),
            Failure::Ledger(LedgerError::Store(error)) => {
                let dir = dir.display();
                // What a person does next is a matter of this command line, not of the log.
                let message = match error.code() {
                    "missing" => format!(
                        "there is no ledger in {dir}: name another with --ledger, or make one with \
                         upline --ledger {dir} init"
                    ),
                    "exists" => format!("there is a ledger already: {error}"),
                    _ => error.to_string(),
                };
                says(&message, 3)
            }
            Failure::Ledger(error) => says(&error.to_string(), 1),
            // Whoever read the answer has seen enough.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Failure::Output(error) => says(&format!("the answer cannot be written: {error}"), 1),
        }
    }
}

fn says(message: &str, code: u8) -> ExitCode {
    note(&format!("upline: {message}"));
    ExitCode::from(code)
}

/// Says something on stderr. Where nobody listens, the work goes on.
pub fn note(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// A CSV error as what the output said, so that a reader who left is known by it.
pub fn csv_failed(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
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
