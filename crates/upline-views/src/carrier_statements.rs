//! Carriers' statements that were received, and what was decided about their exceptions.

use crate::projection::{Projection, Seen};
use upline_core::event::Position;
use upline_core::fact::Body;
use upline_core::statement::{ExceptionResolved, StatementReceived};
use upline_core::time::{Day, Moment};

/// A statement that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The position of its receipt: what it is called by.
    pub position: Position,
    /// The last day that it is of.
    pub on: Day,
    /// When its receipt was recorded.
    pub recorded_at: Moment,
    /// What its file was called.
    pub source: Option<String>,
    pub statement: StatementReceived,
}

/// Somebody's decision about an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Where it stands.
    pub position: Position,
    /// The day that it is of.
    pub on: Day,
    /// What was noted with it.
    pub note: Option<String>,
    /// What was decided.
    pub decision: ExceptionResolved,
}

/// The statements and decisions of a log, in its order.
#[derive(Clone, Debug, Default)]
pub struct CarrierStatements {
    /// What came in.
    pub received: Vec<Received>,
    /// What was decided.
    pub resolved: Vec<Resolved>,
    /// Readings that another took the place of: where they stand, and where that does.
    pub replaced: Vec<(Position, Position)>,
}

impl CarrierStatements {
    /// The statement that stands in the place of the one received at a position, where another does.
    pub fn instead_of(&self, position: Position) -> Option<Position> {
        let next = |at: Position| self.replaced.iter().find(|(old, _)| *old == at).map(|(_, new)| *new);
        std::iter::successors(next(position), |at| next(*at)).last()
    }
}

impl Projection for CarrierStatements {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { position, event, .. } = *seen;
        let remarks = event.remarks.as_deref();
        let (on, recorded_at) = (event.on, event.recorded_at);
        match &event.body {
            Body::StatementReceived(statement) => {
                let source = remarks.and_then(|remarks| remarks.source.clone());
                let statement = (**statement).clone();
                let received = Received { position, on, recorded_at, source, statement };
                // The last reading of a file counts.
                match self.received.iter_mut().find(|one| one.statement.file == received.statement.file) {
                    Some(before) => {
                        self.replaced.push((before.position, position));
                        *before = received;
                    }
                    None => self.received.push(received),
                }
            }
            Body::ExceptionResolved(decision) => {
                let note = remarks.and_then(|remarks| remarks.note.clone());
                self.resolved.push(Resolved { position, on, note, decision: (**decision).clone() });
            }
            _ => {}
        }
    }
}
