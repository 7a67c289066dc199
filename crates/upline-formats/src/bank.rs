//! Bank details of producers as CSV: the columns `producer`, `routing`, `account` and `kind`, in any order.
//! All of a file is right, or every cell that is wrong is told.

use crate::csv::{Header, Record};
use crate::fields::{Fields, Value, shown};
use crate::lines::{Line, Lines};
use crate::source::{SourceError, decompressed};
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use upline_core::names::Code;
use upline_store::{AccountKind, AccountNumber, Bank, NotBank, RoutingNumber};

/// The columns of the file.
pub const COLUMNS: [&str; 4] = ["producer", "routing", "account", "kind"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongCell {
    /// The line, from 1.
    pub line: u64,
    /// The column, where it is one that is wrong.
    pub column: Option<&'static str>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for WrongCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// Why nothing was had of a file.
#[derive(Debug, thiserror::Error)]
pub enum BankFileError {
    /// It cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// It is wrong, here and there.
    #[error("{} of its cells or lines are wrong", .0.len())]
    Wrong(Vec<WrongCell>),
}

/// Reads the file, compressed or not. `refusal` says why somebody cannot have bank details.
pub fn read_file(
    path: &Path,
    refusal: impl Fn(&Code) -> Option<String>,
) -> Result<Vec<(Code, Bank)>, BankFileError> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| SourceError::Open { name: name.clone(), error })?;
    read(&name, Box::new(file), refusal)
}

/// Reads bank details from any input; the name is for messages.
pub fn read(
    name: &str,
    reader: Box<dyn Read + Send>,
    refusal: impl Fn(&Code) -> Option<String>,
) -> Result<Vec<(Code, Bank)>, BankFileError> {
    let (_, reader) = decompressed(name, reader)?;
    let (mut lines, mut number) = (Lines::new(reader), 0);
    let (mut header, mut record) = (None, Record::default());
    let (mut banks, mut seen, mut wrong) = (Vec::new(), HashMap::new(), Vec::new());
    loop {
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(error) => return Err(SourceError::Read { name: name.to_owned(), line: number, error }.into()),
        };
        number += 1;
        let mut tell = |column, what| wrong.push(WrongCell { line: number, column, what });
        match split(&line, &mut record) {
            Ok(false) => continue,
            Ok(true) => {}
            Err(what) => {
                tell(None, what);
                continue;
            }
        }
        let Some(header) = &header else {
            let columns = Header::new(&record);
            if let Some(what) = no_header(&columns) {
                tell(None, what);
                break;
            }
            header = Some(columns);
            continue;
        };
        let mut fields = match header.fields(&record) {
            Ok(fields) if fields.is_empty() => continue,
            Ok(fields) => fields,
            Err(refusal) => {
                tell(None, refusal.message);
                continue;
            }
        };
        let producer = cell(&mut fields, "producer", |text| {
            let code = Code::parse(text).ok_or_else(|| {
                format!("is {}, but a code is 1 to 64 letters, digits or -_.:", shown(text))
            })?;
            match seen.insert(code.clone(), number) {
                Some(before) => Err(format!("{code} stands in line {before} already")),
                None => refusal(&code).map_or(Ok(code), Err),
            }
        });
        let detail = |error: NotBank| error.why;
        let routing = cell(&mut fields, "routing", |text| RoutingNumber::parse(text).map_err(detail));
        let account = cell(&mut fields, "account", |text| AccountNumber::parse(text).map_err(detail));
        let kind = cell(&mut fields, "kind", |text| AccountKind::parse(text).map_err(detail));
        match (producer, routing, account, kind) {
            (Ok(producer), Ok(routing), Ok(account), Ok(kind)) => {
                banks.push((producer, Bank { routing, account, kind }));
            }
            (producer, routing, account, kind) => {
                let cells = [producer.err(), routing.err(), account.err(), kind.err()];
                for (column, what) in COLUMNS.into_iter().zip(cells) {
                    what.into_iter().for_each(|what| tell(Some(column), what));
                }
            }
        }
    }
    if number == 0 {
        wrong.push(WrongCell { line: 1, column: None, what: format!("the file is empty: {NAMES}") });
    }
    if wrong.is_empty() { Ok(banks) } else { Err(BankFileError::Wrong(wrong)) }
}

/// What the first line is for.
const NAMES: &str = "its first line names the columns producer, routing, account, kind";

