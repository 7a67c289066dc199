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
mod tests {
    use super::*;
    use crate::coverage::Reason;
    use crate::fact::{
        AdjustedAccount, CoveragePlan, DebtTerms, Mode, ProducerKind, ReversalReason, Vesting, Writing,
    };
    use crate::grid::{Band, ChargebackRow, Line, Rule, Span};
    use crate::names::Code;
    use crate::persistency::{Basis, Definition, Survival, Tally};

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    fn rate(text: &str) -> Rate {
        Rate::parse(text).unwrap()
    }

    fn policy() -> PolicyName {
        PolicyName::parse("C1/P/7").unwrap()
    }

    fn text_of(remarks: Option<&Remarks>, body: &Body<ByCode>) -> String {
        let mut out = String::new();
        canonical(Day::parse("2025-01-31").unwrap(), remarks, body, &mut out);
        out
    }

    /// The golden text of a body without remarks.
    fn check(body: Body<ByCode>, expected: &str) {
        assert_eq!(text_of(None, &body), expected);
        let mut fields = String::new();
        write_fields(&body, &mut fields);
        let on_and_type = ["\"on\":\"2025-01-31\"", ",\"type\":\"", body.type_name(), "\""].concat();
        assert!(fields.len() + on_and_type.len() + 2 == expected.len(), "{fields}");
    }

    fn premium() -> Body<ByCode> {
        Body::PremiumPaid { policy: policy(), amount: Cents(10_000), months: None }
    }

    // These ids are stored in ledgers for ever: a test that fails here is mended in the code, never here.
    #[test]
    fn derived_ids_never_change() {
        let text = text_of(None, &premium());
        assert_eq!(derived_id(&text, 1).to_string(), "b6957b42-3633-56ed-981b-522700ada575");
        assert_eq!(derived_id(&text, 2).to_string(), "fd80f485-b52d-5139-aace-a951d9279cc1");
        assert_eq!(ContentKey::of(&text).id(&text, 1), derived_id(&text, 1));
        assert_eq!(ContentKey::of(&text).id(&text, 2), derived_id(&text, 2));
        assert_eq!(derived_id(&text, 1).get_version_num(), 5);
    }

    #[test]
    fn canonical_texts_never_change() {
        check(
            premium(),
            r##"{"amount":"100.00","carrier":"C1","on":"2025-01-31","policy":"P/7","type":"premium_paid"}"##,
        );
        check(
            Body::PremiumReversed {
                policy: policy(),
                amount: Cents(7),
                months: Some(0),
                reason: Some(ReversalReason::Nsf),
            },
            r##"{"amount":"0.07","carrier":"C1","months":0,"on":"2025-01-31","policy":"P/7","reason":"nsf","type":"premium_reversed"}"##,
        );
        check(
            Body::CarrierAdded { carrier: code("C1") },
            r##"{"carrier":"C1","on":"2025-01-31","type":"carrier_added"}"##,
        );
        check(
            Body::ProducerAdded { producer: code("A"), kind: ProducerKind::Mga },
            r##"{"kind":"mga","on":"2025-01-31","producer":"A","type":"producer_added"}"##,
        );
        check(
            Body::PolicyStopped { policy: policy(), reason: StopReason::Lapse },
            r##"{"carrier":"C1","on":"2025-01-31","policy":"P/7","type":"policy_lapsed"}"##,
        );
        check(
            Body::PolicyStopped { policy: policy(), reason: StopReason::FreeLook },
            r##"{"carrier":"C1","on":"2025-01-31","policy":"P/7","reason":"free_look","type":"policy_terminated"}"##,
        );
        check(
            Body::PolicyReinstated { policy: policy() },
            r##"{"carrier":"C1","on":"2025-01-31","policy":"P/7","type":"policy_reinstated"}"##,
        );
        check(
            Body::CoverageWithdrawn { producer: code("A"), plan: code("gold") },
            r##"{"on":"2025-01-31","plan":"gold","producer":"A","type":"coverage_withdrawn"}"##,
        );
    }

