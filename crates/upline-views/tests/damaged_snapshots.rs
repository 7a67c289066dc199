//! Snapshots are derived: whatever happens to their files, no answer changes, and `verify` says what happened.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::fs;
use std::path::{Path, PathBuf};
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::time::Day;
use upline_log::{EventLog, LogError, MemoryLog};
use upline_store::{Snapshot, snapshot_files, snapshots};
use upline_testing::{Recorded, full_books};
use upline_views::balance::{BalanceRow, By};
use upline_views::index::{Chapters, Index, IndexError, Keep, verify_snapshots, write_snapshots};

fn log(nth: usize) -> MemoryLog {
    let mut runner = TestRunner::deterministic();
    let mut book = full_books().new_tree(&mut runner).unwrap().current();
    for _ in 0..nth {
        book = full_books().new_tree(&mut runner).unwrap().current();
    }
    let mut log = MemoryLog::new().unwrap();
    log.append(0, &Recorded::of_full(&book.setup, &book.facts).batch).unwrap();
    log
}

fn chapters(log: &dyn EventLog) -> Chapters {
    Chapters::of(log.len() / 3)
}

/// What a reader answers; `None` where it is told that a snapshot cannot be used, and asks the log instead.
fn answer(dir: &Path, log: &dyn EventLog) -> Option<Vec<BalanceRow>> {
    let index = Index::open(log, chapters(log), Keep::Nothing, snapshots(dir, log)).unwrap();
    let at = AsOf { effective: Day::LAST, known: log.len() };
    match index.balances(log, at, By::Carrier) {
        Err(IndexError::Log(LogError::Snapshot { .. })) => None,
        other => Some(other.unwrap()),
    }
}

/// Whether `verify` finds all files as the log gives them.
fn verifies(dir: &Path, log: &dyn EventLog) -> bool {
    verify_snapshots(dir, log, chapters(log)).unwrap().is_ok_and(|count| count == snapshot_files(dir))
}

fn file(dir: &Path, number: usize) -> PathBuf {
    dir.join("snapshots").join(format!("{number:08}"))
}

#[test]
fn whatever_changes_in_a_snapshot_is_noticed_and_changes_no_answer() {
    let log = log(0);
    let dir = tempfile::tempdir().unwrap();
    assert!(write_snapshots(dir.path(), &log, chapters(&log), &mut |_| ()).unwrap() >= 3);
    let expected = answer(dir.path(), &log).unwrap();
    assert!(!expected.is_empty() && verifies(dir.path(), &log));
    let check = |what: &str| {
        assert!(answer(dir.path(), &log).is_none_or(|rows| rows == expected), "{what}: another answer");
        assert!(!verifies(dir.path(), &log), "{what}: not noticed");
    };
    for number in 1..=3 {
        let path = file(dir.path(), number);
        let whole = fs::read(&path).unwrap();
        for place in 0..whole.len() {
            for bits in [0x01, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[place] ^= bits;
                fs::write(&path, bytes).unwrap();
                check(&format!("byte {place} of snapshot {number}, {bits:#x}"));
            }
        }
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            check(&format!("snapshot {number} cut to {length}"));
        }
        fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
        check(&format!("snapshot {number} with a byte behind"));
        fs::write(&path, whole).unwrap();
    }
    assert!(verifies(dir.path(), &log));
}

