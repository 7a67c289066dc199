//! What a salvage leaves behind must be said.

use super::common::{premiums, three_levels};
use super::on_both;
use serde_json::json;
use std::fs;

const BOOK: &str = r#"{"type":"carrier_added","on":"2025-01-01","carrier":"C1"}
{"type":"producer_added","on":"2025-01-01","producer":"A","kind":"agent","name":"Zebedee Quux"}
{"type":"producer_added","on":"2025-01-01","producer":"B","kind":"agent","name":"Ottilie Vane","actor":"Hieronymus Quibble"}
"#;

/// It said "Nothing is lost" although bank details and erasures were.
#[test]
fn a_salvage_takes_along_what_is_in_no_fact() {
    on_both(|upline| {
        upline.write("book.jsonl", BOOK);
        upline.run(&["import", "book.jsonl"]).succeeds();
        upline.write("banks.csv", "producer,routing,account,kind\nB,021000021,987654,savings\n");
        upline
            .run(&["directory", "--bank", "banks.csv", "--actor", "Ann", "--approved-by", "Bob"])
            .succeeds();
        upline.run(&["directory", "--erase", "A"]).succeeds();
        upline.run(&["directory", "--erase", "person:1"]).succeeds();
        let done = upline.run(&["salvage", "facts.jsonl"]);
        done.succeeds();
        done.fails(0, "bank details of 1 producers, what was erased of 2 names and notes");
        done.fails(0, "Nothing is lost.");
        let facts = upline.read("facts.jsonl");
        assert!(
            !facts.contains("Zebedee") && !facts.contains("Quibble") && facts.contains("Ottilie Vane"),
            "{facts}"
        );
        // The facts make the same ledger; the name stays erased, whoever brings it again.
        upline.run(&["--ledger", "again", "init"]).succeeds();
        upline.run(&["--ledger", "again", "import", "--trust-recorded-at", "facts.jsonl"]).succeeds();
        upline.run(&["--ledger", "again", "import", "book.jsonl"]).succeeds();
        let kept = upline.read("again/directory.jsonl");
        assert!(!kept.contains("Zebedee") && !kept.contains("Quibble"), "{kept}");
        // With what lies beside, all of it is there.
        assert_eq!(upline.run(&["--ledger", "again", "verify"]).code, Some(1), "no bank details yet");
        for entry in fs::read_dir(upline.path("facts.jsonl.beside")).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, upline.path("again").join(path.file_name().unwrap())).unwrap();
        }
        upline.run(&["--ledger", "again", "verify"]).succeeds();
        let (one, other) = (upline.log(), upline.run(&["--ledger", "again", "log"]).stdout);
        let types = |events: &[serde_json::Value]| {
            events.iter().map(|event| event["type"].clone()).collect::<Vec<_>>()
        };
        let other: Vec<serde_json::Value> =
            other.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(types(&one), types(&other));
        // Where the directory is damaged, that is said.
        let path = upline.path("ledger/directory.jsonl");
        fs::write(&path, fs::read_to_string(&path).unwrap().replace("Ottilie", "ottilie")).unwrap();
        let done = upline.run(&["salvage", "more.jsonl"]);
        done.fails(1, "Lost: the directory of names is damaged");
        assert!(!done.stderr.contains("Nothing is lost"), "{done:?}");
    });
}

/// Advice that fits: the log is whole where only its directory is damaged.
#[test]
fn a_damaged_directory_is_no_damaged_log() {
    on_both(|upline| {
        upline.write("book.jsonl", BOOK);
        upline.run(&["import", "book.jsonl"]).succeeds();
        let path = upline.path("ledger/directory.jsonl");
        let sound = fs::read_to_string(&path).unwrap();
        fs::write(&path, sound.replace("Ottilie", "ottilie")).unwrap();
        let done = upline.run(&["directory"]);
        done.fails(3, "The log is not touched by that");
        done.fails(3, "upline directory --rebuild");
        assert!(!done.stderr.contains("salvage"), "{done:?}");
        let verify = upline.run(&["verify"]);
        assert_eq!(verify.code, Some(1));
        assert!(
            verify.stdout.contains("upline directory --rebuild") && !verify.stdout.contains("salvage"),
            "{}",
            verify.stdout
        );
        // Rebuilt, and filled again by the facts: names, and who recorded what.
        upline.run(&["directory", "--rebuild"]).succeeds();
        assert_eq!(upline.json(&["import", "book.jsonl"])["recorded"], 0);
        assert_eq!(fs::read_to_string(&path).unwrap(), sound);
        assert_eq!(upline.log()[2]["actor"], json!("Hieronymus Quibble"));
    });
}

