//! The one way to a terminal: what people read is clean, what programs read says the same and harms nobody who looks at
//! it. Nothing else prints (`tests/tidy.rs`).

use crate::cli::remote;
use serde::Serialize;
use std::fmt::Arguments;
use std::io::{self, BufRead, Read, Write};
use upline_formats::plain::{clean, harmless_json};

/// A line for people.
pub fn line(out: &mut impl Write, line: Arguments<'_>) -> io::Result<()> {
    writeln!(out, "{}", clean(&line.to_string()))
}

/// Writes a line for people, as `writeln!` would.
macro_rules! say {
    ($out:expr) => { $crate::cli::screen::line(&mut $out, format_args!("")) };
    ($out:expr, $($line:tt)*) => { $crate::cli::screen::line(&mut $out, format_args!($($line)*)) };
}
pub(crate) use say;

/// Where answers go: to this process's stdout, or to that of who asked it ([`crate::cli::remote`]).
pub enum Stdout {
    Own(io::Stdout),
    Asker(io::LineWriter<remote::Stream>),
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stdout::Own(own) => own.write(bytes),
            Stdout::Asker(asker) => asker.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stdout::Own(own) => own.flush(),
            Stdout::Asker(asker) => asker.flush(),
        }
    }
}

/// Where answers go.
pub fn stdout() -> Stdout {
    remote::current().map_or_else(|| Stdout::Own(io::stdout()), |session| Stdout::Asker(session.stdout()))
}

/// Passes on what another process answers, which is clean by then: to stdout.
pub fn pass_out(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(bytes)?;
    out.flush()
}

/// The same, to stderr.
pub fn pass_err(bytes: &[u8]) {
    let _ = io::stderr().write_all(bytes);
}

/// Where answers come from, where a person or program gives them.
pub fn stdin() -> Box<dyn Read + Send> {
    match remote::current() {
        Some(session) => Box::new(session.stdin()),
        None => Box::new(io::stdin()),
    }
}

/// Whether a person looks at the answers.
pub fn is_watched() -> bool {
    remote::current()
        .map_or_else(|| io::IsTerminal::is_terminal(&io::stdout()), |session| session.is_watched())
}

/// An answer for programs.
pub fn json(answer: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(answer).map_err(io::Error::other)?;
    writeln!(stdout(), "{}", harmless_json(&text))
}

/// Says something on stderr. Where nobody listens, the work goes on.
pub fn note(message: &str) {
    let line = format!("{}\n", clean(message));
    let _ = match remote::current() {
        Some(session) => session.stderr().write_all(line.as_bytes()),
        None => io::stderr().write_all(line.as_bytes()),
    };
}

/// A line from stdin that nobody else should see: it is asked for, and not shown, where stdin is a terminal.
pub fn secret_line(what: &str) -> io::Result<String> {
    let stdin = io::stdin();
    let shown = rustix::termios::tcgetattr(&stdin).ok();
    if let Some(shown) = &shown {
        let mut hidden = shown.clone();
        hidden.local_modes.remove(rustix::termios::LocalModes::ECHO);
        rustix::termios::tcsetattr(&stdin, rustix::termios::OptionalActions::Flush, &hidden)?;
        let _ = write!(io::stderr(), "{what}: ");
    }
    let mut line = String::new();
    let read = stdin.lock().take(SECRET_BYTES_MAX).read_line(&mut line);
    if let Some(shown) = &shown {
        let _ = writeln!(io::stderr());
        rustix::termios::tcsetattr(&stdin, rustix::termios::OptionalActions::Flush, shown)?;
    }
    read?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// The longest secret that is read.
const SECRET_BYTES_MAX: u64 = 4_096;

/// The lines of the program's own log, clean.
pub struct TraceOut;

impl Write for TraceOut {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        for line in text.lines() {
            writeln!(io::stderr(), "{}", clean(line))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
