//! What a pay run does, and what one did.

use crate::report::{Cell, Report, sum};
use serde_json::{Value, json};
use upline_core::time::Day;
use upline_ledger::Ledger;
use upline_ledger::pay::{PayRow, PayRun};

/// The rows of a pay run: what each producer is due, and what becomes of that.
pub fn pay_run(ledger: &Ledger, title: String, through: Day, rows: &[PayRow], run: Option<u64>) -> Report {
    let held: Vec<Value> = rows
        .iter()
        .filter(|row| !row.holds.is_empty())
        .map(|row| json!({"producer": row.producer.as_str(), "reasons": holds(row)}))
        .collect();
    let cells = rows.iter().map(|row| {
        let split = &row.split;
        let due = &row.due;
        let money = [
            due.payable,
            due.unreceived,
            split.returned,
            split.leads,
            split.debt,
            split.reserve,
            split.carried,
            split.paid,
        ];
        let money = money.map(|amount| Cell::Money(amount.into()));
        let paid_by = row.paid_by.as_ref().map_or("house", |carrier| carrier.as_str());
        [Cell::text(&row.producer), Cell::text(paid_by)].into_iter().chain(money).collect()
    });
    let rows: Vec<Vec<Cell>> = cells.collect();
    let sums = (2..10).map(|column| sum(&rows, column));
    let footer = [Cell::text("total"), Cell::Null].into_iter().chain(sums).collect();
    Report {
        title,
        members: vec![
            ("through", json!(through.to_string())),
            ("position", json!(ledger.position())),
            ("root", json!(ledger.root().to_string())),
        ],
        columns: vec![
            "producer",
            "paid_by",
            "payable",
            "unreceived",
            "returned",
            "leads_recovered",
            "debt_recovered",
            "reserved",
            "carried",
            "paid",
        ],
        footer: (rows.len() > 1).then_some(footer),
        rows,
        closing: vec![("held", Value::Array(held)), ("run", json!(run))],
        nothing: "Nothing is due to anybody.",
    }
}

/// Why nothing is paid out to a producer, in words.
pub fn holds(row: &PayRow) -> Vec<&'static str> {
    row.holds.iter().map(|reason| reason.as_str()).collect()
}

/// A run that was recorded.
pub fn recorded(run: &PayRun) -> Report {
    let rows = run.paid.iter().map(|(producer, kind, cash)| {
        vec![Cell::text(producer), Cell::text(kind.as_str()), Cell::Money((*cash).into())]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    Report {
        title: format!("Pay run {} through {}, recorded at {}", run.run, run.through, run.recorded_at),
        members: vec![
            ("run", json!(run.run)),
            ("through", json!(run.through.to_string())),
            ("recorded_at", json!(run.recorded_at.to_string())),
        ],
        columns: vec!["producer", "kind", "paid"],
        footer: (rows.len() > 1).then(|| vec![Cell::text("total"), Cell::Null, sum(&rows, 2)]),
        rows,
        ..Report::default()
    }
}
