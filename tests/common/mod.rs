//! The real binary in a directory of its own.
#![allow(dead_code)] // every test file uses its part of this

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A directory with a ledger in `ledger`; commands run in the directory.
pub struct Upline {
    dir: TempDir,
}

/// What a command did.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Upline {
    /// With an empty ledger.
    pub fn new() -> Upline {
        let upline = Upline::bare();
        upline.run(&["init"]).succeeds();
        upline
    }

    /// With an empty ledger in files, which are named `log` and `tail`.
    pub fn in_files() -> Upline {
        let upline = Upline::bare();
        upline.run(&["init", "--engine", "files"]).succeeds();
        upline
    }

    /// Without a ledger.
    pub fn bare() -> Upline {
        Upline { dir: tempfile::tempdir().unwrap() }
    }

    /// With a ledger of these facts, trusted.
    pub fn with(book: &str) -> Upline {
        let upline = Upline::new();
        upline.write("book.jsonl", book);
        // Some books are recorded in years to come.
        upline.run(&["import", "--trust-recorded-at", "--accept-clock", "book.jsonl"]).succeeds();
        upline
    }

    /// As [`Upline::with`], the ledger in files.
    pub fn with_in_files(book: &str) -> Upline {
        let upline = Upline::in_files();
        upline.write("book.jsonl", book);
        // Some books are recorded in years to come.
        upline.run(&["import", "--trust-recorded-at", "--accept-clock", "book.jsonl"]).succeeds();
        upline
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// A command, not yet started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_upline"));
        command.current_dir(self.dir.path()).env_remove("UPLINE_LEDGER").env_remove("UPLINE_LOG").args(args);
        command
    }

    /// Runs a command with nothing on stdin.
    pub fn run(&self, args: &[&str]) -> Done {
        Done::of(self.command(args).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs a command that reads this from stdin.
    pub fn feed(&self, args: &[&str], input: &[u8]) -> Done {
        self.write("stdin", input);
        let stdin = fs::File::open(self.path("stdin")).unwrap();
        Done::of(self.command(args).stdin(stdin).output().unwrap())
    }

    /// The JSON answer of a command, whatever its exit code.
    pub fn json(&self, args: &[&str]) -> Value {
        let done = self.run(&[args, &["--format", "json"]].concat());
        done.json()
    }

    /// The rows of a JSON answer.
    pub fn rows(&self, args: &[&str]) -> Value {
        let mut answer = self.json(args);
        answer["rows"].take()
    }

    /// The events of the log.
    pub fn log(&self) -> Vec<Value> {
        let done = self.run(&["log", "--as-of", "2200-12-31"]);
        done.succeeds();
        done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Verifies, and says how many events there are and their root.
    pub fn verified(&self) -> (u64, String) {
        let done = self.run(&["verify", "--format", "json"]);
        done.succeeds();
        let answer = done.json();
        assert_eq!(answer["ok"], true, "{answer}");
        (answer["events"].as_u64().unwrap(), answer["root"].as_str().unwrap().to_owned())
    }
}

impl Done {
    pub fn of(output: Output) -> Done {
        let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
        let done =
            Done { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
        assert!(!done.stderr.contains("panicked") && done.code != Some(101), "{done:?}");
        done
    }

    #[track_caller]
    pub fn succeeds(&self) {
        assert_eq!(self.code, Some(0), "{self:?}");
    }

    /// The exit code and a word of the sentence on stderr.
    #[track_caller]
    pub fn fails(&self, code: i32, because: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.stderr.contains(because), "no {because:?} in {self:?}");
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Lines that set up carrier C1 with product FE at these levels (first-year rates), and producers, each as
/// (code, level, upline, advance), from the top down.
pub fn setup(levels: &[(&str, &str)], producers: &[(&str, &str, Option<&str>, &str)]) -> String {
    let bands: Vec<String> = levels
        .iter()
        .map(|(level, rate)| format!(r#""{level}":[{{"years":"1","rate":"{rate}"}}]"#))
        .collect();
    let mut lines = vec![
        r#"{"type":"carrier_added","on":"2025-01-01","carrier":"C1"}"#.to_owned(),
        format!(
            r#"{{"type":"grid_published","on":"2025-01-01","carrier":"C1","product":"FE","levels":{{{}}}}}"#,
            bands.join(",")
        ),
    ];
    for (producer, level, upline, advance) in producers {
        let upline = upline.map(|upline| format!(r#","upline":"{upline}""#)).unwrap_or_default();
        let advance = if advance.is_empty() { String::new() } else { format!(r#","advance":{advance}"#) };
        lines.push(format!(
            r#"{{"type":"producer_added","on":"2025-01-01","producer":"{producer}","kind":"agent"}}"#
        ));
        lines.push(format!(
            r#"{{"type":"producer_contracted","on":"2025-01-01","producer":"{producer}","carrier":"C1","level":"{level}"{upline}{advance}}}"#
        ));
    }
    lines.join("\n") + "\n"
}

/// The line of an issue on 2025-01-15, paid monthly, written by one producer.
pub fn issue(policy: &str, annual_premium: &str, producer: &str) -> String {
    format!(
        r#"{{"type":"policy_issued","on":"2025-01-15","carrier":"C1","policy":"{policy}","product":"FE","annual_premium":"{annual_premium}","mode":"monthly","writing":[{{"producer":"{producer}","share":"1"}}]}}"#
    ) + "\n"
}

/// The lines of the first premiums of such a policy, one a month.
pub fn premiums(policy: &str, amount: &str, months: u32) -> String {
    let line = |month: u32| {
        let (year, month) = (2025 + (month - 1) / 12, (month - 1) % 12 + 1);
        format!(
            r#"{{"type":"premium_paid","on":"{year}-{month:02}-15","carrier":"C1","policy":"{policy}","amount":"{amount}"}}"#
        ) + "\n"
    };
    (1..=months).map(line).collect()
}

/// The line of a lapse.
pub fn lapse(on: &str, policy: &str) -> String {
    format!(r#"{{"type":"policy_lapsed","on":"{on}","carrier":"C1","policy":"{policy}"}}"#) + "\n"
}

/// The third worked example of the rules: levels 100/120/140, all advanced nine months, a lapse after five.
pub fn three_levels() -> String {
    let nine = r#"{"months":9}"#;
    setup(
        &[("100", "1.00"), ("120", "1.20"), ("140", "1.40")],
        &[("IMO", "140", None, nine), ("MGA", "120", Some("IMO"), nine), ("A001", "100", Some("MGA"), nine)],
    ) + &issue("P-1", "1200.00", "A001")
        + &premiums("P-1", "100.00", 5)
        + &lapse("2025-06-15", "P-1")
}

/// All files below a directory of the repository that git would hold, as paths from its root.
pub fn repository_files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut dirs = vec![root.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && name != ".git" && !name.contains("ledger") || name == "upline-ledger" {
                    dirs.push(path);
                }
            } else if name != ".git" {
                files.push(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}
