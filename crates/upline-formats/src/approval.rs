//! Facts that say who answers for them: in their own words, before they are checked against the ledger.

use crate::fields::shown;
use upline_core::fact::{Body, HoldLifted, HoldReason, Remarks, names_nobody, same_person};
use upline_core::names::ByCode;
use upline_core::refusal::{Refusal, RefusalCode};

/// Nobody approves what it submits itself; for an account at a bank it must be known who did that.
pub(crate) fn check_approval(body: &Body<ByCode>, remarks: Option<&Remarks>) -> Result<(), Refusal> {
    let actor = remarks.and_then(|remarks| remarks.actor.as_deref()).filter(|actor| !names_nobody(actor));
    match (body, actor) {
        (Body::AdjustmentPosted(adjustment), Some(actor)) if same_person(&adjustment.approved_by, actor) => {
            let message = format!(
                "approved_by is {}, but that is the actor: an adjustment is approved by somebody else",
                shown(&adjustment.approved_by)
            );
            Err(Refusal::of(RefusalCode::Malformed, "approved_by", message))
        }
        (Body::BankDetailsSet(set), Some(actor)) if same_person(&set.approved_by, actor) => {
            let message = format!(
                "approved_by is {}, but that is the actor: bank details are approved by somebody else",
                shown(&set.approved_by)
            );
            Err(Refusal::of(RefusalCode::Malformed, "approved_by", message))
        }
        (Body::BankDetailsSet(_), None) => {
            let message = "it says who sets the bank details; they are approved by somebody else";
            Err(Refusal::of(RefusalCode::Malformed, "actor", message))
        }
        (Body::HoldLifted(HoldLifted { reason: HoldReason::BankChanged, .. }), None) => {
            let message = "it says who lifts the hold: somebody else than who changed the bank details";
            Err(Refusal::of(RefusalCode::Malformed, "actor", message))
        }
        (Body::ActionProposed(_), None) => {
            let message = "it says who proposes; somebody else decides";
            Err(Refusal::of(RefusalCode::Malformed, "actor", message))
        }
        (Body::ActionDecided(_), None) => {
            let message = "it says who decides: somebody else than who proposed it";
            Err(Refusal::of(RefusalCode::Malformed, "actor", message))
        }
        _ => Ok(()),
    }
}
