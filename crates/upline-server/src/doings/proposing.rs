//! Four eyes over HTTP: what is proposed, approved, rejected and taken back.

use crate::doings::Order;
use crate::problem::Problem;
use crate::reply::Reply;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use upline_access::Act;
use upline_answers::proposals as answers;
use upline_core::names::Code;
use upline_core::time::Day;
use upline_ledger::proposals::Proposal;
use upline_ledger::{Bank, Ledger, LedgerError};

/// What is proposed, as it comes.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
enum Proposed {
    PayRun {
        through: String,
    },
    BankChange {
        producer: String,
        routing: String,
        account: String,
        account_kind: String,
        #[serde(default)]
        hold_days: Option<u8>,
        #[serde(default)]
        confirm_shared: bool,
    },
    WriteOff {
        exceptions: Vec<String>,
        #[serde(default)]
        note: Option<String>,
        #[serde(default)]
        on: Option<String>,
    },
}

/// The same of a restatement, whose facts are read as they were written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restatement<'a> {
    #[allow(dead_code)] // what it is was looked at
    action: String,
    #[serde(borrow)]
    facts: Vec<&'a RawValue>,
}

/// Which of the two it is.
#[derive(Deserialize)]
struct Which {
    action: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rejection {
    #[serde(default)]
    note: Option<String>,
}

/// Of what is proposed.
pub fn schema() -> Value {
    let code = json!({"type": "string", "pattern": r"^[A-Za-z0-9_.:-]{1,64}$"});
    let day = json!({"type": "string", "format": "date"});
    let of = |action: &str, required: &[&str], members: Value| {
        let mut properties = serde_json::Map::from_iter([("action".to_owned(), json!({"const": action}))]);
        properties.extend(members.as_object().cloned().unwrap_or_default());
        let required: Vec<&str> = std::iter::once("action").chain(required.iter().copied()).collect();
        json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
    };
    json!({"oneOf": [
        of("pay_run", &["through"], json!({"through": day})),
        of("bank_change", &["producer", "routing", "account", "account_kind"], json!({
            "producer": code, "routing": {"type": "string"}, "account": {"type": "string"},
            "account_kind": {"enum": ["checking", "savings"]},
            "hold_days": {"type": "integer", "minimum": 1, "maximum": 255},
            "confirm_shared": {"type": "boolean"}})),
        of("restatement", &["facts"], json!({
            "facts": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Fact"}}})),
        of("write_off", &["exceptions"], json!({
            "exceptions": super::exceptions(), "note": {"type": "string"}, "on": day})),
    ]})
}

/// Of a rejection.
pub fn schema_of_rejection() -> Value {
    json!({"type": "object", "properties": {"note": {"type": "string"}}, "additionalProperties": false})
}

/// Proposes something. Contracting people propose accounts alone.
pub fn propose(ledger: &mut Ledger, order: &Order) -> Result<Reply, Problem> {
    let proposal = read(order)?;
    let act = match proposal {
        Proposal::BankChange { .. } => Act::ProposeBank,
        _ => Act::ProposeMoney,
    };
    if !order.asker.may(act) {
        return Err(order.asker.refused(&[act]));
    }
    let proposed = ledger.propose(&proposal, &order.asker.name)?;
    Ok(Reply::json(&answers::proposal(&ledger.proposal(&proposed.id)?)))
}

/// Approves what somebody else proposed.
pub fn approve(ledger: &mut Ledger, order: &Order) -> Result<Reply, Problem> {
    let id = order.named_code()?;
    let approved = ledger.approve(&id, &order.asker.name, None, |_| Ok::<_, LedgerError>(()))?;
    Ok(Reply::json(&answers::approved(&id, &approved)))
}

/// Rejects what somebody else proposed.
pub fn reject(ledger: &mut Ledger, order: &Order) -> Result<Reply, Problem> {
    let (id, Rejection { note }) = (order.named_code()?, order.json()?);
    let position = ledger.reject(&id, &order.asker.name, note.as_deref())?;
    Ok(decided(&id, "rejected", position))
}

/// Takes back what the asker proposed.
pub fn withdraw(ledger: &mut Ledger, order: &Order) -> Result<Reply, Problem> {
    let id = order.named_code()?;
    let position = ledger.withdraw(&id, &order.asker.name)?;
    Ok(decided(&id, "withdrawn", position))
}

fn decided(id: &Code, decision: &str, position: u64) -> Reply {
    Reply::json(&json!({"proposal": id.as_str(), "decision": decision, "position": position}))
}

fn read(order: &Order) -> Result<Proposal, Problem> {
    let which: Which = order.json()?;
    if which.action == "restatement" {
        let bytes = order.parts.first().map(|part| part.bytes.as_slice()).unwrap_or_default();
        let restated: Restatement<'_> = serde_json::from_slice(bytes)
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "malformed", error.to_string()))?;
        let facts = restated.facts.into_iter().map(|fact| fact.get().to_owned()).collect();
        return Ok(Proposal::Restatement { facts });
    }
    Ok(match order.json()? {
        Proposed::PayRun { through } => Proposal::PayRun { through: day("through", &through)? },
        Proposed::BankChange { producer, routing, account, account_kind, hold_days, confirm_shared } => {
            let producer = Code::parse(&producer);
            let producer = producer.ok_or_else(|| Problem::parameter("producer", "this is no code"))?;
            let bank = Bank::parse(&routing, &account, &account_kind)
                .map_err(|error| Problem::parameter("account", error.to_string()))?;
            Proposal::BankChange { producer, bank, hold_days, shared: confirm_shared }
        }
        Proposed::WriteOff { exceptions, note, on } => Proposal::WriteOff {
            exceptions: exceptions.iter().map(|one| exception(one)).collect::<Result<_, _>>()?,
            note,
            on: on.map(|on| day("on", &on)).transpose()?,
        },
    })
}

/// A day in a body.
pub(super) fn day(name: &str, text: &str) -> Result<Day, Problem> {
    Day::parse(text).ok_or_else(|| Problem::parameter(name, "a day is written 2026-06-30"))
}

/// An exception in a body, by its statement and its name in it.
pub(super) fn exception(text: &str) -> Result<(u64, Code), Problem> {
    let parts = text.split_once('/').and_then(|(n, code)| Some((n.parse().ok()?, Code::parse(code)?)));
    parts.ok_or_else(|| Problem::parameter("exceptions", "an exception is written 4711/L17"))
}
