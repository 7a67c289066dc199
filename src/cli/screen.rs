//! The one way to a terminal: what people read is clean, what programs read says the same and harms nobody who looks at
//! it. Nothing else prints (`tests/tidy.rs`).

use serde::Serialize;
use std::fmt::Arguments;
use std::io::{self, Write};
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

/// Where answers go.
pub fn stdout() -> io::Stdout {
    io::stdout()
}

/// Whether a person looks at the answers.
pub fn is_watched() -> bool {
    io::IsTerminal::is_terminal(&io::stdout())
}

/// An answer for programs.
pub fn json(answer: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(answer).map_err(io::Error::other)?;
    writeln!(stdout(), "{}", harmless_json(&text))
}

/// Says something on stderr. Where nobody listens, the work goes on.
pub fn note(message: &str) {
    let _ = writeln!(io::stderr(), "{}", clean(message));
}

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
