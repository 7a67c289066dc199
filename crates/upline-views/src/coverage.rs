//! Coverage decisions with their inputs, and what became of them (rules §7).

use crate::histories::Histories;
use crate::projection::{Projection, Seen};
use upline_core::as_of::AsOf;
use upline_core::coverage::CoverageDecision;
use upline_core::event::Position;
use upline_core::fact::Body;
use upline_core::money::Cents;
use upline_core::names::{ById, Code, PolicyName};
use upline_core::persistency::{Definition, Membership};
use upline_core::policy_state::PolicyState;
use upline_core::premium_status::{Overflow, facts_under};
use upline_core::reference_data::{Policy, ReferenceData, Version};
use upline_core::time::Day;

/// A decision as it stands at a point.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverageRow {
    /// Who was charged back.
    pub producer: Code,
    pub policy: PolicyName,
    /// The effective date of the chargeback.
    pub on: Day,
    /// The chargeback, as it stands.
    pub chargeback: Cents,
    /// What is covered of it, as it stands.
    pub covered: Cents,
    /// The decision with its inputs.
    pub decision: CoverageDecision<ById>,
    /// Where the decision stands in the log.
    pub position: Position,
}

/// A policy that the producer wrote, and whether it counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub policy: PolicyName,
    /// Its issue date.
    pub issue: Day,
    /// What became of it.
    pub membership: Membership,
}

/// Collects decisions, and the histories that they are followed up with.
#[derive(Debug)]
pub struct Decisions {
    at: AsOf,
    histories: Histories,
    decisions: Vec<(Position, Day, CoverageDecision<ById>)>,
}

impl Decisions {
    /// The decisions at a point.
    pub fn new(at: AsOf) -> Decisions {
        Decisions { at, histories: Histories::new(at), decisions: Vec::new() }
    }

    /// The decisions as they stand, sorted by producer, carrier, policy and date.
    pub fn rows(&mut self, reference: &ReferenceData) -> Result<Vec<CoverageRow>, Overflow> {
        self.histories.sort();
        let mut rows = Vec::with_capacity(self.decisions.len());
        for (position, on, decision) in &self.decisions {
            let (Some(producer), Some(policy), Some(row)) = (
                reference.producers().name(decision.producer),
                reference.policy_name(decision.policy),
                reference.policies().get(decision.policy),
            ) else {
                continue;
            };
            let (chargeback, covered) = self.as_it_stands(reference, row, decision)?;
            let (producer, decision) = (producer.clone(), decision.clone());
            rows.push(CoverageRow {
                producer,
                policy,
                on: *on,
                chargeback,
                covered,
                decision,
                position: *position,
            });
        }
        rows.sort_by(|a, b| {
            (&a.producer, &a.policy, a.on, a.position).cmp(&(&b.producer, &b.policy, b.on, b.position))
        });
        Ok(rows)
    }

    fn as_it_stands(
        &self,
        reference: &ReferenceData,
        policy: &Policy,
        decision: &CoverageDecision<ById>,
    ) -> Result<(Cents, Cents), Overflow> {
        let Some(side) = decision.side else { return Ok((decision.chargeback, decision.covered)) };
        let Version { terms, numbers, .. } = policy.version(self.at.effective, self.at.known);
        let all = reference.forfeits(policy);
        let forfeits: Vec<Option<Day>> =
            numbers.iter().map(|number| all.get(usize::from(*number)).copied().flatten()).collect();
        let mut state = PolicyState::issued(terms)?;
        let facts = self.histories.of(decision.policy).iter().copied();
        for fact in facts_under(facts, terms.issue, terms.months_by_mode) {
            state.step(terms, &forfeits, &fact)?;
        }
        let Some(payee) = terms.writing_place(side, decision.producer) else {
            return Ok((Cents::ZERO, Cents::ZERO));
        };
        let chargeback = state.chargeback_of(decision.stop, payee).unwrap_or(Cents::ZERO);
        let covered = decision.tier.and_then(|tier| state.covered_of(decision.stop, payee, tier.cover));
        Ok((chargeback, covered.unwrap_or(Cents::ZERO)))
    }

    /// Every policy that the producer of a decision had written by then, and whether it counted.
    pub fn counted(
        &self,
        reference: &ReferenceData,
        row: &CoverageRow,
        definition: &Definition,
    ) -> Result<Vec<Counted>, Overflow> {
        let mut counted = Vec::new();
        for id in reference.policies_of(row.decision.producer) {
            let (Some(policy), Some(name)) = (reference.policies().get(*id), reference.policy_name(*id))
            else {
                continue;
            };
            let written = policy.share_of(row.decision.producer).is_some();
            let terms = policy.version(row.on, row.position).terms;
            if !written || terms.issue > row.on || policy.position > row.position {
                continue;
            }
            let known = self.histories.of(*id).iter().filter(|fact| fact.position <= row.position);
            let facts = facts_under(known.copied(), terms.issue, terms.months_by_mode);
            let membership = definition.membership(row.on, terms.issue, facts.into_iter())?;
            counted.push(Counted { policy: name, issue: terms.issue, membership });
        }
        Ok(counted)
    }
}

impl Projection for Decisions {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { position, event, .. } = *seen;
        self.histories.apply(seen);
        if let Body::ChargebackCovered(decision) = &event.body
            && self.at.sees(event.on, position)
        {
            self.decisions.push((position, event.on, (**decision).clone()));
        }
    }
}
