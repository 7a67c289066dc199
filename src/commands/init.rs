//! `upline init`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::screen::note;
use upline_ledger::{Engine, Ledger, SystemClock};

/// Make an empty ledger
#[derive(clap::Args)]
pub struct Init {
    /// What keeps the log: an embedded database, which one process has open at a time; or plain files, better where
    /// many processes ask while one records, where verify should need no copy, or where other programs read the bytes
    #[arg(long, value_name = "ENGINE", value_parser = Engine::NAMES, default_value = Engine::NAMES[0])]
    engine: String,
}

impl Init {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let engine = Engine::of_name(&self.engine).unwrap_or_default();
        Ledger::create_in(engine, &context.dir, Box::new(SystemClock))?;
        note(&format!("An empty ledger is in {}.", context.dir.display()));
        Ok(())
    }
}
