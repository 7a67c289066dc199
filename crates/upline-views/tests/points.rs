//! The read models at random points of random books, recorded in random order, against the naive reference
//! of `upline-core`: the fast answer at any (D, P) is the slow one (rules §1).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use proptest::prelude::*;
use std::collections::BTreeMap;
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::money::Total;
use upline_core::naive;
use upline_core::names::{CarrierId, Code, PolicyId, ProducerId};
use upline_core::posting::Account;
use upline_core::reference_data::ReferenceData;
use upline_core::time::Day;
use upline_log::{EventLog, MemoryLog};
use upline_testing::{DAYS, FIRST_DAY, Recorded, books, definitions, shuffled};
use upline_views::accounts::Accounts;
use upline_views::balance::{Balances, By, Figures};
use upline_views::overrides::Overrides;
use upline_views::persistency::{Gathered, PremiumHistories, Scope};
use upline_views::{ReadModels, replay_overrides, replay_premium_histories, scan};

/// Parts of a thousand, of days and of positions.
fn points() -> impl Strategy<Value = Vec<(i32, u64)>> {
    prop::collection::vec((0..=1_000i32, 0..=1_000u64), 3)
}

fn log_of(recorded: &Recorded) -> MemoryLog {
    let mut log = MemoryLog::new().unwrap();
    log.append(0, &recorded.batch).unwrap();
    log
}

type Key = (Code, Option<Code>, Option<Code>);

