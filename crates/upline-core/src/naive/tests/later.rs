//! Releases, debt, restatements and closed periods (§§8, 9).

use super::book::*;
use crate::fact::{
    AdjustedAccount, AdjustmentPosted, AgentReleased, ChargebackRecorded, ContractChanged, DebtMoved,
    DebtRolledUp, DebtTerms, LeadCharged, LeadCredited, PolicyRestated, ProducerContracted,
    RepaymentReceived, RestatedChain, Vesting,
};
use crate::terms::chain::FrozenPlace;

const CHAIN: &[(&str, u8)] = &[("140", 9), ("120", 9), ("100", 9)];

fn three() -> Book {
    Book::with_chain(CHAIN, GRID_100_120_140, &[])
}

pub(super) fn release(
    book: &mut Book,
    on: &str,
    producer: u32,
    vesting: Vesting,
    debt: DebtTerms,
) -> Position {
    let producer = ProducerId(producer);
    book.push(on, Body::AgentReleased(AgentReleased { producer, carrier: None, vesting, debt, reason: None }))
}

/// Restates the chain of the only side: producers and levels, all with nine months in advance.
pub(super) fn restate(book: &mut Book, on: &str, policy: PolicyId, chain: &[(u32, &str)]) -> Position {
    let place = |(producer, level): &(u32, &str)| FrozenPlace {
        producer: ProducerId(*producer),
        level: code(level),
        advance: AdvanceTerms { months: 9, cap: None },
        assigned: None,
    };
    let frozen = FrozenChain { grid: GridId(0), sides: vec![chain.iter().map(place).collect()] };
    let restated = PolicyRestated {
        policy,
        correction: code("K"),
        chain: RestatedChain::Contracts,
        issue: None,
        frozen,
    };
    book.push(on, Body::PolicyRestated(Box::new(restated)))
}

fn roll_up(book: &mut Book, cause: Position) {
    let on = book.events[cause as usize - 1].on.to_string();
    for Moved { policy, from, to, amount } in moved(&book.log(), cause) {
        let amount = Cents(amount.0 as i64);
        book.push(&on, Body::DebtMoved(DebtMoved { policy, from, to, amount }));
    }
}

fn repay(book: &mut Book, on: &str, producer: u32, amount: &str) {
    let (producer, carrier, amount) = (ProducerId(producer), Some(CARRIER), cents(amount));
    book.push(on, Body::RepaymentReceived(RepaymentReceived { producer, carrier, amount }));
}

fn debt_on(book: &Book, producer: u32, policy: PolicyId, as_of: &str) -> String {
    let account = Account::Debt(ProducerId(producer), Some(CARRIER), Some(policy));
    book.books(as_of, 999).accounts.get(&account).copied().unwrap_or_default().to_string()
}

#[test]
fn a_released_upline_is_passed_over() {
    let mut book = three();
    let old = book.issue("2025-03-01", "1200.00", &[(2, "1")]);
    release(&mut book, "2025-03-01", 1, Vesting::Full, DebtTerms::Stays);
    let same_day = book.issue("2025-03-01", "1200.00", &[(2, "1")]);
    let new = book.issue("2025-03-02", "1200.00", &[(2, "1")]);
    let places = |book: &Book, policy: PolicyId| {
        let chain = chain(&book.log(), policy, Position::MAX).unwrap();
        chain.sides[0].iter().map(|place| place.producer.0).collect::<Vec<_>>()
    };
    assert_eq!(places(&book, old), [2, 1, 0]);
    assert_eq!(places(&book, same_day), [2, 1, 0]);
    assert_eq!(places(&book, new), [2, 0]);
    // It begins again: under nobody now.
    let (producer, level) = (ProducerId(1), code("120"));
    let advance = AdvanceTerms::default();
    book.push(
        "2025-04-01",
        Body::ProducerContracted(ProducerContracted {
            producer,
            carrier: CARRIER,
            level,
            upline: None,
            advance,
        }),
    );
    let newest = book.issue("2025-04-01", "1200.00", &[(2, "1")]);
    assert_eq!(places(&book, newest), [2, 1]);
    assert_eq!(chain(&book.log(), PolicyId(9), Position::MAX), None);
}

#[test]
fn a_released_writing_producer_writes_nothing() {
    let mut book = three();
    release(&mut book, "2025-01-01", 2, Vesting::Full, DebtTerms::Stays);
    let policy = book.issue("2025-01-02", "1200.00", &[(2, "1")]);
    assert_eq!(chain(&book.log(), policy, Position::MAX), None);
}

