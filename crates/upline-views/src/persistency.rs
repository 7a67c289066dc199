//! Persistency of producers at a point (rules §7).
//!
//! # Shape
//! Of every policy its facts in effective order, sixteen bytes each, one policy behind the other ([`PremiumHistories`]):
//! a question steps through the premiums and stops of its cohort alone, and no money is replayed. A cohort is
//! a stretch of issue days, so that most policies are passed over by their issue day.
//!
//! # Correctness
//! Whether a policy is in force and how many months are paid does not depend on amounts (rules §4: a reversal
//! takes amount and months each on its own), so that facts are kept without them. The naive reference counts
//! with them, and tests compare.

use crate::projection::{Projection, Seen};
use crate::rows::Rows;
use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;
use std::ops::Range;
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::fact::{Body, PolicyReinstated, PolicyStopped, PremiumPaid, PremiumReversed};
use upline_core::grid::StopReason;
use upline_core::money::Cents;
use upline_core::names::{ById, CarrierId, Code, Id, PolicyId, ProducerId};
use upline_core::persistency::{Definition, Membership, Tally};
use upline_core::premium_status::{Happening, Installment, Overflow, PolicyFact, facts_under};
use upline_core::rate::Rate;
use upline_core::reference_data::{Policy, ReferenceData};
use upline_core::time::Day;

/// Whose policies count for a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those that it wrote, by its share.
    Own,
    /// Those with the producer anywhere in the frozen chain, at full weight.
    Downline,
}

/// How many policies one task looks at.
const POLICIES_A_TASK: usize = 16_384;

/// A fact of a policy without its amount.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fact {
    pub position: Position,
    pub on: Day,
    pub what: What,
}

/// What happened. Without months, as many as the policy's mode says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    Premium(Option<u8>),
    Reversal(Option<u8>),
    Stop(StopReason),
    Reinstatement,
}

impl What {
    /// What an event says of its policy.
    #[inline]
    pub fn of_event(body: &Body<ById>) -> Option<(PolicyId, What)> {
        match body {
            Body::PremiumPaid(PremiumPaid { policy, months, .. }) => Some((*policy, What::Premium(*months))),
            Body::PremiumReversed(PremiumReversed { policy, months, .. }) => {
                Some((*policy, What::Reversal(*months)))
            }
            Body::PolicyStopped(PolicyStopped { policy, reason }) => Some((*policy, What::Stop(*reason))),
            Body::PolicyReinstated(PolicyReinstated { policy }) => Some((*policy, What::Reinstatement)),
            _ => None,
        }
    }

    fn happening(self, months_by_mode: u8) -> Happening {
        let installment = |months: Option<u8>| {
            let months = months.unwrap_or(months_by_mode);
            Installment { amount: Cents::ZERO, months: months.into() }
        };
        match self {
            What::Premium(months) => Happening::Premium(installment(months)),
            What::Reversal(months) => Happening::Reversal(installment(months)),
            What::Stop(reason) => Happening::Stop(reason),
            What::Reinstatement => Happening::Reinstatement,
        }
    }
}

/// The facts of policies, in the order of the log.
#[derive(Debug, Default)]
pub struct Gathered {
    facts: Vec<(PolicyId, Fact)>,
}

impl Gathered {
    /// Takes in what blocks say.
    pub(crate) fn take(&mut self, rows: &mut [Rows]) {
        rows.iter_mut().for_each(|part| self.facts.append(&mut part.facts));
    }
}

impl Projection for Gathered {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { position, event, .. } = *seen;
        if let Some((policy, what)) = What::of_event(&event.body) {
            self.facts.push((policy, Fact { position, on: event.on, what }));
        }
    }
}

/// What is looked at of every policy before anything else.
#[derive(Clone, Copy, Debug)]
struct Issue {
    on: Day,
    carrier: CarrierId,
    position: Position,
    /// Where its facts end among all.
    facts_end: usize,
    /// Where its writing producers end among all.
    writers_end: usize,
    annual_premium: Cents,
    months_by_mode: u8,
}

/// The facts of all policies, in effective order.
#[derive(Debug, Default)]
pub struct PremiumHistories {
    policies: Vec<Issue>,
    facts: Vec<Fact>,
    /// Each once, with what it wrote of the policy.
    writers: Vec<(ProducerId, Rate)>,
    producers: usize,
    /// The policies whose issue was corrected, each with its versions: from which day and position on it was issued when,
    /// with what premium and mode. Their issue above is the first one.
    corrected: HashMap<PolicyId, Vec<Corrected>>,
}

/// A policy's issue as it was corrected.
#[derive(Clone, Copy, Debug)]
struct Corrected {
    /// From which day on that counts, and where it stands.
    from: (Day, Position),
    on: Day,
    annual_premium: Cents,
    months_by_mode: u8,
}

