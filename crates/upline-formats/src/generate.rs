//! A realistic book of facts, the same for the same seed on every platform, acceptable to the ledger line
//! by line.
//!
//! An IMO with MGAs, agencies and agents sells for a few carriers; policies are issued over ten years, paid
//! for, bounced, lapsed, reinstated, surrendered. Agents buy leads on credit, pay back what they owe, get
//! corrections, and some are released. Facts come in effective order, save for some that become
//! known late. Memory grows with the policies that are in force.

mod book;
mod calendar;
mod dice;
mod leads;
mod life;
mod market;
mod people;

use book::Book;
use calendar::Calendar;
use dice::Dice;
use leads::Leads;
use life::Life;
use std::io::{self, Write};
use upline_core::time::Day;

/// 2015-06-01: carriers, grids, uplines.
const FOUNDED: Day = Day(16_587);
/// 2015-09-01: the first agents join; the last do in 2022-12.
const AGENTS_JOIN: (Day, Day) = (Day(16_679), Day(19_350));
/// 2016-01-04: the first policies.
const FIRST_ISSUE: Day = Day(16_804);
/// 2025-12-31: the last policies.
const LAST_ISSUE: Day = Day(20_453);
/// 2026-06-30: the end of the book; what would happen later is not in it.
const LAST: Day = Day(20_634);

/// What stands in the calendar.
enum Coming {
    /// Something happens to a policy.
    Life(Life),
    /// A producer's contracts change.
    Change(usize),
    /// A producer leaves the coverage plan.
    Withdrawal(usize),
    /// An agent buys leads or pays for them.
    Leads(Leads),
    /// An agent pays back what it owes.
    Repayment(usize),
    /// Somebody corrects an agent's account by hand.
    Adjustment(usize),
    /// An agent is released.
    Release(usize),
}

/// Writes a book of so many policies and producers (at least one) as JSON lines; says how many lines.
pub fn generate(policies: u32, producers: u32, seed: u64, out: &mut impl Write) -> io::Result<u64> {
    let mut dice = Dice::new(seed);
    let mut book = Book::new(out, FOUNDED, LAST);
    let mut coming = Calendar::new(FOUNDED, LAST);
    let carriers = market::open(&mut book, &mut dice, producers, FOUNDED)?;
    let mut people = people::hierarchy(&mut dice, producers, carriers.len(), FOUNDED, AGENTS_JOIN)?;
    let (mut joined, mut issued) = (0, 0);
    for today in (FOUNDED.0..=LAST.0).map(Day) {
        while people.producers.get(joined).is_some_and(|next| next.joins <= today) {
            people::join(&mut book, &mut dice, &people, joined, &carriers)?;
            if joined == 0 {
                let payer = people.producers.first().map(|imo| imo.code.clone());
                payer.map_or(Ok(()), |payer| market::plan(&mut book, &payer, today))?;
            }
            plan_career(&mut book, &mut dice, &people, joined, &mut coming)?;
            joined += 1;
        }
        for what in coming.take(today) {
            let next = match what {
                Coming::Life(life) => {
                    life.step(&mut book, &mut dice, today)?.map(|(day, life)| (day, Coming::Life(life)))
                }
                Coming::Leads(leads) => leads
                    .step(&mut book, &mut dice, &people, today)?
                    .map(|(day, leads)| (day, Coming::Leads(leads))),
                Coming::Change(index) => {
                    people::change(&mut book, &mut dice, &mut people, index, &carriers, today)?;
                    None
                }
                Coming::Withdrawal(index) => {
                    people::withdraw(&mut book, &people, index, today)?;
                    None
                }
                Coming::Repayment(index) => {
                    people::repay(&mut book, &mut dice, &people, index, &carriers, today)?;
                    let again = Day(today.0 + dice.between(30, 200));
                    dice.per_mille(400).then_some((again, Coming::Repayment(index)))
                }
                Coming::Adjustment(index) => {
                    people::adjust(&mut book, &mut dice, &people, index, &carriers, today)?;
                    None
                }
                Coming::Release(index) => {
                    people::release(&mut book, &mut dice, &mut people, index, &carriers, today)?;
                    None
                }
            };
            if let Some((day, what)) = next {
                coming.put(day, what);
            }
        }
        while issued < policies_by(policies, today) {
            let onward = life::issue(&mut book, &mut dice, &people, joined, &carriers, issued, today)?;
            if let Some((day, life)) = onward {
                coming.put(day, Coming::Life(life));
            }
            issued += 1;
        }
        book.catch_up(today)?;
    }
    Ok(book.lines())
}

/// How many policies are issued by the end of a day: evenly over the years, none on weekends.
fn policies_by(policies: u32, today: Day) -> u32 {
    // 1970-01-01 was a Thursday.
    let weekday = (today.0 + 3).rem_euclid(7);
    let friday = today.0 - (weekday - 4).max(0);
    if today >= LAST_ISSUE {
        return policies;
    }
    let days = i64::from(friday - FIRST_ISSUE.0 + 1).max(0);
    let by = i64::from(policies) * days / i64::from(LAST_ISSUE.0 - FIRST_ISSUE.0 + 1);
    u32::try_from(by).unwrap_or(policies)
}

/// Decides when an agent that joins is enrolled, leaves the plan, goes up or moves, buys leads, pays back,
/// is corrected, is released.
fn plan_career<W: Write>(
    book: &mut Book<'_, W>,
    dice: &mut Dice,
    people: &people::People,
    index: usize,
    coming: &mut Calendar<Coming>,
) -> io::Result<()> {
    let Some(producer) = people.producers.get(index).filter(|_| index >= people.first_writer) else {
        return Ok(());
    };
    let joins = producer.joins;
    if people::enrol(book, dice, producer, joins)? && dice.per_mille(100) {
        coming.put(Day(joins.0 + dice.between(200, 1_500)), Coming::Withdrawal(index));
    }
    if index > 0 && dice.per_mille(350) {
        coming.put(Day(joins.0 + dice.between(250, 1_200)), Coming::Change(index));
    }
    if index == 0 {
        return Ok(());
    }
    if dice.per_mille(100) {
        coming.put(Day(joins.0 + dice.between(20, 400)), Coming::Leads(Leads::new(index)));
    }
    if dice.per_mille(150) {
        coming.put(Day(joins.0 + dice.between(300, 1_500)), Coming::Repayment(index));
    }
    if dice.per_mille(120) {
        coming.put(Day(joins.0 + dice.between(200, 2_500)), Coming::Adjustment(index));
    }
    if dice.per_mille(160) && people.may_be_released(index) {
        coming.put(Day(joins.0 + dice.between(400, 3_000)), Coming::Release(index));
    }
    Ok(())
}
