//! Chapters as snapshots on disk.
//!
//! # Shape
//! Six sections; every number is a [`Column`]'s:
//!
//! | section | holds |
//! |---|---|
//! | 0 | the span's first and last day, the horizon, the turnover so far |
//! | 1 | carriers that the chapter introduced: how many, codes; producers: how many, code and position |
//! | 2 | holders: how many, producer, carrier + 1 or 0 |
//! | 3 | policies: how many, carrier, payees; then policies that got further payees: how many, policy, payees. Payees: how many, holder, side, place |
//! | 4 | strays: how many, position less the one before, day less the one before, cell, amount |
//! | 5 | sums that are not zero: how many, cell less the one before, sum |
//!
//! # Correctness
//! What is stored follows from the events up to the chapter's end, byte by byte: [`write_snapshots`] makes the
//! same files whenever it is asked. Whatever does not read as written counts as not there, with all behind it.

use super::chapter::{Chapters, Span, Sums};
use super::holders::{Holder, HolderId, PayeeHolder};
use super::{Chapter, Index, IndexError, Keep};
use crate::rows::Movement;
use rayon::prelude::*;
use std::path::Path;
use std::sync::OnceLock;
use upline_core::event::Position;
use upline_core::names::{CarrierId, Code, Id, PolicyId, ProducerId};
use upline_core::time::Day;
use upline_log::{EventLog, LogError};
use upline_store::{Column, ColumnReader, Snapshot, snapshots};

const SUMS: usize = 5;

/// What is added to the place of a payee that has the assigned part of it.
const ASSIGNED: u64 = 1 << 16;

/// Stores the snapshots of the complete chapters of a log that are not stored yet. Says how many it stored.
/// `progress` hears of the position up to which the log is read.
pub fn write_snapshots(
    dir: &Path,
    log: &dyn EventLog,
    cutting: Chapters,
    progress: &mut (dyn FnMut(Position) + Send),
) -> Result<u64, IndexError> {
    let stored = snapshots(dir, log);
    if stored.len() as u64 >= cutting.complete(log.len()) {
        return Ok(0);
    }
    match write_behind(dir, log, cutting, stored, progress) {
        Err(IndexError::Log(LogError::Snapshot { .. })) => {
            write_behind(dir, log, cutting, Vec::new(), progress)
        }
        other => other,
    }
}

fn write_behind(
    dir: &Path,
    log: &dyn EventLog,
    cutting: Chapters,
    stored: Vec<Snapshot>,
    progress: &mut (dyn FnMut(Position) + Send),
) -> Result<u64, IndexError> {
    let mut index = Index::load(cutting, Keep::Nothing, stored);
    let mut before = index.chapters.last().and_then(|chapter| chapter.snapshot.clone());
    let mut written = 0;
    index.read_on(log, &mut |index, number| {
        let bytes = index.encode(log, number, before.as_ref())?;
        before = Some(Snapshot::store(dir, number + 1, &bytes)?);
        written += 1;
        progress(cutting.last(number));
        Ok(())
    })?;
    Ok(written)
}

/// Compares the snapshots that a reader of this log would use with those that follow from the log. Says how many
/// there are, or the first that differs.
pub fn verify_snapshots(
    dir: &Path,
    log: &dyn EventLog,
    cutting: Chapters,
) -> Result<Result<u64, Snapshot>, IndexError> {
    let stored = snapshots(dir, log);
    let mut index = Index::new(cutting, Keep::Nothing);
    let mut wrong = None;
    index.read_on(log, &mut |index, number| {
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        if let Some(snapshot) = stored.get(at).filter(|_| wrong.is_none()) {
            let before = at.checked_sub(1).and_then(|before| stored.get(before));
            let bytes = index.encode(log, number, before)?;
            if !snapshot.is(&bytes) {
                wrong = Some(snapshot.clone());
            }
        }
        Ok(())
    })?;
    Ok(wrong.map_or(Ok(stored.len() as u64), Err))
}

impl Index {
    /// A chapter that has just become complete, as the bytes of its snapshot.
    fn encode(
        &self,
        log: &dyn EventLog,
        number: u64,
        before: Option<&Snapshot>,
    ) -> Result<Vec<u8>, IndexError> {
        let last = self.cutting.last(number);
        let Some(chapter) = self.chapters.last() else { return Err(IndexError::Unknown(last)) };
        let mut head = Column::default();
        for day in [chapter.span.from, chapter.span.through, chapter.horizon] {
            head.signed(day.0.into());
        }
        head.number(self.turnover);
        let strays_before = self.chapters.iter().rev().nth(1).map_or(0, |before| before.strays);
        let sections = [
            head.into_bytes(),
            self.encode_names(),
            self.encode_seats(),
            self.encode_policies(),
            encode_strays(self.strays.get(strays_before..).unwrap_or_default()),
            encode_sums(chapter.sums()?),
        ];
        Ok(Snapshot::encode(last, log.tip_at(last)?.root(), before, &sections)?)
    }

