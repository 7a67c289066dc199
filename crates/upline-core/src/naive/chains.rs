//! §3: contracts, grids, and the chain that a policy freezes, worked out again from what was known.

use super::exact::exact;
use super::{Fact, Issue, Log, Published};
use crate::fact::grid::{Band, ChargebackMonths, ChargebackRow};
use crate::fact::{
    AgentReleased, Body, ChainLink, ContractChanged, Mode, ProducerContracted, RestatedChain, Vesting,
};
use crate::recorded::event::{Event, Position};
use crate::terms::chain::{AdvanceTerms, Assigned, FrozenChain, FrozenPlace};
use crate::vocabulary::names::{ById, CarrierId, Code, GridId, Id, PolicyId, ProducerId};
use crate::vocabulary::time::Day;
use std::collections::BTreeMap;

/// The chain that a policy froze at its issue; `None` when the policy is not known at this position, or when
/// what was known at its issue makes no chain (such an issue is refused).
pub fn chain(events: &[(Position, &Event)], policy: PolicyId, known: Position) -> Option<FrozenChain> {
    let log = Log::read(events, known);
    log.issues.get(policy.index()).and_then(|issue| chain_of(&log, issue))
}

/// The chains of all policies known at a position, as [`chain`] gives them.
pub fn chains(events: &[(Position, &Event)], known: Position) -> BTreeMap<PolicyId, Option<FrozenChain>> {
    let log = Log::read(events, known);
    log.issues.iter().enumerate().map(|(n, issue)| (PolicyId::at(n), chain_of(&log, issue))).collect()
}

/// The chain that a restatement, the event at this position, must carry (§8): levels and chain as it says or
/// "as they stand now for the issue date", advance terms and grid as known now for the issue date.
pub fn restated(events: &[(Position, &Event)], position: Position) -> Option<FrozenChain> {
    let before = Log::read(events, position.checked_sub(1)?);
    let (_, event) = events.iter().find(|(at, _)| *at == position)?;
    let Body::PolicyRestated(restated) = &event.body else { return None };
    let issue = before.issues.get(restated.policy.index())?;
    let stands = version_on(&before, restated.policy, issue, Day(i32::MAX));
    let corrected = restated.issue.as_deref().cloned().unwrap_or_default();
    let (on, product) =
        (corrected.on.unwrap_or(stands.on), corrected.product.unwrap_or(stands.product.clone()));
    let now = Sight { on, before: position };
    let carrier = issue.body.carrier;
    let sides = match &restated.chain {
        RestatedChain::Contracts => {
            return frozen(&before, issue, &product, now).map(|(chain, _)| chain);
        }
        RestatedChain::Same if (on, &product) == (stands.on, &stands.product) => return stands.chain,
        RestatedChain::Same => stands.chain?.sides,
        RestatedChain::Places(sides) => {
            let place = |producer: ProducerId, level: &Code| {
                let advance = contract(&before, producer, carrier, now).map(|found| found.advance);
                let (level, advance) = (level.clone(), advance.unwrap_or_default());
                FrozenPlace { producer, level, advance, assigned: assigned(&before, producer, carrier, now) }
            };
            let side = |side: &Vec<ChainLink<ById>>| {
                side.iter().map(|link| place(link.producer, &link.level)).collect()
            };
            sides.iter().map(side).collect()
        }
    };
    let published = grid(&before, carrier, &product, now)?;
    Some(FrozenChain { grid: published.id, sides })
}

/// A policy as it stands: as it was issued, or as it was last corrected.
#[derive(Clone)]
pub(super) struct Version {
    pub(super) on: Day,
    pub(super) product: Code,
    pub(super) annual_premium: i128,
    pub(super) mode: Mode,
    pub(super) chain: Option<FrozenChain>,
}

/// A policy as it was issued, and as each correction left it, in the order of their recording: "what a restatement leaves
/// out stays as it was last corrected" (pay.md §11).
pub(super) fn versions(log: &Log, id: PolicyId, issue: &Issue) -> Vec<Version> {
    let body = issue.body;
    let mut versions = vec![Version {
        on: issue.on,
        product: body.product.clone(),
        annual_premium: i128::from(body.annual_premium.0),
        mode: body.mode,
        chain: chain_of(log, issue),
    }];
    for restated in log.restatements.get(&id).into_iter().flatten() {
        let Some(mut next) = versions.last().cloned() else { break };
        let corrected = restated.body.issue.as_deref().cloned().unwrap_or_default();
        next.on = corrected.on.unwrap_or(next.on);
        next.product = corrected.product.unwrap_or(next.product);
        next.annual_premium = corrected.annual_premium.map_or(next.annual_premium, |of| i128::from(of.0));
        next.mode = corrected.mode.unwrap_or(next.mode);
        next.chain = Some(restated.body.frozen.clone());
        versions.push(next);
    }
    versions
}

