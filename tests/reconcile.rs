//! Carriers' statements through the real binary: what every line becomes, and that nothing is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::Upline;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const PROFILE: &str = r#"code = "c1"
version = 1
from = 2025-01-01
carrier = "C1"
shows = "net"

[file]
kind = "csv"

[columns]
policy = "Policy"
writing_number = "Agent"
code = "Code"
on = "Date"
amount = "Amount"
premium = "Premium"

[dates]
format = "YYYY-MM-DD"

[codes]
ADV = { kind = "advance" }
FYC = { kind = "earned" }
CHB = { kind = "chargeback" }
ADJ = { kind = "adjustment" }

[aliases.producers]
"70014" = "A"

[aliases.policies]
"000P1" = "C1/P1"
"#;

const TITLES: &str = "Policy,Agent,Code,Date,Amount,Premium\n";

/// A is paid as it earns, B is advanced; D stands above both.
const BOOK: &str = r#"{"type":"carrier_added","on":"2025-01-01","carrier":"C1"}
{"type":"producer_added","on":"2025-01-01","producer":"A","kind":"agent"}
{"type":"producer_added","on":"2025-01-01","producer":"B","kind":"agent"}
{"type":"producer_added","on":"2025-01-01","producer":"D","kind":"imo"}
{"type":"grid_published","on":"2025-01-01","carrier":"C1","product":"FE","levels":{"110":[{"years":"1+","rate":"1.10"}],"140":[{"years":"1+","rate":"1.40"}]},"chargeback":[{"reason":"lapse","months":"0-12","rule":"pro_rata"},{"reason":"lapse","months":"13+","rule":"none"}]}
{"type":"producer_contracted","on":"2025-01-01","producer":"D","carrier":"C1","level":"140"}
{"type":"producer_contracted","on":"2025-01-01","producer":"A","carrier":"C1","level":"110","upline":"D"}
{"type":"producer_contracted","on":"2025-01-01","producer":"B","carrier":"C1","level":"110","upline":"D","advance":{"months":9}}
{"type":"policy_issued","on":"2026-06-01","carrier":"C1","policy":"P1","product":"FE","annual_premium":"1200.00","mode":"monthly","writing":[{"producer":"A","share":"1"}]}
{"type":"premium_paid","on":"2026-06-01","carrier":"C1","policy":"P1","amount":"100.00"}
"#;

fn with_book(more: &str) -> Upline {
    let upline = Upline::with(&format!("{BOOK}{more}"));
    upline.write("c1.toml", PROFILE);
    upline
}

/// Takes a statement of June 2026 in and returns the answer.
fn reconciled(upline: &Upline, name: &str, lines: &str) -> Value {
    upline.write(name, format!("{TITLES}{lines}"));
    let done =
        upline.run(&["reconcile", name, "--profile", "c1.toml", "--period", "2026-06", "--format", "json"]);
    done.succeeds();
    done.json()
}

/// The class and the difference of each row; the sums are conserved for everybody.
fn classes(answer: &Value) -> Vec<(String, String)> {
    for statement in answer["statements"].as_array().unwrap() {
        for sums in statement["sums"].as_array().unwrap() {
            assert_eq!(sums["conserved"], true, "{sums}");
            let cents =
                |name: &str| -> i64 { sums[name].as_str().unwrap().replace('.', "").parse().unwrap() };
            let sum =
                cents("expected") + cents("unexpected") - cents("missing") - cents("short") + cents("over");
            assert_eq!(sum, cents("received"), "{sums}");
        }
    }
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    answer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (text(row, "class"), text(row, "difference")))
        .collect()
}

#[track_caller]
fn check(more: &str, lines: &str, expected: &[(&str, &str)]) {
    let upline = with_book(more);
    let found = classes(&reconciled(&upline, "june.csv", lines));
    let expected: Vec<(String, String)> =
        expected.iter().map(|(class, by)| ((*class).to_owned(), (*by).to_owned())).collect();
    assert_eq!(found, expected, "{lines}");
    upline.verified();
}

/// The upline's own 30.00, as expected, so that only A's 110.00 is looked at.
const OF_D: &str = "P1,D,FYC,2026-06-03,30.00,\n";

