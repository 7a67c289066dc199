//! §2: exact rates and half-up rounding, with integers that hold every product.

use crate::vocabulary::rate::Rate;
use ethnum::I256;

/// How many of the units of [`exact`] make 1: a rate has at most 28 decimals.
pub(super) const ONE: i128 = 10_i128.pow(28);

/// A rate or share as a whole number of 10^-28. At most 10^29.
pub(super) fn exact(rate: Rate) -> i128 {
    let (digits, decimals) = rate.parts();
    digits * 10_i128.pow(28_u32.saturating_sub(decimals))
}

/// `amount · factor · numerator / denominator`, factors in units of 10^-28, rounded half-up.
pub(super) fn rounded(amount: i128, factors: [i128; 2], numerator: u64, denominator: u64) -> i128 {
    let [a, b] = factors.map(I256::from);
    let one = I256::from(ONE);
    round_ratio(amount, a * b * I256::from(numerator), one * one * I256::from(denominator))
}

/// `amount · numerator / denominator`, rounded to the nearest whole number, at .5 away from zero.
///
/// Long division of the amount, 32 bits at a time, so that the product is never formed whole: numerator and
/// denominator may have 220 bits.
pub(super) fn round_ratio(amount: i128, numerator: I256, denominator: I256) -> i128 {
    let (mut quotient, mut remainder) = (0_i128, I256::ZERO);
    for shift in [96, 64, 32, 0] {
        let digit = (amount.unsigned_abs() >> shift) & 0xFFFF_FFFF;
        let dividend = (remainder << 32_u32) + I256::from(digit) * numerator;
        quotient <<= 32;
        if dividend > I256::ZERO {
            let fits = dividend / denominator;
            quotient += fits.as_i128();
            remainder = dividend - fits * denominator;
        }
    }
    let half_or_more = remainder * I256::from(2) >= denominator;
    amount.signum() * (quotient + i128::from(half_or_more))
}
