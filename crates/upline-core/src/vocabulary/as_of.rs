//! The bitemporal coordinate (rules §1): effective time and recorded time. And what is in force at one, where
//! something was said in several versions.

use crate::vocabulary::time::Day;

/// A place in the log. The first event stands at 1; 0 is before everything.
pub type Position = u64;

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

/// A version of something, with its place in the two orders.
pub trait Dated {
    /// From which day on it holds.
    fn on(&self) -> Day;
    /// Where it stands in the log.
    fn position(&self) -> Position;
}

impl<T: Dated> Dated for &T {
    fn on(&self) -> Day {
        (*self).on()
    }

    fn position(&self) -> Position {
        (*self).position()
    }
}

impl<T> Dated for (Day, Position, T) {
    fn on(&self) -> Day {
        self.0
    }

    fn position(&self) -> Position {
        self.1
    }
}

/// The version in force: of those that count, the latest by effective date, then by position.
pub fn in_force<V: Dated>(versions: impl IntoIterator<Item = V>, at: AsOf) -> Option<V> {
    let seen = versions.into_iter().filter(|version| at.sees(version.on(), version.position()));
    seen.max_by_key(|version| (version.on(), version.position()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_force_is_the_latest_by_day_then_position_of_those_that_are_seen() {
        let versions = [(Day(10), 1, 'a'), (Day(20), 2, 'b'), (Day(10), 3, 'c'), (Day(30), 4, 'd')];
        let at = |effective, known| {
            in_force(&versions, AsOf { effective: Day(effective), known }).map(|(.., name)| *name)
        };
        assert_eq!((at(9, 9), at(10, 9), at(10, 2)), (None, Some('c'), Some('a')));
        assert_eq!((at(20, 9), at(30, 3), at(30, 4)), (Some('b'), Some('b'), Some('d')));
    }
}
