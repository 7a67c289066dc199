//! What is due to each producer by each payer, and what becomes of it (rules §8, pay.md §2).
//!
//! # Correctness
//! An amount is due by who received it: the sides of the payables and debts are told apart by the route of each day. What
//! a carrier's payout of the same run takes of a producer's debt is not taken again by the house's.

use super::waiting::Waiting;
use crate::error::LedgerError;
use std::collections::BTreeMap;
use upline_core::book::Book;
use upline_core::debts::sides::smallest_from;
use upline_core::fact::{PaidBy, PayoutPart, PayoutTerms, ProducerKind};
use upline_core::money::{Cents, Total};
use upline_core::names::{ByCode, CarrierId, Code, ProducerId};
use upline_core::payout::{Due, PayRow, Split, split};
use upline_core::premium_status::Overflow;
use upline_core::refusal::{Refusal, RefusalCode};
use upline_core::sides::{Move, sides};
use upline_core::time::Day;
use upline_core::{Owed, Payer};
use upline_views::payables::OfProducer;

/// Whom a run pays, and when.
pub(super) struct Payee<'a> {
    pub id: ProducerId,
    pub code: &'a Code,
    pub kind: ProducerKind,
    /// The day through which it is paid.
    pub through: Day,
    /// The day on which the run is recorded: who is held then is not paid for an earlier day either.
    pub today: Day,
}

/// What stands on one side of a payable: the least from a day on.
fn least(moves: &[Move], through: Day) -> i128 {
    smallest_from(through, moves.iter().map(|moved| (moved.dated, moved.amount)))
}

/// What a run does for a producer: by the house first, then by carriers in the order of their codes.
pub(super) fn rows_of(
    book: &Book,
    payee: &Payee<'_>,
    moved: &OfProducer,
    waiting: &Waiting,
) -> Result<Vec<PayRow>, LedgerError> {
    let Payee { id, through, .. } = *payee;
    let routes = book.reference_data().routes();
    if routes.house_on(through) == Some(id) {
        return Ok(Vec::new());
    }
    let mut carriers: Vec<PayRow> = Vec::new();
    // What the house's side moved, over all payables, and where each of them stands at its least.
    let mut house: Vec<(Day, i128)> = Vec::new();
    let mut stands: BTreeMap<Option<&Code>, i128> = BTreeMap::from([(None, 0)]);
    let (mut left, mut waiting_in_all) = (0, 0);
    let (mut recovered, mut given_back) = (Cents::ZERO, Cents::ZERO);
    for (carrier, moves) in moved.payables() {
        // What no carrier has paid yet is not taken.
        let waits = carrier.map_or(0, |carrier| waiting.of(id, carrier));
        waiting_in_all += waits;
        let Some(carrier) = carrier.filter(|_| !routes.is_trivial()) else {
            *stands.entry(carrier.and_then(|carrier| name(book, carrier))).or_default() +=
                least(&moves, through) - waits;
            house.extend(moves.iter().map(|moved| (moved.dated, moved.amount)));
            continue;
        };
        let of = sides(&moves, |day| routes.paid_by(id, carrier, day));
        let stood = stands.entry(name(book, carrier)).or_default();
        *stood += least(&of.house, through) - waits;
        house.extend(of.house.iter().map(|moved| (moved.dated, moved.amount)));
        let due = least(&of.carrier, through);
        let back_to_the_house = routes.paid_by(id, carrier, through) == PaidBy::House;
        if back_to_the_house {
            // What stands below zero there is the house's now.
            *stood += due.min(0);
            left += due.min(0);
        }
        if let Some(row) = by_carrier(book, payee, carrier, due)? {
            if back_to_the_house {
                let credit = book.owed(id, Payer::Carrier(carrier), through)?.credit().ok_or(Overflow)?;
                let moves = !row.split.is_nothing();
                let back = if moves { credit } else { Cents::ZERO };
                given_back = given_back.checked_add(back).ok_or(Overflow)?;
                let gross = row.split.debt.checked_add(back).ok_or(Overflow)?;
                recovered = recovered.checked_add(gross).ok_or(Overflow)?;
            }
            carriers.push(row);
        }
    }
    house.sort_by_key(|(day, _)| *day);
    let computed = smallest_from(through, house.into_iter()) + left;
    let payable = if waiting_in_all > 0 { computed.min(stands.values().sum::<i128>()) } else { computed };
    let owed = book.owed(id, Payer::House, through)?;
    let reserve = moved.reserve.iter().map(|(day, amount)| (*day, -amount));
    let due = Due {
        payable: cents(payee, "payable", payable)?,
        leads: book.open_leads(id, through)?,
        debt: owed.debt().and_then(|debt| debt.checked_sub(recovered)).ok_or(Overflow)?,
        credit: owed.credit().and_then(|credit| credit.checked_sub(given_back)).ok_or(Overflow)?,
        // The most that it comes to hold, so that a run for an earlier day does not overfill it.
        reserve: cents(payee, "reserve", -smallest_from(through, reserve))?,
        returned: book.payouts().returned(id, through).ok_or(Overflow)?,
        unreceived: cents(payee, "payable", computed - payable)?,
    };
    let mut holds = book.payouts().holds_on(id, through);
    holds.extend(book.payouts().holds_on(id, payee.today.max(through)));
    holds.sort();
    holds.dedup();
    let terms = book.payouts().terms_on(id, through);
    let split = split(due, &terms, !holds.is_empty()).ok_or(Overflow)?;
    let mut rows = Vec::new();
    if due.payable.is_positive() || due.unreceived.is_positive() || !split.is_nothing() {
        let parts = parts(&split, &stands).ok_or(Overflow)?;
        let (producer, kind) = (payee.code.clone(), payee.kind);
        rows.push(PayRow { producer, paid_by: None, parts, kind, due, split, holds });
    }
    carriers.sort_by(|a, b| a.paid_by.cmp(&b.paid_by));
    rows.append(&mut carriers);
    Ok(rows)
}

