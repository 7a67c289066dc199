//! The two clocks of a question.

use serde_json::{Value, json};
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::time::{Day, Moment};
use upline_ledger::{KnownAt, Ledger, LedgerError};

/// The point in time of a question: what is effective by a day, as known at a time or at a position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// Only what is effective on or before this day counts; without one: today, in UTC.
    pub as_of: Option<Day>,
    /// Only what was recorded at or before this time counts.
    pub known_at: Option<Moment>,
    /// Only what was recorded at or before this position counts.
    pub at_position: Option<Position>,
}

impl Point {
    /// Up to when the question knows.
    pub fn known(&self) -> KnownAt {
        match (self.known_at, self.at_position) {
            (Some(moment), _) => KnownAt::Moment(moment),
            (None, Some(position)) => KnownAt::Position(position),
            (None, None) => KnownAt::Everything,
        }
    }

    /// The point in a ledger.
    pub fn at(&self, ledger: &Ledger) -> Result<AsOf, LedgerError> {
        ledger.point(self.as_of, self.known_in(ledger)?)
    }

    /// Up to when the question knows in a ledger: where a time and a position are said, up to the earlier.
    pub fn known_in(&self, ledger: &Ledger) -> Result<KnownAt, LedgerError> {
        match (self.known_at, self.at_position) {
            (Some(moment), Some(position)) => {
                Ok(KnownAt::Position(ledger.position_at(moment)?.min(position)))
            }
            _ => Ok(self.known()),
        }
    }

    /// The point as every JSON answer names it, with the root of the log up to there.
    pub fn members(&self, ledger: &Ledger, at: AsOf) -> Result<Vec<(&'static str, Value)>, LedgerError> {
        let known_at = self.known_at.map(|moment| moment.to_string());
        Ok(vec![
            ("as_of", json!(at.effective.to_string())),
            ("known_at", json!(known_at)),
            ("position", json!(at.known)),
            ("root", json!(ledger.root_at(at.known)?.to_string())),
        ])
    }

    /// The point in words.
    pub fn words(&self, at: AsOf) -> String {
        let known = match (self.known_at, self.at_position) {
            (Some(moment), _) => format!("as known at {moment} (position {})", at.known),
            (None, Some(_)) => format!("as known at position {}", at.known),
            (None, None) => format!("with all that is recorded (position {})", at.known),
        };
        format!("as of {}, {known}", at.effective)
    }
}
