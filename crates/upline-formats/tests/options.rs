//! Facts from options and from CSV say the same as from JSON, for every type; the names of fields for help.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod every_type;

use every_type::LINES;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::io::Cursor;
use upline_core::fact::Fact;
use upline_core::refusal::{Refusal, RefusalCode};
use upline_formats::fact::parse_json_line;
use upline_formats::limits::LINE_BYTES_MAX;
use upline_formats::options::{COMMON, TYPES, fact_from_options, field_names};
use upline_formats::source::{Format, Source};

fn members(line: &str) -> Map<String, Value> {
    serde_json::from_str(line).unwrap()
}

/// A value as a cell or an option holds it.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn parse(line: &str) -> Fact {
    parse_json_line(line.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}: {line}"))
}

fn csv(header: &[&str], records: &[Vec<String>]) -> Vec<Result<Fact, Refusal>> {
    let mut text = header.join(",");
    for record in records {
        let cells: Vec<String> =
            record.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        text.push('\n');
        text.push_str(&cells.join(","));
    }
    let source = Source::new("a.csv", Format::Csv, Box::new(Cursor::new(text))).unwrap();
    source.flat_map(Result::unwrap).map(|line| line.fact.map(|one| one.fact)).collect()
}

#[test]
fn every_type_reads_the_same_from_csv() {
    // One file with all columns, as a spreadsheet has them.
    let all: BTreeSet<String> =
        LINES.iter().flat_map(|line| members(line).keys().cloned().collect::<Vec<_>>()).collect();
    let header: Vec<&str> = all.iter().map(String::as_str).collect();
    let record = |line: &str| {
        let members = members(line);
        header.iter().map(|name| members.get(*name).map(as_text).unwrap_or_default()).collect()
    };
    let records: Vec<Vec<String>> = LINES.iter().map(|line| record(line)).collect();
    let facts = csv(&header, &records);
    assert_eq!(facts.len(), LINES.len());
    for (fact, line) in facts.into_iter().zip(LINES) {
        assert_eq!(fact.unwrap_or_else(|refusal| panic!("{refusal}: {line}")), parse(line), "{line}");
    }
}

fn options(type_name: &str, options: &[(&str, &str)]) -> Result<Fact, Refusal> {
    let owned: Vec<_> = options.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    fact_from_options(type_name, &owned)
}

#[test]
fn every_type_reads_the_same_from_options() {
    for line in LINES {
        let members = members(line);
        let type_name = members["type"].as_str().unwrap();
        let given: Vec<(String, String)> = members
            .iter()
            .filter(|(name, _)| *name != "type")
            .map(|(name, value)| (name.replace('_', "-"), as_text(value)))
            .collect();
        let fact = fact_from_options(type_name, &given);
        assert_eq!(fact.unwrap_or_else(|refusal| panic!("{refusal}: {line}")), parse(line), "{line}");
    }
}

#[test]
fn options_are_refused_like_lines() {
    let check = |type_name: &str, given: &[(&str, &str)], code: RefusalCode, field: &str| {
        let refusal = options(type_name, given).unwrap_err();
        assert_eq!((refusal.code, refusal.field.unwrap_or("")), (code, field), "{given:?}: {refusal}");
    };
    let closed = |rest: &[(&'static str, &'static str)]| [&[("on", "2025-01-31")], rest].concat();
    options("period_closed", &closed(&[])).unwrap();
    check("period_closed", &[], RefusalCode::Malformed, "on");
    check("period_close", &closed(&[]), RefusalCode::Malformed, "type");
    check("chargeback_covered", &closed(&[]), RefusalCode::Malformed, "type");
    check("period_closed", &closed(&[("colour", "red")]), RefusalCode::Malformed, "");
    check("period_closed", &closed(&[("on", "2025-01-31")]), RefusalCode::Malformed, "on");
    check("period_closed", &closed(&[("type", "period_closed")]), RefusalCode::Malformed, "type");
    check("period_closed", &closed(&[("id", "")]), RefusalCode::Malformed, "id");
    let paid = |amount| [("on", "2025-01-31"), ("carrier", "C1"), ("policy", "P1"), ("amount", amount)];
    check("premium_paid", &paid("-5"), RefusalCode::Amount, "amount");
    check("premium_paid", &paid("five"), RefusalCode::Malformed, "amount");
    let released = |carrier| {
        [
            ("on", "2025-01-31"),
            ("producer", "A"),
            ("carrier", carrier),
            ("vesting", "full"),
            ("debt", "stays"),
        ]
    };
    options("agent_released", &released("*")).unwrap();
    check("agent_released", &released(""), RefusalCode::Malformed, "carrier");
    let long = "x".repeat(LINE_BYTES_MAX);
    check("period_closed", &[("on", "2025-01-31"), ("note", long.as_str())], RefusalCode::Malformed, "");
    let many: Vec<(String, String)> = (0..300).map(|i| (format!("f{i}"), String::new())).collect();
    assert_eq!(fact_from_options("period_closed", &many).unwrap_err().code, RefusalCode::Malformed);
}

#[test]
fn the_fields_of_every_type_are_named() {
    let with_lines: BTreeSet<String> =
        LINES.iter().map(|line| members(line)["type"].as_str().unwrap().to_owned()).collect();
    let named: BTreeSet<String> = TYPES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(named.len(), TYPES.len());
    assert_eq!(with_lines, named, "a line for every type");
    assert_eq!(
        field_names("policy_restated").unwrap(),
        ["carrier", "policy", "correction", "chain?", "issue?"]
    );
    assert_eq!(field_names("premium_paid").unwrap(), ["carrier", "policy", "amount", "months?"]);
    assert_eq!(field_names("period_closed").unwrap(), [""; 0]);
    assert_eq!(field_names("chargeback_covered"), None);
}

/// What is marked may be left out, and nothing else; every field that a line has is named.
#[test]
fn marks_tell_what_may_be_left_out() {
    for line in LINES {
        let whole = members(line);
        let of_type = field_names(whole["type"].as_str().unwrap()).unwrap();
        let marked: Vec<&str> = of_type.iter().chain(COMMON).copied().collect();
        for name in whole.keys() {
            let optional = marked.contains(&format!("{name}?").as_str());
            assert!(optional || marked.contains(&name.as_str()), "{name}: {line}");
            // Who sets the details of an account says so, and who proposes and decides.
            let by_name = ["bank_details_set", "action_proposed", "action_decided"];
            if by_name.iter().any(|of| whole["type"] == *of) && name == "actor" {
                continue;
            }
            // A change of a contract needs one of its optional fields.
            if whole["type"] == "contract_changed" && ["level", "upline", "advance"].contains(&name.as_str())
            {
                continue;
            }
            // What is named of a carrier is named with it, and a correction corrects something.
            let with =
                |others: &[&str]| others.iter().any(|other| *other != name && whole.contains_key(*other));
            let needed = match name.as_str() {
                "carrier" | "kind" if of_type.contains(&"kind?") => with(&["carrier", "kind"]),
                "carrier" if whole["type"] == "opening_posted" => with(&["policy"]),
                "chain" | "issue" => !with(&["chain", "issue"]),
                _ => false,
            };
            let mut rest = whole.clone();
            rest.remove(name);
            let read = parse_json_line(Value::Object(rest).to_string().as_bytes());
            assert_eq!(read.is_ok(), optional && !needed, "{name}: {line}");
        }
        for name in of_type.iter().filter(|name| !name.ends_with('?')) {
            assert!(whole.contains_key(*name), "{name}: {line}");
        }
    }
}
