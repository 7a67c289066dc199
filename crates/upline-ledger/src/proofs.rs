//! Proofs that history was not rewritten, for whoever keeps checkpoints.

use crate::decider::EventIds;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::verify::Check;
use upline_core::event::Position;
use upline_log::{Hash, Root, consistency_proof, event_from_bytes, inclusion_proof};
use upline_views::{Seen, scan};
use uuid::Uuid;

/// That an event is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventProof {
    /// The event's bytes.
    pub leaf: Vec<u8>,
    /// Where it stands.
    pub position: Position,
    /// From its sibling to the root's child.
    pub hashes: Vec<Hash>,
}

impl Ledger {
    /// Proves that an event is among the first so many.
    pub fn prove_event(&self, id: Uuid, size: u64) -> Result<EventProof, LedgerError> {
        let unknown = || LedgerError::Question(format!("no event has the id {id}: upline log shows the ids"));
        let position = self.position_of(id)?.ok_or_else(unknown)?;
        if position > size {
            let what =
                format!("event {position} was recorded after the checkpoint, which is of {size} events");
            return Err(LedgerError::Question(what));
        }
        let hashes = inclusion_proof(&*self.log, position, size)?;
        Ok(EventProof { leaf: self.log.leaf(position)?, position, hashes })
    }

    /// Proves that the first so many events begin with those of an earlier log, whose root this was.
    pub fn prove_since(&self, earlier: u64, root: &Root, size: u64) -> Result<Vec<Hash>, LedgerError> {
        let check = self.check_checkpoint(earlier, root)?;
        if !check.ok {
            return Err(LedgerError::Question(check.detail));
        }
        if earlier > size {
            let what = format!("the checkpoint of {earlier} events is later than the one of {size}");
            return Err(LedgerError::Question(what));
        }
        Ok(consistency_proof(&*self.log, earlier, size)?)
    }

    /// Whether the log begins with the events of a checkpoint.
    pub fn check_checkpoint(&self, size: u64, root: &Root) -> Result<Check, LedgerError> {
        let (ok, detail) = if size > self.position() {
            (
                false,
                format!("the checkpoint is of {size} events, and this ledger has only {}", self.position()),
            )
        } else {
            match self.root_at(size)? {
                own if own == *root => {
                    (true, format!("the first {size} events are those of the checkpoint, root {root}"))
                }
                own => (
                    false,
                    format!(
                        "the first {size} events are not those of the checkpoint: their root is {own}, and it says {root}"
                    ),
                ),
            }
        };
        Ok(Check { name: "checkpoint", ok, detail })
    }

    /// Where the event with an id stands.
    fn position_of(&self, id: Uuid) -> Result<Option<Position>, LedgerError> {
        let (mut found, mut ids) = (None, EventIds::default());
        scan(&*self.log, self.position(), &mut |seen: &Seen<'_>| {
            if ids.next(seen.reference, seen.position, seen.event).is_ok_and(|(event, _)| event == id) {
                found = Some(seen.position);
            }
        })?;
        Ok(found)
    }
}

/// What an event's bytes say that can be said without the log: its type, dates, and what it posted.
pub fn describe_event(leaf: &[u8]) -> Result<String, LedgerError> {
    let (event, postings) = event_from_bytes(leaf)?;
    let (type_name, on, recorded_at) = (event.body.type_name(), event.on, event.recorded_at);
    let amounts: Vec<String> = postings.iter().map(|posting| posting.amount.to_string()).collect();
    let posted = if amounts.is_empty() { "nothing".to_owned() } else { amounts.join(", ") };
    let origin = event.origin.map(|origin| format!(", from {origin}")).unwrap_or_default();
    Ok(format!("{type_name} on {on}, recorded {recorded_at}{origin}, posted {posted}"))
}
