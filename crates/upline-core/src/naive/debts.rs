//! §8: what is open of a debt, and what a repayment pays off.

use super::sheet::{Entry, Line};
use crate::recorded::event::Position;
use crate::recorded::posting::Account;
use crate::vocabulary::names::{CarrierId, ProducerId};
use crate::vocabulary::time::Day;
use std::collections::BTreeMap;

/// "*Open* debt of a policy on a date is its smallest balance from that date on, as known, if positive."
pub(super) fn open_debt(entries: &[Entry], debt: Account, on: Day) -> i128 {
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
