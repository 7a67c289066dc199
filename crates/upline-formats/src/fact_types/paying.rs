//! Facts of the house and of money that moves: routes, assignments, payouts, leads, adjustments, openings.

use super::{Read, code_or_all};
use crate::fields::Value;
use crate::forms::{any_amount, code, id, limit, list, part, person, policy_number, positive, signed, word};
use crate::limits::{PAYOUT_PARTS_MAX, TIERS_MAX};
use crate::reading::{At, Reading};
use upline_core::fact::{
    AdjustedAccount, AdjustmentPosted, AssignmentEnded, Body, CommissionAssigned, HoldLifted, HoldReason,
    HouseSet, LeadCharged, LeadCredited, LeadLineSet, OpeningPosted, PaidBy, PayoutBasis, PayoutHeld,
    PayoutMade, PayoutPart, PayoutReturned, PayoutTerms, PayoutTermsSet, ReserveTier, RouteSet,
};
use upline_core::names::{ByCode, Code, PolicyName};
use upline_core::rate::Rate;
use upline_core::refusal::{Refusal, RefusalCode};

pub(super) fn payout_terms_set(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let producer = r.must("producer", code_or_all)?;
    let minimum = r.may("minimum", limit)?.unwrap_or_default();
    let reserve: Vec<ReserveTier> =
        r.may("reserve", |at, value| list(at, value, (0, TIERS_MAX), reserve_tier))?.unwrap_or_default();
    let ascend = reserve.is_sorted_by(|a, b| a.to < b.to);
    if !ascend {
        let message = "the tiers of a reserve ascend: each reaches further than the one before";
        return Err(Refusal::of(RefusalCode::Malformed, "reserve", message.to_owned()));
    }
    let basis = r.may("basis", word(PayoutBasis::ALL, PayoutBasis::parse, PayoutBasis::as_str))?;
    let terms = PayoutTerms { minimum, reserve, basis: basis.unwrap_or_default() };
    Ok(Body::PayoutTermsSet(PayoutTermsSet { producer, terms }).into())
}

fn reserve_tier(at: &mut At<'_>, value: Value<'_>) -> Result<ReserveTier, Refusal> {
    at.object(value, &["to", "rate"], |r| {
        Ok(ReserveTier { to: r.must("to", positive)?, rate: r.must("rate", part)? })
    })
}

fn hold_reason(r: &mut Reading<'_, '_>) -> Result<(Code, HoldReason), Refusal> {
    let reason = word(HoldReason::ALL, HoldReason::parse, HoldReason::as_str);
    Ok((r.must("producer", code)?, r.must("reason", reason)?))
}

pub(super) fn payout_held(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let (producer, reason) = hold_reason(r)?;
    Ok(Body::PayoutHeld(PayoutHeld { producer, reason }).into())
}

pub(super) fn hold_lifted(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let (producer, reason) = hold_reason(r)?;
    Ok(Body::HoldLifted(HoldLifted { producer, reason }).into())
}

pub(super) fn payout_made(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PayoutMade(Box::new(PayoutMade {
        producer: r.must("producer", code)?,
        payable: r.must("payable", any_amount)?,
        leads: r.may("leads", any_amount)?.unwrap_or_default(),
        debt: r.may("debt", any_amount)?.unwrap_or_default(),
        reserve: r.may("reserve", limit)?.unwrap_or_default(),
        parts: r.may("parts", |at, value| list(at, value, (0, PAYOUT_PARTS_MAX), payout_part))?,
        paid_by: r.may("paid_by", code)?,
        returned: r.may("returned", limit)?.unwrap_or_default(),
    }))
    .into())
}

fn payout_part(at: &mut At<'_>, value: Value<'_>) -> Result<PayoutPart<ByCode>, Refusal> {
    at.object(value, &["carrier", "amount"], |r| {
        let carrier = r.may_be_none("carrier", code)?.flatten();
        Ok(PayoutPart { carrier, amount: r.must("amount", any_amount)? })
    })
}

pub(super) fn payout_returned(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PayoutReturned(Box::new(PayoutReturned {
        payout: r.must("payout", id)?,
        code: r.must("code", code)?,
        amount: r.may("amount", positive)?,
    }))
    .into())
}

pub(super) fn house_set(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let message = "say who is the house, or null for nobody";
    let missing = || Refusal::of(RefusalCode::Malformed, "producer", message);
    let producer = r.may_be_none("producer", code)?.ok_or_else(missing)?;
    Ok(Body::HouseSet(HouseSet { producer }).into())
}

pub(super) fn route_set(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::RouteSet(RouteSet {
        producer: r.must("producer", code_or_all)?,
        carrier: r.must("carrier", code_or_all)?,
        paid_by: r.must("paid_by", word(PaidBy::ALL, PaidBy::parse, PaidBy::as_str))?,
    })
    .into())
}

pub(super) fn commission_assigned(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::CommissionAssigned(CommissionAssigned {
        producer: r.must("producer", code)?,
        carrier: r.must("carrier", code)?,
        to: r.must("to", code)?,
        keeps: r.must("keeps", kept_part)?,
    })
    .into())
}

/// A part below the whole: who keeps all assigns nothing.
fn kept_part(at: &mut At<'_>, value: Value<'_>) -> Result<Rate, Refusal> {
    let shown = value.clone();
    let keeps = part(at, value)?;
    if keeps == Rate::ONE {
        return Err(at.wrong(&shown, "who assigns a part keeps less than 1"));
    }
    Ok(keeps)
}

pub(super) fn assignment_ended(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::AssignmentEnded(AssignmentEnded {
        producer: r.must("producer", code)?,
        carrier: r.must("carrier", code)?,
    })
    .into())
}

pub(super) fn opening_posted(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let account = word(AdjustedAccount::ALL, AdjustedAccount::parse, AdjustedAccount::as_str);
    let (producer, carrier) = (r.must("producer", code)?, r.may("carrier", code)?);
    let policy = match (r.may("policy", policy_number)?, &carrier) {
        (Some(number), Some(carrier)) => Some(PolicyName { carrier: carrier.clone(), number }),
        (None, _) => None,
        (Some(_), None) => {
            let message = "a policy is named with its carrier";
            return Err(Refusal::of(RefusalCode::Malformed, "carrier", message));
        }
    };
    Ok(Body::OpeningPosted(Box::new(OpeningPosted {
        producer,
        carrier,
        policy,
        account: r.must("account", account)?,
        amount: r.must("amount", signed)?,
    }))
    .into())
}

pub(super) fn lead_line_set(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::LeadLineSet(LeadLineSet { producer: r.must("producer", code)?, limit: r.must("limit", limit)? })
        .into())
}

pub(super) fn lead_charged(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::LeadCharged(LeadCharged {
        producer: r.must("producer", code)?,
        amount: r.must("amount", positive)?,
    })
    .into())
}

pub(super) fn lead_credited(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::LeadCredited(LeadCredited {
        producer: r.must("producer", code)?,
        amount: r.must("amount", positive)?,
    })
    .into())
}

pub(super) fn adjustment_posted(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let account = word(AdjustedAccount::ALL, AdjustedAccount::parse, AdjustedAccount::as_str);
    Ok(Body::AdjustmentPosted(Box::new(AdjustmentPosted {
        producer: r.must("producer", code)?,
        carrier: r.may("carrier", code)?,
        account: r.must("account", account)?,
        amount: r.must("amount", signed)?,
        code: r.must("code", code)?,
        approved_by: r.must("approved_by", person)?,
    }))
    .into())
}
