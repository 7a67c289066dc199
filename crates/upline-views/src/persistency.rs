//! Persistency of producers at a point (rules §7). Policies are kept with their facts in effective order,
//! so that a question steps through premiums and stops alone; no money is replayed.

use crate::point::Point;
use crate::scan::Fold;
use hashbrown::{HashMap, HashSet};
use upline_core::event::{Event, Position};
use upline_core::fact::Body;
use upline_core::names::{CarrierId, Code, PolicyId, ProducerId, Table};
use upline_core::persistency::{Definition, Membership, Tally, Weight};
use upline_core::posting::Posting;
use upline_core::rate::Rate;
use upline_core::register::{Policy, Register};
use upline_core::standing::{Happening, Installment, Overflow, PolicyFact};

/// Whose policies count for a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those that it wrote, by its share.
    Own,
    /// Those with the producer anywhere in the frozen chain, at full weight.
    Downline,
}

/// The visible facts of every policy.
#[derive(Debug)]
pub struct Histories {
    at: Point,
    facts: Table<PolicyId, Vec<PolicyFact>>,
}

impl Histories {
    /// Histories at a point.
    pub fn new(at: Point) -> Histories {
        Histories { at, facts: Table::default() }
    }

    /// The visible facts of a policy, in effective order.
    pub fn of(&self, policy: PolicyId) -> &[PolicyFact] {
        self.facts.get(policy).map_or(&[], Vec::as_slice)
    }

    /// Puts the facts into effective order; those that came in order stay where they are.
    pub fn sort(&mut self) {
        for index in 0..self.facts.len() {
            let id = <PolicyId as upline_core::names::Id>::at(index);
            if let Some(facts) = self.facts.get_mut(id) {
                facts.sort_by_key(|fact| (fact.on, fact.position));
            }
        }
    }

    /// The policies that can be seen.
    fn visible<'a>(&'a self, register: &'a Register) -> impl Iterator<Item = (PolicyId, &'a Policy)> {
        let at = self.at;
        register.policies().iter().filter(move |(_, p)| p.issue <= at.as_of && p.position <= at.position)
    }

    /// The persistency of every producer with a cohort. The histories must be sorted.
    pub fn measure(
        &self,
        register: &Register,
        definition: &Definition,
        scope: Scope,
        carrier: Option<CarrierId>,
    ) -> Result<Vec<(Code, Tally)>, Overflow> {
        let mut tallies: HashMap<ProducerId, Tally> = HashMap::new();
        let mut shares: Vec<(ProducerId, Weight)> = Vec::new();
        for (id, policy) in self.visible(register).filter(|(_, p)| carrier.is_none_or(|c| c == p.carrier)) {
            let membership = definition.membership(self.at.as_of, policy.issue, self.of(id).iter())?;
            let survives = match membership {
                Membership::Survives => true,
                Membership::Fails => false,
                Membership::TooYoung | Membership::TooOld | Membership::Excluded(_) => continue,
            };
            weights(policy, self.at, definition, scope, &mut shares);
            for (producer, weight) in shares.drain(..) {
                tallies.entry(producer).or_default().count(survives, weight);
            }
        }
        let named = |(id, tally)| Some((register.producers().name(id)?.clone(), tally));
        let mut rows: Vec<(Code, Tally)> = tallies.into_iter().filter_map(named).collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(rows)
    }
}

/// What the policy weighs for each producer that it counts for; each once.
fn weights(
    policy: &Policy,
    at: Point,
    definition: &Definition,
    scope: Scope,
    out: &mut Vec<(ProducerId, Weight)>,
) {
    match scope {
        Scope::Own => {
            for (index, (producer, _)) in policy.writing.iter().enumerate() {
                let once = policy.writing.iter().position(|(who, _)| who == producer) == Some(index);
                if let Some(share) = policy.share_of(*producer).filter(|_| once) {
                    out.push((*producer, definition.weight(policy.terms.annual_premium, share)));
                }
            }
        }
        Scope::Downline => {
            let weight = definition.weight(policy.terms.annual_premium, Rate::ONE);
            let (terms, _) = policy.standing_chain(at.as_of, at.position);
            let places = terms.sides.iter().flat_map(|side| &side.places.frozen);
            let mut seen = HashSet::new();
            let producers = places.map(|place| place.producer).filter(|producer| seen.insert(*producer));
            out.extend(producers.map(|producer| (producer, weight)));
        }
    }
}

impl Fold for Histories {
    fn absorb(
        &mut self,
        register: &Register,
        position: Position,
        event: &Event,
        policy: Option<PolicyId>,
        _: &[Posting],
    ) {
        let Some(id) = policy.filter(|_| self.at.sees(position, event)) else { return };
        let months = |months: Option<u8>| {
            let by_mode = register.policies().get(id).map_or(0, |policy| policy.terms.months_by_mode);
            u32::from(months.unwrap_or(by_mode))
        };
        let what = match &event.body {
            Body::PremiumPaid { amount, months: m, .. } => {
                Happening::Premium(Installment { amount: *amount, months: months(*m) })
            }
            Body::PremiumReversed { amount, months: m, .. } => {
                Happening::Reversal(Installment { amount: *amount, months: months(*m) })
            }
            Body::PolicyStopped { reason, .. } => Happening::Stop(*reason),
            Body::PolicyReinstated { .. } => Happening::Reinstatement,
            _ => return,
        };
        self.facts.entry(id).push(PolicyFact { on: event.on, position, what });
    }
}
