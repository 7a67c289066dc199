//! What events do to accounts (rules §10). Every posting debits one account and credits another by the
//! same amount, so books that do not balance cannot be written down.

use crate::money::Cents;
use crate::names::{CarrierId, PolicyId, ProducerId};
use crate::time::Day;

/// An account of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Commission that the carrier owes us.
    Carrier(CarrierId),
    /// Cash due to a producer.
    Payable(ProducerId, CarrierId),
    /// Advance not yet earned.
    Unearned(ProducerId, CarrierId, PolicyId),
    /// Chargebacks owed by a producer.
    Debt(ProducerId, CarrierId, PolicyId),
}

/// What happens between two accounts. The numbers are on disk; they never change meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Advance at issue: debit unearned, credit payable.
    Advance,
    /// Earned against the advance: debit carrier, credit unearned.
    EarnedAgainst,
    /// Earned beyond the advance: debit carrier, credit payable.
    EarnedBeyond,
    /// Chargeback on a stop: debit debt, credit unearned.
    Chargeback,
    /// Chargeback that the carrier asserts: debit debt, credit carrier.
    CarrierChargeback,
}

impl Kind {
    /// Every kind, in the order of their numbers.
    pub const ALL: &'static [Kind] =
        &[Kind::Advance, Kind::EarnedAgainst, Kind::EarnedBeyond, Kind::Chargeback, Kind::CarrierChargeback];

    /// The number that stands for it on disk.
    pub fn number(self) -> u8 {
        match self {
            Kind::Advance => 1,
            Kind::EarnedAgainst => 2,
            Kind::EarnedBeyond => 3,
            Kind::Chargeback => 4,
            Kind::CarrierChargeback => 5,
        }
    }

    /// The accounts that it debits and credits, for a producer and a policy.
    pub fn accounts(self, producer: ProducerId, carrier: CarrierId, policy: PolicyId) -> (Account, Account) {
        let unearned = Account::Unearned(producer, carrier, policy);
        let payable = Account::Payable(producer, carrier);
        let debt = Account::Debt(producer, carrier, policy);
        let carrier = Account::Carrier(carrier);
        match self {
            Kind::Advance => (unearned, payable),
            Kind::EarnedAgainst => (carrier, unearned),
            Kind::EarnedBeyond => (carrier, payable),
            Kind::Chargeback => (debt, unearned),
            Kind::CarrierChargeback => (debt, carrier),
        }
    }
}

/// Whom a posting concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// A payee of the event's policy, by its number in the frozen chain.
    Payee(u16),
    /// A producer that need not stand in the chain.
    Producer(ProducerId),
}

/// An amount moved between two accounts on a day, by the event that carries it. Its policy is the event's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// What happens.
    pub kind: Kind,
    /// Whom it concerns.
    pub party: Party,
    /// The day on which it counts.
    pub dated: Day,
    /// How much; negative takes an earlier posting of this kind back.
    pub amount: Cents,
}
