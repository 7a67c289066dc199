//! Recording: what follows from an admitted event (rules §10).

use super::{Book, History, Impossible, Tally};
use crate::event::{Batch, Event, Identity, Position};
use crate::fact::Body;
use crate::money::Cents;
use crate::names::{ById, PolicyId};
use crate::posting::{Kind, Party, Posting};
use crate::register::{Policy, Unknown};
use crate::standing::{Happening, Installment, Overflow, PolicyFact};
use crate::time::Day;
use crate::timeline::{PolicyState, difference, movements, timeline};

/// What follows from an event.
#[derive(Clone, Debug, Default)]
pub struct Consequences {
    /// What the event itself posts.
    pub postings: Vec<Posting>,
    /// The events that the ledger records after it, each with its effective date.
    pub caused: Vec<(Day, Body<ById>)>,
}

impl Consequences {
    fn clear(&mut self) {
        self.postings.clear();
        self.caused.clear();
    }
}

impl Book {
    /// Records an admitted event as the next one, and adds it to a batch with everything that follows.
    pub fn record(
        &mut self,
        event: Event,
        follows: &mut Consequences,
        batch: &mut Batch,
    ) -> Result<Position, Impossible> {
        let position = self.absorb(event.on, &event.body, follows)?;
        let (recorded_at, origin) = (event.recorded_at, event.origin.clone());
        batch.push(event, follows.postings.drain(..));
        for (ordinal, (on, body)) in (1u32..).zip(follows.caused.drain(..)) {
            self.position += 1;
            let identity = Identity::Caused { by: position, ordinal };
            batch.push(Event { on, recorded_at, identity, origin: origin.clone(), remarks: None, body }, []);
        }
        Ok(position)
    }

    /// Takes a recorded event in again. The events that it caused are known by then and passed over.
    pub fn replay(
        &mut self,
        at: Position,
        event: &Event,
        follows: &mut Consequences,
    ) -> Result<(), Impossible> {
        if let Identity::Caused { by, .. } = event.identity {
            let expected = by < at && at <= self.position;
            return if expected { Ok(()) } else { Err(Impossible::Diverged(at)) };
        }
        if self.position + 1 != at {
            return Err(Impossible::Diverged(at));
        }
        self.absorb(event.on, &event.body, follows)?;
        self.position += follows.caused.len() as Position;
        Ok(())
    }

    /// Takes the next event into the book.
    fn absorb(
        &mut self,
        on: Day,
        body: &Body<ById>,
        follows: &mut Consequences,
    ) -> Result<Position, Impossible> {
        follows.clear();
        let position = self.position + 1;
        self.register.absorb(position, on, body)?;
        match body {
            Body::PolicyIssued(_) => self.absorb_issue(on, position, follows)?,
            Body::PremiumPaid { policy, amount, months } => {
                let premium = self.installment(position, *policy, *amount, *months)?;
                self.absorb_fact(on, position, *policy, Happening::Premium(premium), follows)?;
            }
            Body::PremiumReversed { policy, amount, months, .. } => {
                let reversal = self.installment(position, *policy, *amount, *months)?;
                self.absorb_fact(on, position, *policy, Happening::Reversal(reversal), follows)?;
            }
            Body::PolicyStopped { policy, reason } => {
                self.absorb_fact(on, position, *policy, Happening::Stop(*reason), follows)?;
            }
            Body::PolicyReinstated { policy } => {
                self.absorb_fact(on, position, *policy, Happening::Reinstatement, follows)?;
            }
            Body::ChargebackRecorded { policy, producer, amount, .. } => follows.postings.push(Posting {
                kind: Kind::CarrierChargeback,
                policy: Some(*policy),
                party: Party::Producer(*producer),
                dated: on,
                due: on,
                amount: *amount,
            }),
            // Recorded by the ledger with its cause; `replay` passes over it.
            Body::ChargebackAssessed { .. } => return Err(Impossible::Diverged(position)),
            // The rest is only registered.
            _ => {}
        }
        self.position = position;
        Ok(position)
    }

