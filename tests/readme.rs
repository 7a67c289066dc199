//! The example of the README is real: its commands print what it shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::Upline;

const README: &str = include_str!("../README.md");
const TRUST: &str = include_str!("../docs/trust.md");

/// The texts of a document's blocks of a kind.
fn blocks(document: &str, kind: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block: Option<String> = None;
    for line in document.lines() {
        match &mut block {
            Some(_) if line == "```" => blocks.extend(block.take()),
            Some(text) => *text += &format!("{line}\n"),
            None if line.strip_prefix("```") == Some(kind) => block = Some(String::new()),
            None => {}
        }
    }
    blocks
}

#[test]
fn the_commands_of_the_readme_print_what_it_shows() {
    let upline = Upline::bare();
    let books = blocks(README, "jsonl");
    assert_eq!(books.len(), 1);
    upline.write("book.jsonl", &books[0]);
    let mut commands = 0;
    for block in blocks(README, "console") {
        for shown in block.split("$ ").skip(1) {
            let (command, expected) = shown.split_once('\n').unwrap();
            let words: Vec<&str> = command.split_whitespace().collect();
            assert_eq!(words[0], "upline");
            let done = upline.run(&words[1..]);
            done.succeeds();
            assert_eq!(done.stdout + &done.stderr, expected, "{command}");
            commands += 1;
        }
    }
    assert!(commands > 5, "{commands}");
    upline.verified();
}

/// Keys are drawn anew each time, so the commands that say one are shown without what they say.
#[test]
fn the_proofs_of_the_trust_document_are_real() {
    let upline = Upline::with(&blocks(README, "jsonl")[0]);
    for shown in blocks(TRUST, "console")[0].split("$ ").skip(1) {
        let (command, expected) = shown.split_once('\n').unwrap();
        let done = upline.run(&command.split_whitespace().skip(1).collect::<Vec<_>>());
        done.succeeds();
        assert!(expected.is_empty() || done.stdout == expected, "{command}: {done:?}");
    }
}

#[test]
fn the_two_commands_of_the_readme_are_there() {
    let commands = blocks(README, "sh").concat();
    assert_eq!(commands, "cargo run --release -- demo\ncargo test\n");
}

#[test]
fn every_command_is_in_the_reference() {
    let upline = Upline::bare();
    let help = upline.run(&["help"]).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let mut named = 0;
    let reference = include_str!("../docs/cli.md");
    for line in commands.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("    ")) {
        let name = line.split_whitespace().next().unwrap();
        if name != "help" {
            assert!(reference.contains(&format!("## {name}")), "docs/cli.md lacks {name}");
            named += 1;
        }
    }
    assert!(named > 10, "{help}");
}
