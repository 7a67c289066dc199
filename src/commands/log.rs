//! `upline log`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code, policy};
use crate::cli::screen;
use std::io::BufWriter;
use upline_answers::events::{self, Wanted};
use upline_core::event::Position;
use upline_core::names::{Code, PolicyName};

/// The events, one JSON object a line, each with the entries that it posted
#[derive(clap::Args)]
pub struct Log {
    /// Only events of this policy
    #[arg(long, value_name = "C/P", value_parser = policy)]
    policy: Option<PolicyName>,
    /// Only events that name this producer or post to its accounts
    #[arg(long, value_name = "P", value_parser = code)]
    producer: Option<Code>,
    /// Only events from this position on
    #[arg(long, value_name = "N", default_value_t = 1)]
    from: Position,
    #[command(flatten)]
    point: PointArgs,
}

impl Log {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        let at = self.point.point().at(&ledger)?;
        let wanted = Wanted { policy: self.policy, producer: self.producer, from: self.from };
        Ok(events::write(&ledger, at, &wanted, BufWriter::new(screen::stdout()))?)
    }
}
