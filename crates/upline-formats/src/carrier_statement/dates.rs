//! How carriers write dates.

use serde::Deserialize;
use upline_core::time::Day;

/// How a carrier writes dates as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum DateForm {
    #[serde(rename = "YYYY-MM-DD")]
    Iso,
    #[serde(rename = "YYYYMMDD")]
    Digits,
    #[serde(rename = "MM/DD/YYYY")]
    American,
    #[serde(rename = "MM/DD/YY")]
    AmericanShort,
    #[serde(rename = "MM-DD-YYYY")]
    AmericanHyphens,
    #[serde(rename = "DD/MM/YYYY")]
    British,
    #[serde(rename = "DD.MM.YYYY")]
    German,
}

impl DateForm {
    /// As it is named in a profile.
    pub fn name(self) -> &'static str {
        match self {
            DateForm::Iso => "YYYY-MM-DD",
            DateForm::Digits => "YYYYMMDD",
            DateForm::American => "MM/DD/YYYY",
            DateForm::AmericanShort => "MM/DD/YY",
            DateForm::AmericanHyphens => "MM-DD-YYYY",
            DateForm::British => "DD/MM/YYYY",
            DateForm::German => "DD.MM.YYYY",
        }
    }

    /// Reads a date. Months and days between separators may have one digit; a year of two digits is of this
    /// century.
    pub fn parse(self, text: &str) -> Option<Day> {
        let mut parts = text.split(['-', '/', '.']);
        let mut next = || parts.next();
        let (year, month, day) = match self {
            DateForm::Iso => (next()?, next()?, next()?),
            DateForm::Digits => (text.get(0..4)?, text.get(4..6)?, text.get(6..8)?),
            DateForm::British | DateForm::German => {
                let (day, month) = (next()?, next()?);
                (next()?, month, day)
            }
            DateForm::American | DateForm::AmericanShort | DateForm::AmericanHyphens => {
                let (month, day) = (next()?, next()?);
                (next()?, month, day)
            }
        };
        let century = if self == DateForm::AmericanShort { "20" } else { "" };
        let day = Day::parse(&format!("{century}{year}-{month:0>2}-{day:0>2}"))?;
        if self == DateForm::Digits && text.len() != 8 {
            return None;
        }
        // What was written must be of this form throughout: the separators, and nothing behind.
        let separators: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
        let wanted: String = self.name().chars().filter(|c| !c.is_ascii_alphabetic()).collect();
        (separators == wanted && (Day::FIRST..=Day::LAST).contains(&day)).then_some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_profile_s_form_only() {
        let day = Day::parse("2026-07-01");
        for (form, text) in [
            (DateForm::Iso, "2026-07-01"),
            (DateForm::Digits, "20260701"),
            (DateForm::American, "07/01/2026"),
            (DateForm::American, "7/1/2026"),
            (DateForm::AmericanShort, "07/01/26"),
            (DateForm::AmericanHyphens, "07-01-2026"),
            (DateForm::British, "01/07/2026"),
            (DateForm::German, "1.7.2026"),
        ] {
            assert_eq!(form.parse(text), day, "{text}");
        }
        for text in [
            "",
            "07/01/26",
            "13/01/2026",
            "02/29/2026",
            "07-01-2026",
            "07/01/2026 ",
            "07/01/2026/",
            "7/1",
            "007/01/2026",
            "07/01/12026",
            "+7/01/2026",
            "07/01/0026",
            "é7/01/2026",
            "07/01/2026 00:00",
        ] {
            assert_eq!(DateForm::American.parse(text), None, "{text:?}");
        }
        for text in ["2026071", "202607010", "2026-7-1", "2026é01"] {
            assert_eq!(DateForm::Digits.parse(text), None, "{text:?}");
        }
    }
}
