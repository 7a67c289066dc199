//! §§4–6: what a payee has earned, was advanced, and may keep when the policy stops.

use super::chains::{Side, Terms};
use super::exact::{ONE, exact, rounded};
use super::premiums::Premiums;
use crate::grid::{ChargebackRow, Rule, Span, StopReason};
use crate::money::Total;
use crate::names::ProducerId;
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
        let own = |bands: &[crate::grid::Band]| {
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

/// A payee's money, named as in the rules.
struct Money {
    side: usize,
    k: usize,
    a: i128,
    e: i128,
    c: i128,
    pc: i128,
    /// What the formula of §4 gave for the premiums so far. E moves by its changes, but E is not it: a stop
    /// may have set E to what the payee keeps.
    formula: i128,
}

/// All payees of a policy.
pub(super) struct Payees<'t> {
    terms: &'t Terms<'t>,
    money: Vec<Money>,
    /// The rule of the latest stop.
    rule: Option<Rule>,
}

impl<'t> Payees<'t> {
    /// At issue: nothing earned, the advance credited.
    pub(super) fn issue(terms: &'t Terms<'t>) -> Payees<'t> {
        let mut money = Vec::new();
        for (side, s) in terms.sides.iter().enumerate() {
            for k in 0..s.places.len() {
                let a = s.advance(k, terms.annual_premium);
                money.push(Money { side, k, a, e: 0, c: 0, pc: a.max(0), formula: 0 });
            }
        }
        Payees { terms, money, rule: None }
    }

    /// Follows premiums that changed.
    pub(super) fn earn(&mut self, premiums: &Premiums) {
        for payee in &mut self.money {
            let Some(side) = self.terms.sides.get(payee.side) else { continue };
            let formula = side.earned(payee.k, &premiums.by_year);
            let change = formula - payee.formula;
            payee.formula = formula;
            if premiums.in_force {
                payee.e += change;
                // "Payable credited PC = max(A − C, E) + C while the policy is in force"
                payee.pc = (payee.a - payee.c).max(payee.e) + payee.c;
            } else if self.rule == Some(Rule::ProRata) {
                // "While out of force PC stands still and K follows its rule: a reversal moves a `pro_rata`
                // K, and so C; it moves none of the others."
                payee.e += change;
                payee.c = payee.pc - payee.e;
            }
        }
    }

    /// "With K what the rule lets the payee keep, E becomes K, C becomes PC − K, U becomes 0."
    pub(super) fn stop(&mut self, reason: StopReason, months_applied: u64) {
        let rule = rule(self.terms.chargeback, reason, months_applied);
        self.rule = Some(rule);
        for payee in &mut self.money {
            let held = payee.pc - payee.c;
            let k = match rule {
                Rule::ProRata => payee.e,
                Rule::Full => 0,
                Rule::None => held,
                Rule::Percent(p) => held - rounded(held, [exact(p), ONE], 1, 1),
            };
            payee.e = k;
            payee.c = payee.pc - k;
        }
    }

    /// The payees as they stand.
    pub(super) fn states(&self) -> Vec<Payee> {
        let state = |m: &Money| {
            let side = self.terms.sides.get(m.side)?;
            Some(Payee {
                producer: side.places.get(m.k)?.producer,
                writing: side.writing,
                side: m.side,
                place: m.k,
                advanced: Total(m.a),
                earned: Total(m.e),
                charged_back: Total(m.c),
                credited: Total(m.pc),
            })
        };
        self.money.iter().filter_map(state).collect()
    }
}
