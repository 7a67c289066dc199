//! Recording, beside SQLite, `doubleentry` and a raw file: a thousand facts a commit, and one.
//!
//! # Shape
//! A ledger is filled with the first part of the book. Then each turn records the next stretch of it, so that
//! nothing is recorded twice and the ledger stays as large as it is. Facts are parsed beforehand.
//!
//! # Correctness
//! Every commit is synced by itself, everybody's. Of a thousand facts a commit, Upline decides the next one while
//! one is being stored ([`upline_ledger::Ledger::commit_all`]); the others have nothing to decide.

use crate::book::Book;
use crate::commits::{Commit, Stretches, stretches};
use crate::days::of_turn;
use crate::doubleentry::DoubleEntry;
use crate::facts::{COMMIT_FACTS, Facts, commands, commit};
use crate::late;
use crate::measure::{Contender, Measured, Result, Unit, progress, timed};
use crate::ours;
use crate::raw::Raw;
use crate::sqlite::{Indexes, Recording};
use crate::table::{Beside, Row, Target};
use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use upline_ledger::decider::{Command, Outcome};
use upline_ledger::import::ImportLine;
use upline_ledger::{Ledger, SystemClock};

/// The most facts that are recorded in one turn, in commits of many.
const TURN_FACTS_MAX: usize = 50_000;

/// How SQLite is named that keeps rows and no more.
const TABLES: &str = "SQLite, WAL, synchronous=FULL, tables alone";

/// Facts that are recorded in one turn one by one.
const TURN_ONES: usize = 200;

/// The rows about recording, for a book.
pub fn rows(book: &Book, turns: usize, dir: &Path) -> Result<Vec<Row>> {
    let scratch = tempfile::tempdir_in(dir)?;
    let facts = usize::try_from(book.facts)?;
    // The last part of a book is left out: nothing new is issued in its last months.
    let turn = (facts / 20).clamp(1, TURN_FACTS_MAX).next_multiple_of(COMMIT_FACTS);
    let recorded = turns * (turn + TURN_ONES);
    let skip = (facts / 10 * 9).checked_sub(recorded).ok_or("too few events for so many runs")?;
    progress(format!("recording {turns} times {turn} facts behind {skip}"));
    let found = stretches(book, skip, turns * turn / COMMIT_FACTS, turns * TURN_ONES)?;
    let mut parsed = Facts::of_file(&book.facts_file)?;
    let mut ledger = Ledger::create(&scratch.path().join("ledger"), Box::new(SystemClock))?;
    parsed.import(&mut ledger, skip)?;
    let many = parsed.commits(turns * turn)?;
    let ones = parsed.take(turns * TURN_ONES)?;

    let thousands = thousand_a_commit(book, &mut ledger, many, &found, turns, scratch.path())?;
    let one = one_a_commit(book, &mut ledger, ones, &found.ones, turns, scratch.path())?;
    let late = late::rows(book, &mut ledger, turns)?;
    let clients = late::clients(turns)?;
    let clients = clients_at_once(book, ledger, clients, &one)?;
    Ok([thousands, one, clients].into_iter().chain(late).collect())
}

/// Facts a second of a turn, each of whose commits is recorded by this.
fn rate(commits: &[Commit], record: impl FnMut(&Commit) -> Result<()>) -> Result<Vec<f64>> {
    let ((), took) = timed(|| commits.iter().try_for_each(record))?;
    let facts: usize = commits.iter().map(|commit| commit.facts).sum();
    Ok(vec![facts as f64 / took])
}

