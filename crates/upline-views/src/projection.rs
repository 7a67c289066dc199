//! Reading a log from its beginning, in order.

use std::sync::mpsc::{SyncSender, sync_channel};
use upline_core::event::{Batch, Event, Position};
use upline_core::names::PolicyId;
use upline_core::posting::Posting;
use upline_core::reference_data::{ReferenceData, Unknown};
use upline_log::{Blocks, Decoder, EventLog, LogError};

/// How many decoded blocks may wait to be applied; bounds the memory of a scan.
const BLOCKS_AHEAD_MAX: usize = 32;

/// One event of the log, with what is known around it.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// What the log has introduced, with this event.
    pub reference: &'a ReferenceData,
    /// Where the event stands.
    pub position: Position,
    pub event: &'a Event,
    /// The policy that it concerns.
    pub policy: Option<PolicyId>,
    /// What it posted.
    pub postings: &'a [Posting],
}

/// A read model that is built event by event.
pub trait Projection {
    /// Takes the next event in.
    fn apply(&mut self, seen: &Seen<'_>);
}

/// What looks at events one by one, and keeps what it likes, needs no type of its own.
impl<F: FnMut(&Seen<'_>)> Projection for F {
    fn apply(&mut self, seen: &Seen<'_>) {
        self(seen);
    }
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

/// Feeds every event up to a position to a projection, and returns the reference data of what was introduced. Blocks
/// are decoded while those before them are applied, on a thread of its own: whoever scans waits for it, and would, as
/// a worker of a pool, wait for itself.
pub fn scan(
    log: &dyn EventLog,
    through: Position,
    projection: &mut dyn Projection,
) -> Result<ReferenceData, ScanError> {
    let mut reference = ReferenceData::default();
    let mut next = 1;
    let blocks = log.blocks(1);
    std::thread::scope(|scope| {
        let (decoded, batches) = sync_channel(BLOCKS_AHEAD_MAX);
        // Ends with the blocks, with an error, or with who reads them.
        scope.spawn(move || decode_ahead(blocks, through, &decoded));
        for batch in batches {
            let (first, batch) = batch?;
            // A block may begin within the one before, where the log was repacked meanwhile.
            let events = (first..=through).zip(batch.iter()).filter(|(position, _)| *position >= next);
            for (position, (event, postings)) in events {
                reference.absorb(position, event.on, &event.body)?;
                let policy = reference.policy_of(&event.body);
                projection.apply(&Seen { reference: &reference, position, event, policy, postings });
            }
            next = next.max(first + batch.len() as Position);
        }
        Ok(reference)
    })
}

type Decoded = Result<(Position, Batch), LogError>;

fn decode_ahead(blocks: Blocks, through: Position, decoded: &SyncSender<Decoded>) {
    let mut decoder = match Decoder::new() {
        Ok(decoder) => decoder,
        Err(error) => {
            let _ = decoded.send(Err(error)); // whoever does not read on does not want to know
            return;
        }
    };
    for block in blocks {
        if block.as_ref().is_ok_and(|block| block.first() > through) {
            return;
        }
        let batch = block.and_then(|block| Ok((block.first(), decoder.decode(&block)?)));
        if decoded.send(batch).is_err() {
            return;
        }
    }
}
