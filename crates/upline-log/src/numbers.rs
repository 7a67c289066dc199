//! The numbers that stand for words on disk. They never change meaning and are never used again.

use upline_core::coverage::Reason;
use upline_core::fact::{
    Action, AdjustedAccount, DebtTerms, Decision, DirectoryKind, HoldReason, Mode, PaidBy, PayoutBasis,
    PaysLine, ProducerKind, ReversalReason, Vesting,
};
use upline_core::grid::{ChargebackMonths, LineOfBusiness, StopReason};
use upline_core::persistency::{Basis, Survival};
use upline_core::posting::PostingKind;
use upline_core::statement::{Class, LineKind, Resolution};

/// A word with a number on disk.
pub(crate) trait Numbered: Sized + Copy {
    /// What to say of a number that stands for nothing.
    const UNKNOWN: &'static str;

    /// The number that stands for it.
    fn to_number(self) -> u8;

    /// What a number stands for.
    fn of_number(number: u8) -> Option<Self>;
}

macro_rules! numbered {
    ($type:ident, $unknown:literal { $($variant:ident = $number:literal),* $(,)? }) => {
        impl Numbered for $type {
            const UNKNOWN: &'static str = $unknown;

            #[inline]
            fn to_number(self) -> u8 {
                match self { $($type::$variant => $number),* }
            }

            #[inline]
            fn of_number(number: u8) -> Option<$type> {
                match number { $($number => Some($type::$variant),)* _ => None }
            }
        }
    };
}

numbered!(ProducerKind, "unknown kind of producer" { Imo = 1, Mga = 2, Agency = 3, Agent = 4 });
numbered!(Mode, "unknown premium mode" { Monthly = 1, Quarterly = 2, Semiannual = 3, Annual = 4 });
numbered!(ReversalReason, "unknown reason of a reversal" { Nsf = 1, Refund = 2, Error = 3 });
numbered!(Basis, "unknown basis of persistency" { Count = 1, Premium = 2 });
numbered!(Survival, "unknown way to survive" { PaidTo = 1, InForce = 2 });
numbered!(Vesting, "unknown vesting" { Full = 1, None = 2 });
numbered!(DebtTerms, "unknown terms of a debt" { Stays = 1, RollsUp = 2 });
numbered!(AdjustedAccount, "unknown account of an adjustment" { Payable = 1, Debt = 2, Leads = 3, Reserve = 4 });
numbered!(Reason, "unknown reason of a coverage decision" {
    Tier = 1,
    BelowTiers = 2,
    NoCohort = 3,
    Released = 4,
});
numbered!(LineOfBusiness, "unknown line of business" {
    FinalExpense = 1,
    Term = 2,
    WholeLife = 3,
    Iul = 4,
    Annuity = 5,
    MedicareAdvantage = 6,
    MedicareSupplement = 7,
    Pdp = 8,
    Health = 9,
    Other = 10,
});
numbered!(StopReason, "unknown reason of a stop" {
    Lapse = 1,
    Surrender = 2,
    Death = 3,
    Maturity = 4,
    Conversion = 5,
    Replaced = 6,
    NotTaken = 7,
    FreeLook = 8,
    Rescission = 9,
});
numbered!(PostingKind, "unknown kind of posting" {
    Advance = 1,
    EarnedAgainst = 2,
    EarnedBeyond = 3,
    Chargeback = 4,
    CarrierChargeback = 5,
    Covered = 6,
    RolledUp = 7,
    Recourse = 8,
    LeadsCharged = 9,
    LeadsCredited = 10,
    Repaid = 11,
    RepaidBeyond = 12,
    AdjustedPayable = 13,
    AdjustedDebt = 14,
    AdjustedLeads = 15,
    AdjustedReserve = 16,
    PaidLeads = 17,
    PaidDebt = 18,
    Withheld = 19,
    PaidOut = 20,
    OpenedPayable = 21,
    OpenedDebt = 22,
    OpenedLeads = 23,
    OpenedReserve = 24,
    CoveredDirectly = 25,
    PartTaken = 26,
    PartTakenByCarrier = 27,
    PaidDebtByCarrier = 28,
    PaidByCarrier = 29,
    Returned = 30,
    AcceptedPayable = 32,
    AcceptedDebt = 33,
    WrittenOff = 34,
    Deposited = 35,
});
numbered!(HoldReason, "unknown reason of a hold" {
    Licence = 1,
    ErrorsAndOmissions = 2,
    Dispute = 3,
    BankChanged = 4,
    BankReturned = 5,
});
numbered!(PaysLine, "unknown line of a carrier" { Payee = 1, Chain = 2 });
numbered!(LineKind, "unknown kind of a line" {
    Advance = 1,
    Offset = 2,
    Earned = 3,
    Chargeback = 4,
    Adjustment = 5,
});
numbered!(PaidBy, "unknown payer of a route" { House = 1, Carrier = 2 });
numbered!(PayoutBasis, "unknown basis of payouts" { Computed = 1, Received = 2 });
numbered!(ChargebackMonths, "unknown months of a chargeback table" { Paid = 1, Elapsed = 2 });
numbered!(DirectoryKind, "unknown kind of an entry of the directory" {
    Carrier = 1,
    Producer = 2,
    Person = 3,
    Note = 4,
});
numbered!(Action, "unknown action of a proposal" { PayRun = 1, BankChange = 2, Restatement = 3, WriteOff = 4 });
numbered!(Decision, "unknown decision about a proposal" { Approved = 1, Rejected = 2, Withdrawn = 3 });

numbered!(Class, "unknown class of a line" {
    OnTime = 1,
    Late = 2,
    Short = 3,
    Over = 4,
    Missing = 5,
    Unexpected = 6,
    Duplicate = 7,
    UnknownPolicy = 8,
    UnknownProducer = 9,
    WrongPayee = 10,
    WrongRate = 11,
    ChargebackValid = 12,
    ChargebackDisputable = 13,
    Timing = 14,
});
numbered!(Resolution, "unknown resolution of an exception" {
    Accepted = 1,
    Booked = 2,
    Claimed = 3,
    WrittenOff = 4,
});

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Numbered + PartialEq + std::fmt::Debug>(all: &[T], count: u8) {
        assert_eq!(all.len(), usize::from(count));
        for word in all {
            assert_eq!(T::of_number(word.to_number()), Some(*word));
        }
        assert_eq!((T::of_number(0), T::of_number(count + 1)), (None, None));
    }

    #[test]
    fn every_word_has_one_number() {
        check(ProducerKind::ALL, 4);
        check(Mode::ALL, 4);
        check(ReversalReason::ALL, 3);
        check(Basis::ALL, 2);
        check(Survival::ALL, 2);
        check(LineOfBusiness::ALL, 10);
        check(StopReason::ALL, 9);
        check(Vesting::ALL, 2);
        check(DebtTerms::ALL, 2);
        check(AdjustedAccount::ALL, 4);
        check(Reason::ALL, 4);
        assert_eq!(PostingKind::of_number(31), None); // stands for a number that follows
        assert!(PostingKind::ALL.iter().all(|kind| PostingKind::of_number(kind.to_number()) == Some(*kind)));
        check(PaysLine::ALL, 2);
        check(LineKind::ALL, 5);
        check(HoldReason::ALL, 5);
        check(PaidBy::ALL, 2);
        check(PayoutBasis::ALL, 2);
        check(ChargebackMonths::ALL, 2);
        check(DirectoryKind::ALL, 4);
        check(Action::ALL, 4);
        check(Decision::ALL, 3);
        check(Class::ALL, 14);
        check(Resolution::ALL, 4);
    }
}
