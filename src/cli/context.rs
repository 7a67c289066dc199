//! What every command is run with.

use crate::cli::failure::Failure;
use crate::cli::report::Format;
use std::path::PathBuf;
use upline_ledger::{Ledger, OpenOptions, SystemClock};

/// The options of every command.
#[derive(Clone, Debug)]
pub struct Context {
    /// The directory of the ledger.
    pub dir: PathBuf,
    /// How answers are printed.
    pub format: Format,
    /// How long it waits for whoever has the ledger open, and what it is called meanwhile.
    pub options: OpenOptions,
    /// Whether facts are recorded though a clock cannot be right.
    pub accept_clock: bool,
}

impl Context {
    /// The same, of the ledger in another directory.
    pub fn of(&self, dir: PathBuf) -> Context {
        Context { dir, ..self.clone() }
    }

    /// Opens the ledger to ask it.
    pub fn open(&self) -> Result<Ledger, Failure> {
        Ok(Ledger::open(&self.dir, Box::new(SystemClock), &self.options)?)
    }

    /// Opens the ledger to look at it as it lies there, damage included. Changes nothing.
    pub fn open_untouched(&self) -> Result<Ledger, Failure> {
        Ok(Ledger::open_untouched(&self.dir, Box::new(SystemClock), &self.options)?)
    }

    /// Opens the ledger to record in it.
    pub fn open_to_record(&self) -> Result<Ledger, Failure> {
        let ledger = Ledger::open_to_record(&self.dir, Box::new(SystemClock), &self.options)?;
        Ok(if self.accept_clock { ledger.accept_clock() } else { ledger })
    }
}
