//! What each producer was credited in a calendar year.

use crate::point::Point;
use crate::report::{Cell, Report};
use upline_core::names::Code;
use upline_ledger::{Ledger, LedgerError};
use upline_views::Period;

/// The income of a year, on the cash basis and on the loan basis, as known at a point; its day is the year's last.
pub fn income(
    ledger: &Ledger,
    point: &Point,
    year: &Period,
    of: Option<&Code>,
) -> Result<Report, LedgerError> {
    let point = Point { as_of: Some(year.last), ..*point };
    let at = point.at(ledger)?;
    let incomes = ledger.income(at.known, of, year)?;
    let rows = incomes.iter().map(|row| {
        let of = &row.income;
        let paid_by = row.paid_by.as_ref().map_or("house", |carrier| carrier.as_str());
        let keys = [
            Cell::text(&row.producer),
            Cell::text(year),
            Cell::text(paid_by),
            Cell::text(row.basis.as_str()),
        ];
        let money = [of.commissions, of.chargebacks, of.covered, of.adjustments, of.total()];
        keys.into_iter().chain(money.map(Cell::Money)).collect()
    });
    Ok(Report {
        title: format!("Income in {year}, {}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: vec![
            "producer",
            "year",
            "paid_by",
            "basis",
            "commissions",
            "chargebacks",
            "covered",
            "adjustments",
            "total",
        ],
        rows: rows.collect(),
        nothing: "Nobody has income in this year.",
        ..Report::default()
    })
}
