//! `upline downline`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code};
use crate::cli::report::{Cell, Format, Report};
use upline_core::names::Code;
use upline_views::hierarchy::Below;

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
        let (ledger, at) = self.point.open(context)?;
        let mut below = ledger.downline(at, &self.producer, &self.carrier)?;
        // People read a tree; programs get rows sorted by their key, as everywhere.
        if context.format != Format::Table {
            below.sort_by(|a, b| a.producer.cmp(&b.producer));
        }
        let row = |below: &Below| {
            let indent = if context.format == Format::Table {
                "  ".repeat(usize::from(below.depth))
            } else {
                String::new()
            };
            vec![
                Cell::Text(format!("{indent}{}", below.producer)),
                Cell::optional(below.upline.as_ref()),
                Cell::text(&below.level),
                Cell::Count(u64::from(below.depth)),
            ]
        };
        Report {
            title: format!("Downline of {} with {} {}", self.producer, self.carrier, self.point.words(at)),
            members: self.point.members(&ledger, at)?,
            columns: vec!["producer", "upline", "level", "depth"],
            rows: below.iter().map(row).collect(),
            closing: vec![],
            footer: None,
            nothing: "The producer has no contract with this carrier at this point.",
        }
        .print(context.format)
    }
}
