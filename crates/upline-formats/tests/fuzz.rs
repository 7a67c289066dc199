//! Good lines of every type, damaged at random: reading never panics, and whatever is read as a fact is
//! written as lines that are read as the same fact again.
//!
//! `UPLINE_FUZZ_LINES=5000000 cargo test -p upline-formats --test fuzz` tries more lines than the default;
//! `UPLINE_FUZZ_SEED=7` tries others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod every_type;

use every_type::LINES;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::io::Cursor;
use upline_core::content::canonical;
use upline_core::fact::Fact;
use upline_formats::fact::parse_json_line;
use upline_formats::fact_json::write_fact;
use upline_formats::options::fact_from_options;
use upline_formats::source::{Format, Source};

const LINES_BY_DEFAULT: u64 = 20_000;

/// What a value is replaced with: edges of numbers, forms of nothing, text of many kinds.
const VALUES: &[&str] = &[
    "null",
    "true",
    "0",
    "-0",
    "1",
    "-1",
    "1.5",
    "1e308",
    "1e-400",
    "256",
    "4294967296",
    "18446744073709551616",
    "170141183460469231731687303715884105728",
    "[]",
    "{}",
    "[[]]",
    "[[[]]]",
    "[{}]",
    "\"\"",
    "\" \"",
    "\"0\"",
    "\"-0\"",
    "\"0.00\"",
    "\"-0.01\"",
    "\"1\"",
    "\"10\"",
    "\"10.01\"",
    "\"0.001\"",
    "\"9000000000000.00\"",
    "\"-9000000000000.00\"",
    "\"9000000000000.01\"",
    "\"92233720368547758.08\"",
    "\"79228162514264337593543950336\"",
    "\"7.9228162514264337593543950335\"",
    "\"0.0000000000000000000000000001\"",
    "\"0.1000000000000000000000000000000000000000\"",
    "\"1e5\"",
    "\"NaN\"",
    "\"Infinity\"",
    "\"*\"",
    "\"contracts\"",
    "\"null\"",
    "\"1900-01-01\"",
    "\"2200-12-31\"",
    "\"0000-01-01\"",
    "\"9999-12-31\"",
    "\"-262143-01-01\"",
    "\"2024-02-29\"",
    "\"1-65535\"",
    "\"65535+\"",
    "\"0-0\"",
    "\"percent:1\"",
    "\"percent:0.00\"",
    "\"2026-07-01T00:00:60Z\"",
    "\"0001-01-01T00:00:00Z\"",
    "\"9999-12-31T23:59:59.999999999Z\"",
    "\"\\u0000\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"é\"",
    "\"e\u{301}\"",
    "\"\u{202e}txet\"",
    "\"\u{feff}\"",
    "\"\u{2028}\"",
    "\"١٢٣\"",
    "\"１００\"",
    "\"𝟙\"",
    "\"a\\nb\"",
    "\"\\\"\"",
];

/// Bytes that mean something in JSON or CSV.
const TELLING: &[u8] = b"\"\\{}[]:,.-+0179eEnuft \n\r\t\0\x7f\xc3\xff";

struct Fuzz(ChaCha8Rng);

impl Fuzz {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.next_u64() % end.max(1) as u64).unwrap()
    }

    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }

    fn line(&mut self) -> Vec<u8> {
        let mut line = self.pick(LINES).to_owned();
        for _ in 0..self.below(3) {
            line = self.changed_members(&line).unwrap_or(line);
        }
        let mut bytes = line.into_bytes();
        // Half of the lines stay JSON, and get to what is behind its reader.
        for _ in 0..self.below(2) * self.below(5) {
            self.change_bytes(&mut bytes);
        }
        bytes
    }

    /// A member removed, doubled, renamed, or with another value; none where the line is no object.
    fn changed_members(&mut self, line: &str) -> Option<String> {
        let mut members: Map<String, Value> = serde_json::from_str(line).ok()?;
        let names: Vec<String> = members.keys().cloned().collect();
        let name = names.get(self.below(names.len()))?;
        match self.below(8) {
            0 => {
                members.remove(name);
            }
            1 => {
                // What stands in another line, there under the same name or under another.
                let other: Map<String, Value> = serde_json::from_str(self.pick(LINES)).unwrap();
                let index = self.below(other.len());
                let (from, value) = other.into_iter().nth(index)?;
                let to = if self.below(2) == 0 { from } else { name.clone() };
                members.insert(to, value);
            }
            2 => {
                let (one, two) = (members.get(name)?.clone(), &names[self.below(names.len())]);
                let other = members.insert(two.clone(), one)?;
                members.insert(name.clone(), other);
            }
            3 => {
                let value = members.remove(name)?;
                members.insert(format!("{name}_"), value);
            }
            4 => {
                // A name that stands twice, which a map cannot hold.
                let text = line.trim_end().strip_suffix('}')?;
                return Some(format!("{text},\"{name}\":{}}}", self.pick(VALUES)));
            }
            5 => {
                let inner = self.pick(VALUES);
                let value = members.get_mut(name)?;
                self.change_inside(value, inner);
            }
            _ => {
                let text = serde_json::to_string(&members.get(name)?.clone()).ok()?;
                let with = format!("\"{name}\":{}", self.pick(VALUES));
                return Some(serde_json::to_string(&members).ok()?.replacen(
                    &format!("\"{name}\":{text}"),
                    &with,
                    1,
                ));
            }
        }
        serde_json::to_string(&members).ok()
    }

    /// Changes something in a list or an object; items are also doubled.
    fn change_inside(&mut self, value: &mut Value, with: &str) {
        match value {
            Value::Array(items) if !items.is_empty() => {
                let index = self.below(items.len());
                if self.below(3) == 0 {
                    let again = vec![items[index].clone(); 1 + self.below(70)];
                    items.extend(again);
                } else {
                    self.change_inside(&mut items[index], with);
                }
            }
            Value::Object(members) if !members.is_empty() => {
                let index = self.below(members.len());
                if let Some((_, inner)) = members.iter_mut().nth(index) {
                    self.change_inside(inner, with);
                }
            }
            other => *other = serde_json::from_str(with).unwrap_or(Value::Null),
        }
    }

    fn change_bytes(&mut self, line: &mut Vec<u8>) {
        if line.is_empty() {
            return;
        }
        let at = self.below(line.len());
        let piece = at..(at + 1 + self.below(12)).min(line.len());
        match self.below(6) {
            0 => line[at] ^= 1 << self.below(8),
            1 => line[at] = TELLING[self.below(TELLING.len())],
            2 => line.insert(at, TELLING[self.below(TELLING.len())]),
            3 => drop(line.drain(piece)),
            4 => {
                let again = line[piece].to_vec();
                line.splice(at..at, again);
            }
            _ => {
                let other = self.pick(VALUES).bytes().collect::<Vec<_>>();
                line.splice(piece, other);
            }
        }
    }
}

