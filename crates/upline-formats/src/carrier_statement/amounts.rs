//! How carriers write amounts and rates, and how they are read without a float.

use serde::Deserialize;
use upline_core::money::{Cents, NotMoney};
use upline_core::rate::Rate;

/// How a carrier marks an amount below zero in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Negative {
    /// `-12.00`
    Minus,
    /// `(12.00)`
    Parentheses,
    /// `12.00-`
    TrailingMinus,
    /// `12.00CR`
    Cr,
    /// `12.00DR`
    Dr,
}

/// How a carrier writes amounts as text. A number in a cell of a sheet needs none of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AmountForm {
    /// The marks of an amount below zero that are accepted.
    pub negative: Vec<Negative>,
    /// What stands before the cents.
    pub decimal: char,
    /// What stands between groups of three digits, if anything may.
    pub thousands: Option<char>,
    /// A currency's sign that may stand in front.
    pub currency: Option<String>,
}

impl Default for AmountForm {
    fn default() -> AmountForm {
        AmountForm { negative: vec![Negative::Minus], decimal: '.', thousands: None, currency: None }
    }
}

impl AmountForm {
    /// Reads an amount as the carrier writes it. The sentence says why a text is none.
    pub fn parse(&self, text: &str) -> Result<Cents, String> {
        let text = self.without_currency(text.trim());
        let (negative, digits) = self.without_sign(text);
        let digits = if negative { self.without_currency(digits) } else { digits };
        let amount = money(&self.plain(digits).ok_or_else(|| self.form())?)?;
        Ok(if negative { Cents(-amount.0) } else { amount })
    }

    fn without_currency<'t>(&self, text: &'t str) -> &'t str {
        self.currency.as_deref().and_then(|sign| text.strip_prefix(sign)).map_or(text, str::trim_start)
    }

    /// Whether a mark of the profile says that the amount is below zero, and the amount without it.
    fn without_sign<'t>(&self, text: &'t str) -> (bool, &'t str) {
        let without = |mark: &Negative| match mark {
            Negative::Minus => text.strip_prefix('-'),
            Negative::Parentheses => text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')),
            Negative::TrailingMinus => text.strip_suffix('-'),
            Negative::Cr => text.strip_suffix("CR"),
            Negative::Dr => text.strip_suffix("DR"),
        };
        match self.negative.iter().find_map(without) {
            Some(rest) => (true, rest.trim()),
            None => (false, text),
        }
    }

    /// The digits with a point before the cents. Groups must be whole: `1,23` is not 123.
    fn plain(&self, text: &str) -> Option<String> {
        let (whole, cents) = match text.split_once(self.decimal) {
            Some((whole, cents)) => (whole, Some(cents)),
            None => (text, None),
        };
        let groups: Vec<&str> = whole.split(|c| Some(c) == self.thousands).collect();
        let (first, others) = groups.split_first()?;
        let whole_groups = (1..=3).contains(&first.len()) && others.iter().all(|group| group.len() == 3);
        let plain = groups.concat();
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if !others.is_empty() && !whole_groups || !digits(&plain) || !digits(cents.unwrap_or_default()) {
            return None;
        }
        Some(match cents {
            Some(cents) if plain.is_empty() => format!("0.{cents}"),
            Some(cents) => format!("{plain}.{cents}"),
            None => plain,
        })
    }

    fn form(&self) -> String {
        let group = self.thousands.map_or(String::new(), String::from);
        format!("it is no amount of the profile's form, such as 1{group}234{}56", self.decimal)
    }
}

/// A plain decimal as money.
pub(super) fn money(plain: &str) -> Result<Cents, String> {
    Cents::parse(plain).map_err(|why| match why {
        NotMoney::Form => "it is no amount".to_owned(),
        NotMoney::Decimals => "an amount has at most two decimals".to_owned(),
        NotMoney::Range => format!("the largest amount is {}", Cents::FACT_MAX),
    })
}

/// The number of a cell as people see it: with 15 significant digits, which is what Excel holds and shows.
/// A cell that shows 110.1 may store 110.10000000000001; it is 110.1.
///
/// There is no arithmetic in it: the digits are written, cut to 15, and read. None for a number of more than
/// 15 digits before its point, which Excel has rounded already, and for what is no number.
pub(super) fn number_text(value: f64) -> Option<String> {
    if !value.is_finite() || value.abs() >= 1e15 {
        return None;
    }
    let rounded: f64 = format!("{value:.14e}").parse().ok()?;
    Some(rounded.to_string())
}

/// How a carrier writes rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RateForm {
    /// `1.10` is 110%. A cell that Excel shows as 110% holds this.
    #[default]
    Factor,
    /// `110` and `110%` are 110%.
    Percent,
}

