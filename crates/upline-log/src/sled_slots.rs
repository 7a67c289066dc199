//! Blocks cut into slots: how a log lies in a tree of sled's.
//!
//! # Shape
//! Key: a region (1 byte) and a slot of it (4 bytes, big endian). Region 0 is the tail, the small blocks of the
//! last commits, in a fixed number of slots that are used again and again. Region 1 is the log: full blocks, slot
//! after slot, in order. Value: nothing in a free slot; else the position of the block's first event (8 bytes, big
//! endian), which part of the block this is and of how many (1 byte each), and the part.
//!
//! # Correctness
//! Why not a block a key: sled keeps up to 16 values in a page, and writes the page anew whenever it splits, so
//! that each block is written three times and stays so on disk; and a page of large values needs large
//! segments, of which every opening clears one. Here keys are added *before* they have values, well ahead of
//! where blocks are written, so that pages split while they are empty. A page is then left with
//! [`PAGE_SLOTS`] keys for good, and takes as many values as additions to it before sled would write it anew.
//!
//! The blocks of the tail always follow those of the log: whatever does not fit into the tail takes the tail with
//! it into the log. An append is one batch, so a crash leaves all of it or nothing.

use crate::block::Block;
use crate::error::LogError;
use crate::repack::{SMALL_BLOCKS_MAX, is_small};
use crate::sled_store::{SEGMENT_BYTES, guarded};
use std::sync::{Mutex, PoisonError, RwLock};
use upline_core::event::Position;

/// What a value holds at most.
const SLOT_BYTES: usize = 3500;

/// What a value says about itself.
const HEAD_BYTES: usize = 8 + 1 + 1;

/// The keys of a page that has split: more than half of 17.
const PAGE_SLOTS: usize = 9;

/// What sled writes about a key and a page, with room to spare.
const KEY_BYTES_MAX: usize = 64;

/// sled puts what is larger than a quarter of a segment into a file of its own.
const _: () = assert!(PAGE_SLOTS * (SLOT_BYTES + KEY_BYTES_MAX) + 2 * KEY_BYTES_MAX < SEGMENT_BYTES / 4);

/// The parts of a block are counted in a byte.
const _: () = assert!(crate::block::BLOCK_BYTES_MAX / (SLOT_BYTES - HEAD_BYTES) < 255);

/// The last page has up to 16 keys and will split: none of these is written to.
const SLOTS_AHEAD_MIN: u32 = 17;

/// So many keys are added at once, and synced before any of them is used: a few to a small log, more to a large.
const SLOTS_ADDED_MIN: u32 = 32;
const SLOTS_ADDED_MAX: u32 = 256;

const TAIL_SLOTS: u32 = 96;

const TAIL: u8 = 0;
const LOG: u8 = 1;

type Key = [u8; 5];

fn key(region: u8, slot: u32) -> Key {
    let [a, b, c, d] = slot.to_be_bytes();
    [region, a, b, c, d]
}

/// One part of a block, as it stands in a slot.
struct Part<'a> {
    first: Position,
    index: u8,
    count: u8,
    bytes: &'a [u8],
}

/// The parts of a block, as values.
fn values(block: &Block) -> Vec<Vec<u8>> {
    let parts: Vec<&[u8]> = block.bytes().chunks(SLOT_BYTES - HEAD_BYTES).collect();
    let count = u8::try_from(parts.len()).unwrap_or(u8::MAX);
    let value =
        |(index, part): (u8, &&[u8])| [&block.first().to_be_bytes()[..], &[index, count], part].concat();
    (0..).zip(&parts).map(value).collect()
}

fn part(value: &[u8]) -> Result<Option<Part<'_>>, LogError> {
    if value.is_empty() {
        return Ok(None);
    }
    let parsed = value.split_first_chunk::<8>().and_then(|(first, rest)| {
        let ([index, count], bytes) = rest.split_first_chunk::<2>()?;
        Some(Part { first: Position::from_be_bytes(*first), index: *index, count: *count, bytes })
    });
    parsed
        .filter(|part| part.index < part.count)
        .map(Some)
        .ok_or_else(|| LogError::damaged("a part of a block says what cannot be", "in the store"))
}

/// The tree, and what is known of it.
pub(crate) struct Slots {
    tree: sled::Tree,
    known: RwLock<Known>,
    /// The position that was read up to, and the slot behind it: where whoever reads in order goes on.
    hint: Mutex<(Position, u32)>,
}

#[derive(Clone, Default)]
struct Known {
    /// The small blocks of the tail in order, each with its slots.
    tail: Vec<(Block, Vec<u32>)>,
    /// The first free slot of the log.
    end: u32,
    /// How many slots of the log have keys.
    keys: u32,
}

