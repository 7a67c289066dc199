//! §§4–6, and vesting of §8: what a payee has earned, was advanced, and may keep when the policy stops.

use super::chains::{Side, Terms};
use super::exact::{ONE, exact, rounded};
use super::premiums::Premiums;
use crate::fact::grid::{ChargebackRow, Rule, Span, StopReason};
use crate::recorded::event::Position;
use crate::vocabulary::money::Total;
use crate::vocabulary::names::ProducerId;
use crate::vocabulary::time::Day;
use std::collections::BTreeMap;

/// A payee, a place in a chain of a policy, at a point. In cents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payee {
    /// Who stands there.
    pub producer: ProducerId,
    /// The writing producer of its side.
    pub writing: ProducerId,
    /// The index of the writing side.
    pub side: usize,
    /// The place in that side's chain; 0 is the writing producer.
    pub place: usize,
    /// Whether it has the assigned part of the place.
    pub assigned: bool,
    /// A: its advance.
    pub advanced: Total,
    /// E: what it has earned.
    pub earned: Total,
    /// C: what was charged back.
    pub charged_back: Total,
    /// PC: payable credited.
    pub credited: Total,
}

impl Payee {
    /// U = PC − C − E.
    pub fn unearned(&self) -> Total {
        self.credited - self.charged_back - self.earned
    }
}

impl Side<'_> {
    /// r(i,k): the highest rate at places 0..k in a policy year; nothing for the place below 0.
    /// `places` is k+1, so that k−1 can be asked for at k = 0.
    fn rate(&self, places: usize, year: u64) -> i128 {
        let own = |bands: &[crate::fact::grid::Band]| {
            bands.iter().find(|band| fits(band.years, year)).map_or(0, |band| exact(band.rate))
        };
        self.places.iter().take(places).map(|place| own(place.bands)).max().unwrap_or(0)
    }

    /// F(i,k,P) = round(r·P·Sᵢ) − round(r·P·Sᵢ₋₁)
    fn f(&self, places: usize, year: u64, premium: i128) -> i128 {
        let r = self.rate(places, year);
        rounded(premium, [r, self.share_through], 1, 1) - rounded(premium, [r, self.share_before], 1, 1)
    }

    /// earned(i,k) = Σ over policy years of F(i,k,P) − F(i,k−1,P)
    fn earned(&self, k: usize, by_year: &BTreeMap<u64, i128>) -> i128 {
        by_year.iter().map(|(&year, &p)| self.f(k + 1, year, p) - self.f(k, year, p)).sum()
    }

    /// G(i,r,m) = round(r·AP·m/12·Sᵢ) − round(r·AP·m/12·Sᵢ₋₁), with r = r(i,k) of year 1
    fn g(&self, places: usize, annual_premium: i128, m: u8) -> i128 {
        let r = self.rate(places, 1);
        let through = |share| rounded(annual_premium, [r, share], u64::from(m), 12);
        through(self.share_through) - through(self.share_before)
    }

    /// A(i,k) = min(cap, G(i, r(i,k), m) − G(i, r(i,k−1), m))
    fn advance(&self, k: usize, annual_premium: i128) -> i128 {
        let Some(terms) = self.places.get(k).map(|place| place.advance) else { return 0 };
        let advance = self.g(k + 1, annual_premium, terms.months) - self.g(k, annual_premium, terms.months);
        terms.cap.map_or(advance, |cap| advance.min(i128::from(cap.0)))
    }
}

fn fits(span: Span, number: u64) -> bool {
    u64::from(span.first) <= number && span.last.is_none_or(|last| number <= u64::from(last))
}

/// The rule of a stop: the first row that fits, else the reason's default (§6).
fn rule(table: &[ChargebackRow], reason: StopReason, months_applied: u64) -> Rule {
    let row = table.iter().find(|row| row.reason == reason && fits(row.months, months_applied));
    row.map_or_else(
        || match reason {
            StopReason::Lapse
            | StopReason::Surrender
            | StopReason::Replaced
            | StopReason::Conversion
            | StopReason::Death => Rule::ProRata,
            StopReason::FreeLook | StopReason::NotTaken | StopReason::Rescission => Rule::Full,
            StopReason::Maturity => Rule::None,
        },
        |row| row.rule,
    )
}

/// What a payee has of its place (pay.md §4), with the part that the place keeps.
#[derive(Clone, Copy)]
enum Has {
    All,
    Kept(i128),
    Rest(i128),
}

impl Has {
    /// "The producer has round(keeps·X), `to` has X − round(keeps·X)."
    fn of(self, x: i128) -> i128 {
        match self {
            Has::All => x,
            Has::Kept(keeps) => rounded(x, [keeps, ONE], 1, 1),
            Has::Rest(keeps) => x - rounded(x, [keeps, ONE], 1, 1),
        }
    }
}

