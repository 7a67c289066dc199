//! The parameters of a request: each is described once, for whoever reads a request and for the description of the API.

use crate::problem::Problem;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use upline_answers::point::Point;
use upline_core::money::Cents;
use upline_core::names::{Code, PolicyName};
use upline_core::time::{Day, Moment, Month};
use upline_ledger::close::Without;
use upline_views::Period;
use uuid::Uuid;

/// The most rows of a page.
pub const ROWS_MAX: usize = 10_000;

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Day,
    Moment,
    /// A position of the log, or how many.
    Number,
    /// How many rows a page has.
    Rows,
    Code,
    Policy,
    Month,
    Year,
    Flag,
    /// The id of an event, a UUID.
    Id,
    Money,
    /// What a file is called.
    Name,
    /// A capital letter or a digit.
    Letter,
    /// What a period is closed without, and why.
    Without,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Where the page of a long list begins; opaque.
    Cursor,
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// What it does, in a sentence.
    pub says: &'static str,
}

const fn optional(name: &'static str, kind: Kind, says: &'static str) -> Parameter {
    Parameter { name, kind, required: false, says }
}

const fn required(name: &'static str, kind: Kind, says: &'static str) -> Parameter {
    Parameter { name, kind, required: true, says }
}

pub const AS_OF: Parameter = optional(
    "as_of",
    Kind::Day,
    "Only what is effective on or before this day counts; default: today, in UTC",
);
pub const AS_OF_REQUIRED: Parameter = required("as_of", Kind::Day, "The day whose balances are compared");
pub const KNOWN_AT: Parameter =
    optional("known_at", Kind::Moment, "Only what was recorded at or before this time counts");
pub const AT_POSITION: Parameter =
    optional("at_position", Kind::Number, "Only what was recorded at or before this position counts");
pub const PRODUCER: Parameter = optional("producer", Kind::Code, "Only this producer");
pub const CARRIER: Parameter = optional("carrier", Kind::Code, "Only policies of this carrier");
pub const CARRIER_REQUIRED: Parameter = required("carrier", Kind::Code, "The carrier whose contracts count");
pub const POLICY: Parameter =
    optional("policy", Kind::Policy, "Only events of this policy, as CARRIER/NUMBER");
pub const BY: Parameter =
    optional("by", Kind::Word(&["carrier", "policy"]), "Rows for each carrier or policy");
pub const DEFINITION: Parameter =
    required("definition", Kind::Code, "The persistency definition to measure by");
pub const DOWNLINE: Parameter =
    optional("downline", Kind::Flag, "Count every policy with the producer anywhere in its chain");
pub const FROM_DAY: Parameter = optional("from", Kind::Day, "Only entries dated on or after this day");
pub const FROM: Parameter = optional("from", Kind::Number, "Only events from this position on");
pub const FOLLOW: Parameter = optional("follow", Kind::Flag, "Go on with what is recorded from now on");
pub const EXPLAIN: Parameter =
    optional("explain", Kind::Flag, "With the policies that each decision counted");
pub const THROUGH: Parameter = required("through", Kind::Day, "Pay what is due on this day");
pub const YEAR: Parameter = required("year", Kind::Year, "The calendar year");
pub const FIRST: Parameter = required("from_time", Kind::Moment, "What was recorded after this time");
pub const SECOND: Parameter = required("to_time", Kind::Moment, "What was recorded at or before this time");
pub const STATEMENT: Parameter =
    optional("statement", Kind::Number, "Only this statement, by the position of its receipt");
pub const LIMIT: Parameter = optional("limit", Kind::Rows, "The most rows of a page; 1 to 10000");
pub const CURSOR: Parameter =
    optional("cursor", Kind::Cursor, "Where the page begins: next of the page before");
pub const FORMAT: Parameter =
    optional("format", Kind::Word(&["json", "csv", "table"]), "In the place of the header Accept");
pub const PAGES: Parameter = optional(
    "format",
    Kind::Word(&["json", "csv", "html", "pdf"]),
    "What the statement is written as; default: json",
);
pub const ALL: Parameter = optional("all", Kind::Flag, "Also what is decided already");
pub const PROFILE: Parameter = optional(
    "profile",
    Kind::Code,
    "A profile that is kept: the latest version that a statement was read through",
);
pub const FILE_NAME: Parameter = optional("name", Kind::Name, "What the statement's file is called");
pub const PERIOD: Parameter =
    optional("period", Kind::Month, "The month that the statement is for; default: that of its lines");
pub const ON: Parameter =
    optional("on", Kind::Day, "The last day that the statement is of; default: the last of its month");
pub const TOTAL: Parameter = optional(
    "total",
    Kind::Money,
    "What the bank says the carrier paid; a file with another total is refused",
);
pub const PAY_ON: Parameter =
    optional("pay_on", Kind::Day, "When the bank is to pay; default: the day after the run was recorded");
