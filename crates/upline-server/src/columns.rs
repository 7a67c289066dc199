//! What stands in the rows of reports, for the description of the API; the matrix of tests holds answers to it.

use serde_json::{Map, Value, json};

/// What a column holds. Any may be null where a row has nothing there.
#[derive(Clone, Copy)]
enum Holds {
    Text,
    Day,
    Count,
    /// Money, as a string with two decimals.
    Money,
    /// A rate, a ratio or a weight, as a string.
    Figure,
    /// Objects.
    List,
}

use Holds::{Count, Day, Figure, List, Money, Text};

type Columns = &'static [(&'static str, Holds)];

const FIGURES: Columns = &[
    ("payable", Money),
    ("unearned", Money),
    ("debt", Money),
    ("leads", Money),
    ("reserve", Money),
    ("net", Money),
];

/// The columns of a report besides its figures, and whether it has those of a balance.
fn of(path: &str) -> Option<(Columns, bool)> {
    let (columns, figures): (Columns, bool) = match path {
        "/balance" => (&[("producer", Text), ("carrier", Text), ("policy", Text)], true),
        "/accounts" => (&[("account", Text), ("debit", Money), ("credit", Money)], false),
        "/persistency" => (
            &[
                ("producer", Text),
                ("cohort", Count),
                ("surviving", Count),
                ("cohort_weight", Figure),
                ("surviving_weight", Figure),
                ("ratio", Figure),
            ],
            false,
        ),
        "/overrides" => (
            &[
                ("upline", Text),
                ("writing", Text),
                ("carrier", Text),
                ("earned", Money),
                ("advanced", Money),
                ("charged_back", Money),
                ("unearned", Money),
            ],
            false,
        ),
        "/coverage" => (
            &[
                ("producer", Text),
                ("carrier", Text),
                ("policy", Text),
                ("on", Day),
                ("chargeback", Money),
                ("covered", Money),
                ("plan", Text),
                ("definition", Text),
                ("cohort", Count),
                ("surviving", Count),
                ("cohort_weight", Figure),
                ("surviving_weight", Figure),
                ("ratio", Figure),
                ("tier", Text),
                ("reason", Text),
            ],
            false,
        ),
        "/policies/{carrier}/{number}/entries" => (
            &[
                ("position", Count),
                ("event", Text),
                ("type", Text),
                ("on", Day),
                ("dated", Day),
                ("recorded_at", Text),
                ("producer", Text),
                ("account", Text),
                ("amount", Money),
                ("why", Text),
            ],
            false,
        ),
        "/policies/{carrier}/{number}/chain" => (
            &[
                ("writing", Text),
                ("place", Count),
                ("producer", Text),
                ("assigned_from", Text),
                ("part", Figure),
                ("level", Text),
                ("rate", Figure),
                ("spread", Figure),
                ("advance_months", Count),
                ("advance", Money),
            ],
            false,
        ),
        "/producers/{producer}/downline" => {
            (&[("producer", Text), ("upline", Text), ("level", Text), ("depth", Count)], false)
        }
        "/changes" => (&[("producer", Text), ("events", List)], true),
        "/income" => (
            &[
                ("producer", Text),
                ("year", Text),
                ("paid_by", Text),
                ("basis", Text),
                ("commissions", Money),
                ("chargebacks", Money),
                ("covered", Money),
                ("adjustments", Money),
                ("total", Money),
            ],
            false,
        ),
        "/receivables" => (
            &[
                ("carrier", Text),
                ("computed", Money),
                ("statements", Money),
                ("deposited", Money),
                ("open", Money),
                ("claimed", Money),
                ("days_0_30", Money),
                ("days_31_60", Money),
                ("days_61_90", Money),
                ("days_over_90", Money),
            ],
            false,
        ),
        "/pay-run" => (
            &[
                ("producer", Text),
                ("paid_by", Text),
                ("payable", Money),
                ("unreceived", Money),
                ("returned", Money),
                ("leads_recovered", Money),
                ("debt_recovered", Money),
                ("reserved", Money),
                ("carried", Money),
                ("paid", Money),
            ],
            false,
        ),
        "/pay-runs/{run}" => (&[("producer", Text), ("kind", Text), ("paid", Money)], false),
        "/carrier-statements" => (
            &[
                ("statement", Count),
                ("exception", Text),
                ("line", Count),
                ("carrier", Text),
                ("policy", Text),
                ("payee", Text),
                ("kind", Text),
                ("due", Day),
                ("on", Day),
                ("expected", Money),
                ("received", Money),
                ("difference", Money),
                ("class", Text),
                ("state", Text),
                ("reason", Text),
                ("resolved_by", Text),
                ("why", Text),
            ],
            false,
        ),
        _ => return None,
    };
    Some((columns, figures))
}

fn schema(holds: Holds) -> Value {
    match holds {
        Text => json!({"type": ["string", "null"]}),
        Day => json!({"type": ["string", "null"], "format": "date"}),
        Count => json!({"type": ["integer", "null"], "minimum": 0}),
        Money => json!({"type": ["string", "null"], "pattern": r"^-?[0-9]+\.[0-9]{2}$"}),
        Figure => json!({"type": ["string", "null"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}),
        List => json!({"type": "array", "items": {"type": "object"}}),
    }
}

/// The schema of a row of a report: its columns, and no others.
pub fn row(path: &str) -> Value {
    let Some((columns, figures)) = of(path) else { return json!({"type": "object"}) };
    let figures = if figures { FIGURES } else { &[] };
    let properties: Map<String, Value> =
        columns.iter().chain(figures).map(|(name, holds)| ((*name).to_owned(), schema(*holds))).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}
