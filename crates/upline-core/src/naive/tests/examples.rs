//! Money: the worked examples, and more of §§3–6 and 10.

use super::book::*;

#[test]
fn an_advance_is_earned_first_then_premiums_pay_as_earned() {
    let mut book = Book::with_chain(&[("110", 9)], GRID_110, &[]);
    hundred_a_month(&mut book, 12);
    assert_eq!(book.balance(0, "2024-12-31"), ["0.00", "0.00", "0.00"]);
    assert_eq!(book.balance(0, "2025-01-01"), ["990.00", "880.00", "0.00"]);
    assert_eq!(book.balance(0, "2025-09-30"), ["990.00", "0.00", "0.00"]);
    assert_eq!(book.balance(0, "2025-10-31"), ["1100.00", "0.00", "0.00"]);
    assert_eq!(book.balance(0, "2025-12-31"), ["1320.00", "0.00", "0.00"]);
    let owed = book.books("2025-12-31", 99).accounts.get(&Account::Carrier(CARRIER)).copied();
    assert_eq!(owed, Some(Total(132_000)));
}

#[test]
fn a_lapse_charges_back_what_is_unearned() {
    let mut book = Book::with_chain(&[("110", 9)], GRID_110, &[]);
    let policy = hundred_a_month(&mut book, 4);
    book.stop("2025-05-15", policy, "lapse");
    assert_eq!(book.balance(0, "2025-05-14"), ["990.00", "550.00", "0.00"]);
    assert_eq!(book.balance(0, "2025-05-15"), ["990.00", "0.00", "550.00"]);
    assert_eq!(book.earned(policy, "2025-05-15"), ["440.00"]);
}

#[test]
fn instalments_add_up_to_the_year_and_the_cap_holds() {
    let mut book = Book::with_chain(&[("95", 0)], &[("95", "1=0.95")], &[]);
    book.change(FIRST, 0, None, Some(AdvanceTerms { months: 6, cap: Some(cents("1500.00")) }));
    let policy = book.issue("2025-01-01", "3450.00", &[(0, "1")]);
    book.pay_monthly("2025-01-01", policy, "287.50", 12);
    let earned: Vec<String> = ["01", "02", "03", "12"]
        .iter()
        .flat_map(|month| book.earned(policy, &format!("2025-{month}-20")))
        .collect();
    assert_eq!(earned, ["273.13", "546.25", "819.38", "3277.50"]);
    assert_eq!(book.balance(0, "2025-05-31"), ["1500.00", "134.37", "0.00"]);
    assert_eq!(book.balance(0, "2025-06-30"), ["1638.75", "0.00", "0.00"]);
}

#[test]
fn the_spread_goes_up_the_chain() {
    let mut book = Book::with_chain(&[("140", 9), ("120", 9), ("100", 9)], GRID_100_120_140, &[]);
    let policy = hundred_a_month(&mut book, 5);
    book.stop("2025-06-15", policy, "lapse");
    let payees = book.policy(policy, "2025-06-15").payees;
    let found: Vec<(i128, i128, i128)> =
        payees.iter().map(|p| (p.advanced.0, p.earned.0, p.charged_back.0)).collect();
    assert_eq!(found, [(90_000, 50_000, 40_000), (18_000, 10_000, 8_000), (18_000, 10_000, 8_000)]);

    let row = Override {
        earned: Total(10_000),
        advanced: Total(18_000),
        charged_back: Total(8_000),
        unearned: Total::ZERO,
    };
    let rows: Vec<_> = book.books("2025-06-15", 99).overrides.into_iter().collect();
    let writing = ProducerId(2);
    assert_eq!(rows, [((ProducerId(0), writing, CARRIER), row), ((ProducerId(1), writing, CARRIER), row)]);
}

#[test]
fn an_equal_or_lower_rate_earns_nothing() {
    let grid = [("120", "1=1.20"), ("115", "1=1.15"), ("130", "1=1.30")];
    let mut book = Book::with_chain(&[("130", 0), ("115", 0), ("120", 0)], &grid, &[]);
    let policy = hundred_a_month(&mut book, 12);
    assert_eq!(book.earned(policy, "2025-12-31"), ["1440.00", "0.00", "120.00"]);
    // The row of zeros is left out.
    assert_eq!(book.books("2025-12-31", 99).overrides.len(), 1);
}

