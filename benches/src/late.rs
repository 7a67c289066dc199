//! What comes late: a premium of three years ago, and a thousand policies with another upline, in a ledger
//! that is as large as the book.
//!
//! A carrier of its own is added for it, with a chain of five levels, so that every policy has exactly what
//! is to be measured: five years of monthly premiums, of which one is missing.

use crate::book::Book;
use crate::facts::{Facts, commit};
use crate::measure::{Contender, Result, Unit, in_turn, progress, timed};
use crate::table::{Row, Target};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::fmt::Write;
use upline_core::time::Day;
use upline_ledger::Ledger;
use upline_ledger::import::ImportLine;

/// Policies whose upline is corrected at once.
const RESTATED: usize = 1_000;

/// Late premiums of a turn, each on another of these policies.
const LATE: usize = 200;

/// Clients that record at once, and how many facts each brings.
const CLIENTS: usize = 64;
const CLIENT_FACTS: usize = 200;

/// Months for which premiums are paid.
const MONTHS: u32 = 60;

/// The month whose premium comes late: three years before the last.
const LATE_MONTH: u32 = 23;

/// 2021-07-01: all are issued on it.
const ISSUED: Day = Day(18_809);

const CARRIER: &str = "BENCH";

/// The chain from the bottom up: who, and at which level.
const CHAIN: [(&str, &str); 5] =
    [("BENCH-A", "100"), ("BENCH-B", "110"), ("BENCH-C", "120"), ("BENCH-D", "130"), ("BENCH-E", "140")];

/// Who should have stood at the third place.
const CORRECTED: (&str, &str) = ("BENCH-X", "120");

/// The rows about what comes late.
pub fn rows(book: &Book, ledger: &mut Ledger, turns: usize) -> Result<Vec<Row>> {
    progress("recording what comes late");
    let policies = turns * RESTATED + CLIENTS;
    Facts::of_text(opened() + &(0..policies).map(issued).collect::<String>())?.import(ledger, usize::MAX)?;
    let mut late = Vec::new();
    let mut restated = Vec::new();
    for first in (0..turns).map(|turn| turn * RESTATED) {
        let facts: String = (first..first + LATE).map(|policy| premium(policy, LATE_MONTH)).collect();
        late.push(Facts::of_text(facts)?.take(LATE)?);
        let facts: String = (first..first + RESTATED).map(corrected).collect();
        restated.push(Facts::of_text(facts)?.take(RESTATED)?);
    }
    let (mut late, mut restated) = (late.into_iter(), restated.into_iter());
    let ledger = RefCell::new(ledger);
    let a_late_one = |_| {
        let lines = late.next().unwrap_or_default();
        let took = |line| Ok(timed(|| commit(&mut ledger.borrow_mut(), vec![line]))?.1);
        lines.into_iter().map(took).collect::<Result<Vec<f64>>>()
    };
    let all_restated = |_| {
        let lines = restated.next().unwrap_or_default();
        Ok(vec![timed(|| commit(&mut ledger.borrow_mut(), lines))?.1])
    };
    let late = Contender::new("a late premium", Unit::Seconds, a_late_one);
    let restated = Contender::new("restated policies", Unit::Seconds, all_restated);
    let whats = [
        ("a premium three years late on a policy of a five-level chain, durable", 1e-3),
        ("a corrected upline over 1,000 policies of 60 premiums, durable", 1.0),
    ];
    let rows = whats.into_iter().zip(in_turn(turns, &mut [late, restated])?).map(|((what, most), ours)| {
        let mut row = Row::of("late", what, book.events, Target::AtMost(most, Unit::Seconds));
        row.ours = Some(ours);
        row
    });
    Ok(rows.collect())
}

/// Premiums of clients that record at once: each has a policy of its own, so that their order is no matter.
pub fn clients(turns: usize) -> Result<Vec<Vec<ImportLine>>> {
    let client = |client: usize| {
        let policy = turns * RESTATED + client;
        // Beyond those that were paid: nothing is late.
        let facts: String = (0..CLIENT_FACTS as u32).map(|n| premium(policy, MONTHS + n)).collect();
        Facts::of_text(facts)?.take(CLIENT_FACTS)
    };
    (0..CLIENTS).map(client).collect()
}

fn line(fact: &Value) -> String {
    format!("{fact}\n")
}

/// The carrier, its grid, its producers.
fn opened() -> String {
    let on = "2021-01-01";
    let mut levels: serde_json::Map<String, Value> = serde_json::Map::new();
    for (_, level) in CHAIN {
        // 110% in the first year and 11% after it: every upline has a spread in every year.
        let (whole, part) = level.split_at(1);
        let (first, later) = (format!("{whole}.{part}"), format!("0.{level}"));
        levels
            .insert(level.to_owned(), json!([{"years": "1", "rate": first}, {"years": "2+", "rate": later}]));
    }
    let mut text = line(&json!({"type": "carrier_added", "on": on, "carrier": CARRIER}));
    text += &line(
        &json!({"type": "grid_published", "on": on, "carrier": CARRIER, "product": "P", "levels": levels}),
    );
    let all = || CHAIN.into_iter().rev().chain([CORRECTED]);
    for (producer, _) in all() {
        text += &line(&json!({"type": "producer_added", "on": on, "producer": producer, "kind": "agent"}));
    }
    let mut above: Option<&str> = None;
    for (producer, level) in all() {
        let mut contract = json!({"type": "producer_contracted", "on": on, "producer": producer, "carrier": CARRIER,
            "level": level, "advance": {"months": 9}});
        let upline = if producer == CORRECTED.0 { Some("BENCH-D") } else { above };
        if let (Some(upline), Some(fields)) = (upline, contract.as_object_mut()) {
            fields.insert("upline".to_owned(), json!(upline));
        }
        text += &line(&contract);
        above = Some(producer);
    }
    text
}

/// A policy with its premiums, but for the late one.
fn issued(policy: usize) -> String {
    let writing = json!([{"producer": "BENCH-A", "share": "1"}]);
    let issue = json!({"type": "policy_issued", "on": ISSUED.to_string(), "carrier": CARRIER, "policy": number(policy),
        "product": "P", "annual_premium": "1200.00", "mode": "monthly", "writing": writing});
    let paid = (0..MONTHS).filter(|month| *month != LATE_MONTH).map(|month| premium(policy, month));
    line(&issue) + &paid.collect::<String>()
}

/// The premium of a month.
fn premium(policy: usize, month: u32) -> String {
    let mut text = String::new();
    let (on, number) = (ISSUED.plus_months(month), number(policy));
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        r#"{{"type":"premium_paid","on":"{on}","carrier":"{CARRIER}","policy":"{number}","amount":"100.00"}}"#
    );
    text
}

/// The policy with the chain that it should have had, from its issue on.
fn corrected(policy: usize) -> String {
    let place = |(producer, level): (&str, &str)| json!({"producer": producer, "level": level});
    let chain = CHAIN.map(|at| place(if at.1 == CORRECTED.1 { CORRECTED } else { at }));
    line(
        &json!({"type": "policy_restated", "on": ISSUED.to_string(), "carrier": CARRIER, "policy": number(policy),
        "correction": "BENCH-1", "chain": [chain]}),
    )
}

fn number(policy: usize) -> String {
    format!("B{policy:07}")
}
