//! Small blocks made into full ones.
//!
//! # Correctness
//! The events' bytes are taken over as they are, so no event, position or hash changes; the tip that comes
//! out must be the one that went in.

use crate::block::{BLOCK_BYTES_MAX, Block};
use crate::decoder::Decoder;
use crate::encoder::Encoder;
use crate::error::LogError;
use crate::tip::Tip;

/// So many small blocks may gather at the end of a log before they are repacked.
pub const SMALL_BLOCKS_MAX: usize = 64;

/// They are repacked sooner when they take more than this.
pub(crate) const SMALL_BLOCKS_BYTES_MAX: usize = BLOCK_BYTES_MAX;

/// A block is small below this.
const SMALL_BYTES: usize = BLOCK_BYTES_MAX / 2;

/// Whether a block would better be larger.
pub(crate) fn is_small(block: &Block) -> bool {
    block.bytes().len() < SMALL_BYTES
}

/// The events of blocks that follow a tip, in as few blocks as they need.
pub(crate) fn repacked(before: &Tip, blocks: &[Block]) -> Result<Vec<Block>, LogError> {
    // All of them or none count: a log that ends within them still has the small ones.
    let mut encoder = Encoder::of_transaction(before)?;
    let mut decoder = Decoder::new()?;
    for block in blocks {
        decoder.each(block, |_, event, _, bytes| encoder.push_bytes(bytes, &event))?;
        if encoder.tip() != block.tip() {
            let place = format!("in the block at position {}", block.first());
            return Err(LogError::damaged("its events do not hash to what its envelope says", place));
        }
    }
    Ok(encoder.finish()?.into_iter().map(|sealed| sealed.into_block()).collect())
}
