//! The log in sled, for who wants an embedded database under it.
//!
//! # Shape
//! A directory, opened by one process at a time, to read it too. One writer appends; the blocks it was asked
//! for may be read on other threads meanwhile.
//!
//! # Correctness
//! An append is acknowledged after its blocks are flushed and synced. When writing fails nobody knows what is
//! on disk: from then on the log refuses appends, until it is opened again and shows what is there.
//! Where the log ends is read from its last complete block's envelope, and must not lie before what was
//! acknowledged. sled repairs what it opens, so a log that was not closed is opened as a copy first, and whoever only
//! verifies opens nothing but a copy. What sled itself cannot promise is in `docs/trust.md`; [`crate::DiskLog`]
//! does.

use crate::acknowledged::Acknowledged;
use crate::block::Block;
use crate::disk::{Access, DiskLock, OsDisk};
use crate::encoder::{Encoder, Sealed};
use crate::error::LogError;
use crate::lock::{OpenOptions, lock};
use crate::log::{Blocks, EventLog, LogReader, check_complete, check_follow, check_position};
use crate::repack::{SMALL_BLOCKS_MAX, is_small, repacked};
use crate::sled_closed::{PrivateCopy, is_closed};
use crate::sled_store::{CONF, DB, Store};
use crate::tip::Tip;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use upline_core::event::{Batch, Position};

/// So many small blocks may stay behind when a full one is appended, which ends their run for good.
const SMALL_BLOCKS_LEFT_BEHIND_MAX: usize = 8;

/// A log in a directory, kept by sled.
pub struct SledLog {
    store: Arc<Store>,
    /// Held by a reader that looks a block up, and by the writer while it repacks.
    repacking: Arc<RwLock<()>>,
    tip: Tip,
    /// How many blocks at the end are small.
    small_blocks: usize,
    encoder: Encoder,
    acknowledged: Acknowledged,
    poisoned: bool,
    /// Whether something was acknowledged since it was opened.
    appended: bool,
    /// Where it is a copy of another. Goes last.
    copy: Option<PrivateCopy>,
}

impl SledLog {
    /// Creates an empty log. The directory is made; a log in it is an error.
    pub fn create(dir: &Path) -> Result<SledLog, LogError> {
        SledLog::create_with(dir, &OpenOptions::default())
    }

    pub(crate) fn create_with(dir: &Path, options: &OpenOptions) -> Result<SledLog, LogError> {
        // A log that lost its file is no empty place.
        let lost = Acknowledged::open(&OsDisk, dir, Access::Read).is_ok_and(|known| known.position() > 0);
        if lost && !dir.join(DB).exists() {
            return Err(LogError::damaged(
                format!("its file {DB} is missing"),
                format!("in {}", dir.display()),
            ));
        }
        let store = Store::create(dir, options)?;
        let acknowledged = Acknowledged::create(&OsDisk, dir)?;
        SledLog::of(store, Tip::default(), acknowledged)
    }

    /// Opens a log. Never creates one.
    pub fn open(dir: &Path) -> Result<SledLog, LogError> {
        SledLog::open_with(dir, &OpenOptions::default())
    }

    /// As [`SledLog::open`], and waits for who has it open.
    pub fn open_with(dir: &Path, options: &OpenOptions) -> Result<SledLog, LogError> {
        exists(dir)?;
        let lock = lock(&OsDisk, dir, options)?;
        if !is_closed(dir) {
            tracing::debug!("the store was not closed: looking into a copy first");
            let mut copy = SledLog::open_copy_of(dir)?;
            copy.check_unfinished()?;
        }
        SledLog::open_locked(dir, lock, true)
    }

    /// Opens a private copy of a log, to read it: nothing of the log itself is changed.
    pub fn open_copy(dir: &Path, options: &OpenOptions) -> Result<SledLog, LogError> {
        exists(dir)?;
        let _lock = lock(&OsDisk, dir, options)?;
        SledLog::open_copy_of(dir)
    }

    /// As [`SledLog::open_copy`], whatever was acknowledged: as much as the store still has. With it how far it was
    /// acknowledged when the copy was made, where that can still be read.
    pub(crate) fn open_remains(
        dir: &Path,
        options: &OpenOptions,
    ) -> Result<(SledLog, Option<Position>), LogError> {
        exists(dir)?;
        let _lock = lock(&OsDisk, dir, options)?;
        let copy = PrivateCopy::of(dir)?;
        let acknowledged = Acknowledged::open(&OsDisk, dir, Access::Read).ok().map(|known| known.position());
        let own = lock_copy(&copy)?;
        let mut log = SledLog::open_locked(copy.dir(), own, false)?;
        log.copy = Some(copy);
        Ok((log, acknowledged))
    }

