//! Payouts, their terms and holds as bytes.

use super::{Wire, cents, list, producer, rate, word, write_list, write_rate};
use crate::codec::{In, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::{HoldLifted, PayoutHeld, PayoutMade, PayoutTerms, PayoutTermsSet, ReserveTier};
use upline_core::names::{ById, ProducerId};

impl Wire for PayoutTermsSet<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put(self.producer.map(|producer| producer.0))?;
        out.put(self.terms.minimum.0)?;
        write_list(out, &self.terms.reserve, |out, tier| {
            out.put(tier.to.0)?;
            write_rate(out, tier.rate)
        })
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        let (producer, minimum) = (from.option()?.map(ProducerId), cents(from)?);
        let reserve = list(from, |from| Ok(ReserveTier { to: cents(from)?, rate: rate(from)? }))?;
        Ok(PayoutTermsSet { producer, terms: PayoutTerms { minimum, reserve } })
    }
}

impl Wire for PayoutHeld<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.reason.to_number()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(PayoutHeld { producer: producer(from)?, reason: word(from)? })
    }
}

impl Wire for HoldLifted<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.reason.to_number()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(HoldLifted { producer: producer(from)?, reason: word(from)? })
    }
}

impl Wire for PayoutMade<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put(self.producer.0)?;
        out.put((self.payable.0, self.leads.0, self.debt.0, self.reserve.0))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(PayoutMade {
            producer: producer(from)?,
            payable: cents(from)?,
            leads: cents(from)?,
            debt: cents(from)?,
            reserve: cents(from)?,
        })
    }
}
