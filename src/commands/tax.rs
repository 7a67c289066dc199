//! `upline tax`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{KnownArgs, code, year};
use crate::cli::report::Print;
use upline_answers::income as answers;
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
        let ledger = context.open()?;
        answers::income(&ledger, &self.known.point(), &self.year, self.producer.as_ref())?
            .print(context.format)
    }
}