/// A policy as it counts on a day: as it was last corrected, of the restatements that count from that day or before
/// (§8: "not before the restatement's `on`"), else as it was issued.
pub(super) fn version_on(log: &Log, id: PolicyId, issue: &Issue, day: Day) -> Version {
    let mut versions = versions(log, id, issue);
    let restated = log.restatements.get(&id).into_iter().flatten();
    let counts = (1..).zip(restated).filter(|(_, restated)| restated.on <= day).last();
    versions.swap_remove(counts.map_or(0, |(n, _)| n))
}

/// The chain of an issue.
pub(super) fn chain_of(log: &Log, issue: &Issue) -> Option<FrozenChain> {
    let sight = Sight { on: issue.on, before: issue.position };
    frozen(log, issue, &issue.body.product, sight).map(|(chain, _)| chain)
}

/// A contract as it stands on a day.
#[derive(Clone)]
struct Contract {
    level: Code,
    upline: Option<ProducerId>,
    advance: AdvanceTerms,
    /// The day on which it ended, where it did not begin again.
    released: Option<Day>,
}

/// For which day, and by what was recorded before which position, contracts and grids are looked up.
#[derive(Clone, Copy)]
struct Sight {
    on: Day,
    before: Position,
}

impl Sight {
    fn sees(self, fact: &Fact) -> bool {
        fact.on <= self.on && fact.position < self.before
    }
}

/// The contract of a producer. "`agent_released` ends the contract with that carrier (or `*`) from `on`: no
/// policy can be issued on it after that date": on the date itself it stands still.
fn contract(log: &Log, producer: ProducerId, carrier: CarrierId, sight: Sight) -> Option<Contract> {
    let steps = log.contracts.get(&(producer, carrier)).into_iter().flatten();
    let releases = log.releases.iter().filter(|fact| releases(fact, producer, carrier).is_some());
    let mut facts: Vec<&Fact> = steps.chain(releases).filter(|fact| sight.sees(fact)).collect();
    facts.sort_by_key(|fact| (fact.on, fact.position));
    let mut standing: Option<Contract> = None;
    for fact in facts {
        match fact.body {
            Body::ProducerContracted(ProducerContracted { level, upline, advance, .. }) => {
                let (level, released) = (level.clone(), None);
                standing = Some(Contract { level, upline: *upline, advance: *advance, released });
            }
            Body::ContractChanged(ContractChanged { level, upline, advance, .. }) => {
                // A change after the contract ended changes nothing: its last upline stays the last.
                let stands =
                    |contract: &&mut Contract| contract.released.is_none_or(|ended| fact.on <= ended);
                let Some(contract) = standing.as_mut().filter(stands) else {
                    continue;
                };
                contract.level = level.clone().unwrap_or(contract.level.clone());
                contract.upline = upline.unwrap_or(contract.upline);
                contract.advance = advance.unwrap_or(contract.advance);
            }
            Body::AgentReleased(_) if fact.on < sight.on => {
                if let Some(contract) = standing.as_mut() {
                    contract.released = contract.released.or(Some(fact.on));
                }
            }
            _ => {}
        }
    }
    standing
}

/// The vesting of a release, where the fact is one of this producer from this carrier (or from all).
pub(super) fn releases(fact: &Fact, producer: ProducerId, carrier: CarrierId) -> Option<Vesting> {
    match fact.body {
        Body::AgentReleased(AgentReleased { producer: who, carrier: from, vesting, .. })
            if *who == producer && from.is_none_or(|from| from == carrier) =>
        {
            Some(*vesting)
        }
        _ => None,
    }
}

/// What the producer assigns: "dated, the latest by date and then position counts".
fn assigned(log: &Log, producer: ProducerId, carrier: CarrierId, sight: Sight) -> Option<Assigned> {
    let of = |fact: &Fact| match fact.body {
        Body::CommissionAssigned(assigned)
            if (assigned.producer, assigned.carrier) == (producer, carrier) =>
        {
            Some(Some(Assigned { to: assigned.to, keeps: assigned.keeps }))
        }
        Body::AssignmentEnded(ended) if (ended.producer, ended.carrier) == (producer, carrier) => Some(None),
        _ => None,
    };
    let seen = log.assignments.iter().filter(|fact| sight.sees(fact));
    let versions = seen.filter_map(|fact| Some(((fact.on, fact.position), of(fact)?)));
    versions.max_by_key(|(order, _)| *order).and_then(|(_, assigned)| assigned)
}

/// The grid in force on the day: the latest.
fn grid<'l, 'a>(
    log: &'l Log<'a>,
    carrier: CarrierId,
    product: &Code,
    sight: Sight,
) -> Option<&'l Published<'a>> {
    let mut of_product = log.grids.iter().filter(|((with, of), _)| (*with, *of) == (carrier, product));
    let (_, of_product) = of_product.next()?;
    of_product.iter().rfind(|grid| grid.on <= sight.on && grid.position < sight.before)
}

