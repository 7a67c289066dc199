//! `upline balance`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code};
use crate::cli::report::Print;
use upline_answers::balance as answers;
use upline_core::names::Code;
use upline_views::balance::By;

/// What each producer is due and owes, at any point in time
///
/// net = payable + reserve - debt - leads. Unearned advances are shown beside it, not in it.
#[derive(clap::Args)]
pub struct Balance {
    /// Only this producer
    #[arg(long, value_name = "P", value_parser = code)]
    producer: Option<Code>,
    /// Rows for each carrier, or for each policy
    #[arg(long, value_enum)]
    by: Option<Detail>,
    #[command(flatten)]
    point: PointArgs,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Detail {
    /// A row for each carrier
    Carrier,
    /// A row for each policy
    Policy,
}

impl Balance {
    /// Balances of all producers at a point.
    pub fn at(point: PointArgs) -> Balance {
        Balance { producer: None, by: None, point }
    }

    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let by = match self.by {
            None => By::Producer,
            Some(Detail::Carrier) => By::Carrier,
            Some(Detail::Policy) => By::Policy,
        };
        let ledger = context.open()?;
        answers::balance(&ledger, &self.point.point(), by, self.producer.as_ref())?.print(context.format)
    }
}
