//! `upline explain`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code, policy};
use crate::cli::report::Print;
use crate::cli::screen::{self, say};
use upline_answers::Reader;
use upline_answers::explain as answers;
use upline_core::names::{Code, PolicyName};

/// Every entry of a policy, with the event that caused it and a sentence why
///
/// Positive amounts are debits, negative ones credits; payable accounts grow by credits.
#[derive(clap::Args)]
pub struct Explain {
    /// The policy, as CARRIER/NUMBER
    #[arg(long, value_name = "C/P", value_parser = policy)]
    policy: PolicyName,
    /// Only the accounts of this producer
    #[arg(long, value_name = "P", value_parser = code)]
    producer: Option<Code>,
    #[command(flatten)]
    point: PointArgs,
}

impl Explain {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        let (policy, producer) = (&self.policy, self.producer.as_ref());
        let reader = context.format.reader();
        let explained = answers::explain(&ledger, &self.point.point(), policy, producer, reader)?;
        explained.report.print(context.format)?;
        if reader == Reader::People {
            explained.suspended.iter().try_for_each(|sentence| say!(screen::stdout(), "{sentence}"))?;
        }
        Ok(())
    }
}
