//! `upline verify`

use crate::cli::failure::{Failure, csv_failed};
use crate::cli::files::{checkpoint, public_key, read, root};
use crate::cli::progress;
use crate::cli::report::Format;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use upline_formats::checkpoint::PublicKey;
use upline_formats::proof::{PROOF_BYTES_MAX, Proof};
use upline_ledger::verify::{Check, Verification};
use upline_ledger::{Ledger, Root, SystemClock, describe_event, verify_consistency, verify_inclusion};

/// Check the whole ledger, or a proof that came from one
///
/// Of a ledger: frames, positions, times and hashes, every event recomputed from the facts, double entry, the
/// read models against a naive replay; with --checkpoint, that its history is the one that was signed. With
/// --proof no ledger is needed: the proof, the checkpoint and the public key are enough. Writes nothing. Exit
/// code 1 when anything does not hold.
#[derive(clap::Args)]
pub struct Verify {
    /// A checkpoint that was kept: the ledger, or the proof, must agree with it
    #[arg(long, value_name = "FILE", requires = "public_key")]
    checkpoint: Option<PathBuf>,
    /// A proof, written by upline prove
    #[arg(long, value_name = "FILE", requires = "public_key")]
    proof: Option<PathBuf>,
    /// The public key of checkpoints, as its file or its text
    #[arg(long, value_name = "KEY", env = "UPLINE_PUBLIC_KEY")]
    public_key: Option<String>,
    /// The same as --format json
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// Checks of a whole ledger, nothing besides.
    pub fn whole() -> Verify {
        Verify { checkpoint: None, proof: None, public_key: None, json: false }
    }

    /// Runs the command.
    pub fn run(self, dir: &Path, format: Format) -> Result<(), Failure> {
        let format = if self.json { Format::Json } else { format };
        let key = self.public_key.as_deref().map(public_key).transpose()?;
        let verification = match (&self.proof, &key) {
            (Some(proof), Some(key)) => self.proof(proof, key)?,
            _ => self.ledger(dir, key.as_ref())?,
        };
        match format {
            Format::Json => write_json(&verification)?,
            Format::Csv => write_csv(&verification)?,
            _ => write_words(&verification, self.proof.is_some())?,
        }
        if verification.ok() { Ok(()) } else { Err(Failure::Refused) }
    }

    fn ledger(&self, dir: &Path, key: Option<&PublicKey>) -> Result<Verification, Failure> {
        let ledger = Ledger::open_untouched(dir, Box::new(SystemClock))?;
        let kept = match (&self.checkpoint, key) {
            (Some(path), Some(key)) => Some(checkpoint(path, key)?.1),
            _ => None,
        };
        let bar = progress::bar("", Some(ledger.position()), "verifying {msg} [{bar:40}] {pos}/{len}");
        let mut verification = ledger.verify(&mut |what, done, all| {
            bar.set_message(what);
            bar.set_length(all);
            bar.set_position(done);
        })?;
        bar.finish_and_clear();
        if let Some(kept) = kept {
            verification.checks.push(ledger.check_checkpoint(kept.size, &root(&kept))?);
        }
        Ok(verification)
    }

    /// A proof by itself: the signatures, and that its hashes lead where it says.
    fn proof(&self, path: &Path, key: &PublicKey) -> Result<Verification, Failure> {
        let wrong = |error: &dyn std::fmt::Display| Failure::Because(format!("{}: {error}", path.display()));
        let proof = Proof::parse(&read(path, PROOF_BYTES_MAX)?).map_err(|error| wrong(&error))?;
        let (Proof::Event { checkpoint: signed, .. } | Proof::Since { checkpoint: signed, .. }) = &proof;
        let later = key.open(signed).map_err(|error| wrong(&error))?;
        let (size, later_root) = (later.size, root(&later));
        let kept =
            self.checkpoint.as_deref().map(|path| checkpoint(path, key)).transpose()?.map(|(_, kept)| kept);
        let check = |name, ok, detail| Check { name, ok, detail };
        let detail = format!("{} signed {size} events, root {later_root}", later.origin);
        let mut checks = vec![check("signature", true, detail)];
        match &proof {
            Proof::Event { leaf, position, hashes, .. } => {
                if let Some(kept) = kept {
                    let same = (kept.size, kept.root) == (size, later.root);
                    let detail = if same { "the proof leads to it" } else { "the proof leads to another" };
                    checks.push(check("checkpoint", same, detail.to_owned()));
                }
                let holds = verify_inclusion(leaf, *position, size, hashes, &later_root);
                let event = describe_event(leaf).unwrap_or_else(|error| error.to_string());
                let detail = if holds {
                    format!("event {position} of {size} is in the log: {event}")
                } else {
                    format!("its hashes do not lead from event {position} to the root")
                };
                checks.push(check("inclusion", holds, detail));
            }
            Proof::Since { earlier, hashes, .. } => {
                let Some(kept) = kept else {
                    return Err(wrong(
                        &"this proves that a log goes on from a checkpoint: name that with --checkpoint",
                    ));
                };
                let same = kept.size == *earlier;
                let detail =
                    format!("the proof begins with {earlier} events, the checkpoint has {}", kept.size);
                checks.push(check("checkpoint", same, detail));
                let holds =
                    same && verify_consistency((kept.size, &root(&kept)), (size, &later_root), hashes);
                let detail = if holds {
                    format!("the first {earlier} of {size} events are those of the checkpoint")
                } else {
                    "its hashes do not lead from the checkpoint to the later root: history was rewritten, or the \
                     proof is of another log".to_owned()
                };
                checks.push(check("consistency", holds, detail));
            }
        }
        Ok(Verification { events: size, root: Root(later.root).to_string(), checks })
    }
}

fn write_json(verification: &Verification) -> Result<(), Failure> {
    let check =
        |check: &Check| -> Value { json!({"name": check.name, "ok": check.ok, "detail": check.detail}) };
    let answer = json!({
        "ok": verification.ok(),
        "events": verification.events,
        "position": verification.events,
        "root": verification.root,
        "checks": verification.checks.iter().map(check).collect::<Vec<_>>(),
    });
    writeln!(io::stdout().lock(), "{answer}")?;
    Ok(())
}

fn write_csv(verification: &Verification) -> Result<(), Failure> {
    let mut csv = csv::Writer::from_writer(io::stdout().lock());
    csv.write_record(["name", "ok", "detail"]).map_err(csv_failed)?;
    for check in &verification.checks {
        csv.write_record([check.name, if check.ok { "true" } else { "false" }, &check.detail])
            .map_err(csv_failed)?;
    }
    csv.flush()?;
    Ok(())
}

fn write_words(verification: &Verification, of_proof: bool) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for check in &verification.checks {
        let holds = if check.ok { "ok    " } else { "WRONG " };
        writeln!(out, "{holds} {:<14} {}", check.name, check.detail)?;
    }
    let what = if of_proof { "proof" } else { "ledger" };
    let verdict = if verification.ok() { "verifies" } else { "does NOT verify" };
    writeln!(out, "The {what} {verdict}: {} events, root {}", verification.events, verification.root)?;
    if !verification.ok() && !of_proof {
        writeln!(
            out,
            "Restore a backup of it, or write down with upline salvage what is still provably good."
        )?;
    }
    Ok(())
}
