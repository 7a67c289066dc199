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

pub use crate::fact::statement::LineKind;

use crate::fact::statement::Class;
use crate::recorded::event::Position;
use crate::vocabulary::money::{Cents, Total};
use crate::vocabulary::names::{Code, PolicyName};
use crate::vocabulary::rate::{Rate, portion};
use crate::vocabulary::time::Day;
use hashbrown::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// What the ledger expects of a carrier.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    pub policy: PolicyName,
    /// To whom.
    pub producer: Code,
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
    /// Whose amounts it is the sum of, in the order of the chain (pay.md §§4, 5).
    pub parts: Vec<(Code, Cents)>,
}

/// A line of a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct PaidLine {
    /// Its number in the file.
    pub number: u32,
    pub carrier: Code,
    /// The policy, where there is one of that number.
    pub policy: Option<PolicyName>,
    /// Whom it pays, where the writing number is somebody's.
    pub producer: Option<Code>,
    pub kind: LineKind,
    pub on: Day,
    /// How much; negative is taken.
    pub amount: Cents,
    /// The premium that it says it is of.
    pub premium: Option<Cents>,
    /// The rate that it says it is at.
    pub rate: Option<Rate>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PaidStatement {
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
    pub lines: Vec<PaidLine>,
}

/// A line, or an expected amount, or both, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchedRow {
    /// The line, by its place among the statement's.
    pub line: Option<usize>,
    /// The expected amount, by its place among all.
    pub expected: Option<usize>,
    /// The expected amount of another producer that a line to a wrong payee comes to, by its place among all.
    pub of: Option<usize>,
    /// What was still expected of it, 0.00 where nothing was.
    pub due: Cents,
    /// What was received.
    pub received: Cents,
    /// What became of it.
    pub class: Class,
    /// Whether a later statement paid what this one left.
    pub settled_later: bool,
}

impl MatchedRow {
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
    pub received: Total,
}

