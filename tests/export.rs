//! What is exported says the same as `upline accounts`, read by the tools that it is for: every account, to the
//! cent, and the set of the accounts, as of several dates, as known at several positions.
//!
//! A tool that is not installed is named on stderr as left out; with `UPLINE_TOOLS=all` it fails the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use calamine::{Data, Reader, Xlsx};
use common::{Upline, issue, lapse, premiums, setup};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

/// What stands on each account that has an entry, in cents, debit positive; zeros too.
type Accounts = BTreeMap<String, i128>;

/// `12`, `12.3` or `-12.34` in cents.
#[track_caller]
fn cents(text: &str) -> i128 {
    let text = text.trim();
    let digits = text.trim_start_matches('-');
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let cents: i128 = format!("{whole}{fraction:0<2}").parse().unwrap_or_else(|_| panic!("{text:?}"));
    assert!(fraction.len() <= 2, "{text:?}");
    if text.starts_with('-') { -cents } else { cents }
}

fn add(accounts: &mut Accounts, name: &str, cents: i128) {
    *accounts.entry(name.to_owned()).or_default() += cents;
}

/// A point in time, as options.
#[derive(Clone, Debug)]
struct Point {
    as_of: String,
    position: String,
}

impl Point {
    fn options(&self) -> [&str; 4] {
        ["--as-of", &self.as_of, "--at-position", &self.position]
    }
}

struct Books {
    upline: Upline,
    log: Vec<Value>,
}

impl Books {
    fn of(book: &str) -> Books {
        let upline = Upline::with(book);
        let log = upline.log();
        Books { upline, log }
    }

    /// Points over the whole book: the last, and others by day and by position.
    fn points(&self) -> Vec<Point> {
        let last = self.log.len();
        let days: BTreeSet<&str> = self.log.iter().map(|event| event["on"].as_str().unwrap()).collect();
        let days: Vec<&str> = days.into_iter().collect();
        let day = |of: usize| days[(days.len() - 1) * of / 8].to_owned();
        let point =
            |day: String, of: usize| Point { as_of: day, position: (last * of / 8).max(1).to_string() };
        vec![
            point("2200-12-31".into(), 8),
            point(day(7), 8),
            point(day(4), 8),
            point(day(5), 6),
            point(day(2), 3),
        ]
    }

    /// What must come out, added up from the log; and what `accounts` says is not zero is just that.
    fn accounts(&self, at: &Point) -> Accounts {
        let mut accounts = Accounts::new();
        for event in &self.log[..at.position.parse().unwrap()] {
            for entry in event["entries"].as_array().unwrap() {
                if entry["dated"].as_str().unwrap() <= at.as_of.as_str() {
                    add(
                        &mut accounts,
                        entry["account"].as_str().unwrap(),
                        cents(entry["amount"].as_str().unwrap()),
                    );
                }
            }
        }
        let answer = self.upline.rows(&[&["accounts"], &at.options()[..]].concat());
        let told: Accounts = answer
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let side = |name: &str| cents(row[name].as_str().unwrap());
                (row["account"].as_str().unwrap().to_owned(), side("debit") - side("credit"))
            })
            .collect();
        let mut not_zero = accounts.clone();
        not_zero.retain(|_, sum| *sum != 0);
        assert_eq!(not_zero, told, "accounts {at:?}");
        accounts
    }

    /// Exports anew and says where it is.
    fn export(&self, form: &str, at: &Point) -> String {
        let out = format!("out.{form}");
        self.upline.run(&[&["export", form, &out, "--force"], &at.options()[..]].concat()).succeeds();
        self.upline.path(&out).to_str().unwrap().to_owned()
    }

    /// Compares what a reader finds in a format with what must come out, at every point.
    fn compare(&self, form: &str, what: &str, read: impl Fn(&str) -> Accounts) {
        for at in self.points() {
            let file = self.export(form, &at);
            let (found, expected) = (read(&file), self.accounts(&at));
            assert!(expected.len() > 3, "{at:?} says little: {expected:?}");
            let sets: [BTreeSet<&String>; 2] = [found.keys().collect(), expected.keys().collect()];
            assert_eq!(sets[0], sets[1], "accounts by {what} {at:?}");
            assert_eq!(found, expected, "{what} {at:?}");
        }
    }
}

