//! Snapshots: what was computed from the log up to a position, kept beside it to save computing it again.
//!
//! # Shape
//! One file for each, `snapshots/00000001` and so on, written once and put in its place by its name. Integers
//! are little endian.
//!
//! | offset | bytes | |
//! |---|---|---|
//! | 0 | 4 | `UPLS` |
//! | 4 | 4 | CRC-32 of everything from offset 8 to the end of the table of sections |
//! | 8 | 1 | format |
//! | 9 | 1 | how many sections |
//! | 10 | 2 | 0 |
//! | 12 | 8 | the position up to which it holds |
//! | 20 | 32 | the root of the log at that position |
//! | 52 | 32 | SHA-256 of the head of the snapshot before: its bytes from offset 0 to the end of its table |
//! | 84 | 12·n | of each section: its bytes as stored, its bytes unpacked, the CRC-32 of those stored |
//! | … | | the sections, each zstd |
//!
//! What a section holds is said where it is made (`upline-views`); its numbers are written by [`crate::Column`]
//! and read by [`crate::ColumnReader`].
//!
//! # Correctness
//! Derived, so never trusted further than it can be checked, and never synced: whatever is not whole, of
//! another log, or behind a gap counts as not there, and what it would have saved is computed. Its checksums
//! guard against accidents; `upline verify` computes every snapshot anew and compares.

use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use upline_core::event::Position;
use upline_log::disk::{open_to_read, read_bounded};
use upline_log::{EventLog, HASH_BYTES, Hash, LogError, Root};

/// The directory of snapshots in that of the log.
const DIR: &str = "snapshots";

/// The version of the format.
const FORMAT: u8 = 1;

const MAGIC: [u8; 4] = *b"UPLS";
const HEAD_BYTES_FIXED: usize = 84;
const SECTION_ENTRY_BYTES: usize = 12;

/// The largest section, unpacked: what a damaged one can make a reader allocate.
const SECTION_BYTES_MAX: usize = 1 << 30;

/// How hard the sections are compressed.
const ZSTD_LEVEL: i32 = 3;

/// A snapshot on disk: its head is read and checked; sections are when they are asked for.
#[derive(Clone, Debug)]
pub struct Snapshot {
    path: PathBuf,
    last: Position,
    root: Root,
    previous: Hash,
    /// SHA-256 of its own head.
    hash: Hash,
    sections: Vec<Section>,
}

#[derive(Clone, Copy, Debug)]
struct Section {
    offset: u64,
    stored_bytes: usize,
    raw_bytes: usize,
    crc: u32,
}

/// The snapshots in the directory of a log that can be used for it: from the first on, each following the one
/// before, up to one whose root is not this log's.
pub fn snapshots(dir: &Path, log: &dyn EventLog) -> Vec<Snapshot> {
    let mut found: Vec<Snapshot> = Vec::new();
    loop {
        let previous = found.last().map_or([0; HASH_BYTES], |before| before.hash);
        match Snapshot::open(&path_of(dir, found.len() as u64 + 1)) {
            Ok(Some(next)) if next.previous == previous && next.last <= log.len() => found.push(next),
            Ok(Some(other)) => {
                tracing::warn!(path = %other.path.display(), "a snapshot of another log is not used");
                break;
            }
            Ok(None) => break,
            Err(error) => {
                tracing::warn!(%error, "a snapshot is not used");
                break;
            }
        }
    }
    // They are chained, so that the root of the last says whose they are.
    let is_of = |last: &Snapshot| log.tip_at(last.last).is_ok_and(|tip| tip.root() == last.root);
    if found.last().is_some_and(|last| !is_of(last)) {
        tracing::warn!(dir = %dir.display(), "the snapshots are of another log and not used");
        found.clear();
    }
    found
}

/// Removes every snapshot from the directory of a log.
pub fn remove_snapshots(dir: &Path) -> Result<(), LogError> {
    let dir = dir.join(DIR);
    match fs::remove_dir_all(&dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(LogError::io(format!("removing {}", dir.display()))),
    }
}

