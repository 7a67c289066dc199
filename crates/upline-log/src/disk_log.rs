//! The log on disk.
//!
//! # Shape
//! A directory with two files of blocks: `log`, to which full blocks are only ever added, and `tail`, the
//! small blocks of the last commits. When enough small ones have gathered they are made into full ones: these
//! are added to `log`, and `tail` is replaced by a new file. The file `acknowledged` says how far the log
//! was acknowledged. One writer has the log open at a time; any number of readers may, in other processes too.
//!
//! # Correctness
//! - An append is acknowledged after its blocks are synced. When writing fails nobody knows what is on disk:
//!   from then on the log refuses appends, until it is opened again and shows what is there.
//! - Blocks come into `log` before they go from `tail`; whoever opens the tail first finds every block. One
//!   that stands in both counts once: blocks are merged whole, so none lies half in one file.
//! - What one fact caused lies in one file.
//! - On opening, what is not known to be acknowledged counts as far as it is whole and ends with all that
//!   its last fact caused. It is synced before it counts, so an answer never takes back what it said.
//! - What must be there and is not is damage, and then nothing is changed. Only behind what was acknowledged
//!   does a writer cut off what a crash left half written. A reader changes nothing.

use crate::acknowledged::Acknowledged;
use crate::block::Block;
use crate::block_file::{BlockFile, End, LOG_MAGIC, MAGIC_BYTES, Place, TAIL_MAGIC};
use crate::disk::{Access, Disk, DiskLock, OsDisk};
use crate::encoder::{Encoder, Sealed};
use crate::error::LogError;
use crate::lock::{OpenOptions, lock};
use crate::log::{Blocks, EventLog, LogReader, check_complete, check_follow, check_position};
use crate::repack::{SMALL_BLOCKS_BYTES_MAX, SMALL_BLOCKS_MAX, is_small, repacked};
use crate::tip::Tip;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use upline_core::event::{Batch, Position};

pub(crate) const LOG: &str = "log";
pub(crate) const TAIL: &str = "tail";
const TAIL_NEW: &str = "tail.new";

/// A log in a directory.
#[derive(Debug)]
pub struct DiskLog {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    log: Arc<BlockFile>,
    /// Where the blocks of `log` lie, in order.
    places: Arc<Vec<Place>>,
    /// Where the next block of `log` goes.
    log_end: u64,
    tail: Tail,
    tip: Tip,
    /// What a crash left behind the last event, in bytes.
    unfinished_bytes: u64,
    writer: Option<Writer>,
}

/// The small blocks at the end of the log.
#[derive(Debug)]
struct Tail {
    file: BlockFile,
    blocks: Vec<Block>,
    /// Where the next block goes.
    end: u64,
    /// Blocks stand in front of these that are in the log already.
    stale: bool,
}

/// What a log has that may be appended to.
#[derive(Debug)]
struct Writer {
    encoder: Encoder,
    acknowledged: Acknowledged,
    poisoned: bool,
    _lock: Box<dyn DiskLock>,
}

impl DiskLog {
    /// Creates an empty log. The directory is made; a log in it is an error.
    pub fn create(dir: &Path) -> Result<DiskLog, LogError> {
        DiskLog::create_with(Arc::new(OsDisk), dir, &OpenOptions::default())
    }

    /// Opens a log to append to it. Never creates one.
    pub fn open(dir: &Path) -> Result<DiskLog, LogError> {
        DiskLog::open_with(dir, &OpenOptions::default())
    }

    /// Opens a log to read it, whether or not it is being written. Changes nothing.
    pub fn open_to_read(dir: &Path) -> Result<DiskLog, LogError> {
        DiskLog::open_to_read_on(Arc::new(OsDisk), dir)
    }

    /// As [`DiskLog::create`], on another disk.
    pub fn create_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<DiskLog, LogError> {
        DiskLog::create_with(disk, dir, &OpenOptions::default())
    }

