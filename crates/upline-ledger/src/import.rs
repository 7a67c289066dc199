//! Importing a file: deciding here, encoding and storing on a thread of its own, so that reading,
//! deciding and storing overlap.
//!
//! **Correctness.** A file with a refused line records nothing: its blocks are held, compressed, until
//! the last line is decided. With [`ImportMode::KeepGoing`] full blocks are stored as they come. Either way the
//! store only ever holds whole commits of the first lines, and every fact is recorded once, so a file
//! whose import was cut off can be imported again and goes on from there.

use crate::clock::Clock;
use crate::decider::{Command, Decider, Outcome};
use crate::error::LedgerError;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use upline_core::as_of::AsOf;
use upline_core::event::{Batch, Position};
use upline_core::refusal::Refusal;
use upline_core::time::Day;
use upline_formats::source::{SourceError, Submitted};
use upline_log::{Encoder, EventLog, LogError, Sealed};
use upline_views::balance::{self, Balances, By};
use upline_views::{Projection, Seen};

/// Events decided before they are handed to the storing thread: one commit.
const COMMIT_EVENTS: usize = 1_000;

/// Commits that may wait for the storing thread.
const COMMITS_AHEAD_MAX: usize = 8;

/// Blocks that share one sync when a held file is stored.
const BLOCKS_A_SYNC: usize = 16;

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
}

