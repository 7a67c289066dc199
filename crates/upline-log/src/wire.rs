//! An event as bytes: its header, its body, its postings.
//!
//! # Shape
//! Type number, version, when recorded, origin, remarks, identity, effective date, body, postings. What is
//! equal for the events of one commit stands at the front and together, so that compression finds it.
//! Postings follow in two columns, what they are and how much, for the same reason ([`crate::postings`]).
//!
//! # Correctness
//! The bytes depend on the event and its postings only; they are the leaf of the Merkle tree. Every type has
//! a number and a version; a version that was ever written is read for ever, through [`body`], which makes
//! today's body of it. A value that no field can have is refused.

mod decision;
mod payout;
mod statement;

use crate::codec::{In, Malformed, Out, Read, Written};
use crate::error::LogError;
use crate::numbers::Numbered;
use crate::postings::{read_postings, write_postings};
use decision::{read_decision, write_decision};
use payout::{read_payout, read_payout_terms, write_payout, write_payout_terms};
use statement::{read_resolved, read_statement, write_resolved, write_statement};
use std::sync::Arc;
use upline_core::chain::{AdvanceTerms, FrozenChain, FrozenPlace};
use upline_core::coverage::Tier;
use upline_core::event::{Event, Identity};
use upline_core::fact::{
    AdjustmentPosted, Body, ChainLink, CoveragePlan, PolicyIssued, PolicyRestated, Remarks, Writing,
};
use upline_core::grid::{Band, ChargebackRow, Grid, Rule, Span};
use upline_core::money::Cents;
use upline_core::names::{ById, CarrierId, Code, GridId, PolicyId, ProducerId};
use upline_core::persistency::Definition;
use upline_core::posting::Posting;
use upline_core::rate::Rate;
use upline_core::time::{Day, Moment};
use uuid::Uuid;

/// The number of every event type. On disk; they never change meaning and are never used again.
mod event_type {
    pub(super) const CARRIER_ADDED: u8 = 1;
    pub(super) const PRODUCER_ADDED: u8 = 2;
    pub(super) const GRID_PUBLISHED: u8 = 3;
    pub(super) const PRODUCER_CONTRACTED: u8 = 4;
    pub(super) const CONTRACT_CHANGED: u8 = 5;
    pub(super) const PERSISTENCY_DEFINED: u8 = 6;
    pub(super) const COVERAGE_PLAN_PUBLISHED: u8 = 7;
    pub(super) const COVERAGE_ENROLLED: u8 = 8;
    pub(super) const COVERAGE_WITHDRAWN: u8 = 9;
    pub(super) const POLICY_ISSUED: u8 = 10;
    pub(super) const PREMIUM_PAID: u8 = 11;
    pub(super) const PREMIUM_REVERSED: u8 = 12;
    pub(super) const POLICY_STOPPED: u8 = 13;
    pub(super) const POLICY_REINSTATED: u8 = 14;
    pub(super) const CHARGEBACK_RECORDED: u8 = 15;
    pub(super) const CHARGEBACK_ASSESSED: u8 = 16;
    pub(super) const AGENT_RELEASED: u8 = 17;
    pub(super) const DEBT_ROLLED_UP: u8 = 18;
    pub(super) const POLICY_RESTATED: u8 = 19;
    pub(super) const REPAYMENT_RECEIVED: u8 = 20;
    pub(super) const LEAD_LINE_SET: u8 = 21;
    pub(super) const LEAD_CHARGED: u8 = 22;
    pub(super) const LEAD_CREDITED: u8 = 23;
    pub(super) const ADJUSTMENT_POSTED: u8 = 24;
    pub(super) const PERIOD_CLOSED: u8 = 25;
    pub(super) const CHARGEBACK_COVERED: u8 = 26;
    pub(super) const DEBT_MOVED: u8 = 27;
    pub(super) const PAYOUT_TERMS_SET: u8 = 28;
    pub(super) const PAYOUT_HELD: u8 = 29;
    pub(super) const HOLD_LIFTED: u8 = 30;
    pub(super) const PAYOUT_MADE: u8 = 31;
    pub(super) const STATEMENT_RECEIVED: u8 = 32;
    pub(super) const EXCEPTION_RESOLVED: u8 = 33;
    /// The last number that is known here.
    pub(super) const LAST: u8 = EXCEPTION_RESOLVED;
}

