//! The tutorial of a month's end, from the carrier's statement to the closed books: its commands print what it shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::Upline;
use std::fs;
use std::path::Path;

const TUTORIAL: &str = include_str!("../docs/month-end.md");
const GO_LIVE: &str = include_str!("../docs/go-live.md");

/// A command and what is shown of what it prints, for every command of a tutorial.
fn commands(tutorial: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut commands = Vec::new();
    for block in tutorial.split("```console\n").skip(1) {
        let (block, _) = block.split_once("```\n").unwrap();
        commands.extend(block.split("$ ").skip(1).map(|shown| shown.split_once('\n').unwrap()));
    }
    commands
}

/// The words of a command, of which some stand in quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (i, part) in command.split('"').enumerate() {
        if i % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Without the root, which the times of recording are in, and the day after today, on which an ACH file pays.
fn but_for_the_times(text: &str) -> String {
    let shown = |line: &str| {
        let line = line.split_once(", root ").map_or(line, |(before, _)| before);
        line.split_once(" producers on ").map_or(line, |(before, _)| before).to_owned() + "\n"
    };
    text.lines().map(shown).collect()
}

/// Runs the commands of a tutorial on its files.
fn run(tutorial: &'static str, files: &str) -> Upline {
    let upline = Upline::bare();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in fs::read_dir(root.join("tests/data").join(files)).unwrap() {
        let file = file.unwrap();
        upline.write(file.file_name().to_str().unwrap(), fs::read(file.path()).unwrap());
    }
    upline.write("originator.toml", fs::read(root.join("profiles/originator.toml")).unwrap());
    let commands = commands(tutorial);
    assert!(commands.len() > 8);
    for (command, expected) in commands {
        let words = words(command);
        let args: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        let done = upline.run(&args);
        if !args.starts_with(&["key"]) {
            assert_eq!(
                but_for_the_times(&(done.stdout + &done.stderr)),
                but_for_the_times(expected),
                "{command}"
            );
        }
    }
    upline.verified();
    upline
}

#[test]
fn the_tutorial_is_what_happens() {
    let upline = run(TUTORIAL, "month-end");
    for file in ["checkpoint.txt", "SHA256SUMS", "pay-run.csv", "reconciliation.csv", "statements.csv"] {
        let first = fs::read(upline.path("closed-2026-06-30").join(file)).unwrap();
        assert_eq!(first, fs::read(upline.path("again").join(file)).unwrap(), "{file}");
    }
    assert_eq!(upline.read("june.ach"), upline.read("again.ach"));
    assert!(fs::read(upline.path("A001.pdf")).unwrap().starts_with(b"%PDF"));
}

/// pay.md §11: what an agency brings along, and that it is neither paid nor taxed again.
#[test]
fn going_live_is_what_happens() {
    let upline = run(GO_LIVE, "go-live");
    let openings = upline.rows(&["tax", "--year", "2026", "--producer", "A001"]);
    // The advance of the policy, and nothing of what was opened.
    assert_eq!(openings[0]["total"], "660.00");
    let lines = fs::read_to_string(upline.path("policies.jsonl")).unwrap()
        + &fs::read_to_string(upline.path("openings.jsonl")).unwrap();
    let shown =
        GO_LIVE.split("```jsonl\n").skip(1).flat_map(|block| block.split("```").next().unwrap().lines());
    assert!(shown.into_iter().all(|line| lines.contains(line)));
}

#[test]
fn a_month_is_not_closed_while_anything_is_red() {
    let upline = Upline::new();
    upline.run(&["key", "k", "--name", "example.com/k"]).succeeds();
    let close = |through: &str, evidence: &str| {
        upline.run(&["close", "--through", through, "--key", "k", "--evidence", evidence])
    };
    // Every snapshot that cannot be used, every statement that is gone is red.
    fs::create_dir(upline.path("ledger/snapshots")).unwrap();
    upline.write("ledger/snapshots/00000001", "no snapshot");
    let done = close("2026-01-31", "january");
    assert_eq!(done.code, Some(1));
    assert!(
        done.stdout.contains("is not closed: one of these is red") && done.stdout.contains("snapshots: "),
        "{done:?}"
    );
    assert!(!upline.path("january").exists() && upline.log().is_empty());
    upline.run(&["snapshots", "--rebuild"]).succeeds();
    // Looking changes nothing.
    let dry = upline.run(&["close", "--through", "2026-01-31", "--key", "k", "--dry-run"]);
    dry.succeeds();
    assert!(upline.log().is_empty() && !upline.path("closed-2026-01-31").exists());
    close("2200-01-31", "future").fails(1, "is not over yet");
    close("2026-01-31", "k").fails(1, "already exists");
    close("2026-01-31", "january").succeeds();
    assert_eq!(upline.log().len(), 1);
    close("2025-12-31", "december").fails(1, "closed_period");
    upline.verified();
}
