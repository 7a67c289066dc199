//! Importing a file: deciding here, encoding and storing on a thread of its own, so that reading,
//! deciding and storing overlap.
//!
//! **Correctness.** A file is one transaction, of one time: its blocks are held, compressed, until the last line is
//! decided, and a log in which the last of them is missing ends before the first. So with a refused line, after an
//! error and after a crash none of it is there, and importing it again makes the history that an undisturbed import
//! would have made. With [`ImportOptions::commit_every`] whole commits of the first lines are stored as they come; every
//! fact is recorded once, so that importing the file again goes on from there.

use crate::clock::Clock;
use crate::decider::{Command, Decider, Outcome};
use crate::error::LedgerError;
use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use upline_core::as_of::AsOf;
use upline_core::event::{Batch, Position};
use upline_core::refusal::Refusal;
use upline_core::time::Day;
use upline_formats::source::{SourceError, Submitted};
use upline_log::{Encoder, EventLog, LogError};
use upline_views::balance::{self, Balances, By};
use upline_views::{Projection, Seen};

/// Events decided before they are handed to the storing thread.
const PART_EVENTS: usize = 1_000;

/// Parts that may wait for the storing thread.
const PARTS_AHEAD_MAX: usize = 8;

/// Refused lines that a report keeps; of the rest it has the count by code.
pub const REFUSALS_KEPT_MAX: usize = 1_000;

/// What to do with refused lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportMode {
    /// A file with a refused line records nothing.
    AllOrNothing,
    /// The good lines are recorded.
    KeepGoing,
    /// Nothing is recorded; the report says what would be.
    DryRun,
}

/// A line of a file: a command, or why it is none.
#[derive(Debug)]
pub struct ImportLine {
    /// Its number, from 1.
    pub number: u64,
    /// What it holds.
    pub content: Result<Command, Refusal>,
    /// The line as it came, where it is kept.
    pub raw: Option<Box<[u8]>>,
}

impl From<Submitted> for ImportLine {
    fn from(submitted: Submitted) -> ImportLine {
        let content = submitted.fact.map(Command::from);
        ImportLine { number: submitted.line, content, raw: submitted.raw }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedLine {
    /// Its number, from 1.
    pub line: u64,
    /// Why.
    pub refusal: Refusal,
}

/// The lines that were refused: the first, and how many for which reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// The first [`REFUSALS_KEPT_MAX`].
    pub first: Vec<RefusedLine>,
    /// How many in all.
    pub count: u64,
    /// How many of each code.
    pub by_code: BTreeMap<&'static str, u64>,
}

impl Refusals {
    fn push(&mut self, refused: RefusedLine) {
        self.count += 1;
        *self.by_code.entry(refused.refusal.code.as_str()).or_default() += 1;
        if self.first.len() < REFUSALS_KEPT_MAX {
            self.first.push(refused);
        }
    }

    /// True where no line was.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Facts recorded.
    pub recorded: u64,
    /// Facts that had been recorded before.
    pub already_recorded: u64,
    /// Of these, how many from which file; those of this file's own name among them.
    pub already_recorded_from: BTreeMap<String, u64>,
    /// Lines refused.
    pub refused: Refusals,
    /// Events recorded, the ledger's own included.
    pub events: u64,
    /// The position of the last event in the ledger.
    pub position: Position,
    /// Of a dry run: who would gain and lose what, over all dates.
    pub would_change: Vec<balance::BalanceRow>,
}

/// How a file is imported.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// What to do with refused lines.
    pub mode: ImportMode,
    /// Whether `recorded_at` of the lines counts.
    pub trust_recorded_at: bool,
    /// The file's name, kept with every event.
    pub origin: Option<Arc<str>>,
    /// How many facts are stored together; none: all of the file.
    pub commit_every: Option<NonZeroU64>,
}

/// Hears of a line that is refused, with the line as it came where that is kept.
pub type OnRefused<'a> = dyn FnMut(&RefusedLine, Option<&[u8]>) + 'a;

