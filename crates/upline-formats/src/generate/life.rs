//! The life of a policy: issued, paid for, and perhaps bounced, lapsed, reinstated or ended.

use super::book::{Book, code};
use super::dice::Dice;
use super::market::Carrier;
use super::people::{People, Producer};
use std::io::{self, Write};
use upline_core::fact::{
    Body, Mode, PolicyIssued, PolicyReinstated, PolicyStopped, PremiumPaid, PremiumReversed, ReversalReason,
    Writing,
};
use upline_core::grid::StopReason;
use upline_core::money::Cents;
use upline_core::names::{ByCode, Code, PolicyName};
use upline_core::rate::Rate;
use upline_core::time::Day;

/// A policy that goes on, and what happens to it next.
pub(crate) struct Life {
    carrier: Code,
    number: Code,
    premium: Cents,
    mode: Mode,
    cash_value: bool,
    issued: Day,
    /// How many premiums have been due so far.
    due: u32,
    next: Next,
}

#[derive(Clone, Copy)]
enum Next {
    /// A premium is due.
    Premium,
    /// The last premium did not clear.
    Bounce,
    /// The bounced premium is paid again.
    PaidAgain,
    /// It lapses.
    Lapse,
    /// What is owed is paid, while it is out of force.
    Arrears,
    /// It is put in force again.
    Reinstatement,
    End(StopReason),
    /// A premium is drawn although the insured has died, for nobody said so yet.
    PremiumAfterDeath,
}

/// What happens after a day, if anything.
pub(crate) type Onward = Option<(Day, Life)>;

/// Issues a policy of one of the producers that have joined.
pub(crate) fn issue<W: Write>(
    book: &mut Book<'_, W>,
    dice: &mut Dice,
    people: &People,
    joined: usize,
    carriers: &[Carrier],
    number: u32,
    today: Day,
) -> io::Result<Onward> {
    let writer = writer(dice, people, joined);
    let Some(producer) = people.producers.get(writer) else { return Ok(None) };
    let index = dice.pick(&producer.carriers);
    let Some(carrier) = carriers.get(index) else { return Ok(None) };
    let Some((product, kind)) = carrier.sells.get(dice.below(carrier.sells.len())) else { return Ok(None) };
    let mode = match dice.below(100) {
        0..78 => Mode::Monthly,
        78..87 => Mode::Quarterly,
        87..92 => Mode::Semiannual,
        _ => Mode::Annual,
    };
    let (least, most) = kind.monthly;
    let monthly = i64::from(dice.between(least * 100, most * 100));
    let premium = Cents(monthly * i64::from(mode.months()));
    let number = code(&format!("{}{:07}", kind.code, number + 1))?;
    let (youngest, oldest) = kind.ages;
    let state = dice.pick(&["", "AZ", "CA", "FL", "GA", "NC", "OH", "TX"]);
    let issued = PolicyIssued {
        carrier: carrier.code.clone(),
        number: number.clone(),
        product: product.clone(),
        annual_premium: Cents(monthly * 12),
        mode,
        writing: writing(dice, people, joined, writer, index)?,
        state: (!state.is_empty()).then(|| state.to_owned()),
        issue_age: u8::try_from(dice.between(youngest, oldest)).ok(),
        frozen: (),
    };
    let carrier = issued.carrier.clone();
    book.write(today, Body::PolicyIssued(Box::new(issued)))?;
    let cash_value = kind.cash_value;
    let life =
        Life { carrier, number, premium, mode, cash_value, issued: today, due: 0, next: Next::Premium };
    if dice.per_mille(12) {
        return Ok(life.then(Next::End(StopReason::NotTaken), Day(today.0 + dice.between(10, 30))));
    }
    life.step(book, dice, today)
}

/// One that writes: of those that have joined and are not released, where a few tries find one.
fn writer(dice: &mut Dice, people: &People, joined: usize) -> usize {
    const TRIES: usize = 8;
    let first = people.first_writer;
    let count = joined.saturating_sub(first).max(1);
    let active = |index: &usize| people.producers.get(*index).is_some_and(Producer::is_active);
    // The first is never released.
    (0..TRIES).map(|_| first + dice.below(count)).find(active).unwrap_or(first)
}

/// Who writes a policy: mostly one, now and then two or three that are contracted with the carrier.
fn writing(
    dice: &mut Dice,
    people: &People,
    joined: usize,
    writer: usize,
    carrier: usize,
) -> io::Result<Vec<Writing<ByCode>>> {
    const SPLITS: [&[i128]; 4] = [&[50, 50], &[60, 40], &[75, 25], &[34, 33, 33]];
    let mut writers = vec![writer];
    let mut shares: &[i128] = &[100];
    if dice.per_mille(60) {
        let split = dice.pick(&SPLITS);
        // A few tries: in a small book there may be no other.
        for _ in 0..4 * split.len() {
            let other = people.first_writer + dice.below(joined.saturating_sub(people.first_writer));
            let fits = people.producers.get(other).is_some_and(|other| other.carriers.contains(&carrier));
            if writers.len() < split.len() && fits && !writers.contains(&other) {
                writers.push(other);
            }
        }
        if writers.len() == split.len() {
            shares = split;
        }
    }
    let mut writing = Vec::new();
    for (&writer, &share) in writers.iter().zip(shares) {
        let share = Rate::from_parts(share, 2).ok_or_else(|| io::Error::other("no share"))?;
        writing.extend(
            people.producers.get(writer).map(|writer| Writing { producer: writer.code.clone(), share }),
        );
    }
    Ok(writing)
}

