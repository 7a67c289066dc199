//! What is paid out of what is due: leads first, then chargebacks, then the reserve, the rest in cash.
//!
//! # Shape
//! [`Payouts`] knows terms and holds by their two orders; [`split`] divides what is due to one producer.
//!
//! # Correctness
//! The parts of a [`Split`] add up to what was due, to the cent. A part of the reserve that takes more than one
//! tier is rounded once, at its end.

use crate::fact::{
    BANK_HOLD_DAYS, BankDetailsSet, HoldReason, PayoutBasis, PayoutPart, PayoutTerms, ProducerKind,
};
use crate::vocabulary::as_of::{AsOf, Dated, Position, in_force};
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ByCode, ById, Code, ProducerId};
use crate::vocabulary::time::Day;
use ethnum::I256;
use hashbrown::HashMap;
use uuid::Uuid;

/// How payouts are made, and to whom none.
#[derive(Clone, Debug, Default)]
pub struct Payouts {
    /// By producer; under none: of everybody else.
    terms: HashMap<Option<ProducerId>, Vec<(Day, Position, PayoutTerms)>>,
    holds: HashMap<ProducerId, Vec<Hold>>,
    made: HashMap<Position, Made>,
    /// Where the payouts of ids stand.
    ids: HashMap<Uuid, Position>,
    /// What came back from the bank, less what was paid out of it again, by day.
    returned: HashMap<ProducerId, Vec<(Day, i128)>>,
    banks: HashMap<ProducerId, BankAccount>,
}

/// A payout that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    pub producer: ProducerId,
    pub on: Day,
    /// What of its cash has not come back; nothing for one by a carrier.
    pub out: Cents,
}

/// The account at a bank that was set last for a producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAccount {
    /// A keyed hash of its details.
    pub commitment: Code,
    /// Where it was set.
    pub position: Position,
    /// Who set it.
    pub actor: Option<String>,
}

#[derive(Clone, Copy, Debug)]
struct Hold {
    on: Day,
    position: Position,
    reason: HoldReason,
    placed: bool,
    /// From which day on it holds nothing any more.
    until: Option<Day>,
}

impl Dated for Hold {
    fn on(&self) -> Day {
        self.on
    }

    fn position(&self) -> Position {
        self.position
    }
}

impl Payouts {
    /// Terms from a day on.
    pub(crate) fn set(&mut self, who: Option<ProducerId>, on: Day, position: Position, terms: &PayoutTerms) {
        self.terms.entry(who).or_default().push((on, position, terms.clone()));
    }

    /// A hold is placed, or lifted, from a day on.
    pub(crate) fn hold(
        &mut self,
        who: ProducerId,
        on: Day,
        position: Position,
        reason: HoldReason,
        placed: bool,
    ) {
        self.holds.entry(who).or_default().push(Hold { on, position, reason, placed, until: None });
    }

    /// A payout was made, that pays so much cash, of which so much had come back before.
    pub(crate) fn note_payout(&mut self, position: Position, made: Made, returned: Cents) {
        if !returned.is_zero() {
            self.returned.entry(made.producer).or_default().push((made.on, -i128::from(returned.0)));
        }
        self.made.insert(position, made);
    }

    /// By which id a payout is known.
    pub(crate) fn know_payout(&mut self, id: Uuid, position: Position) {
        self.ids.insert(id, position);
    }

    /// The payout of an id.
    pub fn payout(&self, id: Uuid) -> Option<(Position, Made)> {
        let position = *self.ids.get(&id)?;
        Some((position, self.made(position)?))
    }

    /// The payout at a position.
    pub fn made(&self, position: Position) -> Option<Made> {
        self.made.get(&position).copied()
    }

    /// A part of a payout came back: its producer is held from then on. `None` where it was never made.
    pub(crate) fn note_return(
        &mut self,
        of: Position,
        on: Day,
        position: Position,
        amount: Cents,
    ) -> Option<()> {
        let made = self.made.get_mut(&of)?;
        made.out = made.out.checked_sub(amount)?;
        let producer = made.producer;
        self.returned.entry(producer).or_default().push((on, i128::from(amount.0)));
        self.hold(producer, on, position, HoldReason::BankReturned, true);
        Some(())
    }

