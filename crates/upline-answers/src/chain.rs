//! The chain that a policy froze at issue.

use crate::point::Point;
use crate::report::{Cell, Report};
use upline_core::names::PolicyName;
use upline_ledger::{Ledger, LedgerError};

/// The chain of a policy at a point, with its first-year rates and advances.
pub fn chain(ledger: &Ledger, point: &Point, policy: &PolicyName) -> Result<Report, LedgerError> {
    let at = point.at(ledger)?;
    let rows = ledger.chain(at, policy)?.into_iter().map(|place| {
        vec![
            Cell::text(place.writing),
            Cell::Count(u64::from(place.place)),
            Cell::text(place.producer),
            place.assigned_from.map_or(Cell::Null, Cell::text),
            Cell::Figure(place.part.to_string()),
            Cell::text(place.level),
            Cell::Figure(place.rate.to_string()),
            Cell::Figure(place.spread.to_string()),
            Cell::Count(u64::from(place.terms.months)),
            Cell::Money(place.advance.into()),
        ]
    });
    Ok(Report {
        title: format!("Chain of {policy} {}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: vec![
            "writing",
            "place",
            "producer",
            "assigned_from",
            "part",
            "level",
            "rate",
            "spread",
            "advance_months",
            "advance",
        ],
        rows: rows.collect(),
        nothing: "The policy was not issued, or not known, at this point.",
        ..Report::default()
    })
}
