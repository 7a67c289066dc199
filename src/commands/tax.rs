//! `upline tax`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{KnownArgs, code, year};
use crate::cli::report::{Cell, Report};
use upline_core::names::Code;
use upline_views::Period;

/// What each producer was credited in a calendar year, to prepare Form 1099: on the cash basis and on the loan basis
///
/// Cash: an advance is income when it is credited, whenever it is paid out. Loan: when it is earned. This is a summary of the books, no tax advice.
#[derive(clap::Args)]
pub struct Tax {
    /// The calendar year
    #[arg(long, value_name = "YYYY", value_parser = year)]
    year: Period,
    /// Only this producer
    #[arg(long, value_name = "P", value_parser = code)]
    producer: Option<Code>,
    #[command(flatten)]
    known: KnownArgs,
}

impl Tax {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let point = self.known.through(self.year.last);
        let (ledger, at) = point.open(context)?;
        let incomes = ledger.income(at.known, self.producer.as_ref(), &self.year)?;
        let rows = incomes.iter().map(|row| {
            let of = &row.income;
            let keys = [Cell::text(&row.producer), Cell::text(&self.year), Cell::text(row.basis.as_str())];
            let money = [of.commissions, of.chargebacks, of.covered, of.adjustments, of.total()];
            keys.into_iter().chain(money.map(Cell::Money)).collect()
        });
        Report {
            title: format!("Income in {}, {}", self.year, point.words(at)),
            members: point.members(&ledger, at)?,
            columns: vec![
                "producer",
                "year",
                "basis",
                "commissions",
                "chargebacks",
                "covered",
                "adjustments",
                "total",
            ],
            rows: rows.collect(),
            nothing: "Nobody has income in this year.",
            ..Report::default()
        }
        .print(context.format)
    }
}
