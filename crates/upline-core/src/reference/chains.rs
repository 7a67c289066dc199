//! §3: contracts, grids, and the chain that a policy freezes, worked out again from what was known.

use super::exact::exact;
use super::{Issue, Log, Published};
use crate::chain::{AdvanceTerms, FrozenChain, FrozenPlace};
use crate::event::{Event, Position};
use crate::fact::Body;
use crate::grid::{Band, ChargebackRow};
use crate::names::{CarrierId, Code, Id, PolicyId, ProducerId};
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

/// The chain of an issue.
pub(super) fn chain_of(log: &Log, issue: &Issue) -> Option<FrozenChain> {
    frozen(log, issue).map(|(chain, _)| chain)
}

/// A contract as it stands on a day.
#[derive(Clone)]
struct Contract {
    level: Code,
    upline: Option<ProducerId>,
    advance: AdvanceTerms,
}

/// The contract of a producer on the issue date, as known before the issue.
fn contract(log: &Log, producer: ProducerId, carrier: CarrierId, issue: &Issue) -> Option<Contract> {
    let mut standing: Option<Contract> = None;
    for fact in log.contracts.get(&(producer, carrier)).into_iter().flatten() {
        if fact.on > issue.on || fact.position >= issue.position {
            continue;
        }
        match fact.body {
            Body::ProducerContracted { level, upline, advance, .. } => {
                standing = Some(Contract { level: level.clone(), upline: *upline, advance: *advance });
            }
            Body::ContractChanged { level, upline, advance, .. } => {
                let Some(contract) = standing.as_mut() else { continue };
                contract.level = level.clone().unwrap_or(contract.level.clone());
                contract.upline = upline.unwrap_or(contract.upline);
                contract.advance = advance.unwrap_or(contract.advance);
            }
            _ => {}
        }
    }
    standing
}

/// The grid in force on the issue date, as known before the issue: the latest.
fn grid<'l, 'a>(log: &'l Log<'a>, issue: &Issue<'a>) -> Option<&'l Published<'a>> {
    let of_product = log.grids.get(&(issue.body.carrier, &issue.body.product))?;
    of_product.iter().rfind(|grid| grid.on <= issue.on && grid.position < issue.position)
}

/// "For each writing producer, the contracts from that producer up to the top", with the grid.
fn frozen<'l, 'a>(log: &'l Log<'a>, issue: &Issue<'a>) -> Option<(FrozenChain, &'l Published<'a>)> {
    let published = grid(log, issue)?;
    let mut sides = Vec::new();
    for writing in &issue.body.writing {
        let mut places: Vec<FrozenPlace> = Vec::new();
        let mut next = Some(writing.producer);
        while let Some(producer) = next {
            let contract = contract(log, producer, issue.body.carrier, issue)?;
            let in_a_loop = places.iter().any(|place| place.producer == producer);
            let grid_lacks_level = !published.grid.levels.iter().any(|(level, _)| *level == contract.level);
            if in_a_loop || grid_lacks_level {
                return None;
            }
            places.push(FrozenPlace { producer, level: contract.level, advance: contract.advance });
            next = contract.upline;
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
}

/// The terms of a policy. Without a chain it has no payees.
pub(super) fn terms<'a>(log: &Log<'a>, issue: &Issue<'a>) -> Terms<'a> {
    let annual_premium = i128::from(issue.body.annual_premium.0);
    let Some((chain, published)) = frozen(log, issue) else {
        return Terms { annual_premium, sides: Vec::new(), chargeback: &[] };
    };
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
        };
        sides.push(Side {
            writing: writing.producer,
            share_before,
            share_through: share,
            places: places.iter().map(place).collect(),
        });
    }
    Terms { annual_premium, sides, chargeback: &grid.chargeback }
}
