//! A policy while its facts are stepped through: what each payee was advanced, has earned, was charged
//! back and credited (rules §§4–8).

use crate::fact::grid::{ChargebackMonths, Rule, StopReason, rule_for};
use crate::policy::earning::{Figures, earn, first_year, kept};
use crate::policy::premium_status::{Happening, Overflow, PolicyFact, PremiumStatus};
use crate::recorded::event::Position;
use crate::terms::chain::{Part, Terms};
use crate::vocabulary::money::Cents;
use crate::vocabulary::rate::{Rate, portion};
use crate::vocabulary::time::Day;

/// What one payee has on a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayeeState {
    /// A: paid in advance at issue.
    pub advance: Cents,
    /// E: earned.
    pub earned: Cents,
    /// C: charged back.
    pub charged: Cents,
    /// PC: credited to payable.
    pub credited: Cents,
}

impl PayeeState {
    /// U: the advance not yet earned.
    pub fn unearned(self) -> Option<Cents> {
        self.credited.checked_sub(self.charged)?.checked_sub(self.earned)
    }
}

/// A stop of a policy, as its timeline knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Where the stop stands in the log.
    pub position: Position,
    /// Its effective date.
    pub on: Day,
    /// Why the policy stopped.
    pub reason: StopReason,
    /// The rule that its reason and the months applied chose.
    pub rule: Rule,
    /// What each payee had been charged back before.
    charged_before: Vec<Cents>,
    /// What each payee keeps by it.
    kept: Vec<Cents>,
}

/// A chargeback of one payee by one stop, as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The index of the stop among the policy's stops in effective order.
    pub stop: usize,
    /// The payee, by its place in the terms.
    pub payee: usize,
    /// What C gained by the stop.
    pub amount: Cents,
    /// What the payee keeps.
    pub kept: Cents,
}

/// A policy at the end of its facts so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyState {
    premium_status: PremiumStatus,
    payees: Vec<PayeeState>,
    figures: Figures,
    stops: Vec<Stop>,
    /// How many of the stops a reinstatement has undone.
    stops_undone: usize,
    /// What forfeited payees earned for others, in order.
    passed: Vec<Passing>,
}

/// What a payee that forfeited has earned for another, or for the carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Passing {
    from: usize,
    to: Option<usize>,
    amount: Cents,
}

impl PolicyState {
    /// The policy as it is issued: every payee with advance months is advanced (rules §5).
    pub fn issued(terms: &Terms) -> Result<PolicyState, Overflow> {
        let mut payees = Vec::new();
        let mut push = |advance: Cents| {
            let credited = advance.max(Cents::ZERO);
            payees.push(PayeeState { advance, credited, ..PayeeState::default() });
        };
        let mut places = 0;
        for side in &terms.sides {
            let mut below = Rate::ZERO;
            for (place, &rate) in side.places.frozen.iter().zip(side.places.rates(1)) {
                let months = u32::from(place.advance.months);
                let to_here = |rate| first_year(terms, rate, months, side.through, side.from);
                let advance = if months == 0 {
                    Cents::ZERO
                } else {
                    let spread = to_here(rate)?.checked_sub(to_here(below)?).ok_or(Overflow)?;
                    place.advance.cap.map_or(spread, |cap| spread.min(cap))
                };
                match place.assigned {
                    None => push(advance),
                    Some(assigned) => {
                        let own = kept(advance, assigned.keeps).ok_or(Overflow)?;
                        push(own);
                        push(advance.checked_sub(own).ok_or(Overflow)?);
                    }
                }
                (below, places) = (rate, places + 1);
            }
        }
        let premium_status = PremiumStatus::default();
        let figures = if terms.assigns() { vec![Cents::ZERO; places] } else { Figures::new() };
        let (stops, passed) = (Vec::new(), Vec::new());
        Ok(PolicyState { premium_status, payees, figures, stops, stops_undone: 0, passed })
    }

    /// Where the premiums stand.
    pub fn premium_status(&self) -> &PremiumStatus {
        &self.premium_status
    }

    /// What each payee has.
    pub fn payees(&self) -> &[PayeeState] {
        &self.payees
    }

