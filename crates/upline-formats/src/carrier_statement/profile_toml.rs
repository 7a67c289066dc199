//! The text of a profile: TOML, and what must hold between its keys.

use super::LineKind;
use super::amounts::{AmountForm, RateForm};
use super::dates::DateForm;
use super::profile::{
    CarrierIn, CodeRule, Columns, Control, FileForm, FileKind, Form, KindIn, Profile, ProfileError, Shows,
    Sign,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::value::Datetime;
use upline_core::money::Cents;
use upline_core::names::{Code, PolicyName};
use upline_core::time::Day;

/// A profile as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    code: Read<Code>,
    version: u32,
    from: Read<Day>,
    through: Option<Read<Day>>,
    tolerance: Option<Read<Cents>>,
    days: Option<u32>,
    shows: Shows,
    carrier: Option<Read<Code>>,
    kind: Option<Read<LineKind>>,
    #[serde(default)]
    skip_zero: bool,
    #[serde(default)]
    rates: RateForm,
    file: FileForm,
    columns: Columns,
    #[serde(default)]
    amounts: AmountForm,
    dates: Dates,
    #[serde(default)]
    codes: BTreeMap<String, CodeRule>,
    #[serde(default)]
    carriers: BTreeMap<String, Read<Code>>,
    control: Option<Control>,
    #[serde(default)]
    aliases: Aliases,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dates {
    format: DateForm,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Aliases {
    producers: BTreeMap<String, Read<Code>>,
    policies: BTreeMap<String, Read<PolicyName>>,
}

/// A value of the core, read from what TOML has for it.
struct Read<T>(T);

/// How a value of the core stands in TOML.
trait Stands: Sized {
    type As: for<'de> Deserialize<'de>;
    const BUT: &'static str;
    fn read(written: Self::As) -> Option<Self>;
}

impl<'de, T: Stands> Deserialize<'de> for Read<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = T::As::deserialize(deserializer)?;
        T::read(written).map(Read).ok_or_else(|| serde::de::Error::custom(T::BUT))
    }
}

/// The kind of a line in a table of codes.
pub(super) fn line_kind<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<LineKind, D::Error> {
    Read::deserialize(deserializer).map(|Read(kind)| kind)
}

impl Stands for LineKind {
    type As = String;
    const BUT: &'static str = "a kind is advance, offset, earned, chargeback or adjustment, in quotes";
    fn read(written: String) -> Option<LineKind> {
        LineKind::parse(&written)
    }
}

impl Stands for Code {
    type As = String;
    const BUT: &'static str = "a code is 1 to 64 of letters, digits, - _ . and :, in quotes";
    fn read(written: String) -> Option<Code> {
        Code::parse(&written)
    }
}

impl Stands for PolicyName {
    type As = String;
    const BUT: &'static str = "a policy is carrier/number in quotes, such as \"C1/P-77\"";
    fn read(written: String) -> Option<PolicyName> {
        PolicyName::parse(&written)
    }
}

impl Stands for Cents {
    type As = String;
    const BUT: &'static str = "it is money of 0.00 or more in quotes, such as \"0.01\"";
    fn read(written: String) -> Option<Cents> {
        Cents::parse(&written).ok().filter(|amount| *amount >= Cents::ZERO)
    }
}

impl Stands for Day {
    type As = Datetime;
    const BUT: &'static str = "it is a day without quotes, such as 2026-01-01";
    fn read(written: Datetime) -> Option<Day> {
        Day::parse(&written.to_string())
    }
}

impl Raw {
    /// Reads the text; what must hold between keys is for [`Raw::profile`].
    pub fn parse(text: &str) -> Result<Raw, ProfileError> {
        toml::from_str(text).map_err(|why| {
            let line = why.span().and_then(|span| {
                let before = text.get(..span.start)?;
                Some(before.matches('\n').count() + 1)
            });
            // The line as written names the key, which a message about its value does not.
            let written = line.and_then(|line| text.lines().nth(line - 1)).unwrap_or_default().trim();
            let message = why.message().replace('\n', " ");
            let named = written.is_empty() || message.starts_with("missing field");
            ProfileError { line, message: if named { message } else { format!("{written}: {message}") } }
        })
    }

