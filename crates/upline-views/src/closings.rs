//! The periods that were closed, and what was paid out (rules §9).

use crate::projection::{Projection, Seen};
use hashbrown::HashMap;
use upline_core::event::Position;
use upline_core::fact::{Body, PaymentFileWritten, PayoutMade, ProducerAdded, ProducerKind};
use upline_core::names::{ById, Code};
use upline_core::time::{Day, Moment};

/// A payout that was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Paid {
    /// Where it stands.
    pub position: Position,
    /// Of which day it is.
    pub on: Day,
    /// The day that its entries are dated: the first open one where its own was closed.
    pub dated: Day,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// Whether it came in a file: then whoever wrote that paid it.
    pub imported: bool,
    /// To whom.
    pub producer: Code,
    /// What kind of producer that is.
    pub kind: ProducerKind,
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
    /// The files that pay them: where each was recorded.
    pub files: Vec<(Position, PaymentFileWritten)>,
    kinds: HashMap<Code, ProducerKind>,
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

impl Projection for Closings {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, position, event, .. } = *seen;
        match &event.body {
            Body::ProducerAdded(ProducerAdded { producer, kind }) => {
                self.kinds.insert(producer.clone(), *kind);
            }
            Body::PaymentFileWritten(file) => self.files.push((position, (**file).clone())),
            Body::PeriodClosed => self.closed.push((position, event.on)),
            Body::PayoutMade(payout) => {
                let producer = reference.producers().name(payout.producer);
                if let Some((producer, kind)) = producer.and_then(|code| Some((code, self.kinds.get(code)?)))
                {
                    let closed = self.closed.iter().map(|(_, through)| *through).max();
                    self.paid.push(Paid {
                        position,
                        on: event.on,
                        dated: closed.map_or(event.on, |through| event.on.max(through.next())),
                        recorded_at: event.recorded_at,
                        imported: event.origin.is_some(),
                        producer: producer.clone(),
                        kind: *kind,
                        payout: (**payout).clone(),
                    });
                }
            }
            _ => {}
        }
    }
}
