//! The decisions about covering chargebacks.

use crate::persistency::weight;
use crate::point::Point;
use crate::report::{Cell, Report, sum};
use serde_json::{Value, json};
use upline_core::names::Code;
use upline_core::persistency::Membership;
use upline_ledger::{Ledger, LedgerError};
use upline_views::coverage::{Counted, CoverageRow};

/// The decisions, and for people the policies that each of them counted.
pub struct Decided {
    /// A row for each decision.
    pub report: Report,
    /// For each decision the policies, where that was asked for.
    pub explained: Vec<Report>,
}

/// The decisions at a point, of one producer or of all; with the policies that counted, where that is asked for.
pub fn coverage(
    ledger: &Ledger,
    point: &Point,
    of: Option<&Code>,
    explain: bool,
) -> Result<Decided, LedgerError> {
    let at = point.at(ledger)?;
    let decisions = ledger.coverage(at, of, explain)?;
    let rows: Vec<Vec<Cell>> = decisions.iter().map(|(row, _)| cells(row)).collect();
    let blank = |n| std::iter::repeat_n(Cell::Null, n);
    let sums = [sum(&rows, 4), sum(&rows, 5)];
    let footer = std::iter::once(Cell::text("total")).chain(blank(3)).chain(sums).chain(blank(9)).collect();
    let members = decisions.iter().map(|(row, counted)| member(row, counted));
    let report = Report {
        title: format!("Coverage decisions {}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: COLUMNS.to_vec(),
        footer: (rows.len() > 1).then_some(footer),
        rows,
        closing: if explain { vec![("explained", Value::Array(members.collect()))] } else { vec![] },
        nothing: "Nothing was decided at this point.",
    };
    let counted = decisions.iter().filter(|_| explain).map(|(row, counted)| policies(row, counted));
    Ok(Decided { report, explained: counted.collect() })
}

const COLUMNS: [&str; 15] = [
    "producer",
    "carrier",
    "policy",
    "on",
    "chargeback",
    "covered",
    "plan",
    "definition",
    "cohort",
    "surviving",
    "cohort_weight",
    "surviving_weight",
    "ratio",
    "tier",
    "reason",
];

fn cells(row: &CoverageRow) -> Vec<Cell> {
    let decision = &row.decision;
    let tally = &decision.persistency;
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
        weight(decision.basis, tally.cohort_weight),
        weight(decision.basis, tally.surviving_weight),
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

fn member(row: &CoverageRow, counted: &[Counted]) -> Value {
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

fn policies(row: &CoverageRow, counted: &[Counted]) -> Report {
    let rows = counted.iter().map(|counted| {
        let (_, why) = membership(counted.membership);
        vec![Cell::text(&counted.policy), Cell::text(counted.issue), Cell::Text(why)]
    });
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
}
