//! `upline copy`

use crate::cli::failure::{Failure, note};
use crate::cli::progress;
use crate::cli::report::Format;
use crate::commands::snapshots;
use serde_json::json;
use std::io::{self, Write};
use std::path::PathBuf;
use upline_ledger::{Engine, Ledger, SystemClock};

/// Make the same ledger again, kept by another engine
///
/// The same events with the same root, checked while it is written; names and kept files go along. The ledger
/// that is copied is not changed, and the copy appears whole or not at all.
#[derive(clap::Args)]
pub struct Copy {
    /// The directory of the ledger to copy
    #[arg(value_name = "FROM")]
    from: PathBuf,
    /// A new directory for the copy
    #[arg(value_name = "TO")]
    to: PathBuf,
    /// What keeps the log of the copy
    #[arg(long, value_name = "ENGINE", value_parser = Engine::NAMES, default_value = Engine::NAMES[0])]
    engine: String,
}

impl Copy {
    /// Runs the command.
    pub fn run(self, format: Format) -> Result<(), Failure> {
        let engine = Engine::of_name(&self.engine).unwrap_or_default();
        let from = Ledger::open_untouched(&self.from, Box::new(SystemClock))?;
        let bar = progress::bar("copying", None, "{spinner} {msg}: {pos} events");
        let copied = from.copy_to(engine, &self.to, &mut |at| bar.set_position(at));
        bar.finish_and_clear();
        let (position, root) = copied?;
        snapshots::store(&Ledger::open(&self.to, Box::new(SystemClock))?);
        let to = self.to.display();
        if format == Format::Json {
            let answer = json!({"ledger": to.to_string(), "engine": engine.name(), "position": position,
                "root": root.to_string()});
            writeln!(io::stdout().lock(), "{answer}")?;
        } else {
            note(&format!("The same ledger is in {to}, up to position {position}, root {root}."));
        }
        Ok(())
    }
}
