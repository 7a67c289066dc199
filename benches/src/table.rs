//! The table: a row for each thing that was measured, in Markdown.

use crate::measure::{self, Contender, Measured, Statistic, Unit, in_turn};
use std::fmt::Write;

/// What a figure is held to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// At least so much.
    AtLeast(f64, Unit),
    /// At the most so much.
    AtMost(f64, Unit),
    /// Only what stands beside it counts.
    Beside,
}

/// Somebody that was measured in the same run.
#[derive(Debug)]
pub struct Beside {
    /// Who, and of how much where that is not the same.
    pub name: String,
    /// What was measured, or why nothing was.
    pub measured: Result<Measured, String>,
    /// How many times as good as it Upline is to be.
    pub wanted: Option<f64>,
    /// Whether it is another, and not a part of Upline that helps to read the figure.
    compared: bool,
}

impl Beside {
    /// Somebody that was measured.
    pub fn new(name: impl Into<String>, measured: Measured, wanted: Option<f64>) -> Beside {
        Beside { name: name.into(), measured: Ok(measured), wanted, compared: true }
    }

    /// A figure of Upline's own that helps to read the row's.
    pub fn own(name: impl Into<String>, measured: Measured) -> Beside {
        Beside { name: name.into(), measured: Ok(measured), wanted: None, compared: false }
    }

    /// Somebody that was not measured, and why.
    pub fn skipped(name: impl Into<String>, why: impl Into<String>) -> Beside {
        Beside { name: name.into(), measured: Err(why.into()), wanted: None, compared: false }
    }
}

/// A row of the table.
#[derive(Debug)]
pub struct Row {
    /// What `--only` calls it.
    pub key: &'static str,
    /// What was measured.
    pub what: String,
    /// In a ledger of how many events.
    pub events: u64,
    /// What it is held to.
    pub target: Target,
    /// What Upline has.
    pub ours: Option<Measured>,
    /// Who else was measured.
    beside: Vec<Beside>,
}

impl Row {
    /// A row in which nothing is measured yet.
    pub fn of(key: &'static str, what: impl Into<String>, events: u64, target: Target) -> Row {
        Row { key, what: what.into(), events, target, ours: None, beside: Vec::new() }
    }

    /// Measures Upline and others, all in turn.
    pub fn measured(
        mut self,
        turns: usize,
        ours: Contender<'_>,
        others: Vec<Contender<'_>>,
    ) -> measure::Result<Row> {
        let mut all: Vec<Contender<'_>> = std::iter::once(ours).chain(others).collect();
        let mut measured = in_turn(turns, &mut all)?.into_iter();
        self.ours = measured.next();
        let others = all.into_iter().skip(1).zip(measured);
        self.beside.extend(others.map(|(other, measured)| Beside::new(other.name, measured, other.wanted)));
        Ok(self)
    }

    /// The same row, with somebody else in it.
    pub fn beside(mut self, beside: impl IntoIterator<Item = Beside>) -> Row {
        self.beside.extend(beside);
        self
    }

    /// Whether every target was met: of those that could be compared. None where none could.
    fn met(&self) -> Option<bool> {
        let ours = self.ours.as_ref()?;
        let own = match self.target {
            Target::AtLeast(least, _) => Some(ours.figure() >= least),
            Target::AtMost(most, _) => Some(ours.figure() <= most),
            Target::Beside => None,
        };
        let beside = self.beside.iter().filter_map(|beside| {
            let measured = beside.measured.as_ref().ok()?;
            beside.wanted.map(|wanted| ours.times_as_good_as(measured) >= wanted)
        });
        own.into_iter().chain(beside).reduce(|all, one| all && one)
    }

    fn cells(&self) -> [String; 6] {
        let target = match self.target {
            Target::AtLeast(least, unit) => format!("≥ {}", shown(least, unit)),
            Target::AtMost(most, unit) => format!("≤ {}", shown(most, unit)),
            Target::Beside => "–".to_owned(),
        };
        let ours = self.ours.as_ref().map_or_else(|| "not measured yet".to_owned(), samples);
        let met = match self.met() {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "–",
        };
        let beside: Vec<String> = self.beside.iter().map(|beside| self.compared(beside)).collect();
        let beside = if beside.is_empty() { "–".to_owned() } else { beside.join("<br>") };
        [self.what.clone(), grouped(self.events), ours, target, met.to_owned(), beside]
    }

