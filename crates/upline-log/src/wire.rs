//! An event as bytes: its header, its body, its postings.
//!
//! # Shape
//! Type number, version, when recorded, origin, remarks, identity, effective date, body, postings. What is
//! equal for the events of one commit stands at the front and together, so that compression finds it.
//! Postings follow in two columns, what they are and how much, for the same reason ([`crate::postings`]).
//!
//! # Correctness
//! The bytes depend on the event and its postings only; they are the leaf of the Merkle tree. Every type has
//! a number ([`upline_core::fact::types`]) and a version; a version that was ever written is read for ever, through [`body`], which makes
//! today's body of it. A value that no field can have is refused.

mod banks;
mod contracts;
mod coverage;
mod debts;
mod deposits;
mod grid;
mod openings;
mod payouts;
mod people;
mod policies;
mod proposals;
mod routes;
mod statement;

use crate::codec::{In, Malformed, Out, Read, Written};
use crate::error::LogError;
use crate::numbers::Numbered;
use crate::postings::{read_postings, write_postings};
use std::sync::Arc;
use upline_core::event::{Event, Identity};
use upline_core::fact::types::{Kind, TYPES};
use upline_core::fact::{Body, Remarks};
use upline_core::money::Cents;
use upline_core::names::{ById, CarrierId, Code, PolicyId, ProducerId};
use upline_core::posting::Posting;
use upline_core::rate::Rate;
use upline_core::time::{Day, Moment};
use uuid::Uuid;