/// How an identity is known, on disk.
mod identity {
    pub(super) const GIVEN: u8 = 1;
    pub(super) const DERIVED: u8 = 2;
    pub(super) const CAUSED: u8 = 3;
}

/// A chargeback rule, on disk.
mod rule_number {
    pub(super) const PRO_RATA: u8 = 1;
    pub(super) const FULL: u8 = 2;
    pub(super) const NONE: u8 = 3;
    pub(super) const PERCENT: u8 = 4;
}

/// What becomes of a contract's upline, on disk.
mod upline_change {
    pub(super) const UNCHANGED: u8 = 0;
    pub(super) const TO_THE_TOP: u8 = 1;
    pub(super) const UNDER: u8 = 2;
}

/// The bytes of an event with its postings: a leaf of the Merkle tree.
pub fn event_bytes(event: &Event, postings: &[Posting]) -> Result<Vec<u8>, LogError> {
    let mut bytes = Vec::new();
    write_event(&mut Out::new(&mut bytes), event, postings)
        .map_err(|error| LogError::Unencodable { position: 0, why: error.to_string() })?;
    Ok(bytes)
}

/// The event of such bytes, with its postings. Trailing bytes are refused.
pub fn event_from_bytes(bytes: &[u8]) -> Result<(Event, Vec<Posting>), LogError> {
    let mut from = In::new(bytes);
    let mut postings = Vec::new();
    let event = read_event(&mut from, &mut postings, &mut None)
        .and_then(|event| match from.left() {
            0 => Ok(event),
            _ => Err(Malformed::Field("bytes follow its end")),
        })
        .map_err(|malformed| refused(malformed, || "in the bytes of one event".to_owned()))?;
    Ok((event, postings))
}

/// What to tell of bytes that are no event.
#[cold]
pub(crate) fn refused(malformed: Malformed, place: impl FnOnce() -> String) -> LogError {
    match malformed {
        Malformed::Bytes(what) => LogError::damaged(what, place()),
        Malformed::Field(what) => LogError::damaged(what, place()),
        Malformed::Newer { what, found, known } => {
            LogError::NewerFormat { what: format!("{what}, {},", place()), found, known }
        }
    }
}

/// Writes an event and its postings.
pub(crate) fn write_event(out: &mut Out<'_>, event: &Event, postings: &[Posting]) -> Written {
    let (number, version) = type_and_version(&event.body);
    out.put(number)?;
    out.put(version)?;
    out.put(event.recorded_at.0)?;
    out.option(event.origin.as_deref())?;
    write_remarks(out, event.remarks.as_deref())?;
    write_identity(out, event.identity)?;
    out.put(event.on.0)?;
    write_body(out, &event.body)?;
    write_postings(out, event.on, &event.body, postings)
}

/// Reads an event; its postings replace what is in `postings`. `origin` is the one of the event before,
/// shared where it is the same.
#[inline]
pub(crate) fn read_event(
    from: &mut In<'_>,
    postings: &mut Vec<Posting>,
    origin: &mut Option<Arc<str>>,
) -> Read<Event> {
    let (number, version) = (from.get::<u8>()?, from.get::<u8>()?);
    let recorded_at = Moment(from.get()?);
    let origin = read_origin(from, origin)?;
    let remarks = if from.some()? { Some(read_remarks(from)?) } else { None };
    let identity = read_identity(from)?;
    let on = Day(from.get()?);
    let body = body(from, number, version)?;
    read_postings(from, on, &body, postings)?;
    Ok(Event { on, recorded_at, identity, origin, remarks, body })
}

fn read_origin(from: &mut In<'_>, before: &mut Option<Arc<str>>) -> Read<Option<Arc<str>>> {
    if !from.some()? {
        return Ok(None);
    }
    // Mostly that of the event before: then it was checked to be UTF-8 there.
    let text = from.text_bytes()?;
    if before.as_ref().is_none_or(|before| before.as_bytes() != text) {
        let text = std::str::from_utf8(text).map_err(|_| Malformed::Field("an origin is no UTF-8"))?;
        *before = Some(Arc::from(text));
    }
    Ok(before.clone())
}

