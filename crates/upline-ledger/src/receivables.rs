//! What carriers owe: what was computed, what their statements say, what came in (pay.md §6).
//!
//! # Shape
//! Computed is what was expected of a carrier by a day, as statements are matched with, and what was accepted of its own
//! figures; advances are in it long before they are earned, and so before they stand on its account. What came in or was
//! written off pays the oldest first.
//!
//! # Correctness
//! Open is computed less deposited less written off, and the four ages add up to it.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::reconcile::Incoming;
use std::collections::BTreeMap;
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::fact::Body;
use upline_core::money::Total;
use upline_core::names::Code;
use upline_core::posting::{Party, PostingKind};
use upline_core::statement::Resolution;
use upline_core::time::Day;
use upline_views::{Seen, scan};

/// The last day of each age but the oldest, in days since an amount was due.
const AGES: [i32; 3] = [30, 60, 90];

/// What a carrier owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receivable {
    pub carrier: Code,
    /// Expected by then, with what was accepted.
    pub computed: Total,
    /// The sum of the lines of its statements.
    pub statements: Total,
    pub deposited: Total,
    /// Computed, not deposited and not written off.
    pub open: Total,
    /// Of that, claimed from it.
    pub claimed: Total,
    /// What is open by its age: up to 30 days, 60, 90, and older.
    pub ages: [Total; 4],
}

impl Receivable {
    fn of(carrier: Code) -> Receivable {
        let [computed, statements, deposited, open, claimed] = [Total::ZERO; 5];
        Receivable { carrier, computed, statements, deposited, open, claimed, ages: [Total::ZERO; 4] }
    }
}

/// A statement, and what was deposited for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementPaid {
    /// The position of its receipt.
    pub statement: Position,
    pub carrier: Code,
    pub day: Day,
    /// The sum of its lines of the carrier.
    pub total: Total,
    pub deposited: Total,
    /// Whether a deposit names it.
    pub named: bool,
}

/// What moved with carriers besides what was expected, by carrier and day.
#[derive(Default)]
struct Moved {
    accepted: BTreeMap<Code, BTreeMap<Day, i128>>,
    written_off: BTreeMap<Code, i128>,
    deposited: BTreeMap<Code, i128>,
    /// By the SHA-256 of the statement that a deposit names, where it names one.
    for_statements: BTreeMap<(Code, Code), i128>,
}

impl Ledger {
    /// What each carrier owes at a point; those with nothing are left out.
    pub fn receivables(&self, at: AsOf) -> Result<Vec<Receivable>, LedgerError> {
        let matched = self.matched(at.known, None, true)?;
        let moved = self.moved_with_carriers(at)?;
        // What was due on each day: positive amounts are paid, negative ones pay.
        let mut due: BTreeMap<Code, BTreeMap<Day, i128>> = BTreeMap::new();
        for item in matched.expected.iter().filter(|item| item.due <= at.effective) {
            // What is earned against an advance stands there twice, and comes to nothing.
            let of = due.entry(item.policy.carrier.clone()).or_default();
            *of.entry(item.due).or_default() += i128::from(item.amount.0);
        }
        for (carrier, by_day) in &moved.accepted {
            for (day, amount) in by_day {
                *due.entry(carrier.clone()).or_default().entry(*day).or_default() += amount;
            }
        }
        let mut rows: BTreeMap<Code, Receivable> = BTreeMap::new();
        for (one, _) in &matched.statements {
            for (carrier, total) in lines_of(one).into_iter().filter(|_| one.through <= at.effective) {
                row(&mut rows, &carrier).statements += total;
            }
        }
        for (carrier, amount) in &moved.deposited {
            row(&mut rows, carrier).deposited.0 += amount;
        }
        let (_, kept) = self.carrier_statements(at.known)?;
        let mut last = BTreeMap::new();
        for one in kept.resolved.iter().filter(|one| one.on <= at.effective) {
            last.insert((&one.decision.statement, &one.decision.exception), one);
        }
        for one in last.into_values().filter(|one| one.decision.reason == Resolution::Claimed) {
            let about = one.decision.about.as_deref();
            let carrier = about.and_then(|about| matched.reference.carriers().name(about.carrier));
            if let Some(carrier) = carrier {
                row(&mut rows, carrier).claimed += -Total::from(one.decision.difference);
            }
        }
        for (carrier, by_day) in &due {
            row(&mut rows, carrier).computed.0 += by_day.values().sum::<i128>();
        }
        for row in rows.values_mut() {
            let written_off = moved.written_off.get(&row.carrier).copied().unwrap_or(0);
            let paid = row.deposited.0 + written_off;
            row.open = Total(row.computed.0 - paid);
            row.ages = ages(due.get(&row.carrier), paid, at.effective);
        }
        let something = |row: &Receivable| {
            let Receivable { computed, statements, deposited, open, claimed, .. } = row;
            [computed, statements, deposited, open, claimed].iter().any(|total| !total.is_zero())
        };
        Ok(rows.into_values().filter(something).collect())
    }

