//! The store under a log in sled: the one module that knows sled and its habits.
//!
//! # Shape
//! A directory holds sled's files and ours: `lock`. Tree `blocks`: first position (8 bytes, big endian) to
//! block. Tree `meta`: `format` to one byte.
//!
//! # Correctness
//! sled 0.34.7 has habits that are guarded against here:
//! - `flush` does not sync on Linux: [`Store::sync`] syncs its file afterwards.
//! - A *page* of more than a quarter of a segment goes to a file of its own under `blobs`, which is never
//!   synced. A page holds up to 16 blocks and is written whole, so with the usual segment of 512 KiB that
//!   begins at blocks of about 8 KiB. Segments of 8 MiB leave room for every page; should such a file appear
//!   all the same, it is synced too.
//! - After a crash a half-written `snap.*.generating` can prevent opening: it is removed before. Our own lock
//!   makes sure that it is nobody's work in progress.
//! - Some damage makes it panic: that is caught and told as damage.

use crate::block::{BLOCK_BYTES_MAX, Block, FORMAT};
use crate::error::LogError;
use std::fs::{self, File, TryLockError};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};
use upline_core::event::Position;

/// Pages held in memory.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;

/// sled's unit of allocation, and four times the largest page that it keeps in its one file.
const SEGMENT_BYTES: usize = 8 * 1024 * 1024;

/// A page splits when it holds more blocks than this.
const PAGE_BLOCKS_MAX: usize = 16;

/// A full page, the block that makes it split, and as much again for what is added until then.
const _: () = assert!((PAGE_BLOCKS_MAX + 1) * BLOCK_BYTES_MAX < SEGMENT_BYTES / 4 / 3 * 2);

/// How long to wait for a store that this process has just closed: sled lets go of it on a thread.
const OPEN_WAIT_MS_MAX: u64 = 2_000;

/// The most that goes to the store as one.
const COMMIT_BYTES_MAX: usize = 8 * 1024 * 1024;

const FORMAT_KEY: &[u8] = b"format";

/// An open store. What is declared first is dropped first: the lock goes last.
pub(crate) struct Store {
    blocks: sled::Tree,
    db: sled::Db,
    /// sled's file, to sync it.
    file: File,
    dir: PathBuf,
    _lock: File,
}

impl Store {
    /// Makes a store where there is none.
    pub(crate) fn create(dir: &Path) -> Result<Store, LogError> {
        let doing = || format!("creating the log in {}", dir.display());
        fs::create_dir_all(dir).map_err(LogError::io(doing()))?;
        let lock = lock(dir)?;
        if dir.join("db").exists() {
            return Err(LogError::Exists { dir: dir.to_owned() });
        }
        let (db, blocks, meta) = open_trees(dir)?;
        guarded(doing, || meta.insert(FORMAT_KEY, &[FORMAT]))?;
        let store = Store::of(dir, db, blocks, lock)?;
        store.sync()?;
        let up = dir.parent().filter(|up| !up.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sync_file(&dir.join("conf"))?;
        sync_file(dir)?;
        sync_file(up)?;
        Ok(store)
    }

    /// Opens a store that is there.
    pub(crate) fn open(dir: &Path) -> Result<Store, LogError> {
        if !dir.join("db").is_file() {
            return Err(LogError::Missing { dir: dir.to_owned() });
        }
        let lock = lock(dir)?;
        remove_unfinished_snapshots(dir)?;
        let (db, blocks, meta) = open_trees(dir)?;
        let format = guarded(|| "reading the log's format".to_owned(), || meta.get(FORMAT_KEY))?;
        match format.as_deref() {
            Some([FORMAT]) => Store::of(dir, db, blocks, lock),
            Some([newer]) if *newer > FORMAT => Err(LogError::NewerFormat {
                what: format!("the log in {}", dir.display()),
                found: u32::from(*newer),
                known: u32::from(FORMAT),
            }),
            _ => Err(LogError::damaged(
                "its format is not said (if it was only being created, remove the directory and create it again)",
                format!("in {}", dir.display()),
            )),
        }
    }

    fn of(dir: &Path, db: sled::Db, blocks: sled::Tree, lock: File) -> Result<Store, LogError> {
        let file = File::open(dir.join("db"))
            .map_err(LogError::io(format!("opening {} to sync it", dir.join("db").display())))?;
        Ok(Store { blocks, db, file, dir: dir.to_owned(), _lock: lock })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The block that holds a position, or else the last before it.
    pub(crate) fn block_at(&self, position: Position) -> Result<Option<Block>, LogError> {
        let doing = || format!("reading the block at position {position}");
        let found = match position.checked_add(1) {
            Some(after) => guarded(doing, || self.blocks.get_lt(after.to_be_bytes()))?,
            None => guarded(doing, || self.blocks.last())?,
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

    /// Puts blocks in the place of others, all at once.
    pub(crate) fn replace(&self, old: &[Block], new: &[Block]) -> Result<(), LogError> {
        let mut batch = sled::Batch::default();
        for block in old {
            batch.remove(&block.first().to_be_bytes());
        }
        for block in new {
            batch.insert(&block.first().to_be_bytes(), block.bytes());
        }
        guarded(|| "writing blocks".to_owned(), || self.blocks.apply_batch(batch))
    }

    /// Makes durable what was written.
    pub(crate) fn sync(&self) -> Result<(), LogError> {
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

fn open_trees(dir: &Path) -> Result<(sled::Db, sled::Tree, sled::Tree), LogError> {
    let doing = || format!("opening the log in {}", dir.display());
    let config = sled::Config::new()
        .path(dir)
        .mode(sled::Mode::HighThroughput)
        .cache_capacity(CACHE_BYTES)
        .segment_size(SEGMENT_BYTES)
        .flush_every_ms(None);
    let began = Instant::now();
    let db = loop {
        match catch_unwind(AssertUnwindSafe(|| config.open())) {
            Ok(Ok(db)) => break db,
            Ok(Err(error)) if is_lock(&error) => {
                if began.elapsed() > Duration::from_millis(OPEN_WAIT_MS_MAX) {
                    return Err(LogError::InUse { dir: dir.to_owned() });
                }
                thread::sleep(Duration::from_millis(5));
            }
            Ok(Err(error)) => return Err(engine(doing(), error)),
            Err(_) => return Err(panicked(doing())),
        }
    };
    let blocks = guarded(doing, || db.open_tree("blocks"))?;
    let meta = guarded(doing, || db.open_tree("meta"))?;
    Ok((db, blocks, meta))
}

/// sled has no error of its own for this.
fn is_lock(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(io) if io.to_string().contains("could not acquire lock"))
}

fn lock(dir: &Path) -> Result<File, LogError> {
    let path = dir.join("lock");
    let doing = || format!("locking {}", path.display());
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(LogError::io(doing()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LogError::InUse { dir: dir.to_owned() }),
        Err(TryLockError::Error(error)) => Err(LogError::io(doing())(error)),
    }
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
fn guarded<T>(doing: impl Fn() -> String, step: impl FnOnce() -> sled::Result<T>) -> Result<T, LogError> {
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
