//! `upline restore`

use crate::cli::failure::{Failure, note};
use crate::cli::progress;
use crate::cli::report::Format;
use crate::commands::snapshots;
use serde_json::json;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use upline_ledger::{Engine, Ledger, SystemClock};

/// Make a ledger of a backup, where there is none yet
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
    pub fn run(self, dir: &Path, format: Format) -> Result<(), Failure> {
        let engine = Engine::of_name(&self.engine).unwrap_or_default();
        let cannot = |error: io::Error| {
            Failure::Because(format!("{} cannot be opened: {error}", self.input.display()))
        };
        let file = File::open(&self.input).map_err(cannot)?;
        if file.metadata().map_err(cannot)?.is_dir() {
            return Err(Failure::Because(format!("{} is a directory, not a backup", self.input.display())));
        }
        let bar = progress::bar("restoring", None, "{spinner} {msg}: {pos} events");
        let restored =
            Ledger::restore(engine, BufReader::new(file), &self.input, dir, &mut |at| bar.set_position(at));
        bar.finish_and_clear();
        let (position, root) = restored?;
        snapshots::store(&Ledger::open(dir, Box::new(SystemClock))?);
        if format == Format::Json {
            let answer = json!({"position": position, "root": root.to_string()});
            writeln!(io::stdout().lock(), "{answer}")?;
        } else {
            note(&format!(
                "The ledger is in {}, up to position {position}, root {root}: that of the backup.",
                dir.display()
            ));
        }
        Ok(())
    }
}
