use super::*;
use proptest::prelude::*;

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
        parts: Vec::new(),
    }
}

fn earned(due: &str, amount: &str) -> Expected {
    expected("A", LineKind::Earned, due, amount)
}

fn line(producer: &str, kind: LineKind, on: &str, amount: &str) -> PaidLine {
    PaidLine {
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

fn paid(on: &str, amount: &str) -> PaidLine {
    line("A", LineKind::Earned, on, amount)
}

fn statement(month: &str, lines: Vec<PaidLine>) -> PaidStatement {
    let month = crate::vocabulary::time::Month::parse(month).unwrap();
    PaidStatement {
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
fn classes(expected: &[Expected], statements: &[PaidStatement]) -> Vec<Vec<(&'static str, String)>> {
    let all = reconcile(expected, statements);
    for (rows, statement) in all.iter().zip(statements) {
        assert_eq!(rows.iter().filter(|row| row.line.is_some()).count(), statement.lines.len());
        let mut sums = Sums::default();
        rows.iter().for_each(|row| sums.add(row));
        assert!(sums.holds(), "{sums:?}");
        let received: i64 = statement.lines.iter().map(|line| line.amount.0).sum();
        assert_eq!(sums.received.0, i128::from(received));
    }
    let shown = |row: &MatchedRow| (row.class.as_str(), row.difference().to_string());
    all.iter().map(|rows| rows.iter().map(shown).collect()).collect()
}

#[track_caller]
fn check(expected: &[Expected], lines: Vec<PaidLine>, classes_of: &[(&str, &str)]) {
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
    // The same short line again does not pay what the first one left.
    let short = vec![paid("2026-06-03", "99.00"), paid("2026-06-03", "99.00")];
    check(&due, short.clone(), &[("short", "-11.00"), ("duplicate", "99.00")]);
    let two = [due[0].clone(), earned("2026-06-02", "110.00")];
    check(&two, short, &[("short", "-11.00"), ("short", "-11.00")]);
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
    let nobody = PaidLine { producer: None, ..paid("2026-06-03", "110.00") };
    let nothing = PaidLine { policy: None, ..paid("2026-06-03", "20.00") };
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
    let of_b = vec![paid("2026-06-03", "20.00")];
    check(&due, of_b, &[("wrong_payee", "20.00"), ("missing", "-110.00"), ("missing", "-20.00")]);
}

#[test]
fn another_rate_on_the_same_premium_is_told_from_another_premium() {
    let due = [earned("2026-06-01", "110.00")];
    let of = |premium: Option<&str>, rate: Option<&str>, amount| PaidLine {
        premium: premium.map(cents),
        rate: rate.map(|rate| Rate::parse(rate).unwrap()),
        ..paid("2026-06-03", amount)
    };
    check(&due, vec![of(Some("100.00"), None, "100.00")], &[("wrong_rate", "-10.00")]);
    check(&due, vec![of(None, Some("1.00"), "100.00")], &[("wrong_rate", "-10.00")]);
    check(&due, vec![of(Some("90.00"), None, "99.00")], &[("short", "-11.00")]);
    check(&due, vec![of(None, Some("1.1"), "99.00")], &[("short", "-11.00")]);
    // The contract's rate is not another one, whatever the premium says.
    check(&due, vec![of(Some("100.00"), Some("1.1"), "99.00")], &[("short", "-11.00")]);
    check(&due, vec![of(Some("100.00"), Some("1.0"), "100.00")], &[("wrong_rate", "-10.00")]);
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
    let told = |row: &MatchedRow| (row.class, row.settled_later);
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
    let of_one_kind = PaidStatement { kinds, ..statement("2026-06", vec![]) };
    assert_eq!(classes(&due, &[of_one_kind]), [vec![]]);
    // But a line may pay it, where it was due just before.
    check(&due[..1], vec![paid("2026-06-03", "110.00")], &[("on_time", "0.00")]);
}

/// A book has years of history before the first statement: nobody knows what was paid then.
#[test]
fn what_was_due_long_before_the_first_statement_is_paid_by_no_line() {
    let due =
        [earned("2026-04-01", "110.00"), earned("2026-05-01", "110.00"), earned("2026-06-01", "110.00")];
    let twice = vec![paid("2026-06-10", "110.00"), paid("2026-06-10", "110.00")];
    check(&due, twice, &[("late", "0.00"), ("duplicate", "110.00")]);
}

/// What becomes due later moves no line from what was due before it.
#[test]
fn a_later_premium_changes_nothing_of_an_earlier_statement() {
    let due = [earned("2026-06-01", "110.00"), earned("2026-07-01", "110.00")];
    for on in ["2026-06-03", "2026-06-25", "2026-06-30"] {
        let june = [statement("2026-06", vec![paid(on, "110.00")])];
        assert_eq!(classes(&due[..1], &june), classes(&due, &june), "{on}");
    }
    // A few days early is early, a month is not.
    check(&due[1..], vec![paid("2026-06-28", "110.00")], &[("on_time", "0.00")]);
    check(&due[1..], vec![paid("2026-06-10", "110.00")], &[("unexpected", "110.00")]);
}

/// An upline of two writing producers is expected to be paid once, and is paid a line for each.
#[test]
fn lines_that_pay_an_amount_together_are_as_expected() {
    let due = [earned("2026-06-01", "30.00")];
    let parts = vec![paid("2026-06-03", "18.00"), paid("2026-06-03", "12.00")];
    check(&due, parts, &[("on_time", "0.00"), ("on_time", "0.00")]);
    let halves = vec![paid("2026-06-03", "15.00"), paid("2026-06-03", "15.00")];
    check(&due, halves, &[("on_time", "0.00"), ("on_time", "0.00")]);
    let days = vec![paid("2026-06-03", "18.00"), paid("2026-06-20", "12.01")];
    check(&due, days, &[("on_time", "0.00"), ("late", "0.01")]);
    let over = vec![paid("2026-06-03", "18.00"), paid("2026-06-03", "14.00")];
    check(&due, over, &[("short", "-12.00"), ("unexpected", "14.00")]);
    // Too much, and most of it taken back: what the tolerance lets pass stands with the last line.
    let back = vec![paid("2026-06-03", "60.01"), paid("2026-06-03", "-30.00")];
    check(&due, back, &[("on_time", "0.00"), ("on_time", "0.01")]);
}

#[test]
fn a_line_of_nothing_is_no_exception() {
    check(&[], vec![paid("2026-06-03", "0.00")], &[("on_time", "0.00")]);
}

fn amounts() -> impl Strategy<Value = Cents> {
    prop::sample::select(vec![-11_000, -5_500, 1_000, 5_500, 9_900, 11_000, 11_001, 12_100]).prop_map(Cents)
}

fn days() -> impl Strategy<Value = Day> {
    let first = day("2026-05-15").0;
    (0..120).prop_map(move |after| Day(first + after))
}

fn kinds() -> impl Strategy<Value = LineKind> {
    prop::sample::select(vec![LineKind::Earned, LineKind::Earned, LineKind::Chargeback, LineKind::Adjustment])
}

fn names() -> impl Strategy<Value = (&'static str, &'static str)> {
    (prop::sample::select(vec!["C1/P1", "C1/P2", "C2/P1"]), prop::sample::select(vec!["A", "B"]))
}

prop_compose! {
    fn any_expected()((policy_name, producer) in names(), kind in kinds(), due in days(), amount in amounts()) -> Expected {
        Expected { policy: policy(policy_name), kind, due, amount, ..earned("2026-06-01", "1.00") }.of(producer)
    }
}

prop_compose! {
    fn any_line()(
        (policy_name, producer) in names(), kind in kinds(), on in days(), amount in amounts(), unknown in 0..12
    ) -> PaidLine {
        let policy = policy(policy_name);
        PaidLine {
            carrier: policy.carrier.clone(),
            policy: (unknown != 0).then_some(policy),
            producer: (unknown != 1).then(|| code(producer)),
            kind,
            on,
            amount,
            ..paid("2026-06-03", "1.00")
        }
    }
}

impl Expected {
    fn of(self, producer: &str) -> Expected {
        Expected { producer: code(producer), ..self }
    }
}

proptest! {
    /// Whatever is expected and paid: every line stands in one row, no cent is lost, nothing is paid twice, and what
    /// fell due is paid or told once.
    #[test]
    fn nothing_is_lost_between_what_is_expected_and_what_is_paid(
        expected in prop::collection::vec(any_expected(), 0..14),
        lines in prop::collection::vec(prop::collection::vec(any_line(), 0..10), 4),
    ) {
        let months = ["2026-05", "2026-06", "2026-07", "2026-12"];
        let carriers = BTreeSet::from([code("C1"), code("C2")]);
        let statements: Vec<PaidStatement> = months.iter().zip(lines).map(|(month, lines)| {
            PaidStatement { carriers: carriers.clone(), ..statement(month, lines) }
        }).collect();
        classes(&expected, &statements);
        let all = reconcile(&expected, &statements);
        prop_assert_eq!(&all, &reconcile(&expected, &statements));
        for (i, item) in expected.iter().enumerate() {
            let rows: Vec<&MatchedRow> = all.iter().flatten().filter(|row| row.expected == Some(i)).collect();
            let paid: Vec<&&MatchedRow> = rows.iter().filter(|row| row.line.is_some()).collect();
            let missing = rows.iter().filter(|row| row.class == Class::Missing).count();
            prop_assert!(missing <= 1);
            // Whatever a statement pays of it, in one line or in several together, a later one pays what is left.
            let mut left = item.amount;
            for rows in &all {
                let rows = rows.iter().filter(|row| row.expected == Some(i) && row.line.is_some());
                let (mut due, mut received, mut lines) = (Cents::ZERO, Cents::ZERO, 0);
                for row in rows {
                    due = due.checked_add(row.due).unwrap();
                    received = received.checked_add(row.received).unwrap();
                    lines += 1;
                }
                if lines == 0 {
                    continue;
                }
                prop_assert!(due == left, "{due} is due by {lines} lines, and {left} was left");
                prop_assert!(lines == 1 || difference(due, received) <= 1, "{lines} lines pay {received} of {due}");
                let rest = left.checked_sub(received).unwrap();
                // What the tolerance lets pass is not paid later.
                let part = lines == 1 && difference(due, received) > 1 && rest.0.signum() == left.0.signum();
                left = if part { rest } else { Cents::ZERO };
            }
            let in_time = item.due >= day("2026-05-01") && item.kind != LineKind::Adjustment;
            prop_assert!(!in_time || !paid.is_empty() || missing == 1, "{item:?}");
        }
        for (rows, statement) in all.iter().zip(&statements) {
            for row in rows {
                let line = row.line.map(|line| &statement.lines[line]);
                if let (Some(line), Some(item)) = (line, row.expected.map(|i| &expected[i])) {
                    let same = line.policy.as_ref() == Some(&item.policy) && line.producer.as_ref() == Some(&item.producer);
                    prop_assert!(same && line.kind == item.kind);
                }
            }
        }
    }
}