impl PremiumHistories {
    /// What was gathered, arranged by policy. The reference data is that of the end of the same log.
    pub fn of(gathered: &Gathered, reference: &ReferenceData) -> PremiumHistories {
        let mut premium_histories =
            PremiumHistories { producers: reference.producers().len(), ..PremiumHistories::default() };
        // Counting sort: where the facts of a policy go follows from how many those before it have.
        let mut places = vec![0usize; reference.policies().len()];
        for (id, _) in &gathered.facts {
            if let Some(count) = places.get_mut(id.index()) {
                *count += 1;
            }
        }
        let mut facts_end = 0;
        for ((id, policy), place) in reference.policies().iter().zip(&mut places) {
            let corrected = policy.restatements.iter().map(|restated| Corrected {
                from: (restated.on, restated.position),
                on: restated.terms.issue,
                annual_premium: restated.terms.annual_premium,
                months_by_mode: restated.terms.months_by_mode,
            });
            let corrected: Vec<Corrected> = corrected.collect();
            let first = (policy.issue, policy.terms.annual_premium, policy.terms.months_by_mode);
            if corrected.iter().any(|of| (of.on, of.annual_premium, of.months_by_mode) != first) {
                premium_histories.corrected.insert(id, corrected);
            }
            facts_end += std::mem::replace(place, facts_end);
            for (index, (producer, _)) in policy.writing.iter().enumerate() {
                let once = policy.writing.iter().position(|(who, _)| who == producer) == Some(index);
                if let Some(share) = policy.share_of(*producer).filter(|_| once) {
                    premium_histories.writers.push((*producer, share));
                }
            }
            premium_histories.policies.push(Issue {
                on: policy.issue,
                carrier: policy.carrier,
                position: policy.position,
                facts_end,
                writers_end: premium_histories.writers.len(),
                annual_premium: policy.terms.annual_premium,
                months_by_mode: policy.terms.months_by_mode,
            });
        }
        let nothing = Fact { position: 0, on: Day(0), what: What::Reinstatement };
        premium_histories.facts = vec![nothing; gathered.facts.len()];
        for (id, fact) in &gathered.facts {
            let Some(place) = places.get_mut(id.index()) else { continue };
            if let Some(there) = premium_histories.facts.get_mut(*place) {
                *there = *fact;
                *place += 1;
            }
        }
        let mut rest = premium_histories.facts.as_mut_slice();
        let mut start = 0;
        for policy in &premium_histories.policies {
            let (own, after) = std::mem::take(&mut rest).split_at_mut(policy.facts_end - start);
            // Those that came in order, mostly all, stay where they are.
            own.sort_by_key(|fact| (fact.on, fact.position));
            (rest, start) = (after, policy.facts_end);
        }
        premium_histories
    }

    /// The persistency of every producer with a cohort, by its code.
    pub fn measure(
        &self,
        reference: &ReferenceData,
        at: AsOf,
        definition: &Definition,
        scope: Scope,
        carrier: Option<CarrierId>,
    ) -> Result<Vec<(Code, Tally)>, Overflow> {
        let tallies = self.tallies(reference, at, definition, scope, carrier)?;
        let counted = (0..).map(ProducerId).zip(tallies).filter(|(_, tally)| tally.cohort > 0);
        let named = counted.filter_map(|(id, tally)| Some((reference.producers().name(id)?.clone(), tally)));
        let mut rows: Vec<(Code, Tally)> = named.collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(rows)
    }

    /// The tally of every producer, by its id.
    fn tallies(
        &self,
        reference: &ReferenceData,
        at: AsOf,
        definition: &Definition,
        scope: Scope,
        carrier: Option<CarrierId>,
    ) -> Result<Vec<Tally>, Overflow> {
        let question =
            Question { reference, at, definition, scope, carrier, issued: cohort(definition, at.effective) };
        let starts: Vec<usize> = (0..self.policies.len()).step_by(POLICIES_A_TASK).collect();
        let none = || Ok(vec![Tally::default(); self.producers]);
        let tasks = starts.into_par_iter().fold(none, |tallies, start| {
            let mut tallies = tallies?;
            self.count(&question, start..self.policies.len().min(start + POLICIES_A_TASK), &mut tallies)?;
            Ok(tallies)
        });
        tasks.reduce(none, |all, part| {
            let (mut all, part) = (all?, part?);
            all.iter_mut().zip(&part).for_each(|(tally, other)| tally.add(other));
            Ok(all)
        })
    }

