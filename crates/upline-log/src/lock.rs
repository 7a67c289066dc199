//! The lock on a ledger's directory: one has it open to write, or at all where its engine allows no more.
//!
//! # Shape
//! The file `lock`, locked while it is held. Its content says who holds it, for whoever waits in vain: the process
//! and its command, in one line.

use crate::disk::{Access, Disk, DiskLock};
use crate::error::LogError;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

const LOCK: &str = "lock";

/// How often a lock is asked for again.
const ASK_AGAIN_MS: u64 = 5;

/// What of the line is told; whatever the file holds.
const HOLDER_CHARS_MAX: usize = 60;

/// How a log is opened that somebody else may have open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// How long to wait for who has it.
    pub wait: Duration,
    /// What this process does, for who waits for it: the name of a command.
    pub who: String,
}

/// Waits for the lock of a directory, and notes who has it now.
pub(crate) fn lock(
    disk: &dyn Disk,
    dir: &Path,
    options: &OpenOptions,
) -> Result<Box<dyn DiskLock>, LogError> {
    let path = dir.join(LOCK);
    let doing = || LogError::io(format!("locking {}", path.display()));
    let began = Instant::now();
    loop {
        if let Some(lock) = disk.lock(&path).map_err(doing())? {
            lock.note(&format!("{} {}\n", std::process::id(), options.who)).map_err(doing())?;
            return Ok(lock);
        }
        let left = options.wait.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Err(LogError::InUse {
                dir: dir.to_owned(),
                holder: holder(disk, &path),
                waited_s: options.wait.as_secs(),
            });
        }
        thread::sleep(left.min(Duration::from_millis(ASK_AGAIN_MS)));
    }
}

/// Who holds a lock, as far as the file says.
fn holder(disk: &dyn Disk, path: &Path) -> Option<String> {
    let file = disk.open(path, Access::Read).ok()?;
    let mut line = vec![0; usize::try_from(file.bytes().ok()?).ok()?.min(HOLDER_CHARS_MAX)];
    file.read_at(&mut line, 0).ok()?;
    let line = String::from_utf8(line).ok()?;
    let (pid, command) = line.lines().next()?.split_once(' ')?;
    pid.parse::<u32>().ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let command = if command.chars().all(plain) { command } else { "" };
    Some(if command.is_empty() { format!("pid {pid}") } else { format!("pid {pid}, {command}") })
}
