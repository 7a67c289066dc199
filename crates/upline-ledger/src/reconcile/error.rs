//! Why a carrier's statement is not taken in.

use upline_core::event::Position;
use upline_core::names::Code;
use upline_core::time::{Day, Month};
use upline_formats::carrier_statement::{ProfileError, StatementError};

/// Why a statement is not taken in, or cannot be shown. Nothing is recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReconcileError {
    #[error("{0}: this is no text; a profile is a TOML file")]
    ProfileNoText(String),
    /// The profile cannot be used.
    #[error("{name}: {error}")]
    Profile {
        /// Its file.
        name: String,
        /// Why.
        error: ProfileError,
    },
    /// The statement is refused.
    #[error("{code}: {0}; nothing is recorded", code = .0.code())]
    Statement(StatementError),
    /// A profile that was kept cannot be used any more.
    #[error("{0}")]
    KeptProfile(ProfileError),
    /// A statement that was kept cannot be read any more.
    #[error("{0}")]
    KeptStatement(StatementError),
    /// Without lines it does not say what month it is for.
    #[error("{0} has no lines: say with --period what month it is for")]
    NoLines(String),
    /// Its lines do not say what month it is for.
    #[error("the lines of {0} are of several months: say with --period which one it is for")]
    SeveralMonths(String),
    /// The last day is not in the month.
    #[error("--on {on} is not in the month {period} of the statement")]
    NotInMonth {
        /// The last day.
        on: Day,
        /// The month.
        period: Month,
    },
    /// A line is of later than it can be.
    #[error(
        "{name}, line {line}: it is dated {dated}, more than {days} days after {on}, the last day of the statement"
    )]
    LaterLine {
        /// The statement.
        name: String,
        line: u32,
        /// Its day.
        dated: Day,
        /// So many days later lines may be.
        days: u32,
        /// The last day of the statement.
        on: Day,
    },
    /// The profile is for other days.
    #[error(
        "profile {code} version {version} is for statements from {from}{end}, and this one is of {on}",
        end = through.map(|through| format!(" through {through}")).unwrap_or_default()
    )]
    OtherDays {
        /// The profile.
        code: Code,
        version: u32,
        /// The first day that it is for.
        from: Day,
        /// The last one, where there is one.
        through: Option<Day>,
        /// The day of the statement.
        on: Day,
    },
    /// A profile changed without a new version.
    #[error(
        "profile {code} version {version} was another file when statement {position} came in: give it a new version"
    )]
    ProfileChanged {
        /// The profile.
        code: Code,
        version: u32,
        /// The statement that the other one read.
        position: Position,
    },
    /// A profile shows other lines of a carrier than before.
    #[error(
        "profile {code} reads statements of {carrier} in another way than statement {position} was read: shows must stay"
    )]
    ShownOtherwise {
        /// The profile.
        code: Code,
        carrier: Code,
        /// The statement that was read in the other way.
        position: Position,
    },
    /// The same lines were received in another file.
    #[error("{name} has the same lines as statement {position}: it is the same statement in another file")]
    SameLines {
        /// The file.
        name: String,
        /// The statement that was received.
        position: Position,
    },
    /// It was read anew, and that reading counts.
    #[error("statement {position} was read again, as statement {by}, which took its place: ask for {by}")]
    Replaced {
        /// Where its receipt stands.
        position: Position,
        /// Where the reading stands that counts.
        by: Position,
    },
    /// There is no such statement.
    #[error("no statement was received at position {0}")]
    UnknownStatement(Position),
}

impl ReconcileError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ReconcileError::ProfileNoText(_)
            | ReconcileError::Profile { .. }
            | ReconcileError::KeptProfile(_) => "profile",
            ReconcileError::Statement(error) | ReconcileError::KeptStatement(error) => error.code(),
            ReconcileError::NoLines(_) | ReconcileError::SeveralMonths(_) => "period",
            ReconcileError::NotInMonth { .. } | ReconcileError::LaterLine { .. } => "dates",
            ReconcileError::OtherDays { .. } => "profile_dates",
            ReconcileError::ProfileChanged { .. } => "profile_changed",
            ReconcileError::ShownOtherwise { .. } => "shown_otherwise",
            ReconcileError::SameLines { .. } => "same_lines",
            ReconcileError::Replaced { .. } => "replaced_statement",
            ReconcileError::UnknownStatement(_) => "unknown_statement",
        }
    }
}
