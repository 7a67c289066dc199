//! What is proposed as JSON: kept beside the ledger until somebody else decides, and shown to who does.
//!
//! # Correctness
//! The log commits to the canonical text ([`upline_store::canonical_json`]), which holds the position of the log at
//! which it was proposed: the same proposed again is another proposal. What is written is read back as the same, or it
//! is not proposed.

use crate::fact::parse_json_line;
use crate::fact_json::write_fact;
use serde_json::{Map, Value, json};
use upline_core::event::Position;
use upline_core::fact::{Action, Fact, HoldReason, PayoutPart, ProducerKind};
use upline_core::money::{Cents, Total};
use upline_core::names::Code;
use upline_core::payout::{Due, PayRow, Split};
use upline_core::time::Day;
use upline_store::{Bank, canonical_json};

/// What is proposed, with all that it comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A pay run.
    PayRun {
        through: Day,
        /// What it does for each producer.
        rows: Vec<PayRow>,
    },
    /// Another account of a producer.
    BankChange {
        producer: Code,
        bank: Bank,
        /// For how many days nothing is paid there; none: as long as usual.
        hold_days: Option<u8>,
        /// Whether it is known that several producers share the account.
        shared: bool,
    },
    /// Chains are corrected.
    Restatement { facts: Vec<Fact> },
    /// Exceptions of statements are written off.
    WriteOff {
        /// Each by its statement and its name in it.
        exceptions: Vec<(Position, Code)>,
        /// The day of the decision.
        on: Day,
    },
}

impl Content {
    pub fn action(&self) -> Action {
        match self {
            Content::PayRun { .. } => Action::PayRun,
            Content::BankChange { .. } => Action::BankChange,
            Content::Restatement { .. } => Action::Restatement,
            Content::WriteOff { .. } => Action::WriteOff,
        }
    }

    /// What the house pays in cash by a run, in all.
    pub fn cash(rows: &[PayRow]) -> Total {
        let mut total = Total::ZERO;
        rows.iter().filter(|row| row.paid_by.is_none()).for_each(|row| total += row.split.paid);
        total
    }

    /// Its canonical text, as proposed when the log ended at a position. `None` where it could not be read back.
    pub fn write(&self, seen: Position) -> Option<String> {
        let mut members = Map::new();
        members.insert("action".to_owned(), json!(self.action().as_str()));
        members.insert("seen".to_owned(), json!(seen));
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        match self {
            Content::PayRun { through, rows } => {
                put("through", json!(through.to_string()));
                put("total", json!(Content::cash(rows).to_string()));
                put("rows", rows.iter().map(row).collect());
            }
            Content::BankChange { producer, bank, hold_days, shared } => {
                put("producer", json!(producer.as_str()));
                put("routing", json!(bank.routing.as_str()));
                put("account", json!(bank.account.in_full()));
                put("account_kind", json!(bank.kind.as_str()));
                put("hold_days", json!(hold_days));
                put("shared", json!(shared));
            }
            Content::Restatement { facts } => {
                put("facts", facts.iter().map(fact).collect::<Option<_>>()?);
            }
            Content::WriteOff { exceptions, on } => {
                let named = |(statement, exception): &(Position, Code)| json!({ "statement": statement, "exception": exception.as_str() });
                put("exceptions", exceptions.iter().map(named).collect());
                put("on", json!(on.to_string()));
            }
        }
        let text = canonical_json(&Value::Object(members));
        (Content::read(&text).as_ref() == Some(self)).then_some(text)
    }

    /// Reads its text.
    pub fn read(text: &str) -> Option<Content> {
        let value: Value = serde_json::from_str(text).ok()?;
        let text = |name: &str| value.get(name)?.as_str();
        let list = |name: &str| value.get(name)?.as_array();
        let code = |name: &str| Code::parse(text(name)?);
        Some(match Action::parse(text("action")?)? {
            Action::PayRun => Content::PayRun {
                through: Day::parse(text("through")?)?,
                rows: list("rows")?.iter().map(read_row).collect::<Option<_>>()?,
            },
            Action::BankChange => Content::BankChange {
                producer: code("producer")?,
                bank: Bank::parse(text("routing")?, text("account")?, text("account_kind")?).ok()?,
                hold_days: match value.get("hold_days")? {
                    Value::Null => None,
                    days => Some(u8::try_from(days.as_u64()?).ok()?),
                },
                shared: value.get("shared")?.as_bool()?,
            },
            Action::Restatement => {
                let read = |fact: &Value| parse_json_line(canonical_json(fact).as_bytes()).ok();
                Content::Restatement { facts: list("facts")?.iter().map(read).collect::<Option<_>>()? }
            }
            Action::WriteOff => {
                let read = |one: &Value| {
                    let exception = Code::parse(one.get("exception")?.as_str()?)?;
                    Some((one.get("statement")?.as_u64()?, exception))
                };
                let exceptions = list("exceptions")?.iter().map(read).collect::<Option<_>>()?;
                Content::WriteOff { exceptions, on: Day::parse(text("on")?)? }
            }
        })
    }
}

fn fact(fact: &Fact) -> Option<Value> {
    let mut line = String::new();
    write_fact(fact, &mut line);
    serde_json::from_str(&line).ok()
}

