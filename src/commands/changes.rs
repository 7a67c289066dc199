//! `upline changes`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, UsageError};
use crate::cli::point::{day, moment};
use crate::cli::report::{Format, Print};
use upline_answers::Reader;
use upline_answers::changes as answers;
use upline_core::time::{Day, Moment};

/// What was recorded between two times that changed the balances as of a day, event by event
///
/// Counts what was recorded after the first time, up to and including the second. Adds up to the
/// difference of the two balances exactly.
#[derive(clap::Args)]
pub struct Changes {
    /// The day whose balances are compared
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Day,
    /// The two times
    #[arg(long, num_args = 2, value_names = ["T1", "T2"], value_parser = moment)]
    between: Vec<Moment>,
}

impl Changes {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        let [first, second] = self.between.as_slice() else {
            return Err(UsageError::TwoTimes.into());
        };
        if first > second {
            return Err(UsageError::Backwards(first.to_string(), second.to_string()).into());
        }
        // Spreadsheets get what people read.
        let reader = if context.format == Format::Json { Reader::Programs } else { Reader::People };
        answers::changes(&ledger, self.as_of, (*first, *second), reader)?.print(context.format)
    }
}
