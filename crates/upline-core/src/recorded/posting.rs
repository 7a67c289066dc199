//! What events do to accounts (rules §10). Every posting debits one account and credits another by the
//! same amount, so books that do not balance cannot be written down.

use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{CarrierId, PolicyId, ProducerId};
use crate::vocabulary::time::Day;

/// An account of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Commission that the carrier owes us.
    Carrier(CarrierId),
    /// Cash due to a producer.
    Payable(ProducerId, Option<CarrierId>),
    /// Advance not yet earned.
    Unearned(ProducerId, CarrierId, PolicyId),
    /// Chargebacks owed by a producer; without carrier or policy where an adjustment names none.
    Debt(ProducerId, Option<CarrierId>, Option<PolicyId>),
    /// Lead financing owed by a producer.
    Leads(ProducerId),
    /// Withheld from a producer's payouts.
    Reserve(ProducerId),
    /// Chargebacks that a payer covered.
    Coverage(ProducerId),
    /// Paid out, and received.
    Cash,
    /// Rolled-up debt that a producer owes its upline (debit), or may claim (credit).
    Recourse(ProducerId),
    /// Contra of adjustments.
    Adjustment,
    /// Contra of balances that were brought along.
    Opening,
    /// What the house bears of what carriers did not pay.
    Writeoff,
}

impl Account {
    /// Whose account it is, where it is a producer's.
    pub fn producer(self) -> Option<ProducerId> {
        match self {
            Account::Payable(producer, _)
            | Account::Unearned(producer, ..)
            | Account::Debt(producer, ..)
            | Account::Leads(producer)
            | Account::Reserve(producer)
            | Account::Coverage(producer)
            | Account::Recourse(producer) => Some(producer),
            Account::Carrier(_)
            | Account::Cash
            | Account::Adjustment
            | Account::Opening
            | Account::Writeoff => None,
        }
    }
}

/// What happens between two accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PostingKind {
    /// Advance at issue: debit unearned, credit payable. Of a payee.
    Advance,
    /// Earned against the advance: debit carrier, credit unearned. Of a payee.
    EarnedAgainst,
    /// Earned beyond the advance: debit carrier, credit payable. Of a payee.
    EarnedBeyond,
    /// Chargeback on a stop: debit debt, credit unearned. Of a payee.
    Chargeback,
    /// Chargeback that the carrier asserts: debit debt, credit carrier. Of a producer.
    CarrierChargeback,
    /// Covered: debit coverage of the second, credit debt of the first. Of a pair.
    Covered,
    /// Debt moves up: debit debt of the second, credit debt of the first. Of a pair.
    RolledUp,
    /// The claim for it: debit recourse of the first, credit recourse of the second. Of a pair.
    Recourse,
    /// Leads charged: debit leads, credit cash. Of a producer.
    LeadsCharged,
    /// Leads credited: debit cash, credit leads. Of a producer.
    LeadsCredited,
    /// Repayment of debt: debit cash, credit debt. Of a contract.
    Repaid,
    /// Repayment beyond all debt: debit cash, credit payable. Of a contract.
    RepaidBeyond,
    /// Adjustment: debit adjustment, credit payable. Of a contract.
    AdjustedPayable,
    /// Adjustment: debit adjustment, credit debt. Of a contract.
    AdjustedDebt,
    /// Adjustment: debit adjustment, credit leads. Of a contract.
    AdjustedLeads,
    /// Adjustment: debit adjustment, credit reserve. Of a contract.
    AdjustedReserve,
    /// Payout against leads: debit payable, credit leads. Of a producer.
    PaidLeads,
    /// Payout against chargebacks: debit payable of no carrier, credit debt. Of a contract.
    PaidDebt,
    /// Withheld from a payout: debit payable, credit reserve. Of a producer.
    Withheld,
    /// Paid out: debit payable, credit cash. Of a producer.
    PaidOut,
    /// A payable that was brought along: debit opening, credit payable. Of a contract.
    OpenedPayable,
    /// A debt that was brought along: debit debt, credit opening. Of a contract.
    OpenedDebt,
    /// Leads that were brought along: debit leads, credit opening. Of a contract.
    OpenedLeads,
    /// A reserve that was brought along: debit opening, credit reserve. Of a contract.
    OpenedReserve,
    /// Covered where the carrier pays the producer itself: debit coverage of the second, credit payable of no carrier
    /// of the first. Of a pair.
    CoveredDirectly,
    /// What a payout of the house takes of the payable with a carrier: debit that, credit payable of no carrier. Of a
    /// contract.
    PartTaken,
    /// What a payout of the carrier takes of the payable with it: debit that, credit payable of no carrier. Of a
    /// contract.
    PartTakenByCarrier,
    /// A carrier's payout against chargebacks: debit payable of no carrier, credit debt. Of a contract.
    PaidDebtByCarrier,
    /// Paid out by the carrier: debit payable of no carrier, credit carrier. Of a contract.
    PaidByCarrier,
    /// A payout came back: debit cash, credit payable. Of a producer.
    Returned,
    /// A carrier's figure that was accepted: debit carrier, credit payable. Of a contract.
    AcceptedPayable,
    /// A carrier's chargeback that was accepted: debit debt, credit carrier. Of a contract.
    AcceptedDebt,
    /// What was expected and will not be paid: debit writeoff, credit carrier. Of a carrier.
    WrittenOff,
    /// A carrier's deposit: debit cash, credit carrier. Of a carrier.
    Deposited,
}

