//! What each upline earns over each writing producer.

use crate::point::Point;
use crate::report::{Cell, Report, sum};
use upline_core::names::Code;
use upline_core::time::Day;
use upline_ledger::{Ledger, LedgerError};

/// Overrides at a point, of entries dated from a day on, of one upline or of all.
pub fn overrides(
    ledger: &Ledger,
    point: &Point,
    from: Option<Day>,
    of: Option<&Code>,
) -> Result<Report, LedgerError> {
    let at = point.at(ledger)?;
    let rows: Vec<Vec<Cell>> = ledger
        .overrides(at, from, of)?
        .iter()
        .map(|row| {
            let keys = [&row.upline, &row.writing, &row.carrier].map(Cell::text);
            let f = &row.figures;
            let money = [f.earned, f.advanced, f.charged_back, f.unearned].map(Cell::Money);
            keys.into_iter().chain(money).collect()
        })
        .collect();
    let sums = (3..7).map(|column| sum(&rows, column));
    let footer = [Cell::text("total"), Cell::Null, Cell::Null].into_iter().chain(sums).collect();
    let from = from.map(|from| format!("from {from} ")).unwrap_or_default();
    Ok(Report {
        title: format!("Overrides {from}{}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: vec!["upline", "writing", "carrier", "earned", "advanced", "charged_back", "unearned"],
        footer: (rows.len() > 1).then_some(footer),
        rows,
        nothing: "No upline has earned anything at this point.",
        ..Report::default()
    })
}
