//! §7: persistency, measured from what is visible at a point.

use super::chains::{Version, version_on};
use super::exact::{ONE, exact};
use super::premiums::Premiums;
use super::{Issue, Log, Point};
use crate::fact::grid::StopReason;
use crate::fact::{Body, PolicyStopped};
use crate::policy::persistency::{Basis, Definition, Survival};
use crate::recorded::event::{Event, Position};
use crate::vocabulary::names::{CarrierId, PolicyId, ProducerId};
use crate::vocabulary::time::Day;
use ethnum::I256;
use std::collections::BTreeMap;

/// Whose policies count for a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What it wrote, by its share.
    Own,
    /// Every policy with the producer anywhere in the frozen chain, at full weight.
    Downline,
}

/// An exact weight in units of 10^-28: of a policy by basis `count`, of a cent by basis `premium`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(pub I256);

/// A producer's persistency. No producer has one with an empty cohort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Persistency {
    /// Policies in the cohort.
    pub cohort: u64,
    /// Policies of the cohort that survive.
    pub surviving: u64,
    /// What the cohort weighs.
    pub cohort_weight: Weight,
    /// What the surviving ones weigh.
    pub surviving_weight: Weight,
}

impl Persistency {
    /// Surviving / cohort in ten-thousandths, rounded half-up: 6615 is printed 0.6615.
    pub fn ratio_in_ten_thousandths(&self) -> Option<u64> {
        let (surviving, cohort) = (self.surviving_weight.0, self.cohort_weight.0);
        // ⌊(2·10,000·s + c) / 2c⌋ is ⌊10,000·s/c + ½⌋; neither is negative.
        let doubled = surviving.checked_mul(I256::from(20_000))?.checked_add(cohort)?;
        let ratio = doubled.checked_div(cohort.checked_mul(I256::from(2))?)?;
        u64::try_from(ratio).ok()
    }
}

/// The persistency of every producer with a cohort at a point, by a definition, of all carriers or of one.
pub fn persistency(
    events: &[(Position, &Event)],
    definition: &Definition,
    at: Point,
    of: Scope,
    carrier: Option<CarrierId>,
) -> BTreeMap<ProducerId, Persistency> {
    let log = Log::read(events, at.position);
    let mut found: BTreeMap<ProducerId, Persistency> = BTreeMap::new();
    for (id, issue) in log.issued_by(Day(i32::MAX)) {
        let version = version_on(&log, id, issue, at.as_of);
        let counts = carrier.is_none_or(|carrier| carrier == issue.body.carrier);
        if !counts || !in_cohort(&log, id, &version, definition, at) {
            continue;
        }
        let survives = survives(&log, id, &version, definition, at);
        for (producer, Weight(weight)) in weights(issue, &version, definition.basis, of) {
            let row = found.entry(producer).or_default();
            row.cohort += 1;
            row.cohort_weight.0 += weight;
            if survives {
                row.surviving += 1;
                row.surviving_weight.0 += weight;
            }
        }
    }
    found
}

/// "In the cohort when issue+X months ≤ D < issue+Y months and it is not excluded."
fn in_cohort(log: &Log, id: PolicyId, issue: &Version, definition: &Definition, at: Point) -> bool {
    let mark = issue.on.plus_months(u32::from(definition.from_months));
    let end = issue.on.plus_months(u32::from(definition.to_months));
    mark <= at.as_of && at.as_of < end && !excluded(log, id, issue, definition, at)
}

/// "Excluded when that reason stopped it on or before its mark; a listed voiding reason excludes whenever it
/// came, as of D. A stop that was reinstated excludes nothing."
fn excluded(log: &Log, id: PolicyId, issue: &Version, definition: &Definition, at: Point) -> bool {
    let mark = issue.on.plus_months(u32::from(definition.from_months));
    let mut excluded = false;
    for (on, fact) in log.facts_of(id, issue.on, at.as_of) {
        match fact.body {
            Body::PolicyStopped(PolicyStopped { reason, .. }) if definition.exclude.contains(reason) => {
                let voids =
                    matches!(reason, StopReason::FreeLook | StopReason::NotTaken | StopReason::Rescission);
                excluded = excluded || voids || on <= mark;
            }
            Body::PolicyReinstated(_) => excluded = false,
            _ => {}
        }
    }
    excluded
}

/// "By `paid_to`, months applied as of D ≥ X; by `in_force`, in force on the date issue+X months."
fn survives(log: &Log, id: PolicyId, issue: &Version, definition: &Definition, at: Point) -> bool {
    let mark = issue.on.plus_months(u32::from(definition.from_months));
    let premiums_by = |day| {
        let mut premiums = Premiums::default();
        let facts = log.facts_of(id, issue.on, day);
        facts.into_iter().for_each(|(_, fact)| premiums.follow(fact.body, issue.mode));
        premiums
    };
    match definition.survive {
        Survival::PaidTo => premiums_by(at.as_of).months_applied >= u64::from(definition.from_months),
        Survival::InForce => premiums_by(mark).in_force,
    }
}

/// For whom a policy counts, and what it weighs there.
fn weights(issue: &Issue, version: &Version, basis: Basis, of: Scope) -> BTreeMap<ProducerId, Weight> {
    let mut shares: BTreeMap<ProducerId, i128> = BTreeMap::new();
    match of {
        Scope::Own => {
            for writing in &issue.body.writing {
                *shares.entry(writing.producer).or_default() += exact(writing.share);
            }
        }
        Scope::Downline => {
            let places = version.chain.iter().flat_map(|chain| &chain.sides).flatten();
            shares.extend(places.map(|place| (place.producer, ONE)));
        }
    }
    let weight = |share: i128| match basis {
        Basis::Count => Weight(I256::from(ONE)),
        Basis::Premium => Weight(I256::from(version.annual_premium) * I256::from(share)),
    };
    shares.into_iter().map(|(producer, share)| (producer, weight(share))).collect()
}
