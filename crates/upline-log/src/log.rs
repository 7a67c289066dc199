//! What a log is, whatever engine keeps it.

use crate::block::Block;
use crate::decoder::Decoder;
use crate::encoder::Sealed;
use crate::error::LogError;
use crate::examine::{Verified, examine};
use crate::tip::Tip;
use crate::tree::Root;
use std::sync::Arc;
use upline_core::event::{Batch, Position};
use upline_core::time::Moment;

/// Blocks in order, up to where the log ended when they were asked for.
///
/// The first may begin before the position that is asked for. Where an engine repacks blocks while they are
/// read, one may also begin within the one before, and the last may end behind the log of then: go by
/// positions, as [`EventLog::read`] does.
pub type Blocks = Box<dyn Iterator<Item = Result<Block, LogError>> + Send>;

/// An immutable log of events.
///
/// Implementations are held to one conformance suite (`tests/conformance.rs`).
pub trait EventLog: Send + Sync {
    /// Where the log ends: its last position, the last `recorded_at` and the tree over all events.
    fn tip(&self) -> &Tip;

    /// Appends events. They are durable when this returns, all of them or, where it fails, none; only of an
    /// append of many blocks a failure may leave the first ones, whole and in order.
    ///
    /// Returns the position of the last event. Refused unless the log ends at `after` and `recorded_at` does
    /// not decrease.
    fn append(&mut self, after: Position, batch: &Batch) -> Result<Position, LogError>;

    /// Appends blocks that were encoded elsewhere, after this log's tip. As [`EventLog::append`] otherwise.
    fn append_blocks(&mut self, after: Position, blocks: Vec<Sealed>) -> Result<Position, LogError>;

    /// As [`EventLog::append_blocks`], for who makes a log anew out of the blocks of another, some at a time: they may
    /// end within what belongs together. Of use once the last have come.
    fn rebuild_blocks(&mut self, after: Position, blocks: Vec<Sealed>) -> Result<Position, LogError>;

    /// The blocks from the one on that holds this position. It may begin earlier. 0 and 1 ask for all.
    fn blocks(&self, from: Position) -> Blocks;

    /// The log as it is now, to be read while this one goes on. Cheap; it sees no later append, and takes none.
    fn reader(&self) -> LogReader;

    /// The position of the last event; 0 when there is none. Positions have no gaps.
    fn len(&self) -> Position {
        self.tip().position()
    }

    /// True without any event.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When the last event was recorded.
    fn last_recorded_at(&self) -> Option<Moment> {
        self.tip().recorded_at()
    }

    /// The head of the tree over all events.
    fn root(&self) -> Root {
        self.tip().root()
    }

    /// The block that holds a position.
    fn block_with(&self, position: Position) -> Result<Block, LogError> {
        let missing = || LogError::damaged("the block is missing", format!("at position {position}"));
        self.blocks(position).next().ok_or_else(missing)?
    }

    /// Where the log ended when this was its last position. Reads two blocks at the most.
    fn tip_at(&self, position: Position) -> Result<Tip, LogError> {
        if position >= self.len() {
            return Ok(self.tip().clone());
        }
        if position == 0 {
            return Ok(Tip::default());
        }
        let block = self.block_with(position)?;
        if block.last() == position {
            return Ok(block.tip().clone());
        }
        let mut tip = match block.first() {
            1 => Tip::default(),
            first => self.block_with(first - 1)?.tip().clone(),
        };
        Decoder::new()?.each(&block, |at, event, _, bytes| {
            if at <= position {
                tip.tree.push(bytes);
                tip.recorded_at = Some(event.recorded_at);
            }
            Ok(())
        })?;
        Ok(tip)
    }

    /// The bytes of an event: a leaf of the tree.
    fn leaf(&self, position: Position) -> Result<Vec<u8>, LogError> {
        let mut leaf = Vec::new();
        Decoder::new()?.each(&self.block_with(position)?, |at, _, _, bytes| {
            if at == position {
                leaf.extend_from_slice(bytes);
            }
            Ok(())
        })?;
        Ok(leaf)
    }

