//! `upline payout`

pub mod ach;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, UsageError};
use crate::cli::point::{code, day};
use crate::cli::report::{Format, Print};
use crate::cli::screen::{self, note, say};
use crate::commands::snapshots;
use ach::Ach;
use std::path::PathBuf;
use upline_answers::pay_run as answers;
use upline_core::names::Code;
use upline_core::time::Day;
use upline_ledger::Ledger;
use upline_ledger::pay::{AchTerms, PaidOut, PayRow};
use upline_views::closings::Paid;

/// The pay run: what each producer is due, and how much of it is recovered, withheld, carried forward and paid
///
/// Only shows the run; --commit records the payouts. What was paid is no longer due: repeating a run pays nothing.
/// Minimum and reserve are what payout_terms_set says; payout_held holds a producer's payouts.
#[derive(clap::Args)]
pub struct Payout {
    /// Pay what is due on this day and, as far as is known, remains due
    #[arg(long, value_name = "DATE", value_parser = day, required_unless_present = "run")]
    through: Option<Day>,
    /// Only this producer; may be given several times
    #[arg(long, value_name = "P", value_parser = code, requires = "through")]
    producer: Vec<Code>,
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
    /// Distinguishes files of one day: A to Z, then 0 to 9
    #[arg(long, value_name = "LETTER", default_value = "A", requires = "nacha")]
    modifier: char,
    /// Write a file for a run though another paid it to other accounts, on another date or by another originator
    #[arg(long, requires = "run")]
    again: bool,
    /// Pay though somebody wants its money at the account that it comes from
    #[arg(long, requires = "nacha")]
    confirm_shared: bool,
}

impl Payout {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ach = match (&self.nacha, &self.originator) {
            (Some(file), Some(originator)) => {
                let (pay_on, modifier) = (self.pay_on, self.modifier);
                let (shared, again) = (self.confirm_shared, self.again);
                let terms = |originator| AchTerms { originator, pay_on, modifier, shared, again };
                Some(Ach::of(file, originator, terms)?)
            }
            _ => None,
        };
        match (self.run, self.through) {
            (Some(run), _) => again(context, run, ach),
            (None, Some(through)) if self.commit => pay(context, through, &self.producer, ach),
            (None, Some(_)) if ach.is_some() => Err(UsageError::NachaWithoutCommit.into()),
            (None, Some(through)) => preview(context, through, &self.producer),
            (None, None) => Ok(()),
        }
    }
}

/// Shows what a run would do.
fn preview(context: &Context, through: Day, only: &[Code]) -> Result<(), Failure> {
    let ledger = context.open()?;
    let title = format!("To be paid out through {through}; --commit records it");
    print(context, &ledger, title, through, &ledger.payout_of(through, only)?, None)
}

/// Records a run, and writes the file that pays it.
fn pay(context: &Context, through: Day, only: &[Code], ach: Option<Ach>) -> Result<(), Failure> {
    let mut ledger = context.open_to_record()?;
    ach.as_ref().map_or(Ok(()), |ach| ach.check(&ledger))?;
    let mut placed = false;
    let terms = ach.as_ref().map(|ach| &ach.terms);
    let paid = ledger.pay(through, only, terms, |file| -> Result<(), Failure> {
        ach.as_ref().map_or(Ok(()), |ach| ach.place(file))?;
        placed = true;
        Ok(())
    });
    if let (Err(_), true, Some(ach)) = (&paid, placed, &ach) {
        ach.unrecorded();
    }
    snapshots::store(&ledger);
    let PaidOut { rows, run, ach: file } = paid?;
    if let (Some(ach), Some(run)) = (&ach, run) {
        ach.tell(run, file.as_ref());
    }
    print(context, &ledger, format!("Paid out through {through}"), through, &rows, run)?;
    match run {
        Some(run) => note(&format!("Recorded as pay run {run}.")),
        None => note("There was nothing to pay; nothing is recorded."),
    }
    if let (None, Some(_)) = (run, ach) {
        let paid = ledger.closings(ledger.position())?.paid;
        if let Some(Paid { position, .. }) = paid.iter().rev().find(|paid| paid.on == through) {
            note(&format!(
                "Event {position} is a payout of this day: --run N writes the file of its run again."
            ));
        }
    }
    Ok(())
}

/// Shows a run that was recorded, or writes its file again.
fn again(context: &Context, run: u64, ach: Option<Ach>) -> Result<(), Failure> {
    let Some(ach) = ach else {
        return answers::recorded(&context.open()?.pay_run(run)?).print(context.format);
    };
    let mut ledger = context.open_to_record()?;
    let run = ledger.pay_run(run)?;
    ach.check(&ledger)?;
    let mut placed = false;
    let file = ledger.pay_again(&run, &ach.terms, |file| -> Result<(), Failure> {
        ach.place(file)?;
        placed = true;
        Ok(())
    });
    if file.is_err() && placed {
        ach.unrecorded();
    }
    ach.tell(run.run, file?.as_ref());
    snapshots::store(&ledger);
    Ok(())
}

fn print(
    context: &Context,
    ledger: &Ledger,
    title: String,
    through: Day,
    rows: &[PayRow],
    run: Option<u64>,
) -> Result<(), Failure> {
    answers::pay_run(ledger, title, through, rows, run).print(context.format)?;
    if context.format == Format::Table {
        for row in rows.iter().filter(|row| !row.holds.is_empty()) {
            say!(screen::stdout(), "held: {} ({})", row.producer, answers::holds(row).join(", "))?;
        }
    }
    Ok(())
}
