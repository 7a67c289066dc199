//! The pay run: what is due to whom, its payouts, and the file that pays them (rules §8, §10).
//!
//! # Correctness
//! What is due to a producer through a day is the least that stands on its payable from that day on, as known: what
//! was paid out, whatever the day, is never due again, so that a run repeated pays nothing.

mod ach;
mod rows;
mod waiting;

use crate::decider::Decider;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::record::Deciding;
use rows::{Payee, rows_of};
use upline_core::event::Position;
use upline_core::fact::{Body, Fact, PayoutMade, ProducerKind, Remarks};
use upline_core::money::Cents;
use upline_core::names::Code;
use upline_core::payout::Split;
use upline_core::premium_status::Overflow;
use upline_core::reference_data::Unknown;
use upline_core::refusal::{Refusal, RefusalCode};
use upline_core::time::{Day, Moment};
use upline_formats::nacha::NachaError;
use upline_views::closings::{Closings, Paid};
use upline_views::payables::Payables;
use upline_views::scan;

pub use ach::{AchFile, AchTerms};
pub use upline_core::payout::PayRow;

/// A run that is to be recorded.
pub(crate) struct PayOrder<'a> {
    pub through: Day,
    /// Only these producers; none: all.
    pub only: &'a [Code],
    /// How a file is to pay it, where one is.
    pub ach: Option<&'a AchTerms>,
    /// Who wants it, where that is known.
    pub actor: Option<&'a str>,
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
    /// Its payouts by the house: to whom, what kind of producer that is, and how much in cash.
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
    /// The bank details that are kept are not those that the log commits to.
    #[error("bank details are not what was approved: {}; set them again with upline directory --bank", .0.join("; "))]
    BankUnsound(Vec<String>),
    /// Accounts changed a short while ago.
    #[error(
        "the bank details of {} changed, and nothing is paid there until the days of the hold are over (upline payout \
         shows who is held) or somebody else lifts it with hold_lifted", .0.join(", ")
    )]
    BankHeld(Vec<String>),
    /// Somebody wants its money at the account that it comes from.
    #[error(
        "{} would be paid at the account that the money comes from. Look whether that is right; --confirm-shared says \
         that it is", .0.join(", ")
    )]
    OwnAccount(Vec<String>),
    /// The bank cannot pay on a day that is over.
    #[error("--pay-on {0} is over")]
    PayOnOver(Day),
    /// The bank cannot pay before the run was recorded.
    #[error(
        "--pay-on {pay_on} is before {recorded}, when the run is recorded: the bank can pay from that day on. Nothing \
         was recorded"
    )]
    PayOnBeforeRun {
        /// When the bank is to pay.
        pay_on: Day,
        /// When the run is recorded.
        recorded: Day,
    },
    /// Another file paid the run before.
    #[error(
        "run {run} was paid by a file already, and this one has {}: where the bank did not get that file, write this \
         one with --again", changed.join(", ")
    )]
    OtherFile {
        run: Position,
        /// In what it differs.
        changed: Vec<&'static str>,
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
            PayError::BankUnsound(_) => "bank_unsound",
            PayError::BankHeld(_) => "bank_changed",
            PayError::OwnAccount(_) => "shared_account",
            PayError::OtherFile { .. } => "other_file",
            PayError::PayOnOver(_) | PayError::PayOnBeforeRun { .. } => "dates",
            PayError::Nacha(_) => "nacha",
        }
    }
}

impl Ledger {
    /// What a pay run through a day would do, by producer; those to whom nothing is due are left out. Records
    /// nothing, and needs no writer.
    pub fn payout(&self, through: Day) -> Result<Vec<PayRow>, LedgerError> {
        let today = self.log.last_recorded_at().map_or(self.today(), |last| self.today().max(last.day()));
        self.with_decider(|decider| self.pay_rows(decider, through, today))
    }

    /// The same of some producers only; of all where none is named.
    pub fn payout_of(&self, through: Day, only: &[Code]) -> Result<Vec<PayRow>, LedgerError> {
        let mut rows = self.payout(through)?;
        self.with_decider(|decider| known(decider, only))?;
        narrow(&mut rows, only);
        Ok(rows)
    }

    /// Records the payouts of a run through a day, of all producers or of some, all in one commit. Where a file is to pay
    /// it, its bytes are decided at the time of that commit, and `place` has put it where it belongs before the run is
    /// recorded; where it fails, nothing is.
    pub fn pay<E: From<LedgerError>>(
        &mut self,
        through: Day,
        only: &[Code],
        ach: Option<&AchTerms>,
        place: impl FnOnce(&AchFile) -> Result<(), E>,
    ) -> Result<PaidOut, E> {
        self.check_pay(through, ach)?;
        let order = PayOrder { through, only, ach, actor: None };
        self.commit_whole(|ledger, deciding| ledger.decide_pay(&order, deciding, |_, _| Ok(()), place))
    }