fn write_remarks(out: &mut Out<'_>, remarks: Option<&Remarks>) -> Written {
    let Some(Remarks { source, note, actor }) = remarks else { return out.put(0u8) };
    out.put(1u8)?;
    [source, note, actor].into_iter().try_for_each(|text| out.option(text.as_deref()))
}

#[cold]
fn read_remarks(from: &mut In<'_>) -> Read<Box<Remarks>> {
    Ok(Box::new(Remarks {
        source: optional_text(from)?,
        note: optional_text(from)?,
        actor: optional_text(from)?,
    }))
}

fn optional_text(from: &mut In<'_>) -> Read<Option<String>> {
    Ok(if from.some()? { Some(from.text()?.to_owned()) } else { None })
}

fn write_identity(out: &mut Out<'_>, identity: Identity) -> Written {
    match identity {
        Identity::Given(id) => {
            out.put(identity::GIVEN)?;
            out.put(*id.as_bytes())
        }
        Identity::Derived { ordinal } => {
            out.put(identity::DERIVED)?;
            out.put(ordinal)
        }
        Identity::Caused { by, ordinal } => {
            out.put(identity::CAUSED)?;
            out.put(by)?;
            out.put(ordinal)
        }
    }
}

fn read_identity(from: &mut In<'_>) -> Read<Identity> {
    Ok(match from.get::<u8>()? {
        identity::GIVEN => Identity::Given(Uuid::from_bytes(from.get()?)),
        identity::DERIVED => Identity::Derived { ordinal: from.get()? },
        identity::CAUSED => Identity::Caused { by: from.get()?, ordinal: from.get()? },
        _ => return Err(Malformed::Field("unknown way to know its id")),
    })
}

/// The number of a body's type and the version in which it is written today.
fn type_and_version(body: &Body<ById>) -> (u8, u8) {
    let number = match body {
        Body::CarrierAdded { .. } => event_type::CARRIER_ADDED,
        Body::ProducerAdded { .. } => event_type::PRODUCER_ADDED,
        Body::GridPublished(_) => event_type::GRID_PUBLISHED,
        Body::ProducerContracted { .. } => event_type::PRODUCER_CONTRACTED,
        Body::ContractChanged { .. } => event_type::CONTRACT_CHANGED,
        Body::PersistencyDefined { .. } => event_type::PERSISTENCY_DEFINED,
        Body::CoveragePlanPublished(_) => event_type::COVERAGE_PLAN_PUBLISHED,
        Body::CoverageEnrolled { .. } => event_type::COVERAGE_ENROLLED,
        Body::CoverageWithdrawn { .. } => event_type::COVERAGE_WITHDRAWN,
        Body::PolicyIssued(_) => event_type::POLICY_ISSUED,
        Body::PremiumPaid { .. } => event_type::PREMIUM_PAID,
        Body::PremiumReversed { .. } => event_type::PREMIUM_REVERSED,
        Body::PolicyStopped { .. } => event_type::POLICY_STOPPED,
        Body::PolicyReinstated { .. } => event_type::POLICY_REINSTATED,
        Body::ChargebackRecorded { .. } => event_type::CHARGEBACK_RECORDED,
        Body::ChargebackAssessed { .. } => event_type::CHARGEBACK_ASSESSED,
        Body::AgentReleased { .. } => event_type::AGENT_RELEASED,
        Body::DebtRolledUp { .. } => event_type::DEBT_ROLLED_UP,
        Body::PolicyRestated(_) => event_type::POLICY_RESTATED,
        Body::RepaymentReceived { .. } => event_type::REPAYMENT_RECEIVED,
        Body::LeadLineSet { .. } => event_type::LEAD_LINE_SET,
        Body::LeadCharged { .. } => event_type::LEAD_CHARGED,
        Body::LeadCredited { .. } => event_type::LEAD_CREDITED,
        Body::AdjustmentPosted(_) => event_type::ADJUSTMENT_POSTED,
        Body::PeriodClosed => event_type::PERIOD_CLOSED,
        Body::ChargebackCovered(_) => event_type::CHARGEBACK_COVERED,
        Body::DebtMoved { .. } => event_type::DEBT_MOVED,
        Body::PayoutTermsSet { .. } => event_type::PAYOUT_TERMS_SET,
        Body::PayoutHeld { .. } => event_type::PAYOUT_HELD,
        Body::HoldLifted { .. } => event_type::HOLD_LIFTED,
        Body::PayoutMade(_) => event_type::PAYOUT_MADE,
        Body::StatementReceived(_) => event_type::STATEMENT_RECEIVED,
        Body::ExceptionResolved(_) => event_type::EXCEPTION_RESOLVED,
    };
    (number, 1)
}

