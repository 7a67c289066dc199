//! The book that is measured on: generated facts, and the ledger that `upline import` makes of them.
//!
//! # Shape
//! `DIR/book-POLICIES-PRODUCERS/` holds `book.jsonl`, the directory `ledger`, and what the alternatives are
//! asked, each made when it is first needed and kept for the next run.
//!
//! # Correctness
//! `made-by` names the generator, the rules and the bytes that the book was made with, by the root of a small
//! ledger that they make. Where they changed, the book is made anew: a cache that outlives what it was made
//! with would measure the old one.

use crate::external;
use crate::facts::Facts;
use crate::measure::{Result, progress};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use upline_core::time::Moment;
use upline_formats::generate::generate;
use upline_ledger::{Clock, Ledger};
use upline_log::{Engine, FORMAT, MemoryLog, OpenOptions, open_log_to_read};

/// Policies of a book of a million events; the rest are premiums and what else happens to them.
const POLICIES_PER_MILLION: u64 = 23_000;

/// Producers of every book of a million events and more, so that growth is growth of history alone.
const PRODUCERS: u64 = 20_000;

/// In smaller books there is one producer for so many events, or contracts would be all there is.
const EVENTS_PER_PRODUCER: u64 = 50;

/// The seed of the random book.
const SEED: u64 = 1;

/// A generated book and its ledger.
#[derive(Clone, Debug)]
pub struct Book {
    /// Where everything about it lies.
    pub dir: PathBuf,
    /// Its facts, one a line.
    pub facts_file: PathBuf,
    /// The directory of its ledger.
    pub ledger: PathBuf,
    pub facts: u64,
    /// How many events its ledger has.
    pub events: u64,
}

impl Book {
    /// The book of about so many events: made now, or kept from an earlier run.
    pub fn of(dir: &Path, events: u64, upline: &Path) -> Result<Book> {
        let policies = u32::try_from((events * POLICIES_PER_MILLION).div_ceil(1_000_000))?;
        let producers = u32::try_from((events / EVENTS_PER_PRODUCER).clamp(1, PRODUCERS))?;
        let dir = dir.join(format!("book-{policies}-{producers}"));
        let made_by = made_by()?;
        if fs::read_to_string(dir.join("made-by")).is_ok_and(|kept| kept == made_by) {
            return Book::kept(dir);
        }
        progress(format!("making a book of {policies} policies and {producers} producers"));
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        fs::create_dir_all(&dir)?;
        let mut out = BufWriter::with_capacity(1 << 20, File::create(dir.join("book.jsonl"))?);
        generate(policies, producers, SEED, &mut out)?;
        out.into_inner()?.sync_all()?;
        import(upline, &dir.join("book.jsonl"), &dir.join("ledger"))?;
        // Last, so that a book whose making was cut off counts as none.
        fs::write(dir.join("made-by"), made_by)?;
        Book::kept(dir)
    }

    fn kept(dir: PathBuf) -> Result<Book> {
        let (facts_file, ledger) = (dir.join("book.jsonl"), dir.join("ledger"));
        let facts = BufReader::with_capacity(1 << 20, File::open(&facts_file)?).split(b'\n').count() as u64;
        let events = open_log_to_read(&ledger, &OpenOptions::default())?.len();
        Ok(Book { dir, facts_file, ledger, facts, events })
    }

    /// The book of its first facts alone, in a directory of this name. All of it where it has no more.
    pub fn first(&self, facts: u64, name: &str, upline: &Path) -> Result<Book> {
        if facts >= self.facts {
            return Ok(self.clone());
        }
        let dir = self.dir.join(name);
        if dir.join("complete").exists() {
            return Book::kept(dir);
        }
        progress(format!("making a book of its first {facts} facts"));
        fs::create_dir_all(&dir)?;
        let _ = fs::remove_dir_all(dir.join("ledger"));
        let mut out = BufWriter::new(File::create(dir.join("book.jsonl"))?);
        let lines = BufReader::with_capacity(1 << 20, File::open(&self.facts_file)?).split(b'\n');
        for line in lines.take(usize::try_from(facts)?) {
            out.write_all(&line?)?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
        import(upline, &dir.join("book.jsonl"), &dir.join("ledger"))?;
        fs::write(dir.join("complete"), "")?;
        Book::kept(dir)
    }

    /// Bytes of all files of its ledger.
    pub fn ledger_bytes(&self) -> Result<u64> {
        bytes_in(&self.ledger)
    }
}

/// The bytes of all files in a directory and those below it: snapshots too.
pub fn bytes_in(dir: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(dir)? {
        let (path, about) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        bytes += if about.is_dir() { bytes_in(&path)? } else { about.len() };
    }
    Ok(bytes)
}

/// Makes a ledger of facts, as its users do: with the program. It lies in files, which several can read at once.
fn import(upline: &Path, facts: &Path, ledger: &Path) -> Result<()> {
    let files = Engine::Files.name().as_ref();
    let init = ["--ledger".as_ref(), ledger.as_os_str(), "init".as_ref(), "--engine".as_ref(), files];
    external::run(upline, &init)?;
    import_into(upline, facts, ledger)?;
    Ok(())
}

/// Imports facts into a ledger, as a process of its own; says how many seconds it took.
pub fn import_into(upline: &Path, facts: &Path, ledger: &Path) -> Result<f64> {
    external::run(upline, &["--ledger".as_ref(), ledger.as_os_str(), "import".as_ref(), facts.as_os_str()])
}

/// A clock that stands still, so that the same facts make the same bytes.
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Moment {
        Moment(0)
    }
}

/// What books are made by: the root of a small one.
fn made_by() -> Result<String> {
    let mut text = Vec::new();
    generate(60, 60, SEED, &mut text)?;
    let mut ledger = Ledger::of(Box::new(MemoryLog::new()?), Box::new(Stopped));
    Facts::of_text(String::from_utf8(text)?)?.import(&mut ledger, usize::MAX)?;
    Ok(format!("format {FORMAT}, root {}\n", ledger.root()))
}
