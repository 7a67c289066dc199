//! `upline backup`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong};
use crate::cli::output::{NewFile, SECRET};
use crate::cli::progress;
use crate::cli::report::Format;
use crate::cli::screen::{self, note};
use serde_json::json;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::PathBuf;
use upline_ledger::Ledger;

/// Write the whole ledger to one file, while it is in use
///
/// A tar archive of the ledger as it is now, verified while it is written and read back before it gets its
/// name. upline restore makes a ledger of it.
#[derive(clap::Args)]
pub struct Backup {
    /// The file; it must not be there yet
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Replace what is there
    #[arg(long)]
    force: bool,
}

impl Backup {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let out = &self.out;
        let cannot = |error: io::Error| FileWrong::Unwritten(error).of(out);
        let mut file = NewFile::create(out, self.force)?;
        let ledger = context.open_untouched()?;
        // Verified, written, read back.
        let bar = progress::bar(
            "backing up",
            Some(ledger.position() * 3),
            "{msg} [{bar:40}] {percent}%, {eta} left",
        );
        let mut last = 0;
        let mut progress = |position: u64| {
            bar.inc(if position >= last { position - last } else { position });
            last = position;
        };
        let write = |progress: &mut dyn FnMut(u64)| -> Result<(), Failure> {
            let mut writer = BufWriter::new(file.file());
            ledger.back_up(&mut writer, progress)?;
            writer.flush().map_err(cannot)?;
            drop(writer);
            let read_back = BufReader::new(File::open(file.partial()).map_err(cannot)?);
            let end = Ledger::check_backup(read_back, file.partial(), progress)?;
            if end != (ledger.position(), ledger.root()) {
                return Err(FileWrong::NotReadBack.of(out));
            }
            file.place(SECRET)
        };
        let written = write(&mut progress);
        bar.finish_and_clear();
        written?;
        let (position, root) = (ledger.position(), ledger.root());
        if context.format == Format::Json {
            let answer =
                json!({"file": out.display().to_string(), "position": position, "root": root.to_string()});
            screen::json(&answer)?;
        } else {
            note(&format!("{} holds the ledger up to position {position}, root {root}.", out.display()));
        }
        Ok(())
    }
}
