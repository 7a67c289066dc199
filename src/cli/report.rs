//! Printing answers: as a table, JSON or CSV.

use crate::cli::failure::Failure;
use crate::cli::screen;
use std::io::{BufWriter, Write};
use upline_answers::Reader;

pub use upline_answers::report::{Cell, Report, csv_failed, sum};

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned, for people
    Table,
    /// For programs: the stable contract
    Json,
    /// The same columns, for spreadsheets
    Csv,
    /// A page to print; of statements
    Html,
    /// The same, as a file to hand out; of statements
    Pdf,
}

impl Format {
    /// Who reads an answer in this format.
    pub fn reader(self) -> Reader {
        if self == Format::Table { Reader::People } else { Reader::Programs }
    }

    /// Refuses, as wrongly called, an answer that is no statement as a page.
    pub fn refuse_pages(self) -> Result<(), Failure> {
        match self {
            Format::Html | Format::Pdf => Err(Failure::Arguments(
                "html and pdf are formats of statements: choose table, json or csv".to_owned(),
            )),
            Format::Table | Format::Json | Format::Csv => Ok(()),
        }
    }
}

/// What can be printed.
pub trait Print {
    /// Prints it to stdout.
    fn print(&self, format: Format) -> Result<(), Failure>;
}

impl Print for Report {
    fn print(&self, format: Format) -> Result<(), Failure> {
        let mut out = BufWriter::new(screen::stdout());
        match format {
            Format::Json => self.write_json(&mut out)?,
            Format::Csv => self.write_csv(&mut out)?,
            // Statements alone are pages; of others these are refused before.
            Format::Table | Format::Html | Format::Pdf => self.write_table(&mut out)?,
        }
        out.flush()?;
        Ok(())
    }
}