pub const MODIFIER: Parameter =
    optional("modifier", Kind::Letter, "Distinguishes files of one day: A to Z, then 0 to 9");
pub const AGAIN: Parameter = optional(
    "again",
    Kind::Flag,
    "Write it though another file paid the run to other accounts, on another date or by another originator",
);
pub const CONFIRM_SHARED: Parameter = optional(
    "confirm_shared",
    Kind::Flag,
    "Pay though somebody wants its money at the account that it comes from",
);
pub const CLOSE_THROUGH: Parameter = required("through", Kind::Day, "The last day of the period");
pub const WITHOUT: Parameter = optional(
    "without",
    Kind::Without,
    "Close without the statement of a carrier, or the deposits of a statement: C1=it pays in July;30=a fee",
);
pub const FROM_SIZE: Parameter = required("from", Kind::Number, "How many events the earlier log had");
pub const TO_SIZE: Parameter =
    optional("to", Kind::Number, "How many events the later log had; default: all there are");
pub const BUNDLE: Parameter = optional(
    "format",
    Kind::Word(&["json", "tar"]),
    "The files as members of JSON, or as a tar; default: json",
);
pub const DRY_RUN: Parameter = optional(
    "dry_run",
    Kind::Flag,
    "Record nothing; say what would be recorded, and who would gain and lose",
);