    #[test]
    fn canonical_texts_of_contracts_never_change() {
        let advance = AdvanceTerms { months: 9, cap: Some(Cents(150_000)) };
        let contracted = |upline, advance| Body::ProducerContracted {
            producer: code("A"),
            carrier: code("C1"),
            level: code("110"),
            upline,
            advance,
        };
        check(
            contracted(Some(code("B")), advance),
            r##"{"advance":{"cap":"1500.00","months":9},"carrier":"C1","level":"110","on":"2025-01-31","producer":"A","type":"producer_contracted","upline":"B"}"##,
        );
        // No advance and an advance of nothing are the same.
        check(
            contracted(None, AdvanceTerms::default()),
            r##"{"carrier":"C1","level":"110","on":"2025-01-31","producer":"A","type":"producer_contracted"}"##,
        );
        check(
            Body::ContractChanged {
                producer: code("A"),
                carrier: code("C1"),
                level: None,
                upline: Some(None),
                advance: Some(AdvanceTerms::default()),
            },
            r##"{"advance":{"months":0},"carrier":"C1","on":"2025-01-31","producer":"A","type":"contract_changed","upline":null}"##,
        );
    }

    #[test]
    fn canonical_texts_of_plans_never_change() {
        let terms = Definition {
            basis: Basis::Count,
            from_months: 13,
            to_months: 25,
            survive: Survival::PaidTo,
            exclude: vec![StopReason::FreeLook, StopReason::Death],
        };
        check(
            Body::PersistencyDefined { definition: code("p13"), terms },
            r##"{"basis":"count","definition":"p13","exclude":["free_look","death"],"from_months":13,"on":"2025-01-31","survive":"paid_to","to_months":25,"type":"persistency_defined"}"##,
        );
        let plan = CoveragePlan {
            plan: code("gold"),
            definition: code("p13"),
            payer: code("IMO"),
            tiers: vec![Tier { above: rate("0.8"), cover: rate("1") }],
        };
        check(
            Body::CoveragePlanPublished(Box::new(plan)),
            r##"{"definition":"p13","on":"2025-01-31","payer":"IMO","plan":"gold","tiers":[{"above":"0.80","cover":"1.00"}],"type":"coverage_plan_published"}"##,
        );
    }

    #[test]
    fn canonical_texts_of_grids_and_policies_never_change() {
        let band = |years: &str, r: &str| Band { years: Span::parse(years).unwrap(), rate: rate(r) };
        let grid = Grid {
            carrier: code("C1"),
            product: code("FE"),
            line: Some(Line::FinalExpense),
            levels: vec![(code("110"), vec![band("1", "1.1"), band("2-10", "0.025"), band("11+", "0")])],
            chargeback: vec![ChargebackRow {
                reason: StopReason::Surrender,
                months: Span::parse("0-6").unwrap(),
                rule: Rule::Percent(rate("0.7")),
            }],
        };
        check(
            Body::GridPublished(Box::new(grid)),
            r##"{"carrier":"C1","chargeback":[{"months":"0-6","reason":"surrender","rule":"percent:0.70"}],"levels":{"110":[{"rate":"1.10","years":"1"},{"rate":"0.025","years":"2-10"},{"rate":"0.00","years":"11+"}]},"line":"final_expense","on":"2025-01-31","product":"FE","type":"grid_published"}"##,
        );
        let issued = PolicyIssued {
            carrier: code("C1"),
            number: policy().number,
            product: code("FE"),
            annual_premium: Cents(120_000),
            mode: Mode::Monthly,
            writing: vec![Writing { producer: code("A"), share: Rate::ONE }],
            state: Some("TX".into()),
            issue_age: Some(61),
            frozen: (),
        };
        check(
            Body::PolicyIssued(Box::new(issued)),
            r##"{"annual_premium":"1200.00","carrier":"C1","issue_age":61,"mode":"monthly","on":"2025-01-31","policy":"P/7","product":"FE","state":"TX","type":"policy_issued","writing":[{"producer":"A","share":"1.00"}]}"##,
        );
    }

    #[test]
    fn canonical_texts_of_chargebacks_never_change() {
        check(
            Body::ChargebackRecorded {
                policy: policy(),
                producer: code("A"),
                amount: Cents(55_000),
                reason: "said \"so\"".into(),
            },
            r##"{"amount":"550.00","carrier":"C1","on":"2025-01-31","policy":"P/7","producer":"A","reason":"said \"so\"","type":"chargeback_recorded"}"##,
        );
        check(
            Body::ChargebackAssessed {
                policy: policy(),
                producer: code("A"),
                payee: 3,
                stop: 12,
                amount: Cents(55_000),
                rule: Rule::ProRata,
                kept: Cents(44_000),
            },
            r##"{"amount":"550.00","carrier":"C1","kept":"440.00","on":"2025-01-31","policy":"P/7","producer":"A","rule":"pro_rata","stop":12,"type":"chargeback_assessed"}"##,
        );
    }