fn write_body(out: &mut Out<'_>, body: &Body<ById>) -> Written {
    match body {
        Body::CarrierAdded { carrier } => out.put(carrier.as_str()),
        Body::ProducerAdded { producer, kind } => out.put((producer.as_str(), kind.to_number())),
        Body::GridPublished(grid) => write_grid(out, grid),
        Body::ProducerContracted { producer, carrier, level, upline, advance } => {
            out.put((producer.0, carrier.0, level.as_str(), upline.map(|upline| upline.0)))?;
            write_advance(out, *advance)
        }
        Body::ContractChanged { producer, carrier, level, upline, advance } => {
            out.put((producer.0, carrier.0, level.as_ref().map(Code::as_str)))?;
            match upline {
                None => out.put(upline_change::UNCHANGED)?,
                Some(None) => out.put(upline_change::TO_THE_TOP)?,
                Some(Some(upline)) => out.put((upline_change::UNDER, upline.0))?,
            }
            out.put(u8::from(advance.is_some()))?;
            advance.map_or(Ok(()), |advance| write_advance(out, advance))
        }
        Body::PersistencyDefined { definition, terms } => write_definition(out, definition, terms),
        Body::CoveragePlanPublished(plan) => write_plan(out, plan),
        Body::CoverageEnrolled { producer, plan } | Body::CoverageWithdrawn { producer, plan } => {
            out.put((producer.0, plan.as_str()))
        }
        Body::PolicyIssued(policy) => write_policy(out, policy),
        Body::PremiumPaid { policy, amount, months } => out.put((policy.0, amount.0, *months)),
        Body::PremiumReversed { policy, amount, months, reason } => {
            out.put((policy.0, amount.0, *months, reason.map(Numbered::to_number)))
        }
        Body::PolicyStopped { policy, reason } => out.put((policy.0, reason.to_number())),
        Body::PolicyReinstated { policy } => out.put(policy.0),
        Body::ChargebackRecorded { policy, producer, amount, reason } => {
            out.put((policy.0, producer.0, amount.0, reason.as_str()))
        }
        Body::ChargebackAssessed { policy, producer, payee, stop, amount, rule, kept } => {
            out.put((policy.0, producer.0, *payee, *stop, amount.0))?;
            write_rule(out, *rule)?;
            out.put(kept.0)
        }
        Body::AgentReleased { producer, carrier, vesting, debt, reason } => {
            out.put((producer.0, carrier.map(|carrier| carrier.0), vesting.to_number(), debt.to_number()))?;
            out.option(reason.as_deref())
        }
        Body::DebtRolledUp { producer, carrier } => out.put((producer.0, carrier.0)),
        Body::PolicyRestated(restated) => write_restated(out, restated),
        Body::RepaymentReceived { producer, carrier, amount } => {
            out.put((producer.0, carrier.map(|carrier| carrier.0), amount.0))
        }
        Body::LeadLineSet { producer, limit: amount }
        | Body::LeadCharged { producer, amount }
        | Body::LeadCredited { producer, amount } => out.put((producer.0, amount.0)),
        Body::AdjustmentPosted(adjustment) => write_adjustment(out, adjustment),
        Body::PeriodClosed => Ok(()),
        Body::ChargebackCovered(decision) => write_decision(out, decision),
        Body::DebtMoved { policy, from, to, amount } => out.put((policy.0, from.0, to.0, amount.0)),
        Body::PayoutTermsSet { producer, terms } => {
            out.put(producer.map(|producer| producer.0))?;
            write_payout_terms(out, terms)
        }
        Body::PayoutHeld { producer, reason } | Body::HoldLifted { producer, reason } => {
            out.put((producer.0, reason.to_number()))
        }
        Body::PayoutMade(payout) => write_payout(out, payout),
        Body::StatementReceived(statement) => write_statement(out, statement),
        Body::ExceptionResolved(resolved) => write_resolved(out, resolved),
    }
}

