//! Workbooks written out by hand, so that a test says every byte that matters.

use std::io::{Cursor, Write};
use upline_formats::carrier_statement::Profile;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A ZIP archive of these files.
pub fn zipped(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The files of a workbook with these sheets: names, and the XML of their rows.
pub fn parts(sheets: &[(&'static str, &str)]) -> Vec<(&'static str, Vec<u8>)> {
    const PATHS: [&str; 2] = ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"];
    let (mut names, mut links) = (String::new(), String::new());
    let mut parts = Vec::new();
    for ((number, (name, rows)), path) in (1..).zip(sheets).zip(PATHS) {
        names += &format!("<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>");
        let target = path.strip_prefix("xl/").unwrap();
        links +=
            &format!("<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/worksheet\" Target=\"{target}\"/>");
        let sheet = format!("{XML}<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>");
        parts.push((path, sheet.into_bytes()));
    }
    let date = "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>";
    let others = [
        ("[Content_Types].xml", format!("{XML}<Types xmlns=\"{PACKAGE}/content-types\"/>")),
        (
            "_rels/.rels",
            format!(
                "{XML}<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" \
                 Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "{XML}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{names}</sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!("{XML}<Relationships xmlns=\"{PACKAGE}/relationships\">{links}</Relationships>"),
        ),
        ("xl/styles.xml", format!("{XML}<styleSheet xmlns=\"{MAIN}\">{date}</styleSheet>")),
    ];
    parts.extend(others.map(|(name, text)| (name, text.into_bytes())));
    parts
}

/// The titles of [`profile`], in row 1.
pub const TITLES: &str = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>Policy</v></c>\
    <c r=\"B1\" t=\"str\"><v>Writing</v></c><c r=\"C1\" t=\"str\"><v>Date</v></c>\
    <c r=\"D1\" t=\"str\"><v>Paid</v></c></row>";

/// A workbook with one sheet, the titles and a second row with these cells.
pub fn with_row(cells: &str) -> Vec<u8> {
    zipped(&parts(&[("Pay", &format!("{TITLES}<row r=\"2\">{cells}</row>"))]))
}

/// A row's cells that are in order: policy, writing number, date and this amount.
pub fn paid(amount: &str) -> String {
    format!(
        "<c r=\"A2\" t=\"str\"><v>P-1</v></c><c r=\"B2\" t=\"str\"><v>W-1</v></c>\
         <c r=\"C2\" s=\"1\"><v>46204</v></c><c r=\"D2\"><v>{amount}</v></c>"
    )
}

/// Reads a sheet with those titles.
pub fn profile() -> Profile {
    let text = r#"
        code = "pay"
        version = 1
        from = 2026-01-01
        shows = "net"
        carrier = "C1"
        kind = "earned"
        [file]
        kind = "xlsx"
        [columns]
        policy = "Policy"
        writing_number = "Writing"
        on = "Date"
        amount = "Paid"
        [dates]
        format = "MM/DD/YYYY"
    "#;
    Profile::parse(text).unwrap()
}
