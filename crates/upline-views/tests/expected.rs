//! What carriers are expected to pay does not depend on when facts come.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use hashbrown::HashMap;
use proptest::prelude::*;
use std::collections::BTreeMap;
use upline_core::reconcile::{Expected, LineKind};
use upline_core::time::Day;
use upline_log::{EventLog, MemoryLog};
use upline_testing::{Recorded, books, shuffled};
use upline_views::expected::Expectations;
use upline_views::scan;

fn expected(recorded: &Recorded, gross: bool) -> Vec<Expected> {
    let mut log = MemoryLog::new().unwrap();
    log.append(0, &recorded.batch).unwrap();
    let carriers = recorded.book.reference_data().carriers().iter();
    let carriers: HashMap<_, _> = carriers.map(|(_, code)| (code.clone(), (gross, Day::FIRST))).collect();
    let mut expectations = Expectations::of(carriers);
    let reference = scan(&log, log.len(), &mut expectations).unwrap();
    expectations.rows(&reference)
}

/// What is expected of each policy, producer and kind on each day.
fn by_day(expected: &[Expected]) -> BTreeMap<(String, String, LineKind, Day), i64> {
    let mut sums = BTreeMap::new();
    for item in expected {
        let key = (item.policy.to_string(), item.producer.to_string(), item.kind, item.due);
        *sums.entry(key).or_default() += item.amount.0;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_same_is_expected_in_whatever_order_facts_come((book, order) in books().prop_flat_map(shuffled)) {
        let mut facts = book.facts.clone();
        facts.sort_by_key(|fact| fact.on);
        let in_order = Recorded::of(&book.setup, &facts);
        let out_of_order = Recorded::of(&book.setup, &order);
        for gross in [false, true] {
            let (first, second) = (expected(&in_order, gross), expected(&out_of_order, gross));
            prop_assert_eq!(by_day(&first), by_day(&second), "gross {}", gross);
            // A stop takes back once.
            for items in [first, second] {
                let mut taken: Vec<_> = items
                    .iter()
                    .filter(|item| item.kind == LineKind::Chargeback)
                    .map(|item| (item.policy.to_string(), item.producer.to_string(), item.due))
                    .collect();
                taken.sort();
                let all = taken.len();
                taken.dedup();
                prop_assert_eq!(taken.len(), all);
            }
        }
    }
}