#[test]
fn what_is_expected_is_on_time_late_short_over_or_missing() {
    for (line, class, difference) in [
        ("P1,A,FYC,2026-06-03,110.00,", "on_time", "0.00"),
        ("000P1,70014,FYC,2026-06-03,110.00,", "on_time", "0.00"),
        ("P1,A,FYC,2026-06-10,110.00,", "late", "0.00"),
        ("P1,A,FYC,2026-06-03,99.00,", "short", "-11.00"),
        ("P1,A,FYC,2026-06-03,121.00,", "over", "11.00"),
        ("P1,A,FYC,2026-06-03,110.01,", "on_time", "0.01"),
        ("P1,A,FYC,2026-06-03,105.00,100.00", "wrong_rate", "-5.00"),
    ] {
        check("", &format!("{OF_D}{line}\n"), &[("on_time", "0.00"), (class, difference)]);
    }
    check("", OF_D, &[("on_time", "0.00"), ("missing", "-110.00")]);
}

#[test]
fn a_line_that_nobody_expects_says_why() {
    for (line, class) in [
        ("P1,A,FYC,2026-06-03,110.00,", "duplicate"),
        ("P9,A,FYC,2026-06-03,10.00,", "unknown_policy"),
        ("P1,99999,FYC,2026-06-03,10.00,", "unknown_producer"),
        ("P1,A,ADV,2026-06-03,10.00,", "unexpected"),
        ("P1,A,ADJ,2026-06-03,10.00,", "unexpected"),
        (",A,ADJ,2026-06-03,10.00,", "unexpected"),
    ] {
        let lines = format!("{OF_D}P1,A,FYC,2026-06-03,110.00,\n{line}\n");
        let amount = if class == "duplicate" { "110.00" } else { "10.00" };
        check("", &lines, &[("on_time", "0.00"), ("on_time", "0.00"), (class, amount)]);
    }
    // What is D's was paid to A, and D still waits for it.
    let lines = "P1,A,FYC,2026-06-03,110.00,\nP1,A,FYC,2026-06-03,30.00,\n";
    check("", lines, &[("on_time", "0.00"), ("wrong_payee", "30.00"), ("missing", "-30.00")]);
}

#[test]
fn a_chargeback_is_valid_in_its_window_only() {
    let policy = |issued: &str| {
        let mut lines = format!(
            r#"{{"type":"policy_issued","on":"{issued}-15","carrier":"C1","policy":"P2","product":"FE","annual_premium":"1200.00","mode":"monthly","writing":[{{"producer":"B","share":"1"}}]}}"#
        );
        lines.push('\n');
        lines
    };
    let premium = |on: &str, months: u32| {
        let amount = 100 * months;
        format!(
            "{{\"type\":\"premium_paid\",\"on\":\"{on}\",\"carrier\":\"C1\",\"policy\":\"P2\",\"amount\":\"{amount}.00\",\"months\":{months}}}\n"
        )
    };
    let lapse = "{\"type\":\"policy_lapsed\",\"on\":\"2026-06-20\",\"carrier\":\"C1\",\"policy\":\"P2\"}\n";
    let lines = format!("{OF_D}P1,A,FYC,2026-06-03,110.00,\nP2,B,CHB,2026-06-22,-550.00,\n");
    let fine = ("on_time", "0.00");
    // After four months 550.00 of the advance are unearned.
    let early = policy("2026-02") + &premium("2026-02-15", 4) + lapse;
    check(&early, &lines, &[fine, fine, ("chargeback_valid", "0.00")]);
    // After fourteen the carrier has nothing to take back.
    let late = policy("2025-04") + &premium("2025-04-15", 14) + lapse;
    check(&late, &lines, &[fine, fine, ("chargeback_disputable", "-550.00")]);
}

#[test]
fn the_same_file_twice_changes_nothing() {
    let upline = with_book("");
    let first = reconciled(&upline, "june.csv", OF_D);
    let again = reconciled(&upline, "copy.csv", OF_D);
    assert_eq!((&first["rows"], &first["position"]), (&again["rows"], &again["position"]));
    // Nor does looking at one without taking it in.
    upline.write("july.csv", format!("{TITLES}P1,A,FYC,2026-07-03,110.00,\n"));
    upline.run(&["reconcile", "july.csv", "--profile", "c1.toml", "--dry-run"]).succeeds();
    assert_eq!(upline.json(&["reconcile"])["position"], first["position"]);
    upline.verified();
}

