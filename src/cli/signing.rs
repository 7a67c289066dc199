//! Signing checkpoints with a key that remembers what it signed last.
//!
//! **Correctness.** Beside a key, in `KEY.signed`, stands the longest history that it signed. A ledger that is shorter,
//! or has another history, is not signed for: else two histories could be shown to two people.

use crate::cli::failure::{Failure, FileWrong};
use crate::cli::files::signing_key;
use crate::cli::output::{NewFile, SECRET};
use std::path::{Path, PathBuf};
use upline_core::event::Position;
use upline_formats::checkpoint::{KEY_BYTES_MAX, SigningKey};
use upline_ledger::Ledger;

/// A key, and where it remembers what it signed.
pub struct Signer {
    key: SigningKey,
    signed: PathBuf,
}

impl Signer {
    /// The key of a file that nobody else can read.
    pub fn open(path: &Path) -> Result<Signer, Failure> {
        let mut signed = path.as_os_str().to_owned();
        signed.push(".signed");
        Ok(Signer { key: signing_key(path)?, signed: PathBuf::from(signed) })
    }

    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Signs the first so many events of a ledger, once it is seen that the ledger continues what was signed before.
    pub fn sign(&self, ledger: &Ledger, size: Position) -> Result<String, Failure> {
        self.note(ledger, size)?;
        Ok(ledger.sign_checkpoint(&self.key, size)?)
    }

    /// Refuses a ledger that does not continue what was signed before.
    pub fn check(&self, ledger: &Ledger) -> Result<Option<Position>, Failure> {
        let before = self.last()?;
        if let Some((signed, root)) = &before {
            let own = ledger.position();
            if *signed > own {
                return Err(FileWrong::SignedLonger { signed: *signed, own }.of(&self.signed));
            }
            if ledger.root_at(*signed)?.to_string() != *root {
                return Err(FileWrong::SignedOther(*signed).of(&self.signed));
            }
        }
        Ok(before.map(|(signed, _)| signed))
    }

    /// Remembers that the first so many events are signed for.
    pub fn note(&self, ledger: &Ledger, size: Position) -> Result<(), Failure> {
        let before = self.check(ledger)?;
        if size > ledger.position() || before.is_some_and(|signed| signed >= size) {
            return Ok(()); // too long is told by who signs
        }
        let line = format!("{size} {}\n", ledger.root_at(size)?);
        NewFile::create(&self.signed, true)?.fill(line.as_bytes(), SECRET)
    }

    /// The longest history that was signed.
    fn last(&self) -> Result<Option<(Position, String)>, Failure> {
        match std::fs::symlink_metadata(&self.signed) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            // Whatever else is there must say what was signed.
            _ => {}
        }
        let text = crate::cli::files::read(&self.signed, KEY_BYTES_MAX)?;
        let said = text
            .trim_end()
            .split_once(' ')
            .and_then(|(size, root)| Some((size.parse().ok()?, root.to_owned())));
        said.map(Some).ok_or_else(|| FileWrong::NotSigned.of(&self.signed))
    }
}
