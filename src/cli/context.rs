//! What every command is run with.

use crate::cli::failure::Failure;
use crate::cli::report::Format;
use std::path::PathBuf;
use upline_ledger::{Ledger, SystemClock};

/// The options of every command.
#[derive(Clone, Debug)]
pub struct Context {
    /// The directory of the ledger.
    pub dir: PathBuf,
    /// How answers are printed.
    pub format: Format,
}

impl Context {
    /// Opens the ledger to ask it.
    pub fn open(&self) -> Result<Ledger, Failure> {
        Ok(Ledger::open(&self.dir, Box::new(SystemClock))?)
    }

    /// Opens the ledger to record in it.
    pub fn open_to_record(&self) -> Result<Ledger, Failure> {
        Ok(Ledger::open_to_record(&self.dir, Box::new(SystemClock))?)
    }
}