impl Slots {
    /// Makes the slots of an empty log.
    pub(crate) fn create(tree: sled::Tree) -> Result<Slots, LogError> {
        for slot in 0..TAIL_SLOTS {
            guarded(adding, || tree.insert(key(TAIL, slot), &[][..]))?;
        }
        let slots = Slots { tree, known: RwLock::default(), hint: Mutex::default() };
        let mut known = Known::default();
        slots.add_keys(&mut known, SLOTS_AHEAD_MIN)?;
        *slots.known.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(slots)
    }

    /// Finds out what the tree holds.
    pub(crate) fn open(tree: sled::Tree) -> Result<Slots, LogError> {
        let last = guarded(|| "reading the store".to_owned(), || tree.last())?;
        let keys = last.and_then(|(key, _)| match *key {
            [LOG, a, b, c, d] => Some(u32::from_be_bytes([a, b, c, d]) + 1),
            _ => None,
        });
        let keys = keys.ok_or_else(|| LogError::damaged("its slots are missing", "in the store"))?;
        let slots = Slots { tree, known: RwLock::default(), hint: Mutex::default() };
        let (mut used, mut free) = (0, keys);
        while used < free {
            let middle = used + (free - used) / 2;
            if slots.value(LOG, middle)?.is_empty() {
                free = middle;
            } else {
                used = middle + 1;
            }
        }
        let known = Known { tail: slots.read_tail()?, end: used, keys };
        *slots.known.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(slots)
    }

    fn known(&self) -> Known {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn value(&self, region: u8, slot: u32) -> Result<sled::IVec, LogError> {
        let doing = || format!("reading slot {slot} of the store");
        guarded(doing, || self.tree.get(key(region, slot)))?
            .ok_or_else(|| LogError::damaged(format!("slot {slot} is missing"), "in the store"))
    }

    /// Adds keys until so many of the log's slots may be written to. Whoever added some syncs before the next.
    fn add_keys(&self, known: &mut Known, slots: u32) -> Result<bool, LogError> {
        if known.keys >= slots + SLOTS_AHEAD_MIN {
            return Ok(false);
        }
        let keys = known.keys + (known.keys / 4).clamp(SLOTS_ADDED_MIN, SLOTS_ADDED_MAX);
        for slot in known.keys..keys {
            guarded(adding, || self.tree.insert(key(LOG, slot), &[][..]))?;
        }
        known.keys = keys;
        Ok(true)
    }

    fn read_tail(&self) -> Result<Vec<(Block, Vec<u32>)>, LogError> {
        let mut parts = Vec::new();
        for slot in 0..TAIL_SLOTS {
            let value = self.value(TAIL, slot)?;
            if let Some(part) = part(&value)? {
                parts.push((part.first, part.index, part.count, slot, part.bytes.to_vec()));
            }
        }
        parts.sort();
        let mut tail = Vec::new();
        for parts in parts.chunk_by(|a, b| a.0 == b.0) {
            let Some((first, _, count, ..)) = parts.first() else { continue };
            let whole = parts.len() == usize::from(*count)
                && (0..*count).zip(parts).all(|(index, part)| (index, *count) == (part.1, part.2));
            if !whole {
                let place = format!("in the block at position {first}");
                return Err(LogError::damaged("not all of its parts are there", place));
            }
            let bytes: Vec<u8> = parts.iter().flat_map(|part| &part.4).copied().collect();
            tail.push((Block::parse(*first, bytes)?, parts.iter().map(|part| part.3).collect()));
        }
        Ok(tail)
    }

    /// The block that holds a position, or else the last before it.
    pub(crate) fn block_at(&self, position: Position) -> Result<Option<Block>, LogError> {
        let end = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let in_tail = known.tail.partition_point(|(block, _)| block.first() <= position);
            if let Some((block, _)) = in_tail.checked_sub(1).and_then(|index| known.tail.get(index)) {
                return Ok(Some(block.clone()));
            }
            known.end
        };
        match self.slot_at(position, end)? {
            Some(slot) => self.block_from(slot).map(Some),
            None => Ok(None),
        }
    }

    /// The first slot of the block of the log that holds a position, or else of the last before it.
    fn slot_at(&self, position: Position, end: u32) -> Result<Option<u32>, LogError> {
        let (next, hinted) = *self.hint.lock().unwrap_or_else(PoisonError::into_inner);
        if next == position && hinted < end {
            let value = self.value(LOG, hinted)?;
            if part(&value)?.is_some_and(|part| part.first == position && part.index == 0) {
                return Ok(Some(hinted));
            }
        }
        let (mut by, mut behind) = (0, end);
        while by < behind {
            let middle = by + (behind - by) / 2;
            let value = self.value(LOG, middle)?;
            let part = part(&value)?
                .ok_or_else(|| LogError::damaged(format!("slot {middle} is empty"), "in the store"))?;
            if part.first <= position {
                by = middle + 1;
            } else {
                behind = middle;
            }
        }
        let Some(last) = by.checked_sub(1) else { return Ok(None) };
        let value = self.value(LOG, last)?;
        Ok(part(&value)?.map(|part| last.saturating_sub(u32::from(part.index))))
    }