/// Today's body of a type and version. Every pair that was ever written stays here; an old one is lifted.
fn body(from: &mut In<'_>, number: u8, version: u8) -> Read<Body<ById>> {
    Ok(match (number, version) {
        (event_type::PREMIUM_PAID, 1) => {
            Body::PremiumPaid { policy: policy(from)?, amount: cents(from)?, months: from.option()? }
        }
        (event_type::CARRIER_ADDED, 1) => Body::CarrierAdded { carrier: code(from)? },
        (event_type::PRODUCER_ADDED, 1) => Body::ProducerAdded { producer: code(from)?, kind: word(from)? },
        (event_type::GRID_PUBLISHED, 1) => Body::GridPublished(Box::new(read_grid(from)?)),
        (event_type::PRODUCER_CONTRACTED, 1) => Body::ProducerContracted {
            producer: producer(from)?,
            carrier: carrier(from)?,
            level: code(from)?,
            upline: from.option()?.map(ProducerId),
            advance: read_advance(from)?,
        },
        (event_type::CONTRACT_CHANGED, 1) => read_contract_changed(from)?,
        (event_type::PERSISTENCY_DEFINED, 1) => read_definition(from)?,
        (event_type::COVERAGE_PLAN_PUBLISHED, 1) => Body::CoveragePlanPublished(Box::new(CoveragePlan {
            plan: code(from)?,
            definition: code(from)?,
            payer: producer(from)?,
            tiers: list(from, read_tier)?,
        })),
        (event_type::COVERAGE_ENROLLED, 1) => {
            Body::CoverageEnrolled { producer: producer(from)?, plan: code(from)? }
        }
        (event_type::COVERAGE_WITHDRAWN, 1) => {
            Body::CoverageWithdrawn { producer: producer(from)?, plan: code(from)? }
        }
        (event_type::POLICY_ISSUED, 1) => Body::PolicyIssued(Box::new(read_policy(from)?)),
        (event_type::PREMIUM_REVERSED, 1) => Body::PremiumReversed {
            policy: policy(from)?,
            amount: cents(from)?,
            months: from.option()?,
            reason: optional_word(from)?,
        },
        (event_type::POLICY_STOPPED, 1) => Body::PolicyStopped { policy: policy(from)?, reason: word(from)? },
        (event_type::POLICY_REINSTATED, 1) => Body::PolicyReinstated { policy: policy(from)? },
        (event_type::CHARGEBACK_RECORDED, 1) => Body::ChargebackRecorded {
            policy: policy(from)?,
            producer: producer(from)?,
            amount: cents(from)?,
            reason: from.text()?.to_owned(),
        },
        (event_type::CHARGEBACK_ASSESSED, 1) => Body::ChargebackAssessed {
            policy: policy(from)?,
            producer: producer(from)?,
            payee: from.get()?,
            stop: from.get()?,
            amount: cents(from)?,
            rule: read_rule(from)?,
            kept: cents(from)?,
        },
        (event_type::AGENT_RELEASED, 1) => Body::AgentReleased {
            producer: producer(from)?,
            carrier: from.option()?.map(CarrierId),
            vesting: word(from)?,
            debt: word(from)?,
            reason: optional_text(from)?,
        },
        (event_type::DEBT_ROLLED_UP, 1) => {
            Body::DebtRolledUp { producer: producer(from)?, carrier: carrier(from)? }
        }
        (event_type::POLICY_RESTATED, 1) => Body::PolicyRestated(Box::new(read_restated(from)?)),
        (event_type::REPAYMENT_RECEIVED, 1) => Body::RepaymentReceived {
            producer: producer(from)?,
            carrier: from.option()?.map(CarrierId),
            amount: cents(from)?,
        },
        (event_type::LEAD_LINE_SET, 1) => {
            Body::LeadLineSet { producer: producer(from)?, limit: cents(from)? }
        }
        (event_type::LEAD_CHARGED, 1) => {
            Body::LeadCharged { producer: producer(from)?, amount: cents(from)? }
        }
        (event_type::LEAD_CREDITED, 1) => {
            Body::LeadCredited { producer: producer(from)?, amount: cents(from)? }
        }
        (event_type::ADJUSTMENT_POSTED, 1) => Body::AdjustmentPosted(Box::new(read_adjustment(from)?)),
        (event_type::PERIOD_CLOSED, 1) => Body::PeriodClosed,
        (event_type::CHARGEBACK_COVERED, 1) => Body::ChargebackCovered(Box::new(read_decision(from)?)),
        (event_type::DEBT_MOVED, 1) => Body::DebtMoved {
            policy: policy(from)?,
            from: producer(from)?,
            to: producer(from)?,
            amount: cents(from)?,
        },
        (event_type::PAYOUT_TERMS_SET, 1) => {
            Body::PayoutTermsSet { producer: from.option()?.map(ProducerId), terms: read_payout_terms(from)? }
        }
        (event_type::PAYOUT_HELD, 1) => Body::PayoutHeld { producer: producer(from)?, reason: word(from)? },
        (event_type::HOLD_LIFTED, 1) => Body::HoldLifted { producer: producer(from)?, reason: word(from)? },
        (event_type::PAYOUT_MADE, 1) => Body::PayoutMade(Box::new(read_payout(from)?)),
        (event_type::STATEMENT_RECEIVED, 1) => Body::StatementReceived(Box::new(read_statement(from)?)),
        (event_type::EXCEPTION_RESOLVED, 1) => Body::ExceptionResolved(Box::new(read_resolved(from)?)),
        _ => return Err(unknown(number, version)),
    })
}

