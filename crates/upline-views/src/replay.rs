//! Read models made of a whole log at once.
//!
//! # Shape
//! The log is decoded into rows ([`crate::rows`]) stretch by stretch on all cores. What a stretch introduces goes
//! into the register first, the rest is then added up. What comes out is the same as [`crate::scan()`] event by
//! event gives.

use crate::index::{Index, IndexError, Keep};
use crate::overrides::Overrides;
use crate::persistency::{Gathered, Standings};
use crate::point::Point;
use crate::rows::{Rows, Wanted, read_ahead};
use crate::scan::ScanError;
use std::ops::RangeInclusive;
use upline_core::event::Position;
use upline_core::register::Register;
use upline_core::time::Day;
use upline_log::EventLog;

/// How many events are decoded at once.
const EVENTS_AT_ONCE: u64 = 1 << 15;

/// Balances at any point, overrides of all dates and persistency at any point, of everything that is recorded.
#[derive(Debug)]
pub struct ReadModels {
    /// What was introduced.
    pub register: Register,
    /// Balances.
    pub index: Index,
    /// Overrides.
    pub overrides: Overrides,
    /// Persistency.
    pub standings: Standings,
}

impl ReadModels {
    /// All of them, in one reading of the log.
    pub fn replay(log: &dyn EventLog) -> Result<ReadModels, IndexError> {
        let everything = Point { as_of: Day(i32::MAX), position: log.len() };
        let mut register = Register::default();
        let mut index = Index::new(crate::index::Chapters::default(), Keep::Windows);
        let mut overrides = Overrides::new(everything, None);
        let mut gathered = Gathered::default();
        let ranges = index.ranges(log.len());
        read_ahead(log, ranges, Wanted::PostingsAndFacts, |end, mut rows| {
            introduce(&mut register, &rows).map_err(|_| IndexError::Unknown(end))?;
            gathered.take(&mut rows);
            overrides.take(&register, &rows);
            index.take(end, &rows, &mut |_, _| Ok(()))
        })?;
        let standings = Standings::of(&gathered, &register);
        Ok(ReadModels { register, index, overrides, standings })
    }
}

/// What persistency is measured by, of the events up to a position.
pub fn replay_standings(log: &dyn EventLog, through: Position) -> Result<(Register, Standings), ScanError> {
    let mut register = Register::default();
    let mut gathered = Gathered::default();
    read_ahead(log, stretches(through), Wanted::PostingsAndFacts, |_, mut rows| {
        introduce(&mut register, &rows)?;
        gathered.take(&mut rows);
        Ok::<(), ScanError>(())
    })?;
    let standings = Standings::of(&gathered, &register);
    Ok((register, standings))
}

/// The overrides at a point, of entries dated from a day on.
pub fn replay_overrides(
    log: &dyn EventLog,
    at: Point,
    from: Option<Day>,
) -> Result<(Register, Overrides), ScanError> {
    let mut register = Register::default();
    let mut overrides = Overrides::new(at, from);
    read_ahead(log, stretches(at.position.min(log.len())), Wanted::Postings, |_, rows| {
        introduce(&mut register, &rows)?;
        overrides.take(&register, &rows);
        Ok::<(), ScanError>(())
    })?;
    Ok((register, overrides))
}

fn stretches(through: Position) -> impl Iterator<Item = RangeInclusive<Position>> {
    let starts = (0..).map(|n| n * EVENTS_AT_ONCE + 1).take_while(move |start| *start <= through);
    starts.map(move |start| start..=(start + EVENTS_AT_ONCE - 1).min(through))
}

fn introduce(register: &mut Register, rows: &[Rows]) -> Result<(), ScanError> {
    for (position, event) in rows.iter().flat_map(|part| &part.introducing) {
        register.absorb(*position, event.on, &event.body)?;
    }
    Ok(())
}
