//! The pay run through the real binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::Upline;
use serde_json::{Value, json};

const PRODUCERS: &str = r#"{"type":"carrier_added","on":"2025-01-01","carrier":"C1"}
{"type":"producer_added","on":"2025-01-01","producer":"A","kind":"agent"}
{"type":"producer_added","on":"2025-01-01","producer":"B","kind":"agency"}
{"type":"grid_published","on":"2025-01-01","carrier":"C1","product":"FE","levels":{"110":[{"years":"1+","rate":"1.10"}]}}
{"type":"producer_contracted","on":"2025-01-01","producer":"A","carrier":"C1","level":"110","advance":{"months":9}}
"#;

fn book(lines: &[Value]) -> Upline {
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Upline::with(&format!("{PRODUCERS}{lines}"))
}

/// More facts, into a book that is there.
fn more(upline: &Upline, lines: &[Value]) {
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    upline.feed(&["import", "-"], lines.as_bytes()).succeeds();
}

fn adjusted(producer: &str, on: &str, account: &str, amount: &str, code: &str) -> Value {
    json!({"type": "adjustment_posted", "on": on, "producer": producer, "account": account,
        "amount": amount, "code": code, "approved_by": "Ann"})
}

fn terms(minimum: &str) -> Value {
    json!({"type": "payout_terms_set", "on": "2025-01-01", "producer": "*", "minimum": minimum,
        "reserve": [{"to": "10000.00", "rate": "0.20"}, {"to": "20000.00", "rate": "0.10"}]})
}

fn issued(policy: &str, on: &str) -> Value {
    json!({"type": "policy_issued", "on": on, "carrier": "C1", "policy": policy, "product": "FE",
        "annual_premium": "1200.00", "mode": "monthly", "writing": [{"producer": "A", "share": "1"}]})
}

fn of_policy(type_name: &str, policy: &str, on: &str) -> Value {
    json!({"type": type_name, "on": on, "carrier": "C1", "policy": policy})
}

fn paid(policy: &str, on: &str) -> Value {
    json!({"type": "premium_paid", "on": on, "carrier": "C1", "policy": policy, "amount": "100.00"})
}

/// Payable, leads, debt, reserved, carried and paid of each producer.
fn run(upline: &Upline, args: &[&str]) -> Vec<(String, Vec<String>)> {
    let rows = upline.rows(&[&["payout"], args].concat());
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let columns = ["payable", "leads_recovered", "debt_recovered", "reserved", "carried", "paid"];
    let figures = |row: &Value| columns.iter().map(|name| text(row, name)).collect();
    rows.as_array().unwrap().iter().map(|row| (text(row, "producer"), figures(row))).collect()
}

#[track_caller]
fn check(upline: &Upline, args: &[&str], expected: &[(&str, [&str; 6])]) {
    let expected: Vec<(String, Vec<String>)> =
        expected.iter().map(|(who, row)| ((*who).to_owned(), row.map(str::to_owned).to_vec())).collect();
    assert_eq!(run(upline, args), expected);
}

/// 9,500.00 are withheld already: 500.00 fill the tier of 20% with 2,500.00 of the commission, and of the other
/// 1,500.00 10% are 150.00.
#[test]
fn the_reserve_is_filled_tier_by_tier() {
    let upline = book(&[
        terms("25.00"),
        adjusted("A", "2026-06-01", "reserve", "9500.00", "opening"),
        adjusted("A", "2026-06-02", "payable", "4000.00", "commission"),
    ]);
    let row = ("A", ["4000.00", "0.00", "0.00", "650.00", "0.00", "3350.00"]);
    check(&upline, &["--through", "2026-06-30"], &[row]);
    check(&upline, &["--through", "2026-06-30", "--commit"], &[row]);
    let balance = upline.rows(&["balance", "--as-of", "2026-06-30"]);
    assert_eq!((&balance[0]["payable"], &balance[0]["reserve"]), (&json!("0.00"), &json!("10150.00")));
    upline.verified();
}

#[test]
fn what_is_too_little_waits_for_the_next_run() {
    let upline = book(&[
        json!({"type": "payout_terms_set", "on": "2025-01-01", "producer": "*", "minimum": "25.00"}),
        adjusted("A", "2026-06-01", "payable", "18.40", "commission"),
    ]);
    let carried = [("A", ["18.40", "0.00", "0.00", "0.00", "18.40", "0.00"])];
    check(&upline, &["--through", "2026-06-30", "--commit"], &carried);
    more(&upline, &[adjusted("A", "2026-07-01", "payable", "10.00", "commission")]);
    check(&upline, &["--through", "2026-06-30"], &carried);
    let paid = [("A", ["28.40", "0.00", "0.00", "0.00", "0.00", "28.40"])];
    check(&upline, &["--through", "2026-07-31", "--commit"], &paid);
    check(&upline, &["--through", "2026-07-31", "--commit"], &[]);
}

