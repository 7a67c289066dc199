//! The whole benchmark, once and small: that every part of it runs, and that all answers agree.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn every_row_of_a_small_book_is_measured() {
    let dir = tempfile::tempdir().unwrap();
    let mut bench = Command::new(env!("CARGO_BIN_EXE_upline-bench"));
    let output = bench.args(["--events", "100000", "--runs", "1", "--dir"]).arg(dir.path()).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    let rows: Vec<&str> = stdout.lines().filter(|line| line.starts_with("| ")).collect();
    for what in ["import", "record", "late", "replay", "balance", "persistency", "memory", "disk"] {
        assert!(rows.iter().any(|row| row.contains(what)), "no row about {what} in\n{stdout}");
    }
}
