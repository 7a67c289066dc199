//! `upline directory`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong, UsageError};
use crate::cli::point::code;
use crate::cli::report::{Cell, Print, Report};
use crate::cli::screen::note;
use crate::commands::snapshots;
use std::path::{Path, PathBuf};
use upline_core::fact::{BANK_HOLD_DAYS, DirectoryKind};
use upline_core::names::Code;
use upline_formats::bank::{self, BankFileError};
use upline_ledger::{BanksOrder, Ledger};

/// The names of carriers and producers, and bank details, which are kept beside the log and can be erased
#[derive(clap::Args)]
pub struct Directory {
    /// Erase a producer's name and bank details for good, or what --kind says; its facts stay, under its code. So is
    /// erased who recorded, approved or noted something: by the id in this list, as person:3
    #[arg(long, value_name = "P", value_parser = code)]
    erase: Option<Code>,
    /// What is erased: a producer, a carrier, a person or a note [default: what the code is]
    #[arg(long, value_name = "KIND", requires = "erase", value_parser = kind)]
    kind: Option<DirectoryKind>,
    /// Start an empty directory in the place of one that is damaged or lost; importing the facts again
    /// brings the names back
    #[arg(long, alias = "anew", conflicts_with = "erase")]
    rebuild: bool,
    /// Set the bank details of producers from a CSV file with the columns producer, routing, account, kind
    /// (checking or savings): of all in it, or of none
    #[arg(long, value_name = "FILE", conflicts_with_all = ["erase", "rebuild"])]
    #[arg(requires_all = ["actor", "approved_by"])]
    bank: Option<PathBuf>,
    /// Who sets or erases it
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Who approved the bank details: somebody else
    #[arg(long, value_name = "NAME", requires = "bank")]
    approved_by: Option<String>,
    /// For how many days nothing is paid to an account that takes the place of another
    #[arg(long, value_name = "DAYS", default_value_t = BANK_HOLD_DAYS, requires = "bank")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..))]
    days: u8,
    /// Set them though several producers want their money at one account
    #[arg(long, requires = "bank")]
    confirm_shared: bool,
}

impl Directory {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if let Some(code) = &self.erase {
            return self.erase(context, code);
        }
        if self.rebuild {
            if context.is_for_another() {
                context.open_to_record()?.empty_directory()?;
            } else {
                context.ask_elsewhere()?;
                Ledger::renew_directory(&context.dir, &context.options)?;
            }
            note("The directory of names is empty.");
            return Ok(());
        }
        if let Some(file) = &self.bank {
            return self.set_banks(context, file);
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

    fn erase(&self, context: &Context, code: &Code) -> Result<(), Failure> {
        let mut ledger = context.open_to_record()?;
        let directory = ledger.directory()?;
        let there = |kind: &DirectoryKind| directory.get(kind.as_str(), code.as_str()).is_some();
        let kinds = [DirectoryKind::Producer, DirectoryKind::Person, DirectoryKind::Note];
        let kind = self.kind.or(kinds.into_iter().find(there)).unwrap_or(DirectoryKind::Producer);
        if !ledger.erase(kind, code, self.actor.clone())? {
            return Err(UsageError::NothingKept(format!("{} {code}", kind.as_str())).into());
        }
        snapshots::store(&ledger);
        note(&match kind {
            DirectoryKind::Person | DirectoryKind::Note => format!("What {code} stood for is erased."),
            kind => format!("The name of {} {code} is erased.", kind.as_str()),
        });
        Ok(())
    }

    /// Sets the bank details of a file, or says everything that is wrong with it.
    fn set_banks(&self, context: &Context, file: &Path) -> Result<(), Failure> {
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
        let set = ledger.set_banks(&BanksOrder {
            banks,
            actor: self.actor.clone().unwrap_or_default(),
            approved_by: self.approved_by.clone().unwrap_or_default(),
            hold_days: (self.days != BANK_HOLD_DAYS).then_some(self.days),
            shared: self.confirm_shared,
        })?;
        snapshots::store(&ledger);
        Report {
            title: format!("Bank details set from {}", file.display()),
            columns: vec!["new", "changed", "unchanged"],
            rows: vec![[set.new, set.changed, set.unchanged].into_iter().map(Cell::Count).collect()],
            ..Report::default()
        }
        .print(context.format)?;
        if set.changed > 0 {
            note(&format!(
                "Nothing is paid to an account that changed for {} days, unless somebody else lifts that with upline \
                 record hold_lifted --reason bank_changed.",
                self.days
            ));
        }
        Ok(())
    }
}

fn kind(text: &str) -> Result<DirectoryKind, String> {
    DirectoryKind::parse(text).ok_or_else(|| "it is producer, carrier, person or note".to_owned())
}
