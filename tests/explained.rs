//! Answers that say why: explained entries and changes add up, decisions stand for ever, a dry run shows
//! what is then recorded, names can be forgotten.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{Upline, issue, lapse, premiums, setup, three_levels};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

const FIGURES: [&str; 6] = ["payable", "unearned", "debt", "leads", "reserve", "net"];

fn cents(money: &Value) -> i64 {
    let text = money.as_str().unwrap();
    let digits: String = text.chars().filter(|c| *c != '.').collect();
    digits.parse().unwrap()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

/// The figures of each producer in rows of `balance`, in cents; rows of zeros are left out.
fn figures(rows: &Value) -> BTreeMap<String, [i64; 6]> {
    let row = |row: &Value| {
        (row["producer"].as_str().unwrap().to_owned(), FIGURES.map(|figure| cents(&row[figure])))
    };
    list(rows).iter().map(row).filter(|(_, figures)| *figures != [0; 6]).collect()
}

/// Lines, each recorded on the first of the n-th month after the one before.
fn dated(lines: &str, mut month: u32) -> String {
    let mut stamped = String::new();
    for line in lines.lines() {
        let at = format!("20{}-{:02}-01T00:00:00Z", 26 + (month - 1) / 12, (month - 1) % 12 + 1);
        stamped += &line.replacen('{', &format!(r#"{{"recorded_at":"{at}","#), 1);
        stamped.push('\n');
        month += 1;
    }
    stamped
}

const LATE: &str = r#"{"type":"premium_paid","on":"2025-05-20","carrier":"C1","policy":"P-1","amount":"100.00"}
{"type":"premium_reversed","on":"2025-03-20","carrier":"C1","policy":"P-1","amount":"100.00","reason":"nsf"}
{"type":"chargeback_recorded","on":"2025-07-01","carrier":"C1","policy":"P-1","producer":"MGA","amount":"12.34","reason":"interest"}
{"type":"period_closed","on":"2025-07-31"}
{"type":"premium_paid","on":"2025-06-01","carrier":"C1","policy":"P-1","amount":"100.00"}
{"type":"policy_reinstated","on":"2025-08-15","carrier":"C1","policy":"P-1"}
{"type":"premium_paid","on":"2025-09-15","carrier":"C1","policy":"P-1","amount":"900.00","months":9}
{"type":"agent_released","on":"2025-02-28","producer":"A001","carrier":"C1","vesting":"none","debt":"rolls_up"}
{"type":"repayment_received","on":"2025-09-20","producer":"A001","amount":"20.00"}
{"type":"lead_line_set","on":"2025-01-01","producer":"MGA","limit":"500.00"}
{"type":"lead_charged","on":"2025-03-01","producer":"MGA","amount":"40.00"}
{"type":"adjustment_posted","on":"2025-08-01","producer":"IMO","account":"reserve","amount":"5.00","code":"hold","approved_by":"Ann"}
{"type":"policy_restated","on":"2025-10-01","carrier":"C1","policy":"P-1","correction":"K-1","chain":[[{"producer":"A001","level":"100"},{"producer":"IMO","level":"140"}]]}
{"type":"policy_lapsed","on":"2025-11-30","carrier":"C1","policy":"P-1"}
{"type":"debt_rolled_up","on":"2025-12-01","producer":"A001","carrier":"C1"}
"#;

/// A book of one policy on which nearly everything happens, most of it late.
fn late_book() -> Upline {
    Upline::with(&(dated(&three_levels().replace("\n\n", "\n"), 1) + &dated(LATE, 40)))
}

#[test]
fn the_entries_of_a_policy_add_up_to_its_balances() {
    let upline = late_book();
    let last = upline.verified().0;
    for as_of in ["2025-01-15", "2025-05-15", "2025-06-30", "2025-08-15", "2025-10-01", "2026-01-01"] {
        for position in (1..=last).step_by(3).chain([last]) {
            let position = position.to_string();
            let at = ["--as-of", as_of, "--at-position", &position];
            if upline.run(&[&["explain", "--policy", "C1/P-1"], &at[..]].concat()).code == Some(1) {
                continue; // not issued yet
            }
            let mut accounts: BTreeMap<String, i64> = BTreeMap::new();
            for row in list(&upline.rows(&[&["explain", "--policy", "C1/P-1"], &at[..]].concat())) {
                assert!(row["dated"].as_str().unwrap() <= as_of, "{row}");
                assert!(!row["why"].as_str().unwrap().is_empty(), "{row}");
                *accounts.entry(row["account"].as_str().unwrap().to_owned()).or_default() +=
                    cents(&row["amount"]);
            }
            assert_eq!(accounts.values().sum::<i64>(), 0, "{at:?} {accounts:?}");
            let rows = upline.rows(&[&["balance", "--by", "policy"], &at[..]].concat());
            for row in list(&rows).iter().filter(|row| row["policy"] == "P-1") {
                let producer = row["producer"].as_str().unwrap();
                for (kind, figure) in [("unearned", "unearned"), ("debt", "debt")] {
                    let account = format!("{kind}:{producer}:C1:P-1");
                    let got = accounts.get(&account).copied().unwrap_or(0);
                    assert_eq!(got, cents(&row[figure]), "{account} {at:?}");
                }
                let payable = accounts.get(&format!("payable:{producer}:C1")).copied().unwrap_or(0);
                assert_eq!(-payable, cents(&row["payable"]), "payable of {producer} {at:?}");
            }
        }
    }
}

#[test]
fn the_sentences_say_what_happened() {
    let upline = late_book();
    let why: Vec<String> = list(&upline.rows(&["explain", "--policy", "C1/P-1", "--producer", "A001"]))
        .iter()
        .map(|row| format!("{} {}", row["account"].as_str().unwrap(), row["why"].as_str().unwrap()))
        .collect();
    let says = |account: &str, words: &[&str]| {
        let found = why.iter().any(|why| why.starts_with(account) && words.iter().all(|w| why.contains(w)));
        assert!(found, "no {words:?} on {account} in {why:#?}");
    };
    says("unearned:", &["issue: 900.00", "is paid in advance"]);
    says("unearned:", &["1st premium, 100.00 of 2025-01-15", "level 100", "800.00 of 900.00 still unearned"]);
    says("debt:", &["charged back"]);
    says("debt:", &["the period is closed"]);
    says("payable:", &["release on 2025-02-28, vesting none", "taken back"]);
    says("recourse:", &["debt rolled up on 2025-12-01"]);
    assert!(!why.iter().any(|why| why.contains("; -")), "no advance is below zero: {why:#?}");
}

#[test]
fn changes_add_up_to_the_difference_of_two_balances() {
    let upline = late_book();
    let times: Vec<String> = {
        let log = upline.log();
        let mut times: Vec<String> =
            log.iter().map(|event| event["recorded_at"].as_str().unwrap().to_owned()).collect();
        times.dedup();
        times.into_iter().skip(8).step_by(4).collect()
    };
    let mut moved = 0;
    for as_of in ["2025-06-30", "2025-08-31", "2026-01-01"] {
        for (n, first) in times.iter().enumerate() {
            for second in times[n..].iter().step_by(2) {
                let known =
                    |time: &str| figures(&upline.rows(&["balance", "--as-of", as_of, "--known-at", time]));
                let (before, after) = (known(first), known(second));
                let answer = upline.json(&["changes", "--as-of", as_of, "--between", first, second]);
                let mut sum = before;
                for row in list(&answer["rows"]) {
                    let producer = row["producer"].as_str().unwrap();
                    let own = sum.entry(producer.to_owned()).or_default();
                    for (index, figure) in FIGURES.iter().enumerate() {
                        own[index] += cents(&row[figure]);
                        let events: i64 = list(&row["events"]).iter().map(|e| cents(&e[*figure])).sum();
                        assert_eq!(cents(&row[figure]), events, "{figure} of {row}");
                    }
                    for event in list(&row["events"]) {
                        let at = event["recorded_at"].as_str().unwrap();
                        assert!(first.as_str() < at && at <= second.as_str(), "{event}");
                        moved += 1;
                    }
                }
                sum.retain(|_, figures| *figures != [0; 6]);
                assert_eq!(sum, after, "as of {as_of}, {first} to {second}");
            }
        }
    }
    assert!(moved > 20, "{moved}");
    upline
        .run(&["changes", "--as-of", "2025-06-30", "--between", &times[1], &times[0]])
        .fails(1, "earlier time first");
}

/// Five policies of one agent, of which some lapse; covered by half above 60%.
fn coverage_book() -> String {
    let mut book = setup(
        &[("100", "1.00"), ("140", "1.40")],
        &[("IMO", "140", None, ""), ("A001", "100", Some("IMO"), r#"{"months":9}"#)],
    );
    book += r#"{"type":"persistency_defined","on":"2025-01-01","definition":"p4","basis":"count","from_months":4,"to_months":16,"survive":"in_force","exclude":["death","free_look"]}
{"type":"coverage_plan_published","on":"2025-01-01","plan":"half","definition":"p4","payer":"IMO","tiers":[{"above":"0.60","cover":"0.50"}]}
{"type":"coverage_enrolled","on":"2025-01-01","producer":"A001","plan":"half"}
"#;
    for policy in ["P-1", "P-2", "P-3", "P-4", "P-5"] {
        book += &issue(policy, "1200.00", "A001");
        book += &premiums(policy, "100.00", 3);
    }
    book += &issue("P-6", "1200.00", "A001").replace("2025-01-15", "2025-05-01");
    book += r#"{"type":"policy_terminated","on":"2025-04-01","carrier":"C1","policy":"P-5","reason":"death"}
"#;
    book + &lapse("2025-04-20", "P-4") + &lapse("2025-06-20", "P-1")
}

#[test]
fn coverage_lists_the_policies_that_counted() {
    let upline = Upline::with(&coverage_book());
    let answer = upline.json(&["coverage", "--explain"]);
    let (rows, explained) = (list(&answer["rows"]), list(&answer["explained"]));
    assert_eq!((rows.len(), explained.len()), (3, 3), "{answer}");
    for (row, explained) in rows.iter().zip(explained) {
        assert_eq!(row["producer"], explained["producer"]);
        assert_eq!(row["on"], explained["on"]);
        let policies = list(&explained["policies"]);
        let count = |words: &[&str]| {
            policies.iter().filter(|p| words.contains(&p["membership"].as_str().unwrap())).count()
        };
        assert_eq!(row["cohort"], count(&["survives", "fails"]), "{explained}");
        assert_eq!(row["surviving"], count(&["survives"]), "{explained}");
        assert!(policies.iter().all(|policy| !policy["why"].as_str().unwrap().is_empty()));
    }
    let of = |policy: &str| rows.iter().find(|row| row["policy"] == policy).unwrap();
    assert_eq!(of("P-4")["reason"], "no_cohort");
    assert_eq!(of("P-5")["reason"], "no_cohort");
    let covered = of("P-1");
    assert_eq!((&covered["cohort"], &covered["surviving"]), (&json!(4), &json!(3)));
    assert_eq!((&covered["ratio"], &covered["tier"]), (&json!("0.7500"), &json!("0.60")));
    assert_eq!((&covered["chargeback"], &covered["covered"]), (&json!("600.00"), &json!("300.00")));
    let why: BTreeMap<&str, &str> = list(&explained[0]["policies"])
        .iter()
        .map(|policy| (policy["policy"].as_str().unwrap(), policy["membership"].as_str().unwrap()))
        .collect();
    let expected = [
        ("C1/P-1", "survives"),
        ("C1/P-2", "survives"),
        ("C1/P-3", "survives"),
        ("C1/P-4", "fails"),
        ("C1/P-5", "excluded"),
        ("C1/P-6", "too_young"),
    ];
    assert_eq!(why, BTreeMap::from(expected));
    let words = upline.run(&["coverage", "--explain", "--producer", "A001"]).stdout;
    assert!(words.contains("excluded as death") && words.contains("too young"), "{words}");
}

#[test]
fn a_decision_stands_whatever_is_learned_later() {
    let upline = Upline::with(&coverage_book());
    let position = upline.verified().0.to_string();
    let at = ["--as-of", "2025-12-31", "--at-position", &position];
    let ask = || upline.run(&[&["coverage", "--explain", "--format", "json"], &at[..]].concat()).stdout;
    let before = ask();
    // Another definition, plan and terms of it; more policies in its cohort; a premium that moves the stop.
    let later = r#"{"type":"persistency_defined","on":"2025-01-01","definition":"p4","basis":"count","from_months":1,"to_months":2,"survive":"paid_to"}
{"type":"coverage_plan_published","on":"2025-01-01","plan":"half","definition":"p4","payer":"A001","tiers":[{"above":"0.99","cover":"1"}]}
{"type":"coverage_withdrawn","on":"2025-01-02","producer":"A001","plan":"half"}
{"type":"policy_lapsed","on":"2025-02-01","carrier":"C1","policy":"P-2"}
{"type":"premium_paid","on":"2025-05-15","carrier":"C1","policy":"P-1","amount":"100.00"}
"#;
    upline.write("later.jsonl", later);
    upline.run(&["import", "later.jsonl"]).succeeds();
    assert_eq!(ask(), before);
    // Now the money has moved at the decided rate; what was decided on has not.
    let rows = upline.rows(&["coverage", "--producer", "A001"]);
    let row = list(&rows).iter().find(|row| row["policy"] == "P-1").unwrap();
    assert_eq!((&row["chargeback"], &row["covered"]), (&json!("500.00"), &json!("250.00")));
    assert_eq!((&row["cohort"], &row["surviving"], &row["ratio"]), (&json!(4), &json!(3), &json!("0.7500")));
    assert!(list(&rows).iter().all(|row| row["policy"] != "P-2"), "nobody was enrolled then: {rows}");
    upline.verified();
}

#[test]
fn a_fact_can_be_recorded_alone_and_once() {
    let upline = Upline::with(&(setup(&[("100", "1.00")], &[("A001", "100", None, "")])));
    let issued = [
        "record",
        "policy_issued",
        "--on",
        "2025-01-15",
        "--carrier=C1",
        "--policy",
        "P-1",
        "--product",
        "FE",
        "--annual-premium",
        "1200.00",
        "--mode",
        "monthly",
        "--writing",
        r#"[{"producer":"A001","share":"1"}]"#,
    ];
    upline.run(&issued).succeeds();
    let paid = ["record", "premium_paid", "--on", "2025-01-15", "--carrier", "C1", "--policy", "P-1"];
    let paid = [&["--format", "json"], &paid[..], &["--amount", "100.00"]].concat();
    let first = upline.run(&paid).json();
    assert_eq!((&first["recorded"], &first["already_recorded"]), (&json!(1), &json!(0)));
    let again = upline.run(&paid).json();
    assert_eq!((&again["recorded"], &again["already_recorded"]), (&json!(0), &json!(1)));
    assert_eq!((&again["id"], &again["position"]), (&first["id"], &first["position"]));
    let noted = upline.run(&[&paid[..], &["--note", "a second one"]].concat()).json();
    assert_eq!(noted["recorded"], 1);
    assert_eq!(upline.rows(&["balance"])[0]["payable"], "200.00");
    // The same line in a file is the same fact.
    upline.write("one.jsonl", premiums("P-1", "100.00", 1));
    let answer = upline.json(&["import", "one.jsonl"]);
    assert_eq!((&answer["recorded"], &answer["already_recorded"]), (&json!(0), &json!(1)));
    let unknown = ["record", "policy_lapsed", "--on", "2025-06-01", "--carrier", "C1", "--policy", "P-9"];
    upline.run(&unknown).fails(1, "unknown_policy");
    upline.run(&["record", "policy_lapsed", "--when", "2025-06-01"]).fails(1, "malformed");
    upline.run(&["record", "policy_vanished", "--on", "2025-06-01"]).fails(1, "malformed");
    let types = upline.run(&["record"]).stdout;
    assert!(types.contains("period_closed"), "{types}");
    let fields = upline.run(&["record", "agent_released", "--fields"]).stdout;
    assert!(fields.contains("--vesting") && fields.contains("--reason?"), "{fields}");
    upline.verified();
}

/// The files of the ledger that hold this text.
fn files_with(upline: &Upline, text: &str) -> Vec<String> {
    let mut dirs = vec![upline.path("ledger")];
    let mut found = Vec::new();
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if fs::read(&path).unwrap().windows(text.len()).any(|window| window == text.as_bytes()) {
                found.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found
}

#[test]
fn an_erased_name_is_nowhere() {
    let upline = Upline::new();
    let book = r#"{"type":"carrier_added","on":"2025-01-01","carrier":"C1","name":"Ashford Life"}
{"type":"producer_added","on":"2025-01-01","producer":"A001","kind":"agent","name":"Zebedee Quux","npn":"90817263"}
{"type":"producer_added","on":"2025-01-01","producer":"A002","kind":"agent","name":"Ottilie Vane"}
"#;
    upline.write("book.jsonl", book);
    upline.run(&["import", "book.jsonl"]).succeeds();
    let rows = upline.rows(&["directory"]);
    let zebedee = json!({"kind":"producer","code":"A001","name":"Zebedee Quux","npn":"90817263","state":"kept",
        "routing":null,"account":null,"account_kind":null});
    assert!(list(&rows).contains(&zebedee), "{rows}");
    assert_eq!(files_with(&upline, "Zebedee Quux"), ["directory.jsonl"]);
    upline.run(&["directory", "--erase", "A001"]).succeeds();
    // The erasure is a fact, without what was erased.
    let verified = upline.verified();
    assert_eq!(verified.0, 4);
    upline.run(&["directory", "--erase", "A001"]).fails(1, "nothing was kept");
    // Its facts are the same as before, and importing them again brings no name back.
    upline.run(&["import", "book.jsonl"]).succeeds();
    assert_eq!(upline.verified(), verified);
    for text in ["Zebedee", "Quux", "90817263"] {
        assert_eq!(files_with(&upline, text), Vec::<String>::new(), "{text}");
    }
    assert_eq!(files_with(&upline, "Ottilie Vane"), ["directory.jsonl"]);
    let rows = upline.rows(&["directory"]);
    let erased = json!({"kind":"producer","code":"A001","name":null,"npn":null,"state":"erased",
        "routing":null,"account":null,"account_kind":null});
    assert!(list(&rows).contains(&erased), "{rows}");
}

/// Forty policies under the wrong upline, some stopped, some with late premiums.
fn wrong_upline() -> Upline {
    let nine = r#"{"months":9}"#;
    let mut book = setup(
        &[("100", "1.00"), ("120", "1.20"), ("140", "1.40")],
        &[
            ("IMO", "140", None, nine),
            ("OLD", "120", Some("IMO"), nine),
            ("NEW", "120", Some("IMO"), ""),
            ("A001", "100", Some("OLD"), nine),
        ],
    );
    for n in 1..=40 {
        let policy = format!("P-{n}");
        book += &issue(&policy, &format!("{}.00", 600 + 12 * n), "A001");
        book += &premiums(&policy, &format!("{}.00", 50 + n), n % 11);
        if n % 3 == 0 {
            book += &lapse(&format!("2025-{:02}-20", n % 11 + 1), &policy);
        }
    }
    Upline::with(&book)
}

fn restated(policy: &str) -> String {
    format!(
        r#"{{"type":"policy_restated","on":"2025-12-01","carrier":"C1","policy":"{policy}","correction":"K-7","chain":[[{{"producer":"A001","level":"100"}},{{"producer":"NEW","level":"120"}},{{"producer":"IMO","level":"140"}}]]}}"#
    ) + "\n"
}

#[test]
fn a_dry_run_of_a_correction_shows_who_gains_and_loses_what() {
    let upline = wrong_upline();
    let verified = upline.verified();
    let far = ["balance", "--as-of", "2200-12-31"];
    let before = figures(&upline.rows(&far));
    let lines: String = (1..=40).map(|n| restated(&format!("P-{n}"))).collect();
    upline.write("correction.jsonl", lines);
    let shown = upline.json(&["import", "--dry-run", "correction.jsonl"]);
    assert_eq!((&shown["recorded"], &shown["refused"]), (&json!(40), &json!(0)), "{shown}");
    assert_eq!(upline.verified(), verified);
    let would = figures(&shown["would_change"]);
    assert!(would["OLD"][5] < 0 && would["NEW"][5] > 0 && !would.contains_key("A001"), "{shown}");
    let words = upline.run(&["import", "--dry-run", "correction.jsonl"]).stdout;
    assert!(words.contains("Who would gain and lose"), "{words}");
    let done = upline.json(&["import", "correction.jsonl"]);
    assert_eq!(done["recorded"], 40);
    assert!(done.get("would_change").is_none(), "{done}");
    let mut sum = before;
    for (producer, change) in would {
        let own = sum.entry(producer).or_default();
        own.iter_mut().zip(change).for_each(|(own, change)| *own += change);
    }
    sum.retain(|_, figures| *figures != [0; 6]);
    assert_eq!(sum, figures(&upline.rows(&far)));
    // All entries of it share the correction's id, and what was believed before can still be asked for.
    let corrections: Vec<Value> =
        upline.log().into_iter().filter(|event| event["type"] == "policy_restated").collect();
    assert_eq!(corrections.len(), 40);
    assert!(corrections.iter().all(|event| event["correction"] == "K-7"));
    upline.verified();
}

#[test]
fn a_correction_of_many_policies_is_all_or_nothing() {
    let upline = wrong_upline();
    let verified = upline.verified();
    let lines: String = (1..=40).map(|n| restated(&format!("P-{n}"))).collect();
    upline.write("correction.jsonl", lines.clone() + &restated("P-41"));
    let done = upline.run(&["import", "--format", "json", "correction.jsonl"]);
    assert_eq!(done.code, Some(1));
    assert_eq!(done.json()["refusals"][0]["code"], "unknown_policy");
    assert_eq!(upline.verified(), verified);
    upline.write("correction.jsonl", lines);
    upline.run(&["import", "correction.jsonl"]).succeeds();
    let answer = upline.json(&["import", "correction.jsonl"]);
    assert_eq!((&answer["recorded"], &answer["already_recorded"]), (&json!(0), &json!(40)));
    assert_eq!(upline.json(&["accounts", "--as-of", "2200-12-31"])["total"], "0.00");
}

/// Only some types were looked at for the producers that they name: repayments, adjustments, holds, terms of payouts,
/// lead lines and releases were left out, and so was the payer of a covered chargeback.
#[test]
fn the_log_of_a_producer_shows_every_fact_that_names_it() {
    let facts = r#"{"type":"lead_line_set","on":"2025-02-01","producer":"MGA","limit":"500.00"}
{"type":"payout_terms_set","on":"2025-02-01","producer":"MGA","minimum":"10.00"}
{"type":"payout_held","on":"2025-02-02","producer":"MGA","reason":"licence"}
{"type":"hold_lifted","on":"2025-02-03","producer":"MGA","reason":"licence"}
{"type":"repayment_received","on":"2025-02-04","producer":"MGA","amount":"1.00"}
{"type":"adjustment_posted","on":"2025-02-05","producer":"MGA","account":"reserve","amount":"5.00","code":"K","approved_by":"Ann"}
{"type":"agent_released","on":"2025-12-31","producer":"MGA","carrier":"C1","vesting":"full","debt":"stays"}
{"type":"persistency_defined","on":"2025-01-01","definition":"D","basis":"count","from_months":1,"to_months":900,"survive":"paid_to"}
{"type":"producer_added","on":"2025-01-01","producer":"PAYER","kind":"mga"}
{"type":"coverage_plan_published","on":"2025-01-01","plan":"K","definition":"D","payer":"PAYER","tiers":[{"above":"0","cover":"0.50"}]}
{"type":"coverage_enrolled","on":"2025-01-01","producer":"A001","plan":"K"}
"#;
    let second =
        issue("P-2", "1200.00", "A001") + &premiums("P-2", "100.00", 3) + &lapse("2025-05-31", "P-2");
    let upline = Upline::with(&(three_levels() + facts + &second));
    let shown = |producer: &str| -> Vec<String> {
        let log = upline.run(&["log", "--producer", producer]);
        log.succeeds();
        let events = log.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    };
    let of_mga = shown("MGA");
    for name in [
        "lead_line_set",
        "payout_terms_set",
        "payout_held",
        "hold_lifted",
        "repayment_received",
        "adjustment_posted",
        "agent_released",
        "policy_lapsed",
    ] {
        assert!(of_mga.iter().any(|known| known == name), "{name}: {of_mga:?}");
    }
    assert!(!of_mga.iter().any(|known| known == "coverage_plan_published"));
    assert_eq!(shown("PAYER"), ["producer_added", "coverage_plan_published", "chargeback_covered"]);
}