fn row(row: &PayRow) -> Value {
    let PayRow { producer, paid_by, parts, kind, due, split, holds } = row;
    let money = |amount: Cents| amount.to_string();
    let code = |code: &Option<Code>| code.as_ref().map(|code| code.as_str().to_owned());
    json!({
        "paid_by": code(paid_by),
        "parts": parts
            .iter()
            .map(|part| json!({"carrier": code(&part.carrier), "amount": money(part.amount)}))
            .collect::<Vec<_>>(),
        "producer": producer.as_str(),
        "kind": kind.as_str(),
        "due": {
            "payable": money(due.payable),
            "leads": money(due.leads),
            "debt": money(due.debt),
            "credit": money(due.credit),
            "reserve": money(due.reserve),
            "returned": money(due.returned),
            "unreceived": money(due.unreceived),
        },
        "split": {
            "leads": money(split.leads),
            "debt": money(split.debt),
            "reserve": money(split.reserve),
            "carried": money(split.carried),
            "paid": money(split.paid),
            "returned": money(split.returned),
        },
        "holds": holds.iter().map(|hold| hold.as_str()).collect::<Vec<_>>(),
    })
}

fn read_row(row: &Value) -> Option<PayRow> {
    let text = |name: &str| row.get(name)?.as_str();
    let money = |part: &str, name: &str| Cents::parse(row.get(part)?.get(name)?.as_str()?).ok();
    let carrier = |code: &Value| match code {
        Value::Null => Some(None),
        code => Code::parse(code.as_str()?).map(Some),
    };
    let part = |part: &Value| {
        let amount = Cents::parse(part.get("amount")?.as_str()?).ok()?;
        Some(PayoutPart { carrier: carrier(part.get("carrier")?)?, amount })
    };
    Some(PayRow {
        producer: Code::parse(text("producer")?)?,
        paid_by: carrier(row.get("paid_by")?)?,
        parts: row.get("parts")?.as_array()?.iter().map(part).collect::<Option<_>>()?,
        kind: ProducerKind::parse(text("kind")?)?,
        due: Due {
            payable: money("due", "payable")?,
            leads: money("due", "leads")?,
            debt: money("due", "debt")?,
            credit: money("due", "credit")?,
            reserve: money("due", "reserve")?,
            returned: money("due", "returned")?,
            unreceived: money("due", "unreceived")?,
        },
        split: Split {
            leads: money("split", "leads")?,
            debt: money("split", "debt")?,
            reserve: money("split", "reserve")?,
            carried: money("split", "carried")?,
            paid: money("split", "paid")?,
            returned: money("split", "returned")?,
        },
        holds: row
            .get("holds")?
            .as_array()?
            .iter()
            .map(|hold| HoldReason::parse(hold.as_str()?))
            .collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Content> {
        let code = |text: &str| Code::parse(text).unwrap();
        let day = |text: &str| Day::parse(text).unwrap();
        let row = PayRow {
            producer: code("A"),
            paid_by: Some(code("C1")),
            parts: vec![
                PayoutPart { carrier: None, amount: Cents(-3) },
                PayoutPart { carrier: Some(code("C1")), amount: Cents(10) },
            ],
            kind: ProducerKind::Agent,
            due: Due { payable: Cents(-1_234), credit: Cents(5), ..Due::default() },
            split: Split { paid: Cents(7), carried: Cents(-900_000_000_000_000), ..Split::default() },
            holds: vec![HoldReason::Licence, HoldReason::BankChanged],
        };
        let line = r#"{"type":"policy_restated","on":"2020-01-01","carrier":"C1","policy":"P/1","correction":"K-1","chain":[[{"producer":"A","level":"110"}]],"source":"é\n"}"#;
        let bank = Bank::parse("011000015", "98-7654", "savings").unwrap();
        vec![
            Content::PayRun { through: day("2026-06-30"), rows: vec![row] },
            Content::BankChange { producer: code("A"), bank: bank.clone(), hold_days: None, shared: true },
            Content::BankChange { producer: code("A"), bank, hold_days: Some(9), shared: false },
            Content::Restatement { facts: vec![parse_json_line(line.as_bytes()).unwrap()] },
            Content::WriteOff { exceptions: vec![(u64::MAX, code("L17"))], on: day("2026-07-01") },
        ]
    }

    #[test]
    fn what_is_written_is_read_back_and_canonical() {
        for content in all() {
            let text = content.write(17).unwrap();
            assert_eq!(Content::read(&text).as_ref(), Some(&content));
            assert_eq!(canonical_json(&serde_json::from_str(&text).unwrap()), text);
            assert_ne!(content.write(18).unwrap(), text);
        }
    }

    #[test]
    fn what_cannot_be_read_back_is_not_written() {
        let Some(Content::PayRun { through, mut rows }) = all().into_iter().next() else { unreachable!() };
        rows[0].due.debt = Cents(i64::MAX);
        assert_eq!(Content::PayRun { through, rows }.write(1), None);
    }

    #[test]
    fn other_texts_are_none() {
        for content in all() {
            let text = content.write(17).unwrap();
            for part in
                ["\"action\":", "\"through\":", "\"routing\":", "\"shared\":", "\"facts\":", "\"on\":\"2026"]
            {
                let wrong = text.replacen(part, "\"other\":", 1);
                assert!(wrong == text || Content::read(&wrong).as_ref() != Some(&content), "{wrong}");
            }
            assert_eq!(Content::read(&text[1..]), None);
        }
    }
}
