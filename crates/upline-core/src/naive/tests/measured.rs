//! Persistency (§7).

use super::book::*;
use crate::policy::persistency::{Basis, Definition, Survival};
use ethnum::I256;

/// Ten policies around their fourth and thirteenth month.
fn cohort() -> Book {
    let mut book = Book::with_chain(&[("140", 0), ("100", 0)], GRID_100_120_140, &[]);
    for (on, annual, monthly, premiums, stop) in [
        ("2025-03-01", "1200.00", "100.00", 15, None),
        ("2025-09-01", "600.00", "50.00", 2, Some(("2025-11-01", "lapse"))),
        ("2026-01-01", "900.00", "75.00", 5, None),
        ("2025-12-01", "600.00", "50.00", 0, Some(("2025-12-10", "free_look"))),
        ("2025-10-01", "600.00", "50.00", 0, Some(("2025-10-15", "not_taken"))),
        ("2025-07-01", "600.00", "50.00", 3, Some(("2025-10-15", "rescission"))),
        ("2026-04-01", "600.00", "50.00", 2, None),
        ("2024-12-01", "600.00", "50.00", 4, Some(("2025-04-01", "lapse"))),
        ("2025-05-01", "480.00", "40.00", 4, Some(("2025-09-01", "lapse"))),
        ("2025-06-01", "720.00", "60.00", 3, Some(("2025-09-01", "death"))),
    ] {
        let policy = book.issue(on, annual, &[(1, "1")]);
        book.pay_monthly(on, policy, monthly, premiums);
        if let Some((on, reason)) = stop {
            book.stop(on, policy, reason);
        }
    }
    book
}

fn measured(
    book: &Book,
    definition: &Definition,
    as_of: &str,
    of: Scope,
) -> BTreeMap<ProducerId, Persistency> {
    let at = Point { as_of: day(as_of), position: Position::MAX };
    persistency(&book.log(), definition, at, of, Some(CARRIER))
}

fn definition(basis: Basis, from_months: u16, survive: Survival) -> Definition {
    let exclude = vec![StopReason::FreeLook, StopReason::NotTaken, StopReason::Rescission];
    Definition { basis, from_months, to_months: from_months + 12, survive, exclude }
}

#[test]
fn persistency_depends_on_its_definition() {
    let book = cohort();
    let check = |definition: &Definition, as_of: &str, counts: (u64, u64), ratio: u64| {
        let found = measured(&book, definition, as_of, Scope::Own);
        let row = found.get(&ProducerId(1)).copied().unwrap_or_default();
        assert_eq!(((row.cohort, row.surviving), row.ratio_in_ten_thousandths()), (counts, Some(ratio)));
        row
    };
    let p4c = definition(Basis::Count, 4, Survival::PaidTo);
    let p4p = definition(Basis::Premium, 4, Survival::PaidTo);
    let without_deaths = |definition: &Definition| {
        let mut definition = definition.clone();
        definition.exclude.push(StopReason::Death);
        definition
    };
    let row = check(&p4c, "2026-06-30", (5, 3), 6_000);
    assert_eq!(row.cohort_weight, Weight(I256::from(5) * I256::from(10).pow(28)));
    check(&without_deaths(&p4c), "2026-06-30", (4, 3), 7_500);
    let row = check(&p4p, "2026-06-30", (5, 3), 6_615);
    assert_eq!(row.surviving_weight, Weight(I256::from(258_000) * I256::from(10).pow(28)));
    check(&without_deaths(&p4p), "2026-06-30", (4, 3), 8_113);
    check(&definition(Basis::Count, 13, Survival::PaidTo), "2026-06-30", (3, 1), 3_333);
    check(&definition(Basis::Count, 4, Survival::InForce), "2026-06-30", (5, 2), 4_000);
    check(&p4c, "2025-10-31", (4, 3), 7_500);
}

#[test]
fn a_downline_counts_at_full_weight_and_nobody_without_a_cohort() {
    let mut book = cohort();
    let p4p = definition(Basis::Premium, 4, Survival::PaidTo);
    assert_eq!(measured(&book, &p4p, "2026-06-30", Scope::Own).len(), 1);
    assert_eq!(measured(&book, &p4p, "2020-06-30", Scope::Downline).len(), 0);
    // Producer 1 writes it twice over with producer 0: one policy each, by the shares; full weight downline.
    book.issue("2025-11-01", "100.00", &[(1, "0.3"), (0, "0.5"), (1, "0.2")]);
    let weights = |of| {
        let found = measured(&book, &p4p, "2026-06-30", of);
        [0, 1].map(|n| {
            let row = found.get(&ProducerId(n)).copied().unwrap_or_default();
            (row.cohort, (row.cohort_weight.0 / I256::from(10).pow(28)).as_u64())
        })
    };
    assert_eq!(weights(Scope::Own), [(1, 5_000), (6, 395_000)]);
    assert_eq!(weights(Scope::Downline), [(6, 400_000), (6, 400_000)]);
}

#[test]
fn a_stop_that_was_reinstated_excludes_nothing() {
    let mut book = Book::with_chain(&[("100", 0)], GRID_100_120_140, &[]);
    let policy = hundred_a_month(&mut book, 6);
    let p4 = definition(Basis::Count, 4, Survival::InForce);
    let cohort_and_survivors = |book: &Book, as_of: &str| {
        let row = measured(book, &p4, as_of, Scope::Own).get(&ProducerId(0)).copied().unwrap_or_default();
        (row.cohort, row.surviving)
    };
    // A voiding stop excludes though it came after the mark, once it is visible, until the reinstatement.
    book.stop("2025-07-01", policy, "rescission");
    book.reinstate("2025-08-01", policy);
    let found = ["2025-04-30", "2025-06-30", "2025-07-31", "2025-08-01"]
        .map(|as_of| cohort_and_survivors(&book, as_of));
    assert_eq!(found, [(0, 0), (1, 1), (0, 0), (1, 1)]);
    // Stopped at the end of the mark's day, whatever came later.
    book.stop("2025-05-01", policy, "lapse");
    assert_eq!(cohort_and_survivors(&book, "2025-08-01"), (1, 0));
}
