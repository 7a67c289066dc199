//! `upline directory`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong, UsageError, note};
use crate::cli::point::code;
use crate::cli::report::{Cell, Report};
use std::path::{Path, PathBuf};
use upline_core::names::Code;
use upline_formats::bank::{self, BankFileError};
use upline_ledger::Ledger;

/// The names of carriers and producers, and bank details, which are kept beside the log and can be erased
#[derive(clap::Args)]
pub struct Directory {
    /// Erase this producer's name and bank details for good; its facts stay, under its code
    #[arg(long, value_name = "P", value_parser = code)]
    erase: Option<Code>,
    /// Start an empty directory in the place of one that is damaged or lost; importing the facts again
    /// brings the names back
    #[arg(long, alias = "anew", conflicts_with = "erase")]
    rebuild: bool,
    /// Set the bank details of producers from a CSV file with the columns producer, routing, account, kind
    /// (checking or savings): of all in it, or of none
    #[arg(long, value_name = "FILE", conflicts_with_all = ["erase", "rebuild"])]
    bank: Option<PathBuf>,
}

impl Directory {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if let Some(producer) = &self.erase {
            let mut ledger = context.open_to_record()?;
            if !ledger.erase_producer(producer)? {
                return Err(UsageError::NothingKept(producer.to_string()).into());
            }
            note(&format!("The name of producer {producer} is erased."));
            return Ok(());
        }
        if self.rebuild {
            Ledger::renew_directory(&context.dir, &context.options)?;
            note("The directory of names is empty.");
            return Ok(());
        }
        if let Some(file) = &self.bank {
            return set_banks(context, file);
        }
        let directory = context.open()?.directory()?;
        let rows = directory.entries().map(|(kind, code, entry)| {
            let state = if entry.erased { "erased" } else { "kept" };
            let (name, npn) = (Cell::optional(entry.name.as_ref()), Cell::optional(entry.npn.as_ref()));
            let bank = entry.bank.as_ref();
            let routing = Cell::optional(bank.map(|bank| &bank.routing));
            let account = Cell::optional(bank.map(|bank| &bank.account));
            let account_kind = Cell::optional(bank.map(|bank| bank.kind.as_str()));
            let state = Cell::text(state);
            vec![Cell::text(kind), Cell::text(code), name, npn, state, routing, account, account_kind]
        });
        Report {
            title: "Directory of names".to_owned(),
            columns: vec!["kind", "code", "name", "npn", "state", "routing", "account", "account_kind"],
            rows: rows.collect(),
            nothing: "No names are kept.",
            ..Report::default()
        }
        .print(context.format)
    }
}

/// Sets the bank details of a file, or says everything that is wrong with it.
fn set_banks(context: &Context, file: &Path) -> Result<(), Failure> {
    let mut ledger = context.open_to_record()?;
    let reference = ledger.reference_data(ledger.position())?;
    let banks = match bank::read_file(file, |producer| {
        ledger.check_bank(&reference, producer).err().map(|error| error.to_string())
    }) {
        Ok(banks) => banks,
        Err(BankFileError::Wrong(wrong)) => {
            wrong.iter().for_each(|wrong| note(&format!("{}, {wrong}", file.display())));
            return Err(FileWrong::Banks.of(file));
        }
        Err(BankFileError::Source(error)) => return Err(error.into()),
    };
    let set = ledger.set_banks(&reference, banks)?;
    Report {
        title: format!("Bank details set from {}", file.display()),
        columns: vec!["new", "changed", "unchanged"],
        rows: vec![[set.new, set.changed, set.unchanged].into_iter().map(Cell::Count).collect()],
        ..Report::default()
    }
    .print(context.format)
}
