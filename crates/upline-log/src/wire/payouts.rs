//! Payouts, their terms and holds as bytes.

use super::{Later, Wire, cents, code, list, producer, rate, word, write_list, write_rate};
use crate::codec::{In, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::{
    HoldLifted, PayoutBasis, PayoutHeld, PayoutMade, PayoutPart, PayoutReturned, PayoutTerms, PayoutTermsSet,
    ReserveTier,
};
use upline_core::money::Cents;
use upline_core::names::{ById, CarrierId, PayoutName, ProducerId};
use uuid::Uuid;

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
        let terms = PayoutTerms { minimum, reserve, ..PayoutTerms::default() };
        Ok(PayoutTermsSet { producer, terms })
    }
}

impl Later for PayoutTermsSet<ById> {
    fn says_more(&self) -> bool {
        self.terms.basis != PayoutBasis::Computed
    }

    fn write_later(&self, out: &mut Out<'_>) -> Written {
        out.put(self.terms.basis.to_number())
    }

    fn read_later(&mut self, from: &mut In<'_>) -> Read<()> {
        self.terms.basis = word(from)?;
        Ok(())
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
            paid_by: None,
            parts: None,
            returned: Cents::ZERO,
        })
    }
}

impl Later for PayoutMade<ById> {
    fn says_more(&self) -> bool {
        self.paid_by.is_some() || self.parts.is_some() || !self.returned.is_zero()
    }

    fn write_later(&self, out: &mut Out<'_>) -> Written {
        out.put((self.paid_by.map(|carrier| carrier.0), u8::from(self.parts.is_some())))?;
        if let Some(parts) = &self.parts {
            write_list(out, parts, |out, part| {
                out.put((part.carrier.map(|carrier| carrier.0), part.amount.0))
            })?;
        }
        out.put(self.returned.0)
    }

    fn read_later(&mut self, from: &mut In<'_>) -> Read<()> {
        self.paid_by = from.option()?.map(CarrierId);
        if from.some()? {
            let part = |from: &mut In<'_>| {
                Ok(PayoutPart { carrier: from.option()?.map(CarrierId), amount: cents(from)? })
            };
            self.parts = Some(list(from, part)?);
        }
        self.returned = cents(from)?;
        Ok(())
    }
}

impl Wire for PayoutReturned<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        let PayoutName { position, id, producer } = self.payout;
        out.put((position, producer.0))?;
        out.put(*id.as_bytes())?;
        out.put((self.code.as_str(), self.amount.map(|amount| amount.0)))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        let (position, producer) = (from.get()?, producer(from)?);
        let id = Uuid::from_bytes(from.get()?);
        Ok(PayoutReturned {
            payout: PayoutName { position, id, producer },
            code: code(from)?,
            amount: from.option()?.map(Cents),
        })
    }
}
