//! An event's postings as bytes: what they are in one column, how much in another.
//!
//! # Shape
//! A posting of a payee on the event's own policy, counting on the event's day, is two numbers. Everything
//! else about it stands behind a flag. A policy that has to be said holds for the postings that follow, too:
//! the issue of a policy, whose body cannot name it, says it once. The event's own policy, the one that its body
//! names ([`Body::policy`]), is part of the format.
//!
//! # Correctness
//! A posting follows from its bytes, the event and the postings in front. The reader refuses what need not have
//! been said.

use crate::codec::{In, Malformed, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::Body;
use upline_core::money::Cents;
use upline_core::names::{ById, CarrierId, PolicyId, ProducerId};
use upline_core::posting::{Party, Posting, PostingKind};
use upline_core::time::Day;

/// The first byte of a posting: its kind's number, whom it concerns, and whether more is to say.
mod bits {
    pub(super) const KIND: u8 = 0x1f;
    /// In the place of a kind's number: the number is larger, and follows.
    pub(super) const LARGER: u8 = 0x1f;
    pub(super) const PARTY: u8 = 0x60;
    pub(super) const PAYEE: u8 = 0x00;
    pub(super) const PRODUCER: u8 = 0x20;
    pub(super) const PAIR: u8 = 0x40;
    pub(super) const CONTRACT: u8 = 0x60;
    /// Something is not as usual; a byte of [`super::other`] follows.
    pub(super) const OTHER: u8 = 0x80;
}

/// What is not as usual; the values follow in this order.
mod other {
    /// It is on another policy than the posting in front (the first: than the body names).
    pub(super) const POLICY: u8 = 0x01;
    /// It is on no policy, where the one in front is on one.
    pub(super) const NO_POLICY: u8 = 0x02;
    /// It counts on another day than the event.
    pub(super) const DATED: u8 = 0x04;
    /// It would count on another day than it does.
    pub(super) const DUE: u8 = 0x08;
    pub(super) const UNUSED: u8 = 0xf0;
}

/// Writes the postings of an event of this day and body.
pub(crate) fn write_postings(out: &mut Out<'_>, on: Day, body: &Body<ById>, postings: &[Posting]) -> Written {
    out.count(postings.len())?;
    let mut usual = body.policy();
    for posting in postings {
        write_posting(out, on, usual, posting)?;
        usual = posting.policy;
    }
    postings.iter().try_for_each(|posting| out.put(posting.amount.0))
}

#[inline]
fn write_posting(out: &mut Out<'_>, on: Day, usual: Option<PolicyId>, posting: &Posting) -> Written {
    let party = match posting.party {
        Party::Payee(_) => bits::PAYEE,
        // What a number stands for follows from the kind.
        Party::Producer(_) | Party::Carrier(_) => bits::PRODUCER,
        Party::Pair(..) => bits::PAIR,
        Party::Contract(..) => bits::CONTRACT,
    };
    let as_usual = posting.policy == usual && posting.dated == on && posting.due == on;
    let more = if as_usual { 0 } else { bits::OTHER };
    let number = posting.kind.to_number();
    out.put(number.min(bits::LARGER) | party | more)?;
    if number >= bits::LARGER {
        out.put(number)?;
    }
    match posting.party {
        Party::Payee(payee) => out.put(payee)?,
        Party::Producer(producer) => out.put(producer.0)?,
        Party::Carrier(carrier) => out.put(carrier.0)?,
        Party::Pair(first, second) => out.put((first.0, second.0))?,
        Party::Contract(producer, carrier) => out.put((producer.0, carrier.map(|carrier| carrier.0)))?,
    }
    if as_usual { Ok(()) } else { write_other(out, on, usual, posting) }
}

fn write_other(out: &mut Out<'_>, on: Day, usual: Option<PolicyId>, posting: &Posting) -> Written {
    let policy = match posting.policy {
        policy if policy == usual => 0,
        Some(_) => other::POLICY,
        None => other::NO_POLICY,
    };
    let dated = if posting.dated == on { 0 } else { other::DATED };
    let due = if posting.due == posting.dated { 0 } else { other::DUE };
    out.put(policy | dated | due)?;
    if let Some(id) = posting.policy.filter(|_| policy != 0) {
        out.put(id.0)?;
    }
    if dated != 0 {
        out.put(days_after(on, posting.dated))?;
    }
    if due != 0 {
        out.put(days_after(on, posting.due))?;
    }
    Ok(())
}

fn days_after(on: Day, day: Day) -> i64 {
    i64::from(day.0) - i64::from(on.0)
}

/// Reads the postings of an event of this day and body, in place of what is in `postings`.
#[inline]
pub(crate) fn read_postings(
    from: &mut In<'_>,
    on: Day,
    body: &Body<ById>,
    postings: &mut Vec<Posting>,
) -> Read<()> {
    let count = from.count()?;
    postings.clear();
    let mut usual = body.policy();
    for _ in 0..count {
        let first = from.get::<u8>()?;
        let kind = read_kind(from, first & bits::KIND)?;
        if first & !bits::KIND == bits::PAYEE {
            let party = Party::Payee(from.get()?);
            postings.push(Posting { kind, policy: usual, party, dated: on, due: on, amount: Cents::ZERO });
        } else {
            let posting = read_posting(from, on, usual, kind, first)?;
            usual = posting.policy;
            postings.push(posting);
        }
    }
    for posting in postings {
        posting.amount = Cents(from.get()?);
    }
    Ok(())
}

/// The kind of a number, or of the larger one that follows.
#[inline]
fn read_kind(from: &mut In<'_>, number: u8) -> Read<PostingKind> {
    let number = match number {
        bits::LARGER => from.get::<u8>().map(|larger| larger.max(bits::LARGER))?,
        number => number,
    };
    PostingKind::of_number(number).ok_or(Malformed::Field(PostingKind::UNKNOWN))
}

/// The rest of a posting that begins with this byte, still without its amount.
fn read_posting(
    from: &mut In<'_>,
    on: Day,
    usual: Option<PolicyId>,
    kind: PostingKind,
    first: u8,
) -> Read<Posting> {
    let party = match first & bits::PARTY {
        bits::PAYEE => Party::Payee(from.get()?),
        bits::PRODUCER if kind.is_of_carrier() => Party::Carrier(CarrierId(from.get()?)),
        bits::PRODUCER => Party::Producer(ProducerId(from.get()?)),
        bits::PAIR => Party::Pair(ProducerId(from.get()?), ProducerId(from.get()?)),
        _ => Party::Contract(ProducerId(from.get()?), from.option()?.map(CarrierId)),
    };
    let posting = Posting { kind, policy: usual, party, dated: on, due: on, amount: Cents::ZERO };
    if first & bits::OTHER == 0 { Ok(posting) } else { read_other(from, posting) }
}

/// What is not as usual, where `posting` is as usual so far.
fn read_other(from: &mut In<'_>, mut posting: Posting) -> Read<Posting> {
    let flags = from.get::<u8>()?;
    if flags == 0 || flags & other::UNUSED != 0 {
        return Err(Malformed::Field("unknown flags of a posting"));
    }
    let (on, usual) = (posting.dated, posting.policy);
    posting.policy = match flags & (other::POLICY | other::NO_POLICY) {
        0 => usual,
        other::POLICY => Some(PolicyId(from.get()?)),
        other::NO_POLICY => None,
        _ => return Err(Malformed::Field("a posting is on a policy and on none")),
    };
    if flags & (other::POLICY | other::NO_POLICY) != 0 && posting.policy == usual {
        return Err(Malformed::Field("a posting's policy need not be said"));
    }
    if flags & other::DATED != 0 {
        posting.dated = other_day(from, on, on)?;
    }
    posting.due = posting.dated;
    if flags & other::DUE != 0 {
        posting.due = other_day(from, on, posting.dated)?;
    }
    Ok(posting)
}

/// A day that is another than the usual one.
fn other_day(from: &mut In<'_>, on: Day, usual: Day) -> Read<Day> {
    i64::from(on.0)
        .checked_add(from.get()?)
        .and_then(|day| i32::try_from(day).ok())
        .map(Day)
        .filter(|day| *day != usual)
        .ok_or(Malformed::Field("a posting's day is none, or need not be said"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use upline_core::fact::PremiumPaid;

    const ON: Day = Day(20_000);

    fn premium(policy: u32) -> Body<ById> {
        Body::PremiumPaid(PremiumPaid { policy: PolicyId(policy), amount: Cents(1), months: None })
    }

    fn usual(policy: Option<u32>) -> Posting {
        let policy = policy.map(PolicyId);
        Posting {
            kind: PostingKind::Advance,
            policy,
            party: Party::Payee(2),
            dated: ON,
            due: ON,
            amount: Cents(0),
        }
    }

    #[test]
    fn what_is_as_usual_costs_nothing_and_the_rest_is_said_once() {
        let contract = Party::Contract(ProducerId(3), Some(CarrierId(4)));
        let pair = Party::Pair(ProducerId(3), ProducerId(4));
        let (later, latest) = (Day(ON.0 + 3), Day(ON.0 + 9));
        let check = |body: &Body<ById>, postings: &[Posting], expected: &[u8]| {
            let mut bytes = Vec::new();
            write_postings(&mut Out::new(&mut bytes), ON, body, postings).unwrap();
            let columns = [&[postings.len() as u8], expected, &vec![0; postings.len()]].concat();
            assert_eq!(bytes, columns, "{postings:?}");
            let (mut from, mut read) = (In::new(&bytes), vec![usual(Some(99))]);
            read_postings(&mut from, ON, body, &mut read).unwrap();
            assert_eq!((read.as_slice(), from.left()), (postings, 0));
        };
        let (own, none) = (usual(Some(7)), usual(None));
        check(&premium(7), &[], &[]);
        check(&premium(7), &[own, own], &[0x01, 2, 0x01, 2]);
        check(&premium(8), &[own, own], &[0x81, 2, 0x01, 7, 0x01, 2]);
        check(&Body::PeriodClosed, &[own, own], &[0x81, 2, 0x01, 7, 0x01, 2]);
        check(&Body::PeriodClosed, &[none, own, none], &[0x01, 2, 0x81, 2, 0x01, 7, 0x81, 2, 0x02]);
        check(&premium(7), &[Posting { party: contract, ..own }], &[0x61, 3, 1, 4]);
        check(&premium(7), &[Posting { party: pair, ..own }], &[0x41, 3, 4]);
        check(&premium(7), &[Posting { party: Party::Producer(ProducerId(9)), ..own }], &[0x21, 9]);
        // Moved out of a closed period; dated otherwise; both; a due day alone.
        check(&premium(7), &[Posting { dated: later, ..own }], &[0x81, 2, 0x0c, 6, 0]);
        check(&premium(7), &[Posting { dated: later, due: later, ..own }], &[0x81, 2, 0x04, 6]);
        check(&premium(7), &[Posting { dated: latest, due: later, ..own }], &[0x81, 2, 0x0c, 18, 6]);
        check(&premium(7), &[Posting { due: later, ..own }], &[0x81, 2, 0x08, 6]);
        check(&premium(7), &[Posting { dated: later, due: later, ..none }], &[0x81, 2, 0x06, 6]);
    }

    #[test]
    fn what_could_be_said_shorter_is_refused() {
        let refused = |body: &Body<ById>, posting: &[u8]| {
            let bytes = [&[1], posting, &[0]].concat();
            let read = read_postings(&mut In::new(&bytes), ON, body, &mut Vec::new());
            assert!(matches!(read, Err(Malformed::Field(_))), "{posting:?}: {read:?}");
        };
        refused(&premium(7), &[0x00, 2]); // kinds that are none
        refused(&premium(7), &[0x1f, 0x1f, 2]); // larger ones that are none, or not larger
        refused(&premium(7), &[0x1f, 0x24, 2]);
        refused(&premium(7), &[0x1f, 0x01, 2]);
        refused(&premium(7), &[0x81, 2, 0x00]); // flags that are none
        refused(&premium(7), &[0x81, 2, 0x10]);
        refused(&premium(7), &[0x81, 2, 0x03, 9]);
        refused(&premium(7), &[0x81, 2, 0x01, 7]); // the policy, the day, the due day again
        refused(&Body::PeriodClosed, &[0x81, 2, 0x02]);
        refused(&premium(7), &[0x81, 2, 0x04, 0]);
        refused(&premium(7), &[0x81, 2, 0x08, 0]);
        refused(&premium(7), &[0x81, 2, 0x0c, 6, 6]);
        // A day beyond all days.
        refused(&premium(7), &[0x81, 2, 0x04, 253, 255, 255, 255, 255, 255, 255, 255, 255]);
    }
}
