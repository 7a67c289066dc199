//! What a producer was credited in a year, for who prepares its Form 1099: on the cash basis, where an advance is
//! income when it is credited, and on the loan basis, where it is a loan until it is earned.
//!
//! # Shape
//! Both are sums of postings dated in the year. What one basis counts differs from the other by what the unearned
//! advances changed in that year, so over all years both come to the same once nothing is unearned.
//!
//! Not income on either: leads, payouts, repayments, what is withheld, debt that moves to an upline (it is owed on),
//! and what a payer covers for others.

use crate::balance::place_of;
use crate::period::Period;
use crate::projection::{Projection, Seen};
use hashbrown::HashMap;
use upline_core::fact::PaidBy;
use upline_core::money::Total;
use upline_core::names::{CarrierId, Code, ProducerId};
use upline_core::posting::PostingKind;
use upline_core::reference_data::ReferenceData;
use upline_core::time::Day;

/// When an advance is income.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaxBasis {
    /// When it is credited, whether or not it is paid out yet; a chargeback takes it back.
    Cash,
    /// When it is earned; what of it is charged back was a loan.
    Loan,
}

impl TaxBasis {
    /// The name that answers use.
    pub fn as_str(self) -> &'static str {
        match self {
            TaxBasis::Cash => "cash",
            TaxBasis::Loan => "loan",
        }
    }
}

/// The income of a producer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Income {
    /// Cash: advances, and what was earned beyond them. Loan: all that was earned.
    pub commissions: Total,
    /// Cash: all that was charged back. Loan: what carriers took back of what was earned.
    pub chargebacks: Total,
    /// Chargebacks that somebody else bears: debt, or a loan, that the producer need not pay back.
    pub covered: Total,
    /// Adjustments by hand, in the producer's favour.
    pub adjustments: Total,
}

impl Income {
    fn add(&mut self, other: &Income) {
        self.commissions += other.commissions;
        self.chargebacks += other.chargebacks;
        self.covered += other.covered;
        self.adjustments += other.adjustments;
    }

    /// commissions − chargebacks + covered + adjustments.
    pub fn total(&self) -> Total {
        Total(self.commissions.0 - self.chargebacks.0 + self.covered.0 + self.adjustments.0)
    }
}

/// A row of a summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomeRow {
    pub producer: Code,
    /// The carrier that pays it; none: the house does.
    pub paid_by: Option<Code>,
    pub basis: TaxBasis,
    pub income: Income,
}

/// Whose income it is: what policies bring stands with who pays the producer on the day that it is dated, all else with
/// the house.
type Key = (ProducerId, Option<(CarrierId, Day)>);

/// Sums postings of a year into incomes.
#[derive(Debug)]
pub struct Incomes {
    year: Period,
    incomes: HashMap<Key, [Income; 2]>,
}

impl Incomes {
    /// The incomes of a year.
    pub fn new(year: Period) -> Incomes {
        Incomes { year, incomes: HashMap::new() }
    }

    /// The rows, by producer and payer, the house first, each on both bases. Who has nothing on either is left out.
    pub fn rows(&self, reference: &ReferenceData) -> Vec<IncomeRow> {
        let routes = reference.routes();
        let mut sums: HashMap<(ProducerId, Option<CarrierId>), [Income; 2]> = HashMap::new();
        for ((producer, of), incomes) in &self.incomes {
            let by_carrier =
                of.filter(|(carrier, on)| routes.paid_by(*producer, *carrier, *on) == PaidBy::Carrier);
            let sum = sums.entry((*producer, by_carrier.map(|(carrier, _)| carrier))).or_default();
            sum.iter_mut().zip(incomes).for_each(|(sum, income)| sum.add(income));
        }
        let mut rows = Vec::new();
        for ((producer, paid_by), incomes) in sums {
            let Some(producer) = reference.producers().name(producer) else { continue };
            if incomes == [Income::default(); 2] {
                continue;
            }
            let paid_by = paid_by.and_then(|carrier| reference.carriers().name(carrier)).cloned();
            for (basis, income) in [TaxBasis::Cash, TaxBasis::Loan].into_iter().zip(incomes) {
                let (producer, paid_by) = (producer.clone(), paid_by.clone());
                rows.push(IncomeRow { producer, paid_by, basis, income });
            }
        }
        rows.sort_by(|a, b| (&a.producer, &a.paid_by, a.basis).cmp(&(&b.producer, &b.paid_by, b.basis)));
        rows
    }
}

impl Projection for Incomes {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, postings, .. } = *seen;
        for posting in postings.iter().filter(|posting| self.year.contains(posting.dated)) {
            let Some((debit, credit)) = reference.accounts(posting) else { continue };
            // Of the kinds that count, one account or both are the same producer's.
            let Some(place) = place_of(debit).or_else(|| place_of(credit)) else { continue };
            let of_policy = matches!(
                posting.kind,
                PostingKind::Advance
                    | PostingKind::EarnedAgainst
                    | PostingKind::EarnedBeyond
                    | PostingKind::Chargeback
                    | PostingKind::CarrierChargeback
            );
            let of = place.carrier.filter(|_| of_policy).map(|carrier| (carrier, posting.dated));
            let [cash, loan] = self.incomes.entry((place.producer, of)).or_default();
            let amount = posting.amount;
            match posting.kind {
                PostingKind::Advance => cash.commissions += amount,
                PostingKind::EarnedAgainst => loan.commissions += amount,
                PostingKind::Chargeback => cash.chargebacks += amount,
                PostingKind::EarnedBeyond => {
                    cash.commissions += amount;
                    loan.commissions += amount;
                }
                PostingKind::AcceptedPayable => {
                    cash.commissions += amount;
                    loan.commissions += amount;
                }
                PostingKind::CarrierChargeback | PostingKind::AcceptedDebt => {
                    cash.chargebacks += amount;
                    loan.chargebacks += amount;
                }
                PostingKind::Covered | PostingKind::CoveredDirectly => {
                    cash.covered += amount;
                    loan.covered += amount;
                }
                PostingKind::AdjustedPayable
                | PostingKind::AdjustedDebt
                | PostingKind::AdjustedLeads
                | PostingKind::AdjustedReserve => {
                    cash.adjustments += amount;
                    loan.adjustments += amount;
                }
                PostingKind::RolledUp
                | PostingKind::Recourse
                | PostingKind::LeadsCharged
                | PostingKind::LeadsCredited
                | PostingKind::Repaid
                | PostingKind::RepaidBeyond
                | PostingKind::OpenedPayable
                | PostingKind::OpenedDebt
                | PostingKind::OpenedLeads
                | PostingKind::OpenedReserve
                | PostingKind::PartTaken
                | PostingKind::PartTakenByCarrier
                | PostingKind::PaidDebtByCarrier
                | PostingKind::PaidByCarrier
                | PostingKind::Returned
                | PostingKind::WrittenOff
                | PostingKind::Deposited
                | PostingKind::PaidLeads
                | PostingKind::PaidDebt
                | PostingKind::Withheld
                | PostingKind::PaidOut => {}
            }
        }
    }
}
