//! The command line on the worked examples of the rules, its formats and its exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{Done, Upline, issue, lapse, premiums, setup, three_levels};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::process::Stdio;

/// Asserts that rows have these fields, in this order.
#[track_caller]
fn check(rows: &Value, expected: &Value) {
    let (rows, expected) = (rows.as_array().unwrap(), expected.as_array().unwrap());
    assert_eq!(rows.len(), expected.len(), "{rows:#?}");
    for (row, expected) in rows.iter().zip(expected) {
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&row[field], value, "{field} of {row}");
        }
    }
}

#[test]
fn an_advance_is_earned_off_and_then_premiums_pay_as_earned() {
    let book = setup(&[("110", "1.10")], &[("A001", "110", None, r#"{"months":9}"#)]);
    let upline = Upline::with(&(book + &issue("P-1", "1200.00", "A001") + &premiums("P-1", "100.00", 12)));
    for (as_of, payable, unearned) in [
        ("2025-01-14", "", ""),
        ("2025-01-15", "990.00", "880.00"),
        ("2025-09-15", "990.00", "0.00"),
        ("2025-10-15", "1100.00", "0.00"),
        ("2025-12-15", "1320.00", "0.00"),
    ] {
        let rows = upline.rows(&["balance", "--as-of", as_of]);
        let expected = match payable {
            "" => json!([]),
            _ => json!([{"producer": "A001", "payable": payable, "unearned": unearned, "net": payable}]),
        };
        check(&rows, &expected);
    }
}

#[test]
fn a_lapse_after_four_charges_back_what_is_unearned() {
    let book = setup(&[("110", "1.10")], &[("A001", "110", None, r#"{"months":9}"#)])
        + &issue("P-1", "1200.00", "A001")
        + &premiums("P-1", "100.00", 4)
        + &lapse("2025-05-15", "P-1");
    let upline = Upline::with(&book);
    check(
        &upline.rows(&["balance", "--by", "policy"]),
        &json!([
            {"producer": "A001", "carrier": "C1", "policy": "P-1", "payable": "990.00", "unearned": "0.00",
             "debt": "550.00", "leads": "0.00", "reserve": "0.00", "net": "440.00"}
        ]),
    );
}

#[test]
fn instalments_of_odd_cents_stay_under_the_cap() {
    let advance = r#"{"months":6,"cap":"1500.00"}"#;
    let book = setup(&[("95", "0.95")], &[("A001", "95", None, advance)])
        + &issue("P-1", "3450.00", "A001")
        + &premiums("P-1", "287.50", 12);
    let upline = Upline::with(&book);
    let unearned = |as_of| upline.rows(&["balance", "--as-of", as_of])[0]["unearned"].clone();
    assert_eq!(unearned("2025-01-15"), "1226.87");
    assert_eq!(unearned("2025-05-15"), "134.37");
    check(&upline.rows(&["balance", "--as-of", "2025-06-15"]), &json!([{"payable": "1638.75"}]));
    check(&upline.rows(&["balance", "--as-of", "2025-12-31"]), &json!([{"payable": "3277.50"}]));
}

#[test]
fn three_levels_advance_earn_and_are_charged_back() {
    let upline = Upline::with(&three_levels());
    check(
        &upline.rows(&["balance"]),
        &json!([
            {"producer": "A001", "payable": "900.00", "debt": "400.00", "net": "500.00"},
            {"producer": "IMO", "payable": "180.00", "debt": "80.00", "net": "100.00"},
            {"producer": "MGA", "payable": "180.00", "debt": "80.00", "net": "100.00"},
        ]),
    );
    check(
        &upline.rows(&["overrides"]),
        &json!([
            {"upline": "IMO", "writing": "A001", "carrier": "C1", "earned": "100.00", "advanced": "180.00",
             "charged_back": "80.00", "unearned": "0.00"},
            {"upline": "MGA", "writing": "A001", "carrier": "C1", "earned": "100.00", "advanced": "180.00",
             "charged_back": "80.00", "unearned": "0.00"},
        ]),
    );
    let since_may = upline.rows(&["overrides", "--from", "2025-05-01", "--producer", "MGA"]);
    check(&since_may, &json!([{"upline": "MGA", "earned": "20.00", "advanced": "0.00"}]));
    check(
        &upline.rows(&["chain", "--policy", "C1/P-1"]),
        &json!([
            {"writing": "A001", "place": 0, "producer": "A001", "level": "100", "rate": "1.00", "spread": "1.00",
             "advance_months": 9, "advance": "900.00"},
            {"writing": "A001", "place": 1, "producer": "MGA", "level": "120", "rate": "1.20",
             "spread": "0.20", "advance": "180.00"},
            {"writing": "A001", "place": 2, "producer": "IMO", "level": "140", "rate": "1.40",
             "spread": "0.20", "advance": "180.00"},
        ]),
    );
    check(
        &upline.rows(&["downline", "--producer", "IMO", "--carrier", "C1"]),
        &json!([
            {"producer": "A001", "upline": "MGA", "level": "100", "depth": 2},
            {"producer": "IMO", "upline": null, "level": "140", "depth": 0},
            {"producer": "MGA", "upline": "IMO", "level": "120", "depth": 1},
        ]),
    );
    let accounts = upline.json(&["accounts"]);
    assert_eq!(accounts["total"], "0.00");
    check(
        &accounts["rows"],
        &json!([
            {"account": "carrier:C1", "debit": "700.00", "credit": "0.00"},
            {"account": "debt:A001:C1:P-1", "debit": "400.00"},
            {"account": "debt:IMO:C1:P-1", "debit": "80.00"},
            {"account": "debt:MGA:C1:P-1", "debit": "80.00"},
            {"account": "payable:A001:C1", "debit": "0.00", "credit": "900.00"},
            {"account": "payable:IMO:C1", "credit": "180.00"},
            {"account": "payable:MGA:C1", "credit": "180.00"},
        ]),
    );
}

#[test]
fn an_equal_or_lower_upline_earns_nothing() {
    let book = setup(
        &[("115", "1.15"), ("120", "1.20"), ("130", "1.30")],
        &[("IMO", "130", None, ""), ("MGA", "115", Some("IMO"), ""), ("A001", "120", Some("MGA"), "")],
    ) + &issue("P-1", "1200.00", "A001")
        + &premiums("P-1", "100.00", 12);
    let upline = Upline::with(&book);
    check(
        &upline.rows(&["balance"]),
        &json!([{"producer": "A001", "net": "1440.00"}, {"producer": "IMO", "net": "120.00"}]),
    );
}

#[test]
fn persistency_counts_what_is_in_the_cohort() {
    let definition = r#"{"type":"persistency_defined","on":"2025-01-01","definition":"p4","basis":"premium","from_months":4,"to_months":16,"survive":"paid_to"}"#;
    let book = three_levels()
        + definition
        + "\n"
        + &issue("P-2", "600.00", "A001")
        + &premiums("P-2", "50.00", 3)
        + &lapse("2025-04-20", "P-2");
    let upline = Upline::with(&book);
    let ask = |more: &[&str]| {
        upline.rows(&[&["persistency", "--definition", "p4", "--as-of", "2025-12-31"], more].concat())
    };
    let own = json!([{"producer": "A001", "cohort": 2, "surviving": 1, "cohort_weight": "1800.00",
        "surviving_weight": "1200.00", "ratio": "0.6667"}]);
    check(&ask(&[]), &own);
    check(&ask(&["--carrier", "C1"]), &own);
    check(
        &ask(&["--downline"]),
        &json!([{"producer": "A001"}, {"producer": "IMO", "ratio": "0.6667"}, {"producer": "MGA"}]),
    );
    check(&ask(&["--downline", "--producer", "MGA"]), &json!([{"producer": "MGA", "cohort": 2}]));
    upline.run(&["persistency", "--definition", "none"]).fails(1, "unknown_definition");
}

#[test]
fn what_was_learned_later_is_left_out_of_what_was_known() {
    let stamped = |book: String, from_second: u32| -> String {
        let line = |(n, line): (u32, &str)| {
            let at = format!(r#","recorded_at":"2025-07-01T00:{:02}:{:02}Z"}}"#, n / 60, n % 60);
            line.strip_suffix('}').unwrap().to_owned() + &at + "\n"
        };
        (from_second..).zip(book.lines()).map(line).collect()
    };
    let late = r#"{"type":"premium_paid","on":"2025-06-01","carrier":"C1","policy":"P-1","amount":"100.00"}"#;
    let upline = Upline::with(&(stamped(three_levels(), 0) + &stamped(late.to_owned(), 3_000)));
    let agent = |more: &[&str]| {
        upline.json(&[&["balance", "--producer", "A001", "--as-of", "2025-06-30"], more].concat())
    };
    let now = agent(&[]);
    check(&now["rows"], &json!([{"debt": "300.00"}]));
    let position = now["position"].as_u64().unwrap();
    assert_eq!((&now["as_of"], &now["known_at"]), (&json!("2025-06-30"), &Value::Null));
    let before = agent(&["--known-at", "2025-07-01T00:49:59Z"]);
    check(&before["rows"], &json!([{"debt": "400.00"}]));
    assert_eq!(before["known_at"], "2025-07-01T00:49:59Z");
    assert_eq!(before["position"], position - 1);
    check(&agent(&["--known-at", "2025-07-01T00:50:00Z"])["rows"], &json!([{"debt": "300.00"}]));
    check(&agent(&["--at-position", &(position - 1).to_string()])["rows"], &json!([{"debt": "400.00"}]));
    upline.run(&["balance", "--at-position", "999999"]).fails(1, "is beyond it");
    let unknown = upline.run(&["balance", "--producer", "A001", "--at-position", "0"]);
    unknown.fails(1, "unknown_producer");
    let all = upline.rows(&["balance", "--at-position", "0"]);
    check(&all, &json!([]));
}

#[test]
fn the_log_gives_every_event_with_its_entries() {
    let upline = Upline::with(&three_levels());
    let events = upline.log();
    let positions: Vec<u64> = events.iter().map(|event| event["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, (1..=positions.len() as u64).collect::<Vec<_>>());
    let lapse = events.iter().find(|event| event["type"] == "policy_lapsed").unwrap();
    let assessed: Vec<&Value> =
        events.iter().filter(|event| event["type"] == "chargeback_assessed").collect();
    assert_eq!(assessed.len(), 3);
    for event in &assessed {
        assert_eq!(event["cause"], lapse["id"]);
    }
    assert_eq!((&assessed[0]["amount"], &assessed[0]["kept"]), (&json!("400.00"), &json!("500.00")));
    for event in &events {
        let cents =
            |entry: &Value| entry["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
        assert_eq!(event["entries"].as_array().unwrap().iter().map(cents).sum::<i64>(), 0, "{event}");
    }
    let count = |args: &[&str]| upline.run(&[&["log"], args].concat()).stdout.lines().count();
    assert_eq!(count(&["--policy", "C1/P-1"]), 10);
    assert_eq!(count(&["--producer", "MGA", "--policy", "C1/P-1"]), 8);
    assert_eq!(count(&["--from", &events.len().to_string()]), 1);
    assert_eq!(count(&["--as-of", "2025-03-31", "--policy", "C1/P-1"]), 4);
}

#[test]
fn csv_has_the_columns_of_json() {
    let upline = Upline::with(&three_levels());
    let csv = |args: &[&str]| {
        let done = upline.run(&[args, &["--format", "csv"]].concat());
        done.succeeds();
        done.stdout
    };
    assert_eq!(
        csv(&["balance"]),
        "producer,payable,unearned,debt,leads,reserve,net\n\
         A001,900.00,0.00,400.00,0.00,0.00,500.00\n\
         IMO,180.00,0.00,80.00,0.00,0.00,100.00\n\
         MGA,180.00,0.00,80.00,0.00,0.00,100.00\n"
    );
    for args in [
        &["balance", "--by", "policy"][..],
        &["accounts"],
        &["overrides"],
        &["chain", "--policy", "C1/P-1"],
        &["downline", "--producer", "IMO", "--carrier", "C1"],
    ] {
        let rows = upline.rows(args);
        let columns: Vec<&str> = rows[0].as_object().unwrap().keys().map(String::as_str).collect();
        let csv = csv(args);
        assert_eq!(csv.lines().next().unwrap(), columns.join(","), "{args:?}");
        assert_eq!(csv.lines().count(), rows.as_array().unwrap().len() + 1, "{args:?}");
    }
    assert!(csv(&["verify"]).starts_with("name,ok,detail\nframes,true,"));
}

#[test]
fn people_read_tables() {
    let upline = Upline::with(&three_levels());
    let done = upline.run(&["balance", "--as-of", "2025-06-30"]);
    done.succeeds();
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(lines[0], "Balances as of 2025-06-30, with all that is recorded (position 18)");
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(lines[1]), ["producer", "payable", "unearned", "debt", "leads", "reserve", "net"]);
    assert_eq!(
        words(lines.last().unwrap()),
        ["total", "1,260.00", "0.00", "560.00", "0.00", "0.00", "700.00"]
    );
    let none = upline.run(&["balance", "--as-of", "2024-01-01"]);
    none.succeeds();
    assert!(none.stdout.contains("Nobody has a balance"), "{none:?}");
}

#[test]
fn exit_codes_are_deliberate() {
    let upline = Upline::new();
    upline.run(&["verify"]).succeeds();
    upline.run(&["balance", "--producer", "A001"]).fails(1, "unknown_producer");
    upline.run(&["chain", "--policy", "C1/P-1"]).fails(1, "unknown_carrier");
    upline.run(&["balance", "--as-of", "yesterday"]).fails(2, "YYYY-MM-DD");
    upline.run(&["balance", "--known-at", "2025-06-30"]).fails(2, "2026-06-30T23:59:59Z");
    upline
        .run(&["balance", "--known-at", "2025-06-30T00:00:00Z", "--at-position", "1"])
        .fails(2, "cannot be");
    upline.run(&["nonsense"]).fails(2, "nonsense");
    upline.run(&["import"]).fails(2, "FILE");
    upline.run(&["import", "no-such-file.jsonl"]).fails(1, "no-such-file.jsonl cannot be opened");
    upline.run(&["init"]).fails(3, "already");
    assert_eq!(upline.run(&["help"]).code, Some(0));
}

#[test]
fn a_missing_ledger_is_a_sentence() {
    let upline = Upline::bare();
    for command in [&["balance"][..], &["log"], &["verify"], &["import", "-"]] {
        let done = upline.run(command);
        done.fails(3, "there is no ledger in ledger");
        done.fails(3, "init");
        assert!(!upline.path("ledger").exists(), "nothing is made by {command:?}");
    }
    // A directory that is something else.
    upline.write("notes.txt", "mine");
    upline.run(&["--ledger", ".", "balance"]).fails(3, "there is no ledger");
    upline.run(&["--ledger", "notes.txt", "balance"]).fails(3, "there is no ledger");
    upline.run(&["--ledger", "notes.txt", "init"]).fails(3, "notes.txt");
}

#[test]
fn the_ledger_is_found_by_option_or_environment() {
    let upline = Upline::bare();
    upline.run(&["--ledger", "a/b", "init"]).succeeds();
    let done = upline.command(&["balance"]).env("UPLINE_LEDGER", "a/b").output().unwrap();
    Done::of(done).succeeds();
}

#[test]
fn one_records_in_files_at_a_time_and_others_ask_meanwhile() {
    let upline = Upline::with_in_files(&three_levels());
    let (before, root) = upline.verified();
    let mut first = upline
        .command(&["import", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // More than any pipe holds: when this is written, the first process reads, and it opened the ledger
    // before.
    let mut stdin = first.stdin.take().unwrap();
    stdin.write_all(&b"\n".repeat(4 << 20)).unwrap();
    for command in [&["import", "-"][..], &["record", "period_closed", "--on", "2025-12-31"]] {
        let done = upline.run(&[&["--wait", "0"], command].concat());
        done.fails(3, &format!("(pid {}, import)", first.id()));
        assert_eq!(done.stdout, "");
    }
    upline.run(&["balance"]).succeeds();
    assert_eq!(upline.verified(), (before, root));
    stdin.write_all(premiums("P-1", "100.00", 1).replace("01-15", "06-15").as_bytes()).unwrap();
    drop(stdin);
    let first = Done::of(first.wait_with_output().unwrap());
    first.succeeds();
    assert_eq!(upline.verified().0, before + 1);
}

#[test]
fn one_has_the_usual_ledger_at_a_time_and_others_wait() {
    let upline = Upline::with(&three_levels());
    let (before, _) = upline.verified();
    let piped = |args: &[&str]| {
        let mut command = upline.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut first = piped(&["import", "-"]);
    let mut stdin = first.stdin.take().unwrap();
    // As above: when this is written, the first process has the ledger.
    stdin.write_all(&b"\n".repeat(4 << 20)).unwrap();
    for command in [&["salvage", "facts"][..], &["import", "-"]] {
        let done = upline.run(&[&["--wait", "0"], command].concat());
        done.fails(3, &format!("(pid {}, import)", first.id()));
        assert_eq!(done.stdout, "");
    }
    // Who only asks is answered by the one that has it, from what is recorded.
    for command in [&["balance"][..], &["verify"], &["backup", "a.tar"]] {
        upline.run(&[&["--wait", "0"], command].concat()).succeeds();
    }
    // Who waits gets it, with what was recorded meanwhile.
    let waiting = piped(&["salvage", "facts", "--wait", "600", "--format", "json"]);
    stdin.write_all(premiums("P-1", "100.00", 1).replace("01-15", "06-15").as_bytes()).unwrap();
    drop(stdin);
    Done::of(first.wait_with_output().unwrap()).succeeds();
    let waited = Done::of(waiting.wait_with_output().unwrap());
    waited.succeeds();
    assert_eq!(waited.json()["position"], before + 1);
    assert_eq!(upline.verified().0, before + 1);
}

#[test]
fn a_ledger_of_a_newer_format_is_left_alone() {
    let upline = Upline::in_files();
    let log = upline.read("ledger/log");
    upline.write("ledger/log", log.replace("01", "02"));
    for command in [&["balance"][..], &["import", "-"], &["verify"], &["log"]] {
        upline.run(command).fails(3, "newer version");
    }
    assert_eq!(upline.read("ledger/log"), log.replace("01", "02"));
}

/// Damage is told: never a panic, a shorter ledger or another answer. Every byte of every file is flipped in
/// `damaged.rs` of the ledger; here the real program meets some.
#[test]
fn a_damaged_ledger_in_files_is_told() {
    let upline = Upline::with_in_files(&three_levels());
    let balance = upline.run(&["balance", "--as-of", "2025-12-31"]).stdout;
    let check = |what: &str| {
        let verify = upline.run(&["verify", "--format", "json"]);
        match verify.code {
            Some(3) => assert!(verify.stderr.starts_with("upline: "), "{what}: {verify:?}"),
            Some(1) => assert_eq!(verify.json()["ok"], false, "{what}: {verify:?}"),
            _ => panic!("{what}: not noticed: {verify:?}"),
        }
        let answer = upline.run(&["balance", "--as-of", "2025-12-31"]);
        match answer.code {
            Some(0) => assert_eq!(answer.stdout, balance, "{what}"),
            _ => assert_eq!((answer.code, answer.stdout.as_str()), (Some(3), ""), "{what}"),
        }
    };
    for file in ["log", "tail", "acknowledged", "directory.jsonl"] {
        let name = format!("ledger/{file}");
        let sound = fs::read(upline.path(&name)).unwrap();
        for at in (0..sound.len()).step_by(41) {
            let mut damaged = sound.clone();
            damaged[at] ^= 0x40;
            upline.write(&name, damaged);
            check(&format!("{file}, byte {at}"));
            upline.write(&name, &sound[..at]);
            check(&format!("{file}, cut at {at}"));
        }
        fs::remove_file(upline.path(&name)).unwrap();
        check(&format!("{file} removed"));
        upline.write(&name, b"overwritten ".repeat(1_000));
        check(&format!("{file} overwritten"));
        upline.write(&name, sound);
    }
    upline.verified();
}

/// The usual engine has bytes that mean nothing any more. Whatever happens to its files, the history is the one that
/// was, or damage is told; and who only looks changes nothing.
#[test]
fn a_damaged_ledger_is_told_and_looking_changes_nothing() {
    let upline = Upline::with(&three_levels());
    upline.run(&["balance"]).succeeds();
    let (verified, balance) = (upline.verified(), upline.run(&["balance", "--as-of", "2025-12-31"]).stdout);
    let names: Vec<String> = fs::read_dir(upline.path("ledger"))
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| upline.path("ledger").join(name).is_file() && name != "lock")
        .collect();
    let all = || names.iter().map(|name| fs::read(upline.path("ledger").join(name)).ok()).collect::<Vec<_>>();
    let sound = all();
    let restore = || {
        for entry in fs::read_dir(upline.path("ledger")).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                fs::remove_file(entry.path()).unwrap();
            }
        }
        for (name, bytes) in names.iter().zip(&sound) {
            upline.write(&format!("ledger/{name}"), bytes.as_ref().unwrap());
        }
    };
    let mut told = 0;
    for (name, sound) in names.iter().zip(&sound) {
        let sound = sound.as_ref().unwrap();
        for at in (0..sound.len().min(24_000)).step_by(sound.len().min(24_000) / 20 + 1) {
            for cut in [false, true] {
                let mut damaged = sound.clone();
                if cut {
                    damaged.truncate(at)
                } else {
                    damaged[at] ^= 0x40
                }
                upline.write(&format!("ledger/{name}"), damaged);
                let what = format!("{name}, byte {at}, cut {cut}");
                let before = all();
                let verify = upline.run(&["verify", "--format", "json"]);
                assert_eq!(all(), before, "{what}: verify changed something");
                match verify.code {
                    Some(0) => assert_eq!(verify.json()["root"], verified.1.as_str(), "{what}"),
                    _ => told += 1,
                }
                let answer = upline.run(&["balance", "--as-of", "2025-12-31"]);
                match answer.code {
                    Some(0) => assert_eq!(answer.stdout, balance, "{what}"),
                    _ => assert_eq!((answer.code, answer.stdout.as_str()), (Some(3), ""), "{what}"),
                }
                restore();
            }
        }
    }
    assert!(told > 20, "{told}");
    assert_eq!(upline.verified(), verified);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let upline = Upline::new();
    upline.run(&["generate", "--policies", "400", "--producers", "20", "--out", "book.jsonl"]).succeeds();
    upline.run(&["import", "book.jsonl"]).succeeds();
    for command in [
        &["log"][..],
        &["balance", "--by", "policy"],
        &["balance", "--by", "policy", "--format", "csv"],
        &["accounts", "--format", "json"],
        &["verify"],
        &["generate", "--policies", "1000", "--producers", "20"],
        &["help"],
    ] {
        let mut child =
            upline.command(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let done = Done::of(child.wait_with_output().unwrap());
        done.succeeds();
        assert!(!done.stderr.contains("upline:"), "{done:?}");
    }
}

#[test]
fn the_demo_explains_itself() {
    let upline = Upline::bare();
    let first = upline.run(&["demo"]);
    first.succeeds();
    for word in [
        "The ledger verifies",
        "Persistency by p4",
        "Overrides",
        "as known at 2025-06-30T23:59:59Z",
        "330.00", // of Ana's chargeback, covered
        "below_tiers",
        "counts, and does not survive",
    ] {
        assert!(first.stdout.contains(word), "{word}: {first:?}");
    }
    upline.run(&["demo"]).succeeds();
    assert!(upline.path("demo-ledger").exists() && upline.path("demo-ledger-2").exists());
    upline.run(&["demo", "--into", "demo-ledger"]).fails(3, "already");
    upline.run(&["--ledger", "demo-ledger-2", "verify"]).succeeds();
}

/// pay.md §13: who looks for something knows a part of it, written in some way.
#[test]
fn what_one_knows_a_part_of_is_found() {
    let book = setup(&[("110", "1.10")], &[("A001", "110", None, r#"{"months":9}"#)]);
    let more = r#"{"type":"producer_added","on":"2025-01-01","producer":"B7","kind":"agent","name":"Zoë Núñez"}
{"type":"policy_restated","on":"2025-03-01","carrier":"C1","policy":"P-1","correction":"K-1","issue":{"policy":"Q-9"}}
"#;
    let upline = Upline::with(&(book + &issue("P-1", "1200.00", "A001") + more));
    let found = |text: &str| -> Vec<String> {
        let rows = upline.rows(&["find", text]);
        rows.as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found("nunez"), ["B7"]);
    assert_eq!(found("a00"), ["A001"]);
    // Under the number that it was issued with, too.
    assert_eq!((found("p-1"), found("q-9")), (vec!["C1/Q-9".to_owned()], vec!["C1/Q-9".to_owned()]));
    assert!(found("nothing like it").is_empty());
    let rows = upline.rows(&["find", "B7"]);
    assert_eq!((&rows[0]["kind"], &rows[0]["name"]), (&json!("producer"), &json!("Zoë Núñez")));
}
