//! Importing: all or nothing, once, from every kind of file, and what is said of lines that are refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{Done, Upline, issue, premiums, setup};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Write;

fn book() -> String {
    setup(&[("100", "1.00")], &[("A001", "100", None, "")]) + &issue("P-1", "1200.00", "A001")
}

fn premium(on: &str, amount: &str) -> String {
    format!(r#"{{"type":"premium_paid","on":"{on}","carrier":"C1","policy":"P-1","amount":"{amount}"}}"#)
        + "\n"
}

/// A ledger with the book, and nothing paid.
fn ledger() -> Upline {
    Upline::with(&book())
}

fn import(upline: &Upline, args: &[&str]) -> (Option<i32>, Value) {
    let done = upline.run(&[&["import", "--format", "json"], args].concat());
    (done.code, done.json())
}

#[track_caller]
fn check(answer: &Value, recorded: u64, already_recorded: u64, codes: &[&str]) {
    let refused: Vec<&str> =
        answer["refusals"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
    let got = (answer["recorded"].as_u64(), answer["already_recorded"].as_u64(), refused);
    assert_eq!(got, (Some(recorded), Some(already_recorded), codes.to_vec()), "{answer}");
    assert_eq!(answer["refused"], codes.len());
}

fn payable(upline: &Upline) -> Value {
    upline.rows(&["balance"])[0]["payable"].clone()
}

#[test]
fn a_file_with_a_refused_line_records_nothing() {
    let upline = ledger();
    let (position, root) = upline.verified();
    upline.write("july.jsonl", premium("2025-07-01", "100.00") + &premium("2025-01-01", "100.00") + "{}\n");
    let (code, answer) = import(&upline, &["july.jsonl"]);
    assert_eq!(code, Some(1));
    check(&answer, 0, 0, &["dates", "malformed"]);
    assert_eq!((&answer["events"], &answer["position"]), (&json!(0), &json!(position)));
    let first = &answer["refusals"][0];
    assert_eq!((&first["file"], &first["line"]), (&json!("july.jsonl"), &json!(2)));
    assert_eq!(first["field"], "on");
    assert_eq!(first["message"], "2025-01-01 is before policy C1/P-1 was issued, on 2025-01-15");
    assert_eq!(upline.verified(), (position, root));
    assert!(!upline.path("july.jsonl.refused.jsonl").exists());
    let words = upline.run(&["import", "july.jsonl"]);
    assert_eq!(words.code, Some(1));
    assert!(words.stdout.contains("nothing was recorded"), "{words:?}");
}

#[test]
fn a_refused_file_stops_the_ones_behind_it() {
    let upline = ledger();
    upline.write("a.jsonl", premium("2025-02-01", "1.00"));
    upline.write("b.jsonl", "nonsense\n");
    upline.write("c.jsonl", premium("2025-03-01", "2.00"));
    let (code, answer) = import(&upline, &["a.jsonl", "b.jsonl", "c.jsonl"]);
    assert_eq!(code, Some(1));
    check(&answer, 1, 0, &["malformed"]);
    assert_eq!(payable(&upline), "1.00");
    let (_, answer) = import(&upline, &["--keep-going", "a.jsonl", "b.jsonl", "c.jsonl"]);
    check(&answer, 1, 1, &["malformed"]);
    assert_eq!(payable(&upline), "3.00");
}

#[test]
fn keep_going_records_the_rest_and_gives_the_refused_lines_back() {
    let upline = ledger();
    let unknown = premium("2025-08-01", "5.00").replace("P-1", "P-9");
    let lines = premium("2025-07-01", "100.00") + &unknown + "half a li\n" + &premium("2025-08-01", "100.00");
    upline.write("july.jsonl", lines);
    let (code, answer) = import(&upline, &["--keep-going", "july.jsonl"]);
    assert_eq!(code, Some(1));
    check(&answer, 2, 0, &["unknown_policy", "malformed"]);
    assert_eq!(payable(&upline), "200.00");
    let refused: Vec<Value> = upline
        .read("july.jsonl.refused.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(refused.len(), 2);
    assert_eq!((&refused[0]["line"], &refused[0]["code"]), (&json!(2), &json!("unknown_policy")));
    assert_eq!(refused[0]["field"], "policy");
    assert_eq!(refused[0]["message"], "policy C1/P-9 was never issued");
    assert_eq!(refused[0]["fact"], serde_json::from_str::<Value>(&unknown).unwrap());
    assert_eq!((&refused[1]["line"], &refused[1]["fact"]), (&json!(3), &json!("half a li")));
    // Of stdin they are only in the report.
    let done = upline.feed(&["import", "--keep-going", "-"], b"half a li\n");
    assert_eq!(done.code, Some(1));
    assert!(done.stdout.contains("stdin") && !upline.path("-.refused.jsonl").exists(), "{done:?}");
}

#[test]
fn a_dry_run_records_nothing() {
    let upline = ledger();
    let before = upline.verified();
    upline.write("july.jsonl", premium("2025-07-01", "100.00") + "{}\n");
    let (code, answer) = import(&upline, &["--dry-run", "july.jsonl"]);
    assert_eq!(code, Some(1));
    check(&answer, 1, 0, &["malformed"]);
    upline.write("july.jsonl", premium("2025-07-01", "100.00"));
    let (code, answer) = import(&upline, &["--dry-run", "july.jsonl"]);
    assert_eq!(code, Some(0));
    check(&answer, 1, 0, &[]);
    assert_eq!(upline.verified(), before);
    upline.run(&["import", "--dry-run", "--keep-going", "july.jsonl"]).fails(2, "cannot be used with");
}

#[test]
fn a_file_is_recorded_once_and_identical_lines_stay_two() {
    let upline = ledger();
    let twice = premium("2025-07-01", "100.00").repeat(2) + &premium("2025-08-01", "100.00");
    upline.write("july.jsonl", &twice);
    let (_, answer) = import(&upline, &["july.jsonl"]);
    check(&answer, 3, 0, &[]);
    assert_eq!(payable(&upline), "300.00");
    let before = upline.verified();
    let (code, answer) = import(&upline, &["july.jsonl"]);
    assert_eq!(code, Some(0));
    check(&answer, 0, 3, &[]);
    assert_eq!(answer["already_recorded_from"], json!({"july.jsonl": 3}));
    // The order of members and spaces are not content; a third one in another file is one more.
    let (head, tail) = (
        r#"{ "amount":"100.00", "policy":"P-1","carrier":"C1", "#,
        r#""on":"2025-07-01","type":"premium_paid"}"#,
    );
    upline.write("august.jsonl", format!("{head}{tail}\n").repeat(3));
    let (_, answer) = import(&upline, &["august.jsonl"]);
    check(&answer, 1, 2, &[]);
    assert_eq!(answer["already_recorded_from"], json!({"july.jsonl": 2}));
    assert_eq!(payable(&upline), "400.00");
    assert_eq!(upline.verified().0, before.0 + 1);
    let words = upline.run(&["import", "august.jsonl"]).stdout;
    assert!(words.contains("2 from july.jsonl") && words.contains("1 from august.jsonl"), "{words}");
}

#[test]
fn an_id_stands_for_one_content() {
    let upline = ledger();
    let with_id = |amount: &str| {
        premium("2025-07-01", amount).replace("{", r#"{"id":"6f1f3c8e-8c1f-4e69-9a44-0d2f8f6f9a01","#)
    };
    upline.write("a.jsonl", with_id("100.00"));
    check(&import(&upline, &["a.jsonl"]).1, 1, 0, &[]);
    check(&import(&upline, &["a.jsonl"]).1, 0, 1, &[]);
    upline.write("b.jsonl", with_id("101.00"));
    let (code, answer) = import(&upline, &["b.jsonl"]);
    assert_eq!(code, Some(1));
    check(&answer, 0, 0, &["duplicate"]);
    assert_eq!(answer["refusals"][0]["field"], "id");
    // In the log it has that id.
    assert!(upline.log().iter().any(|event| event["id"] == "6f1f3c8e-8c1f-4e69-9a44-0d2f8f6f9a01"));
}

#[test]
fn recorded_at_counts_only_where_it_is_trusted() {
    let upline = ledger();
    let at =
        |day: &str, stamp: &str| premium(day, "1.00").replace("{", &format!(r#"{{"recorded_at":"{stamp}","#));
    upline.write("a.jsonl", at("2025-07-01", "2090-01-01T00:00:00Z"));
    check(&import(&upline, &["a.jsonl"]).1, 1, 0, &[]);
    let last = |upline: &Upline| upline.log().last().unwrap()["recorded_at"].as_str().unwrap().to_owned();
    assert!(last(&upline).as_str() < "2090");
    upline.write("b.jsonl", at("2025-07-02", "2090-01-01T00:00:00Z"));
    check(&import(&upline, &["--trust-recorded-at", "--accept-clock", "b.jsonl"]).1, 1, 0, &[]);
    assert_eq!(last(&upline), "2090-01-01T00:00:00Z");
    upline.write("c.jsonl", at("2025-07-03", "2089-12-31T23:59:59Z"));
    let (code, answer) = import(&upline, &["--trust-recorded-at", "c.jsonl"]);
    assert_eq!(code, Some(1));
    check(&answer, 0, 0, &["dates"]);
    assert_eq!(answer["refusals"][0]["field"], "recorded_at");
    // A fact that is recorded already is that, whatever its time.
    upline.write("a-again.jsonl", at("2025-07-01", "2001-01-01T00:00:00Z"));
    check(&import(&upline, &["--trust-recorded-at", "a-again.jsonl"]).1, 0, 1, &[]);
    // Times ahead of the clock hold later ones back.
    upline.write("d.jsonl", premium("2025-07-04", "1.00"));
    check(&import(&upline, &["--accept-clock", "d.jsonl"]).1, 1, 0, &[]);
    assert_eq!(last(&upline), "2090-01-01T00:00:00Z");
}

fn gz(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn compressed_files_are_taken_as_they_are() {
    let upline = ledger();
    let months = premiums("P-1", "100.00", 3);
    upline.write("a.jsonl.gz", gz(&months));
    check(&import(&upline, &["a.jsonl.gz"]).1, 3, 0, &[]);
    upline.write("b.jsonl.zst", zstd::encode_all(months.as_bytes(), 1).unwrap());
    check(&import(&upline, &["b.jsonl.zst"]).1, 0, 3, &[]);
    // Two gzip members one after the other are one file.
    upline.write(
        "c.jsonl.gz",
        [gz(&premium("2025-07-01", "1.00")), gz(&premium("2025-07-02", "1.00"))].concat(),
    );
    check(&import(&upline, &["c.jsonl.gz"]).1, 2, 0, &[]);
    upline.write("d.jsonl.gz", premium("2025-07-05", "1.00"));
    upline.run(&["import", "d.jsonl.gz"]).fails(1, "named like a gzip file, but holds no gzip data");
}

#[test]
fn a_file_that_is_cut_off_records_nothing() {
    let upline = ledger();
    let before = upline.verified();
    let lines: String =
        (0..3_000).map(|n| premium("2025-07-01", &format!("{}.{:02}", n + 1, n % 100))).collect();
    for bytes in [gz(&lines), zstd::encode_all(lines.as_bytes(), 1).unwrap()] {
        upline.write("cut.jsonl", &bytes[..bytes.len() / 2]);
        upline.run(&["import", "cut.jsonl"]).fails(1, "cut off");
        assert_eq!(upline.verified(), before);
    }
}

#[test]
fn line_ends_byte_order_marks_and_blank_lines_do_not_matter() {
    let upline = ledger();
    let crlf = format!(
        "\u{feff}\r\n{}\r\n   \r\n\r\n{}",
        premium("2025-07-01", "1.00").trim_end(),
        premium("2025-08-01", "1.00").trim_end()
    );
    upline.write("windows.jsonl", crlf);
    check(&import(&upline, &["windows.jsonl"]).1, 2, 0, &[]);
    upline.write("unix.jsonl", premium("2025-07-01", "1.00") + &premium("2025-08-01", "1.00"));
    check(&import(&upline, &["unix.jsonl"]).1, 0, 2, &[]);
}

#[test]
fn rubbish_is_told_line_by_line() {
    let upline = ledger();
    let long = premium("2025-07-01", "1.00").replace("{", &format!(r#"{{"note":"{}","#, "x".repeat(70_000)));
    let mut bytes = premium("2025-07-02", "1.00").into_bytes();
    bytes.extend_from_slice(long.as_bytes());
    bytes.extend_from_slice(b"\xff\xfe not text\n[1,2]\n\0\0\0\n");
    bytes.extend_from_slice(b"{\"type\":\"premium_paid\",\"on\":\"2025-07-03\",\"amou");
    upline.write("rubbish.jsonl", &bytes);
    let (_, answer) = import(&upline, &["--keep-going", "rubbish.jsonl"]);
    check(&answer, 1, 0, &["malformed"; 5]);
    let says: Vec<&str> =
        answer["refusals"].as_array().unwrap().iter().map(|r| r["message"].as_str().unwrap()).collect();
    for (message, word) in
        says.iter().zip(["at most 65536", "UTF-8", "JSON object", "NUL", "ends in the middle"])
    {
        assert!(message.contains(word), "{word}: {message}");
    }
    let refused = upline.read("rubbish.jsonl.refused.jsonl");
    assert_eq!(refused.lines().count(), 5);
}

#[test]
fn files_of_another_kind_are_told() {
    let upline = ledger();
    let before = upline.verified();
    std::fs::create_dir(upline.path("folder")).unwrap();
    upline.run(&["import", "folder"]).fails(1, "folder is a directory");
    for (name, bytes, word) in [
        ("book.pdf", &b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"[..], "PDF"),
        ("book.xlsx", b"PK\x03\x04\x14\x00", "save the sheet as CSV"),
        ("utf16.csv", b"\xff\xfet\x00y\x00", "UTF-16"),
    ] {
        upline.write(name, bytes);
        upline.run(&["import", name]).fails(1, word);
    }
    upline.write("empty.jsonl", "");
    let done = upline.run(&["import", "empty.jsonl"]);
    done.succeeds();
    assert!(done.stdout.contains("no fact in it"), "{done:?}");
    assert_eq!(upline.verified(), before);
}

#[test]
fn stdin_and_csv() {
    let upline = ledger();
    let done: Done =
        upline.feed(&["import", "--format", "json", "-"], premium("2025-07-01", "1.00").as_bytes());
    check(&done.json(), 1, 0, &[]);
    upline.write("july.jsonl", premium("2025-07-01", "1.00"));
    let (_, answer) = import(&upline, &["july.jsonl"]);
    check(&answer, 0, 1, &[]);
    assert_eq!(answer["already_recorded_from"], json!({"-": 1}));
    let csv = "type,on,carrier,policy,amount,months,note\n\
               premium_paid,2025-07-01,C1,P-1,1.00,,\n\
               premium_paid,2025-08-01,C1,P-1,2.00,1,\"two\nlines, \"\"quoted\"\"\"\n\
               premium_paid,2025-09-01,C1,P-1,zero,,\n";
    upline.write("book.csv", csv);
    let (_, answer) = import(&upline, &["--keep-going", "book.csv"]);
    check(&answer, 1, 1, &["malformed"]);
    assert_eq!(
        (&answer["refusals"][0]["line"], &answer["refusals"][0]["field"]),
        (&json!(5), &json!("amount"))
    );
    assert_eq!(payable(&upline), "3.00");
    assert_eq!(upline.log().last().unwrap()["note"], "two\nlines, \"quoted\"");
    upline.write("issued.csv", "type,on,carrier,policy,product,annual_premium,mode,writing\npolicy_issued,2025-03-01,C1,P/2,FE,600.00,monthly,\"[{\"\"producer\"\":\"\"A001\"\",\"\"share\"\":\"\"1\"\"}]\"\n");
    check(&import(&upline, &["issued.csv"]).1, 1, 0, &[]);
    assert_eq!(upline.rows(&["chain", "--policy", "C1/P/2"])[0]["producer"], "A001");
}

/// A premium on a lapsed policy earned nothing, and nobody said so.
#[test]
fn a_premium_in_suspense_says_so() {
    let upline = Upline::with(&common::three_levels());
    let premium = |on: &str, rest: &[&str]| {
        let fact = [
            "record",
            "premium_paid",
            "--on",
            on,
            "--carrier",
            "C1",
            "--policy",
            "P-1",
            "--amount",
            "100.00",
        ];
        upline.run(&[&fact[..], rest].concat())
    };
    let done = premium("2025-07-15", &[]);
    done.succeeds();
    assert!(done.stdout.contains("the premium of 100.00 went to suspense"), "{}", done.stdout);
    assert_eq!(premium("2025-08-15", &["--format", "json"]).json()["suspended"], true);
    assert_eq!(premium("2025-05-20", &["--format", "json"]).json()["suspended"], false);
    let explain = ["explain", "--policy", "C1/P-1", "--as-of", "2025-08-31"];
    let table = upline.run(&explain).stdout;
    assert!(table.contains("the premium of 100.00 on 2025-07-15 went to suspense"), "{table}");
    assert!(table.contains("it is applied when the policy is reinstated"), "{table}");
    let reinstated =
        ["record", "policy_reinstated", "--on", "2025-08-20", "--carrier", "C1", "--policy", "P-1"];
    upline.run(&reinstated).succeeds();
    let suspended = upline.json(&explain)["suspended"].take();
    let applied: Vec<_> = suspended.as_array().unwrap().iter().map(|one| one["applied"].clone()).collect();
    assert_eq!(applied, ["2025-08-20", "2025-08-20"]);
    // Before the lapse nothing was.
    let early = ["explain", "--policy", "C1/P-1", "--as-of", "2025-06-14"];
    assert_eq!(upline.json(&early)["suspended"].as_array().unwrap().len(), 0);
}
