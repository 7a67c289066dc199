//! Recording: what follows from an admitted event (rules §10).

use super::policy::whole_timeline;
use super::resolutions::StatementRow;
use super::{Book, History, Impossible, PremiumTotals};
use crate::debts::touches_debt;
use crate::fact::{
    AdjustedAccount, AdjustmentPosted, AgentReleased, Body, ChargebackRecorded, DebtRolledUp, DebtTerms,
    DirectoryKind, LeadCharged, LeadCredited, LeadLineSet, OpeningPosted, PersonalDataErased,
    PolicyReinstated, PolicyStopped, PremiumPaid, PremiumReversed, RepaymentReceived,
};
use crate::policy::policy_state::PolicyState;
use crate::policy::premium_status::{Happening, Installment, Overflow, PolicyFact, facts_under};
use crate::policy::timeline::{Course, Era, cover, difference, movements};
use crate::recorded::event::{Batch, Event, Identity, Position};
use crate::recorded::posting::{Account, Party, Posting, PostingKind};
use crate::terms::chain::Terms;
use crate::terms::reference_data::Unknown;
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ById, PolicyId, ProducerId};
use crate::vocabulary::time::Day;

/// What follows from an event.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// What the event itself posts.
    pub postings: Vec<Posting>,
    /// The events that the ledger records after it.
    pub derived: Vec<DerivedEvent>,
    /// How many of both are settled: dated, and noted where they touch debts and leads.
    settled: (usize, usize),
}

/// An event that the ledger records itself.
#[derive(Clone, Debug, PartialEq)]
pub struct DerivedEvent {
    /// Its effective date.
    pub on: Day,
    /// What it says.
    pub body: Body<ById>,
    /// What it posts.
    pub postings: Vec<Posting>,
}

impl Effects {
    /// Another posting of the event itself.
    fn post(&mut self, posting: Posting) -> Result<(), Impossible> {
        self.postings.push(posting);
        Ok(())
    }

    fn clear(&mut self) {
        self.postings.clear();
        self.derived.clear();
        self.settled = (0, 0);
    }
}

impl Book {
    /// Records an admitted event as the next one, and adds it to a batch with everything that follows.
    pub fn record(
        &mut self,
        event: Event,
        effects: &mut Effects,
        batch: &mut Batch,
    ) -> Result<Position, Impossible> {
        let position = self.absorb(&event, effects)?;
        let (recorded_at, origin) = (event.recorded_at, event.origin.clone());
        batch.push(event, effects.postings.drain(..));
        for (ordinal, DerivedEvent { on, body, postings }) in (1u32..).zip(effects.derived.drain(..)) {
            let identity = Identity::Caused { by: position, ordinal };
            let event = Event { on, recorded_at, identity, origin: origin.clone(), remarks: None, body };
            batch.push(event, postings);
        }
        Ok(position)
    }

    /// Takes a recorded event in again. The events that it caused are known by then and passed over.
    pub fn replay(&mut self, at: Position, event: &Event, effects: &mut Effects) -> Result<(), Impossible> {
        if let Identity::Caused { by, .. } = event.identity {
            let expected = by < at && at <= self.position;
            return if expected { Ok(()) } else { Err(Impossible::Diverged(at)) };
        }
        if self.position + 1 != at {
            return Err(Impossible::Diverged(at));
        }
        self.absorb(event, effects)?;
        Ok(())
    }

    /// Takes the next event into the book, with the events that it causes. Returns its position.
    fn absorb(&mut self, event: &Event, effects: &mut Effects) -> Result<Position, Impossible> {
        let (on, body) = (event.on, &event.body);
        effects.clear();
        let position = self.position + 1;
        self.reference.absorb(position, on, body)?;
        self.effects(event, position, effects)?;
        self.settle(position, effects);
        if matches!(body, Body::PeriodClosed) {
            self.closed_through = self.closed_through.max(Some(on));
        }
        self.position = position + effects.derived.len() as Position;
        Ok(position)
    }