    /// Counts some of the policies.
    fn count(
        &self,
        question: &Question<'_>,
        range: Range<usize>,
        tallies: &mut [Tally],
    ) -> Result<(), Overflow> {
        let Question { at, definition, scope, reference, .. } = *question;
        self.each(question, range, |index, policy, writers, survives| {
            let mut count = |producer: ProducerId, weight| {
                if let Some(tally) = tallies.get_mut(producer.index()) {
                    tally.count(survives, weight);
                }
            };
            match scope {
                Scope::Own => {
                    for (producer, share) in writers {
                        count(*producer, definition.weight(policy.annual_premium, *share));
                    }
                }
                Scope::Downline => {
                    let weight = definition.weight(policy.annual_premium, Rate::ONE);
                    let policy = reference.policies().get(PolicyId::at(index));
                    policy.into_iter().flat_map(|p| whole_chain(p, at)).for_each(|p| count(p, weight));
                }
            }
        })
    }

    /// The tally of the whole book: every policy once, at full weight.
    pub fn whole(&self, at: AsOf, definition: &Definition) -> Result<Tally, Overflow> {
        let (reference, issued) = (&ReferenceData::default(), cohort(definition, at.effective));
        let question = Question { reference, at, definition, scope: Scope::Own, carrier: None, issued };
        let mut tally = Tally::default();
        self.each(&question, 0..self.policies.len(), |_, policy, _, survives| {
            tally.count(survives, definition.weight(policy.annual_premium, Rate::ONE));
        })?;
        Ok(tally)
    }

    /// A policy whose issue was corrected, as it stands at a point; none where it stands as it was issued.
    fn as_corrected(&self, index: usize, policy: &Issue, at: AsOf) -> Option<Issue> {
        if self.corrected.is_empty() {
            return None;
        }
        let versions = self.corrected.get(&PolicyId::at(index))?;
        let seen = |of: &&Corrected| at.sees(of.from.0, of.from.1);
        let of = versions.iter().rev().find(seen)?;
        let Corrected { on, annual_premium, months_by_mode, .. } = *of;
        Some(Issue { on, annual_premium, months_by_mode, ..*policy })
    }

    /// Tells of each policy of a range that is in the cohort whether it survives, and who wrote it.
    fn each(
        &self,
        question: &Question<'_>,
        range: Range<usize>,
        mut tell: impl FnMut(usize, &Issue, &[(ProducerId, Rate)], bool),
    ) -> Result<(), Overflow> {
        let Question { at, definition, .. } = *question;
        let before = range.start.checked_sub(1).and_then(|before| self.policies.get(before));
        let (mut facts_start, mut writers_start) = before.map_or((0, 0), |p| (p.facts_end, p.writers_end));
        for (index, policy) in (range.start..).zip(self.policies.get(range).unwrap_or_default()) {
            let facts = facts_start..policy.facts_end;
            let writers = writers_start..policy.writers_end;
            (facts_start, writers_start) = (policy.facts_end, policy.writers_end);
            let corrected = self.as_corrected(index, policy, at);
            let policy = corrected.as_ref().unwrap_or(policy);
            if !question.issued.contains(&policy.on)
                || policy.position > at.known
                || question.carrier.is_some_and(|carrier| carrier != policy.carrier)
            {
                continue;
            }
            let known = self.facts.get(facts).unwrap_or_default().iter();
            let known = known.filter(|fact| fact.position <= at.known).map(|fact| PolicyFact {
                on: fact.on,
                position: fact.position,
                what: fact.what.happening(policy.months_by_mode),
                by_mode: false,
            });
            let membership = if corrected.is_some() {
                let facts = facts_under(known, policy.on, policy.months_by_mode);
                definition.membership(at.effective, policy.on, facts.into_iter())?
            } else {
                definition.membership(at.effective, policy.on, known)?
            };
            let survives = match membership {
                Membership::Survives => true,
                Membership::Fails => false,
                Membership::TooYoung | Membership::TooOld | Membership::Excluded(_) => continue,
            };
            tell(index, policy, self.writers.get(writers).unwrap_or_default(), survives);
        }
        Ok(())
    }
}

/// A question about persistency.
struct Question<'a> {
    reference: &'a ReferenceData,
    at: AsOf,
    definition: &'a Definition,
    scope: Scope,
    carrier: Option<CarrierId>,
    /// No policy that was issued on another day is in the cohort.
    issued: Range<Day>,
}

/// The issue days that a cohort can have; a few more, as months are not of one length.
fn cohort(definition: &Definition, as_of: Day) -> Range<Day> {
    let days = |months: u16, of_a_month: i32| i32::from(months).saturating_mul(of_a_month);
    let earliest = as_of.0.saturating_sub(days(definition.to_months, 31));
    let latest = as_of.0.saturating_sub(days(definition.from_months, 28));
    Day(earliest)..Day(latest.saturating_add(1))
}

/// Everybody in the chain of a policy that stands at a point, each once.
fn whole_chain(policy: &Policy, at: AsOf) -> HashSet<ProducerId> {
    let terms = policy.version(at.effective, at.known).terms;
    terms.sides.iter().flat_map(|side| &side.places.frozen).map(|place| place.producer).collect()
}
