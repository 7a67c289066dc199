//! `upline chain`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, policy};
use crate::cli::report::Print;
use upline_answers::chain as answers;
use upline_core::names::PolicyName;

/// The chain that a policy froze at issue, with its first-year rates and advances
#[derive(clap::Args)]
pub struct Chain {
    /// The policy, as CARRIER/NUMBER
    #[arg(long, value_name = "C/P", value_parser = policy)]
    policy: PolicyName,
    #[command(flatten)]
    point: PointArgs,
}

impl Chain {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        answers::chain(&ledger, &self.point.point(), &self.policy)?.print(context.format)
    }
}
