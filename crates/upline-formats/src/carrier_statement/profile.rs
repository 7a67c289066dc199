//! A profile: how one carrier's statement file is to be read, from which day on.
//!
//! # Correctness
//! A key that is not known is refused, and so is a profile that could be read in two ways: with an amount
//! and a credit column, with codes but no column for them. What is read here needs no further checking.

use super::amounts::{AmountForm, RateForm};
use super::dates::DateForm;
use super::profile_toml::{Raw, line_kind};
use super::{LineKind, StatementLine};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use upline_core::money::Cents;
use upline_core::names::{Code, PolicyName};
use upline_core::time::Day;

/// How a carrier's statement file is read: dated and versioned (docs/profiles.md).
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its name.
    pub code: Code,
    pub version: u32,
    /// The first day of statements that it is for.
    pub from: Day,
    /// The last such day; none while it is in use.
    pub through: Option<Day>,
    /// How far an amount may be off and still match.
    pub tolerance: Cents,
    /// How many days a date may be off and still match.
    pub days: u32,
    /// Whether earned lines stand beside what they pay off, or only what is paid.
    pub shows: Shows,
    /// The producer of a writing number, where the two differ.
    pub producers: BTreeMap<String, Code>,
    /// The policy of a number as the carrier writes it, where the two differ.
    pub policies: BTreeMap<String, PolicyName>,
    pub(super) form: Form,
}

/// What a carrier's statement shows of earnings that pay off an advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// Both: what is earned, and the offset against the advance.
    Gross,
    /// Only what is paid.
    Net,
}

/// A profile that cannot be used: the key, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError {
    /// The line of the profile, where it is one.
    pub line: Option<usize>,
    /// The sentence; it names the key.
    pub message: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line} of the profile: {}", self.message),
            None => write!(f, "the profile: {}", self.message),
        }
    }
}

impl std::error::Error for ProfileError {}

impl Profile {
    /// Reads a profile.
    pub fn parse(toml_text: &str) -> Result<Profile, ProfileError> {
        Raw::parse(toml_text)?.profile()
    }

    /// Whether it is for a statement of this day.
    pub fn is_for(&self, statement: Day) -> bool {
        self.from <= statement && self.through.is_none_or(|through| statement <= through)
    }

    /// The carriers whose statement it reads, whether or not a file has lines of theirs.
    pub fn carriers(&self) -> impl Iterator<Item = &Code> {
        let (one, many) = match &self.form.carrier {
            CarrierIn::Every(carrier) => (Some(carrier), None),
            CarrierIn::Column { names, .. } => (None, Some(names.values())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// What its lines can be about.
    pub fn kinds(&self) -> impl Iterator<Item = LineKind> {
        let (one, many) = match &self.form.kind {
            KindIn::Every(kind) => (Some(*kind), None),
            KindIn::Column { codes, .. } => (None, Some(codes.values().map(|code| code.kind))),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// The policy that an alias names for this line. An alias of another carrier's policy is none for it.
    pub fn policy_alias(&self, line: &StatementLine) -> Option<&PolicyName> {
        self.policies.get(&line.policy).filter(|policy| policy.carrier.as_str() == line.carrier)
    }
}

/// The form of the file.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub file: FileForm,
    pub columns: Columns,
    pub amounts: AmountForm,
    pub rates: RateForm,
    pub dates: DateForm,
    pub carrier: CarrierIn,
    pub kind: KindIn,
    /// Whether a row without an amount is no line.
    pub skip_zero: bool,
    pub control: Option<Control>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FileKind {
    Csv,
    Xlsx,
}

/// How the rows are found.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileForm {
    pub kind: FileKind,
    /// Of CSV; a comma unless said.
    pub delimiter: Option<char>,
    /// Of XLSX; the only sheet unless said.
    pub sheet: Option<String>,
    /// The line that holds the titles.
    #[serde(default = "one")]
    pub header_row: u32,
}

fn one() -> u32 {
    1
}

/// Which of the carrier's columns holds what: titles.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Columns {
    pub policy: String,
    pub writing_number: String,
    pub on: String,
    pub amount: Option<String>,
    pub credit: Option<String>,
    pub debit: Option<String>,
    pub code: Option<String>,
    pub carrier: Option<String>,
    pub premium: Option<String>,
    pub rate: Option<String>,
    /// Titles that the file has and the ledger does not need.
    #[serde(default)]
    pub other: Vec<String>,
}

impl Columns {
    /// The titles that the file must have, in the order of the keys.
    pub fn titles(&self) -> impl Iterator<Item = &String> {
        let optional =
            [&self.amount, &self.credit, &self.debit, &self.code, &self.carrier, &self.premium, &self.rate];
        let mapped = [&self.policy, &self.writing_number, &self.on].into_iter();
        mapped.chain(optional.into_iter().flatten()).chain(&self.other)
    }

    /// The titles of the columns of money.
    pub fn money(&self) -> impl Iterator<Item = &String> {
        [&self.amount, &self.credit, &self.debit].into_iter().flatten()
    }
}

/// Where a line's carrier is found.
#[derive(Clone, Debug)]
pub(super) enum CarrierIn {
    Every(Code),
    Column { title: String, names: BTreeMap<String, Code> },
}

/// Where a line's kind is found.
#[derive(Clone, Debug)]
pub(super) enum KindIn {
    Every(LineKind),
    Column { title: String, codes: BTreeMap<String, CodeRule> },
}

/// What a transaction code of the carrier means.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeRule {
    #[serde(deserialize_with = "line_kind")]
    pub kind: LineKind,
    #[serde(default)]
    pub sign: Sign,
}

/// How the sign of what is written becomes the payee's: paid is above zero, taken below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sign {
    #[default]
    AsWritten,
    Negated,
    /// Written without a sign, and paid.
    Positive,
    /// Written without a sign, and taken.
    Negative,
}

/// The line at the end that says what the lines come to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Control {
    /// The title of the column that holds the label.
    pub label_column: String,
    pub label: String,
    /// The title of the column that holds how many rows there are, if one does.
    pub count_column: Option<String>,
    /// The total's sign: `as_written` or `negated`.
    #[serde(default)]
    pub sign: Sign,
}
