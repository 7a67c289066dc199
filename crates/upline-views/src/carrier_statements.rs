//! Carriers' statements that were received, and what was decided about their exceptions.

use crate::projection::{Projection, Seen};
use upline_core::event::Position;
use upline_core::fact::Body;
use upline_core::names::{ById, Code};
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
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// Where it stands.
    pub position: Position,
    /// The day that it is of.
    pub on: Day,
    /// What was noted with it.
    pub note: Option<String>,
    /// What was decided.
    pub decision: ExceptionResolved<ById>,
}

/// The statements and decisions of a log, in its order.
#[derive(Clone, Debug, Default)]
pub struct CarrierStatements {
    /// What came in.
    pub received: Vec<Received>,
    /// What was decided.
    pub resolved: Vec<Resolved>,
    /// Statements that another took the place of: where they stand, and where that does.
    pub replaced: Vec<(Position, Position)>,
    /// Statements that were voided: where they stand, and where that does.
    pub voided: Vec<(Position, Position)>,
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
                // The last reading of a file counts, and an amended file in the place of another.
                let place = |file: &Code| self.received.iter().position(|one| one.statement.file == *file);
                let own = place(&received.statement.file);
                let amended =
                    received.statement.replaces.as_ref().and_then(place).filter(|at| Some(*at) != own);
                if let (Some(own), Some(amended)) = (own, amended) {
                    let before = self.received.remove(amended.max(own));
                    self.replaced.push((before.position, position));
                }
                let at = own.into_iter().chain(amended).min();
                match at.and_then(|at| self.received.get_mut(at)) {
                    Some(before) => {
                        self.replaced.push((before.position, position));
                        *before = received;
                    }
                    None => self.received.push(received),
                }
            }
            Body::StatementVoided(voided) => {
                let gone = |one: &Received| one.statement.file == voided.statement;
                let before = self.received.iter().find(|one| gone(one)).map(|one| one.position);
                self.voided.extend(before.map(|before| (before, position)));
                self.received.retain(|one| !gone(one));
            }
            Body::ExceptionResolved(decision) => {
                let note = remarks.and_then(|remarks| remarks.note.clone());
                self.resolved.push(Resolved { position, on, note, decision: (**decision).clone() });
            }
            _ => {}
        }
    }
}
