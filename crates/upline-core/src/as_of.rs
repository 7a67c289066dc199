//! The bitemporal coordinate (rules §1): effective time and recorded time.

use crate::event::Position;
use crate::time::Day;

/// What counts: what is effective on or before a day and was recorded at or before a position.
///
/// The effective date is valid time, the day that something is true of; the position stands for transaction time,
/// when the ledger learned of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// Effective on or before this day.
    pub effective: Day,
    /// Recorded at or before this position.
    pub known: Position,
}

impl AsOf {
    /// A day, with everything that is recorded.
    pub fn day(effective: Day) -> AsOf {
        AsOf { effective, known: Position::MAX }
    }

    /// Whether an event counts: by its effective date and its position.
    pub fn sees(self, on: Day, position: Position) -> bool {
        position <= self.known && on <= self.effective
    }

    /// Whether an entry of a known event counts: by the day that it is dated.
    pub fn counts(self, dated: Day) -> bool {
        dated <= self.effective
    }
}
