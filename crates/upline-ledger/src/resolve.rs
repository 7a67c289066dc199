//! Settling exceptions of carriers' statements: who decided what, and why.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::reconcile::{Found, Reconciled, State};
use std::collections::HashSet;
use upline_core::event::Position;
use upline_core::fact::{Body, Fact, Remarks, names_nobody};
use upline_core::money::{Cents, Total};
use upline_core::names::Code;
use upline_core::statement::{Class, ExceptionResolved, Resolution};
use upline_core::time::Day;

/// A decision about exceptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolving {
    /// Which ones: each by its statement and its name in it, as `4711/L17`.
    pub exceptions: Vec<(Position, Code)>,
    /// How they are settled.
    pub reason: Resolution,
    /// Who decided it.
    pub by: String,
    /// Why.
    pub note: Option<String>,
    /// The day of the decision; without one today.
    pub on: Option<Day>,
}

/// An exception that was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    pub statement: Position,
    /// What it is called by there.
    pub exception: Code,
    /// What became of the line.
    pub class: Class,
    /// Received less expected.
    pub difference: Total,
}

/// Why exceptions are not settled. None of them is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// It does not say who decided.
    #[error("--by names who decided it")]
    NobodyNamed,
    /// An exception is named twice.
    #[error("{0}/{1} is named twice: name each exception once; nothing is recorded")]
    NamedTwice(Position, Code),
    /// There is no such statement.
    #[error("no statement was received at position {0}")]
    UnknownStatement(Position),
    /// It was read anew, and that reading counts.
    #[error("statement {0} was read again, as statement {1}, which took its place: name {1}")]
    Replaced(Position, Position),
    /// The statement has no such exception.
    #[error("statement {0} has no {1}: upline reconcile --all lists them")]
    UnknownException(Position, Code),
    /// The line is as expected.
    #[error("{0}/{1} is {class}: no exception", class = .2.as_str())]
    NoException(Position, Code, Class),
    /// Nobody has to settle it any more.
    #[error("{0}/{1} was settled by a later statement")]
    SettledLater(Position, Code),
    /// Somebody has settled it.
    #[error("{0}/{1} is {reason} already, by {3}", reason = .2.as_str())]
    ResolvedAlready(Position, Code, Resolution, String),
    /// It does not fit into a fact.
    #[error("the difference is too large")]
    TooLarge,
}

impl ResolveError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ResolveError::NobodyNamed => "nobody_named",
            ResolveError::NamedTwice(..) => "named_twice",
            ResolveError::UnknownStatement(_) => "unknown_statement",
            ResolveError::Replaced(..) => "replaced_statement",
            ResolveError::UnknownException(..) => "unknown_exception",
            ResolveError::NoException(..) => "no_exception",
            ResolveError::SettledLater(..) => "settled_later",
            ResolveError::ResolvedAlready(..) => "resolved_already",
            ResolveError::TooLarge => "amount",
        }
    }
}

impl Resolving {
    /// Refuses what needs no ledger to be wrong.
    pub fn check(&self) -> Result<(), ResolveError> {
        if names_nobody(&self.by) {
            return Err(ResolveError::NobodyNamed);
        }
        let mut named = HashSet::new();
        match self.exceptions.iter().find(|exception| !named.insert(*exception)) {
            Some((statement, exception)) => Err(ResolveError::NamedTwice(*statement, exception.clone())),
            None => Ok(()),
        }
    }

    fn fact(&self, on: Day, statement: &Reconciled, row: &Found, exception: &Code) -> Option<Fact> {
        let decision = ExceptionResolved {
            statement: statement.incoming.file.clone(),
            exception: exception.clone(),
            class: row.class,
            difference: i64::try_from(row.difference.0).map(Cents).ok()?,
            reason: self.reason,
            resolved_by: self.by.clone(),
            about: row.about.clone().map(Box::new),
        };
        let remarks = self.note.clone().map(|note| Remarks { note: Some(note), ..Remarks::default() });
        let (remarks, body) = (remarks.map(Box::new), Body::ExceptionResolved(Box::new(decision)));
        Some(Fact { id: None, on, recorded_at: None, remarks, personal: None, body })
    }
}

