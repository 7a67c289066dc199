//! §4: months applied, policy years, suspense, and reversals that take the latest first.

use super::exact::round_ratio;
use crate::fact::{Body, Mode, PremiumPaid, PremiumReversed};
use crate::vocabulary::names::ById;
use ethnum::I256;
use std::collections::BTreeMap;

/// An amount in cents and the months that it pays for, each counted on its own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Paid {
    pub(super) amount: i128,
    pub(super) months: u64,
}

impl Paid {
    fn of(amount: crate::vocabulary::money::Cents, months: Option<u8>, mode: Mode) -> Paid {
        Paid { amount: i128::from(amount.0), months: u64::from(months.unwrap_or(mode.months())) }
    }

    fn add(&mut self, more: Paid) {
        self.amount += more.amount;
        self.months += more.months;
    }

    /// Takes as much of what is wanted as is there, and says what is still wanted.
    fn give(&mut self, wanted: Paid) -> Paid {
        let (amount, months) = (wanted.amount.min(self.amount.max(0)), wanted.months.min(self.months));
        self.amount -= amount;
        self.months -= months;
        Paid { amount: wanted.amount - amount, months: wanted.months - months }
    }
}

/// What was paid on a policy so far, and where it went.
pub(super) struct Premiums {
    pub(super) in_force: bool,
    /// "Months applied before it" of the next premium.
    pub(super) months_applied: u64,
    /// P: the premium applied to each policy year, in cents.
    pub(super) by_year: BTreeMap<u64, i128>,
    /// Effective while the policy was out of force.
    pub(super) suspense: Paid,
    /// What reversals could not take yet; "waits for the next premium".
    pub(super) waiting: Paid,
}

impl Default for Premiums {
    fn default() -> Premiums {
        Premiums {
            in_force: true,
            months_applied: 0,
            by_year: BTreeMap::new(),
            suspense: Paid::default(),
            waiting: Paid::default(),
        }
    }
}

impl Premiums {
    /// Takes in one fact of the policy.
    pub(super) fn follow(&mut self, fact: &Body<ById>, mode: Mode) {
        match *fact {
            Body::PremiumPaid(PremiumPaid { amount, months, .. }) => {
                let paid = Paid::of(amount, months, mode);
                if self.in_force {
                    self.apply(paid)
                } else {
                    self.suspense.add(paid)
                }
                self.take_what_waits();
            }
            Body::PremiumReversed(PremiumReversed { amount, months, .. }) => {
                self.take(Paid::of(amount, months, mode))
            }
            Body::PolicyStopped(_) => self.in_force = false,
            Body::PolicyReinstated(_) => {
                self.in_force = true;
                let suspense = std::mem::take(&mut self.suspense);
                self.apply(suspense);
                self.take_what_waits();
            }
            _ => {}
        }
    }

    fn apply(&mut self, paid: Paid) {
        for (year, part) in split(paid, self.months_applied) {
            *self.by_year.entry(year).or_default() += part;
        }
        self.months_applied += paid.months;
    }

    /// "A reversal takes the latest first: what is in suspense, then applied months (its amount split over
    /// their years like a premium's); what it cannot take yet waits."
    fn take(&mut self, reversed: Paid) {
        let rest = self.suspense.give(reversed);
        let mut applied = Paid { amount: self.by_year.values().sum(), months: self.months_applied };
        let left = applied.give(rest);
        let taken = Paid { amount: rest.amount - left.amount, months: rest.months - left.months };
        for (year, part) in split(taken, applied.months) {
            *self.by_year.entry(year).or_default() -= part;
        }
        self.months_applied = applied.months;
        self.waiting.add(left);
    }

    fn take_what_waits(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.take(waiting);
    }
}

/// ⌊(m−1)/12⌋+1: the policy year of a month, from 1.
fn year_of(month: u64) -> u64 {
    month.saturating_sub(1) / 12 + 1
}

/// An amount split over the policy years of its months, which follow `before` others: by months, every part
/// but the last rounded half-up as a difference of rounded cumulative parts, the last year gets the rest.
/// An amount of 0 months belongs to the year of the last month applied (year 1 when there is none).
fn split(paid: Paid, before: u64) -> Vec<(u64, i128)> {
    if paid.months == 0 {
        return vec![(year_of(before), paid.amount)];
    }
    let last_month = before + paid.months;
    let mut before_this_year = 0;
    let mut parts = Vec::new();
    for year in year_of(before + 1)..=year_of(last_month) {
        let months_through_this_year = last_month.min(12 * year) - before;
        let through_this_year =
            round_ratio(paid.amount, I256::from(months_through_this_year), I256::from(paid.months));
        parts.push((year, through_this_year - before_this_year));
        before_this_year = through_this_year;
    }
    parts
}
