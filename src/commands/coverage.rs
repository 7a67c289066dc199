//! `upline coverage`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code};
use crate::cli::report::{Cell, Format, Report, sum};
use crate::cli::screen::{self, say};
use serde_json::{Value, json};
use upline_core::money::Total;
use upline_core::names::Code;
use upline_core::persistency::{Basis, Membership, Weight};
use upline_views::coverage::{Counted, CoverageRow};

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
        let (ledger, at) = self.point.open(context)?;
        let decisions = ledger.coverage(at, self.producer.as_ref(), self.explain)?;
        let rows: Vec<Vec<Cell>> = decisions.iter().map(|(row, _)| cells(row)).collect();
        let blank = |n| std::iter::repeat_n(Cell::Null, n);
        let sums = [sum(&rows, 4), sum(&rows, 5)];
        let footer =
            std::iter::once(Cell::text("total")).chain(blank(3)).chain(sums).chain(blank(9)).collect();
        let explained: Vec<Value> = decisions.iter().map(|(row, counted)| explained(row, counted)).collect();
        let mut columns =
            vec!["producer", "carrier", "policy", "on", "chargeback", "covered", "plan", "definition"];
        columns.extend([
            "cohort",
            "surviving",
            "cohort_weight",
            "surviving_weight",
            "ratio",
            "tier",
            "reason",
        ]);
        Report {
            title: format!("Coverage decisions {}", self.point.words(at)),
            members: self.point.members(&ledger, at)?,
            columns,
            footer: (rows.len() > 1).then_some(footer),
            rows,
            closing: if self.explain { vec![("explained", Value::Array(explained))] } else { vec![] },
            nothing: "Nothing was decided at this point.",
        }
        .print(context.format)?;
        if self.explain && context.format == Format::Table {
            for (row, counted) in &decisions {
                explain(row, counted, context.format)?;
            }
        }
        Ok(())
    }
}

fn cells(row: &CoverageRow) -> Vec<Cell> {
    let decision = &row.decision;
    let tally = &decision.persistency;
    let weight = |weight: Weight| match decision.basis {
        Basis::Count => Cell::Figure(weight.units().to_string()),
        Basis::Premium => Cell::Figure(Total(weight.units()).to_string()),
    };
    vec![
        Cell::text(&row.producer),
        Cell::text(&row.policy.carrier),
        Cell::text(&row.policy.number),
        Cell::text(row.on),
        Cell::Money(row.chargeback.into()),
        Cell::Money(row.covered.into()),
        Cell::text(&decision.plan),
        Cell::text(&decision.definition),
        Cell::Count(tally.cohort),
        Cell::Count(tally.surviving),
        weight(tally.cohort_weight),
        weight(tally.surviving_weight),
        tally.ratio().map_or(Cell::Null, |ratio| Cell::Figure(ratio.to_string())),
        decision.tier.map_or(Cell::Null, |tier| Cell::Figure(tier.above.to_string())),
        Cell::text(decision.reason.as_str()),
    ]
}

/// Whether a policy counted, in a word and in a sentence.
fn membership(membership: Membership) -> (&'static str, String) {
    match membership {
        Membership::Survives => ("survives", "counts, and survives".to_owned()),
        Membership::Fails => ("fails", "counts, and does not survive".to_owned()),
        Membership::TooYoung => ("too_young", "does not count yet: too young".to_owned()),
        Membership::TooOld => ("too_old", "does not count any more: too old".to_owned()),
        Membership::Excluded(reason) => {
            ("excluded", format!("does not count: excluded as {}", reason.as_str().replace('_', " ")))
        }
    }
}

fn explained(row: &CoverageRow, counted: &[Counted]) -> Value {
    let policies = counted.iter().map(|counted| {
        let (word, why) = membership(counted.membership);
        json!({"policy": counted.policy.to_string(), "issued": counted.issue.to_string(), "membership": word, "why": why})
    });
    json!({
        "producer": row.producer.as_str(),
        "policy": row.policy.to_string(),
        "on": row.on.to_string(),
        "decided_at_position": row.position,
        "policies": policies.collect::<Vec<Value>>(),
    })
}

fn explain(row: &CoverageRow, counted: &[Counted], format: Format) -> Result<(), Failure> {
    let rows = counted.iter().map(|counted| {
        let (_, why) = membership(counted.membership);
        vec![Cell::text(&counted.policy), Cell::text(counted.issue), Cell::Text(why)]
    });
    say!(screen::stdout())?;
    Report {
        title: format!(
            "{} on {} of {}: decided as known at position {}, on these policies that it wrote",
            row.policy, row.on, row.producer, row.position
        ),
        columns: vec!["policy", "issued", "counts"],
        rows: rows.collect(),
        nothing: "It had written no policy.",
        ..Report::default()
    }
    .print(format)
}
