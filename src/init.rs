//! `upline init`

use crate::failure::{Failure, note};
use std::path::Path;
use upline_ledger::{Ledger, SystemClock};

/// Make an empty ledger
#[derive(clap::Args)]
pub struct Init {}

impl Init {
    /// Runs the command.
    pub fn run(self, dir: &Path) -> Result<(), Failure> {
        Ledger::create(dir, Box::new(SystemClock))?;
        note(&format!("An empty ledger is in {}.", dir.display()));
        Ok(())
    }
}
