//! The facts of policies in effective order, with their amounts: what a policy's money is recomputed from.

use crate::projection::{Projection, Seen};
use upline_core::as_of::AsOf;
use upline_core::fact::{Body, PolicyStopped, PremiumPaid, PremiumReversed};
use upline_core::names::{ById, PolicyId, Table};
use upline_core::premium_status::{Happening, Installment, PolicyFact};
use upline_core::reference_data::ReferenceData;

/// The visible facts of every policy.
#[derive(Debug)]
pub struct Histories {
    at: AsOf,
    facts: Table<PolicyId, Vec<PolicyFact>>,
}

impl Histories {
    /// Histories at a point.
    pub fn new(at: AsOf) -> Histories {
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

impl Projection for Histories {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, position, event, policy, .. } = *seen;
        let Some(id) = policy.filter(|_| self.at.sees(event.on, position)) else { return };
        let Some(what) = happening(reference, id, &event.body) else { return };
        let by_mode = matches!(
            &event.body,
            Body::PremiumPaid(PremiumPaid { months: None, .. })
                | Body::PremiumReversed(PremiumReversed { months: None, .. })
        );
        self.facts.entry(id).push(PolicyFact { on: event.on, position, what, by_mode });
    }
}

/// What an event says of the premiums and stops of its policy.
fn happening(reference: &ReferenceData, policy: PolicyId, body: &Body<ById>) -> Option<Happening> {
    let months = |months: Option<u8>| {
        let by_mode = reference.policies().get(policy).map_or(0, |policy| policy.terms.months_by_mode);
        u32::from(months.unwrap_or(by_mode))
    };
    Some(match body {
        Body::PremiumPaid(PremiumPaid { amount, months: m, .. }) => {
            Happening::Premium(Installment { amount: *amount, months: months(*m) })
        }
        Body::PremiumReversed(PremiumReversed { amount, months: m, .. }) => {
            Happening::Reversal(Installment { amount: *amount, months: months(*m) })
        }
        Body::PolicyStopped(PolicyStopped { reason, .. }) => Happening::Stop(*reason),
        Body::PolicyReinstated(_) => Happening::Reinstatement,
        _ => return None,
    })
}
