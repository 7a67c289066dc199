//! `upline verify`

mod evidence;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong};
use crate::cli::files::{checkpoint, public_key, read, root};
use crate::cli::progress;
use crate::cli::report::{Format, csv_failed};
use crate::cli::screen::{self, say};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use upline_core::time::Moment;
use upline_formats::checkpoint::{CHECKPOINT_BYTES_MAX, PublicKey, WitnessKey};
use upline_formats::plain::defused;
use upline_formats::proof::{PROOF_BYTES_MAX, Proof};
use upline_ledger::proofs::verify_proof;
use upline_ledger::verify::{Check, Verification};

/// What is verified where nothing else is asked for.
const LEDGER: &str = "ledger";

/// Check the whole ledger, or a proof or evidence that came from one
///
/// Of a ledger: frames, positions, times and hashes, every event recomputed from the facts, double entry, the
/// read models against a naive replay; with --checkpoint, that its history is the one that was signed. With
/// --proof no ledger is needed: the proof, the checkpoint and the public key are enough. Writes nothing. Exit
/// code 1 when anything does not hold.
#[derive(clap::Args)]
pub struct Verify {
    /// A checkpoint kept earlier, with which the ledger or the proof must agree
    #[arg(long, value_name = "FILE", requires = "public_key")]
    checkpoint: Option<PathBuf>,
    /// A proof, written by upline prove
    #[arg(long, value_name = "FILE", requires = "public_key")]
    proof: Option<PathBuf>,
    /// The evidence of a close, as upline close wrote it: its signature, and every file
    #[arg(long, value_name = "DIR", requires = "public_key", conflicts_with_all = ["proof", "checkpoint"])]
    evidence: Option<PathBuf>,
    /// The key of a witness, whose cosignature the checkpoint must have
    #[arg(long, value_name = "KEY", requires = "checkpoint")]
    witness_key: Vec<String>,
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
        Verify {
            checkpoint: None,
            proof: None,
            evidence: None,
            witness_key: Vec::new(),
            public_key: None,
            json: false,
        }
    }

    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let format = if self.json { Format::Json } else { context.format };
        let key = self.public_key.as_deref().map(public_key).transpose()?;
        let mut verification = match (&self.proof, &self.evidence, &key) {
            (Some(proof), _, Some(key)) => self.proof(proof, key)?,
            (_, Some(folder), Some(key)) => evidence::verify(folder, key)?,
            _ => self.ledger(context, key.as_ref())?,
        };
        verification.checks.extend(self.cosigned()?);
        match format {
            Format::Json => write_json(&verification)?,
            Format::Csv => write_csv(&verification)?,
            _ => write_words(&verification, self.what())?,
        }
        if verification.ok() { Ok(()) } else { Err(Failure::Refused) }
    }

    fn ledger(&self, context: &Context, key: Option<&PublicKey>) -> Result<Verification, Failure> {
        let ledger = context.open_untouched()?;
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

    /// What is verified, in a word.
    fn what(&self) -> &'static str {
        match (&self.proof, &self.evidence) {
            (Some(_), _) => "proof",
            (_, Some(_)) => "evidence",
            _ => LEDGER,
        }
    }

    /// That witnesses cosigned the checkpoint.
    fn cosigned(&self) -> Result<Vec<Check>, Failure> {
        let Some(path) = &self.checkpoint else { return Ok(Vec::new()) };
        let note = read(path, CHECKPOINT_BYTES_MAX)?;
        let mut checks = Vec::new();
        for key in &self.witness_key {
            let key = WitnessKey::parse(key)?;
            let seen = key.cosigned(&note).and_then(|seconds| i64::try_from(seconds).ok());
            let detail = match seen {
                Some(seconds) => {
                    format!("{} saw it at {}", key.name(), Moment(seconds.saturating_mul(1_000_000)))
                }
                None => format!("no cosignature of {} holds", key.name()),
            };
            checks.push(Check { name: "cosigned", ok: seen.is_some(), detail });
        }
        Ok(checks)
    }

    /// A proof by itself: the signatures, and that its hashes lead where it says.
    fn proof(&self, path: &Path, key: &PublicKey) -> Result<Verification, Failure> {
        let proof = Proof::parse(&read(path, PROOF_BYTES_MAX)?);
        let proof = proof.map_err(|error| FileWrong::NotOne(error).of(path))?;
        let later = key.open(proof.checkpoint()).map_err(|error| FileWrong::NotOne(error).of(path))?;
        let kept = match self.checkpoint.as_deref() {
            Some(path) => Some(checkpoint(path, key)?.1),
            None => None,
        };
        verify_proof(&proof, &later, kept.as_ref()).ok_or_else(|| FileWrong::NoCheckpoint.of(path))
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
        "notes": verification.notes,
    });
    screen::json(&answer)?;
    Ok(())
}

fn write_csv(verification: &Verification) -> Result<(), Failure> {
    let mut csv = csv::Writer::from_writer(screen::stdout());
    csv.write_record(["name", "ok", "detail"]).map_err(csv_failed)?;
    for check in &verification.checks {
        csv.write_record([check.name, if check.ok { "true" } else { "false" }, &defused(&check.detail)])
            .map_err(csv_failed)?;
    }
    csv.flush()?;
    Ok(())
}

fn write_words(verification: &Verification, what: &str) -> Result<(), Failure> {
    let mut out = screen::stdout();
    for check in &verification.checks {
        let holds = if check.ok { "ok    " } else { "WRONG " };
        say!(out, "{holds} {:<14} {}", check.name, check.detail)?;
    }
    verification.notes.iter().try_for_each(|told| say!(out, "note   {told}"))?;
    let verdict = if verification.ok() { "verifies" } else { "does NOT verify" };
    say!(out, "The {what} {verdict}: {} events, root {}", verification.events, verification.root)?;
    if what == LEDGER {
        let mut said: Vec<&str> = Vec::new();
        for check in verification.checks.iter().filter(|check| !check.ok) {
            let repair = repair(check.name);
            if !said.contains(&repair) {
                say!(out, "{repair}")?;
                said.push(repair);
            }
        }
    }
    Ok(())
}

/// What to do where a check does not hold.
fn repair(check: &str) -> &'static str {
    match check {
        "directory" => {
            "The log is not touched by what is wrong with the directory: put the directory.jsonl of a backup in its \
             place, or start an empty one with upline directory --rebuild and import the facts again."
        }
        "bank_details" => {
            "Nothing is paid by these bank details: look who changed the directory, and set them again with upline \
             directory --bank."
        }
        "snapshots" => "Nothing is lost with a snapshot: upline snapshots --rebuild makes all of them again.",
        "statements" => "Take the same files in again with upline reconcile: that brings them back.",
        "witness" => {
            "Do not record in this ledger before it is known which of the two histories is the true one."
        }
        "checkpoint" => {
            "This is not the ledger that the checkpoint was signed for, or its history was rewritten."
        }
        _ => "Restore a backup of it, or save what is still provably good with upline salvage.",
    }
}
