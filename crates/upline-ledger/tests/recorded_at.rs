//! When things are recorded: one time a commit, never decreasing, trusted only where that is asked for
//! (facts.md, `recorded_at`), with a clock that the test sets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use upline_core::as_of::AsOf;
use upline_core::content::{ContentKey, canonical};
use upline_core::event::Identity;
use upline_core::fact::{Body, Fact, ProducerAdded, ProducerKind, Remarks};
use upline_core::refusal::RefusalCode;
use upline_core::time::{Day, Moment};
use upline_ledger::decider::Command;
use upline_ledger::import::{ImportLine, ImportMode, ImportOptions, ImportReport};
use upline_ledger::{Clock, KnownAt, Ledger};
use upline_log::{EventLog, MemoryLog};
use upline_testing::{code, fact};

/// A clock that stands where the test puts it; it moves on by a microsecond whenever it is read.
#[derive(Clone, Default)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn set(&self, seconds: i64) {
        self.0.store(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Moment {
        Moment(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

fn second(seconds: i64) -> Moment {
    Moment(seconds * 1_000_000)
}

struct Decider {
    ledger: Ledger,
    clock: Hand,
}

impl Decider {
    fn new() -> Decider {
        let clock = Hand::default();
        clock.set(1_000);
        let log: Box<dyn EventLog> = Box::new(MemoryLog::new().unwrap());
        Decider { ledger: Ledger::of(log, Box::new(clock.clone())), clock }
    }

    fn import(&mut self, trusted: bool, facts: Vec<Fact>) -> ImportReport {
        let options = ImportOptions {
            mode: ImportMode::KeepGoing,
            trust_recorded_at: trusted,
            origin: None,
            commit_every: None,
        };
        let lines = (1..).zip(facts).map(|(number, fact)| ImportLine {
            number,
            content: Ok(command(fact)),
            raw: None,
        });
        self.ledger.import(&options, std::iter::once(Ok(lines.collect())), &mut |_, _| {}).unwrap()
    }

    fn recorded_at(&self) -> Vec<Moment> {
        let mut moments = Vec::new();
        let at = AsOf { effective: Day::LAST, known: self.ledger.position() };
        self.ledger.events(at, 1, |seen| moments.push(seen.event.recorded_at)).unwrap();
        moments
    }
}

fn command(fact: Fact) -> Command {
    let mut text = String::new();
    canonical(fact.on, fact.remarks.as_deref(), &fact.body, &mut text);
    let content = ContentKey::of(&text);
    let identity = Identity::Derived { ordinal: 1 };
    Command { id: content.id(&text, 1), fact, identity, content, before: None }
}

fn producer(name: &str) -> Fact {
    fact(Day(20_000), Body::ProducerAdded(ProducerAdded { producer: code(name), kind: ProducerKind::Agent }))
}

fn producer_at(name: &str, at: Moment) -> Fact {
    Fact { recorded_at: Some(at), ..producer(name) }
}

#[test]
fn a_commit_is_recorded_at_one_time() {
    let mut decider = Decider::new();
    decider.import(false, vec![producer("A"), producer("B"), producer("C")]);
    decider.clock.set(2_000);
    decider.import(false, vec![producer("D"), producer("E")]);
    assert_eq!(decider.recorded_at(), [[second(1_000); 3].as_slice(), &[second(2_000); 2]].concat());
}

#[test]
fn a_clock_that_goes_backwards_does_not_take_the_log_along() {
    let mut decider = Decider::new();
    decider.import(false, vec![producer("A")]);
    decider.clock.set(500);
    decider.import(false, vec![producer("B")]);
    decider.clock.set(1_500);
    decider.import(false, vec![producer("C")]);
    assert_eq!(decider.recorded_at(), [second(1_000), second(1_000), second(1_500)]);
}

#[test]
fn a_time_that_is_not_trusted_does_not_count() {
    let mut decider = Decider::new();
    decider.import(false, vec![producer_at("A", second(77))]);
    assert_eq!(decider.recorded_at(), [second(1_000)]);
}

#[test]
fn trusted_times_count_and_may_not_go_backwards() {
    let mut decider = Decider::new();
    let facts = vec![
        producer_at("A", second(10)),
        producer_at("B", second(10)),
        producer_at("C", second(9)),
        producer_at("D", second(11)),
    ];
    let report = decider.import(true, facts);
    assert_eq!((report.recorded, report.refused.first.len()), (3, 1));
    let refused = &report.refused.first[0];
    assert_eq!((refused.line, refused.refusal.code), (3, RefusalCode::Dates));
    assert_eq!(refused.refusal.field, Some("recorded_at"));
    // One without a time is recorded now, one with an earlier time than that no more.
    let report = decider.import(true, vec![producer("E"), producer_at("F", second(999))]);
    assert_eq!((report.recorded, report.refused.first.len()), (1, 1));
    // (This clock goes on with every look at it.)
    assert_eq!(decider.recorded_at(), [second(10), second(10), second(11), Moment(second(1_000).0 + 1)]);
}

#[test]
fn trusted_times_ahead_of_the_clock_hold_later_ones_back() {
    let mut decider = Decider::new();
    decider.import(true, vec![producer_at("A", second(9_000))]);
    decider.import(false, vec![producer("B")]);
    decider.clock.set(9_001);
    decider.import(false, vec![producer("C")]);
    assert_eq!(decider.recorded_at(), [second(9_000), second(9_000), second(9_001)]);
}

#[test]
fn what_is_recorded_already_is_that_whatever_its_time() {
    let mut decider = Decider::new();
    decider.import(true, vec![producer_at("A", second(50))]);
    let report = decider.import(true, vec![producer_at("A", second(1))]);
    assert_eq!((report.recorded, report.already_recorded, report.refused.first.len()), (0, 1, 0));
    // A note is content, so this is another fact, judged by its time first.
    let noted = Remarks { note: Some("again".into()), ..Remarks::default() };
    let other = Fact { remarks: Some(Box::new(noted)), ..producer_at("A", second(1)) };
    assert_eq!(decider.import(true, vec![other]).refused.first[0].refusal.code, RefusalCode::Dates);
}

#[test]
fn a_question_knows_what_was_recorded_by_its_time() {
    let mut decider = Decider::new();
    decider.import(true, (0..10).map(|n| producer_at(&format!("A{n}"), second(100 + n / 2))).collect());
    let known = |at: Moment| decider.ledger.point(None, KnownAt::Moment(at)).unwrap().known;
    assert_eq!(known(second(99)), 0);
    assert_eq!(known(second(100)), 2);
    assert_eq!(known(Moment(second(101).0 - 1)), 2);
    assert_eq!(known(second(104)), 10);
    assert_eq!(known(second(999)), 10);
}
