//! Exact rates and shares, and the one rounding that the ledger knows (rules §2).

use crate::vocabulary::money::Cents;
use ethnum::I256;
use rust_decimal::Decimal;
use std::fmt;

/// An exact decimal between 0 and 10: a commission rate (`1.10` is 110%), a share, a cover, a percent.
///
/// Always normalised (`1.0` and `1.00` are the same rate with the same bytes), at most 28 decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(Decimal);

impl Rate {
    /// 0%.
    pub const ZERO: Rate = Rate(Decimal::ZERO);
    /// 100%.
    pub const ONE: Rate = Rate(Decimal::ONE);
    /// The largest rate that a grid may pay: 1000%.
    pub const MAX: Rate = Rate(Decimal::TEN);

    /// Reads a plain decimal such as `1.10`. `None` when it is not one, or is outside 0–10.
    pub fn parse(text: &str) -> Option<Rate> {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let edges =
            text.starts_with(|c: char| c.is_ascii_digit()) && text.ends_with(|c: char| c.is_ascii_digit());
        if !plain || !edges {
            return None;
        }
        Decimal::from_str_exact(text).ok().and_then(Self::new)
    }

    /// The rate of this value. `None` outside 0–10.
    pub fn new(value: Decimal) -> Option<Rate> {
        let value = value.normalize();
        (value >= Decimal::ZERO && value <= Decimal::TEN).then_some(Rate(value))
    }

    /// Its digits without the point, and how many of them stand behind it: 1.025 is (1025, 3).
    pub fn parts(self) -> (i128, u32) {
        (self.0.mantissa(), self.0.scale())
    }

    /// The rate of such parts. `None` when they are none.
    pub fn from_parts(mantissa: i128, scale: u32) -> Option<Rate> {
        Decimal::try_from_i128_with_scale(mantissa, scale).ok().and_then(Self::new)
    }

    /// The exact sum. `None` above 10.
    pub fn checked_add(self, other: Rate) -> Option<Rate> {
        self.0.checked_add(other.0).and_then(Self::new)
    }

    /// What this rate has above the other: the spread. Zero when it has nothing above it.
    pub fn above(self, other: Rate) -> Rate {
        Rate((self.0 - other.0).max(Decimal::ZERO).normalize())
    }

    /// As a percentage, for people: 1.025 is `102.5%`.
    pub fn percent(self) -> String {
        format!("{}%", (self.0 * Decimal::ONE_HUNDRED).normalize())
    }
}

impl fmt::Display for Rate {
    /// At least two decimals, as rates are printed in grids: `1.10`, `1.025`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.scale() < 2 { write!(f, "{:.2}", self.0) } else { self.0.fmt(f) }
    }
}

/// `amount · rate · share · num/den`, rounded half-up (away from zero at .5 of a cent).
///
/// Exact for every rate and share of up to 28 decimals: the product is formed in 128 bits, and in 256
/// where that is too narrow. `None` when the result is beyond what [`Cents`] holds, or `den` is 0.
pub fn portion(amount: Cents, rate: Rate, share: Rate, num: u32, den: u32) -> Option<Cents> {
    let ((r, r_scale), (s, s_scale)) = (rate.parts(), share.parts());
    narrow(amount, r, s, r_scale + s_scale, num, den)
        .or_else(|| wide(amount, r, s, r_scale + s_scale, num, den))
}

/// The usual case: everything fits into 128 bits.
fn narrow(amount: Cents, r: i128, s: i128, scale: u32, num: u32, den: u32) -> Option<Cents> {
    let product = i128::from(amount.0).checked_mul(r)?.checked_mul(s)?.checked_mul(i128::from(num))?;
    let divisor = 10i128.checked_pow(scale)?.checked_mul(i128::from(den))?;
    // A division of 64 bits is several times faster than one of 128, and nearly always enough.
    if let (Ok(p), Ok(d)) = (i64::try_from(product), i64::try_from(divisor)) {
        let (quotient, remainder) = (p.checked_div(d)?, p.checked_rem(d)?);
        let up = i64::from(remainder.unsigned_abs() >= d.unsigned_abs().div_ceil(2));
        return Some(Cents(quotient + up * p.signum()));
    }
    let (quotient, remainder) = (product.checked_div(divisor)?, product.checked_rem(divisor)?);
    let up = i128::from(remainder.unsigned_abs() >= divisor.unsigned_abs().div_ceil(2));
    i64::try_from(quotient + up * product.signum()).ok().map(Cents)
}

