//! `upline reconcile`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::files::read_bytes;
use crate::cli::point::{code, day, money, month};
use crate::cli::report::{Format, Print};
use crate::cli::screen::{self, note, say};
use crate::commands::snapshots;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use upline_answers::statements;
use upline_core::money::Cents;
use upline_core::names::Code;
use upline_core::statement::Class;
use upline_core::time::{Day, Month};
use upline_ledger::Ledger;
use upline_ledger::reconcile::{
    PROFILE_BYTES_MAX, Reconciled, STATEMENT_BYTES_MAX, State, StatementFile, TakenIn,
};

/// Import a carrier's statement, and match every line with what the ledger expects
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
    /// The last day that it covers [default: the last day of the month]
    #[arg(long, value_name = "DATE", value_parser = day, requires = "file")]
    on: Option<Day>,
    /// What the bank says the carrier paid; a file with another total is refused
    #[arg(long, value_name = "AMOUNT", value_parser = money, requires = "file")]
    total: Option<Cents>,
    /// It is an amended file: it takes the place of this statement, whose resolutions are taken back
    #[arg(long, value_name = "N", requires = "file")]
    replaces: Option<u64>,
    /// Show the report and record nothing
    #[arg(long, requires = "file")]
    dry_run: bool,
    /// Only this statement, by the position of its receipt
    #[arg(long, value_name = "N", conflicts_with = "file")]
    statement: Option<u64>,
    /// List every line, including those that are as expected
    #[arg(long)]
    all: bool,
    /// Only what nobody has settled
    #[arg(long)]
    open: bool,
    /// Only the lines and amounts of this carrier
    #[arg(long, value_name = "CODE", value_parser = code)]
    carrier: Option<Code>,
    /// Only what is of this class, as short or timing
    #[arg(long, value_parser = class)]
    class: Option<Class>,
}

impl Reconcile {
    /// Prints what is asked for of some statements.
    fn print(&self, ledger: &Ledger, mut all: Vec<Reconciled>, format: Format) -> Result<(), Failure> {
        for one in &mut all {
            one.rows.retain(|row| {
                (!self.open || row.state == State::Open)
                    && self.carrier.as_ref().is_none_or(|carrier| row.carrier == carrier.as_str())
                    && self.class.is_none_or(|class| row.class == class)
            });
        }
        // Who asks for a class wants to see its lines, also where they are as expected.
        print(ledger, &all, self.all || self.class.is_some(), format)
    }

    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match (&self.file, &self.profile) {
            (Some(file), Some(profile)) => self.take_in(context, file, profile),
            _ => self.again(context),
        }
    }

    /// The statements that were received, matched with all that is known.
    fn again(&self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        let all = match self.statement {
            Some(position) => vec![ledger.reconciled_statement(position)?],
            None => ledger.reconciliation(ledger.position())?,
        };
        self.print(&ledger, all, context.format)
    }

    fn take_in(&self, context: &Context, file: &Path, profile: &Path) -> Result<(), Failure> {
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let statement = StatementFile {
            profile: read_bytes(profile, PROFILE_BYTES_MAX)?,
            profile_name: profile.display().to_string(),
            bytes: read_bytes(file, STATEMENT_BYTES_MAX)?,
            name: name.clone(),
            period: self.period,
            on: self.on,
            total: self.total,
            replaces: self.replaces,
        }
        .read()?;
        let (ledger, taken): (Box<dyn Deref<Target = Ledger>>, _) = if self.dry_run {
            let ledger = context.open()?;
            let taken = ledger.preview_statement(statement)?;
            (Box::new(ledger), taken)
        } else {
            let mut ledger = context.open_to_record()?;
            let taken = ledger.receive_statement(statement)?;
            snapshots::store(&ledger);
            (Box::new(ledger), taken)
        };
        let TakenIn { reconciled, before, instead_of } = taken;
        let position = reconciled.incoming.position.unwrap_or_default();
        if before {
            note(&format!("{name} was received before, as statement {position}; nothing changes."));
        }
        let open = reconciled.open();
        self.print(&ledger, vec![reconciled], context.format)?;
        if before {
            return Ok(());
        }
        if self.dry_run {
            note("Nothing is recorded.");
            return Ok(());
        }
        let open = match open {
            1 => "1 exception is".to_owned(),
            open => format!("{open} exceptions are"),
        };
        let instead = instead_of.map(|before| format!(" in the place of {before}")).unwrap_or_default();
        note(&format!("Received as statement {position}{instead}; {open} open."));
        Ok(())
    }
}

/// A class of lines.
pub fn class(text: &str) -> Result<Class, String> {
    let words: Vec<&str> = Class::ALL.iter().map(|word| word.as_str()).collect();
    Class::parse(text).ok_or_else(|| format!("it is one of {}", words.join(", ")))
}

/// Prints what became of the lines of statements: for programs every line, for people the sums and what is open.
fn print(ledger: &Ledger, all: &[Reconciled], every: bool, format: Format) -> Result<(), Failure> {
    let all = statements::named(ledger, all)?;
    if format != Format::Table {
        return statements::every_line(ledger, &all).print(format);
    }
    if all.is_empty() {
        say!(screen::stdout(), "No statement was received yet.")?;
    }
    let mut reports = all.iter().flat_map(|one| statements::statement_for_people(one, every)).peekable();
    while let Some(report) = reports.next() {
        report.print(format)?;
        if reports.peek().is_some() {
            say!(screen::stdout())?;
        }
    }
    Ok(())
}
