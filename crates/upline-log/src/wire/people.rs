//! Carriers and producers as bytes.

use super::{Wire, code, word};
use crate::codec::{In, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::{CarrierAdded, ProducerAdded};

impl Wire for CarrierAdded {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put(self.carrier.as_str())
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(CarrierAdded { carrier: code(from)? })
    }
}

impl Wire for ProducerAdded {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.as_str(), self.kind.to_number()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(ProducerAdded { producer: code(from)?, kind: word(from)? })
    }
}
