//! Random books, recorded in random order by the fast path, against the rules written out naively
//! (`upline_core::naive`). At any day and position accounts, overrides and persistency are the same; so
//! are decisions about coverage and debts that rolled up; where the facts leave their order free, so are
//! the books in the order of their dates. The log of it verifies.
//!
//! An input says which book, draws it from a seed, names three points, and then changes the facts: drops,
//! moves and doubles some, gives others another day or amount. What cannot be recorded then is refused, and
//! left out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;
use std::fmt::Debug;
use upline_core::as_of::AsOf;
use upline_core::coverage::CoverageDecision;
use upline_core::event::{Event, Identity, Position};
use upline_core::fact::{
    Body, ChargebackRecorded, DebtMoved, Fact, LeadCharged, LeadCredited, PremiumPaid, PremiumReversed,
    RepaymentReceived,
};
use upline_core::money::{Cents, Total};
use upline_core::naive;
use upline_core::names::{ById, CarrierId, Code};
use upline_core::posting::Account;
use upline_core::time::Day;
use upline_fuzz::{Input, sound, there};
use upline_log::{EventLog, MemoryLog};
use upline_testing::{
    DAYS, FIRST_DAY, RandomBook, Recorded, books, books_with_closed_periods, definitions, full_books,
    order_free_books, shuffled,
};
use upline_views::accounts::Accounts;
use upline_views::overrides::Overrides;
use upline_views::persistency::{Gathered, PremiumHistories, Scope};
use upline_views::scan;

/// A book has some hundred facts at the most.
const CHANGES_MAX: usize = 300;

type Events<'e> = [(Position, &'e Event)];

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let kind = input.u8();
    let points = [(input.u16(), input.u16()), (input.u16(), input.u16()), (input.u16(), input.u16())];
    let which: BoxedStrategy<RandomBook> = match kind % 4 {
        0 => books().boxed(),
        1 => full_books().boxed(),
        2 => books_with_closed_periods().boxed(),
        _ => order_free_books().boxed(),
    };
    let rng =
        TestRng::from_seed(RngAlgorithm::ChaCha, &[input.array::<8>(), [0; 8], [0; 8], [0; 8]].concat());
    let mut runner = TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::default() }, rng);
    let Ok(drawn) = which.prop_flat_map(shuffled).new_tree(&mut runner) else { return };
    let (book, mut order) = drawn.current();
    let only_moved = change(&mut input, &mut order);
    let recorded = Recorded::of_full(&book.setup, &order);
    let (events, mut log) = (recorded.events(), sound(MemoryLog::new(), "a log"));
    sound(log.append(0, &recorded.batch), "appending");
    sound(log.verify(&mut |_| ()), "verifying");

    let everything = events.len() as Position;
    for (day, part) in points {
        let as_of = Day(FIRST_DAY.0 + i32::from(day) % (DAYS + 100));
        let position = everything * Position::from(part % 1_001) / 1_000;
        check_money(&log, &events, AsOf { effective: as_of, known: position });
        check_money(&log, &events, AsOf { effective: as_of, known: everything });
        check_money(&log, &events, AsOf { effective: Day(FIRST_DAY.0 + DAYS + 100), known: position });
        check_persistency(&log, &events, AsOf { effective: as_of, known: position });
    }
    check_caused(&events);
    if only_moved && matches!(kind % 4, 0 | 3) {
        let mut facts = book.facts;
        facts.sort_by_key(|fact| fact.on);
        let in_order = Recorded::of_full(&book.setup, &facts);
        for (day, _) in points {
            let as_of = Day(FIRST_DAY.0 + i32::from(day) % (DAYS + 100));
            same(posted(&in_order, as_of), posted(&recorded, as_of), &format!("in any order, as of {as_of}"));
        }
    }
});

/// Changes the facts as the input says; says whether only their order was changed.
fn change(input: &mut Input<'_>, facts: &mut Vec<Fact>) -> bool {
    let mut only_moved = true;
    let mut changes = 0;
    while !input.is_empty() && !facts.is_empty() && changes < CHANGES_MAX {
        changes += 1;
        let (what, at) = (input.u8() % 6, input.below(facts.len() as u64) as usize);
        let to = input.below(facts.len() as u64) as usize;
        only_moved &= what < 2;
        match what {
            0 => facts.swap(at, to),
            1 => {
                let fact = facts.remove(at);
                facts.insert(to, fact);
            }
            2 => drop(facts.remove(at)),
            3 => facts.insert(to, facts[at].clone()),
            4 => facts[at].on = Day(FIRST_DAY.0 + input.below(DAYS as u64) as i32),
            _ => change_amount(input, &mut facts[at]),
        }
    }
    only_moved
}

fn change_amount(input: &mut Input<'_>, fact: &mut Fact) {
    let other = Cents(1 + i64::from(input.u32() % 10_000_000));
    match &mut fact.body {
        Body::PremiumPaid(PremiumPaid { amount, months, .. })
        | Body::PremiumReversed(PremiumReversed { amount, months, .. }) => {
            *amount = other;
            *months = Some(input.u8() % 15).filter(|months| *months < 13);
        }
        Body::ChargebackRecorded(ChargebackRecorded { amount, .. })
        | Body::RepaymentReceived(RepaymentReceived { amount, .. })
        | Body::LeadCharged(LeadCharged { amount, .. })
        | Body::LeadCredited(LeadCredited { amount, .. }) => *amount = other,
        _ => {}
    }
}