fn thousand_a_commit(
    book: &Book,
    ledger: &mut Ledger,
    facts: Vec<Vec<ImportLine>>,
    found: &Stretches,
    turns: usize,
    dir: &Path,
) -> Result<Row> {
    let commits = &found.thousands;
    let mut facts = facts.into_iter();
    let ours = |turn| {
        let own: Vec<Vec<ImportLine>> = facts.by_ref().take(of_turn(commits, turns, turn).len()).collect();
        let count: usize = own.iter().map(Vec::len).sum();
        let commits = own.into_iter().map(commands).collect::<Result<Vec<_>>>()?;
        let ((), took) = timed(|| all_of(ledger, commits))?;
        Ok(vec![count as f64 / took])
    };
    let mut tables = Recording::create(&dir.join("tables.db"), Indexes::None)?;
    let mut ids = Recording::create(&dir.join("ids.db"), Indexes::Ids)?;
    let mut indexed = Recording::create(&dir.join("indexed.db"), Indexes::IdsAndEntries)?;
    let mut double_entry = DoubleEntry::with(&found.accounts)?;
    let mut raw = Raw::create(&dir.join("raw-of-thousands"))?;
    let in_tables = |turn| rate(of_turn(commits, turns, turn), |commit| tables.commit(commit));
    let in_ids = |turn| rate(of_turn(commits, turns, turn), |commit| ids.commit(commit));
    let in_indexed = |turn| rate(of_turn(commits, turns, turn), |commit| indexed.commit(commit));
    let in_double_entry = |turn| {
        let own = of_turn(commits, turns, turn);
        let drafts = own.iter().map(|commit| double_entry.drafts(commit)).collect::<Result<Vec<_>>>()?;
        let mut drafts = drafts.into_iter();
        rate(own, |_| double_entry.record(drafts.next().unwrap_or_default()))
    };
    let in_raw = |turn| rate(of_turn(commits, turns, turn), |commit| raw.append(&commit.stored));
    let others = vec![
        Contender::new(TABLES, Unit::PerSecond, in_tables).wanted(4.0),
        Contender::new("SQLite, the same with unique ids", Unit::PerSecond, in_ids),
        Contender::new(
            "SQLite, with unique ids and a covering index of entries",
            Unit::PerSecond,
            in_indexed,
        ),
        Contender::new("doubleentry, in memory, nothing durable", Unit::PerSecond, in_double_entry)
            .wanted(3.0),
        Contender::new("write + fdatasync of the same bytes", Unit::PerSecond, in_raw).wanted(0.25),
    ];
    let row = Row::of(
        "record",
        "record: parsed facts, 1,000 a commit, each durable",
        book.events,
        Target::AtLeast(250_000.0, Unit::PerSecond),
    );
    row.measured(turns, Contender::new("Upline", Unit::PerSecond, ours), others)
}

/// Records commits, each durable; the next is decided while one is being stored.
fn all_of(ledger: &mut Ledger, commits: Vec<Vec<Command>>) -> Result<()> {
    let refused = AtomicUsize::new(0);
    let mut commits = commits.into_iter();
    let next = || commits.next().map(|commit| (commit, ()));
    ledger.commit_all(next, |(), answers| {
        let others = |answer: &Outcome| !matches!(answer, Outcome::Recorded(_));
        let others = answers.map_or(1, |answers| answers.iter().filter(|answer| others(answer)).count());
        refused.fetch_add(others, Ordering::Relaxed);
    })?;
    match refused.into_inner() {
        0 => Ok(()),
        others => Err(format!("{others} facts were not recorded").into()),
    }
}

/// How long each commit took.
fn each<'a, T: 'a>(
    commits: impl IntoIterator<Item = T>,
    mut record: impl FnMut(T) -> Result<()>,
) -> Result<Vec<f64>> {
    commits.into_iter().map(|commit| Ok(timed(|| record(commit))?.1)).collect()
}

fn one_a_commit(
    book: &Book,
    ledger: &mut Ledger,
    facts: Vec<ImportLine>,
    commits: &[Commit],
    turns: usize,
    dir: &Path,
) -> Result<Row> {
    let mut facts = facts.into_iter();
    let ledger = RefCell::new(ledger);
    let ours = |_| each(facts.by_ref().take(TURN_ONES), |line| commit(&mut ledger.borrow_mut(), vec![line]));
    let mut raw = Raw::create(&dir.join("raw-of-ones"))?;
    let mut tables = Recording::create(&dir.join("ones.db"), Indexes::None)?;
    let in_raw = |turn| each(of_turn(commits, turns, turn), |commit| raw.append(&commit.stored));
    let in_tables = |turn| each(of_turn(commits, turns, turn), |commit| tables.commit(commit));
    let others = vec![
        Contender::new("write + fdatasync of the same bytes", Unit::Seconds, in_raw).wanted(0.5),
        Contender::new(TABLES, Unit::Seconds, in_tables),
    ];
    let row = Row::of("commit", "record: one fact a commit, one client", book.events, Target::Beside);
    row.measured(turns, Contender::new("Upline", Unit::Seconds, ours), others)
}

/// Many clients at once, each waiting for its fact to be durable before it brings the next.
fn clients_at_once(book: &Book, ledger: Ledger, facts: Vec<Vec<ImportLine>>, one: &Row) -> Result<Row> {
    let (clients, count) = (facts.len(), facts.iter().map(Vec::len).sum::<usize>());
    let took = ours::at_once(ledger, facts)?;
    let alone = one.ours.as_ref().map(|one| Measured::counted(Unit::PerSecond, 1.0 / one.figure()));
    let what = format!("record: one fact a commit, {clients} clients at once");
    let mut row = Row::of("commit", what, book.events, Target::Beside);
    row.ours = Some(Measured::counted(Unit::PerSecond, count as f64 / took));
    Ok(row.beside(alone.map(|alone| Beside::new("one client", alone, Some(10.0)))))
}