/// Rates with very many decimals. With both factors at 28 decimals the product stays below 2^255.
fn wide(amount: Cents, r: i128, s: i128, scale: u32, num: u32, den: u32) -> Option<Cents> {
    let product = I256::from(amount.0)
        .checked_mul(I256::from(r))?
        .checked_mul(I256::from(s))?
        .checked_mul(I256::from(num))?;
    let divisor = I256::from(10).checked_pow(scale)?.checked_mul(I256::from(den))?;
    let (quotient, remainder) = (product.checked_div(divisor)?, product.checked_rem(divisor)?);
    let twice = remainder.abs().checked_mul(I256::from(2))?;
    let up = if twice >= divisor { product.signum() } else { I256::ZERO };
    i64::try_from(quotient.checked_add(up)?).ok().map(Cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Rate {
        Rate::parse(text).unwrap()
    }

    fn check(amount: i64, r: &str, s: &str, num: u32, den: u32, expected: i64) {
        let found = portion(Cents(amount), rate(r), rate(s), num, den);
        assert_eq!(found, Some(Cents(expected)), "{amount} x {r} x {s} x {num}/{den}");
    }

    #[test]
    fn half_a_cent_rounds_away_from_zero() {
        check(10_001, "1", "0.5", 1, 1, 5_001);
        check(-10_001, "1", "0.5", 1, 1, -5_001);
        check(10_001, "1", "0.49999", 1, 1, 5_000);
        check(28_750, "0.95", "1", 1, 1, 27_313);
        check(120_000, "1.10", "1", 9, 12, 99_000);
        check(1, "1", "1", 1, 2, 1);
        check(1, "1", "1", 1, 3, 0);
    }

    #[test]
    fn a_share_of_28_decimals_is_exact_on_the_largest_amount() {
        let third = "0.3333333333333333333333333333";
        // 9e14 x 9.99… x 0.33… is a hair below 3e15; the product needs more than 128 bits.
        check(Cents::FACT_MAX.0, "9.999999999999999999999999999", third, 12, 12, 3_000_000_000_000_000);
        check(300, "1", third, 1, 1, 100);
    }

    #[test]
    fn narrow_and_wide_agree() {
        for amount in [-99_999_999_999i64, -50, -1, 0, 1, 49, 50, 51, 12_345_678_901_234] {
            for (r, s) in [("1.025", "1"), ("0.5", "0.5"), ("0.333", "0.0001"), ("1.4", "0.37")] {
                let (r, s) = (rate(r).parts(), rate(s).parts());
                let scale = r.1 + s.1;
                for (num, den) in [(1, 1), (9, 12), (7, 12), (1, 3)] {
                    let (n, w) = (
                        narrow(Cents(amount), r.0, s.0, scale, num, den),
                        wide(Cents(amount), r.0, s.0, scale, num, den),
                    );
                    assert_eq!(n, w, "{amount} {r:?} {s:?} {num}/{den}");
                }
            }
        }
    }

    #[test]
    fn a_rate_is_a_plain_decimal_from_0_to_10() {
        for text in ["", ".5", "5.", "-1", "1e2", "NaN", "10.1", "+1", "0.00000000000000000000000000001"] {
            assert_eq!(Rate::parse(text), None, "{text:?}");
        }
        assert_eq!(rate("1.10"), rate("1.1"));
        assert_eq!(rate("1.1").to_string(), "1.10");
        assert_eq!(rate("1.025").to_string(), "1.025");
        assert_eq!(rate("1.025").percent(), "102.5%");
        assert_eq!(rate("1.2").above(rate("1.15")), rate("0.05"));
        assert_eq!(rate("1.15").above(rate("1.2")), Rate::ZERO);
    }
}