    /// The profile, if its keys fit together.
    pub fn profile(self) -> Result<Profile, ProfileError> {
        self.check_titles()?;
        self.check_forms()?;
        let carrier = match (self.carrier, self.columns.carrier.clone()) {
            (Some(Read(code)), None) if self.carriers.is_empty() => CarrierIn::Every(code),
            (None, Some(title)) if !self.carriers.is_empty() => {
                CarrierIn::Column { title, names: plain(self.carriers) }
            }
            _ => {
                return refuse(
                    "carrier: it is either carrier = \"…\" for the whole file, or columns.carrier with [carriers]",
                );
            }
        };
        let kind = match (self.kind, self.columns.code.clone()) {
            (Some(Read(kind)), None) if self.codes.is_empty() => KindIn::Every(kind),
            (None, Some(title)) if !self.codes.is_empty() => KindIn::Column { title, codes: self.codes },
            _ => {
                return refuse("kind: it is either kind = \"…\" for all lines, or columns.code with [codes]");
            }
        };
        let policies = plain(self.aliases.policies);
        let known = |policy: &PolicyName| match &carrier {
            CarrierIn::Every(code) => *code == policy.carrier,
            CarrierIn::Column { names, .. } => names.values().any(|code| *code == policy.carrier),
        };
        if let Some((written, policy)) = policies.iter().find(|(_, policy)| !known(policy)) {
            return refuse(format!(
                "aliases.policies.{written:?}: {policy} is of no carrier of this profile"
            ));
        }
        let through = self.through.map(|Read(day)| day);
        if through.is_some_and(|through| through < self.from.0) {
            return refuse("through: it is before from");
        }
        Ok(Profile {
            code: self.code.0,
            version: self.version,
            from: self.from.0,
            through,
            tolerance: self.tolerance.map_or(Cents(1), |Read(amount)| amount),
            days: self.days.unwrap_or(7),
            shows: self.shows,
            producers: plain(self.aliases.producers),
            policies,
            form: Form {
                file: self.file,
                columns: self.columns,
                amounts: self.amounts,
                rates: self.rates,
                dates: self.dates.format,
                carrier,
                kind,
                skip_zero: self.skip_zero,
                control: self.control,
            },
        })
    }

    /// Titles are told apart, and those of the total line are titles.
    fn check_titles(&self) -> Result<(), ProfileError> {
        let mut titles = BTreeSet::new();
        for title in self.columns.titles() {
            if title.split_whitespace().collect::<Vec<_>>().join(" ") != *title || title.is_empty() {
                return refuse(format!(
                    "columns: {title:?} is no title: it is empty, or has spaces to spare"
                ));
            }
            if !titles.insert(title) {
                return refuse(format!("columns: {title:?} stands twice"));
            }
        }
        match (&self.columns.amount, &self.columns.credit, &self.columns.debit) {
            (Some(_), None, None) | (None, Some(_), Some(_)) => {}
            _ => return refuse("columns: money is either in amount, or in credit and debit"),
        }
        let Some(control) = &self.control else { return Ok(()) };
        if control.label.trim() != control.label || control.label.is_empty() {
            return refuse("control.label: it is empty, or has spaces around it");
        }
        if !matches!(control.sign, Sign::AsWritten | Sign::Negated) {
            return refuse("control.sign: it is as_written or negated");
        }
        let named =
            [("label_column", Some(&control.label_column)), ("count_column", control.count_column.as_ref())];
        for (key, title) in named {
            let Some(title) = title else { continue };
            if !titles.contains(title) {
                return refuse(format!("control.{key}: {title:?} is no title in columns"));
            }
            if self.columns.money().any(|money| money == title) {
                return refuse(format!("control.{key}: {title:?} holds the total itself"));
            }
        }
        if control.count_column.as_ref() == Some(&control.label_column) {
            return refuse("control.count_column: it is the label_column");
        }
        Ok(())
    }

    /// The file's and the amounts' marks fit together.
    fn check_forms(&self) -> Result<(), ProfileError> {
        let (file, amounts) = (&self.file, &self.amounts);
        if file.kind == FileKind::Csv && file.sheet.is_some() {
            return refuse("file.sheet: a CSV file has no sheets");
        }
        if file.kind == FileKind::Xlsx && file.delimiter.is_some() {
            return refuse("file.delimiter: a sheet has no delimiter");
        }
        if file
            .delimiter
            .is_some_and(|mark| !mark.is_ascii() || mark.is_ascii_alphanumeric() || "\"\r\n\0".contains(mark))
        {
            return refuse("file.delimiter: it is one character such as \",\" \";\" or \"\\t\"");
        }
        if file.header_row == 0 {
            return refuse("file.header_row: lines are counted from 1");
        }
        if !['.', ','].contains(&amounts.decimal) {
            return refuse("amounts.decimal: it is \".\" or \",\"");
        }
        let thousands = [',', '.', '\'', ' '];
        if amounts.thousands.is_some_and(|mark| mark == amounts.decimal || !thousands.contains(&mark)) {
            return refuse(
                "amounts.thousands: it is one of \",\" \".\" \"'\" and \" \", and not amounts.decimal",
            );
        }
        if amounts
            .currency
            .as_ref()
            .is_some_and(|sign| sign.is_empty() || sign.chars().any(|c| c.is_ascii_digit()))
        {
            return refuse("amounts.currency: it is a sign such as \"$\"");
        }
        let blank = |text: &String| text.trim() != text || text.is_empty();
        if let Some(name) = self.codes.keys().chain(self.carriers.keys()).find(|name| blank(name)) {
            return refuse(format!("codes, carriers: {name:?} is empty, or has spaces around it"));
        }
        Ok(())
    }
}

fn refuse<T>(message: impl Into<String>) -> Result<T, ProfileError> {
    Err(ProfileError { line: None, message: message.into() })
}

fn plain<T>(read: BTreeMap<String, Read<T>>) -> BTreeMap<String, T> {
    read.into_iter().map(|(name, Read(value))| (name, value)).collect()
}
