//! The days that are asked about: the same in every run, anywhere in what a book covers.

use crate::book::Book;
use crate::measure::{Draw, Result};
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::time::Day;
use upline_log::{OpenOptions, open_log_to_read};

/// 2016-01-04: the first policies of a generated book.
const FIRST: Day = Day(16_804);

/// Draws days, and what else is asked about.
pub struct Days {
    draw: Draw,
    days: u64,
}

impl Days {
    /// Days from the first policies to the last event of a book.
    pub fn of(book: &Book, seed: u64) -> Result<Days> {
        let mut last = FIRST;
        for batch in open_log_to_read(&book.ledger, &OpenOptions::default())?.read(book.events)? {
            last = batch?.1.last().map_or(last, |event| event.on.max(last));
        }
        Ok(Days { draw: Draw::new(seed), days: u64::from((last.0 - FIRST.0).unsigned_abs()) + 1 })
    }

    /// Another day.
    pub fn day(&mut self) -> Day {
        let after = self.draw.below(self.days);
        Day(FIRST.0 + i32::try_from(after).unwrap_or_default())
    }

    /// Some days.
    pub fn some(&mut self, count: usize) -> Vec<Day> {
        (0..count).map(|_| self.day()).collect()
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw.below(bound)
    }
}

/// As of a day, with all that is recorded.
pub fn as_of(day: Day) -> AsOf {
    AsOf { effective: day, known: Position::MAX }
}

/// Those of all questions that a turn asks.
pub fn of_turn<T>(all: &[T], turns: usize, turn: usize) -> &[T] {
    let each = all.len() / turns.max(1);
    all.get(turn * each..(turn + 1) * each).unwrap_or_default()
}
