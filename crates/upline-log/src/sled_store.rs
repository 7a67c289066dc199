//! The store under a log in sled: the one module that knows sled and its habits.
//!
//! # Shape
//! A directory holds sled's files and ours: `lock`. Tree `meta`: `format` to one byte. Tree `slots` holds the
//! blocks, see [`crate::sled_slots`]; stores of format 1 have a tree `blocks`, first position (8 bytes, big
//! endian) to block, and keep it.
//!
//! # Correctness
//! sled 0.34.7 has habits that are guarded against here:
//! - `flush` does not sync on Linux: [`Store::sync`] syncs its file afterwards.
//! - Opening clears the rest of the segment that was written last, and whole free segments; so small segments are
//!   what makes a single commit write little. How large they are is kept in `conf`, and an opening that does not
//!   know it would overwrite what it does not understand.
//! - A *page* of more than a quarter of a segment goes to a file of its own under `blobs`, which is never
//!   synced. None becomes so large; should such a file appear all the same, it is synced too.
//! - Segments that hold nothing any more are written over. No page is written anew within a batch and used again
//!   before the sync behind it, because within a batch sled frees nothing.
//! - After a crash a half-written `snap.*.generating` can prevent opening: it is removed before. Our own lock
//!   makes sure that it is nobody's work in progress.
//! - Some damage makes it panic: that is caught and told as damage.

use crate::block::Block;
use crate::disk::{DiskLock, OsDisk};
use crate::error::LogError;
use crate::lock::{OpenOptions, lock};
use crate::sled_closed::note_closed;
use crate::sled_slots::Slots;
use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use upline_core::event::Position;

/// Pages held in memory.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;

/// sled's unit of allocation in a new store, and four times the largest page that it keeps in its one file.
pub(crate) const SEGMENT_BYTES: usize = 128 * 1024;

/// Blocks lie under their first positions.
const FORMAT_BLOCKS: u8 = 1;

/// Blocks lie in slots.
const FORMAT_SLOTS: u8 = 2;

/// How long to wait for a store that this process has just closed: sled lets go of it on a thread.
const OPEN_WAIT_MS_MAX: u64 = 2_000;

/// The most that goes to the store as one.
const COMMIT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// sled's file.
pub(crate) const DB: &str = "db";

/// sled's settings.
pub(crate) const CONF: &str = "conf";

const FORMAT_KEY: &[u8] = b"format";

/// How blocks lie in the store.
enum Layout {
    /// A key each, in stores that older versions made.
    Blocks(sled::Tree),
    Slots(Slots),
}

/// An open store. What is declared first is dropped first: the lock goes last.
pub(crate) struct Store {
    layout: Layout,
    db: sled::Db,
    /// sled's file, to sync it.
    file: File,
    dir: PathBuf,
    /// Whether the names of sled's files are durable.
    named: AtomicBool,
    closing: Closing,
    _lock: Box<dyn DiskLock>,
}

/// Notes that a store was closed, after sled has closed it and before the lock goes.
struct Closing {
    dir: PathBuf,
    sound: AtomicBool,
}

impl Drop for Closing {
    fn drop(&mut self) {
        if self.sound.load(Ordering::Acquire) {
            note_closed(&self.dir);
        }
    }
}