impl PostingKind {
    /// Every kind.
    pub const ALL: &'static [PostingKind] = &[
        PostingKind::Advance,
        PostingKind::EarnedAgainst,
        PostingKind::EarnedBeyond,
        PostingKind::Chargeback,
        PostingKind::CarrierChargeback,
        PostingKind::Covered,
        PostingKind::RolledUp,
        PostingKind::Recourse,
        PostingKind::LeadsCharged,
        PostingKind::LeadsCredited,
        PostingKind::Repaid,
        PostingKind::RepaidBeyond,
        PostingKind::AdjustedPayable,
        PostingKind::AdjustedDebt,
        PostingKind::AdjustedLeads,
        PostingKind::AdjustedReserve,
        PostingKind::PaidLeads,
        PostingKind::PaidDebt,
        PostingKind::Withheld,
        PostingKind::PaidOut,
        PostingKind::OpenedPayable,
        PostingKind::OpenedDebt,
        PostingKind::OpenedLeads,
        PostingKind::OpenedReserve,
        PostingKind::CoveredDirectly,
        PostingKind::PartTaken,
        PostingKind::PartTakenByCarrier,
        PostingKind::PaidDebtByCarrier,
        PostingKind::PaidByCarrier,
        PostingKind::Returned,
        PostingKind::AcceptedPayable,
        PostingKind::AcceptedDebt,
        PostingKind::WrittenOff,
        PostingKind::Deposited,
    ];

    /// Whether its party is a carrier.
    pub fn is_of_carrier(self) -> bool {
        matches!(self, PostingKind::WrittenOff | PostingKind::Deposited)
    }
}

/// Whom a posting concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// A payee of the posting's policy, by its number.
    Payee(u16),
    /// A producer, on the posting's policy where it has one.
    Producer(ProducerId),
    /// Two producers, on the posting's policy.
    Pair(ProducerId, ProducerId),
    /// A producer with a carrier or with none, on the posting's policy where it has one.
    Contract(ProducerId, Option<CarrierId>),
    /// A carrier, on the posting's policy where it has one.
    Carrier(CarrierId),
}

/// An amount moved between two accounts on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// What happens.
    pub kind: PostingKind,
    pub policy: Option<PolicyId>,
    /// Whom it concerns.
    pub party: Party,
    /// The day on which it counts.
    pub dated: Day,
    /// The day on which it would count, had no period been closed (rules §9); else the same.
    pub due: Day,
    /// How much; negative takes an earlier posting of this kind back.
    pub amount: Cents,
}

/// Knows who is paid on a policy.
pub trait Payees {
    /// The producer of a payee of a policy.
    fn payee(&self, policy: PolicyId, number: u16) -> Option<ProducerId>;

    /// The carrier of a policy.
    fn carrier(&self, policy: PolicyId) -> Option<CarrierId>;
}

