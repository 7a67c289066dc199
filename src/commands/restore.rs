//! `upline restore`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong};
use crate::cli::progress;
use crate::cli::report::Format;
use crate::cli::screen::{self, note};
use crate::commands::snapshots;
use serde_json::json;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;
use upline_ledger::{Engine, Ledger};

/// Restore a ledger from a backup, into a directory that does not exist yet
///
/// Every block is verified on the way. The ledger appears whole or not at all, and ends with the root that
/// the backup was made with.
#[derive(clap::Args)]
pub struct Restore {
    /// The file, written by upline backup
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// What keeps the log; see upline init
    #[arg(long, value_name = "ENGINE", value_parser = Engine::NAMES, default_value = Engine::NAMES[0])]
    engine: String,
}

impl Restore {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let engine = Engine::of_name(&self.engine).unwrap_or_default();
        let cannot = |error: io::Error| FileWrong::Unopened(error).of(&self.input);
        let file = File::open(&self.input).map_err(cannot)?;
        if file.metadata().map_err(cannot)?.is_dir() {
            return Err(FileWrong::NoBackup.of(&self.input));
        }
        let bar = progress::bar("restoring", None, "{spinner} {msg}: {pos} events");
        let restored = Ledger::restore(engine, BufReader::new(file), &self.input, &context.dir, &mut |at| {
            bar.set_position(at)
        });
        bar.finish_and_clear();
        let (position, root) = restored?;
        let made = context.open()?;
        snapshots::store(&made);
        if context.format == Format::Json {
            let answer = json!({"position": position, "root": root.to_string()});
            screen::json(&answer)?;
        } else {
            note(&format!(
                "The ledger is in {}, up to position {position}, root {root}: that of the backup.",
                context.dir.display()
            ));
        }
        Ok(())
    }
}
