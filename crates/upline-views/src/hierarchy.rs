//! Who stands under whom: frozen chains of policies, and the hierarchy of contracts as of a date (rules §3).

use hashbrown::{HashMap, HashSet};
use upline_core::as_of::AsOf;
use upline_core::chain::AdvanceTerms;
use upline_core::contract::Contract;
use upline_core::money::Cents;
use upline_core::names::{CarrierId, Code, PolicyId, ProducerId};
use upline_core::policy_state::PolicyState;
use upline_core::premium_status::Overflow;
use upline_core::rate::Rate;
use upline_core::reference_data::ReferenceData;

/// A place of a frozen chain, with its first-year figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The writing producer of the side.
    pub writing: Code,
    /// The place; 0 is the writing producer.
    pub place: u16,
    /// Who is paid there.
    pub producer: Code,
    /// Whose commission is assigned to it, where it has the assigned part of the place.
    pub assigned_from: Option<Code>,
    /// What it has of the place.
    pub part: Rate,
    pub level: Code,
    /// The level's own rate.
    pub rate: Rate,
    /// What it is paid: its rate less the highest below.
    pub spread: Rate,
    /// The terms of its advance.
    pub terms: AdvanceTerms,
    /// What it was paid in advance.
    pub advance: Cents,
}

/// The frozen chain of a policy that can be seen; nothing of one that cannot.
pub fn chain(reference: &ReferenceData, id: PolicyId, at: AsOf) -> Result<Vec<Place>, Overflow> {
    let Some(policy) = reference.policies().get(id) else { return Ok(Vec::new()) };
    let terms = policy.version(at.effective, at.known).terms;
    if !at.sees(terms.issue, policy.position) {
        return Ok(Vec::new());
    }
    let state = PolicyState::issued(terms)?;
    let mut payees = state.payees().iter();
    let mut rows = Vec::new();
    let name = |id| reference.producers().name(id).cloned();
    for (side, (writing, _)) in terms.sides.iter().zip(&policy.writing) {
        let mut below = Rate::ZERO;
        let rates = side.places.own_first_year.iter().zip(side.places.rates(1));
        for ((place, frozen), (own, effective)) in (0u16..).zip(&side.places.frozen).zip(rates) {
            let kept = frozen.assigned.map_or(Rate::ONE, |assigned| assigned.keeps);
            let to =
                frozen.assigned.map(|assigned| (assigned.to, Some(frozen.producer), Rate::ONE.above(kept)));
            for (producer, from, part) in [Some((frozen.producer, None, kept)), to].into_iter().flatten() {
                let (Some(writing), Some(producer), Some(payee)) =
                    (name(*writing), name(producer), payees.next())
                else {
                    continue;
                };
                rows.push(Place {
                    writing,
                    place,
                    producer,
                    assigned_from: from.and_then(name),
                    part,
                    level: frozen.level.clone(),
                    rate: *own,
                    spread: effective.above(below),
                    terms: frozen.advance,
                    advance: payee.advance,
                });
            }
            below = *effective;
        }
    }
    rows.sort_by(|a, b| (&a.writing, a.place).cmp(&(&b.writing, b.place)));
    Ok(rows)
}

/// A producer in the hierarchy below another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Below {
    pub producer: Code,
    /// Under whom; none at the top.
    pub upline: Option<Code>,
    pub level: Code,
    /// How far below; 0 is the producer that was asked for.
    pub depth: u16,
}

/// The hierarchy below a producer as of a date, from the top, each producer before those below it.
pub fn downline(reference: &ReferenceData, top: ProducerId, carrier: CarrierId, at: AsOf) -> Vec<Below> {
    let contracts = reference.contracts();
    let mut below: HashMap<ProducerId, Vec<(&Code, ProducerId, Contract)>> = HashMap::new();
    for producer in contracts.contracted(carrier) {
        let contract = contracts.at(*producer, carrier, at);
        let standing = contract.filter(|contract| !contract.is_released(at.effective));
        let (Some(contract), Some(code)) = (standing, reference.producers().name(*producer)) else {
            continue;
        };
        if let Some(upline) = contracts.standing_upline(&contract, carrier, at) {
            below.entry(upline).or_default().push((code, *producer, contract));
        }
    }
    // Last first, as the stack below gives them back in order.
    below.values_mut().for_each(|under| under.sort_by(|a, b| b.0.cmp(a.0)));
    let name = |id: ProducerId| reference.producers().name(id).cloned();
    let mut rows = Vec::new();
    let mut seen = HashSet::new();
    let mut stack = Vec::new();
    if let (Some(contract), Some(code)) = (contracts.at(top, carrier, at), reference.producers().name(top)) {
        stack.push((0u16, code, top, contract));
    }
    while let Some((depth, code, producer, contract)) = stack.pop() {
        if !seen.insert(producer) {
            continue;
        }
        let upline = contracts.standing_upline(&contract, carrier, at).and_then(name);
        rows.push(Below { producer: code.clone(), upline, level: contract.level, depth });
        for (code, producer, contract) in below.remove(&producer).unwrap_or_default() {
            stack.push((depth.saturating_add(1), code, producer, contract));
        }
    }
    rows
}
