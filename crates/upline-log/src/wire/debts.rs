//! What producers owe, as bytes: chargebacks, debt that moves, repayments, leads, corrections by hand.

use super::grid::{read_rule, write_rule};
use super::{Wire, carrier, cents, code, policy, producer, word};
use crate::codec::{In, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::{
    AdjustmentPosted, ChargebackAssessed, ChargebackRecorded, DebtMoved, DebtRolledUp, LeadCharged,
    LeadCredited, LeadLineSet, RepaymentReceived,
};
use upline_core::names::{ById, CarrierId};

impl Wire for ChargebackRecorded<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.policy.0, self.producer.0, self.amount.0, self.reason.as_str()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(ChargebackRecorded {
            policy: policy(from)?,
            producer: producer(from)?,
            amount: cents(from)?,
            reason: from.text()?.to_owned(),
        })
    }
}

impl Wire for ChargebackAssessed<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.policy.0, self.producer.0, self.payee, self.stop, self.amount.0))?;
        write_rule(out, self.rule)?;
        out.put(self.kept.0)
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(ChargebackAssessed {
            policy: policy(from)?,
            producer: producer(from)?,
            payee: from.get()?,
            stop: from.get()?,
            amount: cents(from)?,
            rule: read_rule(from)?,
            kept: cents(from)?,
        })
    }
}

impl Wire for DebtRolledUp<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.carrier.0))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(DebtRolledUp { producer: producer(from)?, carrier: carrier(from)? })
    }
}

impl Wire for DebtMoved<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.policy.0, self.from.0, self.to.0, self.amount.0))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(DebtMoved {
            policy: policy(from)?,
            from: producer(from)?,
            to: producer(from)?,
            amount: cents(from)?,
        })
    }
}

impl Wire for RepaymentReceived<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.carrier.map(|carrier| carrier.0), self.amount.0))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(RepaymentReceived {
            producer: producer(from)?,
            carrier: from.option()?.map(CarrierId),
            amount: cents(from)?,
        })
    }
}

impl Wire for LeadLineSet<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.limit.0))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(LeadLineSet { producer: producer(from)?, limit: cents(from)? })
    }
}

impl Wire for LeadCharged<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.amount.0))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(LeadCharged { producer: producer(from)?, amount: cents(from)? })
    }
}

impl Wire for LeadCredited<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.amount.0))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(LeadCredited { producer: producer(from)?, amount: cents(from)? })
    }
}

impl Wire for AdjustmentPosted<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.carrier.map(|carrier| carrier.0)))?;
        out.put((self.account.to_number(), self.amount.0))?;
        out.put((self.code.as_str(), self.approved_by.as_str()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(AdjustmentPosted {
            producer: producer(from)?,
            carrier: from.option()?.map(CarrierId),
            account: word(from)?,
            amount: cents(from)?,
            code: code(from)?,
            approved_by: from.text()?.to_owned(),
        })
    }
}
