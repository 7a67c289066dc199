//! `upline directory`

use crate::failure::{Failure, note};
use crate::point::code;
use crate::report::{Cell, Format, Report};
use std::path::Path;
use upline_core::names::Code;
use upline_ledger::{Ledger, SystemClock};

/// The names of carriers and producers, which are kept beside the log and can be erased
#[derive(clap::Args)]
pub struct Directory {
    /// Erase what is kept of this producer, for good; its facts stay, under its code
    #[arg(long, value_name = "P", value_parser = code)]
    erase: Option<Code>,
    /// Start an empty directory in the place of one that is damaged or lost; importing the facts again
    /// brings the names back
    #[arg(long, conflicts_with = "erase")]
    anew: bool,
}

impl Directory {
    /// Runs the command.
    pub fn run(self, dir: &Path, format: Format) -> Result<(), Failure> {
        if let Some(producer) = &self.erase {
            let mut ledger = Ledger::open_to_record(dir, Box::new(SystemClock))?;
            if !ledger.erase_producer(producer)? {
                return Err(Failure::Because(format!("nothing was kept of producer {producer}")));
            }
            note(&format!("The name of producer {producer} is erased."));
            return Ok(());
        }
        if self.anew {
            Ledger::renew_directory(dir)?;
            note("The directory of names is empty.");
            return Ok(());
        }
        let directory = Ledger::open(dir, Box::new(SystemClock))?.directory()?;
        let rows = directory.entries().map(|(kind, code, entry)| {
            let state = if entry.erased { "erased" } else { "kept" };
            let (name, npn) = (Cell::optional(entry.name.as_ref()), Cell::optional(entry.npn.as_ref()));
            vec![Cell::text(kind), Cell::text(code), name, npn, Cell::text(state)]
        });
        Report {
            title: "Directory of names".to_owned(),
            columns: vec!["kind", "code", "name", "npn", "state"],
            rows: rows.collect(),
            nothing: "No names are kept.",
            ..Report::default()
        }
        .print(format)
    }
}
