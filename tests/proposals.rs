//! Four eyes on the command line: one proposes, another approves, and the log has both.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{Upline, issue, premiums, setup};
use serde_json::{Value, json};

/// A wrote a policy that pays it 110.00 and its upline 30.00.
fn book() -> Upline {
    let levels = [("110", "1.10"), ("140", "1.40")];
    let lines = setup(&levels, &[("B", "140", None, ""), ("A", "110", Some("B"), "")]);
    Upline::with(&(lines + &issue("P1", "1200.00", "A") + &premiums("P1", "100.00", 1)))
}

const RESTATED: &str = r#"{"type":"policy_restated","on":"2025-01-20","carrier":"C1","policy":"P1","correction":"K-1","chain":[[{"producer":"A","level":"110"}]]}"#;

fn id(upline: &Upline, args: &[&str]) -> String {
    upline.json(&[&["propose"], args].concat())["proposal"].as_str().unwrap().to_owned()
}

#[test]
fn a_pay_run_is_proposed_by_one_and_approved_by_another() {
    let upline = book();
    let args = ["propose", "pay-run", "--through", "2025-06-30"];
    upline.run(&args).fails(1, "say who proposes");
    let said = upline.run(&[&args[..], &["--actor", "Ann"]].concat());
    said.succeeds();
    let id = said.stdout.trim();
    assert!(said.stderr.contains("Pays 140.00 in cash through 2025-06-30, to 2 producers"), "{said:?}");
    let waiting = upline.rows(&["proposals"]);
    assert_eq!(waiting[0]["proposal"], id);
    assert_eq!((&waiting[0]["state"], &waiting[0]["proposed_by"]), (&json!("open"), &json!("Ann")));
    let content = upline.json(&["proposals", id])["content"].take();
    assert_eq!(
        (&content["total"], &content["rows"][0]["split"]["paid"]),
        (&json!("140.00"), &json!("110.00"))
    );
    assert!(upline.run(&["proposals", id]).stdout.contains("140.00"));
    // Nobody approves or rejects what they proposed, however they write themselves.
    for same in ["Ann", " ANN "] {
        upline.run(&["approve", id, "--actor", same]).fails(1, "somebody else decides");
        upline.run(&["reject", id, "--actor", same]).fails(1, "somebody else decides");
    }
    upline.run(&["withdraw", id, "--actor", "Bob"]).fails(1, "only who proposed it");
    let done = upline.json(&["approve", id, "--actor", "Bob"]);
    assert_eq!((&done["paid"], &done["producers"]), (&json!("140.00"), &json!(2)));
    assert_eq!(upline.json(&["payout", "--run", &done["run"].to_string()])["rows"][0]["paid"], "110.00");
    upline.run(&["approve", id, "--actor", "Cy"]).fails(1, "approved already, by Bob");
    assert_eq!(upline.rows(&["proposals"]), json!([]));
    assert_eq!(upline.rows(&["proposals", "--all"])[0]["decided_by"], "Bob");
    let events = upline.log();
    let who: Vec<(&str, &str)> = events[events.len() - 4..]
        .iter()
        .map(|event| (event["type"].as_str().unwrap(), event["actor"].as_str().unwrap()))
        .collect();
    let expected = [("action_proposed", "Ann"), ("action_decided", "Bob"), ("payout_made", "Ann")];
    assert_eq!(who, [expected[0], expected[1], expected[2], expected[2]]);
    upline.verified();
}

#[test]
fn an_approved_run_is_paid_by_its_file_or_not_approved() {
    let upline = book();
    upline.write("originator.toml", include_str!("../profiles/originator.toml"));
    let paid = id(&upline, &["pay-run", "--through", "2025-06-30", "--actor", "Ann"]);
    let file = ["--nacha", "june.ach", "--originator", "originator.toml"];
    let approve = |id: &str| upline.run(&[&["approve", id, "--actor", "Bob"], &file[..]].concat());
    approve(&paid).fails(1, "no bank details");
    assert!(!upline.path("june.ach").exists());
    for (producer, account) in [("A", "98765432"), ("B", "11112222")] {
        let text = format!("producer,routing,account,kind\n{producer},011000015,{account},checking\n");
        upline.write("bank.csv", text);
        let change = id(&upline, &["bank-change", "bank.csv", "--actor", "Ann"]);
        let shown = upline.json(&["proposals", &change]);
        assert_eq!(shown["content"]["account"], format!("…{}", &account[4..]), "{shown}");
        approve(&change).fails(1, "is no pay run");
        upline.run(&["approve", &change, "--actor", "Ann"]).fails(1, "somebody else");
        upline.run(&["approve", &change, "--actor", "Bob"]).succeeds();
        assert!(!upline.read("ledger/proposals.json").contains(account), "it waits no longer");
    }
    approve(&paid).succeeds();
    assert!(upline.read("june.ach").contains("98765432"));
    let last = upline.log().pop().unwrap();
    assert_eq!((&last["type"], &last["actor"]), (&json!("payment_file_written"), &json!("Bob")));
    upline.verified();
}

#[test]
fn a_restatement_is_rejected_withdrawn_and_approved_in_the_end() {
    let upline = book();
    upline.write("k1.jsonl", format!("{RESTATED}\n"));
    let propose = || id(&upline, &["restatement", "k1.jsonl", "--actor", "Ann"]);
    let first = propose();
    upline.run(&["reject", &first, "--actor", "Bob", "--note", "ask the carrier first"]).succeeds();
    let second = propose();
    upline.run(&["withdraw", &second, "--actor", "Ann"]).succeeds();
    let states: Vec<Value> = upline
        .rows(&["proposals", "--all"])
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["state"].clone())
        .collect();
    assert_eq!(states, ["rejected", "withdrawn"]);
    let third = propose();
    upline.run(&["approve", "restatement-0000000000000000", "--actor", "Bob"]).fails(1, "was never proposed");
    upline.run(&["approve", &third, "--actor", "Bob"]).succeeds();
    assert_eq!(upline.log().pop().unwrap()["type"], "policy_restated");
    upline.write("k2.jsonl", r#"{"type":"period_closed","on":"2025-01-31"}"#);
    upline.run(&["propose", "restatement", "k2.jsonl", "--actor", "Ann"]).fails(1, "period_closed");
    upline.write("bank.csv", "producer,routing,account,kind\n");
    upline.run(&["propose", "bank-change", "bank.csv", "--actor", "Ann"]).fails(1, "bank.csv");
    upline.verified();
}
