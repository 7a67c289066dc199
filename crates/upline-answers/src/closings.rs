//! What is looked at before a period is closed, and the periods that are.

use crate::report::{Cell, Report};
use serde_json::json;
use upline_core::time::Day;
use upline_ledger::close::Closing;
use upline_ledger::{Ledger, LedgerError};

/// What closing a period came to: each thing that was looked at. `evidence` is where it is to be had.
pub fn closing(
    ledger: &Ledger,
    through: Day,
    closing: &Closing,
    evidence: Option<&str>,
    title: String,
) -> Report {
    let rows = closing.lights.iter().map(|light| {
        vec![Cell::text(light.check), Cell::text(light.shine.as_str()), Cell::text(&light.detail)]
    });
    Report {
        title,
        members: vec![
            ("through", json!(through.to_string())),
            ("closed_at", json!(closing.closed_at)),
            ("position", json!(ledger.position())),
            ("root", json!(ledger.root().to_string())),
            ("evidence", json!(evidence)),
        ],
        columns: vec!["check", "state", "detail"],
        rows: rows.collect(),
        ..Report::default()
    }
}

/// The periods that are closed, in the order in which they were.
pub fn closings(ledger: &Ledger) -> Result<Report, LedgerError> {
    let closed = ledger.closings(ledger.position())?.closed;
    Ok(Report {
        title: "Closed periods".to_owned(),
        members: vec![("position", json!(ledger.position())), ("root", json!(ledger.root().to_string()))],
        columns: vec!["through", "closed_at"],
        rows: closed.iter().map(|(at, through)| vec![Cell::text(through), Cell::Count(*at)]).collect(),
        nothing: "No period is closed.",
        ..Report::default()
    })
}
