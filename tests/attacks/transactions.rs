//! An import that is cut off: a file is there whole, or not at all.

use super::common::{Done, Upline};
use super::{limited, on_both};
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A book of some ten thousand facts, each with the same time.
fn book(policies: &str) -> String {
    let upline = Upline::bare();
    upline.run(&["generate", "--policies", policies, "--producers", "40", "--out", "book.jsonl"]).succeeds();
    let stamped = |line: &str| {
        format!("{},\"recorded_at\":\"2026-01-01T00:00:00Z\"}}\n", line.strip_suffix('}').unwrap())
    };
    upline.read("book.jsonl").lines().map(stamped).collect()
}

const IMPORT: [&str; 3] = ["import", "--trust-recorded-at", "book.jsonl"];

/// It left 77,061 of 123,658 events, and later answers did not say so.
#[test]
fn a_full_disk_leaves_nothing_of_a_file() {
    let book = book("1200");
    on_both(|upline| {
        let undisturbed = Upline::in_files();
        undisturbed.write("book.jsonl", &book);
        undisturbed.run(&IMPORT).succeeds();
        let expected = undisturbed.verified();
        let first = r#"{"type":"carrier_added","on":"2020-01-01","carrier":"FIRST","recorded_at":"2025-01-01T00:00:00Z"}"#;
        upline.write("first.jsonl", first);
        upline.run(&["import", "--trust-recorded-at", "first.jsonl"]).succeeds();
        let before = upline.verified();
        upline.write("book.jsonl", &book);
        // So many blocks of 512 bytes a file may have; each engine needs more than the first, and less than the last.
        let mut failures = 0;
        for blocks in ["200", "400", "600", "800"] {
            let done = limited(&upline, &format!("-f {blocks}"), &IMPORT);
            if done.code == Some(0) {
                break;
            }
            failures += 1;
            assert!(done.stderr.contains("Free some space") || done.code == Some(3), "{done:?}");
            assert_eq!(upline.verified(), before, "{blocks} blocks");
            assert_eq!(upline.json(&["balance"])["position"], before.0);
        }
        assert!(failures > 0);
        upline.run(&IMPORT).succeeds();
        assert_eq!(upline.verified().0, expected.0 + 1);
        // Importing the file again records nothing.
        assert_eq!(upline.json(&IMPORT)["recorded"], 0);
    });
}

fn spawn(upline: &Upline, args: &[&str]) -> Child {
    let mut command = upline.command(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// Waits until something holds.
fn until(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "it never came");
        std::thread::yield_now();
    }
}

/// Whether a process handles a signal by itself: it has begun to import.
fn handles_signals(child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or("0");
    let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
    caught & (1 << 1) != 0 && caught & (1 << 14) != 0
}

#[test]
fn an_import_that_is_interrupted_records_nothing_and_says_so() {
    for (name, code) in [("-INT", 130), ("-TERM", 143)] {
        on_both(|upline| {
            // It waits for input that never comes.
            let mut child = spawn(&upline, &["import", "-"]);
            let mut stdin = child.stdin.take().unwrap();
            writeln!(stdin, r#"{{"type":"carrier_added","on":"2025-01-01","carrier":"C1"}}"#).unwrap();
            until(|| handles_signals(&child));
            signal(&child, name);
            let done = Done::of(child.wait_with_output().unwrap());
            drop(stdin);
            done.fails(code, "was interrupted before its end: nothing of it is recorded");
            assert_eq!(upline.verified().0, 0);
            upline.run(&["record", "carrier_added", "--on", "2025-01-01", "--carrier", "C1"]).succeeds();
        });
    }
}

#[test]
fn a_stream_that_is_interrupted_ends_at_its_last_commit() {
    on_both(|upline| {
        let mut child = spawn(&upline, &["import", "--commit-every", "10", "-"]);
        let mut stdin = child.stdin.take().unwrap();
        // A chunk is handed over when it is full.
        let line =
            |n: u32| format!("{{\"type\":\"carrier_added\",\"on\":\"2025-01-01\",\"carrier\":\"C{n}\"}}\n");
        let lines: String = (0..1_005).map(line).collect();
        stdin.write_all(lines.as_bytes()).unwrap();
        stdin.flush().unwrap();
        let acknowledged = upline.path("ledger/acknowledged");
        until(|| std::fs::read_to_string(&acknowledged).unwrap_or_default().contains("1000 "));
        signal(&child, "-TERM");
        let done = Done::of(child.wait_with_output().unwrap());
        drop(stdin);
        done.fails(143, "ends at its last commit, position 1000: importing it again goes on");
        assert_eq!(upline.verified().0, 1_000);
        upline.write("lines.jsonl", lines);
        let again = upline.json(&["import", "--commit-every", "10", "lines.jsonl"]);
        assert_eq!((&again["recorded"], &again["already_recorded"]), (&5.into(), &1_000.into()));
    });
}

#[test]
fn a_stream_with_a_refused_line_keeps_what_it_committed() {
    let upline = Upline::new();
    let line =
        |n: u32| format!("{{\"type\":\"carrier_added\",\"on\":\"2025-01-01\",\"carrier\":\"C{n}\"}}\n");
    let lines: String = (0..25).map(line).chain(["rubbish\n".to_owned()]).chain((25..30).map(line)).collect();
    upline.write("lines.jsonl", &lines);
    let done = upline.run(&["import", "--commit-every", "10", "--format", "json", "lines.jsonl"]);
    assert_eq!(done.code, Some(1));
    assert_eq!(done.json()["recorded"], 20);
    assert_eq!(upline.verified().0, 20);
    let done =
        upline.run(&["import", "--keep-going", "--commit-every", "10", "--format", "json", "lines.jsonl"]);
    assert_eq!(
        (done.json()["recorded"].clone(), done.json()["already_recorded"].clone()),
        (10.into(), 20.into())
    );
    assert_eq!(upline.verified().0, 30);
}
