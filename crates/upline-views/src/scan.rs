//! Reading a log from its beginning, in order.

use rayon::prelude::*;
use std::sync::mpsc::{SyncSender, sync_channel};
use upline_core::event::{Batch, Event, Position};
use upline_core::names::PolicyId;
use upline_core::posting::Posting;
use upline_core::register::{Register, Unknown};
use upline_log::{Block, Blocks, Decoder, EventLog, LogError};

/// How many blocks are decoded at once.
const BLOCKS_AT_ONCE: usize = 16;

/// How many such groups may wait to be folded; bounds the memory of a scan.
const GROUPS_AHEAD_MAX: usize = 2;

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

/// Feeds every event up to a position to a fold, and returns the register of what was introduced. Blocks are
/// decoded on all cores while those before them are folded.
pub fn scan(log: &dyn EventLog, through: Position, fold: &mut dyn Fold) -> Result<Register, ScanError> {
    let mut register = Register::default();
    let mut next = 1;
    let blocks = log.blocks(1);
    std::thread::scope(|scope| {
        let (decoded, groups) = sync_channel(GROUPS_AHEAD_MAX);
        // Ends with the blocks, with an error, or with who reads them.
        scope.spawn(move || decode_ahead(blocks, through, &decoded));
        for group in groups {
            for (first, batch) in group? {
                // A block may begin within the one before, where the log was repacked meanwhile.
                let events = (first..=through).zip(batch.iter()).filter(|(position, _)| *position >= next);
                for (position, (event, postings)) in events {
                    register.absorb(position, event.on, &event.body)?;
                    fold.absorb(&register, position, event, register.policy_of(&event.body), postings);
                }
                next = next.max(first + batch.len() as Position);
            }
        }
        Ok(register)
    })
}

/// Some blocks, decoded, each with its first position.
type Group = Result<Vec<(Position, Batch)>, LogError>;

fn decode_ahead(mut blocks: Blocks, through: Position, decoded: &SyncSender<Group>) {
    loop {
        let wanted = |block: &Result<Block, LogError>| block.as_ref().map_or(true, |b| b.first() <= through);
        let some: Result<Vec<Block>, LogError> =
            blocks.by_ref().take(BLOCKS_AT_ONCE).take_while(wanted).collect();
        let group = some.and_then(|some| some.par_iter().map(decode).collect());
        let is_last = group.as_ref().map_or(true, Vec::is_empty);
        if decoded.send(group).is_err() || is_last {
            return;
        }
    }
}

fn decode(block: &Block) -> Result<(Position, Batch), LogError> {
    Ok((block.first(), Decoder::new()?.decode(block)?))
}
