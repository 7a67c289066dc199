//! How payouts are made, what holds them up, and those that were made (rules §11).

use super::content::{Members, object};
use super::rename::Rename;
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ByCode, Code, Naming};
use crate::vocabulary::rate::Rate;
use crate::vocabulary::words;

/// How payouts are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PayoutTerms {
    /// What would be paid below this is carried forward.
    pub minimum: Cents,
    /// What is withheld until the reserve has reached so much; the tiers ascend.
    pub reserve: Vec<ReserveTier>,
    pub basis: PayoutBasis,
}

/// What is due to be paid out (pay.md §3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PayoutBasis {
    /// What the rules give.
    #[default]
    Computed,
    /// Of that, what carriers' statements have paid.
    Received,
}

words!(PayoutBasis { Computed = "computed", Received = "received" });

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
    /// The bank sent a payout back.
    BankReturned,
}

words!(HoldReason {
    Licence = "licence",
    ErrorsAndOmissions = "e_and_o",
    Dispute = "dispute",
    BankChanged = "bank_changed",
    BankReturned = "bank_returned",
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
        if self.terms.basis != PayoutBasis::Computed {
            m.text("basis", self.terms.basis.as_str());
        }
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
    /// Which carrier paid it; none: the house did.
    pub paid_by: Option<N::Carrier>,
    /// Of which payables it was taken, in the order of the fact; none: of the one without a carrier.
    pub parts: Option<Vec<PayoutPart<N>>>,
    /// How much of its cash is money that came back from the bank.
    pub returned: Cents,
}

/// What a payout takes of one payable of its producer.
#[derive(Clone, Debug, PartialEq)]
pub struct PayoutPart<N: Naming> {
    /// Of the payable with this carrier, or of the one without.
    pub carrier: Option<N::Carrier>,
    /// How much; below zero brings a payable that stands below zero to zero.
    pub amount: Cents,
}

impl<N: Naming> PayoutMade<N> {
    /// What is paid in cash. `None` where the parts are more than the whole.
    pub fn cash(&self) -> Option<Cents> {
        let rest = self.payable.checked_sub(self.leads)?.checked_sub(self.debt)?;
        rest.checked_sub(self.reserve).filter(|cash| cash.0 >= 0)
    }

    /// What it takes of each payable: of the carrier that pays it, by its parts, or else of the one without a carrier.
    pub fn taken(&self) -> Vec<(Option<N::Carrier>, Cents)> {
        match (&self.paid_by, &self.parts) {
            (Some(carrier), _) => vec![(Some(carrier.clone()), self.payable)],
            (None, Some(parts)) => parts.iter().map(|part| (part.carrier.clone(), part.amount)).collect(),
            (None, None) => vec![(None, self.payable)],
        }
    }

    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<PayoutMade<T>, R::Error> {
        let producer = r.producer("producer", &self.producer)?;
        let PayoutMade { payable, leads, debt, reserve, returned, .. } = *self;
        let mut part = |part: &PayoutPart<N>| {
            let carrier = part.carrier.as_ref().map(|carrier| r.carrier("parts", carrier)).transpose()?;
            Ok(PayoutPart { carrier, amount: part.amount })
        };
        let parts = self.parts.as_ref().map(|parts| parts.iter().map(&mut part).collect()).transpose()?;
        let paid_by = self.paid_by.as_ref().map(|carrier| r.carrier("paid_by", carrier)).transpose()?;
        Ok(PayoutMade { producer, payable, leads, debt, reserve, paid_by, parts, returned })
    }
}

impl PayoutMade<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("debt", self.debt);
        m.money("leads", self.leads);
        m.optional_text("paid_by", self.paid_by.as_ref().map(|carrier| carrier.as_str()));
        if let Some(parts) = &self.parts {
            m.list("parts", parts, |part, out| {
                object(out, |m| {
                    m.money("amount", part.amount);
                    m.optional_text("carrier", part.carrier.as_ref().map(|carrier| carrier.as_str()));
                });
            });
        }
        m.money("payable", self.payable);
        m.text("producer", self.producer.as_str());
        m.money("reserve", self.reserve);
        if !self.returned.is_zero() {
            m.money("returned", self.returned);
        }
    }
}

/// What was paid out came back (pay.md §8).
#[derive(Clone, Debug, PartialEq)]
pub struct PayoutReturned<N: Naming> {
    pub payout: N::Payout,
    /// The bank's reason, as `R01`.
    pub code: Code,
    /// How much; none: what has not come back yet.
    pub amount: Option<Cents>,
}

impl<N: Naming> PayoutReturned<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<PayoutReturned<T>, R::Error> {
        Ok(PayoutReturned { payout: r.payout(&self.payout)?, code: self.code.clone(), amount: self.amount })
    }
}

impl PayoutReturned<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        if let Some(amount) = self.amount {
            m.money("amount", amount);
        }
        m.text("code", self.code.as_str());
        m.quoted("payout", self.payout);
    }
}