    /// The stops so far, in effective order.
    pub fn stops(&self) -> &[Stop] {
        &self.stops
    }

    /// Goes on by one fact, which must not be earlier than the last one. `forfeits` says for each payee
    /// from which day on what it earns goes beyond it; it may be shorter than there are payees.
    pub fn step(
        &mut self,
        terms: &Terms,
        forfeits: &[Option<Day>],
        fact: &PolicyFact,
    ) -> Result<(), Overflow> {
        // Out of force only a reversal under `pro_rata` moves what a payee keeps (rules §6).
        let earning = self.premium_status.in_force()
            || matches!(fact.what, Happening::Reinstatement)
            || self.stops.last().is_some_and(|stop| stop.rule == Rule::ProRata);
        let forfeited =
            |payee: usize| forfeits.get(payee).copied().flatten().is_some_and(|released| fact.on > released);
        let earned_before: Option<Vec<Cents>> = (0..forfeits.len())
            .any(forfeited)
            .then(|| self.payees.iter().map(|state| state.earned).collect());
        let (payees, figures) = (&mut self.payees, &mut self.figures);
        let mut overflow = false;
        self.premium_status.step(fact.what, |change| {
            if earning || !figures.is_empty() {
                overflow |= earn(terms, payees, figures, change, earning).is_none();
            }
        })?;
        if overflow {
            return Err(Overflow);
        }
        if let Some(before) = earned_before {
            self.pass_up(terms, &before, forfeited).ok_or(Overflow)?;
        }
        match fact.what {
            Happening::Stop(reason) => self.stop(terms, fact, reason).ok_or(Overflow)?,
            Happening::Reinstatement => self.stops_undone = self.stops.len(),
            _ => {}
        }
        self.settle().ok_or(Overflow)
    }

    /// What payees that forfeited earned by the last fact: it pays off their own advance, and what goes
    /// beyond is earned by the next payee above that has not forfeited too (rules §8). What is taken back
    /// is first what was passed up.
    fn pass_up(&mut self, terms: &Terms, before: &[Cents], forfeited: impl Fn(usize) -> bool) -> Option<()> {
        let mut first = 0;
        for side in &terms.sides {
            let seats = side.places.seats();
            let next_side = first + seats.len();
            // An assigned part takes nothing that is passed up.
            let takes = |payee: usize| {
                let seat = payee.checked_sub(first).and_then(|seat| seats.get(seat));
                seat.is_some_and(|seat| seat.part != Part::Assigned)
            };
            for payee in (first..next_side).filter(|payee| forfeited(*payee)) {
                let was = *before.get(payee)?;
                let state = self.payees.get_mut(payee)?;
                let change = state.earned.checked_sub(was)?;
                state.earned = was;
                if change.is_positive() {
                    let room = if self.premium_status.in_force() {
                        state.advance.checked_sub(state.charged)?.checked_sub(was)?.max(Cents::ZERO)
                    } else {
                        Cents::ZERO
                    };
                    let own = change.min(room);
                    state.earned = was.checked_add(own)?;
                    let amount = change.checked_sub(own)?;
                    let to = (payee + 1..next_side).find(|above| takes(*above) && !forfeited(*above));
                    self.pass(Passing { from: payee, to, amount })?;
                } else {
                    let mut back = Cents::ZERO.checked_sub(change)?;
                    while let Some(last) = self.passed.iter().rposition(|passing| passing.from == payee) {
                        if back.is_zero() {
                            break;
                        }
                        let passing = self.passed.get_mut(last)?;
                        let given = back.min(passing.amount);
                        passing.amount = passing.amount.checked_sub(given)?;
                        back = back.checked_sub(given)?;
                        let to = passing.to;
                        if passing.amount.is_zero() {
                            self.passed.remove(last);
                        }
                        if let Some(state) = to.and_then(|to| self.payees.get_mut(to)) {
                            state.earned = state.earned.checked_sub(given)?;
                        }
                    }
                    let state = self.payees.get_mut(payee)?;
                    state.earned = state.earned.checked_sub(back)?;
                }
            }
            first = next_side;
        }
        Some(())
    }

