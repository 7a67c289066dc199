//! Who owes what of which policy since when, and to whom: where repayments and payouts go, and what a roll-up moves
//! (rules §8, pay.md §2).

use super::sides::{Move, sides};
use crate::fact::PaidBy;
use crate::policy::premium_status::Overflow;
use crate::recorded::event::Position;
use crate::recorded::posting::{Account, PostingKind};
use crate::terms::routes::Routes;
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{CarrierId, PolicyId, ProducerId};
use crate::vocabulary::time::Day;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// Which debt of a producer: by carrier and policy, where it has them.
pub type DebtKey = (Option<CarrierId>, Option<PolicyId>);

/// What moved on every debt account, as posted so far.
#[derive(Clone, Debug, Default)]
pub struct Debts {
    moves: HashMap<ProducerId, BTreeMap<DebtKey, Vec<Move>>>,
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

/// Who recovers debt by a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payer {
    House,
    Carrier(CarrierId),
}

/// What a producer owes to a payer, and what stands to its credit there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// Oldest first.
    pub lots: Vec<Lot>,
    /// Debts that stay below zero, because what was paid off fell later, in the order of their keys.
    pub credits: Vec<(DebtKey, Cents)>,
}

impl Owed {
    /// All that is owed. `None` on an overflow.
    pub fn debt(&self) -> Option<Cents> {
        self.lots.iter().try_fold(Cents::ZERO, |sum, lot| sum.checked_add(lot.open))
    }

    /// All that stands to its credit. `None` on an overflow.
    pub fn credit(&self) -> Option<Cents> {
        self.credits.iter().try_fold(Cents::ZERO, |sum, (_, credit)| sum.checked_add(*credit))
    }
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
            | PostingKind::PaidDebtByCarrier
            | PostingKind::OpenedDebt
            | PostingKind::AcceptedDebt
    )
}

impl Debts {
    /// Notes what was posted to an account; others than debt are passed over. Debit is positive.
    pub fn note(
        &mut self,
        account: Account,
        dated: Day,
        position: Position,
        amount: Cents,
        kind: PostingKind,
    ) {
        if let Account::Debt(producer, carrier, policy) = account {
            let moves = self.moves.entry(producer).or_default().entry((carrier, policy)).or_default();
            let place = moves.partition_point(|moved| (moved.dated, moved.position) <= (dated, position));
            moves.insert(place, Move { dated, position, amount: i128::from(amount.0), kind });
        }
    }

    /// The open debts of a producer on a day — with one carrier, or with all — oldest first, whoever recovers them: each
    /// is the smallest balance from that day on, as known, if positive, and the oldest parts are paid off first.
    pub fn open(
        &self,
        producer: ProducerId,
        carrier: Option<CarrierId>,
        on: Day,
    ) -> Result<Vec<Lot>, Overflow> {
        let mut lots = Vec::new();
        for (key, moves) in self.moves.get(&producer).into_iter().flatten() {
            if carrier.is_none() || key.0 == carrier {
                open_lots(*key, moves, on, &mut lots).ok_or(Overflow)?;
            }
        }
        lots.sort_by_key(|lot| (lot.dated, lot.position));
        Ok(lots)
    }

    /// What a producer owes to a payer on a day, as known. While the house pays it on that day, the house has what a
    /// carrier's side still owes as well.
    pub fn owed(
        &self,
        producer: ProducerId,
        payer: Payer,
        on: Day,
        routes: &Routes,
    ) -> Result<Owed, Overflow> {
        let mut owed = Owed::default();
        for (key, moves) in self.moves.get(&producer).into_iter().flatten() {
            let mut take = |moves: &[Move]| {
                open_lots(*key, moves, on, &mut owed.lots)?;
                let (_, most) = extremes(moves, on);
                if most < 0 {
                    owed.credits.push((*key, cents(-most)?));
                }
                Some(())
            };
            let carrier = key.0.filter(|_| !routes.is_trivial());
            match (payer, carrier) {
                (Payer::House, None) => take(moves).ok_or(Overflow)?,
                (Payer::House, Some(carrier)) => {
                    let of = sides(moves, |day| routes.paid_by(producer, carrier, day));
                    take(&of.house).ok_or(Overflow)?;
                    if routes.paid_by(producer, carrier, on) == PaidBy::House {
                        take(&of.carrier).ok_or(Overflow)?;
                    }
                }
                (Payer::Carrier(payer), Some(carrier)) if payer == carrier => {
                    let of = sides(moves, |day| routes.paid_by(producer, carrier, day));
                    take(&of.carrier).ok_or(Overflow)?;
                }
                (Payer::Carrier(_), _) => {}
            }
        }
        owed.lots.sort_by_key(|lot| (lot.dated, lot.position));
        Ok(owed)
    }
}

fn cents(amount: i128) -> Option<Cents> {
    i64::try_from(amount).ok().map(Cents)
}

/// Of the balance from a day on, as known: the smallest and the largest.
fn extremes(moves: &[Move], on: Day) -> (i128, i128) {
    let past = moves.partition_point(|moved| moved.dated <= on);
    let (past, future) = moves.split_at_checked(past).unwrap_or((moves, &[]));
    let mut balance: i128 = past.iter().map(|moved| moved.amount).sum();
    let (mut least, mut most) = (balance, balance);
    for day in future.chunk_by(|a, b| a.dated == b.dated) {
        balance += day.iter().map(|moved| moved.amount).sum::<i128>();
        (least, most) = (least.min(balance), most.max(balance));
    }
    (least, most)
}

fn open_lots(key: DebtKey, moves: &[Move], on: Day, lots: &mut Vec<Lot>) -> Option<()> {
    let (open, _) = extremes(moves, on);
    if open <= 0 {
        return Some(());
    }
    let past = moves.get(..moves.partition_point(|moved| moved.dated <= on))?;
    // The youngest increases make up what is open; what came before them has been paid off.
    let mut left = open;
    for day in past.chunk_by(|a, b| a.dated == b.dated).rev() {
        let net: i128 = day.iter().map(|moved| moved.amount).sum();
        if net > 0 && left > 0 {
            let part = net.min(left);
            left -= part;
            let first = day.iter().find(|moved| moved.amount > 0).or(day.first())?;
            lots.push(Lot { dated: first.dated, position: first.position, key, open: cents(part)? });
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
            debts.note(account, Day(*dated), position, Cents(*amount), PostingKind::Chargeback);
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
            let owed = debts(changes).owed(WHO, Payer::House, Day(on), &Routes::default()).unwrap();
            owed.credits.iter().map(|(key, credit)| (key.1.map_or(0, |p| p.0), credit.0)).collect::<Vec<_>>()
        };
        let fell = [(1, 5, 100), (1, 6, -100), (1, 7, -30), (2, 5, 80)];
        assert_eq!(credits(&fell, 20), [(1, 30)]);
        assert_eq!(credits(&fell, 6), []);
        // Only what stays one.
        assert_eq!(credits(&[(1, 5, -30), (1, 30, 20)], 20), [(1, 10)]);
        assert_eq!(credits(&[(1, 5, -30), (1, 30, 50)], 20), []);
    }
}