    fn absorb_issue(
        &mut self,
        on: Day,
        position: Position,
        follows: &mut Consequences,
    ) -> Result<(), Impossible> {
        let (id, policy) = self.register.policies().iter().last().ok_or(Unknown(position))?;
        let state = PolicyState::issued(&policy.terms)?;
        movements(id, &[], state.seats(), on, |posting| follows.postings.push(posting))?;
        let (paid, reversed) = (Tally::default(), Tally::default());
        self.histories.push(History { facts: Vec::new(), state, paid, reversed, assessed: Vec::new() });
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
        let terms = &self.register.policies().get(policy).ok_or(Unknown(position))?.terms;
        Ok(Installment { amount, months: u32::from(months.unwrap_or(terms.months_by_mode)) })
    }

    /// Adds a fact to a policy's timeline. In order, that is one step more; out of order, the timelines
    /// with and without it are compared.
    fn absorb_fact(
        &mut self,
        on: Day,
        position: Position,
        id: PolicyId,
        what: Happening,
        follows: &mut Consequences,
    ) -> Result<(), Impossible> {
        let policy = self.register.policies().get(id).ok_or(Unknown(position))?;
        let history = self.histories.get_mut(id).ok_or(Unknown(position))?;
        match what {
            Happening::Premium(premium) => history.paid.add(premium)?,
            Happening::Reversal(reversal) => history.reversed.add(reversal)?,
            _ => {}
        }
        let fact = PolicyFact { on, position, what };
        let in_order = history.facts.last().is_none_or(|last| last.on <= on);
        if in_order {
            self.seats_before.clear();
            self.seats_before.extend_from_slice(history.state.seats());
            history.state.step(&policy.terms, &fact)?;
            history.facts.push(fact);
            movements(id, &self.seats_before, history.state.seats(), on, |posting| {
                follows.postings.push(posting)
            })?;
            // A premium cannot raise a chargeback; most facts are premiums.
            if matches!(what, Happening::Premium(_)) {
                return Ok(());
            }
        } else {
            let (_, without) = timeline(id, &policy.terms, policy.issue, &history.facts)?;
            let place = history.facts.partition_point(|f| f.on <= on);
            history.facts.insert(place, fact);
            let (state, with) = timeline(id, &policy.terms, policy.issue, &history.facts)?;
            history.state = state;
            follows.postings.extend(difference(&without, &with)?);
        }
        let from_stop = if in_order { history.state.stops().len().saturating_sub(1) } else { 0 };
        assess(policy, history, id, from_stop, follows);
        Ok(())
    }
}

/// Records each chargeback once, when it first is positive (rules §7).
fn assess(
    policy: &Policy,
    history: &mut History,
    id: PolicyId,
    from_stop: usize,
    follows: &mut Consequences,
) {
    for chargeback in history.state.chargebacks(from_stop).filter(|c| c.amount.is_positive()) {
        let Some(stop) = history.state.stops().get(chargeback.stop) else { continue };
        let Some(payee) = policy.payees.get(usize::from(chargeback.payee)) else { continue };
        let key = (stop.position, chargeback.payee);
        if history.assessed.contains(&key) {
            continue;
        }
        history.assessed.push(key);
        let body = Body::ChargebackAssessed {
            policy: id,
            producer: payee.producer,
            payee: chargeback.payee,
            stop: stop.position,
            amount: chargeback.amount,
            rule: stop.rule,
            kept: chargeback.kept,
        };
        follows.caused.push((stop.on, body));
    }
}

impl Tally {
    fn add(&mut self, installment: Installment) -> Result<(), Overflow> {
        self.amount = self.amount.checked_add(installment.amount).ok_or(Overflow)?;
        self.months += u64::from(installment.months);
        Ok(())
    }
}
