//! The two engines beside each other: what `upline init` makes, and what `--engine files` does.
//!
//! # Shape
//! Every row has the default engine first and the files beside it, as whole processes, in turn. The small ledger is
//! that of the demo, some sixty facts; the large one is the book.

use crate::book::{self, Book, bytes_in};
use crate::external::run;
use crate::measure::{Contender, Measured, Result, Unit, progress};
use crate::table::{Beside, Row, Target};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use upline_log::Engine;

/// The default engine, and the one beside it.
const ENGINES: [&str; 2] = Engine::NAMES;
const FILES: &str = ENGINES[1];

/// How the rows begin.
const BESIDE: &str = "the default engine beside files";

/// Where the facts of the small ledger come from.
const DEMO: &str = include_str!("../../src/commands/demo/book.jsonl");

/// How often a small question is asked in a turn: it takes a few milliseconds.
const SMALL_QUESTIONS: usize = 10;

/// The rows about engines, of the smallest book.
pub fn rows(book: &Book, turns: usize, dir: &Path, upline: &Path) -> Result<Vec<Row>> {
    let scratch = tempfile::tempdir_in(dir)?;
    let of = |engine: &str, name: &str| scratch.path().join(format!("{name}-{engine}"));
    let facts = scratch.path().join("demo.jsonl");
    fs::write(&facts, DEMO)?;
    progress("comparing the engines");
    let mut rows = Vec::new();
    for engine in ENGINES {
        init(upline, &of(engine, "empty"), engine)?;
        init(upline, &of(engine, "small"), engine)?;
        book::import_into(upline, &facts, &of(engine, "small"))?;
        init(upline, &of(engine, "book"), engine)?;
        book::import_into(upline, &book.facts_file, &of(engine, "book"))?;
    }
    let importing = |engine: &'static str| {
        let ledger = of(engine, "imported");
        move |_| {
            init(upline, &ledger, engine)?;
            let took = book::import_into(upline, &book.facts_file, &ledger)?;
            fs::remove_dir_all(&ledger)?;
            Ok(vec![took])
        }
    };
    let what = "import of the JSON lines, whole process";
    rows.push(timed_row(what, book.events, turns, 1.0 / 1.25, importing)?);
    let asking = |engine: &'static str| {
        let ledger = of(engine, "small");
        move |_| {
            let args = ["--ledger".as_ref(), ledger.as_os_str(), "balance".as_ref()];
            (0..SMALL_QUESTIONS).map(|_| run(upline, &args)).collect()
        }
    };
    rows.push(timed_row("`balance` of a small ledger, whole process", 74, turns, 0.4, asking)?);
    let recording = |engine: &'static str| {
        let ledger = of(engine, "small");
        move |turn| record(upline, &ledger, &format!("T{turn}")).map(|recorded| vec![recorded.seconds])
    };
    rows.push(timed_row("`record` of one fact, whole process", 74, turns, 0.0, recording)?);
    let counted = |name: &str, target, figure: &dyn Fn(&Path, &str) -> Result<f64>, wanted| -> Result<Row> {
        let mut row = Row::of("engines", format!("{BESIDE}: {name}"), book.events, target);
        let mut figures = ENGINES
            .iter()
            .map(|engine| figure(scratch.path(), engine).map(|bytes| Measured::counted(Unit::Bytes, bytes)));
        row.ours = figures.next().transpose()?;
        let files = figures.next().ok_or("no engine beside")??;
        Ok(row.beside([Beside::new(FILES, files, wanted)]))
    };
    let size = |name: &'static str| {
        move |dir: &Path, engine: &str| Ok(bytes_in(&dir.join(format!("{name}-{engine}")))? as f64)
    };
    let mebibyte = Target::AtMost(1_048_576.0, Unit::Bytes);
    rows.push(counted("a new ledger on disk", mebibyte, &size("empty"), None)?);
    rows.push(counted("the book on disk", Target::Beside, &size("book"), Some(0.5))?);
    let written = |dir: &Path, engine: &str| {
        Ok(record(upline, &dir.join(format!("small-{engine}")), "W")?.bytes_written as f64)
    };
    let commit = Target::AtMost(262_144.0, Unit::Bytes);
    rows.push(counted("written by `record` of one fact", commit, &written, None)?);
    Ok(rows)
}

fn timed_row<T: FnMut(usize) -> Result<Vec<f64>>>(
    what: &str,
    events: u64,
    turns: usize,
    wanted: f64,
    turn: impl Fn(&'static str) -> T,
) -> Result<Row> {
    let [ours, files] = ENGINES;
    let beside = Contender::new(files, Unit::Seconds, turn(files));
    let beside = if wanted > 0.0 { beside.wanted(wanted) } else { beside };
    let row = Row::of("engines", format!("{BESIDE}: {what}"), events, Target::Beside);
    row.measured(turns, Contender::new(ours, Unit::Seconds, turn(ours)), vec![beside])
}

fn init(upline: &Path, ledger: &Path, engine: &str) -> Result<()> {
    let args: [&OsStr; 5] =
        ["--ledger".as_ref(), ledger.as_os_str(), "init".as_ref(), "--engine".as_ref(), engine.as_ref()];
    run(upline, &args).map(|_| ())
}

/// What recording one fact took.
struct Recorded {
    seconds: f64,
    /// Handed to the system to be written, to all files.
    bytes_written: u64,
}

/// Records one fact in a process of its own, and asks the system what that wrote before it lets go of it.
fn record(upline: &Path, ledger: &Path, producer: &str) -> Result<Recorded> {
    let began = std::time::Instant::now();
    let mut command = Command::new(upline);
    command.arg("--ledger").arg(ledger).args(["record", "producer_added", "--on", "2025-01-01"]);
    command.args(["--producer", producer, "--kind", "agent"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // Its output ends when it ends; it stays known to the system until it is waited for.
    let (mut said, mut out) = (String::new(), child.stderr.take().ok_or("no output")?);
    std::io::Read::read_to_string(&mut out, &mut said)?;
    let io = fs::read_to_string(PathBuf::from(format!("/proc/{}/io", child.id())))?;
    if !child.wait()?.success() {
        return Err(format!("a fact was not recorded: {}", said.trim()).into());
    }
    let written =
        io.lines().find_map(|line| line.strip_prefix("wchar: ")).ok_or("the system does not tell")?;
    Ok(Recorded { seconds: began.elapsed().as_secs_f64(), bytes_written: written.trim().parse()? })
}
