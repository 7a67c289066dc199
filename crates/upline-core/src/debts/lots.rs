//! Who owes what of which policy since when: where repayments go, and what a roll-up moves (rules §8).

use crate::policy::premium_status::Overflow;
use crate::recorded::event::Position;
use crate::recorded::posting::{Account, PostingKind};
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{CarrierId, PolicyId, ProducerId};
use crate::vocabulary::time::Day;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// Which debt of a producer: by carrier and policy, where it has them.
pub type DebtKey = (Option<CarrierId>, Option<PolicyId>);

/// The dated changes of every debt account, as posted so far.
#[derive(Clone, Debug, Default)]
pub struct Debts {
    changes: HashMap<ProducerId, BTreeMap<DebtKey, Vec<Change>>>,
}

#[derive(Clone, Copy, Debug)]
struct Change {
    dated: Day,
    position: Position,
    amount: Cents,
}

/// A part of an open debt that came at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lot {
    /// When it came.
    pub dated: Day,
    /// The position of the event that brought it.
    pub position: Position,
    /// Of which debt it is.
    pub key: DebtKey,
    pub open: Cents,
}

/// Whether a kind of posting can touch a debt account; most postings cannot.
pub fn touches_debt(kind: PostingKind) -> bool {
    matches!(
        kind,
        PostingKind::Chargeback
            | PostingKind::CarrierChargeback
            | PostingKind::Covered
            | PostingKind::RolledUp
            | PostingKind::Repaid
            | PostingKind::AdjustedDebt
            | PostingKind::PaidDebt
    )
}

impl Debts {
    /// Notes what was posted to an account; others than debt are passed over. Debit is positive.
    pub fn note(&mut self, account: Account, dated: Day, position: Position, amount: Cents) {
        if let Account::Debt(producer, carrier, policy) = account {
            let changes = self.changes.entry(producer).or_default().entry((carrier, policy)).or_default();
            let place =
                changes.partition_point(|change| (change.dated, change.position) <= (dated, position));
            changes.insert(place, Change { dated, position, amount });
        }
    }

    /// The open debts of a producer on a day — with one carrier, or with all — oldest first: each is the
    /// smallest balance from that day on, as known, if positive, and the oldest parts are paid off first.
    pub fn open(
        &self,
        producer: ProducerId,
        carrier: Option<CarrierId>,
        on: Day,
    ) -> Result<Vec<Lot>, Overflow> {
        let mut lots = Vec::new();
        for (key, changes) in self.changes.get(&producer).into_iter().flatten() {
            if carrier.is_some() && key.0 != carrier {
                continue;
            }
            open_lots(*key, changes, on, &mut lots).ok_or(Overflow)?;
        }
        lots.sort_by_key(|lot| (lot.dated, lot.position));
        Ok(lots)
    }

    /// What stands to a producer's credit on a day: debts that stay below zero from that day on, as known, because
    /// what was paid off fell later. In the order of their keys.
    pub fn credits(&self, producer: ProducerId, on: Day) -> Result<Vec<(DebtKey, Cents)>, Overflow> {
        let mut credits = Vec::new();
        for (key, changes) in self.changes.get(&producer).into_iter().flatten() {
            let (_, most) = extremes(changes, on).ok_or(Overflow)?;
            if most < Cents::ZERO {
                credits.push((*key, Cents::ZERO.checked_sub(most).ok_or(Overflow)?));
            }
        }
        Ok(credits)
    }
}

/// Of the balance from a day on, as known: where it stands on that day, the smallest and the largest.
fn extremes(changes: &[Change], on: Day) -> Option<(Cents, Cents)> {
    let (past, future) = changes.split_at_checked(changes.partition_point(|change| change.dated <= on))?;
    let add = |balance: Cents, changes: &[Change]| {
        changes.iter().try_fold(balance, |sum, change| sum.checked_add(change.amount))
    };
    let mut balance = add(Cents::ZERO, past)?;
    let (mut least, mut most) = (balance, balance);
    for day in future.chunk_by(|a, b| a.dated == b.dated) {
        balance = add(balance, day)?;
        (least, most) = (least.min(balance), most.max(balance));
    }
    Some((least, most))
}

