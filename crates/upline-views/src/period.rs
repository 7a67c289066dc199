//! Months and years, the periods that statements are made for.

use std::fmt;
use upline_core::time::Day;

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
    /// Reads `YYYY-MM`.
    pub fn month(text: &str) -> Option<Period> {
        Period::of(text, &format!("{text}-01"), 1)
    }

    /// Reads `YYYY`.
    pub fn year(text: &str) -> Option<Period> {
        Period::of(text, &format!("{text}-01-01"), 12)
    }

    fn of(text: &str, first: &str, months: u32) -> Option<Period> {
        // Facts have dates in these years; elsewhere there is nothing to state.
        let first = Day::parse(first).filter(|day| (Day::FIRST..=Day::LAST).contains(day))?;
        Some(Period { text: text.to_owned(), first, last: Day(first.plus_months(months).0 - 1) })
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
        let month = Period::month("2024-02").unwrap();
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
        for text in [
            "",
            "2026",
            "2026-13",
            "2026-00",
            "2026-6",
            "26-06",
            "2026-06-01",
            "2026/06",
            "1899-12",
            "2201-01",
        ] {
            assert_eq!(Period::month(text), None, "{text}");
        }
        for text in ["", "26", "2026-01", "1899", "2201", "year"] {
            assert_eq!(Period::year(text), None, "{text}");
        }
    }
}