#[test]
fn an_exception_is_settled_by_somebody_and_open_again_when_it_changes() {
    let upline = with_book("");
    let lines = format!("{OF_D}P1,A,FYC,2026-06-03,99.00,\nP7,A,FYC,2026-06-05,20.00,\n");
    let position = reconciled(&upline, "june.csv", &lines)["position"].to_string();
    let state = |exception: &str| {
        let rows = upline.rows(&["reconcile"]);
        let row = rows.as_array().unwrap().iter().find(|row| row["exception"] == exception).cloned();
        row.unwrap()
    };
    let resolve = |exception: &str, reason: &str, by: &str| {
        upline.run(&["resolve", &format!("{position}/{exception}"), "--reason", reason, "--by", by])
    };
    resolve("L2", "accepted", "Ann").fails(1, "no exception");
    resolve("L9", "accepted", "Ann").fails(1, "has no L9");
    resolve("L3", "forgotten", "Ann").fails(2, "accepted, booked, claimed, written_off");
    resolve("L3", "claimed", " ").fails(1, "--by names");
    resolve("L3", "claimed", "Ann").succeeds();
    resolve("L3", "claimed", "Ben").fails(1, "claimed already, by Ann");
    resolve("L4", "booked", "Ann").succeeds();
    assert_eq!((&state("L3")["state"], &state("L3")["resolved_by"]), (&json!("resolved"), &json!("Ann")));
    assert_eq!(state("L4")["reason"], "booked");
    // The policy is booked, but not its premium: the line is another exception now, which nobody has settled.
    let issue = r#"{"type":"policy_issued","on":"2026-06-05","carrier":"C1","policy":"P7","product":"FE","annual_premium":"240.00","mode":"monthly","writing":[{"producer":"A","share":"1"}]}"#;
    upline.feed(&["import", "-"], issue.as_bytes()).succeeds();
    assert_eq!((&state("L4")["class"], &state("L4")["state"]), (&json!("unexpected"), &json!("open")));
    // In July the carrier pays what was short: nobody needs to look any more.
    upline.write("july.csv", format!("{TITLES}P1,A,FYC,2026-07-02,11.00,\n"));
    upline.run(&["reconcile", "july.csv", "--profile", "c1.toml"]).succeeds();
    assert_eq!(state("L3")["state"], "settled_later");
    upline.verified();
}

/// `resolve 30/L4 30/L7 30/L4` recorded the first two and then failed at the third, which it had just settled itself.
#[test]
fn exceptions_are_settled_all_together_or_none() {
    let upline = with_book("");
    let lines = format!("{OF_D}P1,A,FYC,2026-06-03,99.00,\nP7,A,FYC,2026-06-05,20.00,\n");
    let n = reconciled(&upline, "june.csv", &lines)["position"].as_u64().unwrap();
    let resolve = |exceptions: &[&str]| {
        let named: Vec<String> = exceptions.iter().map(|exception| format!("{n}/{exception}")).collect();
        let mut args = vec!["resolve", "--reason", "claimed", "--by", "Ann"];
        args.extend(named.iter().map(String::as_str));
        upline.run(&args)
    };
    let recorded = || upline.json(&["reconcile"])["position"].as_u64().unwrap();
    resolve(&["L3", "L4", "L3"]).fails(1, &format!("{n}/L3 is named twice"));
    assert_eq!(recorded(), n);
    // One that is none, at the end, keeps those in front of it open too.
    resolve(&["L3", "L4", "L2"]).fails(1, "no exception");
    assert_eq!(recorded(), n);
    let done = resolve(&["L3", "L4"]);
    done.succeeds();
    assert_eq!(done.stderr.matches("is claimed.").count(), 2, "{}", done.stderr);
    assert_eq!(recorded(), n + 2);
    // One commit: both were recorded at the same moment.
    let log = upline.log();
    let times: Vec<&Value> = log.iter().rev().take(2).map(|event| &event["recorded_at"]).collect();
    assert_eq!(times[0], times[1]);
    upline.verified();
}

