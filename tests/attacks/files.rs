//! Files that others can read, and names that lead elsewhere.

use super::common::{Upline, three_levels};
use super::on_both;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

/// Every file and directory below a path.
fn below(path: &Path) -> Vec<std::path::PathBuf> {
    let mut found = vec![path.to_owned()];
    if path.is_dir() {
        found.extend(fs::read_dir(path).unwrap().flat_map(|entry| below(&entry.unwrap().path())));
    }
    found
}

#[test]
fn what_a_ledger_holds_is_its_owners_alone() {
    on_both(|upline| {
        // The shell's own mask lets everybody read.
        let run = |args: &[&str]| super::limited(&upline, "-c 0; umask 000", args).succeeds();
        upline.write("book.jsonl", three_levels());
        run(&["import", "book.jsonl"]);
        run(&["--ledger", "fresh", "init"]);
        run(&["--ledger", "fresh", "import", "book.jsonl"]);
        run(&["backup", "backup.tar"]);
        run(&["--ledger", "restored", "restore", "backup.tar"]);
        run(&["export", "csv", "entries.csv"]);
        run(&["export", "parquet", "months"]);
        run(&["statement", "--producer", "A001", "--period", "2025-02", "--out", "statement.txt"]);
        run(&["key", "audit.key", "--name", "example.com/book"]);
        run(&[
            "close",
            "--through",
            "2025-12-31",
            "--key",
            "audit.key",
            "--without",
            "C1=no statements are kept",
        ]);
        run(&["salvage", "facts.jsonl"]);
        for name in [
            "ledger",
            "fresh",
            "restored",
            "backup.tar",
            "entries.csv",
            "months",
            "statement.txt",
            "audit.key",
            "closed-2025-12-31",
            "facts.jsonl",
        ] {
            for path in below(&upline.path(name)) {
                assert_eq!(mode(&path) & 0o077, 0, "{} {:o}", path.display(), mode(&path));
            }
        }
        // What is for others can be read by others.
        assert_eq!(mode(&upline.path("audit.key.pub")), 0o644);
        assert!(upline.json(&["verify"])["notes"].as_array().unwrap().is_empty());
    });
}

#[test]
fn verify_tells_of_a_ledger_that_others_can_read() {
    on_both(|upline| {
        let path = upline.path("ledger/directory.jsonl");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let done = upline.run(&["verify"]);
        done.succeeds();
        assert!(
            done.stdout.contains(
                "note   others than its owner can read or change ledger/directory.jsonl (mode 640)"
            ),
            "{}",
            done.stdout
        );
        assert!(done.stdout.contains("chmod -R go= ledger"), "{}", done.stdout);
    });
}

/// `backup OUT` wrote through a link that somebody had planted at `OUT.partial`.
#[test]
fn no_output_follows_a_link_or_replaces_what_is_there() {
    let upline = Upline::with(&three_levels());
    upline.run(&["key", "audit.key", "--name", "example.com/book"]).succeeds();
    upline.write("precious", "precious");
    let mine = upline.path("precious");
    for name in [
        "backup.tar",
        "entries.csv",
        "facts.jsonl",
        "june.statement",
        "book.out",
        "a.checkpoint",
        "other.key",
    ] {
        symlink(&mine, upline.path(name)).unwrap();
        symlink(&mine, upline.path(&format!("{name}.partial"))).unwrap();
    }
    symlink(upline.path(""), upline.path("months.partial")).unwrap();
    for args in [
        &["backup", "backup.tar"][..],
        &["export", "csv", "entries.csv"],
        &["salvage", "facts.jsonl"],
        &["statement", "--producer", "A001", "--period", "2025-02", "--out", "june.statement"],
        &["generate", "--policies", "1", "--producers", "1", "--out", "book.out"],
        &["checkpoint", "--key", "audit.key", "--out", "a.checkpoint"],
        &["key", "other.key", "--name", "example.com/other"],
    ] {
        upline.run(args).fails(1, "already exists");
    }
    for args in [
        &["backup", "backup.tar", "--force"][..],
        &["export", "csv", "entries.csv", "--force"],
        &["generate", "--policies", "1", "--producers", "1", "--out", "book.out", "--force"],
        &["export", "parquet", "months"],
    ] {
        upline.run(args).succeeds();
        assert!(
            !upline.path(args[args.len() - 1 - usize::from(args.contains(&"--force"))]).is_symlink(),
            "{args:?}"
        );
    }
    assert_eq!(upline.read("precious"), "precious");
}

/// It silently took the place of the refused lines of an import before.
#[test]
fn refused_lines_take_the_place_of_no_others() {
    let upline = Upline::new();
    let refused = |upline: &Upline, lines: &str, rest: &[&str]| {
        upline.write("book.jsonl", lines);
        upline.run(&[&["import", "--keep-going", "book.jsonl"], rest].concat())
    };
    refused(&upline, "rubbish\n", &[]).fails(1, "");
    let first = upline.read("book.jsonl.refused.jsonl");
    assert!(first.contains(r#""fact":"rubbish""#), "{first}");
    // The same lines again are the same file.
    refused(&upline, "rubbish\n", &[]).fails(1, "");
    assert!(!upline.path("book.jsonl.refused.2.jsonl").exists());
    let done = refused(&upline, "other rubbish\n", &[]);
    assert!(done.stdout.contains("book.jsonl.refused.2.jsonl"), "{}", done.stdout);
    assert_eq!(upline.read("book.jsonl.refused.jsonl"), first);
    refused(&upline, "third\n", &["--force"]).fails(1, "");
    assert!(upline.read("book.jsonl.refused.jsonl").contains("third"));
}
