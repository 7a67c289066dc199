//! `upline coverage`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code};
use crate::cli::report::{Format, Print};
use crate::cli::screen::{self, say};
use upline_answers::coverage as answers;
use upline_core::names::Code;

/// The decisions about covering chargebacks, each with the persistency on which it was based
///
/// Chargeback and covered are as of the point asked for; cohort, ratio and tier are those at the time of the decision.
#[derive(clap::Args)]
pub struct Coverage {
    /// Only this producer
    #[arg(long, value_name = "P", value_parser = code)]
    producer: Option<Code>,
    /// For each decision, list the policies that counted, and those that did not and why
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    point: PointArgs,
}

impl Coverage {
    /// All decisions at a point, each with the policies that counted.
    pub fn explained(point: PointArgs) -> Coverage {
        Coverage { producer: None, explain: true, point }
    }

    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        let decided = answers::coverage(&ledger, &self.point.point(), self.producer.as_ref(), self.explain)?;
        decided.report.print(context.format)?;
        if context.format == Format::Table {
            for policies in &decided.explained {
                say!(screen::stdout())?;
                policies.print(context.format)?;
            }
        }
        Ok(())
    }
}
