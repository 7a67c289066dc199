//! What is still provably good of a damaged log.
//!
//! # Shape
//! The events from the first one on, up to the first block that is not whole or does not hash to what the tree
//! says, as a shorter log that can be read as any other.
//!
//! # Correctness
//! Nothing behind the first damage is taken, however whole it looks: events name carriers, producers and
//! policies by the order in which they were introduced, so what follows a gap could be about others. It
//! is counted, so that it is known what a copy would have to bring. Nothing is written.

use crate::acknowledged::Acknowledged;
use crate::block_file::{BlockFile, Place};
use crate::disk::{Access, Disk, OsDisk};
use crate::disk_log::{LOG, TAIL};
use crate::encoder::Sealed;
use crate::engine::Engine;
use crate::error::LogError;
use crate::examine::check;
use crate::lock::OpenOptions;
use crate::log::{Blocks, EventLog, LogReader};
use crate::sled_log::SledLog;
use crate::tip::Tip;
use std::path::Path;
use std::sync::Arc;
use upline_core::event::{Batch, Position};

/// A log up to its first damage.
pub struct Salvaged {
    files: Vec<Arc<(BlockFile, Vec<Place>)>>,
    /// A copy of a store, in place of files.
    store: Option<SledLog>,
    tip: Tip,
    /// How far the log was acknowledged at the least, where that can still be read.
    pub acknowledged: Option<Position>,
    /// Why the good part ends where it does.
    pub ends: String,
    /// How many events behind it stand in blocks that are whole, but follow what is lost.
    pub behind: u64,
}

/// Finds what is provably good of the log in a directory, whatever keeps it. Nothing of the directory need be sound;
/// of a store, a private copy must still open.
pub fn salvage_any(dir: &Path, options: &OpenOptions) -> Result<Salvaged, LogError> {
    crate::engine::check(dir)?;
    match Engine::of(dir) {
        Engine::Files => salvage(&OsDisk, dir),
        Engine::Sled => salvage_store(dir, options),
    }
}

/// Finds what is provably good of a store, in a copy of it.
fn salvage_store(dir: &Path, options: &OpenOptions) -> Result<Salvaged, LogError> {
    let (store, acknowledged) = SledLog::open_remains(dir, options)?;
    let mut salvaged = Salvaged::none(acknowledged);
    let mut tip = Tip::default();
    for block in store.blocks(1) {
        let checked = block.and_then(|block| match check(&tip, &block) {
            Ok(_) => Ok(block),
            Err((_, error)) => Err(error),
        });
        match checked {
            Ok(block) => {
                tip = block.tip().clone();
                if block.is_complete() {
                    salvaged.tip = tip.clone();
                }
            }
            Err(error) => {
                salvaged.note(error.finding());
                break;
            }
        }
    }
    salvaged.note("the store ends there".to_owned());
    salvaged.store = Some(store);
    Ok(salvaged)
}

/// Finds what is provably good of a log in files. Nothing of the directory need be sound.
pub fn salvage(disk: &dyn Disk, dir: &Path) -> Result<Salvaged, LogError> {
    // First: files may be written meanwhile, and are then found to hold more than this says, never less.
    let acknowledged = Acknowledged::open(disk, dir, Access::Read).ok().map(|known| known.position());
    let mut salvaged = Salvaged::none(acknowledged);
    let mut any = false;
    for name in [LOG, TAIL] {
        let path = dir.join(name);
        let Ok(file) = disk.open(&path, Access::Read) else {
            salvaged.note(format!("{} is not to be read", path.display()));
            continue;
        };
        any = true;
        let file = BlockFile::found(file, &path);
        let places = file.places_anywhere()?;
        salvaged.take(file, places);
    }
    if !any {
        return Err(LogError::Missing { dir: dir.to_owned() });
    }
    if salvaged.ends.is_empty() {
        salvaged.ends = "the files end there".to_owned();
    }
    Ok(salvaged)
}

impl Salvaged {
    fn none(acknowledged: Option<Position>) -> Salvaged {
        let (tip, ends) = (Tip::default(), String::new());
        Salvaged { files: Vec::new(), store: None, tip, acknowledged, ends, behind: 0 }
    }

    /// Takes the blocks of a file that go on from where the good part ends.
    fn take(&mut self, file: BlockFile, places: Vec<Place>) {
        let mut good = Vec::new();
        let mut open: Vec<Place> = Vec::new();
        let mut tip = self.tip.clone();
        for place in places {
            if place.last <= tip.position() {
                continue; // it stands in both files
            }
            let block = match file.block(&place) {
                Ok(block) => block,
                Err(error) => {
                    self.note(error.finding());
                    continue;
                }
            };
            if block.first() != tip.position() + 1 {
                self.note(format!("events {} to {} are missing", tip.position() + 1, block.first() - 1));
                self.behind += u64::from(block.count());
                continue;
            }
            if let Err((_, error)) = check(&tip, &block) {
                self.note(error.finding());
                continue;
            }
            tip = block.tip().clone();
            open.push(place);
            if block.is_complete() {
                good.append(&mut open);
                self.tip = tip.clone();
            }
        }
        self.files.push(Arc::new((file, good)));
    }

    fn note(&mut self, why: String) {
        if self.ends.is_empty() {
            self.ends = why;
        }
    }
}

impl EventLog for Salvaged {
    fn tip(&self) -> &Tip {
        &self.tip
    }

    fn append(&mut self, _: Position, _: &Batch) -> Result<Position, LogError> {
        Err(LogError::ReadOnly { dir: "what was salvaged".into() })
    }

    fn append_blocks(&mut self, _: Position, _: Vec<Sealed>) -> Result<Position, LogError> {
        Err(LogError::ReadOnly { dir: "what was salvaged".into() })
    }

    fn rebuild_blocks(&mut self, _: Position, _: Vec<Sealed>) -> Result<Position, LogError> {
        Err(LogError::ReadOnly { dir: "what was salvaged".into() })
    }

    fn blocks(&self, from: Position) -> Blocks {
        if let Some(store) = &self.store {
            return good_blocks(store.blocks(from), self.tip.position());
        }
        blocks_from(self.files.clone(), from)
    }

    fn reader(&self) -> LogReader {
        if let Some(store) = &self.store {
            let (store, last) = (store.reader(), self.tip.position());
            return LogReader::new(self.tip.clone(), move |from| good_blocks(store.blocks(from), last));
        }
        let files = self.files.clone();
        LogReader::new(self.tip.clone(), move |from| blocks_from(files.clone(), from))
    }
}

/// The blocks of a store up to the last that is good.
fn good_blocks(blocks: Blocks, last: Position) -> Blocks {
    Box::new(blocks.take_while(move |block| block.as_ref().map_or(true, |block| block.last() <= last)))
}

fn blocks_from(files: Vec<Arc<(BlockFile, Vec<Place>)>>, from: Position) -> Blocks {
    Box::new(files.into_iter().flat_map(move |file| {
        let start = file.1.partition_point(|place| place.last < from);
        (start..file.1.len()).map_while(move |index| Some(file.0.block(file.1.get(index)?)))
    }))
}