    /// The events from a position on, block by block, each with the position of its first event.
    fn read(&self, from: Position) -> Result<Batches, LogError> {
        Ok(Batches { blocks: self.blocks(from), next: from, through: self.len(), decoder: Decoder::new()? })
    }

    /// Recomputes everything that can be: checksums, order, gaps, every leaf and every block's tree. Calls
    /// `progress` with the position of the last event that was checked, block by block.
    fn verify(&self, progress: &mut dyn FnMut(Position)) -> Result<Verified, LogError> {
        let examined = examine(self, progress);
        examined.wrong.into_iter().next().map_or(Ok(examined.verified), |(_, error)| Err(error))
    }
}

/// A log as it was at a moment, for who reads while another appends. Clones share what they read.
#[derive(Clone)]
pub struct LogReader {
    tip: Tip,
    blocks: Arc<dyn Fn(Position) -> Blocks + Send + Sync>,
}

impl LogReader {
    /// The log that ends here, whose blocks from a position on are these.
    pub fn new(tip: Tip, blocks: impl Fn(Position) -> Blocks + Send + Sync + 'static) -> LogReader {
        LogReader { tip, blocks: Arc::new(blocks) }
    }
}

impl EventLog for LogReader {
    fn tip(&self) -> &Tip {
        &self.tip
    }

    fn append(&mut self, _: Position, _: &Batch) -> Result<Position, LogError> {
        Err(LogError::ReadOnly { dir: "a reader of a log".into() })
    }

    fn append_blocks(&mut self, _: Position, _: Vec<Sealed>) -> Result<Position, LogError> {
        Err(LogError::ReadOnly { dir: "a reader of a log".into() })
    }

    fn rebuild_blocks(&mut self, _: Position, _: Vec<Sealed>) -> Result<Position, LogError> {
        Err(LogError::ReadOnly { dir: "a reader of a log".into() })
    }

    fn blocks(&self, from: Position) -> Blocks {
        (self.blocks)(from)
    }

    fn reader(&self) -> LogReader {
        self.clone()
    }
}

/// Events block by block; see [`EventLog::read`].
pub struct Batches {
    blocks: Blocks,
    next: Position,
    through: Position,
    decoder: Decoder,
}

impl Batches {
    fn decode(&mut self, block: &Block) -> Result<(Position, Batch), LogError> {
        let first = self.next.max(block.first());
        let mut batch = Batch::default();
        self.decoder.decode_part(block, first..=self.through, &mut batch)?;
        self.next = block.last() + 1;
        Ok((first, batch))
    }
}

impl Iterator for Batches {
    type Item = Result<(Position, Batch), LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.blocks.next()?;
        Some(block.and_then(|block| self.decode(&block)))
    }
}

/// Refuses blocks that do not follow a tip, each the one before.
pub(crate) fn check_follow(tip: &Tip, after: Position, blocks: &[Sealed]) -> Result<(), LogError> {
    check_position(tip, after)?;
    let mut tip = tip;
    for sealed in blocks {
        if sealed.before() != tip {
            check_position(tip, sealed.before().position())?;
            return Err(LogError::OtherHistory { position: tip.position() });
        }
        tip = sealed.after();
    }
    Ok(())
}

/// Refuses blocks that end within what belongs together.
pub(crate) fn check_complete(after: Position, blocks: &[Sealed]) -> Result<(), LogError> {
    if blocks.last().is_some_and(|last| !last.block().is_complete()) {
        return Err(LogError::Incomplete { position: after });
    }
    Ok(())
}

/// Refuses an append that expects the log to end elsewhere.
pub(crate) fn check_position(tip: &Tip, after: Position) -> Result<(), LogError> {
    if after == tip.position() {
        return Ok(());
    }
    Err(LogError::WrongPosition { expected: after, actual: tip.position() })
}
