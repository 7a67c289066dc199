//! What carriers paid against what was expected of them, line by line.
//!
//! # Shape
//! [`reconcile`] takes what was expected and the statements in the order in which they came, and says of each line
//! and of each expected amount what became of it ([`Class`]). A later statement may pay what an earlier one left.
//!
//! # Correctness
//! A line pays at most one expected amount: of its policy, producer and kind, never a similar one. Every line stands
//! in one row, and so does every amount that falls due in a statement's time. For each producer and carrier
//! [`Sums::holds`]: expected + unexpected − missing − short + over = received.

use crate::event::Position;
use crate::money::{Cents, Total};
use crate::names::{Code, PolicyName};
use crate::rate::{Rate, portion};
use crate::statement::Class;
use crate::time::Day;
use hashbrown::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// What a line pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    /// An advance on the annual premium.
    Advance,
    /// Earned commission that goes against the advance: negative.
    Offset,
    /// Earned commission.
    Earned,
    /// Taken back on a stop: negative.
    Chargeback,
    /// Anything else; never expected.
    Adjustment,
}

crate::fact::words!(LineKind {
    Advance = "advance",
    Offset = "offset",
    Earned = "earned",
    Chargeback = "chargeback",
    Adjustment = "adjustment",
});

/// What the ledger expects of a carrier.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// On which policy.
    pub policy: PolicyName,
    /// To whom.
    pub producer: Code,
    /// What for.
    pub kind: LineKind,
    /// From which day on.
    pub due: Day,
    /// How much; negative is taken.
    pub amount: Cents,
    /// The event that made it expected.
    pub position: Position,
    /// Which of that event's amounts it is, from 1.
    pub ordinal: u32,
    /// The premium that it is a part of.
    pub premium: Option<Cents>,
}

/// A line of a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its number in the file.
    pub number: u32,
    /// Of which carrier.
    pub carrier: Code,
    /// The policy, where there is one of that number.
    pub policy: Option<PolicyName>,
    /// Whom it pays, where the writing number is somebody's.
    pub producer: Option<Code>,
    /// What for.
    pub kind: LineKind,
    /// When.
    pub on: Day,
    /// How much; negative is taken.
    pub amount: Cents,
    /// The premium that it says it is of.
    pub premium: Option<Cents>,
    /// The rate that it says it is at.
    pub rate: Option<Rate>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The first day of its time.
    pub from: Day,
    /// The last one.
    pub through: Day,
    /// The carriers that it is of, also those without a line.
    pub carriers: BTreeSet<Code>,
    /// What it can pay; of other kinds nothing is missing in it.
    pub kinds: BTreeSet<LineKind>,
    /// How far an amount may be off.
    pub tolerance: Cents,
    /// In how many days what is due is to be paid.
    pub days: u32,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// A line, or an expected amount, or both, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line, by its place among the statement's.
    pub line: Option<usize>,
    /// The expected amount, by its place among all.
    pub expected: Option<usize>,
    /// What was still expected of it, 0.00 where nothing was.
    pub due: Cents,
    /// What was received.
    pub received: Cents,
    /// What became of it.
    pub class: Class,
    /// Whether a later statement paid what this one left.
    pub settled_later: bool,
}

impl Row {
    /// Received less expected.
    pub fn difference(&self) -> Total {
        Total::from(self.received) - Total::from(self.due)
    }
}

/// The sums of a producer and carrier in a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Expected by now.
    pub expected: Total,
    /// Received without being expected.
    pub unexpected: Total,
    /// Expected and not received.
    pub missing: Total,
    /// Received less than expected, by so much.
    pub short: Total,
    /// Received more than expected, by so much.
    pub over: Total,
    /// Received.
    pub received: Total,
}

impl Sums {
    /// Adds a row.
    pub fn add(&mut self, row: &Row) {
        self.received += row.received;
        let (due, difference) = (Total::from(row.due), row.difference());
        match (row.line, row.expected) {
            _ if row.class == Class::Timing => {}
            (None, _) => {
                self.expected += due;
                self.missing += due;
            }
            (Some(_), None) => self.unexpected += row.received,
            (Some(_), Some(_)) => {
                self.expected += due;
                if difference.0 < 0 {
                    self.short += -difference;
                } else {
                    self.over += difference;
                }
            }
        }
    }

    /// Whether the sums are conserved, to the cent.
    pub fn holds(&self) -> bool {
        self.expected.0 + self.unexpected.0 - self.missing.0 - self.short.0 + self.over.0 == self.received.0
    }
}

type Key<'a> = (&'a PolicyName, &'a Code, LineKind);

