//! The profiles and the example statements of the repository.

use super::{bytes, life, profile, text};
use upline_core::money::Cents;
use upline_core::rate::Rate;
use upline_core::time::Day;
use upline_formats::carrier_statement::{LineKind, Shows, StatementLine, check_total, read};

/// Line, carrier, policy, writing number, kind, code, day and amount, as one text.
fn shown(line: &StatementLine) -> String {
    let StatementLine { line, carrier, policy, writing_number, kind, code, on, amount, .. } = line;
    format!("{line} {carrier} {policy} {writing_number} {} {code} {on} {amount}", kind.as_str())
}

#[track_caller]
fn check(file: &str, profile_name: &str, total: i64, lines: &[&str]) -> Vec<StatementLine> {
    let statement =
        read(&bytes(&format!("tests/data/statements/{file}")), file, &profile(profile_name)).unwrap();
    assert_eq!(statement.lines.iter().map(shown).collect::<Vec<_>>(), lines);
    assert_eq!(statement.total, Cents(total));
    assert!(statement.control_total.is_none_or(|stated| stated == statement.total));
    statement.lines
}

#[test]
fn a_life_carrier_s_statement_has_every_kind_of_line() {
    let lines = check(
        "life-statement.csv",
        "life-statement",
        42_938,
        &[
            "2 AML 0000123 70014 advance ADV 2026-07-01 990.00",
            "3 AML 0000124 70014-B earned FYC 2026-07-02 110.00",
            "4 AML 0000124 70014-B offset OFS 2026-07-02 -110.00",
            "5 AML 0000125 70022 chargeback CHB 2026-07-09 -550.00",
            "6 AML 0000088 70022 earned REN 2026-07-15 14.38",
            "7 AML  70022 adjustment ADJ 2026-07-31 -25.00",
        ],
    );
    assert_eq!((lines[0].premium, lines[0].rate), (Some(Cents(120_000)), Rate::parse("1.10")));
    assert_eq!((lines[3].premium, lines[3].rate), (None, None));
}

#[test]
fn a_block_of_business_is_read_from_excel_to_the_cent() {
    let lines = check(
        "block-of-business.xlsx",
        "block-of-business",
        31_600,
        &[
            "4 BMA BM-10021 W-301 earned  2026-07-01 110.10",
            "5 BMA BM-10022 W-301 earned  2026-07-15 136.57",
            "6 BMA BM-10022 W-302 earned  2026-07-15 136.56",
            "8 BMA BM-10040 W-302 earned  2026-06-20 -82.50",
            "9 BMA 10051 W-301 earned  2026-09-03 15.27",
        ],
    );
    assert_eq!((lines[1].premium, lines[1].rate), (Some(Cents(28_750)), Rate::parse("0.95")));
}

#[test]
fn an_aggregator_s_statement_is_of_several_carriers() {
    check(
        "medicare-aggregator.csv",
        "medicare-aggregator",
        159_725,
        &[
            "2 NGH H99-000417 NG-5521 earned Renewal 2026-07-01 26.08",
            "3 NGH H99-000512 NG-5521 earned New 2026-07-01 626.00",
            "4 BMM 1EG4TE5 3301877 chargeback Rapid Disenrollment 2026-07-01 -109.00",
            "5 BMM 1EG4TE9 3301877 adjustment True-Up 2026-07-01 1054.17",
        ],
    );
}

#[test]
fn a_profile_says_what_matching_needs() {
    let profile = profile("life-statement");
    assert_eq!((profile.code.as_str(), profile.version), ("life-statement", 1));
    assert_eq!((profile.tolerance, profile.days, profile.shows), (Cents(1), 7, Shows::Gross));
    assert_eq!(profile.producers["70014-B"].as_str(), "A001");
    assert!(profile.is_for(Day::parse("2026-01-01").unwrap()));
    assert!(!profile.is_for(Day::parse("2025-12-31").unwrap()));
    let mut line = life(&text("tests/data/statements/life-statement.csv")).unwrap().lines.remove(0);
    assert_eq!(profile.policy_alias(&line).map(ToString::to_string).as_deref(), Some("AML/L-123"));
    line.carrier = "OTHER".into();
    assert_eq!(profile.policy_alias(&line), None);
}

#[test]
fn a_total_that_somebody_knows_is_compared_with_the_lines() {
    let statement = life(&text("tests/data/statements/life-statement.csv")).unwrap();
    assert_eq!(check_total(&statement, Cents(42_938)), Ok(()));
    let error = check_total(&statement, Cents(50_000)).unwrap_err();
    assert_eq!(error.code(), "control_total");
    assert_eq!(
        error.to_string(),
        "the total given is 500.00, but the lines come to 429.38, 70.62 less: nothing is taken from the file"
    );
}

#[test]
fn columns_may_stand_in_any_order_and_behind_a_mark_of_utf_8() {
    let turned: String = text("tests/data/statements/medicare-aggregator.csv")
        .lines()
        .map(|line| line.split(';').rev().collect::<Vec<_>>().join(";") + "\r\n")
        .collect();
    let profile = profile("medicare-aggregator");
    let found = read(format!("\u{feff}{turned}").as_bytes(), "turned.csv", &profile).unwrap();
    let plain = read(&bytes("tests/data/statements/medicare-aggregator.csv"), "plain.csv", &profile).unwrap();
    assert_eq!(found, plain);
}

#[test]
fn every_kind_has_the_name_that_profiles_use() {
    let names = LineKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["advance", "offset", "earned", "chargeback", "adjustment"]);
}

#[test]
fn the_reference_s_example_is_the_profile_that_ships() {
    let reference = text("docs/profiles.md");
    assert!(reference.contains(&text("profiles/life-statement.toml")));
}
