//! `upline downline`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code};
use crate::cli::report::Print;
use upline_answers::downline as answers;
use upline_core::names::Code;

/// The hierarchy below a producer with a carrier, as of a date
#[derive(clap::Args)]
pub struct Downline {
    /// The producer at the top
    #[arg(long, value_name = "P", value_parser = code)]
    producer: Code,
    /// The carrier whose contracts count
    #[arg(long, value_name = "C", value_parser = code)]
    carrier: Code,
    #[command(flatten)]
    point: PointArgs,
}

impl Downline {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        let (producer, carrier) = (&self.producer, &self.carrier);
        answers::downline(&ledger, &self.point.point(), producer, carrier, context.format.reader())?
            .print(context.format)
    }
}