/// What is still open, and what was paid, over the statements so far.
struct Matching<'a> {
    expected: &'a [Expected],
    /// What is still to come of each.
    left: Vec<Cents>,
    /// Whether a statement has told of it, as short or missing.
    told: Vec<bool>,
    by_key: HashMap<Key<'a>, Vec<usize>>,
    /// Whom a policy is expected to pay, by kind.
    producers: HashMap<(&'a PolicyName, LineKind), BTreeSet<&'a Code>>,
    /// Lines that paid what was expected.
    paid: HashSet<(Key<'a>, Day, Cents)>,
    /// Lines that paid another amount.
    off: HashSet<(Key<'a>, Day, Cents)>,
}

/// Says of every statement what became of its lines and of what was expected in its time. The rows of a statement
/// are its lines in their order, then what it did not pay, by policy, producer, kind and day.
pub fn reconcile(expected: &[Expected], statements: &[Statement]) -> Vec<Vec<Row>> {
    let mut matching = Matching::of(expected);
    let mut since: BTreeMap<&Code, Day> = BTreeMap::new();
    let mut all: Vec<Vec<Row>> = Vec::with_capacity(statements.len());
    for statement in statements {
        for carrier in &statement.carriers {
            let first = since.entry(carrier).or_insert(statement.from);
            *first = statement.from.min(*first);
        }
        all.push(matching.take(statement, &since));
    }
    for row in all.iter_mut().flatten() {
        let left = |i: usize| matching.left.get(i).copied();
        row.settled_later = matches!(row.class, Class::Short | Class::Missing | Class::WrongRate)
            && row.difference().0.signum() == -i128::from(row.due.0.signum())
            && row.expected.and_then(left) == Some(Cents::ZERO);
    }
    all
}

impl<'a> Matching<'a> {
    fn of(expected: &'a [Expected]) -> Matching<'a> {
        let mut by_key: HashMap<Key<'a>, Vec<usize>> = HashMap::new();
        let mut producers: HashMap<_, BTreeSet<&'a Code>> = HashMap::new();
        for (i, item) in expected.iter().enumerate() {
            by_key.entry((&item.policy, &item.producer, item.kind)).or_default().push(i);
            producers.entry((&item.policy, item.kind)).or_default().insert(&item.producer);
        }
        Matching {
            expected,
            left: expected.iter().map(|item| item.amount).collect(),
            told: vec![false; expected.len()],
            by_key,
            producers,
            paid: HashSet::new(),
            off: HashSet::new(),
        }
    }

    fn take(&mut self, statement: &'a Statement, since: &BTreeMap<&Code, Day>) -> Vec<Row> {
        let mut rows: Vec<Option<Row>> = vec![None; statement.lines.len()];
        // What is paid as expected goes first, so that no other line takes its place.
        for exact in [true, false] {
            for ((place, line), row) in statement.lines.iter().enumerate().zip(&mut rows) {
                if row.is_none() {
                    *row = self.take_line(statement, place, line, exact);
                }
            }
        }
        let mut rows: Vec<Row> = rows.into_iter().flatten().collect();
        rows.extend(self.unpaid(statement, since));
        rows
    }

    /// What becomes of a line: in the first pass only of one that pays exactly what is expected.
    fn take_line(&mut self, statement: &Statement, place: usize, line: &'a Line, exact: bool) -> Option<Row> {
        let row = |class, expected, due| {
            let (line, received) = (Some(place), line.amount);
            Some(Row { line, expected, due, received, class, settled_later: false })
        };
        let alone = |class| row(class, None, Cents::ZERO);
        // An adjustment is of no policy that must be known.
        if line.kind == LineKind::Adjustment && !exact {
            return alone(match line.producer {
                Some(_) => Class::Unexpected,
                None => Class::UnknownProducer,
            });
        }
        let (Some(policy), Some(producer)) = (&line.policy, &line.producer) else {
            let class = if line.policy.is_none() { Class::UnknownPolicy } else { Class::UnknownProducer };
            return if exact { None } else { alone(class) };
        };
        let key = (policy, producer, line.kind);
        let open = self.open(key, line, statement.days);
        let close = |i: &usize| {
            let left = self.left.get(*i).copied().unwrap_or_default();
            difference(left, line.amount) <= i128::from(statement.tolerance.0)
        };
        if exact {
            let i = best(self.expected, open.into_iter().filter(close), line.on, statement.days)?;
            let (item, due) = (self.expected.get(i)?, self.pay(i, line.amount, true)?);
            self.paid.insert((key, line.on, line.amount));
            let class = match line.kind {
                LineKind::Chargeback => Class::ChargebackValid,
                _ if days_between(item.due, line.on) > i64::from(statement.days) => Class::Late,
                _ => Class::OnTime,
            };
            return row(class, Some(i), due);
        }
        if self.paid.contains(&(key, line.on, line.amount)) {
            return alone(Class::Duplicate);
        }
        if let Some(i) = best(self.expected, open.into_iter(), line.on, statement.days) {
            let item = self.expected.get(i)?;
            // What such a line has left of an amount does not wait for the same line again.
            let partly = self.left.get(i).is_some_and(|left| *left != item.amount);
            if !self.off.insert((key, line.on, line.amount)) && partly {
                return alone(Class::Duplicate);
            }
            let due = self.pay(i, line.amount, false)?;
            let class = match line.kind {
                LineKind::Chargeback if line.amount < due => Class::ChargebackDisputable,
                LineKind::Chargeback => Class::ChargebackValid,
                _ if other_rate(item, line, statement.tolerance) => Class::WrongRate,
                _ if line.amount < due => Class::Short,
                _ => Class::Over,
            };
            return row(class, Some(i), due);
        }
        if self.is_of_another(policy, producer, line, statement) {
            return alone(Class::WrongPayee);
        }
        alone(if line.kind == LineKind::Chargeback { Class::ChargebackDisputable } else { Class::Unexpected })
    }

    /// What is still expected under a key and not due later than a few days after the line: in the line's sign.
    fn open(&self, key: Key<'a>, line: &Line, days: u32) -> Vec<usize> {
        let open = |i: &usize| {
            let left = self.left.get(*i).copied().unwrap_or_default();
            let due = self.expected.get(*i).map_or(Day(i32::MAX), |item| item.due);
            left.0.signum() == line.amount.0.signum() && days_between(line.on, due) <= i64::from(days)
        };
        self.by_key.get(&key).into_iter().flatten().copied().filter(open).collect()
    }

    /// Takes a payment in; returns what had been expected.
    fn pay(&mut self, i: usize, amount: Cents, exact: bool) -> Option<Cents> {
        let (left, told) = (self.left.get_mut(i)?, self.told.get_mut(i)?);
        let due = *left;
        let rest = due.checked_sub(amount)?;
        let over = rest.0.signum() != due.0.signum();
        *left = if exact || over { Cents::ZERO } else { rest };
        *told = true;
        Some(due)
    }

    /// Whether another producer of the policy expects just this.
    fn is_of_another(
        &self,
        policy: &'a PolicyName,
        producer: &Code,
        line: &Line,
        statement: &Statement,
    ) -> bool {
        let others = self.producers.get(&(policy, line.kind)).into_iter().flatten();
        others.filter(|other| **other != producer).any(|other| {
            let open = self.open((policy, other, line.kind), line, statement.days);
            open.into_iter()
                .filter_map(|i| self.left.get(i))
                .any(|left| difference(*left, line.amount) <= i128::from(statement.tolerance.0))
        })
    }

    /// What fell due in a statement's time, or before it and since the first one, and is not paid.
    fn unpaid(&mut self, statement: &Statement, since: &BTreeMap<&Code, Day>) -> Vec<Row> {
        let mut rows = Vec::new();
        for (i, item) in self.expected.iter().enumerate() {
            let (Some(left), Some(told)) = (self.left.get(i), self.told.get_mut(i)) else { continue };
            let carrier = &item.policy.carrier;
            let concerns = statement.carriers.contains(carrier)
                && statement.kinds.contains(&item.kind)
                && since.get(carrier).is_some_and(|first| item.due >= *first)
                && item.due <= statement.through;
            if *told || left.is_zero() || !concerns {
                continue;
            }
            let over = days_between(item.due, statement.through) >= i64::from(statement.days);
            *told = over;
            let class = if over { Class::Missing } else { Class::Timing };
            let (line, received) = (None, Cents::ZERO);
            rows.push(Row { line, expected: Some(i), due: *left, received, class, settled_later: false });
        }
        let key = |row: &Row| row.expected.and_then(|i| self.expected.get(i));
        rows.sort_by(|a, b| {
            let of = |item: Option<&'a Expected>| item.map(|e| (&e.policy, &e.producer, e.kind, e.due));
            of(key(a)).cmp(&of(key(b)))
        });
        rows
    }
}

/// The one whose day is next to a line's within the days, else the oldest.
fn best(expected: &[Expected], open: impl Iterator<Item = usize>, on: Day, days: u32) -> Option<usize> {
    let due = |i: usize| expected.get(i).map_or(Day(i32::MAX), |item| item.due);
    open.min_by_key(|i| {
        let apart = days_between(due(*i), on).abs();
        let near = if apart <= i64::from(days) { apart } else { i64::MAX };
        (near, due(*i), *i)
    })
}

/// Whether a line that is off says the premium that was expected, so that only its rate can be another.
fn other_rate(item: &Expected, line: &Line, tolerance: Cents) -> bool {
    let Some(premium) = item.premium else { return false };
    match (line.premium, line.rate) {
        (Some(stated), _) => stated == premium,
        (None, Some(rate)) => portion(premium, rate, Rate::ONE, 1, 1)
            .is_some_and(|amount| difference(amount, line.amount) <= i128::from(tolerance.0)),
        (None, None) => false,
    }
}

fn difference(a: Cents, b: Cents) -> i128 {
    (i128::from(a.0) - i128::from(b.0)).abs()
}

fn days_between(from: Day, to: Day) -> i64 {
    i64::from(to.0) - i64::from(from.0)
}

#[cfg(test)]
mod tests;
