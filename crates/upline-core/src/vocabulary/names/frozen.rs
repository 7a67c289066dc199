//! The chain that a policy froze: what an event has where a fact has nothing (rules §3).

use super::{Code, GridId, ProducerId};
use crate::vocabulary::money::Cents;
use crate::vocabulary::rate::Rate;

/// What is paid in advance on a contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AdvanceTerms {
    /// Months of first-year commission paid at issue, 0–12.
    pub months: u8,
    /// The most that is advanced on one policy; none: unlimited.
    pub cap: Option<Cents>,
}

/// The chain as it stood at issue; kept in the event of the issue.
#[derive(Clone, Debug, PartialEq)]
pub struct FrozenChain {
    /// The grid that serves all years of the policy.
    pub grid: GridId,
    /// For each writing producer, in the order of the fact, the places from it up to the top.
    pub sides: Vec<Vec<FrozenPlace>>,
}

/// One place of a frozen chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FrozenPlace {
    /// Who stands there.
    pub producer: ProducerId,
    pub level: Code,
    /// What it is paid in advance.
    pub advance: AdvanceTerms,
    /// To whom a part of what it is paid is assigned (pay.md §4).
    pub assigned: Option<Assigned>,
}

/// A part of a place that goes to somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Assigned {
    /// Who gets what the place does not keep.
    pub to: ProducerId,
    /// The part that the place keeps.
    pub keeps: Rate,
}
