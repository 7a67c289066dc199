//! The ledger answers balances from the index, and without it where there can be none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use upline_core::fact::{AdjustedAccount, AdjustmentPosted, Body, Fact, ProducerAdded, ProducerKind};
use upline_core::money::{Cents, Total};
use upline_core::time::Day;
use upline_ledger::{KnownAt, Ledger, SystemClock};
use upline_log::{EventLog, MemoryLog};
use upline_testing::{FIRST_DAY, Recorded, code, fact};
use upline_views::balance::By;

fn adjustment(cents: i64) -> Fact {
    let what = AdjustmentPosted {
        producer: code("A"),
        carrier: None,
        account: AdjustedAccount::Payable,
        amount: Cents(cents),
        code: code("FIX"),
        approved_by: "controller".to_owned(),
    };
    fact(FIRST_DAY, Body::AdjustmentPosted(Box::new(what)))
}

fn ledger(adjustments: i64, cents: i64) -> Ledger {
    let producer = fact(
        FIRST_DAY,
        Body::ProducerAdded(ProducerAdded { producer: code("A"), kind: ProducerKind::Agent }),
    );
    let facts: Vec<Fact> = (0..adjustments).map(|_| adjustment(cents)).collect();
    let mut log = MemoryLog::new().unwrap();
    log.append(0, &Recorded::of(&[producer], &facts).batch).unwrap();
    Ledger::of(Box::new(log), Box::new(SystemClock))
}

/// What moved is more than 64 bits hold: there is no index, and the answer is exact all the same.
#[test]
fn sums_beyond_64_bits_are_answered_without_the_index() {
    let most = Cents::FACT_MAX.0;
    for (count, indexed) in [(5_000, true), (12_000, false)] {
        let ledger = ledger(count, most);
        let at = ledger.point(Some(Day::LAST), KnownAt::Everything).unwrap();
        assert_eq!(ledger.is_indexed().unwrap(), indexed);
        let rows = ledger.balances(at, By::Producer, None).unwrap();
        assert_eq!(rows[0].figures.payable, Total(i128::from(most) * i128::from(count)));
    }
}
