//! Whoever has the ledger answers the commands of others.

use super::frame::{self, Kind, VERSION};
use super::session::{Session, within};
use super::{SOCKET, is_own, socket, stand_in};
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use upline_ledger::{Reader, WriterHandle};

/// Runs a command by its words, with the ledger named by a path; gives the exit code.
pub type Run = fn(&[OsString], &Path) -> u8;

/// Commands that are answered at once; one more is not let in, and opens the ledger itself or waits.
const SESSIONS_MAX: usize = 64;

/// How long an asker may take to say what it wants.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);

/// How long it waits where nobody can be let in.
const PAUSE: Duration = Duration::from_millis(50);

/// The stack of a command: what a process begins with.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// Answers on the socket of a ledger until it is dropped: then it waits for those that it is answering.
pub struct Host {
    dir: PathBuf,
    ending: Arc<AtomicBool>,
    listener: UnixListener,
    listening: Option<JoinHandle<()>>,
}

struct Shared {
    dir: PathBuf,
    reader: Reader,
    writer: Option<WriterHandle>,
    run: Run,
    ending: Arc<AtomicBool>,
    sessions: Mutex<Vec<JoinHandle<()>>>,
}

impl Host {
    /// Begins to answer for the ledger of a directory, which this process has open. `writer` lends it to who records.
    pub fn open(dir: &Path, reader: Reader, writer: Option<WriterHandle>, run: Run) -> io::Result<Host> {
        let dir = fs::canonicalize(dir)?;
        let (path, _opened) = socket(&dir)?;
        // Whoever has the ledger is alone: a socket that is there is left over from a process that was killed.
        match fs::remove_file(dir.join(SOCKET)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        let ending = Arc::new(AtomicBool::new(false));
        let sessions = Mutex::default();
        let shared =
            Arc::new(Shared { dir: dir.clone(), reader, writer, run, ending: Arc::clone(&ending), sessions });
        let own = listener.try_clone()?;
        let listening = std::thread::spawn(move || listen(&own, &shared));
        Ok(Host { dir, ending, listener, listening: Some(listening) })
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        // Wakes who waits for the next asker, whatever became of the directory.
        let _ = rustix::net::shutdown(&self.listener, rustix::net::Shutdown::Both);
        let _ = fs::remove_file(self.dir.join(SOCKET));
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

fn listen(listener: &UnixListener, shared: &Arc<Shared>) {
    for asker in listener.incoming() {
        if shared.ending.load(Ordering::Relaxed) {
            break;
        }
        let Ok(asker) = asker else {
            // Too many files are open, most likely.
            std::thread::sleep(PAUSE);
            continue;
        };
        if !is_own(&asker) {
            continue;
        }
        let mut sessions = shared.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|session| !session.is_finished());
        if sessions.len() == SESSIONS_MAX {
            continue;
        }
        let of_session = Arc::clone(shared);
        let session = std::thread::Builder::new().stack_size(STACK_BYTES);
        if let Ok(session) = session.spawn(move || answer(asker, &of_session)) {
            sessions.push(session);
        }
    }
    let sessions = std::mem::take(&mut *shared.sessions.lock().unwrap_or_else(PoisonError::into_inner));
    for session in sessions {
        let _ = session.join();
    }
}

/// What an asker said first.
struct Hello {
    words: Vec<OsString>,
    here: PathBuf,
    ledger: PathBuf,
    watched: bool,
}

fn answer(asker: UnixStream, shared: &Shared) {
    let Some(hello) = hello(&asker) else { return };
    let (Ok(to), Ok(from)) = (asker.try_clone(), asker.try_clone()) else { return };
    let (input, taken) = channel();
    let signal = Arc::new(AtomicUsize::new(0));
    let (reader, writer) = (shared.reader.clone(), shared.writer.clone());
    let session = Session::new(&shared.dir, to, taken, Arc::clone(&signal), hello.watched, reader, writer);
    let of_hearing = session.clone();
    std::thread::spawn(move || hear(from, &input, &signal, &of_hearing));
    if !stand_in(&hello.here) {
        let _ = session.send(Kind::Yourself, b"");
        return;
    }
    let run = shared.run;
    // What a command that panics leaves behind is its own; a ledger that was lent to it is given back ([`upline_ledger::Lent`]).
    let command = AssertUnwindSafe(|| within(session.clone(), || run(&hello.words, &hello.ledger)));
    let ran = std::panic::catch_unwind(command);
    let code = ran.unwrap_or_else(|_| {
        let _ = session.send(Kind::Err, b"upline: this command stopped: it is a defect of the program\n");
        101
    });
    let end =
        if code == YOURSELF { session.send(Kind::Yourself, b"") } else { session.send(Kind::Exit, &[code]) };
    let _ = end;
    let _ = asker.shutdown(std::net::Shutdown::Both);
}

/// The exit code of a command that nobody lends the ledger to: who asked does it itself.
pub const YOURSELF: u8 = u8::MAX;

/// Reads what an asker wants; tells one of another version so.
fn hello(asker: &UnixStream) -> Option<Hello> {
    asker.set_read_timeout(Some(HELLO_TIMEOUT)).ok()?;
    let (kind, bytes) = frame::read(&mut &*asker).ok()?;
    asker.set_read_timeout(None).ok()?;
    let said: Value = serde_json::from_slice(&bytes).ok().filter(|_| kind == Kind::Hello)?;
    let version = said.get("version").and_then(Value::as_str).unwrap_or("another");
    if version != VERSION {
        let text = format!(
            "upline: whoever has this ledger open is version {VERSION} of upline, and this is {version}: use the same\n"
        );
        let _ = frame::write(&mut &*asker, Kind::Err, text.as_bytes());
        let _ = frame::write(&mut &*asker, Kind::Exit, &[3]);
        return None;
    }
    let bytes = |value: &Value| -> Option<OsString> {
        let bytes = value.as_array()?.iter().map(|byte| u8::try_from(byte.as_u64()?).ok());
        Some(OsString::from_vec(bytes.collect::<Option<Vec<u8>>>()?))
    };
    Some(Hello {
        words: said.get("words")?.as_array()?.iter().map(bytes).collect::<Option<Vec<_>>>()?,
        here: bytes(said.get("here")?)?.into(),
        ledger: bytes(said.get("ledger")?)?.into(),
        watched: said.get("watched")?.as_bool()?,
    })
}

/// Hears what the asker sends while its command runs.
fn hear(mut from: UnixStream, input: &Sender<Vec<u8>>, signal: &AtomicUsize, session: &Session) {
    loop {
        match frame::read(&mut from) {
            Ok((Kind::Input, bytes)) => {
                let _ = input.send(bytes); // a command that has ended reads no more
            }
            Ok((Kind::Signal, bytes)) => {
                signal.store(bytes.first().copied().unwrap_or(2).into(), Ordering::Relaxed);
                if !session.watches() {
                    // It ends for the asker; what it computes is of no use any more.
                    let _ = from.shutdown(std::net::Shutdown::Both);
                    return;
                }
            }
            // Gone, or not one of ours.
            _ => {
                signal.store(signal_hook::consts::SIGTERM.unsigned_abs() as usize, Ordering::Relaxed);
                return;
            }
        }
    }
}
