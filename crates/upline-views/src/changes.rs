//! What was learned between two times that changed the answer for a day, by the event that taught it.

use crate::balance::{Balances, By, Figures};
use crate::projection::{Projection, Seen};
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::names::Code;
use upline_core::time::Day;

/// What one event changed for one producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose balance.
    pub producer: Code,
    /// The event.
    pub position: Position,
    /// The fact that caused the event, for one of the ledger's own.
    pub cause: Option<Position>,
    /// The differences.
    pub figures: Figures,
}

/// Collects the changes that events after one position and up to another made to the balances of a day.
#[derive(Debug)]
pub struct Changes {
    as_of: Day,
    after: Position,
    through: Position,
    changes: Vec<Change>,
}

impl Changes {
    /// The changes of events after one position, up to another, as of a day.
    pub fn new(as_of: Day, after: Position, through: Position) -> Changes {
        Changes { as_of, after, through, changes: Vec::new() }
    }

    /// The changes by producer, then position.
    pub fn rows(mut self) -> Vec<Change> {
        self.changes.sort_by(|a, b| (&a.producer, a.position).cmp(&(&b.producer, b.position)));
        self.changes
    }
}

impl Projection for Changes {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, position, event, postings, .. } = *seen;
        if position <= self.after || position > self.through || postings.is_empty() {
            return;
        }
        let mut own = Balances::new(AsOf { effective: self.as_of, known: position }, By::Producer);
        own.apply(seen);
        for row in own.rows(reference) {
            let cause = event.cause();
            self.changes.push(Change { producer: row.producer, position, cause, figures: row.figures });
        }
    }
}
