//! What was proposed, and what became of it.

use crate::projection::{Projection, Seen};
use upline_core::event::Position;
use upline_core::fact::{Action, ActionDecided, ActionProposed, Body, Decision};
use upline_core::names::Code;
use upline_core::time::Moment;

/// Something that somebody proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// What it is called by.
    pub id: Code,
    pub action: Action,
    /// What binds its content.
    pub commitment: Code,
    /// Where it stands.
    pub position: Position,
    /// Who proposed it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// What was noted with it.
    pub note: Option<String>,
    /// What became of it; nothing while it is open.
    pub decided: Option<Decided>,
}

/// What somebody decided about a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub decision: Decision,
    /// Where it stands.
    pub position: Position,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Moment,
    /// What was noted with it.
    pub note: Option<String>,
}

/// The proposals of a log, in its order.
#[derive(Clone, Debug, Default)]
pub struct Proposals {
    pub all: Vec<Proposed>,
}

impl Proposals {
    /// The proposal of an id.
    pub fn get(&self, id: &Code) -> Option<&Proposed> {
        self.all.iter().find(|proposed| proposed.id == *id)
    }

    /// Those that nobody decided about.
    pub fn open(&self) -> impl Iterator<Item = &Proposed> {
        self.all.iter().filter(|proposed| proposed.decided.is_none())
    }
}

impl Projection for Proposals {
    fn apply(&mut self, seen: &Seen<'_>) {
        let (position, at) = (seen.position, seen.event.recorded_at);
        let remarks = seen.event.remarks.as_deref().cloned().unwrap_or_default();
        let (by, note) = (remarks.actor.unwrap_or_default(), remarks.note);
        match &seen.event.body {
            Body::ActionProposed(proposed) => {
                let ActionProposed { proposal: id, action, commitment } = proposed.as_ref().clone();
                self.all.push(Proposed { id, action, commitment, position, by, at, note, decided: None });
            }
            Body::ActionDecided(ActionDecided { proposal, decision }) => {
                if let Some(proposed) = self.all.iter_mut().find(|one| one.id == *proposal) {
                    proposed.decided = Some(Decided { decision: *decision, position, by, at, note });
                }
            }
            _ => {}
        }
    }
}
