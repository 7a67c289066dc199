//! The canonical text of what a fact says (facts.md), and the ids that follow from it.
//!
//! One JSON object: keys sorted, no white space, money with two decimals, rates normalised, what is
//! absent left out. Two facts say the same exactly when their canonical texts are the same bytes.
//!
//! **These bytes never change.** Ids that were derived from them are stored in ledgers for ever; a fact
//! that is written another way after an upgrade would be recorded a second time. A new field goes in only
//! where it is left out when absent.

use super::{Body, Remarks};
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{AdvanceTerms, ByCode, PolicyName};
use crate::vocabulary::rate::Rate;
use crate::vocabulary::time::Day;
use chrono::{Datelike, NaiveDate};
use std::fmt::{Display, Write};
use uuid::Uuid;

/// The namespace of the UUIDv5s that stand for contents; made once for this purpose.
const NAMESPACE: Uuid = Uuid::from_u128(0x7acb_1a5d_aa1e_47cc_b0ee_b950_5781_21b4);

/// Stands for a content in 128 bits: two facts with the same key say the same.
///
/// It is the id that the first fact of this content gets where it brings none, so that the usual line
/// is hashed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentKey(pub u128);

impl ContentKey {
    /// The key of a canonical text.
    pub fn of(canonical: &str) -> ContentKey {
        ContentKey(derived_id(canonical, 1).as_u128())
    }

    /// The id of the n-th (from 1) identical line of a file, for a fact of this content that brings none.
    /// The same as [`derived_id`], without hashing where that is not needed.
    pub fn id(self, canonical: &str, ordinal: u32) -> Uuid {
        if ordinal == 1 { Uuid::from_u128(self.0) } else { derived_id(canonical, ordinal) }
    }
}

/// The id of a fact that brings none: a UUIDv5 of its canonical text and of its ordinal, from 1, among the
/// identical lines of its file.
pub fn derived_id(canonical: &str, ordinal: u32) -> Uuid {
    let mut name = String::with_capacity(canonical.len() + 11);
    name.push_str(canonical);
    name.push('#');
    write_display(&mut name, ordinal);
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

/// How much of the texts that can name people is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// Neither who said it nor what was noted: what two facts under one id are compared by.
    Content,
    /// What was noted too: what ids are derived from.
    WithNote,
    /// All of it: what ids were derived from when the log held these texts.
    Everything,
}

/// Adds the canonical text of a fact to `out`: its type, date, remarks and fields. Never its id, its
/// recorded time or the personal part, which are not content.
pub fn canonical(on: Day, remarks: Option<&Remarks>, body: &Body<ByCode>, out: &mut String) {
    canonical_told(on, remarks, body, Told::Everything, out);
}

/// As [`canonical`], with as much of the texts that can name people.
pub fn canonical_told(on: Day, remarks: Option<&Remarks>, body: &Body<ByCode>, told: Told, out: &mut String) {
    let envelope = Envelope { on, remarks, type_name: body.type_name(), written: 0 };
    out.push('{');
    let mut members = Members { out, first: true, envelope: Some(envelope), told };
    body.fields(&mut members);
    members.rest_of_the_envelope();
    out.push('}');
}

/// What a fact or event is known by, whatever stands for the texts that can name people.
pub struct Key {
    /// Its id, where it brings none: of the n-th identical line.
    pub id: Uuid,
    /// What it is compared by.
    pub content: ContentKey,
}

impl Key {
    /// Of a fact whose texts are all there.
    pub fn of(
        on: Day,
        remarks: Option<&Remarks>,
        body: &Body<ByCode>,
        ordinal: impl FnOnce(ContentKey) -> u32,
        text: &mut String,
    ) -> Key {
        let mut key = |told: Told| {
            text.clear();
            canonical_told(on, remarks, body, told, text);
            ContentKey::of(text)
        };
        let noted = remarks.is_some_and(|remarks| remarks.note.is_some());
        let content = key(Told::Content);
        let identical = if noted { key(Told::WithNote) } else { content };
        Key { id: identical.id(text, ordinal(identical)), content }
    }

    /// As ledgers know it that hold these texts.
    pub fn of_everything(
        on: Day,
        remarks: Option<&Remarks>,
        body: &Body<ByCode>,
        ordinal: impl FnOnce(ContentKey) -> u32,
        text: &mut String,
    ) -> Key {
        text.clear();
        canonical(on, remarks, body, text);
        let content = ContentKey::of(text);
        Key { id: content.id(text, ordinal(content)), content }
    }
}

/// Adds a body's own fields to `out` as further members of a JSON object, sorted, each with a comma before
/// it. A closed period has none.
pub fn write_fields(body: &Body<ByCode>, out: &mut String) {
    body.fields(&mut Members { out, first: false, envelope: None, told: Told::Everything });
}

/// Adds a JSON string to `out`: what must be escaped is, the short way where there is one, and nothing else.
pub fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| b < 0x20 || b == b'"' || b == b'\\') {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        let mut special = special.chars();
        match special.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some('\u{8}') => out.push_str("\\b"),
            Some('\u{c}') => out.push_str("\\f"),
            Some(other) => write_display(out, format_args!("\\u{:04x}", u32::from(other))),
            None => {}
        }
        rest = special.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// What every fact has besides the fields of its type, merged in between them in the order of the names.
struct Envelope<'e> {
    on: Day,
    remarks: Option<&'e Remarks>,
    type_name: &'static str,
    /// How many of [`Envelope::NAMES`] are behind us.
    written: usize,
}