/// Splits a line into its cells; says whether there are any.
fn split(line: &Line<'_>, record: &mut Record) -> Result<bool, String> {
    let line = match line {
        Line::Text(line) => std::str::from_utf8(line).map_err(|_| "this is no text in UTF-8".to_owned())?,
        Line::TooLong(bytes) => return Err(format!("it has {bytes} bytes, more than any bank details")),
    };
    if line.trim().is_empty() {
        return Ok(false);
    }
    record.split(line).map_err(|refusal| refusal.message)?;
    Ok(true)
}

/// Why the columns are not the four.
fn no_header(header: &Header) -> Option<String> {
    let unknown = header.columns().find(|name| !COLUMNS.contains(name));
    if let Some(name) = unknown {
        return Some(format!("there is no column {} of bank details: {NAMES}", shown(name)));
    }
    if let Some(name) = COLUMNS.into_iter().find(|name| !header.names(name)) {
        return Some(format!("the column {name} is missing: {NAMES}"));
    }
    (header.columns().count() > COLUMNS.len()).then(|| format!("a column stands twice: {NAMES}"))
}

/// Takes a cell and reads it; says what is wrong with it.
fn cell<T>(
    fields: &mut Fields<'_>,
    column: &str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, String> {
    match fields.take(column) {
        Some(Value::Cell(text)) if !text.trim().is_empty() => read(text.trim()),
        _ => Err("is empty".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    fn read_text(text: &str) -> Result<Vec<(Code, Bank)>, Vec<String>> {
        let refusal = |code: &Code| (code.as_str() == "GONE").then(|| "GONE was never added".to_owned());
        read("banks.csv", Box::new(io::Cursor::new(text.to_owned())), refusal).map_err(|error| match error {
            BankFileError::Wrong(wrong) => wrong.iter().map(WrongCell::to_string).collect(),
            BankFileError::Source(error) => vec![error.to_string()],
        })
    }

    #[test]
    fn columns_come_in_any_order_and_blank_lines_are_no_lines() {
        let text = "\u{feff}kind,account,producer,routing\r\n\r\nsavings, 12-34 ,A001,123456780\r\n,,,\r\n\
                    checking,\"99\",B002,987654320";
        let banks = read_text(text).unwrap();
        let bank = |routing, account, kind| Bank::parse(routing, account, kind).unwrap();
        let expected = [
            (Code::parse("A001").unwrap(), bank("123456780", "12-34", "savings")),
            (Code::parse("B002").unwrap(), bank("987654320", "99", "checking")),
        ];
        assert_eq!(banks, expected);
        assert_eq!(read_text("producer,routing,account,kind\n").unwrap(), []);
    }

    #[test]
    fn every_wrong_cell_is_told_with_its_line_and_column() {
        let text = "producer,routing,account,kind
A001,123456780,1234,checking
B 2,123456789,12_4,current
GONE,123456780,1234,checking

A001,123456780,1234,checking
C3,123456780,,
D4,123456780
E5,\"1
F6,123456780,1234,checking
";
        let wrong = read_text(text).unwrap_err();
        let expected = [
            "line 3, column producer: is \"B 2\", but a code is 1 to 64 letters, digits or -_.:",
            "line 3, column routing: is \"123456789\", but its check digit does not hold: after these eight digits \
             the ninth is 0. A digit is wrong, or two changed places",
            "line 3, column account: holds '_', but it is letters, digits, - and spaces",
            "line 3, column kind: is \"current\", but an account is checking or savings",
            "line 4, column producer: GONE was never added",
            "line 6, column producer: A001 stands in line 2 already",
            "line 7, column account: is empty",
            "line 7, column kind: is empty",
            "line 8: the record has 2 cells, but the header has 4",
            "line 9: a quote in the record is opened but not closed",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn a_header_is_the_four_columns_and_no_others() {
        for (text, expected) in [
            ("", "line 1: the file is empty"),
            ("A001,123456780,1234,checking\n", "line 1: there is no column \"A001\""),
            ("producer,routing,account\n", "line 1: the column kind is missing"),
            ("producer,routing,account,kind,note\n", "line 1: there is no column \"note\""),
            ("\nproducer,routing,account,kind,kind\n", "line 2: a column stands twice"),
            ("PK\u{3}\u{4}", "is a workbook"),
        ] {
            let wrong = read_text(text).unwrap_err();
            assert!(wrong.len() == 1 && wrong[0].contains(expected), "{text:?}: {wrong:?}");
        }
    }
}
