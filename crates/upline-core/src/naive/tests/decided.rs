//! Coverage of chargebacks (§7), and everything at once.

use super::book::*;
use super::later::{release, restate};
use crate::fact::coverage::{Reason, Tier};
use crate::fact::{
    AgentReleased, ChargebackRecorded, CoverageEnrolled, CoveragePlan, CoverageWithdrawn, DebtMoved,
    DebtRolledUp, DebtTerms, LeadLineSet, PersistencyDefined, PolicyReinstated, PolicyStopped, PremiumPaid,
    PremiumReversed, RepaymentReceived, Vesting,
};
use crate::policy::persistency::{Basis, Definition, Survival};
use proptest::prelude::*;

const PAYER: u32 = 0;

/// A plan of 50% above 80% and 60% above 90%, and the writing producer enrolled.
fn covered_book(writing: u32, advance: u8) -> Book {
    let mut book =
        Book::with_chain(&[("140", 0), ("110", advance)], &[("140", "1=1.40"), ("110", "1=1.10")], &[]);
    let exclude = Vec::new();
    let terms =
        Definition { basis: Basis::Count, from_months: 3, to_months: 40, survive: Survival::PaidTo, exclude };
    book.push(FIRST, Body::PersistencyDefined(PersistencyDefined { definition: code("p"), terms }));
    let tier = |above, cover| Tier { above: rate(above), cover: rate(cover) };
    let tiers = vec![tier("0.9", "0.6"), tier("0.8", "0.5")];
    let (plan, definition, payer) = (code("gold"), code("p"), ProducerId(PAYER));
    book.push(FIRST, Body::CoveragePlanPublished(Box::new(CoveragePlan { plan, definition, payer, tiers })));
    book.push(
        "2024-06-01",
        Body::CoverageEnrolled(CoverageEnrolled { producer: ProducerId(writing), plan: code("gold") }),
    );
    book
}

/// Appends the decisions that follow the last fact.
fn decide(book: &mut Book) -> Vec<Position> {
    let cause = book.events.len() as Position;
    let due: Vec<_> = decisions(&book.log()).into_iter().filter(|(position, _)| *position == cause).collect();
    due.into_iter()
        .map(|(_, decision)| {
            let stop = book.events[decision.stop as usize - 1].on.to_string();
            book.push(&stop, Body::ChargebackCovered(Box::new(decision)))
        })
        .collect()
}

/// So many policies of a hundred a month that persist, and one that does not, before the one that lapses.
fn with_cohort(persist: u32, fail: u32) -> (Book, PolicyId) {
    let mut book = covered_book(1, 9);
    for _ in 0..persist {
        hundred_a_month(&mut book, 5);
    }
    for _ in 0..fail {
        hundred_a_month(&mut book, 1);
    }
    let policy = book.issue("2025-07-01", "1200.00", &[(1, "1")]);
    book.pay_monthly("2025-07-01", policy, "100.00", 2);
    (book, policy)
}

#[test]
fn the_highest_tier_strictly_passed_covers() {
    for (persist, fail, reason, covered) in [
        (17, 3, Reason::Tier, "385.00"),
        (4, 1, Reason::BelowTiers, "0.00"),
        (19, 1, Reason::Tier, "462.00"),
        (9, 1, Reason::Tier, "385.00"),
        (0, 0, Reason::NoCohort, "0.00"),
    ] {
        let (mut book, policy) = with_cohort(persist, fail);
        book.stop("2025-09-01", policy, "lapse");
        let positions = decide(&mut book);
        let found = decision(&book.log(), positions[0]).unwrap();
        assert_eq!((found.reason, found.covered), (reason, cents(covered)));
        assert_eq!((found.chargeback, found.side), (cents("770.00"), Some(0)));
        assert_eq!(found.persistency.cohort, u64::from(persist + fail));
        let coverage =
            book.books("2025-09-01", 9_999).accounts.get(&Account::Coverage(ProducerId(PAYER))).copied();
        assert_eq!(coverage.unwrap_or_default().to_string(), covered);
    }
}

#[test]
fn a_late_premium_moves_what_is_covered_and_a_reinstatement_takes_it_back() {
    let (mut book, policy) = with_cohort(19, 1);
    book.stop("2025-09-01", policy, "lapse");
    decide(&mut book);
    book.pay("2025-08-15", policy, "100.00", 1);
    assert_eq!(decide(&mut book), []);
    let debt = |book: &Book, as_of: &str| book.balance(1, as_of)[2].clone();
    // 660.00 charged back, 60% covered.
    assert_eq!(debt(&book, "2025-09-30"), "264.00");
    book.reinstate("2025-10-01", policy);
    assert_eq!([debt(&book, "2025-09-30"), debt(&book, "2025-10-01")], ["264.00", "660.00"]);
    book.stop("2025-11-01", policy, "free_look");
    assert_eq!(decide(&mut book).len(), 1);
    assert_eq!(debt(&book, "2025-11-01"), "792.00");
}