/// Imports chunks of lines. `keep_names` is called once what is to be stored next is decided and before it is, so that
/// where names cannot be kept nothing of it is recorded. The decider must be dropped afterwards unless
/// everything decided was stored; the second value says whether it was.
pub(crate) fn import(
    log: &mut dyn EventLog,
    decider: &mut Decider,
    clock: &dyn Clock,
    options: &ImportOptions,
    chunks: impl Iterator<Item = Result<Vec<ImportLine>, SourceError>>,
    refused: &mut OnRefused<'_>,
    keep_names: impl FnMut(&mut Decider) -> Result<(), LedgerError>,
) -> Result<(ImportReport, bool), LedgerError> {
    let before = log.len();
    let in_parts = options.commit_every.is_some();
    let encoder = if in_parts { Encoder::after(log.tip())? } else { Encoder::of_transaction(log.tip())? };
    let (to_store, parts) = sync_channel(PARTS_AHEAD_MAX);
    let (mut report, whole) = std::thread::scope(|scope| {
        let store = scope.spawn(|| store(log, encoder, parts));
        let deciding = Deciding { decider, clock, options, refused, keep_names, to_store: &to_store };
        // Only its last message makes a held file real; without it the thread ends and stores nothing more.
        let decided = deciding.decide(chunks);
        drop(to_store);
        let stored = store.join().unwrap_or_else(|_| {
            let source = std::io::Error::other("its thread panicked");
            Err(LogError::Io { doing: "storing the import".to_owned(), source })
        });
        stored.map_err(LedgerError::from).and(decided)
    })?;
    if options.mode != ImportMode::DryRun {
        report.position = log.len();
        report.events = report.position - before;
    }
    Ok((report, whole))
}

/// What the storing thread is told.
enum Part {
    /// Events that come next.
    Events(Batch),
    /// That what came is to be stored.
    Commit,
}

/// Decides about the lines of a file.
struct Deciding<'a, 'r, N> {
    decider: &'a mut Decider,
    clock: &'a dyn Clock,
    options: &'a ImportOptions,
    refused: &'a mut OnRefused<'r>,
    keep_names: N,
    to_store: &'a SyncSender<Part>,
}

impl<N: FnMut(&mut Decider) -> Result<(), LedgerError>> Deciding<'_, '_, N> {
    /// Decides about all lines; says whether everything that was decided is to be stored.
    fn decide(
        mut self,
        chunks: impl Iterator<Item = Result<Vec<ImportLine>, SourceError>>,
    ) -> Result<(ImportReport, bool), LedgerError> {
        let (mode, every) = (self.options.mode, self.options.commit_every);
        let mut report = ImportReport::default();
        let before = self.decider.book().position();
        let every_date = AsOf { effective: Day(i32::MAX), known: Position::MAX };
        let mut would_change = Balances::new(every_date, By::Producer);
        let mut waiting = 0;
        for line in lines(chunks) {
            self.line(line?, &mut report, &mut waiting)?;
            if every.is_some() && mode == ImportMode::AllOrNothing && !report.refused.is_empty() {
                // What was committed stays; what came behind it is not recorded.
                report.recorded -= waiting;
                return Ok((report, false));
            }
            if every.is_some_and(|every| waiting >= every.get()) {
                self.commit()?;
                waiting = 0;
            } else if self.decider.waiting() >= PART_EVENTS {
                let part = self.decider.take_part();
                if mode == ImportMode::DryRun {
                    add_up(&part, self.decider, &mut would_change);
                } else if self.to_store.send(Part::Events(part)).is_err() {
                    return Ok((report, false)); // the storing thread stopped and says why
                }
            }
        }
        if mode == ImportMode::DryRun {
            let last = self.decider.take();
            add_up(&last, self.decider, &mut would_change);
            report.would_change = would_change.rows(self.decider.book().reference_data());
            report.position = self.decider.book().position();
            report.events = report.position - before;
            return Ok((report, false));
        }
        if mode == ImportMode::AllOrNothing && !report.refused.is_empty() {
            report.recorded = 0;
            return Ok((report, false));
        }
        self.commit()?;
        Ok((report, true))
    }

