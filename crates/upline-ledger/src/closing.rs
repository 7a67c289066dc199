//! Closing a period, and what was paid out in it (rules §9).

use crate::error::LedgerError;
use crate::ledger::Ledger;
use upline_core::event::{Event, Position};
use upline_core::fact::{Body, PayoutMade};
use upline_core::names::{ById, Code, PolicyId};
use upline_core::posting::Posting;
use upline_core::register::Register;
use upline_core::time::Day;
use upline_views::{Fold, scan};

/// A payout that was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Paid {
    /// Where it stands.
    pub position: Position,
    /// Of which day it is.
    pub on: Day,
    /// The day that its entries are dated: the first open one where its own was closed.
    pub dated: Day,
    /// To whom.
    pub producer: Code,
    /// What it settled.
    pub payout: PayoutMade<ById>,
}

/// The periods that were closed, and the payouts, in the order of the log.
#[derive(Debug, Default)]
pub struct Closings {
    /// Where each was closed, and through which day.
    pub closed: Vec<(Position, Day)>,
    /// The payouts.
    pub paid: Vec<Paid>,
}

impl Closings {
    /// Where the period through a day was closed, if it was.
    pub fn of(&self, through: Day) -> Option<Position> {
        self.closed.iter().find(|(_, day)| *day == through).map(|(position, _)| *position)
    }

    /// The last day of the period before the one through a day, if one was closed.
    pub fn before(&self, through: Day) -> Option<Day> {
        self.closed.iter().map(|(_, day)| *day).filter(|day| *day < through).max()
    }
}

impl Fold for Closings {
    fn absorb(
        &mut self,
        register: &Register,
        position: Position,
        event: &Event,
        _: Option<PolicyId>,
        _: &[Posting],
    ) {
        match &event.body {
            Body::PeriodClosed => self.closed.push((position, event.on)),
            Body::PayoutMade(payout) => {
                if let Some(producer) = register.producers().name(payout.producer).cloned() {
                    let (on, payout) = (event.on, (**payout).clone());
                    let closed = self.closed.iter().map(|(_, through)| *through).max();
                    let dated = closed.map_or(on, |through| on.max(through.next()));
                    self.paid.push(Paid { position, on, dated, producer, payout });
                }
            }
            _ => {}
        }
    }
}

impl Ledger {
    /// The closed periods and the payouts up to a position.
    pub fn closings(&self, known: Position) -> Result<Closings, LedgerError> {
        let mut closings = Closings::default();
        scan(&*self.log, known, &mut closings)?;
        Ok(closings)
    }
}