    fn pass(&mut self, passing: Passing) -> Option<()> {
        if passing.amount.is_zero() {
            return Some(());
        }
        if let Some(state) = passing.to.and_then(|to| self.payees.get_mut(to)) {
            state.earned = state.earned.checked_add(passing.amount)?;
        }
        self.passed.push(passing);
        Some(())
    }

    /// Applies the rule of a stop: E becomes what the payee may keep.
    fn stop(&mut self, terms: &Terms, fact: &PolicyFact, reason: StopReason) -> Option<()> {
        let months = match terms.chargeback_months {
            ChargebackMonths::Paid => self.premium_status.months(),
            ChargebackMonths::Elapsed => terms.issue.months_until(fact.on),
        };
        let rule = rule_for(&terms.chargeback, reason, months);
        let charged_before = self.payees.iter().map(|state| state.charged).collect();
        let held = |state: &PayeeState| state.credited.checked_sub(state.charged);
        let kept = |held: Cents| match rule {
            Rule::Full => Some(Cents::ZERO),
            Rule::Percent(percent) => held.checked_sub(portion(held, percent, Rate::ONE, 1, 1)?),
            Rule::ProRata | Rule::None => Some(held),
        };
        let mut states = self.payees.iter_mut();
        let seats = terms.sides.iter().flat_map(|side| side.places.seats());
        for seat in seats.filter(|seat| seat.part != Part::Assigned && rule != Rule::ProRata) {
            let state = states.next()?;
            let own = held(state)?;
            state.earned = kept(own)?;
            // A place of which a part is assigned keeps what it would keep as one, and its parts add up to that.
            if matches!(seat.part, Part::Kept(_)) {
                let to = states.next()?;
                to.earned = kept(own.checked_add(held(to)?)?)?.checked_sub(state.earned)?;
            }
        }
        let kept = vec![Cents::ZERO; self.payees.len()];
        self.stops.push(Stop { position: fact.position, on: fact.on, reason, rule, charged_before, kept });
        Some(())
    }

    /// Brings PC (in force) or C (out of force) into line with E.
    fn settle(&mut self) -> Option<()> {
        if self.premium_status.in_force() {
            for state in &mut self.payees {
                let held = state.advance.checked_sub(state.charged)?.max(state.earned);
                state.credited = held.checked_add(state.charged)?;
            }
        } else if let Some(stop) = self.stops.last_mut() {
            for (state, kept) in self.payees.iter_mut().zip(&mut stop.kept) {
                state.charged = state.credited.checked_sub(state.earned)?;
                *kept = state.earned;
            }
        }
        Some(())
    }

    /// What C of a payee gained by a stop, as it stands.
    fn gained(&self, stop: usize, payee: usize) -> Option<Cents> {
        let before = *self.stops.get(stop)?.charged_before.get(payee)?;
        let after = match self.stops.get(stop + 1) {
            Some(next) => *next.charged_before.get(payee)?,
            None => self.payees.get(payee)?.charged,
        };
        after.checked_sub(before)
    }

    /// The chargebacks of the stops from one index on, as they stand.
    pub fn chargebacks(&self, from_stop: usize) -> impl Iterator<Item = Assessment> + '_ {
        let stops = self.stops.iter().enumerate().skip(from_stop);
        stops.flat_map(move |(index, stop)| {
            stop.kept.iter().enumerate().filter_map(move |(payee, kept)| {
                let amount = self.gained(index, payee)?;
                Some(Assessment { stop: index, payee, amount, kept: *kept })
            })
        })
    }

    /// The chargeback of a payee by the stop at a position, as it stands.
    pub fn chargeback_of(&self, stop: Position, payee: usize) -> Option<Cents> {
        let index = self.stops.iter().position(|known| known.position == stop)?;
        self.gained(index, payee)
    }

    /// What is covered of it at a rate: nothing once the stop is undone (rules §7).
    pub fn covered_of(&self, stop: Position, payee: usize, cover: Rate) -> Option<Cents> {
        let index = self.stops.iter().position(|known| known.position == stop)?;
        if index < self.stops_undone {
            return Some(Cents::ZERO);
        }
        portion(self.gained(index, payee)?, cover, Rate::ONE, 1, 1)
    }
}