#[test]
fn what_cannot_be_read_is_refused_and_nothing_is_recorded() {
    let upline = with_book("");
    let before = upline.verified();
    let utf16: Vec<u8> =
        format!("\u{feff}{TITLES}{OF_D}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes, because) in [
        ("report.csv", b"%PDF-1.7\n%\xe2\xe3".to_vec(), "PDF"),
        ("utf16.csv", utf16, "UTF-16"),
        (
            "drifted.csv",
            b"Policy,Writer,Code,Date,Amount,Premium\n".to_vec(),
            "missing: \"Agent\"; new: \"Writer\"",
        ),
        ("half.csv", format!("{TITLES}P1,A,FYC,2026-06").into_bytes(), "half.csv"),
        ("formula.csv", format!("{TITLES}P1,A,FYC,2026-06-03,=1+1,\n").into_bytes(), "formula"),
        ("code.csv", format!("{TITLES}P1,A,XYZ,2026-06-03,1.00,\n").into_bytes(), "XYZ"),
        ("empty.csv", Vec::new(), "empty"),
    ] {
        upline.write(name, bytes);
        let done = upline.run(&["reconcile", name, "--profile", "c1.toml", "--period", "2026-06"]);
        done.fails(1, because);
        assert!(done.stderr.contains(name), "{done:?}");
    }
    upline.write("june.csv", format!("{TITLES}{OF_D}"));
    let total =
        |amount: &str| upline.run(&["reconcile", "june.csv", "--profile", "c1.toml", "--total", amount]);
    total("31.50").fails(1, "1.50");
    upline.run(&["reconcile", "june.csv", "--profile", "june.csv"]).fails(1, "june.csv");
    upline.run(&["reconcile", "june.csv"]).fails(2, "--profile");
    upline.write("old.toml", PROFILE.replace("from = 2025-01-01", "from = 2025-01-01\nthrough = 2025-12-31"));
    upline.run(&["reconcile", "june.csv", "--profile", "old.toml"]).fails(1, "through 2025-12-31");
    upline.write("other.toml", PROFILE.replace("C1\"", "C9\"").replace("C1/P1", "C9/P1"));
    upline.run(&["reconcile", "june.csv", "--profile", "other.toml"]).fails(1, "unknown_carrier");
    assert_eq!(upline.verified(), before);
    assert!(!upline.path("ledger/statements").exists());
}

