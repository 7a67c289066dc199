//! §8: what is open of a debt, what a repayment pays off, and where debt rolls up to.

use super::Log;
use super::chains::chain_now;
use super::entries::{Entry, Line, event_by_event};
use crate::chain::FrozenChain;
use crate::event::{Event, Position};
use crate::fact::{AgentReleased, Body, DebtRolledUp, DebtTerms};
use crate::money::Total;
use crate::names::{CarrierId, PolicyId, ProducerId};
use crate::posting::Account;
use crate::time::Day;
use std::collections::BTreeMap;

/// What moves up with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moved {
    /// Of which policy.
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
        let above = chain_now(&log, policy, issue).and_then(|chain| above(&chain, producer));
        if let Some(to) = above.filter(|_| open > 0 && carrier.is_none_or(|carrier| carrier == of)) {
            found.push(Moved { policy, from: producer, to, amount: Total(open) });
        }
    }
    found
}

/// Who stands above the producer's first place, in side order, that has one above it.
fn above(chain: &FrozenChain, producer: ProducerId) -> Option<ProducerId> {
    let pairs = chain.sides.iter().flat_map(|places| places.iter().zip(places.iter().skip(1)));
    pairs.into_iter().find(|(place, _)| place.producer == producer).map(|(_, above)| above.producer)
}

/// "*Open* debt of a policy on a date is its smallest balance from that date on, as known, if positive."
fn open_debt(entries: &[Entry], debt: Account, on: Day) -> i128 {
    balances_from(entries, debt, on).into_iter().min().unwrap_or(0).max(0)
}

/// What stands to a producer's credit: of each debt that stays below zero, how far (§8: "the pay run nets").
pub(super) fn credits(entries: &[Entry], producer: ProducerId, on: Day) -> BTreeMap<Account, i128> {
    let credit = |account| -balances_from(entries, account, on).into_iter().max().unwrap_or(0).min(0);
    let credits = debts(entries, producer, None).into_iter().map(|account| (account, credit(account)));
    credits.filter(|(_, credit)| *credit != 0).collect()
}

/// The balance of an account on a day, and of every later day on which it moves.
fn balances_from(entries: &[Entry], debt: Account, on: Day) -> Vec<i128> {
    let mut by_day: BTreeMap<Day, i128> = BTreeMap::from([(on, 0)]);
    for entry in entries.iter().filter(|entry| entry.line == Line::Account(debt)) {
        *by_day.entry(entry.dated.max(on)).or_default() += entry.amount;
    }
    let mut balance = 0;
    let moved = |moved: &i128| {
        balance += moved;
        balance
    };
    by_day.values().map(moved).collect()
}

/// A chargeback that a producer owes: a day on which the debt of a policy rose.
struct Owed {
    day: Day,
    /// The log position of the first entry of that policy and day.
    position: Position,
    account: Account,
    amount: i128,
}

/// What a repayment pays off, by account: "oldest chargeback first (by date, then log position)", of each
/// policy at most its open debt.
pub(super) fn paid(
    entries: &[Entry],
    producer: ProducerId,
    carrier: Option<CarrierId>,
    on: Day,
    amount: i128,
) -> BTreeMap<Account, i128> {
    let mut owed = Vec::new();
    for account in debts(entries, producer, carrier) {
        owed.extend(still_owed(entries, account, on));
    }
    owed.sort_by_key(|owed| (owed.day, owed.position));
    let mut left = amount;
    let mut paid: BTreeMap<Account, i128> = BTreeMap::new();
    for owed in owed {
        let pays = owed.amount.min(left);
        left -= pays;
        *paid.entry(owed.account).or_default() += pays;
    }
    paid.retain(|_, amount| *amount != 0);
    paid
}

/// The debt accounts of a producer, with a carrier or with all; also those that adjustments made, on no policy:
/// payable is only what is "beyond all debt".
fn debts(entries: &[Entry], producer: ProducerId, carrier: Option<CarrierId>) -> Vec<Account> {
    let of_producer = |line: Line| match line {
        Line::Account(account @ Account::Debt(who, of, _)) => {
            (who == producer && (carrier.is_none() || carrier == of)).then_some(account)
        }
        _ => None,
    };
    let mut accounts: Vec<Account> = entries.iter().filter_map(|entry| of_producer(entry.line)).collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

/// What of a policy's chargebacks is still owed. What was paid off, was paid off oldest first; so what is open
/// is of the youngest.
fn still_owed(entries: &[Entry], account: Account, on: Day) -> Vec<Owed> {
    let mut open = open_debt(entries, account, on);
    let mut by_day: BTreeMap<Day, (Position, i128)> = BTreeMap::new();
    for entry in entries.iter().filter(|e| e.line == Line::Account(account) && e.dated <= on) {
        let (_, net) = by_day.entry(entry.dated).or_insert((entry.position, 0));
        *net += entry.amount;
    }
    let mut owed = Vec::new();
    for (day, (position, net)) in by_day.into_iter().rev() {
        let amount = net.min(open);
        if amount > 0 {
            open -= amount;
            owed.push(Owed { day, position, account, amount });
        }
    }
    owed
}
