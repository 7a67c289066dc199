//! A statement as an Excel workbook: values only.
//!
//! # Correctness
//! A workbook is a ZIP archive from somebody else. All of it is unpacked once against a limit before it is
//! read, whatever sizes it declares. Cells are taken one by one as they stand, so that a cell far away costs
//! nothing, and texts that many cells share are counted each time. The reader of workbooks is not ours:
//! where a damaged one makes it stop, the file is refused and the program goes on.

use super::amounts::number_text;
use super::error::{StatementError, Wrong, listed};
use super::profile::FileForm;
use super::sheet::{CELLS_MAX, Cell, Row, letters, text_cell, too_many_cells};
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use std::io::{Cursor, Read};
use std::panic::{self, AssertUnwindSafe};
use upline_core::time::Day;
use zip::ZipArchive;

/// What a workbook may unpack to, in bytes; also the most text in all its cells.
const UNPACKED_BYTES_MAX: u64 = 64 << 20;
/// The most files in a workbook's archive.
const ENTRIES_MAX: usize = 4_096;

/// The rows from the titles on.
pub(super) fn rows(bytes: &[u8], form: &FileForm) -> Result<Vec<Row>, StatementError> {
    check_archive(bytes)?;
    // Nothing of ours is shared with the closure: what it leaves half done is gone with it.
    panic::catch_unwind(AssertUnwindSafe(|| sheet_rows(bytes, form))).unwrap_or_else(|_| {
        Err(StatementError::malformed("the workbook is damaged, and stops its reader: get it again"))
    })
}

fn sheet_rows(bytes: &[u8], form: &FileForm) -> Result<Vec<Row>, StatementError> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|why| damaged("cannot be read", &why))?;
    let sheet = sheet_name(&book.sheet_names(), form)?;
    let mut cells =
        book.worksheet_cells_reader(&sheet).map_err(|why| damaged("has no such sheet inside", &why))?;
    let mut rows: Vec<Row> = Vec::new();
    let (mut last, mut count, mut text_bytes) = (None, 0, 0);
    loop {
        let record = cells.next_cell_with_formula_metadata().map_err(|why| match last {
            Some(last) => damaged(&format!("cannot be read after cell {}", name(last)), &why),
            None => damaged("cannot be read", &why),
        })?;
        let Some(record) = record else { return Ok(rows) };
        let line = record.pos.0.saturating_add(1);
        if last.is_some_and(|last| last >= record.pos) {
            let message = format!("cell {} stands out of order: the workbook is damaged", name(record.pos));
            return Err(StatementError::malformed(message).on_line(line));
        }
        last = Some(record.pos);
        if line < form.header_row {
            continue;
        }
        if record.formula.is_some() {
            let at = name(record.pos);
            let message =
                format!("cell {at} holds a formula: copy the sheet and paste it as values, then save it");
            return Err(StatementError::of(Wrong::Formula, message).on_line(line));
        }
        let wrong =
            |why| StatementError::malformed(format!("cell {}: {why}", name(record.pos))).on_line(line);
        let Some(cell) = cell(&record.value).map_err(wrong)? else { continue };
        count += 1;
        text_bytes += if let Cell::Text(text) = &cell { text.len() as u64 } else { 0 };
        if count > CELLS_MAX || text_bytes > UNPACKED_BYTES_MAX {
            return Err(too_many_cells());
        }
        match rows.last_mut() {
            Some(row) if row.line == line => row.cells.push((record.pos.1, cell)),
            _ => rows.push(Row { line, cells: vec![(record.pos.1, cell)] }),
        }
    }
}

/// What a cell holds; none when it is blank. The sentence says why it cannot be taken.
fn cell(value: &DataRef<'_>) -> Result<Option<Cell>, String> {
    const TOO_LONG: &str =
        "the number has more than 15 digits, which Excel does not keep: format the column as text";
    const NO_DATE: &str = "it is no date from 1900-01-01 to 2200-12-31";
    match value {
        DataRef::Empty => Ok(None),
        DataRef::String(text) => text_cell(text),
        DataRef::SharedString(text) => text_cell(text),
        DataRef::Int(number) => Ok(Some(Cell::Number(number.to_string()))),
        DataRef::Float(number) => number_text(*number).map(Cell::Number).map(Some).ok_or(TOO_LONG.into()),
        DataRef::Bool(truth) => Ok(Some(Cell::Text(if *truth { "TRUE" } else { "FALSE" }.to_owned()))),
        DataRef::DateTime(date) => date_of(date).map(Cell::Date).map(Some).ok_or(NO_DATE.into()),
        DataRef::DateTimeIso(text) => {
            let day = text.get(..10).and_then(Day::parse).filter(|day| in_range(*day));
            day.map(Cell::Date).map(Some).ok_or(NO_DATE.into())
        }
        DataRef::DurationIso(_) => Err("it is a duration, which no statement needs".into()),
        DataRef::Error(error) => Err(format!("it shows the error {error}: correct it, or ask the carrier")),
    }
}