    /// What came back from the bank and was not paid out again: what stays so from a day on, as known. `None` on an
    /// overflow.
    pub fn returned(&self, who: ProducerId, on: Day) -> Option<Cents> {
        let mut changes = self.returned.get(&who).cloned().unwrap_or_default();
        changes.sort_by_key(|(day, _)| *day);
        let least = super::sides::smallest_from(on, changes.into_iter());
        i64::try_from(least.max(0)).ok().map(Cents)
    }

    /// An account is set from a day on. In the place of another it holds what is paid out, until somebody had the time
    /// to notice.
    pub(crate) fn set_bank(
        &mut self,
        set: &BankDetailsSet<ById>,
        from: Day,
        position: Position,
        actor: Option<String>,
    ) {
        let (who, commitment) = (set.producer, set.commitment.clone());
        // Who says the same again has not changed it.
        if self.banks.get(&who).is_some_and(|known| known.commitment == set.commitment) {
            return;
        }
        let before = self.banks.insert(who, BankAccount { commitment, position, actor });
        if before.is_some() {
            let days = i32::from(set.hold_days.unwrap_or(BANK_HOLD_DAYS));
            let until = Some(Day(from.0.saturating_add(days)));
            let (on, reason) = (from, HoldReason::BankChanged);
            self.holds.entry(who).or_default().push(Hold { on, position, reason, placed: true, until });
        }
    }

    /// The account that was set last for a producer.
    pub fn bank(&self, who: ProducerId) -> Option<&BankAccount> {
        self.banks.get(&who)
    }

    /// The accounts that were set last.
    pub fn banks(&self) -> impl Iterator<Item = (ProducerId, &BankAccount)> {
        self.banks.iter().map(|(who, account)| (*who, account))
    }

    /// The terms of a producer on a day: its own, or those of everybody; of several the last by day, then
    /// position. Where none were set nothing is withheld and nothing is too little.
    pub fn terms_on(&self, who: ProducerId, on: Day) -> PayoutTerms {
        let of = |who: Option<ProducerId>| {
            in_force(self.terms.get(&who)?, AsOf::day(on)).map(|(.., terms)| terms.clone())
        };
        of(Some(who)).or_else(|| of(None)).unwrap_or_default()
    }

    /// Since when a producer is paid only what was received, without a break up to a day; none where it is not.
    pub fn received_since(&self, who: ProducerId, on: Day) -> Option<Day> {
        let versions = [Some(who), None].into_iter().filter_map(|who| self.terms.get(&who)).flatten();
        let mut days: Vec<Day> = versions.map(|(day, ..)| *day).filter(|day| *day <= on).collect();
        days.sort_unstable();
        days.dedup();
        let by_received = |day: &&Day| self.terms_on(who, **day).basis == PayoutBasis::Received;
        days.iter().rev().take_while(by_received).last().copied()
    }

    /// Why nothing is paid out to a producer on a day; of each reason the last word counts.
    pub fn holds_on(&self, who: ProducerId, on: Day) -> Vec<HoldReason> {
        let holds = || self.holds.get(&who).into_iter().flatten();
        let last = |reason: HoldReason| {
            let of_reason = holds().filter(|hold| hold.reason == reason);
            in_force(of_reason, AsOf::day(on)).is_some_and(|hold| hold.placed)
        };
        let held = |reason: HoldReason| match reason {
            HoldReason::BankChanged => self.waits_for_account(who, on),
            other => last(other),
        };
        HoldReason::ALL.iter().copied().filter(|reason| held(*reason)).collect()
    }

    /// Whether an account changed a short while ago, and nobody has lifted that since. What was lifted before it changed
    /// lifts nothing, whatever its date.
    fn waits_for_account(&self, who: ProducerId, on: Day) -> bool {
        let of_reason = || {
            let holds = self.holds.get(&who).into_iter().flatten();
            holds.filter(|hold| hold.reason == HoldReason::BankChanged && hold.on <= on)
        };
        let lifted = |held: &Hold| of_reason().any(|lift| !lift.placed && lift.position > held.position);
        of_reason().any(|hold| hold.placed && hold.until.is_none_or(|until| on < until) && !lifted(hold))
    }
}

/// What stands to a producer's account when it is paid out; what it owes is not negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Due to it.
    pub payable: Cents,
    /// Owed for leads; below zero: to its credit.
    pub leads: Cents,
    /// Owed for chargebacks.
    pub debt: Cents,
    /// Debts that stand below zero: what was paid off and fell later.
    pub credit: Cents,
    /// Withheld before.
    pub reserve: Cents,
    /// Of what is due, what came back from the bank: it is paid as it was.
    pub returned: Cents,
    /// What no carrier has paid yet; not in what is due.
    pub unreceived: Cents,
}