/// An erased person's id went to the next one who was named.
#[test]
fn salvaged_facts_name_who_they_named() {
    on_both(|upline| {
        let adjusted = |amount: &str, actor: &str, approved_by: &str| {
            json!({"type": "adjustment_posted", "on": "2025-02-01", "producer": "A", "account": "payable", "amount": amount,
                "code": "X", "approved_by": approved_by, "actor": actor})
        };
        let producer =
            json!({"type": "producer_added", "on": "2025-01-01", "producer": "A", "kind": "agent"});
        let (one, other) = (adjusted("1.00", "Zoe", "Yan"), adjusted("2.00", "Xaver", "Zoe"));
        upline.write("book.jsonl", format!("{producer}\n{one}\n{other}\n"));
        upline.run(&["import", "book.jsonl"]).succeeds();
        upline.run(&["directory", "--erase", "person:1"]).succeeds();
        upline.run(&["salvage", "facts.jsonl"]).succeeds();
        upline.run(&["--ledger", "again", "init"]).succeeds();
        upline.run(&["--ledger", "again", "import", "--trust-recorded-at", "facts.jsonl"]).succeeds();
        let named = |ledger: &str| -> Vec<(String, String)> {
            let log = upline.run(&["--ledger", ledger, "log", "--from", "2"]).stdout;
            let events = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            let text = |event: &serde_json::Value, member: &str| {
                event[member].as_str().unwrap_or_default().to_owned()
            };
            events.map(|event| (text(&event, "approved_by"), text(&event, "actor"))).collect()
        };
        let expected =
            [("person:1", "Zoe"), ("Zoe", "Xaver"), ("", "")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(named("ledger"), expected);
        assert_eq!(named("again"), expected);
        fs::copy(upline.path("facts.jsonl.beside/directory.jsonl"), upline.path("again/directory.jsonl"))
            .unwrap();
        assert_eq!(named("again"), expected);
    });
}

/// A statement that is gone was not missed, and forged bank details went along.
#[test]
fn a_salvage_misses_what_the_log_names() {
    let upline = super::Upline::new();
    upline.write("book.jsonl", BOOK);
    upline.run(&["import", "book.jsonl"]).succeeds();
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let received = json!({"type": "statement_received", "on": "2025-01-31", "file": hash, "profile": "life", "version": 1,
        "profile_file": hash, "period": "2025-01", "lines": 1, "total": "1.00"});
    upline.feed(&["import", "-"], received.to_string().as_bytes()).succeeds();
    upline.run(&["salvage", "facts.jsonl"]).fails(1, "is missing");
    let commitment = json!({"type": "bank_details_set", "on": "2025-01-31", "producer": "B", "commitment": hash,
        "approved_by": "Ann", "actor": "Bob"});
    upline.feed(&["import", "-"], commitment.to_string().as_bytes()).succeeds();
    upline.run(&["salvage", "more.jsonl"]).fails(1, "Lost: bank details: those of B, set at 5, are gone");
}

/// A salvage that had waited for a writer said that a ledger was not whole, since that held one event more than was
/// acknowledged when it began to wait. What is noted of it may lag behind, as after a power cut; nothing is lost then.
#[test]
fn more_than_was_acknowledged_is_no_loss() {
    on_both(|upline| {
        upline.write("facts.jsonl", three_levels());
        upline.run(&["import", "facts.jsonl"]).succeeds();
        let earlier = fs::read(upline.path("ledger/acknowledged")).unwrap();
        upline.write("more.jsonl", premiums("P-1", "100.00", 1).replace("01-15", "06-15"));
        upline.run(&["import", "more.jsonl"]).succeeds();
        let (position, root) = upline.verified();
        fs::write(upline.path("ledger/acknowledged"), earlier).unwrap();
        let answer = upline.json(&["salvage", "all.jsonl"]);
        assert_eq!(answer["whole"], true, "{answer}");
        assert_eq!((&answer["position"], &answer["root"]), (&json!(position), &json!(root)));
        assert!(answer["acknowledged"].as_u64() < Some(position));
    });
}