/// Ends the run when two answers differ.
#[track_caller]
fn same<T: PartialEq + Debug>(fast: T, slow: T, what: &str) {
    assert!(fast == slow, "{what}:\nfast {fast:?}\nslow {slow:?}");
}

/// The books of a day as the postings say: debit positive, zero left out.
fn posted(recorded: &Recorded, as_of: Day) -> BTreeMap<Account, Total> {
    let mut sums: BTreeMap<Account, Total> = BTreeMap::new();
    for posting in recorded.batch.iter().flat_map(|(_, postings)| postings) {
        let (debit, credit) =
            there(recorded.book.reference_data().accounts(posting), "a posting without accounts");
        assert!(debit != credit && !posting.amount.is_zero(), "{posting:?} moves nothing");
        if posting.dated <= as_of {
            *sums.entry(debit).or_default() += posting.amount;
            *sums.entry(credit).or_default() -= posting.amount;
        }
    }
    sums.retain(|_, sum| !sum.is_zero());
    sums
}

fn check_money(log: &MemoryLog, events: &Events<'_>, at: AsOf) {
    let naive = naive::books(events, naive::Point { as_of: at.effective, position: at.known });
    let mut accounts = Accounts::new(at);
    sound(scan(log, at.known, &mut accounts), "scanning");
    let sums: BTreeMap<Account, Total> = accounts.sums().collect();
    assert_eq!(sums.values().map(|sum| sum.0).sum::<i128>(), 0, "{at:?}");
    same(sums, naive.accounts, &format!("accounts at {at:?}"));

    let mut overrides = Overrides::new(at, None);
    sound(scan(log, at.known, &mut overrides), "scanning");
    let figures = overrides.figures();
    let fast: BTreeMap<_, _> =
        figures.map(|(key, f)| (key, (f.earned, f.advanced, f.charged_back, f.unearned))).collect();
    let figures = naive.overrides.into_iter();
    let slow: BTreeMap<_, _> =
        figures.map(|(key, f)| (key, (f.earned, f.advanced, f.charged_back, f.unearned))).collect();
    same(fast, slow, &format!("overrides at {at:?}"));
}

type Measured = BTreeMap<Code, (u64, u64, String)>;

fn check_persistency(log: &MemoryLog, events: &Events<'_>, at: AsOf) {
    let point = naive::Point { as_of: at.effective, position: at.known };
    let mut gathered = Gathered::default();
    let reference = sound(scan(log, at.known, &mut gathered), "scanning");
    let histories = PremiumHistories::of(&gathered, &reference);
    for (code, definition) in definitions() {
        for carrier in [None, Some(CarrierId(0)), Some(CarrierId(1))] {
            for (scope, slow_scope) in
                [(Scope::Own, naive::Scope::Own), (Scope::Downline, naive::Scope::Downline)]
            {
                let rows = sound(histories.measure(&reference, at, &definition, scope, carrier), "measuring");
                let fast = rows.into_iter().map(|(producer, tally)| {
                    let ratio = there(tally.ratio(), "a cohort of nobody").to_string();
                    (producer, (tally.cohort, tally.surviving, ratio))
                });
                let rows = naive::persistency(events, &definition, point, slow_scope, carrier);
                let slow = rows.into_iter().map(|(producer, tally)| {
                    let ratio = there(tally.ratio_in_ten_thousandths(), "a cohort of nobody");
                    let ratio = format!("{}.{:04}", ratio / 10_000, ratio % 10_000);
                    let producer = there(reference.producers().name(producer), "a producer without a code");
                    (producer.clone(), (tally.cohort, tally.surviving, ratio))
                });
                let what = format!("persistency {code} {scope:?} with {carrier:?} at {at:?}");
                same(fast.collect::<Measured>(), slow.collect::<Measured>(), &what);
            }
        }
    }
}

/// What the ledger decided itself is what the events before it say: coverage, and debts that roll up.
fn check_caused(events: &Events<'_>) {
    let mut decided: BTreeMap<Position, Vec<CoverageDecision<ById>>> = BTreeMap::new();
    let mut rolled: BTreeMap<Position, Vec<naive::Moved>> = BTreeMap::new();
    for (_, event) in events {
        let Identity::Caused { by, .. } = event.identity else { continue };
        match &event.body {
            Body::ChargebackCovered(decision) => decided.entry(by).or_default().push((**decision).clone()),
            Body::DebtMoved(DebtMoved { policy, from, to, amount }) => {
                let (policy, from, to, amount) = (*policy, *from, *to, Total::from(*amount));
                rolled.entry(by).or_default().push(naive::Moved { policy, from, to, amount });
            }
            _ => {}
        }
    }
    let mut due: BTreeMap<Position, Vec<CoverageDecision<ById>>> = BTreeMap::new();
    for (position, decision) in naive::decisions(events) {
        due.entry(position).or_default().push(decision);
    }
    for of_fact in due.values_mut().chain(decided.values_mut()) {
        of_fact.sort_by_key(|decision| (decision.stop, decision.side));
    }
    same(decided, due, "decisions");
    for (position, _) in events {
        let mut of_fact = rolled.remove(position).unwrap_or_default();
        of_fact.sort_unstable();
        same(of_fact, naive::moved(events, *position), "debts that rolled up");
    }
    assert!(rolled.is_empty());
}
