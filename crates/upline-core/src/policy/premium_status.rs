//! Where a policy stands with its premiums: months applied, suspense, waiting reversals, in force or not
//! (rules §4). Knows nothing of payees; persistency (§7) needs no more than this.

pub use crate::vocabulary::money::Overflow;

use crate::fact::grid::StopReason;
use crate::vocabulary::as_of::Position;
use crate::vocabulary::money::Cents;
use crate::vocabulary::rate::{Rate, portion};
use crate::vocabulary::time::Day;

/// Something that happened to a policy after its issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A premium came in.
    Premium(Installment),
    /// A premium was taken back.
    Reversal(Installment),
    /// The policy stopped.
    Stop(StopReason),
    /// The policy is in force again.
    Reinstatement,
}

/// A happening with its place in the two orders: effective day first, then log position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyFact {
    /// The effective date.
    pub on: Day,
    /// Where it stands in the log.
    pub position: Position,
    /// What happened.
    pub what: Happening,
    /// Whether it did not say its months, so that they are those of the policy's mode.
    pub by_mode: bool,
}

impl PolicyFact {
    /// The fact by the terms that a policy has come to have (pay.md §11): not before the issue, with the months of the
    /// mode where it says none.
    fn under(self, issue: Day, months_by_mode: u8) -> PolicyFact {
        let own = |of: Installment| {
            if self.by_mode { Installment { months: u32::from(months_by_mode), ..of } } else { of }
        };
        let what = match self.what {
            Happening::Premium(premium) => Happening::Premium(own(premium)),
            Happening::Reversal(reversal) => Happening::Reversal(own(reversal)),
            other => other,
        };
        PolicyFact { on: self.on.max(issue), what, ..self }
    }
}

/// A policy's facts by the terms that it has come to have, in effective order: a fact dated before a corrected issue date
/// counts on it, and facts of one day count in log order.
pub fn facts_under(
    facts: impl IntoIterator<Item = PolicyFact>,
    issue: Day,
    months_by_mode: u8,
) -> Vec<PolicyFact> {
    let mut facts: Vec<PolicyFact> =
        facts.into_iter().map(|fact| fact.under(issue, months_by_mode)).collect();
    facts.sort_by_key(|fact| (fact.on, fact.position));
    facts
}

/// Premium money and the months that it pays for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Installment {
    /// How much, never negative.
    pub amount: Cents,
    pub months: u32,
}

impl Installment {
    fn is_nothing(self) -> bool {
        self.amount.is_zero() && self.months == 0
    }

    fn plus(self, other: Installment) -> Option<Installment> {
        Some(Installment {
            amount: self.amount.checked_add(other.amount)?,
            months: self.months.checked_add(other.months)?,
        })
    }

    fn minus(self, other: Installment) -> Option<Installment> {
        Some(Installment {
            amount: self.amount.checked_sub(other.amount)?,
            months: self.months.checked_sub(other.months)?,
        })
    }

    /// As much of it as there is, amount and months each on its own.
    fn up_to(self, there: Installment) -> Installment {
        Installment { amount: self.amount.min(there.amount), months: self.months.min(there.months) }
    }
}

/// The premium of one policy year changed by an application or a reversal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearChange {
    /// The policy year, from 1.
    pub year: u32,
    /// The premium applied to it before.
    pub before: Cents,
    /// The premium applied to it now.
    pub after: Cents,
}

/// The premiums among the facts of a policy that went to suspense, as it was not in force on their day (rules §4), each
/// with the day of the reinstatement that applied it. The facts come in effective order.
pub fn suspended<'a>(facts: impl IntoIterator<Item = &'a PolicyFact>) -> Vec<(&'a PolicyFact, Option<Day>)> {
    let (mut in_force, mut waiting_from) = (true, 0);
    let mut suspended: Vec<(&PolicyFact, Option<Day>)> = Vec::new();
    for fact in facts {
        match fact.what {
            Happening::Premium(_) if !in_force => suspended.push((fact, None)),
            Happening::Premium(_) | Happening::Reversal(_) => {}
            Happening::Stop(_) => in_force = false,
            Happening::Reinstatement => {
                in_force = true;
                suspended.iter_mut().skip(waiting_from).for_each(|(_, applied)| *applied = Some(fact.on));
                waiting_from = suspended.len();
            }
        }
    }
    suspended
}

