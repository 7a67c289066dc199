//! The pay run: what is due to whom, and its payouts (rules §8, §10).
//!
//! # Correctness
//! What is due to a producer through a day is the least that stands on its payable from that day on, as known: what
//! was paid out, whatever the day, is never due again, so that a run repeated pays nothing.

use crate::closing::Paid;
use crate::decider::{Decider, Outcome};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use upline_core::book::smallest_from;
use upline_core::event::Position;
use upline_core::fact::{Body, Fact, HoldReason, PayoutMade, ProducerAdded, ProducerKind};
use upline_core::money::{Cents, Total};
use upline_core::names::{Code, ProducerId};
use upline_core::payout::{Due, Split, split};
use upline_core::posting::Account;
use upline_core::premium_status::Overflow;
use upline_core::reference_data::Unknown;
use upline_core::time::{Day, Moment};
use upline_views::{Projection, Seen, scan};

/// What a pay run does for one producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayRow {
    /// Who.
    pub producer: Code,
    /// What kind of producer it is.
    pub kind: ProducerKind,
    /// What stands to its account.
    pub due: Due,
    /// What becomes of that.
    pub split: Split,
    /// Why nothing is paid out to it.
    pub holds: Vec<HoldReason>,
}

/// Payouts that were recorded together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayRun {
    /// The position of the first: what the run is called by.
    pub run: Position,
    /// The day through which it pays.
    pub through: Day,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// Its payouts: to whom, what kind of producer that is, and how much in cash.
    pub paid: Vec<(Code, ProducerKind, Cents)>,
}

impl Ledger {
    /// What a pay run through a day would do, by producer; those to whom nothing is due are left out.
    pub fn payout(&mut self, through: Day) -> Result<Vec<PayRow>, LedgerError> {
        let decider = self.take_decider()?;
        let rows = self.pay_rows(&decider, through);
        self.decider = Some(decider);
        rows
    }

    /// Records the payouts of a run through a day, as [`Ledger::payout`] gave them, all in one commit. Returns the
    /// position of the first, where there is one.
    pub fn pay_out(&mut self, through: Day, rows: &[PayRow]) -> Result<Option<Position>, LedgerError> {
        if through > self.today() {
            return Err(LedgerError::Question(format!(
                "dates: {through} is in the future; pay through today"
            )));
        }
        let paid = rows.iter().filter(|row| !row.split.is_nothing());
        let facts: Option<Vec<Fact>> = paid.map(|row| payout(through, row)).collect();
        let decider = self.take_decider()?;
        let commands = facts.ok_or(Overflow)?.into_iter().map(|fact| decider.anew(fact)).collect();
        self.decider = Some(decider);
        let mut run = None;
        for answer in self.commit(commands)? {
            match answer {
                Outcome::Recorded(position) => run = run.or(Some(position)),
                Outcome::AlreadyRecorded(_) => {}
                // It was made from the same book, so it can be admitted.
                Outcome::Refused(refusal) => return Err(LedgerError::Question(refusal.to_string())),
            }
        }
        Ok(run)
    }

