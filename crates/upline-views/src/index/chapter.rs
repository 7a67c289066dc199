//! A chapter: the movements of a stretch of the log, told apart by day.
//!
//! # Shape
//! The log is cut into [`Chapters`] of as many events. Most of a chapter's movements are dated on few
//! days, its [`Span`]; they are kept by cell, each with its day and position packed into 32 bits (a
//! [`Window`]). What is dated earlier, because it was learned late, or later, because it lies ahead, is kept
//! apart ([`strays`]), so that a question about another time need not look into the window at all.
//!
//! # Correctness
//! How a chapter is cut into window and strays depends on its movements alone.

use super::holders::Cell;
use crate::rows::Movement;
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::time::Day;

/// A position within a chapter takes 17 bits, a day within a span the other 15 of 32.
const OFFSET_BITS: u32 = 17;
const OFFSET_MASK: u32 = (1 << OFFSET_BITS) - 1;
const SPAN_DAYS_MAX: i32 = (1 << (32 - OFFSET_BITS)) - 1;

/// How a log is cut into chapters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chapters {
    events: u64,
}

impl Default for Chapters {
    /// 2^16 events each.
    fn default() -> Chapters {
        Chapters { events: 1 << 16 }
    }
}

impl Chapters {
    /// Chapters of fewer events, at least one: for tests, which want many in a small log.
    pub fn of(events: u64) -> Chapters {
        Chapters { events: events.clamp(1, 1 << OFFSET_BITS) }
    }

    /// How many complete ones a log of this many events has.
    pub(super) fn complete(self, events: Position) -> u64 {
        events / self.events
    }

    /// The number, from 0, of the chapter that holds a position.
    pub(super) fn with(self, position: Position) -> u64 {
        position.saturating_sub(1) / self.events
    }

    /// The first position of a chapter.
    pub(super) fn first(self, number: u64) -> Position {
        number * self.events + 1
    }

    /// The last position of a chapter, once it is complete.
    pub(super) fn last(self, number: u64) -> Position {
        (number + 1) * self.events
    }
}

/// The days that most movements of a chapter are dated on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub from: Day,
    pub through: Day,
}

impl Span {
    /// The days of these movements without the few that lie far from all others: from the 2nd to the 98th
    /// percentile, and a quarter more on either side as far as there are movements. Wider, a question about a day
    /// in front would look into this chapter for little; narrower, there would be more strays for everybody.
    pub fn of(movements: &[Movement]) -> Span {
        let mut days: Vec<i32> = movements.iter().map(|movement| movement.dated.0).collect();
        let Some(last) = days.len().checked_sub(1) else { return Span { from: Day(0), through: Day(-1) } };
        let mut percentile = |of_hundred: usize| *days.select_nth_unstable(last * of_hundred / 100).1;
        let (low, high) = (percentile(2), percentile(98));
        // No wider than can be packed; whatever is left out of it is a stray.
        let high = high.min(low.saturating_add(SPAN_DAYS_MAX));
        let more = (high.saturating_sub(low) / 4).max(1).min((SPAN_DAYS_MAX - (high - low)) / 2);
        let (least, most) = (low.saturating_sub(more), high.saturating_add(more));
        let within = || days.iter().copied().filter(|day| (least..=most).contains(day));
        Span { from: Day(within().min().unwrap_or(low)), through: Day(within().max().unwrap_or(high)) }
    }

    /// Whether a day lies in it.
    pub fn holds(self, day: Day) -> bool {
        (self.from..=self.through).contains(&day)
    }
}

/// Those of these movements that do not lie in the span, in the order of positions.
pub(super) fn strays(movements: &[Movement], span: Span) -> Vec<Movement> {
    let mut strays: Vec<Movement> =
        movements.iter().filter(|movement| !span.holds(movement.dated)).copied().collect();
    strays.sort_by_key(|stray| stray.position);
    strays
}

/// The movements of a chapter that lie in its span, by cell.
#[derive(Debug)]
pub(super) struct Window {
    /// The first position of the chapter.
    first: Position,
    /// The first day of the span.
    from: Day,
    /// The cells that something moved on, ascending.
    cells: Vec<Cell>,
    /// Where the movements of each end.
    ends: Vec<u32>,
    /// Day and position: the days since the span's first, then the position within the chapter.
    keys: Vec<u32>,
    amounts: Vec<i64>,
}

/// What of a window counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// Days since the span's first.
    days: u32,
    /// The last position within the chapter.
    offset: u32,
}