/// "For each writing producer, the contracts from that producer up to the top", with the grid. "A released
/// upline is passed over: it is no payee, the chain goes on at its last upline."
fn frozen<'l, 'a>(
    log: &'l Log<'a>,
    issue: &Issue<'a>,
    product: &Code,
    sight: Sight,
) -> Option<(FrozenChain, &'l Published<'a>)> {
    let published = grid(log, issue.body.carrier, product, sight)?;
    let mut sides = Vec::new();
    for writing in &issue.body.writing {
        let mut places: Vec<FrozenPlace> = Vec::new();
        let mut seen: Vec<ProducerId> = Vec::new();
        let mut next = Some(writing.producer);
        while let Some(producer) = next {
            let contract = contract(log, producer, issue.body.carrier, sight)?;
            next = contract.upline;
            let writes = seen.is_empty();
            if seen.contains(&producer) || (writes && contract.released.is_some()) {
                return None;
            }
            seen.push(producer);
            if contract.released.is_some() {
                continue;
            }
            if !published.grid.levels.iter().any(|(level, _)| *level == contract.level) {
                return None;
            }
            let assigned = assigned(log, producer, issue.body.carrier, sight);
            places.push(FrozenPlace { producer, level: contract.level, advance: contract.advance, assigned });
        }
        sides.push(places);
    }
    Some((FrozenChain { grid: published.id, sides }, published))
}

/// What the money of a policy is computed from. Amounts in cents, shares in units of 10^-28.
pub(super) struct Terms<'a> {
    /// AP.
    pub(super) annual_premium: i128,
    pub(super) sides: Vec<Side<'a>>,
    pub(super) chargeback: &'a [ChargebackRow],
    /// The issue date, where the rows speak of the months since then.
    pub(super) elapsed_since: Option<Day>,
}

/// Writing side i.
pub(super) struct Side<'a> {
    pub(super) writing: ProducerId,
    /// S(i−1).
    pub(super) share_before: i128,
    /// S(i).
    pub(super) share_through: i128,
    pub(super) places: Vec<Place<'a>>,
}

/// A place in the chain of a side.
pub(super) struct Place<'a> {
    pub(super) producer: ProducerId,
    pub(super) advance: AdvanceTerms,
    pub(super) bands: &'a [Band],
    /// The release after which it is paid nothing beyond its advance.
    pub(super) forfeits_after: Option<Day>,
    pub(super) assigned: Option<Assigned>,
}

/// The terms of a version of a policy. Without a chain it has no payees. Who forfeits goes by the issue date that stands.
pub(super) fn terms<'a>(log: &Log<'a>, id: PolicyId, issue: &Issue<'a>, version: &Version) -> Terms<'a> {
    let annual_premium = version.annual_premium;
    let with_grid = version.chain.as_ref().and_then(|chain| Some((chain, published(log, chain.grid)?)));
    let Some((chain, published)) = with_grid else {
        return Terms { annual_premium, sides: Vec::new(), chargeback: &[], elapsed_since: None };
    };
    let issued = version_on(log, id, issue, Day(i32::MAX)).on;
    let grid = published.grid;
    let mut sides = Vec::new();
    let mut share = 0;
    for (writing, places) in issue.body.writing.iter().zip(&chain.sides) {
        let share_before = share;
        share += exact(writing.share);
        let place = |place: &FrozenPlace| Place {
            producer: place.producer,
            advance: place.advance,
            bands: grid.bands(&place.level).unwrap_or(&[]),
            forfeits_after: forfeits_after(log, issue.body.carrier, issued, place.producer),
            assigned: place.assigned,
        };
        sides.push(Side {
            writing: writing.producer,
            share_before,
            share_through: share,
            places: places.iter().map(place).collect(),
        });
    }
    let elapsed = grid.chargeback_months == ChargebackMonths::Elapsed;
    let elapsed_since = elapsed.then_some(version.on);
    Terms { annual_premium, sides, chargeback: &grid.chargeback, elapsed_since }
}

/// The n-th grid of the log.
fn published<'l, 'a>(log: &'l Log<'a>, id: GridId) -> Option<&'l Published<'a>> {
    log.grids.values().flatten().find(|published| published.id == id)
}

/// "With `vesting: none` … A release concerns the policies issued up to its date"; of several the earliest.
fn forfeits_after(log: &Log, carrier: CarrierId, issued: Day, producer: ProducerId) -> Option<Day> {
    let none = |fact: &&Fact| releases(fact, producer, carrier) == Some(Vesting::None);
    log.releases.iter().filter(none).map(|fact| fact.on).filter(|on| issued <= *on).min()
}
