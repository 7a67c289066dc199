//! `upline overrides`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code, day};
use crate::cli::report::Print;
use upline_answers::overrides as answers;
use upline_core::names::Code;
use upline_core::time::Day;

/// What each upline earns over each writing producer
#[derive(clap::Args)]
pub struct Overrides {
    /// Only this upline
    #[arg(long, value_name = "U", value_parser = code)]
    producer: Option<Code>,
    /// Only entries dated on or after this day [default: from the beginning]
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<Day>,
    #[command(flatten)]
    point: PointArgs,
}

impl Overrides {
    /// Overrides of all uplines at a point, from the beginning.
    pub fn at(point: PointArgs) -> Overrides {
        Overrides { producer: None, from: None, point }
    }

    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        answers::overrides(&ledger, &self.point.point(), self.from, self.producer.as_ref())?
            .print(context.format)
    }
}
