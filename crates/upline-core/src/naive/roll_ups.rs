//! §8: where debt rolls up to.

use super::Log;
use super::chains::version_on;
use super::debts::open_debt;
use super::entries::event_by_event;
use crate::fact::{AgentReleased, Body, DebtRolledUp, DebtTerms};
use crate::recorded::event::{Event, Position};
use crate::recorded::posting::Account;
use crate::terms::chain::{FrozenChain, FrozenPlace};
use crate::vocabulary::money::Total;
use crate::vocabulary::names::{PolicyId, ProducerId};
use crate::vocabulary::time::Day;

/// What moves up with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moved {
    pub policy: PolicyId,
    /// From whom.
    pub from: ProducerId,
    /// To the next payee above.
    pub to: ProducerId,
    /// Its open debt, in cents.
    pub amount: Total,
}

/// The debt that must move up with the event at a position, by policy: a release whose debt rolls up, or a
/// roll-up by hand. Nothing for another event.
pub fn moved(events: &[(Position, &Event)], position: Position) -> Vec<Moved> {
    let Some((_, event)) = events.iter().find(|(at, _)| *at == position) else { return Vec::new() };
    let (producer, carrier) = match event.body {
        Body::AgentReleased(AgentReleased { producer, carrier, debt: DebtTerms::RollsUp, .. }) => {
            (producer, carrier)
        }
        Body::DebtRolledUp(DebtRolledUp { producer, carrier }) => (producer, Some(carrier)),
        _ => return Vec::new(),
    };
    // With the release itself: what is forfeited by it may move the debt too.
    let (log, entries) = (Log::read(events, position), event_by_event(events, position));
    let mut found = Vec::new();
    for (policy, issue) in log.issued_by(Day(i32::MAX)) {
        let of = issue.body.carrier;
        let open = open_debt(&entries, Account::Debt(producer, Some(of), Some(policy)), event.on);
        let chain = version_on(&log, policy, issue, Day(i32::MAX)).chain;
        let above = chain.and_then(|chain| above(&chain, producer));
        if let Some(to) = above.filter(|_| open > 0 && carrier.is_none_or(|carrier| carrier == of)) {
            found.push(Moved { policy, from: producer, to, amount: Total(open) });
        }
    }
    found
}

/// Who stands above the producer's first place, in side order, that has one above it. Who has an assigned part "stands at
/// the place that assigned and is no place above it: its debt goes to the next place above that is not its own".
fn above(chain: &FrozenChain, producer: ProducerId) -> Option<ProducerId> {
    for places in &chain.sides {
        let stands = |place: &&FrozenPlace| {
            place.producer == producer || place.assigned.is_some_and(|assigned| assigned.to == producer)
        };
        let mut from = places.iter().skip_while(|place| !stands(place));
        let own = from.next().is_some_and(|place| place.producer == producer);
        if let Some(above) = from.find(|place| own || place.producer != producer) {
            return Some(above.producer);
        }
    }
    None
}
