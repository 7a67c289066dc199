//! What each producer is due and owes.

use crate::point::Point;
use crate::report::{Cell, Report, sum};
use upline_core::money::Total;
use upline_core::names::Code;
use upline_ledger::{Ledger, LedgerError};
use upline_views::balance::{By, Figures};

/// The figures of a balance, by the names of their columns.
pub const FIGURES: [&str; 6] = ["payable", "unearned", "debt", "leads", "reserve", "net"];

/// The figures of a balance, in the order of their columns.
pub fn figures(f: &Figures) -> [Total; 6] {
    [f.payable, f.unearned, f.debt, f.leads, f.reserve, f.net()]
}

/// Balances at a point, of one producer or of all.
pub fn balance(ledger: &Ledger, point: &Point, by: By, of: Option<&Code>) -> Result<Report, LedgerError> {
    let at = point.at(ledger)?;
    let keys = match by {
        By::Producer => 1,
        By::Carrier => 2,
        By::Policy => 3,
    };
    let columns = ["producer", "carrier", "policy"].into_iter().take(keys);
    let rows: Vec<Vec<Cell>> = ledger
        .balances(at, by, of)?
        .iter()
        .map(|row| {
            let keys = [
                Cell::text(&row.producer),
                Cell::optional(row.carrier.as_ref()),
                Cell::optional(row.policy.as_ref()),
            ];
            keys.into_iter().take(columns.len()).chain(figures(&row.figures).map(Cell::Money)).collect()
        })
        .collect();
    let sums = (keys..keys + FIGURES.len()).map(|column| sum(&rows, column));
    let blank = std::iter::repeat_n(Cell::Null, keys - 1);
    let footer = std::iter::once(Cell::text("total")).chain(blank).chain(sums).collect();
    Ok(Report {
        title: format!("Balances {}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: columns.chain(FIGURES).collect(),
        footer: (rows.len() > 1).then_some(footer),
        rows,
        nothing: "Nobody has a balance at this point.",
        ..Report::default()
    })
}
