//! Contracts as bytes.

use super::{Wire, carrier, code, optional_text, producer, word};
use crate::codec::{In, Malformed, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::{AgentReleased, ContractChanged, ProducerContracted};
use upline_core::money::Cents;
use upline_core::names::{AdvanceTerms, ById, CarrierId, Code, ProducerId};

/// What becomes of a contract's upline, on disk.
mod upline_change {
    pub(super) const UNCHANGED: u8 = 0;
    pub(super) const TO_THE_TOP: u8 = 1;
    pub(super) const UNDER: u8 = 2;
}

impl Wire for ProducerContracted<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        let upline = self.upline.map(|upline| upline.0);
        out.put((self.producer.0, self.carrier.0, self.level.as_str(), upline))?;
        write_advance(out, self.advance)
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(ProducerContracted {
            producer: producer(from)?,
            carrier: carrier(from)?,
            level: code(from)?,
            upline: from.option()?.map(ProducerId),
            advance: read_advance(from)?,
        })
    }
}

impl Wire for ContractChanged<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.carrier.0, self.level.as_ref().map(Code::as_str)))?;
        match self.upline {
            None => out.put(upline_change::UNCHANGED)?,
            Some(None) => out.put(upline_change::TO_THE_TOP)?,
            Some(Some(upline)) => out.put((upline_change::UNDER, upline.0))?,
        }
        out.put(u8::from(self.advance.is_some()))?;
        self.advance.map_or(Ok(()), |advance| write_advance(out, advance))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(ContractChanged {
            producer: producer(from)?,
            carrier: carrier(from)?,
            level: if from.some()? { Some(code(from)?) } else { None },
            upline: match from.get::<u8>()? {
                upline_change::UNCHANGED => None,
                upline_change::TO_THE_TOP => Some(None),
                upline_change::UNDER => Some(Some(producer(from)?)),
                _ => return Err(Malformed::Field("unknown change of an upline")),
            },
            advance: if from.some()? { Some(read_advance(from)?) } else { None },
        })
    }
}

impl Wire for AgentReleased<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        let carrier = self.carrier.map(|carrier| carrier.0);
        out.put((self.producer.0, carrier, self.vesting.to_number(), self.debt.to_number()))?;
        out.option(self.reason.as_deref())
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(AgentReleased {
            producer: producer(from)?,
            carrier: from.option()?.map(CarrierId),
            vesting: word(from)?,
            debt: word(from)?,
            reason: optional_text(from)?,
        })
    }
}

pub(super) fn write_advance(out: &mut Out<'_>, advance: AdvanceTerms) -> Written {
    out.put((advance.months, advance.cap.map(|cap| cap.0)))
}

pub(super) fn read_advance(from: &mut In<'_>) -> Read<AdvanceTerms> {
    Ok(AdvanceTerms { months: from.get()?, cap: from.option()?.map(Cents) })
}
