//! What a producer is handed: the statement of a month, the income of a year.

use crate::error::LedgerError;
use crate::ledger::{KnownAt, Ledger};
use crate::queries::producer_id;
use upline_core::event::Position;
use upline_core::names::Code;
use upline_core::time::Moment;
use upline_log::Root;
use upline_views::{income, producer_statement, scan};

pub use upline_views::Period;
pub use upline_views::coverage::Row as Decision;
pub use upline_views::producer_statement::{Amounts, Line, Movement, Statement};

/// A producer's statement of a month.
#[derive(Clone, Debug)]
pub struct AgentStatement {
    /// Whose.
    pub producer: Code,
    /// Its name, where the directory keeps one.
    pub name: Option<String>,
    /// Of which month.
    pub period: Period,
    /// As known when, where the question named a time.
    pub known_at: Option<Moment>,
    /// The last position that counts.
    pub position: Position,
    /// The root of the log up to there.
    pub root: Root,
    /// What happened.
    pub statement: Statement,
}

impl Ledger {
    /// The statement of a producer for a month.
    pub fn producer_statement(
        &self,
        known: KnownAt,
        producer: &Code,
        month: &Period,
    ) -> Result<AgentStatement, LedgerError> {
        let position = self.point(Some(month.last), known)?.known;
        let mut view = producer_statement::AgentStatement::new(producer.clone(), month.clone(), position);
        let reference = scan(&*self.log, position, &mut view)?;
        producer_id(&reference, producer)?;
        let directory = self.directory()?;
        Ok(AgentStatement {
            producer: producer.clone(),
            name: directory.get("producer", producer.as_str()).and_then(|entry| entry.name.clone()),
            period: month.clone(),
            known_at: match known {
                KnownAt::Moment(moment) => Some(moment),
                KnownAt::Everything | KnownAt::Position(_) => None,
            },
            position,
            root: self.root_at(position)?,
            statement: view.statement(&reference)?,
        })
    }

    /// The income of a year on both bases, of one producer or of all, as known at a position.
    pub fn income(
        &self,
        known: Position,
        of: Option<&Code>,
        year: &Period,
    ) -> Result<Vec<income::Row>, LedgerError> {
        let mut incomes = income::Incomes::new(year.clone());
        let reference = scan(&*self.log, known, &mut incomes)?;
        let of = of.map(|code| producer_id(&reference, code).map(|_| code)).transpose()?;
        let mut rows = incomes.rows(&reference);
        rows.retain(|row| of.is_none_or(|code| *code == row.producer));
        Ok(rows)
    }
}