    pub(crate) fn create_with(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: &OpenOptions,
    ) -> Result<DiskLog, LogError> {
        let doing = || format!("creating the log in {}", dir.display());
        disk.create_dir(dir).map_err(LogError::io(doing()))?;
        let lock = lock(&*disk, dir, options)?;
        if disk.is_file(&dir.join(LOG)) {
            return Err(LogError::Exists { dir: dir.to_owned() });
        }
        // A log that lost this file is no empty place; one whose creation was cut off is.
        let lost = Acknowledged::open(&*disk, dir, Access::Read).is_ok_and(|known| known.position() > 0);
        if lost {
            return Err(LogError::damaged(
                format!("its file {LOG} is missing"),
                format!("in {}", dir.display()),
            ));
        }
        let acknowledged = Acknowledged::create(&*disk, dir)?;
        let create = |name: &str, magic: [u8; MAGIC_BYTES]| -> Result<BlockFile, LogError> {
            let path = dir.join(name);
            let file = disk.open(&path, Access::Anew).map_err(LogError::io(doing()))?;
            let created = BlockFile::create(file, &path, magic)?;
            created.sync()?;
            Ok(created)
        };
        let tail = Tail {
            file: create(TAIL, TAIL_MAGIC)?,
            blocks: Vec::new(),
            end: MAGIC_BYTES as u64,
            stale: false,
        };
        // With the log's own file the log is there, so it comes last.
        let log = create(LOG, LOG_MAGIC)?;
        disk.sync_dir(dir).map_err(LogError::io(doing()))?;
        let up = dir.parent().filter(|up| !up.as_os_str().is_empty()).unwrap_or(Path::new("."));
        disk.sync_dir(up).map_err(LogError::io(doing()))?;
        let tip = Tip::default();
        let encoder = Encoder::after(&tip)?;
        Ok(DiskLog {
            disk,
            dir: dir.to_owned(),
            log: Arc::new(log),
            places: Arc::default(),
            log_end: MAGIC_BYTES as u64,
            tail,
            tip,
            unfinished_bytes: 0,
            writer: Some(Writer { encoder, acknowledged, poisoned: false, _lock: lock }),
        })
    }

    /// As [`DiskLog::open`], and waits for who has it open.
    pub fn open_with(dir: &Path, options: &OpenOptions) -> Result<DiskLog, LogError> {
        DiskLog::open_under(Arc::new(OsDisk), dir, options)
    }

    /// As [`DiskLog::open`], on another disk.
    pub fn open_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<DiskLog, LogError> {
        DiskLog::open_under(disk, dir, &OpenOptions::default())
    }

    fn open_under(disk: Arc<dyn Disk>, dir: &Path, options: &OpenOptions) -> Result<DiskLog, LogError> {
        exists(&*disk, dir)?;
        let lock = lock(&*disk, dir, options)?;
        let (mut log, acknowledged) = DiskLog::read_files(disk, dir, Access::Write)?;
        log.remove_unfinished()?;
        let encoder = Encoder::after(&log.tip)?;
        log.writer = Some(Writer { encoder, acknowledged, poisoned: false, _lock: lock });
        Ok(log)
    }

    /// As [`DiskLog::open_to_read`], on another disk.
    pub fn open_to_read_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<DiskLog, LogError> {
        exists(&*disk, dir)?;
        Ok(DiskLog::read_files(disk, dir, Access::Read)?.0)
    }