/// Where a policy stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PremiumStatus {
    in_force: bool,
    months: u32,
    /// Premium applied by policy year, from year 1.
    by_year: Vec<Cents>,
    suspense: Installment,
    /// Reversed, but not taken yet for want of premium.
    waiting: Installment,
}

impl Default for PremiumStatus {
    fn default() -> Self {
        PremiumStatus {
            in_force: true,
            months: 0,
            by_year: Vec::new(),
            suspense: Installment::default(),
            waiting: Installment::default(),
        }
    }
}

/// The policy year (from 1) of a premium month (from 1).
fn year_of(month: u32) -> u32 {
    month.saturating_sub(1) / 12 + 1
}

impl PremiumStatus {
    /// Whether the policy is in force.
    pub fn in_force(&self) -> bool {
        self.in_force
    }

    /// The months applied so far.
    pub fn months(&self) -> u32 {
        self.months
    }

    /// What waits for a reinstatement.
    pub fn suspense(&self) -> Installment {
        self.suspense
    }

    /// Goes on by one happening; `changed` hears of every policy year whose premium moves.
    pub fn step(&mut self, what: Happening, mut changed: impl FnMut(YearChange)) -> Result<(), Overflow> {
        self.checked_step(what, &mut changed).ok_or(Overflow)
    }

    fn checked_step(&mut self, what: Happening, changed: &mut impl FnMut(YearChange)) -> Option<()> {
        match what {
            Happening::Premium(premium) if self.in_force => {
                self.apply(premium, changed)?;
                self.take_waiting(changed)
            }
            Happening::Premium(premium) => {
                self.suspense = self.suspense.plus(premium)?;
                self.take_waiting(changed)
            }
            Happening::Reversal(reversal) => {
                self.waiting = self.waiting.plus(reversal)?;
                self.take_waiting(changed)
            }
            Happening::Stop(_) => {
                self.in_force = false;
                Some(())
            }
            Happening::Reinstatement => {
                self.in_force = true;
                let suspense = std::mem::take(&mut self.suspense);
                if !suspense.is_nothing() {
                    self.apply(suspense, changed)?;
                }
                self.take_waiting(changed)
            }
        }
    }

    /// Applies a premium to the next months. Without months it belongs to the year of the last one.
    fn apply(&mut self, premium: Installment, changed: &mut impl FnMut(YearChange)) -> Option<()> {
        let before = self.months;
        self.months = before.checked_add(premium.months)?;
        self.spread(premium.amount, before, self.months, false, changed)
    }

    /// Takes what waits: from suspense first, then the last months applied. The rest goes on waiting.
    fn take_waiting(&mut self, changed: &mut impl FnMut(YearChange)) -> Option<()> {
        if self.waiting.is_nothing() {
            return Some(());
        }
        let from_suspense = self.waiting.up_to(self.suspense);
        self.suspense = self.suspense.minus(from_suspense)?;
        self.waiting = self.waiting.minus(from_suspense)?;

        let mut applied = 0i64;
        for year in &self.by_year {
            applied = applied.checked_add(year.0)?;
        }
        let applied = Installment { amount: Cents(applied.max(0)), months: self.months };
        let taken = self.waiting.up_to(applied);
        self.waiting = self.waiting.minus(taken)?;
        let before = self.months;
        self.months = before.checked_sub(taken.months)?;
        self.spread(taken.amount, self.months, before, true, changed)
    }