#[test]
fn leads_are_recovered_first_and_then_the_oldest_chargeback() {
    let upline = book(&[
        json!({"type": "lead_line_set", "on": "2026-01-01", "producer": "A", "limit": "500.00"}),
        json!({"type": "lead_charged", "on": "2026-03-01", "producer": "A", "amount": "150.00"}),
        issued("P1", "2026-01-01"),
        issued("P2", "2026-01-02"),
    ]);
    check(
        &upline,
        &["--through", "2026-01-31", "--commit"],
        &[("A", ["1980.00", "0.00", "0.00", "0.00", "0.00", "1980.00"])],
    );
    // P2 lapses first: 990.00 of it are owed, then 990.00 of P1.
    more(
        &upline,
        &[
            of_policy("policy_lapsed", "P2", "2026-02-10"),
            of_policy("policy_lapsed", "P1", "2026-02-20"),
            adjusted("A", "2026-03-05", "payable", "1500.00", "commission"),
        ],
    );
    let row = ("A", ["1500.00", "150.00", "1350.00", "0.00", "0.00", "0.00"]);
    check(&upline, &["--through", "2026-03-31", "--commit"], &[row]);
    let rows = upline.rows(&["balance", "--by", "policy", "--as-of", "2026-03-31"]);
    let owed = |policy: &str| {
        let row = rows.as_array().unwrap().iter().find(|row| row["policy"] == policy);
        row.map(|row| row["debt"].clone()).unwrap()
    };
    assert_eq!((owed("P1"), owed("P2")), (json!("630.00"), json!("0.00")));
    upline.verified();
}

/// What was paid off before a late premium made the chargeback smaller stands below zero: it is paid back.
#[test]
fn a_chargeback_that_falls_after_it_was_paid_off_is_given_back() {
    let upline = book(&[
        issued("P1", "2026-01-01"),
        of_policy("policy_lapsed", "P1", "2026-03-20"),
        json!({"type": "repayment_received", "on": "2026-03-25", "producer": "A", "amount": "990.00"}),
        paid("P1", "2026-01-01"),
    ]);
    let row = ("A", ["990.00", "0.00", "-110.00", "0.00", "0.00", "1100.00"]);
    check(&upline, &["--through", "2026-03-31", "--commit"], &[row]);
    let balance = upline.rows(&["balance", "--as-of", "2026-03-31"]);
    assert_eq!(balance, json!([]));
    upline.verified();
}

#[test]
fn a_run_repeated_or_for_an_earlier_day_pays_once() {
    let upline = book(&[issued("P1", "2026-06-01")]);
    let row = [("A", ["990.00", "0.00", "0.00", "0.00", "0.00", "990.00"])];
    check(&upline, &["--through", "2026-06-30", "--commit"], &row);
    for through in ["2026-06-30", "2026-06-15", "2026-07-31"] {
        check(&upline, &["--through", through, "--commit"], &[]);
    }
    // The same amount on the same day once more is another payout.
    more(&upline, &[issued("P2", "2026-06-02")]);
    check(&upline, &["--through", "2026-06-30", "--commit"], &row);
    check(&upline, &["--through", "2026-06-30", "--commit"], &[]);
    let payouts = upline.log().iter().filter(|event| event["type"] == "payout_made").count();
    assert_eq!(payouts, 2);
    // The facts alone make the same books.
    let facts: String = upline
        .log()
        .iter()
        .map(|event| {
            let mut fact = event.clone();
            for derived in ["position", "id", "recorded_at", "entries"] {
                fact.as_object_mut().unwrap().remove(derived);
            }
            format!("{fact}\n")
        })
        .collect();
    let again = Upline::with(&facts);
    assert_eq!(again.rows(&["accounts"]), upline.rows(&["accounts"]));
    upline.verified();
}

/// 990.00 are due on the 1st and taken back on the 20th: on the 10th nothing may be paid of them.
#[test]
fn what_is_known_to_be_taken_back_is_not_paid() {
    let upline = book(&[
        adjusted("A", "2026-06-01", "payable", "990.00", "commission"),
        adjusted("A", "2026-06-20", "payable", "-700.00", "mistake"),
    ]);
    let row = ("A", ["290.00", "0.00", "0.00", "0.00", "0.00", "290.00"]);
    check(&upline, &["--through", "2026-06-10"], &[row]);
}

