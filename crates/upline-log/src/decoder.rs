//! Turns blocks back into events.
//!
//! # Correctness
//! What a block's envelope says is compared with what its payload holds: its length, how many events, when
//! the last was recorded, and nothing behind it. Bytes that are none of ours make an error, never a panic.

use crate::block::{Block, Codec};
use crate::codec::{In, Malformed};
use crate::error::LogError;
use crate::wire::{read_event, refused};
use std::ops::RangeInclusive;
use std::sync::Arc;
use upline_core::event::{Batch, Event, Position};
use upline_core::posting::Posting;
use zstd::bulk::Decompressor;

/// Decodes blocks, keeping its memory from one to the next. One for each thread.
pub struct Decoder {
    zstd: Decompressor<'static>,
    raw: Vec<u8>,
    postings: Vec<Posting>,
    origin: Option<Arc<str>>,
}

impl Decoder {
    /// A decoder.
    pub fn new() -> Result<Decoder, LogError> {
        let zstd = Decompressor::new().map_err(LogError::io("preparing to unpack blocks"))?;
        Ok(Decoder { zstd, raw: Vec::new(), postings: Vec::new(), origin: None })
    }

    /// The events of a block.
    pub fn decode(&mut self, block: &Block) -> Result<Batch, LogError> {
        let mut batch = Batch::default();
        self.decode_into(block, &mut batch)?;
        Ok(batch)
    }

    /// The events of a block, in place of what is in the batch.
    pub fn decode_into(&mut self, block: &Block, batch: &mut Batch) -> Result<(), LogError> {
        self.decode_part(block, block.first()..=block.last(), batch)
    }

    /// The events of a block that stand at these positions, in place of what is in the batch.
    pub fn decode_part(
        &mut self,
        block: &Block,
        positions: RangeInclusive<Position>,
        batch: &mut Batch,
    ) -> Result<(), LogError> {
        batch.clear();
        self.each(block, |position, event, postings, _| {
            if positions.contains(&position) {
                batch.push(event, postings.iter().copied());
            }
            Ok(())
        })
    }

    /// Hands every event of a block over with its position and postings, one after the other: nothing is kept
    /// of an event that the visitor does not keep.
    pub fn visit(
        &mut self,
        block: &Block,
        mut visitor: impl FnMut(Position, Event, &[Posting]),
    ) -> Result<(), LogError> {
        self.each(block, |position, event, postings, _| {
            visitor(position, event, postings);
            Ok(())
        })
    }

    /// Every event of a block with its position, its postings and its bytes.
    pub(crate) fn each(
        &mut self,
        block: &Block,
        mut visit: impl FnMut(Position, Event, &[Posting], &[u8]) -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        let Decoder { zstd, raw, postings, origin } = self;
        let bytes = unpack(zstd, raw, block)?;
        let mut from = In::new(bytes);
        let mut rest = bytes;
        let mut recorded_at = None;
        for position in block.first()..=block.last() {
            let event =
                read_event(&mut from, postings, origin).map_err(|e| refused(e, || at(block, position)))?;
            let (own, after) = rest.split_at_checked(rest.len() - from.left()).unwrap_or((rest, &[]));
            rest = after;
            recorded_at = Some(event.recorded_at);
            visit(position, event, postings, own)?;
        }
        if !rest.is_empty() {
            return Err(refused(Malformed::Field("bytes follow the last event"), || at(block, block.last())));
        }
        if recorded_at != block.recorded_at() {
            let other = Malformed::Field("the envelope has another time of recording");
            return Err(refused(other, || at(block, block.last())));
        }
        Ok(())
    }
}

#[cold]
fn at(block: &Block, position: Position) -> String {
    format!("at event {position} in the block at position {}", block.first())
}

/// The payload of a block, unpacked; never more than the envelope says.
fn unpack<'a>(
    zstd: &mut Decompressor<'_>,
    raw: &'a mut Vec<u8>,
    block: &'a Block,
) -> Result<&'a [u8], LogError> {
    if block.codec() == Codec::Plain {
        return Ok(block.payload());
    }
    raw.clear();
    raw.reserve(block.raw_bytes());
    let unpacked = zstd.decompress_to_buffer(block.payload(), raw);
    let place = || format!("in the block at position {}", block.first());
    match unpacked {
        Ok(length) if length == block.raw_bytes() => Ok(raw),
        Ok(_) => Err(LogError::damaged("it unpacks to another length than it says", place())),
        Err(error) => Err(LogError::damaged(format!("it does not unpack ({error})"), place())),
    }
}
