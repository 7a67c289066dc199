//! Where debt goes: repayments pay the oldest first, roll-ups move it up the chain (rules §8).

use super::record::posting;
use super::{Book, DerivedEvent, Effects, Impossible};
use crate::debts::DebtKey;
use crate::fact::{Body, DebtMoved, PayoutMade};
use crate::policy::premium_status::Overflow;
use crate::recorded::event::Position;
use crate::recorded::posting::{Party, PostingKind};
use crate::terms::reference_data::{Policy, Unknown};
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ById, CarrierId, PolicyId, ProducerId};
use crate::vocabulary::time::Day;
use std::collections::BTreeMap;

impl Book {
    /// Pays off the oldest chargebacks first; what is beyond all debt becomes payable.
    pub(super) fn repay(
        &mut self,
        on: Day,
        producer: ProducerId,
        carrier: Option<CarrierId>,
        amount: Cents,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let left = self.pay_debt(on, producer, carrier, amount, PostingKind::Repaid, effects)?;
        if left.is_positive() {
            let party = Party::Contract(producer, carrier);
            effects.postings.push(posting(PostingKind::RepaidBeyond, None, party, on, left));
        }
        Ok(())
    }

    /// Pays out what was due: against leads and chargebacks, into the reserve, and the rest in cash. Where a debt
    /// stands below zero it is brought to zero first; the payout's debt is what is recovered less that.
    pub(super) fn pay_out(
        &mut self,
        on: Day,
        payout: &PayoutMade<ById>,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let producer = payout.producer;
        let mut gross = payout.debt;
        for ((carrier, policy), credit) in self.debts.credits(producer, on)? {
            gross = gross.checked_add(credit).ok_or(Overflow)?;
            let (party, back) = (Party::Contract(producer, carrier), Cents::ZERO.checked_sub(credit));
            effects.postings.push(posting(PostingKind::PaidDebt, policy, party, on, back.ok_or(Overflow)?));
        }
        let left = self.pay_debt(on, producer, None, gross, PostingKind::PaidDebt, effects)?;
        // Admitted as owed; what nobody owes goes out in cash with the rest.
        let cash = payout.cash().and_then(|cash| cash.checked_add(left)).ok_or(Overflow)?;
        let parts = [
            (PostingKind::PaidLeads, payout.leads),
            (PostingKind::Withheld, payout.reserve),
            (PostingKind::PaidOut, cash),
        ];
        for (kind, amount) in parts.into_iter().filter(|(_, amount)| !amount.is_zero()) {
            effects.postings.push(posting(kind, None, Party::Producer(producer), on, amount));
        }
        Ok(())
    }

    /// Pays off the oldest chargebacks first. Returns what is beyond all debt.
    fn pay_debt(
        &self,
        on: Day,
        producer: ProducerId,
        carrier: Option<CarrierId>,
        amount: Cents,
        kind: PostingKind,
        effects: &mut Effects,
    ) -> Result<Cents, Impossible> {
        let mut left = amount;
        let mut paid: Vec<(DebtKey, Cents)> = Vec::new();
        for lot in self.debts.open(producer, carrier, on)? {
            let part = lot.open.min(left);
            left = left.checked_sub(part).ok_or(Overflow)?;
            match paid.iter_mut().find(|(key, _)| *key == lot.key) {
                Some((_, sum)) => *sum = sum.checked_add(part).ok_or(Overflow)?,
                None => paid.push((lot.key, part)),
            }
        }
        for ((carrier, policy), part) in paid.into_iter().filter(|(_, part)| part.is_positive()) {
            let party = Party::Contract(producer, carrier);
            effects.postings.push(posting(kind, policy, party, on, part));
        }
        Ok(left)
    }

    /// Moves each policy's open debt to the next payee above in its frozen chain, with recourse.
    pub(super) fn roll_up(
        &mut self,
        on: Day,
        position: Position,
        producer: ProducerId,
        carrier: Option<CarrierId>,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let mut open: BTreeMap<PolicyId, Cents> = BTreeMap::new();
        for lot in self.debts.open(producer, carrier, on)? {
            if let Some(policy) = lot.key.1 {
                let sum = open.entry(policy).or_default();
                *sum = sum.checked_add(lot.open).ok_or(Overflow)?;
            }
        }
        for (id, amount) in open {
            let policy = self.reference.policies().get(id).ok_or(Unknown(position))?;
            let Some(to) = next_above(policy, producer) else { continue };
            let party = Party::Pair(producer, to);
            let moved = posting(PostingKind::RolledUp, Some(id), party, on, amount);
            let claim = posting(PostingKind::Recourse, Some(id), party, on, amount);
            let body = Body::DebtMoved(DebtMoved { policy: id, from: producer, to, amount });
            effects.derived.push(DerivedEvent { on, body, postings: vec![moved, claim] });
        }
        Ok(())
    }
}

/// Who stands above a producer in the chain that stands: above its first place that is not at the top.
fn next_above(policy: &Policy, producer: ProducerId) -> Option<ProducerId> {
    let (terms, _) = policy.chain_in_force(Day::LAST, Position::MAX);
    terms.sides.iter().find_map(|side| {
        let places = &side.places.frozen;
        let place = places.iter().position(|place| place.producer == producer)?;
        places.get(place + 1).map(|above| above.producer)
    })
}