    /// Finds what the files hold, and checks that it reaches as far as was acknowledged.
    fn read_files(
        disk: Arc<dyn Disk>,
        dir: &Path,
        access: Access,
    ) -> Result<(DiskLog, Acknowledged), LogError> {
        let open = |name: &str, magic| {
            let path = dir.join(name);
            let file = match disk.open(&path, access) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    let place = format!("in {}", dir.display());
                    return Err(LogError::damaged(format!("its file {name} is missing"), place));
                }
                other => other.map_err(LogError::io(format!("opening {}", path.display())))?,
            };
            BlockFile::open(file, &path, magic)
        };
        // In this order, so that a writer at work is no matter: see above.
        let acknowledged = Acknowledged::open(&*disk, dir, access)?;
        let tail_file = open(TAIL, TAIL_MAGIC)?;
        let (in_tail, tail_end) = tail_file.scan()?;
        let tail = in_tail.iter().map(|place| tail_file.block(place)).collect::<Vec<_>>();
        let log = open(LOG, LOG_MAGIC)?;
        let (mut places, mut log_end) = log.scan()?;
        let mut why = ends(&log, &log_end);

        // What was acknowledged is checked when it is read. The rest counts as far as it is whole; so does what
        // stands in the tail too, because then a crash may have come while it was brought into the log.
        let in_log_only = in_tail.first().map_or(Position::MAX, |place| place.first - 1);
        let known = places.partition_point(|place| place.last <= acknowledged.position().min(in_log_only));
        let whole = places.iter().skip(known).map(|place| log.block(place));
        let whole = whole.take_while(Result::is_ok).flatten().map(|block| block.is_complete());
        let complete = whole.collect::<Vec<_>>().iter().rposition(|complete| *complete).map_or(0, |i| i + 1);
        cut_to(&mut places, &mut log_end, known + complete);
        let mut tip = match places.last() {
            Some(place) => log.block(place)?.tip().clone(),
            None => Tip::default(),
        };

        let mut small = Tail { file: tail_file, blocks: Vec::new(), end: MAGIC_BYTES as u64, stale: false };
        let mut goes_on = Vec::new();
        for (place, block) in in_tail.iter().zip(tail) {
            let Ok(block) = block else {
                why = format!(
                    "the block at byte {} of {} is damaged",
                    place.offset,
                    small.file.path().display()
                );
                break;
            };
            if block.last() <= tip.position() {
                small.stale = true; // it came into the log, and a crash came before it left here
                continue;
            }
            if goes_on.is_empty() && block.first() != tip.position() + 1 {
                why = format!("events {} to {} are missing", tip.position() + 1, block.first() - 1);
                break;
            }
            goes_on.push(block);
            if let Some(last) = goes_on.last().filter(|block| block.is_complete()) {
                tip = last.tip().clone();
                small.blocks.append(&mut goes_on);
                small.end = place.end();
            }
        }
        if small.blocks.is_empty() && log_end.bytes_left == 0 {
            why = ends(&small.file, &tail_end);
        }
        acknowledged.check(&tip, &why)?;
        if tip.position() > acknowledged.position() {
            log.sync()?;
            small.file.sync()?;
        }
        let tail_left = (tail_end.offset + tail_end.bytes_left).saturating_sub(small.end);
        Ok((
            DiskLog {
                disk,
                dir: dir.to_owned(),
                log: Arc::new(log),
                places: Arc::new(places),
                log_end: log_end.offset,
                tail: small,
                tip,
                unfinished_bytes: log_end.bytes_left + tail_left,
                writer: None,
            },
            acknowledged,
        ))
    }

    /// Where the log is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How many bytes a crash, or a writer that is at work, left behind the last event: half a write, of
    /// nothing that was acknowledged.
    pub fn unfinished_bytes(&self) -> u64 {
        self.unfinished_bytes
    }

    /// Makes full blocks of the small ones at the end. Appending does so by itself once
    /// [`SMALL_BLOCKS_MAX`] have gathered.
    pub fn repack(&mut self) -> Result<(), LogError> {
        self.check_sound()?;
        if self.tail.blocks.len() < 2 {
            return Ok(());
        }
        self.poison(true);
        self.merge_tail(true)?;
        self.poison(false);
        Ok(())
    }

    /// Cuts off what a crash left behind the last event.
    fn remove_unfinished(&mut self) -> Result<(), LogError> {
        if self.unfinished_bytes > 0 {
            tracing::warn!(bytes = self.unfinished_bytes, "cutting off what a crash left half written");
            self.log.cut(self.log_end)?;
            self.log.sync()?;
            self.tail.file.cut(self.tail.end)?;
            self.tail.file.sync()?;
            self.unfinished_bytes = 0;
        }
        if self.tail.stale {
            self.replace_tail(self.tail.blocks.clone())?;
        }
        Ok(())
    }

    /// Adds blocks to `log`, durably.
    fn extend_log(&mut self, blocks: &[Block]) -> Result<(), LogError> {
        let written = self.log.write_blocks(blocks, self.log_end)?;
        self.log.sync()?;
        if let Some(last) = written.last() {
            self.log_end = last.end();
        }
        Arc::make_mut(&mut self.places).extend(written);
        Ok(())
    }

    /// Adds blocks to the tail, durably.
    fn extend_tail(&mut self, blocks: &[Block]) -> Result<(), LogError> {
        let written = self.tail.file.write_blocks(blocks, self.tail.end)?;
        self.tail.file.sync()?;
        if let Some(last) = written.last() {
            self.tail.end = last.end();
        }
        self.tail.blocks.extend_from_slice(blocks);
        Ok(())
    }

    /// Makes one block of those of the tail, or a few. They go to `log`; a single one that is still small
    /// may stay.
    fn merge_tail(&mut self, may_stay: bool) -> Result<(), LogError> {
        let before = match self.places.last() {
            Some(place) => self.log.block(place)?.tip().clone(),
            None => Tip::default(),
        };
        let merged = repacked(&before, &self.tail.blocks)?;
        if merged.last().map(Block::tip) != self.tail.blocks.last().map(Block::tip) {
            let what = "its small blocks do not add up to where it ends";
            return Err(LogError::damaged(what, format!("from position {}", before.position() + 1)));
        }
        tracing::debug!(from = self.tail.blocks.len(), to = merged.len(), "repacked small blocks");
        if may_stay && merged.len() == 1 && merged.iter().all(is_small) {
            return self.replace_tail(merged);
        }
        self.extend_log(&merged)?;
        self.replace_tail(Vec::new())
    }

    /// Puts a new tail in the place of the old one, all at once.
    fn replace_tail(&mut self, blocks: Vec<Block>) -> Result<(), LogError> {
        let (path, new) = (self.dir.join(TAIL), self.dir.join(TAIL_NEW));
        let doing = || format!("replacing {}", path.display());
        let file = self.disk.open(&new, Access::Anew).map_err(LogError::io(doing()))?;
        let file = BlockFile::create(file, &path, TAIL_MAGIC)?;
        let places = file.write_blocks(&blocks, MAGIC_BYTES as u64)?;
        file.sync()?;
        self.disk.rename(&new, &path).map_err(LogError::io(doing()))?;
        self.disk.sync_dir(&self.dir).map_err(LogError::io(doing()))?;
        let end = places.last().map_or(MAGIC_BYTES as u64, Place::end);
        self.tail = Tail { file, blocks, end, stale: false };
        Ok(())
    }

    /// Whether these small blocks find room in the tail.
    fn fits_tail(&self, blocks: &[Block]) -> bool {
        let all = || self.tail.blocks.iter().chain(blocks);
        let bytes: usize = all().map(|block| block.bytes().len()).sum();
        all().count() <= SMALL_BLOCKS_MAX && bytes <= SMALL_BLOCKS_BYTES_MAX
    }

    fn check_sound(&self) -> Result<(), LogError> {
        match &self.writer {
            None => Err(LogError::ReadOnly { dir: self.dir.clone() }),
            Some(writer) if writer.poisoned => Err(LogError::Poisoned { dir: self.dir.clone() }),
            Some(_) => Ok(()),
        }
    }

    /// Whatever returns early while it is poisoned leaves a log that refuses appends.
    fn poison(&mut self, poisoned: bool) {
        if let Some(writer) = &mut self.writer {
            writer.poisoned = poisoned;
        }
    }

    /// Writes blocks where they belong, durably.
    fn write(&mut self, blocks: &[Block]) -> Result<(), LogError> {
        // The last small ones go to the tail, what is in front of them to the log. What one fact caused stays
        // together: a crash could otherwise leave its end in one file and take its beginning from the other.
        let full = blocks.iter().rposition(|block| !is_small(block)).map_or(0, |last| {
            let rest = blocks.iter().skip(last).take_while(|block| !block.is_complete());
            last + 1 + rest.count()
        });
        let (full, small) = blocks.split_at(full.min(blocks.len()));
        let joins_tail = full.is_empty() && self.fits_tail(small);
        if !self.tail.blocks.is_empty() && !joins_tail {
            self.merge_tail(full.is_empty())?;
        }
        if !full.is_empty() {
            self.extend_log(full)?;
        }
        if small.is_empty() {
            return Ok(());
        }
        if self.fits_tail(small) {
            return self.extend_tail(small);
        }
        if !self.tail.blocks.is_empty() {
            self.merge_tail(false)?;
        }
        self.extend_log(small)
    }
}

