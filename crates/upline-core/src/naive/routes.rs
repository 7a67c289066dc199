//! pay.md §§1, 2: who pays a producer, and whose of two payers an amount of debt is.

use super::sheet::Entry;
use super::{Fact, Log};
use crate::fact::{Body, HouseSet, PaidBy, RouteSet};
use crate::recorded::event::Position;
use crate::vocabulary::names::{CarrierId, ProducerId};
use crate::vocabulary::time::Day;

/// Of whom an entry of a debt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// "What a policy, an opening or a roll-up posts": of who paid the producer on its day.
    ByDay,
    /// "Adjustments, repayments and resolutions are the house's."
    House,
    /// "What a payout, repayment or roll-up takes": of who takes it first; none: of who paid on its day.
    Takes(Option<PaidBy>),
}

/// "The producer's own goes before one for `*`, of these one for the carrier before one for `*`, then the latest by date,
/// then by position; without any: `house`." Nobody else pays the house. As known at a position.
pub(super) fn paid_by(log: &Log, known: Position, who: ProducerId, with: CarrierId, day: Day) -> PaidBy {
    let counts = |fact: &&Fact| fact.on <= day && fact.position <= known;
    let house = log.houses.iter().filter(counts).max_by_key(|fact| (fact.on, fact.position));
    if house.is_some_and(|fact| *fact.body == Body::HouseSet(HouseSet { producer: Some(who) })) {
        return PaidBy::House;
    }
    let rank = |route: &RouteSet<_>| (route.producer.is_some(), route.carrier.is_some());
    let mut counting = Vec::new();
    for fact in log.routes.iter().filter(counts) {
        if let Body::RouteSet(route) = fact.body
            && route.producer.is_none_or(|producer| producer == who)
            && route.carrier.is_none_or(|carrier| carrier == with)
        {
            counting.push((rank(route), fact.on, fact.position, route.paid_by));
        }
    }
    counting.into_iter().max().map_or(PaidBy::House, |(.., paid_by)| paid_by)
}

/// What of the entries of one account is the house's, and what the carrier's. "Going through the days, what a payout,
/// repayment or roll-up takes beyond its side is of the other side of that account, as far as it reaches."
pub(super) fn sides(entries: &[Entry], paid_by: impl Fn(Day) -> PaidBy) -> (Vec<Entry>, Vec<Entry>) {
    let mut in_order: Vec<&Entry> = entries.iter().collect();
    let takes = |entry: &Entry| matches!(entry.source, Source::Takes(_));
    in_order.sort_by_key(|entry| (entry.dated, takes(entry), entry.position));
    let (mut house, mut carrier): (Vec<Entry>, Vec<Entry>) = (Vec::new(), Vec::new());
    let sum = |side: &[Entry]| side.iter().map(|entry| entry.amount).sum::<i128>();
    for entry in in_order {
        let of_day = paid_by(entry.dated);
        let side = match entry.source {
            Source::ByDay => of_day,
            Source::House => PaidBy::House,
            Source::Takes(side) => side.unwrap_or(of_day),
        };
        let (own, other) = match side {
            PaidBy::House => (&mut house, &mut carrier),
            PaidBy::Carrier => (&mut carrier, &mut house),
        };
        let mut of_other = 0;
        if takes(entry) {
            // Cents that the own side does not have and the other has, of the sign that is taken.
            let (mine, theirs) = (sum(own), sum(other));
            let sign = entry.amount.signum();
            let missing = (entry.amount.abs() - (mine * -sign).max(0)).max(0);
            of_other = missing.min((theirs * -sign).max(0)) * sign;
        }
        own.push(Entry { amount: entry.amount - of_other, ..*entry });
        if of_other != 0 {
            other.push(Entry { amount: of_other, ..*entry });
        }
    }
    (house, carrier)
}
