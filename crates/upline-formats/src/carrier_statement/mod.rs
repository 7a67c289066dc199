//! A carrier's commission statement: a CSV file or an Excel workbook, read through a profile into lines.
//!
//! # Shape
//! Bytes in, lines or one refusal out; a file is taken as a whole or not at all. [`Profile`] says how the
//! carrier writes, `sheet` (over `csv` and `xlsx`) makes rows of cells with their places, `lines` makes
//! lines of the rows, and here they are added up. What a line means to the ledger is for matching.
//!
//! # Correctness
//! The file's titles are exactly the profile's, its codes and carriers are known, no cell is guessed, and
//! the lines come to the total that the file states. Money is read as text and never a float (rules §2).

mod amounts;
mod csv;
mod dates;
mod error;
mod lines;
mod profile;
mod profile_toml;
mod sheet;
mod xlsx;

pub use error::{StatementError, Wrong};
pub use profile::{Profile, ProfileError, Shows};
pub use upline_core::reconcile::LineKind;

use lines::Reading;
use profile::{Control, Sign};
use sheet::Row;
use upline_core::money::{Cents, Total};
use upline_core::rate::Rate;
use upline_core::time::Day;

/// A line of a carrier's statement, as the carrier writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// The line of the CSV file or the row of the sheet, from 1.
    pub line: u32,
    /// The carrier's code in the ledger.
    pub carrier: String,
    /// The policy number as written; empty only for an adjustment that is of no policy.
    pub policy: String,
    /// The writing number as written.
    pub writing_number: String,
    /// What it is about.
    pub kind: LineKind,
    /// The carrier's transaction code as written; empty where the profile has one kind for all lines.
    pub code: String,
    /// The date of the transaction.
    pub on: Day,
    /// Above zero what is paid, below what is taken.
    pub amount: Cents,
    /// The premium that it is on, where the profile has a column for it.
    pub premium: Option<Cents>,
    /// The rate that it is at, where the profile has a column for it.
    pub rate: Option<Rate>,
}

/// A carrier's statement, with its lines in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierStatement {
    pub lines: Vec<StatementLine>,
    /// What they come to.
    pub total: Cents,
    /// What the file itself says they come to, where the profile has a total line. It is the same.
    pub control_total: Option<Cents>,
}

/// Reads a statement file. `file_name` is only what a refusal calls it: the profile says what kind of file
/// it is, and the first bytes must agree.
pub fn read(bytes: &[u8], file_name: &str, profile: &Profile) -> Result<CarrierStatement, StatementError> {
    statement(bytes, profile).map_err(|refused| StatementError { file: file_name.to_owned(), ..refused })
}

/// Compares a total that somebody knows, such as the bank's deposit, with the lines.
pub fn check_total(statement: &CarrierStatement, total: Cents) -> Result<(), StatementError> {
    same_total(statement.total, total, &format!("the total given is {total}"))
}

fn statement(bytes: &[u8], profile: &Profile) -> Result<CarrierStatement, StatementError> {
    let rows = sheet::rows(bytes, &profile.form.file)?;
    let (reading, mut rows) = Reading::of(profile, &rows)?;
    let control = match &profile.form.control {
        Some(control) => {
            let (trailer, above) = total_line(&reading, control, rows)?;
            rows = above;
            Some((control, trailer))
        }
        None if rows.is_empty() => {
            return Err(StatementError::malformed("the file has titles, but no lines below them"));
        }
        None => None,
    };
    let mut lines = Vec::new();
    let mut sum = Total::ZERO;
    for row in rows {
        if let Some(line) = reading.line(row)? {
            sum += line.amount;
            lines.push(line);
        }
    }
    let total = i64::try_from(sum.0).map(Cents).map_err(|_| {
        StatementError::malformed(format!("the lines come to {sum}, which is more than the ledger counts"))
    })?;
    let control_total = match control {
        Some((control, trailer)) => Some(check_control(&reading, control, trailer, rows.len(), total)?),
        None => None,
    };
    Ok(CarrierStatement { lines, total, control_total })
}

/// The line that states the total, and the rows above it. It is the last.
fn total_line<'r>(
    reading: &Reading<'_>,
    control: &Control,
    rows: &'r [Row],
) -> Result<(&'r Row, &'r [Row]), StatementError> {
    let is_total =
        |row: &Row| reading.text(row, &control.label_column).is_ok_and(|text| text == control.label);
    let found = rows.iter().position(is_total).and_then(|at| rows.split_at_checked(at));
    let Some((above, [trailer, below @ ..])) = found else {
        let message = format!(
            "the file ends without its total line ({:?} in column {:?}): it may be cut",
            control.label, control.label_column
        );
        return Err(StatementError::of(Wrong::ControlTotal { off_by: None }, message));
    };
    match below.first() {
        None => Ok((trailer, above)),
        Some(row) => {
            let message = format!("line {} stands below the total in line {}", row.line, trailer.line);
            Err(StatementError::malformed(message).on_line(row.line))
        }
    }
}

/// Compares what the total line says with the lines; the total it states, on success.
fn check_control(
    reading: &Reading<'_>,
    control: &Control,
    trailer: &Row,
    rows: usize,
    total: Cents,
) -> Result<Cents, StatementError> {
    let written = reading.total(trailer)?;
    let stated = if control.sign == Sign::Negated { Cents(-written.0) } else { written };
    if let Some(column) = &control.count_column {
        let count = reading.text(trailer, column)?;
        if count.parse() != Ok(rows) {
            let message = format!(
                "the total line {} says {} lines, but there are {rows}: lines are missing or stand twice",
                trailer.line,
                error::shown(&count)
            );
            let wrong = Wrong::ControlTotal { off_by: None };
            return Err(StatementError::of(wrong, message).on_line(trailer.line));
        }
    }
    same_total(total, stated, &format!("the total line {} says {stated}", trailer.line))
        .map_err(|refused| refused.on_line(trailer.line))?;
    Ok(stated)
}

fn same_total(found: Cents, stated: Cents, says: &str) -> Result<(), StatementError> {
    let off = Total(i128::from(found.0) - i128::from(stated.0));
    if off.is_zero() {
        return Ok(());
    }
    let (by, which) = (Total(off.0.abs()), if off.0 > 0 { "more" } else { "less" });
    let message =
        format!("{says}, but the lines come to {found}, {by} {which}: nothing is taken from the file");
    let off_by = i64::try_from(off.0).ok().map(Cents);
    Err(StatementError::of(Wrong::ControlTotal { off_by }, message))
}
