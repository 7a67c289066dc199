//! What a carrier pays for a product, and what it takes back when a policy stops (rules §§3, 6).

use super::content::{Members, object};
use super::rename::Rename;
use crate::vocabulary::names::{ByCode, Code, Naming};
use crate::vocabulary::rate::Rate;
use crate::vocabulary::words;

/// Policy years `first` to `last`, counted from 1; no last year: for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first number that fits.
    pub first: u16,
    /// The last number that fits; none: no end.
    pub last: Option<u16>,
}

impl Span {
    /// Reads `1`, `2-10` or `11+`.
    pub fn parse(text: &str) -> Option<Span> {
        let number = |s: &str| {
            let digits = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
            if digits { s.parse::<u16>().ok() } else { None }
        };
        if let Some(first) = text.strip_suffix('+') {
            return Some(Span { first: number(first)?, last: None });
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (number(first)?, number(last)?);
        (first <= last).then_some(Span { first, last: Some(last) })
    }

    /// Whether the number lies in it.
    pub fn fits(self, number: u32) -> bool {
        number >= u32::from(self.first) && self.last.is_none_or(|last| number <= u32::from(last))
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.last {
            None => write!(f, "{}+", self.first),
            Some(last) if last == self.first => write!(f, "{last}"),
            Some(last) => write!(f, "{}-{last}", self.first),
        }
    }
}

/// A band of policy years and its rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The policy years.
    pub years: Span,
    /// The rate on the premium of those years.
    pub rate: Rate,
}

/// Lines of business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineOfBusiness {
    FinalExpense,
    /// Term life.
    Term,
    WholeLife,
    /// Indexed universal life.
    Iul,
    Annuity,
    MedicareAdvantage,
    MedicareSupplement,
    /// Prescription drug plan.
    Pdp,
    Health,
    /// Anything else.
    Other,
}

words!(LineOfBusiness {
    FinalExpense = "final_expense",
    Term = "term",
    WholeLife = "whole_life",
    Iul = "iul",
    Annuity = "annuity",
    MedicareAdvantage = "medicare_advantage",
    MedicareSupplement = "medicare_supplement",
    Pdp = "pdp",
    Health = "health",
    Other = "other",
});

/// Why a policy stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopReason {
    /// The premium was not paid.
    Lapse,
    /// The owner gave it up for its cash value.
    Surrender,
    /// The insured died.
    Death,
    /// It reached its end.
    Maturity,
    /// It became another policy.
    Conversion,
    /// Another policy took its place.
    Replaced,
    /// The owner did not take it.
    NotTaken,
    /// The owner sent it back within the free-look days.
    FreeLook,
    /// The carrier or a court voided it.
    Rescission,
}

words!(StopReason {
    Lapse = "lapse",
    Surrender = "surrender",
    Death = "death",
    Maturity = "maturity",
    Conversion = "conversion",
    Replaced = "replaced",
    NotTaken = "not_taken",
    FreeLook = "free_look",
    Rescission = "rescission",
});

impl StopReason {
    /// The rule where the grid's table has none (rules §6).
    pub fn default_rule(self) -> Rule {
        match self {
            StopReason::FreeLook | StopReason::NotTaken | StopReason::Rescission => Rule::Full,
            StopReason::Maturity => Rule::None,
            _ => Rule::ProRata,
        }
    }

    /// A stop that undoes the policy from its beginning (rules §7).
    pub fn voids(self) -> bool {
        matches!(self, StopReason::FreeLook | StopReason::NotTaken | StopReason::Rescission)
    }
}

/// What a payee may keep when a policy stops (rules §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// What it has earned.
    ProRata,
    /// Nothing.
    Full,
    /// Everything: the carrier forgives the rest.
    None,
    /// All but this part of what it holds.
    Percent(Rate),
}

impl Rule {
    /// Reads `pro_rata`, `full`, `none` or `percent:0.70` (a percent outside 0–1 is no rule).
    pub fn parse(text: &str) -> Option<Rule> {
        match text {
            "pro_rata" => Some(Rule::ProRata),
            "full" => Some(Rule::Full),
            "none" => Some(Rule::None),
            _ => {
                let percent = Rate::parse(text.strip_prefix("percent:")?)?;
                (percent <= Rate::ONE).then_some(Rule::Percent(percent))
            }
        }
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Rule::ProRata => f.write_str("pro_rata"),
            Rule::Full => f.write_str("full"),
            Rule::None => f.write_str("none"),
            Rule::Percent(percent) => write!(f, "percent:{percent}"),
        }
    }
}

