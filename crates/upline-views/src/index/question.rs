//! What the index answers.

use super::by_code::ByCode;
use super::chapter::{Sums, Window};
use super::holders::{Cell, Holder, HolderId, LANES};
use super::{Chapter, Index, IndexError, Keep};
use crate::balance::{BalanceRow, By, Figures};
use crate::rows::{Movement, Wanted, read_rows};
use hashbrown::HashMap;
use rayon::prelude::*;
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::names::{CarrierId, Code, ProducerId};
use upline_log::EventLog;

/// Where the answer to a question begins.
struct Start<'a> {
    /// The last chapter whose sums count whole.
    base: Option<&'a Chapter>,
    /// The number of the chapter behind it.
    next: usize,
}

impl Index {
    /// The balances that are not zero, sorted by producer and carrier, null first. By policy there are none here:
    /// [`crate::balance::Balances`] knows them. `log` is the one that the index is of.
    pub fn balances(&self, log: &dyn EventLog, at: AsOf, by: By) -> Result<Vec<BalanceRow>, IndexError> {
        let sums = self.sums(log, at)?;
        let mut rows = Vec::new();
        for (producer, holders) in self.by_code().producers() {
            let Some((code, _)) = self.holders.producers.get(producer) else { continue };
            let mut tell = |carrier: Option<CarrierId>, figures: Figures| {
                if !figures.is_zero() {
                    let carrier = carrier.and_then(|id| self.holders.carriers.get(id)).cloned();
                    rows.push(BalanceRow { producer: code.clone(), carrier, policy: None, figures });
                }
            };
            let mut of_all = Figures::default();
            for (holder, carrier) in holders {
                let first = holder.0 as usize * LANES as usize;
                let own = sums.get(first..first + LANES as usize).unwrap_or_default();
                let figures = Holder { producer, carrier: *carrier }.figures();
                let mut of_one = Figures::default();
                let sum = if by == By::Producer { &mut of_all } else { &mut of_one };
                own.iter().zip(figures).for_each(|(amount, figure)| sum.add(figure, i128::from(*amount)));
                tell(*carrier, of_one);
            }
            tell(None, of_all);
        }
        Ok(rows)
    }

    /// The figures of one producer, with each carrier and with none, those that are zero as well.
    pub fn balances_of(
        &self,
        log: &dyn EventLog,
        at: AsOf,
        producer: ProducerId,
    ) -> Result<Vec<(Option<CarrierId>, Figures)>, IndexError> {
        let start = self.start(at);
        let windows = self.windows(log, at, &start)?;
        let mut answer = Vec::new();
        let base = start.base.map(Chapter::sums).transpose()?;
        for holder in self.holders.of(producer) {
            let figures = self.figures(*holder, |cell| self.sum_of(cell, at, &start, base, &windows));
            answer.push((self.holders.holders.get(*holder).and_then(|holder| holder.carrier), figures));
        }
        Ok(answer)
    }

    /// The producer of a code, where it had been added at a position.
    pub fn producer(&self, code: &Code, known: Position) -> Option<ProducerId> {
        let id = self.by_code().find(&self.holders, code)?;
        self.holders.producers.get(id).filter(|(_, added)| *added <= known).map(|_| id)
    }

    /// The code of a carrier.
    pub fn carrier(&self, id: CarrierId) -> Option<&Code> {
        self.holders.carriers.get(id)
    }

    /// Makes the windows of all chapters, for who will ask often.
    pub fn warm(&self, log: &dyn EventLog) -> Result<(), IndexError> {
        for number in 0..self.chapters.len() {
            self.window(log, number)?;
        }
        self.chapters.iter().try_for_each(|chapter| chapter.sums().map(|_| ()))
    }

    fn by_code(&self) -> &ByCode {
        self.by_code.get_or_init(|| ByCode::of(&self.holders))
    }

    fn figures(&self, holder: HolderId, sum: impl Fn(Cell) -> i64) -> Figures {
        let mut figures = Figures::default();
        let Some(known) = self.holders.holders.get(holder) else { return figures };
        for (lane, figure) in (0..LANES).zip(known.figures()) {
            figures.add(figure, i128::from(sum(holder.0 * LANES + lane)));
        }
        figures
    }

