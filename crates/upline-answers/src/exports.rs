//! The entries of a ledger at a point, for other tools.

use crate::events::NotWritten;
use std::io;
use upline_core::as_of::AsOf;
use upline_formats::export::{Export, ExportError};
use upline_ledger::Ledger;

/// Writes every entry that counts at a point.
pub fn write(ledger: &Ledger, at: AsOf, mut export: impl Export) -> Result<(), NotWritten> {
    ledger.entries(
        at,
        |_| {},
        |posted| -> Result<(), NotWritten> { Ok(export.event(posted).map_err(not)?) },
    )?;
    Ok(export.finish().map_err(not)?)
}

/// What an export says as what its output says: it is sent while it is written.
pub fn not(error: ExportError) -> io::Error {
    match error {
        ExportError::Output(error) => error,
        refused @ ExportError::Refused(_) => io::Error::other(refused.to_string()),
    }
}
