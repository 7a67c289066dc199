//! A file as rows of cells, each with its place.

use super::error::{StatementError, Wrong, shown};
use super::profile::{FileForm, FileKind};
use super::{csv, xlsx};
use std::fmt;
use upline_core::time::Day;

/// The largest statement file, in bytes.
pub(super) const FILE_BYTES_MAX: usize = 32 << 20;
/// The most cells that a file may hold: a million lines of four columns, or a hundred thousand of forty.
pub(super) const CELLS_MAX: usize = 4_000_000;
/// The longest text of a cell, in bytes.
pub(super) const CELL_BYTES_MAX: usize = crate::limits::TEXT_BYTES_MAX;

/// What a cell holds, when it holds something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Text, without spaces around it.
    Text(String),
    /// A number of a sheet, as a plain decimal.
    Number(String),
    /// A date of a sheet.
    Date(Day),
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Text(text) | Cell::Number(text) => f.write_str(text),
            Cell::Date(day) => day.fmt(f),
        }
    }
}

/// A row with something in it.
#[derive(Debug)]
pub(super) struct Row {
    /// The line of a CSV file, the row of a sheet; from 1.
    pub line: u32,
    /// Columns from 0, ascending, without the blank ones.
    pub cells: Vec<(u32, Cell)>,
}

impl Row {
    /// The cell of a column.
    pub fn cell(&self, column: u32) -> Option<&Cell> {
        self.cells.iter().find(|(at, _)| *at == column).map(|(_, cell)| cell)
    }
}

/// The rows of a file from its titles on. Every row has something in it.
pub(super) fn rows(bytes: &[u8], form: &FileForm) -> Result<Vec<Row>, StatementError> {
    if bytes.is_empty() {
        return Err(StatementError::malformed("the file is empty"));
    }
    if bytes.len() > FILE_BYTES_MAX {
        let message = format!("the file is larger than {} MiB: split it", FILE_BYTES_MAX >> 20);
        return Err(StatementError::of(Wrong::TooLarge, message));
    }
    check_kind(bytes, form.kind)?;
    match form.kind {
        FileKind::Csv => csv::rows(bytes, form),
        FileKind::Xlsx => xlsx::rows(bytes, form),
    }
}

/// What files of other kinds begin with.
const BEGINNINGS: [(&[u8], &str); 8] = [
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "an Excel workbook (XLSX) or another ZIP archive"),
    (b"\xD0\xCF\x11\xE0", "an old Excel workbook (XLS) or one with a password"),
    (b"\x1F\x8B", "a file compressed with gzip"),
    (b"\xFF\xFE", "a text in UTF-16"),
    (b"\xFE\xFF", "a text in UTF-16"),
    (b"{\\rtf", "an RTF document"),
    (b"<", "an HTML or XML document"),
];

/// Refuses a file of another kind than the profile reads, whatever its name says.
fn check_kind(bytes: &[u8], kind: FileKind) -> Result<(), StatementError> {
    let found = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning));
    let (wants, save) = match kind {
        FileKind::Csv => ("a CSV file", "CSV UTF-8"),
        FileKind::Xlsx => ("an Excel workbook (XLSX)", "an Excel workbook (.xlsx)"),
    };
    let found = match (found, kind) {
        (Some((b"PK\x03\x04", _)), FileKind::Xlsx) | (None, FileKind::Csv) => return Ok(()),
        (Some((_, name)), _) => name,
        (None, FileKind::Xlsx) => "something else, perhaps a CSV file",
    };
    let message = format!(
        "it is {found} by its first bytes, but the profile reads {wants}: ask the carrier for one, or save it as {save}"
    );
    Err(StatementError::malformed(message))
}

/// A text as a cell; none when it is blank. The sentence says why it can be none.
pub(super) fn text_cell(text: &str) -> Result<Option<Cell>, String> {
    let text = text.trim();
    if text.len() > CELL_BYTES_MAX {
        return Err(format!("the text {} has more than {CELL_BYTES_MAX} bytes", shown(text)));
    }
    Ok((!text.is_empty()).then(|| Cell::Text(text.to_owned())))
}

/// More cells than are read.
pub(super) fn too_many_cells() -> StatementError {
    StatementError::of(Wrong::TooLarge, format!("the file has more than {CELLS_MAX} cells: split it"))
}

/// The letters of a sheet's column: 0 is A, 26 is AA.
pub(super) fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or_default()));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        for (column, name) in
            [(0, "A"), (5, "F"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")]
        {
            assert_eq!(letters(column), name);
        }
        assert_eq!(letters(u32::MAX), "MWLQKWV");
    }
}
