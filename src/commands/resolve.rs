//! `upline resolve`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::day;
use crate::cli::screen::note;
use crate::commands::snapshots;
use upline_core::names::Code;
use upline_core::statement::Resolution;
use upline_core::time::Day;
use upline_ledger::resolve::{Resolving, Settled};

/// Settle exceptions of statements: who decided what, and why
///
/// All of them are settled, or none where one is not open. An exception stays settled as long as it is what it was: when another fact changes its class or its difference, it is open
/// again.
#[derive(clap::Args)]
pub struct Resolve {
    /// The exceptions as upline reconcile lists them, as 4711/L17
    #[arg(value_name = "STATEMENT/EXCEPTION", value_parser = exception, required = true)]
    exceptions: Vec<(u64, Code)>,
    /// accepted: the carrier's figure is right; booked: the facts are recorded; claimed: from the carrier;
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
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let Resolve { exceptions, reason, by, note: said, on } = self;
        let resolving = Resolving { exceptions, reason, by, note: said, on };
        resolving.check().map_err(|error| Failure::Ledger(error.into()))?;
        let mut ledger = context.open_to_record()?;
        let settled = ledger.resolve(&resolving)?;
        snapshots::store(&ledger);
        for Settled { statement, exception, class, difference } in settled {
            let (class, difference) = (class.as_str().replace('_', " "), difference.separated());
            let reason = reason.as_str().replace('_', " ");
            note(&format!("{statement}/{exception}, {class} by {difference}, is {reason}."));
        }
        Ok(())
    }
}

/// An exception on the command line.
pub fn exception(text: &str) -> Result<(u64, Code), String> {
    let parts = text.split_once('/').and_then(|(n, code)| Some((n.parse().ok()?, Code::parse(code)?)));
    parts.ok_or_else(|| "an exception is written STATEMENT/EXCEPTION, as 4711/L17".to_owned())
}

fn resolution(text: &str) -> Result<Resolution, String> {
    let words: Vec<&str> = Resolution::ALL.iter().map(|word| word.as_str()).collect();
    Resolution::parse(text).ok_or_else(|| format!("it is one of {}", words.join(", ")))
}
