//! Money that would leave without a trace.

use super::common::{Done, Upline};
use super::on_both;
use serde_json::{Value, json};
use std::fs;

const BOOK: &str = r#"{"type":"carrier_added","on":"2025-01-01","carrier":"C1"}
{"type":"producer_added","on":"2025-01-01","producer":"A","kind":"agent","name":"Zebedee Quux"}
{"type":"producer_added","on":"2025-01-01","producer":"B","kind":"agency"}
{"type":"adjustment_posted","on":"2026-06-01","producer":"A","account":"payable","amount":"2600.00","code":"due","approved_by":"Controller","actor":"Clerk"}
{"type":"adjustment_posted","on":"2026-06-01","producer":"B","account":"payable","amount":"21.60","code":"due","approved_by":"Controller","actor":"Clerk"}
"#;

const BANKS: &str =
    "producer,routing,account,kind\nA,123456780,12345678,checking\nB,021000021,987654,savings\n";

const SET: [&str; 7] = ["directory", "--bank", "banks.csv", "--actor", "Ann", "--approved-by", "Bob"];

fn import(upline: &Upline, book: &str) {
    upline.write("book.jsonl", book);
    upline.run(&["import", "book.jsonl"]).succeeds();
}

/// A ledger with what is due to A and B, and their accounts.
fn ready(upline: &Upline) {
    import(upline, BOOK);
    upline.write("originator.toml", include_str!("../../profiles/originator.toml"));
    set(upline, BANKS).succeeds();
}

fn set(upline: &Upline, banks: &str) -> Done {
    upline.write("banks.csv", banks);
    upline.run(&SET)
}

fn pay(upline: &Upline, rest: &[&str], file: &str) -> Done {
    upline.run(&[&["payout"], rest, &["--originator", "originator.toml", "--nacha", file]].concat())
}

const COMMIT: [&str; 3] = ["--through", "2026-06-30", "--commit"];

fn position(upline: &Upline) -> u64 {
    upline.json(&["balance"])["position"].as_u64().unwrap()
}

fn rewrite_directory(upline: &Upline, edit: impl Fn(&str) -> String) {
    let path = upline.path("ledger/directory.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let (entries, _) = text.trim_end().rsplit_once('\n').unwrap();
    let entries = edit(entries) + "\n";
    let crc = format!("{{\"crc32\":\"{:08x}\"}}\n", crc32fast::hash(entries.as_bytes()));
    fs::write(&path, entries + &crc).unwrap();
}

/// A clock three days ahead had recorded a fact: the run counted as paid, and there was no file.
#[test]
fn a_run_is_not_recorded_without_its_file() {
    on_both(|upline| {
        ready(&upline);
        let ahead = chrono::Utc::now() + chrono::Duration::days(3);
        let today = chrono::Utc::now().format("%Y-%m-%d").to_string();
        let fact = json!({"type": "carrier_added", "on": "2026-01-01", "carrier": "C2",
            "recorded_at": ahead.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)});
        upline.write("ahead.jsonl", fact.to_string() + "\n");
        upline.run(&["import", "--trust-recorded-at", "--accept-clock", "ahead.jsonl"]).succeeds();
        let before = position(&upline);
        let args = [&COMMIT[..], &["--accept-clock", "--pay-on", &today]].concat();
        let done = pay(&upline, &args, "june.ach");
        done.fails(1, "when the run is recorded");
        done.fails(1, "Nothing was recorded");
        assert!(!upline.path("june.ach").exists());
        assert_eq!(position(&upline), before);
        assert_eq!(upline.rows(&["balance"])[0]["payable"], "2600.00");
        // Nor where the file cannot be put in its place.
        pay(&upline, &[&COMMIT[..], &["--accept-clock"]].concat(), "nowhere/june.ach")
            .fails(1, "cannot be written");
        assert_eq!(position(&upline), before);
        pay(&upline, &[&COMMIT[..], &["--accept-clock"]].concat(), "june.ach").succeeds();
        assert!(upline.read("june.ach").starts_with("101 "));
        // The file is a fact, with its hash.
        let written = upline.log().pop().unwrap();
        assert_eq!(written["type"], "payment_file_written", "{written}");
        assert_eq!((&written["total"], &written["credits"]), (&json!("2621.60"), &json!(2)));
        let again = pay(&upline, &[&COMMIT[..], &["--accept-clock"]].concat(), "june.ach");
        again.fails(1, "it pays run");
        upline.write("left-over.ach", "101 ");
        let left = pay(&upline, &[&COMMIT[..], &["--accept-clock"]].concat(), "left-over.ach");
        left.fails(1, "pays no run that is recorded");
        upline.verified();
    });
}

