//! What is refused, with which code, which field and in which words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use upline_core::refusal::Refusal;
use upline_core::refusal::RefusalCode;
use upline_core::refusal::RefusalCode::{Amount, Dates, Malformed, Shares};
use upline_formats::fact::parse_json_line;
use upline_formats::limits::{LINE_BYTES_MAX, TEXT_BYTES_MAX};

fn refused(line: &[u8]) -> Refusal {
    match parse_json_line(line) {
        Ok(fact) => panic!("not refused: {fact:?}"),
        Err(refusal) => refusal,
    }
}

/// The line is refused with this code and field.
fn check(line: &str, code: RefusalCode, field: &str) {
    let refusal = refused(line.as_bytes());
    let found = (refusal.code, refusal.field.unwrap_or(""));
    assert_eq!(found, (code, field), "{line}\n{}", refusal.message);
}

/// The line is refused in these words.
fn check_words(line: &str, message: &str) {
    assert_eq!(refused(line.as_bytes()).message, message, "{line}");
}

fn check_accepted(line: &str) {
    if let Err(refusal) = parse_json_line(line.as_bytes()) {
        panic!("{refusal}: {line}");
    }
}

/// A premium with these members in the place of the amount.
fn premium(members: &str) -> String {
    format!(r#"{{"type":"premium_paid","on":"2025-01-01","carrier":"C1","policy":"P1",{members}}}"#)
}

/// A policy with this premium and these writing sides.
fn issued(annual_premium: &str, writing: &str) -> String {
    format!(
        r#"{{"type":"policy_issued","on":"2025-01-01","carrier":"C1","policy":"X","product":"FE","annual_premium":{annual_premium},"mode":"monthly","writing":{writing}}}"#
    )
}

fn with_shares(shares: &[&str]) -> String {
    let sides: Vec<String> =
        shares.iter().map(|share| format!(r#"{{"producer":"A","share":{share}}}"#)).collect();
    issued("\"1200.00\"", &format!("[{}]", sides.join(",")))
}

fn grid(levels: &str, rest: &str) -> String {
    format!(
        r#"{{"type":"grid_published","on":"2025-01-01","carrier":"C1","product":"FE","levels":{levels}{rest}}}"#
    )
}

fn defined(from: &str, to: &str) -> String {
    format!(
        r#"{{"type":"persistency_defined","on":"2025-01-01","definition":"p","basis":"count","from_months":{from},"to_months":{to},"survive":"paid_to"}}"#
    )
}

fn tiers(tiers: &str) -> String {
    format!(
        r#"{{"type":"coverage_plan_published","on":"2025-01-01","plan":"g","definition":"p","payer":"IMO","tiers":{tiers}}}"#
    )
}

fn contracted(rest: &str) -> String {
    format!(
        r#"{{"type":"producer_contracted","on":"2025-01-01","producer":"A","carrier":"C1","level":"110"{rest}}}"#
    )
}

fn changed(rest: &str) -> String {
    format!(r#"{{"type":"contract_changed","on":"2025-01-01","producer":"A","carrier":"C1"{rest}}}"#)
}

/// The lines of a bad file: those that name what is not there have the right form, and go to the ledger.
#[test]
fn the_form_of_a_line_is_checked_before_its_names_are_looked_up() {
    let paid = |amount: &str| premium(&format!("\"amount\":{amount}"));
    let one = r#"[{"producer":"A","share":"1"}]"#;
    let lines = [
        (issued("\"1200.00\"", one).replace("C1", "C9"), None),
        (issued("\"1200.00\"", &one.replace('A', "NOBODY")), None),
        (with_shares(&["\"0.6\"", "\"0.5\""]), None),
        (issued("\"1200.001\"", one), Some(Amount)),
        (issued("\"-5.00\"", one), Some(Amount)),
        (issued("\"1200.00\"", one).replace("FE", "NONE"), None),
        (issued("\"1200.00\"", one).replace("2025", "2019"), None),
        (paid("\"1.00\"").replace("P1", "NOPE"), None),
        (paid("\"0.00\""), Some(Amount)),
        (paid("\"50.00\"").replace("premium_paid", "premium_reversed"), None),
        (paid("\"1.00\"").replace("premium_paid", "premium_payed"), Some(Malformed)),
        (paid("\"100.00\",\"colour\":\"red\""), Some(Malformed)),
        (paid("100.0"), Some(Malformed)),
        (paid("\"100.00\"").replace("2025-01-01", "2025-13-01"), Some(Malformed)),
        (contracted("").replace("110", "999"), None),
        (changed(r#","upline":"A""#), None),
        ("this is not json".to_owned(), Some(Malformed)),
    ];
    for (line, code) in lines {
        let found = parse_json_line(line.as_bytes()).err().map(|refusal| refusal.code);
        assert_eq!(found, code, "{line}");
    }
}

#[test]
fn money_has_a_form_and_a_range() {
    for amount in [r#""0.00""#, r#""-5.00""#, r#""-0""#, r#""1200.001""#, r#""9000000000000.01""#] {
        check(&premium(&format!("\"amount\":{amount}")), Amount, "amount");
        check(&issued(amount, r#"[{"producer":"A","share":"1"}]"#), Amount, "annual_premium");
    }
    for amount in [
        "100",
        "100.0",
        "1e2",
        "null",
        "true",
        "[]",
        r#""1,200.00""#,
        r#""NaN""#,
        r#""""#,
        r#"" 1""#,
        r#""+1""#,
    ] {
        check(&premium(&format!("\"amount\":{amount}")), Malformed, "amount");
    }
    check(&premium("\"months\":1"), Malformed, "amount");
    check(&premium("\"amount\":NaN"), Malformed, "");
    check_accepted(&premium("\"amount\":\"9000000000000.00\""));
    check_words(
        &premium("\"amount\":\"1200.001\""),
        "amount is \"1200.001\", but money has at most two decimals",
    );
    check_words(
        &premium("\"amount\":100.0"),
        "amount is 100.0, but money is written in quotes, such as \"990.00\": a bare number is not exact",
    );
    check_words(&premium("\"amount\":100"), "amount is 100, but money is written in quotes: \"100.00\"");
    check_words(&premium("\"months\":1"), "amount is missing, but premium_paid has it");
}

#[test]
fn the_type_is_known() {
    check(r#"{"type":"premium_payed","on":"2025-01-01"}"#, Malformed, "type");
    check(r#"{"on":"2025-01-01"}"#, Malformed, "type");
    check(r#"{"type":7,"on":"2025-01-01"}"#, Malformed, "type");
    for own in ["chargeback_assessed", "chargeback_covered"] {
        let line = format!(r#"{{"type":"{own}","on":"2025-01-01"}}"#);
        check(&line, Malformed, "type");
        assert!(refused(line.as_bytes()).message.contains("the ledger records this event itself"));
    }
}

#[test]
fn unknown_and_repeated_fields_are_refused() {
    check(&premium(r#""amount":"1.00","colour":"red""#), Malformed, "");
    check(&premium(r#""amount":"1.00","reason":"nsf""#), Malformed, "");
    check(&premium(r#""amount":"1.00","amount":"1.00""#), Malformed, "amount");
    check(&premium(r#""amount":"1.00","note":"a","note":"b""#), Malformed, "note");
    check(&grid(r#"{"110":[{"years":"1","rate":"1.10","cap":"1.00"}]}"#, ""), Malformed, "");
    check(&grid(r#"{"110":[{"years":"1","rate":"1.10","rate":"1.20"}]}"#, ""), Malformed, "rate");
    check(
        &grid(r#"{"110":[{"years":"1","rate":"1"}],"110":[{"years":"1","rate":"1"}]}"#, ""),
        Malformed,
        "levels",
    );
    check(&issued("\"1.00\"", r#"[{"producer":"A","share":"1","level":"110"}]"#), Malformed, "");
    check(&contracted(r#","advance":{"months":9,"years":1}"#), Malformed, "");
    check_words(
        &premium(r#""amount":"100.00","colour":"red""#),
        "\"colour\" is not a field of premium_paid, which has carrier, policy, amount, months (and like every \
         fact type, on, id, recorded_at, source, note, actor)",
    );
}

#[test]
fn what_is_no_json_object_is_refused() {
    for line in ["this is not json", "", "{", r#"{"type":"#, "{}x", r#"{"type":"a"} {}"#, "\u{feff}{}"] {
        check(line, Malformed, "");
    }
    for line in ["[]", "1", "\"premium_paid\"", "null"] {
        check(line, Malformed, "");
    }
    check_words("this is not json", "the line is not JSON: expected ident (at column 2)");
    check_words("{\"type\":", "the line is not JSON: it ends in the middle");
    check_words("[1]", "the line is a list, but a fact is a JSON object: {…}");
    assert_eq!(refused(b"{\"type\":\"\xff\"}").message, "the line is not UTF-8 text (at byte 10)");
    check(&"[".repeat(LINE_BYTES_MAX), Malformed, "");
    let members: Vec<String> = (0..300).map(|i| format!("\"f{i}\":1")).collect();
    check(&format!("{{{}}}", members.join(",")), Malformed, "");
}

#[test]
fn lines_and_texts_are_bounded() {
    let note = |bytes: usize| premium(&format!(r#""amount":"1.00","note":"{}""#, "x".repeat(bytes)));
    check_accepted(&note(TEXT_BYTES_MAX));
    check(&note(TEXT_BYTES_MAX + 1), Malformed, "note");
    check(&note(LINE_BYTES_MAX), Malformed, "");
    let levels = |n: usize| {
        let levels: Vec<String> = (0..n).map(|i| format!(r#""{i}":[{{"years":"1","rate":"1"}}]"#)).collect();
        grid(&format!("{{{}}}", levels.join(",")), "")
    };
    check_accepted(&levels(200));
    check(&levels(201), Malformed, "levels");
    check(&with_shares(&["\"0.02\""; 33]), Malformed, "writing");
    check_words(&with_shares(&["\"0.02\""; 33]), "writing has 33 items, but may have at most 32");
}

#[test]
fn dates_have_a_form_and_a_range() {
    let on = |date: &str| premium(r#""amount":"1.00""#).replace("\"2025-01-01\"", date);
    for date in ["\"2025-13-01\"", "\"2025-02-29\"", "\"2025-1-1\"", "20250101", "null", "\"\""] {
        check(&on(date), Malformed, "on");
    }
    for date in ["\"1899-12-31\"", "\"2201-01-01\"", "\"0001-01-01\"", "\"9999-12-31\""] {
        check(&on(date), Dates, "on");
    }
    check_accepted(&on("\"1900-01-01\""));
    check_accepted(&on("\"2200-12-31\""));
    for time in ["\"2026-07-01\"", "\"2026-07-01T02:00:00+02:00\"", "1", "\"yesterday\""] {
        check(&premium(&format!(r#""amount":"1.00","recorded_at":{time}"#)), Malformed, "recorded_at");
    }
}

#[test]
fn ids_are_hyphenated_uuids() {
    let id = |id: &str| premium(&format!(r#""amount":"1.00","id":{id}"#));
    check_accepted(&id("\"0190A5B2-7c3e-7d4f-8a1b-2c3d4e5f6a7b\""));
    for bad in [
        "\"0190a5b27c3e7d4f8a1b2c3d4e5f6a7b\"",
        "\"{0190a5b2-7c3e-7d4f-8a1b-2c3d4e5f6a7b}\"",
        "\"urn:uuid:0190a5b2-7c3e-7d4f-8a1b-2c3d4e5f6a7b\"",
        "\"0190a5b2-7c3e-7d4f-8a1b-2c3d4e5f6a7g\"",
        "\"\"",
        "7",
    ] {
        check(&id(bad), Malformed, "id");
    }
}

#[test]
fn form_comes_before_dates_before_amounts_before_shares() {
    let all = r#"{"type":"policy_issued","on":"1800-01-01","carrier":"C1","policy":"X","product":"FE","annual_premium":"-1","mode":"monthly","writing":[{"producer":"A","share":"-0.5"}]}"#;
    check(all, Dates, "on");
    let in_range = all.replace("1800", "2000");
    check(&in_range, Amount, "annual_premium");
    check(&in_range.replace("\"-1\"", "\"1\""), Shares, "share");
    // Whatever the field, and wherever it stands.
    check(&all.replace("monthly", "weekly"), Malformed, "mode");
    check(&all.replace("\"type\"", "\"colour\":1,\"type\""), Malformed, "");
    check(&all.replace("\"producer\":\"A\"", "\"producer\":\"?\""), Malformed, "producer");
}

#[test]
fn shares_are_decimals() {
    for share in
        ["\"-0.5\"", "\"-0\"", "\"10.01\"", "\"77\"", "\"-1\"", "\"99999999999999999999999999999999\""]
    {
        check(&with_shares(&["\"0.5\"", share]), Shares, "share");
    }
    // Whether each is above 0 and they sum to 1 is for the ledger to say, after it looked the names up.
    for share in
        ["\"0\"", "\"0.0\"", "\"1.01\"", "\"10\"", "\"10.000\"", "\"0.500000000000000000000000000000000\""]
    {
        check_accepted(&with_shares(&["\"0.5\"", share]));
    }
    for share in ["0.5", "1", "\"\"", "\"half\"", "\".5\"", "\"--1\"", "\"1e-1\"", "\"50%\"", "null"] {
        check(&with_shares(&[share]), Malformed, "share");
    }
    check(&with_shares(&["\"0.33333333333333333333333333333\""]), Malformed, "share");
    check_accepted(&with_shares(&["\"0.3333333333333333333333333333\""]));
    check(&issued("\"1.00\"", "[]"), Malformed, "writing");
    check(&issued("\"1.00\"", "{}"), Malformed, "writing");
    check(&issued("\"1.00\"", "[\"A\"]"), Malformed, "writing");
}

#[test]
fn codes_are_plain() {
    for bad in ["\"\"", "\"a b\"", "\"a/b\"", "\"é\"", "1", &format!("\"{}\"", "x".repeat(65))] {
        check(&premium(r#""amount":"1.00""#).replace("\"C1\"", bad), Malformed, "carrier");
    }
    check_accepted(&premium(r#""amount":"1.00""#).replace("P1", "P/1"));
    check(&premium(r#""amount":"1.00""#).replace("P1", "P\\\\1"), Malformed, "policy");
}

#[test]
fn months_are_whole_numbers() {
    let months = |months: &str| premium(&format!(r#""amount":"1.00","months":{months}"#));
    for good in ["0", "120"] {
        check_accepted(&months(good));
    }
    for bad in ["121", "-1", "1.0", "\"1\"", "null", "1e1", "99999999999999999999"] {
        check(&months(bad), Malformed, "months");
    }
    let age = issued("\"1.00\"", r#"[{"producer":"A","share":"1"}],"issue_age":200"#);
    check(&age, Malformed, "issue_age");
}

#[test]
fn grids_have_levels_with_rates_from_0_to_10() {
    let band =
        |years: &str, rate: &str| grid(&format!(r#"{{"110":[{{"years":{years},"rate":{rate}}}]}}"#), "");
    check_accepted(&band("\"1\"", "\"10\""));
    for rate in ["\"10.01\"", "\"-1\"", "1.1", "\"NaN\"", "\"110%\""] {
        check(&band("\"1\"", rate), Malformed, "rate");
    }
    for years in ["1", "\"0\"", "\"2-1\"", "\"1-\"", "\"\"", "\"first\""] {
        check(&band(years, "\"1\""), Malformed, "years");
    }
    for levels in
        ["{}", "[]", "null", r#"{"110":[]}"#, r#"{"110":{}}"#, r#"{"a b":[{"years":"1","rate":"1"}]}"#]
    {
        check(&grid(levels, ""), Malformed, "levels");
    }
    let table =
        |row: &str| grid(r#"{"110":[{"years":"1","rate":"1"}]}"#, &format!(r#","chargeback":[{{{row}}}]"#));
    check_accepted(&table(r#""reason":"lapse","months":"0-12","rule":"percent:0.7""#));
    check(&table(r#""reason":"lapse","months":"0-12","rule":"percent:1.7""#), Malformed, "rule");
    check(&table(r#""reason":"boredom","months":"0-12","rule":"full""#), Malformed, "reason");
    check(&table(r#""reason":"lapse","months":"12-0","rule":"full""#), Malformed, "months");
    check(&table(r#""reason":"lapse","rule":"full""#), Malformed, "months");
    check(&grid(r#"{"110":[{"years":"1","rate":"1"}]}"#, r#","line":"pets""#), Malformed, "line");
}

#[test]
fn contracts_have_advances_of_up_to_12_months_and_caps_above_0() {
    for good in ["", r#","upline":null"#, r#","upline":"B","advance":{"months":12,"cap":"0.01"}"#] {
        check_accepted(&contracted(good));
    }
    check(&contracted(r#","advance":{"months":13}"#), Malformed, "months");
    check(&contracted(r#","advance":{"cap":"1.00"}"#), Malformed, "months");
    check(&contracted(r#","advance":9"#), Malformed, "advance");
    check(&contracted(r#","advance":null"#), Malformed, "advance");
    for cap in ["0", "0.00", "-1.00", "-0.001", "0.000", "x"] {
        check(&contracted(&format!(r#","advance":{{"months":9,"cap":"{cap}"}}"#)), Malformed, "cap");
    }
    check(&contracted(r#","advance":{"months":9,"cap":"1.001"}"#), Amount, "cap");
    check_accepted(&changed(r#","upline":null"#));
    check(&changed(""), Malformed, "");
    check(&changed(r#","level":null"#), Malformed, "level");
}

#[test]
fn persistency_and_coverage_have_their_bounds() {
    check_accepted(&defined("13", "25"));
    check(&defined("25", "25"), Malformed, "from_months");
    check(&defined("25", "13"), Malformed, "from_months");
    check(&defined("\"13\"", "25"), Malformed, "from_months");
    check(&defined("13", "1201"), Malformed, "to_months");
    check_accepted(&tiers(r#"[{"above":"0.80","cover":"1"}]"#));
    check(&tiers("[]"), Malformed, "tiers");
    check(&tiers(r#"[{"above":"0.80","cover":"1.01"}]"#), Malformed, "cover");
    check(&tiers(r#"[{"above":"80","cover":"0.5"}]"#), Malformed, "above");
    check(&tiers(r#"[{"above":"0.80"}]"#), Malformed, "cover");
}

#[test]
fn stops_and_chargebacks_have_reasons() {
    let ended = |reason: &str| {
        format!(
            r#"{{"type":"policy_terminated","on":"2025-01-01","carrier":"C1","policy":"P","reason":"{reason}"}}"#
        )
    };
    check_accepted(&ended("free_look"));
    check(&ended("boredom"), Malformed, "reason");
    check_words(&ended("lapse"), "reason is \"lapse\", but a lapse is a fact of type policy_lapsed");
    check(
        r#"{"type":"policy_lapsed","on":"2025-01-01","carrier":"C1","policy":"P","reason":"x"}"#,
        Malformed,
        "",
    );
    check(
        r#"{"type":"chargeback_recorded","on":"2025-01-01","carrier":"C1","policy":"P","producer":"A","amount":"1.00"}"#,
        Malformed,
        "reason",
    );
}

/// A fact of a type with these members.
fn fact(type_name: &str, members: &str) -> String {
    format!(r#"{{"type":"{type_name}","on":"2025-01-01",{members}}}"#)
}

#[test]
fn releases_are_from_one_carrier_or_from_all() {
    let released = |carrier: &str, vesting: &str, debt: &str| {
        let members = format!(r#""producer":"A","carrier":{carrier},"vesting":"{vesting}","debt":"{debt}""#);
        fact("agent_released", &members)
    };
    check_accepted(&released("\"*\"", "full", "stays"));
    check_accepted(&released("\"C1\"", "none", "rolls_up"));
    for carrier in ["\"**\"", "\"all\\n\"", "null", "[\"C1\"]"] {
        check(&released(carrier, "full", "stays"), Malformed, "carrier");
    }
    check(&released("\"*\"", "half", "stays"), Malformed, "vesting");
    check(&released("\"*\"", "full", "vanishes"), Malformed, "debt");
    check(&fact("agent_released", r#""producer":"A","vesting":"full","debt":"stays""#), Malformed, "carrier");
    // Only a release can be from all.
    check(&fact("debt_rolled_up", r#""producer":"A","carrier":"*""#), Malformed, "carrier");
}

#[test]
fn a_corrected_chain_has_up_to_32_sides_of_up_to_64_places() {
    let restated = |chain: &str| {
        fact(
            "policy_restated",
            &format!(r#""carrier":"C1","policy":"P/1","correction":"K1","chain":{chain}"#),
        )
    };
    let place = r#"{"producer":"A","level":"110"}"#;
    let side = |places: usize| format!("[{}]", vec![place; places].join(","));
    let sides = |sides: usize| format!("[{}]", vec![side(1); sides].join(","));
    check_accepted(&restated("\"contracts\""));
    check_accepted(&restated(&sides(32)));
    check_accepted(&restated(&format!("[{}]", side(64))));
    let (many_sides, many_places) = (sides(33), format!("[{}]", side(65)));
    for chain in
        ["\"contract\"", "\"\"", "null", "7", "{}", "[]", "[[]]", "[7]", &side(1), &many_sides, &many_places]
    {
        check(&restated(chain), Malformed, "chain");
    }
    check(&restated(r#"[[{"producer":"A"}]]"#), Malformed, "level");
    check(&restated(r#"[[{"producer":"a b","level":"110"}]]"#), Malformed, "producer");
    check(&restated(r#"[[{"producer":"A","level":"110","share":"1"}]]"#), Malformed, "");
    check(&restated("\"contracts\"").replace("\"K1\"", "\"\""), Malformed, "correction");
    check_words(
        &restated("7"),
        "chain is 7, but it is \"contracts\", or for each writing side the list of its places: [[…]]",
    );
}

#[test]
fn leads_and_repayments_are_amounts() {
    let limit = |limit: &str| fact("lead_line_set", &format!(r#""producer":"A","limit":{limit}"#));
    for good in ["\"0\"", "\"0.00\"", "\"9000000000000\""] {
        check_accepted(&limit(good));
    }
    for bad in ["\"-0.01\"", "\"1.001\"", "\"9000000000000.01\""] {
        check(&limit(bad), Amount, "limit");
    }
    check(&limit("500"), Malformed, "limit");
    for name in ["lead_charged", "lead_credited", "repayment_received"] {
        let of = |amount: &str| fact(name, &format!(r#""producer":"A","amount":{amount}"#));
        check_accepted(&of("\"0.01\""));
        check(&of("\"0\""), Amount, "amount");
        check(&of("\"-1\""), Amount, "amount");
        check(&of("1"), Malformed, "amount");
    }
}

#[test]
fn an_adjustment_is_approved_by_somebody_else() {
    let adjusted = |amount: &str, approved_by: &str, rest: &str| {
        let members = format!(
            r#""producer":"A","account":"payable","amount":"{amount}","code":"fee","approved_by":"{approved_by}"{rest}"#
        );
        fact("adjustment_posted", &members)
    };
    check_accepted(&adjusted("-5.00", "Ann", ""));
    check_accepted(&adjusted("5.00", "Ann", r#","carrier":"C1","actor":"Bob""#));
    check(&adjusted("0.00", "Ann", ""), Amount, "amount");
    check(&adjusted("-0", "Ann", ""), Amount, "amount");
    check(&adjusted("-9000000000000.01", "Ann", ""), Amount, "amount");
    for nobody in ["", "  "] {
        check(&adjusted("5.00", nobody, ""), Malformed, "approved_by");
    }
    check(&adjusted("5.00", "Ann", r#","actor":"Ann""#), Malformed, "approved_by");
    check(&adjusted("5.00", "Ann", r#","actor":"Ann ""#), Malformed, "approved_by");
    check_words(
        &adjusted("5.00", "Ann", r#","actor":"Ann""#),
        "approved_by is \"Ann\", but that is the actor: an adjustment is approved by somebody else",
    );
    // The form of a line comes before its amounts.
    check(&adjusted("0.00", "Ann", r#","actor":"Ann""#), Malformed, "approved_by");
    check(&adjusted("5.00", "Ann", "").replace("payable", "cash"), Malformed, "account");
    check(&adjusted("5.00", "Ann", "").replace("fee", "a fee"), Malformed, "code");
    check(&adjusted("5.00", &"x".repeat(TEXT_BYTES_MAX + 1), ""), Malformed, "approved_by");
}

#[test]
fn a_period_is_closed_through_its_date_alone() {
    check_accepted(r#"{"type":"period_closed","on":"2025-01-31"}"#);
    check(r#"{"type":"period_closed"}"#, Malformed, "on");
    check_words(
        &fact("period_closed", r#""through":"2025-01-31""#),
        "\"through\" is not a field of period_closed, which has none of its own (and like every fact type, on, \
         id, recorded_at, source, note, actor)",
    );
}

#[test]
fn a_long_or_unprintable_value_is_shown_shortened() {
    let long = premium(&format!("\"amount\":\"{}\"", "7x".repeat(500)));
    let message = refused(long.as_bytes()).message;
    assert!(message.contains('…') && message.len() < 200, "{message}");
    let message = refused(premium("\"amount\":\"\\u0007\\n\"").as_bytes()).message;
    assert!(message.starts_with("amount is \"\u{fffd}\u{fffd}\""), "{message}");
}