    /// Opens a copy of a log whose lock is held.
    fn open_copy_of(dir: &Path) -> Result<SledLog, LogError> {
        let copy = PrivateCopy::of(dir)?;
        let own = lock_copy(&copy)?;
        let mut log = SledLog::open_locked(copy.dir(), own, true)?;
        log.copy = Some(copy);
        Ok(log)
    }

    /// Opens a log under its lock; to look into what remains of one, its end is not compared with what was
    /// acknowledged.
    fn open_locked(dir: &Path, lock: Box<dyn DiskLock>, checked: bool) -> Result<SledLog, LogError> {
        let store = Store::open(dir, lock)?;
        let mut last = store.block_at(Position::MAX)?;
        // An append of many blocks is one batch up to a bound; beyond it a crash may leave the first of them.
        while let Some(block) = last.take_if(|block| !block.is_complete()) {
            store.replace(std::slice::from_ref(&block), &[])?;
            last = store.block_at(Position::MAX)?;
        }
        let tip = last.map(|block| block.tip().clone()).unwrap_or_default();
        let acknowledged = if checked {
            let acknowledged = Acknowledged::open(&OsDisk, dir, Access::Write)?;
            acknowledged.check(&tip, "the store ends there")?;
            if tip.position() > acknowledged.position() {
                // What an answer may rest on is durable first.
                store.sync()?;
            }
            acknowledged
        } else {
            Acknowledged::create(&OsDisk, dir)?
        };
        SledLog::of(store, tip, acknowledged)
    }

    fn of(store: Store, tip: Tip, acknowledged: Acknowledged) -> Result<SledLog, LogError> {
        let mut log = SledLog {
            store: Arc::new(store),
            repacking: Arc::default(),
            encoder: Encoder::after(&tip)?,
            tip,
            small_blocks: 0,
            acknowledged,
            poisoned: false,
            appended: false,
            copy: None,
        };
        log.small_blocks = log.small_tail()?.len();
        log.store.is_sound(true);
        Ok(log)
    }

    /// Where the log ends must be what was acknowledged, or more that is whole.
    fn check_unfinished(&mut self) -> Result<(), LogError> {
        let from = self.acknowledged.position();
        match self.tip_at(from) {
            Ok(tip) => self.acknowledged.check(&tip, "the store ends there"),
            Err(error) => Err(error),
        }
    }

    /// Where the log is.
    pub fn dir(&self) -> &Path {
        self.store.dir()
    }

    /// Makes full blocks of the small ones at the end. Appending does so by itself once
    /// [`SMALL_BLOCKS_MAX`] have gathered.
    pub fn repack(&mut self) -> Result<(), LogError> {
        self.check_sound()?;
        if self.small_blocks < 2 {
            return Ok(());
        }
        let small = self.small_tail()?;
        let Some(first) = small.first() else { return Ok(()) };
        let before = match first.first() {
            1 => Tip::default(),
            first => block_with(&self.store, first - 1)?.tip().clone(),
        };
        let full = repacked(&before, &small)?;
        if full.last().map(Block::tip) != Some(&self.tip) {
            let what = "its small blocks do not add up to where it ends";
            return Err(LogError::damaged(what, format!("from position {}", first.first())));
        }
        {
            let repacking = Arc::clone(&self.repacking);
            let _no_reader = repacking.write().unwrap_or_else(PoisonError::into_inner);
            self.poison(true);
            self.store.replace(&small, &full)?;
        }
        self.store.sync()?;
        self.poison(false);
        tracing::debug!(from = small.len(), to = full.len(), "repacked small blocks");
        self.small_blocks = full.iter().rev().take_while(|block| is_small(block)).count();
        Ok(())
    }

    /// Whatever returns early while it is poisoned leaves a log that refuses appends.
    fn poison(&mut self, poisoned: bool) {
        self.poisoned = poisoned;
        self.store.is_sound(!poisoned);
    }

    fn check_sound(&self) -> Result<(), LogError> {
        if self.poisoned { Err(LogError::Poisoned { dir: self.dir().to_owned() }) } else { Ok(()) }
    }

    /// The small blocks at the end, in order.
    fn small_tail(&self) -> Result<Vec<Block>, LogError> {
        let mut small = Vec::new();
        let mut last = self.tip.position();
        while last > 0 {
            let block = block_with(&self.store, last)?;
            if !is_small(&block) {
                break;
            }
            last = block.first().saturating_sub(1);
            small.push(block);
        }
        small.reverse();
        Ok(small)
    }
}

impl Drop for SledLog {
    fn drop(&mut self) {
        // Should this fail, the file lags behind the log, as after a loss of power.
        if self.appended && !self.poisoned {
            let _ = self.acknowledged.sync();
        }
    }
}