    /// What follows from an event, type by type.
    fn effects(
        &mut self,
        event: &Event,
        position: Position,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let (on, body) = (event.on, &event.body);
        match body {
            Body::PolicyIssued(_) => self.absorb_issue(on, position, effects),
            Body::PremiumPaid(_)
            | Body::PremiumReversed(_)
            | Body::PolicyStopped(_)
            | Body::PolicyReinstated(_) => self.absorb_policy_fact(on, position, body, effects),
            Body::PolicyRestated(restated) => self.restate(position, restated.policy, effects),
            Body::ChargebackRecorded(recorded) => self.charge_back(on, position, recorded, effects),
            Body::AgentReleased(released) => self.release(on, position, released, effects),
            Body::DebtRolledUp(DebtRolledUp { producer, carrier }) => {
                self.roll_up(on, position, *producer, Some(*carrier), effects)
            }
            Body::RepaymentReceived(RepaymentReceived { producer, carrier, amount }) => {
                self.repay(on, *producer, *carrier, *amount, effects)
            }
            Body::PayoutMade(payout) => {
                self.note_payout(on, position, payout).ok_or(Overflow)?;
                self.pay_out(on, payout, effects)
            }
            Body::PayoutReturned(returned) => self.take_back(on, position, returned, effects),
            Body::OpeningPosted(opening) => effects.post(opened(on, opening)),
            Body::CarrierDeposit(deposit) => {
                let party = Party::Carrier(deposit.carrier);
                effects.post(posting(PostingKind::Deposited, None, party, on, deposit.amount))
            }
            Body::ExceptionResolved(resolved) => self.resolve(on, resolved, effects),
            Body::StatementVoided(voided) => self.unresolve(on, &voided.statement, effects),
            Body::StatementReceived(statement) => {
                if let Some(replaced) = &statement.replaces {
                    self.unresolve(on, replaced, effects)?;
                }
                self.note(event, position);
                Ok(())
            }
            Body::LeadCharged(LeadCharged { producer, amount }) => {
                let party = Party::Producer(*producer);
                effects.post(posting(PostingKind::LeadsCharged, None, party, on, *amount))
            }
            Body::LeadCredited(LeadCredited { producer, amount }) => {
                let party = Party::Producer(*producer);
                effects.post(posting(PostingKind::LeadsCredited, None, party, on, *amount))
            }
            Body::AdjustmentPosted(adjustment) => effects.post(adjusted(on, adjustment)),
            Body::LeadLineSet(_)
            | Body::PayoutTermsSet(_)
            | Body::PayoutHeld(_)
            | Body::HoldLifted(_)
            | Body::BankDetailsSet(_)
            | Body::PersonalDataErased(_)
            | Body::ActionProposed(_)
            | Body::ActionDecided(_)
            | Body::PeriodClosed => {
                self.note(event, position);
                Ok(())
            }
            // Recorded by the ledger with their cause; `replay` passes over them.
            Body::ChargebackAssessed(_) | Body::ChargebackCovered(_) | Body::DebtMoved(_) => {
                Err(Impossible::Diverged(position))
            }
            // The rest is only registered.
            Body::CarrierAdded(_)
            | Body::ProducerAdded(_)
            | Body::GridPublished(_)
            | Body::ProducerContracted(_)
            | Body::ContractChanged(_)
            | Body::PersistencyDefined(_)
            | Body::CoveragePlanPublished(_)
            | Body::CoverageEnrolled(_)
            | Body::CoverageWithdrawn(_)
            | Body::HouseSet(_)
            | Body::RouteSet(_)
            | Body::CommissionAssigned(_)
            | Body::AssignmentEnded(_)
            | Body::CarrierPays(_)
            | Body::PaymentFileWritten(_) => Ok(()),
        }
    }

