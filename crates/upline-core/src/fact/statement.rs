//! Carriers' statements as facts: that one was received, and how its exceptions were resolved.
//!
//! # Shape
//! The file stays outside of the log, as it holds names; the fact has its SHA-256, which proves it. What its lines
//! are matched with is derived; only what somebody decided about an exception is a fact.

use super::content::Members;
use super::rename::{Rename, Term};
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{Code, Naming};
use crate::vocabulary::time::Month;
use crate::vocabulary::words;

/// A carrier's statement came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementReceived {
    /// The SHA-256 of the file, in hexadecimal.
    pub file: Code,
    /// What maps its columns.
    pub profile: Code,
    pub version: u32,
    /// The SHA-256 of the profile, in hexadecimal.
    pub profile_file: Code,
    /// The month that it is for.
    pub period: Month,
    pub lines: u32,
    /// The sum of its amounts.
    pub total: Cents,
}

impl StatementReceived {
    pub(super) fn map<F: Naming, T: Naming, R: Rename<F, T>>(&self, _: &mut R) -> Result<Self, R::Error> {
        Ok(self.clone())
    }

    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("file", self.file.as_str());
        m.plain("lines", self.lines);
        m.quoted("period", self.period);
        m.text("profile", self.profile.as_str());
        m.text("profile_file", self.profile_file.as_str());
        m.money("total", self.total);
        m.plain("version", self.version);
    }
}

/// An exception was settled by somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionResolved {
    /// The SHA-256 of the statement's file.
    pub statement: Code,
    /// Which of its exceptions: `L17` for a line, `E4711.1` for an amount that an event made expected.
    pub exception: Code,
    /// As what it was settled. Where it comes to be something else, it is open again.
    pub class: Class,
    /// What it was settled at: received less expected. Where that changes, it is open again.
    pub difference: Cents,
    pub reason: Resolution,
    /// By whom.
    pub resolved_by: String,
}

impl ExceptionResolved {
    pub(super) fn map<F: Naming, T: Naming, R: Rename<F, T>>(&self, r: &mut R) -> Result<Self, R::Error> {
        r.term(Term::Statement(&self.statement))?;
        Ok(self.clone())
    }

    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("class", self.class.as_str());
        m.money("difference", self.difference);
        m.text("exception", self.exception.as_str());
        m.text("reason", self.reason.as_str());
        m.person("resolved_by", &self.resolved_by);
        m.text("statement", self.statement.as_str());
    }
}

/// What became of a line of a statement, or of an expected amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Paid as expected, within the days.
    OnTime,
    /// Paid as expected, after the days.
    Late,
    /// Less was paid than expected.
    Short,
    /// More was paid than expected.
    Over,
    /// Expected and not paid within the days.
    Missing,
    /// Paid, and not expected.
    Unexpected,
    /// Paid again.
    Duplicate,
    /// Of a policy that was never issued.
    UnknownPolicy,
    /// To a writing number that is nobody's.
    UnknownProducer,
    /// Expected by another producer of the policy.
    WrongPayee,
    /// At another rate than the contract's.
    WrongRate,
    /// A chargeback that the chargeback table gives.
    ChargebackValid,
    /// A chargeback that it does not give, or not as large.
    ChargebackDisputable,
    /// Expected, and the days are not over.
    Timing,
}

words!(Class {
    OnTime = "on_time",
    Late = "late",
    Short = "short",
    Over = "over",
    Missing = "missing",
    Unexpected = "unexpected",
    Duplicate = "duplicate",
    UnknownPolicy = "unknown_policy",
    UnknownProducer = "unknown_producer",
    WrongPayee = "wrong_payee",
    WrongRate = "wrong_rate",
    ChargebackValid = "chargeback_valid",
    ChargebackDisputable = "chargeback_disputable",
    Timing = "timing",
});

impl Class {
    /// Whether somebody must look at it before a month is closed.
    pub fn is_exception(self) -> bool {
        !matches!(self, Class::OnTime | Class::Late | Class::ChargebackValid | Class::Timing)
    }
}

/// How an exception was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// The carrier's figure stands.
    Accepted,
    /// The facts that were missing or wrong are recorded.
    Booked,
    /// It is claimed from the carrier.
    Claimed,
    /// Nobody will pay it.
    WrittenOff,
}

words!(Resolution {
    Accepted = "accepted",
    Booked = "booked",
    Claimed = "claimed",
    WrittenOff = "written_off",
});

/// Whether a text is a SHA-256 in hexadecimal.
pub fn is_sha256(code: &Code) -> bool {
    code.as_str().len() == 64
        && code.as_str().bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
