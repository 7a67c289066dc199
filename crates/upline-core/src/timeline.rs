//! The timeline of a policy: its facts in effective order become dated movements of money for every
//! payee (rules §§4–6). Recording a fact posts the difference between the timeline with it and without
//! it (§10); a fact that comes in order needs only the last step of it.

use crate::chain::Terms;
use crate::event::Position;
use crate::grid::{Rule, StopReason, rule_for};
use crate::money::Cents;
use crate::names::PolicyId;
use crate::posting::{Kind, Party, Posting};
use crate::rate::{Rate, portion};
use crate::standing::{Happening, Overflow, PolicyFact, Standing, YearChange};
use crate::time::Day;

/// What one payee has on a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seat {
    /// A: paid in advance at issue.
    pub advance: Cents,
    /// E: earned.
    pub earned: Cents,
    /// C: charged back.
    pub charged: Cents,
    /// PC: credited to payable.
    pub credited: Cents,
}

impl Seat {
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
    /// The payee.
    pub payee: u16,
    /// What C gained by the stop.
    pub amount: Cents,
    /// What the payee keeps.
    pub kept: Cents,
}

/// A policy at the end of its facts so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyState {
    standing: Standing,
    seats: Vec<Seat>,
    stops: Vec<Stop>,
}

impl PolicyState {
    /// The policy as it is issued: every payee with advance months is advanced (rules §5).
    pub fn issued(terms: &Terms) -> Result<PolicyState, Overflow> {
        let mut seats = Vec::new();
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
                seats.push(Seat { advance, credited: advance.max(Cents::ZERO), ..Seat::default() });
                below = rate;
            }
        }
        Ok(PolicyState { standing: Standing::default(), seats, stops: Vec::new() })
    }

    /// Where the premiums stand.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// What each payee has.
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// The stops so far, in effective order.
    pub fn stops(&self) -> &[Stop] {
        &self.stops
    }

    /// Goes on by one fact, which must not be earlier than the last one.
    pub fn step(&mut self, terms: &Terms, fact: &PolicyFact) -> Result<(), Overflow> {
        // Out of force only a reversal under `pro_rata` moves what a payee keeps (rules §6).
        let earning = self.standing.in_force()
            || matches!(fact.what, Happening::Reinstatement)
            || self.stops.last().is_some_and(|stop| stop.rule == Rule::ProRata);
        let seats = &mut self.seats;
        let mut overflow = false;
        self.standing.step(fact.what, |change| {
            overflow |= earning && earn(terms, seats, change).is_none();
        })?;
        if overflow {
            return Err(Overflow);
        }
        if let Happening::Stop(reason) = fact.what {
            self.stop(terms, fact, reason).ok_or(Overflow)?;
        }
        self.settle().ok_or(Overflow)
    }

    /// Applies the rule of a stop: E becomes what the payee may keep.
    fn stop(&mut self, terms: &Terms, fact: &PolicyFact, reason: StopReason) -> Option<()> {
        let rule = rule_for(&terms.chargeback, reason, self.standing.months());
        let charged_before = self.seats.iter().map(|seat| seat.charged).collect();
        for seat in &mut self.seats {
            let held = seat.credited.checked_sub(seat.charged)?;
            seat.earned = match rule {
                Rule::ProRata => seat.earned,
                Rule::Full => Cents::ZERO,
                Rule::None => held,
                Rule::Percent(percent) => held.checked_sub(portion(held, percent, Rate::ONE, 1, 1)?)?,
            };
        }
        let kept = vec![Cents::ZERO; self.seats.len()];
        self.stops.push(Stop { position: fact.position, on: fact.on, reason, rule, charged_before, kept });
        Some(())
    }

    /// Brings PC (in force) or C (out of force) into line with E.
    fn settle(&mut self) -> Option<()> {
        if self.standing.in_force() {
            for seat in &mut self.seats {
                let held = seat.advance.checked_sub(seat.charged)?.max(seat.earned);
                seat.credited = held.checked_add(seat.charged)?;
            }
        } else if let Some(stop) = self.stops.last_mut() {
            for (seat, kept) in self.seats.iter_mut().zip(&mut stop.kept) {
                seat.charged = seat.credited.checked_sub(seat.earned)?;
                *kept = seat.earned;
            }
        }
        Some(())
    }

    /// The chargebacks of the stops from one index on, as they stand.
    pub fn chargebacks(&self, from_stop: usize) -> impl Iterator<Item = Assessment> + '_ {
        self.stops.iter().enumerate().skip(from_stop).flat_map(move |(index, stop)| {
            let next = self.stops.get(index + 1).map(|next| next.charged_before.as_slice());
            let now = self.seats.iter().map(|seat| seat.charged);
            let after = now
                .enumerate()
                .map(move |(payee, now)| next.and_then(|before| before.get(payee).copied()).unwrap_or(now));
            after.zip(stop.charged_before.iter().zip(&stop.kept)).enumerate().filter_map(
                move |(payee, (after, (before, kept)))| {
                    Some(Assessment {
                        stop: index,
                        payee: u16::try_from(payee).ok()?,
                        amount: after.checked_sub(*before)?,
                        kept: *kept,
                    })
                },
            )
        })
    }
}

