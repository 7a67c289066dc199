//! Reading a log in order: from its beginning, or on from where one was.

use std::ops::RangeInclusive;
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

/// Feeds every event up to a position to a projection, and returns the reference data of what was introduced.
pub fn scan(
    log: &dyn EventLog,
    through: Position,
    projection: &mut dyn Projection,
) -> Result<ReferenceData, ScanError> {
    let mut scanner = Scanner::default();
    scanner.scan(log, through, projection)?;
    Ok(scanner.reference)
}

/// What a log has introduced so far, for who comes back to it as it grows.
#[derive(Debug, Default)]
pub struct Scanner {
    reference: ReferenceData,
    scanned: Position,
}

impl Scanner {
    /// What was introduced up to where it is.
    pub fn reference(&self) -> &ReferenceData {
        &self.reference
    }

    /// The position of the last event that it has seen.
    pub fn position(&self) -> Position {
        self.scanned
    }

    /// Feeds the events that are new to it, up to a position, to a projection. Blocks are decoded while those before
    /// them are applied, on a thread of its own: whoever scans waits for it, and would, as a worker of a pool, wait for
    /// itself.
    pub fn scan(
        &mut self,
        log: &dyn EventLog,
        through: Position,
        projection: &mut dyn Projection,
    ) -> Result<(), ScanError> {
        let blocks = log.blocks(self.scanned + 1);
        std::thread::scope(|scope| {
            let (decoded, batches) = sync_channel(BLOCKS_AHEAD_MAX);
            // Ends with the blocks, with an error, or with who reads them.
            scope.spawn(move || decode_ahead(blocks, through, &decoded));
            for batch in batches {
                let (first, batch) = batch?;
                // A block may begin within the one before, where the log was repacked meanwhile.
                let seen = self.scanned;
                let events = (first..=through).zip(batch.iter());
                for (position, (event, postings)) in events.filter(|(position, _)| *position > seen) {
                    self.reference.absorb(position, event.on, &event.body)?;
                    self.scanned = position;
                    let (reference, policy) = (&self.reference, self.reference.policy_of(&event.body));
                    projection.apply(&Seen { reference, position, event, policy, postings });
                }
            }
            Ok(())
        })
    }

    /// Hands over the events at some positions that it has seen, reading only the blocks that hold them. An event of
    /// the ledger's own comes after the fact that caused it: the first may stand before the first position.
    ///
    /// What is known around an event is what is known by now. Names are never given anew, so that those of then are
    /// among them.
    pub fn again(
        &self,
        log: &dyn EventLog,
        positions: RangeInclusive<Position>,
        each: &mut dyn FnMut(&Seen<'_>),
    ) -> Result<(), ScanError> {
        let (mut first, last) = (*positions.start(), *positions.end().min(&self.scanned));
        if first > last {
            return Ok(());
        }
        if let Some(batch) = log.read(first)?.next() {
            let (_, batch) = batch?;
            first = batch.iter().next().and_then(|(event, _)| event.cause()).unwrap_or(first);
        }
        for batch in log.read(first)? {
            let (begins, batch) = batch?;
            for (position, (event, postings)) in (begins..=last).zip(batch.iter()) {
                let (reference, policy) = (&self.reference, self.reference.policy_of(&event.body));
                each(&Seen { reference, position, event, policy, postings });
            }
            if begins + batch.len() as Position > last {
                break;
            }
        }
        Ok(())
    }
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
