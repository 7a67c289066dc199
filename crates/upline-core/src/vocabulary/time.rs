//! The two clocks (rules §1): business days and recorded moments.

use chrono::{DateTime, Datelike, Months, NaiveDate, SecondsFormat, Utc};
use std::fmt;

/// A business day: days since 1970-01-01, between [`Day::FIRST`] and [`Day::LAST`] in facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// 1900-01-01, the first day that a fact may carry.
    pub const FIRST: Day = Day(-25_567);
    /// 2200-12-31, the last day that a fact may carry.
    pub const LAST: Day = Day(84_370);

    /// Reads `YYYY-MM-DD`, whatever the year.
    pub fn parse(text: &str) -> Option<Day> {
        let form = text.len() == 10
            && text
                .bytes()
                .enumerate()
                .all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        if !form {
            return None;
        }
        let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
        let year = i32::try_from(number(0..4)?).ok()?;
        NaiveDate::from_ymd_opt(year, number(5..7)?, number(8..10)?).map(Day::from)
    }

    /// This day, some months later; a day that the month lacks becomes its last (31 January + 1 month is
    /// 28 or 29 February). Saturates at the end of the calendar.
    pub fn plus_months(self, months: u32) -> Day {
        self.date().checked_add_months(Months::new(months)).map_or(Day(i32::MAX), Day::from)
    }

    /// The whole calendar months from this day to another: the most that [`Day::plus_months`] may go without going
    /// beyond it. None to an earlier day.
    pub fn months_until(self, other: Day) -> u32 {
        let (from, to) = (self.date(), other.date());
        let months = (i64::from(to.year()) - i64::from(from.year())) * 12 + i64::from(to.month())
            - i64::from(from.month());
        let months = u32::try_from(months).unwrap_or(0);
        // The last of them may not be over.
        if self.plus_months(months) <= other { months } else { months.saturating_sub(1) }
    }

    /// The day after.
    pub fn next(self) -> Day {
        Day(self.0.saturating_add(1))
    }

    fn date(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0.saturating_add(EPOCH_FROM_CE)).unwrap_or(NaiveDate::MAX)
    }
}

/// 1970-01-01 counted from the first of January of the year 1, as chrono counts.
const EPOCH_FROM_CE: i32 = 719_163;

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Day {
        Day(date.num_days_from_ce() - EPOCH_FROM_CE)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

/// A month of the calendar, as months since January 1900.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub u16);

impl Month {
    /// Reads `YYYY-MM`, from 1900-01 to 2200-12.
    pub fn parse(text: &str) -> Option<Month> {
        let first = Day::parse(&format!("{text}-01"))?;
        (Day::FIRST..=Day::LAST).contains(&first).then(|| Month::of(first))
    }

    /// The month of a day; the first or last that there is for a day beyond.
    pub fn of(day: Day) -> Month {
        let date = day.clamp(Day::FIRST, Day::LAST).date();
        let months = (date.year() - 1900) * 12 + date.month0().cast_signed();
        Month(u16::try_from(months).unwrap_or_default())
    }

    /// Its first day.
    pub fn first(self) -> Day {
        Day::FIRST.plus_months(u32::from(self.0))
    }

    /// Its last day.
    pub fn last(self) -> Day {
        Day(Day::FIRST.plus_months(u32::from(self.0) + 1).0 - 1)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", 1900 + self.0 / 12, self.0 % 12 + 1)
    }
}

/// When this ledger learned of something: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    /// Before everything.
    pub const EARLIEST: Moment = Moment(i64::MIN);

    /// Reads RFC 3339 in UTC (`…Z` or `…+00:00`). Digits beyond the microsecond are dropped.
    pub fn parse(text: &str) -> Option<Moment> {
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        (time.offset().local_minus_utc() == 0).then(|| Moment(time.timestamp_micros()))
    }

    /// The business day of this moment, in UTC.
    pub fn day(self) -> Day {
        Day(i32::try_from(self.0.div_euclid(86_400_000_000)).unwrap_or(i32::MAX))
    }
}

impl From<DateTime<Utc>> for Moment {
    fn from(time: DateTime<Utc>) -> Moment {
        Moment(time.timestamp_micros())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::<Utc>::from_timestamp_micros(self.0) {
            Some(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => write!(f, "{} µs", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn days_are_read_and_written() {
        assert_eq!(day("1970-01-01"), Day(0));
        assert_eq!((day("1900-01-01"), day("2200-12-31")), (Day::FIRST, Day::LAST));
        for text in ["2024-02-29", "1999-12-31", "2200-01-01"] {
            assert_eq!(day(text).to_string(), text);
        }
        for text in ["2025-13-01", "2023-02-29", "2025-1-1", "20250101", "2025-01-01T", "+025-01-01", ""] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn months_are_clamped_to_the_end_of_the_month() {
        assert_eq!(day("2025-01-31").plus_months(1), day("2025-02-28"));
        assert_eq!(day("2024-01-31").plus_months(1), day("2024-02-29"));
        assert_eq!(day("2024-12-15").plus_months(13), day("2026-01-15"));
    }

    #[test]
    fn months_are_over_on_the_day_that_they_lead_to() {
        let until = |from, to| day(from).months_until(day(to));
        assert_eq!((until("2025-01-31", "2025-02-27"), until("2025-01-31", "2025-02-28")), (0, 1));
        assert_eq!((until("2024-08-31", "2025-03-30"), until("2024-08-31", "2025-03-31")), (6, 7));
        assert_eq!((until("2025-01-15", "2025-01-15"), until("2025-01-15", "2024-01-01")), (0, 0));
    }

    #[test]
    fn a_month_has_its_days() {
        for (text, first, last) in [
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("1900-01", "1900-01-01", "1900-01-31"),
            ("2200-12", "2200-12-01", "2200-12-31"),
        ] {
            let month = Month::parse(text).unwrap();
            assert_eq!(month.to_string(), text);
            assert_eq!((month.first(), month.last()), (day(first), day(last)));
            assert_eq!((Month::of(day(first)), Month::of(day(last))), (month, month));
        }
        for text in ["2025-13", "2025-1", "202501", "1899-12", "2201-01", "2025-01-01", ""] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }

    #[test]
    fn moments_are_utc() {
        let moment = Moment::parse("2026-07-01T00:00:00Z").unwrap();
        assert_eq!(moment.to_string(), "2026-07-01T00:00:00Z");
        assert_eq!(moment.day(), day("2026-07-01"));
        assert_eq!(
            Moment::parse("2026-07-01T00:00:00.123456789Z").unwrap().to_string(),
            "2026-07-01T00:00:00.123456Z"
        );
        assert_eq!(Moment::parse("2026-07-01T02:00:00+02:00"), None);
        assert_eq!(Moment::parse("2026-07-01"), None);
    }
}