/// What becomes of what is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Against leads; below zero where a credit is given back.
    pub leads: Cents,
    /// Against chargebacks, less the credit.
    pub debt: Cents,
    /// Withheld.
    pub reserve: Cents,
    /// Left for the next run.
    pub carried: Cents,
    /// Paid in cash.
    pub paid: Cents,
    /// Of that, what had come back from the bank.
    pub returned: Cents,
}

impl Split {
    /// What of the payable this settles: all but what is carried forward. `None` on an overflow.
    pub fn settled(&self) -> Option<Cents> {
        self.leads.checked_add(self.debt)?.checked_add(self.reserve)?.checked_add(self.paid)
    }

    /// Whether nothing moves.
    pub fn is_nothing(&self) -> bool {
        [self.leads, self.debt, self.reserve, self.paid] == [Cents::ZERO; 4]
    }
}

/// What a pay run does for one producer, by one payer.
#[derive(Clone, Debug, PartialEq)]
pub struct PayRow {
    pub producer: Code,
    /// The carrier that pays; none: the house does.
    pub paid_by: Option<Code>,
    /// Of which payables what moves is taken.
    pub parts: Vec<PayoutPart<ByCode>>,
    /// What kind of producer it is.
    pub kind: ProducerKind,
    /// What stands to its account.
    pub due: Due,
    /// What becomes of that.
    pub split: Split,
    /// Why nothing is paid out to it.
    pub holds: Vec<HoldReason>,
}

/// Divides what is due. Nothing moves while a payout is held. What came back from the bank is paid first, and whole. What
/// would come to less than the minimum is carried forward before anything is withheld of it. `None` on an overflow.
pub fn split(due: Due, terms: &PayoutTerms, held: bool) -> Option<Split> {
    let returned = if held { Cents::ZERO } else { due.returned.min(due.payable).max(Cents::ZERO) };
    let rest = Due { payable: due.payable.checked_sub(returned)?, ..due };
    let split = split_rest(rest, terms, held)?;
    Some(Split { paid: split.paid.checked_add(returned)?, returned, ..split })
}

fn split_rest(due: Due, terms: &PayoutTerms, held: bool) -> Option<Split> {
    let carry = Split { carried: due.payable, ..Split::default() };
    let of_leads = due.leads.min(Cents::ZERO);
    let whole = due.payable.checked_add(due.credit)?.checked_sub(of_leads)?;
    if held || !whole.is_positive() {
        return Some(carry);
    }
    let recovered_leads = due.leads.max(Cents::ZERO).min(whole);
    let left = whole.checked_sub(recovered_leads)?;
    let leads = recovered_leads.checked_add(of_leads)?;
    let recovered = due.debt.max(Cents::ZERO).min(left);
    let left = left.checked_sub(recovered)?;
    let debt = recovered.checked_sub(due.credit)?;
    let reserve = withheld(left, due.reserve, terms)?.min(left);
    let paid = left.checked_sub(reserve)?;
    // What is withheld whole is no payment that is too small.
    if paid.0 >= terms.minimum.0 || (paid.is_zero() && reserve.is_positive()) {
        return Some(Split { leads, debt, reserve, paid, ..Split::default() });
    }
    // A credit alone waits with what is carried.
    let recovers = recovered_leads.is_positive() || recovered.is_positive();
    Some(if recovers { Split { leads, debt, carried: left, ..Split::default() } } else { carry })
}

