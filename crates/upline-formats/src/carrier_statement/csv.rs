//! A statement as CSV: UTF-8, with or without its mark, every record as long as the titles.

use super::error::StatementError;
use super::profile::FileForm;
use super::sheet::{CELLS_MAX, Row, text_cell, too_many_cells};
use crate::csv::quotes_open;

/// The rows from the titles on.
pub(super) fn rows(bytes: &[u8], form: &FileForm) -> Result<Vec<Row>, StatementError> {
    let text = text(bytes)?;
    let delimiter = form.delimiter.and_then(|mark| u8::try_from(mark).ok()).unwrap_or(b',');
    let above = form.header_row.saturating_sub(1);
    let skipped: usize = text.split_inclusive('\n').take(above as usize).map(str::len).sum();
    let text = text.get(skipped..).unwrap_or_default();
    check_quotes(text, above, delimiter)?;

    let mut records = csv::ReaderBuilder::new();
    records.delimiter(delimiter).has_headers(false).flexible(true);
    let (mut counted, mut line) = (0, form.header_row);
    let mut titles = None;
    let mut cells_left = CELLS_MAX;
    let mut rows = Vec::new();
    for record in records.from_reader(text.as_bytes()).records() {
        let record = record.map_err(|why| StatementError::malformed(format!("it cannot be read: {why}")))?;
        let ended = record.position().map_or(0, csv::Position::byte);
        let begins = begin_of_record(text, usize::try_from(ended).unwrap_or(usize::MAX));
        let between = text.as_bytes().get(counted..begins).unwrap_or_default();
        line = line.saturating_add(line_ends(between));
        counted = begins;
        let row = row(&record, line)?;
        cells_left = cells_left.checked_sub(row.cells.len()).ok_or_else(too_many_cells)?;
        let columns = *titles.get_or_insert(record.len());
        if record.len() != columns && !row.cells.is_empty() {
            let why = if record.len() < columns {
                "the file may be cut there"
            } else {
                "a text that holds the delimiter must stand in quotes"
            };
            let message =
                format!("line {line} has {} cells, but there are {columns} titles: {why}", record.len());
            return Err(StatementError::malformed(message).on_line(line));
        }
        if !row.cells.is_empty() {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Where a record begins, from where the one before ended: line ends and blank lines may stand between.
fn begin_of_record(text: &str, ended: usize) -> usize {
    let rest = text.as_bytes().get(ended..).unwrap_or_default();
    ended.saturating_add(rest.iter().take_while(|byte| b"\r\n".contains(byte)).count())
}

fn line_ends(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX)
}

fn row(record: &csv::StringRecord, line: u32) -> Result<Row, StatementError> {
    let mut cells = Vec::new();
    for (column, text) in (0..).zip(record) {
        let wrong = |why| StatementError::malformed(format!("line {line}: {why}")).on_line(line);
        cells.extend(text_cell(text).map_err(wrong)?.map(|cell| (column, cell)));
    }
    Ok(Row { line, cells })
}

/// The text behind the mark of UTF-8.
fn text(bytes: &[u8]) -> Result<&str, StatementError> {
    const SAVE: &str = "save it as CSV UTF-8";
    let line_of = |at: usize| line_ends(bytes.get(..at).unwrap_or_default()).saturating_add(1);
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let line = line_of(at);
        let message = format!(
            "line {line} holds a zero byte (byte {at} of the file), as a text in UTF-16 does: {SAVE}"
        );
        return Err(StatementError::malformed(message).on_line(line));
    }
    let text = std::str::from_utf8(bytes).map_err(|why| {
        let at = why.valid_up_to();
        let line = line_of(at);
        let message = format!("line {line} is no UTF-8 (byte {at} of the file): {SAVE}");
        StatementError::malformed(message).on_line(line)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\r') && !text.contains('\n') {
        let message = format!("its lines end with a carriage return alone, as on old Macs: {SAVE}");
        return Err(StatementError::malformed(message));
    }
    Ok(text)
}

/// Refuses quotes that are open at the end: what follows them would be taken for one cell.
fn check_quotes(text: &str, above: u32, delimiter: u8) -> Result<(), StatementError> {
    let mut opened = None;
    for (line, content) in (above.saturating_add(1)..).zip(text.lines()) {
        let open = quotes_open(content.as_bytes(), opened.is_some(), delimiter);
        opened = if open { opened.or(Some(line)) } else { None };
    }
    let Some(line) = opened else { return Ok(()) };
    let message =
        format!("line {line} opens a quote that is not closed: the file may be cut, or a quote is missing");
    Err(StatementError::malformed(message).on_line(line))
}