    /// Every statement with what was deposited for it, by its day.
    pub fn statements_paid(&self, at: AsOf) -> Result<Vec<StatementPaid>, LedgerError> {
        let (_, kept) = self.carrier_statements(at.known)?;
        let moved = self.moved_with_carriers(at)?;
        // A deposit that names a statement which another took the place of counts for that.
        let mut stands: BTreeMap<Code, Position> = BTreeMap::new();
        let mut all = BTreeMap::new();
        scan(&*self.log, at.known, &mut |seen: &Seen<'_>| {
            if let Body::StatementReceived(statement) = &seen.event.body {
                all.insert(seen.position, statement.file.clone());
            }
        })?;
        for (position, file) in all {
            stands.insert(file, kept.instead_of(position).unwrap_or(position));
        }
        let mut rows = Vec::new();
        for one in self.read_again(&kept)?.iter().filter(|one| one.through <= at.effective) {
            let Some(statement) = one.position else { continue };
            for (carrier, total) in lines_of(one) {
                let deposits = moved
                    .for_statements
                    .iter()
                    .filter(|((of, file), _)| *of == carrier && stands.get(file) == Some(&statement));
                let amounts: Vec<i128> = deposits.map(|(_, amount)| *amount).collect();
                let (deposited, named) = (Total(amounts.iter().sum()), !amounts.is_empty());
                rows.push(StatementPaid { statement, carrier, day: one.through, total, deposited, named });
            }
        }
        rows.sort_by(|a, b| (a.day, a.statement, &a.carrier).cmp(&(b.day, b.statement, &b.carrier)));
        Ok(rows)
    }

    fn moved_with_carriers(&self, at: AsOf) -> Result<Moved, LedgerError> {
        let mut moved = Moved::default();
        scan(&*self.log, at.known, &mut |seen: &Seen<'_>| {
            let carriers = seen.reference.carriers();
            for posting in seen.postings.iter().filter(|posting| at.counts(posting.dated)) {
                let carrier = match posting.party {
                    Party::Carrier(carrier) | Party::Contract(_, Some(carrier)) => carriers.name(carrier),
                    _ => None,
                };
                let (Some(carrier), amount) = (carrier, i128::from(posting.amount.0)) else { continue };
                match posting.kind {
                    PostingKind::Deposited => {
                        *moved.deposited.entry(carrier.clone()).or_default() += amount;
                        if let Body::CarrierDeposit(deposit) = &seen.event.body
                            && let Some(statement) = &deposit.statement
                        {
                            let key = (carrier.clone(), statement.clone());
                            *moved.for_statements.entry(key).or_default() += amount;
                        }
                    }
                    PostingKind::WrittenOff => {
                        *moved.written_off.entry(carrier.clone()).or_default() += amount;
                    }
                    PostingKind::AcceptedPayable | PostingKind::AcceptedDebt => {
                        let sign = if posting.kind == PostingKind::AcceptedPayable { 1 } else { -1 };
                        let by_day = moved.accepted.entry(carrier.clone()).or_default();
                        *by_day.entry(posting.dated).or_default() += sign * amount;
                    }
                    _ => {}
                }
            }
        })?;
        Ok(moved)
    }
}

/// The row of a carrier.
fn row<'r>(rows: &'r mut BTreeMap<Code, Receivable>, carrier: &Code) -> &'r mut Receivable {
    rows.entry(carrier.clone()).or_insert_with(|| Receivable::of(carrier.clone()))
}

/// The sum of a statement's lines, by carrier.
fn lines_of(one: &Incoming) -> BTreeMap<Code, Total> {
    let mut sums: BTreeMap<Code, Total> =
        one.profile.carriers().map(|carrier| (carrier.clone(), Total::ZERO)).collect();
    for line in &one.statement.lines {
        if let Some(carrier) = Code::parse(&line.carrier) {
            *sums.entry(carrier).or_default() += line.amount;
        }
    }
    sums
}

/// What is open by its age. What was paid pays the oldest first; what is paid beyond all stands with the youngest.
fn ages(due: Option<&BTreeMap<Day, i128>>, paid: i128, as_of: Day) -> [Total; 4] {
    let amounts = || due.into_iter().flatten().map(|(day, amount)| (*day, *amount));
    let mut left = paid - amounts().map(|(_, amount)| amount.min(0)).sum::<i128>();
    let mut ages = [Total::ZERO; 4];
    for (day, amount) in amounts().filter(|(_, amount)| *amount > 0) {
        let settled = amount.min(left.max(0));
        left -= settled;
        let days = as_of.0.saturating_sub(day.0);
        let age = AGES.iter().position(|most| days <= *most).unwrap_or(AGES.len());
        if let Some(age) = ages.get_mut(age) {
            age.0 += amount - settled;
        }
    }
    if let Some(youngest) = ages.first_mut() {
        youngest.0 -= left;
    }
    ages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_paid_first_and_the_ages_add_up() {
        let due = BTreeMap::from([(Day(0), 100), (Day(50), 40), (Day(95), 30), (Day(99), -20)]);
        let check = |paid: i128, expected: [i128; 4]| {
            let found = ages(Some(&due), paid, Day(100));
            assert_eq!(found.map(|total| total.0), expected);
            assert_eq!(found.iter().map(|total| total.0).sum::<i128>(), 150 - paid);
        };
        check(0, [30, 40, 0, 80]);
        check(90, [30, 30, 0, 0]);
        check(160, [-10, 0, 0, 0]);
        check(-30, [40, 40, 0, 100]);
    }
}
