//! Why a statement file is refused, in a sentence that says what and where.

use std::fmt;
use upline_core::money::Cents;

/// A statement file that is refused, as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementError {
    /// The file's name as it was given; empty for a total that was checked against lines already read.
    pub file: String,
    /// The line of a CSV file or the row of a sheet, where it is one.
    pub line: Option<u32>,
    pub wrong: Wrong,
    /// The sentence: where in the file, what is there, what to do.
    pub message: String,
}

/// The kinds of what can be wrong with a statement file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is not the kind of file that the profile reads, it is damaged or cut, or a cell is of the wrong form.
    Malformed,
    /// It is beyond a limit: of the file, of what it unpacks to, of its cells.
    TooLarge,
    /// A cell holds a formula where a value belongs.
    Formula,
    /// The titles are not those of the profile.
    Columns {
        /// Titles of the profile that the file lacks.
        missing: Vec<String>,
        /// Titles of the file that the profile does not know.
        new: Vec<String>,
    },
    /// The lines do not come to the total; by how much, where there is a total.
    ControlTotal {
        /// What the lines come to, less the total.
        off_by: Option<Cents>,
    },
    /// A transaction code that the profile does not know.
    UnknownCode(String),
    /// A carrier's name that the profile does not know.
    UnknownCarrier(String),
}

impl StatementError {
    /// The kind of refusal in a word that stays as it is.
    pub fn code(&self) -> &'static str {
        match self.wrong {
            Wrong::Malformed => "malformed",
            Wrong::TooLarge => "too_large",
            Wrong::Formula => "formula",
            Wrong::Columns { .. } => "columns",
            Wrong::ControlTotal { .. } => "control_total",
            Wrong::UnknownCode(_) => "unknown_code",
            Wrong::UnknownCarrier(_) => "unknown_carrier",
        }
    }

    /// Of the whole file, which gets its name later.
    pub(super) fn of(wrong: Wrong, message: impl Into<String>) -> StatementError {
        StatementError { file: String::new(), line: None, wrong, message: message.into() }
    }

    /// A file that is of the wrong form.
    pub(super) fn malformed(message: impl Into<String>) -> StatementError {
        StatementError::of(Wrong::Malformed, message)
    }

    /// The same, with its line.
    pub(super) fn on_line(self, line: u32) -> StatementError {
        StatementError { line: Some(line), ..self }
    }
}

impl fmt::Display for StatementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}: ", self.file)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for StatementError {}

/// A text from the file as it is shown in a sentence: in quotes, and not longer than can be read.
pub(super) fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let short: String = chars.by_ref().take(crate::limits::SHOWN_CHARS_MAX).collect();
    format!("{short:?}{}", if chars.next().is_some() { "…" } else { "" })
}

/// Texts in quotes, one after the other.
pub(super) fn listed(texts: &[String]) -> String {
    texts.iter().map(|text| shown(text)).collect::<Vec<_>>().join(", ")
}