impl From<Submitted> for ImportLine {
    fn from(submitted: Submitted) -> ImportLine {
        ImportLine { number: submitted.line, content: submitted.fact.map(Command::from) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedLine {
    /// Its number, from 1.
    pub line: u64,
    /// Why.
    pub refusal: Refusal,
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
    pub refused: Vec<RefusedLine>,
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
}

/// Imports chunks of lines. `keep_names` is called once all is decided and before the end is stored, so that
/// where names cannot be kept a held file records nothing. The decider must be dropped afterwards unless
/// everything decided was stored; the second value says whether it was.
pub(crate) fn import(
    log: &mut dyn EventLog,
    decider: &mut Decider,
    clock: &dyn Clock,
    options: &ImportOptions,
    chunks: impl Iterator<Item = Result<Vec<ImportLine>, SourceError>>,
    keep_names: impl FnOnce(&mut Decider) -> Result<(), LedgerError>,
) -> Result<(ImportReport, bool), LedgerError> {
    let before = log.len();
    let encoder = Encoder::after(log.tip())?;
    let (to_store, commits) = sync_channel(COMMITS_AHEAD_MAX);
    let keep_going = options.mode == ImportMode::KeepGoing;
    let (report, stored) = std::thread::scope(|scope| {
        let store = scope.spawn(|| store(log, encoder, keep_going, commits));
        let mut decided = decide(decider, clock, options, chunks, &to_store);
        // Only this message makes a held file real; without it the thread ends and stores nothing more.
        let complete = decided.as_ref().is_ok_and(|report| {
            options.mode == ImportMode::KeepGoing
                || (options.mode == ImportMode::AllOrNothing && report.refused.is_empty())
        });
        if complete && let Err(error) = keep_names(decider) {
            decided = Err(error);
        }
        if complete && decided.is_ok() {
            // A storing thread that has failed says why below.
            let _ = to_store.send(Commit::End);
        }
        drop(to_store);
        let stored = store.join().unwrap_or_else(|_| {
            let source = std::io::Error::other("its thread panicked");
            Err(LogError::Io { doing: "storing the import".to_owned(), source })
        });
        stored.map_err(LedgerError::from).and_then(|()| Ok((decided?, complete)))
    })?;
    let position = log.len();
    let mut report = report;
    if options.mode != ImportMode::DryRun {
        report.events = position - before;
        report.position = position;
        if !stored {
            report.recorded = 0;
        }
    }
    Ok((report, stored))
}

enum Commit {
    Events(Batch),
    End,
}

fn decide(
    decider: &mut Decider,
    clock: &dyn Clock,
    options: &ImportOptions,
    chunks: impl Iterator<Item = Result<Vec<ImportLine>, SourceError>>,
    to_store: &SyncSender<Commit>,
) -> Result<ImportReport, LedgerError> {
    let mut report = ImportReport::default();
    let before = decider.book().position();
    let every_date = AsOf { effective: Day(i32::MAX), known: Position::MAX };
    let mut would_change = Balances::new(every_date, By::Producer);
    for line in lines(chunks) {
        let line = line?;
        let outcome = match line.content {
            Ok(command) => decider.submit(command, &options.origin, options.trust_recorded_at, clock)?,
            Err(refusal) => Outcome::Refused(refusal),
        };
        match outcome {
            Outcome::Recorded(_) => report.recorded += 1,
            Outcome::AlreadyRecorded(origin) => {
                report.already_recorded += 1;
                let from = origin.as_deref().unwrap_or("-").to_owned();
                *report.already_recorded_from.entry(from).or_default() += 1;
            }
            Outcome::Refused(refusal) => report.refused.push(RefusedLine { line: line.number, refusal }),
        }
        if decider.waiting() < COMMIT_EVENTS {
            continue;
        }
        let commit = decider.take();
        if options.mode == ImportMode::DryRun {
            add_up(&commit, decider, &mut would_change);
        } else if to_store.send(Commit::Events(commit)).is_err() {
            return Ok(report); // the storing thread stopped and says why
        }
    }
    let last = decider.take();
    if options.mode == ImportMode::DryRun {
        add_up(&last, decider, &mut would_change);
        report.would_change = would_change.rows(decider.book().reference_data());
    } else if !last.is_empty() {
        let _ = to_store.send(Commit::Events(last));
    }
    report.position = decider.book().position();
    report.events = report.position - before;
    Ok(report)
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

/// Encodes commits as they come. Stores them at once, or holds them until the end is announced.
fn store(
    log: &mut dyn EventLog,
    mut encoder: Encoder,
    at_once: bool,
    commits: Receiver<Commit>,
) -> Result<(), LogError> {
    let mut held: Vec<Sealed> = Vec::new();
    for commit in commits {
        match commit {
            Commit::Events(batch) => {
                encoder.push_batch(&batch)?;
                held.append(&mut encoder.take_full());
                if at_once && !held.is_empty() {
                    log.append_blocks(log.len(), std::mem::take(&mut held))?;
                }
            }
            Commit::End => {
                held.append(&mut encoder.finish()?);
                while !held.is_empty() {
                    log.append_blocks(log.len(), first_of(&mut held))?;
                }
            }
        }
    }
    Ok(())
}

/// Takes the first blocks, to share a sync: some, and those that complete what the last fact caused.
fn first_of(held: &mut Vec<Sealed>) -> Vec<Sealed> {
    let enough = held.iter().skip(BLOCKS_A_SYNC - 1).position(|sealed| sealed.block().is_complete());
    let count = enough.map_or(held.len(), |more| BLOCKS_A_SYNC + more);
    let rest = held.split_off(count);
    std::mem::replace(held, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use upline_core::event::{Event, Identity};
    use upline_core::fact::{Body, PolicyReinstated};
    use upline_core::names::PolicyId;
    use upline_core::time::Moment;
    use upline_log::Tip;

    /// A release of somebody with very many policies moves more than one sync writes.
    #[test]
    fn what_a_fact_caused_is_stored_with_it_however_much_it_is() {
        let mut encoder = Encoder::after(&Tip::default()).unwrap();
        let mut push = |identity, n: u64| {
            let policy = PolicyId(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) as u32);
            let body = Body::PolicyReinstated(PolicyReinstated { policy });
            let event =
                Event { on: Day(1), recorded_at: Moment(1), identity, origin: None, remarks: None, body };
            encoder.push(&event, &[]).unwrap();
        };
        push(Identity::Derived { ordinal: 1 }, 0);
        for ordinal in 1..=300_000 {
            push(Identity::Caused { by: 1, ordinal }, ordinal.into());
        }
        push(Identity::Derived { ordinal: 1 }, 1);
        let mut held = encoder.finish().unwrap();
        let all = held.len();
        assert!(held.iter().filter(|sealed| !sealed.block().is_complete()).count() > BLOCKS_A_SYNC);
        let mut log = upline_log::MemoryLog::new().unwrap();
        let mut syncs = 0;
        while !held.is_empty() {
            log.append_blocks(log.len(), first_of(&mut held)).unwrap();
            syncs += 1;
        }
        assert_eq!(log.blocks(1).count(), all);
        assert!(log.len() == 300_002 && syncs <= 2, "{syncs}");
    }
}