/// A generated book of a few years, with releases, chargebacks and late facts.
fn generated() -> Books {
    let upline = Upline::bare();
    let done = upline.run(&["generate", "--policies", "60", "--producers", "12", "--seed", "3"]);
    done.succeeds();
    Books::of(&done.stdout)
}

/// A small book whose codes are as odd as they may be, with a closed period, an adjustment and leads.
fn odd() -> Books {
    let nine = r#"{"months":9}"#;
    let top = "i.M_o-";
    let producers =
        [(top, "140", None, nine), ("a-1", "120", Some(top), nine), ("A-1", "100", Some("a-1"), nine)];
    let book = setup(&[("100", "1.00"), ("120", "1.20"), ("140", "1.40")], &producers)
        + &issue("P/7_7.x-y", "1200.00", "A-1")
        + &issue("P-7-7", "1234.56", "a-1")
        + &premiums("P/7_7.x-y", "100.00", 5)
        + &premiums("P-7-7", "102.88", 3)
        + r#"{"type":"adjustment_posted","on":"2025-03-01","producer":"a-1","account":"payable","amount":"-0.05","code":"x","approved_by":"y"}
{"type":"lead_line_set","on":"2025-03-01","producer":"A-1","limit":"100.00"}
{"type":"lead_charged","on":"2025-03-02","producer":"A-1","amount":"33.33"}
{"type":"period_closed","on":"2025-06-20"}
"# + &lapse("2025-06-15", "P/7_7.x-y")
        + r#"{"type":"repayment_received","on":"2025-07-15","carrier":"C1","producer":"A-1","amount":"1.01"}
"#;
    Books::of(&book)
}

/// Compares with both books.
fn compare(form: &str, what: &str, read: impl Fn(&str) -> Accounts) {
    generated().compare(form, what, &read);
    odd().compare(form, what, &read);
}

/// What a program prints; `None` where it is not installed and need not be.
fn tool(program: &str, args: &[&str]) -> Option<String> {
    let output = match Command::new(program).args(args).output() {
        Ok(output) => output,
        Err(error) => return missing(program, &error.to_string()),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("No module named") {
        return missing(args[0], &said);
    }
    assert!(output.status.success() && said.is_empty(), "{program} {args:?}: {output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn missing(what: &str, why: &str) -> Option<String> {
    let all = std::env::var("UPLINE_TOOLS").is_ok_and(|tools| tools == "all");
    assert!(!all, "UPLINE_TOOLS=all, but {what} cannot be run: {why}");
    eprintln!("LEFT OUT: {what} is not installed, and does not read what was exported");
    None
}

/// Whether a tool answers at all.
fn installed(program: &str, args: &[&str]) -> bool {
    tool(program, args).is_some()
}

/// Lines of an account and an amount, with a tab between them.
fn listed(text: &str) -> Accounts {
    let mut accounts = Accounts::new();
    for line in text.lines() {
        let (name, amount) = line.split_once('\t').unwrap();
        assert_eq!(accounts.insert(name.to_owned(), cents(amount)), None, "{name} twice");
    }
    accounts
}

/// The rows of CSV text by the names of their columns; no field here holds a comma or a quote.
fn csv_rows(text: &str) -> Vec<BTreeMap<&str, &str>> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines.map(|line| names.iter().copied().zip(line.split(',')).collect()).collect()
}

#[test]
fn csv_says_what_the_ledger_says() {
    compare("csv", "csv", |file| {
        let mut accounts = Accounts::new();
        let text = fs::read_to_string(file).unwrap();
        for row in csv_rows(&text) {
            add(&mut accounts, row["debit"], cents(row["amount"]));
            add(&mut accounts, row["credit"], -cents(row["amount"]));
        }
        accounts
    });
}

#[test]
fn xlsx_says_what_the_ledger_says() {
    compare("xlsx", "calamine", |file| {
        let mut accounts = Accounts::new();
        let mut workbook: Xlsx<_> = calamine::open_workbook(file).unwrap();
        let sheet = workbook.worksheet_range("Entries").unwrap();
        for row in sheet.rows().skip(1) {
            let [.., Data::String(debit), Data::String(credit), Data::Float(amount)] = row else {
                panic!("{row:?}")
            };
            assert!(matches!(row[6], Data::DateTime(_)), "{row:?}");
            // Printed as the shortest text that is this double: the amount as it was written.
            add(&mut accounts, debit, cents(&amount.to_string()));
            add(&mut accounts, credit, -cents(&amount.to_string()));
        }
        accounts
    });
}

#[test]
fn parquet_says_what_the_ledger_says() {
    compare("parquet", "the parquet crate", |dir| {
        let mut accounts = Accounts::new();
        for month in fs::read_dir(dir).unwrap() {
            let file = File::open(month.unwrap().path().join("entries.parquet")).unwrap();
            for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
                let batch = batch.unwrap();
                let column = |name: &str| batch.column_by_name(name).unwrap().clone();
                let (debit, credit, amount) = (column("debit"), column("credit"), column("amount"));
                let amounts = amount.as_primitive::<Decimal128Type>();
                for row in 0..amounts.len() {
                    add(&mut accounts, debit.as_string::<i32>().value(row), amounts.value(row));
                    add(&mut accounts, credit.as_string::<i32>().value(row), -amounts.value(row));
                }
            }
        }
        accounts
    });
}

