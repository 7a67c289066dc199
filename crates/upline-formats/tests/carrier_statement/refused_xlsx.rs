//! Workbooks that are refused, each with its sentence; and what a cell may hold.

use super::workbook::{TITLES, paid, parts, profile, with_row, zipped};
use super::{bytes, refused};
use upline_core::money::Cents;
use upline_core::time::Day;
use upline_formats::carrier_statement::{CarrierStatement, Profile, StatementError, read};

fn pay(bytes: &[u8]) -> Result<CarrierStatement, StatementError> {
    read(bytes, "pay.xlsx", &profile())
}

/// The amount of the only line, from a second row with these cells.
fn amount(cells: &str) -> Cents {
    pay(&with_row(cells)).unwrap().total
}

#[test]
fn a_number_is_read_to_the_cent_without_arithmetic() {
    for (stored, cents) in [
        ("110.1", 11_010),
        ("110.10000000000001", 11_010),
        ("-82.5", -8_250),
        ("1.1E2", 11_000),
        ("0.29999999999999999", 30),
        ("9000000000000", 900_000_000_000_000),
    ] {
        assert_eq!(amount(&paid(stored)), Cents(cents), "{stored}");
    }
    for stored in ["110.105", "1.4E-14", "110.1000000001"] {
        refused(pay(&with_row(&paid(stored))), "malformed", &["cell D2 (\"Paid\")", "at most two decimals"]);
    }
    refused(pay(&with_row(&paid("1E15"))), "malformed", &["cell D2: the number has more than 15 digits"]);
    refused(pay(&with_row(&paid("9000000000000.01"))), "malformed", &["the largest amount is"]);
}

#[test]
fn a_date_is_a_date_cell_or_a_text_of_the_profile_s_form() {
    let on = |cell: &str| {
        let cells = paid("1").replace("<c r=\"C2\" s=\"1\"><v>46204</v></c>", cell);
        pay(&with_row(&cells)).map(|statement| statement.lines[0].on)
    };
    let july = Day::parse("2026-07-01").unwrap();
    for cell in [
        "<c r=\"C2\" s=\"1\"><v>46204</v></c>",
        "<c r=\"C2\" s=\"1\"><v>46204.999988</v></c>",
        "<c r=\"C2\" t=\"d\"><v>2026-07-01T00:00:00</v></c>",
        "<c r=\"C2\" t=\"str\"><v>7/1/2026</v></c>",
    ] {
        assert_eq!(on(cell), Ok(july), "{cell}");
    }
    assert_eq!(on("<c r=\"C2\" s=\"1\"><v>61</v></c>"), Ok(Day::parse("1900-03-01").unwrap()));
    assert_eq!(on("<c r=\"C2\" s=\"1\"><v>1</v></c>"), Ok(Day::parse("1900-01-01").unwrap()));
    for cell in [
        "<c r=\"C2\"><v>46204</v></c>",
        "<c r=\"C2\" s=\"1\"><v>60</v></c>",
        "<c r=\"C2\" s=\"1\"><v>-1</v></c>",
        "<c r=\"C2\" s=\"1\"><v>1E300</v></c>",
        "<c r=\"C2\" t=\"d\"><v>2026-07</v></c>",
        "<c r=\"C2\" t=\"str\"><v>2026-07-01</v></c>",
        "<c r=\"C2\" t=\"b\"><v>1</v></c>",
    ] {
        let error = on(cell).unwrap_err();
        assert_eq!((error.code(), error.line), ("malformed", Some(2)), "{cell}: {error}");
        assert!(error.to_string().contains("cell C2"), "{error}");
    }
}

#[test]
fn a_workbook_that_counts_from_1904_has_the_same_days() {
    let mut parts = parts(&[("Pay", &format!("{TITLES}<row r=\"2\">{}</row>", paid("1")))]);
    for (name, content) in &mut parts {
        let text = String::from_utf8(content.clone()).unwrap();
        if *name == "xl/workbook.xml" {
            *content = text.replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>").into_bytes();
        } else {
            *content = text.replace("<v>46204</v>", "<v>44742</v>").into_bytes();
        }
    }
    assert_eq!(pay(&zipped(&parts)).unwrap().lines[0].on, Day::parse("2026-07-01").unwrap());
}

#[test]
fn a_formula_an_error_or_a_date_among_numbers_is_named_with_its_cell() {
    let formula = paid("1").replace("<c r=\"D2\">", "<c r=\"D2\"><f>SUM(A1:A9)</f>");
    refused(pay(&with_row(&formula)), "formula", &["cell D2 holds a formula", "paste it as values"]);
    let shared = paid("1").replace("<c r=\"D2\">", "<c r=\"D2\"><f t=\"shared\" si=\"99999999999\"/>");
    refused(pay(&with_row(&shared)), "formula", &["cell D2"]);
    let error = paid("#N/A").replace("<c r=\"D2\">", "<c r=\"D2\" t=\"e\">");
    refused(pay(&with_row(&error)), "malformed", &["cell D2: it shows the error #N/A"]);
    let date = paid("46204").replace("<c r=\"D2\">", "<c r=\"D2\" s=\"1\">");
    refused(
        pay(&with_row(&date)),
        "malformed",
        &["cell D2 (\"Paid\"): it is the date 2026-07-01, not an amount"],
    );
    let date = paid("1").replace("<c r=\"A2\" t=\"str\"><v>P-1</v>", "<c r=\"A2\" s=\"1\"><v>46204</v>");
    refused(pay(&with_row(&date)), "malformed", &["cell A2 (\"Policy\"): it is the date", "as text"]);
    let beyond = format!("{}<c r=\"F2\"><v>5</v></c>", paid("1"));
    refused(pay(&with_row(&beyond)), "columns", &["line 2: column F has no title, but holds \"5\""]);
}

