//! `upline accounts`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::PointArgs;
use crate::cli::report::Print;
use upline_answers::accounts as answers;

/// The trial balance: every account with its balance
///
/// Accounts are named by kind and keys, as payable:A001:C1 or debt:A001:C1:P-77. Debits and credits of a
/// sound ledger are equal: the total is 0.00.
#[derive(clap::Args)]
pub struct Accounts {
    #[command(flatten)]
    point: PointArgs,
}

impl Accounts {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        answers::accounts(&ledger, &self.point.point())?.print(context.format)
    }
}
