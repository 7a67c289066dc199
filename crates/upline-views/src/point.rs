//! The two clocks of a question (rules §1).

use upline_core::event::{Event, Position};
use upline_core::posting::Posting;
use upline_core::time::Day;

/// What a question sees: what is effective on or before a day and was recorded at or before a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Effective on or before this day.
    pub as_of: Day,
    /// Recorded at or before this position.
    pub position: Position,
}

impl Point {
    /// Whether the event counts.
    pub fn sees(self, at: Position, event: &Event) -> bool {
        at <= self.position && event.on <= self.as_of
    }

    /// Whether a posting of a known event counts.
    pub fn counts(self, posting: &Posting) -> bool {
        posting.dated <= self.as_of
    }
}
