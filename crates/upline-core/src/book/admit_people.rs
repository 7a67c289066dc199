//! Admission of what persons do besides moving money: bank details, holds that they lift, and erasures (facts.md).

use super::Book;
use super::admit::refuse_if;
use crate::fact::{
    BankDetailsSet, DirectoryKind, Fact, HoldLifted, HoldReason, PaymentFileWritten, PersonalDataErased,
    same_person,
};
use crate::vocabulary::names::ById;
use crate::vocabulary::refusal::{Refusal, RefusalCode};

impl Book {
    /// Somebody else approves them than who sets them.
    pub(super) fn judge_bank_details(&self, fact: &Fact, set: &BankDetailsSet<ById>) -> Result<(), Refusal> {
        let by_itself = actor(fact).is_none_or(|actor| same_person(actor, &set.approved_by));
        refuse_if(by_itself, || {
            let message = "bank details are set by an actor, and approved by somebody else";
            Refusal::of(RefusalCode::Malformed, "approved_by", message)
        })
    }

    /// Who changed an account does not lift the hold that came with it.
    pub(super) fn judge_lift(&self, fact: &Fact, lifted: &HoldLifted<ById>) -> Result<(), Refusal> {
        if lifted.reason != HoldReason::BankChanged {
            return Ok(());
        }
        let set_by = self.payouts.bank(lifted.producer).and_then(|bank| bank.actor.as_deref());
        let erased = set_by.is_some_and(|set_by| self.erased.iter().any(|erased| erased.as_str() == set_by));
        refuse_if(erased, || {
            let message = "who changed the account was erased, so that nobody can say that somebody else lifts the hold: \
                           wait until its days are over";
            Refusal::of(RefusalCode::Malformed, "actor", message)
        })?;
        let by_itself =
            actor(fact).is_none_or(|actor| set_by.is_some_and(|set_by| same_person(actor, set_by)));
        refuse_if(by_itself, || {
            let message = "a changed account is released by somebody else than who changed it";
            Refusal::of(RefusalCode::Malformed, "actor", message)
        })
    }

    /// A file pays a run that is recorded.
    pub(super) fn judge_payment_file(&self, file: &PaymentFileWritten) -> Result<(), Refusal> {
        refuse_if(self.payouts.made(file.run).is_none(), || {
            let message = format!("no payout stands at position {}", file.run);
            Refusal::of(RefusalCode::Malformed, "run", message)
        })
    }

    /// What is erased must be known, so that a mistyped code is not taken for an erased one.
    pub(super) fn judge_erasure(&self, erased: &PersonalDataErased) -> Result<(), Refusal> {
        let (known, code) = match erased.kind {
            DirectoryKind::Carrier => {
                (self.reference.carriers().find(&erased.code).is_some(), RefusalCode::UnknownCarrier)
            }
            DirectoryKind::Producer => {
                (self.reference.producers().find(&erased.code).is_some(), RefusalCode::UnknownProducer)
            }
            // Their ids are the directory's.
            DirectoryKind::Person | DirectoryKind::Note => return Ok(()),
        };
        refuse_if(!known, || {
            let message = format!("{} {} was never added", erased.kind.as_str(), erased.code);
            Refusal::of(code, "code", message)
        })
    }
}

pub(super) fn actor(fact: &Fact) -> Option<&str> {
    fact.remarks.as_ref()?.actor.as_deref()
}
