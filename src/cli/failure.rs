//! How commands fail: a sentence on stderr and a deliberate exit code, both from a typed value with a stable code.

use crate::cli::screen::note;
use std::io;
use std::path::{Path, PathBuf};
use upline_access::AccessError;
use upline_answers::events::NotWritten;
use upline_core::refusal::Refusal;
use upline_formats::checkpoint::NotOne;
use upline_formats::export::ExportError;
use upline_formats::nacha::NotOriginator;
use upline_formats::source::SourceError;
use upline_ledger::{ErrorClass, LedgerError, NotRecorded};
use upline_server::ServeError;

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub enum Failure {
    /// Something was refused or not verified; the report says what.
    Refused,
    /// The ledger refused or failed.
    Ledger(LedgerError),
    /// A file that a person named.
    File(FileError),
    /// Arguments that do not go together.
    Usage(UsageError),
    /// A key or a checkpoint is none.
    NotOne(NotOne),
    /// What is exported does not fit into the format.
    Export(ExportError),
    /// The answer could not be written.
    Output(io::Error),
    /// Who may cannot be read or changed.
    Access(AccessError),
    /// The server does not run.
    Serve(ServeError),
    /// The writer of a server stopped.
    Stopped,
    /// A combination of arguments that the command line itself refuses.
    Arguments(String),
    /// Whoever has the ledger open did it, with this exit code.
    Elsewhere(u8),
}

/// A file that a person named cannot be used, or is not what it should be.
#[derive(Debug)]
pub struct FileError {
    path: PathBuf,
    wrong: FileWrong,
}

/// What is wrong with a file.
#[derive(Debug)]
pub enum FileWrong {
    /// It cannot be read.
    Unreadable(io::Error),
    /// The same of one that is to be taken in.
    NotTaken(io::Error),
    /// The same of a key.
    UnreadableKey(io::Error),
    /// It cannot be opened.
    Unopened(io::Error),
    /// It cannot be written.
    Unwritten(io::Error),
    /// It is there already.
    There,
    /// It is there already, in the place of a file that pays a run; which run it pays, if any.
    TherePays(Option<u64>),
    /// It is there already, and this option chooses another.
    ThereChoose(&'static str),
    /// It is there already, and can be replaced.
    ThereForce,
    /// It is too long for what it should be.
    TooLong,
    /// It is larger than so many MiB.
    TooLarge(u64),
    /// It is no text.
    NoText,
    /// It is something else than a file.
    NoFile,
    /// It is a directory in the place of a backup.
    NoBackup,
    /// It contains something other than an export.
    NoExport,
    /// It is no name of a file.
    NoName,
    /// What was written to it cannot be read back.
    NotReadBack,
    /// The key signed a longer history than this ledger has.
    SignedLonger {
        signed: u64,
        /// How many events the ledger has.
        own: u64,
    },
    /// The key signed another history of so many events.
    SignedOther(u64),
    /// It does not say what a key signed.
    NotSigned,
    /// Others than its owner can use this key, by its mode.
    Exposed(u32),
    /// It is no key, checkpoint or proof.
    NotOne(NotOne),
    /// It proves that a log goes on, and nobody said from what.
    NoCheckpoint,
    /// It does not say who pays.
    NotOriginator(NotOriginator),
    /// It is no file of settings; why.
    NoSettings(String),
    /// Its bank details are wrong; what is wrong was told.
    Banks,
    /// It has the bank details of none, or of several, where one is proposed.
    NotOneBank,
}

/// Arguments that do not go together, or a value that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    #[error("--between takes two times")]
    TwoTimes,
    #[error("{0} is after {1}: give the earlier time first")]
    Backwards(String, String),
    #[error("{0} is no type of fact; upline record lists them")]
    UnknownType(String),
    #[error("{0} is no field: write --FIELD VALUE")]
    NoField(String),
    #[error("--{0} has no value")]
    NoValue(String),
    #[error("an ACH file pays a recorded run: --nacha needs --commit or --run N")]
    NachaWithoutCommit,
    #[error("say --event ID, or --since CHECKPOINT with --public-key")]
    NothingToProve,
    #[error("say --key FILE, or --to CHECKPOINT with --public-key")]
    NothingToLeadTo,
    #[error("there is no ledger in {0}: name another with --ledger, or make one with upline init")]
    NoLedger(String),
    #[error("nothing was kept of {0}")]
    NothingKept(String),
    #[error("{0}")]
    Argument(String),
}

