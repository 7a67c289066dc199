//! What producers owe: chargebacks, debt that moves up, repayments, leads, and corrections by hand (rules §§6, 8).

use super::content::Members;
use super::grid::Rule;
use super::rename::Rename;
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ByCode, Code, Naming};
use crate::vocabulary::words;

/// A chargeback that the carrier asserts and the ledger did not compute.
#[derive(Clone, Debug, PartialEq)]
pub struct ChargebackRecorded<N: Naming> {
    pub policy: N::Policy,
    /// Who owes it.
    pub producer: N::Producer,
    pub amount: Cents,
    /// What the carrier says.
    pub reason: String,
}

impl<N: Naming> ChargebackRecorded<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(
        &self,
        r: &mut R,
    ) -> Result<ChargebackRecorded<T>, R::Error> {
        Ok(ChargebackRecorded {
            policy: r.policy(&self.policy)?,
            producer: r.producer("producer", &self.producer)?,
            amount: self.amount,
            reason: self.reason.clone(),
        })
    }
}

impl ChargebackRecorded<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("amount", self.amount);
        m.policy(&self.policy);
        m.text("producer", self.producer.as_str());
        m.text("reason", &self.reason);
    }
}

/// The ledger's own: a stop's chargeback of one payee became positive.
#[derive(Clone, Debug, PartialEq)]
pub struct ChargebackAssessed<N: Naming> {
    pub policy: N::Policy,
    /// Who owes it.
    pub producer: N::Producer,
    /// The payee's index in the policy's frozen chain.
    pub payee: u16,
    /// The position of the stop.
    pub stop: u64,
    /// How much, when it became positive.
    pub amount: Cents,
    /// The rule that set it.
    pub rule: Rule,
    /// What the payee keeps of what it was credited.
    pub kept: Cents,
}

impl<N: Naming> ChargebackAssessed<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(
        &self,
        r: &mut R,
    ) -> Result<ChargebackAssessed<T>, R::Error> {
        let (policy, producer) = (r.policy(&self.policy)?, r.producer("producer", &self.producer)?);
        let ChargebackAssessed { payee, stop, amount, rule, kept, .. } = *self;
        Ok(ChargebackAssessed { policy, producer, payee, stop, amount, rule, kept })
    }
}

impl ChargebackAssessed<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("amount", self.amount);
        m.text("carrier", self.policy.carrier.as_str());
        m.money("kept", self.kept);
        m.text("policy", self.policy.number.as_str());
        m.text("producer", self.producer.as_str());
        m.quoted("rule", self.rule);
        m.plain("stop", self.stop);
    }
}

/// A released producer's debt moves up again.
#[derive(Clone, Debug, PartialEq)]
pub struct DebtRolledUp<N: Naming> {
    pub producer: N::Producer,
    pub carrier: N::Carrier,
}

impl<N: Naming> DebtRolledUp<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<DebtRolledUp<T>, R::Error> {
        Ok(DebtRolledUp {
            producer: r.producer("producer", &self.producer)?,
            carrier: r.carrier("carrier", &self.carrier)?,
        })
    }
}

impl DebtRolledUp<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("carrier", self.carrier.as_str());
        m.text("producer", self.producer.as_str());
    }
}

/// The ledger's own: the open debt of a policy moved up.
#[derive(Clone, Debug, PartialEq)]
pub struct DebtMoved<N: Naming> {
    pub policy: N::Policy,
    /// From whom.
    pub from: N::Producer,
    /// To whom.
    pub to: N::Producer,
    pub amount: Cents,
}

impl<N: Naming> DebtMoved<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<DebtMoved<T>, R::Error> {
        Ok(DebtMoved {
            policy: r.policy(&self.policy)?,
            from: r.producer("producer", &self.from)?,
            to: r.producer("to", &self.to)?,
            amount: self.amount,
        })
    }
}

impl DebtMoved<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("amount", self.amount);
        m.policy(&self.policy);
        m.text("producer", self.from.as_str());
        m.text("to", self.to.as_str());
    }
}

