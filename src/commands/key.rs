//! `upline key`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::files::write_new;
use crate::cli::output::{PUBLIC, SECRET};
use crate::cli::screen::{self, note, say};
use std::path::PathBuf;
use upline_formats::checkpoint::generate_keys;

/// Make a key that signs checkpoints, and the public key that verifies them
///
/// Keep the signing key away from the ledger: anyone who has both can rewrite history and sign it. Give the
/// public key, in FILE.pub, to everybody who needs to verify.
#[derive(clap::Args)]
pub struct Key {
    /// Where the signing key goes; only you can read it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The name of the ledger that checkpoints carry, such as example.com/commissions
    #[arg(long, value_name = "NAME")]
    name: String,
}

impl Key {
    /// Runs the command.
    pub fn run(self, _: &Context) -> Result<(), Failure> {
        let (signing, public) = generate_keys(&self.name)?;
        let mut public_file = self.file.as_os_str().to_owned();
        public_file.push(".pub");
        write_new(&self.file, &format!("{signing}\n"), SECRET)?;
        write_new(public_file.as_ref(), &format!("{public}\n"), PUBLIC)?;
        note(&format!(
            "The signing key of {} is in {}, readable by you alone.",
            self.name,
            self.file.display()
        ));
        say!(screen::stdout(), "{public}")?;
        Ok(())
    }
}
