//! Lines of the books, and the amounts on them.

use super::routes::Source;
use crate::recorded::event::Position;
use crate::recorded::posting::Account;
use crate::vocabulary::names::{CarrierId, ProducerId};
use crate::vocabulary::time::Day;
use std::collections::BTreeMap;

/// A line of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Line {
    /// The balance of an account, debit positive.
    Account(Account),
    /// What an upline has from a writing producer with a carrier.
    Override((ProducerId, ProducerId, CarrierId), Column),
}

/// A column of the overrides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Earned,
    Advanced,
    ChargedBack,
    Unearned,
}

/// Amounts in cents by line.
pub(super) type Sheet = BTreeMap<Line, i128>;

/// An amount on a line from a day on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Where the event that caused it stands.
    pub(super) position: Position,
    pub(super) line: Line,
    pub(super) dated: Day,
    pub(super) amount: i128,
    /// Of whom it is, where it is of a debt.
    pub(super) source: Source,
}

/// What must be added to the first to have the second.
pub(super) fn difference(before: &Sheet, after: &Sheet) -> Sheet {
    let mut difference = after.clone();
    for (line, amount) in before {
        *difference.entry(*line).or_default() -= amount;
    }
    difference.retain(|_, amount| *amount != 0);
    difference
}