impl UsageError {
    /// The stable code.
    fn code(&self) -> &'static str {
        match self {
            UsageError::TwoTimes => "two_times",
            UsageError::Backwards(..) => "backwards",
            UsageError::UnknownType(_) => "unknown_type",
            UsageError::NoField(_) => "no_field",
            UsageError::NoValue(_) => "no_value",
            UsageError::NachaWithoutCommit => "nacha_without_commit",
            UsageError::NothingToProve | UsageError::NothingToLeadTo => "argument_missing",
            UsageError::NoLedger(_) => "missing",
            UsageError::NothingKept(_) => "nothing_kept",
            UsageError::Argument(_) => "argument",
        }
    }
}

impl FileWrong {
    /// This, of a file.
    pub fn of(self, path: impl AsRef<Path>) -> Failure {
        Failure::File(FileError { path: path.as_ref().to_owned(), wrong: self })
    }

    /// The stable code.
    fn code(&self) -> &'static str {
        match self {
            FileWrong::Unreadable(_) | FileWrong::NotTaken(_) | FileWrong::UnreadableKey(_) => "unreadable",
            FileWrong::Unopened(_) => "unreadable",
            FileWrong::Unwritten(_) => "unwritten",
            FileWrong::There
            | FileWrong::TherePays(_)
            | FileWrong::ThereChoose(_)
            | FileWrong::ThereForce => "there_already",
            FileWrong::TooLong | FileWrong::TooLarge(_) => "too_large",
            FileWrong::NoText => "no_text",
            FileWrong::NoFile | FileWrong::NoBackup | FileWrong::NoExport | FileWrong::NoName => "other_file",
            FileWrong::NotReadBack => "not_read_back",
            FileWrong::SignedLonger { .. } => "set_back",
            FileWrong::SignedOther(_) => "other_history",
            FileWrong::NotSigned => "other_file",
            FileWrong::Exposed(_) => "exposed_key",
            FileWrong::NotOne(_) | FileWrong::NoCheckpoint => "not_one",
            FileWrong::NotOriginator(_) => "originator",
            FileWrong::NoSettings(_) => "settings",
            FileWrong::Banks | FileWrong::NotOneBank => "bank_details",
        }
    }
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.display();
        match &self.wrong {
            FileWrong::Unreadable(error) => write!(f, "{path} cannot be read: {error}"),
            FileWrong::NotTaken(error) => write!(f, "{path}: it cannot be read: {error}"),
            FileWrong::UnreadableKey(error) => write!(f, "{path}: the key cannot be read: {error}"),
            FileWrong::Unopened(error) => write!(f, "{path} cannot be opened: {error}"),
            FileWrong::Unwritten(error) => write!(f, "{path} cannot be written: {error}"),
            FileWrong::TherePays(Some(run)) => {
                write!(f, "{path} already exists: it pays run {run}, which is recorded. Choose another name")
            }
            FileWrong::TherePays(None) => write!(
                f,
                "{path} already exists, and pays no run that is recorded: where it is left over from a run that was cut \
                 off, remove it; else choose another name"
            ),
            FileWrong::There => write!(f, "{path} already exists: choose another name"),
            FileWrong::ThereChoose(option) => {
                write!(f, "{path} already exists: choose another with {option}")
            }
            FileWrong::ThereForce => {
                write!(f, "{path} already exists: choose another name, or replace it with --force")
            }
            FileWrong::TooLong => {
                write!(f, "{path}: this file is too long to be a key, a checkpoint or a proof")
            }
            FileWrong::TooLarge(most) => {
                write!(f, "{path}: it is larger than {most} MiB, the most that is read")
            }
            FileWrong::NoText => write!(f, "{path}: this is no text"),
            FileWrong::NoFile => write!(f, "{path} is no file: choose another name"),
            FileWrong::NoBackup => write!(f, "{path} is a directory, not a backup"),
            FileWrong::NoExport => {
                write!(f, "{path} contains something other than an export: choose another name")
            }
            FileWrong::NoName => write!(f, "{path} is no name for an export"),
            FileWrong::NotReadBack => write!(f, "{path} does not hold what was written to it"),
            FileWrong::SignedLonger { signed, own } => write!(
                f,
                "{path}: this key signed {signed} events, and the ledger has only {own}: it was set back, or is another. \
                 Nothing is signed"
            ),
            FileWrong::SignedOther(size) => write!(
                f,
                "{path}: this key signed another history: its first {size} events are not those of this ledger. Nothing \
                 is signed; a ledger of its own has a key of its own"
            ),
            FileWrong::NotSigned => {
                write!(f, "{path} does not say what the key signed last: look who changed it")
            }
            FileWrong::Exposed(mode) => write!(
                f,
                "{path}: others can read or change this key (mode {mode:o}): make it yours alone with chmod 600, or a \
                 new one with upline key if somebody may have"
            ),
            FileWrong::NotOne(error) => write!(f, "{path}: {error}"),
            FileWrong::NoCheckpoint => write!(
                f,
                "{path}: this proof shows that a log continues a checkpoint: name that checkpoint with --checkpoint"
            ),
            FileWrong::NotOriginator(error) => write!(f, "{path}: {error}"),
            FileWrong::NotOneBank => {
                write!(
                    f,
                    "{path}: a proposal is of the account of one producer: write one line below the names"
                )
            }
            FileWrong::NoSettings(why) => write!(f, "{path} is no file of settings: {why}"),
            FileWrong::Banks => f.write_str("no bank details were set: correct the file and try again"),
        }
    }
}

