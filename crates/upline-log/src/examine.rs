//! Examining a whole log: everything in it that can be computed a second time.
//!
//! # Shape
//! Blocks are checked on all cores, some at a time, each against the envelope of the one in front of it.
//!
//! # Correctness
//! Every block's own tip is recomputed from the tip of the block in front, so if all agree the whole tree
//! does. Of each [`Property`] the first place where it does not hold is told.

use crate::block::Block;
use crate::decoder::Decoder;
use crate::error::LogError;
use crate::log::EventLog;
use crate::tip::Tip;
use crate::tree::Root;
use rayon::prelude::*;
use upline_core::event::Position;

/// How many blocks are checked at once; bounds the memory.
const BLOCKS_AT_ONCE: usize = 32;

/// Something that must hold for every block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// Files, frames and blocks are whole, and hold events.
    Frames,
    /// Positions have no gaps.
    Positions,
    /// What was recorded later says so.
    RecordedTimes,
    /// The events hash to what the envelopes say.
    Tree,
}

impl Property {
    pub const ALL: [Property; 4] =
        [Property::Frames, Property::Positions, Property::RecordedTimes, Property::Tree];

    /// The stable name of its check.
    pub fn name(self) -> &'static str {
        match self {
            Property::Frames => "frames",
            Property::Positions => "positions",
            Property::RecordedTimes => "recorded_times",
            Property::Tree => "tree",
        }
    }
}

/// What was verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    pub events: u64,
    pub postings: u64,
    pub blocks: u64,
    /// The bytes of the events.
    pub bytes: u64,
    /// The bytes of the blocks as stored.
    pub bytes_stored: u64,
    /// The head of the tree; none without any event.
    pub root: Option<Root>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Examined {
    /// As far as the log could be read.
    pub verified: Verified,
    /// What does not hold, and where: of each property the first place.
    pub wrong: Vec<(Property, LogError)>,
}

impl Examined {
    /// Where a property does not hold.
    pub fn wrong(&self, property: Property) -> Option<&LogError> {
        self.wrong.iter().find(|(wrong, _)| *wrong == property).map(|(_, error)| error)
    }

    fn note(&mut self, property: Property, error: LogError) {
        if self.wrong(property).is_none() {
            self.wrong.push((property, error));
        }
    }
}

/// Examines every block of a log. `progress` hears the position of the last event, some blocks at a time.
pub fn examine<L: EventLog + ?Sized>(log: &L, progress: &mut dyn FnMut(Position)) -> Examined {
    let mut examined = Examined::default();
    let mut before = Tip::default();
    let mut blocks = log.blocks(1);
    loop {
        let mut some = Vec::with_capacity(BLOCKS_AT_ONCE);
        for block in blocks.by_ref().take(BLOCKS_AT_ONCE) {
            match block {
                Ok(block) => some.push(block),
                Err(error) => examined.note(Property::Frames, error),
            }
        }
        let Some(last) = some.last() else { break };
        let after = last.tip().clone();
        let tips: Vec<&Tip> = std::iter::once(&before).chain(some.iter().map(Block::tip)).collect();
        let checked: Vec<_> =
            some.par_iter().zip(&tips).map(|(block, before)| check(before, block)).collect();
        for (block, result) in some.iter().zip(checked) {
            match result {
                Ok((postings, bytes)) => {
                    let verified = &mut examined.verified;
                    verified.postings += postings;
                    verified.bytes += bytes;
                    verified.blocks += 1;
                    verified.bytes_stored += block.bytes().len() as u64;
                }
                Err((property, error)) => examined.note(property, error),
            }
        }
        before = after;
        progress(before.position());
    }
    if before != *log.tip() && examined.wrong.is_empty() {
        let what = "its blocks do not add up to its position, time and tree";
        let error = LogError::damaged(what, format!("after position {}", before.position()));
        examined.note(Property::Tree, error);
    }
    examined.verified.events = before.position();
    examined.verified.root = (before.position() > 0).then(|| before.root());
    examined
}

/// A block that follows a tip: how many postings and bytes its events have, or what does not hold.
pub(crate) fn check(before: &Tip, block: &Block) -> Result<(u64, u64), (Property, LogError)> {
    let place = || format!("in the block at position {}", block.first());
    if block.first() != before.position() + 1 {
        let what = format!("it follows position {}", before.position());
        return Err((Property::Positions, LogError::damaged(what, place())));
    }
    let (mut tip, mut postings_count, mut bytes_count) = (before.clone(), 0, 0);
    let mut backwards = None;
    let mut decoder = Decoder::new().map_err(|error| (Property::Frames, error))?;
    let decoded = decoder.each(block, |position, event, postings, bytes| {
        if tip.recorded_at.is_some_and(|last| last > event.recorded_at) && backwards.is_none() {
            let what = "it is recorded before the event in front of it";
            backwards = Some(LogError::damaged(what, format!("at event {position}")));
        }
        tip.tree.push(bytes);
        tip.recorded_at = Some(event.recorded_at);
        postings_count += postings.len() as u64;
        bytes_count += bytes.len() as u64;
        Ok(())
    });
    decoded.map_err(|error| (Property::Frames, error))?;
    if let Some(error) = backwards {
        return Err((Property::RecordedTimes, error));
    }
    if tip != *block.tip() {
        let what = "its events do not hash to what its envelope says";
        return Err((Property::Tree, LogError::damaged(what, place())));
    }
    Ok((postings_count, bytes_count))
}
