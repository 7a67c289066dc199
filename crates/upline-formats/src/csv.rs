//! CSV (RFC 4180): a header that names the fields, then one fact a record. An empty cell is an absent
//! field; lists and objects in a cell are JSON.
//!
//! Written out here rather than taken from the `csv` crate for three things that an import needs: a record
//! that is never longer than the limit (an unclosed quote would swallow the file), the text of a refused
//! record as it came, and cells that are borrowed.

use crate::fields::{Fields, Value};
use std::borrow::Cow;
use upline_core::refusal::{Refusal, RefusalCode};

/// Whether quotes are open at the end of a line, given whether they were at its beginning: then the record
/// goes on in the next line.
pub(crate) fn quotes_open(line: &[u8], open: bool, delimiter: u8) -> bool {
    #[derive(PartialEq)]
    enum In {
        Beginning,
        Plain,
        Quotes,
        AfterQuotes,
    }
    let mut now = if open { In::Quotes } else { In::Beginning };
    for byte in line {
        now = match (now, byte) {
            (In::Quotes, b'"') => In::AfterQuotes,
            (In::Quotes, _) => In::Quotes,
            (In::Beginning | In::AfterQuotes, b'"') => In::Quotes,
            (_, byte) if *byte == delimiter => In::Beginning,
            (_, _) => In::Plain,
        };
    }
    now == In::Quotes
}

/// The cells of a record, without their quotes; the memory is used again for the next record.
#[derive(Default)]
pub(crate) struct Record {
    text: String,
    ends: Vec<usize>,
}

impl Record {
    /// Splits a record into its cells.
    pub fn split(&mut self, record: &str) -> Result<(), Refusal> {
        self.text.clear();
        self.ends.clear();
        let mut rest = Some(record);
        while let Some(cell) = rest {
            rest = match cell.strip_prefix('"') {
                Some(quoted) => self.quoted(quoted)?,
                None => {
                    let (plain, after) =
                        cell.split_once(',').map_or((cell, None), |(cell, after)| (cell, Some(after)));
                    self.text.push_str(plain);
                    after
                }
            };
            self.ends.push(self.text.len());
        }
        Ok(())
    }

    /// Reads a cell behind its opening quote; says what follows the comma behind it, if one does.
    fn quoted<'t>(&mut self, mut rest: &'t str) -> Result<Option<&'t str>, Refusal> {
        loop {
            let Some((text, after)) = rest.split_once('"') else {
                return Err(malformed("a quote in the record is opened but not closed".into()));
            };
            self.text.push_str(text);
            if let Some(more) = after.strip_prefix('"') {
                self.text.push('"');
                rest = more;
                continue;
            }
            return match after.strip_prefix(',') {
                Some(next) => Ok(Some(next)),
                None if after.is_empty() => Ok(None),
                None => Err(malformed(format!(
                    "after the closing quote of column {} stands neither a comma nor the end",
                    self.ends.len() + 1
                ))),
            };
        }
    }

    fn cells(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let cell = self.text.get(start..end).unwrap_or_default();
            start = end;
            cell
        })
    }
}

/// The names of the columns.
pub(crate) struct Header(Vec<String>);

impl Header {
    pub fn new(record: &Record) -> Header {
        Header(record.cells().map(|name| name.trim().to_owned()).collect())
    }

    /// The columns, in order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there is a column of this name.
    pub fn names(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    /// The fields of a record: of the cells that are not empty.
    pub fn fields<'a>(&'a self, record: &'a Record) -> Result<Fields<'a>, Refusal> {
        if record.ends.len() != self.0.len() {
            let (cells, columns) = (record.ends.len(), self.0.len());
            return Err(malformed(format!("the record has {cells} cells, but the header has {columns}")));
        }
        let mut fields = Fields::default();
        for (name, cell) in self.0.iter().zip(record.cells()).filter(|(_, cell)| !cell.is_empty()) {
            fields.add(Cow::Borrowed(name), Value::Cell(cell));
        }
        Ok(fields)
    }
}

fn malformed(message: String) -> Refusal {
    Refusal::whole(RefusalCode::Malformed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(record: &str, cells: &[&str]) {
        let mut split = Record::default();
        split.split(record).unwrap();
        assert_eq!(split.cells().collect::<Vec<_>>(), cells, "{record}");
        assert!(!quotes_open(record.as_bytes(), false, b','), "{record}");
    }

    #[test]
    fn a_record_is_split_into_cells() {
        check("", &[""]);
        check("a,b", &["a", "b"]);
        check(",a,", &["", "a", ""]);
        check(r#""a,b","say ""so""",c"#, &["a,b", "say \"so\"", "c"]);
        check("\"two\nlines\",x", &["two\nlines", "x"]);
        check(r#"5" pipe,{"months":9}"#, &["5\" pipe", "{\"months\":9}"]);
        check(r#""""#, &[""]);
        check(r#""""""#, &["\""]);
    }

    #[test]
    fn quotes_that_do_not_fit_are_refused() {
        for record in [r#""a"#, r#""a"b,c"#, r#"x,"a""#.strip_suffix('"').unwrap()] {
            assert!(Record::default().split(record).is_err(), "{record}");
        }
    }

    #[test]
    fn a_record_goes_on_while_quotes_are_open() {
        assert!(quotes_open(br#"a,"b"#, false, b','));
        assert!(quotes_open(br#"still "" open"#, true, b','));
        assert!(!quotes_open(br#"closed",x"#, true, b','));
        assert!(!quotes_open(br#"5" pipe"#, false, b','));
    }
}
