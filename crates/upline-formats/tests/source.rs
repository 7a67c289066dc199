//! Files as they come: compressed, cut off, with blank lines, as CSV, with lines that are no facts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Cursor, Write};
use std::path::Path;
use upline_core::event::Identity;
use upline_core::refusal::RefusalCode;
use upline_formats::fact::parse_json_line;
use upline_formats::generate::generate;
use upline_formats::limits::{CHUNK_LINES, LINE_BYTES_MAX};
use upline_formats::source::{Format, Source, SourceError, Submitted};

const PAID: &str =
    r#"{"type":"premium_paid","on":"2025-01-01","carrier":"C1","policy":"P1","amount":"100.00"}"#;

fn open(name: &str, bytes: impl Into<Vec<u8>>) -> Result<Source, SourceError> {
    Source::new(name, Format::of_name(name), Box::new(Cursor::new(bytes.into())))
}

fn read(name: &str, bytes: impl Into<Vec<u8>>) -> Vec<Submitted> {
    open(name, bytes).unwrap().flat_map(Result::unwrap).collect()
}

/// The line numbers, and of refused lines the code and the field.
fn outcome(lines: &[Submitted]) -> Vec<(u64, Option<(RefusalCode, &str)>)> {
    lines
        .iter()
        .map(|one| {
            let refusal = one.fact.as_ref().err();
            (one.line, refusal.map(|refusal| (refusal.code, refusal.field.unwrap_or(""))))
        })
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn book() -> Vec<u8> {
    let mut out = Vec::new();
    generate(60, 20, 9, &mut out).unwrap();
    out
}

#[test]
fn blank_lines_and_line_ends_do_not_matter_but_count() {
    let text = format!("\u{feff}{PAID}\r\n\r\n  \n{PAID}\nnonsense\n{PAID}");
    let lines = read("a.jsonl", text);
    let malformed = Some((RefusalCode::Malformed, ""));
    assert_eq!(outcome(&lines), [(1, None), (4, None), (5, malformed), (6, None)]);
    assert_eq!(lines[2].raw.as_deref(), Some(b"nonsense".as_slice()));
    assert_eq!(lines[0].raw, None);
    assert_eq!(read("a.jsonl", ""), []);
}

#[test]
fn identical_lines_are_counted_by_their_content() {
    let id = "0190a5b2-7c3e-7d4f-8a1b-2c3d4e5f6a7b";
    let respelled = PAID.replace("100.00", "100").replace('{', "{ \"recorded_at\":\"2026-07-01T00:00:00Z\",");
    let given = PAID.replace('{', &format!("{{\"id\":\"{id}\","));
    let other = PAID.replace("100.00", "100.01");
    let text = [PAID, &respelled, &given, &other, PAID].join("\n");
    let lines: Vec<_> = read("a.jsonl", text).into_iter().map(|line| line.fact.unwrap()).collect();
    let derived = |ordinal| Identity::Derived { ordinal };
    let identities: Vec<_> = lines.iter().map(|line| line.identity).collect();
    let given = Identity::Given(id.parse().unwrap());
    assert_eq!(identities, [derived(1), derived(2), given, derived(1), derived(3)]);
    assert_eq!(lines[2].id.to_string(), id);
    for same in [1, 2, 4] {
        assert_eq!(lines[0].content, lines[same].content);
    }
    assert_ne!(lines[0].content, lines[3].content);
    let ids: std::collections::BTreeSet<_> = lines.iter().map(|line| line.id).collect();
    assert_eq!(ids.len(), 5);
}

#[test]
fn a_file_reads_the_same_however_it_is_compressed() {
    let plain = book();
    let lines = read("book.jsonl", plain.clone());
    assert!(lines.len() > 2 * CHUNK_LINES);
    assert!(lines.iter().all(|line| line.fact.is_ok()));
    assert_eq!(read("book.jsonl.gz", gzip(&plain)), lines);
    assert_eq!(read("book.jsonl.zst", zstd::encode_all(plain.as_slice(), 1).unwrap()), lines);
    // The first bytes count, not the name; and gzip files may be put one behind the other.
    assert_eq!(read("stdin", gzip(&plain)), lines);
    let (one, two) = plain.split_at(1_000);
    assert_eq!(read("book.jsonl.GZ", [gzip(one), gzip(two)].concat()), lines);
}

#[test]
fn chunks_are_handed_over_as_they_fill() {
    let sizes: Vec<usize> = open("a.jsonl", book()).unwrap().map(|chunk| chunk.unwrap().len()).collect();
    let (last, full) = sizes.split_last().unwrap();
    assert!(full.iter().all(|size| *size == CHUNK_LINES) && *last <= CHUNK_LINES && *last > 0);
}

#[test]
fn a_file_that_is_cut_off_says_so_after_what_could_be_read() {
    let plain = book();
    for (name, kind, whole) in [
        ("b.jsonl.gz", "gzip", gzip(&plain)),
        ("b.jsonl.zst", "zstd", zstd::encode_all(plain.as_slice(), 1).unwrap()),
    ] {
        let half = whole[..whole.len() / 2].to_vec();
        let mut read: Vec<_> = open(name, half).unwrap().collect();
        let error = read.pop().unwrap().unwrap_err();
        assert!(matches!(error, SourceError::CutOff { .. }), "{error}");
        let text = error.to_string();
        assert!(text.starts_with(&format!("{name} is cut off: its {kind} data end too early")), "{text}");
        assert!(read.into_iter().all(|chunk| chunk.is_ok()));
    }
}

#[test]
fn what_cannot_be_opened_says_why() {
    for (name, kind) in [("a.jsonl.gz", "gzip"), ("a.csv.zst", "zstd")] {
        for text in ["", PAID] {
            let error = open(name, text).err().unwrap().to_string();
            assert_eq!(error, format!("{name} is named like a {kind} file, but holds no {kind} data"));
        }
    }
    let error = Source::open(Path::new("no-such-file.jsonl")).err().unwrap();
    assert!(error.to_string().starts_with("no-such-file.jsonl cannot be opened: "), "{error}");
}

#[test]
fn lines_over_the_limit_and_lines_of_no_text_are_refused_one_by_one() {
    let long = format!("{{\"note\":\"{}\"}}", "x".repeat(10 * LINE_BYTES_MAX));
    let text = [PAID.as_bytes(), long.as_bytes(), b"\xff\xfe", PAID.as_bytes()].join(&b'\n');
    let lines = read("a.jsonl", text);
    let malformed = Some((RefusalCode::Malformed, ""));
    assert_eq!(outcome(&lines), [(1, None), (2, malformed), (3, malformed), (4, None)]);
    assert_eq!(lines[1].raw, None);
    assert_eq!(
        lines[1].fact.as_ref().unwrap_err().message,
        format!("the line has {} bytes, but may have at most {LINE_BYTES_MAX}", long.len())
    );
}

const CSV: &str = r#"type,on,carrier,policy,amount,months,product,annual_premium,mode,writing,note,producer,level,upline,advance
premium_paid,2025-01-01,C1,P1,100.00,3,,,,,"said ""so"", twice",,,,
policy_issued,2025-01-01,C1,P2,,,FE,1200.00,monthly,"[{""producer"":""A"",""share"":""1""}]",,,,,
producer_contracted,2025-01-01,C1,,,,,,,,,A,110,B,{"months":9}
contract_changed,2025-01-01,C1,,,,,,,,,A,,null,
,,,,,,,,,,,,,,
policy_lapsed,2025-01-01,C1,P1,,,,,,,"two
lines",,,,
"#;

#[test]
fn csv_says_the_same_as_json() {
    let json = [
        r#"{"type":"premium_paid","on":"2025-01-01","carrier":"C1","policy":"P1","amount":"100.00","months":3,"note":"said \"so\", twice"}"#,
        r#"{"type":"policy_issued","on":"2025-01-01","carrier":"C1","policy":"P2","product":"FE","annual_premium":"1200.00","mode":"monthly","writing":[{"producer":"A","share":"1"}]}"#,
        r#"{"type":"producer_contracted","on":"2025-01-01","carrier":"C1","producer":"A","level":"110","upline":"B","advance":{"months":9}}"#,
        r#"{"type":"contract_changed","on":"2025-01-01","carrier":"C1","producer":"A","upline":null}"#,
        r#"{"type":"policy_lapsed","on":"2025-01-01","carrier":"C1","policy":"P1","note":"two\nlines"}"#,
    ];
    for text in [CSV.to_string(), format!("\u{feff}{}", CSV.replace('\n', "\r\n"))] {
        let lines = read("facts.csv", text);
        assert_eq!(lines.iter().map(|line| line.line).collect::<Vec<_>>(), [2, 3, 4, 5, 7]);
        for (line, json) in lines.iter().zip(json) {
            assert_eq!(line.fact.as_ref().unwrap().fact, parse_json_line(json.as_bytes()).unwrap());
        }
    }
    assert_eq!(read("facts.csv.gz", gzip(CSV.as_bytes())), read("facts.csv", CSV));
}

/// The outcome of one CSV record below the header of a premium.
fn check_csv(record: &str, code: RefusalCode, field: &str) {
    let text = format!("type,on,carrier,policy,amount,months,colour\n{record}\n");
    let lines = read("a.csv", text);
    assert_eq!(outcome(&lines), [(2, Some((code, field)))], "{record}: {lines:?}");
    assert_eq!(lines[0].raw.as_deref(), Some(record.as_bytes()));
}

#[test]
fn csv_records_are_refused_like_lines() {
    check_csv("premium_paid,2025-01-01,C1,P1,1.001,,", RefusalCode::Amount, "amount");
    check_csv("premium_paid,2025-01-01,C1,P1,1.00,1.5,", RefusalCode::Malformed, "months");
    check_csv("premium_paid,2025-01-01,C1,P1,1.00,,red", RefusalCode::Malformed, "");
    check_csv("premium_paid,2025-01-01,C1,P1", RefusalCode::Malformed, "");
    check_csv("premium_paid,2025-01-01,C1,P1,\"1.00\"x,,", RefusalCode::Malformed, "");
    check_csv("premium_paid,2025-01-01,C1,P1,\"1.00,,", RefusalCode::Malformed, "");
    check_csv("premium_paid,2025-01-01,C1,P1,,,", RefusalCode::Malformed, "amount");
}

#[test]
fn a_quote_that_is_never_closed_does_not_swallow_the_memory() {
    let good = "premium_paid,2025-01-01,C1,P1,1.00\n";
    let text = format!(
        "type,on,carrier,policy,amount\npremium_paid,\"2025-01-01,C1,P1,1.00\n{}",
        good.repeat(4_000)
    );
    let lines = read("a.csv", text);
    assert_eq!(lines[0].line, 2);
    assert!(lines[0].fact.is_err());
    // What is behind the limit is read again, line by line.
    assert!(lines.len() > 1_000 && lines[1..].iter().all(|line| line.fact.is_ok()));
}

#[test]
fn a_csv_file_without_a_header_is_refused_in_its_first_line() {
    let lines = read("a.csv", "premium_paid,2025-01-01,C1,P1,1.00\npremium_paid,2025-02-01,C1,P1,1.00\n");
    assert_eq!(outcome(&lines)[0], (1, Some((RefusalCode::Malformed, "type"))));
    assert!(lines.iter().all(|line| line.fact.is_err()));
}