    /// What moves nothing, and later decisions go by.
    fn note(&mut self, event: &Event, position: Position) {
        let on = event.on;
        match &event.body {
            Body::LeadLineSet(LeadLineSet { producer, limit }) => {
                self.leads.entry(*producer).or_default().lines.push((on, position, *limit));
            }
            Body::PayoutTermsSet(set) => self.payouts.set(set.producer, on, position, &set.terms),
            Body::PayoutHeld(held) => self.payouts.hold(held.producer, on, position, held.reason, true),
            Body::HoldLifted(lifted) => {
                self.payouts.hold(lifted.producer, on, position, lifted.reason, false);
            }
            Body::PersonalDataErased(PersonalDataErased { kind: DirectoryKind::Person, code }) => {
                self.erased.insert(code.clone());
            }
            Body::BankDetailsSet(set) => {
                let actor = event.remarks.as_ref().and_then(|remarks| remarks.actor.clone());
                // Whatever its date: somebody must have the time to notice.
                self.payouts.set_bank(set, event.recorded_at.day(), position, actor);
            }
            Body::StatementReceived(statement) => {
                let row = StatementRow { on, statement: (**statement).clone(), stands: true };
                self.statements.insert(statement.file.clone(), row);
            }
            Body::ActionProposed(_) | Body::ActionDecided(_) => self.note_proposal(event, position),
            _ => {}
        }
    }

    fn absorb_policy_fact(
        &mut self,
        on: Day,
        position: Position,
        body: &Body<ById>,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let mut by_mode = false;
        let (policy, what) = match body {
            Body::PremiumPaid(PremiumPaid { policy, amount, months }) => {
                by_mode = months.is_none();
                (*policy, Happening::Premium(self.installment(position, *policy, *amount, *months)?))
            }
            Body::PremiumReversed(PremiumReversed { policy, amount, months, .. }) => {
                by_mode = months.is_none();
                (*policy, Happening::Reversal(self.installment(position, *policy, *amount, *months)?))
            }
            Body::PolicyStopped(PolicyStopped { policy, reason }) => (*policy, Happening::Stop(*reason)),
            Body::PolicyReinstated(PolicyReinstated { policy }) => (*policy, Happening::Reinstatement),
            _ => return Err(Impossible::Diverged(position)),
        };
        self.absorb_fact(policy, PolicyFact { on, position, what, by_mode }, effects)
    }

    /// A restated chain: the difference to what stood before it.
    fn restate(&mut self, position: Position, id: PolicyId, effects: &mut Effects) -> Result<(), Impossible> {
        let (policy, history) = self.policy_mut(position, id)?;
        let before = policy.restatements.len().saturating_sub(1);
        let (forfeits, covers, facts) = (&history.forfeits, &history.covers, &history.facts);
        let (_, without) = whole_timeline(id, policy, before, forfeits, covers, facts)?;
        // Who came into the chain may have been released before, and another mode gives premiums other months.
        let policy = self.reference.policies().get(id).ok_or(Unknown(position))?;
        let history = self.histories.get_mut(id).ok_or(Unknown(position))?;
        history.forfeits = self.reference.forfeits(policy);
        history.count(policy.latest().terms)?;
        self.recompute(position, id, &without, effects)
    }

    /// A chargeback that the carrier asserts, and whether it is covered.
    fn charge_back(
        &mut self,
        on: Day,
        position: Position,
        recorded: &ChargebackRecorded<ById>,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let ChargebackRecorded { policy, producer, amount, .. } = *recorded;
        let party = Party::Producer(producer);
        effects.post(posting(PostingKind::CarrierChargeback, Some(policy), party, on, amount))?;
        self.decide_recorded(on, position, policy, producer, amount, effects)
    }

    /// What a released producer forfeits; what it owes then rolls up where the release says so.
    fn release(
        &mut self,
        on: Day,
        position: Position,
        released: &AgentReleased<ById>,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        self.forfeit(position, released.producer, effects)?;
        self.settle(position, effects); // what it owes now is what rolls up
        match released.debt {
            DebtTerms::RollsUp => self.roll_up(on, position, released.producer, released.carrier, effects),
            DebtTerms::Stays => Ok(()),
        }
    }

    /// Dates what would fall into a closed period on the first open day (rules §9), and notes what was
    /// posted to debts and leads: later decisions go by it.
    fn settle(&mut self, position: Position, effects: &mut Effects) {
        let (own, caused) = effects.settled;
        self.settle_postings(position, effects.postings.get_mut(own..).unwrap_or_default());
        for (at, caused) in (position + 1..).zip(&mut effects.derived).skip(caused) {
            self.settle_postings(at, &mut caused.postings);
        }
        effects.settled = (effects.postings.len(), effects.derived.len());
    }