impl Posting {
    /// The accounts that it debits and credits (rules §10). `None` for a party that is not of its kind, or
    /// names that nobody knows.
    pub fn accounts(&self, known: &impl Payees) -> Option<(Account, Account)> {
        let on = self.policy;
        let carrier = || known.carrier(on?);
        Some(match (self.kind, self.party) {
            (
                PostingKind::Advance
                | PostingKind::EarnedAgainst
                | PostingKind::EarnedBeyond
                | PostingKind::Chargeback,
                Party::Payee(number),
            ) => {
                let (id, carrier) = (on?, carrier()?);
                let producer = known.payee(id, number)?;
                let unearned = Account::Unearned(producer, carrier, id);
                let payable = Account::Payable(producer, Some(carrier));
                match self.kind {
                    PostingKind::Advance => (unearned, payable),
                    PostingKind::EarnedAgainst => (Account::Carrier(carrier), unearned),
                    PostingKind::EarnedBeyond => (Account::Carrier(carrier), payable),
                    _ => (Account::Debt(producer, Some(carrier), on), unearned),
                }
            }
            (PostingKind::CarrierChargeback, Party::Producer(producer)) => {
                let carrier = carrier()?;
                (Account::Debt(producer, Some(carrier), on), Account::Carrier(carrier))
            }
            (PostingKind::Covered, Party::Pair(producer, payer)) => {
                (Account::Coverage(payer), Account::Debt(producer, Some(carrier()?), on))
            }
            (PostingKind::RolledUp, Party::Pair(from, to)) => {
                let carrier = Some(carrier()?);
                (Account::Debt(to, carrier, on), Account::Debt(from, carrier, on))
            }
            (PostingKind::Recourse, Party::Pair(from, to)) => {
                (Account::Recourse(from), Account::Recourse(to))
            }
            (PostingKind::LeadsCharged, Party::Producer(producer)) => {
                (Account::Leads(producer), Account::Cash)
            }
            (PostingKind::LeadsCredited, Party::Producer(producer)) => {
                (Account::Cash, Account::Leads(producer))
            }
            (PostingKind::Repaid, Party::Contract(producer, carrier)) => {
                (Account::Cash, Account::Debt(producer, carrier, on))
            }
            (PostingKind::RepaidBeyond, Party::Contract(producer, carrier)) => {
                (Account::Cash, Account::Payable(producer, carrier))
            }
            (PostingKind::AdjustedPayable, Party::Contract(producer, carrier)) => {
                (Account::Adjustment, Account::Payable(producer, carrier))
            }
            (PostingKind::AdjustedDebt, Party::Contract(producer, carrier)) => {
                (Account::Adjustment, Account::Debt(producer, carrier, on))
            }
            (PostingKind::AdjustedLeads, Party::Contract(producer, _)) => {
                (Account::Adjustment, Account::Leads(producer))
            }
            (PostingKind::AdjustedReserve, Party::Contract(producer, _)) => {
                (Account::Adjustment, Account::Reserve(producer))
            }
            // What a payout takes of other payables passes through the one of no carrier, which it is paid from.
            (PostingKind::PaidLeads, Party::Producer(producer)) => {
                (Account::Payable(producer, None), Account::Leads(producer))
            }
            (PostingKind::PaidDebt | PostingKind::PaidDebtByCarrier, Party::Contract(producer, carrier)) => {
                (Account::Payable(producer, None), Account::Debt(producer, carrier, on))
            }
            (PostingKind::Withheld, Party::Producer(producer)) => {
                (Account::Payable(producer, None), Account::Reserve(producer))
            }
            (PostingKind::PaidOut, Party::Producer(producer)) => {
                (Account::Payable(producer, None), Account::Cash)
            }
            (
                PostingKind::PartTaken | PostingKind::PartTakenByCarrier,
                Party::Contract(producer, carrier @ Some(_)),
            ) => (Account::Payable(producer, carrier), Account::Payable(producer, None)),
            (PostingKind::PaidByCarrier, Party::Contract(producer, Some(carrier))) => {
                (Account::Payable(producer, None), Account::Carrier(carrier))
            }
            (PostingKind::Returned, Party::Producer(producer)) => {
                (Account::Cash, Account::Payable(producer, None))
            }
            (PostingKind::CoveredDirectly, Party::Pair(producer, payer)) => {
                (Account::Coverage(payer), Account::Payable(producer, None))
            }
            (PostingKind::AcceptedPayable, Party::Contract(producer, Some(carrier))) => {
                (Account::Carrier(carrier), Account::Payable(producer, Some(carrier)))
            }
            (PostingKind::AcceptedDebt, Party::Contract(producer, Some(carrier))) => {
                (Account::Debt(producer, Some(carrier), on), Account::Carrier(carrier))
            }
            (PostingKind::WrittenOff, Party::Carrier(carrier)) => {
                (Account::Writeoff, Account::Carrier(carrier))
            }
            (PostingKind::Deposited, Party::Carrier(carrier)) => (Account::Cash, Account::Carrier(carrier)),
            (PostingKind::OpenedPayable, Party::Contract(producer, carrier)) => {
                (Account::Opening, Account::Payable(producer, carrier))
            }
            (PostingKind::OpenedDebt, Party::Contract(producer, carrier)) => {
                (Account::Debt(producer, carrier, on), Account::Opening)
            }
            (PostingKind::OpenedLeads, Party::Contract(producer, _)) => {
                (Account::Leads(producer), Account::Opening)
            }
            (PostingKind::OpenedReserve, Party::Contract(producer, _)) => {
                (Account::Opening, Account::Reserve(producer))
            }
            _ => return None,
        })
    }
}
