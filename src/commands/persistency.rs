//! `upline persistency`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code};
use crate::cli::report::{Cell, Report};
use upline_core::money::Total;
use upline_core::names::Code;
use upline_core::persistency::{Basis, Weight};
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
        let (ledger, at) = self.point.open(context)?;
        let scope = if self.downline { Scope::Downline } else { Scope::Own };
        let (producer, carrier) = (self.producer.as_ref(), self.carrier.as_ref());
        let (basis, tallies) = ledger.persistency(at, &self.definition, scope, producer, carrier)?;
        let weight = |weight: Weight| match basis {
            Basis::Count => Cell::Figure(weight.units().to_string()),
            Basis::Premium => Cell::Figure(Total(weight.units()).to_string()),
        };
        let rows = tallies
            .iter()
            .map(|(producer, tally)| {
                vec![
                    Cell::text(producer),
                    Cell::Count(tally.cohort),
                    Cell::Count(tally.surviving),
                    weight(tally.cohort_weight),
                    weight(tally.surviving_weight),
                    tally.ratio().map_or(Cell::Null, |ratio| Cell::Figure(ratio.to_string())),
                ]
            })
            .collect();
        let whose = if self.downline { "of whole downlines " } else { "" };
        Report {
            title: format!("Persistency by {} {whose}{}", self.definition, self.point.words(at)),
            members: self.point.members(&ledger, at)?,
            columns: vec!["producer", "cohort", "surviving", "cohort_weight", "surviving_weight", "ratio"],
            rows,
            closing: vec![],
            footer: None,
            nothing: "Nobody has a policy in the cohort at this point.",
        }
        .print(context.format)
    }
}
