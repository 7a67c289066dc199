//! §7: decisions about coverage, worked out again from what was known.

use super::chains::{releases, version_on};
use super::entries::concerned;
use super::exact::{ONE, exact, rounded};
use super::figures::{WritingGain, writing_gains};
use super::{Issue, Log, Persistency, Point, Scope, Weight, persistency};
use crate::fact::coverage::{CoverageDecision, Reason, Tier};
use crate::fact::{
    Body, ChargebackRecorded, CoverageEnrolled, CoveragePlan, CoverageWithdrawn, PersistencyDefined,
};
use crate::policy::persistency::{Definition, Tally, Weight as TallyWeight};
use crate::recorded::event::{Event, Position};
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ById, Code, Id, PolicyId, ProducerId};
use crate::vocabulary::time::Day;
use ethnum::I256;
use std::collections::BTreeSet;

/// The decision that must stand at a position, where one was recorded, from the events before it. `None` when
/// there was nothing to decide (no chargeback, or no enrolment).
pub fn decision(events: &[(Position, &Event)], position: Position) -> Option<CoverageDecision<ById>> {
    let (_, event) = events.iter().find(|(at, _)| *at == position)?;
    let Body::ChargebackCovered(recorded) = &event.body else { return None };
    let known = position.checked_sub(1)?;
    let log = Log::read(events, known);
    let issue = log.issues.get(recorded.policy.index())?;
    let Some(side) = recorded.side else {
        return decide_recorded(events, &log, recorded.stop, known);
    };
    let gains = writing_gains(&log, recorded.policy, issue);
    let gain = gains.into_iter().find(|gain| (gain.side, gain.stop) == (usize::from(side), recorded.stop))?;
    decide_stop(events, &log, recorded.policy, issue, gain, known)
}

/// Every decision that must follow, in log order, each with the position of the fact that it follows: once per
/// stop and writing place, when its chargeback first is positive; and once per recorded chargeback.
pub fn decisions(events: &[(Position, &Event)]) -> Vec<(Position, CoverageDecision<ById>)> {
    let mut found = Vec::new();
    let mut seen: BTreeSet<(PolicyId, Position, usize, ProducerId)> = BTreeSet::new();
    for &(position, event) in events {
        let log = Log::read(events, position);
        for (id, issue) in concerned(&log, &event.body) {
            for gain in writing_gains(&log, id, issue).into_iter().filter(|gain| gain.gain > 0) {
                if seen.insert((id, gain.stop, gain.side, gain.producer)) {
                    let decision = decide_stop(events, &log, id, issue, gain, position);
                    found.extend(decision.map(|decision| (position, decision)));
                }
            }
        }
        found.extend(decide_recorded(events, &log, position, position).map(|decision| (position, decision)));
    }
    found
}

/// About the writing place of a side that a stop charges back, as of the stop's date.
fn decide_stop(
    events: &[(Position, &Event)],
    log: &Log,
    id: PolicyId,
    issue: &Issue,
    gain: WritingGain,
    known: Position,
) -> Option<CoverageDecision<ById>> {
    let issued = version_on(log, id, issue, Day(i32::MAX)).on;
    let facts = log.facts_of(id, issued, Day(i32::MAX));
    let (on, _) = facts.into_iter().find(|(_, fact)| fact.position == gain.stop)?;
    if gain.gain <= 0 {
        return None;
    }
    let charged = Charged {
        policy: id,
        producer: gain.producer,
        side: u16::try_from(gain.side).ok(),
        stop: gain.stop,
        on,
        amount: gain.gain,
    };
    decide(events, log, issue, &charged, known)
}

/// About "a `chargeback_recorded` of a producer that wrote the policy".
fn decide_recorded(
    events: &[(Position, &Event)],
    log: &Log,
    position: Position,
    known: Position,
) -> Option<CoverageDecision<ById>> {
    let (_, event) = events.iter().find(|(at, _)| *at == position)?;
    let Body::ChargebackRecorded(ChargebackRecorded { policy, producer, amount, .. }) = event.body else {
        return None;
    };
    let issue = log.issues.get(policy.index())?;
    let wrote = issue.body.writing.iter().any(|writing| writing.producer == producer);
    let amount = i128::from(amount.0);
    let charged = Charged { policy, producer, side: None, stop: position, on: event.on, amount };
    if wrote { decide(events, log, issue, &charged, known) } else { None }
}

/// What is decided about.
struct Charged {
    policy: PolicyId,
    producer: ProducerId,
    side: Option<u16>,
    stop: Position,
    on: Day,
    amount: i128,
}

