//! Asking whoever has the ledger.

use super::frame::{self, Kind, VERSION};
use super::{is_own, socket};
use crate::cli::screen;
use serde_json::json;
use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Has a command done by whoever has the ledger of a directory open, if somebody has and answers. Gives the exit code;
/// `None` where the command is to be done here.
pub fn ask(dir: &Path, words: &[OsString]) -> io::Result<Option<u8>> {
    let Ok((path, _opened)) = socket(dir) else { return Ok(None) };
    // Without a socket, or with one that nobody listens on any more, the ledger is free or held by who answers nobody.
    let Ok(stream) = UnixStream::connect(path) else { return Ok(None) };
    if !is_own(&stream) {
        return Ok(None);
    }
    match talk(stream, dir, words) {
        // It ended before it said anything: the command is done as if nobody had been there.
        Err(Ended { said: false, .. }) => Ok(None),
        Err(Ended { error, .. }) => Err(error),
        Ok(code) => Ok(code),
    }
}

/// The other side is gone.
struct Ended {
    /// Whether something of the answer was shown by then.
    said: bool,
    error: io::Error,
}

fn talk(stream: UnixStream, dir: &Path, words: &[OsString]) -> Result<Option<u8>, Ended> {
    let ended = |said: bool| move |error: io::Error| Ended { said, error };
    let mut to = stream.try_clone().map_err(ended(false))?;
    let mut from = io::BufReader::new(stream);
    let bytes = |text: &std::ffi::OsStr| text.as_bytes().to_vec();
    let here = std::env::current_dir().map_err(ended(false))?;
    let hello = json!({
        "version": VERSION,
        "words": words.iter().map(|word| bytes(word)).collect::<Vec<_>>(),
        "here": bytes(here.as_os_str()),
        "ledger": bytes(dir.as_os_str()),
        "watched": screen::is_watched(),
    });
    frame::write(&mut to, Kind::Hello, hello.to_string().as_bytes()).map_err(ended(false))?;
    let caught = pass_signals(to.try_clone().map_err(ended(false))?);
    let mut said = false;
    loop {
        let (kind, bytes) = match frame::read(&mut from) {
            Ok(piece) => piece,
            Err(_) if caught.load(Ordering::Relaxed) != 0 => {
                let signal = u8::try_from(caught.load(Ordering::Relaxed)).unwrap_or_default();
                return Ok(Some(signal.saturating_add(128)));
            }
            Err(error) => return Err(Ended { said, error }),
        };
        match kind {
            Kind::Out => {
                said = true;
                if screen::pass_out(&bytes).is_err() {
                    return Ok(Some(0)); // whoever read the answer has seen enough
                }
            }
            Kind::Err => {
                said = true;
                screen::pass_err(&bytes);
            }
            Kind::Wants => pass_stdin(to.try_clone().map_err(ended(said))?),
            Kind::Yourself => return Ok(None),
            Kind::Exit => return Ok(Some(bytes.first().copied().unwrap_or(1))),
            Kind::Hello | Kind::Input | Kind::Signal => {
                return Err(Ended { said, error: io::ErrorKind::InvalidData.into() });
            }
        }
    }
}

/// Passes stdin on from now on, until its end or that of this process.
fn pass_stdin(mut to: UnixStream) {
    std::thread::spawn(move || {
        let mut piece = vec![0; 64 * 1024];
        loop {
            let read = io::stdin().lock().read(&mut piece).unwrap_or(0);
            let sent = frame::write(&mut to, Kind::Input, piece.get(..read).unwrap_or_default());
            if read == 0 || sent.is_err() {
                return;
            }
        }
    });
}

/// How often it is looked whether a signal came.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Passes signals on that would end this process. Says which came.
fn pass_signals(mut to: UnixStream) -> Arc<AtomicUsize> {
    let caught = Arc::new(AtomicUsize::new(0));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        let number = signal.unsigned_abs() as usize;
        let _ = signal_hook::flag::register_usize(signal, Arc::clone(&caught), number);
    }
    let seen = Arc::clone(&caught);
    std::thread::spawn(move || {
        let mut told = 0;
        loop {
            std::thread::sleep(LOOK_EVERY);
            let signal = seen.load(Ordering::Relaxed);
            if signal != told {
                told = signal;
                if frame::write(&mut to, Kind::Signal, &[u8::try_from(signal).unwrap_or_default()]).is_err() {
                    return;
                }
            }
        }
    });
    caught
}