/// Refuses a directory that holds no log.
fn exists(dir: &Path) -> Result<(), LogError> {
    if let Ok(found) = fs::metadata(dir.join(DB)).and_then(|db| Ok((db, fs::metadata(dir.join(CONF))?)))
        && found.0.is_file()
    {
        return check_sizes(dir, &found.0, &found.1);
    }
    if dir.join(DB).is_file() {
        return Ok(());
    }
    if dir.join(CONF).is_file() && dir.join(crate::acknowledged::FILE).is_file() {
        return Err(LogError::damaged(format!("its file {DB} is missing"), format!("in {}", dir.display())));
    }
    Err(LogError::Missing { dir: dir.to_owned() })
}

/// The most that sled's settings take.
const CONF_BYTES_MAX: u64 = 1024 * 1024;

/// How many times what a file takes it may claim to have.
const HOLES_MAX: u64 = 64;

/// Refuses a store that was made huge: it would be copied, and read, for hours.
fn check_sizes(dir: &Path, db: &Metadata, conf: &Metadata) -> Result<(), LogError> {
    let place = || format!("in {}", dir.display());
    if conf.len() > CONF_BYTES_MAX {
        return Err(LogError::damaged(format!("its file {CONF} is larger than any"), place()));
    }
    // What is stored takes room, in blocks of 512 bytes; where the file system compresses, a part of it.
    if db.len() / HOLES_MAX > db.blocks() * 512 + CONF_BYTES_MAX {
        return Err(LogError::damaged(format!("most of its file {DB} are holes"), place()));
    }
    Ok(())
}

fn lock_copy(copy: &PrivateCopy) -> Result<Box<dyn DiskLock>, LogError> {
    lock(&OsDisk, copy.dir(), &OpenOptions::default())
}

fn block_with(store: &Store, position: Position) -> Result<Block, LogError> {
    store
        .block_at(position)?
        .filter(|block| block.last() >= position)
        .ok_or_else(|| LogError::damaged("the block is missing", format!("at position {position}")))
}

impl EventLog for SledLog {
    fn tip(&self) -> &Tip {
        &self.tip
    }

    fn append(&mut self, after: Position, batch: &Batch) -> Result<Position, LogError> {
        check_position(&self.tip, after)?;
        self.encoder.restart(&self.tip);
        self.encoder.push_batch(batch)?;
        let blocks = self.encoder.finish()?;
        self.append_blocks(after, blocks)
    }

    fn append_blocks(&mut self, after: Position, blocks: Vec<Sealed>) -> Result<Position, LogError> {
        check_complete(after, &blocks)?;
        self.rebuild_blocks(after, blocks)
    }

    fn rebuild_blocks(&mut self, after: Position, blocks: Vec<Sealed>) -> Result<Position, LogError> {
        self.check_sound()?;
        check_follow(&self.tip, after, &blocks)?;
        let blocks: Vec<Block> = blocks.into_iter().map(Sealed::into_block).collect();
        let Some(last) = blocks.last() else { return Ok(self.tip.position()) };
        let run_goes_on = blocks.iter().all(is_small);
        if self.small_blocks >= if run_goes_on { SMALL_BLOCKS_MAX } else { SMALL_BLOCKS_LEFT_BEHIND_MAX } {
            self.repack()?;
        }
        self.poison(true);
        self.store.write(&blocks)?;
        self.store.sync()?;
        self.poison(false);
        let small = blocks.iter().rev().take_while(|block| is_small(block)).count();
        self.small_blocks = if run_goes_on { self.small_blocks + small } else { small };
        self.tip.clone_from(last.tip());
        self.appended = true;
        self.acknowledged.note(&self.tip)?;
        Ok(self.tip.position())
    }

    fn blocks(&self, from: Position) -> Blocks {
        Box::new(Walk {
            store: Arc::clone(&self.store),
            repacking: Arc::clone(&self.repacking),
            next: from.max(1),
            last: self.tip.position(),
        })
    }

    fn reader(&self) -> LogReader {
        let (store, repacking) = (Arc::clone(&self.store), Arc::clone(&self.repacking));
        let last = self.tip.position();
        LogReader::new(self.tip.clone(), move |from| {
            let (store, repacking) = (Arc::clone(&store), Arc::clone(&repacking));
            Box::new(Walk { store, repacking, next: from.max(1), last })
        })
    }
}

/// Blocks in order. Looks each up by the position that comes next, so that repacking does not disturb it.
struct Walk {
    store: Arc<Store>,
    repacking: Arc<RwLock<()>>,
    next: Position,
    last: Position,
}

impl Iterator for Walk {
    type Item = Result<Block, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next > self.last {
            return None;
        }
        let _no_repacking = self.repacking.read().unwrap_or_else(PoisonError::into_inner);
        let block = block_with(&self.store, self.next);
        // After an error there is no saying where to go on.
        self.next = block.as_ref().map_or(Position::MAX, |block| block.last() + 1);
        if block.is_err() {
            self.last = 0;
        }
        Some(block)
    }
}
