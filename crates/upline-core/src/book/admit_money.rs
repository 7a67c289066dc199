//! Admission of what moves money besides premiums: leads, payouts; and of statements and closings (rules §§8, 9, 11).

use super::Book;
use super::admit::refuse_if;
use crate::fact::statement::StatementReceived;
use crate::fact::{LeadCharged, PayoutMade};
use crate::vocabulary::as_of::{AsOf, in_force};
use crate::vocabulary::money::{Cents, Total};
use crate::vocabulary::names::ById;
use crate::vocabulary::refusal::{Refusal, RefusalCode};
use crate::vocabulary::time::Day;

impl Book {
    /// A payout recovers no more than is owed, less what stands to the producer's credit, and pays no less than
    /// nothing.
    pub(super) fn judge_payout(&self, on: Day, payout: &PayoutMade<ById>) -> Result<(), Refusal> {
        let (code, producer) = (self.producer_text(payout.producer), payout.producer);
        refuse_if(payout.cash().is_none(), || {
            let message = format!("leads, debt and reserve are more than the payable of {}", payout.payable);
            Refusal::of(RefusalCode::Amount, "payable", message)
        })?;
        let nothing = [payout.payable, payout.leads, payout.debt, payout.reserve] == [Cents::ZERO; 4];
        refuse_if(nothing, || {
            Refusal::of(RefusalCode::Amount, "payable", "a payout must not be empty".to_owned())
        })?;
        let too_large = || {
            Refusal::of(
                RefusalCode::Amount,
                "debt",
                format!("what {code} owes is beyond what can be counted"),
            )
        };
        let debt = self.open_debt(producer, on).map_err(|_| too_large())?;
        let credit = self.credit(producer, on).map_err(|_| too_large())?;
        let least = Cents::ZERO.checked_sub(credit).ok_or_else(too_large)?;
        let leads = self.open_leads(producer, on).map_err(|_| too_large())?;
        refuse_if(payout.leads < leads.min(Cents::ZERO), || {
            let message =
                format!("{} is more than what stands to {code}'s credit of leads on {on}", payout.leads);
            Refusal::of(RefusalCode::Amount, "leads", message)
        })?;
        refuse_if(payout.debt < least, || {
            let message =
                format!("{} is more than the {credit} that stand to {code}'s credit on {on}", payout.debt);
            Refusal::of(RefusalCode::Amount, "debt", message)
        })?;
        let owed = [
            ("leads", payout.leads, leads.max(Cents::ZERO)),
            ("debt", payout.debt, debt.checked_sub(credit).ok_or_else(too_large)?),
        ];
        for (field, amount, open) in owed {
            refuse_if(amount > open, || {
                let message = format!("{amount} is more than the {field} of {open} that {code} owes on {on}");
                Refusal::of(RefusalCode::Amount, field, message)
            })?;
        }
        Ok(())
    }

    /// Leads are bought on credit as far as the line in force reaches, with what is owed as of then.
    pub(super) fn judge_lead(&self, on: Day, charged: &LeadCharged<ById>) -> Result<(), Refusal> {
        let (code, amount) = (self.producer_text(charged.producer), charged.amount);
        let leads = self.leads.get(&charged.producer);
        let lines = leads.into_iter().flat_map(|leads| &leads.lines);
        let line = in_force(lines, AsOf::day(on)).map(|(.., limit)| *limit);
        let changes = leads.into_iter().flat_map(|leads| &leads.changes).filter(|(dated, _)| *dated <= on);
        let owed: i128 = changes.map(|(_, amount)| i128::from(amount.0)).sum::<i128>();
        let Some(line) = line else {
            let message = format!("producer {code} has no credit line for leads on {on}");
            return Err(Refusal::of(RefusalCode::CreditLine, "amount", message));
        };
        refuse_if(owed + i128::from(amount.0) > i128::from(line.0), || {
            let owed = Total(owed);
            let message = format!(
                "producer {code} owes {owed} for leads on {on}; {amount} more is beyond its line of {line}"
            );
            Refusal::of(RefusalCode::CreditLine, "amount", message)
        })
    }

    /// A statement is received once, unless it is read in another way.
    pub(super) fn judge_statement(&self, on: Day, statement: &StatementReceived) -> Result<(), Refusal> {
        let same =
            self.statements.get(&statement.file).is_some_and(|(day, known)| *day == on && known == statement);
        refuse_if(same, || {
            let message = format!("the statement {} was received already, and read so", statement.file);
            Refusal::of(RefusalCode::Duplicate, "file", message)
        })
    }

    /// Periods are closed forwards.
    pub(super) fn judge_closing(&self, on: Day) -> Result<(), Refusal> {
        let later = self.closed_through.filter(|closed| on < *closed);
        later.map_or(Ok(()), |closed| {
            let message = format!("the period through {closed} is closed already, and {on} is earlier");
            Err(Refusal::of(RefusalCode::ClosedPeriod, "on", message))
        })
    }
}
