//! Entries as a workbook of Excel: numbers as numbers, dates as dates.

use super::{COLUMNS, Export, ExportError};
use crate::plain::defused;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::io::{self, Write};
use std::path::Path;
use upline_core::event::Position;
use upline_core::money::Cents;
use upline_core::time::{Day, Moment};
use upline_views::entries::{Entry, Posted};

/// How many rows a sheet has, its header among them; what is more goes to a further sheet.
const SHEET_ROWS_MAX: u32 = 1_048_576;

/// The largest number in hundredths that Excel keeps: fifteen digits. All of these a double tells apart.
const HUNDREDTHS_MAX: u64 = 999_999_999_999_999;

/// The largest whole number that Excel keeps.
const WHOLE_MAX: u64 = HUNDREDTHS_MAX;

/// How wide the columns are, in characters.
const WIDTHS: [u32; COLUMNS.len()] = [10, 37, 37, 21, 11, 20, 11, 11, 16, 28, 28, 14];

const DAY_SECONDS: i64 = 86_400;

/// Writes a row for each entry. Rows go to a file without a name as they come; the workbook is put together at
/// the end.
pub struct Xlsx<W> {
    out: W,
    workbook: Workbook,
    /// The sheet that is being filled, and its next row.
    sheet: Worksheet,
    row: u32,
    sheets: u32,
    rows_max: u32,
    formats: Formats,
}

struct Formats {
    header: Format,
    day: Format,
    moment: Format,
    money: Format,
}

impl<W: Write + Send> Xlsx<W> {
    /// Begins a workbook with what it holds as its title; `scratch` is a directory with room for the rows.
    pub fn new(out: W, title: &str, as_of: Day, scratch: &Path) -> Result<Xlsx<W>, ExportError> {
        Xlsx::with_rows_max(out, title, as_of, scratch, SHEET_ROWS_MAX)
    }

    fn with_rows_max(
        out: W,
        title: &str,
        as_of: Day,
        scratch: &Path,
        rows_max: u32,
    ) -> Result<Xlsx<W>, ExportError> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(scratch).map_err(failed)?;
        let mut properties = DocProperties::new().set_title(title);
        // Not the time of writing: the same entries give the same bytes.
        if let Ok(created) = time(as_of, 0) {
            properties = properties.set_creation_datetime(&created);
        }
        workbook.set_properties(&properties);
        let formats = Formats {
            header: Format::new().set_bold(),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            moment: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            money: Format::new().set_num_format("#,##0.00"),
        };
        let sheet = sheet(&mut workbook, 1, &formats)?;
        Ok(Xlsx { out, workbook, sheet, row: 1, sheets: 1, rows_max, formats })
    }

    /// Closes the sheet and begins the next.
    fn turn(&mut self) -> Result<(), ExportError> {
        self.sheets += 1;
        let next = sheet(&mut self.workbook, self.sheets, &self.formats)?;
        let mut full = std::mem::replace(&mut self.sheet, next);
        filter(&mut full, self.row)?;
        self.workbook.push_worksheet(full);
        self.row = 1;
        Ok(())
    }

    fn entry(&mut self, posted: &Posted, entry: &Entry) -> Result<(), ExportError> {
        if self.row == self.rows_max {
            self.turn()?;
        }
        let (row, formats, sheet) = (self.row, &self.formats, &mut self.sheet);
        let amount = number(posted.position, entry.amount)?;
        let mut write = || -> Result<(), XlsxError> {
            sheet.write_number(row, 0, whole(posted.position)?)?;
            sheet.write_string(row, 1, posted.id.to_string())?;
            if let Some(cause) = posted.cause {
                sheet.write_string(row, 2, cause.to_string())?;
            }
            sheet.write_string(row, 3, posted.type_name)?;
            write_day(sheet, row, 4, posted.on, &formats.day)?;
            write_moment(sheet, row, 5, posted.recorded_at, &formats.moment)?;
            write_day(sheet, row, 6, entry.dated, &formats.day)?;
            if let Some(due) = entry.due {
                write_day(sheet, row, 7, due, &formats.day)?;
            }
            if let Some(policy) = &entry.policy {
                sheet.write_string(row, 8, defused(&policy.to_string()))?;
            }
            sheet.write_string(row, 9, entry.debit.as_str())?;
            sheet.write_string(row, 10, entry.credit.as_str())?;
            sheet.write_number_with_format(row, 11, amount, &formats.money)?;
            Ok(())
        };
        write().map_err(failed)?;
        self.row += 1;
        Ok(())
    }
}

impl<W: Write + Send> Export for Xlsx<W> {
    fn event(&mut self, posted: &Posted) -> Result<(), ExportError> {
        posted.entries.iter().try_for_each(|entry| self.entry(posted, entry))
    }

    fn finish(mut self) -> Result<(), ExportError> {
        filter(&mut self.sheet, self.row)?;
        self.workbook.push_worksheet(self.sheet);
        self.workbook.save_to_writer(&mut self.out).map_err(failed)?;
        Ok(self.out.flush()?)
    }
}

/// An empty sheet with its header, which stays in sight.
fn sheet(workbook: &mut Workbook, number: u32, formats: &Formats) -> Result<Worksheet, ExportError> {
    let mut write = || -> Result<Worksheet, XlsxError> {
        let mut sheet = workbook.new_worksheet_with_constant_memory()?;
        sheet.set_name(if number == 1 { "Entries".to_owned() } else { format!("Entries {number}") })?;
        sheet.set_freeze_panes(1, 0)?;
        for ((column, name), width) in (0..).zip(COLUMNS).zip(WIDTHS) {
            sheet.set_column_width(column, width)?;
            sheet.write_string_with_format(0, column, name, &formats.header)?;
        }
        Ok(sheet)
    };
    write().map_err(failed)
}

