//! `upline copy`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::progress;
use crate::cli::report::Format;
use crate::cli::screen::{self, note};
use crate::commands::snapshots;
use serde_json::json;
use std::path::PathBuf;
use upline_ledger::Engine;

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
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let engine = Engine::of_name(&self.engine).unwrap_or_default();
        let from = context.of(self.from).open_untouched()?;
        let bar = progress::bar("copying", None, "{spinner} {msg}: {pos} events");
        let copied = from.copy_to(engine, &self.to, &mut |at| bar.set_position(at));
        bar.finish_and_clear();
        let (position, root) = copied?;
        let made = context.of(self.to.clone()).open()?;
        snapshots::store(&made);
        let to = self.to.display();
        if context.format == Format::Json {
            let answer = json!({"ledger": to.to_string(), "engine": engine.name(), "position": position,
                "root": root.to_string()});
            screen::json(&answer)?;
        } else {
            note(&format!("The same ledger is in {to}, up to position {position}, root {root}."));
        }
        Ok(())
    }
}