    fn encode_names(&self) -> Vec<u8> {
        let mut column = Column::default();
        let carriers = self.holders.carriers.iter().skip(self.mark.carriers);
        column.number((self.holders.carriers.len() - self.mark.carriers) as u64);
        carriers.for_each(|(_, code)| column.text(code.as_str()));
        let producers = self.holders.producers.iter().skip(self.mark.producers);
        column.number((self.holders.producers.len() - self.mark.producers) as u64);
        for (_, (code, position)) in producers {
            column.text(code.as_str());
            column.number(*position);
        }
        column.into_bytes()
    }

    fn encode_seats(&self) -> Vec<u8> {
        let mut column = Column::default();
        column.number((self.holders.holders.len() - self.mark.holders) as u64);
        for (_, holder) in self.holders.holders.iter().skip(self.mark.holders) {
            column.number(holder.producer.0.into());
            column.number(holder.carrier.map_or(0, |carrier| u64::from(carrier.0) + 1));
        }
        column.into_bytes()
    }

    fn encode_policies(&self) -> Vec<u8> {
        let mut column = Column::default();
        let put_payees = |column: &mut Column, payees: &[PayeeHolder]| {
            column.number(payees.len() as u64);
            for payee in payees {
                column.number(payee.holder.0.into());
                column.number(payee.side.into());
                // Above all places: whether it has the assigned part of it.
                column.number(u64::from(payee.place) + if payee.assigned { ASSIGNED } else { 0 });
            }
        };
        column.number((self.holders.policies.len() - self.mark.policies) as u64);
        for (_, policy) in self.holders.policies.iter().skip(self.mark.policies) {
            column.number(policy.carrier.0.into());
            put_payees(&mut column, self.holders.payees_of(*policy));
        }
        let mut further: Vec<PolicyId> = self.mark.further.clone();
        further.retain(|id| id.index() < self.mark.policies);
        further.sort_unstable();
        further.dedup();
        column.number(further.len() as u64);
        for id in further {
            column.number(id.0.into());
            let payees =
                self.holders.policies.get(id).map_or(&[][..], |policy| self.holders.payees_of(*policy));
            put_payees(&mut column, payees);
        }
        column.into_bytes()
    }

    /// The index as far as the snapshots reach that can be read.
    pub fn load(cutting: Chapters, keep: Keep, snapshots: Vec<Snapshot>) -> Index {
        let mut index = Index::new(cutting, keep);
        let read: Vec<Result<Stored, LogError>> = snapshots.par_iter().map(Stored::read).collect();
        for (snapshot, stored) in snapshots.into_iter().zip(read) {
            let path = snapshot.path().display().to_string();
            let taken = match stored {
                Ok(stored) => {
                    index.take_stored(stored, snapshot).ok_or("it names what was never added".to_owned())
                }
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = taken {
                tracing::warn!(path, error, "a snapshot is not used");
                break;
            }
        }
        index.mark = index.mark_here();
        index
    }

    /// Takes in what was stored of the next chapter. Nothing of it where it does not fit.
    fn take_stored(&mut self, stored: Stored, snapshot: Snapshot) -> Option<()> {
        let number = self.chapters.len() as u64;
        let holders = &mut self.holders;
        let known_after = |known: usize, new: usize| u32::try_from(known + new).ok();
        let producers = known_after(holders.producers.len(), stored.producers.len())?;
        let carriers = known_after(holders.carriers.len(), stored.carriers.len())?;
        let known_seats = known_after(holders.holders.len(), stored.holders.len())?;
        let seat_fits =
            |holder: &Holder| holder.producer.0 < producers && holder.carrier.is_none_or(|c| c.0 < carriers);
        let payees_fit = |payees: &[PayeeHolder]| payees.iter().all(|payee| payee.holder.0 < known_seats);
        let fits = snapshot.last() == self.cutting.last(number)
            && stored.holders.iter().all(seat_fits)
            && stored.policies.iter().all(|(carrier, _)| carrier.0 < carriers)
            && payees_fit(&stored.payees)
            && stored.further.iter().all(|(id, _)| id.index() < holders.policies.len());
        if !fits {
            return None;
        }
        stored.carriers.into_iter().for_each(|code| {
            holders.carriers.push(code);
        });
        stored.producers.into_iter().for_each(|named| {
            holders.producers.push(named);
        });
        for holder in stored.holders {
            holders.add_holder(holder);
        }
        let mut payees = stored.payees.into_iter();
        for (carrier, count) in stored.policies {
            holders.add_policy(carrier, payees.by_ref().take(count));
        }
        for (id, count) in stored.further {
            holders.replace_payees(id, payees.by_ref().take(count))?;
        }
        self.strays.extend(stored.strays);
        let horizon =
            self.chapters.last().map_or(stored.span.through, |b| b.horizon.max(stored.span.through));
        self.turnover = stored.turnover;
        self.through = snapshot.last();
        self.chapters.push(Chapter {
            span: stored.span,
            horizon,
            strays: self.strays.len(),
            sums: OnceLock::new(),
            window: OnceLock::new(),
            snapshot: Some(snapshot),
        });
        Some(())
    }
}

fn encode_strays(strays: &[Movement]) -> Vec<u8> {
    let mut column = Column::default();
    column.number(strays.len() as u64);
    let (mut position, mut day) = (0, 0i64);
    for stray in strays {
        column.number(stray.position - position);
        column.signed(i64::from(stray.dated.0) - day);
        column.number(stray.cell.into());
        column.signed(stray.amount);
        (position, day) = (stray.position, stray.dated.0.into());
    }
    column.into_bytes()
}

fn encode_sums(sums: &Sums) -> Vec<u8> {
    let mut column = Column::default();
    column.number(sums.cells.len() as u64);
    let mut before = 0;
    for (cell, sum) in sums.cells.iter().zip(&sums.sums) {
        column.number((cell - before).into());
        column.signed(*sum);
        before = *cell;
    }
    column.into_bytes()
}

/// The sums of a snapshot.
pub(super) fn read_sums(snapshot: &Snapshot) -> Result<Sums, LogError> {
    let sections = snapshot.sections(SUMS..SUMS + 1)?;
    let mut from = ColumnReader::new(sections.first().map_or(&[], Vec::as_slice));
    let mut read = || {
        let mut sums = Sums::default();
        let mut cell = 0u32;
        for _ in 0..from.small()? {
            cell = cell.checked_add(from.small()?)?;
            sums.cells.push(cell);
            sums.sums.push(from.signed()?);
        }
        from.is_at_end().then_some(sums)
    };
    read().ok_or_else(|| not_as_written(snapshot))
}

fn not_as_written(snapshot: &Snapshot) -> LogError {
    snapshot.unusable("a section does not read as it is written")
}

/// What is read of a snapshot at once: all but the sums.
struct Stored {
    span: Span,
    turnover: u64,
    carriers: Vec<Code>,
    producers: Vec<(Code, Position)>,
    holders: Vec<Holder>,
    /// Each with how many payees it has.
    policies: Vec<(CarrierId, usize)>,
    /// Policies of earlier chapters, each with how many payees it has now.
    further: Vec<(PolicyId, usize)>,
    /// Of all these, in their order.
    payees: Vec<PayeeHolder>,
    strays: Vec<Movement>,
}

impl Stored {
    fn read(snapshot: &Snapshot) -> Result<Stored, LogError> {
        Stored::parse(&snapshot.sections(0..SUMS)?).ok_or_else(|| not_as_written(snapshot))
    }

