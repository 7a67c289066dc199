//! Coverage of chargebacks by persistency (rules §7).

use crate::rate::Rate;

/// Strictly above a ratio, a part of the chargeback is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The ratio that must be exceeded.
    pub above: Rate,
    /// The part that is covered then.
    pub cover: Rate,
}
