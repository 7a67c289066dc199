//! Coverage of chargebacks by persistency (rules §7).

use crate::event::Position;
use crate::fact::words;
use crate::money::Cents;
use crate::names::{Code, Naming};
use crate::persistency::{Basis, Tally};
use crate::rate::Rate;

/// Strictly above a ratio, a part of the chargeback is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The ratio that must be exceeded.
    pub above: Rate,
    /// The part that is covered then.
    pub cover: Rate,
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

/// A decision about the chargeback of one stop and one writing producer, with everything that it was
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
    /// The plan.
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

/// The highest tier that the ratio lies strictly above.
pub fn tier_passed(tiers: &[Tier], persistency: &Tally) -> Option<Tier> {
    tiers.iter().filter(|tier| persistency.is_above(tier.above)).max_by_key(|tier| tier.above).copied()
}