#[test]
fn a_statement_is_kept_verified_and_backed_up() {
    let upline = with_book("");
    reconciled(&upline, "june.csv", OF_D);
    upline.run(&["backup", "backup.tar"]).succeeds();
    upline.run(&["--ledger", "restored", "restore", "backup.tar"]).succeeds();
    upline.run(&["--ledger", "restored", "verify"]).succeeds();
    let answer = |ledger: &str| upline.json(&["--ledger", ledger, "reconcile"]);
    assert_eq!(answer("restored"), answer("ledger"));
    let kept: Vec<_> =
        fs::read_dir(upline.path("ledger/statements")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(kept.len(), 2);
    let mut bytes = fs::read(&kept[0]).unwrap();
    bytes[0] ^= 1;
    fs::write(&kept[0], bytes).unwrap();
    let done = upline.run(&["verify"]);
    assert_eq!(done.code, Some(1));
    assert!(done.stdout.contains("statements") && done.stdout.contains("not the file"), "{done:?}");
    upline.run(&["reconcile"]).fails(3, "not the file");
    // Taking both in again mends it.
    let again = ["reconcile", "june.csv", "--profile", "c1.toml", "--period", "2026-06"];
    upline.run(&again).succeeds();
    upline.verified();
}

/// A writing number that nobody knew: the profile's next version knows it, and the same file is read again.
#[test]
fn a_statement_is_read_again_with_a_corrected_profile() {
    let upline = with_book("");
    let lines = format!("{OF_D}P1,70099,FYC,2026-06-03,110.00,\n");
    let first = reconciled(&upline, "june.csv", &lines);
    assert_eq!(classes(&first)[1].0, "unknown_producer");
    upline.write("edited.toml", PROFILE.replace("\"70014\"", "\"70099\""));
    let run =
        |profile: &str| upline.run(&["reconcile", "june.csv", "--profile", profile, "--format", "json"]);
    run("edited.toml").fails(1, "give it a new version");
    upline.write("v2.toml", PROFILE.replace("\"70014\"", "\"70099\"").replace("version = 1", "version = 2"));
    let done = run("v2.toml");
    assert!(done.stderr.contains(&format!("in the place of {}", first["position"])), "{done:?}");
    assert_eq!(classes(&done.json())[1].0, "on_time");
    let all = upline.json(&["reconcile"]);
    assert_eq!((all["statements"].as_array().unwrap().len(), all["rows"].as_array().unwrap().len()), (1, 2));
    // Who asks for the first reading learns which took its place.
    let replaced = upline.run(&["reconcile", "--statement", &first["position"].to_string()]);
    replaced.fails(1, &format!("took its place: ask for {}", done.json()["position"]));
    upline.run(&["reconcile", "--statement", "1"]).fails(1, "no statement was received");
    upline.verified();
}

#[test]
fn what_is_not_of_the_statement_s_month_or_the_same_in_another_file_is_refused() {
    let upline = with_book("");
    let run = |lines: &str, rest: &[&str]| {
        upline.write("file.csv", format!("{TITLES}{lines}"));
        upline.run(&[&["reconcile", "file.csv", "--profile", "c1.toml"], rest].concat())
    };
    run("P1,A,FYC,2062-06-03,110.00,\n", &["--period", "2026-06"]).fails(1, "line 2: it is dated 2062-06-03");
    run("P1,A,FYC,2026-05-03,1.00,\nP1,A,FYC,2026-06-03,1.00,\n", &[]).fails(1, "several months");
    run(OF_D, &[]).succeeds();
    run(&format!("{OF_D}\n"), &[]).fails(1, "same lines as statement");
    upline.write("gross.toml", PROFILE.replace("\"net\"", "\"gross\"").replace("\"c1\"", "\"c1g\""));
    upline.write("july.csv", format!("{TITLES}P1,D,FYC,2026-07-03,30.00,\n"));
    upline.run(&["reconcile", "july.csv", "--profile", "gross.toml"]).fails(1, "shows must stay");
    upline.verified();
}

/// The profiles that come with the program read the statements that come with it.
#[test]
fn every_shipped_profile_takes_its_statement_in() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (profile, statement, period, lines) in [
        ("life-statement", "life-statement.csv", "2026-07", 6),
        ("block-of-business", "block-of-business.xlsx", "2026-08", 0),
        ("medicare-aggregator", "medicare-aggregator.csv", "2026-07", 0),
    ] {
        let upline = Upline::new();
        let text = fs::read_to_string(root.join("profiles").join(format!("{profile}.toml"))).unwrap();
        let read = upline_formats::carrier_statement::Profile::parse(&text).unwrap();
        let carriers: String = read
            .carriers()
            .map(|carrier| {
                format!("{{\"type\":\"carrier_added\",\"on\":\"2026-01-01\",\"carrier\":\"{carrier}\"}}\n")
            })
            .collect();
        upline.feed(&["import", "-"], carriers.as_bytes()).succeeds();
        upline.write("profile.toml", text);
        let path = root.join("tests/data/statements").join(statement);
        let done = upline.run(&[
            "reconcile",
            path.to_str().unwrap(),
            "--profile",
            "profile.toml",
            "--period",
            period,
            "--format",
            "json",
        ]);
        done.succeeds();
        let rows = done.json()["rows"].as_array().unwrap().len();
        assert!(rows > 0 && (lines == 0 || rows == lines), "{profile}: {rows}");
        upline.verified();
    }
}

