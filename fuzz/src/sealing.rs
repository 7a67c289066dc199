//! Envelopes and checksums around bytes that nobody sealed, as docs/log-format.md says: so that what an
//! input says gets behind them.

use crate::{Input, push_piece};
use upline_log::{Block, Root, Tree};

/// What stands in a block in front of the peaks.
pub const ENVELOPE_BYTES: usize = 28;

const HASH_BYTES: usize = 32;
const MAGIC: &[u8] = b"UPLB";
const CHECKED_FROM: usize = 8;
const FILE_BYTES: usize = 16;
const FRAME_BYTES: usize = 24;
const ACKNOWLEDGED_SAID_BYTES: usize = 85;

/// What an envelope says of a payload.
pub struct Envelope {
    /// The position of the first event.
    pub first: u64,
    /// How many events.
    pub count: u32,
    /// 0 as it is, 1 zstd.
    pub codec: u8,
    /// The length of the payload, unpacked.
    pub raw_bytes: u32,
    /// When the last event was recorded.
    pub recorded_at: i64,
}

impl Envelope {
    /// The block. Its tree is one of zeros: who verifies will notice, who decodes need not.
    pub fn around(&self, payload: &[u8]) -> Vec<u8> {
        let last = self.first.saturating_add(u64::from(self.count)).saturating_sub(1);
        let mut block = [MAGIC, &[0; 4], &[1, self.codec, 0, 0]].concat();
        block.extend_from_slice(&self.count.to_le_bytes());
        block.extend_from_slice(&self.raw_bytes.to_le_bytes());
        block.extend_from_slice(&self.recorded_at.to_le_bytes());
        block.resize(ENVELOPE_BYTES + HASH_BYTES * last.count_ones() as usize, 0);
        block.extend_from_slice(payload);
        seal(self.first, &mut block);
        block
    }
}

/// Gives a block its magic and its checksum.
pub fn seal(first: u64, block: &mut [u8]) {
    let Some((begin, checked)) = block.split_at_mut_checked(CHECKED_FROM) else { return };
    let mut crc = crc32fast::Hasher::new();
    crc.update(&first.to_be_bytes());
    crc.update(checked);
    let (magic, sum) = begin.split_at_mut(MAGIC.len());
    magic.copy_from_slice(MAGIC);
    sum.copy_from_slice(&crc.finalize().to_le_bytes());
}

/// Gives the frames and the blocks of a file their checksums, as far as the frames follow each other.
pub fn seal_file(file: &mut [u8]) {
    let mut rest = file.get_mut(FILE_BYTES..).unwrap_or_default();
    while rest.len() > FRAME_BYTES {
        let (frame, behind) = rest.split_at_mut(FRAME_BYTES);
        let mut fields = Input::new(frame);
        let (first, _, bytes) = (fields.u64(), fields.u64(), fields.u32() as usize);
        let (fields, crc) = frame.split_at_mut(FRAME_BYTES - 4);
        crc.copy_from_slice(&crc32fast::hash(fields).to_le_bytes());
        let (block, next) = behind.split_at_mut(bytes.min(behind.len()));
        seal(first, block);
        rest = next;
    }
}

/// Gives what was acknowledged its checksum.
pub fn seal_acknowledged(line: &mut Vec<u8>) {
    line.truncate(ACKNOWLEDGED_SAID_BYTES);
    let crc = crc32fast::hash(line);
    line.extend_from_slice(format!(" {crc:08x}\n").as_bytes());
}

/// What would be acknowledged of a log that ends with the last block of the first of these files
/// that has one.
pub fn acknowledged(files: &[&[u8]]) -> Vec<u8> {
    let last = files.iter().find_map(|file| blocks(file).last().map(|block| (block.last(), block.root())));
    let (position, root) = last.unwrap_or((0, Tree::default().root()));
    acknowledged_at(position, &root)
}

/// What is acknowledged of a log that ends here.
pub fn acknowledged_at(position: u64, root: &Root) -> Vec<u8> {
    let mut line = format!("{position:020} {root}").into_bytes();
    seal_acknowledged(&mut line);
    line
}

/// The sound blocks of a file.
pub fn blocks(file: &[u8]) -> impl Iterator<Item = Block> {
    let mut rest = Input::new(file.get(FILE_BYTES..).unwrap_or_default());
    std::iter::from_fn(move || {
        let (first, _, bytes, _) = (rest.u64(), rest.u64(), rest.u32() as usize, rest.u32());
        Block::parse(first, rest.bytes(bytes)).ok()
    })
}

/// The bits of a name in a packed directory; see [`pack`].
pub mod packed {
    /// Which of [`super::NAMES`].
    pub const NAME: u8 = 0x07;
    /// What was acknowledged is what the blocks come to.
    pub const AS_IT_ENDS: u8 = 0x40;
    /// The checksums are made to hold.
    pub const SEALED: u8 = 0x80;
}

/// The files of a directory that a packed one may have.
pub const NAMES: [&str; 6] = ["log", "tail", "acknowledged", "directory.jsonl", "tail.new", "lock"];

/// Packs the files of a directory: of each a byte of [`packed`], its length in two bytes, and it.
pub fn pack(files: &[(u8, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in files {
        out.push(*name);
        push_piece(&mut out, content);
    }
    out
}

/// Unpacks a directory: of each name at most one file, the last.
pub fn unpack(bytes: &[u8]) -> [Option<Vec<u8>>; NAMES.len()] {
    let mut files: [Option<Vec<u8>>; NAMES.len()] = Default::default();
    let mut as_it_ends = false;
    let mut input = Input::new(bytes);
    while !input.is_empty() {
        let name = input.u8();
        let mut content = input.piece().to_vec();
        let index = usize::from(name & packed::NAME);
        let Some(place) = files.get_mut(index) else { continue };
        if name & packed::SEALED != 0 {
            match index {
                0 | 1 => seal_file(&mut content),
                2 => seal_acknowledged(&mut content),
                _ => {}
            }
        }
        as_it_ends |= index == 2 && name & packed::AS_IT_ENDS != 0;
        *place = Some(content);
    }
    if as_it_ends {
        let [log, tail, ..] = &files;
        let line = acknowledged(&[tail.as_deref().unwrap_or_default(), log.as_deref().unwrap_or_default()]);
        files[2] = Some(line);
    }
    files
}
