//! `upline prove`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, UsageError};
use crate::cli::files::{checkpoint, public_key, root, write_out};
use crate::cli::output::PUBLIC;
use crate::cli::screen::note;
use crate::cli::signing::Signer;
use std::path::PathBuf;
use upline_formats::checkpoint::PublicKey;
use upline_formats::proof::Proof;
use upline_ledger::Ledger;
use uuid::Uuid;

/// Write a proof, to be verified on a machine that has no ledger
///
/// Of an event: that it is in the log. Since a checkpoint: that nothing before it was changed. A proof leads
/// to a checkpoint: a new one, signed with --key, or with --to one that was given out before.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
#[command(group = clap::ArgGroup::new("towards").required(true).multiple(true))]
pub struct Prove {
    /// That the event with this id is in the log
    #[arg(long, value_name = "ID", group = "what")]
    event: Option<Uuid>,
    /// Prove that the log continues this checkpoint
    #[arg(long, value_name = "CHECKPOINT", group = "what", requires = "public_key")]
    since: Option<PathBuf>,
    /// The key to sign a new checkpoint with
    #[arg(long, value_name = "FILE", env = "UPLINE_KEY", hide_env_values = true, group = "towards")]
    key: Option<PathBuf>,
    /// The checkpoint to lead to, instead of a new one
    #[arg(long, value_name = "CHECKPOINT", group = "towards", requires = "public_key")]
    to: Option<PathBuf>,
    /// The public key of the checkpoints that are given, as its file or its text
    #[arg(long, value_name = "KEY", env = "UPLINE_PUBLIC_KEY")]
    public_key: Option<String>,
    /// A new file to write it to [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Prove {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        let public = self.public_key.as_deref().map(public_key).transpose()?;
        let (signed, size) = self.towards(&ledger, public.as_ref())?;
        let proof = match (self.event, &self.since, &public) {
            (Some(id), _, _) => {
                let proof = ledger.prove_event(id, size)?;
                note(&format!("Event {} is among the first {size}.", proof.position));
                Proof::Event {
                    leaf: proof.leaf,
                    position: proof.position,
                    hashes: proof.hashes,
                    checkpoint: signed,
                }
            }
            (None, Some(since), Some(public)) => {
                let (_, earlier) = checkpoint(since, public)?;
                let hashes = ledger.prove_since(earlier.size, &root(&earlier), size)?;
                note(&format!("The first {size} events go on from the checkpoint of {}.", earlier.size));
                Proof::Since { earlier: earlier.size, hashes, checkpoint: signed }
            }
            _ => {
                return Err(UsageError::NothingToProve.into());
            }
        };
        write_out(self.out.as_deref(), &proof.write(), PUBLIC)
    }

    /// The checkpoint that the proof leads to, and its size.
    fn towards(&self, ledger: &Ledger, public: Option<&PublicKey>) -> Result<(String, u64), Failure> {
        if let (Some(to), Some(public)) = (&self.to, public) {
            let (note, later) = checkpoint(to, public)?;
            ledger.require_checkpoint(later.size, &root(&later))?;
            return Ok((note, later.size));
        }
        let Some(key) = &self.key else {
            return Err(UsageError::NothingToLeadTo.into());
        };
        let size = ledger.position();
        Ok((Signer::open(key)?.sign(ledger, size)?, size))
    }
}