/// "The ledger decides at once, with what is known then, the stopping event included, as of the chargeback's
/// effective date: covered = round(C·cover)."
fn decide(
    events: &[(Position, &Event)],
    log: &Log,
    issue: &Issue,
    charged: &Charged,
    known: Position,
) -> Option<CoverageDecision<ById>> {
    let enrolled = enrolled(events, charged.producer, charged.on, known)?;
    let (plan_version, plan) = plan_in_force(events, &enrolled, charged.on, known)?;
    let (definition_version, definition) = definition_in_force(events, &plan.definition, charged.on, known)?;
    let at = Point { as_of: charged.on, position: known };
    let own = persistency(events, definition, at, Scope::Own, None);
    let own = own.get(&charged.producer).copied().unwrap_or_default();
    let issued = version_on(log, charged.policy, issue, Day(i32::MAX)).on;
    let released = log.releases.iter().any(|release| {
        releases(release, charged.producer, issue.body.carrier).is_some()
            && issued <= release.on
            && release.on < charged.on
    });
    let passed = highest_passed(&plan.tiers, &own);
    let (reason, tier) = match passed {
        _ if released => (Reason::Released, None),
        _ if own.cohort == 0 => (Reason::NoCohort, None),
        None => (Reason::BelowTiers, None),
        Some(tier) => (Reason::Tier, Some(tier)),
    };
    let covered = tier.map_or(0, |tier| rounded(charged.amount, [exact(tier.cover), ONE], 1, 1));
    Some(CoverageDecision {
        policy: charged.policy,
        producer: charged.producer,
        side: charged.side,
        stop: charged.stop,
        chargeback: cents(charged.amount)?,
        covered: cents(covered)?,
        payer: plan.payer,
        plan: enrolled,
        plan_version,
        definition: plan.definition.clone(),
        definition_version,
        basis: definition.basis,
        persistency: Tally {
            cohort: own.cohort,
            surviving: own.surviving,
            cohort_weight: weight(own.cohort_weight)?,
            surviving_weight: weight(own.surviving_weight)?,
        },
        tier,
        reason,
    })
}

fn cents(amount: i128) -> Option<Cents> {
    i64::try_from(amount).ok().map(Cents)
}

/// Both count in 10^-28.
fn weight(weight: Weight) -> Option<TallyWeight> {
    TallyWeight::from_bytes(weight.0.to_be_bytes())
}

/// The plan that a producer takes part in: "of several plans the last enrolled counts; a withdrawal counts from
/// its date".
fn enrolled(events: &[(Position, &Event)], producer: ProducerId, on: Day, known: Position) -> Option<Code> {
    let mut plans: Vec<Code> = Vec::new();
    for (_, event) in in_effective_order(events, on, known) {
        match &event.body {
            Body::CoverageEnrolled(CoverageEnrolled { producer: who, plan }) if *who == producer => {
                plans.retain(|other| other != plan);
                plans.push(plan.clone());
            }
            Body::CoverageWithdrawn(CoverageWithdrawn { producer: who, plan }) if *who == producer => {
                plans.retain(|other| other != plan);
            }
            _ => {}
        }
    }
    plans.pop()
}

fn plan_in_force<'a>(
    events: &[(Position, &'a Event)],
    code: &Code,
    on: Day,
    known: Position,
) -> Option<(Position, &'a CoveragePlan<ById>)> {
    let versions = in_effective_order(events, on, known).into_iter();
    let of_code = |(position, event): (Position, &'a Event)| match &event.body {
        Body::CoveragePlanPublished(plan) if plan.plan == *code => Some((position, &**plan)),
        _ => None,
    };
    versions.filter_map(of_code).next_back()
}

/// The version in force; where the first one begins later, that one.
fn definition_in_force<'a>(
    events: &[(Position, &'a Event)],
    code: &Code,
    on: Day,
    known: Position,
) -> Option<(Position, &'a Definition)> {
    let of_code = |(position, event): (Position, &'a Event)| match &event.body {
        Body::PersistencyDefined(PersistencyDefined { definition, terms }) if definition == code => {
            Some((position, terms))
        }
        _ => None,
    };
    let in_force = in_effective_order(events, on, known).into_iter().filter_map(of_code).next_back();
    let all = || in_effective_order(events, Day(i32::MAX), known).into_iter().find_map(of_code);
    in_force.or_else(all)
}

/// What is effective on or before a day and known at a position, by effective date, then position.
fn in_effective_order<'a>(
    events: &[(Position, &'a Event)],
    on: Day,
    known: Position,
) -> Vec<(Position, &'a Event)> {
    let visible = events.iter().filter(|(position, event)| *position <= known && event.on <= on);
    let mut visible: Vec<(Position, &Event)> = visible.copied().collect();
    visible.sort_by_key(|(position, event)| (event.on, *position));
    visible
}

/// "Tiers `above → cover`, strictly above. The highest tier passed counts."
fn highest_passed(tiers: &[Tier], own: &Persistency) -> Option<Tier> {
    let (surviving, cohort) = (own.surviving_weight.0, own.cohort_weight.0);
    let passed = |tier: &&Tier| {
        // surviving / cohort > above, times cohort, in 10^-28: a weight of 2^180 at most times 2^97.
        match surviving.checked_mul(I256::from(ONE)) {
            Some(surviving) => surviving > cohort * I256::from(exact(tier.above)),
            None => false,
        }
    };
    tiers.iter().filter(passed).max_by_key(|tier| exact(tier.above)).copied()
}
