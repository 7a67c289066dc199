//! The frozen chain: who is paid on a policy, at what rates and in advance (rules §3).

use crate::fact::grid::{Band, ChargebackMonths, ChargebackRow, rate_in};
use crate::vocabulary::money::Cents;
pub use crate::vocabulary::names::{AdvanceTerms, Assigned, FrozenChain, FrozenPlace};

use crate::vocabulary::names::ProducerId;
use crate::vocabulary::rate::Rate;
use crate::vocabulary::time::Day;
use std::sync::Arc;

/// A payee: a place in a chain of a policy, or the part of one that is assigned. Payees are numbered through all sides,
/// in order; where a part is assigned, who keeps the rest comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payee {
    pub producer: ProducerId,
    /// The index of the writing side.
    pub side: u16,
    /// The place in that side's chain; 0 is the writing producer.
    pub place: u16,
    /// Whether it has the assigned part of the place (pay.md §4).
    pub assigned: bool,
}

/// One writing side with everything that its earnings are computed from.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// The cumulative share before this side: S(i−1).
    pub from: Rate,
    /// The cumulative share with this side: S(i).
    pub through: Rate,
    /// The places, from the writing producer to the top.
    pub places: Arc<Places>,
}

/// What a payee has of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of it.
    Whole,
    /// What the producer keeps of an assigned commission: this part.
    Kept(Rate),
    /// The rest of what the payee before it keeps.
    Assigned,
}

/// A payee of a side: which place, and what of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seat {
    /// The index of the place.
    pub place: usize,
    pub part: Part,
}

fn seats(places: &[FrozenPlace]) -> impl Iterator<Item = Seat> + '_ {
    places.iter().enumerate().flat_map(|(place, frozen)| {
        let (part, other) = match frozen.assigned {
            None => (Part::Whole, None),
            Some(assigned) => (Part::Kept(assigned.keeps), Some(Part::Assigned)),
        };
        [Some(part), other].into_iter().flatten().map(move |part| Seat { place, part })
    })
}

/// The places of a side and their rates; shared by all policies with the same ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Places {
    /// Who, at what level, with what advance.
    pub frozen: Vec<FrozenPlace>,
    /// Each place's own rate in year 1.
    pub own_first_year: Vec<Rate>,
    /// Who is paid at which of the places, in order.
    seats: Vec<Seat>,
    /// From which policy year on which effective rates hold (the highest of a place's and all below).
    schedule: Vec<(u32, Vec<Rate>)>,
}

impl Places {
    /// The places with their effective rates, of the grid's bands of each place's level.
    pub fn new(frozen: Vec<FrozenPlace>, bands: &[&[Band]]) -> Places {
        let mut starts = vec![1u32];
        for band in bands.iter().copied().flatten() {
            starts.push(u32::from(band.years.first).max(1));
            starts.extend(band.years.last.map(|last| u32::from(last) + 1));
        }
        starts.sort_unstable();
        starts.dedup();
        let effective = |year: u32| {
            let mut highest = Rate::ZERO;
            bands
                .iter()
                .map(|bands| {
                    highest = highest.max(rate_in(bands, year));
                    highest
                })
                .collect::<Vec<Rate>>()
        };
        let mut schedule: Vec<(u32, Vec<Rate>)> = Vec::new();
        for start in starts {
            let rates = effective(start);
            if schedule.last().is_none_or(|(_, before)| *before != rates) {
                schedule.push((start, rates));
            }
        }
        let own_first_year = bands.iter().map(|bands| rate_in(bands, 1)).collect();
        let seats = seats(&frozen).collect();
        Places { frozen, own_first_year, seats, schedule }
    }

    /// Who is paid at which of the places, in order.
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// The effective rates of a policy year (from 1), place by place.
    pub fn rates(&self, year: u32) -> &[Rate] {
        let after = self.schedule.partition_point(|(start, _)| *start <= year);
        after.checked_sub(1).and_then(|i| self.schedule.get(i)).map_or(&[], |(_, rates)| rates)
    }
}

/// Everything that a policy's timeline is computed from, besides its facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// The issue date.
    pub issue: Day,
    /// The premium of a year.
    pub annual_premium: Cents,
    /// The months that a premium pays for where it does not say.
    pub months_by_mode: u8,
    /// The writing sides.
    pub sides: Vec<Side>,
    /// The grid's chargeback table.
    pub chargeback: Arc<[ChargebackRow]>,
    /// Which months its rows speak of.
    pub chargeback_months: ChargebackMonths,
}