/// What a carrier pays: it recovers what is owed to it, and knows no leads, reserve, minimum or hold.
fn by_carrier(
    book: &Book,
    payee: &Payee<'_>,
    carrier: CarrierId,
    payable: i128,
) -> Result<Option<PayRow>, LedgerError> {
    let owed: Owed = book.owed(payee.id, Payer::Carrier(carrier), payee.through)?;
    let due = Due {
        payable: cents(payee, "payable", payable)?,
        debt: owed.debt().ok_or(Overflow)?,
        credit: owed.credit().ok_or(Overflow)?,
        ..Due::default()
    };
    let split = split(due, &PayoutTerms::default(), false).ok_or(Overflow)?;
    let Some(code) = name(book, carrier) else { return Ok(None) };
    if !due.payable.is_positive() && split.is_nothing() {
        return Ok(None);
    }
    let amount = split.settled().ok_or(Overflow)?;
    Ok(Some(PayRow {
        producer: payee.code.clone(),
        paid_by: Some(code.clone()),
        parts: vec![PayoutPart { carrier: Some(code.clone()), amount }],
        kind: payee.kind,
        due,
        split,
        holds: Vec::new(),
    }))
}

/// Of which payables the house takes what moves: "first what is below zero is brought to zero, then the one without a
/// carrier is taken, then by carrier code, until what moves is reached; what is left over either way" is of the one
/// without a carrier. `None` on an overflow.
fn parts(split: &Split, stands: &BTreeMap<Option<&Code>, i128>) -> Option<Vec<PayoutPart<ByCode>>> {
    if split.is_nothing() {
        return Some(Vec::new());
    }
    let below: i128 = stands.values().map(|stood| (*stood).min(0)).sum();
    let mut left = i128::from(split.settled()?.0) - below;
    let mut taken: BTreeMap<Option<&Code>, i128> = BTreeMap::new();
    for (carrier, stood) in stands {
        let part = if *stood < 0 { *stood } else { (*stood).min(left.max(0)) };
        if *stood > 0 {
            left -= part;
        }
        taken.insert(*carrier, part);
    }
    *taken.entry(None).or_default() += left;
    let part = |(carrier, amount): (Option<&Code>, i128)| {
        let amount = i64::try_from(amount).ok().map(Cents)?;
        Some(PayoutPart { carrier: carrier.cloned(), amount })
    };
    taken.into_iter().filter(|(_, amount)| *amount != 0).map(part).collect()
}

fn name(book: &Book, carrier: CarrierId) -> Option<&Code> {
    book.reference_data().carriers().name(carrier)
}

fn cents(payee: &Payee<'_>, of: &str, amount: i128) -> Result<Cents, Refusal> {
    let within = amount.abs() <= i128::from(Cents::FACT_MAX.0);
    i64::try_from(amount).ok().filter(|_| within).map(Cents).ok_or_else(|| {
        let (producer, amount, most) = (payee.code, Total(amount), Cents::FACT_MAX);
        let message =
            format!("the {of} of producer {producer} is {amount}, and a payout carries at most {most}");
        Refusal::whole(RefusalCode::Amount, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    fn check(paid: i64, stands: &[(Option<&str>, i128)], expected: &[(Option<&str>, i64)]) {
        let codes: Vec<(Option<Code>, i128)> =
            stands.iter().map(|(carrier, stood)| (carrier.map(code), *stood)).collect();
        let stands = codes.iter().map(|(carrier, stood)| (carrier.as_ref(), *stood)).collect();
        let split = Split { paid: Cents(paid), ..Split::default() };
        let found = parts(&split, &stands).unwrap();
        let found: Vec<_> =
            found.iter().map(|part| (part.carrier.as_ref().map(Code::as_str), part.amount.0)).collect();
        assert_eq!(found, expected);
    }

    /// The worked example of pay.md §2, and what is left over.
    #[test]
    fn parts_add_up_to_what_moves() {
        let old = [(None, -500_000), (Some("C1"), 300_000), (Some("C2"), 210_000)];
        check(10_000, &old, &[(None, -500_000), (Some("C1"), 300_000), (Some("C2"), 210_000)]);
        check(
            19_000,
            &[(None, 3_000), (Some("C1"), -4_000), (Some("C2"), 20_000)],
            &[(None, 3_000), (Some("C1"), -4_000), (Some("C2"), 20_000)],
        );
        check(5_000, &[(None, 3_000), (Some("C1"), 4_000)], &[(None, 3_000), (Some("C1"), 2_000)]);
        check(5_000, &[(None, 0), (Some("C1"), 4_000)], &[(None, 1_000), (Some("C1"), 4_000)]);
    }
}