#[test]
fn snapshots_that_are_missing_or_of_another_log_are_not_used_and_made_again() {
    let (log, other) = (log(0), log(1));
    let (dir, others) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let written = write_snapshots(dir.path(), &log, chapters(&log), &mut |_| ()).unwrap();
    write_snapshots(others.path(), &other, chapters(&log), &mut |_| ()).unwrap();
    let expected = answer(dir.path(), &log).unwrap();
    let first = fs::read(file(dir.path(), 1)).unwrap();

    // A gap: what is behind it counts as not there.
    fs::remove_file(file(dir.path(), 1)).unwrap();
    assert_eq!(answer(dir.path(), &log).unwrap(), expected);
    assert_eq!(write_snapshots(dir.path(), &log, chapters(&log), &mut |_| ()).unwrap(), written);
    assert_eq!(fs::read(file(dir.path(), 1)).unwrap(), first);

    // Of another log: one among ours, and all.
    fs::copy(file(others.path(), 2), file(dir.path(), 2)).unwrap();
    assert_eq!(answer(dir.path(), &log).unwrap(), expected);
    assert!(!verifies(dir.path(), &log));
    fs::copy(file(others.path(), 1), file(dir.path(), 1)).unwrap();
    assert_eq!(answer(dir.path(), &log).unwrap(), expected);
    write_snapshots(dir.path(), &log, chapters(&log), &mut |_| ()).unwrap();
    assert!(verifies(dir.path(), &log));

    // Of this log when it was longer, as after a restore of an older backup.
    let mut shorter = MemoryLog::new().unwrap();
    let (_, batch) = log.read(1).unwrap().next().unwrap().unwrap();
    let mut part = upline_core::event::Batch::default();
    for (event, postings) in batch.iter().take(batch.len() / 2) {
        part.push(event.clone(), postings.iter().copied());
    }
    shorter.append(0, &part).unwrap();
    let fresh = tempfile::tempdir().unwrap();
    let cutting = chapters(&log);
    let at = AsOf { effective: Day::LAST, known: shorter.len() };
    let of = |dir: &Path| {
        let index = Index::open(&shorter, cutting, Keep::Nothing, snapshots(dir, &shorter)).unwrap();
        index.balances(&shorter, at, By::Carrier).unwrap()
    };
    assert_eq!(of(dir.path()), of(fresh.path()));
}

/// The last snapshot is damaged, and the log goes on: it is read on from, or made again, all the same.
#[test]
fn a_log_goes_on_behind_a_damaged_snapshot() {
    let log = log(0);
    let cutting = chapters(&log);
    let dir = tempfile::tempdir().unwrap();
    write_snapshots(dir.path(), &log, cutting, &mut |_| ()).unwrap();
    let expected = answer(dir.path(), &log).unwrap();
    let second = fs::read(file(dir.path(), 2)).unwrap();
    let third = fs::read(file(dir.path(), 3)).unwrap();
    for place in 0..second.len() {
        let mut bytes = second.clone();
        bytes[place] ^= 0x10;
        fs::write(file(dir.path(), 2), bytes).unwrap();
        fs::remove_file(file(dir.path(), 3)).unwrap();
        assert_eq!(answer(dir.path(), &log).unwrap(), expected);
        write_snapshots(dir.path(), &log, cutting, &mut |_| ()).unwrap();
        assert!(fs::read(file(dir.path(), 3)).unwrap() == third, "byte {place}");
        assert!(fs::read(file(dir.path(), 2)).unwrap() == second, "byte {place}");
    }
}

/// Somebody who can write files can also write their checksums.
#[test]
fn verify_notices_a_snapshot_whose_sums_were_changed_with_its_checksums() {
    let log = log(0);
    let dir = tempfile::tempdir().unwrap();
    write_snapshots(dir.path(), &log, chapters(&log), &mut |_| ()).unwrap();
    let stored = snapshots(dir.path(), &log);
    let mut sections = stored[0].sections(0..6).unwrap();
    let sums = sections.last_mut().unwrap();
    *sums.last_mut().unwrap() ^= 2;
    let last: Position = stored[0].last();
    let root = log.tip_at(last).unwrap().root();
    let forged = Snapshot::encode(last, root, None, &sections).unwrap();
    Snapshot::store(dir.path(), 1, &forged).unwrap();
    let wrong = verify_snapshots(dir.path(), &log, chapters(&log)).unwrap().unwrap_err();
    assert_eq!(wrong.path(), file(dir.path(), 1));
}
