//! Whole processes, beside `sqlite3` and `hledger`: importing, asking for balances; and what a ledger takes
//! up, in memory and on disk.

use crate::book::{self, Book};
use crate::days::Days;
use crate::entries;
use crate::external::{self, run};
use crate::measure::{Contender, Measured, Result, Unit, progress};
use crate::replay;
use crate::sqlite::{Order, all_balances_as_of, entries_file};
use crate::table::{Beside, Row, Target, grouped};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use upline_core::time::Day;

/// The row about importing a book.
pub fn import(book: &Book, turns: usize, dir: &Path, upline: &Path) -> Result<Row> {
    let scratch = tempfile::tempdir_in(dir)?;
    let ours = |turn| {
        let ledger = scratch.path().join(format!("ledger-{turn}"));
        run(upline, &["--ledger".as_ref(), ledger.as_os_str(), "init".as_ref()])?;
        let took = book::import_into(upline, &book.facts_file, &ledger)?;
        fs::remove_dir_all(&ledger)?;
        Ok(vec![book.facts as f64 / took])
    };
    let name = "sqlite3, the same facts as CSV into one table";
    let row = Row::of(
        "import",
        "import of the JSON lines, whole process",
        book.events,
        Target::AtLeast(200_000.0, Unit::PerSecond),
    );
    let ours = Contender::new("upline", Unit::PerSecond, ours);
    if external::version("sqlite3").is_none() {
        return Ok(row.measured(turns, ours, Vec::new())?.beside([Beside::skipped(name, "not installed")]));
    }
    let csv = facts_csv(book)?;
    progress("importing as whole processes");
    let sqlite3 = Contender::new(name, Unit::PerSecond, |turn| {
        let database = scratch.path().join(format!("facts-{turn}.db"));
        let import = format!(".import --csv \"{}\" facts", csv.display());
        let took = run("sqlite3".as_ref(), &[database.as_os_str(), import.as_ref()])?;
        fs::remove_file(&database)?;
        Ok(vec![book.facts as f64 / took])
    });
    row.measured(turns, ours, vec![sqlite3.wanted(0.5)])
}

/// The facts of a book as CSV, a column for every field that any has; made once.
fn facts_csv(book: &Book) -> Result<PathBuf> {
    let path = book.dir.join("facts.csv");
    if path.exists() {
        return Ok(path);
    }
    progress("writing the facts as CSV");
    let lines =
        || -> Result<_> { Ok(BufReader::with_capacity(1 << 20, File::open(&book.facts_file)?).lines()) };
    let fact = |line: std::io::Result<String>| -> Result<serde_json::Map<String, serde_json::Value>> {
        Ok(serde_json::from_str(&line?)?)
    };
    let mut columns: BTreeSet<String> = BTreeSet::new();
    for line in lines()? {
        let fact = fact(line)?;
        columns.extend(fact.keys().filter(|key| !columns.contains(*key)).cloned().collect::<Vec<_>>());
    }
    entries::made_whole(&path, |out| {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(&columns)?;
        for line in lines()? {
            let fact = fact(line)?;
            let cell = |column: &String| match fact.get(column) {
                None => String::new(),
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            csv.write_record(columns.iter().map(cell))?;
        }
        Ok(csv.flush()?)
    })?;
    Ok(path)
}

/// The row about asking for all balances with a program. hledger reads its journal anew for every question,
/// so it is asked about a small book.
pub fn balance(book: &Book, small: &Book, turns: usize, upline: &Path) -> Result<Row> {
    let mut days = Days::of(book, 5)?;
    let days: Vec<Day> = days.some(turns);
    let day = |turn: usize| days.get(turn).copied().ok_or("a turn too many");
    let ours = Contender::new("upline", Unit::Seconds, |turn| {
        let as_of = day(turn)?.to_string();
        let ledger = ["--ledger".as_ref(), book.ledger.as_os_str()];
        Ok(vec![run(
            upline,
            &[&ledger[..], &["balance".as_ref(), "--as-of".as_ref(), as_of.as_ref()]].concat(),
        )?])
    });
    let (mut others, mut missing) = (Vec::new(), Vec::new());
    if external::version("sqlite3").is_some() {
        let database = entries_file(book, &[Order::ByProducer])?;
        others.push(Contender::new("sqlite3, covering index", Unit::Seconds, move |turn| {
            let question = all_balances_as_of(day(turn)?);
            Ok(vec![run("sqlite3".as_ref(), &[database.as_os_str(), question.as_ref()])?])
        }));
    } else {
        missing.push(Beside::skipped("sqlite3", "not installed"));
    }
    if external::version("hledger").is_some() {
        let journal = entries::journal(small)?;
        let name = format!("hledger, of {} events only", grouped(small.events));
        others.push(Contender::new(name, Unit::Seconds, move |turn| {
            let end = day(turn)?.next().to_string();
            let args = [
                "-f".as_ref(),
                journal.as_os_str(),
                "balance".as_ref(),
                "--depth=2".as_ref(),
                "--end".as_ref(),
                end.as_ref(),
            ];
            Ok(vec![run("hledger".as_ref(), &args)?])
        }));
    } else {
        missing.push(Beside::skipped("hledger", "not installed"));
    }
    progress(format!("asking programs about {} events", book.events));
    let what = "`upline balance --as-of D`, whole process";
    let row = Row::of("process", what, book.events, Target::AtMost(150e-3, Unit::Seconds));
    Ok(row.measured(turns, ours, others)?.beside(missing))
}

/// The row about memory: counted in a process of its own, at its highest.
pub fn memory(book: &Book) -> Result<Row> {
    progress("counting memory");
    let child = |what: &str| -> Result<Measured> {
        let mut own = Command::new(std::env::current_exe()?);
        own.args(["memory".as_ref(), what.as_ref(), book.ledger.as_os_str()]);
        let output = own.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err("the process whose memory is counted failed".into());
        }
        let said = String::from_utf8_lossy(&output.stdout);
        Ok(Measured::counted(Unit::Bytes, said.trim().parse()?))
    };
    let what = "memory with everything open, at its highest";
    let mut row = Row::of("memory", what, book.events, Target::AtMost(1e9, Unit::Bytes));
    row.ours = Some(child("everything")?);
    Ok(row.beside([Beside::own("open to record, and nothing else", child("recording")?)]))
}

/// The row about bytes on disk.
pub fn disk(book: &Book) -> Result<Row> {
    let an_event = |bytes: u64| Measured::counted(Unit::Bytes, bytes as f64 / book.events as f64);
    let log = fs::metadata(book.ledger.join("log"))?.len();
    let plain = fs::metadata(replay::plain_file(book)?)?.len() - 4 * book.events;
    let mut row = Row::of("disk", "disk, an event", book.events, Target::AtMost(40.0, Unit::Bytes));
    row.ours = Some(an_event(book.ledger_bytes()?));
    let plain = Beside::new("the events' bytes as they are", an_event(plain), None);
    Ok(row.beside([plain, Beside::own("of that the log", an_event(log))]))
}
