//! Files that facts name by their SHA-256: carriers' statements and the profiles that read them.
//!
//! # Shape
//! In `statements/` beside the log, each named by its hash. They are no part of the log, as they hold names.
//!
//! # Correctness
//! A file is synced under another name before it takes its own, and before the fact that names it is stored. What
//! is read is hashed: a changed byte is damage.

use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use upline_log::LogError;
use upline_log::disk::read_bounded;

/// The directory of these files in that of the log.
pub(crate) const DIR: &str = "statements";

/// The largest file that is kept, in bytes.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The SHA-256 of a file, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps a file, and returns the name that it has: its SHA-256.
pub fn keep_file(dir: &Path, bytes: &[u8]) -> Result<String, LogError> {
    let name = sha256(bytes);
    let path = path_of(dir, &name);
    if file(dir, &name).is_ok() {
        return Ok(name);
    }
    let new = path.with_extension("new");
    let write = || -> io::Result<()> {
        fs::create_dir_all(dir.join(DIR))?;
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        File::open(dir.join(DIR))?.sync_all()?;
        File::open(dir)?.sync_all()
    };
    write().map_err(LogError::io(format!("keeping {}", path.display())))?;
    Ok(name)
}

/// A file that is kept under a name.
pub fn file(dir: &Path, name: &str) -> Result<Vec<u8>, LogError> {
    let path = path_of(dir, name);
    let bytes = read_bounded(&path, FILE_BYTES_MAX).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => damaged("it is larger than any file that is kept", &path),
        io::ErrorKind::NotFound => damaged(format!("the statement or profile {name} is missing"), &path),
        _ => LogError::io(format!("reading {}", path.display()))(error),
    })?;
    if sha256(&bytes) == name {
        Ok(bytes)
    } else {
        Err(damaged("it is not the file that was kept under this name", &path))
    }
}

/// The names of all files that are kept, sorted.
pub fn file_names(dir: &Path) -> Result<Vec<String>, LogError> {
    let entries = match fs::read_dir(dir.join(DIR)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(LogError::io("listing the statements"))?,
    };
    let names: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.file_name())).collect();
    let names = names.map_err(LogError::io("listing the statements"))?;
    // One that is being written has a longer name.
    let mut names: Vec<String> =
        names.into_iter().filter_map(|name| name.into_string().ok()).filter(|name| is_name(name)).collect();
    names.sort();
    Ok(names)
}

/// Whether this is the name of a kept file.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn path_of(dir: &Path, name: &str) -> PathBuf {
    dir.join(DIR).join(name)
}

fn damaged(what: impl Into<String>, path: &Path) -> LogError {
    let repair = "taking the same file in again with upline reconcile brings it back";
    LogError::Beside { what: what.into(), place: format!("in {}", path.display()), repair }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_under_its_hash_and_a_changed_one_is_told() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(file_names(dir.path()).unwrap(), [""; 0]);
        let name = keep_file(dir.path(), b"Policy,Amount\n").unwrap();
        assert_eq!(keep_file(dir.path(), b"Policy,Amount\n").unwrap(), name);
        assert_eq!(file(dir.path(), &name).unwrap(), b"Policy,Amount\n");
        assert_eq!(file_names(dir.path()).unwrap(), std::slice::from_ref(&name));
        fs::write(dir.path().join(DIR).join(&name), "Policy,Amount").unwrap();
        assert!(file(dir.path(), &name).unwrap_err().to_string().contains("not the file"));
        // Keeping it again mends it.
        keep_file(dir.path(), b"Policy,Amount\n").unwrap();
        assert!(file(dir.path(), &name).is_ok());
        fs::remove_file(dir.path().join(DIR).join(&name)).unwrap();
        assert!(file(dir.path(), &name).unwrap_err().to_string().contains("missing"));
    }
}
