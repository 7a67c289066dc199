//! `upline propose`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong};
use crate::cli::files::read_bytes;
use crate::cli::point::day;
use crate::cli::report::Format;
use crate::cli::screen::{self, note, say};
use crate::commands::resolve::exception;
use crate::commands::snapshots;
use serde_json::json;
use std::path::{Path, PathBuf};
use upline_core::fact::BANK_HOLD_DAYS;
use upline_core::names::Code;
use upline_core::time::Day;
use upline_formats::bank::{self, BankFileError};
use upline_ledger::Ledger;
use upline_ledger::proposals::{PROPOSAL_BYTES_MAX, Proposal};

/// Propose what takes two people: it is done once somebody else approves it
///
/// What could not be done now is refused now. What is proposed waits beside the log, which has a keyed hash of it; a pay
/// run is approved as it was seen, to the cent, or not at all.
#[derive(clap::Args)]
pub struct Propose {
    #[command(subcommand)]
    what: What,
    /// Who proposes it
    #[arg(long, value_name = "NAME", global = true, default_value = "", hide_default_value = true)]
    actor: String,
}

#[derive(clap::Subcommand)]
enum What {
    /// A pay run: what is due is paid out
    PayRun {
        /// Pay what is due on this day and, as far as is known, remains due
        #[arg(long, value_name = "DATE", value_parser = day)]
        through: Day,
    },
    /// Other bank details of a producer
    BankChange {
        /// A CSV file with the columns producer, routing, account, kind, and one line
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// For how many days nothing is paid to an account that takes the place of another
        #[arg(long, value_name = "DAYS", default_value_t = BANK_HOLD_DAYS)]
        #[arg(value_parser = clap::value_parser!(u8).range(1..))]
        days: u8,
        /// Several producers want their money at this account, and that is right
        #[arg(long)]
        confirm_shared: bool,
    },
    /// Corrections of chains
    Restatement {
        /// Facts of the type policy_restated, a line of JSON each
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Exceptions of statements that nobody will pay
    WriteOff {
        /// The exceptions as upline reconcile lists them, as 4711/L17
        #[arg(value_name = "STATEMENT/EXCEPTION", value_parser = exception, required = true)]
        exceptions: Vec<(u64, Code)>,
        /// Why
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// The day of the decision [default: today, in UTC]
        #[arg(long, value_name = "DATE", value_parser = day)]
        on: Option<Day>,
    },
}

impl Propose {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut ledger = context.open_to_record()?;
        let proposal = self.what.proposal(&ledger)?;
        let proposed = ledger.propose(&proposal, &self.actor)?;
        snapshots::store(&ledger);
        let (id, summary) = (&proposed.id, ledger.proposal(&proposed.id)?.row.summary);
        if context.format == Format::Json {
            let answer = json!({"proposal": id.as_str(), "position": proposed.position, "summary": summary});
            return Ok(screen::json(&answer)?);
        }
        say!(screen::stdout(), "{id}")?;
        note(&format!("{summary}. It is done once somebody else approves it: upline approve {id}"));
        Ok(())
    }
}

impl What {
    fn proposal(self, ledger: &Ledger) -> Result<Proposal, Failure> {
        Ok(match self {
            What::PayRun { through } => Proposal::PayRun { through },
            What::BankChange { file, days, confirm_shared } => {
                let (producer, bank) = one_bank(ledger, &file)?;
                let hold_days = (days != BANK_HOLD_DAYS).then_some(days);
                Proposal::BankChange { producer, bank, hold_days, shared: confirm_shared }
            }
            What::Restatement { file } => {
                let bytes = read_bytes(&file, PROPOSAL_BYTES_MAX as u64)?;
                let text = String::from_utf8(bytes).map_err(|_| FileWrong::NoText.of(&file))?;
                let lines = text.lines().filter(|line| !line.trim().is_empty());
                Proposal::Restatement { facts: lines.map(str::to_owned).collect() }
            }
            What::WriteOff { exceptions, note, on } => Proposal::WriteOff { exceptions, note, on },
        })
    }
}

/// The bank details of the one line of a file.
fn one_bank(ledger: &Ledger, file: &Path) -> Result<(Code, upline_ledger::Bank), Failure> {
    let reference = ledger.reference_data(ledger.position())?;
    let wrong =
        |producer: &Code| ledger.check_bank(&reference, producer).err().map(|error| error.to_string());
    let mut banks = match bank::read_file(file, wrong) {
        Ok(banks) => banks,
        Err(BankFileError::Wrong(wrong)) => {
            wrong.iter().for_each(|wrong| note(&format!("{}, {wrong}", file.display())));
            return Err(FileWrong::Banks.of(file));
        }
        Err(BankFileError::Source(error)) => return Err(error.into()),
    };
    match (banks.pop(), banks.is_empty()) {
        (Some(bank), true) => Ok(bank),
        _ => Err(FileWrong::NotOneBank.of(file)),
    }
}
