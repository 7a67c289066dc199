//! Bank details of producers: all of a file or none, shown by their end, erased with the name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::Upline;
use serde_json::json;

const BOOK: &str = r#"{"type":"carrier_added","on":"2025-01-01","carrier":"C1","name":"Ashford Life"}
{"type":"producer_added","on":"2025-01-01","producer":"A001","kind":"agent","name":"Zebedee Quux"}
{"type":"producer_added","on":"2025-01-01","producer":"MGA","kind":"mga"}
"#;

const BANKS: &str = "producer,routing,account,kind
A001,123456780,123456789,checking
MGA,987654320,55-0012,savings
";

#[test]
fn bank_details_are_set_of_all_or_none_and_shown_by_their_end() {
    let upline = Upline::with(BOOK);
    upline.write("banks.csv", BANKS);
    let set = |upline: &Upline| {
        upline.rows(&["directory", "--bank", "banks.csv", "--actor", "Ann", "--approved-by", "Bob"])
    };
    assert_eq!(set(&upline), json!([{"new": 2, "changed": 0, "unchanged": 0}]));
    upline.write("banks.csv", BANKS.replace("55-0012", "55-0013"));
    assert_eq!(set(&upline), json!([{"new": 0, "changed": 1, "unchanged": 1}]));

    for format in ["table", "csv", "json"] {
        let shown = upline.run(&["directory", "--format", format]).stdout;
        assert!(shown.contains("…6789") && shown.contains("123456780"), "{shown}");
        assert!(!shown.contains("123456789") && !shown.contains("55-0013"), "{shown}");
    }
    let mga = json!({"kind":"producer","code":"MGA","name":null,"npn":null,"state":"kept",
        "routing":"987654320","account":"…013","account_kind":"savings"});
    assert!(upline.rows(&["directory"]).as_array().unwrap().contains(&mga));

    // A wrong line: each wrong cell is told, and the right ones are not set either.
    let before = upline.read("ledger/directory.jsonl");
    upline.write("banks.csv", BANKS.replace("55-0012", "1") + "A002,123456789,7,cheque\n");
    let done = upline.run(&["directory", "--bank", "banks.csv", "--actor", "Ann", "--approved-by", "Bob"]);
    done.fails(1, "banks.csv, line 4, column producer: producer A002 was never added");
    done.fails(1, "banks.csv, line 4, column routing: is \"123456789\", but its check digit does not hold");
    done.fails(1, "banks.csv, line 4, column kind: is \"cheque\"");
    done.fails(1, "no bank details were set");
    assert_eq!(upline.read("ledger/directory.jsonl"), before);
    upline
        .run(&["directory", "--bank", "nowhere.csv", "--actor", "Ann", "--approved-by", "Bob"])
        .fails(1, "nowhere.csv cannot be opened");
    upline.verified();
}

#[test]
fn bank_details_are_erased_with_the_name_and_restored_with_a_backup() {
    let upline = Upline::with(BOOK);
    upline.write("banks.csv", BANKS);
    upline.run(&["directory", "--bank", "banks.csv", "--actor", "Ann", "--approved-by", "Bob"]).succeeds();
    upline.run(&["backup", "backup.tar"]).succeeds();
    upline.run(&["directory", "--erase", "A001"]).succeeds();
    let kept = upline.read("ledger/directory.jsonl");
    assert!(!kept.contains("123456789") && kept.contains("55-0012"), "{kept}");
    upline
        .run(&["directory", "--bank", "banks.csv", "--actor", "Ann", "--approved-by", "Bob"])
        .fails(1, "what was kept of producer A001 was erased");
    assert_eq!(upline.read("ledger/directory.jsonl"), kept);

    upline.run(&["--ledger", "again", "restore", "backup.tar"]).succeeds();
    assert!(upline.read("again/directory.jsonl").contains("123456789"));
}
