//! What carriers owe.

use crate::point::Point;
use crate::report::{Cell, Report, sum};
use upline_ledger::{Ledger, LedgerError};

/// What each carrier owes at a point: computed, on statements, deposited, open and how old that is.
pub fn receivables(ledger: &Ledger, point: &Point) -> Result<Report, LedgerError> {
    let at = point.at(ledger)?;
    let rows = ledger.receivables(at)?.into_iter().map(|row| {
        let money = [row.computed, row.statements, row.deposited, row.open, row.claimed];
        let money = money.into_iter().chain(row.ages).map(Cell::Money);
        std::iter::once(Cell::text(row.carrier)).chain(money).collect()
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let footer = std::iter::once(Cell::text("total")).chain((1..10).map(|column| sum(&rows, column)));
    let footer = footer.collect();
    Ok(Report {
        title: format!("Receivables from carriers {}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: vec![
            "carrier",
            "computed",
            "statements",
            "deposited",
            "open",
            "claimed",
            "days_0_30",
            "days_31_60",
            "days_61_90",
            "days_over_90",
        ],
        footer: (rows.len() > 1).then_some(footer),
        rows,
        nothing: "No carrier owes anything at this point, or has paid anything.",
        ..Report::default()
    })
}

/// Every statement with what was deposited for it.
pub fn by_statement(ledger: &Ledger, point: &Point) -> Result<Report, LedgerError> {
    let at = point.at(ledger)?;
    let rows = ledger.statements_paid(at)?.into_iter().map(|row| {
        let difference = row.total - row.deposited;
        vec![
            Cell::Count(row.statement),
            Cell::text(row.carrier),
            Cell::text(row.day),
            Cell::Money(row.total),
            Cell::Money(row.deposited),
            Cell::Money(difference),
        ]
    });
    Ok(Report {
        title: format!("Statements and their deposits {}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: vec!["statement", "carrier", "day", "total", "deposited", "difference"],
        rows: rows.collect(),
        nothing: "No statement was received by this point.",
        ..Report::default()
    })
}
