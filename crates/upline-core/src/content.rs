//! The canonical text of what a fact says (facts.md), and the ids that follow from it.
//!
//! One JSON object: keys sorted, no white space, money with two decimals, rates normalised, what is
//! absent left out. Two facts say the same exactly when their canonical texts are the same bytes.
//!
//! **These bytes never change.** Ids that were derived from them are stored in ledgers for ever; a fact
//! that is written another way after an upgrade would be recorded a second time. A new field goes in only
//! where it is left out when absent.

use crate::chain::AdvanceTerms;
use crate::coverage::{CoverageDecision, Tier};
use crate::fact::{AdjustmentPosted, Body, ChainLink, PolicyIssued, PolicyRestated, Remarks};
use crate::grid::{Grid, StopReason};
use crate::money::Cents;
use crate::names::{ByCode, PolicyName};
use crate::rate::Rate;
use crate::time::Day;
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

/// Adds the canonical text of a fact to `out`: its type, date, remarks and fields. Never its id, its
/// recorded time or the personal part, which are not content.
pub fn canonical(on: Day, remarks: Option<&Remarks>, body: &Body<ByCode>, out: &mut String) {
    let envelope = Envelope { on, remarks, type_name: body.type_name(), written: 0 };
    out.push('{');
    let mut members = Members { out, first: true, envelope: Some(envelope) };
    fields(body, &mut members);
    members.rest_of_the_envelope();
    out.push('}');
}