/// Lets people filter the rows up to the next one.
fn filter(sheet: &mut Worksheet, next_row: u32) -> Result<(), ExportError> {
    let last_column = COLUMNS.len() as u16 - 1;
    sheet.autofilter(0, 0, next_row.saturating_sub(1), last_column).map(|_| ()).map_err(failed)
}

fn write_day(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    day: Day,
    format: &Format,
) -> Result<(), XlsxError> {
    match time(day, 0) {
        Ok(time) => sheet.write_datetime_with_format(row, column, &time, format)?,
        Err(_) => sheet.write_string(row, column, day.to_string())?,
    };
    Ok(())
}

/// To the second, which is what its format shows. Before 1900 Excel knows no dates: then it is text.
fn write_moment(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    moment: Moment,
    format: &Format,
) -> Result<(), XlsxError> {
    let seconds = moment.0.div_euclid(1_000_000);
    match ExcelDateTime::from_timestamp(seconds) {
        Ok(time) => sheet.write_datetime_with_format(row, column, &time, format)?,
        Err(_) => sheet.write_string(row, column, moment.to_string())?,
    };
    Ok(())
}

fn time(day: Day, seconds: i64) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_timestamp(i64::from(day.0) * DAY_SECONDS + seconds)
}

/// A position as the number that Excel keeps.
fn whole(position: Position) -> Result<f64, XlsxError> {
    if position > WHOLE_MAX {
        return Err(XlsxError::ParameterError(format!("position {position} has more than fifteen digits")));
    }
    Ok(position as f64)
}

/// An amount as the number that Excel keeps. There is no other than a double: the one next to the amount, which
/// no other amount of up to fifteen digits has, and which is written and shown as the amount itself.
#[allow(clippy::float_arithmetic)] // the division rounds to that double; nothing is computed with it
fn number(position: Position, amount: Cents) -> Result<f64, ExportError> {
    if amount.0.unsigned_abs() > HUNDREDTHS_MAX {
        return Err(ExportError::Refused(format!(
            "event {position} has an entry of {amount}: Excel keeps fifteen digits and would change it; export \
             csv or parquet"
        )));
    }
    Ok(amount.0 as f64 / 100.0)
}

fn failed(error: XlsxError) -> ExportError {
    match error {
        XlsxError::IoError(error) => ExportError::Output(error),
        other => ExportError::Output(io::Error::other(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{posted, two_days};
    use super::*;
    use calamine::{Data, Reader, Xlsx as Opened};
    use std::io::Cursor;

    fn written(rows_max: u32, events: &[Posted]) -> Result<Vec<u8>, ExportError> {
        let mut out = Vec::new();
        let as_of = Day::parse("2025-12-31").unwrap();
        let mut xlsx = Xlsx::with_rows_max(&mut out, "Entries", as_of, &std::env::temp_dir(), rows_max)?;
        events.iter().try_for_each(|posted| xlsx.event(posted))?;
        xlsx.finish()?;
        Ok(out)
    }

    fn sheets(bytes: &[u8]) -> Vec<(String, Vec<Vec<Data>>)> {
        let mut opened: Opened<_> = Opened::new(Cursor::new(bytes)).unwrap();
        let sheets = opened.worksheets().into_iter();
        sheets.map(|(name, range)| (name, range.rows().map(<[Data]>::to_vec).collect())).collect()
    }

    #[test]
    fn numbers_are_numbers_and_dates_are_dates() {
        let bytes = written(SHEET_ROWS_MAX, &[two_days()]).unwrap();
        let sheets = sheets(&bytes);
        assert_eq!(sheets.len(), 1);
        let rows = &sheets[0].1;
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0][0], Data::String("position".into()));
        assert_eq!((&rows[1][0], &rows[1][11]), (&Data::Float(10.0), &Data::Float(180.0)));
        assert_eq!(rows[2][11], Data::Float(-0.05));
        let Data::DateTime(dated) = rows[2][6] else { panic!("{:?}", rows[2][6]) };
        // 2025-02-01 counted from 1899-12-30.
        assert_eq!(dated.as_f64(), 45_689.0);
        let Data::DateTime(recorded_at) = rows[1][5] else { panic!("{:?}", rows[1][5]) };
        assert_eq!(recorded_at.as_f64(), 45_673.375);
        assert_eq!((&rows[1][7], &rows[1][8]), (&Data::Empty, &Data::String("C1/P-77".into())));
    }

    #[test]
    fn what_a_sheet_cannot_hold_goes_to_the_next() {
        let bytes = written(3, &[two_days(), two_days(), posted(two_days().entries[..1].to_vec())]).unwrap();
        let sheets = sheets(&bytes);
        let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Entries", "Entries 2", "Entries 3"]);
        let rows: Vec<usize> = sheets.iter().map(|(_, rows)| rows.len()).collect();
        assert_eq!(rows, [3, 3, 2]);
        assert!(sheets.iter().all(|(_, rows)| rows[0][1] == Data::String("id".into())));
    }

    #[test]
    fn the_same_entries_are_the_same_bytes() {
        assert_eq!(written(3, &[two_days()]).unwrap(), written(3, &[two_days()]).unwrap());
    }

    #[test]
    fn an_amount_of_more_digits_than_excel_keeps_is_refused() {
        let max = HUNDREDTHS_MAX as i64;
        assert_eq!(number(1, Cents(max)).unwrap().to_string(), "9999999999999.99");
        assert_eq!(number(1, Cents(-max)).unwrap().to_string(), "-9999999999999.99");
        let mut posted = two_days();
        posted.entries[0].amount = Cents(max + 1);
        let refused = written(3, &[posted]).unwrap_err().to_string();
        assert!(refused.contains("10000000000000.00"), "{refused}");
    }
}