/// A payee's money, named as in the rules.
struct Money {
    side: usize,
    k: usize,
    has: Has,
    a: i128,
    e: i128,
    c: i128,
    pc: i128,
    /// What the formula of §4 gave for the premiums so far. E moves by its changes, but E is not it: a stop
    /// may have set E to what the payee keeps.
    formula: i128,
    /// What each stop added to C, stop by stop, with what moved C after it.
    gains: Vec<i128>,
    /// What this payee's earnings were passed on to, in order: the place that has them, none for the carrier.
    passed: Vec<(Option<usize>, i128)>,
}

impl Money {
    /// Sets C; "what C gained" belongs to the latest stop.
    fn charge_back(&mut self, c: i128) {
        if let Some(gain) = self.gains.last_mut() {
            *gain += c - self.c;
        }
        self.c = c;
    }
}

fn payee_side(money: &[Money], n: usize) -> Option<usize> {
    money.get(n).map(|payee| payee.side)
}

/// A stop, and whether a reinstatement followed.
struct Stop {
    position: Position,
    reinstated: bool,
}

/// All payees of a policy.
pub(super) struct Payees<'t> {
    terms: &'t Terms<'t>,
    money: Vec<Money>,
    /// The rule of the latest stop.
    rule: Option<Rule>,
    stops: Vec<Stop>,
}

