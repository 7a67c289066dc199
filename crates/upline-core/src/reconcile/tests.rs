use super::*;

const POLICY: &str = "C1/P1";

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn policy(text: &str) -> PolicyName {
    PolicyName::parse(text).unwrap()
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn cents(text: &str) -> Cents {
    Cents::parse(text).unwrap()
}

fn expected(producer: &str, kind: LineKind, due: &str, amount: &str) -> Expected {
    Expected {
        policy: policy(POLICY),
        producer: code(producer),
        kind,
        due: day(due),
        amount: cents(amount),
        position: 1,
        ordinal: 1,
        premium: Some(Cents(10_000)),
    }
}

fn earned(due: &str, amount: &str) -> Expected {
    expected("A", LineKind::Earned, due, amount)
}

fn line(producer: &str, kind: LineKind, on: &str, amount: &str) -> Line {
    Line {
        number: 2,
        carrier: code("C1"),
        policy: Some(policy(POLICY)),
        producer: Some(code(producer)),
        kind,
        on: day(on),
        amount: cents(amount),
        premium: None,
        rate: None,
    }
}

fn paid(on: &str, amount: &str) -> Line {
    line("A", LineKind::Earned, on, amount)
}

fn statement(month: &str, lines: Vec<Line>) -> Statement {
    let month = crate::time::Month::parse(month).unwrap();
    Statement {
        from: month.first(),
        through: month.last(),
        carriers: BTreeSet::from([code("C1")]),
        kinds: LineKind::ALL.iter().copied().collect(),
        tolerance: Cents(1),
        days: 7,
        lines,
    }
}

/// Each row of each statement as its class and its difference; sums hold everywhere.
fn classes(expected: &[Expected], statements: &[Statement]) -> Vec<Vec<(&'static str, String)>> {
    let all = reconcile(expected, statements);
    for (rows, statement) in all.iter().zip(statements) {
        assert_eq!(rows.iter().filter(|row| row.line.is_some()).count(), statement.lines.len());
        let mut sums = Sums::default();
        rows.iter().for_each(|row| sums.add(row));
        assert!(sums.holds(), "{sums:?}");
        let received: i64 = statement.lines.iter().map(|line| line.amount.0).sum();
        assert_eq!(sums.received.0, i128::from(received));
    }
    let shown = |row: &Row| (row.class.as_str(), row.difference().to_string());
    all.iter().map(|rows| rows.iter().map(shown).collect()).collect()
}

#[track_caller]
fn check(expected: &[Expected], lines: Vec<Line>, classes_of: &[(&str, &str)]) {
    let found = classes(expected, &[statement("2026-06", lines)]);
    let found: Vec<(&str, &str)> = found[0].iter().map(|(class, by)| (*class, by.as_str())).collect();
    assert_eq!(found, classes_of);
}

/// The worked examples of the field: 110.00 are expected on the first of June.
#[test]
fn a_payment_is_on_time_late_short_over_or_missing() {
    let due = [earned("2026-06-01", "110.00")];
    check(&due, vec![paid("2026-06-03", "110.00")], &[("on_time", "0.00")]);
    check(&due, vec![paid("2026-06-09", "110.00")], &[("late", "0.00")]);
    check(&due, vec![paid("2026-06-08", "110.00")], &[("on_time", "0.00")]);
    check(&due, vec![paid("2026-06-03", "99.00")], &[("short", "-11.00")]);
    check(&due, vec![paid("2026-06-03", "121.00")], &[("over", "11.00")]);
    check(&due, vec![paid("2026-06-03", "110.01")], &[("on_time", "0.01")]);
    check(&due, vec![paid("2026-06-03", "110.02")], &[("over", "0.02")]);
    check(&due, vec![], &[("missing", "-110.00")]);
}

#[test]
fn a_chargeback_is_valid_where_one_is_expected_and_disputable_where_none_is() {
    let lapse = expected("A", LineKind::Chargeback, "2026-06-10", "-550.00");
    let taken = |amount| vec![line("A", LineKind::Chargeback, "2026-06-12", amount)];
    check(std::slice::from_ref(&lapse), taken("-550.00"), &[("chargeback_valid", "0.00")]);
    check(&[], taken("-550.00"), &[("chargeback_disputable", "-550.00")]);
    // More than the table gives is disputable by the difference; less is not.
    check(std::slice::from_ref(&lapse), taken("-600.00"), &[("chargeback_disputable", "-50.00")]);
    check(&[lapse], taken("-500.00"), &[("chargeback_valid", "50.00")]);
}

#[test]
fn what_was_paid_before_is_a_duplicate_and_what_nobody_expects_unexpected() {
    let due = [earned("2026-06-01", "110.00")];
    let twice = vec![paid("2026-06-03", "110.00"), paid("2026-06-03", "110.00")];
    check(&due, twice, &[("on_time", "0.00"), ("duplicate", "110.00")]);
    check(&[], vec![paid("2026-06-03", "110.00")], &[("unexpected", "110.00")]);
    // Also in a later statement.
    let found = classes(
        &due,
        &[
            statement("2026-06", vec![paid("2026-06-03", "110.00")]),
            statement("2026-07", vec![paid("2026-06-03", "110.00")]),
        ],
    );
    assert_eq!(found[1], [("duplicate", "110.00".to_owned())]);
}

#[test]
fn nobody_is_guessed() {
    let due = [earned("2026-06-01", "110.00"), expected("B", LineKind::Earned, "2026-06-01", "20.00")];
    let nobody = Line { producer: None, ..paid("2026-06-03", "110.00") };
    let nothing = Line { policy: None, ..paid("2026-06-03", "20.00") };
    check(
        &due,
        vec![nobody, nothing],
        &[
            ("unknown_producer", "110.00"),
            ("unknown_policy", "20.00"),
            ("missing", "-110.00"),
            ("missing", "-20.00"),
        ],
    );
    let wrong = vec![paid("2026-06-03", "110.00"), paid("2026-06-03", "20.00")];
    check(&due, wrong, &[("on_time", "0.00"), ("wrong_payee", "20.00"), ("missing", "-20.00")]);
}

#[test]
fn another_rate_on_the_same_premium_is_told_from_another_premium() {
    let due = [earned("2026-06-01", "110.00")];
    let of = |premium: Option<&str>, rate: Option<&str>, amount| Line {
        premium: premium.map(cents),
        rate: rate.map(|rate| Rate::parse(rate).unwrap()),
        ..paid("2026-06-03", amount)
    };
    check(&due, vec![of(Some("100.00"), None, "100.00")], &[("wrong_rate", "-10.00")]);
    check(&due, vec![of(None, Some("1.00"), "100.00")], &[("wrong_rate", "-10.00")]);
    check(&due, vec![of(Some("90.00"), None, "99.00")], &[("short", "-11.00")]);
    check(&due, vec![of(None, Some("1.1"), "99.00")], &[("short", "-11.00")]);
}

#[test]
fn what_is_due_at_the_end_is_a_matter_of_timing_and_then_missing() {
    let due = [earned("2026-06-28", "110.00"), earned("2026-07-02", "110.00")];
    let empty = |month| statement(month, vec![]);
    let found = classes(&due, &[empty("2026-06"), empty("2026-07"), empty("2026-08")]);
    let missing = ("missing", "-110.00".to_owned());
    assert_eq!(found[0], [("timing", "-110.00".to_owned())]);
    assert_eq!(found[1], [missing.clone(), missing]);
    // It is told once; a month without exceptions may follow.
    assert_eq!(found[2], []);
}

#[test]
fn a_later_statement_settles_what_an_earlier_one_left() {
    let due = [earned("2026-06-01", "110.00"), earned("2026-06-15", "50.00")];
    let rest = vec![paid("2026-07-03", "11.00"), paid("2026-07-04", "50.00")];
    let statements = [statement("2026-06", vec![paid("2026-06-03", "99.00")]), statement("2026-07", rest)];
    let all = reconcile(&due, &statements);
    let told = |row: &Row| (row.class, row.settled_later);
    assert_eq!(all[0].iter().map(told).collect::<Vec<_>>(), [(Class::Short, true), (Class::Missing, true)]);
    assert_eq!(all[1].iter().map(told).collect::<Vec<_>>(), [(Class::Late, false), (Class::Late, false)]);
    // What was paid over is not settled by anything.
    let over = reconcile(&due[..1], &[statement("2026-06", vec![paid("2026-06-03", "121.00")])]);
    assert!(!over[0][0].settled_later);
}

#[test]
fn a_missing_month_does_not_make_all_that_follow_late() {
    let due =
        [earned("2026-04-01", "110.00"), earned("2026-05-01", "110.00"), earned("2026-06-01", "110.00")];
    let found = classes(
        &due,
        &[
            statement("2026-04", vec![]),
            statement("2026-05", vec![paid("2026-05-02", "110.00")]),
            statement("2026-06", vec![paid("2026-06-02", "110.00")]),
        ],
    );
    let first: Vec<&str> = found.iter().map(|rows| rows[0].0).collect();
    assert_eq!(first, ["missing", "on_time", "on_time"]);
}

#[test]
fn only_what_a_statement_is_of_can_be_missing_in_it() {
    let due = [
        // Before the first statement, of another carrier, of a kind that it does not show.
        earned("2026-05-31", "110.00"),
        Expected { policy: policy("C2/P1"), ..earned("2026-06-01", "110.00") },
        expected("A", LineKind::Offset, "2026-06-01", "-110.00"),
    ];
    let kinds = BTreeSet::from([LineKind::Earned]);
    let of_one_kind = Statement { kinds, ..statement("2026-06", vec![]) };
    assert_eq!(classes(&due, &[of_one_kind]), [vec![]]);
    // But a line may pay it.
    check(&due[..1], vec![paid("2026-06-03", "110.00")], &[("on_time", "0.00")]);
}
