//! The index in time against the naive reference of `upline-core`, over random books with late, future-dated and
//! absurdly dated facts: read at once, taken in piece by piece, and from snapshots that were stored at a random
//! point of the log's growth. It never gives another answer (rules §1).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use upline_core::as_of::AsOf;
use upline_core::event::{Batch, Position};
use upline_core::fact::{AdjustedAccount, AdjustmentPosted, Body, Fact, PremiumPaid};
use upline_core::money::Cents;
use upline_core::naive;
use upline_core::names::Code;
use upline_core::posting::Account;
use upline_core::reference_data::ReferenceData;
use upline_core::time::Day;
use upline_log::{EventLog, MemoryLog};
use upline_store::snapshots;
use upline_testing::{
    DAYS, FIRST_DAY, Recorded, books, books_with_closed_periods, code, fact, full_books, policy_name,
    shuffled,
};
use upline_views::balance::{Balances, By, Figures};
use upline_views::index::{Chapters, Index, Keep, verify_snapshots, write_snapshots};
use upline_views::scan;

type Answer = BTreeMap<(Code, Option<Code>), Figures>;

/// 2199-12-31: nobody's date, and a fact may have it.
const ABSURD: Day = Day(84_005);

/// Parts of a thousand, of days and of positions.
fn points() -> impl Strategy<Value = Vec<(i32, u64)>> {
    prop::collection::vec((-10..=1_010i32, 0..=1_000u64), 4)
}

/// The balances by producer and carrier, from the accounts of the reference.
fn naive(recorded: &Recorded, reference: &ReferenceData, at: AsOf) -> Answer {
    let point = naive::Point { as_of: at.effective, position: at.known };
    let mut rows = Answer::new();
    for (account, sum) in naive::books(&recorded.events(), point).accounts {
        let (producer, carrier) = match account {
            Account::Unearned(p, c, _) => (p, Some(c)),
            Account::Payable(p, c) | Account::Debt(p, c, _) => (p, c),
            Account::Leads(p) | Account::Reserve(p) => (p, None),
            _ => continue,
        };
        let producer = reference.producers().name(producer).unwrap().clone();
        let figures = rows.entry((producer, carrier.map(|c| reference.carriers().name(c).unwrap().clone())));
        let figures = figures.or_default();
        match account {
            Account::Unearned(..) => figures.unearned += sum,
            Account::Payable(..) => figures.payable += -sum,
            Account::Debt(..) => figures.debt += sum,
            Account::Leads(_) => figures.leads += sum,
            _ => figures.reserve += -sum,
        }
    }
    rows.retain(|_, figures| !figures.is_zero());
    rows
}

/// What the index says by carrier; checked to be the same one by one, and by producer to be its sum.
fn asked(index: &Index, log: &dyn EventLog, reference: &ReferenceData, at: AsOf) -> Answer {
    let rows = index.balances(log, at, By::Carrier).unwrap();
    let keys: Vec<_> = rows.iter().map(|row| (row.producer.clone(), row.carrier.clone())).collect();
    assert!(keys.is_sorted());
    let answer: Answer = rows.into_iter().map(|row| ((row.producer, row.carrier), row.figures)).collect();
    let mut alone = Answer::new();
    for (id, name) in reference.producers().iter() {
        for (carrier, figures) in index.balances_of(log, at, id).unwrap() {
            if !figures.is_zero() {
                alone.insert((name.clone(), carrier.map(|id| index.carrier(id).unwrap().clone())), figures);
            }
        }
        let found = index.producer(name, Position::MAX);
        assert_eq!(found, Some(id));
    }
    assert_eq!(alone, answer);
    let mut by_producer = Balances::new(at, By::Producer);
    let known = scan(log, at.known, &mut by_producer).unwrap();
    assert_eq!(index.balances(log, at, By::Producer).unwrap(), by_producer.rows(&known));
    answer
}

fn part(batch: &Batch, range: std::ops::Range<usize>) -> Batch {
    let mut part = Batch::default();
    for (event, postings) in range.filter_map(|index| batch.get(index)) {
        part.push(event.clone(), postings.iter().copied());
    }
    part
}

fn snapshot_bytes(dir: &Path) -> Vec<Vec<u8>> {
    let path = |number: usize| dir.join("snapshots").join(format!("{number:08}"));
    (1..).map_while(|number| std::fs::read(path(number)).ok()).collect()
}

