//! The ACH file of a pay run.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::pay::{PayError, PayRow, PayRun};
use upline_core::fact::ProducerKind;
use upline_core::money::{Cents, Total};
use upline_core::names::Code;
use upline_core::time::{Day, Moment};
use upline_formats::nacha::{self, Credit, Originator};

/// Who pays a run by an ACH file, and when.
#[derive(Clone, Debug)]
pub struct AchTerms {
    /// Who pays.
    pub originator: Originator,
    /// When the bank is to pay; without a day the one after the run is recorded.
    pub pay_on: Option<Day>,
    /// Tells files of one day apart.
    pub modifier: char,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AchFile {
    /// Its bytes.
    pub text: String,
    /// What it pays in all.
    pub total: Total,
    /// To how many producers.
    pub credits: usize,
    /// When the bank is to pay.
    pub pay_on: Day,
}

impl AchTerms {
    fn text(&self, pay_on: Day, created: Moment, credits: &[Credit], run: u64) -> Result<String, PayError> {
        let reference = format!("RUN {run}");
        Ok(nacha::write(&self.originator, pay_on, created, self.modifier, credits, &reference)?)
    }
}

impl Ledger {
    /// Whether the file of a run can be written: to be known before the run is recorded.
    pub(super) fn check_ach(&self, terms: &AchTerms, rows: &[PayRow]) -> Result<(), LedgerError> {
        let credits = self.credits(rows.iter().map(|row| (&row.producer, row.kind, row.split.paid)))?;
        if credits.is_empty() {
            return Ok(());
        }
        if let Some(pay_on) = terms.pay_on.filter(|pay_on| *pay_on < self.today()) {
            return Err(PayError::PayOnOver(pay_on).into());
        }
        terms.text(Day::FIRST, Moment(0), &credits, 0)?;
        Ok(())
    }

    /// The file that pays a run that is recorded; `None` where the run pays nothing in cash.
    pub fn ach_file(&self, terms: &AchTerms, run: &PayRun) -> Result<Option<AchFile>, LedgerError> {
        let credits = self.credits(run.paid.iter().map(|(who, kind, cash)| (who, *kind, *cash)))?;
        if credits.is_empty() {
            return Ok(None);
        }
        let recorded = run.recorded_at.day();
        let pay_on = terms.pay_on.unwrap_or_else(|| recorded.next());
        if pay_on < recorded {
            return Err(PayError::PayOnBeforeRun { pay_on, recorded }.into());
        }
        let text = terms.text(pay_on, run.recorded_at, &credits, run.run)?;
        let mut total = Total::ZERO;
        credits.iter().for_each(|credit| total += credit.amount);
        Ok(Some(AchFile { text, total, credits: credits.len(), pay_on }))
    }

    /// What everybody gets in cash, with its bank details. Nobody may be without.
    fn credits<'a>(
        &self,
        paid: impl Iterator<Item = (&'a Code, ProducerKind, Cents)>,
    ) -> Result<Vec<Credit>, LedgerError> {
        let directory = self.directory()?;
        let (mut credits, mut without) = (Vec::new(), Vec::new());
        for (producer, kind, amount) in paid.filter(|(.., amount)| amount.is_positive()) {
            let entry = directory.producer(producer);
            match entry.and_then(|entry| entry.bank.clone()) {
                Some(bank) => credits.push(Credit {
                    producer: producer.clone(),
                    name: entry.and_then(|entry| entry.name.clone()),
                    bank,
                    person: kind == ProducerKind::Agent,
                    amount,
                }),
                None => without.push(producer.to_string()),
            }
        }
        if without.is_empty() { Ok(credits) } else { Err(PayError::NoBankDetails(without).into()) }
    }
}