/// Another account in an edited directory, its checksum recomputed: it was paid, and verify and close were green.
#[test]
fn an_edited_directory_pays_nobody() {
    on_both(|upline| {
        ready(&upline);
        upline.run(&["key", "audit.key", "--name", "example.com/book"]).succeeds();
        // No detail is in the log, in any form that leads back to it.
        let log = upline.run(&["log"]).stdout;
        assert!(!log.contains("12345678") && !log.contains("123456780"), "{log}");
        upline.verified();
        rewrite_directory(&upline, |entries| entries.replace("12345678\"", "66666666\""));
        let before = position(&upline);
        pay(&upline, &COMMIT, "june.ach").fails(1, "those of A are not the ones that were set at");
        assert_eq!((position(&upline), upline.path("june.ach").exists()), (before, false));
        let verify = upline.run(&["verify"]);
        assert_eq!(verify.code, Some(1));
        assert!(
            verify.stdout.contains("WRONG  bank_details   those of A are not the ones"),
            "{}",
            verify.stdout
        );
        let close = upline.run(&["close", "--through", "2026-05-31", "--key", "audit.key"]);
        close.fails(1, "");
        assert!(close.stdout.contains("bank_details: those of A"), "{}", close.stdout);
        // Setting the right ones again is all that it takes.
        set(&upline, BANKS).succeeds();
        pay(&upline, &COMMIT, "june.ach").succeeds();
        // Nor does an account count that nobody set.
        rewrite_directory(&upline, |entries| {
            entries.replace(r#""kind":"carrier","code":"C1""#, r#""kind":"carrier","code":"C9""#)
        });
        upline.verified();
    });
}

#[test]
fn an_account_that_nobody_approved_pays_nobody() {
    let upline = Upline::new();
    import(&upline, BOOK);
    upline.write("originator.toml", include_str!("../../profiles/originator.toml"));
    set(&upline, "producer,routing,account,kind\nB,021000021,987654,savings\n").succeeds();
    rewrite_directory(&upline, |entries| {
        let bank = r#""npn":"1","routing":"123456780","account":"66666666","account_kind":"checking""#;
        entries.replace(r#""name":"Zebedee Quux""#, &format!("\"name\":\"Zebedee Quux\",{bank}"))
    });
    pay(&upline, &COMMIT, "june.ach").fails(1, "those of A were never approved");
    assert_eq!(upline.run(&["verify"]).code, Some(1));
}

#[test]
fn who_sets_an_account_does_not_approve_it() {
    let upline = Upline::new();
    import(&upline, BOOK);
    upline.write("banks.csv", BANKS);
    upline.run(&["directory", "--bank", "banks.csv"]).fails(2, "--actor");
    for (actor, approved_by) in [
        ("Ann", "Ann"),
        ("Ann", " ANN "),
        ("Ann  Lee", "ann lee"),
        ("Ann", "A\u{200b}nn\u{202e}"),
        ("Ren\u{e9}", "RENE\u{301}"),
    ] {
        let args = ["directory", "--bank", "banks.csv", "--actor", actor, "--approved-by", approved_by];
        upline.run(&args).fails(1, "approved by somebody else");
    }
    for (actor, approved_by) in [(" ", "Bob"), ("Ann", "\u{200b}"), ("", "Bob"), ("person:50", "person:51")] {
        let args = ["directory", "--bank", "banks.csv", "--actor", actor, "--approved-by", approved_by];
        assert_eq!(upline.run(&args).code, Some(1), "{actor:?} {approved_by:?}");
    }
    assert!(!upline.read("ledger/directory.jsonl").contains("12345678"));
    // Nor in a file of facts.
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for rest in
        [json!({"actor": "ann"}), json!({}), json!({"actor": "\u{200b}"}), json!({"actor": "A\u{ad}nn"})]
    {
        let mut fact = json!({"type": "bank_details_set", "on": "2026-06-01", "producer": "A",
            "commitment": hash, "approved_by": "Ann "});
        fact.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let done = upline.feed(&["import", "--format", "json", "-"], fact.to_string().as_bytes());
        assert_eq!(done.json()["refusals"][0]["code"], "malformed", "{done:?}");
    }
    // An adjustment neither, however the name is written; recorded by hand it says who recorded it.
    let adjustment = |actor: &[&str]| {
        let what =
            ["record", "adjustment_posted", "--on", "2026-06-01", "--producer", "A", "--account", "payable"];
        let rest = ["--amount", "1.00", "--code", "X", "--approved-by", "Ann Lee"];
        upline.run(&[&what[..], &rest, actor].concat())
    };
    adjustment(&["--actor", " ann  LEE"]).fails(1, "approved by somebody else");
    adjustment(&[]).fails(1, "--actor");
    adjustment(&["--actor", "Bob"]).succeeds();
}

fn today() -> String {
    chrono::Utc::now().format("%Y-%m-%d").to_string()
}

/// Lifts the hold of A's changed account.
fn lift(upline: &Upline, actor: &str) -> Done {
    let today = today();
    let what = ["record", "hold_lifted", "--on", &today, "--producer", "A", "--reason", "bank_changed"];
    upline.run(&[&what[..], &["--actor", actor]].concat())
}

fn held(upline: &Upline) -> Value {
    upline.json(&["payout", "--through", "2026-06-30"])["held"].take()
}

#[test]
fn a_changed_account_waits_until_somebody_else_lifts_the_hold() {
    on_both(|upline| {
        ready(&upline);
        assert_eq!(held(&upline), json!([]), "the first account holds nothing");
        set(&upline, &BANKS.replace("12345678,", "12345679,")).succeeds();
        assert_eq!(held(&upline), json!([{"producer": "A", "reasons": ["bank_changed"]}]));
        lift(&upline, " ANN").fails(1, "somebody else than who changed it");
        assert_ne!(held(&upline), json!([]));
        lift(&upline, "Carol").succeeds();
        assert_eq!(held(&upline), json!([]));
        pay(&upline, &COMMIT, "june.ach").succeeds();
        upline.run(&[&SET[..], &["--days", "0"]].concat()).fails(2, "--days");
        upline.verified();
    });
}

/// The file of a run could be written again, silently, with other accounts.
#[test]
fn another_file_for_a_run_that_was_paid_must_be_wanted() {
    let upline = Upline::new();
    ready(&upline);
    pay(&upline, &COMMIT, "june.ach").succeeds();
    let run = (position(&upline) - 2).to_string();
    let again = ["--run", run.as_str()];
    pay(&upline, &again, "same.ach").succeeds();
    assert_eq!(upline.read("same.ach"), upline.read("june.ach"));
    let later = (chrono::Utc::now() + chrono::Duration::days(9)).format("%Y-%m-%d").to_string();
    pay(&upline, &[&again[..], &["--pay-on", &later]].concat(), "later.ach").fails(1, "another date");
    let originator = include_str!("../../profiles/originator.toml");
    let line = originator.lines().find(|line| line.starts_with("company_name")).unwrap();
    upline.write("originator.toml", originator.replace(line, "company_name = \"SOMEBODY\""));
    pay(&upline, &again, "other.ach").fails(1, "another originator");
    upline.write("originator.toml", originator);
    set(&upline, &BANKS.replace("12345678,", "12345679,")).succeeds();
    pay(&upline, &again, "held.ach").fails(1, "changed, and nothing is paid there");
    upline.write("banks.csv", BANKS.replace("12345678,", "12345671,"));
    upline.run(&SET).succeeds();
    lift(&upline, "Carol").succeeds();
    let before = position(&upline);
    pay(&upline, &again, "other.ach").fails(1, "other accounts");
    assert_eq!((position(&upline), upline.path("other.ach").exists()), (before, false));
    pay(&upline, &[&again[..], &["--again"]].concat(), "other.ach").succeeds();
    let files = upline.log().into_iter().filter(|event| event["type"] == "payment_file_written");
    assert_eq!(files.count(), 3);
    upline.verified();
}

#[test]
fn one_account_for_two_producers_must_be_confirmed() {
    let upline = Upline::new();
    import(&upline, BOOK);
    upline.write("originator.toml", include_str!("../../profiles/originator.toml"));
    let shared = "producer,routing,account,kind\nA,123456780,1,checking\nB,123456780,1,savings\n";
    set(&upline, shared).fails(1, "A and B want their money at one account");
    // However it is written.
    set(&upline, &shared.replace("B,123456780,1,", "B,123456780,00-1,"))
        .fails(1, "A and B want their money at one account");
    assert!(!upline.read("ledger/directory.jsonl").contains("123456780"));
    upline.run(&[&SET[..], &["--confirm-shared"]].concat()).succeeds();
    upline.verified();
    // The account of who pays is no place to pay to either.
    let originator = include_str!("../../profiles/originator.toml");
    let offset = originator.split("[offset]").nth(1).unwrap();
    let value = |key: &str| {
        let line = offset.lines().find(|line| line.starts_with(key)).unwrap();
        line.split('"').nth(1).unwrap().to_owned()
    };
    let own = format!(
        "producer,routing,account,kind\nA,{},{},checking\nB,021000021,5,savings\n",
        value("routing"),
        value("account")
    );
    upline.write("banks.csv", own);
    upline.run(&SET).succeeds();
    lift(&upline, "Carol").succeeds();
    let lifted = json!({"type": "hold_lifted", "on": today(), "producer": "B", "reason": "bank_changed", "actor": "Carol"});
    upline.feed(&["import", "-"], lifted.to_string().as_bytes()).succeeds();
    pay(&upline, &COMMIT, "june.ach").fails(1, "A would be paid at the account that the money comes from");
    pay(&upline, &[&COMMIT[..], &["--confirm-shared"]].concat(), "june.ach").succeeds();
}

/// The evidence of a close shows who was to be paid where, without saying where.
#[test]
fn the_evidence_of_a_close_holds_the_commitments() {
    let upline = Upline::new();
    ready(&upline);
    pay(&upline, &COMMIT, "june.ach").succeeds();
    upline.run(&["key", "audit.key", "--name", "example.com/book"]).succeeds();
    upline.run(&["close", "--through", "2026-06-30", "--key", "audit.key"]).succeeds();
    let commitments = upline.read("closed-2026-06-30/bank-commitments.csv");
    assert!(commitments.lines().count() == 3 && !commitments.contains("12345678"), "{commitments}");
    let files = upline.read("closed-2026-06-30/payment-files.csv");
    assert!(files.contains("2621.60"), "{files}");
}

/// Money that had to be paid by a backup's ledger can be paid there too: the key goes along.
#[test]
fn a_restored_ledger_knows_its_accounts() {
    on_both(|upline| {
        ready(&upline);
        upline.run(&["backup", "backup.tar"]).succeeds();
        upline.run(&["--ledger", "again", "restore", "backup.tar"]).succeeds();
        upline.run(&["--ledger", "again", "verify"]).succeeds();
        upline.run(&["copy", "ledger", "copied"]).succeeds();
        upline.run(&["--ledger", "copied", "verify"]).succeeds();
        // Without its key nothing is paid.
        fs::remove_file(upline.path("ledger/directory.key")).unwrap();
        assert_eq!(upline.run(&["verify"]).code, Some(1));
        pay(&upline, &COMMIT, "june.ach").fails(1, "not the ones that were set");
    });
}

/// Ways round the hold: a date to come, a lift ahead of time, and an erasure of who changed the account.
#[test]
fn no_date_and_no_erasure_gets_round_the_hold() {
    let waits = json!([{"producer": "A", "reasons": ["bank_changed"]}]);
    let tomorrow = (chrono::Utc::now() + chrono::Duration::days(1)).format("%Y-%m-%d").to_string();
    let upline = Upline::new();
    ready(&upline);
    // A lift before the change is none, whatever its date.
    let lifted = json!({"type": "hold_lifted", "on": tomorrow, "producer": "A", "reason": "bank_changed", "actor": "Carol"});
    upline.feed(&["import", "-"], lifted.to_string().as_bytes()).succeeds();
    // The commitment of the new account, dated for years to come.
    set(&upline, &BANKS.replace("12345678,", "12345679,")).succeeds();
    let fact = upline.log().into_iter().rev().find(|event| event["type"] == "bank_details_set").unwrap();
    let later = |on: &str, commitment: &Value| {
        json!({"type": "bank_details_set", "on": on, "producer": "A", "commitment": commitment, "actor": "Ann", "approved_by": "Bob"}).to_string()
    };
    upline.feed(&["import", "-"], later("2199-01-01", &fact["commitment"]).as_bytes()).succeeds();
    assert_eq!(held(&upline), waits);
    let old = upline.log().into_iter().find(|event| event["type"] == "bank_details_set").unwrap();
    upline.feed(&["import", "-"], later("2199-01-02", &old["commitment"]).as_bytes()).succeeds();
    assert_eq!(held(&upline), waits, "a change dated in the future holds from now on");
    // Somebody else who says the same again has not changed it.
    upline
        .feed(&["import", "-"], later(&today(), &old["commitment"]).replace("Ann", "Xaver").as_bytes())
        .succeeds();
    // Who changed it is erased, comes again, and is somebody else.
    let ann = upline.rows(&["directory"]);
    let ann = ann.as_array().unwrap().iter().find(|row| row["name"] == "Ann").unwrap()["code"].clone();
    lift(&upline, "Ann").fails(1, "somebody else than who changed it");
    upline.run(&["directory", "--erase", ann.as_str().unwrap()]).succeeds();
    lift(&upline, "Ann").fails(1, "was erased");
    lift(&upline, "Carol").fails(1, "was erased");
    assert_eq!(held(&upline), waits);
    // The directory has the account that was set last by upline directory, the log another: nothing is paid.
    assert_eq!(upline.run(&["verify"]).code, Some(1));
}

#[test]
fn a_payment_file_of_no_run_is_refused() {
    let upline = Upline::new();
    ready(&upline);
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let fact = json!({"type": "payment_file_written", "on": "2026-06-30", "run": 1, "file": hash, "pay_on": "2026-07-01",
        "total": "1.00", "credits": 1, "originator": hash, "accounts": hash});
    let done = upline.feed(&["import", "--format", "json", "-"], fact.to_string().as_bytes());
    assert_eq!(done.json()["refusals"][0]["field"], "run", "{done:?}");
}
