//! Proposals as people read them.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::people::People;
use crate::proposals::kept::Kept;
use crate::proposals::{Content, ProposalDetail, ProposalError, ProposalRow, ProposalState};
use std::collections::BTreeSet;
use upline_core::event::Position;
use upline_core::fact::{Action, Body};
use upline_core::names::Code;
use upline_views::proposals::{Proposals, Proposed};
use upline_views::scan;

impl Ledger {
    /// Everything that was proposed, in the order in which it was.
    pub fn proposals(&self) -> Result<Vec<ProposalRow>, LedgerError> {
        let (proposals, people) = (self.proposals_as_recorded(self.position())?, self.people()?);
        let kept = self.kept_proposals()?;
        Ok(proposals.all.iter().map(|proposed| row(proposed, &kept, &people)).collect())
    }

    /// A proposal with what is proposed.
    pub fn proposal(&self, id: &Code) -> Result<ProposalDetail, LedgerError> {
        let (proposals, people) = (self.proposals_as_recorded(self.position())?, self.people()?);
        let proposed = proposals.get(id).ok_or_else(|| ProposalError::Unknown(id.clone()))?;
        let kept = self.kept_proposals()?;
        let content = match kept.content(proposed) {
            Ok(content) => Some(content),
            Err(ProposalError::Lost(_)) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(ProposalDetail { row: row(proposed, &kept, &people), content })
    }

    /// The proposals up to a position, as the log has them.
    pub(crate) fn proposals_as_recorded(&self, known: Position) -> Result<Proposals, LedgerError> {
        let mut proposals = Proposals::default();
        scan(&*self.log, known, &mut proposals)?;
        Ok(proposals)
    }
}

fn row(proposed: &Proposed, kept: &Kept, people: &People) -> ProposalRow {
    let decided = proposed.decided.as_ref();
    let text = |id: &String| people.text(id).to_owned();
    ProposalRow {
        id: proposed.id.clone(),
        action: proposed.action,
        proposed_by: text(&proposed.by),
        proposed_at: proposed.at,
        position: proposed.position,
        note: proposed.note.as_ref().map(text),
        state: ProposalState::of(decided.map(|decided| decided.decision)),
        decided_by: decided.map(|decided| text(&decided.by)),
        decided_at: decided.map(|decided| decided.at),
        decision_note: decided.and_then(|decided| decided.note.as_ref()).map(text),
        summary: summary(proposed, kept),
    }
}

fn summary(proposed: &Proposed, kept: &Kept) -> String {
    match kept.content(proposed) {
        Ok(content) => sentence(&content),
        Err(ProposalError::Lost(_)) => {
            let producer = kept.entry(&proposed.id).and_then(|entry| entry.producer.as_ref());
            match producer.filter(|_| proposed.action == Action::BankChange) {
                Some(producer) => format!("The account of {producer} changes; its details are erased"),
                None => "What was proposed is not kept any more".to_owned(),
            }
        }
        Err(error) => error.to_string(),
    }
}

/// What a content comes to, in a sentence.
fn sentence(content: &Content) -> String {
    match content {
        Content::PayRun { through, rows } => {
            let who = counted(rows.iter().filter(|row| !row.split.is_nothing()).count(), "producer");
            format!("Pays {} in cash through {through}, to {who}", Content::cash(rows).separated())
        }
        Content::BankChange { producer, bank, .. } => {
            let (account, kind, routing) = (&bank.account, bank.kind.as_str(), &bank.routing);
            format!("The account of {producer} becomes {account} ({kind}) at bank {routing}")
        }
        Content::Restatement { facts } => {
            let (mut policies, mut corrections) = (BTreeSet::new(), BTreeSet::new());
            for fact in facts {
                if let Body::PolicyRestated(restated) = &fact.body {
                    policies.insert(&restated.policy);
                    corrections.insert(restated.correction.as_str());
                }
            }
            let of = match policies.len() {
                1 => "1 policy".to_owned(),
                many => format!("{many} policies"),
            };
            let corrections: Vec<&str> = corrections.into_iter().collect();
            format!("Corrects the chains of {of} ({})", corrections.join(", "))
        }
        Content::WriteOff { exceptions, .. } => {
            let what = counted(exceptions.len(), "exception");
            let first = exceptions.first().map(|(statement, exception)| format!("{statement}/{exception}"));
            format!("Writes off {what}, the first {}", first.unwrap_or_default())
        }
    }
}

/// `1 producer`, `2 producers`.
fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