#[cold]
fn unknown(number: u8, version: u8) -> Malformed {
    match (number, version) {
        (0, _) | (_, 0) => Malformed::Field("an event's type or version is 0"),
        (1..=event_type::LAST, _) => Malformed::Newer {
            what: format!("an event of type {number}"),
            found: u32::from(version),
            known: 1,
        },
        _ => Malformed::Newer {
            what: "an event's type number".to_owned(),
            found: u32::from(number),
            known: u32::from(event_type::LAST),
        },
    }
}

fn carrier(from: &mut In<'_>) -> Read<CarrierId> {
    from.get().map(CarrierId)
}

fn producer(from: &mut In<'_>) -> Read<ProducerId> {
    from.get().map(ProducerId)
}

#[inline]
fn policy(from: &mut In<'_>) -> Read<PolicyId> {
    from.get().map(PolicyId)
}

#[inline]
fn cents(from: &mut In<'_>) -> Read<Cents> {
    from.get().map(Cents)
}

fn code(from: &mut In<'_>) -> Read<Code> {
    Code::parse(from.text()?).ok_or(Malformed::Field("a code is none"))
}

fn word<T: Numbered>(from: &mut In<'_>) -> Read<T> {
    T::of_number(from.get()?).ok_or(Malformed::Field(T::UNKNOWN))
}

fn optional_word<T: Numbered>(from: &mut In<'_>) -> Read<Option<T>> {
    Ok(if from.some()? { Some(word(from)?) } else { None })
}

fn list<T>(from: &mut In<'_>, item: impl Fn(&mut In<'_>) -> Read<T>) -> Read<Vec<T>> {
    let count = from.count()?;
    (0..count).map(|_| item(from)).collect()
}

fn write_list<T>(out: &mut Out<'_>, items: &[T], item: impl Fn(&mut Out<'_>, &T) -> Written) -> Written {
    out.count(items.len())?;
    items.iter().try_for_each(|each| item(out, each))
}

/// A rate is its digits without the point, and how many of them stand behind it.
fn write_rate(out: &mut Out<'_>, rate: Rate) -> Written {
    out.put(rate.parts())
}

