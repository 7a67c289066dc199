//! `upline statement`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong};
use crate::cli::files::{write_new, write_out};
use crate::cli::output::{NewDirectory, SECRET};
use crate::cli::point::{KnownArgs, code, month};
use crate::cli::progress;
use crate::cli::report::{Cell, Format, Report, csv_failed};
use crate::cli::screen::{self, note};
use std::io::{self};
use std::path::{Path, PathBuf};
use upline_core::names::Code;
use upline_core::time::Month;
use upline_formats::plain::harmless_json;
use upline_formats::producer_statement::{
    self, MONEY, ProducerStatement, csv, html, json, money, pdf, rollforward, words,
};
use upline_views::Period;
use upline_views::producer_statement::Amounts;

/// What a producer's accounts were, what moved them in a month and why, and what they are: to print and hand out
///
/// Entries count by the day that they are dated. The month is as it is known now, or as it was known then. With --all OUT
/// there is a file for every producer, in a new folder.
#[derive(clap::Args)]
pub struct Statement {
    /// The producer
    #[arg(long, value_name = "P", value_parser = code, required_unless_present = "all")]
    producer: Option<Code>,
    /// One for every producer, into this new folder
    #[arg(long, value_name = "OUT", conflicts_with_all = ["producer", "out"])]
    all: Option<PathBuf>,
    /// The month
    #[arg(long, value_name = "YYYY-MM", alias = "month", value_parser = month)]
    period: Month,
    /// Write it to this new file [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    known: KnownArgs,
}

impl Statement {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let (known, month) = (self.known.point().known(), Period::month(self.period));
        let Some(producer) = &self.producer else {
            let Some(folder) = &self.all else { return Ok(()) };
            let all = context.open()?.producer_statements(known, None, &month)?;
            return write_all(folder, &all, context.format);
        };
        let out = self.out.as_deref();
        if context.format == Format::Pdf && out.is_none() && screen::is_watched() {
            let message = "a PDF cannot be shown in a terminal: name a file with --out";
            return Err(Failure::Arguments(message.to_owned()));
        }
        let statement = context.open()?.producer_statement(known, producer, &month)?;
        write_out(out, &in_format(&statement, context.format)?, SECRET)
    }
}

/// Writes a file for each into a folder, which appears whole or not at all.
fn write_all(folder: &Path, all: &[ProducerStatement], format: Format) -> Result<(), Failure> {
    if folder.exists() {
        return Err(FileWrong::ThereChoose("--all").of(folder));
    }
    let place = NewDirectory::create(folder)?;
    let bar = progress::bar("", Some(all.len() as u64), "writing {msg} [{bar:40}] {pos}/{len}");
    for statement in all {
        // As in the names of accounts; a colon is no part of a file's name everywhere.
        let code = statement.producer.as_str().replace(':', "%3A");
        bar.set_message(code.clone());
        let extension = match format {
            Format::Table => "txt",
            Format::Html => "html",
            Format::Pdf => "pdf",
            Format::Csv => "csv",
            Format::Json => "json",
        };
        let text = in_format(statement, format)?;
        write_new(&place.partial().join(format!("{code}.{extension}")), &text, SECRET)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    place.place()?;
    note(&format!("{} statements are in {}.", all.len(), folder.display()));
    Ok(())
}

fn in_format(statement: &ProducerStatement, format: Format) -> Result<Vec<u8>, Failure> {
    Ok(match format {
        Format::Html => html::write(statement).into(),
        Format::Pdf => pdf::write(statement)?,
        Format::Csv => csv::write(statement).map_err(csv_failed)?,
        Format::Json => format!("{}\n", harmless_json(&json::write(statement).to_string())).into_bytes(),
        Format::Table => table(statement)?,
    })
}

/// The statement for people at a terminal.
fn table(statement: &ProducerStatement) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let title =
        format!("{}\n{}\n", producer_statement::title(statement), producer_statement::point(statement));
    let rows = rollforward(statement);
    // A column in which nothing stands or moves tells people nothing.
    let moving = rows.iter().map(|(_, amounts)| amounts);
    let moving = moving.chain(statement.statement.lines.iter().map(|line| &line.amounts));
    let mut shown = [false; MONEY.len()];
    for amounts in moving {
        shown.iter_mut().zip(money(amounts)).for_each(|(shown, amount)| *shown |= !amount.is_zero());
    }
    let columns = MONEY.into_iter().zip(shown).filter_map(|(name, shown)| shown.then_some(name));
    let amounts = |amounts: &Amounts| {
        money(amounts)
            .into_iter()
            .zip(shown)
            .filter_map(|(amount, shown)| shown.then_some(Cell::Money(amount)))
    };
    let row =
        |(name, of): &(&str, Amounts)| [Cell::text(words(name))].into_iter().chain(amounts(of)).collect();
    Report {
        title,
        columns: ["row"].into_iter().chain(columns.clone()).collect(),
        rows: rows.iter().map(row).collect(),
        ..Report::default()
    }
    .write_table(&mut out)?;
    let lines = statement.statement.lines.iter().map(|line| {
        let keys = [
            Cell::text(line.dated),
            Cell::optional(line.policy.as_ref()),
            Cell::text(words(line.type_name)),
            Cell::Count(line.position),
        ];
        keys.into_iter().chain(amounts(&line.amounts)).chain([Cell::text(&line.why)]).collect()
    });
    Report {
        title: "\nLines".to_owned(),
        columns: ["dated", "policy", "event", "position"].into_iter().chain(columns).chain(["why"]).collect(),
        rows: lines.collect(),
        nothing: "Nothing is dated in this month.",
        ..Report::default()
    }
    .write_table(&mut out)?;
    let decisions = statement.statement.decisions.iter().map(producer_statement::decision);
    let mut text = format!("\n{}\n", producer_statement::equations(statement).join("\n"));
    decisions.for_each(|decision| text.push_str(&format!("{decision}\n")));
    text.push_str(&format!("Log position {}, root {}\n", statement.position, statement.root));
    out.extend(text.replace(|c: char| c.is_control() && c != '\n', " ").into_bytes());
    Ok(out)
}
