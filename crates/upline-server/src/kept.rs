//! Small files beside the ledger, for its owner alone.
//!
//! **Correctness.** A file is written under a name that nobody can guess, synced, and then named: what is read is whole,
//! whenever the machine stops.

use std::fs::{File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The largest file that is read.
const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Reads a file; `None` where there is none.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(file) => file.take(BYTES_MAX + 1).read_to_end(&mut bytes)?,
    };
    if bytes.len() as u64 > BYTES_MAX {
        return Err(io::Error::other("it is too large"));
    }
    Ok(Some(bytes))
}

/// Writes a file of a directory.
pub fn write(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut partial = tempfile::Builder::new().prefix(".kept.").suffix(".partial").tempfile_in(dir)?;
    partial.as_file().set_permissions(Permissions::from_mode(0o600))?;
    partial.write_all(bytes)?;
    partial.as_file().sync_all()?;
    partial.persist(dir.join(name)).map_err(|error| error.error)?;
    File::open(dir)?.sync_all()
}

/// Bytes that nobody can guess.
pub fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}