impl Drop for DiskLog {
    fn drop(&mut self) {
        // Should this fail, the file lags behind the log, as after a loss of power.
        if let Some(writer) = self.writer.as_ref().filter(|writer| !writer.poisoned) {
            let _ = writer.acknowledged.sync();
        }
    }
}

impl EventLog for DiskLog {
    fn tip(&self) -> &Tip {
        &self.tip
    }

    fn append(&mut self, after: Position, batch: &Batch) -> Result<Position, LogError> {
        check_position(&self.tip, after)?;
        self.check_sound()?;
        let Some(writer) = &mut self.writer else { return Ok(after) };
        writer.encoder.restart(&self.tip);
        writer.encoder.push_batch(batch)?;
        let blocks = writer.encoder.finish()?;
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
        self.poison(true);
        self.write(&blocks)?;
        self.tip.clone_from(last.tip());
        if let Some(writer) = &mut self.writer {
            writer.acknowledged.note(&self.tip)?;
        }
        self.poison(false);
        Ok(self.tip.position())
    }

    fn blocks(&self, from: Position) -> Blocks {
        blocks_from(&self.log, &self.places, &self.tail.blocks, self.tip.position(), from)
    }

    fn reader(&self) -> LogReader {
        let (log, places, small) =
            (Arc::clone(&self.log), Arc::clone(&self.places), self.tail.blocks.clone());
        let last = self.tip.position();
        LogReader::new(self.tip.clone(), move |from| blocks_from(&log, &places, &small, last, from))
    }
}