fn rate(from: &mut In<'_>) -> Read<Rate> {
    let (mantissa, scale) = from.get()?;
    Rate::from_parts(mantissa, scale)
        .filter(|rate| rate.parts() == (mantissa, scale))
        .ok_or(Malformed::Field("a rate is none, or is not in its shortest form"))
}

fn write_rule(out: &mut Out<'_>, rule: Rule) -> Written {
    match rule {
        Rule::ProRata => out.put(rule_number::PRO_RATA),
        Rule::Full => out.put(rule_number::FULL),
        Rule::None => out.put(rule_number::NONE),
        Rule::Percent(percent) => {
            out.put(rule_number::PERCENT)?;
            write_rate(out, percent)
        }
    }
}

fn read_rule(from: &mut In<'_>) -> Read<Rule> {
    Ok(match from.get::<u8>()? {
        rule_number::PRO_RATA => Rule::ProRata,
        rule_number::FULL => Rule::Full,
        rule_number::NONE => Rule::None,
        rule_number::PERCENT => Rule::Percent(rate(from)?),
        _ => return Err(Malformed::Field("unknown chargeback rule")),
    })
}

fn write_span(out: &mut Out<'_>, span: Span) -> Written {
    out.put((span.first, span.last))
}

fn span(from: &mut In<'_>) -> Read<Span> {
    Ok(Span { first: from.get()?, last: from.option()? })
}

fn write_advance(out: &mut Out<'_>, advance: AdvanceTerms) -> Written {
    out.put((advance.months, advance.cap.map(|cap| cap.0)))
}

fn read_advance(from: &mut In<'_>) -> Read<AdvanceTerms> {
    Ok(AdvanceTerms { months: from.get()?, cap: from.option()?.map(Cents) })
}

fn write_grid(out: &mut Out<'_>, grid: &Grid<ById>) -> Written {
    out.put((grid.carrier.0, grid.product.as_str(), grid.line.map(Numbered::to_number)))?;
    write_list(out, &grid.levels, |out, (level, bands)| {
        out.put(level.as_str())?;
        write_list(out, bands, |out, band| {
            write_span(out, band.years)?;
            write_rate(out, band.rate)
        })
    })?;
    write_list(out, &grid.chargeback, |out, row| {
        out.put(row.reason.to_number())?;
        write_span(out, row.months)?;
        write_rule(out, row.rule)
    })
}

fn read_grid(from: &mut In<'_>) -> Read<Grid<ById>> {
    Ok(Grid {
        carrier: carrier(from)?,
        product: code(from)?,
        line: optional_word(from)?,
        levels: list(from, |from| {
            let bands = |from: &mut In<'_>| Ok(Band { years: span(from)?, rate: rate(from)? });
            Ok((code(from)?, list(from, bands)?))
        })?,
        chargeback: list(from, |from| {
            Ok(ChargebackRow { reason: word(from)?, months: span(from)?, rule: read_rule(from)? })
        })?,
    })
}

fn read_contract_changed(from: &mut In<'_>) -> Read<Body<ById>> {
    Ok(Body::ContractChanged {
        producer: producer(from)?,
        carrier: carrier(from)?,
        level: if from.some()? { Some(code(from)?) } else { None },
        upline: match from.get::<u8>()? {
            upline_change::UNCHANGED => None,
            upline_change::TO_THE_TOP => Some(None),
            upline_change::UNDER => Some(Some(producer(from)?)),
            _ => return Err(Malformed::Field("unknown change of an upline")),
        },
        advance: if from.some()? { Some(read_advance(from)?) } else { None },
    })
}

fn write_definition(out: &mut Out<'_>, definition: &Code, terms: &Definition) -> Written {
    out.put((definition.as_str(), terms.basis.to_number(), terms.from_months, terms.to_months))?;
    out.put(terms.survive.to_number())?;
    write_list(out, &terms.exclude, |out, reason| out.put(reason.to_number()))
}

fn read_definition(from: &mut In<'_>) -> Read<Body<ById>> {
    let definition = code(from)?;
    let terms = Definition {
        basis: word(from)?,
        from_months: from.get()?,
        to_months: from.get()?,
        survive: word(from)?,
        exclude: list(from, word)?,
    };
    Ok(Body::PersistencyDefined { definition, terms })
}

