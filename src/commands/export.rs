//! `upline export`

mod place;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::PointArgs;
use crate::cli::progress;
use crate::cli::report::Format;
use crate::cli::screen::{self, note};
use indicatif::ProgressBar;
use place::Place;
use serde_json::{Map, Value, json};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use upline_core::as_of::AsOf;
use upline_formats::export;
use upline_formats::export::beancount::Beancount;
use upline_formats::export::journal::Journal;
use upline_formats::export::parquet::Months;
use upline_formats::export::rows::Rows;
use upline_formats::export::xlsx::Xlsx;
use upline_ledger::Ledger;

/// The bytes that are collected before they are written.
const BUFFER_BYTES: usize = 1 << 20;

/// Write the entries for other tools: hledger, ledger, beancount, spreadsheets, DuckDB
///
/// Every entry that counts at the point, event by event, each with the accounts that it debits and credits. It
/// is written beside OUT, which gets its name when it is whole.
#[derive(clap::Args)]
pub struct Export {
    /// What reads it
    #[arg(value_name = "FORMAT", value_enum)]
    form: Form,
    /// The file, or for parquet the directory; - is stdout, for hledger, beancount and csv
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Replace what is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    point: PointArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A journal, for hledger and for ledger
    Hledger,
    /// A file for beancount
    Beancount,
    /// A directory of Parquet files, one a month
    Parquet,
    /// A row for each entry
    Csv,
    /// A workbook of Excel
    Xlsx,
}

/// How much was written.
#[derive(Default)]
struct Written {
    events: u64,
    entries: u64,
}

/// What is written: the entries of a ledger at a point.
struct Source<'a> {
    ledger: &'a Ledger,
    at: AsOf,
    title: String,
    bar: &'a ProgressBar,
}

impl Export {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let to_stdout = self.out.as_os_str() == "-";
        if to_stdout && matches!(self.form, Form::Parquet | Form::Xlsx) {
            let message = "parquet and xlsx are files: name one in place of -";
            return Err(Failure::Arguments(message.to_owned()));
        }
        let (ledger, point) = (context.open()?, self.point.point());
        let place = if to_stdout { None } else { Some(self.place()?) };
        let at = point.at(&ledger)?;
        let words = point.words(at);
        let bar = progress::bar("exporting", Some(at.known), "{msg} [{bar:40}] {percent}%, {eta} left");
        let source = Source { ledger: &ledger, at, title: format!("Entries {words}"), bar: &bar };
        let written = match &place {
            None => {
                let stdout = BufWriter::with_capacity(BUFFER_BYTES, screen::stdout());
                source.stream(self.form, stdout, Path::new("."))
            }
            Some(place) if self.form == Form::Parquet => {
                place.directory(|open| source.write(Months::new(open)))
            }
            Some(place) => place.file(|file, beside| {
                source.stream(self.form, BufWriter::with_capacity(BUFFER_BYTES, file), beside)
            }),
        };
        bar.finish_and_clear();
        let Written { events, entries } = written?;
        let out = self.out.display();
        if context.format == Format::Json && !to_stdout {
            let mut answer = Map::from_iter([("out".to_owned(), json!(out.to_string()))]);
            answer.extend(point.members(&ledger, at)?.into_iter().map(|(name, of)| (name.to_owned(), of)));
            answer.extend([("events".to_owned(), json!(events)), ("entries".to_owned(), json!(entries))]);
            screen::json(&Value::Object(answer))?;
        } else {
            note(&format!("{out}: {entries} entries of {events} events, {words}"));
        }
        Ok(())
    }

    fn place(&self) -> Result<Place, Failure> {
        match self.form {
            Form::Parquet => Place::for_directory(&self.out, self.force),
            _ => Place::for_file(&self.out, self.force),
        }
    }
}

impl Source<'_> {
    /// Writes a format that is one file; what does not fit into memory meanwhile goes beside it.
    fn stream(&self, form: Form, out: impl Write + Send, beside: &Path) -> Result<Written, Failure> {
        let title = &self.title;
        match form {
            Form::Hledger => self.write(Journal::new(out, title)?),
            Form::Beancount => self.write(Beancount::new(out, title)?),
            Form::Xlsx => self.write(Xlsx::new(out, title, self.at.effective, beside)?),
            Form::Csv | Form::Parquet => self.write(Rows::new(out)?),
        }
    }

    fn write(&self, mut export: impl export::Export) -> Result<Written, Failure> {
        let mut written = Written::default();
        let progress = |position| self.bar.set_position(position);
        self.ledger.entries(self.at, progress, |posted| -> Result<(), Failure> {
            written.events += 1;
            written.entries += posted.entries.len() as u64;
            Ok(export.event(posted)?)
        })?;
        export.finish()?;
        Ok(written)
    }
}
