//! The real program, killed in the middle of imports: what it left is sound, and importing the same file
//! again ends in the books of an undisturbed import.
//!
//! Where it is killed is drawn from a seed: after so many lines of stdin, once the store was written to so
//! many times. Nothing waits for a clock.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::Upline;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::{Child, Stdio};
use std::thread;
use std::time::SystemTime;

/// Facts in several blocks.
const POLICIES: &str = "700";
const STDIN_KILLS: u64 = 9;
const FILE_KILLS: u64 = 6;

/// What must be the same, however often the import was cut off.
#[derive(Debug, PartialEq)]
struct Books {
    events: u64,
    balances: Value,
    accounts: Value,
    persistency: Value,
}

impl Books {
    fn of(upline: &Upline) -> Books {
        let (events, _) = upline.verified();
        let book = upline.read("book.jsonl");
        let defined = book.lines().find(|line| line.contains("persistency_defined")).unwrap();
        let defined: Value = serde_json::from_str(defined).unwrap();
        let definition = defined["definition"].as_str().unwrap();
        let rows = |args: &[&str]| upline.rows(&[args, &["--as-of", "2024-05-31"]].concat());
        Books {
            events,
            balances: rows(&["balance", "--by", "policy"]),
            accounts: rows(&["accounts"]),
            persistency: rows(&["persistency", "--definition", definition, "--downline"]),
        }
    }
}

/// The n-th number of a seed (splitmix64), below a bound.
fn drawn(n: u64, below: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) % below
}

fn ledger_with_book() -> Upline {
    let upline = Upline::new();
    let book =
        ["generate", "--policies", POLICIES, "--producers", "60", "--seed", "11", "--out", "book.jsonl"];
    upline.run(&book).succeeds();
    upline
}

fn undisturbed() -> Books {
    let upline = ledger_with_book();
    upline.run(&["import", "book.jsonl"]).succeeds();
    Books::of(&upline)
}

/// When something was last acknowledged.
fn written(upline: &Upline) -> SystemTime {
    fs::metadata(upline.path("ledger/acknowledged")).unwrap().modified().unwrap()
}

/// Waits until the store was written to so many times, or the child has ended by itself.
fn wait_for_writes(upline: &Upline, child: &mut Child, times: u64) {
    let mut last = written(upline);
    let mut seen = 0;
    while seen < times && child.try_wait().unwrap().is_none() {
        let now = written(upline);
        seen += u64::from(now != last);
        last = now;
        thread::yield_now();
    }
}

/// Kills, checks what is there, imports the file once more, and compares. Says how much was there.
fn kill_and_repeat(upline: &Upline, mut child: Child, expected: &Books) -> u64 {
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    let (left, _) = upline.verified();
    assert!(left <= expected.events);
    upline.run(&["import", "book.jsonl"]).succeeds();
    assert_eq!(&Books::of(upline), expected, "after {left} events were left");
    left
}

#[test]
fn an_import_of_stdin_that_was_killed_can_be_repeated() {
    let expected = undisturbed();
    let mut partial = 0;
    for nth in 0..STDIN_KILLS {
        let upline = ledger_with_book();
        let before = written(&upline);
        let mut child = upline
            .command(&["import", "--keep-going", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let book = upline.read("book.jsonl");
        let all = book.lines().count() as u64;
        // Of three: wherever it is; after the first write; after several.
        let lines = if nth % 3 == 0 { drawn(nth, all) } else { all / 2 + drawn(nth, all / 2) };
        for line in book.lines().take(usize::try_from(lines).unwrap()) {
            writeln!(stdin, "{line}").unwrap();
        }
        // Half the book is more than a block, so there is a first write; stdin stays open until then.
        while nth % 3 != 0 && written(&upline) == before {
            thread::yield_now();
        }
        if nth % 3 == 2 {
            drop(stdin);
            wait_for_writes(&upline, &mut child, 1 + drawn(nth, 4));
        }
        let left = kill_and_repeat(&upline, child, &expected);
        partial += u64::from(left > 0 && left < expected.events);
    }
    assert!(partial > 0, "every kill came before the first block or after the last");
}

#[test]
fn an_import_of_a_file_that_was_killed_can_be_repeated() {
    let expected = undisturbed();
    for nth in 0..FILE_KILLS {
        let upline = ledger_with_book();
        let mode: &[&str] = if nth % 2 == 0 { &["--keep-going"] } else { &[] };
        let mut child = upline
            .command(&[&["import", "book.jsonl"], mode].concat())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for_writes(&upline, &mut child, 1 + drawn(100 + nth, 5));
        kill_and_repeat(&upline, child, &expected);
    }
}
