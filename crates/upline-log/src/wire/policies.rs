//! Policies as bytes, with the chains that they froze.

use super::contracts::{read_advance, write_advance};
use super::{
    Wire, carrier, cents, code, list, optional_text, optional_word, policy, producer, rate, word, write_list,
    write_rate,
};
use crate::codec::{In, Malformed, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::{
    ChainLink, PolicyIssued, PolicyReinstated, PolicyRestated, PolicyStopped, PremiumPaid, PremiumReversed,
    Writing,
};
use upline_core::names::{ById, Code, FrozenChain, FrozenPlace, GridId};

impl Wire for PolicyIssued<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.carrier.0, self.number.as_str(), self.product.as_str()))?;
        out.put((self.annual_premium.0, self.mode.to_number()))?;
        write_list(out, &self.writing, |out, writing| {
            out.put(writing.producer.0)?;
            write_rate(out, writing.share)
        })?;
        out.put((self.state.as_deref(), self.issue_age))?;
        write_frozen(out, &self.frozen)
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        let number =
            |text: &str| Code::parse_policy_number(text).ok_or(Malformed::Field("a policy number is none"));
        Ok(PolicyIssued {
            carrier: carrier(from)?,
            number: number(from.text()?)?,
            product: code(from)?,
            annual_premium: cents(from)?,
            mode: word(from)?,
            writing: list(from, |from| Ok(Writing { producer: producer(from)?, share: rate(from)? }))?,
            state: optional_text(from)?,
            issue_age: from.option()?,
            frozen: read_frozen(from)?,
        })
    }
}

impl Wire for PremiumPaid<ById> {
    #[inline]
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.policy.0, self.amount.0, self.months))
    }

    #[inline]
    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(PremiumPaid { policy: policy(from)?, amount: cents(from)?, months: from.option()? })
    }
}

impl Wire for PremiumReversed<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.policy.0, self.amount.0, self.months, self.reason.map(Numbered::to_number)))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(PremiumReversed {
            policy: policy(from)?,
            amount: cents(from)?,
            months: from.option()?,
            reason: optional_word(from)?,
        })
    }
}

impl Wire for PolicyStopped<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.policy.0, self.reason.to_number()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(PolicyStopped { policy: policy(from)?, reason: word(from)? })
    }
}

impl Wire for PolicyReinstated<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put(self.policy.0)
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(PolicyReinstated { policy: policy(from)? })
    }
}

impl Wire for PolicyRestated<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.policy.0, self.correction.as_str()))?;
        out.put(u8::from(self.chain.is_some()))?;
        if let Some(chain) = &self.chain {
            write_list(out, chain, |out, side| {
                write_list(out, side, |out, link| out.put((link.producer.0, link.level.as_str())))
            })?;
        }
        write_frozen(out, &self.frozen)
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        let link = |from: &mut In<'_>| Ok(ChainLink { producer: producer(from)?, level: code(from)? });
        Ok(PolicyRestated {
            policy: policy(from)?,
            correction: code(from)?,
            chain: if from.some()? { Some(list(from, |from| list(from, link))?) } else { None },
            frozen: read_frozen(from)?,
        })
    }
}

fn write_frozen(out: &mut Out<'_>, frozen: &FrozenChain) -> Written {
    out.put(frozen.grid.0)?;
    write_list(out, &frozen.sides, |out, side| {
        write_list(out, side, |out, place| {
            out.put((place.producer.0, place.level.as_str()))?;
            write_advance(out, place.advance)
        })
    })
}

fn read_frozen(from: &mut In<'_>) -> Read<FrozenChain> {
    let place = |from: &mut In<'_>| {
        Ok(FrozenPlace { producer: producer(from)?, level: code(from)?, advance: read_advance(from)? })
    };
    Ok(FrozenChain { grid: GridId(from.get()?), sides: list(from, |from| list(from, place))? })
}