impl Life {
    /// Does what happens today, and says what happens next.
    pub fn step<W: Write>(
        mut self,
        book: &mut Book<'_, W>,
        dice: &mut Dice,
        today: Day,
    ) -> io::Result<Onward> {
        let later = |dice: &mut Dice, first, last| Day(today.0 + dice.between(first, last));
        match self.next {
            Next::Premium => self.premium_due(book, dice, today),
            Next::Bounce => {
                let (policy, amount) = (self.policy(), self.premium);
                let reason = Some(ReversalReason::Nsf);
                book.write(
                    today,
                    Body::PremiumReversed(PremiumReversed { policy, amount, months: None, reason }),
                )?;
                if dice.per_mille(700) {
                    return Ok(self.then(Next::PaidAgain, later(dice, 3, 7)));
                }
                Ok(self.then(Next::Lapse, Day(today.0 + 31)))
            }
            Next::PaidAgain => {
                book.write(today, self.paid(1))?;
                Ok(self.then_due(today))
            }
            Next::Lapse => {
                let reason = StopReason::Lapse;
                book.write(today, Body::PolicyStopped(PolicyStopped { policy: self.policy(), reason }))?;
                if dice.per_mille(250) {
                    return Ok(self.then(Next::Arrears, later(dice, 8, 40)));
                }
                Ok(None)
            }
            Next::Arrears => {
                // Since the premium that was not paid; it counts as due already.
                let before = self.due;
                while self.due_day() <= today {
                    self.due += 1;
                }
                book.write(today, self.paid(self.due - before + 1))?;
                Ok(self.then(Next::Reinstatement, later(dice, 1, 14)))
            }
            Next::Reinstatement => {
                book.write(today, Body::PolicyReinstated(PolicyReinstated { policy: self.policy() }))?;
                Ok(self.then_due(today))
            }
            Next::End(reason) => {
                book.write(today, Body::PolicyStopped(PolicyStopped { policy: self.policy(), reason }))?;
                if reason == StopReason::FreeLook {
                    let (policy, amount) = (self.policy(), self.premium);
                    let reason = Some(ReversalReason::Refund);
                    book.write(
                        today,
                        Body::PremiumReversed(PremiumReversed { policy, amount, months: None, reason }),
                    )?;
                }
                Ok(None)
            }
            Next::PremiumAfterDeath => {
                book.write(today, self.paid(1))?;
                Ok(None)
            }
        }
    }

    /// A premium falls due: mostly it is paid and the next follows.
    fn premium_due<W: Write>(
        mut self,
        book: &mut Book<'_, W>,
        dice: &mut Dice,
        today: Day,
    ) -> io::Result<Onward> {
        let first = self.due == 0;
        let year = self.due * u32::from(self.mode.months()) / 12;
        let months = usize::from(self.mode.months());
        self.due += 1;
        if first && dice.per_mille(20) {
            book.write(today, self.paid(1))?;
            return Ok(self.then(Next::End(StopReason::FreeLook), Day(today.0 + dice.between(8, 25))));
        }
        let unpaid = if year == 0 { 11 } else { 6 };
        if !first && dice.per_mille(unpaid * months) {
            return Ok(self.then(Next::Lapse, Day(today.0 + 31)));
        }
        if dice.per_mille(30) && !first {
            book.write_late(today, self.paid(1), Day(today.0 + dice.between(2, 75)));
            return Ok(self.then_due(today));
        }
        book.write(today, self.paid(1))?;
        if dice.per_mille(8) {
            return Ok(self.then(Next::Bounce, Day(today.0 + dice.between(3, 9))));
        }
        if let Some(reason) = self.ends(dice, year, months) {
            let ends = Day(today.0 + dice.between(1, 27));
            if reason == StopReason::Death && dice.per_mille(500) {
                // Known weeks later; by then the next premium has been drawn.
                let body = Body::PolicyStopped(PolicyStopped { policy: self.policy(), reason });
                book.write_late(ends, body, Day(ends.0 + dice.between(10, 90)));
                let due = self.due_day();
                return Ok(self.then(Next::PremiumAfterDeath, due));
            }
            return Ok(self.then(Next::End(reason), ends));
        }
        Ok(self.then_due(today))
    }

    /// Why it ends before the next premium, if it does.
    fn ends(&self, dice: &mut Dice, year: u32, months: usize) -> Option<StopReason> {
        match dice.below(10_000) {
            roll if roll < 5 * months => Some(StopReason::Death),
            roll if roll < 12 * months && self.cash_value && year >= 2 => Some(StopReason::Surrender),
            roll if roll < 16 * months && year >= 1 => Some(StopReason::Replaced),
            _ => None,
        }
    }

    fn policy(&self) -> PolicyName {
        PolicyName { carrier: self.carrier.clone(), number: self.number.clone() }
    }

    /// So many premiums in one payment.
    fn paid(&self, premiums: u32) -> Body<ByCode> {
        let months = u32::from(self.mode.months()) * premiums;
        Body::PremiumPaid(PremiumPaid {
            policy: self.policy(),
            amount: Cents(self.premium.0 * i64::from(premiums)),
            months: if premiums == 1 { None } else { u8::try_from(months).ok() },
        })
    }

    /// When the next premium is due.
    fn due_day(&self) -> Day {
        self.issued.plus_months(self.due * u32::from(self.mode.months()))
    }

    fn then(mut self, next: Next, day: Day) -> Onward {
        self.next = next;
        Some((day, self))
    }

    /// The next premium comes when it is due, but after today.
    fn then_due(self, today: Day) -> Onward {
        let due = self.due_day().max(today.next());
        self.then(Next::Premium, due)
    }
}
