//! The pay run: what is due to whom, its payouts, and the file that pays them (rules §8, §10).
//!
//! # Correctness
//! What is due to a producer through a day is the least that stands on its payable from that day on, as known: what
//! was paid out, whatever the day, is never due again, so that a run repeated pays nothing.

mod ach;

use crate::decider::Decider;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use upline_core::book::smallest_from;
use upline_core::event::Position;
use upline_core::fact::{Body, Fact, HoldReason, PayoutMade, ProducerKind};
use upline_core::money::{Cents, Total};
use upline_core::names::Code;
use upline_core::payout::{Due, Split, split};
use upline_core::premium_status::Overflow;
use upline_core::reference_data::Unknown;
use upline_core::refusal::{Refusal, RefusalCode};
use upline_core::time::{Day, Moment};
use upline_formats::nacha::NachaError;
use upline_views::closings::{Closings, Paid};
use upline_views::payables::Payables;
use upline_views::scan;

pub use ach::{AchFile, AchTerms};

/// What a pay run does for one producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayRow {
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

/// A pay run that was recorded, or of which nothing had to be.
#[derive(Clone, Debug)]
pub struct PaidOut {
    /// What it did for each producer.
    pub rows: Vec<PayRow>,
    /// The position of its first payout; `None` where there was nothing to pay.
    pub run: Option<Position>,
    /// The file that pays it, where one was asked for and something is paid in cash.
    pub ach: Option<AchFile>,
}

/// Why a pay run is not done, or cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayError {
    /// There is no such run.
    #[error("no pay run begins at position {0}")]
    UnknownRun(Position),
    /// A run begins before it.
    #[error("position {0} lies within a pay run, which begins before it")]
    WithinRun(Position),
    /// Producers cannot be paid by a file.
    #[error(
        "no bank details are kept of {}: set them with upline directory --bank, hold their payouts with payout_held, \
         or pay without --nacha", .0.join(", ")
    )]
    NoBankDetails(Vec<String>),
    /// The bank cannot pay on a day that is over.
    #[error("--pay-on {0} is over")]
    PayOnOver(Day),
    /// The bank cannot pay before the run was recorded.
    #[error("--pay-on {pay_on} is before {recorded}, when the run was recorded")]
    PayOnBeforeRun {
        /// When the bank is to pay.
        pay_on: Day,
        /// When the run was recorded.
        recorded: Day,
    },
    /// The file cannot hold it.
    #[error(transparent)]
    Nacha(#[from] NachaError),
}

impl PayError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            PayError::UnknownRun(_) => "unknown_pay_run",
            PayError::WithinRun(_) => "within_pay_run",
            PayError::NoBankDetails(_) => "no_bank_details",
            PayError::PayOnOver(_) | PayError::PayOnBeforeRun { .. } => "dates",
            PayError::Nacha(_) => "nacha",
        }
    }
}

impl Ledger {
    /// What a pay run through a day would do, by producer; those to whom nothing is due are left out. Records
    /// nothing, and needs no writer.
    pub fn payout(&self, through: Day) -> Result<Vec<PayRow>, LedgerError> {
        self.with_decider(|decider| self.pay_rows(decider, through))
    }

    /// Records the payouts of a run through a day, all in one commit. The bytes of the file that pays it, where one is
    /// asked for, are decided before anything is recorded; so `ready` is asked, whose error ends it too.
    pub fn pay<E: From<LedgerError>>(
        &mut self,
        through: Day,
        ach: Option<&AchTerms>,
        ready: impl FnOnce() -> Result<(), E>,
    ) -> Result<PaidOut, E> {
        self.load_decider()?;
        let rows = self.payout(through)?;
        if let Some(ach) = ach {
            self.check_ach(ach, &rows)?;
        }
        ready()?;
        if through > self.today() {
            let message = format!("{through} is in the future; pay through today");
            return Err(LedgerError::from(Refusal::of(RefusalCode::Dates, "through", message)).into());
        }
        Ok(self.record_run(through, rows, ach)?)
    }

    fn record_run(
        &mut self,
        through: Day,
        rows: Vec<PayRow>,
        ach: Option<&AchTerms>,
    ) -> Result<PaidOut, LedgerError> {
        let paid = rows.iter().filter(|row| !row.split.is_nothing());
        let facts: Option<Vec<Fact>> = paid.map(|row| payout(through, row)).collect();
        let facts = facts.ok_or(Overflow)?;
        let commands = |decider: &Decider| facts.into_iter().map(|fact| decider.another(fact)).collect();
        let (positions, ach) = self.commit_whole(commands, |ledger, batch, positions| {
            let (Some(ach), Some(run)) = (ach, positions.first().copied()) else { return Ok(None) };
            let (event, _) = batch.get(0).ok_or(Unknown(run))?;
            let cash = rows.iter().map(|row| (row.producer.clone(), row.kind, row.split.paid)).collect();
            ledger.ach_file(ach, &PayRun { run, through, recorded_at: event.recorded_at, paid: cash })
        })?;
        Ok(PaidOut { run: positions.first().copied(), rows, ach })
    }

    fn pay_rows(&self, decider: &Decider, through: Day) -> Result<Vec<PayRow>, LedgerError> {
        let (book, reference) = (decider.book(), decider.book().reference_data());
        if let Some(closed) = book.closed_through().filter(|closed| through <= *closed) {
            let message = format!("the period through {closed} is closed; pay through a later day");
            return Err(Refusal::of(RefusalCode::ClosedPeriod, "through", message).into());
        }
        let mut moved = Payables::default();
        scan(&*self.log, self.log.len(), &mut moved)?;
        let mut rows = Vec::new();
        for (id, code) in reference.producers().iter() {
            let Some(kind) = moved.kinds.get(code).copied() else { continue };
            let (payable, reserve) = moved.moved.remove(&id).unwrap_or_default();
            let payable = smallest_from(through, payable.into_iter());
            let reserve = -smallest_from(through, reserve.into_iter().map(|(day, amount)| (day, -amount)));
            let cents = |of: &str, amount: i128| {
                let within = amount.abs() <= i128::from(Cents::FACT_MAX.0);
                i64::try_from(amount).ok().filter(|_| within).map(Cents).ok_or_else(|| {
                    let (amount, most) = (Total(amount), Cents::FACT_MAX);
                    let message = format!(
                        "the {of} of producer {code} is {amount}, and a payout carries at most {most}"
                    );
                    Refusal::whole(RefusalCode::Amount, message)
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

    /// The closed periods and the payouts up to a position.
    pub fn closings(&self, known: Position) -> Result<Closings, LedgerError> {
        let mut closings = Closings::default();
        scan(&*self.log, known, &mut closings)?;
        Ok(closings)
    }

    /// The payouts that were recorded with the one at a position, by producer: they follow each other, of one day and
    /// one commit.
    pub fn pay_run(&self, run: Position) -> Result<PayRun, LedgerError> {
        let mut paid = self.closings(self.position())?.paid;
        paid.retain(|paid| !paid.imported);
        let head = |paid: &Paid| (paid.on, paid.recorded_at);
        let Some(first) = paid.iter().position(|paid| paid.position == run) else {
            return Err(PayError::UnknownRun(run).into());
        };
        let (before, of_run) = paid.split_at(first);
        let heads = of_run.first().map(head);
        if before.last().is_some_and(|last| last.position + 1 == run && Some(head(last)) == heads) {
            return Err(PayError::WithinRun(run).into());
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
