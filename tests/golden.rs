//! A whole ledger as it was written in November 2026, read for ever: its bytes are never changed, and every
//! program to come answers from them what was answered then.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::Upline;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden").join(name)
}

/// The golden ledger, in a place of its own.
fn kept() -> Upline {
    let upline = Upline::bare();
    fs::create_dir(upline.path("ledger")).unwrap();
    for file in ["log", "tail", "acknowledged", "directory.jsonl"] {
        fs::copy(golden("demo-1").join(file), upline.path("ledger").join(file)).unwrap();
    }
    upline
}

fn answer(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(golden(name)).unwrap()).unwrap()
}

#[test]
fn what_was_written_is_read_for_ever() {
    let upline = kept();
    let root = "d8118df121b60f997e4dd3d9950cff59c0f81d06c5e131e7adeadcdbd94f5777";
    assert_eq!(upline.verified(), (50, root.to_owned()));
    let then = ["--as-of", "2025-12-31"];
    let balance = upline.json(&[&["balance", "--by", "policy"], &then[..]].concat());
    assert_eq!(balance, answer("demo-1.balance.json"));
    assert_eq!(upline.json(&[&["accounts"], &then[..]].concat()), answer("demo-1.accounts.json"));
    assert_eq!(upline.rows(&["directory"]).as_array().unwrap().len(), 5);
}

#[test]
fn it_is_recorded_in_and_backed_up_as_any() {
    let upline = kept();
    upline.run(&["backup", "a.tar"]).succeeds();
    upline.run(&["--ledger", "again", "restore", "a.tar"]).succeeds();
    upline
        .run(&["record", "lead_line_set", "--on", "2026-01-01", "--producer", "A001", "--limit", "5.00"])
        .succeeds();
    assert_eq!(upline.verified().0, 51);
    assert_eq!(upline.json(&["--ledger", "again", "verify"])["events"], 50);
}
