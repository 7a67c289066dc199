//! A block: events that follow each other, compressed, in an envelope that can be checked.
//!
//! # Shape
//! | offset | bytes | |
//! |---|---|---|
//! | 0 | 4 | `UPLB` |
//! | 4 | 4 | CRC-32 of the first position (8 bytes, big endian) and of everything from offset 8 on |
//! | 8 | 1 | format |
//! | 9 | 1 | codec of the payload: 0 as it is, 1 zstd |
//! | 10 | 1 | 1 when the next block goes on with what the last fact caused, else 0 |
//! | 11 | 1 | 0 |
//! | 12 | 4 | how many events |
//! | 16 | 4 | length of the payload, unpacked |
//! | 20 | 8 | when the last event was recorded |
//! | 28 | 32·k | the tree's peaks after the last event; k: the ones in the binary last position |
//! | 28+32·k | | payload |
//!
//! Integers are little endian. The root is not stored: it follows from the peaks, and with them a log can be
//! appended to, and any block be verified, knowing nothing but the block in front.
//!
//! # Correctness
//! A [`Block`] exists only when its checksum holds and its numbers are within their limits.

use crate::decoder::Decoder;
use crate::error::LogError;
use crate::tip::Tip;
use crate::tree::{HASH_BYTES, Hash, Root, Tree};
use std::fmt;
use std::sync::Arc;
use upline_core::event::{Batch, Position};
use upline_core::time::Moment;

/// The version of the format that is written here.
pub const FORMAT: u8 = 1;

/// The largest block as stored. A store that is asked for more may keep it in places that are never synced.
pub const BLOCK_BYTES_MAX: usize = 64 * 1024;

/// The largest payload, unpacked: the bound of what a damaged or hostile block can make a reader allocate.
pub const RAW_BYTES_MAX: usize = 1024 * 1024;

const MAGIC: [u8; 4] = *b"UPLB";
const CHECKED_FROM: usize = 8;
const ENVELOPE_BYTES_FIXED: usize = 28;

/// What an envelope takes that ends at a position.
pub(crate) fn envelope_bytes(last: Position) -> usize {
    ENVELOPE_BYTES_FIXED + HASH_BYTES * last.count_ones() as usize
}

/// How a payload is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    Plain,
    Zstd,
}

impl Codec {
    fn number(self) -> u8 {
        match self {
            Codec::Plain => 0,
            Codec::Zstd => 1,
        }
    }
}

/// A block as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    first: Position,
    count: u32,
    codec: Codec,
    raw_bytes: usize,
    complete: bool,
    after: Tip,
    bytes: Arc<[u8]>,
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({}..={}, {} bytes)", self.first, self.last(), self.bytes.len())
    }
}

