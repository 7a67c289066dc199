//! A file of blocks, one frame after the other.
//!
//! # Shape
//! 16 bytes say what the file is. Then frames:
//!
//! | offset | bytes | |
//! |---|---|---|
//! | 0 | 8 | position of the block's first event |
//! | 8 | 8 | position of its last |
//! | 16 | 4 | length of the block |
//! | 20 | 4 | CRC-32 of the 20 bytes before |
//! | 24 | | the block |
//!
//! Integers are little endian. Every byte of the file stands under a checksum or is compared.
//!
//! # Correctness
//! [`BlockFile::scan`] reads frames, not blocks, so that a large file opens fast: what a block holds is
//! checked when it is read. Where frames end for whatever reason, the file's blocks end; whoever opens the
//! file knows how far they must reach.

use crate::block::{BLOCK_BYTES_MAX, Block, FORMAT};
use crate::disk::DiskFile;
use crate::error::LogError;
use std::io;
use std::path::{Path, PathBuf};
use upline_core::event::Position;

/// What the file of full blocks begins with.
pub(crate) const LOG_MAGIC: [u8; MAGIC_BYTES] = *b"UPLINE  LOG  01\n";

/// What the file of the last, small blocks begins with.
pub(crate) const TAIL_MAGIC: [u8; MAGIC_BYTES] = *b"UPLINE  TAIL 01\n";

pub(crate) const MAGIC_BYTES: usize = 16;

/// Where two digits say the version of the format.
const VERSION_AT: usize = MAGIC_BYTES - 3;

/// What stands in front of a block.
pub(crate) const FRAME_BYTES: usize = 24;

/// So much is read at once when frames are looked for.
const SEARCH_BYTES: usize = 1 << 20;

/// How many bytes of blocks are written at once.
const WRITE_BYTES: usize = 1024 * 1024;

/// Where a block lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) first: Position,
    pub(crate) last: Position,
    /// Where the block begins, behind its frame.
    pub(crate) offset: u64,
    pub(crate) bytes: u32,
}

impl Place {
    /// Where what follows it begins.
    pub(crate) fn end(&self) -> u64 {
        self.offset + u64::from(self.bytes)
    }

    /// The place that a frame names. `None` when these bytes are no frame.
    pub(crate) fn of_frame(frame: &[u8; FRAME_BYTES], at: u64) -> Option<Place> {
        let (fields, crc) = frame.split_last_chunk::<4>()?;
        let (first, rest) = fields.split_first_chunk::<8>()?;
        let (last, rest) = rest.split_first_chunk::<8>()?;
        let (bytes, _) = rest.split_first_chunk::<4>()?;
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        let bytes = u32::from_le_bytes(*bytes);
        let sound = u32::from_le_bytes(*crc) == crc32fast::hash(fields)
            && (1..=last).contains(&first)
            // So that there is a next one.
            && last < Position::MAX
            && (1..=BLOCK_BYTES_MAX).contains(&(bytes as usize));
        sound.then_some(Place { first, last, offset: at + FRAME_BYTES as u64, bytes })
    }
}

/// Why the frames of a file end where they do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// The first byte behind the last frame that counts.
    pub(crate) offset: u64,
    /// How many bytes follow there that are no frame.
    pub(crate) bytes_left: u64,
}

#[derive(Debug)]
pub(crate) struct BlockFile {
    file: Box<dyn DiskFile>,
    path: PathBuf,
}

impl BlockFile {
    /// A new file, that holds only what it is. Not durable.
    pub(crate) fn create(
        file: Box<dyn DiskFile>,
        path: &Path,
        magic: [u8; MAGIC_BYTES],
    ) -> Result<BlockFile, LogError> {
        let created = BlockFile { file, path: path.to_owned() };
        created.write(&magic, 0)?;
        Ok(created)
    }

    /// A file that is there, when it begins as it should.
    pub(crate) fn open(
        file: Box<dyn DiskFile>,
        path: &Path,
        magic: [u8; MAGIC_BYTES],
    ) -> Result<BlockFile, LogError> {
        let opened = BlockFile { file, path: path.to_owned() };
        let mut found = [0; MAGIC_BYTES];
        let length = opened.bytes()?.min(MAGIC_BYTES as u64);
        let (begin, _) = found.split_at_mut(length as usize);
        opened.read_into(begin, 0)?;
        if found == magic {
            return Ok(opened);
        }
        if let Some(newer) = version(&found, &magic).filter(|version| *version > u32::from(FORMAT)) {
            let what = path.display().to_string();
            return Err(LogError::NewerFormat { what, found: newer, known: u32::from(FORMAT) });
        }
        Err(LogError::damaged("it does not begin as such a file does", format!("in {}", path.display())))
    }

    /// A file that may be anything.
    pub(crate) fn found(file: Box<dyn DiskFile>, path: &Path) -> BlockFile {
        BlockFile { file, path: path.to_owned() }
    }

