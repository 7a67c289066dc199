//! Small files that a person hands in or takes away: keys, checkpoints, proofs.

use crate::cli::failure::{Failure, FileWrong};
use crate::cli::output::NewFile;
use crate::cli::screen;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use upline_formats::checkpoint::{CHECKPOINT_BYTES_MAX, Checkpoint, KEY_BYTES_MAX, PublicKey, SigningKey};
use upline_ledger::Root;

/// What others than its owner may not do with a key.
const OTHERS: u32 = 0o077;

/// The text of a file, which must not be longer than it can be.
pub fn read(path: &Path, bytes_max: usize) -> Result<String, Failure> {
    let cannot = |error: io::Error| FileWrong::Unreadable(error).of(path);
    let mut bytes = Vec::new();
    File::open(path).map_err(cannot)?.take(bytes_max as u64 + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() > bytes_max {
        return Err(FileWrong::TooLong.of(path));
    }
    String::from_utf8(bytes).map_err(|_| FileWrong::NoText.of(path))
}

/// The bytes of a file that is to be taken in, which must not be longer than it can be.
pub fn read_bytes(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(bytes_max + 1).read_to_end(&mut bytes))
        .map_err(|error| FileWrong::NotTaken(error).of(path))?;
    if bytes.len() as u64 > bytes_max {
        return Err(FileWrong::TooLarge(bytes_max / 1024 / 1024).of(path));
    }
    Ok(bytes)
}

/// Writes a new file, durably; one that is there is left alone.
pub fn write_new(path: &Path, content: &(impl AsRef<[u8]> + ?Sized), mode: u32) -> Result<(), Failure> {
    NewFile::create(path, false)?.fill(content.as_ref(), mode)
}

/// Writes to a new file, with what others may do with it, or to stdout without one.
pub fn write_out(
    out: Option<&Path>,
    content: &(impl AsRef<[u8]> + ?Sized),
    mode: u32,
) -> Result<(), Failure> {
    match out {
        Some(path) => write_new(path, content, mode),
        None => Ok(screen::stdout().write_all(content.as_ref())?),
    }
}

/// The signing key of a file that nobody else can read.
pub fn signing_key(path: &Path) -> Result<SigningKey, Failure> {
    let mode = std::fs::metadata(path).map_err(|error| FileWrong::UnreadableKey(error).of(path))?.mode();
    if mode & OTHERS != 0 {
        return Err(FileWrong::Exposed(mode & 0o777).of(path));
    }
    SigningKey::parse(&read(path, KEY_BYTES_MAX)?).map_err(|error| FileWrong::NotOne(error).of(path))
}

/// The public key of a file, or of its own text.
pub fn public_key(given: &str) -> Result<PublicKey, Failure> {
    if let Ok(key) = PublicKey::parse(given) {
        return Ok(key);
    }
    let path = Path::new(given);
    PublicKey::parse(&read(path, KEY_BYTES_MAX)?).map_err(|error| FileWrong::NotOne(error).of(path))
}

/// The text of a checkpoint's file and what it says, when this key signed it.
pub fn checkpoint(path: &Path, key: &PublicKey) -> Result<(String, Checkpoint), Failure> {
    let note = read(path, CHECKPOINT_BYTES_MAX)?;
    let opened = key.open(&note).map_err(|error| FileWrong::NotOne(error).of(path))?;
    Ok((note, opened))
}

/// The root that a checkpoint says.
pub fn root(checkpoint: &Checkpoint) -> Root {
    Root(checkpoint.root)
}