fn open_lots(key: DebtKey, changes: &[Change], on: Day, lots: &mut Vec<Lot>) -> Option<()> {
    let (open, _) = extremes(changes, on)?;
    if !open.is_positive() {
        return Some(());
    }
    let past = changes.get(..changes.partition_point(|change| change.dated <= on))?;
    // The youngest increases make up what is open; what came before them has been paid off.
    let mut left = open;
    for day in past.chunk_by(|a, b| a.dated == b.dated).rev() {
        let mut net = Cents::ZERO;
        for change in day {
            net = net.checked_add(change.amount)?;
        }
        if net.is_positive() && left.is_positive() {
            let part = net.min(left);
            left = left.checked_sub(part)?;
            let first = day.iter().find(|change| change.amount.is_positive()).or(day.first())?;
            lots.push(Lot { dated: first.dated, position: first.position, key, open: part });
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: ProducerId = ProducerId(0);

    fn debts(changes: &[(u32, i32, i64)]) -> Debts {
        let mut debts = Debts::default();
        for (position, (policy, dated, amount)) in (1..).zip(changes) {
            let account = Account::Debt(WHO, Some(CarrierId(0)), Some(PolicyId(*policy)));
            debts.note(account, Day(*dated), position, Cents(*amount));
        }
        debts
    }

    fn check(changes: &[(u32, i32, i64)], on: i32, expected: &[(u32, i32, i64)]) {
        let found = debts(changes).open(WHO, None, Day(on)).unwrap();
        let found: Vec<_> =
            found.iter().map(|lot| (lot.key.1.map_or(0, |p| p.0), lot.dated.0, lot.open.0)).collect();
        assert_eq!(found, expected, "{changes:?} on {on}");
    }

    #[test]
    fn the_oldest_chargeback_comes_first_whatever_its_policy() {
        check(&[(1, 10, 100), (2, 5, 50), (1, 7, 30)], 20, &[(2, 5, 50), (1, 7, 30), (1, 10, 100)]);
    }

    #[test]
    fn what_was_paid_off_is_the_oldest() {
        check(&[(1, 5, 100), (1, 10, 300), (1, 12, -150)], 20, &[(1, 10, 250)]);
        check(&[(1, 5, 100), (1, 10, 300), (1, 12, -50)], 20, &[(1, 5, 50), (1, 10, 300)]);
    }

    #[test]
    fn covered_money_lowers_the_chargeback_that_it_covers() {
        check(&[(1, 5, 100), (1, 10, 300), (1, 10, -150)], 20, &[(1, 5, 100), (1, 10, 150)]);
    }

    #[test]
    fn open_is_only_what_stays_open() {
        check(&[(1, 5, 100), (1, 30, -80)], 20, &[(1, 5, 20)]);
        check(&[(1, 5, 100), (1, 30, -100), (1, 40, 100)], 20, &[]);
        check(&[(1, 30, 100)], 20, &[]);
    }

    #[test]
    fn what_was_paid_off_and_fell_later_is_a_credit() {
        let credits = |changes, on| {
            let found = debts(changes).credits(WHO, Day(on)).unwrap();
            found.iter().map(|(key, credit)| (key.1.map_or(0, |p| p.0), credit.0)).collect::<Vec<_>>()
        };
        let fell = [(1, 5, 100), (1, 6, -100), (1, 7, -30), (2, 5, 80)];
        assert_eq!(credits(&fell, 20), [(1, 30)]);
        assert_eq!(credits(&fell, 6), []);
        // Only what stays one.
        assert_eq!(credits(&[(1, 5, -30), (1, 30, 20)], 20), [(1, 10)]);
        assert_eq!(credits(&[(1, 5, -30), (1, 30, 50)], 20), []);
    }
}