impl Block {
    /// A block of a packed payload. `after` is the tip after its last event.
    pub(crate) fn seal(
        count: u32,
        codec: Codec,
        raw_bytes: usize,
        complete: bool,
        after: &Tip,
        payload: &[u8],
    ) -> Block {
        let first = after.position().saturating_sub(u64::from(count)) + 1;
        let mut bytes = Vec::with_capacity(envelope_bytes(after.position()) + payload.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&[FORMAT, codec.number(), u8::from(!complete), 0]);
        bytes.extend_from_slice(&count.to_le_bytes());
        bytes.extend_from_slice(&u32::try_from(raw_bytes).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(&after.recorded_at.map_or(0, |moment| moment.0).to_le_bytes());
        after.tree.peaks().iter().for_each(|peak| bytes.extend_from_slice(peak));
        bytes.extend_from_slice(payload);
        let crc = checksum(first, &bytes);
        if let Some(place) = bytes.get_mut(MAGIC.len()..CHECKED_FROM) {
            place.copy_from_slice(&crc.to_le_bytes());
        }
        Block { first, count, codec, raw_bytes, complete, after: after.clone(), bytes: bytes.into() }
    }

    /// The block of stored bytes, when they are sound.
    pub fn parse(first: Position, bytes: impl Into<Arc<[u8]>>) -> Result<Block, LogError> {
        let bytes = bytes.into();
        let damaged = |what: &str| LogError::damaged(what, format!("in the block at position {first}"));
        let mut rest: &[u8] = &bytes;
        if take(&mut rest) != Some(MAGIC) {
            return Err(damaged("it does not begin like a block"));
        }
        let ends = || damaged("it ends too early");
        if u32::from_le_bytes(take(&mut rest).ok_or_else(ends)?) != checksum(first, &bytes) {
            return Err(damaged("its checksum does not hold"));
        }
        let [format, codec, goes_on, zero] = take::<4>(&mut rest).ok_or_else(ends)?;
        if format > FORMAT {
            let what = format!("the block at position {first}");
            return Err(LogError::NewerFormat { what, found: u32::from(format), known: u32::from(FORMAT) });
        }
        let codec = match codec {
            0 => Codec::Plain,
            1 => Codec::Zstd,
            _ => return Err(damaged("its codec is unknown")),
        };
        let count = u32::from_le_bytes(take(&mut rest).ok_or_else(ends)?);
        let raw_bytes = u32::from_le_bytes(take(&mut rest).ok_or_else(ends)?) as usize;
        let recorded_at = Moment(i64::from_le_bytes(take(&mut rest).ok_or_else(ends)?));
        let last = first.checked_add(u64::from(count)).and_then(|after| after.checked_sub(1));
        let last = last.filter(|_| first > 0 && count > 0).ok_or_else(|| damaged("it holds no events"))?;
        let fits = bytes.len() <= BLOCK_BYTES_MAX && raw_bytes <= RAW_BYTES_MAX;
        let peaks: Option<Vec<Hash>> = (0..last.count_ones()).map(|_| take(&mut rest)).collect();
        let tree = peaks.and_then(|peaks| Tree::of_peaks(last, peaks)).ok_or_else(ends)?;
        let plain_fits = codec != Codec::Plain || raw_bytes == rest.len();
        if format != FORMAT || goes_on > 1 || zero != 0 || !fits || !plain_fits {
            return Err(damaged("its envelope says what cannot be"));
        }
        Ok(Block {
            first,
            count,
            codec,
            raw_bytes,
            complete: goes_on == 0,
            after: Tip { tree, recorded_at: Some(recorded_at) },
            bytes,
        })
    }

    /// The position of its first event.
    pub fn first(&self) -> Position {
        self.first
    }

    /// The position of its last event.
    pub fn last(&self) -> Position {
        self.after.position()
    }

    /// How many events it holds; at least one.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether everything that its last fact caused is in it; else the next block goes on with that. A log
    /// never ends within what one fact caused.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// When its last event was recorded.
    pub fn recorded_at(&self) -> Option<Moment> {
        self.after.recorded_at
    }

    /// The head of the tree over all events up to its last.
    pub fn root(&self) -> Root {
        self.after.root()
    }

    /// The log's tip after its last event.
    pub fn tip(&self) -> &Tip {
        &self.after
    }

    /// The bytes as they are stored under the first position.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its events. Whoever decodes many blocks keeps a [`Decoder`].
    pub fn decode(&self) -> Result<Batch, LogError> {
        Decoder::new()?.decode(self)
    }

    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    pub(crate) fn raw_bytes(&self) -> usize {
        self.raw_bytes
    }

    pub(crate) fn payload(&self) -> &[u8] {
        self.bytes.get(envelope_bytes(self.last())..).unwrap_or_default()
    }
}

/// The checksum also covers the key, so that a block under another's key is noticed.
fn checksum(first: Position, bytes: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&first.to_be_bytes());
    crc.update(bytes.get(CHECKED_FROM..).unwrap_or_default());
    crc.finalize()
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}
