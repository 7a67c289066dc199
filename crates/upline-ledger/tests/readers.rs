//! Readers beside a writer: whole commits, only ever more of them, and answers that stay as they were.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use upline_core::as_of::AsOf;
use upline_core::fact::{AdjustedAccount, AdjustmentPosted, Body, Fact, ProducerAdded, ProducerKind};
use upline_core::money::{Cents, Total};
use upline_core::refusal::RefusalCode;
use upline_core::time::Day;
use upline_ledger::{ErrorClass, Ledger, LedgerError, NotRecorded, Reader, SystemClock, Writer};
use upline_log::{DiskLog, EventLog, MemoryLog, OpenOptions};
use upline_testing::{FIRST_DAY, code, fact};
use upline_views::balance::By;

fn producer(name: &str) -> Fact {
    let kind = ProducerKind::Agent;
    fact(FIRST_DAY, Body::ProducerAdded(ProducerAdded { producer: code(name), kind }))
}

/// Moves an amount from B to A, which only a whole commit shows: nothing is won or lost.
fn moved(cents: i64) -> Vec<Fact> {
    let adjustment = |name: &str, cents: i64| {
        let (producer, account) = (code(name), AdjustedAccount::Payable);
        let approved_by = format!("controller {cents}");
        let amount = Cents(cents);
        let what =
            AdjustmentPosted { producer, carrier: None, account, amount, code: code("FIX"), approved_by };
        fact(FIRST_DAY, Body::AdjustmentPosted(Box::new(what)))
    };
    vec![adjustment("A", cents), adjustment("B", -cents)]
}

/// What is asked for at a point: the root there, and what A is due.
fn answer(ledger: &Ledger, known: u64) -> (String, Total) {
    let rows = ledger.balances(AsOf { effective: Day::LAST, known }, By::Producer, None).unwrap();
    let sums = rows.iter().fold(0, |sum, row| sum + row.figures.payable.0);
    assert_eq!(sums, 0, "a part of a commit was seen, up to {known}: {rows:?}");
    let due = rows.iter().find(|row| row.producer == code("A")).map(|row| row.figures.payable);
    (ledger.root_at(known).unwrap().to_string(), due.unwrap_or(Total::ZERO))
}

/// Asks until there is nothing more to come. Answers at a position are kept, and asked for again later.
fn ask(reader: &Reader, ended: &AtomicBool) -> u64 {
    let (mut last, mut answers) = (0, HashMap::new());
    loop {
        let end = ended.load(Ordering::Acquire);
        let ledger = reader.now();
        let position = ledger.position();
        assert!(position >= last && position.is_multiple_of(2), "{position} after {last}");
        last = position;
        for known in [position, position / 4 * 2] {
            let now = answer(&ledger, known);
            assert_eq!(*answers.entry(known).or_insert_with(|| now.clone()), now, "at {known}");
        }
        if end {
            return last;
        }
    }
}

fn beside_a_writer(log: Box<dyn EventLog>) {
    const COMMITS: i64 = 200;
    let writer = Writer::start(Ledger::of(log, Box::new(SystemClock)).keep_warm());
    let handle = writer.handle();
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                let (reader, ended) = (writer.reader(), &ended);
                scope.spawn(move || ask(&reader, ended))
            })
            .collect();
        handle.run_and_wait(|ledger| ledger.record_all(vec![producer("A"), producer("B")])).unwrap().unwrap();
        for cents in 1..=COMMITS {
            let stored = handle.run_and_wait(move |ledger| ledger.record_all(moved(cents))).unwrap().unwrap();
            // Who was answered sees it with the next question.
            assert_eq!(handle.reader().now().position(), stored[1]);
        }
        ended.store(true, Ordering::Release);
        let whole = 2 + 2 * COMMITS.unsigned_abs();
        readers.into_iter().for_each(|reader| assert_eq!(reader.join().unwrap(), whole));
    });
    let reader = writer.reader();
    drop(handle);
    let ledger = writer.stop().unwrap();
    // They outlive the writer.
    assert_eq!(reader.now().root(), ledger.root());
    assert_eq!(answer(&reader.now(), ledger.position()).1, Total(i128::from(COMMITS * (COMMITS + 1) / 2)));
}

