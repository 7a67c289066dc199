//! Policies as bytes, with the chains that they froze.

use super::contracts::{read_advance, write_advance};
use super::{
    Later, Wire, carrier, cents, code, list, optional_text, optional_word, policy, producer, rate, word,
    write_list, write_rate,
};
use crate::codec::{In, Malformed, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::{
    ChainLink, CorrectedIssue, PolicyIssued, PolicyReinstated, PolicyRestated, PolicyStopped, PremiumPaid,
    PremiumReversed, RestatedChain, Writing,
};
use upline_core::money::Cents;
use upline_core::names::{Assigned, ById, Code, FrozenChain, FrozenPlace, GridId};
use upline_core::time::Day;

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

impl Later for PolicyIssued<ById> {
    fn says_more(&self) -> bool {
        assigns(&self.frozen)
    }

    fn write_later(&self, out: &mut Out<'_>) -> Written {
        write_assigned(out, &self.frozen)
    }

    fn read_later(&mut self, from: &mut In<'_>) -> Read<()> {
        read_assigned(from, &mut self.frozen)
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
        let places = match &self.chain {
            RestatedChain::Places(sides) => Some(sides),
            RestatedChain::Contracts | RestatedChain::Same => None,
        };
        out.put(u8::from(places.is_some()))?;
        if let Some(places) = places {
            write_list(out, places, |out, side| {
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
            chain: if from.some()? {
                RestatedChain::Places(list(from, |from| list(from, link))?)
            } else {
                RestatedChain::Contracts
            },
            issue: None,
            frozen: read_frozen(from)?,
        })
    }
}

impl Later for PolicyRestated<ById> {
    fn says_more(&self) -> bool {
        self.chain == RestatedChain::Same || self.issue.is_some() || assigns(&self.frozen)
    }

    fn write_later(&self, out: &mut Out<'_>) -> Written {
        out.put((u8::from(self.chain == RestatedChain::Same), u8::from(self.issue.is_some())))?;
        if let Some(issue) = self.issue.as_deref() {
            out.put((issue.on.map(|on| on.0), issue.product.as_ref().map(Code::as_str)))?;
            out.put(issue.annual_premium.map(|amount| amount.0))?;
            out.put((issue.mode.map(Numbered::to_number), issue.state.as_deref(), issue.issue_age))?;
            out.put(issue.number.as_ref().map(Code::as_str))?;
        }
        write_assigned(out, &self.frozen)
    }

    fn read_later(&mut self, from: &mut In<'_>) -> Read<()> {
        if from.some()? {
            if matches!(self.chain, RestatedChain::Places(_)) {
                return Err(Malformed::Field("a corrected chain is given and the same"));
            }
            self.chain = RestatedChain::Same;
        }
        if from.some()? {
            self.issue = Some(Box::new(CorrectedIssue {
                on: from.option()?.map(Day),
                product: optional_code(from)?,
                annual_premium: from.option()?.map(Cents),
                mode: optional_word(from)?,
                state: optional_text(from)?,
                issue_age: from.option()?,
                number: optional_number(from)?,
            }));
        }
        read_assigned(from, &mut self.frozen)
    }
}

fn optional_code(from: &mut In<'_>) -> Read<Option<Code>> {
    Ok(if from.some()? { Some(code(from)?) } else { None })
}

fn optional_number(from: &mut In<'_>) -> Read<Option<Code>> {
    let parse =
        |text: &str| Code::parse_policy_number(text).ok_or(Malformed::Field("a policy number is none"));
    Ok(if from.some()? { Some(parse(from.text()?)?) } else { None })
}

fn assigns(frozen: &FrozenChain) -> bool {
    frozen.sides.iter().flatten().any(|place| place.assigned.is_some())
}

/// The places that assign a part, in order, each with its side.
fn write_assigned(out: &mut Out<'_>, frozen: &FrozenChain) -> Written {
    let sides = (0u16..).zip(&frozen.sides);
    let places = sides.flat_map(|(side, places)| (0u16..).zip(places).map(move |place| (side, place)));
    let assigned: Vec<(u16, u16, Assigned)> =
        places.filter_map(|(side, (place, frozen))| Some((side, place, frozen.assigned?))).collect();
    write_list(out, &assigned, |out, (side, place, assigned)| {
        out.put((*side, *place, assigned.to.0))?;
        write_rate(out, assigned.keeps)
    })
}

fn read_assigned(from: &mut In<'_>, frozen: &mut FrozenChain) -> Read<()> {
    let one = |from: &mut In<'_>| {
        let (side, place): (u16, u16) = (from.get()?, from.get()?);
        Ok((side, place, Assigned { to: producer(from)?, keeps: rate(from)? }))
    };
    let assigned = list(from, one)?;
    if !assigned.is_sorted_by(|(side, place, _), (next, after, _)| (side, place) < (next, after)) {
        return Err(Malformed::Field("the places that assign a part are not in order"));
    }
    for (side, place, assigned) in assigned {
        let of =
            frozen.sides.get_mut(usize::from(side)).and_then(|places| places.get_mut(usize::from(place)));
        of.ok_or(Malformed::Field("a part of a place that is none is assigned"))?.assigned = Some(assigned);
    }
    Ok(())
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
        let (producer, level, advance) = (producer(from)?, code(from)?, read_advance(from)?);
        Ok(FrozenPlace { producer, level, advance, assigned: None })
    };
    Ok(FrozenChain { grid: GridId(from.get()?), sides: list(from, |from| list(from, place))? })
}
