//! The replay law and the sums of the rules, over random books.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use proptest::prelude::*;
use std::collections::BTreeMap;
use upline_core::event::Position;
use upline_core::money::Total;
use upline_core::naive;
use upline_core::names::ProducerId;
use upline_core::posting::{Account, PostingKind};
use upline_core::time::Day;
use upline_testing::{DAYS, FIRST_DAY, Recorded, books, definitions, shuffled};

/// The books at a point as the postings say: debit positive, zero left out.
fn posted(recorded: &Recorded, as_of: Day, position: Position) -> BTreeMap<Account, Total> {
    let reference = recorded.book.reference_data();
    let mut sums: BTreeMap<Account, Total> = BTreeMap::new();
    for (_, (_, postings)) in (1..=position).zip(recorded.batch.iter()) {
        for posting in postings.iter().filter(|posting| posting.dated <= as_of) {
            let (debit, credit) = reference.accounts(posting).unwrap();
            *sums.entry(debit).or_default() += posting.amount;
            *sums.entry(credit).or_default() -= posting.amount;
        }
    }
    sums.retain(|_, sum| !sum.is_zero());
    sums
}

fn days() -> impl Iterator<Item = Day> {
    (0..=DAYS).step_by(37).map(|n| Day(FIRST_DAY.0 + n))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Rules §1: any order of the same facts gives the same books at every date.
    #[test]
    fn any_order_gives_the_same_books_at_every_date((book, order) in books().prop_flat_map(shuffled)) {
        let in_order = {
            let mut facts = book.facts.clone();
            facts.sort_by_key(|fact| fact.on);
            Recorded::of(&book.setup, &facts)
        };
        let out_of_order = Recorded::of(&book.setup, &order);
        for as_of in days() {
            prop_assert_eq!(
                posted(&in_order, as_of, Position::MAX),
                posted(&out_of_order, as_of, Position::MAX),
                "as of {}", as_of
            );
        }
    }

    /// The postings of the fast path against the rules written out naively, at any (D, T).
    #[test]
    fn postings_agree_with_the_naive_reference(
        (book, order) in books().prop_flat_map(shuffled),
        days in prop::collection::vec(0..DAYS, 3),
        cuts in prop::collection::vec(0..1_000usize, 3),
    ) {
        let recorded = Recorded::of(&book.setup, &order);
        let events = recorded.events();
        for (day, cut) in days.into_iter().zip(cuts) {
            let position = (cut * events.len() / 1_000) as Position;
            for (as_of, position) in [
                (Day(FIRST_DAY.0 + day), position),
                (Day(FIRST_DAY.0 + day), events.len() as Position),
                (Day(FIRST_DAY.0 + DAYS), position),
            ] {
                let naive = naive::books(&events, naive::Point { as_of, position });
                prop_assert_eq!(posted(&recorded, as_of, position), naive.accounts, "as of {} at {}", as_of, position);
            }
        }
    }

    /// Rules §10: per event and per date, debits and credits cancel.
    #[test]
    fn every_event_balances_on_every_date((book, order) in books().prop_flat_map(shuffled)) {
        let recorded = Recorded::of(&book.setup, &order);
        let reference = recorded.book.reference_data();
        for (event, postings) in recorded.batch.iter() {
            let mut by_day: BTreeMap<Day, BTreeMap<Account, Total>> = BTreeMap::new();
            for posting in postings {
                let (debit, credit) = reference.accounts(posting).unwrap();
                prop_assert_ne!(debit, credit);
                prop_assert!(!posting.amount.is_zero());
                let day = by_day.entry(posting.dated).or_default();
                *day.entry(debit).or_default() += posting.amount;
                *day.entry(credit).or_default() -= posting.amount;
            }
            for (day, sums) in by_day {
                prop_assert_eq!(sums.values().map(|sum| sum.0).sum::<i128>(), 0, "{} on {}", event.body.type_name(), day);
            }
        }
    }

    /// Replaying a log is recording its facts again: the same book, so the same next events.
    #[test]
    fn a_replayed_book_goes_on_as_the_first_one_would((book, order) in books().prop_flat_map(shuffled), cut in 0..1_000usize) {
        let whole = Recorded::of(&book.setup, &order);
        let upto = cut * whole.batch.len() / 1_000;
        let mut replayed = upline_core::book::Book::default();
        let mut effects = Default::default();
        for (position, event) in whole.events().into_iter().take(upto) {
            replayed.replay(position, event, &mut effects).unwrap();
        }
        let mut batch = Default::default();
        for (position, event) in whole.events().into_iter().skip(upto) {
            if position > replayed.position() {
                replayed.record(event.clone(), &mut effects, &mut batch).unwrap();
            }
        }
        let tail: Vec<_> = batch.iter().collect();
        let expected: Vec<_> = whole.batch.iter().skip(whole.batch.len() - tail.len()).collect();
        prop_assert_eq!(tail, expected);
    }

    /// Persistency by the definition against the naive reference.
    #[test]
    fn persistency_agrees_with_the_naive_reference((book, order) in books().prop_flat_map(shuffled), day in 0..DAYS) {
        let recorded = Recorded::of(&book.setup, &order);
        let (events, reference) = (recorded.events(), recorded.book.reference_data());
        let as_of = Day(FIRST_DAY.0 + day);
        let at = naive::Point { as_of, position: events.len() as Position };
        for (_, definition) in definitions() {
            let naive = naive::persistency(&events, &definition, at, naive::Scope::Own, None);
            let mut fast: BTreeMap<ProducerId, (u64, u64)> = BTreeMap::new();
            for (id, policy) in reference.policies().iter().filter(|(_, policy)| policy.issue <= as_of) {
                use upline_core::persistency::Membership;
                let facts = recorded.book.policy(id).unwrap().0;
                let survives = match definition.membership(as_of, policy.issue, facts.iter().copied()).unwrap() {
                    Membership::Survives => 1,
                    Membership::Fails => 0,
                    _ => continue,
                };
                let mut writing: Vec<ProducerId> = policy.writing.iter().map(|(producer, _)| *producer).collect();
                writing.sort_unstable();
                writing.dedup();
                for producer in writing {
                    let tally = fast.entry(producer).or_default();
                    *tally = (tally.0 + 1, tally.1 + survives);
                }
            }
            let naive: BTreeMap<ProducerId, (u64, u64)> =
                naive.into_iter().map(|(producer, p)| (producer, (p.cohort, p.surviving))).collect();
            prop_assert_eq!(fast, naive);
        }
    }

    /// Rules §2: instalments add up to the year's figure, and a chain of payees to the top of the chain.
    #[test]
    fn instalments_add_up_to_the_year_and_a_chain_to_its_top(
        amounts in prop::collection::vec(1..99_999i64, 12),
        thousandths in prop::collection::vec(1..1_500u32, 1..6),
    ) {
        use upline_core::chain::{Places, Side, Terms};
        use upline_core::grid::{Band, ChargebackMonths, Span};
        use upline_core::money::Cents;
        use upline_core::rate::{Rate, portion};
        use upline_core::premium_status::{Happening, Installment, PolicyFact};
        use upline_core::timeline::{Course, Era, timeline};

        let bands: Vec<Vec<Band>> = thousandths
            .iter()
            .map(|t| vec![Band { years: Span { first: 1, last: None }, rate: Rate::from_parts(i128::from(*t), 3).unwrap() }])
            .collect();
        let borrowed: Vec<&[Band]> = bands.iter().map(Vec::as_slice).collect();
        let frozen: Vec<_> = (0..bands.len() as u32)
            .map(|n| upline_core::chain::FrozenPlace {
                producer: ProducerId(n),
                level: upline_testing::code("L"),
                advance: Default::default(),
                assigned: None,
            })
            .collect();
        let third = upline_testing::rate("0.3333333333333333333333333333");
        let places = std::sync::Arc::new(Places::new(frozen, &borrowed));
        let side = |from, through| Side { from, through, places: places.clone() };
        let sides = vec![side(Rate::ZERO, third), side(third, Rate::ONE)];
        let (annual_premium, chargeback) = (Cents(1), std::sync::Arc::from([]));
        let (issue, chargeback_months) = (Day(0), ChargebackMonths::Paid);
        let terms = Terms { issue, annual_premium, months_by_mode: 1, sides, chargeback, chargeback_months };
        let facts: Vec<PolicyFact> = (1..)
            .zip(&amounts)
            .map(|(n, amount)| PolicyFact {
                on: Day(n),
                position: n as Position,
                what: Happening::Premium(Installment { amount: Cents(*amount), months: 1 }),
                by_mode: true,
            })
            .collect();
        let numbers: Vec<u16> = (0..).take(2 * thousandths.len()).collect();
        let era = Era { from: Day(0), terms: &terms, numbers: &numbers, forfeits: &[] };
        let policy = upline_core::names::PolicyId(0);
        let course = Course { policy, eras: &[era], covers: &[], facts: &facts };
        let (state, postings) = timeline(course).unwrap();
        let top = Rate::from_parts(i128::from(*thousandths.iter().max().unwrap()), 3).unwrap();
        let year = portion(Cents(amounts.iter().sum()), top, Rate::ONE, 1, 1).unwrap();
        prop_assert_eq!(state.payees().iter().map(|seat| seat.earned.0).sum::<i64>(), year.0);
        let earned = |kind| matches!(kind, PostingKind::EarnedAgainst | PostingKind::EarnedBeyond);
        prop_assert_eq!(postings.iter().filter(|p| earned(p.kind)).map(|p| p.amount.0).sum::<i64>(), year.0);
    }
}
