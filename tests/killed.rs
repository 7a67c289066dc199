//! The real program, killed in the middle of what it does: hundreds of times, drawn from one seed.
//!
//! Each time what is left opens and verifies, every fact that was acknowledged is there, and doing the same again
//! ends in the very history of an undisturbed run, to the root: so no fact is lost, and none is there twice.
//! Where it is killed is drawn as a position: once the ledger has acknowledged so much. Nothing waits for a
//! clock. `UPLINE_LONG` kills ten times as often.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{Done, Upline};
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;

const SEED: u64 = 2_026;

/// Kills of each kind.
const KILLS: u64 = 40;
const KILLS_LONG: u64 = 10 * KILLS;

fn kills() -> u64 {
    if std::env::var_os("UPLINE_LONG").is_some() { KILLS_LONG } else { KILLS }
}

/// Numbers of a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn of(kind: u64) -> Dice {
        Dice(SEED * 1_000 + kind)
    }

    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

/// A book, each fact recorded at a time of its own, so that the same facts make the same history.
fn book(policies: &str) -> Vec<String> {
    let upline = Upline::bare();
    let generate = ["generate", "--policies", policies, "--producers", "20", "--seed", "11", "--out", "book"];
    upline.run(&generate).succeeds();
    let timed = |line: &str| {
        format!("{},\"recorded_at\":\"2026-01-01T00:00:00Z\"}}\n", line.strip_suffix('}').unwrap())
    };
    upline.read("book").lines().map(timed).collect()
}

/// How far the ledger has acknowledged; its file is written over while it is read.
fn acknowledged(dir: &Path) -> u64 {
    loop {
        let line = fs::read_to_string(dir.join("acknowledged")).unwrap();
        if let Some(position) = line.get(..20).and_then(|digits| digits.parse().ok()) {
            return position;
        }
    }
}

/// Starts a command that says nothing.
/// A ledger in one engine or the other, by turns.
fn on_an_engine(turn: u64) -> Upline {
    if turn.is_multiple_of(2) { Upline::new() } else { Upline::in_files() }
}

fn start(upline: &Upline, args: &[&str]) -> Child {
    let mut command = upline.command(args);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Kills (SIGKILL) once the ledger has acknowledged a position, or a little later; returns what it had then.
fn kill_at(upline: &Upline, mut child: Child, position: u64, later: u64) -> u64 {
    let dir = upline.path("ledger");
    while acknowledged(&dir) < position && child.try_wait().unwrap().is_none() {
        thread::yield_now();
    }
    (0..later).for_each(|_| drop(fs::metadata(&dir)));
    let before = acknowledged(&dir);
    child.kill().unwrap();
    child.wait().unwrap();
    before
}

/// What is left must be sound and hold what was acknowledged.
fn check_left(upline: &Upline, acknowledged: u64, what: &str) -> u64 {
    let (left, _) = upline.verified();
    assert!(left >= acknowledged, "{what}: {left} of {acknowledged} acknowledged events");
    left
}

fn files(upline: &Upline, lines: &[String], size: usize) -> Vec<String> {
    let name = |n: usize| format!("facts-{n}.jsonl");
    lines
        .chunks(size)
        .enumerate()
        .map(|(n, some)| (upline.write(&name(n), some.concat()), name(n)).1)
        .collect()
}

/// Imports of files of one size, killed again and again until all is recorded. Returns how often a part was left.
fn killed_imports(kind: u64, policies: &str, size: usize, mode: &[&str]) -> u64 {
    let lines = book(policies);
    let undisturbed = Upline::new();
    let names = files(&undisturbed, &lines, size);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let import = [&["import", "--trust-recorded-at"], mode, &names].concat();
    undisturbed.run(&import).succeeds();
    let expected = undisturbed.verified();

    let mut dice = Dice::of(kind);
    let (mut done, mut partial) = (0, 0);
    while done < kills() {
        let upline = on_an_engine(done / 4);
        files(&upline, &lines, size);
        let mut left = 0;
        // One ledger is killed several times on its way.
        for _ in 0..4 {
            let position = left + dice.below(expected.0 - left + 1);
            let before = kill_at(&upline, start(&upline, &import), position, dice.below(400));
            let what = format!("kind {kind}, kill {done}, at {position}");
            left = check_left(&upline, before, &what);
            partial += u64::from(left > 0 && left < expected.0);
            done += 1;
        }
        upline.run(&import).succeeds();
        assert_eq!(upline.verified(), expected, "kind {kind}, after kill {done}");
    }
    partial
}

#[test]
fn killed_while_importing_large_files() {
    // A file is one transaction: all of it is left, or nothing.
    assert_eq!(killed_imports(1, "100", usize::MAX, &[]), 0);
    assert_eq!(killed_imports(5, "350", usize::MAX, &["--keep-going"]), 0);
    // As a stream it is stored as it comes.
    assert!(killed_imports(2, "350", usize::MAX, &["--commit-every", "200"]) > 0);
}

/// Each file is a small commit; every 64 of them are repacked.
#[test]
fn killed_while_recording_small_commits_and_repacking() {
    assert!(killed_imports(3, "25", 3, &[]) > 0);
    assert!(killed_imports(4, "40", 40, &[]) > 0);
}

#[test]
fn killed_while_backing_up() {
    backed_up_and_killed(&Upline::new());
    backed_up_and_killed(&Upline::in_files());
}

fn backed_up_and_killed(upline: &Upline) {
    let names = files(upline, &book("150"), usize::MAX);
    upline.run(&["import", "--trust-recorded-at", &names[0]]).succeeds();
    let expected = upline.verified();
    let mut dice = Dice::of(5);
    // What a killed one leaves has a name of its own each time.
    let begun = || {
        let entries = fs::read_dir(upline.path("")).unwrap().flatten();
        entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(".partial")).count()
    };
    for nth in 0..kills() / 2 {
        let before = begun();
        let child = start(upline, &["backup", "a.tar"]);
        // Some time after it began to write.
        let mut child = child;
        while begun() == before && child.try_wait().unwrap().is_none() {
            thread::yield_now();
        }
        (0..dice.below(3_000)).for_each(|_| drop(fs::metadata(upline.path("ledger"))));
        child.kill().unwrap();
        child.wait().unwrap();
        if upline.path("a.tar").exists() {
            // It has its name, so it is whole.
            upline.run(&["--ledger", "restored", "restore", "a.tar"]).succeeds();
            let restored = upline.json(&["--ledger", "restored", "verify"]);
            assert_eq!(restored["root"], expected.1.as_str(), "kill {nth}");
            fs::remove_dir_all(upline.path("restored")).unwrap();
            fs::remove_file(upline.path("a.tar")).unwrap();
        }
        if nth % 8 == 0 {
            assert_eq!(upline.verified(), expected, "kill {nth}: the ledger is untouched");
        }
    }
    upline.run(&["backup", "a.tar"]).succeeds();
    upline.run(&["--ledger", "restored", "restore", "a.tar"]).succeeds();
    assert_eq!(upline.json(&["--ledger", "restored", "verify"])["root"], expected.1.as_str());
    assert!(begun() > 0, "no backup was killed within");
}

