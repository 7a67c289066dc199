//! What a producer is handed: the statement of a month, the income of a year.

use crate::error::LedgerError;
use crate::ledger::{KnownAt, Ledger};
use crate::people::{Named, People};
use crate::queries::{producer_id, unknown_producer};
use upline_core::event::Position;
use upline_core::names::Code;
use upline_formats::producer_statement::ProducerStatement;
use upline_views::{Period, income, producer_statement, scan};

impl Ledger {
    /// The statement of a producer for a month.
    pub fn producer_statement(
        &self,
        known: KnownAt,
        producer: &Code,
        month: &Period,
    ) -> Result<ProducerStatement, LedgerError> {
        let mut all = self.producer_statements(known, Some(producer), month)?;
        all.pop().ok_or_else(|| unknown_producer(producer))
    }

    /// The statements of all producers for a month, by their codes, or of one.
    pub fn producer_statements(
        &self,
        known: KnownAt,
        of: Option<&Code>,
        month: &Period,
    ) -> Result<Vec<ProducerStatement>, LedgerError> {
        let position = self.point(Some(month.last), known)?.known;
        let mut view = producer_statement::StatementProjection::new(of.cloned(), month.clone(), position);
        let directory = self.directory()?;
        let people = People::of(&directory);
        let reference = scan(&*self.log, position, &mut Named { people: &people, projection: &mut view })?;
        let root = self.root_at(position)?.to_string();
        let known_at = match known {
            KnownAt::Moment(moment) => Some(moment),
            KnownAt::Everything | KnownAt::Position(_) => None,
        };
        let all = view.statements(&reference)?.into_iter().map(|(producer, statement)| ProducerStatement {
            name: directory.get("producer", producer.as_str()).and_then(|entry| entry.name.clone()),
            producer,
            period: month.clone(),
            known_at,
            position,
            root: root.clone(),
            statement,
        });
        Ok(all.collect())
    }

    /// The income of a year on both bases, of one producer or of all, as known at a position.
    pub fn income(
        &self,
        known: Position,
        of: Option<&Code>,
        year: &Period,
    ) -> Result<Vec<income::IncomeRow>, LedgerError> {
        let mut incomes = income::Incomes::new(year.clone());
        let reference = scan(&*self.log, known, &mut incomes)?;
        let of = of.map(|code| producer_id(&reference, code).map(|_| code)).transpose()?;
        let mut rows = incomes.rows(&reference);
        rows.retain(|row| of.is_none_or(|code| *code == row.producer));
        Ok(rows)
    }
}
