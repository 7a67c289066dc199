//! Turns events into blocks, on whatever thread, ahead of the log that they are appended to.
//!
//! # Shape
//! Events are encoded and hashed as they come. When enough bytes have gathered they are compressed and
//! sealed. How many are enough is learnt from the block before, so that a block as stored comes close to
//! [`BLOCK_BYTES_MAX`]; one that comes out above it is split.
//!
//! # Correctness
//! A sealed block knows the tip that it follows; a log takes it only there. After an error the encoder is
//! of no use until [`Encoder::restart`].

use crate::block::{BLOCK_BYTES_MAX, Block, Codec, RAW_BYTES_MAX, envelope_bytes};
use crate::codec::Out;
use crate::error::LogError;
use crate::tip::Tip;
use crate::wire::write_event;
use std::fmt;
use std::mem;
use std::ops::Range;
use upline_core::event::{Batch, Event};
use upline_core::posting::Posting;
use upline_core::time::Moment;
use zstd::bulk::Compressor;

/// How hard zstd tries. Measured: docs/log-format.md, "Sizes and speed".
const ZSTD_LEVEL: i32 = 1;

/// What a block should come to as stored: below the most by what neighbouring blocks differ in ratio.
const BLOCK_BYTES_TARGET: usize = BLOCK_BYTES_MAX - BLOCK_BYTES_MAX / 16;

/// What is gathered for the first block, before any ratio is known.
const RAW_BYTES_FIRST: usize = 3 * BLOCK_BYTES_TARGET;

/// A block that was encoded and can be appended.
#[derive(Clone, Debug)]
pub struct Sealed {
    block: Block,
    before: Tip,
}

impl Sealed {
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// The tip of the log that it can be appended to.
    pub fn before(&self) -> &Tip {
        &self.before
    }

    /// The tip of the log once it is appended.
    pub fn after(&self) -> &Tip {
        self.block.tip()
    }

    /// A block that is known to follow a tip.
    pub(crate) fn known(block: Block, before: Tip) -> Sealed {
        Sealed { block, before }
    }

    pub(crate) fn into_block(self) -> Block {
        self.block
    }
}

/// Where an event of the open block ends.
#[derive(Clone, Copy)]
struct Mark {
    end: usize,
    recorded_at: Moment,
    /// It was caused by a fact before it, and belongs with that.
    caused: bool,
}

/// Encodes, hashes and compresses events.
pub struct Encoder {
    zstd: Compressor<'static>,
    packed: Vec<u8>,
    /// The bytes of the open block.
    raw: Vec<u8>,
    marks: Vec<Mark>,
    raw_target: usize,
    /// Before the open block.
    before: Tip,
    /// After the last event.
    tip: Tip,
    sealed: Vec<Sealed>,
    /// Whether what comes belongs together, whatever caused it: no block is complete before [`Encoder::finish`].
    whole: bool,
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoder(at {}, {} events open)", self.tip.position(), self.marks.len())
    }
}

impl Encoder {
    /// An encoder of what follows a tip.
    pub fn after(tip: &Tip) -> Result<Encoder, LogError> {
        let zstd = Compressor::new(ZSTD_LEVEL).map_err(LogError::io("preparing to pack blocks"))?;
        Ok(Encoder {
            zstd,
            packed: Vec::with_capacity(BLOCK_BYTES_MAX),
            raw: Vec::new(),
            marks: Vec::new(),
            raw_target: RAW_BYTES_FIRST,
            before: tip.clone(),
            tip: tip.clone(),
            sealed: Vec::new(),
            whole: false,
        })
    }

    /// An encoder of one transaction: its blocks go on with each other up to the last, so that a log that ends before
    /// that ends before the first. They can be taken when it is finished.
    pub fn of_transaction(tip: &Tip) -> Result<Encoder, LogError> {
        Ok(Encoder { whole: true, ..Encoder::after(tip)? })
    }

    /// Forgets everything that was not taken, and goes on after a tip.
    pub fn restart(&mut self, tip: &Tip) {
        self.raw.clear();
        self.marks.clear();
        self.sealed.clear();
        self.before.clone_from(tip);
        self.tip.clone_from(tip);
    }

    /// Where the log ends with everything that was pushed.
    pub fn tip(&self) -> &Tip {
        &self.tip
    }

    /// Adds an event with its postings.
    pub fn push(&mut self, event: &Event, postings: &[Posting]) -> Result<(), LogError> {
        let start = self.raw.len();
        write_event(&mut Out::new(&mut self.raw), event, postings).map_err(|error| {
            LogError::Unencodable { position: self.tip.position() + 1, why: error.to_string() }
        })?;
        self.close_event(start, event.recorded_at, event.cause().is_some())
    }

    /// Adds events with their postings.
    pub fn push_batch(&mut self, batch: &Batch) -> Result<(), LogError> {
        batch.iter().try_for_each(|(event, postings)| self.push(event, postings))
    }

    /// Adds an event of which the bytes are known.
    pub(crate) fn push_bytes(&mut self, bytes: &[u8], event: &Event) -> Result<(), LogError> {
        let start = self.raw.len();
        self.raw.extend_from_slice(bytes);
        self.close_event(start, event.recorded_at, event.cause().is_some())
    }

