//! `upline checkpoint`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::files::{signing_key, write_out};
use crate::cli::output::PUBLIC;
use crate::cli::report::Format;
use crate::cli::screen::note;
use serde_json::json;
use std::path::PathBuf;
use upline_core::event::Position;

/// Sign the length of the log and its root
///
/// Keep it where the ledger's keepers cannot change it. As long as later ledgers are proved to go on from it
/// (upline prove --since, upline verify --checkpoint), nothing before it was changed, removed or put in.
#[derive(clap::Args)]
pub struct Checkpoint {
    /// The key to sign with, made by upline key
    #[arg(long, value_name = "FILE", env = "UPLINE_KEY", hide_env_values = true)]
    key: PathBuf,
    /// A new file to write it to [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Sign the first N events only [default: all]
    #[arg(long, value_name = "N")]
    at_position: Option<Position>,
}

impl Checkpoint {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let key = signing_key(&self.key)?;
        let ledger = context.open()?;
        let size = self.at_position.unwrap_or(ledger.position());
        let signed = ledger.sign_checkpoint(&key, size)?;
        let root = ledger.root_at(size)?;
        if context.format == Format::Json {
            let answer = json!({"position": size, "root": root.to_string(), "checkpoint": signed});
            return write_out(self.out.as_deref(), &format!("{answer}\n"), PUBLIC);
        }
        write_out(self.out.as_deref(), &signed, PUBLIC)?;
        note(&format!("A checkpoint of {} at position {size}, root {root}.", key.name()));
        Ok(())
    }
}
