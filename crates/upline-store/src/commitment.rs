//! What binds the log to what lies beside it, bank details and what is proposed: a keyed hash of them stands in the log.
//!
//! # Shape
//! The key is 32 random bytes in `directory.key` beside the directory, in hexadecimal. A commitment is the HMAC-SHA-256
//! of what it is of and its parts (the producer's code and its details; the canonical JSON of what is proposed), each
//! with its length in front.
//!
//! # Correctness
//! Without the key nobody can find out an account number by trying all there are; with it, nobody can put other
//! details in the place of those that the log commits to.

use crate::bank::Bank;
use crate::files::sha256;
use hmac::{Hmac, Mac};
use rand_core::{OsRng, RngCore};
use sha2::Sha256;
use std::io;
use std::path::Path;
use upline_core::names::Code;
use upline_log::LogError;
use upline_log::disk::{Access, Disk, OsDisk};

/// The name of the file.
pub(crate) const KEY_FILE: &str = "directory.key";

const KEY_BYTES: usize = 32;

/// The length of the file: the key in hexadecimal, and the end of the line.
pub(crate) const KEY_FILE_BYTES: u64 = 2 * KEY_BYTES as u64 + 1;

/// Keeps commitments to bank details apart from others.
const BANK: &str = "upline bank details 1";

/// Keeps commitments to what is proposed apart from others.
const PROPOSAL: &str = "upline proposal 1";

/// The key of a directory's commitments.
#[derive(Clone, PartialEq, Eq)]
pub struct DirectoryKey([u8; KEY_BYTES]);

impl DirectoryKey {
    /// The key beside a directory, where there is one.
    pub fn open(dir: &Path) -> Result<Option<DirectoryKey>, LogError> {
        let path = dir.join(KEY_FILE);
        let mut text = vec![0; usize::try_from(KEY_FILE_BYTES).unwrap_or_default()];
        let mut read = || -> io::Result<bool> {
            let file = OsDisk.open(&path, Access::Read)?;
            if file.bytes()? != KEY_FILE_BYTES {
                return Ok(false);
            }
            file.read_at(&mut text, 0).map(|()| true)
        };
        match read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(LogError::io(format!("reading {}", path.display()))(error)),
            Ok(true) => {
                if let Some(key) = DirectoryKey::parse(&text) {
                    return Ok(Some(key));
                }
            }
            Ok(false) => {}
        }
        let repair =
            "put the directory.key of a backup in its place, or remove it and set the bank details again";
        Err(LogError::Beside {
            what: "the key of the directory is none".to_owned(),
            place: format!("in {}", path.display()),
            repair,
        })
    }

    /// The key beside a directory; a new one where there is none.
    pub fn open_or_create(dir: &Path) -> Result<DirectoryKey, LogError> {
        if let Some(key) = DirectoryKey::open(dir)? {
            return Ok(key);
        }
        let mut bytes = [0; KEY_BYTES];
        OsRng
            .try_fill_bytes(&mut bytes)
            .map_err(|error| LogError::io("making a key")(io::Error::other(error.to_string())))?;
        let key = DirectoryKey(bytes);
        key.save_to(&OsDisk, dir)?;
        Ok(key)
    }

    /// Writes it down beside another directory.
    pub fn save_to(&self, disk: &dyn Disk, dir: &Path) -> Result<(), LogError> {
        let (path, new) = (dir.join(KEY_FILE), dir.join("directory.key.new"));
        let write = || -> io::Result<()> {
            let file = disk.open(&new, Access::Anew)?;
            file.write_at(self.content().as_bytes(), 0)?;
            file.sync()?;
            disk.rename(&new, &path)?;
            disk.sync_dir(dir)
        };
        write().map_err(LogError::io(format!("writing {}", path.display())))
    }

    /// The content of its file.
    pub(crate) fn content(&self) -> String {
        let hex: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        hex + "\n"
    }

    /// The key of a file's content.
    pub(crate) fn parse(content: &[u8]) -> Option<DirectoryKey> {
        let text = std::str::from_utf8(content).ok()?.strip_suffix('\n')?;
        let mut key = [0; KEY_BYTES];
        let digits = text.as_bytes().chunks_exact(2);
        if digits.len() != KEY_BYTES || !digits.remainder().is_empty() {
            return None;
        }
        for (byte, pair) in key.iter_mut().zip(digits) {
            if !pair.iter().all(u8::is_ascii_hexdigit) {
                return None;
            }
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(DirectoryKey(key))
    }

    /// What stands in the log for the bank details of a producer.
    pub fn commitment(&self, producer: &Code, bank: &Bank) -> Option<Code> {
        let (routing, account) = (bank.routing.as_str(), bank.account.in_full());
        self.keyed_hash(&[BANK, producer.as_str(), routing, account, bank.kind.as_str()])
    }

    /// What stands in the log for what is proposed, of its canonical JSON.
    pub fn proposal_commitment(&self, content: &str) -> Option<Code> {
        self.keyed_hash(&[PROPOSAL, content])
    }

    fn keyed_hash(&self, parts: &[&str]) -> Option<Code> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        let hash = mac.finalize().into_bytes();
        Code::parse(&hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    /// A name for the key that says nothing about it.
    pub fn fingerprint(&self) -> String {
        sha256(&self.0)
    }
}

impl std::fmt::Debug for DirectoryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DirectoryKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_binds_every_detail_and_needs_the_key() {
        let dir = tempfile::tempdir().unwrap();
        let key = DirectoryKey::open_or_create(dir.path()).unwrap();
        assert_eq!(DirectoryKey::open_or_create(dir.path()).unwrap(), key);
        let bank = |routing: &str, account: &str, kind: &str| Bank::parse(routing, account, kind).unwrap();
        let code = |text: &str| Code::parse(text).unwrap();
        let of = |key: &DirectoryKey, producer: &str, bank: Bank| {
            key.commitment(&code(producer), &bank).unwrap().to_string()
        };
        let one = of(&key, "A", bank("011000015", "123", "checking"));
        assert_eq!(one, of(&key, "A", bank("011000015", "123", "checking")));
        let other_key = DirectoryKey([7; KEY_BYTES]);
        let proposal =
            |key: &DirectoryKey, content: &str| key.proposal_commitment(content).unwrap().to_string();
        assert_eq!(proposal(&key, "{}"), proposal(&key, "{}"));
        let others = [
            proposal(&key, "{}"),
            proposal(&key, "{ }"),
            proposal(&other_key, "{}"),
            of(&key, "B", bank("011000015", "123", "checking")),
            of(&key, "A", bank("123456780", "123", "checking")),
            of(&key, "A", bank("011000015", "124", "checking")),
            of(&key, "A", bank("011000015", "123", "savings")),
            of(&other_key, "A", bank("011000015", "123", "checking")),
        ];
        assert!(!others.contains(&one));
        assert_eq!(others.iter().collect::<std::collections::BTreeSet<_>>().len(), others.len());
    }

    #[test]
    fn a_key_that_was_cut_or_changed_into_something_else_is_told() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(DirectoryKey::open(dir.path()).unwrap(), None);
        let sound = DirectoryKey::open_or_create(dir.path()).unwrap().content();
        for wrong in ["", "00", &sound[1..], &sound.replace('\n', "0"), &format!("g{}", &sound[1..])] {
            std::fs::write(dir.path().join(KEY_FILE), wrong).unwrap();
            let error = DirectoryKey::open(dir.path()).unwrap_err();
            assert_eq!(error.code(), "damaged_beside", "{error}");
        }
    }
}