fn canonical_of(fact: &Fact) -> String {
    let mut out = String::new();
    canonical(fact.on, fact.remarks.as_deref(), &fact.body, &mut out);
    out
}

fn parse(line: &str) -> Fact {
    parse_json_line(line.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}: {line}"))
}

/// Whatever was read is written as lines that say the same.
fn check_written(fact: &Fact) {
    let mut written = String::new();
    write_fact(fact, &mut written);
    assert_eq!(&parse(&written), fact, "{written}");
    let text = canonical_of(fact);
    let again = parse(&text);
    assert_eq!((again.on, &again.remarks, &again.body), (fact.on, &fact.remarks, &fact.body), "{text}");
    assert_eq!(canonical_of(&again), text);
}

/// The same members as a CSV record and as options: read like the line, or refused.
fn check_other_forms(line: &[u8]) {
    let Ok(members) = serde_json::from_slice::<Map<String, Value>>(line) else { return };
    let cells: Vec<(String, String)> = members
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let header: Vec<String> = cells.iter().map(|(name, _)| quoted(name)).collect();
    let record: Vec<String> = cells.iter().map(|(_, text)| quoted(text)).collect();
    let text = format!("{}\n{}\n", header.join(","), record.join(","));
    let source = Source::new("line", Format::Csv, Box::new(Cursor::new(text))).unwrap();
    for fact in source.filter_map(Result::ok).flatten().filter_map(|line| line.fact.ok()) {
        check_written(&fact.fact);
    }
    if let Some((_, type_name)) = cells.iter().find(|(name, _)| name == "type") {
        let rest: Vec<(String, String)> = cells.iter().filter(|(name, _)| name != "type").cloned().collect();
        if let Ok(fact) = fact_from_options(type_name, &rest) {
            check_written(&fact);
        }
    }
}

fn number_from(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn damaged_lines_never_panic_and_what_is_read_is_written_the_same() {
    let seed = number_from("UPLINE_FUZZ_SEED", 1);
    let lines = number_from("UPLINE_FUZZ_LINES", LINES_BY_DEFAULT);
    let mut fuzz = Fuzz(ChaCha8Rng::seed_from_u64(seed));
    let (mut types, mut refusals) = (BTreeSet::new(), BTreeSet::new());
    let mut read = 0;
    for number in 0..lines {
        let line = fuzz.line();
        let checked = std::panic::catch_unwind(|| {
            check_other_forms(&line);
            parse_json_line(&line).inspect(check_written)
        });
        match checked {
            Ok(Ok(fact)) => {
                read += 1;
                types.insert(fact.body.type_name());
            }
            Ok(Err(refusal)) => {
                refusals.insert((refusal.code, refusal.field));
            }
            Err(_) => panic!("seed {seed}, line {number}: {}", String::from_utf8_lossy(&line)),
        }
    }
    // The test is worth something only while both happen often, and everywhere.
    assert!(read * 10 > lines && read * 10 < lines * 9, "{read} of {lines} lines were read");
    assert_eq!(types.len(), upline_formats::options::TYPES.len(), "{types:?}");
    assert!(refusals.len() > 40, "{refusals:?}");
}
