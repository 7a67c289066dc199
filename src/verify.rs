//! `upline verify`

use crate::failure::{Failure, csv_failed};
use crate::progress;
use crate::report::Format;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;
use upline_ledger::verify::Verification;
use upline_ledger::{Ledger, SystemClock};

/// Check the whole ledger: hashes and order, every event recomputed from the facts, the read models
/// against a naive replay
///
/// Writes nothing. Exit code 1 when anything does not hold.
#[derive(clap::Args)]
pub struct Verify {}

impl Verify {
    /// Runs the command.
    pub fn run(self, dir: &Path, format: Format) -> Result<(), Failure> {
        let ledger = Ledger::open(dir, Box::new(SystemClock))?;
        let bar = progress::bar("", Some(ledger.position()), "verifying {msg} [{bar:40}] {pos}/{len}");
        let verification = ledger.verify(&mut |what, done, all| {
            bar.set_message(what);
            bar.set_length(all);
            bar.set_position(done);
        })?;
        bar.finish_and_clear();
        match format {
            Format::Json => write_json(&verification)?,
            Format::Csv => write_csv(&verification)?,
            Format::Table => write_words(&verification)?,
        }
        if verification.ok() { Ok(()) } else { Err(Failure::Refused) }
    }
}

fn write_json(verification: &Verification) -> Result<(), Failure> {
    let check = |check: &upline_ledger::verify::Check| -> Value {
        json!({"name": check.name, "ok": check.ok, "detail": check.detail})
    };
    let answer = json!({
        "ok": verification.ok(),
        "events": verification.events,
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

fn write_words(verification: &Verification) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for check in &verification.checks {
        let holds = if check.ok { "ok    " } else { "WRONG " };
        writeln!(out, "{holds} {:<13} {}", check.name, check.detail)?;
    }
    let verdict = if verification.ok() { "The ledger verifies" } else { "The ledger does NOT verify" };
    writeln!(out, "{verdict}: {} events, root {}", verification.events, verification.root)?;
    Ok(())
}
