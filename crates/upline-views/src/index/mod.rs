//! The index in time: balances as of any day, as known at any position, without replaying the log.
//!
//! # Shape
//! Every posting changes sums of producers ([`holders`]). These movements are kept by chapters of the log
//! ([`chapter`]). At the end of each chapter stand the sums of everything up to there that is dated up to a
//! *horizon*: the last day of any chapter's span so far. What is dated beyond it is found among the strays. A
//! question (D, P) takes the sums of the last chapter that ends by P and whose horizon lies by D, and adds what
//! counts of the strays and of the chapters behind it: mostly one or two.
//!
//! The sums, strays and names of complete chapters are stored as snapshots ([`stored`]); the movements of a
//! chapter's span are read from the log when a question needs them, and kept.
//!
//! # Correctness
//! An answer is the same sum of the same postings as [`crate::balance::Balances`] adds up one by one, in another
//! order. Sums are 64 bits wide: they cannot overflow while the turnover, everything that moved in either
//! direction, fits into them, and where it does not, the index refuses ([`IndexError::TooLarge`]) and the slow
//! way answers.

mod by_code;
mod chapter;
mod holders;
mod question;
mod stored;

use crate::rows::{Movement, Rows, Wanted, read_ahead};
use by_code::ByCode;
use chapter::{Span, Sums, Window, strays};
use hashbrown::HashMap;
use rayon::prelude::*;
use std::ops::RangeInclusive;
use std::sync::OnceLock;
use upline_core::event::{Batch, Position};
use upline_core::names::PolicyId;
use upline_core::time::Day;
use upline_log::{EventLog, LogError};
use upline_store::Snapshot;

pub use chapter::Chapters;
pub(crate) use holders::{Cell, Holders, payee_of};
pub use stored::{verify_snapshots, write_snapshots};

/// Movements behind the last window of the unfinished chapter before that is made anew.
const LOOSE_MAX: usize = 8_192;

/// Whether the windows of chapters are kept once they are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Kept: for who asks often.
    Windows,
    /// Not even made: for who asks once, or only stores snapshots.
    #[default]
    Nothing,
}

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The events up to a position name something that was never added.
    #[error("an event up to position {0} names something that was never added")]
    Unknown(Position),
    /// So much money moved that sums might not fit into 64 bits.
    #[error("more money moved than the index can add up")]
    TooLarge,
}

/// A complete chapter, the n-th of the log.
#[derive(Debug)]
struct Chapter {
    span: Span,
    /// The last day of its span and of all before.
    horizon: Day,
    /// How many strays there are up to its end.
    strays: usize,
    /// The sums at its end of what is dated up to the horizon.
    sums: OnceLock<Sums>,
    window: OnceLock<Window>,
    /// What was stored of it.
    snapshot: Option<Snapshot>,
}

/// The chapter that is not complete yet.
#[derive(Debug, Default)]
struct Tail {
    movements: Vec<Movement>,
    /// How many of them are in the window and strays below.
    arranged: usize,
    window: Window,
    strays: Vec<Movement>,
}

impl Tail {
    /// Those that are in no window yet.
    fn loose(&self) -> &[Movement] {
        self.movements.get(self.arranged..).unwrap_or_default()
    }

    /// Arranges all movements by cell.
    fn arrange(&mut self, first: Position, cells: usize) {
        let span = Span::of(&self.movements);
        self.window = Window::new(first, &self.movements, span, cells);
        self.strays = strays(&self.movements, span);
        self.arranged = self.movements.len();
    }
}

/// What there was at the end of the last complete chapter.
#[derive(Clone, Debug, Default)]
struct Mark {
    carriers: usize,
    producers: usize,
    holders: usize,
    policies: usize,
    /// Policies of earlier chapters that got further payees since.
    further: Vec<PolicyId>,
}

/// Balances at any point in time; see the module.
#[derive(Debug, Default)]
pub struct Index {
    cutting: Chapters,
    keep: Keep,
    holders: Holders,
    chapters: Vec<Chapter>,
    /// Of all complete chapters, in the order of positions.
    strays: Vec<Movement>,
    strays_by_cell: OnceLock<HashMap<Cell, Vec<Movement>>>,
    tail: Tail,
    /// The position of the last event that is in it.
    through: Position,
    turnover: u64,
    mark: Mark,
    /// The sums of the last complete chapter, of all cells, where they were needed.
    running: Option<Vec<i64>>,
    /// Producers and their holders in the order of the producers' codes.
    by_code: OnceLock<ByCode>,
}

/// Hears of every chapter that becomes complete, with its number from 0, and the index as it is then.
pub type Completed<'a> = dyn FnMut(&Index, u64) -> Result<(), IndexError> + Send + 'a;

impl Index {
    /// An index of nothing.
    pub fn new(cutting: Chapters, keep: Keep) -> Index {
        Index { cutting, keep, ..Index::default() }
    }

    /// The index of a log, from its snapshots as far as they can be used, and what came after them.
    pub fn open(
        log: &dyn EventLog,
        cutting: Chapters,
        keep: Keep,
        snapshots: Vec<Snapshot>,
    ) -> Result<Index, IndexError> {
        let mut index = Index::load(cutting, keep, snapshots);
        match index.read_on(log, &mut |_, _| Ok(())) {
            Err(IndexError::Log(error @ LogError::Snapshot { .. })) => {
                tracing::warn!(%error, "snapshots are not used");
                index = Index::new(cutting, keep);
                index.read_on(log, &mut |_, _| Ok(()))?;
            }
            other => other?,
        }
        Ok(index)
    }

    /// The position of the last event that is in it.
    pub fn position(&self) -> Position {
        self.through
    }

