//! `upline payout`

mod ach;

use crate::cli::failure::{Failure, note};
use crate::cli::point::day;
use crate::cli::report::{Cell, Format, Report, sum};
use crate::commands::snapshots;
use ach::Ach;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use upline_core::time::Day;
use upline_ledger::closing::Paid;
use upline_ledger::pay::{PayRow, PayRun};
use upline_ledger::{Ledger, SystemClock};

/// The pay run: what is due to each producer, what of it is recovered, withheld and carried, and what is paid
///
/// Shows; with --commit it records the payouts. What was paid is not due again: a run repeated pays nothing.
/// Minimum and reserve are what payout_terms_set says; payout_held holds a producer's payouts.
#[derive(clap::Args)]
pub struct Payout {
    /// Pay what is due on this day, and stays due as far as is known
    #[arg(long, value_name = "DATE", value_parser = day, required_unless_present = "run")]
    through: Option<Day>,
    /// Record the payouts
    #[arg(long, requires = "through")]
    commit: bool,
    /// Show a pay run that was recorded, by its number, or write its ACH file again
    #[arg(long, value_name = "N", conflicts_with = "through")]
    run: Option<u64>,
    /// Write the ACH file that pays the run, to this new file; bank details are in the directory
    #[arg(long, value_name = "FILE", requires = "originator")]
    nacha: Option<PathBuf>,
    /// Who pays: a TOML file such as profiles/originator.toml
    #[arg(long, value_name = "FILE", requires = "nacha")]
    originator: Option<PathBuf>,
    /// When the bank is to pay [default: the day after the run is recorded]
    #[arg(long, value_name = "DATE", value_parser = day, requires = "nacha")]
    pay_on: Option<Day>,
    /// Tells files of one day apart, A to Z and 0 to 9
    #[arg(long, value_name = "LETTER", default_value = "A", requires = "nacha")]
    modifier: char,
}

impl Payout {
    /// Runs the command.
    pub fn run(self, dir: &Path, format: Format) -> Result<(), Failure> {
        let ach = match (&self.nacha, &self.originator) {
            (Some(file), Some(originator)) => Some(Ach::of(file, originator, self.pay_on, self.modifier)?),
            _ => None,
        };
        match (self.run, self.through) {
            (Some(run), _) => again(dir, run, ach, format),
            (None, Some(through)) => self.pay(dir, through, ach, format),
            (None, None) => Ok(()),
        }
    }

    fn pay(&self, dir: &Path, through: Day, ach: Option<Ach>, format: Format) -> Result<(), Failure> {
        if ach.is_some() && !self.commit {
            let message = "an ACH file pays what is recorded: --nacha wants --commit, or --run N";
            return Err(Failure::Because(message.to_owned()));
        }
        let clock = Box::new(SystemClock);
        let mut ledger =
            if self.commit { Ledger::open_to_record(dir, clock)? } else { Ledger::open(dir, clock)? };
        let rows = ledger.payout(through)?;
        let run = if self.commit { record(&mut ledger, through, &rows, ach.as_ref())? } else { None };
        let title = if self.commit {
            format!("Paid out through {through}")
        } else {
            format!("To be paid out through {through}; --commit records it")
        };
        let members = vec![
            ("through", json!(through.to_string())),
            ("position", json!(ledger.position())),
            ("root", json!(ledger.root().to_string())),
        ];
        report(title, &rows, members, run).print(format)?;
        if format == Format::Table {
            for row in rows.iter().filter(|row| !row.holds.is_empty()) {
                writeln!(io::stdout(), "held: {} ({})", row.producer, holds(row).join(", "))?;
            }
        }
        match run {
            Some(run) => note(&format!("Recorded as pay run {run}.")),
            None if self.commit => note("There was nothing to pay; nothing is recorded."),
            None => {}
        }
        if let (true, None, Some(_)) = (self.commit, run, ach) {
            let paid = ledger.closings(ledger.position())?.paid;
            if let Some(Paid { position, .. }) = paid.iter().rev().find(|paid| paid.on == through) {
                note(&format!(
                    "Event {position} is a payout of this day: --run N writes the file of its run again."
                ));
            }
        }
        Ok(())
    }
}

/// Records a run, and writes the file that pays it. Whatever would keep that from being written is told before
/// anything is recorded.
fn record(
    ledger: &mut Ledger,
    through: Day,
    rows: &[PayRow],
    ach: Option<&Ach>,
) -> Result<Option<u64>, Failure> {
    if let Some(ach) = ach {
        ach.check(ledger, rows)?;
        ach.begin()?;
    }
    let run = ledger.pay_out(through, rows);
    match (&run, ach) {
        (Ok(Some(run)), Some(ach)) => ach.write(ledger, &ledger.pay_run(*run)?)?,
        (_, Some(ach)) => ach.abandon(),
        (_, None) => {}
    }
    snapshots::store(ledger);
    Ok(run?)
}

/// Shows a run that was recorded, or writes its file again.
fn again(dir: &Path, run: u64, ach: Option<Ach>, format: Format) -> Result<(), Failure> {
    let ledger = Ledger::open(dir, Box::new(SystemClock))?;
    let run = ledger.pay_run(run)?;
    let Some(ach) = ach else { return recorded(&run).print(format) };
    ach.begin()?;
    ach.write(&ledger, &run)
}

/// A run that was recorded.
fn recorded(run: &PayRun) -> Report {
    let rows = run.paid.iter().map(|(producer, kind, cash)| {
        vec![Cell::text(producer), Cell::text(kind.as_str()), Cell::Money((*cash).into())]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    Report {
        title: format!("Pay run {} through {}, recorded at {}", run.run, run.through, run.recorded_at),
        members: vec![
            ("run", json!(run.run)),
            ("through", json!(run.through.to_string())),
            ("recorded_at", json!(run.recorded_at.to_string())),
        ],
        columns: vec!["producer", "kind", "paid"],
        footer: (rows.len() > 1).then(|| vec![Cell::text("total"), Cell::Null, sum(&rows, 2)]),
        rows,
        ..Report::default()
    }
}

fn holds(row: &PayRow) -> Vec<&'static str> {
    row.holds.iter().map(|reason| reason.as_str()).collect()
}

/// The rows of a pay run as an answer.
fn report(title: String, rows: &[PayRow], members: Vec<(&'static str, Value)>, run: Option<u64>) -> Report {
    let held: Vec<Value> = rows
        .iter()
        .filter(|row| !row.holds.is_empty())
        .map(|row| json!({"producer": row.producer.as_str(), "reasons": holds(row)}))
        .collect();
    let cells = rows.iter().map(|row| {
        let split = &row.split;
        let money = [row.due.payable, split.leads, split.debt, split.reserve, split.carried, split.paid];
        let money = money.map(|amount| Cell::Money(amount.into()));
        std::iter::once(Cell::text(&row.producer)).chain(money).collect()
    });
    let rows: Vec<Vec<Cell>> = cells.collect();
    let sums = (1..7).map(|column| sum(&rows, column));
    let footer = std::iter::once(Cell::text("total")).chain(sums).collect();
    Report {
        title,
        members,
        columns: vec![
            "producer",
            "payable",
            "leads_recovered",
            "debt_recovered",
            "reserved",
            "carried",
            "paid",
        ],
        footer: (rows.len() > 1).then_some(footer),
        rows,
        closing: vec![("held", Value::Array(held)), ("run", json!(run))],
        nothing: "Nothing is due to anybody.",
    }
}
