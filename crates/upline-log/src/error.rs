//! What can go wrong with a log, in sentences that say what, where and what to do.

use std::io;
use std::path::PathBuf;
use upline_core::event::Position;
use upline_core::time::Moment;

/// Why the log refused or failed. Nothing was appended, except where [`LogError::Poisoned`] follows.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Somebody else appended first.
    #[error(
        "the log ends at position {actual}, not at {expected}: read what was appended since, decide again and \
         append after {actual}"
    )]
    WrongPosition {
        /// Where the caller thought that the log ends.
        expected: Position,
        /// Where it ends.
        actual: Position,
    },
    /// Blocks were encoded after another history than the one they are appended to.
    #[error(
        "the blocks to append after position {position} were encoded for another log: encode them again, after \
         this log's tip"
    )]
    OtherHistory {
        /// Where this log ends.
        position: Position,
    },
    /// An event was recorded before the one in front of it.
    #[error(
        "event {position} is recorded at {recorded_at}, before the event in front of it ({last}): correct the clock"
    )]
    RecordedBackwards {
        /// Where the event would stand.
        position: Position,
        /// When it says that it was recorded.
        recorded_at: Moment,
        /// When the event in front of it was recorded.
        last: Moment,
    },
    /// One event does not fit into a block.
    #[error(
        "event {position} takes {bytes} bytes, but a block holds at most {bytes_max}: shorten its texts or split it"
    )]
    EventTooLarge {
        /// Where the event would stand.
        position: Position,
        /// What it takes.
        bytes: usize,
        /// What a block holds.
        bytes_max: usize,
    },
    /// An event cannot be written down.
    #[error("event {position} cannot be encoded: {why}")]
    Unencodable {
        /// Where the event would stand.
        position: Position,
        /// What is wrong with it.
        why: String,
    },
    /// An earlier write failed, so that nobody knows what is on disk.
    #[error(
        "an earlier write to the log in {dir} failed: open it again, which shows what was stored, and append \
         from there", dir = dir.display()
    )]
    Poisoned {
        /// Where the log is.
        dir: PathBuf,
    },
    /// It was opened to be read.
    #[error("the log in {dir} is open for reading only: open it for writing", dir = dir.display())]
    ReadOnly {
        /// Where the log is.
        dir: PathBuf,
    },
    /// Blocks end within what one fact caused.
    #[error(
        "the blocks to append after position {position} end within what their last fact caused: append it with the \
         blocks that complete it"
    )]
    Incomplete {
        /// Where this log ends.
        position: Position,
    },
    /// Another process, or another part of this one, is writing to the log.
    #[error(
        "the ledger in {dir} is open in another upline{}{}: wait until it has ended, or longer with --wait",
        known_holder(holder.as_deref()), waited(*waited_s), dir = dir.display()
    )]
    InUse {
        /// Where the log is.
        dir: PathBuf,
        /// Who has it, where the lock says that: process and command.
        holder: Option<String>,
        /// How many seconds were waited for it.
        waited_s: u64,
    },
    /// There is no log.
    #[error("there is no log in {dir}: check the path, or create a log there first", dir = dir.display())]
    Missing {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// There is something already.
    #[error("there is a log in {dir} already: open it, or choose another directory", dir = dir.display())]
    Exists {
        /// Where it was to be created.
        dir: PathBuf,
    },
    /// A newer version of this program wrote it.
    #[error("{what} is of version {found}, and this program reads up to {known}: use a newer version of it")]
    NewerFormat {
        /// What is newer.
        what: String,
        /// Its version.
        found: u32,
        /// The newest version that is known here.
        known: u32,
    },
    /// A snapshot is not what was written. Nothing is lost: it is derived from the log.
    #[error(
        "the snapshot {path} cannot be used: {what}. It is derived from the log: upline snapshots --rebuild makes \
         all of them again", path = path.display()
    )]
    Snapshot {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The bytes are not what was written.
    #[error(
        "the log is damaged, {place}: {what}. Restore a backup of it, or save what is still provably good with upline salvage"
    )]
    Damaged {
        /// What is wrong.
        what: String,
        place: String,
    },
    /// What lies beside the log is not what was written. The log is whole.
    #[error("{place}: {what}. The log is not touched by that: {repair}")]
    Beside {
        /// What is wrong.
        what: String,
        place: String,
        /// What to do.
        repair: &'static str,
    },
    /// A file is no backup, or was changed.
    #[error("{path} is no whole backup: {what}. Take another copy", path = path.display())]
    NoBackup {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The operating system refused.
    #[error("{doing} failed: {source}{}", what_to_do(source))]
    Io {
        /// What was tried.
        doing: String,
        /// What the system says.
        source: io::Error,
    },
}

fn known_holder(holder: Option<&str>) -> String {
    holder.map_or_else(String::new, |holder| format!(" ({holder})"))
}

fn waited(seconds: u64) -> String {
    if seconds == 0 { String::new() } else { format!(", still after {seconds} s") }
}

/// What a person does about it, where that is known.
fn what_to_do(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            ". Free some space and repeat the command: what was recorded is kept, and nothing is recorded twice"
        }
        _ => "",
    }
}

impl LogError {
    /// A stable name for programs to go by.
    pub fn code(&self) -> &'static str {
        match self {
            LogError::WrongPosition { .. } => "wrong_position",
            LogError::OtherHistory { .. } => "other_history",
            LogError::RecordedBackwards { .. } => "recorded_backwards",
            LogError::EventTooLarge { .. } => "event_too_large",
            LogError::Unencodable { .. } => "unencodable",
            LogError::Poisoned { .. } => "poisoned",
            LogError::ReadOnly { .. } => "read_only",
            LogError::Incomplete { .. } => "incomplete",
            LogError::InUse { .. } => "in_use",
            LogError::Missing { .. } => "missing",
            LogError::Exists { .. } => "exists",
            LogError::NewerFormat { .. } => "newer_format",
            LogError::Damaged { .. } => "damaged",
            LogError::Snapshot { .. } => "snapshot",
            LogError::Beside { .. } => "damaged_beside",
            LogError::NoBackup { .. } => "no_backup",
            LogError::Io { .. } => "io",
        }
    }

    /// What was found and where, without what to do about it: for a report that says that once.
    pub fn finding(&self) -> String {
        match self {
            LogError::Damaged { what, place } | LogError::Beside { what, place, .. } => {
                format!("{place}: {what}")
            }
            other => other.to_string(),
        }
    }

    /// Bytes that are not what was written: what, and where.
    pub fn damaged(what: impl Into<String>, place: impl Into<String>) -> LogError {
        LogError::Damaged { what: what.into(), place: place.into() }
    }

    /// What the operating system refused, while doing this.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> LogError {
        move |source| LogError::Io { doing: doing.into(), source }
    }
}
