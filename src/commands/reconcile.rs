//! `upline reconcile`

pub mod report;
mod taken;

use crate::cli::failure::{Failure, note};
use crate::cli::point::{day, money, month};
use crate::cli::report::Format;
use crate::commands::snapshots;
use std::path::{Path, PathBuf};
use taken::{Taken, fits};
use upline_core::fact::{Body, Fact, Remarks};
use upline_core::money::Cents;
use upline_core::statement::StatementReceived;
use upline_core::time::{Day, Month};
use upline_formats::reconciliation::{Incoming, ReconcileError, Reconciled, State, received, reconciliation};
use upline_ledger::carrier_statements::Received;
use upline_ledger::decider::Outcome;
use upline_ledger::{Ledger, LedgerError, SystemClock};

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
        let taken = Taken::of(file, profile, self.total, self.period, self.on)?;
        let Taken { name, bytes, file, profile_text, profile_file, profile, statement, period, on } = taken;
        let clock = Box::new(SystemClock);
        let mut ledger =
            if self.dry_run { Ledger::open(dir, clock)? } else { Ledger::open_to_record(dir, clock)? };
        let (reference, known) = ledger.statements(ledger.position())?;
        // One that was kept and is lost comes back.
        let read = known.received.iter().map(|one| &one.statement);
        for (wanted, bytes) in [(&file, &bytes), (&profile_file, &profile_text)] {
            if !self.dry_run && read.clone().any(|one| one.file == *wanted || one.profile_file == *wanted) {
                ledger.keep_file(bytes)?;
            }
        }
        let before = known.received.iter().find(|known| known.statement.file == file);
        let same = |known: &&Received| {
            let read = &known.statement;
            (&read.profile_file, read.period, known.on) == (&profile_file, period, on)
        };
        if let Some(before) = before.filter(same) {
            note(&format!("{name} was received before, as statement {}; nothing changes.", before.position));
            let mut all = reconciliation(&ledger, ledger.position(), None).map_err(failed)?;
            all.retain(|one| one.incoming.position == Some(before.position));
            return report::print(&ledger, &all, self.all, format);
        }
        if let Some(carrier) =
            profile.carriers().find(|carrier| reference.carriers().find(*carrier).is_none())
        {
            let code = &profile.code;
            return Err(Failure::Because(format!(
                "unknown_carrier: carrier {carrier} of {code} was never added"
            )));
        }
        let mut others = received(&ledger, &known).map_err(failed)?;
        others.retain(|one| one.file != file);
        fits(&name, &profile, &profile_file, &statement, &known, &others).map_err(Failure::Because)?;
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
        let mut all = reconciliation(&ledger, ledger.position(), Some(new)).map_err(failed)?;
        all.retain(|one| one.incoming.position.is_none());
        if self.dry_run {
            report::print(&ledger, &all, self.all, format)?;
            note("Nothing is recorded.");
            return Ok(());
        }
        let receipt = StatementReceived {
            file: ledger.keep_file(&bytes)?,
            profile: described.0,
            version: described.1,
            profile_file: ledger.keep_file(&profile_text)?,
            period,
            lines: u32::try_from(lines).unwrap_or(u32::MAX),
            total,
        };
        let position = record(&mut ledger, on, Some(name), None, Body::StatementReceived(Box::new(receipt)))?;
        // A receipt moves no money, so nothing else is expected than before it.
        all.iter_mut().for_each(|one| one.incoming.position = Some(position));
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

/// How many exceptions nobody has settled.
fn open_in(all: &[Reconciled]) -> usize {
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
        Outcome::Recorded(position) => {
            snapshots::store(ledger);
            Ok(position)
        }
        Outcome::AlreadyRecorded(_) => {
            Err(Failure::Because("this is recorded already; nothing is recorded twice".to_owned()))
        }
        Outcome::Refused(refusal) => Err(Failure::Because(refusal.to_string())),
    }
}

/// A reconciliation that failed.
pub fn failed(error: ReconcileError) -> Failure {
    match error {
        ReconcileError::Ledger(error) => error.into(),
        other => LedgerError::Input(other.to_string()).into(),
    }
}