impl Sums {
    /// Adds a row.
    pub fn add(&mut self, row: &MatchedRow) {
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

/// How many days before it is due an amount may be paid.
const EARLY_DAYS: u32 = 7;

/// What is still open, and what was paid, over the statements so far.
struct Matching<'a> {
    expected: &'a [Expected],
    /// What is still to come of each.
    left: Vec<Cents>,
    /// Whether a statement has told of it: paid, short or missing.
    told: Vec<bool>,
    by_key: HashMap<Key<'a>, Vec<usize>>,
    /// Whom a policy is expected to pay, by kind.
    producers: HashMap<(&'a PolicyName, LineKind), BTreeSet<&'a Code>>,
    /// The lines that paid what was expected.
    paid: HashSet<(Key<'a>, Day, Cents)>,
    /// The lines that paid another amount.
    off: HashSet<(Key<'a>, Day, Cents)>,
    /// The first day of each carrier's first statement.
    since: BTreeMap<&'a Code, Day>,
}

/// Says of every statement what became of its lines and of what was expected in its time. The rows of a statement
/// are its lines in their order, then what it did not pay, by policy, producer, kind and day.
pub fn reconcile(expected: &[Expected], statements: &[PaidStatement]) -> Vec<Vec<MatchedRow>> {
    let mut matching = Matching::of(expected);
    let mut all: Vec<Vec<MatchedRow>> = statements.iter().map(|statement| matching.take(statement)).collect();
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
            since: BTreeMap::new(),
        }
    }

    fn take(&mut self, statement: &'a PaidStatement) -> Vec<MatchedRow> {
        for carrier in &statement.carriers {
            let first = self.since.entry(carrier).or_insert(statement.from);
            *first = statement.from.min(*first);
        }
        let mut rows: Vec<Option<MatchedRow>> = vec![None; statement.lines.len()];
        // What is paid as expected goes first, so that no other line takes its place.
        for (i, line) in statement.lines.iter().enumerate() {
            if let Some(row) = rows.get_mut(i) {
                *row = self.exactly(statement, i, line);
            }
        }
        self.together(statement, &mut rows, |line| Some(line.on));
        self.together(statement, &mut rows, |_| None);
        let mut told: Vec<MatchedRow> = Vec::with_capacity(rows.len());
        for ((i, line), row) in statement.lines.iter().enumerate().zip(rows) {
            let otherwise = || self.otherwise(statement, i, line);
            told.extend(row.or_else(otherwise));
        }
        told.extend(self.unpaid(statement));
        told
    }

    /// A line that pays exactly what is expected.
    fn exactly(&mut self, statement: &PaidStatement, place: usize, line: &'a PaidLine) -> Option<MatchedRow> {
        let key = key_of(line)?;
        let open = self.open(key, line.on, line.amount, statement);
        let i = self.best(
            open.into_iter().filter(|i| self.is_left(*i, line.amount, statement)),
            line.on,
            statement,
        )?;
        let due = self.pay(i, line.amount, true)?;
        self.paid.insert((key, line.on, line.amount));
        self.as_expected(statement, place, line, i, due)
    }

    /// Lines that together pay exactly what is expected: of one policy, producer, kind and `day`.
    fn together(
        &mut self,
        statement: &'a PaidStatement,
        rows: &mut [Option<MatchedRow>],
        day: impl Fn(&PaidLine) -> Option<Day>,
    ) {
        let mut groups: BTreeMap<(Key<'a>, Option<Day>), Vec<usize>> = BTreeMap::new();
        for ((i, line), row) in statement.lines.iter().enumerate().zip(rows.iter()) {
            // What was paid before is no part of anything.
            let key = key_of(line)
                .filter(|key| row.is_none() && !self.paid.contains(&(*key, line.on, line.amount)));
            if let Some(key) = key {
                groups.entry((key, day(line))).or_default().push(i);
            }
        }
        for ((key, _), group) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
            let lines: Vec<(usize, &'a PaidLine)> =
                group.iter().filter_map(|i| Some((*i, statement.lines.get(*i)?))).collect();
            let total = lines.iter().try_fold(Cents::ZERO, |sum, (_, line)| sum.checked_add(line.amount));
            let on = lines.iter().map(|(_, line)| line.on).max();
            let (Some(total), Some(on)) = (total, on) else { continue };
            let open = self.open(key, on, total, statement);
            let exact = open.into_iter().filter(|i| self.is_left(*i, total, statement));
            let Some(i) = self.best(exact, on, statement) else { continue };
            let Some(mut due) = self.pay(i, total, true) else { continue };
            let last = lines.len() - 1;
            for (n, (place, line)) in lines.into_iter().enumerate() {
                // Each pays its part; what the tolerance lets pass stands with the last.
                let part = if n == last { due } else { line.amount };
                due = due.checked_sub(part).unwrap_or_default();
                self.paid.insert((key, line.on, line.amount));
                let row = self.as_expected(statement, place, line, i, part);
                if let Some(place) = rows.get_mut(place) {
                    *place = row;
                }
            }
        }
    }

    fn as_expected(
        &self,
        statement: &PaidStatement,
        place: usize,
        line: &PaidLine,
        expected: usize,
        due: Cents,
    ) -> Option<MatchedRow> {
        let late = days_between(self.expected.get(expected)?.due, line.on) > i64::from(statement.days);
        let class = match line.kind {
            LineKind::Chargeback => Class::ChargebackValid,
            _ if late => Class::Late,
            _ => Class::OnTime,
        };
        Some(row_of(place, line, class, Some(expected), due))
    }

    /// What becomes of a line that pays nothing exactly.
    fn otherwise(
        &mut self,
        statement: &PaidStatement,
        place: usize,
        line: &'a PaidLine,
    ) -> Option<MatchedRow> {
        let alone = |class| Some(row_of(place, line, class, None, Cents::ZERO));
        let Some(key @ (policy, producer, _)) = key_of(line) else {
            return alone(match (&line.producer, &line.policy) {
                // An adjustment is of no policy that must be known.
                (Some(_), _) if line.kind == LineKind::Adjustment => Class::Unexpected,
                (None, Some(_)) => Class::UnknownProducer,
                (None, _) if line.kind == LineKind::Adjustment => Class::UnknownProducer,
                _ => Class::UnknownPolicy,
            });
        };
        if line.amount.is_zero() {
            return alone(Class::OnTime);
        }
        if self.paid.contains(&(key, line.on, line.amount)) {
            return alone(Class::Duplicate);
        }
        if let of @ Some(_) = self.of_another(policy, producer, line, statement) {
            return alone(Class::WrongPayee).map(|row| MatchedRow { of, ..row });
        }
        // What another line has left is only paid exactly.
        let open = self.open(key, line.on, line.amount, statement);
        let whole = |i: &usize| self.expected.get(*i).map(|item| item.amount) == self.left.get(*i).copied();
        let Some(i) = self.best(open.into_iter().filter(whole), line.on, statement) else {
            return alone(match line.kind {
                _ if self.off.contains(&(key, line.on, line.amount)) => Class::Duplicate,
                LineKind::Chargeback => Class::ChargebackDisputable,
                _ => Class::Unexpected,
            });
        };
        let item = self.expected.get(i)?;
        let due = self.pay(i, line.amount, false)?;
        self.off.insert((key, line.on, line.amount));
        let class = match line.kind {
            LineKind::Chargeback if line.amount < due => Class::ChargebackDisputable,
            LineKind::Chargeback => Class::ChargebackValid,
            _ if other_rate(item, line, statement.tolerance) => Class::WrongRate,
            _ if line.amount < due => Class::Short,
            _ => Class::Over,
        };
        Some(row_of(place, line, class, Some(i), due))
    }

    /// What is still expected under a key, in the sign of an amount: neither due long after a day, nor long before
    /// the carrier's first statement, as nobody knows what was paid then.
    fn open(&self, key: Key<'a>, on: Day, amount: Cents, statement: &PaidStatement) -> Vec<usize> {
        let since = self.since.get(&key.0.carrier).copied().unwrap_or(statement.from);
        let open = |i: &usize| {
            let left = self.left.get(*i).copied().unwrap_or_default();
            let due = self.expected.get(*i).map_or(Day(i32::MAX), |item| item.due);
            left.0.signum() == amount.0.signum()
                && days_between(on, due) <= i64::from(EARLY_DAYS.min(statement.days))
                && days_between(due, since) <= i64::from(statement.days)
        };
        self.by_key.get(&key).into_iter().flatten().copied().filter(open).collect()
    }

    /// Whether just this is left of an expected amount, within the tolerance.
    fn is_left(&self, i: usize, amount: Cents, statement: &PaidStatement) -> bool {
        let left = self.left.get(i).copied().unwrap_or_default();
        difference(left, amount) <= i128::from(statement.tolerance.0)
    }

    /// The one that fell due last within the days before a line, else the oldest that is due, else the next.
    fn best(&self, open: impl Iterator<Item = usize>, on: Day, statement: &PaidStatement) -> Option<usize> {
        open.min_by_key(|i| {
            let due = self.expected.get(*i).map_or(Day(i32::MAX), |item| item.due);
            let after = days_between(due, on);
            let rank = if after < 0 {
                (2, -after)
            } else if after <= i64::from(statement.days) {
                (0, after)
            } else {
                (1, -after)
            };
            (rank, *i)
        })
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

    /// What another producer of the policy expects, where it is just this.
    fn of_another(
        &self,
        policy: &'a PolicyName,
        producer: &Code,
        line: &PaidLine,
        statement: &PaidStatement,
    ) -> Option<usize> {
        let others = self.producers.get(&(policy, line.kind)).into_iter().flatten();
        others.filter(|other| **other != producer).find_map(|other| {
            let open = self.open((policy, other, line.kind), line.on, line.amount, statement);
            open.into_iter().find(|i| self.is_left(*i, line.amount, statement))
        })
    }

    /// What fell due in a statement's time, or before it and since the first one, and is not paid.
    fn unpaid(&mut self, statement: &PaidStatement) -> Vec<MatchedRow> {
        let mut rows = Vec::new();
        for (i, item) in self.expected.iter().enumerate() {
            let (Some(left), Some(told)) = (self.left.get(i), self.told.get_mut(i)) else { continue };
            let carrier = &item.policy.carrier;
            let concerns = statement.carriers.contains(carrier)
                && statement.kinds.contains(&item.kind)
                && self.since.get(carrier).is_some_and(|first| item.due >= *first)
                && item.due <= statement.through;
            if *told || left.is_zero() || !concerns {
                continue;
            }
            let over = days_between(item.due, statement.through) >= i64::from(statement.days);
            *told = over;
            let class = if over { Class::Missing } else { Class::Timing };
            let (line, received) = (None, Cents::ZERO);
            rows.push(MatchedRow {
                line,
                expected: Some(i),
                of: None,
                due: *left,
                received,
                class,
                settled_later: false,
            });
        }
        let key = |row: &MatchedRow| row.expected.and_then(|i| self.expected.get(i));
        rows.sort_by(|a, b| {
            let of = |item: Option<&'a Expected>| item.map(|e| (&e.policy, &e.producer, e.kind, e.due));
            of(key(a)).cmp(&of(key(b)))
        });
        rows
    }
}

/// What a line pays, where its policy and producer are known; none for an adjustment, which nobody expects.
fn key_of(line: &PaidLine) -> Option<Key<'_>> {
    match (&line.policy, &line.producer) {
        (Some(policy), Some(producer)) if line.kind != LineKind::Adjustment => {
            Some((policy, producer, line.kind))
        }
        _ => None,
    }
}

fn row_of(place: usize, line: &PaidLine, class: Class, expected: Option<usize>, due: Cents) -> MatchedRow {
    let (line, received) = (Some(place), line.amount);
    MatchedRow { line, expected, of: None, due, received, class, settled_later: false }
}

/// Whether a line is off because of its rate: it states another one than the contract's, at which it comes to its
/// amount; or it states none, and just the premium that was expected. An advance is on some months of the premium.
fn other_rate(item: &Expected, line: &PaidLine, tolerance: Cents) -> bool {
    let Some(premium) = item.premium else { return false };
    let Some(rate) = line.rate else { return line.premium == Some(premium) };
    let first_month = if line.kind == LineKind::Advance { 1 } else { 12 };
    let comes_to = |premium: Cents, wanted: Cents| {
        let amounts = (first_month..=12).filter_map(|months| portion(premium, rate, Rate::ONE, months, 12));
        amounts.into_iter().any(|amount| difference(amount, wanted) <= i128::from(tolerance.0))
    };
    !comes_to(premium, item.amount) && comes_to(line.premium.unwrap_or(premium), line.amount)
}

fn difference(a: Cents, b: Cents) -> i128 {
    (i128::from(a.0) - i128::from(b.0)).abs()
}

fn days_between(from: Day, to: Day) -> i64 {
    i64::from(to.0) - i64::from(from.0)
}

#[cfg(test)]
mod tests;
