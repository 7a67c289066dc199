//! How payouts are made, what holds them up, and those that were made (rules §11).

use super::content::{Members, object};
use super::rename::Rename;
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ByCode, Naming};
use crate::vocabulary::rate::Rate;
use crate::vocabulary::words;

/// How payouts are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PayoutTerms {
    /// What would be paid below this is carried forward.
    pub minimum: Cents,
    /// What is withheld until the reserve has reached so much; the tiers ascend.
    pub reserve: Vec<ReserveTier>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReserveTier {
    /// Until the reserve has reached this.
    pub to: Cents,
    /// This part of a payout is withheld.
    pub rate: Rate,
}

/// Why nothing is paid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldReason {
    /// The producer's licence is missing or has lapsed.
    Licence,
    /// So is its errors and omissions insurance.
    ErrorsAndOmissions,
    /// Something is in dispute.
    Dispute,
    /// Its account at a bank changed, and the days are not over in which somebody would notice.
    BankChanged,
}

words!(HoldReason {
    Licence = "licence",
    ErrorsAndOmissions = "e_and_o",
    Dispute = "dispute",
    BankChanged = "bank_changed",
});

/// How payouts are made from a day on.
#[derive(Clone, Debug, PartialEq)]
pub struct PayoutTermsSet<N: Naming> {
    /// To whom; none: to everybody without terms of its own.
    pub producer: Option<N::Producer>,
    pub terms: PayoutTerms,
}

impl<N: Naming> PayoutTermsSet<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<PayoutTermsSet<T>, R::Error> {
        let producer = self.producer.as_ref().map(|producer| r.producer("producer", producer)).transpose()?;
        Ok(PayoutTermsSet { producer, terms: self.terms.clone() })
    }
}

impl PayoutTermsSet<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("minimum", self.terms.minimum);
        m.text("producer", self.producer.as_ref().map_or("*", |producer| producer.as_str()));
        m.list("reserve", &self.terms.reserve, |tier, out| {
            object(out, |m| {
                m.rate("rate", tier.rate);
                m.money("to", tier.to);
            });
        });
    }
}

/// Nothing is paid out to a producer from a day on.
#[derive(Clone, Debug, PartialEq)]
pub struct PayoutHeld<N: Naming> {
    /// To whom.
    pub producer: N::Producer,
    /// Why.
    pub reason: HoldReason,
}

impl<N: Naming> PayoutHeld<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<PayoutHeld<T>, R::Error> {
        Ok(PayoutHeld { producer: r.producer("producer", &self.producer)?, reason: self.reason })
    }
}

impl PayoutHeld<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("producer", self.producer.as_str());
        m.text("reason", self.reason.as_str());
    }
}

/// A hold ends.
#[derive(Clone, Debug, PartialEq)]
pub struct HoldLifted<N: Naming> {
    pub producer: N::Producer,
    pub reason: HoldReason,
}

impl<N: Naming> HoldLifted<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<HoldLifted<T>, R::Error> {
        Ok(HoldLifted { producer: r.producer("producer", &self.producer)?, reason: self.reason })
    }
}

impl HoldLifted<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("producer", self.producer.as_str());
        m.text("reason", self.reason.as_str());
    }
}

/// What was due to a producer was paid out. What is paid in cash is the payable less the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct PayoutMade<N: Naming> {
    /// To whom.
    pub producer: N::Producer,
    /// How much of what was due this settles; below zero where it is a credit that becomes due.
    pub payable: Cents,
    /// Of that, against lead financing.
    pub leads: Cents,
    /// Against chargebacks, oldest first, less debts that stand below zero, which are brought to zero.
    pub debt: Cents,
    /// Withheld.
    pub reserve: Cents,
}

impl<N: Naming> PayoutMade<N> {
    /// What is paid in cash. `None` where the parts are more than the whole.
    pub fn cash(&self) -> Option<Cents> {
        let rest = self.payable.checked_sub(self.leads)?.checked_sub(self.debt)?;
        rest.checked_sub(self.reserve).filter(|cash| cash.0 >= 0)
    }

    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<PayoutMade<T>, R::Error> {
        let producer = r.producer("producer", &self.producer)?;
        let PayoutMade { payable, leads, debt, reserve, .. } = *self;
        Ok(PayoutMade { producer, payable, leads, debt, reserve })
    }
}

impl PayoutMade<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("debt", self.debt);
        m.money("leads", self.leads);
        m.money("payable", self.payable);
        m.text("producer", self.producer.as_str());
        m.money("reserve", self.reserve);
    }
}
