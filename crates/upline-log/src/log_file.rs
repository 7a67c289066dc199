//! A log as the bytes of the files that hold it: for who writes it down whole, and reads it back.
//!
//! # Shape
//! Three files: [`LOG`] with every block, [`TAIL`] with none, [`ACKNOWLEDGED`] with where the log ends. Put into a
//! directory they are a log that [`crate::DiskLog`] opens. The same log makes the same bytes.

use crate::acknowledged;
use crate::block::{BLOCK_BYTES_MAX, Block};
use crate::block_file::{FRAME_BYTES, LOG_MAGIC, MAGIC_BYTES, Place, TAIL_MAGIC, push_frame};
use crate::disk_log;
use crate::encoder::Sealed;
use crate::error::LogError;
use crate::examine::{Verified, check};
use crate::log::EventLog;
use crate::tip::Tip;
use std::io::{self, Read};
use upline_core::event::Position;

/// The name of the file of blocks.
pub const LOG: &str = disk_log::LOG;

/// The name of the file of small blocks.
pub const TAIL: &str = disk_log::TAIL;

/// The name of the file that says how far the log was acknowledged.
pub const ACKNOWLEDGED: &str = acknowledged::FILE;

/// A tail without any block.
pub const EMPTY_TAIL: &[u8] = &TAIL_MAGIC;

/// How many blocks are read at once.
const BLOCKS_AT_ONCE: usize = 16;

/// What [`ACKNOWLEDGED`] says of a log that ends here.
pub fn acknowledged_line(tip: &Tip) -> String {
    acknowledged::line(tip)
}

/// The bytes of [`LOG`], read block by block.
pub struct LogFile<'a> {
    log: &'a dyn EventLog,
    /// The position of the next block.
    next: Position,
    bytes: Vec<u8>,
    /// How many of these bytes were read.
    read: usize,
    progress: &'a mut dyn FnMut(Position),
}

impl<'a> LogFile<'a> {
    /// The file of a log. `progress` hears of the position that is reached.
    pub fn of(log: &'a dyn EventLog, progress: &'a mut dyn FnMut(Position)) -> LogFile<'a> {
        LogFile { log, next: 1, bytes: LOG_MAGIC.to_vec(), read: 0, progress }
    }

    /// How long the file of a log is that was verified.
    pub fn bytes(verified: &Verified) -> u64 {
        MAGIC_BYTES as u64 + verified.blocks * FRAME_BYTES as u64 + verified.bytes_stored
    }
}

impl Read for LogFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.bytes.len() && self.next <= self.log.len() {
            self.bytes.clear();
            self.read = 0;
            for block in self.log.blocks(self.next).take(BLOCKS_AT_ONCE) {
                let block = block.map_err(io::Error::other)?;
                push_frame(&mut self.bytes, &block);
                self.next = block.last() + 1;
            }
            (self.progress)(self.next - 1);
        }
        let mut rest = self.bytes.get(self.read..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.read += count;
        Ok(count)
    }
}

/// Why the bytes of [`LOG`] could not be read back.
#[derive(Debug)]
pub enum LogFileError {
    /// They cannot be read.
    Io(io::Error),
    /// They are not the file of a whole log.
    NotWhole(String),
    /// A block of it is damaged.
    Log(LogError),
}

/// Reads the bytes of [`LOG`] back: hands over every block, checked against those in front, and returns where the log
/// ends. `bytes` is how long the file is.
pub fn read_log_file(
    input: &mut impl Read,
    bytes: u64,
    take: &mut dyn FnMut(Sealed) -> Result<(), LogError>,
) -> Result<Tip, LogFileError> {
    let mut magic = [0; MAGIC_BYTES];
    input.read_exact(&mut magic).map_err(LogFileError::Io)?;
    if magic != LOG_MAGIC {
        return Err(LogFileError::NotWhole("its log does not begin as a log of this format does".to_owned()));
    }
    let mut tip = Tip::default();
    let mut rest = bytes.saturating_sub(MAGIC_BYTES as u64);
    while rest > 0 {
        let block = read_block(input, rest, &tip)?;
        rest = rest.saturating_sub((FRAME_BYTES + block.bytes().len()) as u64);
        check(&tip, &block).map_err(|(_, error)| LogFileError::Log(error))?;
        let after = block.tip().clone();
        if rest == 0 && !block.is_complete() {
            return Err(LogFileError::NotWhole("its log ends within what one fact caused".to_owned()));
        }
        take(Sealed::known(block, tip)).map_err(LogFileError::Log)?;
        tip = after;
    }
    Ok(tip)
}

/// The next block of a log's file, of which so many bytes are left.
fn read_block(input: &mut impl Read, left: u64, before: &Tip) -> Result<Block, LogFileError> {
    let wrong =
        || LogFileError::NotWhole(format!("what follows event {} in it is no block", before.position()));
    let mut frame = [0; FRAME_BYTES];
    if left < FRAME_BYTES as u64 {
        return Err(wrong());
    }
    input.read_exact(&mut frame).map_err(LogFileError::Io)?;
    let place =
        Place::of_frame(&frame, 0).filter(|place| place.first == before.position() + 1).ok_or_else(wrong)?;
    let length = place.bytes as usize;
    if length > BLOCK_BYTES_MAX || FRAME_BYTES as u64 + u64::from(place.bytes) > left {
        return Err(wrong());
    }
    let mut bytes = vec![0; length];
    input.read_exact(&mut bytes).map_err(LogFileError::Io)?;
    let block = Block::parse(place.first, bytes).map_err(LogFileError::Log)?;
    if block.last() == place.last { Ok(block) } else { Err(wrong()) }
}
