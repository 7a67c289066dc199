//! Statements of carriers and what was decided about them as bytes.

use super::{Later, Wire, carrier, cents, code, word};
use crate::codec::{In, Malformed, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::names::{ById, Code, PolicyId, ProducerId};
use upline_core::statement::{About, ExceptionResolved, StatementReceived, StatementVoided, is_sha256};
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
            replaces: None,
        })
    }
}

impl Later for StatementReceived {
    fn says_more(&self) -> bool {
        self.replaces.is_some()
    }

    fn write_later(&self, out: &mut Out<'_>) -> Written {
        self.replaces.as_ref().map_or(Ok(()), |replaces| out.put(replaces.as_str()))
    }

    fn read_later(&mut self, from: &mut In<'_>) -> Read<()> {
        self.replaces = Some(sha256(from)?);
        Ok(())
    }
}

impl Wire for StatementVoided {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put(self.statement.as_str())
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(StatementVoided { statement: sha256(from)? })
    }
}

impl Wire for ExceptionResolved<ById> {
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
            about: None,
        })
    }
}

impl Later for ExceptionResolved<ById> {
    fn says_more(&self) -> bool {
        self.about.is_some()
    }

    fn write_later(&self, out: &mut Out<'_>) -> Written {
        let Some(about) = self.about.as_deref() else { return Ok(()) };
        out.put((about.carrier.0, about.kind.to_number()))?;
        out.put((about.producer.map(|producer| producer.0), about.policy.map(|policy| policy.0)))?;
        out.put(about.of.map(|producer| producer.0))
    }

    fn read_later(&mut self, from: &mut In<'_>) -> Read<()> {
        self.about = Some(Box::new(About {
            carrier: carrier(from)?,
            kind: word(from)?,
            producer: from.option()?.map(ProducerId),
            policy: from.option()?.map(PolicyId),
            of: from.option()?.map(ProducerId),
        }));
        Ok(())
    }
}

pub(super) fn sha256(from: &mut In<'_>) -> Read<Code> {
    let hash = code(from)?;
    if is_sha256(&hash) { Ok(hash) } else { Err(Malformed::Field("a SHA-256 is none")) }
}