    /// Refuses a run of a day to come, and a file that the bank cannot follow any more.
    pub(crate) fn check_pay(&self, through: Day, ach: Option<&AchTerms>) -> Result<(), LedgerError> {
        let today = self.today();
        if through > today {
            let message = format!("{through} is in the future; pay through today");
            return Err(Refusal::of(RefusalCode::Dates, "through", message).into());
        }
        match ach.and_then(|ach| ach.pay_on).filter(|pay_on| *pay_on < today) {
            Some(pay_on) => Err(PayError::PayOnOver(pay_on).into()),
            None => Ok(()),
        }
    }

    /// Decides a run as part of a commit. `first` hears what it does before anything of it is decided.
    pub(crate) fn decide_pay<E: From<LedgerError>>(
        &self,
        order: &PayOrder<'_>,
        deciding: &mut Deciding<'_>,
        first: impl FnOnce(&mut Deciding<'_>, &[PayRow]) -> Result<(), LedgerError>,
        place: impl FnOnce(&AchFile) -> Result<(), E>,
    ) -> Result<PaidOut, E> {
        let PayOrder { through, only, ach, actor } = *order;
        let at = deciding.recorded_at()?;
        known(deciding.decider, only)?;
        let mut rows = self.pay_rows(deciding.decider, through, at.day())?;
        narrow(&mut rows, only);
        first(deciding, &rows)?;
        let mut run = None;
        // Carriers first: what their payouts recover is not recovered again.
        let (by_house, by_carriers): (Vec<&PayRow>, Vec<&PayRow>) =
            rows.iter().filter(|row| !row.split.is_nothing()).partition(|row| row.paid_by.is_none());
        for row in by_carriers.into_iter().chain(by_house) {
            let fact = payout(through, row, actor).ok_or(Overflow).map_err(LedgerError::from)?;
            run = Some(run.unwrap_or(deciding.another(fact)?));
        }
        let (Some(position), Some(terms)) = (run, ach) else {
            return Ok(PaidOut { rows, run, ach: None });
        };
        let paid = rows.iter().filter(|row| row.paid_by.is_none());
        let paid = paid.map(|row| (row.producer.clone(), row.kind, row.split.paid)).collect();
        let recorded = PayRun { run: position, through, recorded_at: at, paid };
        let file = self.ach_file(deciding.decider.book(), terms, &recorded, at)?;
        if let Some(file) = &file {
            deciding.another(ach::written(file, at))?;
            place(file)?;
        }
        Ok(PaidOut { rows, run, ach: file })
    }

    /// The rows of a run that is recorded on a day.
    fn pay_rows(&self, decider: &Decider, through: Day, today: Day) -> Result<Vec<PayRow>, LedgerError> {
        let (book, reference) = (decider.book(), decider.book().reference_data());
        if let Some(closed) = book.closed_through().filter(|closed| through <= *closed) {
            let message = format!("the period through {closed} is closed; pay through a later day");
            return Err(Refusal::of(RefusalCode::ClosedPeriod, "through", message).into());
        }
        let mut moved = Payables::default();
        scan(&*self.log, self.log.len(), &mut moved)?;
        let waiting = self.waiting(book, through)?;
        let mut rows = Vec::new();
        for (id, code) in reference.producers().iter() {
            let Some(kind) = moved.kinds.get(code).copied() else { continue };
            let of = moved.moved.remove(&id).unwrap_or_default();
            rows.extend(rows_of(book, &Payee { id, code, kind, through, today }, &of, &waiting)?);
        }
        rows.sort_by(|a, b| (&a.producer, &a.paid_by).cmp(&(&b.producer, &b.paid_by)));
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
        let by_house = of_run.filter(|(_, paid)| paid.payout.paid_by.is_none());
        let mut paid: Vec<_> = by_house.filter_map(named).collect();
        paid.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(PayRun { run, through, recorded_at, paid })
    }
}

/// Refuses producers that were never added.
fn known(decider: &Decider, only: &[Code]) -> Result<(), LedgerError> {
    let producers = decider.book().reference_data().producers();
    let unknown = only.iter().find(|producer| producers.find(*producer).is_none());
    unknown.map_or(Ok(()), |producer| {
        let message = format!("producer {producer} was never added");
        Err(LedgerError::unknown(RefusalCode::UnknownProducer, "producer", message))
    })
}

fn narrow(rows: &mut Vec<PayRow>, only: &[Code]) {
    rows.retain(|row| only.is_empty() || only.contains(&row.producer));
}

/// The payout of a row as a fact.
fn payout(through: Day, row: &PayRow, actor: Option<&str>) -> Option<Fact> {
    let Split { leads, debt, reserve, returned, .. } = row.split;
    let (producer, payable) = (row.producer.clone(), row.split.settled()?);
    let (paid_by, parts) = (row.paid_by.clone(), Some(row.parts.clone()));
    let payout = PayoutMade { producer, payable, leads, debt, reserve, paid_by, parts, returned };
    let body = Body::PayoutMade(Box::new(payout));
    let remarks =
        actor.map(|actor| Box::new(Remarks { actor: Some(actor.to_owned()), ..Remarks::default() }));
    Some(Fact { id: None, on: through, recorded_at: None, remarks, personal: None, body })
}
