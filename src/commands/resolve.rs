//! `upline resolve`

use crate::cli::failure::{Failure, note};
use crate::cli::point::day;
use crate::commands::reconcile::{failed, record};
use std::path::Path;
use upline_core::fact::Body;
use upline_core::money::Cents;
use upline_core::names::Code;
use upline_core::statement::{ExceptionResolved, Resolution};
use upline_core::time::Day;
use upline_formats::reconciliation::{Found, Reconciled, State, reconciliation};
use upline_ledger::{Ledger, SystemClock};

/// Settle exceptions of statements: who decided what, and why
///
/// It stays settled as long as it is what it was: when another fact changes its class or its difference, it is open
/// again.
#[derive(clap::Args)]
pub struct Resolve {
    /// The exceptions as upline reconcile lists them, as 4711/L17
    #[arg(value_name = "STATEMENT/EXCEPTION", value_parser = exception, required = true)]
    exceptions: Vec<(u64, Code)>,
    /// accepted: the carrier's figure stands; booked: the facts are recorded; claimed: from the carrier;
    /// written_off: nobody will pay it
    #[arg(long, value_parser = resolution)]
    reason: Resolution,
    /// Who decided it
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// The day of the decision [default: today, in UTC]
    #[arg(long, value_name = "DATE", value_parser = day)]
    on: Option<Day>,
}

impl Resolve {
    /// Runs the command.
    pub fn run(self, dir: &Path) -> Result<(), Failure> {
        if self.by.trim().is_empty() {
            return Err(Failure::Because("--by names who decided it".to_owned()));
        }
        let mut ledger = Ledger::open_to_record(dir, Box::new(SystemClock))?;
        let on = self.on.unwrap_or_else(|| ledger.today());
        let all = reconciliation(&ledger, ledger.position(), None).map_err(failed)?;
        let found = self.exceptions.iter().map(|(position, exception)| open(&all, *position, exception));
        let found: Vec<(&Reconciled, &Found)> = found.collect::<Result<_, _>>().map_err(Failure::Because)?;
        for ((statement, row), (position, exception)) in found.into_iter().zip(&self.exceptions) {
            let difference = i64::try_from(row.difference.0).map(Cents);
            let decision = ExceptionResolved {
                statement: statement.incoming.file.clone(),
                exception: exception.clone(),
                class: row.class,
                difference: difference
                    .map_err(|_| Failure::Because("the difference is too large".to_owned()))?,
                reason: self.reason,
                resolved_by: self.by.clone(),
            };
            record(&mut ledger, on, None, self.note.clone(), Body::ExceptionResolved(Box::new(decision)))?;
            let (class, difference) = (row.class.as_str().replace('_', " "), row.difference.separated());
            note(&format!(
                "{position}/{exception}, {class} by {difference}, is {}.",
                self.reason.as_str().replace('_', " ")
            ));
        }
        Ok(())
    }
}

/// An exception that nobody has settled, or why it is none.
fn open<'a>(
    all: &'a [Reconciled],
    position: u64,
    exception: &Code,
) -> Result<(&'a Reconciled, &'a Found), String> {
    let statement = all.iter().find(|one| one.incoming.position == Some(position));
    let statement = statement.ok_or_else(|| format!("no statement was received at position {position}"))?;
    let row = statement.rows.iter().find(|row| row.exception == exception.as_str());
    let row = row.ok_or_else(|| {
        format!("statement {position} has no {exception}: upline reconcile --all lists them")
    })?;
    match &row.state {
        State::Open => Ok((statement, row)),
        State::Fine => Err(format!("{position}/{exception} is {}: no exception", row.class.as_str())),
        State::SettledLater => Err(format!("{position}/{exception} was settled by a later statement")),
        State::Resolved { reason, by } => {
            Err(format!("{position}/{exception} is {} already, by {by}", reason.as_str()))
        }
    }
}

fn exception(text: &str) -> Result<(u64, Code), String> {
    let parts = text.split_once('/').and_then(|(n, code)| Some((n.parse().ok()?, Code::parse(code)?)));
    parts.ok_or_else(|| "an exception is written STATEMENT/EXCEPTION, as 4711/L17".to_owned())
}

fn resolution(text: &str) -> Result<Resolution, String> {
    let words: Vec<&str> = Resolution::ALL.iter().map(|word| word.as_str()).collect();
    Resolution::parse(text).ok_or_else(|| format!("it is one of {}", words.join(", ")))
}
