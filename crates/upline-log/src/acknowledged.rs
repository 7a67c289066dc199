//! How far the log was acknowledged, kept beside the store: a store that lost its end is noticed.
//!
//! # Shape
//! One line in the file `acknowledged`: position, root and the CRC-32 of both, of fixed length, written over
//! after every append.
//!
//! # Correctness
//! It is written after the append is durable and not synced itself, so after a loss of power it may lag
//! behind the log; it never runs ahead of it. A log that ends before what was acknowledged has lost events.

use crate::error::LogError;
use crate::tip::Tip;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use upline_core::event::Position;

/// The name of the file.
const FILE: &str = "acknowledged";

/// Position, root and checksum with their separators.
const LINE_BYTES: usize = 20 + 1 + 64 + 1 + 8 + 1;

/// The file while the log is open.
#[derive(Debug)]
pub(crate) struct Acknowledged {
    path: PathBuf,
    file: File,
}

impl Acknowledged {
    /// The file of a log that is created.
    pub fn create(dir: &Path) -> Result<Acknowledged, LogError> {
        let path = dir.join(FILE);
        let failed =
            |source| LogError::Io { doing: "creating the file of what was acknowledged".to_owned(), source };
        let file = File::options().read(true).write(true).create_new(true).open(&path).map_err(failed)?;
        let mut acknowledged = Acknowledged { path, file };
        acknowledged.note(&Tip::default())?;
        acknowledged.file.sync_all().and_then(|()| File::open(dir)?.sync_all()).map_err(failed)?;
        Ok(acknowledged)
    }

    /// The file of a log that is opened; the log must not end before what it says.
    pub fn open(dir: &Path, tip: &Tip) -> Result<Acknowledged, LogError> {
        let path = dir.join(FILE);
        let place = || format!("in {}", path.display());
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => {
                LogError::damaged("the file of what was acknowledged is missing", place())
            }
            _ => LogError::Io { doing: format!("opening {}", path.display()), source },
        };
        let mut file = File::options().read(true).write(true).open(&path).map_err(failed)?;
        let mut line = String::new();
        let read = Read::by_ref(&mut file).take(LINE_BYTES as u64 + 1).read_to_string(&mut line);
        let (position, root) = read
            .ok()
            .and_then(|_| parse(&line))
            .ok_or_else(|| LogError::damaged("it does not say what was acknowledged", place()))?;
        if tip.position() < position {
            let what =
                format!("it ends at position {}, but {position} events were acknowledged", tip.position());
            return Err(LogError::damaged(what, "at its end"));
        }
        if tip.position() == position && tip.root().to_string() != root {
            return Err(LogError::damaged("its events are not those that were acknowledged", "at its end"));
        }
        Ok(Acknowledged { path, file })
    }

    /// Notes where the log ends now.
    pub fn note(&mut self, tip: &Tip) -> Result<(), LogError> {
        let said = format!("{:020} {}", tip.position(), tip.root());
        let line = format!("{said} {:08x}\n", crc32fast::hash(said.as_bytes()));
        let written = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.write_all(line.as_bytes()));
        written.map_err(|source| LogError::Io { doing: format!("writing {}", self.path.display()), source })
    }
}

fn parse(line: &str) -> Option<(Position, String)> {
    let (said, crc) = line.strip_suffix('\n')?.rsplit_once(' ')?;
    let (position, root) = said.split_once(' ')?;
    let sound =
        line.len() == LINE_BYTES && u32::from_str_radix(crc, 16).ok()? == crc32fast::hash(said.as_bytes());
    if sound { Some((position.parse().ok()?, root.to_owned())) } else { None }
}
