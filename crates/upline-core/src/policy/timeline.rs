//! The timeline of a policy: its facts in effective order become dated movements of money for every
//! payee (rules §§4–8). Recording a fact posts the difference between the timeline with it and without
//! it (§10); a fact that comes in order needs only the last step of it.

use crate::policy::policy_state::{PayeeState, PolicyState};
use crate::policy::premium_status::{Overflow, PolicyFact, facts_under};
use crate::recorded::event::Position;
use crate::recorded::posting::{Party, Posting, PostingKind};
use crate::terms::chain::Terms;
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{PolicyId, ProducerId};
use crate::vocabulary::rate::Rate;
use crate::vocabulary::time::Day;

/// A decision to cover a part of what the writing place of a side is charged back by a stop (rules §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The position of the stop.
    pub stop: Position,
    /// The side, from 0.
    pub side: u16,
    /// Who wrote it. Nothing is covered by a chain in which another producer did.
    pub producer: ProducerId,
    /// Who bears it.
    pub payer: ProducerId,
    /// Which part.
    pub rate: Rate,
    /// Whether it is paid out to the producer, whose debt it leaves whole (pay.md §2).
    pub direct: bool,
}

/// A chain that a policy is paid by, from a day on: the one frozen at issue, or a restated one (rules §8).
#[derive(Clone, Copy, Debug)]
pub struct Era<'a> {
    /// From which day on it stands; what it would have posted before is posted on that day.
    pub from: Day,
    /// The chain and its rates.
    pub terms: &'a Terms,
    /// The number of each of its payees among all that the policy ever had.
    pub numbers: &'a [u16],
    /// From which day on each of its payees forfeits.
    pub forfeits: &'a [Option<Day>],
}

/// Everything that a timeline follows from.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    pub policy: PolicyId,
    /// The chain at issue, and the restated ones in the order of their recording, each with its issue date and mode.
    pub eras: &'a [Era<'a>],
    /// What was decided to be covered.
    pub covers: &'a [Cover],
    /// The facts in effective order.
    pub facts: &'a [PolicyFact],
}

/// The whole timeline: the state at its end by the chain that stands, and every posting on the way, issue
/// included.
pub fn timeline(course: Course<'_>) -> Result<(PolicyState, Vec<Posting>), Overflow> {
    let mut stands: Option<(PolicyState, Vec<Posting>)> = None;
    for era in course.eras {
        let (state, own) = run(course, era)?;
        let Some((_, before)) = stands else {
            stands = Some((state, own));
            continue;
        };
        // What was posted before the restatement stays; it is turned into the new chain's on its day.
        let mut all = Vec::with_capacity(2 * before.len() + own.len());
        for posting in before.into_iter().filter(|posting| posting.dated < era.from) {
            all.push(posting);
            all.push(Posting { dated: era.from, due: era.from, amount: negated(posting.amount)?, ..posting });
        }
        for posting in own {
            let dated = posting.dated.max(era.from);
            all.push(Posting { dated, due: dated, ..posting });
        }
        stands = Some((state, difference(&[], &all)?));
    }
    stands.ok_or(Overflow)
}

/// The timeline by one chain alone.
fn run(course: Course<'_>, era: &Era<'_>) -> Result<(PolicyState, Vec<Posting>), Overflow> {
    let mut state = PolicyState::issued(era.terms)?;
    let mut postings = Vec::new();
    let Terms { issue, months_by_mode, .. } = *era.terms;
    movements(course.policy, era.numbers, &[], state.payees(), issue, |p| postings.push(p))?;
    let mut before = state.payees().to_vec();
    let mut covered = Vec::new();
    for fact in &facts_under(course.facts.iter().copied(), issue, months_by_mode) {
        state.step(era.terms, era.forfeits, fact)?;
        movements(course.policy, era.numbers, &before, state.payees(), fact.on, |p| postings.push(p))?;
        before.clear();
        before.extend_from_slice(state.payees());
        cover(course, era, &state, &mut covered, fact.on, |p| postings.push(p))?;
    }
    Ok((state, postings))
}

/// The postings that bring what is covered to where it stands now; `covered` holds what it was.
pub(crate) fn cover(
    course: Course<'_>,
    era: &Era<'_>,
    state: &PolicyState,
    covered: &mut Vec<Cents>,
    dated: Day,
    mut post: impl FnMut(Posting),
) -> Result<(), Overflow> {
    covered.resize(course.covers.len(), Cents::ZERO);
    for (cover, was) in course.covers.iter().zip(covered) {
        let payee = era.terms.writing_place(cover.side, cover.producer);
        let now =
            payee.and_then(|payee| state.covered_of(cover.stop, payee, cover.rate)).unwrap_or(Cents::ZERO);
        let amount = now.checked_sub(*was).ok_or(Overflow)?;
        *was = now;
        if !amount.is_zero() {
            let (policy, party) = (Some(course.policy), Party::Pair(cover.producer, cover.payer));
            let kind = if cover.direct { PostingKind::CoveredDirectly } else { PostingKind::Covered };
            post(Posting { kind, policy, party, dated, due: dated, amount });
        }
    }
    Ok(())
}

fn negated(amount: Cents) -> Result<Cents, Overflow> {
    amount.0.checked_neg().map(Cents).ok_or(Overflow)
}

/// The postings that turn one state of the payees into the next, all on one day.
pub(crate) fn movements(
    policy: PolicyId,
    numbers: &[u16],
    before: &[PayeeState],
    after: &[PayeeState],
    dated: Day,
    mut post: impl FnMut(Posting),
) -> Result<(), Overflow> {
    let nothing = PayeeState::default();
    for (payee, (now, number)) in after.iter().zip(numbers).enumerate() {
        let was = before.get(payee).unwrap_or(&nothing);
        if was == now {
            continue;
        }
        let (policy, party) = (Some(policy), Party::Payee(*number));
        for (kind, amount) in moved(was, now).ok_or(Overflow)? {
            if !amount.is_zero() {
                post(Posting { kind, policy, party, dated, due: dated, amount });
            }
        }
    }
    Ok(())
}

/// What is credited beyond the advance was earned beyond it; the rest of what was earned paid it off.
fn moved(was: &PayeeState, now: &PayeeState) -> Option<[(PostingKind, Cents); 4]> {
    let change = |of: fn(&PayeeState) -> Cents| of(now).checked_sub(of(was));
    let advance = change(|state| state.advance)?;
    let beyond = change(|state| state.credited)?.checked_sub(advance)?;
    let against = change(|state| state.earned)?.checked_sub(beyond)?;
    Some([
        (PostingKind::Advance, advance),
        (PostingKind::EarnedAgainst, against),
        (PostingKind::EarnedBeyond, beyond),
        (PostingKind::Chargeback, change(|state| state.charged)?),
    ])
}

/// What must be posted to get from one set of postings to another: by day, party and kind.
pub fn difference(from: &[Posting], to: &[Posting]) -> Result<Vec<Posting>, Overflow> {
    let reversed = from.iter().map(|p| Ok(Posting { amount: negated(p.amount)?, ..*p }));
    let mut all = reversed.collect::<Result<Vec<Posting>, Overflow>>()?;
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