impl RateForm {
    /// Reads a rate as the carrier writes it.
    pub fn parse(self, text: &str) -> Option<Rate> {
        if self == RateForm::Factor {
            return Rate::parse(text);
        }
        let digits = text.strip_suffix('%').unwrap_or(text).trim_end();
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        // The point moves two places to the left.
        let padded = format!("{whole:0>3}");
        let (units, percent) = padded.split_at_checked(padded.len().checked_sub(2)?)?;
        (!whole.is_empty()).then(|| Rate::parse(&format!("{units}.{percent}{fraction}"))).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn american() -> AmountForm {
        AmountForm {
            negative: vec![Negative::Parentheses, Negative::Minus, Negative::TrailingMinus, Negative::Cr],
            decimal: '.',
            thousands: Some(','),
            currency: Some("$".into()),
        }
    }

    #[test]
    fn amounts_are_read_as_carriers_write_them() {
        for (text, cents) in [
            ("1,234.56", 123_456),
            ("1234.56", 123_456),
            ("$1,234.56", 123_456),
            ("-$5.00", -500),
            ("$-5.00", -500),
            ("($ 5.00)", -500),
            ("5.00-", -500),
            ("5.00 CR", -500),
            (".50", 50),
            (" 12 ", 1_200),
            ("1,234,567.8", 123_456_780),
            ("-0.00", 0),
        ] {
            assert_eq!(american().parse(text), Ok(Cents(cents)), "{text:?}");
        }
        let german = AmountForm { decimal: ',', thousands: Some('.'), ..AmountForm::default() };
        assert_eq!(german.parse("-1.234,56"), Ok(Cents(-123_456)));
        assert_eq!(german.parse("1.234"), Ok(Cents(123_400)));
        assert!(german.parse("1,234.56").is_err());
    }

    #[test]
    fn what_is_no_amount_is_never_guessed() {
        for text in [
            "",
            "-",
            "$",
            "()",
            "(5.00",
            "5.00)",
            "--5",
            "(-5.00)",
            "1,23",
            "1,2345",
            "1234,567",
            ",123",
            "5.",
            ".",
            "1e5",
            "NaN",
            "+5.00",
            "5.00 DR",
            "5 0",
            "€5",
            "١",
            "$$5",
            "12.00 USD",
            "1.2.3",
            "0x10",
        ] {
            assert!(american().parse(text).is_err(), "{text:?}");
        }
        assert!(american().parse("1.005").unwrap_err().contains("two decimals"));
        assert!(american().parse("9,000,000,000,000.01").unwrap_err().contains("largest"));
        assert!(AmountForm::default().parse("(5.00)").is_err());
        assert!(AmountForm::default().parse("1,234.00").is_err());
    }

    #[test]
    fn a_number_of_a_cell_is_what_excel_shows() {
        for (value, text) in [
            (110.10000000000001, "110.1"),
            (-0.1, "-0.1"),
            (1234567.0, "1234567"),
            (0.30000000000000004, "0.3"),
            (1.005, "1.005"),
            (999999999999999.0, "999999999999999"),
            (1e-7, "0.0000001"),
        ] {
            assert_eq!(number_text(value).as_deref(), Some(text));
        }
        for value in [1e15, -1e300, f64::NAN, f64::INFINITY] {
            assert_eq!(number_text(value), None);
        }
    }

    #[test]
    fn every_amount_survives_a_cell() {
        for cents in (-200_000i64..200_000).step_by(7).chain([1, -1, 99_999_999_999_999, -12_345_678_901_234])
        {
            let text = Cents(cents).to_string();
            let cell = number_text(text.parse::<f64>().unwrap()).unwrap();
            assert_eq!(Cents::parse(&cell), Ok(Cents(cents)), "{text}");
        }
    }

    #[test]
    fn rates_are_read_as_percent_or_factor() {
        let rate = |text| Rate::parse(text).unwrap();
        assert_eq!(RateForm::Percent.parse("110"), Some(rate("1.10")));
        assert_eq!(RateForm::Percent.parse("102.5%"), Some(rate("1.025")));
        assert_eq!(RateForm::Percent.parse("2.5 %"), Some(rate("0.025")));
        assert_eq!(RateForm::Percent.parse("0"), Some(Rate::ZERO));
        assert_eq!(RateForm::Factor.parse("1.1"), Some(rate("1.10")));
        for text in ["", "%", "-5", "5,5", "1100", "ten", "5.5.5", "é"] {
            assert_eq!(RateForm::Percent.parse(text), None, "{text:?}");
        }
    }
}
