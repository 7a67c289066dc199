//! `upline persistency`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code};
use crate::cli::report::Print;
use upline_answers::persistency as answers;
use upline_core::names::Code;
use upline_views::persistency::Scope;

/// How many of the policies that were written are still being paid for
///
/// Producers without a policy in the cohort are left out.
#[derive(clap::Args)]
pub struct Persistency {
    /// The persistency definition to measure by
    #[arg(long, value_name = "ID", value_parser = code)]
    definition: Code,
    /// Only this producer
    #[arg(long, value_name = "P", value_parser = code)]
    producer: Option<Code>,
    /// Count every policy with the producer anywhere in its chain, not only what it wrote
    #[arg(long)]
    downline: bool,
    /// Only policies of this carrier
    #[arg(long, value_name = "C", value_parser = code)]
    carrier: Option<Code>,
    #[command(flatten)]
    point: PointArgs,
}

impl Persistency {
    /// Persistency of all producers by a definition, at a point.
    pub fn at(definition: Code, point: PointArgs) -> Persistency {
        Persistency { definition, producer: None, downline: false, carrier: None, point }
    }

    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        let scope = if self.downline { Scope::Downline } else { Scope::Own };
        let (producer, carrier) = (self.producer.as_ref(), self.carrier.as_ref());
        answers::persistency(&ledger, &self.point.point(), &self.definition, scope, producer, carrier)?
            .print(context.format)
    }
}