    #[test]
    fn canonical_texts_of_releases_never_change() {
        let released = |carrier, reason: Option<&str>| Body::AgentReleased {
            producer: code("A"),
            carrier,
            vesting: Vesting::Full,
            debt: DebtTerms::RollsUp,
            reason: reason.map(str::to_owned),
        };
        check(
            released(None, None),
            r##"{"carrier":"*","debt":"rolls_up","on":"2025-01-31","producer":"A","type":"agent_released","vesting":"full"}"##,
        );
        check(
            released(Some(code("C1")), Some("moved \\ away")),
            r##"{"carrier":"C1","debt":"rolls_up","on":"2025-01-31","producer":"A","reason":"moved \\ away","type":"agent_released","vesting":"full"}"##,
        );
        check(
            Body::DebtRolledUp { producer: code("A"), carrier: code("C1") },
            r##"{"carrier":"C1","on":"2025-01-31","producer":"A","type":"debt_rolled_up"}"##,
        );
        check(
            Body::DebtMoved { policy: policy(), from: code("A"), to: code("B"), amount: Cents(5) },
            r##"{"amount":"0.05","carrier":"C1","on":"2025-01-31","policy":"P/7","producer":"A","to":"B","type":"debt_rolled_up"}"##,
        );
    }

    #[test]
    fn canonical_texts_of_restatements_never_change() {
        let restated = |chain| {
            Body::PolicyRestated(Box::new(PolicyRestated {
                policy: policy(),
                correction: code("K-1"),
                chain,
                frozen: (),
            }))
        };
        check(
            restated(None),
            r##"{"carrier":"C1","chain":"contracts","correction":"K-1","on":"2025-01-31","policy":"P/7","type":"policy_restated"}"##,
        );
        let link = |producer: &str, level: &str| ChainLink { producer: code(producer), level: code(level) };
        check(
            restated(Some(vec![vec![link("A", "110"), link("B", "140")], vec![link("C", "95")]])),
            r##"{"carrier":"C1","chain":[[{"level":"110","producer":"A"},{"level":"140","producer":"B"}],[{"level":"95","producer":"C"}]],"correction":"K-1","on":"2025-01-31","policy":"P/7","type":"policy_restated"}"##,
        );
    }

