//! Read models made of a whole log at once.
//!
//! # Shape
//! The log is decoded into rows ([`crate::rows`]) stretch by stretch on all cores. What a stretch introduces goes
//! into the reference data first, the rest is then added up. What comes out is the same as [`crate::scan()`] event by
//! event gives.

use crate::index::{Index, IndexError, Keep};
use crate::overrides::Overrides;
use crate::persistency::{Gathered, PremiumHistories};
use crate::projection::ScanError;
use crate::rows::{Rows, Wanted, read_ahead};
use std::ops::RangeInclusive;
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::reference_data::ReferenceData;
use upline_core::time::Day;
use upline_log::EventLog;

/// How many events are decoded at once.
const EVENTS_AT_ONCE: u64 = 1 << 15;

/// Balances at any point, overrides of all dates and persistency at any point, of everything that is recorded.
#[derive(Debug)]
pub struct ReadModels {
    /// What was introduced.
    pub reference: ReferenceData,
    /// Balances.
    pub index: Index,
    pub overrides: Overrides,
    /// Persistency.
    pub premium_histories: PremiumHistories,
}

impl ReadModels {
    /// All of them, in one reading of the log.
    pub fn replay(log: &dyn EventLog) -> Result<ReadModels, IndexError> {
        let everything = AsOf { effective: Day(i32::MAX), known: log.len() };
        let mut reference = ReferenceData::default();
        let mut index = Index::new(crate::index::Chapters::default(), Keep::Windows);
        let mut overrides = Overrides::new(everything, None);
        let mut gathered = Gathered::default();
        let ranges = index.ranges(log.len());
        read_ahead(log, ranges, Wanted::PostingsAndFacts, |end, mut rows| {
            introduce(&mut reference, &rows).map_err(|_| IndexError::Unknown(end))?;
            gathered.take(&mut rows);
            overrides.take(&reference, &rows);
            index.take(end, &rows, &mut |_, _| Ok(()))
        })?;
        let premium_histories = PremiumHistories::of(&gathered, &reference);
        Ok(ReadModels { reference, index, overrides, premium_histories })
    }
}

/// What persistency is measured by, of the events up to a position.
pub fn replay_premium_histories(
    log: &dyn EventLog,
    through: Position,
) -> Result<(ReferenceData, PremiumHistories), ScanError> {
    let mut reference = ReferenceData::default();
    let mut gathered = Gathered::default();
    read_ahead(log, stretches(through), Wanted::PostingsAndFacts, |_, mut rows| {
        introduce(&mut reference, &rows)?;
        gathered.take(&mut rows);
        Ok::<(), ScanError>(())
    })?;
    let premium_histories = PremiumHistories::of(&gathered, &reference);
    Ok((reference, premium_histories))
}

/// The overrides at a point, of entries dated from a day on.
pub fn replay_overrides(
    log: &dyn EventLog,
    at: AsOf,
    from: Option<Day>,
) -> Result<(ReferenceData, Overrides), ScanError> {
    let mut reference = ReferenceData::default();
    let mut overrides = Overrides::new(at, from);
    read_ahead(log, stretches(at.known.min(log.len())), Wanted::Postings, |_, rows| {
        introduce(&mut reference, &rows)?;
        overrides.take(&reference, &rows);
        Ok::<(), ScanError>(())
    })?;
    Ok((reference, overrides))
}

fn stretches(through: Position) -> impl Iterator<Item = RangeInclusive<Position>> {
    let starts = (0..).map(|n| n * EVENTS_AT_ONCE + 1).take_while(move |start| *start <= through);
    starts.map(move |start| start..=(start + EVENTS_AT_ONCE - 1).min(through))
}

fn introduce(reference: &mut ReferenceData, rows: &[Rows]) -> Result<(), ScanError> {
    for (position, event) in rows.iter().flat_map(|part| &part.introducing) {
        reference.absorb(*position, event.on, &event.body)?;
    }
    Ok(())
}