#[test]
fn readers_beside_a_writer_see_whole_commits_and_answers_never_change() {
    beside_a_writer(Box::new(MemoryLog::new().unwrap()));
    let dir = tempfile::tempdir().unwrap();
    beside_a_writer(Box::new(DiskLog::create(&dir.path().join("ledger")).unwrap()));
}

#[test]
fn facts_that_belong_together_are_recorded_all_or_none() {
    let mut ledger = Ledger::of(Box::new(MemoryLog::new().unwrap()), Box::new(SystemClock));
    // The second is refused because of the first, the fourth because of what stands.
    let refused = ledger.record_all(vec![producer("A"), moved(7).remove(1), producer("C")]).unwrap_err();
    assert_eq!((refused.code(), refused.class()), ("unknown_producer", ErrorClass::NotFound));
    assert!(matches!(&refused, LedgerError::Refused(why) if why.code == RefusalCode::UnknownProducer));
    assert_eq!(ledger.position(), 0);
    assert_eq!(ledger.record_all(vec![producer("A"), producer("B")]).unwrap(), [1, 2]);
    let again = ledger.record_all(vec![producer("C"), producer("A")]).unwrap_err();
    assert_eq!((again.code(), again.class()), ("recorded_already", ErrorClass::Refused));
    assert_eq!(ledger.position(), 2);
    // Nothing of what was refused was kept in mind either.
    assert_eq!(ledger.record_all(vec![producer("C")]).unwrap(), [3]);
    assert!(ledger.record_all(vec![]).unwrap().is_empty());
}

#[test]
fn a_reader_of_another_process_s_ledger_sees_more_once_it_is_refreshed() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("ledger");
    let engine = upline_ledger::Engine::Files;
    let mut writer = Ledger::create_in(engine, &place, Box::new(SystemClock)).unwrap();
    writer.record_all(vec![producer("A"), producer("B")]).unwrap();
    let options = OpenOptions::default();
    let open = {
        let (place, options) = (place.clone(), options.clone());
        move || Ledger::open(&place, Box::new(SystemClock), &options)
    };
    let reader = Reader::following(open).unwrap();
    let before = reader.now();
    writer.record_all(moved(5)).unwrap();
    assert_eq!((reader.now().position(), reader.refresh().unwrap().position()), (2, 4));
    // What was asked before stays what it was.
    assert_eq!((before.position(), answer(&before, 2).1), (2, Total::ZERO));
    assert_eq!(answer(&reader.now(), 4).1, Total(5));
    // Another history in its place is found out.
    drop(writer);
    std::fs::remove_dir_all(&place).unwrap();
    let mut other = Ledger::create_in(engine, &place, Box::new(SystemClock)).unwrap();
    other.record_all(vec![producer("C")]).unwrap();
    assert_eq!(reader.refresh().err().map(|error| error.code()), Some("other_history"));
    assert_eq!(reader.now().position(), 4);
}

#[tokio::test]
async fn a_use_case_and_facts_are_done_in_the_order_in_which_they_come() {
    let writer = Writer::start(Ledger::of(Box::new(MemoryLog::new().unwrap()), Box::new(SystemClock)));
    let handle = writer.handle();
    let added = handle.run(|ledger| ledger.record_all(vec![producer("A"), producer("B")])).await;
    assert_eq!(added.unwrap().unwrap(), [1, 2]);
    let due = handle.run(|ledger| answer(ledger, ledger.position()).1).await;
    assert_eq!(due.unwrap(), Total::ZERO);
    assert_eq!(NotRecorded::Stopped.code(), "stopped");
    drop(handle);
    assert_eq!(writer.stop().unwrap().position(), 2);
}
