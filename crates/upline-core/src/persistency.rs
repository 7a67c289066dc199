//! Persistency: how many of the policies that were written are still paid for (rules §7).

use crate::fact::words;
use crate::grid::StopReason;

/// What a policy weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// 1 for each writing producer.
    Count,
    /// The annual premium times the producer's share.
    Premium,
}

words!(Basis { Count = "count", Premium = "premium" });

/// When a policy survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survival {
    /// At least X months were applied.
    PaidTo,
    /// It was in force on the date issue + X months.
    InForce,
}

words!(Survival { PaidTo = "paid_to", InForce = "in_force" });

/// A persistency definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What a policy weighs.
    pub basis: Basis,
    /// X: a policy counts from issue + X months on.
    pub from_months: u16,
    /// Y: a policy counts until before issue + Y months.
    pub to_months: u16,
    /// When a policy survives.
    pub survive: Survival,
    /// Stops for these reasons take a policy out of the cohort.
    pub exclude: Vec<StopReason>,
}