#[test]
fn hledger_says_what_the_ledger_says() {
    if !installed("hledger", &["--version"]) {
        return;
    }
    compare("hledger", "hledger", |file| {
        let balances =
            tool("hledger", &["-f", file, "bal", "--flat", "--empty", "--no-total", "-O", "csv"]).unwrap();
        let rows = balances.lines().skip(1).map(|line| line.trim_matches('"').split_once("\",\"").unwrap());
        rows.map(|(name, amount)| (name.to_owned(), cents(amount))).collect()
    });
}

#[test]
fn ledger_says_what_the_ledger_says() {
    if !installed("ledger", &["--version"]) {
        return;
    }
    compare("hledger", "ledger", |file| {
        // What stands on an account itself, not on those below it: some have both.
        let format = "%(account)\t%(amount)\n";
        let balances =
            tool("ledger", &["-f", file, "bal", "--flat", "--empty", "--no-total", "--format", format]);
        let mut balances = listed(&balances.unwrap());
        let accounts = tool("ledger", &["-f", file, "accounts"]).unwrap();
        let accounts: BTreeSet<&str> = accounts.lines().collect();
        balances.retain(|name, sum| accounts.contains(name.as_str()) || *sum != 0);
        balances
    });
}

#[test]
fn beancount_says_what_the_ledger_says() {
    if !installed("bean-check", &["--version"]) || !installed("bean-query", &["--version"]) {
        return;
    }
    compare("beancount", "bean-query", |file| {
        tool("bean-check", &[file]).unwrap();
        let question = "SELECT account, meta('account') AS name, sum(number) AS n GROUP BY account, name";
        let answer = tool("bean-query", &["-f", "csv", file, question]).unwrap();
        let rows = csv_rows(&answer);
        // Neither is an account two of beancount's, nor are two accounts one.
        let theirs: BTreeSet<&str> = rows.iter().map(|row| row["account"]).collect();
        assert_eq!(theirs.len(), rows.len());
        let listed_rows: Vec<String> =
            rows.iter().map(|row| format!("{}\t{}\n", row["name"].trim(), row["n"])).collect();
        listed(&listed_rows.concat())
    });
}

#[test]
fn duckdb_says_what_the_ledger_says() {
    if !installed("python3", &["-c", "import duckdb"]) {
        return;
    }
    let question = r#"
import duckdb, sys
entries = f"read_parquet('{sys.argv[1]}/*/*.parquet', hive_partitioning = true)"
def ask(question): return duckdb.connect().execute(question).fetchall()
wrong = ask(f"select count(*) from {entries} where month <> strftime(dated, '%Y-%m')")
assert wrong == [(0,)], wrong
types = dict(row[:2] for row in ask(f"describe select * from {entries}"))
assert (types["amount"], types["dated"], types["due"]) == ("DECIMAL(18,2)", "DATE", "DATE"), types
assert types["recorded_at"] == "TIMESTAMP WITH TIME ZONE", types
rows = ask(f"""
    select account, sum(amount)::varchar from (
        select debit as account, amount from {entries} union all select credit, -amount from {entries}
    ) group by account
""")
print("\n".join("\t".join(row) for row in rows))
"#;
    compare("parquet", "duckdb", |dir| listed(&tool("python3", &["-c", question, dir]).unwrap()));
}