#[test]
fn a_held_producer_is_not_paid_until_every_hold_is_lifted() {
    let hold = |type_name: &str, on: &str, reason: &str| json!({"type": type_name, "on": on, "producer": "A", "reason": reason});
    let upline = book(&[
        adjusted("A", "2026-06-01", "payable", "100.00", "commission"),
        adjusted("B", "2026-06-01", "payable", "100.00", "commission"),
        hold("payout_held", "2026-06-01", "licence"),
        hold("payout_held", "2026-06-01", "e_and_o"),
        hold("hold_lifted", "2026-07-01", "licence"),
        hold("hold_lifted", "2026-08-01", "e_and_o"),
    ]);
    let answer = upline.json(&["payout", "--through", "2026-06-30", "--commit"]);
    assert_eq!(answer["held"], json!([{"producer": "A", "reasons": ["licence", "e_and_o"]}]));
    assert_eq!(answer["rows"][0]["carried"], "100.00");
    assert_eq!(answer["rows"][1]["paid"], "100.00");
    let answer = upline.json(&["payout", "--through", "2026-07-31"]);
    assert_eq!(answer["held"], json!([{"producer": "A", "reasons": ["e_and_o"]}]));
    let row = ("A", ["100.00", "0.00", "0.00", "0.00", "0.00", "100.00"]);
    check(&upline, &["--through", "2026-08-31"], &[row]);
    // Who is held today is not paid for a day before the hold either.
    more(&upline, &[hold("payout_held", "2026-09-01", "dispute")]);
    let answer = upline.json(&["payout", "--through", "2026-08-31"]);
    assert_eq!(answer["held"], json!([{"producer": "A", "reasons": ["dispute"]}]));
}

/// What was charged for leads, recovered and credited afterwards is given back.
#[test]
fn a_credit_of_leads_is_given_back() {
    let lead = |type_name: &str, on: &str, amount: &str| json!({"type": type_name, "on": on, "producer": "A", "amount": amount});
    let upline = book(&[
        json!({"type": "lead_line_set", "on": "2026-01-01", "producer": "A", "limit": "500.00"}),
        lead("lead_charged", "2026-06-01", "50.00"),
        adjusted("A", "2026-06-01", "payable", "500.00", "commission"),
    ]);
    let row = ("A", ["500.00", "50.00", "0.00", "0.00", "0.00", "450.00"]);
    check(&upline, &["--through", "2026-06-30", "--commit"], &[row]);
    more(&upline, &[lead("lead_credited", "2026-07-02", "50.00")]);
    let row = ("A", ["0.00", "-50.00", "0.00", "0.00", "0.00", "50.00"]);
    check(&upline, &["--through", "2026-07-31", "--commit"], &[row]);
    assert_eq!(upline.rows(&["balance"]), json!([]));
    upline.verified();
}

/// A write-off without a policy leaves a credit, which a run pays although it recovers nothing: the naive replay must
/// see it too.
#[test]
fn a_run_that_recovers_nothing_verifies() {
    for book_of in [
        vec![adjusted("A", "2025-02-15", "debt", "990.00", "write-off")],
        vec![
            adjusted("A", "2025-02-01", "debt", "-100.00", "fee"),
            adjusted("A", "2025-02-01", "payable", "500.00", "bonus"),
        ],
        vec![
            issued("P1", "2025-01-10"),
            of_policy("policy_lapsed", "P1", "2025-02-10"),
            adjusted("A", "2025-02-15", "debt", "990.00", "write-off"),
        ],
        vec![
            adjusted("A", "2025-02-01", "debt", "-100.00", "fee"),
            json!({"type": "repayment_received", "on": "2025-02-03", "producer": "A", "amount": "150.00"}),
        ],
    ] {
        let upline = book(&book_of);
        upline.run(&["payout", "--through", "2025-02-28", "--commit"]).succeeds();
        upline.verified();
    }
}

