//! An answer of rows and columns, printed for people or for programs.

use crate::failure::{Failure, csv_failed};
use comfy_table::{Cell as TableCell, CellAlignment, ContentArrangement, Table, TableComponent, presets};
use serde_json::{Map, Value, json};
use std::io::{self, BufWriter, Write};
use upline_core::money::Total;

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned, for people
    Table,
    /// For programs: the stable contract
    Json,
    /// The same columns, for spreadsheets
    Csv,
}

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

    fn json(&self) -> Value {
        match self {
            Cell::Null => Value::Null,
            Cell::Json(value) => value.clone(),
            Cell::Text(text) | Cell::Figure(text) => json!(text),
            Cell::Count(count) => json!(count),
            Cell::Money(total) => json!(total.to_string()),
        }
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

    fn shown(&self) -> TableCell {
        match self {
            Cell::Null | Cell::Text(_) | Cell::Json(_) => TableCell::new(self.plain()),
            Cell::Money(total) => right(separated(&total.to_string())),
            Cell::Count(_) | Cell::Figure(_) => right(self.plain()),
        }
    }
}

fn right(text: String) -> TableCell {
    TableCell::new(text).set_alignment(CellAlignment::Right)
}

/// `-1234567.00` as `-1,234,567.00`.
fn separated(money: &str) -> String {
    let (sign, digits) = money.strip_prefix('-').map_or(("", money), |digits| ("-", digits));
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{sign}{out}.{cents}")
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
    /// Prints it to stdout.
    pub fn print(&self, format: Format) -> Result<(), Failure> {
        let mut out = BufWriter::new(io::stdout().lock());
        match format {
            Format::Json => self.write_json(&mut out)?,
            Format::Csv => self.write_csv(&mut out)?,
            Format::Table => self.write_table(&mut out)?,
        }
        out.flush()?;
        Ok(())
    }

    fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        let row = |cells: &Vec<Cell>| -> Value {
            let members = self.columns.iter().zip(cells);
            Value::Object(members.map(|(column, cell)| ((*column).to_owned(), cell.json())).collect())
        };
        let mut answer = Map::new();
        answer.extend(self.members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        answer.insert("rows".to_owned(), self.rows.iter().map(row).collect());
        answer.extend(self.closing.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        serde_json::to_writer(&mut *out, &answer)?;
        writeln!(out)
    }

    fn write_csv(&self, out: &mut impl Write) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(&self.columns).map_err(csv_failed)?;
        for row in &self.rows {
            csv.write_record(row.iter().map(Cell::plain)).map_err(csv_failed)?;
        }
        csv.flush()
    }

    /// Writes it for people.
    pub fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}", self.title)?;
        if self.rows.is_empty() {
            return writeln!(out, "{}", self.nothing);
        }
        let mut table = Table::new();
        table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_style(TableComponent::HeaderLines, '─');
        table.set_style(TableComponent::MiddleHeaderIntersections, '─');
        let numeric = |index: usize| {
            let mut cells =
                self.rows.iter().filter_map(|row| row.get(index)).filter(|cell| **cell != Cell::Null);
            cells.next().is_some_and(|cell| matches!(cell, Cell::Money(_) | Cell::Count(_) | Cell::Figure(_)))
        };
        let titles = self.columns.iter().enumerate().map(|(index, column)| {
            let title = column.replace('_', " ");
            if numeric(index) { right(title) } else { TableCell::new(title) }
        });
        table.set_header(titles.collect::<Vec<_>>());
        for row in self.rows.iter().chain(&self.footer) {
            table.add_row(row.iter().map(Cell::shown).collect::<Vec<_>>());
        }
        writeln!(out, "{}", table.trim_fmt())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_for_people() {
        for (plain, shown) in [
            ("0.00", "0.00"),
            ("999.99", "999.99"),
            ("-1000.00", "-1,000.00"),
            ("1234567.89", "1,234,567.89"),
        ] {
            assert_eq!(separated(plain), shown);
        }
    }
}
