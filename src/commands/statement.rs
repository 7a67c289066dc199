//! `upline statement`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::files::write_out;
use crate::cli::output::SECRET;
use crate::cli::point::{KnownArgs, code, month};
use crate::cli::report::{Cell, Format, Report, csv_failed};
use crate::cli::screen;
use std::io::{self};
use std::path::PathBuf;
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
/// Entries count by the day that they are dated. The month is as it is known now, or as it was known then.
#[derive(clap::Args)]
pub struct Statement {
    /// The producer
    #[arg(long, value_name = "P", value_parser = code)]
    producer: Code,
    /// The month
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
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
        let out = self.out.as_deref();
        if context.format == Format::Pdf && out.is_none() && screen::is_watched() {
            let message = "a PDF cannot be shown in a terminal: name a file with --out";
            return Err(Failure::Arguments(message.to_owned()));
        }
        let ledger = context.open()?;
        let statement = ledger.producer_statement(
            self.known.point().known(),
            &self.producer,
            &Period::month(self.period),
        )?;
        match context.format {
            Format::Html => write_out(out, &html::write(&statement), SECRET),
            Format::Pdf => write_out(out, &pdf::write(&statement)?, SECRET),
            Format::Csv => write_out(out, &csv::write(&statement).map_err(csv_failed)?, SECRET),
            Format::Json => {
                write_out(out, &format!("{}\n", harmless_json(&json::write(&statement).to_string())), SECRET)
            }
            Format::Table => write_out(out, &table(&statement)?, SECRET),
        }
    }
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