/// How many files there are that call themselves snapshots, usable or not.
pub fn snapshot_files(dir: &Path) -> u64 {
    (1..).take_while(|number| path_of(dir, *number).is_file()).count() as u64
}

fn path_of(dir: &Path, number: u64) -> PathBuf {
    dir.join(DIR).join(format!("{number:08}"))
}

impl Snapshot {
    /// The position up to which it holds.
    pub fn last(&self) -> Position {
        self.last
    }

    /// How many bytes its file has.
    pub fn bytes(&self) -> u64 {
        self.sections.last().map_or(0, |last| last.offset + last.stored_bytes as u64)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A snapshot as the bytes of its file. `before` is the one in front of it.
    pub fn encode(
        last: Position,
        root: Root,
        before: Option<&Snapshot>,
        sections: &[Vec<u8>],
    ) -> Result<Vec<u8>, LogError> {
        let packed: io::Result<Vec<Vec<u8>>> =
            sections.iter().map(|raw| zstd::bulk::compress(raw, ZSTD_LEVEL)).collect();
        let packed = packed.map_err(LogError::io("packing a snapshot"))?;
        let too_large = || LogError::Io {
            doing: format!("packing the snapshot at position {last}"),
            source: io::Error::other("a section is too large"),
        };
        let narrow = |length: usize| u32::try_from(length).map_err(|_| too_large());
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&[FORMAT, u8::try_from(packed.len()).map_err(|_| too_large())?, 0, 0]);
        bytes.extend_from_slice(&last.to_le_bytes());
        bytes.extend_from_slice(&root.0);
        bytes.extend_from_slice(&before.map_or([0; HASH_BYTES], |before| before.hash));
        for (raw, packed) in sections.iter().zip(&packed) {
            bytes.extend_from_slice(&narrow(packed.len())?.to_le_bytes());
            bytes.extend_from_slice(&narrow(raw.len())?.to_le_bytes());
            bytes.extend_from_slice(&crc32fast::hash(packed).to_le_bytes());
        }
        let crc = crc32fast::hash(bytes.get(8..).unwrap_or_default());
        if let Some(place) = bytes.get_mut(4..8) {
            place.copy_from_slice(&crc.to_le_bytes());
        }
        packed.iter().for_each(|packed| bytes.extend_from_slice(packed));
        Ok(bytes)
    }

    /// Puts a snapshot's bytes in their place: the n-th of a log, counted from 1.
    pub fn store(dir: &Path, number: u64, bytes: &[u8]) -> Result<Snapshot, LogError> {
        let path = path_of(dir, number);
        let doing = || format!("writing {}", path.display());
        fs::create_dir_all(dir.join(DIR)).map_err(LogError::io(doing()))?;
        let new = dir.join(DIR).join("new");
        fs::write(&new, bytes).map_err(LogError::io(doing()))?;
        fs::rename(&new, &path).map_err(LogError::io(doing()))?;
        let missing = || LogError::Snapshot { path: path.clone(), what: "it is gone again".to_owned() };
        Snapshot::open(&path)?.ok_or_else(missing)
    }

    /// Whether its file holds exactly these bytes.
    pub fn is(&self, bytes: &[u8]) -> bool {
        read_bounded(&self.path, bytes.len() as u64).is_ok_and(|stored| stored == bytes)
    }

