//! Proofs that history was not rewritten, for whoever keeps checkpoints.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::verify::{Check, Verification};
use upline_core::event::Position;
use upline_formats::checkpoint::{Checkpoint, NotOne, SigningKey};
use upline_formats::proof::Proof;
use upline_log::{
    Hash, Root, consistency_proof, event_from_bytes, inclusion_proof, verify_consistency, verify_inclusion,
};
use upline_views::event_ids::EventIds;
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

/// Why there is no such proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// No event has this id.
    #[error("no event has the id {0}: upline log shows the ids")]
    UnknownEvent(Uuid),
    /// The event is not in what the checkpoint is of.
    #[error("event {position} was recorded after the checkpoint, which is of {size} events")]
    AfterCheckpoint {
        /// Where the event stands.
        position: Position,
        /// How many events the checkpoint is of.
        size: u64,
    },
    /// The ledger is not the one of the checkpoint, as this check says.
    #[error("{0}")]
    OtherLedger(String),
    /// It does not lead from the one checkpoint to the other.
    #[error("the checkpoint of {earlier} events is later than the one of {size}")]
    Later {
        /// How many events the one is of that should be earlier.
        earlier: u64,
        /// How many the other is of.
        size: u64,
    },
    /// There are not so many events.
    #[error("the ledger has only {0} events")]
    TooShort(Position),
    /// A checkpoint cannot be signed.
    #[error(transparent)]
    Unsigned(NotOne),
}

impl ProofError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ProofError::UnknownEvent(_) => "unknown_event",
            ProofError::AfterCheckpoint { .. } => "after_checkpoint",
            ProofError::OtherLedger(_) => "other_ledger",
            ProofError::Later { .. } => "later_checkpoint",
            ProofError::TooShort(_) => "too_short",
            ProofError::Unsigned(_) => "unsigned",
        }
    }
}

impl Ledger {
    /// Proves that an event is among the first so many.
    pub fn prove_event(&self, id: Uuid, size: u64) -> Result<EventProof, LedgerError> {
        let position = self.position_of(id)?.ok_or(ProofError::UnknownEvent(id))?;
        if position > size {
            return Err(ProofError::AfterCheckpoint { position, size }.into());
        }
        let hashes = inclusion_proof(&*self.log, position, size)?;
        Ok(EventProof { leaf: self.log.leaf(position)?, position, hashes })
    }

    /// Proves that the first so many events begin with those of an earlier log, whose root this was.
    pub fn prove_since(&self, earlier: u64, root: &Root, size: u64) -> Result<Vec<Hash>, LedgerError> {
        self.require_checkpoint(earlier, root)?;
        if earlier > size {
            return Err(ProofError::Later { earlier, size }.into());
        }
        Ok(consistency_proof(&*self.log, earlier, size)?)
    }

    /// A signed checkpoint of the first so many events.
    pub fn sign_checkpoint(&self, key: &SigningKey, size: u64) -> Result<String, LedgerError> {
        if size > self.position() {
            return Err(ProofError::TooShort(self.position()).into());
        }
        Ok(key.sign(size, &self.root_at(size)?.0).map_err(ProofError::Unsigned)?)
    }

    /// Refuses a checkpoint of another ledger.
    pub fn require_checkpoint(&self, size: u64, root: &Root) -> Result<(), LedgerError> {
        let check = self.check_checkpoint(size, root)?;
        if check.ok { Ok(()) } else { Err(ProofError::OtherLedger(check.detail).into()) }
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

/// A proof by itself, without a ledger: that its hashes lead to the later checkpoint, which was signed, and from the
/// one that was kept. `None` where it proves that a log goes on from a checkpoint and there is none.
pub fn verify_proof(proof: &Proof, later: &Checkpoint, kept: Option<&Checkpoint>) -> Option<Verification> {
    let (size, root) = (later.size, Root(later.root));
    let signed = format!("{} signed {size} events, root {root}", later.origin);
    let mut checks = vec![Check { name: "signature", ok: true, detail: signed }];
    match proof {
        Proof::Event { leaf, position, hashes, .. } => {
            if let Some(kept) = kept {
                let same = (kept.size, kept.root) == (size, later.root);
                let detail = if same { "the proof leads to it" } else { "the proof leads to another" };
                checks.push(Check { name: "checkpoint", ok: same, detail: detail.to_owned() });
            }
            let ok = verify_inclusion(leaf, *position, size, hashes, &root);
            let event = describe_event(leaf).unwrap_or_else(|error| error.to_string());
            let detail = if ok {
                format!("event {position} of {size} is in the log: {event}")
            } else {
                format!("its hashes do not lead from event {position} to the root")
            };
            checks.push(Check { name: "inclusion", ok, detail });
        }
        Proof::Since { earlier, hashes, .. } => {
            let kept = kept?;
            let same = kept.size == *earlier;
            let detail = format!("the proof begins with {earlier} events, the checkpoint has {}", kept.size);
            checks.push(Check { name: "checkpoint", ok: same, detail });
            let ok = same && verify_consistency((kept.size, &Root(kept.root)), (size, &root), hashes);
            let detail = if ok {
                format!("the first {earlier} of {size} events are those of the checkpoint")
            } else {
                "its hashes do not lead from the checkpoint to the later root: history was rewritten, or the proof is \
                 of another log"
                    .to_owned()
            };
            checks.push(Check { name: "consistency", ok, detail });
        }
    }
    Some(Verification { events: size, root: root.to_string(), checks, notes: Vec::new() })
}

/// What an event's bytes say that can be said without the log: its type, dates, and what it posted.
fn describe_event(leaf: &[u8]) -> Result<String, LedgerError> {
    let (event, postings) = event_from_bytes(leaf)?;
    let (type_name, on, recorded_at) = (event.body.type_name(), event.on, event.recorded_at);
    let amounts: Vec<String> = postings.iter().map(|posting| posting.amount.to_string()).collect();
    let posted = if amounts.is_empty() { "nothing".to_owned() } else { amounts.join(", ") };
    let origin = event.origin.map(|origin| format!(", from {origin}")).unwrap_or_default();
    Ok(format!("{type_name} on {on}, recorded {recorded_at}{origin}, posted {posted}"))
}
