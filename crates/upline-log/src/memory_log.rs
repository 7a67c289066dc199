//! A log in memory, for tests and for what need not last.

use crate::block::Block;
use crate::encoder::{Encoder, Sealed};
use crate::error::LogError;
use crate::log::{Blocks, EventLog, LogReader, check_complete, check_follow, check_position};
use crate::tip::Tip;
use upline_core::event::{Batch, Position};

/// A log that is gone when it is dropped.
pub struct MemoryLog {
    blocks: Vec<Block>,
    tip: Tip,
    encoder: Encoder,
}

impl MemoryLog {
    /// An empty log.
    pub fn new() -> Result<MemoryLog, LogError> {
        let tip = Tip::default();
        Ok(MemoryLog { blocks: Vec::new(), encoder: Encoder::after(&tip)?, tip })
    }
}

impl EventLog for MemoryLog {
    fn tip(&self) -> &Tip {
        &self.tip
    }

    fn append(&mut self, after: Position, batch: &Batch) -> Result<Position, LogError> {
        check_position(&self.tip, after)?;
        self.encoder.restart(&self.tip);
        self.encoder.push_batch(batch)?;
        let blocks = self.encoder.finish()?;
        self.append_blocks(after, blocks)
    }

    fn append_blocks(&mut self, after: Position, blocks: Vec<Sealed>) -> Result<Position, LogError> {
        check_complete(after, &blocks)?;
        self.rebuild_blocks(after, blocks)
    }

    fn rebuild_blocks(&mut self, after: Position, blocks: Vec<Sealed>) -> Result<Position, LogError> {
        check_follow(&self.tip, after, &blocks)?;
        self.blocks.extend(blocks.into_iter().map(Sealed::into_block));
        if let Some(last) = self.blocks.last() {
            self.tip.clone_from(last.tip());
        }
        Ok(self.tip.position())
    }

    fn blocks(&self, from: Position) -> Blocks {
        blocks_from(&self.blocks, from)
    }

    fn reader(&self) -> LogReader {
        let blocks = self.blocks.clone();
        LogReader::new(self.tip.clone(), move |from| blocks_from(&blocks, from))
    }
}

fn blocks_from(blocks: &[Block], from: Position) -> Blocks {
    let start = blocks.partition_point(|block| block.last() < from);
    let blocks = blocks.get(start..).unwrap_or_default().to_vec();
    Box::new(blocks.into_iter().map(Ok))
}
