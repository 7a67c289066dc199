//! `upline accounts`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::PointArgs;
use crate::cli::report::{Cell, Report, sum};
use serde_json::json;
use upline_core::as_of::AsOf;
use upline_core::money::Total;
use upline_ledger::Ledger;

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
        let (ledger, at) = self.point.open(context)?;
        let answer = report(&ledger, at)?;
        Report {
            title: format!("Accounts {}: {}", self.point.words(at), answer.title),
            members: self.point.members(&ledger, at)?,
            ..answer
        }
        .print(context.format)
    }
}

/// The trial balance at a point.
pub fn report(ledger: &Ledger, at: AsOf) -> Result<Report, Failure> {
    let accounts = ledger.accounts(at)?;
    let mut total = Total::ZERO;
    accounts.iter().for_each(|(_, sum)| total += *sum);
    let nothing = Cell::Money(Total::ZERO);
    let row = |(name, sum): &(String, Total)| {
        let (debit, credit) = if sum.0 > 0 {
            (Cell::Money(*sum), nothing.clone())
        } else {
            (nothing.clone(), Cell::Money(-*sum))
        };
        vec![Cell::text(name), debit, credit]
    };
    let rows: Vec<Vec<Cell>> = accounts.iter().map(row).collect();
    Ok(Report {
        title: format!("debits less credits are {total}"),
        members: vec![],
        columns: vec!["account", "debit", "credit"],
        footer: Some(vec![Cell::text("total"), sum(&rows, 1), sum(&rows, 2)]),
        rows,
        closing: vec![("total", json!(total.to_string()))],
        nothing: "Nothing is posted at this point.",
    })
}
