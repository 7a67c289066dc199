//! Carriers' statements that were received, and what is expected of carriers.
//!
//! # Shape
//! A statement's file is kept beside the log under its SHA-256, which the fact of its receipt names; so is the profile
//! that read it. What the lines mean is for who knows the format (`upline-formats`).

use crate::error::LedgerError;
use crate::ledger::Ledger;
use hashbrown::HashMap;
use upline_core::event::Position;
use upline_core::fact::Body;
use upline_core::names::Code;
use upline_core::reconcile::Expected;
use upline_core::reference_data::ReferenceData;
use upline_core::statement::{ExceptionResolved, StatementReceived};
use upline_core::time::{Day, Moment};
use upline_store::files::{file, keep_file};
use upline_views::expected::Expectations;
use upline_views::{Projection, Seen, scan};

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
    /// What it is.
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
pub struct Statements {
    /// What came in.
    pub received: Vec<Received>,
    /// What was decided.
    pub resolved: Vec<Resolved>,
}

impl Projection for Statements {
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
                    Some(before) => *before = received,
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

impl Ledger {
    /// The statements and decisions up to a position, with the names that were known there.
    pub fn statements(&self, known: Position) -> Result<(ReferenceData, Statements), LedgerError> {
        let mut statements = Statements::default();
        let reference = scan(&*self.log, known, &mut statements)?;
        Ok((reference, statements))
    }

    /// What is expected of carriers, as known at a position; of each is said whether its statements show earned and
    /// offset lines apart, and from which day on it is asked.
    pub fn expected(
        &self,
        known: Position,
        carriers: HashMap<Code, (bool, Day)>,
    ) -> Result<Vec<Expected>, LedgerError> {
        if carriers.is_empty() {
            return Ok(Vec::new());
        }
        let mut expectations = Expectations::of(carriers);
        let reference = scan(&*self.log, known, &mut expectations)?;
        Ok(expectations.rows(&reference))
    }

    /// Keeps a statement or a profile, durably, and returns its SHA-256.
    pub fn keep_file(&self, bytes: &[u8]) -> Result<Code, LedgerError> {
        let Some(dir) = self.dir() else {
            return Err(LedgerError::Input("this ledger keeps no files".to_owned()));
        };
        let name = keep_file(dir, bytes)?;
        Code::parse(&name).ok_or_else(|| LedgerError::Input(format!("{name} is no name of a file")))
    }

    /// A statement or a profile that is kept.
    pub fn kept_file(&self, name: &Code) -> Result<Vec<u8>, LedgerError> {
        match self.dir() {
            Some(dir) => Ok(file(dir, name.as_str())?),
            None => Err(LedgerError::Input("this ledger keeps no files".to_owned())),
        }
    }
}
