//! Months and years, the periods that statements are made for.

use std::fmt;
use upline_core::time::{Day, Month};

/// A calendar month or a calendar year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// As it was written: `2026-06`, `2026`.
    text: String,
    /// Its first day.
    pub first: Day,
    /// Its last day.
    pub last: Day,
}

impl Period {
    pub fn month(month: Month) -> Period {
        Period { text: month.to_string(), first: month.first(), last: month.last() }
    }

    /// Reads `YYYY`.
    pub fn year(text: &str) -> Option<Period> {
        // Facts have dates in these years; elsewhere there is nothing to state.
        let first = Month::parse(&format!("{text}-01"))?.first();
        Some(Period { text: text.to_owned(), first, last: Day(first.plus_months(12).0 - 1) })
    }

    /// Whether a day lies in it.
    pub fn contains(&self, day: Day) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_begins_on_its_first_day_and_ends_on_its_last() {
        let month = Period::month(Month::parse("2024-02").unwrap());
        assert_eq!(
            (month.first.to_string(), month.last.to_string()),
            ("2024-02-01".into(), "2024-02-29".into())
        );
        let year = Period::year("2200").unwrap();
        assert_eq!((year.first.to_string(), year.last), ("2200-01-01".to_owned(), Day::LAST));
        assert!(month.contains(month.last) && !month.contains(month.last.next()));
        assert_eq!(month.to_string(), "2024-02");
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for text in ["", "26", "2026-01", "1899", "2201", "year"] {
            assert_eq!(Period::year(text), None, "{text}");
        }
    }
}
