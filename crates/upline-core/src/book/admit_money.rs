//! Admission of what moves money besides premiums: leads, payouts; and of statements and closings (rules §§8, 9, 11).

use super::Book;
use super::admit::refuse_if;
use crate::debts::Payer;
use crate::fact::statement::{ExceptionResolved, Resolution, StatementReceived};
use crate::fact::{LeadCharged, PayoutMade};
use crate::vocabulary::as_of::{AsOf, in_force};
use crate::vocabulary::money::{Cents, Total};
use crate::vocabulary::names::ById;
use crate::vocabulary::refusal::{Refusal, RefusalCode};
use crate::vocabulary::time::Day;

impl Book {
    /// A payout recovers no more than is owed to who pays it, less what stands to the producer's credit there, and pays no
    /// less than nothing.
    pub(super) fn judge_payout(&self, on: Day, payout: &PayoutMade<ById>) -> Result<(), Refusal> {
        let (code, producer) = (self.producer_text(payout.producer), payout.producer);
        self.judge_parts(on, payout)?;
        refuse_if(payout.cash().is_none(), || {
            let message = format!("leads, debt and reserve are more than the payable of {}", payout.payable);
            Refusal::of(RefusalCode::Amount, "payable", message)
        })?;
        let nothing = [payout.payable, payout.leads, payout.debt, payout.reserve] == [Cents::ZERO; 4];
        refuse_if(nothing, || {
            Refusal::of(RefusalCode::Amount, "payable", "a payout must not be empty".to_owned())
        })?;
        let too_large = || {
            let message = format!("what {code} owes is beyond what can be counted");
            Refusal::of(RefusalCode::Amount, "debt", message)
        };
        let payer = payout.paid_by.map_or(Payer::House, Payer::Carrier);
        let owed = self.owed(producer, payer, on).map_err(|_| too_large())?;
        let debt = owed.debt().ok_or_else(too_large)?;
        let credit = owed.credit().ok_or_else(too_large)?;
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
        let returned = self.payouts.returned(producer, on).ok_or_else(too_large)?;
        let cash = payout.cash().unwrap_or_default();
        refuse_if(payout.returned > returned || payout.returned > cash, || {
            let amount = payout.returned;
            let message = format!(
                "{amount} is more than the {returned} that came back of {code}'s payouts, or than the cash of {cash}"
            );
            Refusal::of(RefusalCode::Amount, "returned", message)
        })?;
        let owed = [
            ("leads", payout.leads, leads.max(Cents::ZERO)),
            ("debt", payout.debt, debt.checked_sub(credit).ok_or_else(too_large)?),
        ];
        for (field, amount, open) in owed {
            refuse_if(amount > open, || {
                let to = payout
                    .paid_by
                    .map_or(String::new(), |carrier| format!(" to carrier {}", self.carrier_text(carrier)));
                let message =
                    format!("{amount} is more than the {field} of {open} that {code} owes{to} on {on}");
                Refusal::of(RefusalCode::Amount, field, message)
            })?;
        }
        Ok(())
    }

    /// The parts of a payout are what moves, each payable once; a carrier pays of its own alone, and nothing else. One
    /// that does not say its parts is the house's, while the house pays for all carriers (pay.md §2).
    fn judge_parts(&self, on: Day, payout: &PayoutMade<ById>) -> Result<(), Refusal> {
        let malformed = |field, message: &str| Err(Refusal::of(RefusalCode::Malformed, field, message));
        let parts = payout.parts.as_deref().unwrap_or_default();
        for (place, part) in parts.iter().enumerate() {
            if parts.iter().take(place).any(|before| before.carrier == part.carrier) {
                return malformed("parts", "a carrier stands there twice");
            }
        }
        if payout.paid_by.is_some() {
            if parts.iter().any(|part| part.carrier != payout.paid_by) {
                return malformed("parts", "a carrier pays what is payable with it, and nothing else");
            }
            if !payout.leads.is_zero() || !payout.reserve.is_zero() || !payout.returned.is_zero() {
                let message =
                    "a carrier's payout recovers no leads, fills no reserve and pays nothing that came back";
                return malformed("paid_by", message);
            }
        }
        if payout.parts.is_some() {
            let sum = parts.iter().try_fold(Cents::ZERO, |sum, part| sum.checked_add(part.amount));
            return refuse_if(sum != Some(payout.payable), || {
                let sum = sum.map_or_else(|| "more than can be counted".to_owned(), |sum| sum.to_string());
                let message = format!("the parts come to {sum}, but the payable is {}", payout.payable);
                Refusal::of(RefusalCode::Amount, "parts", message)
            });
        }
        if payout.paid_by.is_some() {
            return Ok(());
        }
        self.paid_by_a_carrier(payout.producer, on).map_or(Ok(()), |carrier| {
            let (who, carrier) = (self.producer_text(payout.producer), self.carrier_text(carrier));
            let message = format!(
                "carrier {carrier} pays producer {who} itself on {on}: say by parts of which payables this was taken"
            );
            Err(Refusal::of(RefusalCode::Malformed, "parts", message))
        })
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
        let same = self
            .statements
            .get(&statement.file)
            .is_some_and(|row| row.stands && row.on == on && row.statement == *statement);
        refuse_if(same, || {
            let message = format!("the statement {} was received already, and read so", statement.file);
            Refusal::of(RefusalCode::Duplicate, "file", message)
        })
    }

    /// What is accepted is of a payee.
    pub(super) fn judge_resolution(&self, resolved: &ExceptionResolved<ById>) -> Result<(), Refusal> {
        let nobody = resolved.about.as_deref().is_some_and(|about| about.producer.is_none());
        refuse_if(nobody && resolved.reason == Resolution::Accepted, || {
            let message = "the carrier's figure can be accepted for a payee only, and none is known";
            Refusal::of(RefusalCode::UnknownProducer, "producer", message)
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
