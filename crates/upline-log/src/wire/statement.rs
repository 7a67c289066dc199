//! Statements of carriers and what was decided about them as bytes.

use super::{cents, code, word};
use crate::codec::{In, Malformed, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::names::Code;
use upline_core::statement::{ExceptionResolved, StatementReceived, is_sha256};
use upline_core::time::Month;

pub(super) fn write_statement(out: &mut Out<'_>, statement: &StatementReceived) -> Written {
    out.put((statement.file.as_str(), statement.profile.as_str(), statement.version))?;
    out.put((statement.profile_file.as_str(), statement.period.0, statement.lines, statement.total.0))
}

pub(super) fn read_statement(from: &mut In<'_>) -> Read<StatementReceived> {
    Ok(StatementReceived {
        file: sha256(from)?,
        profile: code(from)?,
        version: from.get()?,
        profile_file: sha256(from)?,
        period: Month(from.get()?),
        lines: from.get()?,
        total: cents(from)?,
    })
}

pub(super) fn write_resolved(out: &mut Out<'_>, resolved: &ExceptionResolved) -> Written {
    out.put((resolved.statement.as_str(), resolved.exception.as_str()))?;
    out.put((resolved.class.to_number(), resolved.difference.0, resolved.reason.to_number()))?;
    out.put(resolved.resolved_by.as_str())
}

pub(super) fn read_resolved(from: &mut In<'_>) -> Read<ExceptionResolved> {
    Ok(ExceptionResolved {
        statement: sha256(from)?,
        exception: code(from)?,
        class: word(from)?,
        difference: cents(from)?,
        reason: word(from)?,
        resolved_by: from.text()?.to_owned(),
    })
}

fn sha256(from: &mut In<'_>) -> Read<Code> {
    let hash = code(from)?;
    if is_sha256(&hash) { Ok(hash) } else { Err(Malformed::Field("a SHA-256 is none")) }
}