/// Balances by producer, carrier or policy, added up from the accounts of the reference.
fn balances_of(
    accounts: &BTreeMap<Account, Total>,
    payables: &BTreeMap<(ProducerId, CarrierId, PolicyId), Total>,
    reference: &ReferenceData,
    by: By,
) -> BTreeMap<Key, Figures> {
    let mut rows: BTreeMap<Key, Figures> = BTreeMap::new();
    let mut add = |p: ProducerId, c: Option<CarrierId>, n: Option<PolicyId>, set: &dyn Fn(&mut Figures)| {
        let producer = reference.producers().name(p).unwrap().clone();
        let carrier = c.map(|c| reference.carriers().name(c).unwrap().clone());
        let number = n.map(|n| reference.policies().get(n).unwrap().number.clone());
        let key = match by {
            By::Producer => (producer, None, None),
            By::Carrier => (producer, carrier, None),
            By::Policy => (producer, carrier, number),
        };
        set(rows.entry(key).or_default());
    };
    for (account, sum) in accounts {
        match *account {
            Account::Unearned(p, c, n) => add(p, Some(c), Some(n), &|f| f.unearned += *sum),
            Account::Debt(p, c, n) => add(p, c, n, &|f| f.debt += *sum),
            Account::Payable(p, c) if by != By::Policy => add(p, c, None, &|f| f.payable += -*sum),
            Account::Leads(p) => add(p, None, None, &|f| f.leads += *sum),
            Account::Reserve(p) => add(p, None, None, &|f| f.reserve += -*sum),
            _ => {}
        }
    }
    if by == By::Policy {
        for ((p, c, n), credited) in payables {
            add(*p, Some(*c), Some(*n), &|f| f.payable += *credited);
        }
    }
    rows.retain(|_, figures| *figures != Figures::default());
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn money_at_any_point_is_that_of_the_reference(
        (book, order) in books().prop_flat_map(shuffled),
        points in points(),
    ) {
        let recorded = Recorded::of(&book.setup, &order);
        let (events, log) = (recorded.events(), log_of(&recorded));
        for (day, part) in points {
            let position = events.len() as Position * part / 1_000;
            let as_of = Day(FIRST_DAY.0 + DAYS * day / 1_000);
            let (at, point) = (AsOf { effective: as_of, known: position }, naive::Point { as_of, position });
            let naive = naive::books(&events, point);

            let mut accounts = Accounts::new(at);
            let reference = scan(&log, position, &mut accounts).unwrap();
            prop_assert_eq!(accounts.sums().collect::<BTreeMap<_, _>>(), naive.accounts.clone());

            let mut by_event = Overrides::new(at, None);
            scan(&log, position, &mut by_event).unwrap();
            let (_, overrides) = replay_overrides(&log, at, None).unwrap();
            prop_assert_eq!(overrides.rows(&reference), by_event.rows(&reference));
            let fast: BTreeMap<_, _> = overrides
                .figures()
                .map(|(key, f)| (key, (f.earned, f.advanced, f.charged_back, f.unearned)))
                .collect();
            let slow: BTreeMap<_, _> = naive
                .overrides
                .iter()
                .map(|(key, f)| (*key, (f.earned, f.advanced, f.charged_back, f.unearned)))
                .collect();
            prop_assert_eq!(fast, slow);

            let mut payables: BTreeMap<(ProducerId, CarrierId, PolicyId), Total> = BTreeMap::new();
            for (id, policy) in naive::policies(&events, point) {
                for payee in &policy.payees {
                    *payables.entry((payee.producer, policy.carrier, id)).or_default() += payee.credited;
                }
            }
            for by in [By::Producer, By::Carrier, By::Policy] {
                let mut balances = Balances::new(at, by);
                let reference_then = scan(&log, position, &mut balances).unwrap();
                let fast: BTreeMap<Key, Figures> = balances
                    .rows(&reference_then)
                    .into_iter()
                    .map(|row| ((row.producer, row.carrier, row.policy), row.figures))
                    .collect();
                prop_assert_eq!(fast, balances_of(&naive.accounts, &payables, &reference, by));
            }
        }
    }

    #[test]
    fn persistency_at_any_point_is_that_of_the_reference(
        (book, order) in books().prop_flat_map(shuffled),
        points in points(),
    ) {
        let recorded = Recorded::of(&book.setup, &order);
        let (events, log) = (recorded.events(), log_of(&recorded));
        for (day, part) in points {
            let position = events.len() as Position * part / 1_000;
            let as_of = Day(FIRST_DAY.0 + DAYS * day / 1_000);
            let point = naive::Point { as_of, position };
            // Up to the point, and of the whole log asked at the point: the same.
            let known = [position, events.len() as Position].map(|through| {
                let (reference, premium_histories) = replay_premium_histories(&log, through).unwrap();
                let mut gathered = Gathered::default();
                let by_event = scan(&log, through, &mut gathered).unwrap();
                assert_eq!(by_event.policies().len(), reference.policies().len());
                (if through == position { premium_histories } else { PremiumHistories::of(&gathered, &reference) }, reference)
            });
            let at = AsOf { effective: as_of, known: position };
            let [(premium_histories, reference), (whole, whole_register)] = &known;
            let models = ReadModels::replay(&log).unwrap();
            for (_, definition) in definitions() {
                for carrier in [None, Some(CarrierId(0)), Some(CarrierId(1))] {
                    for (scope, slow_scope) in
                        [(Scope::Own, naive::Scope::Own), (Scope::Downline, naive::Scope::Downline)]
                    {
                        let measured = premium_histories.measure(reference, at, &definition, scope, carrier).unwrap();
                        let of_all = whole.measure(whole_register, at, &definition, scope, carrier).unwrap();
                        prop_assert_eq!(&measured, &of_all);
                        let replayed = &models.premium_histories;
                        let replayed = replayed.measure(&models.reference, at, &definition, scope, carrier);
                        prop_assert_eq!(&measured, &replayed.unwrap());
                        let fast: BTreeMap<Code, (u64, u64, String)> = measured
                            .into_iter()
                            .map(|(p, t)| (p, (t.cohort, t.surviving, t.ratio().unwrap().to_string())))
                            .collect();
                        let slow: BTreeMap<Code, (u64, u64, String)> =
                            naive::persistency(&events, &definition, point, slow_scope, carrier)
                                .into_iter()
                                .map(|(p, t)| {
                                    let ratio = t.ratio_in_ten_thousandths().unwrap();
                                    let ratio = format!("{}.{:04}", ratio / 10_000, ratio % 10_000);
                                    let name = reference.producers().name(p).unwrap().clone();
                                    (name, (t.cohort, t.surviving, ratio))
                                })
                                .collect();
                        prop_assert_eq!(fast, slow, "as of {} at {}", as_of, position);
                    }
                }
            }
        }
    }
}

/// Reading ahead once ran on the pool whose worker waited for it, and `verify` never ended.
#[test]
fn a_scan_within_a_pool_of_workers_ends() {
    let mut log = MemoryLog::new().unwrap();
    let body = |n| {
        upline_core::fact::Body::CarrierAdded(upline_core::fact::CarrierAdded {
            carrier: upline_testing::code(&format!("C{n}")),
        })
    };
    let facts: Vec<_> = (0..100).map(|n| upline_testing::fact(FIRST_DAY, body(n))).collect();
    let recorded = Recorded::of(&facts, &[]);
    for index in 0..100 {
        let mut commit = upline_core::event::Batch::default();
        let (event, postings) = recorded.batch.get(index).unwrap();
        commit.push(event.clone(), postings.iter().copied());
        log.append(log.len(), &commit).unwrap();
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let at = AsOf { effective: Day::LAST, known: log.len() };
    let reference = pool.install(|| scan(&log, at.known, &mut Accounts::new(at)).unwrap());
    assert_eq!(reference.carriers().len(), 100);
    assert_eq!(pool.install(|| replay_premium_histories(&log, at.known).unwrap()).0.carriers().len(), 100);
}
