//! A statement that is handed in: read, and its days checked, before a ledger is asked.

use crate::error::LedgerError;
use crate::reconcile::ReconcileError;
use std::collections::BTreeSet;
use upline_core::event::Position;
use upline_core::money::Cents;
use upline_core::names::Code;
use upline_core::time::{Day, Month};
use upline_formats::carrier_statement::{CarrierStatement, Profile, check_total, read};
use upline_log::LogError;
use upline_store::sha256;

/// The largest statement that is taken, in bytes.
pub const STATEMENT_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// The largest profile, in bytes.
pub const PROFILE_BYTES_MAX: u64 = 1024 * 1024;

/// A statement as a carrier sent it, with what its columns and codes mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementFile {
    /// What the file is called.
    pub name: String,
    pub bytes: Vec<u8>,
    /// What the profile's file is called, for messages.
    pub profile_name: String,
    /// The text of the profile.
    pub profile: Vec<u8>,
    /// The month that it is for; without one that of its lines.
    pub period: Option<Month>,
    /// The last day that it is of; without one the last of the month.
    pub on: Option<Day>,
    /// What the bank says the carrier paid; a file with another total is refused.
    pub total: Option<Cents>,
    /// The statement whose place it takes, by its position.
    pub replaces: Option<Position>,
}

/// A statement that was read.
#[derive(Clone, Debug)]
pub struct ReadStatement {
    /// What the file is called.
    pub name: String,
    /// Its SHA-256.
    pub file: Code,
    pub profile: Profile,
    /// Its SHA-256.
    pub profile_file: Code,
    /// What the statement says.
    pub statement: CarrierStatement,
    /// The month that it is for.
    pub period: Month,
    /// The last day that it is of.
    pub on: Day,
    pub(super) replaces: Option<Position>,
    pub(super) bytes: Vec<u8>,
    pub(super) profile_text: Vec<u8>,
}

impl StatementFile {
    /// Reads it through its profile. Refuses other totals than the one given, and days that are not the statement's.
    pub fn read(self) -> Result<ReadStatement, LedgerError> {
        let StatementFile { name, bytes, profile_name, profile: profile_text, period, on, total, replaces } =
            self;
        let text = std::str::from_utf8(&profile_text)
            .map_err(|_| ReconcileError::ProfileNoText(profile_name.clone()))?;
        let profile = Profile::parse(text)
            .map_err(|error| ReconcileError::Profile { name: profile_name.clone(), error })?;
        let statement = read(&bytes, &name, &profile).map_err(ReconcileError::Statement)?;
        if let Some(total) = total {
            check_total(&statement, total).map_err(ReconcileError::Statement)?;
        }
        let period = match period {
            Some(period) => period,
            None => month_of(&name, &statement)?,
        };
        let on = on.unwrap_or_else(|| period.last());
        check_days(&name, &profile, &statement, period, on)?;
        let (file, profile_file) = (hash(&bytes)?, hash(&profile_text)?);
        Ok(ReadStatement {
            name,
            file,
            profile,
            profile_file,
            statement,
            period,
            on,
            replaces,
            bytes,
            profile_text,
        })
    }
}

/// The month of all lines.
fn month_of(name: &str, statement: &CarrierStatement) -> Result<Month, ReconcileError> {
    let months: BTreeSet<Month> = statement.lines.iter().map(|line| Month::of(line.on)).collect();
    match (months.first(), months.len()) {
        (Some(month), 1) => Ok(*month),
        (_, 0) => Err(ReconcileError::NoLines(name.to_owned())),
        _ => Err(ReconcileError::SeveralMonths(name.to_owned())),
    }
}

fn check_days(
    name: &str,
    profile: &Profile,
    statement: &CarrierStatement,
    period: Month,
    on: Day,
) -> Result<(), ReconcileError> {
    if Month::of(on) != period {
        return Err(ReconcileError::NotInMonth { on, period });
    }
    let latest = Day(on.0.saturating_add_unsigned(profile.days));
    if let Some(line) = statement.lines.iter().find(|line| line.on > latest) {
        let (name, days) = (name.to_owned(), profile.days);
        return Err(ReconcileError::LaterLine { name, line: line.line, dated: line.on, days, on });
    }
    if !profile.is_for(on) {
        let Profile { version, from, through, .. } = *profile;
        return Err(ReconcileError::OtherDays { code: profile.code.clone(), version, from, through, on });
    }
    Ok(())
}

fn hash(bytes: &[u8]) -> Result<Code, LedgerError> {
    let name = sha256(bytes);
    let no_name = || LogError::damaged("a hash is no name of a file", format!("at {name}"));
    Ok(Code::parse(&name).ok_or_else(no_name)?)
}
