//! `upline resolve`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, UsageError};
use crate::cli::point::{code, day};
use crate::cli::screen::note;
use crate::commands::reconcile::class;
use crate::commands::snapshots;
use upline_core::names::Code;
use upline_core::statement::{Class, Resolution};
use upline_core::time::Day;
use upline_ledger::resolve::{Resolving, Settled};

/// Settle exceptions of statements: who decided what, and why
///
/// All of them are settled, or none where one is not open. What is accepted or written off is posted: the carrier's figure
/// stands, or the house bears the difference. An exception stays settled as long as it is what it was: when another fact
/// changes its class or its difference, it is open again. Who decides otherwise later takes back what was posted.
#[derive(clap::Args)]
pub struct Resolve {
    /// The exceptions as upline reconcile lists them, as 4711/L17; with --all only the statement, as 4711
    #[arg(value_name = "STATEMENT/EXCEPTION", value_parser = named, required = true)]
    exceptions: Vec<(u64, Option<Code>)>,
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
    /// All that is open of one class
    #[arg(long, requires = "class")]
    all: bool,
    /// Of which class, as timing or short
    #[arg(long, value_parser = class, requires = "all")]
    class: Option<Class>,
    /// With --all: only of this carrier
    #[arg(long, value_name = "CODE", value_parser = code, requires = "all")]
    carrier: Option<Code>,
    /// Show what would be settled, and record nothing
    #[arg(long)]
    dry_run: bool,
}

impl Resolve {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let Resolve { exceptions: given, reason, by, note: said, on, all: _, class, carrier, dry_run } = self;
        let mut exceptions = Vec::new();
        for (statement, exception) in given {
            match (exception, class) {
                (Some(exception), None) => exceptions.push((statement, exception)),
                (None, Some(class)) => {
                    let ledger = context.open()?;
                    exceptions.extend(ledger.open_of_class(statement, class, carrier.as_ref())?);
                }
                (None, None) => return Err(usage("name an exception, as 4711/L17, or a class with --all")),
                (Some(_), Some(_)) => return Err(usage("with --all only the statement is named, as 4711")),
            }
        }
        if exceptions.is_empty() {
            note("Nothing of that class is open.");
            return Ok(());
        }
        let resolving = Resolving { exceptions, reason, by, note: said, on };
        resolving.check().map_err(|error| Failure::Ledger(error.into()))?;
        let settled = if dry_run {
            context.open()?.would_resolve(&resolving)?
        } else {
            let mut ledger = context.open_to_record()?;
            let settled = ledger.resolve(&resolving)?;
            snapshots::store(&ledger);
            settled
        };
        for Settled { statement, exception, class, difference } in settled {
            let (class, difference) = (class.as_str().replace('_', " "), difference.separated());
            let reason = reason.as_str().replace('_', " ");
            let verb = if dry_run { "would be" } else { "is" };
            note(&format!("{statement}/{exception}, {class} by {difference}, {verb} {reason}."));
        }
        if dry_run {
            note("Nothing is recorded.");
        }
        Ok(())
    }
}

fn usage(message: &str) -> Failure {
    Failure::Usage(UsageError::Argument(message.to_owned()))
}

/// An exception, or with --all a statement.
fn named(text: &str) -> Result<(u64, Option<Code>), String> {
    if let Ok(statement) = text.parse() {
        return Ok((statement, None));
    }
    exception(text).map(|(statement, exception)| (statement, Some(exception)))
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