/// Which months the rows of a chargeback table speak of (pay.md §10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChargebackMonths {
    /// Those for which premium was applied.
    #[default]
    Paid,
    /// The calendar months since the issue that are over.
    Elapsed,
}

words!(ChargebackMonths { Paid = "paid", Elapsed = "elapsed" });

/// One row of a grid's chargeback table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargebackRow {
    pub reason: StopReason,
    /// with so many months, applied or elapsed as the grid says,
    pub months: Span,
    pub rule: Rule,
}

/// What a carrier pays for a product, from a day on.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid<N: Naming> {
    pub carrier: N::Carrier,
    pub product: Code,
    /// The line of business.
    pub line: Option<LineOfBusiness>,
    /// The bands of each level, sorted by level. Where bands overlap the first fits.
    pub levels: Vec<(Code, Vec<Band>)>,
    /// What is charged back; the first row that fits, else the reason's default.
    pub chargeback: Vec<ChargebackRow>,
    /// Which months its rows speak of.
    pub chargeback_months: ChargebackMonths,
}

impl<N: Naming> Grid<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<Grid<T>, R::Error> {
        Ok(Grid {
            carrier: r.carrier("carrier", &self.carrier)?,
            product: self.product.clone(),
            line: self.line,
            levels: self.levels.clone(),
            chargeback: self.chargeback.clone(),
            chargeback_months: self.chargeback_months,
        })
    }

    /// The bands of a level, where the grid names it.
    pub fn bands(&self, level: &Code) -> Option<&[Band]> {
        self.levels.iter().find(|(code, _)| code == level).map(|(_, bands)| bands.as_slice())
    }
}

impl Grid<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("carrier", self.carrier.as_str());
        if !self.chargeback.is_empty() {
            m.list("chargeback", &self.chargeback, |row, out| {
                object(out, |m| {
                    m.quoted("months", row.months);
                    m.text("reason", row.reason.as_str());
                    m.quoted("rule", row.rule);
                });
            });
        }
        if self.chargeback_months != ChargebackMonths::Paid {
            m.text("chargeback_months", self.chargeback_months.as_str());
        }
        m.object("levels", |m| {
            for (level, bands) in &self.levels {
                m.list(level.as_str(), bands, |band, out| {
                    object(out, |m| {
                        m.rate("rate", band.rate);
                        m.quoted("years", band.years);
                    });
                });
            }
        });
        m.optional_text("line", self.line.map(|line| line.as_str()));
        m.text("product", self.product.as_str());
    }
}

/// The rate of a policy year (from 1): of the first band that fits; a year in no band pays nothing.
pub fn rate_in(bands: &[Band], year: u32) -> Rate {
    bands.iter().find(|band| band.years.fits(year)).map_or(Rate::ZERO, |band| band.rate)
}

/// The chargeback rule of a stop with so many months applied (rules §6).
pub fn rule_for(table: &[ChargebackRow], reason: StopReason, months: u32) -> Rule {
    table
        .iter()
        .find(|row| row.reason == reason && row.months.fits(months))
        .map_or(reason.default_rule(), |row| row.rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_fit() {
        let fits = |text: &str, n| Span::parse(text).map(|span| span.fits(n));
        assert_eq!((fits("1", 1), fits("1", 2)), (Some(true), Some(false)));
        assert_eq!((fits("2-10", 10), fits("2-10", 11)), (Some(true), Some(false)));
        assert_eq!((fits("11+", 10), fits("11+", 4000)), (Some(false), Some(true)));
        for bad in ["", "+", "10-2", "a", "1-", "-1", "1.5", "70000"] {
            assert_eq!(Span::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_first_band_that_fits_counts() {
        let band = |years: &str, rate: &str| Band {
            years: Span::parse(years).unwrap(),
            rate: Rate::parse(rate).unwrap(),
        };
        let bands = [band("1", "1.10"), band("1-3", "0.05"), band("5+", "0.02")];
        let found: Vec<String> = (1..=5).map(|year| rate_in(&bands, year).to_string()).collect();
        assert_eq!(found, ["1.10", "0.05", "0.05", "0.00", "0.02"]);
    }

    #[test]
    fn a_percent_lies_between_0_and_1() {
        assert_eq!(Rule::parse("percent:0.70").map(|r| r.to_string()).as_deref(), Some("percent:0.70"));
        assert_eq!(Rule::parse("percent:1.01"), None);
        assert_eq!(Rule::parse("percent"), None);
    }
}
