//! Every byte of a small ledger flipped in turn, its files cut and removed: always noticed, never a panic, never
//! another answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::fs;
use std::path::Path;
use upline_core::content::{ContentKey, canonical};
use upline_core::event::Identity;
use upline_core::time::{Day, Moment};
use upline_ledger::decider::Command;
use upline_ledger::import::{ImportLine, ImportMode, ImportOptions};
use upline_ledger::{Clock, KnownAt, Ledger, LedgerError, OpenOptions};
use upline_testing::full_books;
use upline_views::balance::{BalanceRow, By};

const FILES: [&str; 4] = ["log", "tail", "acknowledged", "directory.jsonl"];

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Moment {
        Moment::parse("2026-01-01T12:00:00Z").unwrap()
    }
}

fn lines(facts: Vec<upline_core::fact::Fact>) -> Vec<ImportLine> {
    let submit = |fact: upline_core::fact::Fact| {
        let mut text = String::new();
        canonical(fact.on, fact.remarks.as_deref(), &fact.body, &mut text);
        let content = ContentKey::of(&text);
        Command {
            id: content.id(&text, 1),
            identity: Identity::Derived { ordinal: 1 },
            content,
            before: None,
            fact,
        }
    };
    (1..)
        .zip(facts)
        .map(|(number, fact)| ImportLine { number, content: Ok(submit(fact)), raw: None })
        .collect()
}

fn answers(dir: &Path) -> Result<(String, Vec<BalanceRow>), LedgerError> {
    let ledger = Ledger::open(dir, Box::new(Noon), &OpenOptions::default())?;
    let at = ledger.point(Day::parse("2030-12-31"), KnownAt::Everything)?;
    Ok((ledger.root().to_string(), ledger.balances(at, By::Policy, None)?))
}

/// What `verify` says, where the ledger opens at all.
fn verifies(dir: &Path) -> bool {
    let ledger = Ledger::open(dir, Box::new(Noon), &OpenOptions::default());
    ledger.and_then(|ledger| ledger.verify(&mut |_, _, _| ())).is_ok_and(|verified| verified.ok())
}

#[test]
fn every_byte_that_changes_is_noticed() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("ledger");
    let mut ledger = Ledger::create_in(upline_ledger::Engine::Files, &dir, Box::new(Noon)).unwrap();
    let options = ImportOptions {
        mode: ImportMode::KeepGoing,
        trust_recorded_at: false,
        origin: None,
        commit_every: None,
    };
    let book = full_books().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let facts = lines([book.setup, book.facts].concat());
    let half = facts.len() / 2;
    let mut facts = facts.into_iter();
    // A block for each commit.
    for some in [facts.by_ref().take(half).collect::<Vec<_>>(), facts.collect()] {
        ledger.import(&options, std::iter::once(Ok(some)), &mut |_, _| {}).unwrap();
    }
    drop(ledger);
    let expected = answers(&dir).unwrap();
    assert!(!expected.1.is_empty() && verifies(&dir));

    let check = |what: &str| {
        assert!(!verifies(&dir), "{what} is not noticed");
        // An answer that is given all the same is the right one.
        if let Ok(answer) = answers(&dir) {
            assert_eq!(answer, expected, "{what}");
        }
    };
    for file in FILES {
        let path = dir.join(file);
        let sound = fs::read(&path).unwrap();
        for at in 0..sound.len() {
            for bits in [0x01, 0x80, 0xff] {
                let mut flipped = sound.clone();
                flipped[at] ^= bits;
                fs::write(&path, flipped).unwrap();
                check(&format!("{file}, byte {at}, bits {bits:02x}"));
            }
            fs::write(&path, &sound[..at]).unwrap();
            check(&format!("{file} cut to {at} bytes"));
        }
        fs::remove_file(&path).unwrap();
        check(&format!("{file} removed"));
        fs::write(&path, &sound).unwrap();
    }
    assert!(verifies(&dir));
    assert_eq!(answers(&dir).unwrap(), expected);
}
