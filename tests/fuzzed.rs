//! Good lines of every type, damaged at random and imported by the real program: it never panics, says of
//! every line what became of it, records no fact that does not fit, and leaves a ledger that verifies.
//!
//! `UPLINE_FUZZ_LINES=100000 cargo test --test fuzzed` tries more lines than the default;
//! `UPLINE_FUZZ_SEED=7` tries others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::Upline;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const LINES_BY_DEFAULT: u64 = 6_000;

/// Lines imported at a time.
const FILE_LINES: u64 = 5_000;

/// The codes of docs/facts.md, "Refusals".
const CODES: &[&str] = &[
    "malformed",
    "dates",
    "amount",
    "unknown_carrier",
    "unknown_producer",
    "unknown_product",
    "unknown_policy",
    "unknown_level",
    "unknown_plan",
    "unknown_definition",
    "duplicate",
    "shares",
    "no_contract",
    "released",
    "no_grid",
    "cycle",
    "over_reversed",
    "credit_line",
    "closed_period",
];

/// What a value is replaced with.
const VALUES: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "1e308",
    "120",
    "18446744073709551616",
    "[]",
    "{}",
    "[[]]",
    "\"\"",
    "\"0\"",
    "\"-0.01\"",
    "\"0.01\"",
    "\"1\"",
    "\"0.5\"",
    "\"10\"",
    "\"0.001\"",
    "\"9000000000000.00\"",
    "\"-9000000000000.00\"",
    "\"9000000000000.01\"",
    "\"1900-01-01\"",
    "\"2200-12-31\"",
    "\"2024-02-29\"",
    "\"2023-02-29\"",
    "\"NaN\"",
    "\"*\"",
    "\"contracts\"",
    "\"IMO\"",
    "\"é\\u0000\"",
];

/// Bytes that mean something in JSON.
const TELLING: &[u8] = b"\"\\{}[]:,.-+0179eEnuft \r\t\0\x7f\xc3\xff";

/// A small generator of random numbers (splitmix64), the same for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    fn day(&mut self) -> String {
        format!("20{:02}-{:02}-{:02}", 15 + self.below(12), 1 + self.below(12), 1 + self.below(29))
    }
}

/// Good lines by type, and every value that a field of them has.
struct Pool {
    by_type: Vec<Vec<Map<String, Value>>>,
    values: BTreeMap<String, Vec<Value>>,
}

impl Pool {
    fn new(book: &str) -> Pool {
        let mut lines: Vec<Map<String, Value>> =
            book.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let issued: Vec<Map<String, Value>> =
            lines.iter().filter(|line| line["type"] == "policy_issued").cloned().collect();
        for line in issued {
            lines.extend(of_policy(&line));
        }
        let mut by_type: BTreeMap<String, Vec<Map<String, Value>>> = BTreeMap::new();
        let mut values: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for line in lines {
            for (name, value) in &line {
                values.entry(name.clone()).or_default().push(value.clone());
            }
            by_type.entry(line["type"].as_str().unwrap().to_owned()).or_default().push(line);
        }
        Pool { by_type: by_type.into_values().collect(), values }
    }

    /// A line of any type, damaged or not.
    fn line(&self, dice: &mut Dice) -> Vec<u8> {
        let of_type = dice.below(self.by_type.len());
        let mut line = dice.pick(&self.by_type[of_type]).clone();
        if dice.below(4) > 0 {
            line.insert("on".to_owned(), json!(dice.day()));
        }
        for _ in 0..dice.below(4) {
            self.change(&mut line, dice);
        }
        let mut bytes = serde_json::to_vec(&line).unwrap();
        if dice.below(4) == 0 {
            for _ in 0..=dice.below(4) {
                damage(&mut bytes, dice);
            }
        }
        bytes
    }

    /// Changes a member: another value of that field, or of any field, an edge, nothing, a new name.
    fn change(&self, line: &mut Map<String, Value>, dice: &mut Dice) {
        let names: Vec<String> = line.keys().cloned().collect();
        if names.is_empty() {
            return;
        }
        let name = dice.pick(&names).clone();
        match dice.below(8) {
            0..=2 => {
                let value = self.values.get(&name).map(|known| dice.pick(known).clone());
                line.insert(name, value.unwrap_or(Value::Null));
            }
            3 => {
                let other = dice.pick(&self.values.keys().cloned().collect::<Vec<_>>()).clone();
                line.insert(name, dice.pick(&self.values[&other]).clone());
            }
            4 => {
                line.insert(name, serde_json::from_str(dice.pick::<&str>(VALUES)).unwrap_or(Value::Null));
            }
            5 => {
                line.remove(&name);
            }
            6 => {
                let amount = format!("{}.{:02}", dice.below(3_000), dice.below(100));
                line.insert("amount".to_owned(), json!(amount));
            }
            _ => {
                let other = dice.pick(&self.values.keys().cloned().collect::<Vec<_>>()).clone();
                let value = dice.pick(&self.values[&other]).clone();
                line.insert(other, value);
            }
        }
    }
}

