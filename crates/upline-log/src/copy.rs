//! The same log once more, in another engine.
//!
//! # Correctness
//! Every event's bytes are taken over as they are and hashed anew; the tip must be the other log's wherever one of its
//! blocks ends. What was written is read back, and its tips are the other log's wherever one of its own blocks ends.

use crate::decoder::Decoder;
use crate::encoder::Encoder;
use crate::error::LogError;
use crate::log::EventLog;
use upline_core::event::Position;

/// Blocks that share one sync.
const BLOCKS_A_SYNC: usize = 64;

/// Appends all events of one log to another, which is empty. `progress` hears of the position that is reached, twice
/// over: of writing, of reading back.
pub fn copy_log(
    from: &dyn EventLog,
    to: &mut dyn EventLog,
    progress: &mut dyn FnMut(Position),
) -> Result<(), LogError> {
    let (mut encoder, mut decoder) = (Encoder::after(to.tip())?, Decoder::new()?);
    for (count, block) in (1..).zip(from.blocks(1)) {
        let block = block?;
        decoder.each(&block, |_, event, _, bytes| encoder.push_bytes(bytes, &event))?;
        check(encoder.tip() == block.tip(), block.last())?;
        if count % BLOCKS_A_SYNC == 0 {
            to.append_blocks(to.len(), encoder.take_full())?;
        }
        progress(block.last());
    }
    to.append_blocks(to.len(), encoder.finish()?)?;
    for block in to.blocks(1) {
        let block = block?;
        check(from.tip_at(block.last())? == *block.tip(), block.last())?;
        progress(block.last());
    }
    check(from.tip() == to.tip(), from.len())
}

fn check(same: bool, position: Position) -> Result<(), LogError> {
    if same {
        return Ok(());
    }
    Err(LogError::damaged(
        "the copy has another root than what it is a copy of",
        format!("at position {position}"),
    ))
}
