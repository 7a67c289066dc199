//! Facts of statements and deposits, of accounts and people, and of what is proposed and decided.

use super::Read;
use crate::fields::Value;
use crate::forms::{
    any_amount, code, day, free_text, month, person, policy_number, positive, sha256, signed, whole, word,
};
use crate::reading::{At, Reading};
use upline_core::fact::{
    Action, ActionDecided, ActionProposed, BankDetailsSet, Body, CarrierDeposit, CarrierPays, Decision,
    DirectoryKind, PaymentFileWritten, PaysLine, PersonalDataErased,
};
use upline_core::names::{ByCode, PolicyName};
use upline_core::refusal::{Refusal, RefusalCode};
use upline_core::statement::{
    About, Class, ExceptionResolved, LineKind, Resolution, StatementReceived, StatementVoided,
};

pub(super) fn statement_received(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::StatementReceived(Box::new(StatementReceived {
        file: r.must("file", sha256)?,
        profile: r.must("profile", code)?,
        version: r.must("version", whole(u32::MAX))?,
        profile_file: r.must("profile_file", sha256)?,
        period: r.must("period", month)?,
        lines: r.must("lines", whole(u32::MAX))?,
        total: r.must("total", any_amount)?,
        replaces: r.may("replaces", sha256)?,
    }))
    .into())
}

pub(super) fn statement_voided(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::StatementVoided(StatementVoided { statement: r.must("statement", sha256)? }).into())
}

pub(super) fn carrier_pays(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::CarrierPays(CarrierPays {
        carrier: r.must("carrier", code)?,
        line: r.must("line", word(PaysLine::ALL, PaysLine::parse, PaysLine::as_str))?,
    })
    .into())
}

pub(super) fn carrier_deposit(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::CarrierDeposit(Box::new(CarrierDeposit {
        carrier: r.must("carrier", code)?,
        amount: r.must("amount", signed)?,
        reference: r.must("reference", free_text)?,
        statement: r.may("statement", sha256)?,
    }))
    .into())
}

/// What a resolution is about: a carrier and a kind of line, or nothing.
fn about(r: &mut Reading<'_, '_>) -> Result<Option<Box<About<ByCode>>>, Refusal> {
    let kind = r.may("kind", word(LineKind::ALL, LineKind::parse, LineKind::as_str))?;
    let (carrier, producer) = (r.may("carrier", code)?, r.may("producer", code)?);
    let (number, of) = (r.may("policy", policy_number)?, r.may("of", code)?);
    let (carrier, kind) = match (carrier, kind) {
        (Some(carrier), Some(kind)) => (carrier, kind),
        (None, None) if producer.is_none() && number.is_none() && of.is_none() => return Ok(None),
        (None, _) => {
            let message = "what a resolution is about is named with its carrier";
            return Err(Refusal::of(RefusalCode::Malformed, "carrier", message));
        }
        (Some(_), None) => {
            let message = "a resolution that names a carrier says of which kind the line or amount is";
            return Err(Refusal::of(RefusalCode::Malformed, "kind", message));
        }
    };
    let policy = number.map(|number| PolicyName { carrier: carrier.clone(), number });
    Ok(Some(Box::new(About { carrier, kind, producer, policy, of })))
}

pub(super) fn exception_resolved(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::ExceptionResolved(Box::new(ExceptionResolved {
        statement: r.must("statement", sha256)?,
        exception: r.must("exception", code)?,
        class: r.must("class", word(Class::ALL, Class::parse, Class::as_str))?,
        difference: r.must("difference", any_amount)?,
        reason: r.must("reason", word(Resolution::ALL, Resolution::parse, Resolution::as_str))?,
        resolved_by: r.must("resolved_by", person)?,
        about: about(r)?,
    }))
    .into())
}

/// At least one day, in which somebody can notice.
fn days_of_hold(at: &mut At<'_>, value: Value<'_>) -> Result<u8, Refusal> {
    let shown = value.clone();
    match whole(u8::MAX)(at, value)? {
        0 => Err(at.wrong(&shown, "an account that changes waits for 1 to 255 days")),
        days => Ok(days),
    }
}

pub(super) fn bank_details_set(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::BankDetailsSet(Box::new(BankDetailsSet {
        producer: r.must("producer", code)?,
        commitment: r.must("commitment", sha256)?,
        approved_by: r.must("approved_by", person)?,
        hold_days: r.may("hold_days", days_of_hold)?,
    }))
    .into())
}

pub(super) fn payment_file_written(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PaymentFileWritten(Box::new(PaymentFileWritten {
        run: r.must("run", whole(u64::MAX))?,
        file: r.must("file", sha256)?,
        pay_on: r.must("pay_on", day)?,
        total: r.must("total", positive)?,
        credits: r.must("credits", whole(u32::MAX))?,
        originator: r.must("originator", sha256)?,
        accounts: r.must("accounts", sha256)?,
    }))
    .into())
}

pub(super) fn personal_data_erased(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let kind = word(DirectoryKind::ALL, DirectoryKind::parse, DirectoryKind::as_str);
    Ok(Body::PersonalDataErased(PersonalDataErased {
        kind: r.must("kind", kind)?,
        code: r.must("code", code)?,
    })
    .into())
}

pub(super) fn action_proposed(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::ActionProposed(Box::new(ActionProposed {
        proposal: r.must("proposal", code)?,
        action: r.must("action", word(Action::ALL, Action::parse, Action::as_str))?,
        commitment: r.must("commitment", sha256)?,
    }))
    .into())
}

pub(super) fn action_decided(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::ActionDecided(ActionDecided {
        proposal: r.must("proposal", code)?,
        decision: r.must("decision", word(Decision::ALL, Decision::parse, Decision::as_str))?,
    })
    .into())
}

pub(super) fn period_closed(_: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PeriodClosed.into())
}