/// Lines of the types that a generated book lacks, and more of the rare ones.
fn of_policy(issued: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let (carrier, policy, on) = (&issued["carrier"], &issued["policy"], &issued["on"]);
    let producer = &issued["writing"][0]["producer"];
    let line = |value: Value| value.as_object().unwrap().clone();
    vec![
        line(json!({"type":"chargeback_recorded","on":on,"carrier":carrier,"policy":policy,
            "producer":producer,"amount":"12.34","reason":"interest"})),
        line(json!({"type":"policy_restated","on":on,"carrier":carrier,"policy":policy,"correction":"K-1",
            "chain":"contracts"})),
        line(json!({"type":"policy_restated","on":on,"carrier":carrier,"policy":policy,"correction":"K-2",
            "chain":[[{"producer":producer,"level":"100"},{"producer":"IMO","level":"140"}]]})),
        line(json!({"type":"agent_released","on":on,"producer":producer,"carrier":carrier,"vesting":"none",
            "debt":"rolls_up"})),
        line(json!({"type":"agent_released","on":on,"producer":producer,"carrier":"*","vesting":"full",
            "debt":"stays","reason":"left"})),
        line(json!({"type":"debt_rolled_up","on":on,"producer":producer,"carrier":carrier})),
        line(json!({"type":"repayment_received","on":on,"producer":producer,"amount":"75.00"})),
        line(
            json!({"type":"repayment_received","on":on,"producer":producer,"carrier":carrier,"amount":"7.5"}),
        ),
        line(json!({"type":"coverage_withdrawn","on":on,"producer":producer,"plan":"GUARD"})),
        line(json!({"type":"coverage_enrolled","on":on,"producer":producer,"plan":"GUARD"})),
        line(json!({"type":"period_closed","on":"2015-12-31"})),
        line(
            json!({"type":"adjustment_posted","on":on,"producer":producer,"carrier":carrier,"account":"debt",
            "amount":"-3.00","code":"fee","approved_by":"Ann","actor":"Bob"}),
        ),
    ]
}

fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    if bytes.is_empty() {
        return;
    }
    let at = dice.below(bytes.len());
    match dice.below(6) {
        0 => bytes[at] = *dice.pick(TELLING),
        1 => bytes.insert(at, *dice.pick(TELLING)),
        2 => drop(bytes.remove(at)),
        3 => bytes.truncate(at),
        4 => {
            let end = at + dice.below(bytes.len() - at);
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        _ => {
            // Another digit: a date, an amount, a code that is nearly right.
            if let Some(digit) = bytes[at..].iter_mut().find(|byte| byte.is_ascii_digit()) {
                *digit = b'0' + u8::try_from(dice.below(10)).unwrap();
            }
        }
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn damaged_lines_are_refused_or_right_and_the_ledger_stays_sound() {
    let (lines, seed) = (setting("UPLINE_FUZZ_LINES", LINES_BY_DEFAULT), setting("UPLINE_FUZZ_SEED", 1));
    let upline = Upline::new();
    let generate = ["generate", "--policies", "400", "--producers", "60", "--seed", "5"];
    let book = upline.run(&generate).stdout;
    // The first part of the book is there; the rest is what the lines are made of too.
    let known: String = book.lines().take(6_000).map(|line| format!("{line}\n")).collect();
    upline.write("book.jsonl", known);
    upline.run(&["import", "book.jsonl"]).succeeds();
    let pool = Pool::new(&book);
    assert_eq!(pool.by_type.len(), 25, "a type of fact has no line");
    let mut dice = Dice(seed);
    let (mut recorded, mut codes) = (0, BTreeSet::new());
    let mut left = lines;
    while left > 0 {
        let now = left.min(FILE_LINES);
        left -= now;
        let mut file: Vec<u8> = Vec::new();
        let mut count = 0;
        while count < now {
            let line: Vec<u8> = pool.line(&mut dice).into_iter().filter(|byte| *byte != b'\n').collect();
            // A blank line is none; some lines come twice.
            if !line.iter().all(u8::is_ascii_whitespace) {
                for _ in 0..=dice.below(20) / 19 {
                    file.extend_from_slice(&line);
                    file.push(b'\n');
                    count += 1;
                }
            }
        }
        upline.write("fuzzed.jsonl", &file);
        // `Done` asserts that nothing panicked.
        let done = upline.run(&["import", "--keep-going", "--force", "--format", "json", "fuzzed.jsonl"]);
        assert!(done.code == Some(1), "seed {seed}: {} {}", done.stderr, done.stdout.len());
        let answer = done.json();
        let number = |member: &str| answer[member].as_u64().unwrap();
        let refusals = answer["refusals"].as_array().unwrap();
        assert_eq!(number("recorded") + number("already_recorded") + number("refused"), count);
        // A report keeps the first thousand; the file has all of them.
        assert_eq!(refusals.len() as u64, number("refused").min(1_000));
        assert_eq!(upline.read("fuzzed.jsonl.refused.jsonl").lines().count() as u64, number("refused"));
        let by_code = answer["refused_by_code"].as_object().unwrap().values();
        assert_eq!(by_code.map(|count| count.as_u64().unwrap()).sum::<u64>(), number("refused"));
        for refusal in refusals {
            let code = refusal["code"].as_str().unwrap();
            assert!(CODES.contains(&code), "{refusal}");
            assert!(refusal["message"].as_str().unwrap().len() > 10, "{refusal}");
            codes.insert(code.to_owned());
        }
        recorded += number("recorded");
        // What was recorded is known now, whatever its line looked like.
        let again = upline.json(&["import", "--dry-run", "fuzzed.jsonl"]);
        assert!(again["already_recorded"].as_u64().unwrap() >= number("recorded"), "seed {seed}");
    }
    for as_of in ["2018-06-30", "2026-12-31", "2200-12-31"] {
        assert_eq!(upline.json(&["accounts", "--as-of", as_of])["total"], "0.00");
    }
    for question in ["balance", "overrides", "coverage"] {
        upline.run(&[question, "--as-of", "2200-12-31"]).succeeds();
    }
    upline.verified();
    eprintln!("{recorded} of {lines} lines recorded; refused as {codes:?}");
    assert!(recorded > lines / 10, "{recorded} of {lines}");
    assert!(codes.len() > 13, "{codes:?}");
}
