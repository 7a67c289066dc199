//! Every fact of the ledger over random books, against the rules written out naively: releases, coverage, debt,
//! restatements, leads, adjustments, closed periods.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use upline_core::coverage::CoverageDecision;
use upline_core::event::{Event, Identity, Position};
use upline_core::fact::{AgentReleased, Body, DebtMoved, Vesting};
use upline_core::money::Total;
use upline_core::naive::{self, Point};
use upline_core::names::{ById, PolicyId, ProducerId};
use upline_core::posting::{Account, Party, Posting, PostingKind};
use upline_core::time::Day;
use upline_testing::{
    DAYS, FIRST_DAY, RandomBook, Recorded, books_with_closed_periods, full_books, order_free_books, shuffled,
};

type Balances = BTreeMap<Account, Total>;

/// The postings of the events up to a position, each with where it stands.
fn postings(recorded: &Recorded, known: Position) -> impl Iterator<Item = (Position, &Posting)> {
    let numbered = (1..=known).zip(recorded.batch.iter());
    numbered.flat_map(|(position, (_, postings))| postings.iter().map(move |posting| (position, posting)))
}

fn add(balances: &mut Balances, recorded: &Recorded, posting: &Posting) {
    let (debit, credit) = recorded.book.reference_data().accounts(posting).unwrap();
    *balances.entry(debit).or_default() += posting.amount;
    *balances.entry(credit).or_default() -= posting.amount;
}

/// The books at a point as the postings say: debit positive, zero left out.
fn posted(recorded: &Recorded, at: Point) -> Balances {
    let mut balances = Balances::new();
    for (_, posting) in postings(recorded, at.position).filter(|(_, posting)| posting.dated <= at.as_of) {
        add(&mut balances, recorded, posting);
    }
    balances.retain(|_, balance| !balance.is_zero());
    balances
}

/// Compares postings with the reference: at some points, and when everything is known on many days.
fn agrees(
    book: &RandomBook,
    recorded: &Recorded,
    days: &[i32],
    permille: &[usize],
) -> Result<(), TestCaseError> {
    let events = recorded.events();
    let spread: Vec<Day> = (0..=DAYS + 100).step_by(61).map(|n| Day(FIRST_DAY.0 + n)).collect();
    let everything = (events.len() as Position, spread);
    let cuts = permille.iter().map(|cut| {
        // Setups lead to few differences: most cuts are among the facts.
        let position = book.setup.len() + (events.len() - book.setup.len()) * cut / 1_000;
        let days = days.iter().copied().chain([DAYS + 100]).map(|day| Day(FIRST_DAY.0 + day));
        (position as Position, days.collect())
    });
    for (position, days) in cuts.chain([everything]) {
        let naive = naive::books_on(&events, position, &days);
        for (as_of, naive) in days.into_iter().zip(naive) {
            let at = Point { as_of, position };
            prop_assert_eq!(posted(recorded, at), naive.accounts, "as of {} at {}", as_of, position);
        }
    }
    Ok(())
}

fn points() -> impl Strategy<Value = (Vec<i32>, Vec<usize>)> {
    (prop::collection::vec(0..DAYS, 3), prop::collection::vec(0..=1_000usize, 3))
}

/// The events of a kind that a fact caused, by the position of the fact.
fn caused<T>(
    events: &[(Position, &Event)],
    what: impl Fn(&Event) -> Option<T>,
) -> BTreeMap<Position, Vec<T>> {
    let mut found: BTreeMap<Position, Vec<T>> = BTreeMap::new();
    for (_, event) in events {
        let (Identity::Caused { by, .. }, Some(what)) = (event.identity, what(event)) else { continue };
        found.entry(by).or_default().push(what);
    }
    found
}

fn covered(event: &Event) -> Option<CoverageDecision<ById>> {
    match &event.body {
        Body::ChargebackCovered(decision) => Some((**decision).clone()),
        _ => None,
    }
}

