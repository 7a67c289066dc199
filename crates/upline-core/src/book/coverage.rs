//! Assessing chargebacks, and deciding at once whether they are covered (rules §7).

use super::record::posting;
use super::{Book, DerivedEvent, Effects, Impossible};
use crate::fact::coverage::{CoverageDecision, Reason, tier_passed};
use crate::fact::{Body, ChargebackAssessed, PaidBy};
use crate::policy::persistency::{Definition, Membership, Tally};
use crate::policy::premium_status::{Overflow, facts_under};
use crate::policy::timeline::{Cover, difference};
use crate::recorded::event::Position;
use crate::recorded::posting::{Party, PostingKind};
use crate::terms::reference_data::Unknown;
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ById, PolicyId, ProducerId};
use crate::vocabulary::rate::{Rate, portion};
use crate::vocabulary::time::Day;

/// A chargeback that is to be decided about.
struct Charged {
    policy: PolicyId,
    producer: ProducerId,
    /// The writing side; none for a chargeback that the carrier asserts.
    side: Option<u16>,
    stop: Position,
    on: Day,
    amount: Cents,
}

impl Book {
    /// Records each chargeback once, when it first is positive, and decides about those of writing places.
    pub(super) fn assess(
        &mut self,
        position: Position,
        id: PolicyId,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let policy = self.reference.policies().get(id).ok_or(Unknown(position))?;
        let history = self.histories.get_mut(id).ok_or(Unknown(position))?;
        let numbers = policy.restatements.last().map_or(&policy.numbers, |restated| &restated.numbers);
        let mut to_decide = Vec::new();
        for chargeback in history.state.chargebacks(0).filter(|c| c.amount.is_positive()) {
            let Some(stop) = history.state.stops().get(chargeback.stop) else { continue };
            let Some(number) = numbers.get(chargeback.payee) else { continue };
            let Some(payee) = policy.payees.get(usize::from(*number)) else { continue };
            if history.assessed.contains(&(stop.position, *number)) {
                continue;
            }
            history.assessed.push((stop.position, *number));
            let body = Body::ChargebackAssessed(ChargebackAssessed {
                policy: id,
                producer: payee.producer,
                payee: *number,
                stop: stop.position,
                amount: chargeback.amount,
                rule: stop.rule,
                kept: chargeback.kept,
            });
            effects.derived.push(DerivedEvent { on: stop.on, body, postings: Vec::new() });
            if payee.place == 0 && !payee.assigned {
                to_decide.push(Charged {
                    policy: id,
                    producer: payee.producer,
                    side: Some(payee.side),
                    stop: stop.position,
                    on: stop.on,
                    amount: chargeback.amount,
                });
            }
        }
        to_decide.into_iter().try_for_each(|charged| self.decide(position, &charged, effects))
    }

    /// Decides about a chargeback that the carrier asserts, of a producer that wrote the policy.
    pub(super) fn decide_recorded(
        &mut self,
        on: Day,
        position: Position,
        policy: PolicyId,
        producer: ProducerId,
        amount: Cents,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let row = self.reference.policies().get(policy).ok_or(Unknown(position))?;
        if row.share_of(producer).is_none() {
            return Ok(());
        }
        let charged = Charged { policy, producer, side: None, stop: position, on, amount };
        self.decide(position, &charged, effects)
    }

    /// Decides with what is known now, as of the chargeback's date. Without enrolment nothing is decided.
    fn decide(
        &mut self,
        position: Position,
        charged: &Charged,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let Some(plan) = self.reference.plan_on(charged.producer, charged.on) else { return Ok(()) };
        let definition =
            self.reference.definition_on(&plan.plan.definition, charged.on).ok_or(Unknown(position))?;
        let policy = self.reference.policies().get(charged.policy).ok_or(Unknown(position))?;
        let persistency = self.own_persistency(charged.producer, &definition.terms, charged.on)?;
        let released =
            self.reference.releases(charged.producer, policy).any(|release| release.on < charged.on);
        let passed = tier_passed(&plan.plan.tiers, &persistency);
        let (tier, reason) = if released {
            (None, Reason::Released)
        } else if persistency.cohort == 0 {
            (None, Reason::NoCohort)
        } else {
            (passed, passed.map_or(Reason::BelowTiers, |_| Reason::Tier))
        };
        let cover = tier.map_or(Rate::ZERO, |tier| tier.cover);
        let covered = portion(charged.amount, cover, Rate::ONE, 1, 1).ok_or(Overflow)?;
        let payer = plan.plan.payer;
        // Where the carrier pays the producer itself it takes the whole chargeback, and the house pays what is covered.
        let paid_by = self.reference.routes().paid_by(charged.producer, policy.carrier, charged.on);
        let direct = paid_by == PaidBy::Carrier;
        let decision = CoverageDecision::<ById> {
            policy: charged.policy,
            producer: charged.producer,
            side: charged.side,
            stop: charged.stop,
            chargeback: charged.amount,
            covered,
            payer,
            plan: plan.plan.plan.clone(),
            plan_version: plan.position,
            definition: plan.plan.definition.clone(),
            definition_version: definition.position,
            basis: definition.terms.basis,
            persistency,
            tier,
            reason,
        };
        let mut postings = Vec::new();
        if cover != Rate::ZERO {
            match charged.side {
                Some(side) => {
                    let (policy, history) = self.policy_mut(position, charged.policy)?;
                    let (_, without) = history.timeline(charged.policy, policy)?;
                    let (stop, producer) = (charged.stop, charged.producer);
                    history.covers.push(Cover { stop, side, producer, payer, rate: cover, direct });
                    let (_, with) = history.timeline(charged.policy, policy)?;
                    postings = difference(&without, &with)?;
                }
                None => {
                    let party = Party::Pair(charged.producer, payer);
                    let kind = if direct { PostingKind::CoveredDirectly } else { PostingKind::Covered };
                    postings.push(posting(kind, Some(charged.policy), party, charged.on, covered));
                }
            }
        }
        let body = Body::ChargebackCovered(Box::new(decision));
        effects.derived.push(DerivedEvent { on: charged.on, body, postings });
        Ok(())
    }

    /// A producer's own persistency as of a day, with everything known now.
    fn own_persistency(
        &self,
        producer: ProducerId,
        definition: &Definition,
        as_of: Day,
    ) -> Result<Tally, Overflow> {
        let mut tally = Tally::default();
        for id in self.reference.policies_of(producer) {
            let (Some(policy), Some(history)) = (self.reference.policies().get(*id), self.histories.get(*id))
            else {
                continue;
            };
            let terms = policy.version(as_of, Position::MAX).terms;
            let Some(share) = policy.share_of(producer).filter(|_| terms.issue <= as_of) else { continue };
            let facts = facts_under(history.facts.iter().copied(), terms.issue, terms.months_by_mode);
            let survives = match definition.membership(as_of, terms.issue, facts.into_iter())? {
                Membership::Survives => true,
                Membership::Fails => false,
                Membership::TooYoung | Membership::TooOld | Membership::Excluded(_) => continue,
            };
            tally.count(survives, definition.weight(terms.annual_premium, share));
        }
        Ok(tally)
    }
}