    fn settle_postings(&mut self, position: Position, postings: &mut [Posting]) {
        for p in postings {
            if let Some(closed_through) = self.closed_through {
                p.dated = p.due.max(closed_through.next());
            }
            let leads = matches!(
                p.kind,
                PostingKind::LeadsCharged
                    | PostingKind::LeadsCredited
                    | PostingKind::AdjustedLeads
                    | PostingKind::PaidLeads
                    | PostingKind::OpenedLeads
            );
            if !leads && !touches_debt(p.kind) {
                continue;
            }
            let Some((debit, credit)) = self.reference.accounts(p) else { continue };
            let credited = Cents(p.amount.0.saturating_neg());
            for (account, amount) in [(debit, p.amount), (credit, credited)] {
                match account {
                    Account::Leads(producer) => {
                        self.leads.entry(producer).or_default().changes.push((p.dated, amount));
                    }
                    account => self.debts.note(account, p.dated, position, amount, p.kind),
                }
            }
        }
    }

    fn absorb_issue(&mut self, on: Day, position: Position, effects: &mut Effects) -> Result<(), Impossible> {
        let (id, policy) = self.reference.policies().iter().last().ok_or(Unknown(position))?;
        let state = PolicyState::issued(&policy.terms)?;
        movements(id, &policy.numbers, &[], state.payees(), on, |posting| effects.postings.push(posting))?;
        self.histories.push(History {
            facts: Vec::new(),
            state,
            forfeits: self.reference.forfeits(policy),
            covers: Vec::new(),
            paid: PremiumTotals::default(),
            reversed: PremiumTotals::default(),
            assessed: Vec::new(),
        });
        Ok(())
    }

    /// A premium or reversal with its months, which the policy's mode says where the fact does not.
    fn installment(
        &self,
        position: Position,
        policy: PolicyId,
        amount: Cents,
        months: Option<u8>,
    ) -> Result<Installment, Unknown> {
        let terms = self.reference.policies().get(policy).ok_or(Unknown(position))?.latest().terms;
        Ok(Installment { amount, months: u32::from(months.unwrap_or(terms.months_by_mode)) })
    }

    /// Adds a fact to a policy's timeline. In order, that is one step more; out of order, the timelines
    /// with and without it are compared.
    fn absorb_fact(
        &mut self,
        id: PolicyId,
        fact: PolicyFact,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let PolicyFact { on, position, what, .. } = fact;
        let policy = self.reference.policies().get(id).ok_or(Unknown(position))?;
        let history = self.histories.get_mut(id).ok_or(Unknown(position))?;
        match what {
            Happening::Premium(premium) => history.paid.add(premium)?,
            Happening::Reversal(reversal) => history.reversed.add(reversal)?,
            _ => {}
        }
        let in_order = history.facts.last().is_none_or(|last| last.on <= on);
        if !in_order || !policy.restatements.is_empty() {
            let (_, without) = history.timeline(id, policy)?;
            let place = history.facts.partition_point(|f| f.on <= on);
            history.facts.insert(place, fact);
            return self.recompute(position, id, &without, effects);
        }
        self.payees_before.clear();
        self.payees_before.extend_from_slice(history.state.payees());
        let era = Era {
            from: policy.issue,
            terms: &policy.terms,
            numbers: &policy.numbers,
            forfeits: &history.forfeits,
        };
        let (eras, covers) = (std::slice::from_ref(&era), history.covers.as_slice());
        let course = Course { policy: id, eras, covers, facts: &[] };
        // What is covered moves only with a chargeback.
        let moves_cover = !covers.is_empty() && !matches!(what, Happening::Premium(_));
        let mut covered = Vec::new();
        if moves_cover {
            cover(course, &era, &history.state, &mut covered, on, |_| ())?;
        }
        history.state.step(&policy.terms, &history.forfeits, &fact)?;
        movements(id, &policy.numbers, &self.payees_before, history.state.payees(), on, |p| {
            effects.postings.push(p)
        })?;
        if moves_cover {
            cover(course, &era, &history.state, &mut covered, on, |p| effects.postings.push(p))?;
        }
        history.facts.push(fact);
        // A premium cannot raise a chargeback; most facts are premiums.
        if !matches!(what, Happening::Premium(_)) {
            self.assess(position, id, effects)?;
        }
        Ok(())
    }

