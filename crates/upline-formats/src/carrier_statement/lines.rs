//! Lines of rows: which column is which, and what a cell must hold.

use super::error::{StatementError, Wrong, listed, shown};
use super::profile::{CarrierIn, CodeRule, FileKind, Form, KindIn, Profile, Sign};
use super::sheet::{Cell, Row, letters};
use super::{LineKind, StatementLine, amounts};
use std::collections::BTreeMap;
use upline_core::money::Cents;
use upline_core::rate::Rate;
use upline_core::time::Day;

/// A profile applied to a file: its titles and their columns.
pub(super) struct Reading<'p> {
    form: &'p Form,
    columns: BTreeMap<&'p str, u32>,
}

impl<'p> Reading<'p> {
    /// Compares the titles, which must be the profile's in any order; also says the rows below them.
    pub fn of<'r>(profile: &'p Profile, rows: &'r [Row]) -> Result<(Reading<'p>, &'r [Row]), StatementError> {
        let form = &profile.form;
        let header_row = form.file.header_row;
        let Some((header, below)) = rows.split_first().filter(|(header, _)| header.line == header_row) else {
            return Err(StatementError::malformed(format!(
                "line {header_row} should hold the titles, but is empty"
            )));
        };
        let titles = titles(header)?;
        let mut columns = BTreeMap::new();
        let mut missing = Vec::new();
        for title in form.columns.titles() {
            match titles.get(title) {
                Some(column) => {
                    columns.insert(title.as_str(), *column);
                }
                None => missing.push(title.clone()),
            }
        }
        let new: Vec<String> =
            titles.into_keys().filter(|title| !columns.contains_key(title.as_str())).collect();
        if !missing.is_empty() || !new.is_empty() {
            return Err(drifted(profile, missing, new).on_line(header.line));
        }
        for row in below {
            for (column, cell) in &row.cells {
                if !columns.values().any(|known| known == column) {
                    let message = format!(
                        "line {}: column {} has no title, but holds {}",
                        row.line,
                        letters(*column),
                        shown(&cell.to_string())
                    );
                    let wrong = Wrong::Columns { missing: Vec::new(), new: Vec::new() };
                    return Err(StatementError::of(wrong, message).on_line(row.line));
                }
            }
        }
        Ok((Reading { form, columns }, below))
    }

    /// The line of a row; none for one without an amount, where the profile skips those.
    pub fn line(&self, row: &Row) -> Result<Option<StatementLine>, StatementError> {
        let columns = &self.form.columns;
        let Some(written) = self.amount(row)? else { return Ok(None) };
        let (kind, code, amount) = match &self.form.kind {
            KindIn::Every(kind) => (*kind, String::new(), written),
            KindIn::Column { title, codes } => {
                let code = self.required(row, title)?;
                let rule = codes.get(&code).ok_or_else(|| self.unknown_code(row, title, &code))?;
                (rule.kind, code.clone(), self.signed(row, &code, *rule, written)?)
            }
        };
        let policy = match kind {
            LineKind::Adjustment => self.text(row, &columns.policy)?,
            _ => self.required(row, &columns.policy)?,
        };
        Ok(Some(StatementLine {
            line: row.line,
            carrier: self.carrier(row)?,
            policy,
            writing_number: self.required(row, &columns.writing_number)?,
            kind,
            code,
            on: self.day(row, &columns.on)?,
            amount,
            premium: columns.premium.as_ref().map_or(Ok(None), |title| self.money(row, title))?,
            rate: columns.rate.as_ref().map_or(Ok(None), |title| self.rate(row, title))?,
        }))
    }

    /// What the total line states, as written: paid less taken, where they stand apart.
    pub fn total(&self, row: &Row) -> Result<Cents, StatementError> {
        let mut total = None;
        for title in self.form.columns.money() {
            if let Some(amount) = self.money(row, title)? {
                let taken = self.form.columns.debit.as_ref() == Some(title);
                let signed = if taken { Cents(-amount.0) } else { amount };
                total = total.unwrap_or(Cents::ZERO).checked_add(signed);
            }
        }
        total.ok_or_else(|| {
            StatementError::malformed(format!("the total line {} holds no amount", row.line))
                .on_line(row.line)
        })
    }

    /// The amount as written; none where it is to be skipped.
    fn amount(&self, row: &Row) -> Result<Option<Cents>, StatementError> {
        let columns = &self.form.columns;
        let mut filled = None;
        for title in columns.money() {
            let Some(amount) = self.money(row, title)? else { continue };
            let taken = columns.debit.as_ref() == Some(title);
            let signed = if taken { Cents(-amount.0) } else { amount };
            filled = match filled {
                None => Some(signed),
                // Of credit and debit one says the amount, and the other may say zero.
                Some(Cents::ZERO) => Some(signed),
                Some(other) if signed.is_zero() => Some(other),
                Some(_) => return Err(self.wrong(row, title, "credit and debit are both filled in")),
            };
        }
        match filled {
            Some(Cents::ZERO) | None if self.form.skip_zero => Ok(None),
            None => {
                let title = columns.money().next().map_or("", String::as_str);
                Err(self.wrong(row, title, "it is empty, but every line has an amount"))
            }
            filled => Ok(filled),
        }
    }

    /// The amount from the payee's side.
    fn signed(&self, row: &Row, code: &str, rule: CodeRule, written: Cents) -> Result<Cents, StatementError> {
        match rule.sign {
            Sign::AsWritten => Ok(written),
            Sign::Negated => Ok(Cents(-written.0)),
            Sign::Positive | Sign::Negative if written < Cents::ZERO => {
                let title = self.form.columns.money().next().map_or("", String::as_str);
                let why = format!(
                    "{written} is below zero, but the profile says that {code} is written without a sign"
                );
                Err(self.wrong(row, title, &why))
            }
            Sign::Positive => Ok(written),
            Sign::Negative => Ok(Cents(-written.0)),
        }
    }

    fn carrier(&self, row: &Row) -> Result<String, StatementError> {
        let (title, names) = match &self.form.carrier {
            CarrierIn::Every(code) => return Ok(code.to_string()),
            CarrierIn::Column { title, names } => (title, names),
        };
        let name = self.required(row, title)?;
        names.get(&name).map(ToString::to_string).ok_or_else(|| {
            let why = format!("{} is no carrier of the profile: add it to [carriers]", shown(&name));
            StatementError { wrong: Wrong::UnknownCarrier(name), ..self.wrong(row, title, &why) }
        })
    }

    fn unknown_code(&self, row: &Row, title: &str, code: &str) -> StatementError {
        let why = format!("{} is no transaction code of the profile: add it to [codes]", shown(code));
        StatementError { wrong: Wrong::UnknownCode(code.to_owned()), ..self.wrong(row, title, &why) }
    }

    /// The text of a cell; empty when it is blank.
    pub fn text(&self, row: &Row, title: &str) -> Result<String, StatementError> {
        match self.cell(row, title)? {
            None => Ok(String::new()),
            Some(Cell::Text(text) | Cell::Number(text)) => Ok(text.clone()),
            Some(Cell::Date(day)) => {
                let why = format!(
                    "it is the date {day}, which Excel may have made of something else: format the column as text"
                );
                Err(self.wrong(row, title, &why))
            }
        }
    }

    fn required(&self, row: &Row, title: &str) -> Result<String, StatementError> {
        let text = self.text(row, title)?;
        if text.is_empty() { Err(self.wrong(row, title, "it is empty")) } else { Ok(text) }
    }

    fn money(&self, row: &Row, title: &str) -> Result<Option<Cents>, StatementError> {
        let (text, read) = match self.cell(row, title)? {
            None => return Ok(None),
            Some(Cell::Number(text)) => (text, amounts::money(text)),
            Some(Cell::Text(text)) => (text, self.form.amounts.parse(text)),
            Some(Cell::Date(day)) => {
                return Err(self.wrong(row, title, &format!("it is the date {day}, not an amount")));
            }
        };
        read.map(Some)
            .map_err(|why| self.wrong(row, title, &format!("{} cannot be taken: {why}", shown(text))))
    }

    fn day(&self, row: &Row, title: &str) -> Result<Day, StatementError> {
        if let Some(Cell::Date(day)) = self.cell(row, title)? {
            return Ok(*day);
        }
        let text = self.required(row, title)?;
        let form = self.form.dates;
        form.parse(&text).ok_or_else(|| {
            let why = format!("{} is no date of the form {}", shown(&text), form.name());
            self.wrong(row, title, &why)
        })
    }

    fn rate(&self, row: &Row, title: &str) -> Result<Option<Rate>, StatementError> {
        let text = self.text(row, title)?;
        if text.is_empty() {
            return Ok(None);
        }
        self.form.rates.parse(&text).map(Some).ok_or_else(|| {
            let why =
                format!("{} is no rate from 0% to 1000% as the profile's rates are written", shown(&text));
            self.wrong(row, title, &why)
        })
    }

    /// A cell by its title, unless it would be a formula in a spreadsheet.
    fn cell<'r>(&self, row: &'r Row, title: &str) -> Result<Option<&'r Cell>, StatementError> {
        let cell = self.columns.get(title).and_then(|column| row.cell(*column));
        if let Some(Cell::Text(text)) = cell
            && is_formula(text)
        {
            let why = format!("{} is a formula: a statement holds values", shown(text));
            return Err(StatementError { wrong: Wrong::Formula, ..self.wrong(row, title, &why) });
        }
        Ok(cell)
    }

    /// A refusal with the place of a cell.
    fn wrong(&self, row: &Row, title: &str, why: &str) -> StatementError {
        let column = self.columns.get(title).copied().unwrap_or_default();
        let place = match self.form.file.kind {
            FileKind::Csv => format!("line {}, column {title:?}", row.line),
            FileKind::Xlsx => format!("cell {}{} ({title:?})", letters(column), row.line),
        };
        StatementError::malformed(format!("{place}: {why}")).on_line(row.line)
    }
}

