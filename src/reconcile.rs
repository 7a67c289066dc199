//! `upline reconcile`

pub mod report;

use crate::failure::{Failure, note};
use crate::point::{day, money, month};
use crate::report::Format;
use crate::snapshots;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use upline_core::fact::{Body, Fact, Remarks};
use upline_core::money::Cents;
use upline_core::names::Code;
use upline_core::statement::StatementReceived;
use upline_core::time::{Day, Month};
use upline_exchange::reconciliation::{Incoming, ReconcileError, Reconciled, reconciliation};
use upline_exchange::statement::{CarrierStatement, Profile, StatementLine, check_total, read};
use upline_ledger::carrier_statements::{Received, Statements};
use upline_ledger::desk::Answer;
use upline_ledger::{Ledger, LedgerError, SystemClock, sha256};

/// The largest statement that is read, in bytes.
const STATEMENT_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// The largest profile, in bytes.
const PROFILE_BYTES_MAX: u64 = 1024 * 1024;

/// Take a carrier's statement in, and match every line with what the ledger expects
///
/// The file is checked before anything is recorded: its columns, codes and totals. It is kept beside the log, and its
/// receipt is a fact with its SHA-256; the same file again changes nothing. Without a file the statements that were
/// received are matched again, with all that is known by now. upline resolve settles an exception.
#[derive(clap::Args)]
pub struct Reconcile {
    /// The carrier's statement, CSV or XLSX
    #[arg(requires = "profile")]
    file: Option<PathBuf>,
    /// The profile that says what its columns and codes mean (docs/profiles.md)
    #[arg(long, value_name = "FILE", requires = "file")]
    profile: Option<PathBuf>,
    /// The month that the statement is for [default: that of its lines]
    #[arg(long, value_name = "MONTH", value_parser = month, requires = "file")]
    period: Option<Month>,
    /// The last day that it is of [default: the last of the month]
    #[arg(long, value_name = "DATE", value_parser = day, requires = "file")]
    on: Option<Day>,
    /// What the carrier paid, from the bank: another total refuses the file
    #[arg(long, value_name = "AMOUNT", value_parser = money, requires = "file")]
    total: Option<Cents>,
    /// Show the report and record nothing
    #[arg(long, requires = "file")]
    dry_run: bool,
    /// Only this statement, by the position of its receipt
    #[arg(long, value_name = "N", conflicts_with = "file")]
    statement: Option<u64>,
    /// List every line, also those that are as expected
    #[arg(long)]
    all: bool,
}

impl Reconcile {
    /// Runs the command.
    pub fn run(self, dir: &Path, format: Format) -> Result<(), Failure> {
        match (&self.file, &self.profile) {
            (Some(file), Some(profile)) => self.take_in(dir, file, profile, format),
            _ => self.again(dir, format),
        }
    }

    /// The statements that were received, matched with all that is known.
    fn again(&self, dir: &Path, format: Format) -> Result<(), Failure> {
        let ledger = Ledger::open(dir, Box::new(SystemClock))?;
        let mut all = reconciliation(&ledger, ledger.position(), None).map_err(failed)?;
        if let Some(position) = self.statement {
            all.retain(|one| one.incoming.position == Some(position));
            if all.is_empty() {
                return Err(Failure::Because(format!("no statement was received at position {position}")));
            }
        }
        report::print(&ledger, &all, self.all, format)
    }

