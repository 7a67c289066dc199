//! Every entry of a policy, with the event that caused it and a sentence why.

use crate::Reader;
use crate::point::Point;
use crate::report::{Cell, Report};
use serde_json::{Value, json};
use upline_core::names::{Code, PolicyName};
use upline_ledger::queries::ExplainedPolicy;
use upline_ledger::{Ledger, LedgerError};
use upline_views::explain::SuspendedPremium;

const COLUMNS: [&str; 10] =
    ["position", "event", "type", "on", "dated", "recorded_at", "producer", "account", "amount", "why"];

/// What was posted on a policy, and what was not.
pub struct Explained {
    /// A row for each entry.
    pub report: Report,
    /// A sentence for each premium that went to suspense.
    pub suspended: Vec<String>,
}

/// The entries of a policy at a point; of the accounts of one producer, where that is asked for.
pub fn explain(
    ledger: &Ledger,
    point: &Point,
    policy: &PolicyName,
    of: Option<&Code>,
    reader: Reader,
) -> Result<Explained, LedgerError> {
    let at = point.at(ledger)?;
    let ExplainedPolicy { entries, suspended } = ledger.explain(at, policy, of)?;
    // Ids and times are for programs; a person reads the rest from left to right.
    let hidden = ["event", "type", "recorded_at", "producer"];
    let shown = |column: &str| reader == Reader::Programs || !hidden.contains(&column);
    let rows = entries.iter().map(|(head, row)| {
        let cells = [
            Cell::Count(row.position),
            Cell::text(head.id),
            Cell::text(head.type_name),
            Cell::text(head.on),
            Cell::text(row.dated),
            Cell::text(head.recorded_at),
            Cell::optional(row.producer.as_ref()),
            Cell::text(&row.account),
            Cell::Money(row.amount),
            Cell::text(&row.why),
        ];
        COLUMNS.iter().zip(cells).filter(|(column, _)| shown(column)).map(|(_, cell)| cell).collect()
    });
    let report = Report {
        title: format!("Entries of {policy} {}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: COLUMNS.into_iter().filter(|column| shown(column)).collect(),
        rows: rows.collect(),
        closing: vec![("suspended", suspended.iter().map(member).collect())],
        nothing: "Nothing was posted on this policy at this point.",
        ..Report::default()
    };
    Ok(Explained { report, suspended: suspended.iter().map(sentence).collect() })
}

fn member(premium: &SuspendedPremium) -> Value {
    let SuspendedPremium { position, on, amount, applied } = premium;
    json!({"position": position, "on": on.to_string(), "amount": amount.to_string(),
        "applied": applied.map(|day| day.to_string())})
}

fn sentence(premium: &SuspendedPremium) -> String {
    let SuspendedPremium { position, on, amount, applied } = premium;
    let applied = match applied {
        Some(day) => format!("it was applied when the policy was reinstated on {day}"),
        None => "it is applied when the policy is reinstated".to_owned(),
    };
    let why = "went to suspense, as the policy was not in force";
    format!("Event {position}: the premium of {amount} on {on} {why}; {applied}.")
}
