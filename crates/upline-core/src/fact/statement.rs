//! Carriers' statements as facts: that one was received, and how its exceptions were resolved.
//!
//! # Shape
//! The file stays outside of the log, as it holds names; the fact has its SHA-256, which proves it. What its lines
//! are matched with is derived; only what somebody decided about an exception is a fact.

use super::content::Members;
use super::rename::{Rename, Term};
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ByCode, Code, Naming};
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
    /// The SHA-256 of the file of the statement whose place it takes.
    pub replaces: Option<Code>,
}

impl StatementReceived {
    pub(super) fn map<F: Naming, T: Naming, R: Rename<F, T>>(&self, r: &mut R) -> Result<Self, R::Error> {
        if let Some(replaced) = &self.replaces {
            r.term(Term::Statement(replaced))?;
        }
        Ok(self.clone())
    }

    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("file", self.file.as_str());
        m.plain("lines", self.lines);
        m.quoted("period", self.period);
        m.text("profile", self.profile.as_str());
        m.text("profile_file", self.profile_file.as_str());
        m.optional_text("replaces", self.replaces.as_ref().map(Code::as_str));
        m.money("total", self.total);
        m.plain("version", self.version);
    }
}

/// A statement does not count any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementVoided {
    /// The SHA-256 of its file.
    pub statement: Code,
}

impl StatementVoided {
    pub(super) fn map<F: Naming, T: Naming, R: Rename<F, T>>(&self, r: &mut R) -> Result<Self, R::Error> {
        r.term(Term::Statement(&self.statement))?;
        Ok(self.clone())
    }

    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("statement", self.statement.as_str());
    }
}

/// What a line of a statement pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    /// An advance on the annual premium.
    Advance,
    /// Earned commission that goes against the advance: negative.
    Offset,
    /// Earned commission.
    Earned,
    /// Taken back on a stop: negative.
    Chargeback,
    /// Anything else; never expected.
    Adjustment,
}

words!(LineKind {
    Advance = "advance",
    Offset = "offset",
    Earned = "earned",
    Chargeback = "chargeback",
    Adjustment = "adjustment",
});

/// An exception was settled by somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct ExceptionResolved<N: Naming> {
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
    /// What it is about, where it posts anything (pay.md §7).
    pub about: Option<Box<About<N>>>,
}

/// What a resolution is about: enough for its entries to follow from the fact alone.
#[derive(Clone, Debug, PartialEq)]
pub struct About<N: Naming> {
    pub carrier: N::Carrier,
    pub kind: LineKind,
    /// Whom the line pays, or whose the amount is.
    pub producer: Option<N::Producer>,
    pub policy: Option<N::Policy>,
    /// Whose amount a line to a wrong payee paid.
    pub of: Option<N::Producer>,
}

impl<N: Naming> ExceptionResolved<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(
        &self,
        r: &mut R,
    ) -> Result<ExceptionResolved<T>, R::Error> {
        r.term(Term::Statement(&self.statement))?;
        let about = self.about.as_ref().map(|about| Ok(Box::new(about.map(r)?))).transpose()?;
        Ok(ExceptionResolved {
            statement: self.statement.clone(),
            exception: self.exception.clone(),
            class: self.class,
            difference: self.difference,
            reason: self.reason,
            resolved_by: self.resolved_by.clone(),
            about,
        })
    }
}

impl<N: Naming> About<N> {
    fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<About<T>, R::Error> {
        let carrier = r.carrier("carrier", &self.carrier)?;
        let mut producer =
            |field, who: &Option<N::Producer>| who.as_ref().map(|who| r.producer(field, who)).transpose();
        let (who, of) = (producer("producer", &self.producer)?, producer("of", &self.of)?);
        let policy = self.policy.as_ref().map(|policy| r.policy(policy)).transpose()?;
        Ok(About { carrier, kind: self.kind, producer: who, policy, of })
    }
}

impl ExceptionResolved<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        let about = self.about.as_deref();
        m.optional_text("carrier", about.map(|about| about.carrier.as_str()));
        m.text("class", self.class.as_str());
        m.money("difference", self.difference);
        m.text("exception", self.exception.as_str());
        m.optional_text("kind", about.map(|about| about.kind.as_str()));
        m.optional_text("of", about.and_then(|about| about.of.as_ref()).map(Code::as_str));
        let policy = about.and_then(|about| about.policy.as_ref());
        m.optional_text("policy", policy.map(|policy| policy.number.as_str()));
        m.optional_text("producer", about.and_then(|about| about.producer.as_ref()).map(Code::as_str));
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
