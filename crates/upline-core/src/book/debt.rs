//! Where debt goes: repayments pay the oldest first, roll-ups move it up the chain (rules §8).

use super::record::posting;
use super::{Book, DerivedEvent, Effects, Impossible};
use crate::debts::payout::Made;
use crate::debts::{DebtKey, Lot, Payer};
use crate::fact::{Body, DebtMoved, PayoutMade, PayoutReturned};
use crate::policy::premium_status::Overflow;
use crate::recorded::event::Position;
use crate::recorded::posting::{Party, PostingKind};
use crate::terms::chain::FrozenPlace;
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

    /// Pays out what was due: against leads and chargebacks, into the reserve, and the rest in cash, or by the carrier.
    /// Where a debt of the payer's side stands below zero it is brought to zero first; the payout's debt is what is
    /// recovered less that (pay.md §2).
    pub(super) fn pay_out(
        &mut self,
        on: Day,
        payout: &PayoutMade<ById>,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let producer = payout.producer;
        let (payer, taken, against) = match payout.paid_by {
            Some(carrier) => {
                (Payer::Carrier(carrier), PostingKind::PartTakenByCarrier, PostingKind::PaidDebtByCarrier)
            }
            None => (Payer::House, PostingKind::PartTaken, PostingKind::PaidDebt),
        };
        for (carrier, amount) in payout.taken() {
            if let (Some(carrier), false) = (carrier, amount.is_zero()) {
                let party = Party::Contract(producer, Some(carrier));
                effects.postings.push(posting(taken, None, party, on, amount));
            }
        }
        let owed = self.owed(producer, payer, on)?;
        let mut gross = payout.debt;
        for ((carrier, policy), credit) in owed.credits {
            gross = gross.checked_add(credit).ok_or(Overflow)?;
            let (party, back) = (Party::Contract(producer, carrier), Cents::ZERO.checked_sub(credit));
            effects.postings.push(posting(against, policy, party, on, back.ok_or(Overflow)?));
        }
        let left = pay_lots(on, producer, owed.lots, gross, against, effects)?;
        // Admitted as owed; what nobody owes goes out in cash with the rest.
        let cash = payout.cash().and_then(|cash| cash.checked_add(left)).ok_or(Overflow)?;
        let whole = Party::Producer(producer);
        let rest = match payout.paid_by {
            Some(carrier) => (PostingKind::PaidByCarrier, Party::Contract(producer, Some(carrier)), cash),
            None => (PostingKind::PaidOut, whole, cash),
        };
        let parts = [
            (PostingKind::PaidLeads, whole, payout.leads),
            (PostingKind::Withheld, whole, payout.reserve),
            rest,
        ];
        for (kind, party, amount) in parts.into_iter().filter(|(.., amount)| !amount.is_zero()) {
            effects.postings.push(posting(kind, None, party, on, amount));
        }
        Ok(())
    }

    /// Takes back what the bank sent back: it is payable again.
    pub(super) fn take_back(
        &mut self,
        on: Day,
        position: Position,
        returned: &PayoutReturned<ById>,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let of = returned.payout;
        let out = self.payouts.made(of.position).ok_or(Unknown(position))?.out;
        let amount = returned.amount.unwrap_or(out);
        self.payouts.note_return(of.position, on, position, amount).ok_or(Unknown(position))?;
        let party = Party::Producer(of.producer);
        effects.postings.push(posting(PostingKind::Returned, None, party, on, amount));
        Ok(())
    }

    /// Notes a payout: that it was made, and what can come back of it.
    pub(super) fn note_payout(
        &mut self,
        on: Day,
        position: Position,
        payout: &PayoutMade<ById>,
    ) -> Option<()> {
        let out = if payout.paid_by.is_some() { Cents::ZERO } else { payout.cash()? };
        let made = Made { producer: payout.producer, on, out };
        self.payouts.note_payout(position, made, payout.returned);
        if payout.paid_by.is_none() && payout.parts.is_none() {
            let last = self.paid_whole.entry(payout.producer).or_insert(on);
            *last = on.max(*last);
        }
        Some(())
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
        pay_lots(on, producer, self.debts.open(producer, carrier, on)?, amount, kind, effects)
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

/// Pays off lots, the first first. Returns what is beyond all of them.
fn pay_lots(
    on: Day,
    producer: ProducerId,
    lots: Vec<Lot>,
    amount: Cents,
    kind: PostingKind,
    effects: &mut Effects,
) -> Result<Cents, Impossible> {
    let mut left = amount;
    let mut paid: Vec<(DebtKey, Cents)> = Vec::new();
    for lot in lots {
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

/// Who stands above a producer in the chain that stands: above its first place that is not at the top. Who has an
/// assigned part stands at the place that assigned it, and its own places are not above it (pay.md §4).
fn next_above(policy: &Policy, producer: ProducerId) -> Option<ProducerId> {
    policy.latest().terms.sides.iter().find_map(|side| {
        let places = &side.places.frozen;
        let has_part = |place: &FrozenPlace| place.assigned.is_some_and(|assigned| assigned.to == producer);
        let place = places.iter().position(|place| place.producer == producer || has_part(place))?;
        let mut above = places.iter().skip(place + 1);
        let assigned = places.get(place).is_some_and(|place| place.producer != producer);
        above.find(|above| !assigned || above.producer != producer).map(|above| above.producer)
    })
}