/// A payment beyond all dates and one in two years.
fn ahead() -> Vec<Fact> {
    let adjusted = |on, account, cents| {
        let (producer, carrier) = (code("A"), None);
        let (code, approved_by) = (code("late"), "somebody".to_owned());
        let amount = Cents(cents);
        let what = AdjustmentPosted { producer, carrier, account, amount, code, approved_by };
        fact(on, Body::AdjustmentPosted(Box::new(what)))
    };
    let paid = |on, cents| {
        fact(
            on,
            Body::PremiumPaid(PremiumPaid { policy: policy_name(0), amount: Cents(cents), months: Some(1) }),
        )
    };
    vec![
        adjusted(ABSURD, AdjustedAccount::Payable, 12_345),
        paid(ABSURD, 10_001),
        adjusted(Day(FIRST_DAY.0 + DAYS + 700), AdjustedAccount::Reserve, -77),
        paid(Day(FIRST_DAY.0 + DAYS + 700), 999),
        adjusted(Day(0), AdjustedAccount::Leads, 5),
    ]
}

/// All the ways to an index give the naive answers.
fn check(recorded: &Recorded, chapter: u64, cut: u64, points: &[(i32, u64)]) {
    let events = recorded.batch.len();
    let (cutting, cut) = (Chapters::of(chapter), events * cut as usize / 1_000);
    let reference = recorded.book.reference_data();

    // Stored when the log was shorter, read on, and stored further.
    let grown = tempfile::tempdir().unwrap();
    let mut log = MemoryLog::new().unwrap();
    log.append(0, &part(&recorded.batch, 0..cut)).unwrap();
    let first = write_snapshots(grown.path(), &log, cutting, &mut |_| ()).unwrap();
    assert_eq!(first, cut as u64 / chapter);
    log.append(cut as Position, &part(&recorded.batch, cut..events)).unwrap();
    let mut stored = Index::load(cutting, Keep::Nothing, snapshots(grown.path(), &log));
    assert_eq!(stored.position(), first * chapter);
    stored.read_on(&log, &mut |_, _| Ok(())).unwrap();
    write_snapshots(grown.path(), &log, cutting, &mut |_| ()).unwrap();
    let mut loaded = Index::load(cutting, Keep::Windows, snapshots(grown.path(), &log));
    loaded.read_on(&log, &mut |_, _| Ok(())).unwrap();

    // Stored at once: the same bytes.
    let at_once = tempfile::tempdir().unwrap();
    write_snapshots(at_once.path(), &log, cutting, &mut |_| ()).unwrap();
    assert_eq!(snapshot_bytes(at_once.path()), snapshot_bytes(grown.path()));
    assert_eq!(verify_snapshots(grown.path(), &log, cutting).unwrap().unwrap(), events as u64 / chapter);

    // Taken in as it was recorded.
    let mut live = Index::new(cutting, Keep::Windows);
    let mut from = 0;
    for step in [1, 3, 17, 40, 5, 1_000_000].into_iter().cycle() {
        let to = (from + step).min(events);
        live.absorb(&part(&recorded.batch, from..to)).unwrap();
        from = to;
        if from == events {
            break;
        }
    }

    let days = points.iter().map(|(day, part)| {
        let as_of = Day(FIRST_DAY.0 + DAYS * day / 1_000);
        AsOf { effective: as_of, known: events as Position * part / 1_000 }
    });
    let all = events as Position;
    let past = points.first().map(|(_, part)| all * part / 1_000).unwrap_or_default();
    let ends = [all, past].into_iter().flat_map(|position| {
        [Day(-30_000), Day(ABSURD.0 - 1), ABSURD].map(|as_of| AsOf { effective: as_of, known: position })
    });
    for at in days.chain(ends) {
        let expected = naive(recorded, reference, at);
        for (how, index) in [("stored", &stored), ("loaded", &loaded), ("live", &live)] {
            assert_eq!(asked(index, &log, reference, at), expected, "{how}, {at:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_index_answers_as_the_naive_replay_does(
        (book, order) in books().prop_flat_map(shuffled),
        (chapter, cut) in (1..60u64, 0..=1_000u64),
        places in prop::collection::vec(0..=1_000usize, 5),
        points in points(),
    ) {
        let mut facts = order;
        for (fact, place) in ahead().into_iter().zip(places) {
            facts.insert(facts.len() * place / 1_000, fact);
        }
        check(&Recorded::of(&book.setup, &facts), chapter, cut, &points);
    }

    #[test]
    fn whatever_was_decided_the_index_answers_as_the_naive_replay_does(
        book in full_books(),
        (chapter, cut) in (1..60u64, 0..=1_000u64),
        points in points(),
    ) {
        check(&Recorded::of_full(&book.setup, &book.facts), chapter, cut, &points);
    }

    #[test]
    fn closed_periods_are_no_matter_to_the_index(
        book in books_with_closed_periods(),
        (chapter, cut) in (1..60u64, 0..=1_000u64),
        points in points(),
    ) {
        check(&Recorded::of_full(&book.setup, &book.facts), chapter, cut, &points);
    }
}