/// What a spreadsheet would compute: `=…`, or a name behind `+` or `@`.
fn is_formula(text: &str) -> bool {
    let behind = text.strip_prefix(['+', '@']).and_then(|rest| rest.chars().next());
    text.starts_with('=') || behind.is_some_and(char::is_alphabetic)
}

/// The titles and their columns, with single spaces: a title may be broken into lines.
fn titles(header: &Row) -> Result<BTreeMap<String, u32>, StatementError> {
    let wrong = |message: String| {
        let wrong = Wrong::Columns { missing: Vec::new(), new: Vec::new() };
        StatementError::of(wrong, message).on_line(header.line)
    };
    let mut titles: BTreeMap<String, u32> = BTreeMap::new();
    for (column, cell) in &header.cells {
        let title = cell.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(first) = titles.get(&title) {
            let (first, second) = (letters(*first), letters(*column));
            return Err(wrong(format!(
                "the title {} stands twice, in columns {first} and {second}",
                shown(&title)
            )));
        }
        titles.insert(title, *column);
    }
    Ok(titles)
}

fn drifted(profile: &Profile, missing: Vec<String>, new: Vec<String>) -> StatementError {
    let part = |what: &str, titles: &[String]| {
        if titles.is_empty() { String::new() } else { format!("; {what}: {}", listed(titles)) }
    };
    let message = format!(
        "the titles are not those of profile {} version {}{}{}. Where the carrier changed its layout, make a new version of the profile",
        profile.code,
        profile.version,
        part("missing", &missing),
        part("new", &new)
    );
    StatementError::of(Wrong::Columns { missing, new }, message)
}