/// The bytes of all snapshots.
fn snapshots(upline: &Upline) -> Vec<Vec<u8>> {
    let path = |number: usize| upline.path("ledger").join(format!("snapshots/{number:08}"));
    (1..).map_while(|number| fs::read(path(number)).ok()).collect()
}

#[test]
fn killed_while_storing_snapshots() {
    let upline = Upline::new();
    let names = files(&upline, &book("5200"), usize::MAX);
    upline.run(&["import", "--trust-recorded-at", &names[0]]).succeeds();
    let whole = snapshots(&upline);
    assert!(whole.len() >= 3);
    let ask = ["balance", "--as-of", "2026-06-30"];
    let expected = upline.json(&ask);
    let mut dice = Dice::of(6);
    let mut partial = 0;
    for nth in 0..kills() {
        let mut child = start(&upline, &["snapshots", "--rebuild"]);
        // Once some are there again, or none yet.
        let wanted = dice.below(whole.len() as u64) as usize;
        let removed = |upline: &Upline| snapshots(upline).len() < whole.len();
        while child.try_wait().unwrap().is_none() && !(removed(&upline) && snapshots(&upline).len() >= wanted)
        {
            thread::yield_now();
        }
        (0..dice.below(3_000)).for_each(|_| drop(fs::metadata(upline.path("ledger"))));
        child.kill().unwrap();
        child.wait().unwrap();
        let left = snapshots(&upline);
        assert_eq!(left, whole[..left.len()], "kill {nth}");
        partial += usize::from(left.len() < whole.len());
        if nth % 4 == 0 {
            assert_eq!(upline.json(&ask), expected, "kill {nth}: another answer");
        }
    }
    assert!(partial > 0);
    upline.run(&["snapshots", "--anew"]).succeeds();
    assert_eq!(snapshots(&upline), whole);
    // Whoever records next makes them again, too.
    fs::remove_dir_all(upline.path("ledger/snapshots")).unwrap();
    upline.run(&["import", "--trust-recorded-at", &names[0]]).succeeds();
    assert_eq!(snapshots(&upline), whole);
}

/// Facts from stdin are stored as they come; what is told when it ends was stored.
#[test]
fn what_was_reported_is_there_after_a_kill() {
    reported_and_killed(&Upline::new());
    reported_and_killed(&Upline::in_files());
}

fn reported_and_killed(upline: &Upline) {
    let lines = book("25");
    let mut reported = 0;
    for some in lines.chunks(200) {
        let done = upline
            .feed(&["import", "--trust-recorded-at", "--format", "json", "-"], some.concat().as_bytes());
        done.succeeds();
        reported = Done::json(&done)["position"].as_u64().unwrap();
        // The next one is killed at once.
        start(upline, &["import", "-"]).kill().unwrap();
        assert_eq!(acknowledged(&upline.path("ledger")), reported);
    }
    assert_eq!(upline.verified().0, reported);
}