#[test]
fn released_without_vesting() {
    for (vesting, balances) in
        [(Vesting::None, ["900.00", "540.00", "240.00"]), (Vesting::Full, ["1200.00", "240.00", "240.00"])]
    {
        let mut book = three();
        hundred_a_month(&mut book, 9);
        release(&mut book, "2025-09-15", 2, vesting, DebtTerms::Stays);
        let policy = PolicyId(0);
        book.pay_monthly("2025-10-01", policy, "100.00", 3);
        let payable = [2, 1, 0].map(|n| book.balance(n, "2025-12-31")[0].clone());
        assert_eq!(payable, balances);
        // Two are taken back: what was passed up last goes first.
        book.reverse("2026-01-05", policy, "200.00", 2);
        let earned = book.earned(policy, "2026-01-05");
        let expected = match vesting {
            Vesting::None => ["900.00", "300.00", "200.00"],
            Vesting::Full => ["1000.00", "200.00", "200.00"],
        };
        assert_eq!(earned, expected);
    }
}

#[test]
fn the_advance_of_the_released_is_paid_off_first_and_the_carrier_keeps_what_nobody_takes() {
    let mut book = three();
    hundred_a_month(&mut book, 7);
    let policy = PolicyId(0);
    for producer in 0..3 {
        release(&mut book, "2025-07-15", producer, Vesting::None, DebtTerms::Stays);
    }
    book.pay("2025-08-01", policy, "500.00", 5);
    assert_eq!(book.earned(policy, "2025-12-31"), ["900.00", "180.00", "180.00"]);
    // 3 × 100.00 went to the carrier; a reversal gives that back before anything else.
    book.reverse("2025-09-01", policy, "300.00", 3);
    assert_eq!(book.earned(policy, "2025-12-31"), ["900.00", "180.00", "180.00"]);
    book.reverse("2025-10-01", policy, "100.00", 1);
    assert_eq!(book.earned(policy, "2025-12-31"), ["800.00", "160.00", "160.00"]);
}

#[test]
fn debt_rolls_up_the_frozen_chain() {
    let mut book = three();
    let policy = hundred_a_month(&mut book, 5);
    book.stop("2025-06-01", policy, "lapse");
    repay(&mut book, "2025-07-01", 2, "100.00");
    let cause = release(&mut book, "2025-08-01", 2, Vesting::Full, DebtTerms::RollsUp);
    roll_up(&mut book, cause);
    assert_eq!(book.balance(2, "2025-07-15"), ["900.00", "0.00", "300.00"]);
    assert_eq!(book.balance(2, "2025-08-01"), ["900.00", "0.00", "0.00"]);
    assert_eq!(book.balance(1, "2025-08-01"), ["180.00", "0.00", "380.00"]);
    assert_eq!(book.balance(0, "2025-08-01"), ["180.00", "0.00", "80.00"]);
    let recourse = |n| book.books("2025-08-01", 99).accounts.get(&Account::Recourse(ProducerId(n))).copied();
    assert_eq!((recourse(2), recourse(1)), (Some(Total(30_000)), Some(Total(-30_000))));
    // At the top it stays.
    let cause = book
        .push("2025-09-01", Body::DebtRolledUp(DebtRolledUp { producer: ProducerId(0), carrier: CARRIER }));
    assert_eq!(moved(&book.log(), cause), []);
}

#[test]
fn the_oldest_chargeback_is_paid_first_and_what_is_beyond_is_payable() {
    let mut book = Book::with_chain(&[("110", 9)], GRID_110, &[]);
    let first = hundred_a_month(&mut book, 4);
    let second = hundred_a_month(&mut book, 4);
    book.stop("2025-06-01", second, "lapse");
    book.stop("2025-07-01", first, "lapse");
    let (producer, reason) = (ProducerId(0), String::new());
    let amount = cents("10.00");
    book.push(
        "2025-08-01",
        Body::ChargebackRecorded(ChargebackRecorded { policy: second, producer, amount, reason }),
    );
    repay(&mut book, "2025-08-15", 0, "600.00");
    assert_eq!(debt_on(&book, 0, second, "2025-08-15"), "10.00");
    assert_eq!(debt_on(&book, 0, first, "2025-08-15"), "500.00");
    // What is paid off is paid off: the 10.00 of August come after July.
    repay(&mut book, "2025-09-01", 0, "495.00");
    assert_eq!(debt_on(&book, 0, second, "2025-09-01"), "10.00");
    assert_eq!(debt_on(&book, 0, first, "2025-09-01"), "5.00");
    repay(&mut book, "2025-09-02", 0, "20.00");
    assert_eq!(book.balance(0, "2025-09-02"), ["1985.00", "0.00", "0.00"]);
}

#[test]
fn debt_that_falls_later_is_not_open_before() {
    let mut book = Book::with_chain(&[("110", 9)], GRID_110, &[]);
    let policy = hundred_a_month(&mut book, 4);
    book.stop("2025-06-01", policy, "lapse");
    repay(&mut book, "2025-09-01", 0, "500.00");
    // Recorded later, effective earlier: of 550.00, 500.00 are spoken for.
    repay(&mut book, "2025-07-01", 0, "80.00");
    assert_eq!(book.balance(0, "2025-07-31"), ["1020.00", "0.00", "500.00"]);
    assert_eq!(book.balance(0, "2025-09-30"), ["1020.00", "0.00", "0.00"]);
}

