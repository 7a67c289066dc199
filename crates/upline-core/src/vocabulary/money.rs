//! Money: whole cents, checked arithmetic, never a float (rules §2).

use std::fmt;

/// An amount of money in cents.
///
/// One fact carries at most [`Cents::FACT_MAX`]. Sums of amounts are formed with the checked methods;
/// there are no `+` and `-` operators, so a wrap cannot be written by accident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(pub i64);

/// Why a text is no amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMoney {
    /// It is not a plain decimal number such as `990.00` or `-5`.
    Form,
    /// It is a number, but has more than two decimals.
    Decimals,
    /// It is a number, but beyond ±9,000,000,000,000.00.
    Range,
}

impl Cents {
    /// Nothing.
    pub const ZERO: Cents = Cents(0);
    /// The largest amount that one fact may carry: 9,000,000,000,000.00.
    pub const FACT_MAX: Cents = Cents(900_000_000_000_000);

    /// Reads `990.00`, `990.5`, `990` or `-5.00`.
    pub fn parse(text: &str) -> Result<Cents, NotMoney> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) {
            return Err(NotMoney::Form);
        }
        if fraction.len() > 2 {
            return Err(NotMoney::Decimals);
        }
        let scale = if fraction.len() == 1 { 10 } else { 1 };
        let whole: i64 = whole.parse().map_err(|_| NotMoney::Range)?;
        let fraction: i64 = fraction.parse().map_err(|_| NotMoney::Form)?;
        let cents = whole
            .checked_mul(100)
            .and_then(|c| c.checked_add(fraction * scale))
            .filter(|c| *c <= Self::FACT_MAX.0)
            .ok_or(NotMoney::Range)?;
        Ok(Cents(if negative { -cents } else { cents }))
    }

    /// The sum, unless it overflows.
    pub fn checked_add(self, other: Cents) -> Option<Cents> {
        self.0.checked_add(other.0).map(Cents)
    }

    /// The difference, unless it overflows.
    pub fn checked_sub(self, other: Cents) -> Option<Cents> {
        self.0.checked_sub(other.0).map(Cents)
    }

    /// True for 0.00.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// True above 0.00.
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Total(i128::from(self.0)).fmt(f)
    }
}

/// A sum of many amounts, in cents.
///
/// Wide enough that no ledger can overflow it: fewer than 2^64 postings of fewer than 2^63 cents each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Total(pub i128);

impl Total {
    /// Nothing.
    pub const ZERO: Total = Total(0);

    /// True for 0.00.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// As people read it: `-1,234,567.00`.
    pub fn separated(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        let digits = (cents / 100).to_string();
        let mut whole = String::new();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                whole.push(',');
            }
            whole.push(digit);
        }
        format!("{sign}{whole}.{:02}", cents % 100)
    }
}

impl std::ops::AddAssign<Cents> for Total {
    fn add_assign(&mut self, amount: Cents) {
        self.0 += i128::from(amount.0);
    }
}

impl std::ops::SubAssign<Cents> for Total {
    fn sub_assign(&mut self, amount: Cents) {
        self.0 -= i128::from(amount.0);
    }
}

impl std::ops::AddAssign<Total> for Total {
    fn add_assign(&mut self, other: Total) {
        self.0 += other.0;
    }
}

impl std::ops::Sub for Total {
    type Output = Total;
    fn sub(self, other: Total) -> Total {
        Total(self.0 - other.0)
    }
}

impl std::ops::Neg for Total {
    type Output = Total;
    fn neg(self) -> Total {
        Total(-self.0)
    }
}

impl From<Cents> for Total {
    fn from(amount: Cents) -> Total {
        Total(i128::from(amount.0))
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

/// A sum left the range of [`Cents`]. What a fact may carry is limited so that this cannot happen; who
/// meets it stops before anything is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sum of money left the range that the ledger can hold")]
pub struct Overflow;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_and_written_to_the_cent() {
        for (text, cents) in
            [("990.00", 99_000), ("990.5", 99_050), ("990", 99_000), ("-5.00", -500), ("0.07", 7)]
        {
            assert_eq!(Cents::parse(text), Ok(Cents(cents)), "{text}");
        }
        assert_eq!(Cents(-5).to_string(), "-0.05");
        assert_eq!(Cents(132_000).to_string(), "1320.00");
        assert_eq!(Cents::parse("9000000000000.00"), Ok(Cents::FACT_MAX));
    }

    #[test]
    fn thousands_are_separated_for_people() {
        for (cents, shown) in [
            (0, "0.00"),
            (-5, "-0.05"),
            (99_999, "999.99"),
            (-100_000, "-1,000.00"),
            (123_456_789, "1,234,567.89"),
        ] {
            assert_eq!(Total(cents).separated(), shown);
        }
    }

    #[test]
    fn what_is_no_amount_says_why() {
        for text in ["", "-", ".5", "5.", "1e5", "NaN", "+1.00", "1,200.00", " 1", "١"] {
            assert_eq!(Cents::parse(text), Err(NotMoney::Form), "{text:?}");
        }
        assert_eq!(Cents::parse("1200.001"), Err(NotMoney::Decimals));
        assert_eq!(Cents::parse("9000000000000.01"), Err(NotMoney::Range));
        assert_eq!(Cents::parse("99999999999999999999999"), Err(NotMoney::Range));
    }
}
