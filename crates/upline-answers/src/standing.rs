//! Where the producers stand in their coverage plans: what would be decided about a chargeback at a point.

use crate::persistency::weight;
use crate::point::Point;
use crate::report::{Cell, Report};
use upline_core::coverage::Tier;
use upline_ledger::standing::Standing;
use upline_ledger::{Ledger, LedgerError};

/// A row for each producer that is enrolled.
pub fn standing(ledger: &Ledger, point: &Point) -> Result<Report, LedgerError> {
    let at = point.at(ledger)?;
    let rows = ledger.coverage_standing(at)?.iter().map(cells).collect();
    Ok(Report {
        title: format!("What would be decided about chargebacks {}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: COLUMNS.to_vec(),
        rows,
        nothing: "Nobody is enrolled in a coverage plan at this point.",
        ..Report::default()
    })
}

const COLUMNS: [&str; 13] = [
    "producer",
    "plan",
    "definition",
    "cohort",
    "surviving",
    "cohort_weight",
    "surviving_weight",
    "ratio",
    "tier",
    "cover",
    "policies_to_lose",
    "next_tier",
    "policies_to_next",
];

fn cells(standing: &Standing) -> Vec<Cell> {
    let tally = &standing.persistency;
    let above = |tier: Tier| Cell::Figure(tier.above.to_string());
    let count = |count: Option<u64>| count.map_or(Cell::Null, Cell::Count);
    vec![
        Cell::text(&standing.producer),
        Cell::text(&standing.plan),
        Cell::text(&standing.definition),
        Cell::Count(tally.cohort),
        Cell::Count(tally.surviving),
        weight(standing.basis, tally.cohort_weight),
        weight(standing.basis, tally.surviving_weight),
        tally.ratio().map_or(Cell::Null, |ratio| Cell::Figure(ratio.to_string())),
        standing.tier.map_or(Cell::Null, above),
        Cell::Figure(standing.tier.map_or_else(|| "0".to_owned(), |tier| tier.cover.to_string())),
        count(standing.to_lose),
        standing.next.map_or(Cell::Null, |(next, _)| above(next)),
        count(standing.next.and_then(|(_, more)| more)),
    ]
}