    fn open(path: &Path) -> Result<Option<Snapshot>, LogError> {
        let doing = || format!("reading {}", path.display());
        let file = match open_to_read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(LogError::io(doing()))?,
        };
        let damaged = |what: &str| LogError::Snapshot { path: path.to_owned(), what: what.to_owned() };
        let mut head = vec![0; HEAD_BYTES_FIXED];
        file.read_exact_at(&mut head, 0).map_err(|_| damaged("it ends too early"))?;
        if !head.starts_with(&MAGIC) {
            return Err(damaged("it does not begin like a snapshot"));
        }
        let count = usize::from(head.get(9).copied().unwrap_or_default());
        let mut table = vec![0; count * SECTION_ENTRY_BYTES];
        file.read_exact_at(&mut table, HEAD_BYTES_FIXED as u64).map_err(|_| damaged("it ends too early"))?;
        head.append(&mut table);
        let hash: Hash = Sha256::digest(&head).into();
        let checked = crc32fast::hash(head.get(8..).unwrap_or_default());
        let mut rest: &[u8] = &head;
        let mut fields = || -> Option<(u32, [u8; 4], Position, Root, Hash)> {
            take::<4>(&mut rest)?;
            let crc = u32::from_le_bytes(take(&mut rest)?);
            let small = take(&mut rest)?;
            let last = u64::from_le_bytes(take(&mut rest)?);
            Some((crc, small, last, Root(take(&mut rest)?), take(&mut rest)?))
        };
        let (crc, [format, _, zero, also_zero], last, root, previous) =
            fields().ok_or_else(|| damaged("it ends too early"))?;
        if crc != checked {
            return Err(damaged("its checksum does not hold"));
        }
        if format != FORMAT || zero != 0 || also_zero != 0 {
            let what = format!("the snapshot {}", path.display());
            return Err(LogError::NewerFormat { what, found: format.into(), known: FORMAT.into() });
        }
        let mut offset = head.len() as u64;
        let mut sections = Vec::with_capacity(count);
        for _ in 0..count {
            let mut number = || take(&mut rest).map(u32::from_le_bytes);
            let (Some(stored), Some(raw), Some(crc)) = (number(), number(), number()) else {
                return Err(damaged("it ends too early"));
            };
            let (stored_bytes, raw_bytes) = (stored as usize, raw as usize);
            if raw_bytes > SECTION_BYTES_MAX || stored_bytes > SECTION_BYTES_MAX {
                return Err(damaged("a section is larger than can be"));
            }
            sections.push(Section { offset, stored_bytes, raw_bytes, crc });
            offset += u64::from(stored);
        }
        if file.metadata().map_err(LogError::io(doing()))?.len() != offset {
            return Err(damaged("it is not as long as its sections"));
        }
        Ok(Some(Snapshot { path: path.to_owned(), last, root, previous, hash, sections }))
    }

    /// That it is not as it was written.
    pub fn unusable(&self, what: &str) -> LogError {
        LogError::Snapshot { path: self.path.clone(), what: what.to_owned() }
    }

    /// What some of its sections hold, unpacked.
    pub fn sections(&self, wanted: std::ops::Range<usize>) -> Result<Vec<Vec<u8>>, LogError> {
        let reading = || format!("reading {}", self.path.display());
        let file = open_to_read(&self.path).map_err(LogError::io(reading()))?;
        let mut zstd = zstd::bulk::Decompressor::new().map_err(LogError::io(reading()))?;
        let wanted = self.sections.get(wanted).ok_or_else(|| self.unusable("a section is missing"))?;
        let mut unpacked = Vec::with_capacity(wanted.len());
        let mut stored = Vec::new();
        for section in wanted {
            let room = |bytes: usize, held: &mut Vec<u8>| {
                held.clear();
                held.try_reserve_exact(bytes)
                    .map_err(|_| self.unusable("a section is too large for this machine"))
            };
            room(section.stored_bytes, &mut stored)?;
            stored.resize(section.stored_bytes, 0);
            file.read_exact_at(&mut stored, section.offset).map_err(LogError::io(reading()))?;
            if crc32fast::hash(&stored) != section.crc {
                return Err(self.unusable("a checksum of a section does not hold"));
            }
            let mut raw = Vec::new();
            room(section.raw_bytes, &mut raw)?;
            match zstd.decompress_to_buffer(&stored, &mut raw) {
                Ok(bytes) if bytes == section.raw_bytes => unpacked.push(raw),
                _ => return Err(self.unusable("a section does not unpack")),
            }
        }
        Ok(unpacked)
    }
}

/// The next bytes.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}
