//! pay.md §4 over random books: what a producer keeps and what it assigned add up to what it would have had alone. And
//! §2: a payout takes its parts, and no part is taken twice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use proptest::prelude::*;
use std::collections::BTreeMap;
use upline_core::event::Position;
use upline_core::fact::{Body, Fact};
use upline_core::posting::PostingKind;
use upline_core::time::Day;
use upline_testing::{RandomBook, Recorded, full_books};

/// A book without the facts of some kind.
fn but(book: &RandomBook, left_out: impl Fn(&Fact) -> bool) -> Vec<Fact> {
    book.facts.iter().filter(|fact| !left_out(fact)).cloned().collect()
}

/// What each policy came to on each day, by kind, whoever it is of.
fn of_policies(recorded: &Recorded) -> BTreeMap<(String, PostingKind, Day), i128> {
    let policies = recorded.book.reference_data().policies();
    let mut sums = BTreeMap::new();
    for (_, postings) in recorded.batch.iter() {
        for posting in postings {
            let of_chain = matches!(
                posting.kind,
                PostingKind::Advance
                    | PostingKind::EarnedAgainst
                    | PostingKind::EarnedBeyond
                    | PostingKind::Chargeback
            );
            if let (true, Some(policy)) = (of_chain, posting.policy) {
                // Issues are put off alike, but let the policy be known by its number all the same.
                let number = policies.get(policy).unwrap().number.to_string();
                *sums.entry((number, posting.kind, posting.dated)).or_default() +=
                    i128::from(posting.amount.0);
            }
        }
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// At every moment, after every fact, on every day. Without releases, since what is passed up concerns own parts only.
    #[test]
    fn assigned_and_kept_add_up_to_the_whole(book in full_books()) {
        let released = |fact: &Fact| matches!(fact.body, Body::AgentReleased(_));
        let assigned = |fact: &Fact| {
            matches!(fact.body, Body::CommissionAssigned(_) | Body::AssignmentEnded(_)) || released(fact)
        };
        let split = Recorded::of_full(&book.setup, &but(&book, released));
        let whole = Recorded::of_full(&book.setup, &but(&book, assigned));
        prop_assert_eq!(of_policies(&split), of_policies(&whole));
    }

    /// The postings of a payout come to what it settled, part by part.
    #[test]
    fn parts_add_up_to_what_moved(book in full_books()) {
        let recorded = Recorded::of_full(&book.setup, &book.facts);
        for (position, (event, postings)) in (1 as Position..).zip(recorded.batch.iter()) {
            let Body::PayoutMade(payout) = &event.body else { continue };
            let Some(parts) = &payout.parts else { continue };
            let said: i128 = parts.iter().map(|part| i128::from(part.amount.0)).sum();
            prop_assert_eq!(said, i128::from(payout.payable.0), "payout {}", position);
            let taken = |kind| postings.iter().filter(move |posting| posting.kind == kind);
            let sum = |kind| taken(kind).map(|posting| i128::from(posting.amount.0)).sum::<i128>();
            // What is of a carrier moves to the payable without one, from which it is settled.
            let of_carriers: i128 =
                parts.iter().filter(|part| part.carrier.is_some()).map(|part| i128::from(part.amount.0)).sum();
            prop_assert_eq!(sum(PostingKind::PartTaken) + sum(PostingKind::PartTakenByCarrier), of_carriers);
        }
    }
}
