//! Four eyes: what was proposed, and who may decide about it (facts.md).

use super::Book;
use super::admit::refuse_if;
use super::admit_people::actor;
use crate::fact::{Action, ActionDecided, ActionProposed, Body, Decision, Fact, same_person};
use crate::recorded::event::Event;
use crate::vocabulary::as_of::Position;
use crate::vocabulary::names::{ById, Code};
use crate::vocabulary::refusal::{Refusal, RefusalCode};

/// Something that was proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// Where it stands.
    pub position: Position,
    pub action: Action,
    /// What binds its content.
    pub commitment: Code,
    /// Who proposed it.
    pub by: String,
    /// What became of it; nothing while it is open.
    pub decided: Option<Decision>,
}

impl Book {
    /// What was proposed under an id.
    pub fn proposal(&self, id: &Code) -> Option<&Proposed> {
        self.proposals.get(id)
    }

    /// Whether nobody can say any more who the person of an id was.
    pub fn is_erased(&self, person: &str) -> bool {
        self.erased.contains(person)
    }

    /// A proposal has an id of its own, and somebody who answers for it.
    pub(super) fn judge_proposed(&self, fact: &Fact, proposed: &ActionProposed) -> Result<(), Refusal> {
        refuse_if(actor(fact).is_none(), nobody)?;
        refuse_if(self.proposals.contains_key(&proposed.proposal), || {
            let message = format!("{} was proposed already", proposed.proposal);
            Refusal::of(RefusalCode::Duplicate, "proposal", message)
        })
    }

    /// It is decided once: by somebody else, or taken back by who proposed it.
    pub(super) fn judge_decided(&self, fact: &Fact, decided: &ActionDecided) -> Result<(), Refusal> {
        let id = &decided.proposal;
        let Some(proposed) = self.proposals.get(id) else {
            let message = format!("{id} was never proposed");
            return Err(Refusal::of(RefusalCode::UnknownProposal, "proposal", message));
        };
        if let Some(before) = proposed.decided {
            let message = format!("{id} is {} already, and is decided once", before.as_str());
            return Err(Refusal::of(RefusalCode::Duplicate, "proposal", message));
        }
        let actor = actor(fact).ok_or_else(nobody)?;
        let same = same_person(actor, &proposed.by);
        let message = match decided.decision {
            Decision::Approved if self.is_erased(&proposed.by) => {
                "who proposed it was erased, so that nobody can say that somebody else approves it: reject it, and \
                 propose it again"
            }
            Decision::Approved if same => "what is proposed is approved by somebody else",
            Decision::Rejected if same => {
                "what is proposed is rejected by somebody else; who proposed it can withdraw it"
            }
            Decision::Withdrawn if !same => "what is proposed is withdrawn by who proposed it",
            Decision::Approved | Decision::Rejected | Decision::Withdrawn => return Ok(()),
        };
        Err(Refusal::of(RefusalCode::Malformed, "actor", message))
    }

    /// Later decisions go by both.
    pub(super) fn note_proposal(&mut self, event: &Event, position: Position) {
        match &event.body {
            Body::<ById>::ActionProposed(proposed) => {
                let ActionProposed { proposal, action, commitment } = proposed.as_ref().clone();
                let by = event.remarks.as_ref().and_then(|remarks| remarks.actor.clone()).unwrap_or_default();
                let proposed = Proposed { position, action, commitment, by, decided: None };
                self.proposals.insert(proposal, proposed);
            }
            Body::ActionDecided(ActionDecided { proposal, decision }) => {
                if let Some(proposed) = self.proposals.get_mut(proposal) {
                    proposed.decided = Some(*decision);
                }
            }
            _ => {}
        }
    }
}

fn nobody() -> Refusal {
    let message = "it says who proposes, and who decides";
    Refusal::of(RefusalCode::Malformed, "actor", message)
}
