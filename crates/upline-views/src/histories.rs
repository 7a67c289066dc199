//! The facts of policies in effective order, with their amounts: what a policy's money is recomputed from.

use crate::point::Point;
use crate::scan::Fold;
use upline_core::event::{Event, Position};
use upline_core::fact::Body;
use upline_core::names::{ById, PolicyId, Table};
use upline_core::posting::Posting;
use upline_core::register::Register;
use upline_core::standing::{Happening, Installment, PolicyFact};

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
        let Some(what) = happening(register, id, &event.body) else { return };
        self.facts.entry(id).push(PolicyFact { on: event.on, position, what });
    }
}

/// What an event says of the premiums and stops of its policy.
fn happening(register: &Register, policy: PolicyId, body: &Body<ById>) -> Option<Happening> {
    let months = |months: Option<u8>| {
        let by_mode = register.policies().get(policy).map_or(0, |policy| policy.terms.months_by_mode);
        u32::from(months.unwrap_or(by_mode))
    };
    Some(match body {
        Body::PremiumPaid { amount, months: m, .. } => {
            Happening::Premium(Installment { amount: *amount, months: months(*m) })
        }
        Body::PremiumReversed { amount, months: m, .. } => {
            Happening::Reversal(Installment { amount: *amount, months: months(*m) })
        }
        Body::PolicyStopped { reason, .. } => Happening::Stop(*reason),
        Body::PolicyReinstated { .. } => Happening::Reinstatement,
        _ => return None,
    })
}
