//! Balances that are brought along, as bytes.

use super::{Wire, cents, producer, word};
use crate::codec::{In, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::OpeningPosted;
use upline_core::names::{ById, CarrierId, PolicyId};

impl Wire for OpeningPosted<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.carrier.map(|carrier| carrier.0)))?;
        out.put((self.policy.map(|policy| policy.0), self.account.to_number(), self.amount.0))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(OpeningPosted {
            producer: producer(from)?,
            carrier: from.option()?.map(CarrierId),
            policy: from.option()?.map(PolicyId),
            account: word(from)?,
            amount: cents(from)?,
        })
    }
}