/// A late lapse in a closed period: its entries say when they would have been dated.
#[test]
fn the_day_that_a_closed_period_moved_is_told() {
    let books = odd();
    let csv = books.upline.run(&["export", "csv", "-"]);
    csv.succeeds();
    let rows = csv_rows(&csv.stdout);
    let moved: Vec<_> = rows.iter().filter(|row| !row["due"].is_empty()).collect();
    assert!(!moved.is_empty());
    assert!(moved.iter().all(|row| (row["dated"], row["due"]) == ("2025-06-21", "2025-06-15")), "{moved:?}");
    assert!(csv.stderr.starts_with("-: "), "{}", csv.stderr);
    for (form, tag) in [("hledger", "  ; due: 2025-06-15\n"), ("beancount", "\n    due: 2025-06-15\n")] {
        let text = books.upline.run(&["export", form, "-"]).stdout;
        assert_eq!(text.matches(tag).count(), 2 * moved.len(), "{text}");
    }
}

#[test]
fn an_export_takes_its_name_when_it_is_whole_and_no_other_s() {
    let books = odd();
    let upline = &books.upline;
    for form in ["hledger", "beancount", "csv", "xlsx", "parquet"] {
        let answer = upline.json(&["export", form, "out", "--as-of", "2025-12-31"]);
        assert_eq!((&answer["out"], &answer["as_of"]), (&"out".into(), &"2025-12-31".into()));
        assert!(answer["entries"].as_u64() > answer["events"].as_u64(), "{answer}");
        assert!(answer["root"].is_string() && answer["position"] == books.log.len(), "{answer}");
        upline.run(&["export", form, "out"]).fails(1, "--force");
        upline.run(&["export", form, "out", "--force"]).succeeds();
        let names: Vec<String> = fs::read_dir(upline.path("."))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("out"))
            .collect();
        assert_eq!(names, ["out"]);
        let out = upline.path("out");
        if out.is_dir() { fs::remove_dir_all(&out) } else { fs::remove_file(&out) }.unwrap();
    }
    upline.run(&["export", "xlsx", "-"]).fails(2, "parquet and xlsx are files");
    upline.run(&["export", "csv", "no/dir/out"]).fails(1, "no/dir/out");
    upline.run(&["export", "paper", "out"]).fails(2, "paper");
}

/// `--force` replaces an export, never somebody's files.
#[test]
fn a_directory_that_is_no_export_is_never_removed() {
    let books = odd();
    let upline = &books.upline;
    let kept = |dir: &Path| {
        fs::create_dir_all(dir).unwrap();
        fs::write(dir.join("mine"), "mine").unwrap();
        dir.join("mine")
    };
    let mine = [kept(&upline.path("dir")), kept(&upline.path("other/month=2025-01"))];
    for out in ["dir", "other", "ledger", ".", ".."] {
        let done = upline.run(&["export", "parquet", out, "--force"]);
        assert_eq!(done.code, Some(1), "{out}: {done:?}");
    }
    upline.run(&["export", "csv", "dir", "--force"]).fails(1, "is no file");
    assert!(mine.iter().all(|mine| mine.exists()));
    upline.verified();
    upline.run(&["export", "parquet", "y/"]).succeeds();
    assert!(upline.path("y/month=2025-01/entries.parquet").exists());
    upline.run(&["export", "parquet", "y/"]).fails(1, "already exists");
    upline.run(&["export", "parquet", "y/", "--force"]).succeeds();
    let left: Vec<_> =
        fs::read_dir(upline.path("")).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("partial")), "{left:?}");
}

/// The reference shows what is written of the README's book, from its beginning or further down.
#[test]
fn the_examples_of_the_reference_are_real() {
    let readme = include_str!("../README.md").split("```jsonl\n").nth(1).unwrap();
    let upline = Upline::with(readme.split("```").next().unwrap());
    let section = include_str!("../docs/exports.md");
    // What stands between two plain fences; the last one closes the SQL.
    let between = section.split("\n```\n").skip(1).step_by(2);
    let examples: Vec<&str> = between.filter(|example| !example.is_empty()).collect();
    let forms = ["hledger", "beancount", "csv"];
    assert_eq!(examples.len(), forms.len(), "{examples:?}");
    for (form, example) in forms.into_iter().zip(examples) {
        let written = upline.run(&["export", form, "-"]).stdout;
        assert!(written.contains(&format!("{example}\n")), "{form} of the reference is not in {written}");
    }
}