    /// The block of the log that begins in a slot.
    fn block_from(&self, slot: u32) -> Result<Block, LogError> {
        let missing = || LogError::damaged("not all parts of a block are there", format!("in slot {slot}"));
        let value = self.value(LOG, slot)?;
        let begin = part(&value)?.filter(|part| part.index == 0).ok_or_else(missing)?;
        let mut bytes = begin.bytes.to_vec();
        for index in 1..begin.count {
            let value = self.value(LOG, slot + u32::from(index))?;
            let part = part(&value)?.ok_or_else(missing)?;
            if (part.first, part.index, part.count) != (begin.first, index, begin.count) {
                return Err(missing());
            }
            bytes.extend_from_slice(part.bytes);
        }
        let block = Block::parse(begin.first, bytes)?;
        *self.hint.lock().unwrap_or_else(PoisonError::into_inner) =
            (block.last() + 1, slot + u32::from(begin.count));
        Ok(block)
    }

    /// Puts blocks in the place of all from a position on, as one. `sync` makes durable what was written.
    pub(crate) fn put(
        &self,
        from: Position,
        new: &[Block],
        sync: &dyn Fn() -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        let mut known = self.known();
        let mut batch = sled::Batch::default();
        let stays = known.tail.partition_point(|(block, _)| block.first() < from);
        for slot in known.tail.split_off(stays).into_iter().flat_map(|(_, slots)| slots) {
            batch.insert(&key(TAIL, slot), &[][..]);
        }
        // An append cuts nothing off, and need not look.
        let was_end = known.end;
        if from < Position::MAX && known.end > 0 {
            let begins = match from.checked_sub(1).filter(|before| *before > 0) {
                Some(before) => match self.slot_at(before, known.end)? {
                    Some(slot) => {
                        let value = self.value(LOG, slot)?;
                        slot + part(&value)?.map_or(0, |part| u32::from(part.count))
                    }
                    None => 0,
                },
                None => 0,
            };
            known.end = known.end.min(begins);
        }
        let values: Vec<Vec<Vec<u8>>> = new.iter().map(values).collect();
        let needed: usize = values.iter().map(Vec::len).sum();
        let free: Vec<u32> = known.free().collect();
        let small = new.iter().all(is_small) && known.tail.len() + new.len() <= SMALL_BLOCKS_MAX;
        if small && needed <= free.len() {
            let mut free = free.into_iter();
            for (block, values) in new.iter().zip(values) {
                let slots: Vec<u32> = free.by_ref().take(values.len()).collect();
                for (slot, value) in slots.iter().zip(values) {
                    batch.insert(&key(TAIL, *slot), value);
                }
                known.tail.push((block.clone(), slots));
            }
        } else {
            self.put_in_log(&mut known, &mut batch, values, sync)?;
        }
        for slot in known.end..was_end {
            batch.insert(&key(LOG, slot), &[][..]);
        }
        guarded(|| "writing blocks".to_owned(), || self.tree.apply_batch(batch))?;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(())
    }

    /// The blocks of the tail and then these go to the end of the log.
    fn put_in_log(
        &self,
        known: &mut Known,
        batch: &mut sled::Batch,
        new: Vec<Vec<Vec<u8>>>,
        sync: &dyn Fn() -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        let tail = std::mem::take(&mut known.tail);
        for slot in tail.iter().flat_map(|(_, slots)| slots) {
            batch.insert(&key(TAIL, *slot), &[][..]);
        }
        let all = tail.iter().map(|(block, _)| values(block)).chain(new);
        for value in all.flatten() {
            while self.add_keys(known, known.end + 1)? {
                sync()?;
            }
            batch.insert(&key(LOG, known.end), value);
            known.end += 1;
        }
        Ok(())
    }
}

impl Known {
    /// The slots of the tail that hold nothing.
    fn free(&self) -> impl Iterator<Item = u32> + '_ {
        let used = |slot: &u32| self.tail.iter().any(|(_, slots)| slots.contains(slot));
        (0..TAIL_SLOTS).filter(move |slot| !used(slot))
    }
}

fn adding() -> String {
    "adding slots to the store".to_owned()
}