    fn parse(sections: &[Vec<u8>]) -> Option<Stored> {
        let mut readers = sections.iter().map(|section| ColumnReader::new(section));
        let mut from = readers.next()?;
        let mut day = || i32::try_from(from.signed()?).ok().map(Day);
        let span = Span { from: day()?, through: day()? };
        day()?; // the horizon follows from the spans
        let turnover = from.number()?;
        from.is_at_end().then_some(())?;

        let mut from = readers.next()?;
        let carriers = (0..from.small()?).map(|_| Code::parse(from.text()?)).collect::<Option<_>>()?;
        let named = |from: &mut ColumnReader<'_>| Some((Code::parse(from.text()?)?, from.number()?));
        let producers = (0..from.small()?).map(|_| named(&mut from)).collect::<Option<_>>()?;
        from.is_at_end().then_some(())?;

        let mut from = readers.next()?;
        let holder = |from: &mut ColumnReader<'_>| {
            let (producer, carrier) = (ProducerId(from.small()?), from.small()?);
            Some(Holder { producer, carrier: carrier.checked_sub(1).map(CarrierId) })
        };
        let holders = (0..from.small()?).map(|_| holder(&mut from)).collect::<Option<_>>()?;
        from.is_at_end().then_some(())?;

        let mut from = readers.next()?;
        let mut payees = Vec::new();
        let mut payees_of = |from: &mut ColumnReader<'_>| {
            let count = from.small()?;
            for _ in 0..count {
                let holder = HolderId(from.small()?);
                let side = u16::try_from(from.small()?).ok()?;
                let place = u64::from(from.small()?);
                let assigned = place >= ASSIGNED;
                let place = u16::try_from(if assigned { place - ASSIGNED } else { place }).ok()?;
                payees.push(PayeeHolder { holder, side, place, assigned });
            }
            u16::try_from(count).ok().map(usize::from)
        };
        let mut policies = Vec::new();
        for _ in 0..from.small()? {
            policies.push((CarrierId(from.small()?), payees_of(&mut from)?));
        }
        let mut further = Vec::new();
        for _ in 0..from.small()? {
            further.push((PolicyId(from.small()?), payees_of(&mut from)?));
        }
        from.is_at_end().then_some(())?;

        let mut from = readers.next()?;
        let (mut position, mut day) = (0u64, 0i64);
        let mut strays = Vec::new();
        for _ in 0..from.small()? {
            position = position.checked_add(from.number()?)?;
            day = day.checked_add(from.signed()?)?;
            let dated = Day(i32::try_from(day).ok()?);
            strays.push(Movement { position, dated, cell: from.small()?, amount: from.signed()? });
        }
        from.is_at_end().then_some(())?;
        Some(Stored { span, turnover, carriers, producers, holders, policies, further, payees, strays })
    }
}
