//! Deciding about what was proposed: approved, rejected or withdrawn, and what follows in the same commit.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::pay::{AchFile, AchTerms, PayOrder};
use crate::proposals::propose::bank_order;
use crate::proposals::{Approved, Content, Done, ProposalError};
use crate::record::Deciding;
use crate::resolve::Resolving;
use upline_core::event::Position;
use upline_core::fact::{ActionDecided, Body, Decision, Fact, Remarks, names_nobody, same_person};
use upline_core::names::Code;
use upline_core::statement::Resolution;
use upline_views::proposals::Proposed;

/// A decision that is to be recorded.
struct Deed<'a> {
    id: &'a Code,
    decision: Decision,
    actor: &'a str,
    note: Option<&'a str>,
}

impl Deed<'_> {
    fn decide(&self, deciding: &mut Deciding<'_>) -> Result<Position, LedgerError> {
        let on = deciding.recorded_at()?.day();
        let (note, actor) = (self.note.map(str::to_owned), Some(self.actor.to_owned()));
        let remarks = Some(Box::new(Remarks { note, actor, ..Remarks::default() }));
        let body = Body::ActionDecided(ActionDecided { proposal: self.id.clone(), decision: self.decision });
        deciding.another(Fact { id: None, on, recorded_at: None, remarks, personal: None, body })
    }
}

impl Ledger {
    /// Approves what somebody else proposed, and does it, in one commit. A pay run can be paid by a file, as
    /// [`Ledger::pay`] does.
    pub fn approve<E: From<LedgerError>>(
        &mut self,
        id: &Code,
        actor: &str,
        ach: Option<&AchTerms>,
        place: impl FnOnce(&AchFile) -> Result<(), E>,
    ) -> Result<Approved, E> {
        let deed = Deed { id, decision: Decision::Approved, actor, note: None };
        self.load_decider()?;
        let proposed = self.decidable(&deed)?;
        let content = self.kept_proposals()?.content(&proposed).map_err(LedgerError::from)?;
        if ach.is_some() && !matches!(content, Content::PayRun { .. }) {
            return Err(LedgerError::from(ProposalError::NoPayRun(id.clone())).into());
        }
        let approved = self.carry_out(&deed, &proposed, content, ach, place)?;
        self.clean_proposals();
        Ok(approved)
    }

    /// Rejects what somebody else proposed.
    pub fn reject(&mut self, id: &Code, actor: &str, note: Option<&str>) -> Result<Position, LedgerError> {
        self.turn_down(&Deed { id, decision: Decision::Rejected, actor, note })
    }

    /// Takes back what the same person proposed.
    pub fn withdraw(&mut self, id: &Code, actor: &str) -> Result<Position, LedgerError> {
        self.turn_down(&Deed { id, decision: Decision::Withdrawn, actor, note: None })
    }

    fn turn_down(&mut self, deed: &Deed<'_>) -> Result<Position, LedgerError> {
        self.load_decider()?;
        self.decidable(deed)?;
        let position = self.commit_whole(|_, deciding| deed.decide(deciding))?;
        self.clean_proposals();
        Ok(position)
    }

    /// The proposal that somebody may decide about. The book has the last word; this says it in its own words.
    fn decidable(&self, deed: &Deed<'_>) -> Result<Proposed, LedgerError> {
        let Deed { id, decision, actor, .. } = *deed;
        if names_nobody(actor) {
            return Err(ProposalError::Nobody.into());
        }
        let (proposals, people) = (self.proposals_as_recorded(self.position())?, self.people()?);
        let proposed = proposals.get(id).ok_or_else(|| ProposalError::Unknown(id.clone()))?;
        if let Some(decided) = &proposed.decided {
            let (id, decision) = (id.clone(), decided.decision);
            let by = people.text(&decided.by).to_owned();
            return Err(ProposalError::DecidedAlready { id, decision, by }.into());
        }
        let by = people.text(&proposed.by);
        let same = same_person(by, people.text(actor));
        match decision {
            Decision::Approved | Decision::Rejected if same => {
                Err(ProposalError::SamePerson(by.to_owned()).into())
            }
            Decision::Withdrawn if !same => Err(ProposalError::NotTheProposer(by.to_owned()).into()),
            Decision::Approved
                if self.with_decider(|decider| Ok(decider.book().is_erased(&proposed.by)))? =>
            {
                Err(ProposalError::ProposerErased(id.clone()).into())
            }
            Decision::Approved | Decision::Rejected | Decision::Withdrawn => Ok(proposed.clone()),
        }
    }

    /// Records an approval with all that follows.
    fn carry_out<E: From<LedgerError>>(
        &mut self,
        deed: &Deed<'_>,
        proposed: &Proposed,
        content: Content,
        ach: Option<&AchTerms>,
        place: impl FnOnce(&AchFile) -> Result<(), E>,
    ) -> Result<Approved, E> {
        let by = proposed.by.as_str();
        let order = bank_order(&content, by, deed.actor);
        match content {
            Content::PayRun { through, rows } => {
                self.check_pay(through, ach)?;
                let order = PayOrder { through, only: &[], ach, actor: Some(by) };
                self.commit_whole(|ledger, deciding| {
                    let mut position = None;
                    let approved = |deciding: &mut Deciding<'_>, now: &[_]| {
                        if now != rows.as_slice() {
                            return Err(ProposalError::Outdated(deed.id.clone()).into());
                        }
                        position = Some(deed.decide(deciding)?);
                        Ok(())
                    };
                    let paid = ledger.decide_pay(&order, deciding, approved, place)?;
                    Ok(Approved { position: position.unwrap_or_default(), done: Done::PayRun(paid) })
                })
            }
            Content::BankChange { producer, .. } => {
                let order = order.ok_or_else(|| LedgerError::from(ProposalError::Lost(deed.id.clone())))?;
                self.with_decider(
                    |decider| Ok(self.check_bank(decider.book().reference_data(), &producer)?),
                )?;
                self.with_banks(&order, |ledger, setting, deciding| {
                    let position = deed.decide(deciding)?;
                    let set = ledger.decide_banks(&order, setting, deciding)?;
                    Ok(Approved { position, done: Done::BankChange(set) })
                })
            }
            Content::Restatement { facts } => self.commit_whole(|_, deciding| {
                let position = deed.decide(deciding)?;
                let stand = record(facts, by, deciding)?;
                Ok(Approved { position, done: Done::Restatement(stand) })
            }),
            Content::WriteOff { exceptions, on } => {
                let (reason, approver) = (Resolution::WrittenOff, deed.actor.to_owned());
                let note = proposed.note.clone();
                let resolving = Resolving { exceptions, reason, by: approver, note, on: Some(on) };
                let (facts, settled) = self.resolution(&resolving)?;
                self.commit_whole(|_, deciding| {
                    let position = deed.decide(deciding)?;
                    record(facts, by, deciding)?;
                    Ok(Approved { position, done: Done::WriteOff(settled) })
                })
            }
        }
    }
}

/// Records facts once, of which somebody is the actor.
fn record(facts: Vec<Fact>, actor: &str, deciding: &mut Deciding<'_>) -> Result<Vec<Position>, LedgerError> {
    let facts = facts.into_iter().map(|mut fact| {
        fact.remarks.get_or_insert_default().actor = Some(actor.to_owned());
        deciding.once(fact)
    });
    facts.collect()
}
