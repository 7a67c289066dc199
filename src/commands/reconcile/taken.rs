//! A statement that is handed in: read, and its days checked, before the ledger is asked.

use crate::cli::failure::Failure;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use upline_core::money::Cents;
use upline_core::names::Code;
use upline_core::time::{Day, Month};
use upline_formats::carrier_statement::{CarrierStatement, Profile, StatementLine, check_total, read};
use upline_formats::reconciliation::Incoming;
use upline_ledger::carrier_statements::{Received, Statements};
use upline_ledger::sha256;

/// The largest statement that is read, in bytes.
const STATEMENT_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// The largest profile, in bytes.
const PROFILE_BYTES_MAX: u64 = 1024 * 1024;

/// A statement and what read it.
pub struct Taken {
    /// What the file is called.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Its SHA-256.
    pub file: Code,
    /// The text of the profile.
    pub profile_text: Vec<u8>,
    /// Its SHA-256.
    pub profile_file: Code,
    /// The profile.
    pub profile: Profile,
    /// What the statement says.
    pub statement: CarrierStatement,
    /// The month that it is for.
    pub period: Month,
    /// The last day that it is of.
    pub on: Day,
}

impl Taken {
    /// Reads a statement through a profile. Refuses other totals than the one given, and days that are not the
    /// statement's.
    pub fn of(
        file: &Path,
        profile: &Path,
        total: Option<Cents>,
        period: Option<Month>,
        on: Option<Day>,
    ) -> Result<Taken, Failure> {
        let profile_text = bytes_of(profile, PROFILE_BYTES_MAX)?;
        let in_profile = |what: String| Failure::Because(format!("{}: {what}", profile.display()));
        let text = std::str::from_utf8(&profile_text);
        let text = text.map_err(|_| in_profile("this is no text; a profile is a TOML file".to_owned()))?;
        let profile = Profile::parse(text).map_err(|error| in_profile(error.to_string()))?;
        let bytes = bytes_of(file, STATEMENT_BYTES_MAX)?;
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let refused = |error: upline_formats::carrier_statement::StatementError| {
            Failure::Because(format!("{}: {error}; nothing is recorded", error.code()))
        };
        let statement = read(&bytes, &name, &profile).map_err(refused)?;
        if let Some(total) = total {
            check_total(&statement, total).map_err(refused)?;
        }
        let months: BTreeSet<Month> = statement.lines.iter().map(|line| Month::of(line.on)).collect();
        let period = match (period, months.first(), months.len()) {
            (Some(period), ..) => period,
            (None, Some(month), 1) => *month,
            (None, _, 0) => {
                return Err(Failure::Because(format!(
                    "{name} has no lines: say with --period what month it is for"
                )));
            }
            _ => {
                return Err(Failure::Because(format!(
                    "the lines of {name} are of several months: say with --period which one it is for"
                )));
            }
        };
        let on = on.unwrap_or_else(|| period.last());
        if Month::of(on) != period {
            return Err(Failure::Because(format!("--on {on} is not in the month {period} of the statement")));
        }
        let latest = Day(on.0.saturating_add_unsigned(profile.days));
        if let Some(line) = statement.lines.iter().find(|line| line.on > latest) {
            return Err(Failure::Because(format!(
                "{name}, line {}: it is dated {}, more than {} days after {on}, the last day of the statement",
                line.line, line.on, profile.days
            )));
        }
        if !profile.is_for(on) {
            let (code, version, from) = (&profile.code, profile.version, profile.from);
            let through = profile.through.map(|through| format!(" through {through}")).unwrap_or_default();
            return Err(Failure::Because(format!(
                "profile {code} version {version} is for statements from {from}{through}, and this one is of {on}"
            )));
        }
        let hash = |bytes: &[u8]| {
            Code::parse(&sha256(bytes)).ok_or_else(|| Failure::Because(format!("{name} has no hash")))
        };
        let (file, profile_file) = (hash(&bytes)?, hash(&profile_text)?);
        Ok(Taken { name, bytes, file, profile_text, profile_file, profile, statement, period, on })
    }
}

/// Whether a statement goes with those that were received: one that is the same in another file is a mistake, and so is
/// a profile that changed without a new version, or that shows other lines of a carrier than before.
pub fn fits(
    name: &str,
    profile: &Profile,
    profile_file: &Code,
    statement: &CarrierStatement,
    known: &Statements,
    others: &[Incoming],
) -> Result<(), String> {
    let (code, version) = (&profile.code, profile.version);
    let changed = |one: &&Received| {
        let read = &one.statement;
        (&read.profile, read.version) == (code, version) && read.profile_file != *profile_file
    };
    if let Some(one) = known.received.iter().find(changed) {
        let position = one.position;
        return Err(format!(
            "profile {code} version {version} was another file when statement {position} came in: give it a new version"
        ));
    }
    for other in others {
        let number = other.position.unwrap_or_default();
        let carriers: BTreeSet<&Code> = other.profile.carriers().collect();
        let shared = profile.carriers().find(|carrier| carriers.contains(carrier));
        if let Some(carrier) = shared.filter(|_| other.profile.shows != profile.shows) {
            return Err(format!(
                "profile {code} reads statements of {carrier} in another way than statement {number} was read: shows must stay"
            ));
        }
        let lines = |of: &CarrierStatement| {
            of.lines.iter().cloned().map(|line| StatementLine { line: 0, ..line }).collect::<Vec<_>>()
        };
        if !statement.lines.is_empty() && lines(statement) == lines(&other.statement) {
            return Err(format!(
                "{name} has the same lines as statement {number}: it is that one in another file"
            ));
        }
    }
    Ok(())
}

fn bytes_of(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let wrong = |what: String| Failure::Because(format!("{}: {what}", path.display()));
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(bytes_max + 1).read_to_end(&mut bytes))
        .map_err(|error| wrong(format!("it cannot be read: {error}")))?;
    if bytes.len() as u64 > bytes_max {
        return Err(wrong(format!(
            "it is larger than {} MiB, the most that is read",
            bytes_max / 1024 / 1024
        )));
    }
    Ok(bytes)
}
