//! How far the log was acknowledged, kept beside it: a log that lost its end is noticed.
//!
//! # Shape
//! One line in the file `acknowledged`: position, root and the CRC-32 of both, of fixed length, written over
//! after every append.
//!
//! # Correctness
//! It is written after the append is durable and synced only when the log is closed, so after a loss of power
//! it may lag behind the log; it never runs ahead of it. A log that ends before what was acknowledged has
//! lost events.

use crate::disk::{Access, Disk, DiskFile};
use crate::error::LogError;
use crate::tip::Tip;
use std::io;
use std::path::{Path, PathBuf};
use upline_core::event::Position;

/// The name of the file.
pub(crate) const FILE: &str = "acknowledged";

/// Position, root and checksum with their separators.
pub(crate) const LINE_BYTES: usize = 20 + 1 + 64 + 1 + 8 + 1;

/// How often it is read before it counts as damaged.
const READS_MAX: usize = 16;

/// The file while the log is open.
#[derive(Debug)]
pub(crate) struct Acknowledged {
    path: PathBuf,
    file: Box<dyn DiskFile>,
    /// What it says.
    position: Position,
    root: String,
}

impl Acknowledged {
    /// The file of a log that is created. Durable with the directory's names.
    pub fn create(disk: &dyn Disk, dir: &Path) -> Result<Acknowledged, LogError> {
        let path = dir.join(FILE);
        let file =
            disk.open(&path, Access::Anew).map_err(LogError::io(format!("creating {}", path.display())))?;
        let mut acknowledged = Acknowledged { path, file, position: 0, root: String::new() };
        acknowledged.note(&Tip::default())?;
        acknowledged.sync()?;
        Ok(acknowledged)
    }

    /// The file of a log that is there.
    pub fn open(disk: &dyn Disk, dir: &Path, access: Access) -> Result<Acknowledged, LogError> {
        let path = dir.join(FILE);
        let place = || format!("in {}", path.display());
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => {
                LogError::damaged("the file of what was acknowledged is missing", place())
            }
            _ => LogError::Io { doing: format!("reading {}", path.display()), source },
        };
        let file = disk.open(&path, access).map_err(failed)?;
        let damaged = || LogError::damaged("it does not say what was acknowledged", place());
        if file.bytes().map_err(failed)? != LINE_BYTES as u64 {
            return Err(damaged());
        }
        let mut line = [0; LINE_BYTES];
        let mut said = None;
        // A writer may be writing over it just now.
        for _ in 0..READS_MAX {
            file.read_at(&mut line, 0).map_err(failed)?;
            said = parse(&line);
            if said.is_some() {
                break;
            }
        }
        let (position, root) = said.ok_or_else(damaged)?;
        Ok(Acknowledged { path, file, position, root })
    }

    /// The last position that it knows to be acknowledged.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Refuses a log that ends before what was acknowledged, or ends there with other events.
    pub fn check(&self, tip: &Tip, why_it_ends: &str) -> Result<(), LogError> {
        if tip.position() < self.position {
            let what = format!(
                "it ends at position {}, but {} events were acknowledged",
                tip.position(),
                self.position
            );
            return Err(LogError::damaged(what, format!("at its end ({why_it_ends})")));
        }
        if tip.position() == self.position && tip.root().to_string() != self.root {
            return Err(LogError::damaged("its events are not those that were acknowledged", "at its end"));
        }
        Ok(())
    }

    /// Notes where the log ends now. Not durable before [`Acknowledged::sync`].
    pub fn note(&mut self, tip: &Tip) -> Result<(), LogError> {
        let doing = || format!("writing {}", self.path.display());
        self.file
            .write_at(line(tip).as_bytes(), 0)
            .map_err(|source| LogError::Io { doing: doing(), source })?;
        self.position = tip.position();
        self.root = tip.root().to_string();
        Ok(())
    }

    /// Makes durable what it says.
    pub fn sync(&self) -> Result<(), LogError> {
        self.file.sync().map_err(LogError::io(format!("syncing {}", self.path.display())))
    }
}

/// The content of the file for a log that ends here.
pub(crate) fn line(tip: &Tip) -> String {
    let said = format!("{:020} {}", tip.position(), tip.root());
    format!("{said} {:08x}\n", crc32fast::hash(said.as_bytes()))
}

/// Only what [`line`] writes: another spelling of the same is damage too.
fn parse(line: &[u8; LINE_BYTES]) -> Option<(Position, String)> {
    let (said, crc) = std::str::from_utf8(line).ok()?.strip_suffix('\n')?.rsplit_once(' ')?;
    let (position, root) = said.split_once(' ')?;
    let sound = crc == format!("{:08x}", crc32fast::hash(said.as_bytes()));
    if sound { Some((position.parse().ok()?, root.to_owned())) } else { None }
}
