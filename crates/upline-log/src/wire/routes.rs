//! Who is paid by whom, as bytes.

use super::{Wire, carrier, producer, rate, word, write_rate};
use crate::codec::{In, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::{AssignmentEnded, CommissionAssigned, HouseSet, RouteSet};
use upline_core::names::{ById, CarrierId, ProducerId};

impl Wire for HouseSet<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put(self.producer.map(|producer| producer.0))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(HouseSet { producer: from.option()?.map(ProducerId) })
    }
}

impl Wire for RouteSet<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.map(|producer| producer.0), self.carrier.map(|carrier| carrier.0)))?;
        out.put(self.paid_by.to_number())
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(RouteSet {
            producer: from.option()?.map(ProducerId),
            carrier: from.option()?.map(CarrierId),
            paid_by: word(from)?,
        })
    }
}

impl Wire for CommissionAssigned<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.carrier.0, self.to.0))?;
        write_rate(out, self.keeps)
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(CommissionAssigned {
            producer: producer(from)?,
            carrier: carrier(from)?,
            to: producer(from)?,
            keeps: rate(from)?,
        })
    }
}

impl Wire for AssignmentEnded<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.carrier.0))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(AssignmentEnded { producer: producer(from)?, carrier: carrier(from)? })
    }
}
