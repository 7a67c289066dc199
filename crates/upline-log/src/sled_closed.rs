//! Whether a store lies as it was left, and copies of one to look into.
//!
//! # Shape
//! The file `closed` beside a store: the CRC-32 of all that sled looks into when it opens, as it was when the store
//! was last closed. That is its settings, its snapshot, the head of every segment, and the segments behind the
//! snapshot: as much as sled itself reads then.
//!
//! # Correctness
//! sled repairs what it opens: what looks like an unfinished write is erased. So a store that does not lie as it was
//! left, after a kill, a loss of power or damage, is opened as a private copy first, and only when
//! that holds what was acknowledged, itself. The file need not be durable: what it says is compared with the bytes.

use crate::acknowledged;
use crate::error::LogError;
use crate::sled_store::{CONF, DB, segment_bytes};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

const CLOSED: &str = "closed";
const SNAPSHOT: &str = "snap.";
const BLOBS: &str = "blobs";

/// What the name of a copy begins with, before the process and a number.
const COPY: &str = "upline-copy-";

/// The head of a segment: CRC-32, position in sled's own log, and another.
const HEAD_BYTES: usize = 20;

/// sled keeps positions with these bits turned over.
const POSITION_MASK: u64 = 0x7fff_ffff_ffff_ffff;

/// Notes that a store was closed. Where that fails, the next opening takes longer.
pub(crate) fn note_closed(dir: &Path) {
    let noted = state(dir).and_then(|state| {
        let path = dir.join(CLOSED);
        if fs::read_to_string(&path).is_ok_and(|known| known == state) {
            return Ok(());
        }
        fs::write(&path, state)
    });
    if let Err(error) = noted {
        tracing::debug!(%error, "not noted that the store was closed");
    }
}

/// Whether a store lies as it was left when it was closed.
pub(crate) fn is_closed(dir: &Path) -> bool {
    fs::read_to_string(dir.join(CLOSED)).is_ok_and(|known| state(dir).is_ok_and(|state| state == known))
}

/// What the file says of a store as it lies there.
fn state(dir: &Path) -> io::Result<String> {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&fs::read(dir.join(CONF))?);
    let mut stable = 0;
    for path in snapshots(dir)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let position = name.strip_prefix(SNAPSHOT).and_then(|hex| u64::from_str_radix(hex, 16).ok());
        stable = position.unwrap_or(0).max(stable);
        crc.update(name.as_bytes());
        crc.update(&fs::read(&path)?);
    }
    let segment_bytes = segment_bytes(dir).map_err(io::Error::other)?;
    let file = File::open(dir.join(DB))?;
    let bytes = file.metadata()?.len();
    let mut segment = vec![0; segment_bytes];
    let mut offset = 0;
    while offset < bytes {
        let left = usize::try_from(bytes - offset).unwrap_or(segment_bytes).min(segment_bytes);
        let head = segment.get_mut(..left.min(HEAD_BYTES)).unwrap_or_default();
        file.read_exact_at(head, offset)?;
        crc.update(head);
        let position = head.get(4..12).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes);
        let position = position ^ POSITION_MASK;
        if position.saturating_add(segment_bytes as u64) > stable && position >> 62 == 0 {
            let rest = segment.get_mut(..left).unwrap_or_default();
            file.read_exact_at(rest, offset)?;
            crc.update(rest);
        }
        offset += segment_bytes as u64;
    }
    Ok(format!("{bytes} {:08x}\n", crc.finalize()))
}

/// sled's snapshots, in order; usually one.
fn snapshots(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut snapshots = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(SNAPSHOT)) {
            snapshots.push(path);
        }
    }
    snapshots.sort();
    Ok(snapshots)
}

/// A private copy of a store, gone when it is dropped.
#[derive(Debug)]
pub(crate) struct PrivateCopy {
    dir: PathBuf,
}

impl PrivateCopy {
    /// Copies a store, whose lock is held, to the directory for temporary files.
    pub(crate) fn of(dir: &Path) -> Result<PrivateCopy, LogError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        remove_left_over();
        let to = loop {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let to = std::env::temp_dir().join(format!("{COPY}{}-{number}", std::process::id()));
            match fs::DirBuilder::new().mode(0o700).create(&to) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                other => {
                    other.map_err(LogError::io(format!("making {}", to.display())))?;
                    break to;
                }
            }
        };
        let copy = PrivateCopy { dir: to };
        copy.fill(dir).map_err(LogError::io(format!("copying the log in {}", dir.display())))?;
        Ok(copy)
    }

    fn fill(&self, from: &Path) -> io::Result<()> {
        let mut names: Vec<PathBuf> = [DB, CONF, acknowledged::FILE].map(PathBuf::from).into();
        names.extend(snapshots(from)?.iter().filter_map(|path| path.file_name().map(PathBuf::from)));
        fs::create_dir(self.dir.join(BLOBS))?;
        for entry in fs::read_dir(from.join(BLOBS)).into_iter().flatten() {
            names.push(Path::new(BLOBS).join(entry?.file_name()));
        }
        for name in names {
            let copied = if name == Path::new(acknowledged::FILE) {
                // However large it was made: one byte more than it has says that it is none.
                let most = acknowledged::LINE_BYTES as u64 + 1;
                File::open(from.join(&name))
                    .and_then(|file| io::copy(&mut file.take(most), &mut File::create(self.dir.join(&name))?))
            } else {
                fs::copy(from.join(&name), self.dir.join(&name))
            };
            match copied {
                // What is missing is told by who opens the copy.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => drop(other?),
            }
        }
        Ok(())
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }
}

/// Removes the copies of processes that were killed.
fn remove_left_over() {
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid =
            name.to_str().and_then(|name| name.strip_prefix(COPY)?.split_once('-')?.0.parse::<u32>().ok());
        let gone =
            |pid: u32| Path::new("/proc/self").exists() && !Path::new(&format!("/proc/{pid}")).exists();
        if pid.is_some_and(gone) {
            // Somebody else's stays: it cannot be removed.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

impl Drop for PrivateCopy {
    fn drop(&mut self) {
        // Should it stay, it is in the directory for temporary files.
        let _ = fs::remove_dir_all(&self.dir);
    }
}