impl Default for Window {
    /// Without any movement.
    fn default() -> Window {
        let (cells, ends, keys, amounts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Window { first: 1, from: Day(0), cells, ends, keys, amounts }
    }
}

impl Window {
    /// The window of these movements of the chapter that begins at a position. `cells` is how many cells there
    /// are.
    pub fn new(first: Position, movements: &[Movement], span: Span, cells: usize) -> Window {
        let within = || movements.iter().filter(|movement| span.holds(movement.dated));
        // Counting sort: where the movements of a cell go follows from how many the cells before it have.
        let mut places = vec![0u32; cells];
        for movement in within() {
            if let Some(count) = places.get_mut(movement.cell as usize) {
                *count += 1;
            }
        }
        let mut window = Window { first, from: span.from, ..Window::default() };
        let mut end = 0;
        for (cell, place) in (0..).zip(&mut places) {
            let count = std::mem::replace(place, end);
            if count > 0 {
                end += count;
                window.cells.push(cell);
                window.ends.push(end);
            }
        }
        window.keys = vec![0; end as usize];
        window.amounts = vec![0; end as usize];
        for movement in within() {
            let Some(place) = places.get_mut(movement.cell as usize) else { continue };
            let index = *place as usize;
            *place += 1;
            let days = (movement.dated.0 - span.from.0).unsigned_abs();
            let offset = offset(first, movement.position);
            if let (Some(key), Some(amount)) = (window.keys.get_mut(index), window.amounts.get_mut(index)) {
                *key = days << OFFSET_BITS | offset;
                *amount = movement.amount;
            }
        }
        window
    }

    /// What counts of it as of a day and up to a position; `None` where nothing does.
    pub fn cut(&self, at: AsOf) -> Option<Cut> {
        let days = u32::try_from(at.effective.0.saturating_sub(self.from.0)).ok()?;
        let offset = (at.known >= self.first).then(|| offset(self.first, at.known))?;
        Some(Cut { days: days.min(SPAN_DAYS_MAX.unsigned_abs()), offset })
    }

    /// Adds what counts to the sums of all cells.
    pub fn add_to(&self, sums: &mut [i64], cut: Cut) {
        let mut start = 0;
        for (cell, end) in self.cells.iter().zip(&self.ends) {
            let sum = self.sum(start, *end, cut);
            start = *end;
            if let Some(place) = sums.get_mut(*cell as usize) {
                *place += sum;
            }
        }
    }

    /// What counts on one cell.
    pub fn sum_of(&self, cell: Cell, cut: Cut) -> i64 {
        let Ok(index) = self.cells.binary_search(&cell) else { return 0 };
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(index).map_or(0, |end| self.sum(start, *end, cut))
    }

    #[inline]
    fn sum(&self, start: u32, end: u32, cut: Cut) -> i64 {
        let range = start as usize..end as usize;
        let keys = self.keys.get(range.clone()).unwrap_or_default();
        let amounts = self.amounts.get(range).unwrap_or_default();
        // Without a branch: which movements count is as good as random to a processor.
        let counts = |key: u32| key >> OFFSET_BITS <= cut.days && key & OFFSET_MASK <= cut.offset;
        keys.iter().zip(amounts).map(|(key, amount)| if counts(*key) { *amount } else { 0 }).sum()
    }
}

/// A position within the chapter that begins at another one, from 0; behind it, as its last.
fn offset(first: Position, position: Position) -> u32 {
    u32::try_from(position - first).unwrap_or(OFFSET_MASK).min(OFFSET_MASK)
}

/// Sums of the cells that are not zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub cells: Vec<Cell>,
    pub sums: Vec<i64>,
}

impl Sums {
    /// The sums that are not zero.
    pub fn of(all: &[i64]) -> Sums {
        let (cells, sums) =
            (0..).zip(all).filter(|(_, sum)| **sum != 0).map(|(cell, sum)| (cell, *sum)).unzip();
        Sums { cells, sums }
    }

    /// Adds them to the sums of all cells.
    pub fn add_to(&self, all: &mut [i64]) {
        for (cell, sum) in self.cells.iter().zip(&self.sums) {
            if let Some(place) = all.get_mut(*cell as usize) {
                *place += sum;
            }
        }
    }

    /// The sum of one cell.
    pub fn of_cell(&self, cell: Cell) -> i64 {
        self.cells.binary_search(&cell).ok().and_then(|at| self.sums.get(at)).copied().unwrap_or(0)
    }
}