#[test]
fn released_comes_before_the_other_reasons_and_withdrawn_is_not_decided() {
    for (released, withdrawn, expected) in [
        ("2025-08-31", None, Some(Reason::Released)),
        ("2025-09-01", None, Some(Reason::Tier)),
        ("2025-06-30", None, Some(Reason::Tier)),
        ("2025-09-01", Some("2025-09-01"), None),
        ("2025-09-01", Some("2025-09-02"), Some(Reason::Tier)),
    ] {
        let (mut book, policy) = with_cohort(19, 1);
        release(&mut book, released, 1, Vesting::Full, DebtTerms::Stays);
        if let Some(on) = withdrawn {
            book.push(
                on,
                Body::CoverageWithdrawn(CoverageWithdrawn { producer: ProducerId(1), plan: code("gold") }),
            );
        }
        book.stop("2025-09-01", policy, "lapse");
        let found = decisions(&book.log());
        // Policies issued after the release are no concern of it.
        assert_eq!(found.first().map(|(_, decision)| decision.reason), expected, "{released} {withdrawn:?}");
    }
}

#[test]
fn a_recorded_chargeback_is_decided_and_its_cover_stays() {
    let (mut book, policy) = with_cohort(19, 1);
    let reason = String::new();
    for producer in [0, 1].map(ProducerId) {
        let (amount, reason) = (cents("333.33"), reason.clone());
        book.push(
            "2025-09-01",
            Body::ChargebackRecorded(ChargebackRecorded { policy, producer, amount, reason }),
        );
        // The upline wrote nothing.
        assert_eq!(decide(&mut book).len(), usize::from(producer.0 == 1));
    }
    book.stop("2025-09-05", policy, "maturity");
    book.reinstate("2025-10-01", policy);
    assert_eq!(book.balance(1, "2025-10-01")[2], "133.33");
}

/// Any fact of the later sections, or one of a policy.
fn any_event() -> impl Strategy<Value = (i32, Body<ById>)> {
    let policy = PolicyId(0);
    let producer = (0..2u32).prop_map(ProducerId);
    let terms = (prop::bool::ANY, prop::bool::ANY);
    let body = prop_oneof![
        8 => (1..40_000i64, 0..8u8).prop_map(move |(amount, months)| Body::PremiumPaid(PremiumPaid {
            policy, amount: Cents(amount), months: Some(months)
        })),
        3 => (1..40_000i64, 0..8u8).prop_map(move |(amount, months)| Body::PremiumReversed(PremiumReversed {
            policy, amount: Cents(amount), months: Some(months), reason: None
        })),
        2 => (0..StopReason::ALL.len()).prop_map(move |n| Body::PolicyStopped(PolicyStopped {
            policy, reason: StopReason::ALL[n]
        })),
        2 => Just(Body::PolicyReinstated(PolicyReinstated { policy })),
        1 => (producer.clone(), 1..9_999i64).prop_map(move |(producer, amount)| Body::ChargebackRecorded(ChargebackRecorded {
            policy, producer, amount: Cents(amount), reason: String::new()
        })),
        1 => (producer.clone(), terms).prop_map(|(producer, (full, stays))| Body::AgentReleased(AgentReleased {
            producer,
            carrier: None,
            vesting: if full { Vesting::Full } else { Vesting::None },
            debt: if stays { DebtTerms::Stays } else { DebtTerms::RollsUp },
            reason: None,
        })),
        1 => producer.clone().prop_map(|producer| Body::DebtRolledUp(DebtRolledUp { producer, carrier: CARRIER })),
        2 => (producer, 1..99_999i64).prop_map(|(producer, amount)| Body::RepaymentReceived(RepaymentReceived {
            producer, carrier: None, amount: Cents(amount)
        })),
        // Stands for a restatement.
        1 => Just(Body::LeadLineSet(LeadLineSet { producer: ProducerId(0), limit: Cents(0) })),
    ];
    (20_090..20_600i32, body)
}

fn follow_up(book: &mut Book) {
    let cause = book.events.len() as Position;
    let on = book.events[cause as usize - 1].on.to_string();
    let ups = moved(&book.log(), cause);
    decide(book);
    for Moved { policy, from, to, amount } in ups {
        book.push(&on, Body::DebtMoved(DebtMoved { policy, from, to, amount: Cents(amount.0 as i64) }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Folded at once or event by event: the same books. They balance, and nobody repays or rolls up more than
    /// is owed.
    #[test]
    fn folding_at_once_is_recording_one_by_one(
        facts in prop::collection::vec(any_event(), 0..20), closes in prop::bool::ANY, days in (0..600i32, 0..600i32),
    ) {
        let mut book = covered_book(1, 9);
        for _ in 0..3 {
            hundred_a_month(&mut book, 3);
        }
        for (n, (on, body)) in facts.into_iter().enumerate() {
            let on = Day(on).to_string();
            let levels = [("110", "140"), ("140", "110")][n % 2];
            match body {
                Body::LeadLineSet(_) => restate(&mut book, &on, PolicyId(0), &[(1, levels.0), (0, levels.1)]),
                body => book.push(&on, body),
            };
            follow_up(&mut book);
            if closes && n % 7 == 3 {
                book.push("2025-04-15", Body::PeriodClosed);
            }
        }
        for day in [days.0, days.1, 900] {
            for position in [book.events.len(), book.events.len() * 3 / 4] {
                let at = Point { as_of: Day(20_090 + day), position: position as Position };
                let found = books(&book.log(), at);
                prop_assert_eq!(&found, &books_event_by_event(&book.log(), at));
                prop_assert_eq!(found.accounts.values().map(|balance| balance.0).sum::<i128>(), 0);
            }
        }
        for (position, event) in book.log() {
            if let Body::ChargebackCovered(recorded) = &event.body {
                prop_assert_eq!(Some((**recorded).clone()), decision(&book.log(), position));
            }
        }
    }
}
