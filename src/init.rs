//! `upline init`

use crate::failure::Failure;
use std::path::Path;
use upline_ledger::{Ledger, SystemClock};

/// Makes an empty ledger
#[derive(clap::Args)]
pub struct Init {}

impl Init {
    /// Runs the command.
    pub fn run(self, dir: &Path) -> Result<(), Failure> {
        Ledger::create(dir, Box::new(SystemClock))?;
        eprintln!("An empty ledger is in {}.", dir.display());
        Ok(())
    }
}
