//! Persistency as it is defined and as it was measured (rules §7); who belongs to a cohort is a rule of policies.

use super::content::{Members, write_text};
use super::grid::StopReason;
use super::rename::Rename;
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{Code, Naming};
use crate::vocabulary::rate::Rate;
use crate::vocabulary::words;
use ethnum::I256;
use std::fmt;

/// What a policy weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// 1 for each writing producer.
    Count,
    /// The annual premium times the producer's share.
    Premium,
}

words!(Basis { Count = "count", Premium = "premium" });

/// When a policy survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survival {
    /// At least X months were applied.
    PaidTo,
    /// It was in force on the date issue + X months.
    InForce,
}

words!(Survival { PaidTo = "paid_to", InForce = "in_force" });

/// How persistency is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What a policy weighs.
    pub basis: Basis,
    /// X: a policy counts from issue + X months on.
    pub from_months: u16,
    /// Y: a policy counts until before issue + Y months.
    pub to_months: u16,
    /// When a policy survives.
    pub survive: Survival,
    /// Stops for these reasons take a policy out of the cohort.
    pub exclude: Vec<StopReason>,
}

impl Definition {
    /// What a policy weighs for a producer with this share of it.
    pub fn weight(&self, annual_premium: Cents, share: Rate) -> Weight {
        match self.basis {
            Basis::Count => Weight::ONE,
            Basis::Premium => Weight::of(annual_premium, share),
        }
    }
}

/// A way to measure persistency.
#[derive(Clone, Debug, PartialEq)]
pub struct PersistencyDefined {
    /// Its code.
    pub definition: Code,
    /// How it measures.
    pub terms: Definition,
}

impl PersistencyDefined {
    pub(super) fn map<F: Naming, T: Naming, R: Rename<F, T>>(&self, _: &mut R) -> Result<Self, R::Error> {
        Ok(self.clone())
    }

    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("basis", self.terms.basis.as_str());
        m.text("definition", self.definition.as_str());
        if !self.terms.exclude.is_empty() {
            m.list("exclude", &self.terms.exclude, |reason, out| write_text(reason.as_str(), out));
        }
        m.plain("from_months", self.terms.from_months);
        m.text("survive", self.terms.survive.as_str());
        m.plain("to_months", self.terms.to_months);
    }
}

/// An exact sum of policies (basis `count`) or of cents of premium times shares (basis `premium`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(I256);

impl Weight {
    /// Units are held in 10^-28: the finest share that a [`Rate`] can be.
    const DECIMALS: u32 = 28;
    /// One policy.
    pub const ONE: Weight = Weight(I256::from_words(0, 10i128.pow(Self::DECIMALS)));

    /// Cents of premium times a share.
    fn of(premium: Cents, share: Rate) -> Weight {
        let (mantissa, scale) = share.parts();
        let unit = I256::from(10).pow(Self::DECIMALS.saturating_sub(scale));
        Weight(I256::from(premium.0) * I256::from(mantissa) * unit)
    }

    /// The sum. Below 2^147 a policy, so a sum of 2^64 of them stays far below 2^255.
    pub fn plus(self, other: Weight) -> Weight {
        Weight(self.0 + other.0)
    }

    /// The weight in 10^-28 units, as 32 bytes, big endian.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0.to_be_bytes()
    }

    /// The weight of such bytes. `None` below zero.
    pub fn from_bytes(bytes: [u8; 32]) -> Option<Weight> {
        let weight = I256::from_be_bytes(bytes);
        (weight >= I256::ZERO).then_some(Weight(weight))
    }

    /// As an exact decimal: policies (basis `count`), or premium in dollars with at least two decimals
    /// (basis `premium`; shares make it finer than a cent).
    pub fn exact(self, basis: Basis) -> String {
        let (decimals, least) = match basis {
            Basis::Count => (Self::DECIMALS, 0),
            Basis::Premium => (Self::DECIMALS + 2, 2),
        };
        let unit = I256::from(10).pow(decimals);
        let (whole, fraction) = (self.0 / unit, self.0 % unit);
        let mut digits =
            format!("{fraction:0>width$}", fraction = fraction.to_string(), width = decimals as usize);
        while digits.len() > least && digits.ends_with('0') {
            digits.pop();
        }
        if digits.is_empty() { whole.to_string() } else { format!("{whole}.{digits}") }
    }

    /// In whole units (policies or cents), rounded half-up.
    pub fn units(self) -> i128 {
        half_up(self.0, Weight::ONE.0).as_i128()
    }
}

/// A quotient of numbers that are not negative, rounded half-up.
fn half_up(dividend: I256, divisor: I256) -> I256 {
    (dividend * I256::from(2) + divisor) / (divisor * I256::from(2))
}