/// Once a statement had come late, the evidence of what was closed could not be had again.
#[test]
fn the_evidence_of_a_close_can_be_had_though_a_statement_came_late() {
    let upline = with_book("");
    upline.run(&["key", "audit.key", "--name", "example.com/book"]).succeeds();
    reconciled(&upline, "june.csv", &format!("{OF_D}P1,70014,FYC,2026-06-03,110.00,\n"));
    let close = ["close", "--through", "2026-06-30", "--key", "audit.key"];
    upline.run(&[&close[..], &["--evidence", "first"]].concat()).succeeds();
    // Of the same month, with what nobody expects.
    upline.write("late.csv", format!("{TITLES}P9,70014,FYC,2026-06-20,55.00,\n"));
    let late = ["reconcile", "late.csv", "--profile", "c1.toml", "--period", "2026-06"];
    upline.run(&late).succeeds();
    let done = upline.run(&[&close[..], &["--evidence", "again"]].concat());
    done.succeeds();
    assert!(done.stdout.contains("it came after the period was closed"), "{}", done.stdout);
    for file in fs::read_dir(upline.path("first")).unwrap() {
        let name = file.unwrap().file_name();
        let of = |folder: &str| fs::read(upline.path(folder).join(&name)).unwrap();
        assert_eq!(of("first"), of("again"), "{}", name.display());
    }
}

/// pay.md §6: a month is not closed without the statement of a carrier that owed something, nor while a deposit differs
/// from its statement, unless somebody says why; the reason is in the evidence, and the same when it is had again.
#[test]
fn a_month_is_closed_without_a_statement_or_a_deposit_only_where_somebody_says_why() {
    let upline = with_book("");
    upline.run(&["key", "audit.key", "--name", "example.com/book"]).succeeds();
    let close = |through: &str, more: &[&str]| {
        upline.run(&[&["close", "--through", through, "--key", "audit.key"], more].concat())
    };
    let red = close("2026-06-30", &[]);
    assert_eq!(red.code, Some(1), "{red:?}");
    assert!(red.stdout.contains("C1 had expected amounts in the period"), "{}", red.stdout);
    assert!(red.stdout.contains("--without C1=REASON says why"), "{}", red.stdout);
    close("2026-06-30", &["--without", "C9=typed wrong"]).fails(1, "lacks nothing of C9");
    close("2026-06-30", &["--without", "C1"]).fails(2, "without a semicolon");

    let answer = reconciled(&upline, "june.csv", &format!("{OF_D}P1,70014,FYC,2026-06-03,110.00,\n"));
    let number = answer["statements"][0]["statement"].to_string();
    let file = answer["statements"][0]["file"].as_str().unwrap().to_owned();
    // Until a deposit names a statement of the carrier, nobody asks for deposits.
    close("2026-06-30", &["--dry-run"]).succeeds();
    let deposit = |amount: &str| {
        let line = json!({"type":"carrier_deposit","on":"2026-07-02","carrier":"C1","amount":amount,"reference":"wire","statement":file});
        upline.write("deposit.jsonl", format!("{line}\n"));
        upline.run(&["import", "deposit.jsonl"]).succeeds();
    };
    deposit("100.00");
    let red = close("2026-06-30", &[]);
    assert_eq!(red.code, Some(1), "{red:?}");
    assert!(red.stdout.contains(&format!("the deposits of statement {number} differ")), "{}", red.stdout);
    let rows = upline.rows(&["receivables", "--as-of", "2026-07-31", "--by", "statement"]);
    assert_eq!((&rows[0]["total"], &rows[0]["difference"]), (&json!("140.00"), &json!("40.00")));
    let rows = upline.rows(&["receivables", "--as-of", "2026-07-31"]);
    assert_eq!((&rows[0]["deposited"], &rows[0]["open"]), (&json!("100.00"), &json!("40.00")));
    assert_eq!(&rows[0]["days_31_60"], &json!("40.00"));

    let without = format!("{number}=the bank took a fee");
    let done = close("2026-06-30", &["--without", &without, "--evidence", "first"]);
    done.succeeds();
    assert!(done.stdout.contains("closed without: the bank took a fee"), "{}", done.stdout);
    assert_eq!(upline.read("first/without.csv"), format!("what,reason\n{number},the bank took a fee\n"));
    close("2026-06-30", &["--evidence", "again"]).succeeds();
    for file in fs::read_dir(upline.path("first")).unwrap() {
        let name = file.unwrap().file_name();
        let of = |folder: &str| fs::read(upline.path(folder).join(&name)).unwrap();
        assert_eq!(of("first"), of("again"), "{}", name.display());
    }
    upline.verified();
}
