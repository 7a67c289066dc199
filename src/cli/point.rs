//! The two clocks on the command line.

use chrono::Utc;
use upline_answers::point::Point;
use upline_core::event::Position;
use upline_core::money::Cents;
use upline_core::names::{Code, PolicyName};
use upline_core::time::{Day, Moment, Month};
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
    /// The point that is asked for.
    pub fn point(&self) -> Point {
        Point { as_of: self.as_of, known_at: self.known_at, at_position: self.at_position }
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
    /// What is known, with no day.
    pub fn point(&self) -> Point {
        Point { as_of: None, known_at: self.known_at, at_position: self.at_position }
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