/// What of a commission goes into a reserve that holds so much: at each tier's rate until the reserve has reached
/// its end, what is left of the commission at the next one's.
fn withheld(commission: Cents, reserve: Cents, terms: &PayoutTerms) -> Option<Cents> {
    // What is left of the commission is kept as a fraction, so that no tier rounds for the next.
    let (mut left, mut parts) = (I256::from(commission.0), I256::ONE);
    let mut full = Cents::ZERO;
    for tier in &terms.reserve {
        let room = tier.to.checked_sub(reserve)?.checked_sub(full)?;
        let (mantissa, scale) = tier.rate.parts();
        if !room.is_positive() || mantissa == 0 {
            continue;
        }
        let (rate, one) = (I256::from(mantissa), I256::from(10).checked_pow(scale)?);
        let wanted = left.checked_mul(rate)?;
        let unit = parts.checked_mul(one)?;
        if wanted <= I256::from(room.0).checked_mul(unit)? {
            let twice = wanted.checked_mul(I256::from(2))?.checked_add(unit)?;
            let last = i64::try_from(twice.checked_div(unit.checked_mul(I256::from(2))?)?).ok()?;
            return full.checked_add(Cents(last));
        }
        // This tier is full: room / rate of the commission went into it.
        left = left.checked_mul(rate)?.checked_sub(I256::from(room.0).checked_mul(unit)?)?;
        parts = parts.checked_mul(rate)?;
        full = full.checked_add(room)?;
    }
    Some(full)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::ReserveTier;
    use crate::vocabulary::rate::Rate;

    fn terms(minimum: i64, tiers: &[(i64, &str)]) -> PayoutTerms {
        let tier =
            |(to, rate): &(i64, &str)| ReserveTier { to: Cents(*to), rate: Rate::parse(rate).unwrap() };
        let reserve = tiers.iter().map(tier).collect();
        PayoutTerms { minimum: Cents(minimum), reserve, ..PayoutTerms::default() }
    }

    fn due(payable: i64, leads: i64, debt: i64, reserve: i64) -> Due {
        let [payable, leads, debt, reserve] = [payable, leads, debt, reserve].map(Cents);
        Due { payable, leads, debt, reserve, ..Due::default() }
    }

    #[track_caller]
    fn check(due: Due, terms: &PayoutTerms, held: bool, expected: [i64; 5]) {
        let s = split(due, terms, held).unwrap();
        assert_eq!([s.leads, s.debt, s.reserve, s.carried, s.paid].map(|c| c.0), expected);
        assert_eq!(s.settled().unwrap().checked_add(s.carried), Some(due.payable));
    }

    /// 20% to 10,000.00, then 10% to 20,000.00: the worked example of the pay run.
    #[test]
    fn a_reserve_is_filled_tier_by_tier() {
        let tiers = terms(0, &[(1_000_000, "0.2"), (2_000_000, "0.1")]);
        // 500.00 fill the first tier with 2,500.00 of the commission; 10% of the other 1,500.00 are 150.00.
        check(due(400_000, 0, 0, 950_000), &tiers, false, [0, 0, 65_000, 0, 335_000]);
        check(due(400_000, 0, 0, 0), &tiers, false, [0, 0, 80_000, 0, 320_000]);
        check(due(400_000, 0, 0, 1_990_000), &tiers, false, [0, 0, 10_000, 0, 390_000]);
        check(due(400_000, 0, 0, 2_500_000), &tiers, false, [0, 0, 0, 0, 400_000]);
        // Only what is left after leads and debt is withheld of.
        check(due(400_000, 100_000, 50_000, 950_000), &tiers, false, [100_000, 50_000, 50_000, 0, 200_000]);
    }

    #[test]
    fn tiers_do_not_round_for_each_other() {
        // 1 cent of room takes 3 1/3 cents of commission; of the other 96 2/3 a half is 48 1/3.
        check(due(100, 0, 0, 9), &terms(0, &[(10, "0.3"), (1_000, "0.5")]), false, [0, 0, 49, 0, 51]);
        check(due(1, 0, 0, 0), &terms(0, &[(10, "0.5")]), false, [0, 0, 1, 0, 0]);
    }

    #[test]
    fn what_is_too_little_is_carried_forward() {
        let minimum = terms(2_500, &[]);
        check(due(1_840, 0, 0, 0), &minimum, false, [0, 0, 0, 1_840, 0]);
        check(due(2_840, 0, 0, 0), &minimum, false, [0, 0, 0, 0, 2_840]);
        check(due(2_500, 0, 0, 0), &minimum, false, [0, 0, 0, 0, 2_500]);
        // What it owes is recovered all the same, and nothing is withheld of what is carried.
        let withheld = terms(2_500, &[(100_000, "0.2")]);
        check(due(10_000, 5_000, 3_000, 0), &withheld, false, [5_000, 3_000, 0, 2_000, 0]);
        check(due(3_000, 0, 0, 0), &withheld, false, [0, 0, 0, 3_000, 0]);
        // What is withheld whole is no payment at all.
        check(due(3_000, 0, 0, 0), &terms(2_500, &[(100_000, "1")]), false, [0, 0, 3_000, 0, 0]);
    }

    #[test]
    fn debt_takes_what_leads_leave_and_a_hold_moves_nothing() {
        check(due(100, 60, 80, 0), &terms(0, &[]), false, [60, 40, 0, 0, 0]);
        check(due(100, 160, 80, 0), &terms(0, &[]), false, [100, 0, 0, 0, 0]);
        check(due(100, 60, 80, 0), &terms(0, &[]), true, [0, 0, 0, 100, 0]);
        check(due(-100, 60, 80, 0), &terms(0, &[]), false, [0, 0, 0, -100, 0]);
    }

    #[test]
    fn a_credit_is_paid_with_what_is_due_or_set_against_other_debt() {
        let credit = |due: Due, credit| Due { credit: Cents(credit), ..due };
        check(credit(due(100, 0, 0, 0), 30), &terms(0, &[]), false, [0, -30, 0, 0, 130]);
        check(credit(due(0, 0, 0, 0), 30), &terms(0, &[]), false, [0, -30, 0, 0, 30]);
        check(credit(due(-10, 0, 0, 0), 30), &terms(0, &[]), false, [0, -30, 0, 0, 20]);
        check(credit(due(0, 5, 10, 0), 30), &terms(0, &[]), false, [5, -20, 0, 0, 15]);
        check(credit(due(0, 0, 80, 0), 30), &terms(0, &[]), false, [0, 0, 0, 0, 0]);
        // Below the minimum it waits, unless something is recovered of it.
        check(credit(due(10, 0, 0, 0), 5), &terms(2_500, &[]), false, [0, 0, 0, 10, 0]);
        check(credit(due(10, 0, 8, 0), 5), &terms(2_500, &[]), false, [0, 3, 0, 7, 0]);
        check(credit(due(10, 0, 0, 0), 5), &terms(0, &[]), true, [0, 0, 0, 10, 0]);
        // So is a credit of leads.
        check(due(0, -20, 0, 0), &terms(0, &[]), false, [-20, 0, 0, 0, 20]);
        check(due(10, -20, 5, 0), &terms(0, &[]), false, [-20, 5, 0, 0, 25]);
        check(due(10, -5, 0, 0), &terms(2_500, &[]), false, [0, 0, 0, 10, 0]);
    }

    /// pay.md §8: no minimum, no reserve, no debt is taken of what came back.
    #[test]
    fn what_came_back_is_paid_as_it_was() {
        let terms = terms(7_500, &[(100_000, "0.5")]);
        let back = |due: Due| Due { returned: Cents(50_000), ..due };
        let check = |due: Due, expected: [i64; 6]| {
            let s = split(due, &terms, false).unwrap();
            assert_eq!([s.returned, s.leads, s.debt, s.reserve, s.carried, s.paid].map(|c| c.0), expected);
        };
        check(back(due(60_000, 0, 4_000, 0)), [50_000, 0, 4_000, 0, 6_000, 50_000]);
        check(back(due(74_000, 0, 4_000, 0)), [50_000, 0, 4_000, 10_000, 0, 60_000]);
        check(back(due(30_000, 0, 4_000, 0)), [30_000, 0, 0, 0, 0, 30_000]);
        check(back(due(-10, 0, 4_000, 0)), [0, 0, 0, 0, -10, 0]);
        assert_eq!(split(back(due(60_000, 0, 0, 0)), &terms, true).unwrap().paid, Cents::ZERO);
    }

    #[test]
    fn own_terms_and_the_last_word_count() {
        let who = ProducerId(1);
        let mut payouts = Payouts::default();
        assert_eq!(payouts.terms_on(who, Day(5)), PayoutTerms::default());
        payouts.set(None, Day(1), 1, &terms(10, &[]));
        payouts.set(None, Day(3), 2, &terms(20, &[]));
        payouts.set(Some(who), Day(4), 3, &terms(30, &[]));
        let minimum = |on| payouts.terms_on(who, Day(on)).minimum.0;
        assert_eq!([0, 1, 3, 4].map(minimum), [0, 10, 20, 30]);
        assert_eq!(payouts.terms_on(ProducerId(2), Day(9)).minimum.0, 20);
        payouts.hold(who, Day(2), 4, HoldReason::Dispute, true);
        payouts.hold(who, Day(4), 5, HoldReason::Licence, true);
        payouts.hold(who, Day(6), 6, HoldReason::Dispute, false);
        use HoldReason::{Dispute, Licence};
        assert_eq!(payouts.holds_on(who, Day(1)), []);
        assert_eq!(payouts.holds_on(who, Day(5)), [Licence, Dispute]);
        assert_eq!(payouts.holds_on(who, Day(6)), [Licence]);
    }
}
