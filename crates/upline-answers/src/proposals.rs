//! What was proposed, what is proposed in one, and what deciding about it came to.

use crate::pay_run::pay_run;
use crate::report::{Cell, Report};
use serde_json::{Map, Value, json};
use upline_core::fact::Body;
use upline_core::names::Code;
use upline_ledger::proposals::{Approved, Content, Done, ProposalDetail, ProposalRow, ProposalState};
use upline_ledger::{Ledger, LedgerError};

/// What was proposed and waits, or everything that ever was.
pub fn proposals(ledger: &Ledger, all: bool) -> Result<Report, LedgerError> {
    let rows = ledger.proposals()?.into_iter().filter(|row| all || row.state == ProposalState::Open);
    Ok(Report {
        title: if all { "Everything that was proposed" } else { "What waits for somebody to decide" }
            .to_owned(),
        members: vec![("position", json!(ledger.position())), ("root", json!(ledger.root().to_string()))],
        columns: vec![
            "proposal",
            "action",
            "state",
            "proposed_by",
            "proposed_at",
            "decided_by",
            "decided_at",
            "note",
            "decision_note",
            "summary",
        ],
        rows: rows.map(cells).collect(),
        nothing: if all { "Nothing was ever proposed." } else { "Nothing waits." },
        ..Report::default()
    })
}

fn cells(row: ProposalRow) -> Vec<Cell> {
    vec![
        Cell::text(&row.id),
        Cell::text(row.action.as_str()),
        Cell::text(row.state.as_str()),
        Cell::text(row.proposed_by),
        Cell::text(row.proposed_at),
        Cell::optional(row.decided_by),
        Cell::optional(row.decided_at),
        Cell::optional(row.note),
        Cell::optional(row.decision_note),
        Cell::text(row.summary),
    ]
}

/// For programs: a proposal with what is proposed, of an account no more than its end.
pub fn proposal(detail: &ProposalDetail) -> Value {
    let row = &detail.row;
    json!({
        "proposal": row.id.as_str(),
        "action": row.action.as_str(),
        "state": row.state.as_str(),
        "position": row.position,
        "proposed_by": row.proposed_by,
        "proposed_at": row.proposed_at.to_string(),
        "decided_by": row.decided_by,
        "decided_at": row.decided_at.map(|at| at.to_string()),
        "note": row.note,
        "decision_note": row.decision_note,
        "summary": row.summary,
        "content": detail.content.as_ref().and_then(content),
    })
}

fn content(content: &Content) -> Option<Value> {
    let Value::Object(mut members) = serde_json::from_str(&content.write(0)?).ok()? else { return None };
    members.retain(|name, _| !matches!(name.as_str(), "seen" | "action"));
    if let Content::BankChange { bank, .. } = content {
        members.insert("account".to_owned(), json!(bank.account.to_string()));
    }
    Some(Value::Object(members))
}

/// For people: what is proposed in one.
pub fn for_people(ledger: &Ledger, detail: &ProposalDetail) -> Report {
    let title = format!("{}, {}: {}", detail.row.id, detail.row.state.as_str(), detail.row.summary);
    let table = |columns, rows| Report { title: title.clone(), columns, rows, ..Report::default() };
    match &detail.content {
        None => Report { title, nothing: "What was proposed is not kept any more.", ..Report::default() },
        Some(Content::PayRun { through, rows }) => pay_run(ledger, title, *through, rows, None),
        Some(Content::BankChange { producer, bank, hold_days, shared }) => table(
            vec!["producer", "routing", "account", "account_kind", "hold_days", "shared"],
            vec![vec![
                Cell::text(producer),
                Cell::text(&bank.routing),
                Cell::text(&bank.account),
                Cell::text(bank.kind.as_str()),
                hold_days.map_or(Cell::Null, |days| Cell::Count(days.into())),
                Cell::text(if *shared { "yes" } else { "no" }),
            ]],
        ),
        Some(Content::Restatement { facts }) => {
            let rows = facts.iter().filter_map(|fact| match &fact.body {
                Body::PolicyRestated(restated) => Some(vec![
                    Cell::text(&restated.policy),
                    Cell::text(fact.on),
                    Cell::text(&restated.correction),
                ]),
                _ => None,
            });
            table(vec!["policy", "on", "correction"], rows.collect())
        }
        Some(Content::WriteOff { exceptions, .. }) => {
            let row =
                |(statement, exception): &(u64, Code)| vec![Cell::Count(*statement), Cell::text(exception)];
            table(vec!["statement", "exception"], exceptions.iter().map(row).collect())
        }
    }
}

/// For programs: what approving came to.
pub fn approved(id: &Code, approved: &Approved) -> Value {
    let done = match &approved.done {
        Done::PayRun(paid) => {
            let cash = Content::cash(&paid.rows).to_string();
            let rows = paid.rows.iter().filter(|row| !row.split.is_nothing());
            json!({"run": paid.run, "paid": cash, "producers": rows.count()})
        }
        Done::BankChange(set) => json!({"new": set.new, "changed": set.changed, "unchanged": set.unchanged}),
        Done::Restatement(stand) => json!({"events": stand}),
        Done::WriteOff(settled) => {
            let settled = settled.iter().map(|one| {
                json!({"statement": one.statement, "exception": one.exception.as_str(),
                    "class": one.class.as_str(), "difference": one.difference.to_string()})
            });
            json!({"exceptions": settled.collect::<Vec<Value>>()})
        }
    };
    let mut members = Map::from_iter([
        ("proposal".to_owned(), json!(id.as_str())),
        ("decision".to_owned(), json!("approved")),
        ("position".to_owned(), json!(approved.position)),
    ]);
    members.extend(done.as_object().cloned().unwrap_or_default());
    Value::Object(members)
}