    /// Decides about a line.
    fn line(
        &mut self,
        line: ImportLine,
        report: &mut ImportReport,
        waiting: &mut u64,
    ) -> Result<(), LedgerError> {
        let ImportLine { number, content, raw } = line;
        let options = self.options;
        let outcome = match content {
            Ok(command) => {
                self.decider.submit(command, &options.origin, options.trust_recorded_at, self.clock)?
            }
            Err(refusal) => Outcome::Refused(refusal),
        };
        match outcome {
            Outcome::Recorded(_) => {
                report.recorded += 1;
                *waiting += 1;
            }
            Outcome::AlreadyRecorded(origin) => {
                report.already_recorded += 1;
                let from = origin.as_deref().unwrap_or("-").to_owned();
                *report.already_recorded_from.entry(from).or_default() += 1;
            }
            Outcome::Refused(refusal) => {
                let refused = RefusedLine { line: number, refusal };
                (self.refused)(&refused, raw.as_deref());
                report.refused.push(refused);
            }
        }
        Ok(())
    }

    /// Has everything stored that was decided.
    fn commit(&mut self) -> Result<(), LedgerError> {
        (self.keep_names)(self.decider)?;
        let last = self.decider.take();
        if !last.is_empty() {
            let _ = self.to_store.send(Part::Events(last));
        }
        let _ = self.to_store.send(Part::Commit);
        Ok(())
    }
}

/// Adds up what a commit would post.
fn add_up(commit: &Batch, decider: &Decider, balances: &mut Balances) {
    let reference = decider.book().reference_data();
    for (event, postings) in commit.iter() {
        balances.apply(&Seen { reference, position: 0, event, policy: None, postings });
    }
}

/// The lines of chunks, up to the first chunk that could not be read.
fn lines(
    chunks: impl Iterator<Item = Result<Vec<ImportLine>, SourceError>>,
) -> impl Iterator<Item = Result<ImportLine, SourceError>> {
    chunks.flat_map(|chunk| {
        let (lines, error) = match chunk {
            Ok(lines) => (lines, None),
            Err(error) => (Vec::new(), Some(Err(error))),
        };
        lines.into_iter().map(Ok).chain(error)
    })
}

/// Encodes parts as they come, and stores what came once that is said.
fn store(log: &mut dyn EventLog, mut encoder: Encoder, parts: Receiver<Part>) -> Result<(), LogError> {
    for part in parts {
        match part {
            Part::Events(batch) => encoder.push_batch(&batch)?,
            Part::Commit => {
                log.append_blocks(log.len(), encoder.finish()?)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use upline_core::event::{Event, Identity};
    use upline_core::fact::{Body, PolicyReinstated};
    use upline_core::names::PolicyId;
    use upline_core::time::Moment;
    use upline_log::Tip;

    /// A crash between two blocks of a file leaves none of it: they go on with each other up to the last.
    #[test]
    fn the_blocks_of_a_file_are_one_transaction() {
        let mut encoder = Encoder::of_transaction(&Tip::default()).unwrap();
        for n in 0..300_000u64 {
            let policy = PolicyId(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) as u32);
            let body = Body::PolicyReinstated(PolicyReinstated { policy });
            let identity = Identity::Derived { ordinal: 1 };
            let event =
                Event { on: Day(1), recorded_at: Moment(1), identity, origin: None, remarks: None, body };
            encoder.push(&event, &[]).unwrap();
        }
        assert!(encoder.take_full().is_empty());
        let sealed = encoder.finish().unwrap();
        let complete: Vec<usize> =
            (1..).zip(&sealed).filter(|(_, one)| one.block().is_complete()).map(|(n, _)| n).collect();
        assert!(sealed.len() > 10 && complete == [sealed.len()], "{} {complete:?}", sealed.len());
        // A log takes all of them, or none.
        let mut log = upline_log::MemoryLog::new().unwrap();
        let first = sealed[..5].to_vec();
        assert_eq!(log.append_blocks(0, first).unwrap_err().code(), "incomplete");
        log.append_blocks(0, sealed).unwrap();
        assert_eq!(log.len(), 300_000);
    }
}
