//! Which engine keeps a log, and how one is opened whichever it is.

use crate::disk_log::DiskLog;
use crate::error::LogError;
use crate::log::EventLog;
use crate::sled_log::SledLog;
use std::path::Path;

/// What keeps a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// Files of blocks: every promise of `docs/trust.md`.
    #[default]
    Files,
    /// sled, an embedded database: one process at a time, and opening may write.
    Sled,
}

impl Engine {
    /// The names of all, the usual one first.
    pub const NAMES: [&str; 2] = ["files", "sled"];

    /// The engine of a name.
    pub fn of_name(name: &str) -> Option<Engine> {
        [Engine::Files, Engine::Sled]
            .into_iter()
            .zip(Engine::NAMES)
            .find(|(_, own)| *own == name)
            .map(|(e, _)| e)
    }

    /// The engine of the log in a directory; the usual one where there is none.
    pub fn of(dir: &Path) -> Engine {
        if dir.join("db").is_file() && !dir.join(crate::disk_log::LOG).is_file() {
            Engine::Sled
        } else {
            Engine::Files
        }
    }

    /// Creates an empty log in a directory that has none.
    pub fn create(self, dir: &Path) -> Result<Box<dyn EventLog>, LogError> {
        if Engine::of(dir) == Engine::Sled && self != Engine::Sled {
            return Err(LogError::Exists { dir: dir.to_owned() });
        }
        Ok(match self {
            Engine::Files => Box::new(DiskLog::create(dir)?),
            Engine::Sled => Box::new(SledLog::create(dir)?),
        })
    }
}

/// Opens the log of a directory to append to it. One has it open so at a time.
pub fn open_log(dir: &Path) -> Result<Box<dyn EventLog>, LogError> {
    Ok(match Engine::of(dir) {
        Engine::Files => Box::new(DiskLog::open(dir)?),
        Engine::Sled => Box::new(SledLog::open(dir)?),
    })
}

/// Opens the log of a directory to read it.
pub fn open_log_to_read(dir: &Path) -> Result<Box<dyn EventLog>, LogError> {
    Ok(match Engine::of(dir) {
        Engine::Files => Box::new(DiskLog::open_to_read(dir)?),
        Engine::Sled => Box::new(SledLog::open(dir)?),
    })
}
