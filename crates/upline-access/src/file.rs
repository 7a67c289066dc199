//! The file beside the ledger that keeps who may.
//!
//! **Correctness.** It is written under a name that nobody can guess, synced, and then named: what is read is whole. What
//! is not as this program writes it is not guessed at.

use crate::user::{KeptToken, KeptUser, Token, User};
use serde::{Deserialize, Serialize};
use std::fs::{File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The name of the file.
pub const ACCESS_FILE: &str = "access.json";

/// What whoever changes it holds.
const LOCK_FILE: &str = ".access.lock";

/// The largest file that is read.
const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The version of what is in it.
const VERSION: u32 = 1;

/// Why who may cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error("{} cannot be read or written: {error}", path.display())]
    File {
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    #[error("{} is not what this program wrote: {why}; put the one of a backup in its place", path.display())]
    Damaged {
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    #[error("there is a user {0} already, or one whose name looks the same")]
    UserThere(String),
    #[error("there is no user {0}")]
    UnknownUser(String),
    #[error("there is no token {0}")]
    UnknownToken(String),
    #[error("a name has 1 to 64 characters that can be seen")]
    NoName,
    #[error(
        "an agent is a producer of the ledger, and nobody else is: name the producer of an agent, and of no other"
    )]
    NoProducer,
    #[error("a password has at least 12 characters, at most 1024 bytes, and is not the name")]
    Weak,
    #[error("this is the last admin: nobody could give rights any more")]
    LastAdmin,
    #[error("a token ends after 1 to 366 days")]
    NoExpiry,
    #[error("{0} has no second factor that waits for its first code, or the code is wrong")]
    NotConfirmed(String),
    #[error("this machine gives nothing that cannot be guessed")]
    NoRandom,
    #[error("the password cannot be hashed")]
    NoHash,
}

impl AccessError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            AccessError::File { .. } => "access_file",
            AccessError::Damaged { .. } => "access_damaged",
            AccessError::UserThere(_) => "user_there",
            AccessError::UnknownUser(_) => "unknown_user",
            AccessError::UnknownToken(_) => "unknown_token",
            AccessError::NoName => "no_name",
            AccessError::NoProducer => "no_producer",
            AccessError::Weak => "weak_password",
            AccessError::LastAdmin => "last_admin",
            AccessError::NoExpiry => "no_expiry",
            AccessError::NotConfirmed(_) => "not_confirmed",
            AccessError::NoRandom | AccessError::NoHash => "no_secret",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    users: Vec<KeptUser>,
    tokens: Vec<KeptToken>,
}

/// Reads the file of a directory; there is none before the first user.
pub(crate) fn read(dir: &Path) -> Result<(Vec<User>, Vec<Token>), AccessError> {
    let path = dir.join(ACCESS_FILE);
    let damaged = |why: &str| AccessError::Damaged { path: path.clone(), why: why.to_owned() };
    let mut text = String::new();
    match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Default::default()),
        Err(error) => return Err(AccessError::File { path, error }),
        Ok(file) => {
            let read = file.take(BYTES_MAX + 1).read_to_string(&mut text);
            read.map_err(|error| AccessError::File { path: path.clone(), error })?;
        }
    }
    if text.len() as u64 > BYTES_MAX {
        return Err(damaged("it is too large"));
    }
    let kept: Kept = serde_json::from_str(&text).map_err(|error| damaged(&error.to_string()))?;
    if kept.version != VERSION {
        return Err(damaged("it is of another version"));
    }
    let users = kept.users.into_iter().map(KeptUser::read).collect::<Option<Vec<User>>>();
    let tokens = kept.tokens.into_iter().map(KeptToken::read).collect::<Option<Vec<Token>>>();
    match (users, tokens) {
        (Some(users), Some(tokens)) => Ok((users, tokens)),
        _ => Err(damaged("a user or a token in it is none")),
    }
}

/// Waits until nobody else changes who may. Held until it is dropped.
pub(crate) fn lock(dir: &Path) -> Result<File, AccessError> {
    let path = dir.join(LOCK_FILE);
    let lock = || -> io::Result<File> {
        let file = File::options().create(true).truncate(false).write(true).open(&path)?;
        file.lock()?;
        Ok(file)
    };
    lock().map_err(|error| AccessError::File { path: path.clone(), error })
}

/// What tells one file of who may from the next: its number, size and time.
pub(crate) type Stamp = Option<(u64, u64, i64, i64)>;

/// The stamp of the file as it is.
pub(crate) fn stamp(dir: &Path) -> Stamp {
    let of = std::fs::metadata(dir.join(ACCESS_FILE)).ok()?;
    Some((of.ino(), of.len(), of.mtime(), of.mtime_nsec()))
}

/// Writes the file of a directory.
pub(crate) fn write(dir: &Path, users: &[User], tokens: &[Token]) -> Result<(), AccessError> {
    let path = dir.join(ACCESS_FILE);
    let kept = Kept {
        version: VERSION,
        users: users.iter().map(KeptUser::from).collect(),
        tokens: tokens.iter().map(KeptToken::from).collect(),
    };
    let place = || -> io::Result<()> {
        let mut text = serde_json::to_string_pretty(&kept).map_err(io::Error::other)?;
        text.push('\n');
        let mut partial = tempfile::Builder::new().prefix(".access.").suffix(".partial").tempfile_in(dir)?;
        partial.write_all(text.as_bytes())?;
        partial.as_file().set_permissions(Permissions::from_mode(0o600))?;
        partial.as_file().sync_all()?;
        partial.persist(&path).map_err(|error| error.error)?;
        File::open(dir)?.sync_all()
    };
    place().map_err(|error| AccessError::File { path: path.clone(), error })
}
