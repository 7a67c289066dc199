//! An answer of rows and columns, written for people or for programs.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;
use upline_core::money::Total;
use upline_formats::plain::{clean, defused, harmless_json};

/// What stands in a row under a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing: null in JSON.
    Null,
    /// Text.
    Text(String),
    /// A count; a number in JSON.
    Count(u64),
    /// Money; a string in JSON, with thousands separated for people.
    Money(Total),
    /// Any JSON; not for tables.
    Json(Value),
    /// A rate, ratio or weight; a string in JSON, aligned as a number for people.
    Figure(String),
}

impl Cell {
    /// Text, or nothing.
    pub fn text(text: impl ToString) -> Cell {
        Cell::Text(text.to_string())
    }

    /// Text where there is one.
    pub fn optional(text: Option<impl ToString>) -> Cell {
        text.map_or(Cell::Null, Cell::text)
    }

    fn plain(&self) -> String {
        match self {
            Cell::Null => String::new(),
            Cell::Json(value) => value.to_string(),
            Cell::Text(text) | Cell::Figure(text) => text.clone(),
            Cell::Count(count) => count.to_string(),
            Cell::Money(total) => total.to_string(),
        }
    }

    /// As a field of a spreadsheet.
    fn field(&self) -> String {
        match self {
            Cell::Text(text) => defused(text).into_owned(),
            other => other.plain(),
        }
    }

    /// As people read it: cleaned, thousands separated.
    pub fn shown(&self) -> String {
        match self {
            Cell::Money(total) => total.separated(),
            other => clean(&other.plain()).into_owned(),
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Null => serializer.serialize_none(),
            Cell::Json(value) => value.serialize(serializer),
            Cell::Text(text) | Cell::Figure(text) => serializer.serialize_str(text),
            Cell::Count(count) => serializer.serialize_u64(*count),
            Cell::Money(total) => serializer.collect_str(total),
        }
    }
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What it is, in words.
    pub title: String,
    /// What JSON has beside the rows, before them.
    pub members: Vec<(&'static str, Value)>,
    /// The columns, by the names of their JSON members.
    pub columns: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// What JSON has after the rows.
    pub closing: Vec<(&'static str, Value)>,
    /// A last row for people: the sums.
    pub footer: Option<Vec<Cell>>,
    /// What people read where there are no rows.
    pub nothing: &'static str,
}

impl Report {
    /// Writes it for programs: the stable contract.
    pub fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        // Row by row, as there may be a million.
        let mut json = serde_json::Serializer::new(JsonOut(&mut *out));
        let mut answer = json.serialize_map(None)?;
        self.members.iter().try_for_each(|(name, value)| answer.serialize_entry(name, value))?;
        let rows: Vec<JsonRow<'_>> =
            self.rows.iter().map(|cells| JsonRow { columns: &self.columns, cells }).collect();
        answer.serialize_entry("rows", &rows)?;
        self.closing.iter().try_for_each(|(name, value)| answer.serialize_entry(name, value))?;
        answer.end()?;
        writeln!(out)
    }

    /// Writes it for spreadsheets, with the same columns.
    pub fn write_csv(&self, out: &mut impl Write) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(&self.columns).map_err(csv_failed)?;
        for row in &self.rows {
            csv.write_record(row.iter().map(Cell::field)).map_err(csv_failed)?;
        }
        csv.flush()
    }

    /// Writes it for people: aligned, numbers to the right, with room for twenty thousand rows.
    pub fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        self.title.split('\n').try_for_each(|title| writeln!(out, "{}", clean(title)))?;
        if self.rows.is_empty() {
            return writeln!(out, "{}", self.nothing);
        }
        let numeric: Vec<bool> = (0..self.columns.len()).map(|column| self.is_numeric(column)).collect();
        let titles = self.columns.iter().map(|column| column.replace('_', " ")).collect();
        let shown = |cells: &Vec<Cell>| cells.iter().map(Cell::shown).collect::<Vec<String>>();
        let mut lines: Vec<Vec<String>> = vec![titles];
        lines.extend(self.rows.iter().chain(&self.footer).map(shown));
        let mut widths = vec![0; self.columns.len()];
        for line in &lines {
            for (cell, width) in line.iter().zip(&mut widths) {
                *width = shown_width(cell).max(*width);
            }
        }
        for (number, line) in lines.iter().enumerate() {
            write_line(out, line, &widths, &numeric)?;
            if number == 0 {
                writeln!(out, "{}", "─".repeat(widths.iter().map(|width| width + 3).sum::<usize>() - 1))?;
            }
        }
        Ok(())
    }

    /// Whether a column holds numbers.
    pub fn is_numeric(&self, column: usize) -> bool {
        let mut cells =
            self.rows.iter().filter_map(|row| row.get(column)).filter(|cell| **cell != Cell::Null);
        cells.next().is_some_and(|cell| matches!(cell, Cell::Money(_) | Cell::Count(_) | Cell::Figure(_)))
    }
}

/// How many columns of a terminal a text takes.
fn shown_width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// A line of a table, without spaces at its end.
fn write_line(out: &mut impl Write, line: &[String], widths: &[usize], numeric: &[bool]) -> io::Result<()> {
    let mut spaces = 1;
    for ((cell, width), numeric) in line.iter().zip(widths).zip(numeric) {
        let missing = width.saturating_sub(shown_width(cell));
        let (before, after) = if *numeric { (missing, 0) } else { (0, missing) };
        spaces += before;
        if !cell.is_empty() {
            write!(out, "{:spaces$}{cell}", "")?;
            spaces = 0;
        }
        spaces += after + 3;
    }
    writeln!(out)
}

/// A row as a JSON object.
struct JsonRow<'a> {
    columns: &'a [&'static str],
    cells: &'a [Cell],
}

impl Serialize for JsonRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().zip(self.cells))
    }
}

/// The sum of a column, for a footer.
pub fn sum(rows: &[Vec<Cell>], column: usize) -> Cell {
    let mut total = Total::ZERO;
    for row in rows {
        if let Some(Cell::Money(amount)) = row.get(column) {
            total += *amount;
        }
    }
    Cell::Money(total)
}

/// Takes JSON in whole pieces of text, and writes it on harmless.
pub struct JsonOut<W>(pub W);

impl<W: Write> Write for JsonOut<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.0.write_all(harmless_json(text).as_bytes()),
            Err(_) => self.0.write_all(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A CSV error as what the output said, so that a reader who left is known by it.
pub fn csv_failed(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