/// How an identity is known, on disk.
mod identity {
    pub(super) const GIVEN: u8 = 1;
    pub(super) const DERIVED: u8 = 2;
    pub(super) const CAUSED: u8 = 3;
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
    out.put(event.body.kind().number())?;
    let later = later(&event.body);
    out.put(if later.is_some() { LATER } else { FIRST })?;
    out.put(event.recorded_at.0)?;
    out.option(event.origin.as_deref())?;
    write_remarks(out, event.remarks.as_deref())?;
    write_identity(out, event.identity)?;
    out.put(event.on.0)?;
    write_body(out, &event.body)?;
    if let Some(later) = later {
        later.write_later(out)?;
    }
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

/// A fact as bytes, without its type: its fields one after the other.
pub(crate) trait Wire: Sized {
    fn write(&self, out: &mut Out<'_>) -> Written;
    fn read(from: &mut In<'_>) -> Read<Self>;
}

/// What a fact says that its type could not say at first: written behind the rest, in the second version of the type. A
/// fact that says nothing of it is written in the first, so that its bytes are those that they always were.
trait Later {
    /// Whether it says anything of it.
    fn says_more(&self) -> bool;
    fn write_later(&self, out: &mut Out<'_>) -> Written;
    fn read_later(&mut self, from: &mut In<'_>) -> Read<()>;
}

/// The version of a type as it was at first.
const FIRST: u8 = 1;

/// The version of a type with what it could not say at first.
const LATER: u8 = 2;

/// What a body says that its type could not say at first; none where it says nothing of it.
fn later(body: &Body<ById>) -> Option<&dyn Later> {
    let later: &dyn Later = match body {
        Body::GridPublished(fact) => &**fact,
        Body::PolicyIssued(fact) => &**fact,
        Body::PolicyRestated(fact) => &**fact,
        Body::PayoutTermsSet(fact) => fact,
        Body::PayoutMade(fact) => &**fact,
        Body::StatementReceived(fact) => &**fact,
        Body::ExceptionResolved(fact) => &**fact,
        _ => return None,
    };
    later.says_more().then_some(later)
}

fn later_mut(body: &mut Body<ById>) -> Option<&mut dyn Later> {
    match body {
        Body::GridPublished(fact) => Some(&mut **fact),
        Body::PolicyIssued(fact) => Some(&mut **fact),
        Body::PolicyRestated(fact) => Some(&mut **fact),
        Body::PayoutTermsSet(fact) => Some(fact),
        Body::PayoutMade(fact) => Some(&mut **fact),
        Body::StatementReceived(fact) => Some(&mut **fact),
        Body::ExceptionResolved(fact) => Some(&mut **fact),
        _ => None,
    }
}

/// Whether a type can say more than at first.
fn has_later(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::GridPublished
            | Kind::PolicyIssued
            | Kind::PolicyRestated
            | Kind::PayoutTermsSet
            | Kind::PayoutMade
            | Kind::StatementReceived
            | Kind::ExceptionResolved
    )
}

fn write_body(out: &mut Out<'_>, body: &Body<ById>) -> Written {
    match body {
        Body::CarrierAdded(fact) => fact.write(out),
        Body::ProducerAdded(fact) => fact.write(out),
        Body::GridPublished(fact) => fact.write(out),
        Body::ProducerContracted(fact) => fact.write(out),
        Body::ContractChanged(fact) => fact.write(out),
        Body::PersistencyDefined(fact) => fact.write(out),
        Body::CoveragePlanPublished(fact) => fact.write(out),
        Body::CoverageEnrolled(fact) => fact.write(out),
        Body::CoverageWithdrawn(fact) => fact.write(out),
        Body::PolicyIssued(fact) => fact.write(out),
        Body::PremiumPaid(fact) => fact.write(out),
        Body::PremiumReversed(fact) => fact.write(out),
        Body::PolicyStopped(fact) => fact.write(out),
        Body::PolicyReinstated(fact) => fact.write(out),
        Body::ChargebackRecorded(fact) => fact.write(out),
        Body::ChargebackAssessed(fact) => fact.write(out),
        Body::AgentReleased(fact) => fact.write(out),
        Body::DebtRolledUp(fact) => fact.write(out),
        Body::PolicyRestated(fact) => fact.write(out),
        Body::RepaymentReceived(fact) => fact.write(out),
        Body::LeadLineSet(fact) => fact.write(out),
        Body::LeadCharged(fact) => fact.write(out),
        Body::LeadCredited(fact) => fact.write(out),
        Body::AdjustmentPosted(fact) => fact.write(out),
        Body::PeriodClosed => Ok(()),
        Body::ChargebackCovered(fact) => fact.write(out),
        Body::DebtMoved(fact) => fact.write(out),
        Body::PayoutTermsSet(fact) => fact.write(out),
        Body::PayoutHeld(fact) => fact.write(out),
        Body::HoldLifted(fact) => fact.write(out),
        Body::PayoutMade(fact) => fact.write(out),
        Body::StatementReceived(fact) => fact.write(out),
        Body::ExceptionResolved(fact) => fact.write(out),
        Body::BankDetailsSet(fact) => fact.write(out),
        Body::PaymentFileWritten(fact) => fact.write(out),
        Body::PersonalDataErased(fact) => fact.write(out),
        Body::ActionProposed(fact) => fact.write(out),
        Body::ActionDecided(fact) => fact.write(out),
        Body::HouseSet(fact) => fact.write(out),
        Body::RouteSet(fact) => fact.write(out),
        Body::CommissionAssigned(fact) => fact.write(out),
        Body::AssignmentEnded(fact) => fact.write(out),
        Body::OpeningPosted(fact) => fact.write(out),
        Body::PayoutReturned(fact) => fact.write(out),
        Body::CarrierPays(fact) => fact.write(out),
        Body::CarrierDeposit(fact) => fact.write(out),
        Body::StatementVoided(fact) => fact.write(out),
    }
}

/// Today's body of a type and version. Every pair that was ever written is read for ever; an old one is lifted.
#[inline]
fn body(from: &mut In<'_>, number: u8, version: u8) -> Read<Body<ById>> {
    let known = |kind: &Kind| version == FIRST || (version == LATER && has_later(*kind));
    let kind = Kind::of_number(number).filter(known).ok_or_else(|| unknown(number, version))?;
    let mut body = first_body(from, kind)?;
    if version == LATER
        && let Some(later) = later_mut(&mut body)
    {
        later.read_later(from)?;
        if !later.says_more() {
            return Err(Malformed::Field("an event of a later version says nothing that needs it"));
        }
    }
    Ok(body)
}

/// The body of a type in its first version.
#[inline]
fn first_body(from: &mut In<'_>, kind: Kind) -> Read<Body<ById>> {
    Ok(match kind {
        Kind::PremiumPaid => Body::PremiumPaid(Wire::read(from)?),
        Kind::CarrierAdded => Body::CarrierAdded(Wire::read(from)?),
        Kind::ProducerAdded => Body::ProducerAdded(Wire::read(from)?),
        Kind::GridPublished => Body::GridPublished(Box::new(Wire::read(from)?)),
        Kind::ProducerContracted => Body::ProducerContracted(Wire::read(from)?),
        Kind::ContractChanged => Body::ContractChanged(Wire::read(from)?),
        Kind::PersistencyDefined => Body::PersistencyDefined(Wire::read(from)?),
        Kind::CoveragePlanPublished => Body::CoveragePlanPublished(Box::new(Wire::read(from)?)),
        Kind::CoverageEnrolled => Body::CoverageEnrolled(Wire::read(from)?),
        Kind::CoverageWithdrawn => Body::CoverageWithdrawn(Wire::read(from)?),
        Kind::PolicyIssued => Body::PolicyIssued(Box::new(Wire::read(from)?)),
        Kind::PremiumReversed => Body::PremiumReversed(Wire::read(from)?),
        Kind::PolicyStopped => Body::PolicyStopped(Wire::read(from)?),
        Kind::PolicyReinstated => Body::PolicyReinstated(Wire::read(from)?),
        Kind::ChargebackRecorded => Body::ChargebackRecorded(Wire::read(from)?),
        Kind::ChargebackAssessed => Body::ChargebackAssessed(Wire::read(from)?),
        Kind::AgentReleased => Body::AgentReleased(Wire::read(from)?),
        Kind::DebtRolledUp => Body::DebtRolledUp(Wire::read(from)?),
        Kind::PolicyRestated => Body::PolicyRestated(Box::new(Wire::read(from)?)),
        Kind::RepaymentReceived => Body::RepaymentReceived(Wire::read(from)?),
        Kind::LeadLineSet => Body::LeadLineSet(Wire::read(from)?),
        Kind::LeadCharged => Body::LeadCharged(Wire::read(from)?),
        Kind::LeadCredited => Body::LeadCredited(Wire::read(from)?),
        Kind::AdjustmentPosted => Body::AdjustmentPosted(Box::new(Wire::read(from)?)),
        Kind::PeriodClosed => Body::PeriodClosed,
        Kind::ChargebackCovered => Body::ChargebackCovered(Box::new(Wire::read(from)?)),
        Kind::DebtMoved => Body::DebtMoved(Wire::read(from)?),
        Kind::PayoutTermsSet => Body::PayoutTermsSet(Wire::read(from)?),
        Kind::PayoutHeld => Body::PayoutHeld(Wire::read(from)?),
        Kind::HoldLifted => Body::HoldLifted(Wire::read(from)?),
        Kind::PayoutMade => Body::PayoutMade(Box::new(Wire::read(from)?)),
        Kind::StatementReceived => Body::StatementReceived(Box::new(Wire::read(from)?)),
        Kind::ExceptionResolved => Body::ExceptionResolved(Box::new(Wire::read(from)?)),
        Kind::BankDetailsSet => Body::BankDetailsSet(Box::new(Wire::read(from)?)),
        Kind::PaymentFileWritten => Body::PaymentFileWritten(Box::new(Wire::read(from)?)),
        Kind::PersonalDataErased => Body::PersonalDataErased(Wire::read(from)?),
        Kind::ActionProposed => Body::ActionProposed(Box::new(Wire::read(from)?)),
        Kind::ActionDecided => Body::ActionDecided(Wire::read(from)?),
        Kind::HouseSet => Body::HouseSet(Wire::read(from)?),
        Kind::RouteSet => Body::RouteSet(Wire::read(from)?),
        Kind::CommissionAssigned => Body::CommissionAssigned(Wire::read(from)?),
        Kind::AssignmentEnded => Body::AssignmentEnded(Wire::read(from)?),
        Kind::OpeningPosted => Body::OpeningPosted(Box::new(Wire::read(from)?)),
        Kind::PayoutReturned => Body::PayoutReturned(Box::new(Wire::read(from)?)),
        Kind::CarrierPays => Body::CarrierPays(Wire::read(from)?),
        Kind::CarrierDeposit => Body::CarrierDeposit(Box::new(Wire::read(from)?)),
        Kind::StatementVoided => Body::StatementVoided(Wire::read(from)?),
    })
}

#[cold]
fn unknown(number: u8, version: u8) -> Malformed {
    match (number, version) {
        (0, _) | (_, 0) => Malformed::Field("an event's type or version is 0"),
        _ if Kind::of_number(number).is_some() => Malformed::Newer {
            what: format!("an event of type {number}"),
            found: u32::from(version),
            known: u32::from(if Kind::of_number(number).is_some_and(has_later) { LATER } else { FIRST }),
        },
        _ => Malformed::Newer {
            what: "an event's type number".to_owned(),
            found: u32::from(number),
            known: TYPES.len().try_into().unwrap_or(u32::MAX),
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
