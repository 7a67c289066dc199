//! What carriers pay, as bytes.

use super::statement::sha256;
use super::{Wire, carrier, cents, word};
use crate::codec::{In, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::{CarrierDeposit, CarrierPays};
use upline_core::names::{ById, Code};

impl Wire for CarrierPays<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.carrier.0, self.line.to_number()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(CarrierPays { carrier: carrier(from)?, line: word(from)? })
    }
}

impl Wire for CarrierDeposit<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.carrier.0, self.amount.0, self.reference.as_str()))?;
        out.put(self.statement.as_ref().map(Code::as_str))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(CarrierDeposit {
            carrier: carrier(from)?,
            amount: cents(from)?,
            reference: from.text()?.to_owned(),
            statement: if from.some()? { Some(sha256(from)?) } else { None },
        })
    }
}
