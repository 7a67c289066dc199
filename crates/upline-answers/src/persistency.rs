//! How many of the policies that were written are still being paid for.

use crate::point::Point;
use crate::report::{Cell, Report};
use upline_core::money::Total;
use upline_core::names::Code;
use upline_core::persistency::{Basis, Weight};
use upline_ledger::{Ledger, LedgerError};
use upline_views::persistency::Scope;

/// Persistency at a point by a definition, of one producer or of all, with one carrier or with all.
pub fn persistency(
    ledger: &Ledger,
    point: &Point,
    definition: &Code,
    scope: Scope,
    of: Option<&Code>,
    with: Option<&Code>,
) -> Result<Report, LedgerError> {
    let at = point.at(ledger)?;
    let (basis, tallies) = ledger.persistency(at, definition, scope, of, with)?;
    let weight = |weight| self::weight(basis, weight);
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
    let whose = if scope == Scope::Downline { "of whole downlines " } else { "" };
    Ok(Report {
        title: format!("Persistency by {definition} {whose}{}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: vec!["producer", "cohort", "surviving", "cohort_weight", "surviving_weight", "ratio"],
        rows,
        nothing: "Nobody has a policy in the cohort at this point.",
        ..Report::default()
    })
}

/// A weight: a count of policies, or premium.
pub(crate) fn weight(basis: Basis, weight: Weight) -> Cell {
    match basis {
        Basis::Count => Cell::Figure(weight.units().to_string()),
        Basis::Premium => Cell::Figure(Total(weight.units()).to_string()),
    }
}
