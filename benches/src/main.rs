//! Measures Upline beside its alternatives, in one run, and prints a table in Markdown.
//!
//! `cargo run --release -p upline-bench -- [--events 1000000,10000000] [--runs 5] [--dir DIR] [--only NAME]`
//!
//! # Shape
//! [`book`] makes what is measured on. Each part measures its rows: [`record`] and [`late`], [`replay`],
//! [`questions`], [`points`], [`process`]. Whoever is compared has a file: [`ours`], [`sqlite`],
//! [`doubleentry`], [`raw`], [`duckdb`], [`external`]; the two engines beside each other are in [`engines`].
//!
//! # Correctness
//! Whoever is compared in a row is measured in turn, in this run, on the same facts ([`measure`]). Answers
//! are compared before they are timed. What is not installed is named as skipped.

// Floats are ratios and seconds here. No money is computed.
#![allow(clippy::float_arithmetic)]

mod book;
mod commits;
mod days;
mod doubleentry;
mod duckdb;
mod engines;
mod entries;
mod external;
mod facts;
mod late;
mod machine;
mod measure;
mod ours;
mod points;
mod process;
mod questions;
mod raw;
mod record;
mod replay;
mod served;
mod sqlite;
mod table;

use book::Book;
use clap::{Parser, Subcommand};
use measure::{Measured, Result, Unit, progress};
use std::path::{Path, PathBuf};
use table::{Row, Target};

/// Entries of the book that databases are asked about.
const ASKED_ENTRIES: u64 = 1_000_000;

/// Events of the book that is asked about where asking takes time by the event.
const SMALL_EVENTS: u64 = 30_000;

/// Measure Upline beside its alternatives
#[derive(Parser)]
struct Args {
    /// Events of the books that are measured, the smallest first
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1000000,10000000")]
    events: Vec<u64>,
    /// How often each is measured, all in turn
    #[arg(long, value_name = "N", default_value_t = 5)]
    runs: usize,
    /// Where books are made, and kept for the next run [default: a directory under the system's temporary
    /// one]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Measure these rows alone
    #[arg(long, value_name = "NAME", value_parser = NAMES)]
    only: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What `--only` takes.
const NAMES: [&str; 13] = [
    "record",
    "commit",
    "late",
    "import",
    "replay",
    "balances",
    "producer",
    "point",
    "persistency",
    "process",
    "memory",
    "disk",
    "engines",
];

#[derive(Subcommand)]
enum Command {
    /// Opens a ledger and says how many bytes that took
    #[command(hide = true)]
    Memory {
        /// `recording` or `everything`
        what: String,
        ledger: PathBuf,
    },
    /// The server under load beside a plain handler on SQLite
    Served {
        /// How long the load lasts, of each
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        seconds: u64,
    },
    /// Serves a database of entries over HTTP
    #[command(hide = true)]
    PlainServer { database: PathBuf },
}

fn main() -> Result<()> {
    let args = Args::parse();
    match &args.command {
        Some(Command::Memory { what, ledger }) => return memory(what, ledger),
        Some(Command::PlainServer { database }) => return served::plain_server(database),
        Some(Command::Served { .. }) | None => {}
    }
    let dir = args.dir.clone().unwrap_or_else(|| std::env::temp_dir().join("upline-bench"));
    std::fs::create_dir_all(&dir)?;
    let machine = machine::facts(&dir);
    if let Some(Command::Served { seconds }) = args.command {
        println!("{machine}");
        return served::measure(&dir, seconds);
    }
    let rows = measured(&args, &dir)?;
    println!("{machine}- runs: {}, all in turn; a figure is the median of its samples\n", args.runs);
    println!("{}", table::markdown(&rows));
    Ok(())
}

/// Every row that is asked for.
fn measured(args: &Args, dir: &Path) -> Result<Vec<Row>> {
    let upline = external::upline()?;
    let wanted = |names: &[&str]| args.only.as_deref().is_none_or(|only| names.contains(&only));
    let mut sizes = args.events.clone();
    sizes.sort_unstable();
    let mut rows = Vec::new();
    for (index, events) in sizes.into_iter().enumerate() {
        let book = Book::of(dir, events, &upline)?;
        let small = Book::of(dir, events.min(SMALL_EVENTS), &upline)?;
        progress(format!("the book has {} facts, {} events", book.facts, book.events));
        // Of the smallest book alone: what takes no size, and what takes its own.
        if index == 0 && wanted(&["import"]) {
            rows.push(process::import(&book, args.runs, dir, &upline)?);
        }
        if index == 0 && wanted(&["engines"]) {
            rows.extend(engines::rows(&book, args.runs, dir, &upline)?);
        }
        if index == 0 && wanted(&["balances", "producer"]) {
            let facts = entries::facts_for_entries(&book, ASKED_ENTRIES)?;
            rows.extend(questions::rows(&book.first(facts, "asked", &upline)?, args.runs)?);
        }
        if wanted(&["record", "commit", "late"]) {
            rows.extend(record::rows(&book, args.runs, dir)?);
        }
        if wanted(&["replay"]) {
            rows.push(replay::row(&book, args.runs)?);
        }
        if wanted(&["point"]) {
            rows.extend(points::rows(&book, &small, args.runs)?);
        }
        if wanted(&["persistency"]) {
            rows.push(points::persistency(&book, args.runs)?);
        }
        if wanted(&["process"]) {
            rows.push(process::balance(&book, &small, args.runs, &upline)?);
        }
        if wanted(&["memory"]) {
            rows.push(process::memory(&book)?);
        }
        if wanted(&["disk"]) {
            rows.push(process::disk(&book)?);
        }
    }
    rows.extend(growth(&rows));
    Ok(rows)
}

/// How much slower the largest book is than the smallest.
fn growth(rows: &[Row]) -> Vec<Row> {
    let grown = |key: &str, what: &str, most: f64| {
        let mut of_key = rows.iter().filter(|row| row.key == key);
        let small = of_key.next()?;
        let large = of_key.next_back()?;
        let what = format!("{what}: times as slow as at {} events", table::grouped(small.events));
        let mut row = Row::of("growth", what, large.events, Target::AtMost(most, Unit::Times));
        let both = small.ours.as_ref().zip(large.ours.as_ref());
        row.ours = both.map(|(small, large)| Measured::counted(Unit::Times, small.times_as_good_as(large)));
        Some(row)
    };
    let recording = grown("record", "growth, recording", 1.2);
    recording.into_iter().chain(grown("as-of", "growth, all balances as of any day", 1.5)).collect()
}

/// Opens a ledger, and prints the most memory that this process ever had.
fn memory(what: &str, ledger: &Path) -> Result<()> {
    // Dropped after the memory was counted.
    let _open = match what {
        "recording" => (ours::recording(ledger)?, None),
        _ => ours::everything(ledger).map(|(ledger, models)| (ledger, Some(models)))?,
    };
    let high = machine::field("/proc/self/status", "VmHWM").ok_or("the system does not tell")?;
    let kilobytes: u64 = high.trim_end_matches(" kB").parse()?;
    println!("{}", kilobytes * 1024);
    Ok(())
}