impl Terms {
    /// The number of a side's writing place, where this producer stands there.
    pub fn writing_place(&self, side: u16, producer: ProducerId) -> Option<usize> {
        let side = usize::from(side);
        let first = self.sides.get(side)?.places.frozen.first()?;
        let before = self.sides.iter().take(side).map(|side| side.places.seats().len()).sum();
        (first.producer == producer).then_some(before)
    }

    /// Who assigned what to whom at the place that a producer stands at as one of the two, where it stands at no other as
    /// a whole.
    pub fn assignment_of(&self, producer: ProducerId) -> Option<(ProducerId, Assigned)> {
        let places = || self.sides.iter().flat_map(|side| &side.places.frozen);
        if places().any(|place| place.producer == producer && place.assigned.is_none()) {
            return None;
        }
        places().find_map(|place| {
            let assigned = place.assigned?;
            (place.producer == producer || assigned.to == producer).then_some((place.producer, assigned))
        })
    }

    /// Whether any place of it assigns a part.
    pub fn assigns(&self) -> bool {
        self.sides.iter().any(|side| side.places.seats().len() != side.places.frozen.len())
    }

    /// The payees, numbered through all sides.
    pub fn payees(&self) -> impl Iterator<Item = Payee> + '_ {
        payees(self.sides.iter().map(|side| side.places.frozen.as_slice()))
    }
}

impl FrozenChain {
    /// The payees, numbered through all sides.
    pub fn payees(&self) -> impl Iterator<Item = Payee> + '_ {
        payees(self.sides.iter().map(Vec::as_slice))
    }
}

fn payees<'a>(sides: impl Iterator<Item = &'a [FrozenPlace]> + 'a) -> impl Iterator<Item = Payee> + 'a {
    sides.enumerate().flat_map(|(side, places)| {
        seats(places).filter_map(move |seat| {
            let frozen = places.get(seat.place)?;
            let (producer, assigned) = match (seat.part, frozen.assigned) {
                (Part::Assigned, Some(assigned)) => (assigned.to, true),
                _ => (frozen.producer, false),
            };
            Some(Payee { producer, side: narrow(side), place: narrow(seat.place), assigned })
        })
    })
}

/// The number of each payee of a restated chain among all that a policy ever had; those that it had not are
/// added to `known`. Who wrote a side before, or stood above on it, keeps its number: only differences are
/// posted (rules §8). `None` beyond what can be numbered.
pub fn renumbered(known: &mut Vec<Payee>, restated: impl Iterator<Item = Payee>) -> Option<Vec<u16>> {
    let mut numbers = Vec::new();
    for payee in restated {
        let same = |known: &Payee| {
            let stands_alike = (known.place == 0) == (payee.place == 0);
            let seated_alike = known.assigned == payee.assigned && stands_alike;
            known.side == payee.side && known.producer == payee.producer && seated_alike
        };
        let found = (0u16..).zip(known.iter()).find(|(number, k)| same(k) && !numbers.contains(number));
        let number = match found {
            Some((number, _)) => number,
            None => {
                let number = u16::try_from(known.len()).ok()?;
                known.push(payee);
                number
            }
        };
        numbers.push(number);
    }
    Some(numbers)
}

/// Sides and places are limited far below this when a policy is issued.
fn narrow(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::grid::Span;

    #[test]
    fn effective_rates_are_the_highest_so_far_in_every_year() {
        let band = |years: &str, rate: &str| Band {
            years: Span::parse(years).unwrap(),
            rate: Rate::parse(rate).unwrap(),
        };
        let writing = vec![band("1", "1.20"), band("2-10", "0.02")];
        let upline = vec![band("1", "1.15"), band("2+", "0.03")];
        let places = Places::new(Vec::new(), &[&writing, &upline]);
        let rates = |year| places.rates(year).iter().map(Rate::to_string).collect::<Vec<_>>();
        assert_eq!(rates(1), ["1.20", "1.20"]);
        assert_eq!(rates(2), ["0.02", "0.03"]);
        assert_eq!(rates(10), ["0.02", "0.03"]);
        assert_eq!(rates(11), ["0.00", "0.03"]);
        assert_eq!(rates(400), ["0.00", "0.03"]);
    }
}