impl<'t> Payees<'t> {
    /// At issue: nothing earned, the advance credited.
    pub(super) fn issue(terms: &'t Terms<'t>) -> Payees<'t> {
        let mut money = Vec::new();
        for (side, s) in terms.sides.iter().enumerate() {
            for (k, place) in s.places.iter().enumerate() {
                let whole = s.advance(k, terms.annual_premium);
                let has = match place.assigned.map(|assigned| exact(assigned.keeps)) {
                    None => vec![Has::All],
                    Some(keeps) => vec![Has::Kept(keeps), Has::Rest(keeps)],
                };
                let payees = has.into_iter().map(|has| (has, has.of(whole)));
                money.extend(payees.map(|(has, a)| Money {
                    side,
                    k,
                    has,
                    a,
                    e: 0,
                    c: 0,
                    pc: a.max(0),
                    formula: 0,
                    gains: Vec::new(),
                    passed: Vec::new(),
                }));
            }
        }
        Payees { terms, money, rule: None, stops: Vec::new() }
    }

    /// Follows premiums that a fact of this day changed.
    pub(super) fn earn(&mut self, premiums: &Premiums, on: Day) {
        let in_force = premiums.in_force;
        let mut changes = Vec::new();
        for payee in &mut self.money {
            let whole =
                self.terms.sides.get(payee.side).map_or(0, |side| side.earned(payee.k, &premiums.by_year));
            let formula = payee.has.of(whole);
            changes.push(formula - payee.formula);
            payee.formula = formula;
        }
        // "While out of force PC stands still and K follows its rule: a reversal moves a `pro_rata` K, and so
        // C; it moves none of the others."
        if !in_force && self.rule != Some(Rule::ProRata) {
            return;
        }
        for (n, change) in changes.into_iter().enumerate() {
            if self.has_forfeited(n, on) {
                self.earn_forfeited(n, change, in_force, on);
            } else {
                self.add_to_earned(n, change);
            }
        }
        for payee in &mut self.money {
            if in_force {
                // "Payable credited PC = max(A − C, E) + C while the policy is in force"
                payee.pc = (payee.a - payee.c).max(payee.e) + payee.c;
            } else {
                payee.charge_back(payee.pc - payee.e);
            }
        }
    }

    fn add_to_earned(&mut self, n: usize, change: i128) {
        if let Some(payee) = self.money.get_mut(n) {
            payee.e += change;
        }
    }

    /// Whether the payee was released without vesting before this day.
    fn has_forfeited(&self, n: usize, on: Day) -> bool {
        let own = self.money.get(n).filter(|m| !matches!(m.has, Has::Rest(_)));
        let place = own.and_then(|m| self.terms.sides.get(m.side)?.places.get(m.k));
        place.and_then(|place| place.forfeits_after).is_some_and(|release| on > release)
    }

    /// "Earnings on premiums effective after that date only go on paying off its own advance on that policy;
    /// what goes beyond is earned by the next payee above in the frozen chain that has not forfeited too (none
    /// above: the carrier keeps it). A reversal gives back first what was passed up."
    fn earn_forfeited(&mut self, n: usize, change: i128, in_force: bool, on: Day) {
        let Some(payee) = self.money.get(n) else { return };
        if change > 0 {
            let room = if in_force { (payee.a - payee.c - payee.e).max(0) } else { 0 };
            let own = change.min(room);
            self.add_to_earned(n, own);
            if change > own {
                let side = payee_side(&self.money, n);
                let above = (n + 1..self.money.len()).take_while(|m| payee_side(&self.money, *m) == side);
                // "An assigned part forfeits nothing and takes nothing that is passed up."
                let takes = |m: &usize| self.money.get(*m).is_some_and(|m| !matches!(m.has, Has::Rest(_)));
                let to = above.into_iter().find(|m| takes(m) && !self.has_forfeited(*m, on));
                if let Some(to) = to {
                    self.add_to_earned(to, change - own);
                }
                if let Some(payee) = self.money.get_mut(n) {
                    payee.passed.push((to, change - own));
                }
            }
        } else {
            let mut wanted = -change;
            while wanted > 0 {
                let Some((to, passed)) = self.money.get_mut(n).and_then(|payee| payee.passed.pop()) else {
                    break;
                };
                let given = wanted.min(passed);
                wanted -= given;
                if let Some(to) = to {
                    self.add_to_earned(to, -given);
                }
                if let Some(payee) = self.money.get_mut(n).filter(|_| passed > given) {
                    payee.passed.push((to, passed - given));
                }
            }
            self.add_to_earned(n, -wanted);
        }
    }

    /// "A reinstatement takes the covered money of the stops before it back."
    pub(super) fn reinstate(&mut self) {
        self.stops.iter_mut().for_each(|stop| stop.reinstated = true);
    }

    /// What the payee's C gained by a stop; `None` before the stop.
    pub(super) fn gain(&self, side: usize, place: usize, stop: Position) -> Option<i128> {
        let payee = self.money.iter().find(|money| (money.side, money.k) == (side, place))?;
        let gains = self.stops.iter().zip(&payee.gains);
        gains.into_iter().find(|(s, _)| s.position == stop).map(|(_, gain)| *gain)
    }

    /// Whether a reinstatement followed a stop.
    pub(super) fn was_reinstated(&self, stop: Position) -> bool {
        self.stops.iter().any(|s| s.position == stop && s.reinstated)
    }

    /// The positions of the stops.
    pub(super) fn stops(&self) -> impl Iterator<Item = Position> {
        self.stops.iter().map(|stop| stop.position)
    }

    /// "With K what the rule lets the payee keep, E becomes K, C becomes PC − K, U becomes 0."
    pub(super) fn stop(&mut self, position: Position, on: Day, reason: StopReason, months_applied: u64) {
        // "The greatest n with issue + n calendar months ≤ the stop's date."
        let elapsed = |issue: Day| (1..).take_while(|n| issue.plus_months(*n) <= on).last().unwrap_or(0);
        let months = self.terms.elapsed_since.map_or(months_applied, |issue| u64::from(elapsed(issue)));
        let rule = rule(self.terms.chargeback, reason, months);
        self.rule = Some(rule);
        self.stops.push(Stop { position, reinstated: false });
        // What the payee in front was charged back, and held.
        let mut kept = (0, 0);
        for payee in &mut self.money {
            payee.gains.push(0);
            let held = payee.pc - payee.c;
            let back = |held: i128, p| rounded(held, [exact(p), ONE], 1, 1);
            let k = match rule {
                Rule::ProRata => payee.e,
                Rule::Full => 0,
                Rule::None => held,
                // "round(p·held) of the place, round(p·its own) of the producer's part and the rest of `to`'s"
                Rule::Percent(p) if matches!(payee.has, Has::Rest(_)) => {
                    held - (back(kept.1 + held, p) - kept.0)
                }
                Rule::Percent(p) => held - back(held, p),
            };
            kept = (held - k, held);
            payee.e = k;
            payee.charge_back(payee.pc - k);
        }
    }

    /// The payees as they stand.
    pub(super) fn states(&self) -> Vec<Payee> {
        let state = |m: &Money| {
            let side = self.terms.sides.get(m.side)?;
            let place = side.places.get(m.k)?;
            let assigned = matches!(m.has, Has::Rest(_));
            let to = place.assigned.filter(|_| assigned).map(|assigned| assigned.to);
            Some(Payee {
                producer: to.unwrap_or(place.producer),
                writing: side.writing,
                side: m.side,
                place: m.k,
                assigned,
                advanced: Total(m.a),
                earned: Total(m.e),
                charged_back: Total(m.c),
                credited: Total(m.pc),
            })
        };
        self.money.iter().filter_map(state).collect()
    }
}
