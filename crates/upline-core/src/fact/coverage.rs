//! Coverage of chargebacks by persistency (rules §7).

use super::content::{Members, object};
use super::persistency::{Basis, Tally};
use super::rename::{Rename, Term};
use crate::vocabulary::as_of::Position;
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ByCode, Code, Naming};
use crate::vocabulary::rate::Rate;
use crate::vocabulary::words;

/// Strictly above a ratio, a part of the chargeback is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The ratio that must be exceeded.
    pub above: Rate,
    /// The part that is covered then.
    pub cover: Rate,
}

impl Tier {
    fn write(&self, out: &mut String) {
        object(out, |m| {
            m.rate("above", self.above);
            m.rate("cover", self.cover);
        });
    }
}

/// A coverage plan as it was published (rules §7).
#[derive(Clone, Debug, PartialEq)]
pub struct CoveragePlan<N: Naming> {
    /// The plan's code.
    pub plan: Code,
    /// The persistency definition that it goes by.
    pub definition: Code,
    /// Who bears what is covered.
    pub payer: N::Producer,
    /// Above which ratio how much is covered.
    pub tiers: Vec<Tier>,
}

impl<N: Naming> CoveragePlan<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<CoveragePlan<T>, R::Error> {
        r.term(Term::Definition(&self.definition))?;
        Ok(CoveragePlan {
            plan: self.plan.clone(),
            definition: self.definition.clone(),
            payer: r.producer("payer", &self.payer)?,
            tiers: self.tiers.clone(),
        })
    }
}

impl CoveragePlan<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("definition", self.definition.as_str());
        m.text("payer", self.payer.as_str());
        m.text("plan", self.plan.as_str());
        m.list("tiers", &self.tiers, Tier::write);
    }
}

/// A producer takes part in a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverageEnrolled<N: Naming> {
    pub producer: N::Producer,
    pub plan: Code,
}

impl<N: Naming> CoverageEnrolled<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<CoverageEnrolled<T>, R::Error> {
        let producer = r.producer("producer", &self.producer)?;
        r.term(Term::Plan(&self.plan))?;
        Ok(CoverageEnrolled { producer, plan: self.plan.clone() })
    }
}

impl CoverageEnrolled<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("plan", self.plan.as_str());
        m.text("producer", self.producer.as_str());
    }
}

/// A producer leaves a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverageWithdrawn<N: Naming> {
    pub producer: N::Producer,
    pub plan: Code,
}

impl<N: Naming> CoverageWithdrawn<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(
        &self,
        r: &mut R,
    ) -> Result<CoverageWithdrawn<T>, R::Error> {
        let producer = r.producer("producer", &self.producer)?;
        r.term(Term::Plan(&self.plan))?;
        Ok(CoverageWithdrawn { producer, plan: self.plan.clone() })
    }
}

impl CoverageWithdrawn<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("plan", self.plan.as_str());
        m.text("producer", self.producer.as_str());
    }
}

/// Why a decision is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The ratio lies strictly above a tier.
    Tier,
    /// The ratio lies above no tier.
    BelowTiers,
    /// The producer had no policy in the cohort.
    NoCohort,
    /// The chargeback is effective after the producer's release.
    Released,
}

words!(Reason { Tier = "tier", BelowTiers = "below_tiers", NoCohort = "no_cohort", Released = "released" });

/// The ledger's own: a decision about the chargeback of one stop and one writing producer, with everything that it was
/// decided on. It stands for ever; what is covered moves with the chargeback.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverageDecision<N: Naming> {
    /// The policy that was charged back.
    pub policy: N::Policy,
    /// The producer that was charged back.
    pub producer: N::Producer,
    /// The writing side that it stands for, from 0; none for a chargeback that the carrier asserted.
    pub side: Option<u16>,
    /// The position of the stop, or of the chargeback that the carrier asserted.
    pub stop: Position,
    /// The chargeback when it was decided about.
    pub chargeback: Cents,
    /// What was covered then.
    pub covered: Cents,
    /// Who bears what is covered.
    pub payer: N::Producer,
    pub plan: Code,
    /// The position of the plan's version.
    pub plan_version: Position,
    /// The persistency definition.
    pub definition: Code,
    /// The position of the definition's version.
    pub definition_version: Position,
    /// What its weights are.
    pub basis: Basis,
    /// The producer's own persistency.
    pub persistency: Tally,
    /// The highest tier passed; none when nothing is covered.
    pub tier: Option<Tier>,
    /// Why.
    pub reason: Reason,
}

impl<N: Naming> CoverageDecision<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<CoverageDecision<T>, R::Error> {
        Ok(CoverageDecision {
            policy: r.policy(&self.policy)?,
            producer: r.producer("producer", &self.producer)?,
            side: self.side,
            stop: self.stop,
            chargeback: self.chargeback,
            covered: self.covered,
            payer: r.producer("payer", &self.payer)?,
            plan: self.plan.clone(),
            plan_version: self.plan_version,
            definition: self.definition.clone(),
            definition_version: self.definition_version,
            basis: self.basis,
            persistency: self.persistency,
            tier: self.tier,
            reason: self.reason,
        })
    }
}

impl CoverageDecision<ByCode> {
    /// All its inputs, also where they are nothing.
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        let (basis, tally) = (self.basis, &self.persistency);
        m.text("carrier", self.policy.carrier.as_str());
        m.money("chargeback", self.chargeback);
        m.plain("cohort", tally.cohort);
        m.quoted("cohort_weight", tally.cohort_weight.exact(basis));
        m.money("covered", self.covered);
        m.text("definition", self.definition.as_str());
        m.plain("definition_version", self.definition_version);
        m.text("payer", self.payer.as_str());
        m.text("plan", self.plan.as_str());
        m.plain("plan_version", self.plan_version);
        m.text("policy", self.policy.number.as_str());
        m.text("producer", self.producer.as_str());
        match tally.ratio() {
            Some(ratio) => m.quoted("ratio", ratio),
            None => m.plain("ratio", "null"),
        }
        m.text("reason", self.reason.as_str());
        m.plain("stop", self.stop);
        m.plain("surviving", tally.surviving);
        m.quoted("surviving_weight", tally.surviving_weight.exact(basis));
        match self.tier {
            Some(tier) => m.object("tier", |m| {
                m.rate("above", tier.above);
                m.rate("cover", tier.cover);
            }),
            None => m.plain("tier", "null"),
        }
    }
}

/// The highest tier that the ratio lies strictly above.
pub fn tier_passed(tiers: &[Tier], persistency: &Tally) -> Option<Tier> {
    tiers.iter().filter(|tier| persistency.is_above(tier.above)).max_by_key(|tier| tier.above).copied()
}