#[test]
fn what_cannot_be_paid_is_refused() {
    let upline = book(&[
        adjusted("A", "2026-06-01", "payable", "100.00", "commission"),
        json!({"type": "period_closed", "on": "2026-05-31"}),
    ]);
    upline.run(&["payout", "--through", "2026-05-31", "--commit"]).fails(1, "closed_period");
    upline.run(&["payout", "--through", "2199-05-31", "--commit"]).fails(1, "in the future");
    let payout = |rest: Value| {
        let mut fact = json!({"type": "payout_made", "on": "2026-06-30", "producer": "A"});
        fact.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let done = upline.feed(&["import", "--format", "json", "-"], fact.to_string().as_bytes());
        let refusal = done.json()["refusals"][0].clone();
        (refusal["code"].as_str().unwrap().to_owned(), refusal["field"].as_str().unwrap().to_owned())
    };
    for (rest, field) in [
        (json!({"payable": "100.00", "leads": "1.00"}), "leads"),
        (json!({"payable": "100.00", "debt": "1.00"}), "debt"),
        (json!({"payable": "100.00", "debt": "-1.00"}), "debt"),
        (json!({"payable": "100.00", "reserve": "100.01"}), "payable"),
        (json!({"payable": "0.00"}), "payable"),
        (json!({"payable": "-1.00"}), "payable"),
    ] {
        assert_eq!(payout(rest.clone()), ("amount".to_owned(), field.to_owned()), "{rest}");
    }
    let tiers = json!({"type": "payout_terms_set", "on": "2026-06-01", "producer": "*",
        "reserve": [{"to": "20.00", "rate": "0.1"}, {"to": "10.00", "rate": "0.1"}]});
    let done = upline.feed(&["import", "--format", "json", "-"], tiers.to_string().as_bytes());
    assert_eq!(done.json()["refusals"][0]["field"], "reserve");
}

const BANKS: &str =
    "producer,routing,account,kind\nA,011000015,12345678,checking\nB,021000021,987654,savings\n";

/// What an ACH file pays, by its control record, in cents: debits and credits.
fn paid_by(file: &str) -> (i64, i64) {
    let records: Vec<&str> = file.lines().collect();
    assert!(records.iter().all(|record| record.len() == 94) && records.len().is_multiple_of(10));
    let control = records.iter().find(|record| record.starts_with("9000")).unwrap();
    (control[31..43].parse().unwrap(), control[43..55].parse().unwrap())
}

#[test]
fn a_run_is_paid_by_an_ach_file_that_can_be_written_again() {
    let upline = book(&[
        adjusted("A", "2026-06-01", "payable", "100.00", "commission"),
        adjusted("B", "2026-06-01", "payable", "20.50", "commission"),
    ]);
    upline.write("originator.toml", include_str!("../profiles/originator.toml"));
    let mut events = upline.log().len();
    let pay = |rest: &[&str], file: &str| {
        let args = [&["payout"], rest, &["--originator", "originator.toml", "--nacha", file]].concat();
        upline.run(&args)
    };
    let commit = ["--through", "2026-06-30", "--commit"];
    // Whatever keeps the file from being written is told before anything is recorded.
    pay(&commit, "run.ach").fails(1, "no bank details are kept of A, B");
    upline.write("banks.csv", BANKS.replace("011000015", "011000016"));
    upline
        .run(&["directory", "--bank", "banks.csv", "--actor", "Ann", "--approved-by", "Bob"])
        .fails(1, "check digit");
    upline.write("banks.csv", BANKS);
    upline.run(&["directory", "--bank", "banks.csv", "--actor", "Ann", "--approved-by", "Bob"]).succeeds();
    events += 2; // an account each
    pay(&["--through", "2026-06-30"], "run.ach").fails(1, "--commit");
    pay(&commit, "banks.csv").fails(1, "already exists");
    assert_eq!(upline.log().len(), events);
    pay(&commit, "run.ach").succeeds();
    let file = upline.read("run.ach");
    assert_eq!(paid_by(&file), (12_050, 12_050));
    // Nothing is due any more, so there is no second file; the first can be had again.
    pay(&commit, "second.ach").succeeds();
    assert!(!upline.path("second.ach").exists());
    let run = (events + 1).to_string();
    pay(&["--run", &run], "again.ach").succeeds();
    assert_eq!(upline.read("again.ach"), file);
    pay(&["--run", &(events + 2).to_string()], "part.ach").fails(1, "lies within a pay run");
    pay(&["--run", "1"], "none.ach").fails(1, "no pay run begins");
    // A file that cannot be written leaves nothing behind; the run can be looked at all the same.
    upline.run(&["directory", "--erase", "A"]).succeeds();
    pay(&["--run", &run], "gone.ach").fails(1, "no bank details are kept of A");
    assert!(!upline.path("gone.ach").exists());
    let shown = upline.rows(&["payout", "--run", &run]);
    assert_eq!((&shown[0]["paid"], &shown[1]["kind"]), (&json!("100.00"), &json!("agency")));
    upline.verified();
}
