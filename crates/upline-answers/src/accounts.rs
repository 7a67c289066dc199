//! The trial balance.

use crate::point::Point;
use crate::report::{Cell, Report, sum};
use serde_json::json;
use upline_core::money::Total;
use upline_ledger::{Ledger, LedgerError};

/// Every account with its balance, and that they add up to nothing.
pub fn accounts(ledger: &Ledger, point: &Point) -> Result<Report, LedgerError> {
    let at = point.at(ledger)?;
    let accounts = ledger.accounts(at)?;
    let mut total = Total::ZERO;
    accounts.iter().for_each(|(_, sum)| total += *sum);
    let nothing = Cell::Money(Total::ZERO);
    let row = |(name, sum): &(String, Total)| {
        let (debit, credit) = if sum.0 > 0 {
            (Cell::Money(*sum), nothing.clone())
        } else {
            (nothing.clone(), Cell::Money(-*sum))
        };
        vec![Cell::text(name), debit, credit]
    };
    let rows: Vec<Vec<Cell>> = accounts.iter().map(row).collect();
    Ok(Report {
        title: format!("Accounts {}: debits less credits are {total}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: vec!["account", "debit", "credit"],
        footer: Some(vec![Cell::text("total"), sum(&rows, 1), sum(&rows, 2)]),
        rows,
        closing: vec![("total", json!(total.to_string()))],
        nothing: "Nothing is posted at this point.",
    })
}
