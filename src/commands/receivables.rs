//! `upline receivables`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::PointArgs;
use crate::cli::report::Print;
use upline_answers::receivables as answers;

/// What carriers owe: computed, on their statements, deposited, open and how old that is
///
/// Computed is what was expected of a carrier by then, as its statements are matched with, and what was accepted of its
/// own figures. Deposits are recorded with upline record carrier_deposit; they pay the oldest amounts first.
#[derive(clap::Args)]
pub struct Receivables {
    /// Each statement with what was deposited for it
    #[arg(long, value_name = "statement", value_parser = ["statement"])]
    by: Option<String>,
    #[command(flatten)]
    point: PointArgs,
}

impl Receivables {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        let point = self.point.point();
        match self.by {
            Some(_) => answers::by_statement(&ledger, &point)?.print(context.format),
            None => answers::receivables(&ledger, &point)?.print(context.format),
        }
    }
}
