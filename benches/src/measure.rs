//! What was measured: samples, their middle and their far end, and whose turn it is.
//!
//! # Correctness
//! Whoever is compared runs in turn (A B A B …), so that whatever else the machine does hits both. A figure
//! is the median of all samples of all turns, or a percentile where the row says so; never a mean, which one
//! hiccup of a shared machine would move.

use std::time::Instant;

/// Anything that ends a benchmark.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// What measuring gives, or why there is nothing.
pub type Result<T> = std::result::Result<T, Error>;

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Something a second; more is better.
    PerSecond,
    /// Seconds; fewer are better.
    Seconds,
    /// Bytes; fewer are better.
    Bytes,
    /// How many times as much; less is better.
    Times,
}

/// Which of the samples stands for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// Half of them are below.
    Median,
    /// All but one of a hundred are below.
    P99,
}

/// Samples of one figure.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Ascending; at least one.
    samples: Vec<f64>,
    /// What they count.
    pub unit: Unit,
    /// What of them is compared.
    pub statistic: Statistic,
}

impl Measured {
    /// These samples, of which the median is compared. An error where there are none.
    pub fn new(unit: Unit, mut samples: Vec<f64>) -> Result<Measured> {
        if samples.is_empty() {
            return Err("nothing was measured".into());
        }
        samples.sort_by(f64::total_cmp);
        Ok(Measured { samples, unit, statistic: Statistic::Median })
    }

    /// A figure that was counted, not timed.
    pub fn counted(unit: Unit, figure: f64) -> Measured {
        Measured { samples: vec![figure], unit, statistic: Statistic::Median }
    }

    /// The same samples, of which this is compared.
    pub fn by(self, statistic: Statistic) -> Measured {
        Measured { statistic, ..self }
    }

    /// The figure that is compared.
    pub fn figure(&self) -> f64 {
        match self.statistic {
            Statistic::Median => {
                // Of an even number of samples the one between the two in the middle.
                let half = self.samples.len().saturating_sub(1) / 2;
                let middle = |at: usize| self.samples.get(at).copied().unwrap_or_default();
                (middle(half) + middle(self.samples.len() / 2)) / 2.0
            }
            Statistic::P99 => self.percentile(99),
        }
    }

    /// The sample that so many of a hundred do not exceed.
    pub fn percentile(&self, of_hundred: usize) -> f64 {
        let last = self.samples.len().saturating_sub(1);
        self.samples.get((last * of_hundred).div_ceil(100)).copied().unwrap_or_default()
    }

    /// How many samples there are.
    pub fn count(&self) -> usize {
        self.samples.len()
    }

    /// How many times as good as another this is: of rates its part of the other, of everything else the
    /// other's part of it.
    pub fn times_as_good_as(&self, other: &Measured) -> f64 {
        match self.unit {
            Unit::PerSecond => self.figure() / other.figure(),
            Unit::Seconds | Unit::Bytes | Unit::Times => other.figure() / self.figure(),
        }
    }
}

/// One turn; says what it measured. The number is that of the turn, from 0.
type Turn<'a> = Box<dyn FnMut(usize) -> Result<Vec<f64>> + 'a>;

/// Somebody that is measured beside others.
pub struct Contender<'a> {
    /// Its name in the table.
    pub name: String,
    /// How many times as good as it Upline is to be.
    pub wanted: Option<f64>,
    unit: Unit,
    turn: Turn<'a>,
}

impl<'a> Contender<'a> {
    /// Somebody whose turns give samples in this unit.
    pub fn new(
        name: impl Into<String>,
        unit: Unit,
        turn: impl FnMut(usize) -> Result<Vec<f64>> + 'a,
    ) -> Contender<'a> {
        Contender { name: name.into(), wanted: None, unit, turn: Box::new(turn) }
    }

    /// The same, with how many times as good Upline is to be.
    pub fn wanted(self, times: f64) -> Contender<'a> {
        Contender { wanted: Some(times), ..self }
    }
}

/// Measures all of them, each once a turn. What comes back is in their order.
pub fn in_turn(turns: usize, contenders: &mut [Contender<'_>]) -> Result<Vec<Measured>> {
    let mut samples: Vec<Vec<f64>> = contenders.iter().map(|_| Vec::new()).collect();
    for turn in 0..turns {
        for (contender, samples) in contenders.iter_mut().zip(&mut samples) {
            let measured = (contender.turn)(turn).map_err(|error| format!("{}: {error}", contender.name))?;
            samples.extend(measured);
        }
    }
    contenders
        .iter()
        .zip(samples)
        .map(|(contender, samples)| Measured::new(contender.unit, samples))
        .collect()
}

/// Does something, and says how many seconds it took.
pub fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, f64)> {
    let began = Instant::now();
    let done = work()?;
    Ok((done, began.elapsed().as_secs_f64()))
}

/// Says on stderr what is being done.
pub fn progress(what: impl std::fmt::Display) {
    eprintln!("upline-bench: {what}");
}

/// Numbers that look random and are the same every time (SplitMix64): which days and producers are asked
/// about.
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Draw {
        Draw(seed)
    }

    /// The next number below a bound; 0 where the bound is.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).checked_rem(bound).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_far_end_of_samples() {
        let samples = (1..=200).rev().map(f64::from).collect();
        let measured = Measured::new(Unit::Seconds, samples).unwrap();
        assert_eq!((measured.percentile(0), measured.percentile(100)), (1.0, 200.0));
        assert_eq!(measured.figure(), 100.5);
        assert_eq!(Measured::new(Unit::Seconds, vec![3.0, 1.0, 2.0]).unwrap().figure(), 2.0);
        assert_eq!(measured.by(Statistic::P99).figure(), 199.0);
        assert!(Measured::new(Unit::Seconds, vec![]).is_err());
    }

    #[test]
    fn more_a_second_and_fewer_seconds_are_better() {
        let counted = Measured::counted;
        assert_eq!(counted(Unit::PerSecond, 8.0).times_as_good_as(&counted(Unit::PerSecond, 2.0)), 4.0);
        assert_eq!(counted(Unit::Seconds, 2.0).times_as_good_as(&counted(Unit::Seconds, 8.0)), 4.0);
    }

    #[test]
    fn turns_alternate() {
        let order = std::cell::RefCell::new(Vec::new());
        let contender = |name: &'static str| {
            let order = &order;
            Contender::new(name, Unit::Seconds, move |turn| {
                order.borrow_mut().push((name, turn));
                Ok(vec![1.0])
            })
        };
        let measured = in_turn(2, &mut [contender("a"), contender("b")]).unwrap();
        assert_eq!(measured.iter().map(Measured::count).collect::<Vec<_>>(), [2, 2]);
        assert_eq!(*order.borrow(), [("a", 0), ("b", 0), ("a", 1), ("b", 1)]);
    }
}