impl Store {
    /// Makes a store where there is none.
    pub(crate) fn create(dir: &Path, options: &OpenOptions) -> Result<Store, LogError> {
        let doing = || format!("creating the log in {}", dir.display());
        fs::create_dir_all(dir).map_err(LogError::io(doing()))?;
        let lock = lock(&OsDisk, dir, options)?;
        if dir.join(DB).exists() {
            return Err(LogError::Exists { dir: dir.to_owned() });
        }
        let db = open_db(dir, SEGMENT_BYTES)?;
        let meta = guarded(doing, || db.open_tree("meta"))?;
        let slots = Slots::create(guarded(doing, || db.open_tree("slots"))?)?;
        guarded(doing, || meta.insert(FORMAT_KEY, &[FORMAT_SLOTS]))?;
        let store = Store::of(dir, db, Layout::Slots(slots), lock)?;
        store.sync()?;
        let up = dir.parent().filter(|up| !up.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sync_file(&dir.join(CONF))?;
        sync_file(dir)?;
        sync_file(up)?;
        Ok(store)
    }

    /// Opens a store that is there, under its lock.
    pub(crate) fn open(dir: &Path, lock: Box<dyn DiskLock>) -> Result<Store, LogError> {
        let doing = || format!("opening the log in {}", dir.display());
        let segment_bytes = segment_bytes(dir)?;
        remove_unfinished_snapshots(dir)?;
        let db = open_db(dir, segment_bytes)?;
        let meta = guarded(doing, || db.open_tree("meta"))?;
        let format = guarded(|| "reading the log's format".to_owned(), || meta.get(FORMAT_KEY))?;
        let layout = match format.as_deref() {
            Some([FORMAT_BLOCKS]) => Layout::Blocks(guarded(doing, || db.open_tree("blocks"))?),
            Some([FORMAT_SLOTS]) => Layout::Slots(Slots::open(guarded(doing, || db.open_tree("slots"))?)?),
            Some([newer]) if *newer > FORMAT_SLOTS => {
                return Err(LogError::NewerFormat {
                    what: format!("the log in {}", dir.display()),
                    found: u32::from(*newer),
                    known: u32::from(FORMAT_SLOTS),
                });
            }
            _ => {
                return Err(LogError::damaged(
                    "its format is not said (if it was only being created, remove the directory and create it again)",
                    format!("in {}", dir.display()),
                ));
            }
        };
        Store::of(dir, db, layout, lock)
    }

    fn of(dir: &Path, db: sled::Db, layout: Layout, lock: Box<dyn DiskLock>) -> Result<Store, LogError> {
        let file = File::open(dir.join(DB))
            .map_err(LogError::io(format!("opening {} to sync it", dir.join(DB).display())))?;
        let closing = Closing { dir: dir.to_owned(), sound: AtomicBool::new(false) };
        Ok(Store {
            layout,
            db,
            file,
            dir: dir.to_owned(),
            named: AtomicBool::new(false),
            closing,
            _lock: lock,
        })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Says whether what the store holds is what was acknowledged: so that the next opening need not find out.
    pub(crate) fn is_sound(&self, sound: bool) {
        self.closing.sound.store(sound, Ordering::Release);
    }

    /// The block that holds a position, or else the last before it.
    pub(crate) fn block_at(&self, position: Position) -> Result<Option<Block>, LogError> {
        let doing = || format!("reading the block at position {position}");
        let blocks = match &self.layout {
            Layout::Slots(slots) => return slots.block_at(position),
            Layout::Blocks(blocks) => blocks,
        };
        let found = match position.checked_add(1) {
            Some(after) => guarded(doing, || blocks.get_lt(after.to_be_bytes()))?,
            None => guarded(doing, || blocks.last())?,
        };
        let Some((key, value)) = found else { return Ok(None) };
        let first = <[u8; 8]>::try_from(key.as_ref())
            .map_err(|_| LogError::damaged("a key is no position", format!("before position {position}")))?;
        Block::parse(Position::from_be_bytes(first), value.as_ref()).map(Some)
    }

    /// Writes blocks: each commit whole or not at all, and in order. Not durable before [`Store::sync`].
    pub(crate) fn write(&self, blocks: &[Block]) -> Result<(), LogError> {
        let mut rest = blocks;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fitting = rest.iter().take_while(|block| {
                bytes += block.bytes().len();
                bytes <= COMMIT_BYTES_MAX
            });
            let (commit, after) = rest.split_at(fitting.count().max(1));
            self.replace(&[], commit)?;
            rest = after;
        }
        Ok(())
    }

    /// Puts blocks in the place of others, which are the last of the log, all at once.
    pub(crate) fn replace(&self, old: &[Block], new: &[Block]) -> Result<(), LogError> {
        let blocks = match &self.layout {
            Layout::Slots(slots) => {
                let from = old.first().map_or(Position::MAX, Block::first);
                return slots.put(from, new, &|| self.sync());
            }
            Layout::Blocks(blocks) => blocks,
        };
        let mut batch = sled::Batch::default();
        for block in old {
            batch.remove(&block.first().to_be_bytes());
        }
        for block in new {
            batch.insert(&block.first().to_be_bytes(), block.bytes());
        }
        guarded(|| "writing blocks".to_owned(), || blocks.apply_batch(batch))
    }

    /// Makes durable what was written.
    pub(crate) fn sync(&self) -> Result<(), LogError> {
        // The snapshot that opening wrote has its name for good before segments that an older one needs are used again.
        if !self.named.swap(true, Ordering::AcqRel) {
            sync_file(&self.dir)?;
        }
        guarded(|| "flushing the log".to_owned(), || self.db.flush())?;
        self.sync_blobs()?;
        self.file.sync_data().map_err(LogError::io(format!("syncing the log in {}", self.dir.display())))
    }

    /// There are none, see above; but if there were, they would have to be synced.
    fn sync_blobs(&self) -> Result<(), LogError> {
        let dir = self.dir.join("blobs");
        let Ok(entries) = fs::read_dir(&dir) else { return Ok(()) };
        let mut any = false;
        for entry in entries {
            let entry = entry.map_err(LogError::io(format!("listing {}", dir.display())))?;
            sync_file(&entry.path())?;
            any = true;
        }
        if any { sync_file(&dir) } else { Ok(()) }
    }
}

fn open_db(dir: &Path, segment_bytes: usize) -> Result<sled::Db, LogError> {
    let doing = || format!("opening the log in {}", dir.display());
    let config = sled::Config::new()
        .path(dir)
        .mode(sled::Mode::HighThroughput)
        .cache_capacity(CACHE_BYTES)
        .segment_size(segment_bytes)
        .flush_every_ms(None);
    let began = Instant::now();
    loop {
        match catch_unwind(AssertUnwindSafe(|| config.open())) {
            Ok(Ok(db)) => return Ok(db),
            Ok(Err(error)) if is_lock(&error) => {
                if began.elapsed() > Duration::from_millis(OPEN_WAIT_MS_MAX) {
                    return Err(LogError::InUse { dir: dir.to_owned(), holder: None, waited_s: 0 });
                }
                thread::sleep(Duration::from_millis(5));
            }
            Ok(Err(error)) => return Err(engine(doing(), error)),
            Err(_) => return Err(panicked(doing())),
        }
    }
}

/// How large a store's segments are, as it keeps that in its file `conf`: lines, and their CRC-32.
pub(crate) fn segment_bytes(dir: &Path) -> Result<usize, LogError> {
    let path = dir.join(CONF);
    let damaged = || {
        let what = "it does not say how the store is laid out (if the ledger was only being created, remove its \
                    directory and create it again)";
        LogError::damaged(what, format!("in {}", path.display()))
    };
    let content = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(damaged()),
        other => other.map_err(LogError::io(format!("reading {}", path.display())))?,
    };
    let (lines, crc) = content.split_last_chunk::<4>().ok_or_else(damaged)?;
    if crc32fast::hash(lines) != u32::from_le_bytes(*crc) {
        return Err(damaged());
    }
    let lines = std::str::from_utf8(lines).map_err(|_| damaged())?;
    let said = lines.lines().find_map(|line| line.strip_prefix("segment_size: ")?.parse::<usize>().ok());
    said.filter(|bytes| bytes.is_power_of_two()).ok_or_else(damaged)
}