    #[test]
    fn canonical_texts_of_money_besides_policies_never_change() {
        let repaid =
            |carrier| Body::RepaymentReceived { producer: code("A"), carrier, amount: Cents(12_345) };
        check(
            repaid(None),
            r##"{"amount":"123.45","on":"2025-01-31","producer":"A","type":"repayment_received"}"##,
        );
        check(
            repaid(Some(code("C1"))),
            r##"{"amount":"123.45","carrier":"C1","on":"2025-01-31","producer":"A","type":"repayment_received"}"##,
        );
        check(
            Body::LeadLineSet { producer: code("A"), limit: Cents(0) },
            r##"{"limit":"0.00","on":"2025-01-31","producer":"A","type":"lead_line_set"}"##,
        );
        check(
            Body::LeadCharged { producer: code("A"), amount: Cents(100) },
            r##"{"amount":"1.00","on":"2025-01-31","producer":"A","type":"lead_charged"}"##,
        );
        check(
            Body::LeadCredited { producer: code("A"), amount: Cents(100) },
            r##"{"amount":"1.00","on":"2025-01-31","producer":"A","type":"lead_credited"}"##,
        );
        let adjustment = |carrier, account, amount| {
            Body::AdjustmentPosted(Box::new(AdjustmentPosted {
                producer: code("A"),
                carrier,
                account,
                amount: Cents(amount),
                code: code("goodwill"),
                approved_by: "Ann \"B\"".into(),
            }))
        };
        check(
            adjustment(None, AdjustedAccount::Leads, -101),
            r##"{"account":"leads","amount":"-1.01","approved_by":"Ann \"B\"","code":"goodwill","on":"2025-01-31","producer":"A","type":"adjustment_posted"}"##,
        );
        check(
            adjustment(Some(code("C1")), AdjustedAccount::Payable, 101),
            r##"{"account":"payable","amount":"1.01","approved_by":"Ann \"B\"","carrier":"C1","code":"goodwill","on":"2025-01-31","producer":"A","type":"adjustment_posted"}"##,
        );
        check(Body::PeriodClosed, r##"{"on":"2025-01-31","type":"period_closed"}"##);
    }

    fn decision(basis: Basis, persistency: Tally, tier: Option<Tier>, reason: Reason) -> Body<ByCode> {
        Body::ChargebackCovered(Box::new(CoverageDecision {
            policy: policy(),
            producer: code("A"),
            side: Some(1),
            stop: 12,
            chargeback: Cents(55_000),
            covered: Cents(27_500),
            payer: code("IMO"),
            plan: code("gold"),
            plan_version: 9,
            definition: code("p13"),
            definition_version: 8,
            basis,
            persistency,
            tier,
            reason,
        }))
    }

    #[test]
    fn canonical_texts_of_decisions_never_change() {
        let terms = |basis| Definition {
            basis,
            from_months: 13,
            to_months: 25,
            survive: Survival::PaidTo,
            exclude: Vec::new(),
        };
        let tally = |basis, shares: &[(&str, bool)]| {
            let mut tally = Tally::default();
            for (share, survives) in shares {
                tally.count(*survives, terms(basis).weight(Cents(100_001), rate(share)));
            }
            tally
        };
        let tier = Tier { above: rate("0.6"), cover: rate("0.5") };
        check(
            decision(
                Basis::Count,
                tally(Basis::Count, &[("1", true), ("0.5", true), ("1", false)]),
                Some(tier),
                Reason::Tier,
            ),
            r##"{"carrier":"C1","chargeback":"550.00","cohort":3,"cohort_weight":"3","covered":"275.00","definition":"p13","definition_version":8,"on":"2025-01-31","payer":"IMO","plan":"gold","plan_version":9,"policy":"P/7","producer":"A","ratio":"0.6667","reason":"tier","stop":12,"surviving":2,"surviving_weight":"2","tier":{"above":"0.60","cover":"0.50"},"type":"chargeback_covered"}"##,
        );
        check(
            decision(
                Basis::Premium,
                tally(Basis::Premium, &[("0.125", true), ("1", false)]),
                None,
                Reason::BelowTiers,
            ),
            r##"{"carrier":"C1","chargeback":"550.00","cohort":2,"cohort_weight":"1125.01125","covered":"275.00","definition":"p13","definition_version":8,"on":"2025-01-31","payer":"IMO","plan":"gold","plan_version":9,"policy":"P/7","producer":"A","ratio":"0.1111","reason":"below_tiers","stop":12,"surviving":1,"surviving_weight":"125.00125","tier":null,"type":"chargeback_covered"}"##,
        );
        check(
            decision(Basis::Premium, Tally::default(), None, Reason::NoCohort),
            r##"{"carrier":"C1","chargeback":"550.00","cohort":0,"cohort_weight":"0.00","covered":"275.00","definition":"p13","definition_version":8,"on":"2025-01-31","payer":"IMO","plan":"gold","plan_version":9,"policy":"P/7","producer":"A","ratio":null,"reason":"no_cohort","stop":12,"surviving":0,"surviving_weight":"0.00","tier":null,"type":"chargeback_covered"}"##,
        );
    }

    #[test]
    fn days_and_amounts_are_written_as_they_print_themselves() {
        let mut out = String::new();
        for day in (Day::FIRST.0..=Day::LAST.0).step_by(13).chain([i32::MIN, i32::MAX, -719_528, -719_529]) {
            out.clear();
            write_day(Day(day), &mut out);
            assert_eq!(out, Day(day).to_string());
        }
        for cents in [0, 1, -1, 9, 10, 99, 100, -100, 12_345, i64::MAX, i64::MIN, Cents::FACT_MAX.0] {
            out.clear();
            write_money(Cents(cents), &mut out);
            assert_eq!(out, Cents(cents).to_string());
        }
    }

    #[test]
    fn remarks_are_content_and_stand_where_their_names_sort() {
        let remarks = Remarks {
            source: Some("statement 4".into()),
            note: Some("a\\b\n\u{1}é\u{7f}".into()),
            actor: Some("Ann".into()),
        };
        assert_eq!(
            text_of(Some(&remarks), &premium()),
            concat!(
                r#"{"actor":"Ann","amount":"100.00","carrier":"C1","note":"a\\b\n\u0001é"#,
                "\u{7f}",
                r#"","on":"2025-01-31","policy":"P/7","source":"statement 4","type":"premium_paid"}"#
            )
        );
    }
}