    /// Adds an amount to the policy years of the months after `from` through `through`, by months; as a
    /// difference of rounded cumulative parts, so that the last year gets the rest.
    fn spread(
        &mut self,
        amount: Cents,
        from: u32,
        through: u32,
        back: bool,
        changed: &mut impl FnMut(YearChange),
    ) -> Option<()> {
        if amount.is_zero() {
            return Some(());
        }
        let (first, last) = if through > from { (from + 1, through) } else { (through, through) };
        let mut given = Cents::ZERO;
        for year in year_of(first)..=year_of(last) {
            let up_to_here = if year == year_of(last) {
                amount
            } else {
                portion(
                    amount,
                    Rate::ONE,
                    Rate::ONE,
                    year.checked_mul(12)?.checked_sub(from)?,
                    through - from,
                )?
            };
            let part = up_to_here.checked_sub(given)?;
            given = up_to_here;
            let index = usize::try_from(year - 1).ok()?;
            if self.by_year.len() <= index {
                self.by_year.resize(index + 1, Cents::ZERO);
            }
            let total = self.by_year.get_mut(index)?;
            let before = *total;
            *total = if back { before.checked_sub(part)? } else { before.checked_add(part)? };
            changed(YearChange { year, before, after: *total });
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn premium(amount: i64, months: u32) -> Happening {
        Happening::Premium(Installment { amount: Cents(amount), months })
    }

    fn reversal(amount: i64, months: u32) -> Happening {
        Happening::Reversal(Installment { amount: Cents(amount), months })
    }

    /// Steps through the happenings and says months applied and premium by year.
    fn check(happenings: &[Happening], months: u32, by_year: &[i64]) {
        let mut standing = PremiumStatus::default();
        for happening in happenings {
            standing.step(*happening, |_| ()).unwrap();
        }
        let found: Vec<i64> = standing.by_year.iter().map(|c| c.0).collect();
        assert_eq!((standing.months, found.as_slice()), (months, by_year), "{happenings:?}");
    }

    const LAPSE: Happening = Happening::Stop(StopReason::Lapse);

    #[test]
    fn the_policy_year_comes_from_the_months_applied() {
        check(&[premium(120_000, 12), premium(10_000, 1)], 13, &[120_000, 10_000]);
        check(&[premium(1_000, 0)], 0, &[1_000]);
        check(&[premium(120_000, 12), premium(55, 0)], 12, &[120_055]);
    }

    #[test]
    fn a_premium_over_a_years_end_is_split_by_months_and_the_later_year_gets_the_rest() {
        check(&[premium(100, 11), premium(100, 3)], 14, &[133, 67]);
        check(&[premium(100, 10), premium(101, 4)], 14, &[151, 50]);
        check(&[premium(100, 30)], 30, &[40, 40, 20]);
    }

    #[test]
    fn a_reversal_takes_the_latest_first() {
        check(&[premium(100, 12), premium(50, 1), reversal(50, 1)], 12, &[100, 0]);
        check(&[premium(120, 12), premium(20, 2), reversal(40, 4)], 10, &[100, 0]);
        check(&[premium(100, 1), LAPSE, premium(70, 1), reversal(70, 1)], 1, &[100]);
    }

    #[test]
    fn a_reversal_waits_for_its_premium() {
        check(&[reversal(100, 1), premium(100, 1)], 0, &[0]);
        check(&[reversal(100, 1), premium(100, 1), premium(100, 1)], 1, &[100]);
        check(&[reversal(150, 1), premium(100, 1), premium(100, 1)], 1, &[50]);
    }

    #[test]
    fn suspense_is_applied_as_one_premium_by_the_reinstatement() {
        let back = Happening::Reinstatement;
        check(&[premium(10, 11), LAPSE, premium(10, 1), premium(10, 1)], 11, &[10]);
        check(&[premium(10, 11), LAPSE, premium(11, 1), premium(10, 1), back], 13, &[21, 10]);
    }
}
