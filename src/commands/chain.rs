//! `upline chain`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, policy};
use crate::cli::report::{Cell, Report};
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
        let (ledger, at) = self.point.open(context)?;
        let rows = ledger
            .chain(at, &self.policy)?
            .into_iter()
            .map(|place| {
                vec![
                    Cell::text(place.writing),
                    Cell::Count(u64::from(place.place)),
                    Cell::text(place.producer),
                    Cell::text(place.level),
                    Cell::Figure(place.rate.to_string()),
                    Cell::Figure(place.spread.to_string()),
                    Cell::Count(u64::from(place.terms.months)),
                    Cell::Money(place.advance.into()),
                ]
            })
            .collect();
        Report {
            title: format!("Chain of {} {}", self.policy, self.point.words(at)),
            members: self.point.members(&ledger, at)?,
            columns: vec![
                "writing",
                "place",
                "producer",
                "level",
                "rate",
                "spread",
                "advance_months",
                "advance",
            ],
            rows,
            closing: vec![],
            footer: None,
            nothing: "The policy was not issued, or not known, at this point.",
        }
        .print(context.format)
    }
}