    /// Somebody else's figure, and how many times as good Upline is.
    fn compared(&self, beside: &Beside) -> String {
        let measured = match &beside.measured {
            Ok(measured) => measured,
            Err(why) => return format!("{}: skipped, {why}", beside.name),
        };
        let mut text = format!("{}: {}", beside.name, samples(measured));
        if let Some(ours) = self.ours.as_ref().filter(|_| beside.compared) {
            // Writing to a text cannot fail.
            let _ = write!(text, "; Upline {} as good", shown(ours.times_as_good_as(measured), Unit::Times));
            if let Some(wanted) = beside.wanted {
                let _ = write!(text, " (wanted {})", shown(wanted, Unit::Times));
            }
        } else if let Some(wanted) = beside.wanted {
            let _ = write!(text, " (wanted {} as good)", shown(wanted, Unit::Times));
        }
        text
    }
}

/// The rows as a table in Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let mut text =
        String::from("| what | events | Upline | target | met | beside it |\n|---|--:|---|---|---|---|\n");
    for row in rows {
        text.push_str("| ");
        text.push_str(&row.cells().join(" | "));
        text.push_str(" |\n");
    }
    text
}

/// The figure of samples, and how far they lie apart.
fn samples(measured: &Measured) -> String {
    let one = |figure| shown(figure, measured.unit);
    let figure = one(measured.figure());
    match (measured.count(), measured.statistic) {
        (1, _) => figure,
        (2..=20, Statistic::Median) => {
            format!("{figure} ({} to {})", one(measured.percentile(0)), one(measured.percentile(100)))
        }
        (_, Statistic::Median) => format!("{figure} (p99 {})", one(measured.percentile(99))),
        (_, Statistic::P99) => format!("p99 {figure} (p50 {})", one(measured.percentile(50))),
    }
}

/// A figure with its unit, three digits of it.
pub fn shown(figure: f64, unit: Unit) -> String {
    match unit {
        Unit::PerSecond if figure >= 1e6 => format!("{} million/s", digits(figure / 1e6)),
        Unit::PerSecond => format!("{}/s", digits(figure)),
        Unit::Seconds if figure >= 1.0 => format!("{} s", digits(figure)),
        Unit::Seconds if figure >= 1e-3 => format!("{} ms", digits(figure * 1e3)),
        Unit::Seconds => format!("{} µs", digits(figure * 1e6)),
        Unit::Bytes if figure >= 1e9 => format!("{} GB", digits(figure / 1e9)),
        Unit::Bytes if figure >= 1e6 => format!("{} MB", digits(figure / 1e6)),
        Unit::Bytes => format!("{} bytes", digits(figure)),
        Unit::Times => format!("{}x", digits(figure)),
    }
}

/// Three digits of a figure, grouped.
fn digits(figure: f64) -> String {
    match figure {
        // Whole numbers below; rounded to three digits above.
        figure if figure >= 1_000.0 => {
            let scale = 10f64.powf(figure.log10().floor() - 2.0);
            grouped(((figure / scale).round() * scale) as u64)
        }
        figure if figure >= 100.0 => format!("{figure:.0}"),
        figure if figure >= 10.0 => format!("{figure:.1}"),
        figure => format!("{figure:.2}"),
    }
}

/// A number with commas between its thousands.
pub fn grouped(number: u64) -> String {
    let plain = number.to_string();
    let mut text = String::new();
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_a_unit() {
        let cases = [
            (412_345.0, Unit::PerSecond, "412,000/s"),
            (4_123_450.0, Unit::PerSecond, "4.12 million/s"),
            (0.003_456, Unit::Seconds, "3.46 ms"),
            (0.000_012, Unit::Seconds, "12.0 µs"),
            (17.04, Unit::Bytes, "17.0 bytes"),
            (1.5, Unit::Times, "1.50x"),
        ];
        for (figure, unit, text) in cases {
            assert_eq!(shown(figure, unit), text);
        }
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_row_is_met_when_it_and_all_beside_it_are() {
        let rate = |figure| Measured::counted(Unit::PerSecond, figure);
        let row = |ours, other| Row {
            key: "record",
            what: "recording".to_owned(),
            events: 1_000,
            target: Target::AtLeast(250.0, Unit::PerSecond),
            ours,
            beside: vec![
                Beside::new("other", rate(other), Some(4.0)),
                Beside::skipped("none", "not installed"),
            ],
        };
        assert_eq!(row(Some(rate(400.0)), 100.0).met(), Some(true));
        assert_eq!(row(Some(rate(400.0)), 101.0).met(), Some(false));
        assert_eq!(row(Some(rate(200.0)), 1.0).met(), Some(false));
        assert_eq!(row(None, 1.0).met(), None);
        let text = markdown(&[row(Some(rate(400.0)), 100.0)]);
        let last = "| recording | 1,000 | 400/s | ≥ 250/s | yes | other: 100/s; Upline 4.00x as good (wanted 4.00x)\
            <br>none: skipped, not installed |\n";
        assert!(text.ends_with(last), "{text}");
    }
}
