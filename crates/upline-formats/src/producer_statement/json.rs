//! A statement for programs.

use super::{MONEY, decision, money, rollforward, weight};
use crate::producer_statement::ProducerStatement;
use serde_json::{Map, Value, json};
use upline_views::coverage::CoverageRow;
use upline_views::producer_statement::{Amounts, StatementEntry};

/// The statement as a JSON object.
pub fn write(statement: &ProducerStatement) -> Value {
    let rows = rollforward(statement);
    let rows = rows.iter().map(|(name, amounts)| with_money([("row", json!(name))], amounts));
    let of = &statement.statement;
    json!({
        "producer": statement.producer.as_str(),
        "name": statement.name,
        "period": statement.period.to_string(),
        "as_of": statement.period.last.to_string(),
        "known_at": statement.known_at.map(|moment| moment.to_string()),
        "position": statement.position,
        "root": statement.root,
        "rollforward": rows.collect::<Vec<Value>>(),
        "lines": of.lines.iter().map(line).collect::<Vec<Value>>(),
        "decisions": of.decisions.iter().map(decided).collect::<Vec<Value>>(),
    })
}

fn with_money<const N: usize>(keys: [(&str, Value); N], amounts: &Amounts) -> Value {
    let amounts = MONEY.into_iter().zip(money(amounts).map(|amount| json!(amount.to_string())));
    Value::Object(keys.into_iter().chain(amounts).map(|(name, of)| (name.to_owned(), of)).collect())
}

fn line(line: &StatementEntry) -> Value {
    let keys = [
        ("dated", json!(line.dated.to_string())),
        ("policy", json!(line.policy.as_ref().map(ToString::to_string))),
        ("type", json!(line.type_name)),
        ("position", json!(line.position)),
    ];
    let mut row = with_money(keys, &line.amounts);
    if let Value::Object(members) = &mut row {
        members.insert("why".to_owned(), json!(line.why));
    }
    row
}

/// The members of a row of `upline coverage`, the position of the decision, and the sentence.
fn decided(row: &CoverageRow) -> Value {
    let decision_of = &row.decision;
    let tally = &decision_of.persistency;
    let mut members = Map::new();
    for (name, value) in [
        ("carrier", json!(row.policy.carrier.as_str())),
        ("policy", json!(row.policy.number.as_str())),
        ("on", json!(row.on.to_string())),
        ("chargeback", json!(row.chargeback.to_string())),
        ("covered", json!(row.covered.to_string())),
        ("plan", json!(decision_of.plan.as_str())),
        ("definition", json!(decision_of.definition.as_str())),
        ("cohort", json!(tally.cohort)),
        ("surviving", json!(tally.surviving)),
        ("cohort_weight", json!(weight(tally.cohort_weight, decision_of.basis))),
        ("surviving_weight", json!(weight(tally.surviving_weight, decision_of.basis))),
        ("ratio", json!(tally.ratio().map(|ratio| ratio.to_string()))),
        ("tier", json!(decision_of.tier.map(|tier| tier.above.to_string()))),
        ("reason", json!(decision_of.reason.as_str())),
        ("decided_at_position", json!(row.position)),
        ("why", json!(decision(row))),
    ] {
        members.insert(name.to_owned(), value);
    }
    Value::Object(members)
}
