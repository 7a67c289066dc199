//! Leads that an agent buys on credit, within its line.

use super::book::Book;
use super::dice::Dice;
use super::people::People;
use std::io::{self, Write};
use upline_core::fact::{Body, LeadCharged, LeadCredited, LeadLineSet};
use upline_core::money::Cents;
use upline_core::time::Day;

/// What an agent may owe for leads and what it owes.
pub(crate) struct Leads {
    producer: usize,
    line: Cents,
    owed: Cents,
}

impl Leads {
    /// An agent's leads before it has a line.
    pub fn new(producer: usize) -> Leads {
        Leads { producer, line: Cents::ZERO, owed: Cents::ZERO }
    }

    /// Sets the line, or buys leads, or pays for some where the line is used up; says what comes next. One
    /// that was released buys no more, but pays.
    pub fn step<W: Write>(
        mut self,
        book: &mut Book<'_, W>,
        dice: &mut Dice,
        people: &People,
        today: Day,
    ) -> io::Result<Option<(Day, Leads)>> {
        let Some(agent) = people.producers.get(self.producer) else { return Ok(None) };
        let producer = agent.code.clone();
        let active = agent.is_active();
        let amount = dollars(dice, 40, 300);
        let raised = active && (self.line.is_zero() || dice.per_mille(40));
        if raised {
            self.line = Cents(self.line.0 + 100 * i64::from(dice.pick(&[500, 1_000, 2_500])));
            book.write(today, Body::LeadLineSet(LeadLineSet { producer, limit: self.line }))?;
        } else if active && self.owed.0 + amount.0 <= self.line.0 {
            self.owed.0 += amount.0;
            book.write(today, Body::LeadCharged(LeadCharged { producer, amount }))?;
        } else if self.owed.is_positive() {
            let amount = Cents(dollars(dice, 100, 600).0.min(self.owed.0));
            self.owed.0 -= amount.0;
            book.write(today, Body::LeadCredited(LeadCredited { producer, amount }))?;
        }
        let more = active || self.owed.is_positive();
        let next = if raised { dice.between(1, 14) } else { dice.between(20, 120) };
        Ok(more.then_some((Day(today.0 + next), self)))
    }
}

/// An amount of whole dollars.
pub(crate) fn dollars(dice: &mut Dice, least: i32, most: i32) -> Cents {
    Cents(100 * i64::from(dice.between(least, most)))
}
