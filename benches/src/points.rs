//! Points in both times, and persistency, of a whole book; and the naive replay of a small one.

use crate::book::Book;
use crate::days::{Days, as_of};
use crate::entries::each_event;
use crate::measure::{Measured, Result, Statistic, Unit, progress, timed};
use crate::ours::{self, WarmIndex};
use crate::table::{Beside, Row, Target, grouped};
use upline_core::as_of::AsOf;
use upline_core::event::{Event, Position};
use upline_core::naive;
use upline_views::Seen;

/// Questions about a day, and about a point in both times, in a turn.
const DAYS_A_TURN: usize = 10;
const POINTS_A_TURN: usize = 100;

/// How often the naive replay is asked: it takes its time.
const NAIVE_TURNS_MAX: usize = 3;

/// The rows about all balances of a whole book: as of any day with all that is recorded, and at points in the
/// past of both times. `small` is what the naive replay is asked about.
pub fn rows(book: &Book, small: &Book, turns: usize) -> Result<Vec<Row>> {
    progress(format!("asking about points in both times of {} events", book.events));
    let mut days = Days::of(book, 2)?;
    let what = "all balances as of any day, warm, the whole book";
    let mut now = Row::of("as-of", what, book.events, Target::Beside);
    let what = "all balances at any (as of, known at), both in the past";
    let mut past = Row::of("point", what, book.events, Target::AtMost(50e-3, Unit::Seconds));
    let ours = WarmIndex::open(&book.ledger)?;
    let ask = |at| Ok(timed(|| ours.all(at))?.1);
    let asked = days.some(turns * DAYS_A_TURN).into_iter().map(|day| ask(as_of(day)));
    now.ours = Some(Measured::new(Unit::Seconds, asked.collect::<Result<_>>()?)?);
    let mut point = || AsOf { effective: days.day(), known: days.below(book.events) + 1 };
    let points: Vec<AsOf> = (0..turns * POINTS_A_TURN).map(|_| point()).collect();
    let asked = points.into_iter().map(ask);
    past.ours = Some(Measured::new(Unit::Seconds, asked.collect::<Result<_>>()?)?.by(Statistic::P99));
    let name = format!("the naive replay, of {} events only", grouped(small.events));
    Ok(vec![now, past.beside([Beside::new(name, naive(small, turns)?, None)])])
}

/// The reference implementation, that replays from nothing by the rules.
fn naive(book: &Book, turns: usize) -> Result<Measured> {
    let mut events: Vec<(Position, Event)> = Vec::new();
    each_event(&book.ledger, Position::MAX, |seen| {
        let Seen { position, event, .. } = *seen;
        events.push((position, event.clone()));
        Ok(())
    })?;
    let events: Vec<(Position, &Event)> = events.iter().map(|(position, event)| (*position, event)).collect();
    let mut days = Days::of(book, 4)?;
    let mut ask = || {
        let at = naive::Point { as_of: days.day(), position: days.below(book.events) + 1 };
        Ok(timed(|| Ok(naive::books(&events, at)))?.1)
    };
    let took = (0..turns.min(NAIVE_TURNS_MAX)).map(|_| ask()).collect::<Result<_>>()?;
    Measured::new(Unit::Seconds, took)
}

/// The row about the persistency of every producer.
pub fn persistency(book: &Book, turns: usize) -> Result<Row> {
    let mut days = Days::of(book, 3)?;
    let what = "persistency of every producer as of any day (target: of 1 million policies)";
    let mut row = Row::of("persistency", what, book.events, Target::AtMost(20e-3, Unit::Seconds));
    let mut ask = ours::persistency(&book.ledger)?;
    let asked = days.some(turns * DAYS_A_TURN).into_iter().map(|day| Ok(timed(|| ask(as_of(day)))?.1));
    row.ours = Some(Measured::new(Unit::Seconds, asked.collect::<Result<_>>()?)?);
    Ok(row)
}
