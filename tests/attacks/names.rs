//! Names that look like others, and names that stay where they should not.

use super::common::Upline;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

/// Producer `A` with carrier `C1` and producer `A:C1` without one had one account, in answers and in exports.
#[test]
fn codes_with_a_colon_have_accounts_of_their_own() {
    let lines = r#"{"type":"carrier_added","on":"2025-01-01","carrier":"C1"}
{"type":"producer_added","on":"2025-01-01","producer":"A","kind":"agent"}
{"type":"producer_added","on":"2025-01-01","producer":"A:C1","kind":"agent"}
{"type":"adjustment_posted","on":"2025-02-01","producer":"A","carrier":"C1","account":"payable","amount":"900.00","code":"X","approved_by":"Ann"}
{"type":"adjustment_posted","on":"2025-02-01","producer":"A:C1","account":"payable","amount":"-900.00","code":"X","approved_by":"Ann"}
"#;
    let upline = Upline::with(lines);
    let rows = upline.rows(&["accounts"]);
    let names: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["account"].as_str().unwrap()).collect();
    assert!(names.contains(&"payable:A:C1") && names.contains(&"payable:A%3AC1"), "{names:?}");
    for (form, one, other) in [
        ("hledger", "payable:A:C1", "payable:A%3AC1"),
        ("beancount", "Liabilities:Payable:A:C1", "Liabilities:Payable:A-cC1"),
        ("csv", "payable:A:C1", "payable:A%3AC1"),
    ] {
        let done = upline.run(&["export", form, "-", "--as-of", "2026-01-01"]);
        done.succeeds();
        for name in [one, other] {
            assert!(done.stdout.contains(name), "no {name} in {form}: {}", done.stdout);
        }
    }
}

/// Whoever approved, recorded, settled or noted something is named in the directory alone, and can be erased.
#[test]
fn who_said_it_is_nowhere_in_the_log() {
    let mut lines = vec![
        json!({"type": "carrier_added", "on": "2025-01-01", "carrier": "C1", "note": "Called by Hieronymus Quibble"}),
        json!({"type": "producer_added", "on": "2025-01-01", "producer": "A", "kind": "agent"}),
    ];
    let adjusted = |amount: &str, approved_by: &str, actor: &str| {
        json!({"type": "adjustment_posted", "on": "2025-02-01", "producer": "A", "account": "payable",
            "amount": amount, "code": "X", "approved_by": approved_by, "actor": actor})
    };
    lines.push(adjusted("10.00", "Wilhelmina Quagmire", "Zebedee Quux"));
    lines.push(adjusted("11.00", "wilhelmina  QUAGMIRE", "Somebody Else"));
    let book: String = lines.iter().map(|line| format!("{line}\n")).collect();
    for upline in [Upline::with(&book), Upline::with_in_files(&book)] {
        let anywhere = |name: &str| -> Vec<String> {
            let mut found = Vec::new();
            for entry in fs::read_dir(upline.path("ledger")).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file()
                    && fs::read(&path).unwrap().windows(name.len()).any(|at| at == name.as_bytes())
                {
                    found.push(path.file_name().unwrap().to_string_lossy().into_owned());
                }
            }
            found
        };
        assert_eq!(anywhere("Quagmire"), ["directory.jsonl"]);
        let log = upline.log();
        assert_eq!(log[2]["approved_by"], "Wilhelmina Quagmire");
        assert_eq!(
            (&log[0]["note"], &log[2]["actor"]),
            (&json!("Called by Hieronymus Quibble"), &json!("Zebedee Quux"))
        );
        // One person is one, however it is written.
        let persons = || -> BTreeSet<(String, String)> {
            let rows = upline.rows(&["directory"]);
            let rows = rows.as_array().unwrap().iter().filter(|row| row["kind"] == "person");
            rows.map(|row| (row["code"].as_str().unwrap().to_owned(), row["name"].to_string())).collect()
        };
        assert_eq!(persons().len(), 3);
        // Importing the file again records nothing, whether or not a name was erased meanwhile.
        upline.run(&["directory", "--erase", "person:1", "--actor", "Zebedee Quux"]).succeeds();
        upline.run(&["directory", "--erase", "note:1"]).succeeds();
        let (events, _) = upline.verified();
        assert_eq!(events, 6, "an erasure is a fact, without what was erased");
        let again = upline.json(&["import", "--trust-recorded-at", "book.jsonl"]);
        assert_eq!((&again["recorded"], &again["already_recorded"]), (&json!(0), &json!(4)), "{again}");
        assert!(anywhere("Quagmire").is_empty() && anywhere("Quibble").is_empty());
        assert_eq!(upline.log()[2]["approved_by"], "person:1");
        assert_eq!(upline.log()[0]["note"], "note:1");
        upline.run(&["directory", "--erase", "person:1"]).fails(1, "nothing was kept of person person:1");
        upline.verified();
    }
}

