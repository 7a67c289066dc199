//! What holds for any facts.

use super::book::*;
use crate::fact::{Mode, PolicyReinstated, PolicyStopped, PremiumPaid, PremiumReversed};
use crate::naive::exact::{exact, rounded};
use crate::naive::premiums::Premiums;
use crate::vocabulary::rate::portion;
use proptest::prelude::*;

/// A fact on policy 0, and the day of 2025 or 2026 on which it is effective.
fn any_fact() -> impl Strategy<Value = (i32, Body<ById>)> {
    let policy = PolicyId(0);
    let body = prop_oneof![
        5 => (1..40_000i64, 0..15u8).prop_map(move |(amount, months)| Body::PremiumPaid(PremiumPaid {
            policy, amount: Cents(amount), months: Some(months)
        })),
        2 => (1..40_000i64, 0..15u8).prop_map(move |(amount, months)| Body::PremiumReversed(PremiumReversed {
            policy, amount: Cents(amount), months: Some(months), reason: None
        })),
        1 => (0..StopReason::ALL.len()).prop_map(move |n| Body::PolicyStopped(PolicyStopped {
            policy, reason: StopReason::ALL[n]
        })),
        1 => Just(Body::PolicyReinstated(PolicyReinstated { policy })),
    ];
    (20_090..20_600i32, body)
}

proptest! {
    #[test]
    fn rounding_agrees_with_the_one_of_the_ledger(
        amount in -1_000_000_000_000_000..1_000_000_000_000_000i64,
        r in 0..=100_000i128, r_decimals in 4..12u32,
        s in 0..=1_000i128, s_decimals in 3..28u32,
        num in 0..=12u32, den in 1..=12u32,
    ) {
        let r = Rate::from_parts(r, r_decimals).unwrap();
        let s = Rate::from_parts(s, s_decimals).unwrap();
        let ours = rounded(i128::from(amount), [exact(r), exact(s)], u64::from(num), u64::from(den));
        let theirs = portion(Cents(amount), r, s, num, den).map(|cents| i128::from(cents.0));
        prop_assert_eq!(Some(ours), theirs);
    }

    /// What must hold after any facts: the accounts sum to zero, nothing is unearned out of force, and while
    /// nothing was stopped the places of a chain earn together what its top rate pays on the premium applied.
    #[test]
    fn the_books_hold_together(mut facts in prop::collection::vec(any_fact(), 0..24)) {
        let mut book = Book::with_chain(&[("140", 3), ("120", 12), ("100", 9)], GRID_100_120_140, &[]);
        let policy = book.issue("2025-01-01", "1234.56", &[(2, "0.333"), (1, "0.667")]);
        facts.sort_by_key(|(on, _)| *on);
        let stopped = facts.iter().any(|(_, body)| matches!(body, Body::PolicyStopped(_)));
        for (on, body) in facts {
            book.push(&Day(on).to_string(), body);
        }
        let books = book.books("2027-01-01", 99);
        prop_assert_eq!(books.accounts.values().map(|balance| balance.0).sum::<i128>(), 0);
        let now = book.policy(policy, "2027-01-01");
        for payee in &now.payees {
            prop_assert!(now.in_force || payee.unearned().is_zero());
            prop_assert!(payee.unearned() >= Total::ZERO);
        }
        if !stopped {
            let earned: i128 = now.payees.iter().map(|payee| payee.earned.0).sum();
            let mut premiums = Premiums::default();
            for event in &book.events {
                premiums.follow(&event.body, Mode::Monthly);
            }
            let top = |year: u64| if year == 1 { rate("1.4") } else { rate("0.05") };
            let top_earns = |(&year, &p): (&u64, &i128)| rounded(p, [exact(top(year)), exact(Rate::ONE)], 1, 1);
            prop_assert_eq!(earned, premiums.by_year.iter().map(top_earns).sum::<i128>());
        }
    }

    /// The replay law: recorded late and out of order, the same facts give the same books, once all are known.
    #[test]
    fn the_order_of_recording_is_forgotten(
        mut facts in prop::collection::vec(any_fact(), 0..16).prop_shuffle(),
    ) {
        // Facts of one day count in log order, so each gets a day of its own.
        for (n, (on, _)) in (0..).zip(&mut facts) {
            *on = *on * 32 + n;
        }
        let record = |facts: &[(i32, Body<ById>)]| {
            let mut book = Book::with_chain(&[("140", 3), ("100", 9)], GRID_100_120_140, &[]);
            book.issue("2025-01-01", "1234.56", &[(1, "1")]);
            for (on, body) in facts {
                book.push("2025-01-01", body.clone());
                book.events.last_mut().unwrap().on = Day(*on);
            }
            books(&book.log(), Point { as_of: Day(20_300 * 32), position: Position::MAX })
        };
        let out_of_order = record(&facts);
        facts.sort_by_key(|(on, _)| *on);
        prop_assert_eq!(out_of_order, record(&facts));
    }
}