    /// The last chapter that ends by the position and whose horizon lies by the day: both never decrease.
    fn start(&self, at: AsOf) -> Start<'_> {
        let ended = usize::try_from(self.cutting.complete(at.known)).unwrap_or(usize::MAX);
        let near = self.chapters.partition_point(|chapter| chapter.horizon <= at.effective);
        let next = ended.min(near);
        Start { base: next.checked_sub(1).and_then(|base| self.chapters.get(base)), next }
    }

    /// The strays that count: up to the base those beyond its horizon, behind it all.
    fn strays_at<'a>(
        &self,
        at: AsOf,
        start: &Start<'a>,
        strays: &'a [Movement],
    ) -> impl Iterator<Item = &'a Movement> {
        let whole = start.next as u64;
        let whole = self.cutting.first(whole) - 1;
        let horizon = start.base.map(|base| base.horizon);
        strays.iter().filter(move |stray| {
            let in_sums = stray.position <= whole && horizon.is_some_and(|horizon| stray.dated <= horizon);
            stray.dated <= at.effective && stray.position <= at.known && !in_sums
        })
    }

    /// The chapters behind the base whose windows a question must look into.
    fn needed(&self, at: AsOf, start: &Start<'_>) -> impl Iterator<Item = usize> {
        let behind = self.chapters.iter().enumerate().skip(start.next);
        let begun = move |(number, _): &(usize, &Chapter)| self.cutting.first(*number as u64) <= at.known;
        behind.take_while(begun).filter(move |(_, c)| c.span.from <= at.effective).map(|(number, _)| number)
    }

    /// The windows behind the base that a question must look into.
    fn windows(&self, log: &dyn EventLog, at: AsOf, start: &Start<'_>) -> Result<Vec<&Window>, IndexError> {
        self.needed(at, start).map(|number| self.window(log, number)).collect()
    }

    /// Adds what counts of a chapter's window, straight from the log.
    fn add_from_log(
        &self,
        log: &dyn EventLog,
        at: AsOf,
        number: usize,
        sums: &mut [i64],
    ) -> Result<(), IndexError> {
        let (first, last) = (self.cutting.first(number as u64), self.cutting.last(number as u64));
        let unknown = || IndexError::Unknown(last);
        let span = self.chapters.get(number).ok_or_else(unknown)?.span;
        for rows in read_rows(log, first..=last.min(at.known), Wanted::Postings)? {
            let add = |m: Movement| {
                if m.dated <= at.effective && span.holds(m.dated) {
                    add(sums, &m);
                }
            };
            rows.each_movement(&self.holders, add).ok_or_else(unknown)?;
        }
        Ok(())
    }

    /// The window of a chapter, which is read from the log when it is first asked for.
    fn window(&self, log: &dyn EventLog, number: usize) -> Result<&Window, IndexError> {
        let (first, last) = (self.cutting.first(number as u64), self.cutting.last(number as u64));
        let unknown = || IndexError::Unknown(last);
        let chapter = self.chapters.get(number).ok_or_else(unknown)?;
        if let Some(window) = chapter.window.get() {
            return Ok(window);
        }
        let rows = read_rows(log, first..=last, Wanted::Postings)?;
        let parts: Option<Vec<Vec<Movement>>> =
            rows.par_iter().map(|part| part.movements(&self.holders)).collect();
        let movements: Vec<Movement> = parts.ok_or_else(unknown)?.into_iter().flatten().collect();
        let window = Window::new(first, &movements, chapter.span, self.holders.cells());
        Ok(chapter.window.get_or_init(|| window))
    }

    /// The sums of all cells at a point.
    fn sums(&self, log: &dyn EventLog, at: AsOf) -> Result<Vec<i64>, IndexError> {
        let start = self.start(at);
        let mut sums = vec![0i64; self.holders.cells()];
        let mut windows = Vec::new();
        for number in self.needed(at, &start) {
            match self.keep {
                Keep::Windows => windows.push(self.window(log, number)?),
                Keep::Nothing => self.add_from_log(log, at, number, &mut sums)?,
            }
        }
        if let Some(base) = start.base {
            base.sums()?.add_to(&mut sums);
        }
        for window in windows.into_iter().chain([&self.tail.window]) {
            if let Some(cut) = window.cut(at) {
                window.add_to(&mut sums, cut);
            }
        }
        let counts = |m: &&Movement| m.dated <= at.effective && m.position <= at.known;
        let apart = self.strays_at(at, &start, &self.strays);
        let tail = self.tail.strays.iter().chain(self.tail.loose()).filter(counts);
        apart.chain(tail).for_each(|movement| add(&mut sums, movement));
        Ok(sums)
    }

    /// The sum of one cell at a point.
    fn sum_of(
        &self,
        cell: Cell,
        at: AsOf,
        start: &Start<'_>,
        base: Option<&Sums>,
        windows: &[&Window],
    ) -> i64 {
        let mut sum = base.map_or(0, |base| base.of_cell(cell));
        for window in windows.iter().copied().chain([&self.tail.window]) {
            if let Some(cut) = window.cut(at) {
                sum += window.sum_of(cell, cut);
            }
        }
        let by_cell = self.strays_by_cell.get_or_init(|| {
            let mut by_cell: HashMap<Cell, Vec<Movement>> = HashMap::new();
            self.strays.iter().for_each(|stray| by_cell.entry(stray.cell).or_default().push(*stray));
            by_cell
        });
        let own = by_cell.get(&cell).map_or(&[][..], Vec::as_slice);
        sum += self.strays_at(at, start, own).map(|stray| stray.amount).sum::<i64>();
        let counts = |m: &&Movement| m.cell == cell && m.dated <= at.effective && m.position <= at.known;
        sum + self.tail.strays.iter().chain(self.tail.loose()).filter(counts).map(|m| m.amount).sum::<i64>()
    }
}

#[inline]
fn add(sums: &mut [i64], movement: &Movement) {
    if let Some(sum) = sums.get_mut(movement.cell as usize) {
        *sum += movement.amount;
    }
}