#[test]
fn a_sheet_that_is_not_there_is_answered_with_those_that_are() {
    let rows = format!("{TITLES}<row r=\"2\">{}</row>", paid("1"));
    let two = zipped(&parts(&[("Pay", &rows), ("Notes", "")]));
    refused(pay(&two), "malformed", &["the sheets \"Pay\", \"Notes\": name one as file.sheet"]);
    let block = super::profile("block-of-business");
    let result = read(&two, "pay.xlsx", &block);
    refused(result, "malformed", &["no sheet \"Block of Business\"; it has \"Pay\", \"Notes\""]);
    let named = r#"
        code = "pay"
        version = 1
        from = 2026-01-01
        shows = "net"
        carrier = "C1"
        kind = "earned"
        file = { kind = "xlsx", sheet = "Notes" }
        columns = { policy = "Policy", writing_number = "Writing", on = "Date", amount = "Paid" }
        dates = { format = "MM/DD/YYYY" }
    "#;
    let notes = Profile::parse(named).unwrap();
    refused(read(&two, "pay.xlsx", &notes), "malformed", &["line 1 should hold the titles, but is empty"]);
}

#[test]
fn a_file_of_another_kind_is_told_by_its_first_bytes() {
    for (bytes, says) in [
        (b"%PDF-1.7".as_slice(), "a PDF document"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel workbook (XLS) or one with a password"),
        (b"Policy,Writing\n", "perhaps a CSV file"),
        (b"<html>", "an HTML or XML document"),
    ] {
        refused(pay(bytes), "malformed", &[says, "the profile reads an Excel workbook (XLSX)"]);
    }
    refused(pay(b""), "malformed", &["the file is empty"]);
    let archive = zipped(&[("readme.txt", b"hello".to_vec())]);
    assert_eq!(pay(&archive).unwrap_err().code(), "malformed");
    let word =
        zipped(&[("[Content_Types].xml", b"<Types/>".to_vec()), ("word/document.xml", b"<w/>".to_vec())]);
    assert_eq!(pay(&word).unwrap_err().code(), "malformed");
}

#[test]
fn a_cut_workbook_is_refused_wherever_it_was_cut() {
    let whole = bytes("tests/data/statements/block-of-business.xlsx");
    let block = super::profile("block-of-business");
    for end in (4..whole.len()).step_by(97) {
        refused(read(&whole[..end], "cut.xlsx", &block), "malformed", &["cut or damaged", "get it again"]);
    }
}

#[test]
fn a_workbook_is_not_unpacked_beyond_the_limit() {
    let mut parts = parts(&[("Pay", &format!("{TITLES}<row r=\"2\">{}</row>", paid("1")))]);
    assert!(pay(&zipped(&parts)).is_ok());
    parts.push(("xl/media/image1.png", vec![0; 65 << 20]));
    let bomb = zipped(&parts);
    assert!(bomb.len() < 1 << 20);
    refused(pay(&bomb), "too_large", &["unpacks to more than 64 MiB"]);
    // The sizes that it declares are not believed.
    let size = u32::try_from(65 << 20).unwrap().to_le_bytes();
    let mut lying = bomb;
    for at in 0..lying.len() - 4 {
        if lying[at..at + 4] == size {
            lying[at..at + 4].copy_from_slice(&10u32.to_le_bytes());
        }
    }
    let error = pay(&lying).unwrap_err();
    assert!(["too_large", "malformed"].contains(&error.code()), "{error}");
}

#[test]
fn what_a_workbook_declares_costs_nothing() {
    let rows = format!("{TITLES}<row r=\"2\">{}</row>", paid("1"));
    for count in ["99999999999", "18446744073709551615", "99999999999999999999999"] {
        let mut parts = parts(&[("Pay", &rows)]);
        parts.push(("xl/sharedStrings.xml", format!("<sst uniqueCount = '{count}'></sst>").into_bytes()));
        refused(pay(&zipped(&parts)), "malformed", &["declares more texts than it holds"]);
    }
    let far = format!("{rows}<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>");
    let error = pay(&zipped(&parts(&[("Pay", &far)]))).unwrap_err();
    assert_eq!((error.code(), error.line), ("columns", Some(1_048_576)), "{error}");
    let back = format!("{rows}<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>");
    refused(pay(&zipped(&parts(&[("Pay", &back)]))), "malformed", &["cell A1 stands out of order"]);
}

#[test]
fn texts_that_cells_share_are_counted_each_time() {
    let cells = |row: usize| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>");
    let rows: String = (1..=17_000).map(cells).collect();
    let mut parts = parts(&[("Pay", &rows)]);
    parts.push((
        "xl/sharedStrings.xml",
        format!("<sst><si><t>{}</t></si></sst>", "x".repeat(4_096)).into_bytes(),
    ));
    refused(pay(&zipped(&parts)), "too_large", &["split it"]);
}