    /// Posts the difference between an earlier timeline of a policy and the one that stands now.
    pub(super) fn recompute(
        &mut self,
        position: Position,
        id: PolicyId,
        without: &[Posting],
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let (policy, history) = self.policy_mut(position, id)?;
        let (state, with) = history.timeline(id, policy)?;
        history.state = state;
        effects.postings.extend(difference(without, &with)?);
        self.assess(position, id, effects)
    }

    /// What a release without vesting changes on the policies of a producer (rules §8).
    fn forfeit(
        &mut self,
        position: Position,
        producer: ProducerId,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let policies = self.reference.policies_of(producer).to_vec();
        for id in policies {
            let policy = self.reference.policies().get(id).ok_or(Unknown(position))?;
            let forfeits = self.reference.forfeits(policy);
            let history = self.histories.get_mut(id).ok_or(Unknown(position))?;
            if forfeits == history.forfeits {
                continue;
            }
            let first = forfeits.iter().flatten().min();
            let issue = policy.latest().terms.issue;
            let last = history.facts.last().map(|last| last.on.max(issue));
            let touched = last.zip(first).is_some_and(|(last, first)| last > *first);
            let without = if touched { Some(history.timeline(id, policy)?.1) } else { None };
            history.forfeits = forfeits;
            if let Some(without) = without {
                self.recompute(position, id, &without, effects)?;
            }
        }
        Ok(())
    }
}

/// A posting that is dated when it is due.
pub(super) fn posting(
    kind: PostingKind,
    policy: Option<PolicyId>,
    party: Party,
    on: Day,
    amount: Cents,
) -> Posting {
    Posting { kind, policy, party, dated: on, due: on, amount }
}

fn adjusted(on: Day, adjustment: &AdjustmentPosted<ById>) -> Posting {
    let kind = match adjustment.account {
        AdjustedAccount::Payable => PostingKind::AdjustedPayable,
        AdjustedAccount::Debt => PostingKind::AdjustedDebt,
        AdjustedAccount::Leads => PostingKind::AdjustedLeads,
        AdjustedAccount::Reserve => PostingKind::AdjustedReserve,
    };
    posting(kind, None, Party::Contract(adjustment.producer, adjustment.carrier), on, adjustment.amount)
}

fn opened(on: Day, opening: &OpeningPosted<ById>) -> Posting {
    let kind = match opening.account {
        AdjustedAccount::Payable => PostingKind::OpenedPayable,
        AdjustedAccount::Debt => PostingKind::OpenedDebt,
        AdjustedAccount::Leads => PostingKind::OpenedLeads,
        AdjustedAccount::Reserve => PostingKind::OpenedReserve,
    };
    posting(kind, opening.policy, Party::Contract(opening.producer, opening.carrier), on, opening.amount)
}

impl History {
    /// Counts what was paid and reversed anew, by the mode that stands.
    fn count(&mut self, terms: &Terms) -> Result<(), Overflow> {
        (self.paid, self.reversed) = Default::default();
        for fact in facts_under(self.facts.iter().copied(), terms.issue, terms.months_by_mode) {
            match fact.what {
                Happening::Premium(premium) => self.paid.add(premium)?,
                Happening::Reversal(reversal) => self.reversed.add(reversal)?,
                Happening::Stop(_) | Happening::Reinstatement => {}
            }
        }
        Ok(())
    }
}

impl PremiumTotals {
    fn add(&mut self, installment: Installment) -> Result<(), Overflow> {
        self.amount = self.amount.checked_add(installment.amount).ok_or(Overflow)?;
        self.months += u64::from(installment.months);
        Ok(())
    }
}