/// G(i, r, m): first-year commission on the annual premium for so many months, one side's share.
fn first_year(terms: &Terms, rate: Rate, months: u32, through: Rate, from: Rate) -> Result<Cents, Overflow> {
    let part = |share| portion(terms.annual_premium, rate, share, months, 12);
    part(through).and_then(|t| t.checked_sub(part(from)?)).ok_or(Overflow)
}

/// Adds to every payee what the change of a policy year's premium earns it: F(i,k) − F(i,k−1) (rules §4).
fn earn(terms: &Terms, seats: &mut [Seat], change: YearChange) -> Option<()> {
    let mut seats = seats.iter_mut();
    for side in &terms.sides {
        let moved = |rate: Rate| -> Option<Cents> {
            let to = |share: Rate| -> Option<Cents> {
                if share == Rate::ZERO {
                    return Some(Cents::ZERO);
                }
                portion(change.after, rate, share, 1, 1)?.checked_sub(portion(
                    change.before,
                    rate,
                    share,
                    1,
                    1,
                )?)
            };
            to(side.through)?.checked_sub(to(side.from)?)
        };
        let (mut below, mut below_rate) = (Cents::ZERO, Rate::ZERO);
        for &rate in side.places.rates(change.year) {
            let seat = seats.next()?;
            if rate != below_rate {
                let here = moved(rate)?;
                seat.earned = seat.earned.checked_add(here.checked_sub(below)?)?;
                (below, below_rate) = (here, rate);
            }
        }
    }
    Some(())
}

/// The postings that turn one state of the payees into the next, all on one day.
pub fn movements(
    policy: PolicyId,
    before: &[Seat],
    after: &[Seat],
    dated: Day,
    mut post: impl FnMut(Posting),
) -> Result<(), Overflow> {
    let nothing = Seat::default();
    for (payee, now) in after.iter().enumerate() {
        let was = before.get(payee).unwrap_or(&nothing);
        if was == now {
            continue;
        }
        let party = Party::Payee(u16::try_from(payee).map_err(|_| Overflow)?);
        for (kind, amount) in moved(was, now).ok_or(Overflow)? {
            if !amount.is_zero() {
                post(Posting { kind, policy: Some(policy), party, dated, due: dated, amount });
            }
        }
    }
    Ok(())
}

/// What is credited beyond the advance was earned beyond it; the rest of what was earned paid it off.
fn moved(was: &Seat, now: &Seat) -> Option<[(Kind, Cents); 4]> {
    let change = |of: fn(&Seat) -> Cents| of(now).checked_sub(of(was));
    let advance = change(|seat| seat.advance)?;
    let beyond = change(|seat| seat.credited)?.checked_sub(advance)?;
    let against = change(|seat| seat.earned)?.checked_sub(beyond)?;
    Some([
        (Kind::Advance, advance),
        (Kind::EarnedAgainst, against),
        (Kind::EarnedBeyond, beyond),
        (Kind::Chargeback, change(|seat| seat.charged)?),
    ])
}

/// The whole timeline: the state at its end and every posting on the way, issue included.
pub fn timeline(
    policy: PolicyId,
    terms: &Terms,
    issue: Day,
    facts: &[PolicyFact],
) -> Result<(PolicyState, Vec<Posting>), Overflow> {
    let mut state = PolicyState::issued(terms)?;
    let mut postings = Vec::new();
    movements(policy, &[], state.seats(), issue, |posting| postings.push(posting))?;
    let mut before = state.seats.clone();
    for fact in facts {
        state.step(terms, fact)?;
        movements(policy, &before, state.seats(), fact.on, |posting| postings.push(posting))?;
        before.clone_from(&state.seats);
    }
    Ok((state, postings))
}

/// What must be posted to get from one set of postings to another: by day, party and kind.
pub fn difference(from: &[Posting], to: &[Posting]) -> Result<Vec<Posting>, Overflow> {
    let reversed = from.iter().map(|p| p.amount.0.checked_neg().map(|n| Posting { amount: Cents(n), ..*p }));
    let mut all = reversed.collect::<Option<Vec<Posting>>>().ok_or(Overflow)?;
    all.extend_from_slice(to);
    all.sort_unstable_by_key(|p| (p.dated, p.party, p.kind));
    let mut sums: Vec<Posting> = Vec::new();
    for posting in all {
        let key = |p: &Posting| (p.dated, p.party, p.kind);
        match sums.last_mut().filter(|last| key(last) == key(&posting)) {
            Some(last) => last.amount = last.amount.checked_add(posting.amount).ok_or(Overflow)?,
            None => sums.push(posting),
        }
    }
    sums.retain(|posting| !posting.amount.is_zero());
    Ok(sums)
}
