//! CSV files that are refused, each with its sentence.

use super::{bytes, life, profile, refused, text};
use upline_core::money::Cents;
use upline_formats::carrier_statement::{Wrong, read};

fn example() -> String {
    text("tests/data/statements/life-statement.csv")
}

/// The example with one text replaced by another.
#[track_caller]
fn with(from: &str, to: &str) -> String {
    let example = example();
    assert!(example.contains(from), "{from}");
    example.replacen(from, to, 1)
}

/// These bytes, read as the life carrier's CSV.
#[track_caller]
fn refused_bytes(bytes: &[u8], code: &str, says: &[&str]) {
    refused(read(bytes, "july.csv", &profile("life-statement")), code, says);
}

#[test]
fn a_file_of_another_kind_is_told_by_its_first_bytes() {
    for (bytes, says) in [
        (b"%PDF-1.7\n1 0 obj".as_slice(), "a PDF document"),
        (b"PK\x03\x04\x14\x00", "an Excel workbook (XLSX) or another ZIP archive"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel workbook (XLS)"),
        (b"\x1F\x8B\x08\x00", "compressed with gzip"),
        (b"<html><table>", "an HTML or XML document"),
    ] {
        refused_bytes(bytes, "malformed", &["july.csv: it is ", says, "the profile reads a CSV file"]);
    }
}

#[test]
fn a_text_that_is_no_utf_8_says_where() {
    let utf16: Vec<u8> = example().encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused_bytes(&utf16, "malformed", &["line 1 holds a zero byte", "UTF-16", "CSV UTF-8"]);
    let marked = [b"\xFF\xFE".to_vec(), utf16].concat();
    refused_bytes(&marked, "malformed", &["a text in UTF-16"]);
    let mut latin = example().into_bytes();
    let at = latin.windows(2).position(|pair| pair == "ø".as_bytes()).unwrap();
    latin.splice(at..at + 2, [0xF8]);
    refused_bytes(&latin, "malformed", &["line 5 is no UTF-8", &format!("byte {at} "), "CSV UTF-8"]);
    let old_mac = example().replace('\n', "\r");
    refused(life(&old_mac), "malformed", &["carriage return"]);
}

#[test]
fn a_file_without_lines_is_none() {
    refused(life(""), "malformed", &["the file is empty"]);
    refused(life("\n\n"), "malformed", &["line 1 should hold the titles"]);
    let titles = example().lines().next().unwrap().to_owned();
    refused(life(&titles), "control_total", &["ends without its total line"]);
    let titles = text("tests/data/statements/medicare-aggregator.csv").lines().next().unwrap().to_owned();
    let without = text("profiles/medicare-aggregator.toml");
    let (above, rest) = without.split_once("[control]").unwrap();
    let below = rest.split_once("[aliases.producers]").unwrap().1;
    let without = format!("{above}[aliases.producers]{below}");
    let profile = upline_formats::carrier_statement::Profile::parse(&without).unwrap();
    refused(read(titles.as_bytes(), "july.csv", &profile), "malformed", &["titles, but no lines"]);
}

#[test]
fn a_file_that_was_cut_says_where() {
    let example = example();
    let without_total = example.split_once("TOTAL").unwrap().0;
    refused(
        life(without_total),
        "control_total",
        &["\"TOTAL\" in column \"Policy Number\"", "it may be cut"],
    );
    let half_record = example.split_once("70022,REN").unwrap().0;
    refused(life(half_record), "malformed", &["line 6 has 4 cells, but there are 9 titles", "cut"]);
    let open_quote = example.split_once(", Dora").unwrap().0;
    refused(life(open_quote), "malformed", &["line 6 opens a quote that is not closed"]);
    let unquoted = with("\"Diaz, Dora\"", "Diaz, Dora");
    refused(life(&unquoted), "malformed", &["line 6 has 10 cells", "in quotes"]);
}

#[test]
fn no_prefix_of_a_file_with_a_total_line_is_taken() {
    let example = example();
    for (end, _) in example.char_indices() {
        // Without the last line end all is there.
        if end < example.len() - 1 && life(&example[..end]).is_ok() {
            panic!("taken: {}", &example[..end]);
        }
    }
}

#[test]
fn drifted_columns_are_named_as_missing_and_new() {
    let drifted = with("Comm Rate", "Rate %").replacen("Plan", "Plan Name", 1);
    let result = life(&drifted);
    let error = result.clone().unwrap_err();
    let wrong = Wrong::Columns {
        missing: vec!["Comm Rate".into(), "Plan".into()],
        new: vec!["Plan Name".into(), "Rate %".into()],
    };
    assert_eq!((error.wrong, error.line), (wrong, Some(1)));
    let says =
        ["life-statement version 1", "missing: \"Comm Rate\", \"Plan\"", "new: \"Plan Name\", \"Rate %\""];
    refused(result, "columns", &says);
    let twice = with("Insured,Plan", "Plan,Plan");
    refused(life(&twice), "columns", &["\"Plan\" stands twice, in columns B and C"]);
    let untitled = example().replace('\n', ",\n").replacen("990.00,\n", "990.00,x\n", 1);
    refused(life(&untitled), "columns", &["line 2: column J has no title, but holds \"x\""]);
}

#[test]
fn a_wrong_total_says_by_how_much() {
    let result = life(&with("$429.38", "$430.00"));
    assert_eq!(result.clone().unwrap_err().wrong, Wrong::ControlTotal { off_by: Some(Cents(-62)) });
    refused(
        result,
        "control_total",
        &["the total line 8 says 430.00, but the lines come to 429.38, 0.62 less: nothing is taken"],
    );
    refused(life(&with("TOTAL,,,6", "TOTAL,,,7")), "control_total", &["says \"7\" lines, but there are 6"]);
    refused(life(&with("$429.38", "")), "malformed", &["the total line 8 holds no amount"]);
    let below = example() + "0000123,,,70014,ADJ,07/31/2026,,,1.00\n";
    refused(life(&below), "malformed", &["line 9 stands below the total in line 8"]);
}

#[test]
fn a_code_or_carrier_that_is_not_known_is_named_with_its_line() {
    let result = life(&with("REN", "RNW"));
    assert_eq!(result.clone().unwrap_err().wrong, Wrong::UnknownCode("RNW".into()));
    refused(result, "unknown_code", &["line 6, column \"Trans Code\": \"RNW\" is no transaction code"]);
    let other =
        text("tests/data/statements/medicare-aggregator.csv").replacen("Blue Mesa Medicare", "Red Mesa", 1);
    let result = read(other.as_bytes(), "july.csv", &profile("medicare-aggregator"));
    assert_eq!(result.clone().unwrap_err().wrong, Wrong::UnknownCarrier("Red Mesa".into()));
    refused(result, "unknown_carrier", &["line 4, column \"Carrier\": \"Red Mesa\" is no carrier"]);
}

#[test]
fn a_cell_of_the_wrong_form_is_named_and_never_guessed() {
    for (from, to, says) in [
        (
            "$990.00",
            "$990.005",
            "line 2, column \"Commission\": \"$990.005\" cannot be taken: an amount has at most",
        ),
        (
            "$990.00",
            "\"9,90.00\"",
            "\"9,90.00\" cannot be taken: it is no amount of the profile's form, such as 1,234.56",
        ),
        ("$990.00", "10000000000000", "the largest amount is 9000000000000.00"),
        ("$990.00", "", "line 2, column \"Commission\": it is empty"),
        (
            "550.00",
            "-550.00",
            "line 5, column \"Commission\": -550.00 is below zero, but the profile says that CHB",
        ),
        (
            "07/01/2026",
            "2026-07-01",
            "column \"Trans Date\": \"2026-07-01\" is no date of the form MM/DD/YYYY",
        ),
        ("07/01/2026", "02/29/2026", "\"02/29/2026\" is no date"),
        ("07/01/2026", "", "line 2, column \"Trans Date\": it is empty"),
        (",110,$990.00", ",1100,$990.00", "column \"Comm Rate\": \"1100\" is no rate"),
        ("\n0000123", "\n", "line 2, column \"Policy Number\": it is empty"),
        (",70014,", ",,", "line 2, column \"Agent Number\": it is empty"),
    ] {
        refused(life(&with(from, to)), "malformed", &[says]);
    }
    let both = text("tests/data/statements/medicare-aggregator.csv").replacen("26.08;", "26.08;1.00", 1);
    let result = read(both.as_bytes(), "july.csv", &profile("medicare-aggregator"));
    refused(result, "malformed", &["line 2, column \"Recovered\": credit and debit are both filled in"]);
}

#[test]
fn formulas_are_refused_where_they_would_be_read() {
    for (from, to) in [("$990.00", "=F2*0.9"), ("\n0000123", "\n+cmd|x"), (",70014,", ",@SUM(A1),")] {
        refused(
            life(&with(from, to)),
            "formula",
            &["line 2, column ", "is a formula: a statement holds values"],
        );
    }
    assert!(life(&with("Term 20", "=plan")).is_ok(), "a column that is not used may hold anything");
}

#[test]
fn a_file_too_large_is_refused_unread() {
    let large = vec![b'x'; (32 << 20) + 1];
    refused_bytes(&large, "too_large", &["larger than 32 MiB"]);
    let cells = "a,a,a,a,a,a,a,a,a\n".repeat(450_000);
    refused_bytes(cells.as_bytes(), "too_large", &["more than 4000000 cells"]);
    let long = with("Term 20", &"x".repeat(5_000));
    refused(life(&long), "malformed", &["line 2: the text \"xxx", "more than 4096 bytes"]);
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let broken = with("\"Byrd, Alice\"", "\"Byrd,\nAlice\"").replacen("REN", "RNW", 1);
    refused(life(&broken), "unknown_code", &["line 7, column"]);
    let blank = example().replace('\n', "\n\n").replacen("REN", "RNW", 1);
    refused(life(&blank), "unknown_code", &["line 11, column"]);
    let text = text("profiles/life-statement.toml").replace("header_row = 1", "header_row = 4");
    let profile = upline_formats::carrier_statement::Profile::parse(&text).unwrap();
    let headed = format!("AML \"July\n\n,,\n{}", with("REN", "RNW"));
    refused(read(headed.as_bytes(), "july.csv", &profile), "unknown_code", &["line 9, column"]);
    let result = read(&bytes("tests/data/statements/life-statement.csv"), "july.csv", &profile);
    refused(result, "columns", &["missing: "]);
}
