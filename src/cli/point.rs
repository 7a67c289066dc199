//! The two clocks on the command line.

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use chrono::Utc;
use serde_json::{Value, json};
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::money::Cents;
use upline_core::names::{Code, PolicyName};
use upline_core::time::{Day, Moment, Month};
use upline_ledger::{KnownAt, Ledger};
use upline_views::Period;

/// The heading of these options.
const POINT: &str = "Point in time";

/// The point in time of a question.
#[derive(clap::Args, Clone, Debug)]
pub struct PointArgs {
    /// Only what is effective on or before this day counts [default: today, in UTC]
    #[arg(long, help_heading = POINT, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Day>,
    /// Only what was recorded at or before this time counts [default: everything recorded]
    #[arg(long, help_heading = POINT, value_name = "TIME", value_parser = moment, conflicts_with = "at_position")]
    pub known_at: Option<Moment>,
    /// Only what was recorded at or before this position of the log counts
    #[arg(long, help_heading = POINT, value_name = "N")]
    pub at_position: Option<Position>,
}

impl PointArgs {
    /// Opens the ledger and finds the point in it.
    pub fn open(&self, context: &Context) -> Result<(Ledger, AsOf), Failure> {
        let ledger = context.open()?;
        let point = ledger.point(self.as_of, known(self.known_at, self.at_position))?;
        Ok((ledger, point))
    }

    /// The point as every JSON answer names it, with the root of the log up to there.
    pub fn members(&self, ledger: &Ledger, at: AsOf) -> Result<Vec<(&'static str, Value)>, Failure> {
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

/// What is known, for a question whose days are its own.
#[derive(clap::Args, Clone, Debug)]
pub struct KnownArgs {
    /// Only what was recorded at or before this time counts [default: everything recorded]
    #[arg(long, help_heading = POINT, value_name = "TIME", value_parser = moment, conflicts_with = "at_position")]
    known_at: Option<Moment>,
    /// Only what was recorded at or before this position of the log counts
    #[arg(long, help_heading = POINT, value_name = "N")]
    at_position: Option<Position>,
}

impl KnownArgs {
    /// Up to when the question knows.
    pub fn known(&self) -> KnownAt {
        known(self.known_at, self.at_position)
    }

    /// The point of that and this day.
    pub fn through(&self, day: Day) -> PointArgs {
        PointArgs { as_of: Some(day), known_at: self.known_at, at_position: self.at_position }
    }
}

fn known(moment: Option<Moment>, position: Option<Position>) -> KnownAt {
    match (moment, position) {
        (Some(moment), _) => KnownAt::Moment(moment),
        (None, Some(position)) => KnownAt::Position(position),
        (None, None) => KnownAt::Everything,
    }
}

/// A day on the command line.
pub fn day(text: &str) -> Result<Day, String> {
    Day::parse(text)
        .ok_or_else(|| format!("a date is written YYYY-MM-DD, as {}", Utc::now().format("%Y-%m-%d")))
}

/// A month on the command line.
pub fn month(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| format!("a month is written YYYY-MM, as {}", Utc::now().format("%Y-%m")))
}

/// A year on the command line.
pub fn year(text: &str) -> Result<Period, String> {
    Period::year(text).ok_or_else(|| format!("a year is written YYYY, as {}", Utc::now().format("%Y")))
}

/// Money on the command line.
pub fn money(text: &str) -> Result<Cents, String> {
    Cents::parse(text)
        .map_err(|_| "money is written as 1234.56, with a point and at most two decimals".to_owned())
}

/// A moment on the command line.
pub fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text).ok_or_else(|| "a time is written in UTC, as 2026-06-30T23:59:59Z".to_owned())
}

/// A code on the command line.
pub fn code(text: &str) -> Result<Code, String> {
    Code::parse(text).ok_or_else(|| "a code is 1 to 64 letters, digits or -_.:".to_owned())
}

/// A policy on the command line.
pub fn policy(text: &str) -> Result<PolicyName, String> {
    PolicyName::parse(text).ok_or_else(|| "a policy is named CARRIER/NUMBER, as C1/P-77".to_owned())
}