/// A producer paid back what it owes.
#[derive(Clone, Debug, PartialEq)]
pub struct RepaymentReceived<N: Naming> {
    pub producer: N::Producer,
    /// To which carrier's chargebacks; none: to all.
    pub carrier: Option<N::Carrier>,
    pub amount: Cents,
}

impl<N: Naming> RepaymentReceived<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(
        &self,
        r: &mut R,
    ) -> Result<RepaymentReceived<T>, R::Error> {
        Ok(RepaymentReceived {
            producer: r.producer("producer", &self.producer)?,
            carrier: self.carrier.as_ref().map(|carrier| r.carrier("carrier", carrier)).transpose()?,
            amount: self.amount,
        })
    }
}

impl RepaymentReceived<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("amount", self.amount);
        m.optional_text("carrier", self.carrier.as_ref().map(|code| code.as_str()));
        m.text("producer", self.producer.as_str());
    }
}

/// The credit line for leads.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadLineSet<N: Naming> {
    pub producer: N::Producer,
    /// Up to how much.
    pub limit: Cents,
}

impl<N: Naming> LeadLineSet<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<LeadLineSet<T>, R::Error> {
        Ok(LeadLineSet { producer: r.producer("producer", &self.producer)?, limit: self.limit })
    }
}

impl LeadLineSet<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("limit", self.limit);
        m.text("producer", self.producer.as_str());
    }
}

/// Leads were bought on credit.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadCharged<N: Naming> {
    /// By whom.
    pub producer: N::Producer,
    pub amount: Cents,
}

impl<N: Naming> LeadCharged<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<LeadCharged<T>, R::Error> {
        Ok(LeadCharged { producer: r.producer("producer", &self.producer)?, amount: self.amount })
    }
}

impl LeadCharged<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("amount", self.amount);
        m.text("producer", self.producer.as_str());
    }
}

/// Leads were given back or paid.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadCredited<N: Naming> {
    /// By whom.
    pub producer: N::Producer,
    pub amount: Cents,
}

impl<N: Naming> LeadCredited<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<LeadCredited<T>, R::Error> {
        Ok(LeadCredited { producer: r.producer("producer", &self.producer)?, amount: self.amount })
    }
}

impl LeadCredited<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("amount", self.amount);
        m.text("producer", self.producer.as_str());
    }
}

/// The accounts that an adjustment can touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdjustedAccount {
    /// Cash due to the producer.
    Payable,
    /// Chargebacks that it owes.
    Debt,
    /// Lead financing that it owes.
    Leads,
    /// Withheld from its payouts.
    Reserve,
}

words!(AdjustedAccount { Payable = "payable", Debt = "debt", Leads = "leads", Reserve = "reserve" });

/// A correction by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct AdjustmentPosted<N: Naming> {
    /// Whose account.
    pub producer: N::Producer,
    /// With which carrier, where it belongs to one.
    pub carrier: Option<N::Carrier>,
    pub account: AdjustedAccount,
    /// How much, from the producer's side: positive is in its favour.
    pub amount: Cents,
    /// The reason's code.
    pub code: Code,
    /// Who approved it; not the actor.
    pub approved_by: String,
}

impl<N: Naming> AdjustmentPosted<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<AdjustmentPosted<T>, R::Error> {
        Ok(AdjustmentPosted {
            producer: r.producer("producer", &self.producer)?,
            carrier: self.carrier.as_ref().map(|carrier| r.carrier("carrier", carrier)).transpose()?,
            account: self.account,
            amount: self.amount,
            code: self.code.clone(),
            approved_by: self.approved_by.clone(),
        })
    }
}

impl AdjustmentPosted<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("account", self.account.as_str());
        m.money("amount", self.amount);
        m.person("approved_by", &self.approved_by);
        m.optional_text("carrier", self.carrier.as_ref().map(|code| code.as_str()));
        m.text("code", self.code.as_str());
        m.text("producer", self.producer.as_str());
    }
}