impl Failure {
    /// The stable code; none where a report says what is wrong.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Failure::Refused | Failure::Elsewhere(_) => return None,
            Failure::Arguments(_) => "arguments",
            Failure::Ledger(error) => error.code(),
            Failure::File(error) => error.wrong.code(),
            Failure::Usage(error) => error.code(),
            Failure::NotOne(_) => "not_one",
            Failure::Export(_) => "export",
            Failure::Output(_) => "output",
            Failure::Access(error) => error.code(),
            Failure::Serve(error) => error.code(),
            Failure::Stopped => "stopped",
        })
    }

    /// Which exit code it is: 3 where the store is the reason, and what a signal has.
    fn exit_code(&self) -> u8 {
        match self {
            Failure::Ledger(LedgerError::Source(SourceError::Interrupted { signal, .. })) => {
                u8::try_from(128 + signal).unwrap_or(1)
            }
            Failure::Ledger(error) if error.class() == ErrorClass::Store => 3,
            // Whoever read the answer has seen enough.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Failure::Arguments(_) => 2,
            Failure::Elsewhere(code) => *code,
            _ => 1,
        }
    }

    /// Why, for people; none where a report says it, or nobody reads it.
    pub fn sentence(&self, dir: &Path) -> Option<String> {
        match self {
            Failure::Refused | Failure::Elsewhere(_) => None,
            Failure::Arguments(message) => Some(message.clone()),
            Failure::Ledger(error) => Some(of_ledger(error, dir)),
            Failure::File(error) => Some(error.to_string()),
            Failure::Usage(error) => Some(error.to_string()),
            Failure::NotOne(error) => Some(error.to_string()),
            Failure::Export(error) => Some(error.to_string()),
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => None,
            Failure::Output(error) => Some(format!("the answer cannot be written: {error}")),
            Failure::Access(error) => Some(error.to_string()),
            Failure::Serve(error) => Some(error.to_string()),
            Failure::Stopped => Some("the ledger's writer stopped: open the ledger again".to_owned()),
        }
    }

    /// Says why, and gives the exit code.
    pub fn tell(self, dir: &Path) -> u8 {
        tracing::debug!(code = self.code(), "failed");
        match (&self, self.sentence(dir)) {
            (Failure::Arguments(message), _) => note(&format!("error: {message}")),
            (_, Some(sentence)) => note(&format!("upline: {sentence}")),
            (_, None) => {}
        }
        self.exit_code()
    }
}

/// What a person does next is a matter of this command line, not of the log.
fn of_ledger(error: &LedgerError, dir: &Path) -> String {
    let LedgerError::Store(error) = error else { return error.to_string() };
    let dir = dir.display();
    match error.code() {
        "missing" => format!(
            "there is no ledger in {dir}: name another with --ledger, or make one with upline --ledger {dir} init"
        ),
        "exists" => format!("there is a ledger already: {error}"),
        _ => error.to_string(),
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Failure {
        Failure::Ledger(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Ledger(refusal.into())
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Failure {
        Failure::Ledger(error.into())
    }
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Failure {
        Failure::Usage(error)
    }
}

impl From<NotOne> for Failure {
    fn from(error: NotOne) -> Failure {
        Failure::NotOne(error)
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Failure {
        match error {
            ExportError::Output(error) => Failure::Output(error),
            refused @ ExportError::Refused(_) => Failure::Export(refused),
        }
    }
}

impl From<NotWritten> for Failure {
    fn from(error: NotWritten) -> Failure {
        match error {
            NotWritten::Ledger(error) => Failure::Ledger(error),
            NotWritten::Output(error) => Failure::Output(error),
        }
    }
}

impl From<AccessError> for Failure {
    fn from(error: AccessError) -> Failure {
        Failure::Access(error)
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Failure {
        Failure::Serve(error)
    }
}

impl From<NotRecorded> for Failure {
    fn from(error: NotRecorded) -> Failure {
        match error {
            NotRecorded::Failed(error) => Failure::Ledger(LedgerError::NotStored(error)),
            NotRecorded::Stopped => Failure::Stopped,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Output(error)
    }
}
