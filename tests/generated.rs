//! Generated books: the same for the same seed, taken without a refusal, and sound.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::Upline;

fn generate(upline: &Upline, seed: &str) -> String {
    let done = upline.run(&["generate", "--policies", "300", "--producers", "40", "--seed", seed]);
    done.succeeds();
    done.stdout
}

#[test]
fn the_same_seed_writes_the_same_book() {
    let upline = Upline::bare();
    let book = generate(&upline, "7");
    assert_eq!(book, generate(&upline, "7"));
    assert_ne!(book, generate(&upline, "8"));
    assert_eq!(book.lines().filter(|line| line.contains("\"policy_issued\"")).count(), 300);
}

#[test]
fn a_generated_book_is_taken_whole_and_verifies() {
    let upline = Upline::new();
    let book = generate(&upline, "7");
    upline.write("book.jsonl", &book);
    let answer = upline.json(&["import", "book.jsonl"]);
    assert_eq!(answer["refused"], 0, "{answer}");
    assert_eq!(answer["recorded"], book.lines().count());
    let (events, _) = upline.verified();
    assert_eq!(answer["position"], events);
    assert!(!upline.rows(&["balance"]).as_array().unwrap().is_empty());
}

#[test]
fn the_smallest_book_is_one() {
    let upline = Upline::new();
    upline.run(&["generate", "--policies", "1", "--producers", "1", "--out", "book.jsonl"]).succeeds();
    upline.run(&["import", "book.jsonl"]).succeeds();
    upline.verified();
    upline.run(&["generate", "--policies", "0", "--producers", "1"]).fails(2, "--policies");
    upline.run(&["generate", "--policies", "1", "--producers", "1", "--out", "no/dir"]).fails(1, "no/dir");
}