/// The day of a date, whose serial counts from 1900 or 1904; its time of day counts for nothing.
fn date_of(date: &ExcelDateTime) -> Option<Day> {
    let (year, month, day, ..) = date.to_ymd_hms_milli();
    let day = Day::parse(&format!("{year:04}-{month:02}-{day:02}"))?;
    (date.is_datetime() && in_range(day)).then_some(day)
}

fn in_range(day: Day) -> bool {
    (Day::FIRST..=Day::LAST).contains(&day)
}

fn name((row, column): (u32, u32)) -> String {
    format!("{}{}", letters(column), row.saturating_add(1))
}

fn damaged(what: &str, why: &XlsxError) -> StatementError {
    StatementError::malformed(format!("the workbook {what}; it is cut or damaged ({why}): get it again"))
}

/// The sheet of the profile, or the only one.
fn sheet_name(names: &[String], form: &FileForm) -> Result<String, StatementError> {
    let there = listed(names);
    match (&form.sheet, names) {
        (_, []) => {
            Err(StatementError::malformed("it is a ZIP archive, but no Excel workbook with sheets (XLSX)"))
        }
        (Some(sheet), names) if names.contains(sheet) => Ok(sheet.clone()),
        (Some(sheet), _) => {
            Err(StatementError::malformed(format!("the workbook has no sheet {sheet:?}; it has {there}")))
        }
        (None, [only]) => Ok(only.clone()),
        (None, _) => {
            let message =
                format!("the workbook has the sheets {there}: name one as file.sheet in the profile");
            Err(StatementError::malformed(message))
        }
    }
}

/// Unpacks everything once: against the limit, and against the archive's own checksums.
fn check_archive(bytes: &[u8]) -> Result<(), StatementError> {
    let cut = |why: &dyn std::fmt::Display| {
        StatementError::malformed(format!("the workbook is cut or damaged ({why}): get it again"))
    };
    let too_large = |what: String| StatementError::of(Wrong::TooLarge, what);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|why| cut(&why))?;
    if archive.len() > ENTRIES_MAX {
        return Err(too_large(format!("the workbook's archive holds more than {ENTRIES_MAX} files")));
    }
    let mut left = UNPACKED_BYTES_MAX;
    let mut content = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|why| cut(&why))?;
        content.clear();
        let read = (&mut entry).take(left + 1).read_to_end(&mut content).map_err(|why| cut(&why))?;
        left = left.checked_sub(read as u64).ok_or_else(|| {
            let limit = UNPACKED_BYTES_MAX >> 20;
            too_large(format!(
                "the workbook unpacks to more than {limit} MiB: a statement does not, so it is not opened"
            ))
        })?;
        // Without zero bytes a text in UTF-16 reads like any other.
        content.retain(|byte| *byte != 0);
        if !honest(&content) {
            return Err(cut(&"it declares more texts than it holds"));
        }
    }
    Ok(())
}

/// Whether the texts that a part of the workbook declares fit into it: room is made for as many as are
/// declared before any is read. A text takes at least the five bytes of `<si/>`.
fn honest(content: &[u8]) -> bool {
    const COUNT: &[u8] = b"uniqueCount";
    content.windows(COUNT.len()).enumerate().filter(|(_, window)| *window == COUNT).all(|(at, _)| {
        let behind = content.iter().skip(at + COUNT.len());
        let digits =
            behind.skip_while(|byte| b" \t\r\n='\"+0".contains(byte)).take_while(|b| b.is_ascii_digit());
        let digits: String = digits.map(|byte| char::from(*byte)).collect();
        digits.is_empty() || digits.parse().is_ok_and(|texts: usize| texts <= content.len() / 5)
    })
}
