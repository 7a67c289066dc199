//! Seats in the order in which balances are told: by the producer's code, then by the carrier's, none first.

use super::seats::{SeatId, Seats};
use std::ops::Range;
use upline_core::names::{CarrierId, Code, Id, ProducerId};

/// The order, and what is needed of each seat to add its cells up, one behind the other.
#[derive(Debug)]
pub(super) struct ByCode {
    /// Producers, each with where its seats end.
    producers: Vec<(ProducerId, usize)>,
    seats: Vec<(SeatId, Option<CarrierId>)>,
}

impl ByCode {
    /// The order of these seats.
    pub fn of(seats: &Seats) -> ByCode {
        let mut carriers: Vec<(&Code, CarrierId)> =
            seats.carriers.iter().map(|(id, code)| (code, id)).collect();
        carriers.sort_unstable();
        let mut ranks = vec![0usize; carriers.len()];
        for (rank, (_, id)) in (1..).zip(carriers) {
            if let Some(place) = ranks.get_mut(id.index()) {
                *place = rank;
            }
        }
        let mut named: Vec<(&Code, ProducerId)> =
            seats.producers.iter().map(|(id, (code, _))| (code, id)).collect();
        named.sort_unstable();
        let mut order = ByCode { producers: Vec::with_capacity(named.len()), seats: Vec::new() };
        for (_, producer) in named {
            let start = order.seats.len();
            let own = seats.of(producer).iter();
            order.seats.extend(own.filter_map(|id| Some((*id, seats.seats.get(*id)?.carrier))));
            let rank = |carrier: Option<CarrierId>| carrier.and_then(|id| ranks.get(id.index()).copied());
            if let Some(own) = order.seats.get_mut(start..) {
                own.sort_by_key(|(_, carrier)| rank(*carrier));
            }
            order.producers.push((producer, order.seats.len()));
        }
        order
    }

    /// The producers with their seats.
    pub fn producers(&self) -> impl Iterator<Item = (ProducerId, &[(SeatId, Option<CarrierId>)])> {
        let mut start = 0;
        self.producers.iter().map(move |(producer, end)| {
            let own: Range<usize> = start..*end;
            start = *end;
            (*producer, self.seats.get(own).unwrap_or_default())
        })
    }

    /// The producer whose code is this.
    pub fn find(&self, seats: &Seats, code: &Code) -> Option<ProducerId> {
        let there = |id: ProducerId| seats.producers.get(id).map(|(code, _)| code);
        let place = self.producers.binary_search_by(|(id, _)| there(*id).cmp(&Some(code)));
        place.ok().and_then(|place| self.producers.get(place)).map(|(id, _)| *id)
    }
}
