//! Commands through the process that has the ledger open.
//!
//! # Shape
//! Whoever has a ledger for long — `serve`, an import, a close — is its [`host`]: it listens on the socket `socket` in
//! the ledger's directory. A command that is about to open the ledger asks there first ([`ask`]): it hands over its own
//! words, and from then on only passes on what the host writes, reads and ends with. The host runs the same command on a
//! thread of its own, with the working directory of the asker ([`session`]), over the ledger that is open.
//!
//! # Correctness
//! The same code makes the answer, so output and exit code are the same. A host that records for itself lends nothing: it
//! answers who asks, from whole commits, and tells who wants to record to wait as usual. Only the same user is let in: the
//! socket is its own alone, and the kernel says who is at the other end. A socket that nobody listens on, left over from
//! a process that was killed, counts as none.

mod ask;
mod frame;
mod host;
mod session;

pub use ask::ask;
pub use host::{Host, YOURSELF};
pub use session::{Session, Stream, current};

use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// The name of the socket in the ledger's directory.
const SOCKET: &str = "socket";

/// The longest path that a socket can be bound to, everywhere.
const PATH_BYTES_MAX: usize = 100;

/// A path to the socket of a ledger that is short enough, and the directory that has to stay open meanwhile.
fn socket(dir: &Path) -> std::io::Result<(PathBuf, Option<std::fs::File>)> {
    let path = dir.join(SOCKET);
    if path.as_os_str().len() <= PATH_BYTES_MAX {
        return Ok((path, None));
    }
    let opened = std::fs::File::open(dir)?;
    Ok((PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", opened.as_raw_fd())), Some(opened)))
}

/// Whether the same user is at the other end, as the kernel says. Elsewhere than on Linux nobody is let in.
fn is_own(stream: &UnixStream) -> bool {
    #[cfg(target_os = "linux")]
    return rustix::net::sockopt::socket_peercred(stream)
        .is_ok_and(|peer| peer.uid == rustix::process::getuid());
    #[cfg(not(target_os = "linux"))]
    false
}

/// Gives this thread, and those that it starts, a working directory of their own. Says whether it has one.
fn stand_in(here: &Path) -> bool {
    #[cfg(target_os = "linux")]
    return nix::sched::unshare(nix::sched::CloneFlags::CLONE_FS).is_ok()
        && std::env::set_current_dir(here).is_ok();
    #[cfg(not(target_os = "linux"))]
    here.as_os_str().is_empty()
}
