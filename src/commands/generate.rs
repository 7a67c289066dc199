//! `upline generate`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong};
use crate::cli::output::{NewFile, SECRET};
use crate::cli::screen::{self, note};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// Write a realistic book of facts; the same seed writes the same book
#[derive(clap::Args)]
pub struct Generate {
    /// How many policies
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    policies: u32,
    /// How many producers
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(1..))]
    producers: u32,
    /// The seed of the random book
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The file to write [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace what is there
    #[arg(long)]
    force: bool,
}

impl Generate {
    /// Runs the command.
    pub fn run(self, _: &Context) -> Result<(), Failure> {
        let facts = match &self.out {
            None => self.write(screen::stdout())?,
            Some(path) => {
                let mut file = NewFile::create(path, self.force)?;
                let facts = self.write(file.file()).map_err(|error| FileWrong::Unwritten(error).of(path))?;
                file.place(SECRET)?;
                facts
            }
        };
        note(&format!("{facts} facts about {} policies.", self.policies));
        Ok(())
    }

    fn write(&self, out: impl Write) -> io::Result<u64> {
        let mut out = BufWriter::with_capacity(1 << 20, out);
        let facts = upline_formats::generate::generate(self.policies, self.producers, self.seed, &mut out)?;
        out.flush()?;
        Ok(facts)
    }
}
