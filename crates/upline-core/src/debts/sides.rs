//! Whose of two payers an amount is: the house's, or the carrier's that pays the producer itself (pay.md §2).
//!
//! # Shape
//! An account of a producer with a carrier is two accounts in one, a *side* for each payer. What moves on it goes by its
//! day to the side of who paid the producer then; what is paid out or paid back is taken of the side of who pays.
//!
//! # Correctness
//! Both sides add up to the account on every day. What is taken beyond its side is taken of the other as far as that
//! reaches, so that nothing that was paid once is due again, though a route is learned late.

use crate::fact::PaidBy;
use crate::recorded::posting::PostingKind;
use crate::vocabulary::as_of::Position;
use crate::vocabulary::time::Day;

/// By whom an amount on an account is paid or owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// By who paid the producer on its day.
    Route,
    /// By the house, whatever the route.
    House,
    /// It is taken of one side, or of the other where that has no more.
    Taken(Option<PaidBy>),
}

/// Something that moved on an account, in its natural sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub dated: Day,
    pub position: Position,
    /// In cents.
    pub amount: i128,
    pub kind: PostingKind,
}

impl Move {
    fn source(&self) -> Source {
        match self.kind {
            PostingKind::PartTaken | PostingKind::PaidDebt | PostingKind::Repaid => {
                Source::Taken(Some(PaidBy::House))
            }
            PostingKind::PartTakenByCarrier | PostingKind::PaidDebtByCarrier => {
                Source::Taken(Some(PaidBy::Carrier))
            }
            // What rolls up leaves one producer, and comes to another.
            PostingKind::RolledUp if self.amount < 0 => Source::Taken(None),
            PostingKind::AdjustedPayable
            | PostingKind::AdjustedDebt
            | PostingKind::RepaidBeyond
            | PostingKind::AcceptedPayable
            | PostingKind::AcceptedDebt => Source::House,
            _ => Source::Route,
        }
    }
}

/// What moved on the two sides of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    pub house: Vec<Move>,
    pub carrier: Vec<Move>,
}

/// The two sides of an account, of what moved on it by day, then position.
pub fn sides(moves: &[Move], paid_by: impl Fn(Day) -> PaidBy) -> Sides {
    let mut sides = Sides::default();
    let mut balances = [0i128; 2];
    for day in moves.chunk_by(|a, b| a.dated == b.dated) {
        let route = day.first().map(|first| paid_by(first.dated)).unwrap_or_default();
        let mut put = |of: &Move, side: PaidBy, amount: i128, balances: &mut [i128; 2]| {
            let (list, balance) = match (side, balances) {
                (PaidBy::House, [house, _]) => (&mut sides.house, house),
                (PaidBy::Carrier, [_, carrier]) => (&mut sides.carrier, carrier),
            };
            *balance += amount;
            list.push(Move { amount, ..*of });
        };
        // A day counts when it is over: what comes in on it is there to be taken.
        for of in day {
            match of.source() {
                Source::Route => put(of, route, of.amount, &mut balances),
                Source::House => put(of, PaidBy::House, of.amount, &mut balances),
                Source::Taken(_) => {}
            }
        }
        for of in day {
            let Source::Taken(side) = of.source() else { continue };
            let side = side.unwrap_or(route);
            let (own, other, other_side) = match (side, balances) {
                (PaidBy::House, [house, carrier]) => (house, carrier, PaidBy::Carrier),
                (PaidBy::Carrier, [house, carrier]) => (carrier, house, PaidBy::House),
            };
            let beyond = of.amount + reached(own, of.amount);
            let of_other = -reached(other, beyond);
            put(of, side, of.amount - of_other, &mut balances);
            if of_other != 0 {
                put(of, other_side, of_other, &mut balances);
            }
        }
    }
    sides
}

/// How much of a balance an amount against it reaches: with the sign of the balance.
fn reached(balance: i128, amount: i128) -> i128 {
    if amount < 0 { balance.clamp(0, -amount) } else { balance.clamp(-amount, 0) }
}

/// The smallest of a balance from a day on, of changes in the order of their days.
pub fn smallest_from(on: Day, changes: impl Iterator<Item = (Day, i128)>) -> i128 {
    let (mut balance, mut smallest, mut day) = (0, None, on);
    for (dated, amount) in changes {
        // A day counts when it is over.
        if dated > day {
            smallest = Some(smallest.map_or(balance, |least: i128| least.min(balance)));
            day = dated;
        }
        balance += amount;
    }
    smallest.map_or(balance, |least| least.min(balance))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(moves: &[(i32, PostingKind, i128)], carrier_from: i32) -> (i128, i128) {
        let moves: Vec<Move> = (1..)
            .zip(moves)
            .map(|(position, (day, kind, amount))| Move {
                dated: Day(*day),
                position,
                amount: *amount,
                kind: *kind,
            })
            .collect();
        let paid_by = |day: Day| if day.0 >= carrier_from { PaidBy::Carrier } else { PaidBy::House };
        let Sides { house, carrier } = sides(&moves, paid_by);
        let sum = |side: &[Move]| side.iter().map(|of| of.amount).sum();
        (sum(&house), sum(&carrier))
    }

    use PostingKind::{AdjustedPayable, Advance, PaidDebt, PartTaken, PartTakenByCarrier, RolledUp};

    #[test]
    fn an_amount_goes_by_its_day_and_adjustments_are_the_houses() {
        assert_eq!(split(&[(5, Advance, 90), (15, Advance, 11), (20, AdjustedPayable, 3)], 10), (93, 11));
    }

    #[test]
    fn what_is_taken_beyond_a_side_is_of_the_other_as_far_as_it_reaches() {
        // Paid by the house before the route was known: not due again by the carrier.
        assert_eq!(split(&[(15, Advance, 90), (20, PartTaken, -90)], 10), (0, 0));
        assert_eq!(split(&[(5, Advance, 50), (15, Advance, 90), (20, PartTaken, -100)], 10), (0, 40));
        assert_eq!(split(&[(5, Advance, 50), (20, PartTaken, -100)], 10), (-50, 0));
        assert_eq!(
            split(&[(5, Advance, 50), (15, Advance, 90), (20, PartTakenByCarrier, -60)], 10),
            (50, 30)
        );
    }

    #[test]
    fn what_stands_below_zero_is_brought_to_zero_on_its_side_first() {
        assert_eq!(split(&[(5, Advance, -40), (20, PartTaken, 40)], 10), (0, 0));
        assert_eq!(split(&[(15, Advance, -40), (20, PartTaken, 40)], 10), (0, 0));
        assert_eq!(split(&[(20, PartTaken, 40)], 10), (40, 0));
    }

    #[test]
    fn debt_that_rolls_up_leaves_the_side_of_its_day_first() {
        assert_eq!(split(&[(5, Advance, 30), (15, Advance, 50), (20, RolledUp, -80)], 10), (0, 0));
        assert_eq!(split(&[(5, Advance, 30), (15, Advance, 50), (20, RolledUp, -60)], 10), (20, 0));
        assert_eq!(split(&[(5, Advance, 30), (20, RolledUp, 60), (21, PaidDebt, -30)], 10), (0, 60));
    }
}
