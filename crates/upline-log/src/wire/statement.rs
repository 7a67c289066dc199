//! Statements of carriers and what was decided about them as bytes.

use super::{Wire, cents, code, word};
use crate::codec::{In, Malformed, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::names::Code;
use upline_core::statement::{ExceptionResolved, StatementReceived, is_sha256};
use upline_core::time::Month;

impl Wire for StatementReceived {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.file.as_str(), self.profile.as_str(), self.version))?;
        out.put((self.profile_file.as_str(), self.period.0, self.lines, self.total.0))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
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
}

impl Wire for ExceptionResolved {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.statement.as_str(), self.exception.as_str()))?;
        out.put((self.class.to_number(), self.difference.0, self.reason.to_number()))?;
        out.put(self.resolved_by.as_str())
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(ExceptionResolved {
            statement: sha256(from)?,
            exception: code(from)?,
            class: word(from)?,
            difference: cents(from)?,
            reason: word(from)?,
            resolved_by: from.text()?.to_owned(),
        })
    }
}

pub(super) fn sha256(from: &mut In<'_>) -> Read<Code> {
    let hash = code(from)?;
    if is_sha256(&hash) { Ok(hash) } else { Err(Malformed::Field("a SHA-256 is none")) }
}