impl Envelope<'_> {
    const NAMES: [&'static str; 5] = ["actor", "note", "on", "source", "type"];
}

/// Writes the members of one JSON object.
pub(super) struct Members<'o, 'e> {
    out: &'o mut String,
    first: bool,
    envelope: Option<Envelope<'e>>,
    told: Told,
}

/// Writes a nested object.
pub(super) fn object(out: &mut String, content: impl FnOnce(&mut Members<'_, '_>)) {
    out.push('{');
    content(&mut Members { out, first: true, envelope: None, told: Told::Everything });
    out.push('}');
}

impl Members<'_, '_> {
    /// Begins a member; what of the envelope sorts before it goes first.
    fn key(&mut self, name: &str) {
        self.envelope_before(Some(name));
        self.own_key(name);
    }

    fn own_key(&mut self, name: &str) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        self.out.push('"');
        // Names of fields and codes of levels: neither holds anything that must be escaped.
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    fn rest_of_the_envelope(&mut self) {
        self.envelope_before(None);
    }

    fn envelope_before(&mut self, name: Option<&str>) {
        while let Some(envelope) = self.envelope.as_mut() {
            let Some(next) = Envelope::NAMES.get(envelope.written).copied() else { return };
            if name.is_some_and(|name| name < next) {
                return;
            }
            envelope.written += 1;
            let (on, type_name, remarks) = (envelope.on, envelope.type_name, envelope.remarks);
            let remark = match next {
                "actor" if self.told == Told::Everything => remarks.and_then(|r| r.actor.as_deref()),
                "note" if self.told >= Told::WithNote => remarks.and_then(|r| r.note.as_deref()),
                "source" => remarks.and_then(|r| r.source.as_deref()),
                "type" => Some(type_name),
                _ => None,
            };
            if let Some(text) = remark {
                self.own_key(next);
                write_text(text, self.out);
            } else if next == "on" {
                self.own_key(next);
                self.out.push('"');
                write_day(on, self.out);
                self.out.push('"');
            }
        }
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.key(name);
        write_text(text, self.out);
    }

    /// Who approved or settled it: told, and no content.
    pub(super) fn person(&mut self, name: &str, text: &str) {
        if self.told == Told::Everything {
            self.text(name, text);
        }
    }

    pub(super) fn optional_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    pub(super) fn plain(&mut self, name: &str, value: impl Display) {
        self.key(name);
        write_display(self.out, value);
    }

    pub(super) fn optional(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.plain(name, value);
        }
    }

    /// A value whose text needs no escaping.
    pub(super) fn quoted(&mut self, name: &str, value: impl Display) {
        self.key(name);
        self.out.push('"');
        write_display(self.out, value);
        self.out.push('"');
    }

    pub(super) fn money(&mut self, name: &str, amount: Cents) {
        self.key(name);
        self.out.push('"');
        write_money(amount, self.out);
        self.out.push('"');
    }

    pub(super) fn rate(&mut self, name: &str, rate: Rate) {
        self.quoted(name, rate);
    }

    pub(super) fn policy(&mut self, policy: &PolicyName) {
        self.text("carrier", policy.carrier.as_str());
        self.text("policy", policy.number.as_str());
    }

    pub(super) fn advance(&mut self, terms: &AdvanceTerms) {
        self.object("advance", |m| {
            if let Some(cap) = terms.cap {
                m.money("cap", cap);
            }
            m.plain("months", terms.months);
        });
    }

    pub(super) fn object(&mut self, name: &str, content: impl FnOnce(&mut Members<'_, '_>)) {
        self.key(name);
        object(self.out, content);
    }

    pub(super) fn list<T>(&mut self, name: &str, items: &[T], write: impl Fn(&T, &mut String)) {
        self.key(name);
        list(self.out, items, write);
    }
}

/// Writes a list.
pub(super) fn list<T>(out: &mut String, items: &[T], write: impl Fn(&T, &mut String)) {
    out.push('[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

/// As [`Day`] prints itself, several times faster: every fact has one.
fn write_day(day: Day, out: &mut String) {
    match NaiveDate::from_epoch_days(day.0) {
        Some(date) if (0..=9999).contains(&date.year()) => {
            write_digits(date.year().unsigned_abs().into(), 4, out);
            out.push('-');
            write_digits(date.month().into(), 2, out);
            out.push('-');
            write_digits(date.day().into(), 2, out);
        }
        _ => write_display(out, day),
    }
}

/// As [`Cents`] print themselves, several times faster.
fn write_money(amount: Cents, out: &mut String) {
    if amount.0 < 0 {
        out.push('-');
    }
    let cents = amount.0.unsigned_abs();
    write_digits(cents / 100, 1, out);
    out.push('.');
    write_digits(cents % 100, 2, out);
}

/// A number with at least so many digits.
fn write_digits(mut number: u64, least: usize, out: &mut String) {
    let mut digits = [b'0'; 20];
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        if number == 0 && used >= least {
            break;
        }
        // A remainder below ten fits into a byte.
        *digit += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        used += 1;
    }
    for &digit in digits.iter().skip(digits.len() - used) {
        out.push(char::from(digit));
    }
}

/// Writing to a `String` cannot fail.
fn write_display(out: &mut String, value: impl Display) {
    let _ = write!(out, "{value}");
}

#[cfg(test)]
mod tests;
