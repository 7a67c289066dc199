//! What a fact says does not depend on how its line is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod every_type;

use every_type::LINES;
use proptest::prelude::*;
use serde_json::{Map, Value};
use std::io::Cursor;
use upline_core::content::{ContentKey, canonical};
use upline_core::fact::Fact;
use upline_formats::fact::parse_json_line;
use upline_formats::fact_json::write_fact;
use upline_formats::generate::generate;
use upline_formats::source::{Format, Source};

fn parse(line: &str) -> Fact {
    parse_json_line(line.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}: {line}"))
}

fn canonical_of(fact: &Fact) -> String {
    let mut out = String::new();
    canonical(fact.on, fact.remarks.as_deref(), &fact.body, &mut out);
    out
}

#[test]
fn a_fact_that_is_written_reads_the_same() {
    for line in LINES {
        let fact = parse(line);
        let mut written = String::new();
        write_fact(&fact, &mut written);
        assert_eq!(parse(&written), fact, "{line}");
    }
}

#[test]
fn the_canonical_text_is_a_fact_of_the_same_content() {
    for line in LINES {
        let text = canonical_of(&parse(line));
        assert_eq!(canonical_of(&parse(&text)), text, "{line}");
        // Sorted, without white space, nothing twice: as serde_json writes its sorted map.
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), text, "{line}");
    }
}

#[test]
fn content_does_not_depend_on_form() {
    for line in LINES {
        let text = canonical_of(&parse(line));
        let value: Map<String, Value> = serde_json::from_str(line).unwrap();
        let reversed: Vec<String> =
            value.iter().rev().map(|(key, value)| format!(" {key:?} : {value:#} ")).collect();
        let spaced = format!(" {{\t{}}} ", reversed.join(",")).replace('\n', " ");
        assert_eq!(canonical_of(&parse(&spaced)), text, "{spaced}");
    }
    for (one, other) in [
        (LINES[11], LINES[11].replace("\"100\"", "\"100.00\"")),
        (LINES[11], LINES[11].replace("C1", "\\u0043\\u0031")),
        (LINES[11], LINES[17].replace("100.00\"", "100.0\",\"months\":1")),
        (LINES[3], LINES[3].replace("1500", "1500.0")),
        (LINES[2], LINES[2].replace("1-1", "1").replace("1.1\"", "1.1000\"")),
        (LINES[0], LINES[0].replace("Ashford", "Other")),
    ] {
        assert_eq!(canonical_of(&parse(one)), canonical_of(&parse(&other)), "{other}");
    }
    assert_ne!(canonical_of(&parse(LINES[4])), canonical_of(&parse(LINES[5])));
    assert_ne!(
        canonical_of(&parse(LINES[11])),
        canonical_of(&parse(LINES[17])),
        "months given and months left out"
    );
}

/// A generated line with a few bytes changed.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let mut book = Vec::new();
    generate(20, 8, 5, &mut book).unwrap();
    let mut lines: Vec<Vec<u8>> = book.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    lines.extend(LINES.iter().map(|line| line.as_bytes().to_vec()));
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 0..6);
    (prop::sample::select(lines), edits).prop_map(|(mut line, edits)| {
        for (at, byte, how) in edits {
            if line.is_empty() {
                break;
            }
            let at = at.index(line.len());
            match how {
                0 => line[at] = byte,
                1 => line.insert(at, b"\"{}[],:-0.9e\\"[usize::from(byte) % 13]),
                _ => drop(line.remove(at)),
            }
        }
        line
    })
}

/// Reads the bytes as every kind of source; whatever was accepted has stable content.
fn read_all(bytes: &[u8]) {
    if let Ok(fact) = parse_json_line(bytes) {
        let text = canonical_of(&fact);
        assert_eq!(canonical_of(&parse(&text)), text);
    }
    for format in [Format::JsonLines, Format::Csv] {
        let Ok(source) = Source::new("bytes", format, Box::new(Cursor::new(bytes.to_vec()))) else {
            continue;
        };
        for line in source.filter_map(Result::ok).flatten() {
            assert_eq!(line.fact.is_err(), line.raw.is_some());
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_all(&bytes);
    }

    #[test]
    fn random_text_never_panics(text in "[{}\\[\\]\":,\\\\a-z0-9 \n\".-]{0,200}") {
        read_all(text.as_bytes());
    }

    #[test]
    fn mutated_lines_never_panic(line in mutated()) {
        read_all(&line);
        let csv = [b"type,on,carrier,policy,amount,months,note\n".as_slice(), &line].concat();
        read_all(&csv);
    }

    #[test]
    fn remarks_survive(note in any::<String>()) {
        let fact = |note: &str| {
            let mut fact = parse(LINES[16]);
            if let Some(remarks) = fact.remarks.as_mut() {
                remarks.note = Some(note.to_owned());
            }
            fact
        };
        let mut written = String::new();
        write_fact(&fact(&note), &mut written);
        prop_assert_eq!(parse(&written), fact(&note));
        let text = canonical_of(&fact(&note));
        prop_assert_eq!(ContentKey::of(&text), ContentKey::of(&canonical_of(&parse(&text))));
    }
}
