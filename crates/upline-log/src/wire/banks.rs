//! Accounts at banks, files that pay, and erasures as bytes.

use super::statement::sha256;
use super::{Wire, cents, code, producer, word};
use crate::codec::{In, Malformed, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::{BankDetailsSet, PaymentFileWritten, PersonalDataErased};
use upline_core::names::ById;
use upline_core::time::Day;

impl Wire for BankDetailsSet<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.commitment.as_str(), self.approved_by.as_str()))?;
        out.put(self.hold_days)
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(BankDetailsSet {
            producer: producer(from)?,
            commitment: sha256(from)?,
            approved_by: from.text()?.to_owned(),
            hold_days: from.option()?,
        })
    }
}

impl Wire for PaymentFileWritten {
    fn write(&self, out: &mut Out<'_>) -> Written {
        // Days since 1900-01-01, the first that a fact may carry.
        let pay_on = u32::try_from(self.pay_on.0.saturating_sub(Day::FIRST.0)).unwrap_or_default();
        out.put((self.run, self.file.as_str(), pay_on, self.total.0))?;
        out.put((self.credits, self.originator.as_str(), self.accounts.as_str()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        let (run, file, pay_on) = (from.get()?, sha256(from)?, from.get::<u32>()?);
        let pay_on = i32::try_from(pay_on).ok().and_then(|days| days.checked_add(Day::FIRST.0));
        Ok(PaymentFileWritten {
            run,
            file,
            pay_on: Day(pay_on.ok_or(Malformed::Field("a day is out of range"))?),
            total: cents(from)?,
            credits: from.get()?,
            originator: sha256(from)?,
            accounts: sha256(from)?,
        })
    }
}

impl Wire for PersonalDataErased {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.kind.to_number(), self.code.as_str()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(PersonalDataErased { kind: word(from)?, code: code(from)? })
    }
}