/// A note tells two payments apart that are otherwise the same.
#[test]
fn a_note_makes_another_fact_and_a_name_does_not() {
    let upline = Upline::with(
        "{\"type\":\"producer_added\",\"on\":\"2025-01-01\",\"producer\":\"A\",\"kind\":\"agent\"}\n",
    );
    let repaid = |rest: Value| {
        let mut fact =
            json!({"type": "repayment_received", "on": "2025-02-01", "producer": "A", "amount": "5.00"});
        fact.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let done = upline.feed(&["import", "--format", "json", "-"], fact.to_string().as_bytes());
        done.json()["recorded"].as_u64().unwrap()
    };
    assert_eq!(repaid(json!({})), 1);
    assert_eq!(repaid(json!({"note": "second"})), 1);
    assert_eq!(repaid(json!({"note": "second"})), 0);
    assert_eq!(repaid(json!({"note": "second", "actor": "Ann"})), 0);
    assert_eq!(repaid(json!({"note": "third", "actor": "Ann"})), 1);
    assert_eq!(repaid(json!({"actor": "Ann"})), 0);
    upline.verified();
}

/// `actor: "person:3"` named whoever came third, and a number beyond all let ids begin again.
#[test]
fn an_id_that_was_never_given_names_nobody() {
    let upline = Upline::with(
        "{\"type\":\"producer_added\",\"on\":\"2025-01-01\",\"producer\":\"A\",\"kind\":\"agent\",\"actor\":\"Controller\"}\n",
    );
    let repaid = |amount: &str, actor: &str| {
        let fact = json!({"type": "repayment_received", "on": "2025-02-01", "producer": "A", "amount": amount, "actor": actor});
        upline.feed(&["import", "--format", "json", "-"], fact.to_string().as_bytes()).json()
    };
    for actor in ["person:2", "person:3", "person:18446744073709551615"] {
        assert_eq!(repaid("1.00", actor)["refusals"][0]["code"], "malformed", "{actor}");
    }
    // One that was given stands for its text.
    assert_eq!(repaid("2.00", "person:1")["recorded"], 1);
    assert_eq!(upline.log().last().unwrap()["actor"], "Controller");
    assert_eq!(repaid("3.00", "Dora")["recorded"], 1);
    assert_eq!(upline.log().last().unwrap()["actor"], "Dora");
    assert_eq!(repaid("3.00", "Dora")["already_recorded"], 1);
    // What was salvaged may have ids of another ledger; the next text gets one behind them.
    let trusted = json!({"type": "repayment_received", "on": "2025-02-01", "producer": "A", "amount": "4.00", "actor": "person:7"});
    upline.feed(&["import", "--trust-recorded-at", "-"], trusted.to_string().as_bytes()).succeeds();
    assert_eq!(repaid("5.00", "Eva")["recorded"], 1);
    let rows = upline.rows(&["directory"]);
    assert!(
        rows.as_array().unwrap().iter().any(|row| row["code"] == "person:8" && row["name"] == "Eva"),
        "{rows}"
    );
    // What was never given cannot be erased either, nor push the numbers to their end.
    for code in ["person:99", "person:18446744073709551615", "A", "note:1"] {
        let fact =
            json!({"type": "personal_data_erased", "on": "2025-02-01", "kind": "person", "code": code});
        let done = upline.feed(&["import", "--format", "json", "-"], fact.to_string().as_bytes());
        assert_eq!(done.json()["refusals"][0]["code"], "malformed", "{code}");
    }
    upline.verified();
}

/// The advice for a damaged directory brought an erased name back.
#[test]
fn a_rebuilt_directory_keeps_what_was_erased() {
    let book = "{\"type\":\"producer_added\",\"on\":\"2025-01-01\",\"producer\":\"A\",\"kind\":\"agent\",\"name\":\"Zebedee Quux\"}\n";
    let upline = Upline::with(book);
    upline.run(&["directory", "--erase", "A"]).succeeds();
    upline.run(&["directory", "--rebuild"]).succeeds();
    upline.run(&["import", "book.jsonl"]).succeeds();
    assert!(!upline.read("ledger/directory.jsonl").contains("Zebedee"));
    upline.run(&["directory", "--erase", "A"]).fails(1, "nothing was kept");
}