/// The blocks of both files that end by a position, from another on.
fn blocks_from(
    log: &Arc<BlockFile>,
    places: &Arc<Vec<Place>>,
    small: &[Block],
    last: Position,
    from: Position,
) -> Blocks {
    // An append that failed may have brought in some of its blocks: they do not count.
    let known = from..=last;
    let next = places.partition_point(|place| place.last < from);
    let end = places.partition_point(|place| place.last <= last);
    let (log, places) = (Arc::clone(log), Arc::clone(places));
    let in_log = (next..end).map_while(move |index| Some(log.block(places.get(index)?)));
    let in_tail: Vec<Block> = small.iter().filter(|block| known.contains(&block.last())).cloned().collect();
    Box::new(until_error(in_log.chain(in_tail.into_iter().map(Ok))))
}

/// Items up to the first error, and that: after it there is no saying where to go on.
fn until_error<T, E>(mut items: impl Iterator<Item = Result<T, E>>) -> impl Iterator<Item = Result<T, E>> {
    let mut failed = false;
    std::iter::from_fn(move || {
        let next = if failed { None } else { items.next() };
        failed |= matches!(next, Some(Err(_)));
        next
    })
}

/// Refuses a directory that holds no log.
fn exists(disk: &dyn Disk, dir: &Path) -> Result<(), LogError> {
    if disk.is_file(&dir.join(LOG)) {
        return Ok(());
    }
    // The tail is there whenever the log was.
    if disk.is_file(&dir.join(TAIL)) && disk.is_file(&dir.join(crate::acknowledged::FILE)) {
        return Err(LogError::damaged(format!("its file {LOG} is missing"), format!("in {}", dir.display())));
    }
    Err(LogError::Missing { dir: dir.to_owned() })
}

/// Keeps the first places; what follows them counts as left over.
fn cut_to(places: &mut Vec<Place>, end: &mut End, count: usize) {
    places.truncate(count);
    let offset = places.last().map_or(MAGIC_BYTES as u64, Place::end);
    end.bytes_left += end.offset.saturating_sub(offset);
    end.offset = offset;
}

/// Where a file's blocks end, for people.
fn ends(file: &BlockFile, end: &End) -> String {
    match end.bytes_left {
        0 => format!("{} ends at byte {}", file.path().display(), end.offset),
        _ => format!("what begins at byte {} of {} is no block", end.offset, file.path().display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_an_error_an_iterator_ends() {
        let mut items = until_error([Ok(1), Err("lost"), Ok(3)].into_iter());
        assert_eq!((items.next(), items.next()), (Some(Ok(1)), Some(Err("lost"))));
        // For good, whoever asks again.
        assert_eq!((items.next(), items.next()), (None, None));
    }
}