#[test]
fn a_late_premium_corrects_the_chargeback() {
    let mut book = Book::with_chain(&[("140", 9), ("120", 9), ("100", 9)], GRID_100_120_140, &[]);
    let policy = hundred_a_month(&mut book, 4);
    book.stop("2025-06-01", policy, "lapse");
    let before = book.events.len();
    book.pay("2025-05-01", policy, "100.00", 1);
    assert_eq!(book.known_balance(2, "2025-06-30", before), ["900.00", "0.00", "500.00"]);
    assert_eq!(book.balance(2, "2025-06-30"), ["900.00", "0.00", "400.00"]);
    assert_eq!(book.balance(1, "2025-06-30"), ["180.00", "0.00", "80.00"]);
    assert_eq!(book.balance(2, "2025-05-15"), ["900.00", "400.00", "0.00"]);
    assert_eq!(book.known_balance(2, "2025-05-15", before), ["900.00", "500.00", "0.00"]);
}

#[test]
fn what_is_forgiven_was_not_charged_back_before() {
    let mut book = Book::with_chain(&[("100", 9)], GRID_100_120_140, &[("death", "0+", "none")]);
    let policy = hundred_a_month(&mut book, 1);
    book.stop("2025-02-15", policy, "lapse");
    book.reinstate("2025-03-01", policy);
    book.pay("2025-03-01", policy, "100.00", 1);
    book.stop("2025-04-01", policy, "death");
    assert_eq!(book.balance(0, "2025-12-31"), ["1000.00", "0.00", "800.00"]);
}

#[test]
fn the_rule_goes_by_reason_and_months_applied() {
    let table = [
        ("lapse", "0-12", "full"),
        ("surrender", "0-6", "percent:0.70"),
        ("surrender", "7-12", "percent:0.40"),
        ("death", "0+", "none"),
    ];
    let mut book = Book::with_chain(&[("110", 9)], GRID_110, &table);
    for (premiums, reason) in
        [(10, "lapse"), (5, "surrender"), (8, "surrender"), (13, "surrender"), (3, "death")]
    {
        let policy = hundred_a_month(&mut book, premiums);
        book.stop("2026-03-01", policy, reason);
    }
    // 1100 (all back) + 990 (70% = 693 back) + 990 (40% = 396 back) + 1322 (default) + 990 (forgiven)
    assert_eq!(book.balance(0, "2026-03-31"), ["5392.00", "0.00", "2189.00"]);
}

#[test]
fn every_reason_has_its_default_rule() {
    let after_four = |reason| {
        let mut book = Book::with_chain(&[("110", 9)], GRID_110, &[]);
        let policy = hundred_a_month(&mut book, 4);
        book.stop("2025-05-01", policy, reason);
        let [payable, unearned, debt] = book.balance(0, "2025-05-01");
        assert_eq!((payable.as_str(), unearned.as_str()), ("990.00", "0.00"));
        debt
    };
    for reason in ["lapse", "surrender", "replaced", "conversion", "death"] {
        assert_eq!(after_four(reason), "550.00", "{reason}");
    }
    for reason in ["free_look", "not_taken", "rescission"] {
        assert_eq!(after_four(reason), "990.00", "{reason}");
    }
    assert_eq!(after_four("maturity"), "0.00");
}

#[test]
fn a_bounced_premium_is_unearned_again() {
    let mut book = Book::with_chain(&[("110", 9)], GRID_110, &[]);
    let policy = hundred_a_month(&mut book, 10);
    book.reverse("2025-10-20", policy, "100.00", 1);
    book.stop("2025-11-15", policy, "lapse");
    assert_eq!(book.balance(0, "2025-10-18"), ["1100.00", "0.00", "0.00"]);
    assert_eq!(book.balance(0, "2025-12-31"), ["990.00", "0.00", "0.00"]);
}