    /// Takes the blocks that are full, up to the last that is complete.
    pub fn take_full(&mut self) -> Vec<Sealed> {
        let complete = self.sealed.iter().rposition(|sealed| sealed.block.is_complete());
        let goes_on = self.sealed.split_off(complete.map_or(0, |index| index + 1));
        mem::replace(&mut self.sealed, goes_on)
    }

    /// Seals what is left, which must end with all that its last fact caused, and takes all blocks. More
    /// can be pushed afterwards.
    pub fn finish(&mut self) -> Result<Vec<Sealed>, LogError> {
        self.seal(true)?;
        Ok(self.take_full())
    }

    /// Hashes the event that starts at this offset of the open block; seals what is in front of it when that is
    /// a full block. What a fact caused stays with it where it can.
    fn close_event(&mut self, start: usize, recorded_at: Moment, caused: bool) -> Result<(), LogError> {
        let position = self.tip.position() + 1;
        if let Some(last) = self.tip.recorded_at.filter(|last| *last > recorded_at) {
            return Err(LogError::RecordedBackwards { position, recorded_at, last });
        }
        let bytes = self.raw.len() - start;
        if bytes > RAW_BYTES_MAX {
            return Err(LogError::EventTooLarge { position, bytes, bytes_max: RAW_BYTES_MAX });
        }
        let full = start >= self.raw_target && !caused;
        if full || self.raw.len() > RAW_BYTES_MAX {
            let own = self.raw.split_off(start);
            self.seal(!caused && !self.whole)?;
            self.raw.extend_from_slice(&own);
        }
        let leaf = self.raw.get(self.raw.len() - bytes..).unwrap_or_default();
        self.tip.tree.push(leaf);
        self.tip.recorded_at = Some(recorded_at);
        self.marks.push(Mark { end: self.raw.len(), recorded_at, caused });
        Ok(())
    }

    /// Seals the open block. `complete`: the next event is caused by none of its own.
    fn seal(&mut self, complete: bool) -> Result<(), LogError> {
        if self.marks.is_empty() {
            return Ok(());
        }
        let (before, after) = (self.before.clone(), self.tip.clone());
        self.seal_events(0..self.marks.len(), complete, before, after)?;
        self.before.clone_from(&self.tip);
        self.raw.clear();
        self.marks.clear();
        Ok(())
    }

    /// Seals some events of the open block; in halves when they are too many for one.
    fn seal_events(
        &mut self,
        events: Range<usize>,
        complete: bool,
        before: Tip,
        after: Tip,
    ) -> Result<(), LogError> {
        let raw = self.raw.get(self.bytes_of(events.clone())).unwrap_or_default();
        let codec = pack(&mut self.zstd, &mut self.packed, raw)?;
        let payload = if codec == Codec::Zstd { self.packed.as_slice() } else { raw };
        let stored = envelope_bytes(after.position()) + payload.len();
        if stored <= BLOCK_BYTES_MAX {
            if raw.len() >= RAW_BYTES_FIRST / 2 {
                self.raw_target = (raw.len() * BLOCK_BYTES_TARGET / stored)
                    .clamp(BLOCK_BYTES_TARGET, RAW_BYTES_MAX - BLOCK_BYTES_MAX);
            }
            let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
            let block = Block::seal(count, codec, raw.len(), complete, &after, payload);
            self.sealed.push(Sealed { block, before });
            return Ok(());
        }
        if events.len() == 1 {
            let position = after.position();
            return Err(LogError::EventTooLarge { position, bytes: stored, bytes_max: BLOCK_BYTES_MAX });
        }
        let middle = events.start + events.len() / 2;
        let between = self.tip_within(events.start..middle, &before);
        let halved = !self.whole && self.marks.get(middle).is_none_or(|mark| !mark.caused);
        self.seal_events(events.start..middle, halved, before, between.clone())?;
        self.seal_events(middle..events.end, complete, between, after)
    }

    /// The tip after some events of the open block.
    fn tip_within(&self, events: Range<usize>, before: &Tip) -> Tip {
        let mut tip = before.clone();
        for index in events {
            tip.tree.push(self.raw.get(self.bytes_of(index..index + 1)).unwrap_or_default());
            tip.recorded_at = self.marks.get(index).map(|mark| mark.recorded_at);
        }
        tip
    }

    /// Where some events lie in the open block.
    fn bytes_of(&self, events: Range<usize>) -> Range<usize> {
        let end = |count: usize| {
            count.checked_sub(1).and_then(|index| self.marks.get(index)).map_or(0, |mark| mark.end)
        };
        end(events.start)..end(events.end)
    }
}

/// Packs bytes, where that makes them fewer.
fn pack(zstd: &mut Compressor<'_>, packed: &mut Vec<u8>, raw: &[u8]) -> Result<Codec, LogError> {
    packed.clear();
    packed.reserve(zstd::zstd_safe::compress_bound(raw.len()));
    let length = zstd.compress_to_buffer(raw, packed).map_err(LogError::io("packing a block"))?;
    Ok(if length < raw.len() { Codec::Zstd } else { Codec::Plain })
}