/// How much of a cohort survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Policies in the cohort.
    pub cohort: u64,
    /// Of these, policies that survive.
    pub surviving: u64,
    /// What the cohort weighs.
    pub cohort_weight: Weight,
    /// What the survivors weigh.
    pub surviving_weight: Weight,
}

impl Tally {
    /// Counts a policy of the cohort.
    pub fn count(&mut self, survives: bool, weight: Weight) {
        self.cohort += 1;
        self.cohort_weight = self.cohort_weight.plus(weight);
        if survives {
            self.surviving += 1;
            self.surviving_weight = self.surviving_weight.plus(weight);
        }
    }

    /// Adds what was counted of other policies.
    pub fn add(&mut self, other: &Tally) {
        self.cohort += other.cohort;
        self.surviving += other.surviving;
        self.cohort_weight = self.cohort_weight.plus(other.cohort_weight);
        self.surviving_weight = self.surviving_weight.plus(other.surviving_weight);
    }

    /// Whether surviving / cohort lies strictly above a rate, exactly. Never for an empty cohort.
    pub fn is_above(&self, rate: Rate) -> bool {
        let (mantissa, scale) = rate.parts();
        // Both sides stay below 2^255: a sum of 2^32 policies weighs below 2^180, a rate below 2^97.
        self.surviving_weight.0 * I256::from(10).pow(scale) > self.cohort_weight.0 * I256::from(mantissa)
    }

    /// How many of the survivors can fail until the ratio does not lie above a rate any more. `None` where it does not
    /// now. Of tallies that count policies.
    pub fn to_lose(&self, rate: Rate) -> Option<u64> {
        let holds = |lost: u64| {
            let mut without = *self;
            without.surviving_weight = Weight(self.surviving_weight.0 - Weight::ONE.0 * I256::from(lost));
            without.is_above(rate)
        };
        self.is_above(rate).then(|| least(self.surviving, |lost| !holds(lost)))
    }

    /// How many more of the cohort would have to survive for the ratio to lie above a rate. `None` where not even all
    /// are enough. Of tallies that count policies.
    pub fn to_reach(&self, rate: Rate) -> Option<u64> {
        let reached = |more: u64| {
            let mut with = *self;
            with.surviving_weight = Weight(self.surviving_weight.0 + Weight::ONE.0 * I256::from(more));
            with.is_above(rate)
        };
        let failing = self.cohort.saturating_sub(self.surviving);
        reached(failing).then(|| least(failing, reached))
    }

    /// Surviving / cohort in ten-thousandths, rounded half-up. `None` for an empty cohort.
    pub fn ratio(&self) -> Option<Ratio> {
        (self.cohort_weight > Weight::default()).then(|| {
            Ratio(half_up(self.surviving_weight.0 * I256::from(10_000), self.cohort_weight.0).as_u64())
        })
    }
}

/// The least number up to `most` of which this is true; it is true of all numbers beyond, and of `most`.
fn least(most: u64, is: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low + (high - low) / 2;
        if is(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// A ratio for printing, in ten-thousandths. Comparisons use the exact weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio(u64);

impl Ratio {
    /// It, in ten-thousandths.
    pub fn ten_thousandths(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:04}", self.0 / 10_000, self.0 % 10_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_exact_and_printed_half_up() {
        let mut tally = Tally::default();
        assert_eq!(tally.ratio(), None);
        for survives in [true, true, false] {
            tally.count(survives, Weight::of(Cents(10_000), Rate::parse("0.3333").unwrap()));
        }
        assert_eq!(tally.ratio().unwrap().to_string(), "0.6667");
        assert_eq!((tally.cohort, tally.surviving, tally.cohort_weight.units()), (3, 2, 9_999));
    }

    #[test]
    fn policies_to_a_tier_are_counted_exactly() {
        let tally = |surviving, cohort| {
            let mut tally = Tally::default();
            (0..cohort).for_each(|policy| tally.count(policy < surviving, Weight::ONE));
            tally
        };
        let rate = Rate::parse("0.80").unwrap();
        // 8 of 10 is not strictly above: one more is needed. 9 of 10 is, and loses that with one.
        assert_eq!((tally(8, 10).to_reach(rate), tally(8, 10).to_lose(rate)), (Some(1), None));
        assert_eq!((tally(9, 10).to_reach(rate), tally(9, 10).to_lose(rate)), (Some(0), Some(1)));
        assert_eq!((tally(100, 100).to_lose(rate), tally(0, 0).to_reach(rate)), (Some(20), None));
        assert_eq!(tally(1, 2).to_reach(Rate::ONE), None);
    }
}