#[test]
fn a_reversal_waits_for_its_premium() {
    let mut book = Book::with_chain(&[("110", 0)], GRID_110, &[]);
    let policy = book.issue("2025-01-15", "1200.00", &[(0, "1")]);
    book.pay("2025-03-20", policy, "100.00", 1);
    book.pay("2025-04-15", policy, "100.00", 1);
    book.reverse("2025-03-10", policy, "100.00", 1);
    assert_eq!(book.policy(policy, "2025-03-15").waiting, (Total(10_000), 1));
    assert_eq!(book.balance(0, "2025-03-31"), ["0.00", "0.00", "0.00"]);
    assert_eq!(book.balance(0, "2025-04-30"), ["110.00", "0.00", "0.00"]);
}

#[test]
fn suspense_is_applied_at_the_reinstatement() {
    let mut book = Book::with_chain(&[("110", 9)], GRID_110, &[]);
    let policy = hundred_a_month(&mut book, 4);
    book.stop("2025-06-15", policy, "lapse");
    book.pay("2025-06-20", policy, "100.00", 1);
    book.reinstate("2025-07-01", policy);
    book.pay("2025-07-15", policy, "100.00", 1);
    assert_eq!(book.balance(0, "2025-06-25"), ["990.00", "0.00", "550.00"]);
    let stopped = book.policy(policy, "2025-06-25");
    assert_eq!((stopped.in_force, stopped.months_applied, stopped.suspense), (false, 4, (Total(10_000), 1)));
    assert_eq!(book.balance(0, "2025-07-01"), ["1100.00", "0.00", "550.00"]);
    assert_eq!(book.balance(0, "2025-07-31"), ["1210.00", "0.00", "550.00"]);
}

#[test]
fn a_reversal_takes_suspense_first_and_moves_only_a_pro_rata_stop() {
    let stopped_by = |reason| {
        let mut book = Book::with_chain(&[("110", 9)], GRID_110, &[]);
        let policy = hundred_a_month(&mut book, 4);
        book.stop("2025-06-15", policy, reason);
        book.pay("2025-06-20", policy, "100.00", 1);
        book.reverse("2025-06-21", policy, "150.00", 2);
        let now = book.policy(policy, "2025-06-30");
        assert_eq!((now.months_applied, now.suspense, now.waiting.0), (3, (Total(0), 0), Total(0)));
        book.balance(0, "2025-06-30")
    };
    assert_eq!(stopped_by("lapse"), ["990.00", "0.00", "605.00"]);
    assert_eq!(stopped_by("rescission"), ["990.00", "0.00", "990.00"]);
    assert_eq!(stopped_by("maturity"), ["990.00", "0.00", "0.00"]);
}

#[test]
fn a_second_stop_applies_its_rule_on_top() {
    let mut book = Book::with_chain(&[("110", 9)], GRID_110, &[]);
    let policy = hundred_a_month(&mut book, 4);
    book.stop("2025-05-15", policy, "lapse");
    book.stop("2025-06-15", policy, "rescission");
    assert_eq!(book.balance(0, "2025-05-31"), ["990.00", "0.00", "550.00"]);
    assert_eq!(book.balance(0, "2025-06-30"), ["990.00", "0.00", "990.00"]);
    assert_eq!(book.books("2025-06-30", 99).accounts.get(&Account::Carrier(CARRIER)), None);
}

#[test]
fn a_premium_that_straddles_a_year_is_split_by_months() {
    let mut book = Book::with_chain(&[("110", 0)], GRID_110, &[]);
    let policy = book.issue("2025-01-01", "1200.00", &[(0, "1")]);
    book.pay("2025-01-01", policy, "1000.00", 11);
    // Two of its three months lie in year 2: 33.34 and the rest, 66.67. 1033.34 earns 1136.67 and 66.67 1.33.
    book.pay("2025-12-01", policy, "100.01", 3);
    assert_eq!(book.earned(policy, "2025-12-01"), ["1138.00"]);
    // No months: the year of the last month applied.
    book.pay("2025-12-02", policy, "50.00", 0);
    assert_eq!(book.earned(policy, "2025-12-02"), ["1139.00"]);
    // Back over the same edge: one month of year 1 and two of year 2.
    book.reverse("2025-12-03", policy, "100.01", 3);
    assert_eq!(book.earned(policy, "2025-12-03"), ["1101.00"]);
    assert_eq!(book.policy(policy, "2025-12-03").months_applied, 11);
}