#[test]
fn a_restatement_moves_what_is_dated_from_its_day() {
    for (on, before) in [("2025-01-01", ["0.00", "180.00"]), ("2025-03-15", ["180.00", "0.00"])] {
        let mut book = three();
        book.contracted("120", Some(ProducerId(0)), 9);
        let policy = book.issue("2025-01-01", "1200.00", &[(2, "1")]);
        let known = restate(&mut book, on, policy, &[(2, "100"), (3, "120"), (0, "140")]);
        let payable = |as_of: &str, known: Position| {
            [1, 3].map(|n| book.known_balance(n, as_of, known as usize)[0].clone())
        };
        assert_eq!(payable("2025-02-28", known - 1), ["180.00", "0.00"]);
        assert_eq!(payable("2025-02-28", known), before);
        assert_eq!(payable("2025-03-15", known), ["0.00", "180.00"]);
    }
}

#[test]
fn of_several_restatements_the_last_recorded_stands() {
    let mut book = three();
    book.contracted("120", Some(ProducerId(0)), 9);
    let policy = book.issue("2025-01-01", "1200.00", &[(2, "1")]);
    restate(&mut book, "2025-06-01", policy, &[(2, "100"), (3, "120"), (0, "140")]);
    restate(&mut book, "2025-03-01", policy, &[(2, "100"), (0, "140")]);
    let payable = |as_of| [2, 1, 0, 3].map(|n| book.balance(n, as_of)[0].clone());
    assert_eq!(payable("2025-02-28"), ["900.00", "180.00", "180.00", "0.00"]);
    assert_eq!(payable("2025-03-01"), ["900.00", "0.00", "360.00", "0.00"]);
    assert_eq!(payable("2025-06-01"), ["900.00", "0.00", "360.00", "0.00"]);
}

#[test]
fn a_restatement_by_the_contracts_takes_them_as_they_are_known_now() {
    let mut book = three();
    book.contracted("120", Some(ProducerId(0)), 9);
    let policy = book.issue("2025-01-01", "1200.00", &[(2, "1")]);
    let upline = Some(Some(ProducerId(3)));
    let (producer, carrier) = (ProducerId(2), CARRIER);
    book.push(
        "2024-12-01",
        Body::ContractChanged(ContractChanged { producer, carrier, level: None, upline, advance: None }),
    );
    let position = restate(&mut book, "2025-06-01", policy, &[]);
    let chain = restated(&book.log(), position).unwrap();
    assert_eq!(chain.sides[0].iter().map(|place| place.producer.0).collect::<Vec<_>>(), [2, 3, 0]);
}

#[test]
fn a_closed_period_stays_closed() {
    let mut book = three();
    let policy = hundred_a_month(&mut book, 4);
    book.stop("2025-06-01", policy, "lapse");
    book.push("2025-06-30", Body::PeriodClosed);
    book.pay("2025-05-01", policy, "100.00", 1);
    for (producer, closed, open) in [
        (2, ["900.00", "0.00", "500.00"], ["900.00", "0.00", "400.00"]),
        (1, ["180.00", "0.00", "100.00"], ["180.00", "0.00", "80.00"]),
        (0, ["180.00", "0.00", "100.00"], ["180.00", "0.00", "80.00"]),
    ] {
        assert_eq!(book.balance(producer, "2025-06-30"), closed);
        assert_eq!(book.balance(producer, "2025-07-01"), open);
    }
}

#[test]
fn leads_and_adjustments() {
    let mut book = three();
    let producer = ProducerId(2);
    book.push("2025-01-01", Body::LeadCharged(LeadCharged { producer, amount: cents("150.00") }));
    book.push("2025-01-05", Body::LeadCredited(LeadCredited { producer, amount: cents("20.00") }));
    for (account, amount) in [(AdjustedAccount::Reserve, "7.00"), (AdjustedAccount::Debt, "-3.00")] {
        let adjustment = AdjustmentPosted {
            producer,
            carrier: None,
            account,
            amount: cents(amount),
            code: code("X"),
            approved_by: String::new(),
        };
        book.push("2025-01-06", Body::AdjustmentPosted(Box::new(adjustment)));
    }
    let accounts = book.books("2025-01-31", 99).accounts;
    let expected = [
        (Account::Debt(producer, None, None), Total(300)),
        (Account::Leads(producer), Total(13_000)),
        (Account::Reserve(producer), Total(-700)),
        (Account::Cash, Total(-13_000)),
        (Account::Adjustment, Total(400)),
    ];
    assert_eq!(accounts, BTreeMap::from(expected));
}