/// sled has no error of its own for this.
fn is_lock(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(io) if io.to_string().contains("could not acquire lock"))
}

fn remove_unfinished_snapshots(dir: &Path) -> Result<(), LogError> {
    let doing = |path: &Path| format!("removing what a crash left in {}", path.display());
    for entry in fs::read_dir(dir).map_err(LogError::io(doing(dir)))? {
        let path = entry.map_err(LogError::io(doing(dir)))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            tracing::warn!(path = %path.display(), "removing an unfinished snapshot that a crash left");
            fs::remove_file(&path).map_err(LogError::io(doing(&path)))?;
        }
    }
    Ok(())
}

/// Syncs a file or a directory.
fn sync_file(path: &Path) -> Result<(), LogError> {
    let synced = File::open(path).and_then(|file| file.sync_all());
    match synced {
        // sled removes files that it no longer needs.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(LogError::io(format!("syncing {}", path.display()))),
    }
}

/// Runs a step of sled's, which may panic on damage.
pub(crate) fn guarded<T>(
    doing: impl Fn() -> String,
    step: impl FnOnce() -> sled::Result<T>,
) -> Result<T, LogError> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(result) => result.map_err(|error| engine(doing(), error)),
        Err(_) => Err(panicked(doing())),
    }
}

#[cold]
fn panicked(doing: String) -> LogError {
    LogError::damaged("the storage engine stopped on what it found", format!("while {doing}"))
}

#[cold]
fn engine(doing: String, error: sled::Error) -> LogError {
    match error {
        sled::Error::Io(source) => LogError::Io { doing, source },
        sled::Error::Corruption { .. } => {
            LogError::damaged("the storage engine's checksums do not hold", format!("while {doing}"))
        }
        other => LogError::Io { doing, source: io::Error::other(other.to_string()) },
    }
}