    fn take_in(&self, dir: &Path, file: &Path, profile: &Path, format: Format) -> Result<(), Failure> {
        let profile_text = bytes_of(profile, PROFILE_BYTES_MAX)?;
        let in_profile = |what: String| Failure::Because(format!("{}: {what}", profile.display()));
        let text = std::str::from_utf8(&profile_text);
        let text = text.map_err(|_| in_profile("this is no text; a profile is a TOML file".to_owned()))?;
        let profile = Profile::parse(text).map_err(|error| in_profile(error.to_string()))?;
        let bytes = bytes_of(file, STATEMENT_BYTES_MAX)?;
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let refused = |error: upline_exchange::statement::StatementError| {
            Failure::Because(format!("{}: {error}; nothing is recorded", error.code()))
        };
        let statement = read(&bytes, &name, &profile).map_err(refused)?;
        if let Some(total) = self.total {
            check_total(&statement, total).map_err(refused)?;
        }
        let months: BTreeSet<Month> = statement.lines.iter().map(|line| Month::of(line.on)).collect();
        let period = match (self.period, months.first(), months.len()) {
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
        let on = self.on.unwrap_or_else(|| period.last());
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
        let clock = Box::new(SystemClock);
        let mut ledger =
            if self.dry_run { Ledger::open(dir, clock)? } else { Ledger::open_to_record(dir, clock)? };
        let hash =
            |bytes: &[u8]| Code::parse(&sha256(bytes)).ok_or_else(|| in_profile("it has no hash".to_owned()));
        let (file, profile_file) = (hash(&bytes)?, hash(&profile_text)?);
        let (register, known) = ledger.statements(ledger.position())?;
        // One that was kept and is lost comes back.
        let read = known.received.iter().map(|one| &one.statement);
        for (wanted, bytes) in [(&file, &bytes), (&profile_file, &profile_text)] {
            if !self.dry_run && read.clone().any(|one| one.file == *wanted || one.profile_file == *wanted) {
                ledger.keep_file(bytes)?;
            }
        }
        let all = reconciliation(&ledger, ledger.position(), None).map_err(failed)?;
        let before = known.received.iter().find(|known| known.statement.file == file);
        let same = |known: &&Received| {
            let read = &known.statement;
            (&read.profile_file, read.period, known.on) == (&profile_file, period, on)
        };
        if let Some(before) = before.filter(same) {
            note(&format!("{name} was received before, as statement {}; nothing changes.", before.position));
            let only: Vec<Reconciled> =
                all.into_iter().filter(|one| one.incoming.position == Some(before.position)).collect();
            return report::print(&ledger, &only, self.all, format);
        }
        if let Some(carrier) = profile.carriers().find(|carrier| register.carriers().find(*carrier).is_none())
        {
            return Err(in_profile(format!("unknown_carrier: carrier {carrier} was never added")));
        }
        let others = all.iter().filter(|one| one.incoming.file != file);
        fits(&name, &profile, &profile_file, &statement, &known, others).map_err(in_profile)?;
        let (total, lines) = (statement.total, statement.lines.len());
        let described = (profile.code.clone(), profile.version);
        // Whatever would fail is told before anything is recorded.
        let new = Incoming {
            position: None,
            file: file.clone(),
            profile,
            statement,
            from: period.first(),
            through: on,
        };
        let preview = reconciliation(&ledger, ledger.position(), Some(new)).map_err(failed)?;
        if self.dry_run {
            let only: Vec<Reconciled> =
                preview.into_iter().filter(|one| one.incoming.position.is_none()).collect();
            report::print(&ledger, &only, self.all, format)?;
            note("Nothing is recorded.");
            return Ok(());
        }
        let received = StatementReceived {
            file: ledger.keep_file(&bytes)?,
            profile: described.0,
            version: described.1,
            profile_file: ledger.keep_file(&profile_text)?,
            period,
            lines: u32::try_from(lines).unwrap_or(u32::MAX),
            total,
        };
        let position =
            record(&mut ledger, on, Some(name), None, Body::StatementReceived(Box::new(received)))?;
        let mut all = reconciliation(&ledger, ledger.position(), None).map_err(failed)?;
        all.retain(|one| one.incoming.position == Some(position));
        report::print(&ledger, &all, self.all, format)?;
        let open = open_in(&all);
        let exceptions =
            if open == 1 { "1 exception is".to_owned() } else { format!("{open} exceptions are") };
        let instead =
            before.map(|before| format!(" in the place of {}", before.position)).unwrap_or_default();
        note(&format!("Received as statement {position}{instead}; {exceptions} open."));
        Ok(())
    }
}

/// Whether a statement goes with those that were received: one that is the same in another file is a mistake, and so is
/// a profile that changed without a new version, or that shows other lines of a carrier than before.
fn fits<'a>(
    name: &str,
    profile: &Profile,
    profile_file: &Code,
    statement: &CarrierStatement,
    known: &Statements,
    others: impl Iterator<Item = &'a Reconciled>,
) -> Result<(), String> {
    let (code, version) = (&profile.code, profile.version);
    let changed = |one: &&Received| {
        let read = &one.statement;
        (&read.profile, read.version) == (code, version) && read.profile_file != *profile_file
    };
    if let Some(one) = known.received.iter().find(changed) {
        let position = one.position;
        return Err(format!(
            "version {version} of {code} was another file when statement {position} came in: give it a new version"
        ));
    }
    for other in others {
        let number = other.incoming.position.unwrap_or_default();
        let carriers: BTreeSet<&Code> = other.incoming.profile.carriers().collect();
        let shared = profile.carriers().find(|carrier| carriers.contains(carrier));
        if let Some(carrier) = shared.filter(|_| other.incoming.profile.shows != profile.shows) {
            return Err(format!(
                "it reads statements of {carrier} in another way than statement {number} was read: shows must stay"
            ));
        }
        let lines = |of: &CarrierStatement| {
            of.lines.iter().cloned().map(|line| StatementLine { line: 0, ..line }).collect::<Vec<_>>()
        };
        if !statement.lines.is_empty() && lines(statement) == lines(&other.incoming.statement) {
            return Err(format!(
                "{name} has the same lines as statement {number}: it is that one in another file"
            ));
        }
    }
    Ok(())
}

/// How many exceptions nobody has settled.
pub fn open_in(all: &[Reconciled]) -> usize {
    use upline_exchange::reconciliation::State;
    all.iter().flat_map(|one| &one.rows).filter(|row| row.state == State::Open).count()
}

/// Records a fact and says where it stands.
pub fn record(
    ledger: &mut Ledger,
    on: Day,
    source: Option<String>,
    said: Option<String>,
    body: Body<upline_core::names::ByCode>,
) -> Result<u64, Failure> {
    let remarks = Remarks { source, note: said, actor: None };
    let remarks = (remarks != Remarks::default()).then(|| Box::new(remarks));
    let fact = Fact { id: None, on, recorded_at: None, remarks, personal: None, body };
    match ledger.record(fact)? {
        Answer::Recorded(position) => {
            snapshots::store(ledger);
            Ok(position)
        }
        Answer::AlreadyRecorded(_) => {
            Err(Failure::Because("this is recorded already; nothing is recorded twice".to_owned()))
        }
        Answer::Refused(refusal) => Err(Failure::Because(refusal.to_string())),
    }
}

/// A reconciliation that failed.
pub fn failed(error: ReconcileError) -> Failure {
    match error {
        ReconcileError::Ledger(error) => error.into(),
        other => LedgerError::Input(other.to_string()).into(),
    }
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