    /// The places of all frames, whatever lies between them. Reads the whole file, for a file that is damaged.
    pub(crate) fn places_anywhere(&self) -> Result<Vec<Place>, LogError> {
        let length = self.bytes()?;
        let mut places = Vec::new();
        let mut offset = MAGIC_BYTES as u64;
        while offset + FRAME_BYTES as u64 <= length {
            let mut frame = [0; FRAME_BYTES];
            self.read_into(&mut frame, offset)?;
            let here = Place::of_frame(&frame, offset).filter(|place| place.end() <= length);
            if let Some(place) = here.filter(|place| self.block(place).is_ok()) {
                places.push(place);
                offset = place.end();
                continue;
            }
            let bytes = (length - offset).min(SEARCH_BYTES as u64);
            let mut window = vec![0; bytes as usize];
            self.read_into(&mut window, offset)?;
            let frames = (offset..).zip(window.windows(FRAME_BYTES)).filter_map(|(at, bytes)| {
                let frame = <&[u8; FRAME_BYTES]>::try_from(bytes).ok()?;
                Place::of_frame(frame, at).filter(|place| place.end() <= length)
            });
            offset = match { frames }.next() {
                Some(place) => {
                    places.push(place);
                    // A frame may lie about its length: the next is looked for right behind its own header.
                    if self.block(&place).is_ok() { place.end() } else { place.offset }
                }
                // Frames may begin at the end of one window and end in the next.
                None => offset + bytes - FRAME_BYTES as u64 + 1,
            };
        }
        Ok(places)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The places of the blocks that follow each other from the beginning of the file, and where they end.
    pub(crate) fn scan(&self) -> Result<(Vec<Place>, End), LogError> {
        let length = self.bytes()?;
        let mut places: Vec<Place> = Vec::new();
        let mut offset = MAGIC_BYTES as u64;
        while offset + FRAME_BYTES as u64 <= length {
            let mut frame = [0; FRAME_BYTES];
            self.read_into(&mut frame, offset)?;
            let effects = |place: &Place| {
                place.end() <= length && places.last().is_none_or(|before| before.last + 1 == place.first)
            };
            let Some(place) = Place::of_frame(&frame, offset).filter(effects) else { break };
            offset = place.end();
            places.push(place);
        }
        Ok((places, End { offset, bytes_left: length.saturating_sub(offset) }))
    }

    /// The block of a place, when it is sound and what its frame says.
    pub(crate) fn block(&self, place: &Place) -> Result<Block, LogError> {
        let mut bytes = vec![0; place.bytes as usize];
        self.read_into(&mut bytes, place.offset)?;
        let block = Block::parse(place.first, bytes)?;
        if block.last() != place.last {
            let what = "it does not hold the events that its frame says";
            return Err(LogError::damaged(what, format!("in the block at position {}", place.first)));
        }
        Ok(block)
    }

    /// Writes blocks from an offset on, and says where they lie. Not durable before [`BlockFile::sync`].
    pub(crate) fn write_blocks(&self, blocks: &[Block], offset: u64) -> Result<Vec<Place>, LogError> {
        let mut places = Vec::with_capacity(blocks.len());
        let (mut bytes, mut offset) = (Vec::new(), offset);
        for block in blocks {
            if bytes.len() >= WRITE_BYTES {
                self.write(&bytes, offset)?;
                offset += bytes.len() as u64;
                bytes.clear();
            }
            let at = offset + bytes.len() as u64;
            push_frame(&mut bytes, block);
            places.push(Place {
                first: block.first(),
                last: block.last(),
                offset: at + FRAME_BYTES as u64,
                bytes: block.bytes().len() as u32,
            });
        }
        self.write(&bytes, offset)?;
        Ok(places)
    }

    /// Makes durable what was written.
    pub(crate) fn sync(&self) -> Result<(), LogError> {
        self.file.sync().map_err(LogError::io(format!("syncing {}", self.path.display())))
    }

    /// Cuts what stands from an offset on.
    pub(crate) fn cut(&self, offset: u64) -> Result<(), LogError> {
        self.file.set_bytes(offset).map_err(LogError::io(format!("cutting {}", self.path.display())))
    }

    fn bytes(&self) -> Result<u64, LogError> {
        self.file.bytes().map_err(self.reading())
    }

    fn read_into(&self, buffer: &mut [u8], offset: u64) -> Result<(), LogError> {
        match self.file.read_at(buffer, offset) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let place = format!("at byte {offset} of {}", self.path.display());
                Err(LogError::damaged("the file ends too early", place))
            }
            other => other.map_err(self.reading()),
        }
    }

    fn write(&self, bytes: &[u8], offset: u64) -> Result<(), LogError> {
        let doing = || format!("writing {} bytes to {}", bytes.len(), self.path.display());
        self.file.write_at(bytes, offset).map_err(|source| LogError::Io { doing: doing(), source })
    }

    fn reading(&self) -> impl FnOnce(io::Error) -> LogError {
        LogError::io(format!("reading {}", self.path.display()))
    }
}

/// The version that a file's beginning says, when it is that of such a file in all else.
fn version(found: &[u8; MAGIC_BYTES], magic: &[u8; MAGIC_BYTES]) -> Option<u32> {
    let digits = std::str::from_utf8(found.get(VERSION_AT..MAGIC_BYTES - 1)?).ok()?;
    let same = found.get(..VERSION_AT) == magic.get(..VERSION_AT) && found.last() == magic.last();
    digits.parse().ok().filter(|_| same)
}

/// Appends a block behind its frame.
pub(crate) fn push_frame(bytes: &mut Vec<u8>, block: &Block) {
    let start = bytes.len();
    bytes.extend_from_slice(&block.first().to_le_bytes());
    bytes.extend_from_slice(&block.last().to_le_bytes());
    bytes.extend_from_slice(&(block.bytes().len() as u32).to_le_bytes());
    let crc = crc32fast::hash(bytes.get(start..).unwrap_or_default());
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes.extend_from_slice(block.bytes());
}