/// The smallest balance of an account from a day on, as known before a position.
fn least_from(recorded: &Recorded, account: Account, before: Position, on: Day) -> Total {
    let mut by_day: BTreeMap<Day, Balances> = BTreeMap::from([(on, Balances::new())]);
    for (_, posting) in postings(recorded, before - 1) {
        add(by_day.entry(posting.dated.max(on)).or_default(), recorded, posting);
    }
    let mut balance = Total::ZERO;
    let balances = by_day.into_values().map(|moved| {
        balance += moved.get(&account).copied().unwrap_or_default();
        balance
    });
    balances.min().unwrap()
}

/// The books of these tests have what the tests are about: every kind of posting and of decision, entries held
/// back by a closed period, debt that moved, chains that pass somebody over.
#[test]
fn the_random_books_have_everything() {
    let mut runner = TestRunner::deterministic();
    let books = books_with_closed_periods().prop_flat_map(shuffled);
    let (mut kinds, mut reasons) = (BTreeMap::<PostingKind, usize>::new(), BTreeMap::<&str, usize>::new());
    let (mut held_back, mut rolled_up, mut passed_over) = (0, 0, 0);
    for _ in 0..500 {
        let (book, order) = books.new_tree(&mut runner).unwrap().current();
        let recorded = Recorded::of_full(&book.setup, &order);
        for (_, posting) in postings(&recorded, Position::MAX) {
            *kinds.entry(posting.kind).or_default() += 1;
            held_back += usize::from(posting.dated != posting.due);
        }
        for (_, event) in recorded.events() {
            match &event.body {
                Body::ChargebackCovered(decision) => {
                    *reasons.entry(decision.reason.as_str()).or_default() += 1
                }
                Body::DebtMoved(_) => rolled_up += 1,
                // Nobody stands lower than two below the top at issue.
                Body::PolicyIssued(issued) => {
                    passed_over += usize::from(issued.frozen.sides.iter().any(|places| places.len() < 3));
                }
                _ => {}
            }
        }
    }
    assert_eq!(kinds.keys().copied().collect::<Vec<_>>(), PostingKind::ALL, "{kinds:?}");
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    assert!(held_back > 100 && rolled_up > 20 && passed_over > 0, "{held_back} {rolled_up} {passed_over}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// The postings against the rules written out naively, at any (D, T), recorded in any order.
    #[test]
    fn postings_agree_with_the_naive_reference(
        (book, order) in full_books().prop_flat_map(shuffled), (days, permille) in points(),
    ) {
        agrees(&book, &Recorded::of_full(&book.setup, &order), &days, &permille)?;
    }

    /// The same, where nothing may be dated into a closed period.
    #[test]
    fn postings_agree_where_periods_are_closed(
        (book, order) in books_with_closed_periods().prop_flat_map(shuffled), (days, permille) in points(),
    ) {
        let recorded = Recorded::of_full(&book.setup, &order);
        agrees(&book, &recorded, &days, &permille)?;
        let mut closed = Day(i32::MIN);
        for (event, postings) in recorded.batch.iter() {
            for posting in postings {
                prop_assert!(posting.dated > closed && posting.dated >= posting.due);
                prop_assert!(posting.dated == posting.due || posting.dated == closed.next());
            }
            if matches!(event.body, Body::PeriodClosed) {
                closed = closed.max(event.on);
            }
        }
    }

    /// Rules §1: what is not decided on what is known then comes out the same in any order.
    #[test]
    fn any_order_gives_the_same_books((book, order) in order_free_books().prop_flat_map(shuffled)) {
        let mut facts = book.facts.clone();
        facts.sort_by_key(|fact| fact.on);
        let in_order = Recorded::of_full(&book.setup, &facts);
        let out_of_order = Recorded::of_full(&book.setup, &order);
        for day in (0..=DAYS).step_by(37) {
            let at = Point { as_of: Day(FIRST_DAY.0 + day), position: Position::MAX };
            prop_assert_eq!(posted(&in_order, at), posted(&out_of_order, at), "as of {}", at.as_of);
        }
    }

    /// Rules §10: per event and per date debits and credits cancel, and no posting goes nowhere.
    #[test]
    fn every_posting_moves_something((book, order) in books_with_closed_periods().prop_flat_map(shuffled)) {
        let recorded = Recorded::of_full(&book.setup, &order);
        for (_, posting) in postings(&recorded, Position::MAX) {
            let (debit, credit) = recorded.book.reference_data().accounts(posting).unwrap();
            prop_assert!(debit != credit && !posting.amount.is_zero(), "{:?}", posting);
        }
    }

    /// Rules §7: each decision, its inputs and its moment, is what the events before it say.
    #[test]
    fn decisions_are_what_was_known_then((book, order) in full_books().prop_flat_map(shuffled)) {
        let recorded = Recorded::of_full(&book.setup, &order);
        let events = recorded.events();
        let mut due: BTreeMap<Position, Vec<CoverageDecision<ById>>> = BTreeMap::new();
        for (position, decision) in naive::decisions(&events) {
            due.entry(position).or_default().push(decision);
        }
        let mut decided = caused(&events, covered);
        for of_fact in due.values_mut().chain(decided.values_mut()) {
            of_fact.sort_by_key(|decision| (decision.stop, decision.side));
        }
        prop_assert_eq!(decided, due);
        for (position, event) in &events {
            if let Some(decision) = covered(event) {
                prop_assert_eq!(Some(decision), naive::decision(&events, *position));
            }
        }
    }

    /// Rules §8: what rolls up is the open debt of each policy, to the next payee above.
    #[test]
    fn open_debt_rolls_up_the_frozen_chain((book, order) in books_with_closed_periods().prop_flat_map(shuffled)) {
        let recorded = Recorded::of_full(&book.setup, &order);
        let events = recorded.events();
        let mut rolled = caused(&events, |event| match event.body {
            Body::DebtMoved(DebtMoved { policy, from, to, amount }) => {
                Some(naive::Moved { policy, from, to, amount: Total::from(amount) })
            }
            _ => None,
        });
        for (position, _) in &events {
            let mut of_fact = rolled.remove(position).unwrap_or_default();
            of_fact.sort_unstable();
            prop_assert_eq!(of_fact, naive::moved(&events, *position));
        }
        prop_assert!(rolled.is_empty());
    }

    /// Rules §§3, 8: an issue freezes and a restatement carries the chain that was known.
    #[test]
    fn chains_are_what_was_known_then((book, order) in full_books().prop_flat_map(shuffled)) {
        let recorded = Recorded::of_full(&book.setup, &order);
        let events = recorded.events();
        let mut policies = 0;
        for (position, event) in &events {
            match &event.body {
                Body::PolicyIssued(issued) => {
                    let frozen = naive::chain(&events, PolicyId(policies), *position);
                    prop_assert_eq!(Some(&issued.frozen), frozen.as_ref());
                    policies += 1;
                }
                Body::PolicyRestated(restated) => {
                    let chain = naive::restated(&events, *position);
                    prop_assert_eq!(Some(&restated.frozen), chain.as_ref());
                }
                _ => {}
            }
        }
    }

    /// Rules §8: neither a roll-up nor a repayment takes more than is open.
    #[test]
    fn no_more_debt_is_taken_than_is_open((book, order) in books_with_closed_periods().prop_flat_map(shuffled)) {
        let recorded = Recorded::of_full(&book.setup, &order);
        for (position, (event, postings)) in (1..).zip(recorded.batch.iter()) {
            for posting in postings.iter().filter(|p| matches!(p.kind, PostingKind::RolledUp | PostingKind::Repaid)) {
                let (_, debt) = recorded.book.reference_data().accounts(posting).unwrap();
                let open = least_from(&recorded, debt, position, event.on);
                prop_assert!(posting.amount.is_positive());
                prop_assert!(Total::from(posting.amount) <= open, "{:?} of {}", posting, open);
            }
        }
    }

    /// Rules §7: on no day is more covered of a policy than its chargebacks came to.
    #[test]
    fn never_more_is_covered_than_was_charged_back((book, order) in full_books().prop_flat_map(shuffled)) {
        let recorded = Recorded::of_full(&book.setup, &order);
        let mut by_day: BTreeMap<Day, BTreeMap<Account, [i128; 2]>> = BTreeMap::new();
        for (_, posting) in postings(&recorded, Position::MAX) {
            let (debit, credit) = recorded.book.reference_data().accounts(posting).unwrap();
            let (debt, column) = match posting.kind {
                PostingKind::Chargeback | PostingKind::CarrierChargeback => (debit, 0),
                PostingKind::Covered => (credit, 1),
                _ => continue,
            };
            by_day.entry(posting.dated).or_default().entry(debt).or_default()[column] +=
                i128::from(posting.amount.0);
        }
        let mut sums: BTreeMap<Account, [i128; 2]> = BTreeMap::new();
        for (day, moved) in by_day {
            for (debt, [charged_back, covered]) in moved {
                let sum = sums.entry(debt).or_default();
                // A chargeback that a restatement or a reversal takes back is still one that was made.
                *sum = [sum[0] + charged_back.max(0), sum[1] + covered];
                prop_assert!(sum[1] <= sum[0], "{:?} on {}: {} covered of {}", debt, day, sum[1], sum[0]);
            }
        }
        for decision in recorded.events().iter().filter_map(|(_, event)| covered(event)) {
            prop_assert!(decision.covered.0 >= 0 && decision.covered <= decision.chargeback);
        }
    }

    /// Rules §8: who was released without vesting is credited nothing more on its old policies.
    #[test]
    fn who_forfeited_gains_nothing((book, order) in full_books().prop_flat_map(shuffled)) {
        let recorded = Recorded::of_full(&book.setup, &order);
        let events = recorded.events();
        let reference = recorded.book.reference_data();
        let restated = |policy: PolicyId| {
            let of = |event: &Event| matches!(&event.body, Body::PolicyRestated(restated) if restated.policy == policy);
            events.iter().any(|(_, event)| of(event))
        };
        let forfeited_on = |producer: ProducerId, policy: PolicyId| {
            let row = reference.policies().get(policy).unwrap();
            let release = |event: &Event| match event.body {
                Body::AgentReleased(AgentReleased { producer: who, carrier, vesting: Vesting::None, .. }) => {
                    let counts = who == producer && carrier.is_none_or(|carrier| carrier == row.carrier);
                    (counts && row.issue <= event.on).then_some(event.on)
                }
                _ => None,
            };
            events.iter().filter_map(|(_, event)| release(event)).min()
        };
        let mut credited: BTreeMap<(ProducerId, PolicyId, Day), i128> = BTreeMap::new();
        for (_, posting) in postings(&recorded, Position::MAX) {
            let (PostingKind::Advance | PostingKind::EarnedBeyond, Some(policy)) = (posting.kind, posting.policy) else { continue };
            let payee = |number: u16| reference.policies().get(policy).unwrap().payees[usize::from(number)].clone();
            // An assigned part forfeits nothing.
            if matches!(posting.party, Party::Payee(number) if payee(number).assigned) {
                continue;
            }
            if let (_, Account::Payable(producer, _)) = reference.accounts(posting).unwrap() {
                *credited.entry((producer, policy, posting.dated)).or_default() += i128::from(posting.amount.0);
            }
        }
        for ((producer, policy, day), amount) in credited {
            let forfeited = forfeited_on(producer, policy).is_some_and(|release| day > release);
            prop_assert!(!forfeited || restated(policy) || amount <= 0, "{:?} {:?} {}", producer, policy, day);
        }
    }
}
