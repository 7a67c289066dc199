//! A command that runs here for who asked elsewhere: where it writes, reads and hears of signals.

use super::frame::{self, Kind};
use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use upline_ledger::{Reader, WriterHandle};

/// The session of a thread.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
}

struct Shared {
    /// The directory of the ledger, whole.
    dir: PathBuf,
    to: Mutex<UnixStream>,
    input: Mutex<Receiver<Vec<u8>>>,
    /// The signal that the asker got.
    signal: Arc<AtomicUsize>,
    /// Whether the command looks at signals by itself.
    watches: AtomicBool,
    /// Whether a person looks at its stdout.
    watched: bool,
    reader: Reader,
    writer: Option<WriterHandle>,
}

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

/// The session that this thread runs for, if it does.
pub fn current() -> Option<Session> {
    SESSION.with_borrow(Clone::clone)
}

/// Runs a command for a session.
pub fn within<T>(session: Session, command: impl FnOnce() -> T) -> T {
    SESSION.set(Some(session));
    let done = command();
    SESSION.set(None);
    done
}

impl Session {
    pub fn new(
        dir: &Path,
        to: UnixStream,
        input: Receiver<Vec<u8>>,
        signal: Arc<AtomicUsize>,
        watched: bool,
        reader: Reader,
        writer: Option<WriterHandle>,
    ) -> Session {
        let (to, input) = (Mutex::new(to), Mutex::new(input));
        let watches = AtomicBool::new(false);
        Session {
            shared: Arc::new(Shared {
                dir: dir.to_owned(),
                to,
                input,
                signal,
                watches,
                watched,
                reader,
                writer,
            }),
        }
    }

    /// Whether the ledger of a directory is the one that is open here.
    pub fn is_of(&self, dir: &Path) -> bool {
        std::fs::canonicalize(dir).is_ok_and(|dir| dir == self.shared.dir)
    }

    /// The ledger to ask.
    pub fn reader(&self) -> &Reader {
        &self.shared.reader
    }

    /// Who lends the ledger to record in it, if anybody does.
    pub fn writer(&self) -> Option<&WriterHandle> {
        self.shared.writer.as_ref()
    }

    /// Whether a person looks at the answers.
    pub fn is_watched(&self) -> bool {
        self.shared.watched
    }

    /// Hears of signals from now on.
    pub fn watch(&self) -> Arc<AtomicUsize> {
        self.shared.watches.store(true, Ordering::Relaxed);
        Arc::clone(&self.shared.signal)
    }

    /// Whether its command hears of signals by itself.
    pub fn watches(&self) -> bool {
        self.shared.watches.load(Ordering::Relaxed)
    }

    /// Sends the asker something.
    pub fn send(&self, kind: Kind, bytes: &[u8]) -> io::Result<()> {
        let mut to = self.shared.to.lock().unwrap_or_else(PoisonError::into_inner);
        frame::write(&mut *to, kind, bytes)
    }

    /// Its stdout, written line by line.
    pub fn stdout(&self) -> io::LineWriter<Stream> {
        io::LineWriter::new(Stream { session: self.clone(), kind: Kind::Out })
    }

    /// Its stderr.
    pub fn stderr(&self) -> Stream {
        Stream { session: self.clone(), kind: Kind::Err }
    }

    /// Its stdin.
    pub fn stdin(&self) -> Input {
        Input { session: self.clone(), rest: Vec::new(), asked: false, ended: false }
    }
}

/// A stream of the asker's.
pub struct Stream {
    session: Session,
    kind: Kind,
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !bytes.is_empty() {
            // Whoever has gone reads no further: that is told as of a pipe.
            self.session.send(self.kind, bytes).map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The asker's stdin.
pub struct Input {
    session: Session,
    rest: Vec<u8>,
    asked: bool,
    ended: bool,
}

/// How often a command that waits for input looks whether somebody wants it to end.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.asked {
            self.asked = true;
            self.session.send(Kind::Wants, b"")?;
        }
        while self.rest.is_empty() && !self.ended {
            let input = self.session.shared.input.lock().unwrap_or_else(PoisonError::into_inner);
            match input.recv_timeout(LOOK_EVERY) {
                Ok(piece) => {
                    self.ended = piece.is_empty();
                    self.rest = piece;
                }
                Err(RecvTimeoutError::Timeout) if self.session.shared.signal.load(Ordering::Relaxed) == 0 => {
                }
                Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::Interrupted.into()),
                Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let taken = into.len().min(self.rest.len());
        into.iter_mut().zip(self.rest.drain(..taken)).for_each(|(into, byte)| *into = byte);
        Ok(taken)
    }
}