fn write_plan(out: &mut Out<'_>, plan: &CoveragePlan<ById>) -> Written {
    out.put((plan.plan.as_str(), plan.definition.as_str(), plan.payer.0))?;
    write_list(out, &plan.tiers, |out, tier| write_tier(out, *tier))
}

fn write_tier(out: &mut Out<'_>, tier: Tier) -> Written {
    write_rate(out, tier.above)?;
    write_rate(out, tier.cover)
}

fn read_tier(from: &mut In<'_>) -> Read<Tier> {
    Ok(Tier { above: rate(from)?, cover: rate(from)? })
}

fn write_policy(out: &mut Out<'_>, policy: &PolicyIssued<ById>) -> Written {
    out.put((policy.carrier.0, policy.number.as_str(), policy.product.as_str()))?;
    out.put((policy.annual_premium.0, policy.mode.to_number()))?;
    write_list(out, &policy.writing, |out, writing| {
        out.put(writing.producer.0)?;
        write_rate(out, writing.share)
    })?;
    out.put((policy.state.as_deref(), policy.issue_age))?;
    write_frozen(out, &policy.frozen)
}

fn read_policy(from: &mut In<'_>) -> Read<PolicyIssued<ById>> {
    Ok(PolicyIssued {
        carrier: carrier(from)?,
        number: Code::parse_policy_number(from.text()?).ok_or(Malformed::Field("a policy number is none"))?,
        product: code(from)?,
        annual_premium: cents(from)?,
        mode: word(from)?,
        writing: list(from, |from| Ok(Writing { producer: producer(from)?, share: rate(from)? }))?,
        state: optional_text(from)?,
        issue_age: from.option()?,
        frozen: read_frozen(from)?,
    })
}

fn write_frozen(out: &mut Out<'_>, frozen: &FrozenChain) -> Written {
    out.put(frozen.grid.0)?;
    write_list(out, &frozen.sides, |out, side| {
        write_list(out, side, |out, place| {
            out.put((place.producer.0, place.level.as_str()))?;
            write_advance(out, place.advance)
        })
    })
}

fn read_frozen(from: &mut In<'_>) -> Read<FrozenChain> {
    let place = |from: &mut In<'_>| {
        Ok(FrozenPlace { producer: producer(from)?, level: code(from)?, advance: read_advance(from)? })
    };
    Ok(FrozenChain { grid: GridId(from.get()?), sides: list(from, |from| list(from, place))? })
}

fn write_restated(out: &mut Out<'_>, restated: &PolicyRestated<ById>) -> Written {
    out.put((restated.policy.0, restated.correction.as_str()))?;
    out.put(u8::from(restated.chain.is_some()))?;
    if let Some(chain) = &restated.chain {
        write_list(out, chain, |out, side| {
            write_list(out, side, |out, link| out.put((link.producer.0, link.level.as_str())))
        })?;
    }
    write_frozen(out, &restated.frozen)
}

fn read_restated(from: &mut In<'_>) -> Read<PolicyRestated<ById>> {
    let link = |from: &mut In<'_>| Ok(ChainLink { producer: producer(from)?, level: code(from)? });
    Ok(PolicyRestated {
        policy: policy(from)?,
        correction: code(from)?,
        chain: if from.some()? { Some(list(from, |from| list(from, link))?) } else { None },
        frozen: read_frozen(from)?,
    })
}

fn write_adjustment(out: &mut Out<'_>, adjustment: &AdjustmentPosted<ById>) -> Written {
    out.put((adjustment.producer.0, adjustment.carrier.map(|carrier| carrier.0)))?;
    out.put((adjustment.account.to_number(), adjustment.amount.0))?;
    out.put((adjustment.code.as_str(), adjustment.approved_by.as_str()))
}

fn read_adjustment(from: &mut In<'_>) -> Read<AdjustmentPosted<ById>> {
    Ok(AdjustmentPosted {
        producer: producer(from)?,
        carrier: from.option()?.map(CarrierId),
        account: word(from)?,
        amount: cents(from)?,
        code: code(from)?,
        approved_by: from.text()?.to_owned(),
    })
}