#[test]
fn two_writing_sides_have_two_chains() {
    let grid =
        [("100", "1=1.00"), ("110", "1=1.10"), ("120", "1=1.20"), ("125", "1=1.25"), ("140", "1=1.40")];
    let mut book = Book::new();
    book.grid(FIRST, &grid, &[]);
    let imo = book.contracted("140", None, 0);
    let (u1, u2) = (book.contracted("125", Some(imo), 0), book.contracted("120", Some(imo), 0));
    let (a, b) = (book.contracted("110", Some(u1), 0), book.contracted("100", Some(u2), 0));
    let policy = book.issue("2025-01-01", "1200.00", &[(a.0, "0.6"), (b.0, "0.4")]);
    book.pay("2025-01-01", policy, "1200.00", 12);
    let payable = [imo, u1, u2, a, b].map(|p| book.balance(p.0, "2025-12-31")[0].clone());
    assert_eq!(payable, ["204.00", "108.00", "96.00", "792.00", "480.00"]);
    let overrides = book.books("2025-12-31", 99).overrides;
    let rows: Vec<_> = overrides.iter().map(|(key, row)| (key.0, key.1, row.earned.to_string())).collect();
    let expected = [(imo, a, "108.00"), (imo, b, "96.00"), (u1, a, "108.00"), (u2, b, "96.00")]
        .map(|(u, w, e)| (u, w, e.to_owned()));
    assert_eq!(rows, expected);
}

#[test]
fn a_recorded_chargeback_is_debt_against_the_carrier() {
    let mut book = Book::with_chain(&[("110", 9)], GRID_110, &[]);
    let policy = hundred_a_month(&mut book, 1);
    let (producer, amount) = (ProducerId(0), cents("12.34"));
    book.push(
        "2025-03-01",
        Body::ChargebackRecorded(crate::fact::ChargebackRecorded {
            policy,
            producer,
            amount,
            reason: "carrier says so".to_owned(),
        }),
    );
    assert_eq!(book.balance(0, "2025-02-28"), ["990.00", "880.00", "0.00"]);
    assert_eq!(book.balance(0, "2025-03-01"), ["990.00", "880.00", "12.34"]);
    assert_eq!(
        book.books("2025-03-01", 99).accounts.get(&Account::Carrier(CARRIER)),
        Some(&Total(11_000 - 1_234))
    );
}

#[test]
fn a_chain_is_frozen_as_effective_on_the_issue_date_and_known_before() {
    let mut book = Book::with_chain(&[("140", 0), ("100", 9)], GRID_100_120_140, &[]);
    book.grid("2025-03-01", &[("120", "1=1.20"), ("140", "1=1.40")], &[]);
    book.change("2025-03-01", 1, Some("120"), None);
    let before = book.issue("2025-02-28", "1200.00", &[(1, "1")]);
    let after = book.issue("2025-03-01", "1200.00", &[(1, "1")]);
    // Learned too late for the two, and effective before both.
    book.change("2024-01-01", 1, None, Some(AdvanceTerms { months: 1, cap: None }));
    let third = book.issue("2025-03-01", "1200.00", &[(1, "1")]);

    let log = book.log();
    let writing = |policy| {
        let chain = chain(&log, policy, Position::MAX).unwrap();
        let place = &chain.sides[0][0];
        assert_eq!(chain.sides[0][1].producer, ProducerId(0));
        (chain.grid, place.level.to_string(), place.advance.months)
    };
    assert_eq!(writing(before), (GridId(0), "100".to_owned(), 9));
    assert_eq!(writing(after), (GridId(1), "120".to_owned(), 9));
    assert_eq!(writing(third), (GridId(1), "120".to_owned(), 1));
    assert_eq!(chain(&log, third, 10), None);
    assert_eq!(chains(&log, Position::MAX).len(), 3);
}