    fn pay_rows(&self, decider: &Decider, through: Day) -> Result<Vec<PayRow>, LedgerError> {
        let (book, reference) = (decider.book(), decider.book().reference_data());
        if let Some(closed) = book.closed_through().filter(|closed| through <= *closed) {
            return Err(LedgerError::Question(format!(
                "closed_period: the period through {closed} is closed; pay through a later day"
            )));
        }
        let mut moved = Moved::default();
        scan(&*self.log, self.log.len(), &mut moved)?;
        let mut rows = Vec::new();
        for (id, code) in reference.producers().iter() {
            let Some(kind) = moved.kinds.get(code).copied() else { continue };
            let (payable, reserve) = moved.of.remove(&id).unwrap_or_default();
            let payable = smallest_from(through, payable.into_iter());
            let reserve = -smallest_from(through, reserve.into_iter().map(|(day, amount)| (day, -amount)));
            let cents = |of: &str, amount: i128| {
                let within = amount.abs() <= i128::from(Cents::FACT_MAX.0);
                i64::try_from(amount).ok().filter(|_| within).map(Cents).ok_or_else(|| {
                    let (amount, most) = (Total(amount), Cents::FACT_MAX);
                    LedgerError::Question(format!(
                        "amount: the {of} of producer {code} is {amount}, and a payout carries at most {most}"
                    ))
                })
            };
            let due = Due {
                payable: cents("payable", payable)?,
                leads: book.open_leads(id, through)?,
                debt: book.open_debt(id, through)?,
                credit: book.credit(id, through)?,
                // The most that it comes to hold, so that a run for an earlier day does not overfill it.
                reserve: cents("reserve", reserve)?,
            };
            // Who is held today is not paid for an earlier day either.
            let mut holds = book.payouts().holds_on(id, through);
            holds.extend(book.payouts().holds_on(id, self.today().max(through)));
            holds.sort();
            holds.dedup();
            let terms = book.payouts().terms_on(id, through);
            let split = split(due, &terms, !holds.is_empty()).ok_or(Overflow)?;
            if due.payable.is_positive() || !split.is_nothing() {
                rows.push(PayRow { producer: code.clone(), kind, due, split, holds });
            }
        }
        rows.sort_by(|a, b| a.producer.cmp(&b.producer));
        Ok(rows)
    }

    /// The payouts that were recorded with the one at a position, by producer: they follow each other, of one day and
    /// one commit.
    pub fn pay_run(&self, run: Position) -> Result<PayRun, LedgerError> {
        let mut paid = self.closings(self.position())?.paid;
        paid.retain(|paid| !paid.imported);
        let head = |paid: &Paid| (paid.on, paid.recorded_at);
        let Some(first) = paid.iter().position(|paid| paid.position == run) else {
            return Err(LedgerError::Question(format!("no pay run begins at position {run}")));
        };
        let (before, of_run) = paid.split_at(first);
        let heads = of_run.first().map(head);
        if before.last().is_some_and(|last| last.position + 1 == run && Some(head(last)) == heads) {
            let message = format!("position {run} lies within a pay run, which begins before it");
            return Err(LedgerError::Question(message));
        }
        let (through, recorded_at) = heads.ok_or(Unknown(run))?;
        let effects =
            |(position, paid): &(Position, &Paid)| paid.position == *position && Some(head(paid)) == heads;
        let of_run = (run..).zip(of_run).take_while(effects);
        let named =
            |(_, paid): (Position, &Paid)| Some((paid.producer.clone(), paid.kind, paid.payout.cash()?));
        let mut paid: Vec<_> = of_run.filter_map(named).collect();
        paid.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(PayRun { run, through, recorded_at, paid })
    }
}

/// The payout of a row as a fact.
fn payout(through: Day, row: &PayRow) -> Option<Fact> {
    let Split { leads, debt, reserve, .. } = row.split;
    let (producer, payable) = (row.producer.clone(), row.split.settled()?);
    let body = Body::PayoutMade(Box::new(PayoutMade { producer, payable, leads, debt, reserve }));
    Some(Fact { id: None, on: through, recorded_at: None, remarks: None, personal: None, body })
}

/// What moved on payables and reserves, in natural sign, by day.
#[derive(Default)]
struct Moved {
    kinds: HashMap<Code, ProducerKind>,
    of: HashMap<ProducerId, (ByDay, ByDay)>,
}

type ByDay = BTreeMap<Day, i128>;

impl Projection for Moved {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, event, postings, .. } = *seen;
        if let Body::ProducerAdded(ProducerAdded { producer, kind }) = &event.body {
            self.kinds.insert(producer.clone(), *kind);
        }
        for posting in postings {
            let Some((debit, credit)) = reference.accounts(posting) else { continue };
            let amount = i128::from(posting.amount.0);
            for (account, amount) in [(debit, -amount), (credit, amount)] {
                let days = match account {
                    Account::Payable(producer, _) => &mut self.of.entry(producer).or_default().0,
                    Account::Reserve(producer) => &mut self.of.entry(producer).or_default().1,
                    _ => continue,
                };
                *days.entry(posting.dated).or_default() += amount;
            }
        }
    }
}
