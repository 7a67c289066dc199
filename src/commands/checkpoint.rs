//! `upline checkpoint`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong, UsageError};
use crate::cli::files::write_out;
use crate::cli::output::PUBLIC;
use crate::cli::report::Format;
use crate::cli::screen::note;
use crate::cli::signing::Signer;
use serde_json::json;
use std::path::{Path, PathBuf};
use upline_core::event::Position;
use upline_ledger::witness::Witness;
use upline_ledger::{Ledger, Root};

/// Sign the length of the log and its root
///
/// Keep it where the ledger's keepers cannot change it. As long as later ledgers are proved to go on from it
/// (upline prove --since, upline verify --checkpoint), nothing before it was changed, removed or put in. With --witness
/// each is added to a place of your choice, with which every command that records compares from then on.
#[derive(clap::Args)]
pub struct Checkpoint {
    /// The key to sign with, made by upline key
    #[arg(long, value_name = "FILE", env = "UPLINE_KEY", hide_env_values = true)]
    #[arg(required_unless_present = "forget_witness")]
    key: Option<PathBuf>,
    /// A new file to write it to [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Sign the first N events only [default: all]
    #[arg(long, value_name = "N")]
    at_position: Option<Position>,
    /// Add it to this file, or as a file to this directory, on another disk or machine; the ledger remembers the place
    #[arg(long, value_name = "FILE|DIR")]
    witness: Option<PathBuf>,
    /// Forget the witness: nothing is compared with it any more
    #[arg(long, conflicts_with_all = ["out", "at_position", "witness"])]
    forget_witness: bool,
}

impl Checkpoint {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if self.forget_witness {
            let _there = context.open()?;
            let cannot = |error| FileWrong::Unwritten(error).of(&context.dir);
            let had = Witness::forget(&context.dir).map_err(cannot)?;
            note(if had { "The witness is forgotten." } else { "There was no witness." });
            return Ok(());
        }
        let Some(key) = &self.key else { return Err(UsageError::NothingToLeadTo.into()) };
        let signer = Signer::open(key)?;
        let ledger = context.open()?;
        let size = self.at_position.unwrap_or(ledger.position());
        let signed = signer.sign(&ledger, size)?;
        let root = ledger.root_at(size)?;
        self.add(context, &ledger, &signer, &signed)?;
        if context.format == Format::Json {
            let answer = json!({"position": size, "root": root.to_string(), "checkpoint": signed});
            return write_out(self.out.as_deref(), &format!("{answer}\n"), PUBLIC);
        }
        write_out(self.out.as_deref(), &signed, PUBLIC)?;
        note(&format!("A checkpoint of {} at position {size}, root {root}.", signer.key().name()));
        Ok(())
    }

    /// Adds a checkpoint to the witness that is named, or remembered; never to one that has seen another history.
    fn add(&self, context: &Context, ledger: &Ledger, signer: &Signer, signed: &str) -> Result<(), Failure> {
        let cannot = |path: &Path| {
            let path = path.to_owned();
            move |error| FileWrong::Unwritten(error).of(path)
        };
        let key = signer.key().public()?;
        let opened = key.open(signed)?;
        let mut witness = match &self.witness {
            Some(path) => Witness::at(path, key).map_err(cannot(path))?,
            None => match Witness::of(&context.dir)? {
                Some(witness) => witness,
                None => return Ok(()),
            },
        };
        // One that is remembered must be there; a new one may come to be.
        if self.witness.is_none() || witness.path().exists() {
            for seen in witness.checkpoints().map_err(|error| Failure::Ledger(error.into()))? {
                ledger.compare(&witness, &seen)?;
            }
        }
        let failed = cannot(witness.path());
        witness.add(&context.dir, &opened, signed).map_err(failed)?;
        let (path, root) = (witness.path().display(), Root(opened.root));
        note(&format!("{path} has seen {} events, root {root}.", opened.size));
        Ok(())
    }
}