impl Kind {
    /// Its schema, in JSON Schema.
    pub fn schema(self) -> Value {
        match self {
            Kind::Day => json!({"type": "string", "format": "date",
                "pattern": r"^(19[0-9]{2}|20[0-9]{2}|2100)-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$"}),
            Kind::Moment => json!({"type": "string", "format": "date-time",
                "pattern": r"^(19[7-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"}),
            Kind::Number => json!({"type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64}),
            Kind::Rows => json!({"type": "integer", "minimum": 1, "maximum": ROWS_MAX}),
            Kind::Code => json!({"type": "string", "pattern": r"^[A-Za-z0-9_.:-]{1,64}$"}),
            Kind::Policy => {
                json!({"type": "string", "pattern": r"^[A-Za-z0-9_.:-]{1,64}/[A-Za-z0-9_.:-]{1,64}$"})
            }
            Kind::Month => json!({"type": "string", "pattern": r"^(19[0-9]{2}|20[0-9]{2})-(0[1-9]|1[0-2])$"}),
            Kind::Year => json!({"type": "string", "pattern": r"^(19[0-9]{2}|20[0-9]{2})$"}),
            Kind::Flag => json!({"type": "boolean"}),
            Kind::Id => json!({"type": "string", "format": "uuid",
                "pattern": r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}),
            Kind::Money => json!({"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$"}),
            Kind::Name => json!({"type": "string", "pattern": r"^[A-Za-z0-9_.-]{1,128}$"}),
            Kind::Letter => json!({"type": "string", "pattern": "^[A-Z0-9]$"}),
            Kind::Without => {
                json!({"type": "string", "pattern": r"^[A-Za-z0-9_.:-]{1,64}=[A-Za-z0-9][A-Za-z0-9 ,.()/-]{0,199}(;[A-Za-z0-9_.:-]{1,64}=[A-Za-z0-9][A-Za-z0-9 ,.()/-]{0,199})*$"})
            }
            Kind::Word(words) => json!({"type": "string", "enum": words}),
            Kind::Cursor => json!({"type": "string", "pattern": r"^[0-9]{1,15}\.[0-9]{1,15}$"}),
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Kind::Day => "a day is written 2026-06-30",
            Kind::Moment => "a time is written in UTC, as 2026-06-30T23:59:59Z",
            Kind::Number => "it is a number from 0 on",
            Kind::Rows => "a page has 1 to 10000 rows",
            Kind::Code => "a code is 1 to 64 letters, digits or -_.:",
            Kind::Policy => "a policy is named CARRIER/NUMBER, as C1/P-77",
            Kind::Month => "a month is written 2026-06",
            Kind::Year => "a year is written 2026",
            Kind::Flag => "it is true or false",
            Kind::Id => "an id is a UUID, in small letters",
            Kind::Money => "money is written 990.00",
            Kind::Name => "it is 1 to 128 letters, digits or -_.",
            Kind::Letter => "it is a capital letter or a digit",
            Kind::Without => "it is CARRIER=REASON or STATEMENT=REASON, and more of them after a semicolon",
            Kind::Word(_) => "it is none of the words that may stand there",
            Kind::Cursor => "take the cursor from next of the page before",
        }
    }
}

/// The parameters that a request brings, of those that its route takes.
#[derive(Clone, Debug, Default)]
pub struct Given {
    values: BTreeMap<&'static str, String>,
}

impl Given {
    /// Reads them; one that the route does not take, or that comes twice, is refused, and so is a value of another kind.
    pub fn read(
        takes: &[Parameter],
        pairs: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Given, Problem> {
        let mut given = Given::default();
        for (name, value) in pairs {
            let Some(parameter) = takes.iter().find(|parameter| parameter.name == name) else {
                return Err(Problem::parameter(&name, "there is no such parameter here"));
            };
            if !parameter.kind.takes(&value) {
                return Err(Problem::parameter(&name, parameter.kind.hint()));
            }
            if given.values.insert(parameter.name, value).is_some() {
                return Err(Problem::parameter(&name, "it is given twice"));
            }
        }
        match takes.iter().find(|one| one.required && !given.values.contains_key(one.name)) {
            Some(missing) => {
                Err(Problem::parameter(missing.name, format!("it is missing: {}", missing.says)))
            }
            None => Ok(given),
        }
    }

    fn parsed<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.values.get(name).and_then(|value| parse(value))
    }

    pub fn day(&self, name: &str) -> Option<Day> {
        self.parsed(name, Day::parse)
    }

    pub fn moment(&self, name: &str) -> Option<Moment> {
        self.parsed(name, Moment::parse)
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.parsed(name, |text| text.parse().ok())
    }

    pub fn code(&self, name: &str) -> Option<Code> {
        self.parsed(name, Code::parse)
    }

    pub fn policy(&self, name: &str) -> Option<PolicyName> {
        self.parsed(name, PolicyName::parse)
    }

    pub fn month(&self, name: &str) -> Option<Month> {
        self.parsed(name, Month::parse)
    }

    pub fn year(&self, name: &str) -> Option<Period> {
        self.parsed(name, Period::year)
    }

    pub fn money(&self, name: &str) -> Option<Cents> {
        self.parsed(name, |text| Cents::parse(text).ok())
    }

    pub fn flag(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|value| value != "false")
    }

    pub fn word(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// What a period is closed without.
    pub fn without(&self) -> Vec<Without> {
        let text = self.word(WITHOUT.name).unwrap_or_default();
        text.split(';').filter_map(Without::parse).collect()
    }

    /// Where a page begins: at which position the list was asked for, and how many rows come before.
    pub fn cursor(&self) -> Option<(u64, usize)> {
        self.parsed("cursor", cursor)
    }

    /// The point in time of the question. A cursor goes on at its own position.
    pub fn point(&self) -> Result<Point, Problem> {
        let (as_of, known_at) = (self.day("as_of"), self.moment("known_at"));
        let at_position = self.number("at_position");
        let at_position = self.cursor().map_or(at_position, |(position, _)| Some(position));
        Ok(Point { as_of, known_at: known_at.filter(|_| self.cursor().is_none()), at_position })
    }
}

fn without(text: &str) -> bool {
    let may = |byte: u8| byte.is_ascii_alphanumeric() || b" ,.()/-".contains(&byte);
    text.split_once('=').is_some_and(|(what, reason)| {
        let begins = reason.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        Code::parse(what).is_some() && begins && reason.len() <= 200 && reason.bytes().all(may)
    })
}

fn cursor(text: &str) -> Option<(u64, usize)> {
    let (position, offset) = text.split_once('.')?;
    Some((position.parse().ok()?, offset.parse().ok()?))
}

impl Kind {
    /// Whether a value is of this kind.
    pub fn takes(self, text: &str) -> bool {
        match self {
            Kind::Day => Day::parse(text).is_some(),
            Kind::Moment => Moment::parse(text).is_some(),
            Kind::Number => {
                text.bytes().all(|byte| byte.is_ascii_digit())
                    && text.parse::<u64>().is_ok_and(|number| number <= 9_007_199_254_740_991)
            }
            Kind::Rows => {
                Kind::Number.takes(text)
                    && text.parse::<usize>().is_ok_and(|rows| (1..=ROWS_MAX).contains(&rows))
            }
            Kind::Code => Code::parse(text).is_some(),
            Kind::Policy => PolicyName::parse(text).is_some(),
            Kind::Month => Month::parse(text).is_some(),
            Kind::Year => Period::year(text).is_some(),
            // A flag may stand there without a value.
            Kind::Flag => matches!(text, "true" | "false" | ""),
            Kind::Id => Uuid::parse_str(text).is_ok_and(|id| id.to_string() == text),
            Kind::Money => Cents::parse(text).is_ok(),
            Kind::Name => {
                let may = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
                (1..=128).contains(&text.len()) && text.bytes().all(may)
            }
            Kind::Letter => {
                matches!(text.as_bytes(), [one] if one.is_ascii_uppercase() || one.is_ascii_digit())
            }
            Kind::Without => text.split(';').all(without),
            Kind::Word(words) => words.contains(&text),
            Kind::Cursor => cursor(text).is_some(),
        }
    }
}
