//! Which engine keeps a log, and how one is opened whichever it is.

use crate::disk::check_entries;
use crate::disk_log::{DiskLog, LOG, TAIL};
use crate::error::LogError;
use crate::lock::OpenOptions;
use crate::log::EventLog;
use crate::sled_log::SledLog;
use crate::sled_store::{CONF, DB};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What keeps a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// sled, an embedded database: one process has it open at a time, to ask it too.
    #[default]
    Sled,
    /// Files of blocks: many may ask while one records, nothing is copied to verify, half of the disk.
    Files,
}

impl Engine {
    /// The names of all, the usual one first.
    pub const NAMES: [&str; 2] = ["sled", "files"];

    /// The engine of a name.
    pub fn of_name(name: &str) -> Option<Engine> {
        let engines = [Engine::Sled, Engine::Files].into_iter().zip(Engine::NAMES);
        engines.into_iter().find(|(_, own)| *own == name).map(|(engine, _)| engine)
    }

    pub fn name(self) -> &'static str {
        let [sled, files] = Engine::NAMES;
        match self {
            Engine::Sled => sled,
            Engine::Files => files,
        }
    }

    /// The engine of the log in a directory; the usual one where there is none.
    pub fn of(dir: &Path) -> Engine {
        let holds = |name: &str| dir.join(name).is_file();
        match (holds(DB) || holds(CONF), holds(LOG) || holds(TAIL)) {
            (_, true) => Engine::Files,
            (true, false) => Engine::Sled,
            (false, false) => Engine::default(),
        }
    }

    /// Creates an empty log in a directory that has none.
    pub fn create(self, dir: &Path) -> Result<Box<dyn EventLog>, LogError> {
        if [DB, LOG].iter().any(|name| dir.join(name).is_file()) {
            return Err(LogError::Exists { dir: dir.to_owned() });
        }
        let log: Box<dyn EventLog> = match self {
            Engine::Files => Box::new(DiskLog::create(dir)?),
            Engine::Sled => Box::new(SledLog::create(dir)?),
        };
        let own = fs::set_permissions(dir, Permissions::from_mode(OWNERS_ALONE));
        own.map_err(LogError::io(format!("making {} its owner's alone", dir.display())))?;
        Ok(log)
    }
}

/// Where sled keeps what is too large for its file.
const BLOBS: &str = "blobs";

/// Who may do what with the directory of a ledger.
const OWNERS_ALONE: u32 = 0o700;

/// Refuses a directory with something in it that would be waited for.
pub(crate) fn check(dir: &Path) -> Result<(), LogError> {
    match check_entries(dir).and_then(|()| check_entries(&dir.join(BLOBS))) {
        // That nothing is there is told by the engine.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(())
        }
        other => other.map_err(LogError::io(format!("opening the ledger in {}", dir.display()))),
    }
}

/// Opens the log of a directory to append to it. One has it open so at a time.
pub fn open_log(dir: &Path, options: &OpenOptions) -> Result<Box<dyn EventLog>, LogError> {
    check(dir)?;
    Ok(match Engine::of(dir) {
        Engine::Files => Box::new(DiskLog::open_with(dir, options)?),
        Engine::Sled => Box::new(SledLog::open_with(dir, options)?),
    })
}

/// Opens the log of a directory to read it.
pub fn open_log_to_read(dir: &Path, options: &OpenOptions) -> Result<Box<dyn EventLog>, LogError> {
    check(dir)?;
    Ok(match Engine::of(dir) {
        Engine::Files => Box::new(DiskLog::open_to_read(dir)?),
        Engine::Sled => Box::new(SledLog::open_with(dir, options)?),
    })
}

/// Opens the log of a directory to look at it as it lies there: nothing is changed, whatever the engine.
pub fn open_log_untouched(dir: &Path, options: &OpenOptions) -> Result<Box<dyn EventLog>, LogError> {
    check(dir)?;
    Ok(match Engine::of(dir) {
        Engine::Files => Box::new(DiskLog::open_to_read(dir)?),
        Engine::Sled => Box::new(SledLog::open_copy(dir, options)?),
    })
}