impl Ledger {
    /// Settles exceptions: all of them in one commit, or none where one is not open.
    pub fn resolve(&mut self, resolving: &Resolving) -> Result<Vec<Settled>, LedgerError> {
        let (facts, settled) = self.resolution(resolving)?;
        self.record_all(facts)?;
        Ok(settled)
    }

    /// What settling exceptions would settle. Records nothing.
    pub fn would_resolve(&self, resolving: &Resolving) -> Result<Vec<Settled>, LedgerError> {
        self.resolution(resolving).map(|(_, settled)| settled)
    }

    /// What is open of a class in a statement, of all carriers or of one. What is not due yet counts as open.
    pub fn open_of_class(
        &self,
        statement: Position,
        class: Class,
        carrier: Option<&Code>,
    ) -> Result<Vec<(Position, Code)>, LedgerError> {
        let reconciled = self.reconciled_statement(statement)?;
        let open = reconciled.rows.iter().filter(|row| {
            let stands = row.state == State::Open || (row.state == State::Fine && class == Class::Timing);
            row.class == class && stands && carrier.is_none_or(|carrier| row.carrier == carrier.as_str())
        });
        Ok(open.filter_map(|row| Some((statement, Code::parse(&row.exception)?))).collect())
    }

    /// The facts that settle exceptions, each of which is open.
    pub(crate) fn resolution(&self, resolving: &Resolving) -> Result<(Vec<Fact>, Vec<Settled>), LedgerError> {
        resolving.check()?;
        let on = resolving.on.unwrap_or_else(|| self.today());
        let (all, people) = (self.reconciliation(self.position())?, self.people()?);
        let (_, statements) = self.carrier_statements(self.position())?;
        let (mut facts, mut settled) = (Vec::new(), Vec::new());
        for (position, exception) in &resolving.exceptions {
            let (statement, row) =
                open(&all, *position, exception, resolving.reason).map_err(|error| match error {
                    ResolveError::ResolvedAlready(position, exception, reason, by) => {
                        let by = people.text(&by).to_owned();
                        ResolveError::ResolvedAlready(position, exception, reason, by)
                    }
                    ResolveError::UnknownStatement(asked) => match statements.instead_of(asked) {
                        Some(by) => ResolveError::Replaced(asked, by),
                        None => ResolveError::UnknownStatement(asked),
                    },
                    other => other,
                })?;
            let fact = resolving.fact(on, statement, row, exception);
            facts.push(fact.ok_or(ResolveError::TooLarge)?);
            settled.push(Settled {
                statement: *position,
                exception: exception.clone(),
                class: row.class,
                difference: row.difference,
            });
        }
        Ok((facts, settled))
    }
}

/// An exception that nobody has settled so, or why it is none.
fn open<'a>(
    all: &'a [Reconciled],
    position: Position,
    exception: &Code,
    reason: Resolution,
) -> Result<(&'a Reconciled, &'a Found), ResolveError> {
    let statement = all.iter().find(|one| one.incoming.position == Some(position));
    let statement = statement.ok_or(ResolveError::UnknownStatement(position))?;
    let row = statement.rows.iter().find(|row| row.exception == exception.as_str());
    let row = row.ok_or_else(|| ResolveError::UnknownException(position, exception.clone()))?;
    let exception = exception.clone();
    match &row.state {
        State::Open => Ok((statement, row)),
        // What is not due yet can be settled early.
        State::Fine if row.class == Class::Timing => Ok((statement, row)),
        State::Fine => Err(ResolveError::NoException(position, exception, row.class)),
        State::SettledLater => Err(ResolveError::SettledLater(position, exception)),
        // Who decides otherwise takes back what was decided.
        State::Resolved { reason: before, .. } if *before != reason => Ok((statement, row)),
        State::Resolved { reason, by } => {
            Err(ResolveError::ResolvedAlready(position, exception, *reason, by.clone()))
        }
    }
}