    /// Reads everything that the log holds beyond what is in the index.
    pub fn read_on(&mut self, log: &dyn EventLog, completed: &mut Completed<'_>) -> Result<(), IndexError> {
        let ranges = self.ranges(log.len());
        read_ahead(log, ranges, Wanted::Postings, |end, rows| self.take(end, &rows, completed))
    }

    /// What is to be read of a log of this many events, chapter by chapter.
    pub(crate) fn ranges(&self, events: Position) -> impl Iterator<Item = RangeInclusive<Position>> + use<> {
        let (cutting, mut next) = (self.cutting, self.through + 1);
        std::iter::from_fn(move || {
            let end = cutting.last(cutting.with(next)).min(events);
            let range = next..=end;
            next = end + 1;
            (!range.is_empty()).then_some(range)
        })
    }

    /// Takes in the next of these ranges.
    pub(crate) fn take(
        &mut self,
        end: Position,
        rows: &[Rows],
        completed: &mut Completed<'_>,
    ) -> Result<(), IndexError> {
        if self.take_in(end, rows)? {
            completed(self, self.cutting.with(self.through))?;
            self.mark = self.mark_here();
        }
        Ok(())
    }

    /// Takes in events that were just recorded behind those that are in it.
    pub fn absorb(&mut self, batch: &Batch) -> Result<(), IndexError> {
        let first = self.through + 1;
        let last = self.through + batch.len() as Position;
        while self.through < last {
            let end = self.cutting.last(self.number()).min(last);
            let rows = Rows::of_batch(first, batch, &(self.through + 1..=end));
            self.take(end, &[rows], &mut |_, _| Ok(()))?;
        }
        Ok(())
    }

    /// The number of the chapter that is not complete.
    fn number(&self) -> u64 {
        self.chapters.len() as u64
    }

    fn mark_here(&self) -> Mark {
        Mark {
            carriers: self.holders.carriers.len(),
            producers: self.holders.producers.len(),
            holders: self.holders.holders.len(),
            policies: self.holders.policies.len(),
            further: Vec::new(),
        }
    }

    /// Takes in the events up to a position of the chapter that is not complete. Says whether it is then.
    fn take_in(&mut self, end: Position, rows: &[Rows]) -> Result<bool, IndexError> {
        let unknown = || IndexError::Unknown(end);
        let known = (self.holders.producers.len(), self.holders.holders.len());
        for part in rows {
            part.introduce(&mut self.holders, &mut self.mark.further).ok_or_else(unknown)?;
        }
        if (self.holders.producers.len(), self.holders.holders.len()) != known {
            self.by_code = OnceLock::new();
        }
        let holders = &self.holders;
        let parts: Option<Vec<Vec<Movement>>> = rows.par_iter().map(|part| part.movements(holders)).collect();
        let parts = parts.ok_or_else(unknown)?;
        for movement in parts.iter().flatten() {
            let turnover = self.turnover.checked_add(movement.amount.unsigned_abs());
            // Half of the range: what a sum is taken from or added to is a sum as well.
            self.turnover =
                turnover.filter(|turnover| *turnover <= i64::MAX as u64 / 2).ok_or(IndexError::TooLarge)?;
        }
        self.tail.movements.reserve(parts.iter().map(Vec::len).sum());
        parts.into_iter().for_each(|mut part| self.tail.movements.append(&mut part));
        self.through = end;
        if end == self.cutting.last(self.number()) {
            self.complete_chapter()?;
            return Ok(true);
        }
        if self.keep == Keep::Windows && self.tail.loose().len() > LOOSE_MAX {
            self.tail.arrange(self.cutting.first(self.number()), self.holders.cells());
        }
        Ok(false)
    }

    /// Makes a chapter of the tail, which holds all its events.
    fn complete_chapter(&mut self) -> Result<(), IndexError> {
        let first = self.cutting.first(self.number());
        let movements = std::mem::take(&mut self.tail).movements;
        let cells = self.holders.cells();
        let span = Span::of(&movements);
        let last = self.chapters.last();
        let before = last.map_or(Day(i32::MIN), |before| before.horizon);
        let horizon = span.through.max(before);
        let mut running = match (self.running.take(), last) {
            (Some(running), _) => running,
            (None, Some(last)) => {
                let mut running = vec![0; cells];
                last.sums()?.add_to(&mut running);
                running
            }
            (None, None) => Vec::new(),
        };
        running.resize(cells, 0);
        let mut add = |movement: &Movement| {
            if let Some(sum) = running.get_mut(movement.cell as usize) {
                *sum += movement.amount;
            }
        };
        let came_near = self.strays.iter().filter(|stray| stray.dated > before && stray.dated <= horizon);
        came_near.for_each(&mut add);
        movements.iter().filter(|movement| movement.dated <= horizon).for_each(&mut add);
        self.strays.append(&mut strays(&movements, span));
        self.strays_by_cell = OnceLock::new();
        let (sums, window) = (OnceLock::new(), OnceLock::new());
        let _ = sums.set(Sums::of(&running));
        if self.keep == Keep::Windows {
            let _ = window.set(Window::new(first, &movements, span, cells));
        }
        self.running = Some(running);
        let strays = self.strays.len();
        self.chapters.push(Chapter { span, horizon, strays, sums, window, snapshot: None });
        Ok(())
    }
}

impl Chapter {
    /// The sums at its end, which are read when they are first asked for.
    fn sums(&self) -> Result<&Sums, IndexError> {
        if let Some(sums) = self.sums.get() {
            return Ok(sums);
        }
        let sums = match &self.snapshot {
            Some(snapshot) => stored::read_sums(snapshot)?,
            None => Sums::default(),
        };
        Ok(self.sums.get_or_init(|| sums))
    }
}
