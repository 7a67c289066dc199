//! Reading a log from its beginning, in order.

use rayon::prelude::*;
use upline_core::event::{Batch, Event, Position};
use upline_core::names::PolicyId;
use upline_core::posting::Posting;
use upline_core::register::{Register, Unknown};
use upline_log::{Block, Decoder, EventLog, LogError};

/// How many blocks are decoded at once; bounds the memory of a scan.
const BLOCKS_AT_ONCE: usize = 16;

/// Something that is built event by event.
pub trait Fold {
    /// Takes an event in. `policy` is the one that it concerns; the register has absorbed the event.
    fn absorb(
        &mut self,
        register: &Register,
        position: Position,
        event: &Event,
        policy: Option<PolicyId>,
        postings: &[Posting],
    );
}

/// Why a scan stopped.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// An event names something that was never added.
    #[error(transparent)]
    Unknown(#[from] Unknown),
}

/// Feeds every event up to a position to a fold, and returns the register of what was introduced.
pub fn scan(log: &dyn EventLog, through: Position, fold: &mut dyn Fold) -> Result<Register, ScanError> {
    let mut register = Register::default();
    let mut blocks = log.blocks(1);
    let mut some: Vec<Block> = Vec::with_capacity(BLOCKS_AT_ONCE);
    loop {
        some.clear();
        for block in blocks.by_ref().take(BLOCKS_AT_ONCE) {
            let block = block?;
            if block.first() > through {
                break;
            }
            some.push(block);
        }
        if some.is_empty() {
            return Ok(register);
        }
        let decoded: Vec<Result<(Position, Batch), LogError>> = some.par_iter().map(decode).collect();
        for batch in decoded {
            let (first, batch) = batch?;
            for (position, (event, postings)) in (first..=through).zip(batch.iter()) {
                register.absorb(position, event.on, &event.body)?;
                fold.absorb(&register, position, event, register.policy_of(&event.body), postings);
            }
        }
    }
}

fn decode(block: &Block) -> Result<(Position, Batch), LogError> {
    Ok((block.first(), Decoder::new()?.decode(block)?))
}