/// Adds a body's own fields to `out` as further members of a JSON object, sorted, each with a comma before
/// it. A closed period has none.
pub fn write_fields(body: &Body<ByCode>, out: &mut String) {
    fields(body, &mut Members { out, first: false, envelope: None });
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

/// The fields of each type, in the order of their names.
fn fields(body: &Body<ByCode>, m: &mut Members<'_, '_>) {
    match body {
        Body::CarrierAdded { carrier } => m.text("carrier", carrier.as_str()),
        Body::ProducerAdded { producer, kind } => {
            m.text("kind", kind.as_str());
            m.text("producer", producer.as_str());
        }
        Body::GridPublished(grid) => grid_fields(grid, m),
        Body::ProducerContracted { producer, carrier, level, upline, advance } => {
            if *advance != AdvanceTerms::default() {
                m.advance(advance);
            }
            m.text("carrier", carrier.as_str());
            m.text("level", level.as_str());
            m.text("producer", producer.as_str());
            m.optional_text("upline", upline.as_ref().map(|code| code.as_str()));
        }
        Body::ContractChanged { producer, carrier, level, upline, advance } => {
            if let Some(advance) = advance {
                m.advance(advance);
            }
            m.text("carrier", carrier.as_str());
            m.optional_text("level", level.as_ref().map(|code| code.as_str()));
            m.text("producer", producer.as_str());
            match upline {
                Some(Some(upline)) => m.text("upline", upline.as_str()),
                Some(None) => m.plain("upline", "null"),
                None => {}
            }
        }
        Body::PersistencyDefined { definition, terms } => {
            m.text("basis", terms.basis.as_str());
            m.text("definition", definition.as_str());
            if !terms.exclude.is_empty() {
                m.list("exclude", &terms.exclude, |reason, out| write_text(reason.as_str(), out));
            }
            m.plain("from_months", terms.from_months);
            m.text("survive", terms.survive.as_str());
            m.plain("to_months", terms.to_months);
        }
        Body::CoveragePlanPublished(plan) => {
            m.text("definition", plan.definition.as_str());
            m.text("payer", plan.payer.as_str());
            m.text("plan", plan.plan.as_str());
            m.list("tiers", &plan.tiers, |tier, out| tier_object(*tier, out));
        }
        Body::CoverageEnrolled { producer, plan } | Body::CoverageWithdrawn { producer, plan } => {
            m.text("plan", plan.as_str());
            m.text("producer", producer.as_str());
        }
        Body::PolicyIssued(issued) => issued_fields(issued, m),
        Body::PremiumPaid { policy, amount, months } => {
            m.money("amount", *amount);
            m.text("carrier", policy.carrier.as_str());
            m.optional("months", *months);
            m.text("policy", policy.number.as_str());
        }
        Body::PremiumReversed { policy, amount, months, reason } => {
            m.money("amount", *amount);
            m.text("carrier", policy.carrier.as_str());
            m.optional("months", *months);
            m.text("policy", policy.number.as_str());
            m.optional_text("reason", reason.map(|reason| reason.as_str()));
        }
        Body::PolicyStopped { policy, reason } => {
            m.policy(policy);
            // The type already says that it lapsed.
            if *reason != StopReason::Lapse {
                m.text("reason", reason.as_str());
            }
        }
        Body::PolicyReinstated { policy } => m.policy(policy),
        Body::ChargebackRecorded { policy, producer, amount, reason } => {
            m.money("amount", *amount);
            m.policy(policy);
            m.text("producer", producer.as_str());
            m.text("reason", reason);
        }
        Body::ChargebackAssessed { policy, producer, payee: _, stop, amount, rule, kept } => {
            m.money("amount", *amount);
            m.text("carrier", policy.carrier.as_str());
            m.money("kept", *kept);
            m.text("policy", policy.number.as_str());
            m.text("producer", producer.as_str());
            m.quoted("rule", rule);
            m.plain("stop", stop);
        }
        Body::AgentReleased { producer, carrier, vesting, debt, reason } => {
            m.text("carrier", carrier.as_ref().map_or("*", |carrier| carrier.as_str()));
            m.text("debt", debt.as_str());
            m.text("producer", producer.as_str());
            m.optional_text("reason", reason.as_deref());
            m.text("vesting", vesting.as_str());
        }
        Body::DebtRolledUp { producer, carrier } => {
            m.text("carrier", carrier.as_str());
            m.text("producer", producer.as_str());
        }
        Body::DebtMoved { policy, from, to, amount } => {
            m.money("amount", *amount);
            m.policy(policy);
            m.text("producer", from.as_str());
            m.text("to", to.as_str());
        }
        Body::PolicyRestated(restated) => restated_fields(restated, m),
        Body::RepaymentReceived { producer, carrier, amount } => {
            m.money("amount", *amount);
            m.optional_text("carrier", carrier.as_ref().map(|code| code.as_str()));
            m.text("producer", producer.as_str());
        }
        Body::LeadLineSet { producer, limit } => {
            m.money("limit", *limit);
            m.text("producer", producer.as_str());
        }
        Body::LeadCharged { producer, amount } | Body::LeadCredited { producer, amount } => {
            m.money("amount", *amount);
            m.text("producer", producer.as_str());
        }
        Body::AdjustmentPosted(adjustment) => adjustment_fields(adjustment, m),
        Body::PayoutTermsSet { producer, terms } => {
            m.money("minimum", terms.minimum);
            m.text("producer", producer.as_ref().map_or("*", |producer| producer.as_str()));
            m.list("reserve", &terms.reserve, |tier, out| {
                object(out, |m| {
                    m.rate("rate", tier.rate);
                    m.money("to", tier.to);
                });
            });
        }
        Body::PayoutHeld { producer, reason } | Body::HoldLifted { producer, reason } => {
            m.text("producer", producer.as_str());
            m.text("reason", reason.as_str());
        }
        Body::PayoutMade(payout) => {
            m.money("debt", payout.debt);
            m.money("leads", payout.leads);
            m.money("payable", payout.payable);
            m.text("producer", payout.producer.as_str());
            m.money("reserve", payout.reserve);
        }
        Body::StatementReceived(statement) => {
            m.text("file", statement.file.as_str());
            m.key("lines");
            write_display(m.out, statement.lines);
            m.quoted("period", statement.period);
            m.text("profile", statement.profile.as_str());
            m.text("profile_file", statement.profile_file.as_str());
            m.money("total", statement.total);
            m.key("version");
            write_display(m.out, statement.version);
        }
        Body::ExceptionResolved(resolved) => {
            m.text("class", resolved.class.as_str());
            m.money("difference", resolved.difference);
            m.text("exception", resolved.exception.as_str());
            m.text("reason", resolved.reason.as_str());
            m.text("resolved_by", &resolved.resolved_by);
            m.text("statement", resolved.statement.as_str());
        }
        Body::PeriodClosed => {}
        Body::ChargebackCovered(decision) => decision_fields(decision, m),
    }
}

fn grid_fields(grid: &Grid<ByCode>, m: &mut Members<'_, '_>) {
    m.text("carrier", grid.carrier.as_str());
    if !grid.chargeback.is_empty() {
        m.list("chargeback", &grid.chargeback, |row, out| {
            object(out, |m| {
                m.quoted("months", row.months);
                m.text("reason", row.reason.as_str());
                m.quoted("rule", row.rule);
            });
        });
    }
    m.key("levels");
    object(m.out, |m| {
        for (level, bands) in &grid.levels {
            m.list(level.as_str(), bands, |band, out| {
                object(out, |m| {
                    m.rate("rate", band.rate);
                    m.quoted("years", band.years);
                });
            });
        }
    });
    m.optional_text("line", grid.line.map(|line| line.as_str()));
    m.text("product", grid.product.as_str());
}

fn issued_fields(issued: &PolicyIssued<ByCode>, m: &mut Members<'_, '_>) {
    m.money("annual_premium", issued.annual_premium);
    m.text("carrier", issued.carrier.as_str());
    m.optional("issue_age", issued.issue_age);
    m.text("mode", issued.mode.as_str());
    m.text("policy", issued.number.as_str());
    m.text("product", issued.product.as_str());
    m.optional_text("state", issued.state.as_deref());
    m.list("writing", &issued.writing, |side, out| {
        object(out, |m| {
            m.text("producer", side.producer.as_str());
            m.rate("share", side.share);
        });
    });
}

fn restated_fields(restated: &PolicyRestated<ByCode>, m: &mut Members<'_, '_>) {
    m.text("carrier", restated.policy.carrier.as_str());
    match &restated.chain {
        None => m.text("chain", "contracts"),
        Some(sides) => m.list("chain", sides, |side, out| list(out, side, link)),
    }
    m.text("correction", restated.correction.as_str());
    m.text("policy", restated.policy.number.as_str());
}

fn link(link: &ChainLink<ByCode>, out: &mut String) {
    object(out, |m| {
        m.text("level", link.level.as_str());
        m.text("producer", link.producer.as_str());
    });
}

fn adjustment_fields(adjustment: &AdjustmentPosted<ByCode>, m: &mut Members<'_, '_>) {
    m.text("account", adjustment.account.as_str());
    m.money("amount", adjustment.amount);
    m.text("approved_by", &adjustment.approved_by);
    m.optional_text("carrier", adjustment.carrier.as_ref().map(|code| code.as_str()));
    m.text("code", adjustment.code.as_str());
    m.text("producer", adjustment.producer.as_str());
}

/// A decision with all its inputs, also where they are nothing.
fn decision_fields(decision: &CoverageDecision<ByCode>, m: &mut Members<'_, '_>) {
    let (basis, tally) = (decision.basis, &decision.persistency);
    m.text("carrier", decision.policy.carrier.as_str());
    m.money("chargeback", decision.chargeback);
    m.plain("cohort", tally.cohort);
    m.quoted("cohort_weight", tally.cohort_weight.exact(basis));
    m.money("covered", decision.covered);
    m.text("definition", decision.definition.as_str());
    m.plain("definition_version", decision.definition_version);
    m.text("payer", decision.payer.as_str());
    m.text("plan", decision.plan.as_str());
    m.plain("plan_version", decision.plan_version);
    m.text("policy", decision.policy.number.as_str());
    m.text("producer", decision.producer.as_str());
    match tally.ratio() {
        Some(ratio) => m.quoted("ratio", ratio),
        None => m.plain("ratio", "null"),
    }
    m.text("reason", decision.reason.as_str());
    m.plain("stop", decision.stop);
    m.plain("surviving", tally.surviving);
    m.quoted("surviving_weight", tally.surviving_weight.exact(basis));
    match decision.tier {
        Some(tier) => {
            m.key("tier");
            tier_object(tier, m.out);
        }
        None => m.plain("tier", "null"),
    }
}

fn tier_object(tier: Tier, out: &mut String) {
    object(out, |m| {
        m.rate("above", tier.above);
        m.rate("cover", tier.cover);
    });
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
struct Members<'o, 'e> {
    out: &'o mut String,
    first: bool,
    envelope: Option<Envelope<'e>>,
}

/// Writes a nested object.
fn object(out: &mut String, content: impl FnOnce(&mut Members<'_, '_>)) {
    out.push('{');
    content(&mut Members { out, first: true, envelope: None });
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
                "actor" => remarks.and_then(|r| r.actor.as_deref()),
                "note" => remarks.and_then(|r| r.note.as_deref()),
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

    fn text(&mut self, name: &str, text: &str) {
        self.key(name);
        write_text(text, self.out);
    }

    fn optional_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    fn plain(&mut self, name: &str, value: impl Display) {
        self.key(name);
        write_display(self.out, value);
    }

    fn optional(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.plain(name, value);
        }
    }

    /// A value whose text needs no escaping.
    fn quoted(&mut self, name: &str, value: impl Display) {
        self.key(name);
        self.out.push('"');
        write_display(self.out, value);
        self.out.push('"');
    }

    fn money(&mut self, name: &str, amount: Cents) {
        self.key(name);
        self.out.push('"');
        write_money(amount, self.out);
        self.out.push('"');
    }

    fn rate(&mut self, name: &str, rate: Rate) {
        self.quoted(name, rate);
    }

    fn policy(&mut self, policy: &PolicyName) {
        self.text("carrier", policy.carrier.as_str());
        self.text("policy", policy.number.as_str());
    }

    fn advance(&mut self, terms: &AdvanceTerms) {
        self.key("advance");
        object(self.out, |m| {
            if let Some(cap) = terms.cap {
                m.money("cap", cap);
            }
            m.plain("months", terms.months);
        });
    }

    fn list<T>(&mut self, name: &str, items: &[T], write: impl Fn(&T, &mut String)) {
        self.key(name);
        list(self.out, items, write);
    }
}

/// Writes a list.
fn list<T>(out: &mut String, items: &[T], write: impl Fn(&T, &mut String)) {
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
