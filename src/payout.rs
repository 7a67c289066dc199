//! `upline payout`

use crate::failure::{Failure, note};
use crate::point::day;
use crate::report::{Cell, Format, Report, sum};
use crate::snapshots;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;
use upline_core::time::Day;
use upline_ledger::pay::PayRow;
use upline_ledger::{Ledger, SystemClock};

/// The pay run: what is due to each producer, what of it is recovered, withheld and carried, and what is paid
///
/// Shows; with --commit it records the payouts. What was paid is not due again: a run repeated pays nothing.
/// Minimum and reserve are what payout_terms_set says; payout_held holds a producer's payouts.
#[derive(clap::Args)]
pub struct Payout {
    /// Pay what is due on this day, and stays due as far as is known
    #[arg(long, value_name = "DATE", value_parser = day)]
    through: Day,
    /// Record the payouts
    #[arg(long)]
    commit: bool,
}

impl Payout {
    /// Runs the command.
    pub fn run(self, dir: &Path, format: Format) -> Result<(), Failure> {
        let clock = Box::new(SystemClock);
        let mut ledger =
            if self.commit { Ledger::open_to_record(dir, clock)? } else { Ledger::open(dir, clock)? };
        let (rows, run) =
            if self.commit { ledger.pay_out(self.through)? } else { (ledger.payout(self.through)?, None) };
        if self.commit {
            snapshots::store(&ledger);
        }
        let title = if self.commit {
            format!("Paid out through {}", self.through)
        } else {
            format!("To be paid out through {}; --commit records it", self.through)
        };
        report(
            title,
            &rows,
            vec![
                ("through", json!(self.through.to_string())),
                ("position", json!(ledger.position())),
                ("root", json!(ledger.root().to_string())),
            ],
            run,
        )
        .print(format)?;
        if format == Format::Table {
            for row in rows.iter().filter(|row| !row.holds.is_empty()) {
                writeln!(io::stdout(), "held: {} ({})", row.producer, holds(row).join(", "))?;
            }
        }
        if let Some(run) = run {
            note(&format!("Recorded as pay run {run}."));
        } else if self.commit {
            note("There was nothing to pay; nothing is recorded.");
        }
        Ok(())
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
