//! §8: what is open of a debt, and what a repayment pays off.

use super::Log;
use super::routes::{paid_by, sides};
use super::sheet::{Entry, Line};
use crate::fact::PaidBy;
use crate::recorded::event::Position;
use crate::recorded::posting::Account;
use crate::vocabulary::names::{CarrierId, ProducerId};
use crate::vocabulary::time::Day;
use std::collections::BTreeMap;

/// "*Open* debt of a policy on a date is its smallest balance from that date on, as known, if positive."
pub(super) fn open_debt(entries: &[Entry], debt: Account, on: Day) -> i128 {
    balances_from(entries, debt, on).into_iter().min().unwrap_or(0).max(0)
}

/// Entries of a debt that are paid off together.
pub(super) type Strand = (Account, Vec<Entry>);

/// All debts of a producer, with a carrier or with all, also those that adjustments made, on no policy: payable is only
/// what is "beyond all debt".
pub(super) fn debts(entries: &[Entry], producer: ProducerId, carrier: Option<CarrierId>) -> Vec<Strand> {
    let mut strands: BTreeMap<Account, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        match entry.line {
            Line::Account(account @ Account::Debt(who, of, _))
                if who == producer && (carrier.is_none() || carrier == of) =>
            {
                strands.entry(account).or_default().push(*entry);
            }
            _ => {}
        }
    }
    strands.into_iter().collect()
}

/// The debts of a producer that a payout recovers: "each payer recovers the debt of its side … While the route of the
/// run's day is the house's, what its carrier leaves is the house's too" (pay.md §2).
pub(super) fn debts_to(
    (log, known): (&Log, Position),
    entries: &[Entry],
    producer: ProducerId,
    payer: Option<CarrierId>,
    on: Day,
) -> Vec<Strand> {
    let mut found = Vec::new();
    for (account, entries) in debts(entries, producer, None) {
        let Account::Debt(_, Some(carrier), _) = account else {
            found.extend(payer.is_none().then_some((account, entries)));
            continue;
        };
        let (house, of_carrier) = sides(&entries, |day| paid_by(log, known, producer, carrier, day));
        let takes_house = payer.is_none();
        let takes_carrier = payer == Some(carrier)
            || (takes_house && paid_by(log, known, producer, carrier, on) == PaidBy::House);
        found.extend(takes_house.then_some((account, house)));
        found.extend(takes_carrier.then_some((account, of_carrier)));
    }
    found
}

/// What stands to a producer's credit: of each debt that stays below zero, how far (§8: "the pay run nets").
pub(super) fn credits(strands: &[Strand], on: Day) -> BTreeMap<Account, i128> {
    let mut credits = BTreeMap::new();
    for (account, entries) in strands {
        let credit = -balances_from(entries, *account, on).into_iter().max().unwrap_or(0).min(0);
        *credits.entry(*account).or_default() += credit;
    }
    credits.retain(|_, credit| *credit != 0);
    credits
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

/// What is paid off, by account: "oldest chargeback first (by date, then log position)", of each policy at most its open
/// debt.
pub(super) fn paid(strands: &[Strand], on: Day, amount: i128) -> BTreeMap<Account, i128> {
    let mut owed = Vec::new();
    for (account, entries) in strands {
        owed.extend(still_owed(entries, *account, on));
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
