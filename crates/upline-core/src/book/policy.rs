//! The course of a policy: what its timeline follows from, put together from reference data and history.

use super::{Book, History, Impossible};
use crate::policy::policy_state::PolicyState;
use crate::policy::premium_status::{Overflow, PolicyFact};
use crate::policy::timeline::{Course, Cover, Era, timeline};
use crate::recorded::event::Position;
use crate::recorded::posting::Posting;
use crate::terms::reference_data::{Policy, Unknown};
use crate::vocabulary::names::PolicyId;
use crate::vocabulary::time::Day;

/// The forfeits of an era's payees, of those of all payees by number.
pub(super) fn forfeits_of(numbers: &[u16], forfeits: &[Option<Day>]) -> Vec<Option<Day>> {
    if forfeits.is_empty() {
        return Vec::new();
    }
    numbers.iter().map(|number| forfeits.get(usize::from(*number)).copied().flatten()).collect()
}

/// The timeline of a policy by its first `restatements` restatements.
pub(super) fn whole_timeline(
    id: PolicyId,
    policy: &Policy,
    restatements: usize,
    forfeits: &[Option<Day>],
    covers: &[Cover],
    facts: &[PolicyFact],
) -> Result<(PolicyState, Vec<Posting>), Overflow> {
    let restated = policy.restatements.iter().take(restatements);
    let mut chains = vec![(policy.issue, &policy.terms, policy.numbers.as_slice())];
    chains.extend(restated.map(|r| (r.on, &r.terms, r.numbers.as_slice())));
    let forfeits: Vec<Vec<Option<Day>>> =
        chains.iter().map(|(_, _, numbers)| forfeits_of(numbers, forfeits)).collect();
    let eras: Vec<Era<'_>> = chains
        .iter()
        .zip(&forfeits)
        .map(|((from, terms, numbers), forfeits)| Era { from: *from, terms, numbers, forfeits })
        .collect();
    timeline(Course { policy: id, eras: &eras, covers, facts })
}

impl History {
    /// The timeline as the history stands.
    pub(super) fn timeline(
        &self,
        id: PolicyId,
        policy: &Policy,
    ) -> Result<(PolicyState, Vec<Posting>), Overflow> {
        let restatements = policy.restatements.len();
        whole_timeline(id, policy, restatements, &self.forfeits, &self.covers, &self.facts)
    }
}

impl Book {
    /// A policy with its history.
    pub(super) fn policy_mut(
        &mut self,
        position: Position,
        id: PolicyId,
    ) -> Result<(&Policy, &mut History), Impossible> {
        let policy = self.reference.policies().get(id).ok_or(Unknown(position))?;
        let history = self.histories.get_mut(id).ok_or(Unknown(position))?;
        Ok((policy, history))
    }
}
