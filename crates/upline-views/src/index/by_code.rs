//! Holders in the order in which balances are told: by the producer's code, then by the carrier's, none first.

use super::holders::{HolderId, Holders};
use std::ops::Range;
use upline_core::names::{CarrierId, Code, Id, ProducerId};

/// The order, and what is needed of each holder to add its cells up, one behind the other.
#[derive(Debug)]
pub(super) struct ByCode {
    /// Producers, each with where its holders end.
    producers: Vec<(ProducerId, usize)>,
    holders: Vec<(HolderId, Option<CarrierId>)>,
}

impl ByCode {
    /// The order of these holders.
    pub fn of(holders: &Holders) -> ByCode {
        let mut carriers: Vec<(&Code, CarrierId)> =
            holders.carriers.iter().map(|(id, code)| (code, id)).collect();
        carriers.sort_unstable();
        let mut ranks = vec![0usize; carriers.len()];
        for (rank, (_, id)) in (1..).zip(carriers) {
            if let Some(place) = ranks.get_mut(id.index()) {
                *place = rank;
            }
        }
        let mut named: Vec<(&Code, ProducerId)> =
            holders.producers.iter().map(|(id, (code, _))| (code, id)).collect();
        named.sort_unstable();
        let mut order = ByCode { producers: Vec::with_capacity(named.len()), holders: Vec::new() };
        for (_, producer) in named {
            let start = order.holders.len();
            let own = holders.of(producer).iter();
            order.holders.extend(own.filter_map(|id| Some((*id, holders.holders.get(*id)?.carrier))));
            let rank = |carrier: Option<CarrierId>| carrier.and_then(|id| ranks.get(id.index()).copied());
            if let Some(own) = order.holders.get_mut(start..) {
                own.sort_by_key(|(_, carrier)| rank(*carrier));
            }
            order.producers.push((producer, order.holders.len()));
        }
        order
    }

    /// The producers with their holders.
    pub fn producers(&self) -> impl Iterator<Item = (ProducerId, &[(HolderId, Option<CarrierId>)])> {
        let mut start = 0;
        self.producers.iter().map(move |(producer, end)| {
            let own: Range<usize> = start..*end;
            start = *end;
            (*producer, self.holders.get(own).unwrap_or_default())
        })
    }

    /// The producer whose code is this.
    pub fn find(&self, holders: &Holders, code: &Code) -> Option<ProducerId> {
        let there = |id: ProducerId| holders.producers.get(id).map(|(code, _)| code);
        let place = self.producers.binary_search_by(|(id, _)| there(*id).cmp(&Some(code)));
        place.ok().and_then(|place| self.producers.get(place)).map(|(id, _)| *id)
    }
}
