//! Statements of producers and the summary for Form 1099, as the program prints them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{Done, Upline, issue, lapse, premiums, setup, three_levels};
use flate2::read::ZlibDecoder;
use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::process::Stdio;

const MONEY: [&str; 7] = ["payable", "unearned", "debt", "leads", "reserve", "net", "recourse"];

fn statement<'a>(producer: &'a str, period: &'a str) -> [&'a str; 5] {
    ["statement", "--producer", producer, "--period", period]
}

fn amounts(row: &Value) -> [&str; 7] {
    MONEY.map(|column| row[column].as_str().unwrap())
}

/// The row of the roll-forward of this name.
fn row<'a>(statement: &'a Value, name: &str) -> [&'a str; 7] {
    let rows = statement["rollforward"].as_array().unwrap();
    amounts(rows.iter().find(|row| row["row"] == name).unwrap())
}

fn cents(text: &str) -> i128 {
    text.replace(['.', ','], "").parse().unwrap()
}

/// The texts of a PDF as they were set, a line each.
fn pdf_texts(bytes: &[u8]) -> Vec<String> {
    let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|part| part == what);
    let (mut rest, mut texts) = (bytes, Vec::new());
    while let Some(at) = find(rest, b"stream\n") {
        rest = &rest[at + 7..];
        let end = find(rest, b"endstream").unwrap();
        let mut content = Vec::new();
        ZlibDecoder::new(&rest[..end]).read_to_end(&mut content).unwrap();
        let content: String = content.into_iter().map(char::from).collect();
        for shown in content.lines().filter_map(|line| line.strip_suffix(" Tj")) {
            texts.push(match shown.strip_prefix('<') {
                Some(hex) => {
                    let hex = hex.trim_end_matches('>').as_bytes().chunks(2);
                    let byte =
                        |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
                    hex.map(|pair| char::from(byte(pair))).collect()
                }
                None => shown[1..shown.len() - 1].replace("\\(", "(").replace("\\)", ")"),
            });
        }
        rest = &rest[end + 9..];
    }
    texts
}

/// The worked example of the rules: 990.00 advanced, four premiums, lapsed, covered by half at 85%.
fn covered() -> String {
    let nine = r#"{"months":9}"#;
    let mut book = setup(
        &[("110", "1.10"), ("130", "1.30")],
        &[("IMO", "130", None, ""), ("A001", "110", Some("IMO"), nine)],
    );
    for line in [
        r#"{"type":"persistency_defined","on":"2025-01-01","definition":"p1","basis":"count","from_months":1,"to_months":40,"survive":"paid_to"}"#,
        r#"{"type":"coverage_plan_published","on":"2025-01-01","plan":"half","definition":"p1","payer":"IMO","tiers":[{"above":"0.8","cover":"0.5"}]}"#,
        r#"{"type":"coverage_enrolled","on":"2025-01-01","producer":"A001","plan":"half"}"#,
    ] {
        book += line;
        book.push('\n');
    }
    book + &issue("P-1", "1200.00", "A001") + &premiums("P-1", "100.00", 4) + &lapse("2025-05-20", "P-1")
}

#[test]
fn the_worked_example_is_rolled_forward_month_by_month() {
    let upline = Upline::with(&covered());
    let january = upline.json(&statement("A001", "2025-01"));
    assert_eq!(row(&january, "beginning"), ["0.00"; 7]);
    assert_eq!(row(&january, "new_advances"), ["990.00", "990.00", "0.00", "0.00", "0.00", "990.00", "0.00"]);
    assert_eq!(row(&january, "earned"), ["110.00", "0.00", "0.00", "0.00", "0.00", "110.00", "0.00"]);
    assert_eq!(row(&january, "recovered"), ["-110.00", "-110.00", "0.00", "0.00", "0.00", "-110.00", "0.00"]);
    assert_eq!(row(&january, "ending"), ["990.00", "880.00", "0.00", "0.00", "0.00", "990.00", "0.00"]);
    let lines = january["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["type"], "premium_paid");
    assert_eq!(amounts(&lines[1]), ["0.00", "-110.00", "0.00", "0.00", "0.00", "0.00", "0.00"]);
    assert_eq!(
        lines[1]["why"],
        "1st premium, 100.00 of 2025-01-15: 110.00 earned, pays off the advance at level 110 (110% in year 1); 880.00 of 990.00 still unearned"
    );
    let may = upline.json(&statement("A001", "2025-05"));
    assert_eq!(row(&may, "beginning"), ["990.00", "550.00", "0.00", "0.00", "0.00", "990.00", "0.00"]);
    assert_eq!(row(&may, "chargebacks"), ["0.00", "-550.00", "550.00", "0.00", "0.00", "-550.00", "0.00"]);
    assert_eq!(row(&may, "covered"), ["0.00", "0.00", "-275.00", "0.00", "0.00", "275.00", "0.00"]);
    assert_eq!(row(&may, "ending"), ["990.00", "0.00", "275.00", "0.00", "0.00", "715.00", "0.00"]);
    let verified = upline.verified();
    assert_eq!((may["position"].as_u64().unwrap(), may["root"].as_str().unwrap().to_owned()), verified);
    assert_eq!(
        (&may["as_of"], &may["known_at"], &may["name"]),
        (&json!("2025-05-31"), &json!(null), &json!(null))
    );

    let decisions = may["decisions"].as_array().unwrap();
    assert_eq!(decisions.len(), 1);
    let coverage = upline.rows(&["coverage", "--as-of", "2025-05-31"]);
    for (name, value) in coverage[0].as_object().unwrap().iter().filter(|(name, _)| *name != "producer") {
        assert_eq!(decisions[0][name], *value, "{name}");
    }
    assert_eq!(
        decisions[0]["why"],
        "C1/P-1, chargeback of 2025-05-20: 550.00 charged back, 275.00 covered. Persistency p1 as known at position 17: 1 of 1 policies survive, ratio 1.0000. That lies above 80%, for which plan half covers 50%."
    );
    // Another month has another's decisions; the upline that pays has none of its own.
    assert_eq!(upline.json(&statement("A001", "2025-04"))["decisions"], json!([]));
    assert_eq!(upline.json(&statement("IMO", "2025-05"))["decisions"], json!([]));
}

#[test]
fn the_equations_hold_to_the_cent() {
    let upline = Upline::with(&covered());
    let text = upline.run(&statement("A001", "2025-05")).stdout;
    let net = "Net: beginning 990.00 + new advances 0.00 − recovered 0.00 − chargebacks 550.00 + covered 275.00 ± adjustments 0.00 = ending 715.00";
    let unearned = "Unearned advances: beginning 550.00 + new advances 0.00 − recovered 0.00 − chargebacks 550.00 + covered 0.00 ± adjustments 0.00 = ending 0.00";
    assert!(text.contains(net) && text.contains(unearned), "{text}");
    let text = upline.run(&statement("A001", "2025-01")).stdout;
    let net = "Net: beginning 0.00 + new advances 990.00 + earned 110.00 − recovered 110.00 − chargebacks 0.00 + covered 0.00 ± adjustments 0.00 = ending 990.00";
    assert!(text.contains(net), "{text}");
    for month in ["2025-01", "2025-02", "2025-05", "2025-06"] {
        let text = upline.run(&statement("A001", month)).stdout;
        let equations: Vec<&str> = text.lines().filter(|line| line.contains(" = ending ")).collect();
        assert_eq!(equations.len(), 2, "{text}");
        for equation in equations {
            let (left, ending) = equation.split_once(" = ending ").unwrap();
            let mut sum = 0;
            let mut sign = 1;
            for word in left.split(' ') {
                match word {
                    "−" => sign = -1,
                    "+" | "±" => sign = 1,
                    amount if amount.ends_with(|c: char| c.is_ascii_digit()) => sum += sign * cents(amount),
                    _ => {}
                }
            }
            assert_eq!(sum, cents(ending), "{equation}");
        }
    }
}

/// A year of a busy producer, with everything that moves its accounts, payouts too.
fn busy() -> String {
    let mut book = covered();
    for n in 2..=30 {
        let policy = format!("P-{n}");
        book += &issue(&policy, &format!("{}.00", 4_000 + 60 * n), "A001");
        book += &premiums(&policy, &format!("{}.50", 300 + n), 3 + n % 9);
    }
    for line in [
        r#"{"type":"lead_line_set","on":"2025-01-01","producer":"A001","limit":"500.00"}"#,
        r#"{"type":"lead_charged","on":"2025-05-02","producer":"A001","amount":"120.00"}"#,
        r#"{"type":"lead_credited","on":"2025-05-03","producer":"A001","amount":"20.00"}"#,
        r#"{"type":"adjustment_posted","on":"2025-05-21","producer":"A001","account":"payable","amount":"-12.34","code":"FIX","approved_by":"Ann Lee"}"#,
        r#"{"type":"repayment_received","on":"2025-05-22","producer":"A001","amount":"75.00"}"#,
        r#"{"type":"payout_made","on":"2025-05-31","producer":"A001","payable":"900.00","leads":"100.00","debt":"200.00","reserve":"60.00"}"#,
    ] {
        book += line;
        book.push('\n');
    }
    book
}

#[test]
fn every_format_says_the_same_figures() {
    let upline = Upline::with(&busy());
    let args = statement("A001", "2025-05");
    let said = upline.json(&args);
    let lines = said["lines"].as_array().unwrap();
    assert!(lines.len() > 30, "{said}");
    let balance = upline.rows(&["balance", "--producer", "A001", "--as-of", "2025-05-31"]);
    for column in &MONEY[..6] {
        let row = said["rollforward"].as_array().unwrap().last().unwrap();
        assert_eq!(row[column], balance[0][column], "{column}");
    }
    assert_eq!(row(&said, "leads"), ["0.00", "0.00", "0.00", "100.00", "0.00", "-100.00", "0.00"]);
    assert_eq!(row(&said, "repayments"), ["0.00", "0.00", "-75.00", "0.00", "0.00", "75.00", "0.00"]);
    assert_eq!(row(&said, "adjustments"), ["-12.34", "0.00", "0.00", "0.00", "0.00", "-12.34", "0.00"]);
    assert_eq!(row(&said, "leads_recovered"), ["-100.00", "0.00", "0.00", "-100.00", "0.00", "0.00", "0.00"]);
    assert_eq!(row(&said, "debt_recovered"), ["-200.00", "0.00", "-200.00", "0.00", "0.00", "0.00", "0.00"]);
    assert_eq!(row(&said, "reserved"), ["-60.00", "0.00", "0.00", "0.00", "60.00", "0.00", "0.00"]);
    assert_eq!(row(&said, "paid_out"), ["-540.00", "0.00", "0.00", "0.00", "0.00", "-540.00", "0.00"]);

    // CSV: the beginning and the lines add up to the ending.
    let csv = upline.run(&[&args[..], &["--format", "csv"]].concat()).stdout;
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.splitn(12, ',').collect()).collect();
    assert_eq!(rows[0].join(","), format!("dated,policy,type,position,{},why", MONEY.join(",")));
    assert_eq!(rows.len(), lines.len() + 3);
    for column in 4..11 {
        let of = |row: &Vec<&str>| cents(row[column]);
        let sum: i128 = rows[1..rows.len() - 1].iter().map(of).sum();
        assert_eq!(sum, of(&rows[rows.len() - 1]), "{}", rows[0][column]);
    }
    for (csv, json) in rows[2..].iter().zip(lines) {
        assert_eq!(csv[4..11], amounts(json));
    }

    // HTML and PDF: the same figures in the same order, with thousands separated, a dash for nothing.
    let mut expected: Vec<String> = Vec::new();
    for row in said["rollforward"].as_array().unwrap().iter().chain(lines) {
        for amount in amounts(row) {
            let whole = amount.trim_start_matches('-').split('.').next().unwrap();
            let cut = whole.len().saturating_sub(3);
            let separated =
                if cut > 0 { format!("{},{}", &whole[..cut], &whole[cut..]) } else { whole.to_owned() };
            expected.push(if amount == "0.00" {
                "–".to_owned()
            } else {
                amount.replace(whole, &separated)
            });
        }
    }
    let is_money = |text: &str| {
        text == "–" || text.len() > 3 && text[text.len() - 3..].starts_with('.') && !text.contains(' ')
    };
    let html = upline.run(&[&args[..], &["--format", "html"]].concat()).stdout;
    let cells = html.split("<td class=\"n\">").skip(1).map(|rest| rest.split('<').next().unwrap());
    let shown: Vec<&str> = cells.filter(|text| is_money(text)).collect();
    assert_eq!(shown, expected);

    upline.run(&[&args[..], &["--format", "pdf", "--out", "a.pdf"]].concat()).succeeds();
    let bytes = fs::read(upline.path("a.pdf")).unwrap();
    let texts: Vec<String> = pdf_texts(&bytes).into_iter().map(|text| text.replace('\u{96}', "–")).collect();
    let shown: Vec<&String> = texts.iter().filter(|text| is_money(text)).collect();
    assert_eq!(shown, expected.iter().collect::<Vec<_>>());

    // Pages: each says which it is, and has the headings again; the root is on all.
    let pages = texts.iter().filter(|text| text.starts_with("page ")).count();
    assert!(pages > 1 && texts.contains(&format!("page {pages} of {pages}")), "{texts:?}");
    for page in texts.split(|text| text.starts_with("page ")) {
        let has = |what: &str| page.iter().any(|text| text == what);
        assert_eq!(has("net"), page.iter().any(|text| is_money(text)), "{page:?}");
        assert_eq!(has("dated"), has("premium paid"), "{page:?}");
    }
    let root = said["root"].as_str().unwrap();
    assert_eq!(texts.iter().filter(|text| text.contains(root)).count(), pages);
    assert!(html.contains(root) && upline.run(&args).stdout.contains(root));

    // The same again, byte by byte.
    upline.run(&[&args[..], &["--format", "pdf", "--out", "b.pdf"]].concat()).succeeds();
    assert_eq!(bytes, fs::read(upline.path("b.pdf")).unwrap());
    let out =
        upline.command(&[&args[..], &["--format", "pdf"]].concat()).stdin(Stdio::null()).output().unwrap();
    assert_eq!(bytes, out.stdout);
    upline.run(&[&args[..], &["--format", "pdf", "--out", "a.pdf"]].concat()).fails(1, "already exists");
}

#[test]
fn names_are_printed_as_text_and_erased_ones_not_at_all() {
    let name = r#"<script>alert(\"Łukasz\")</script> & Söhne"#;
    let book = three_levels().replacen(
        r#""producer":"A001","kind":"agent""#,
        &format!(r#""producer":"A001","kind":"agent","name":"{name}""#),
        1,
    );
    let mut upline = Upline::new();
    upline.write("book.jsonl", book);
    upline.run(&["import", "book.jsonl"]).succeeds();
    let args = statement("A001", "2025-06");
    let html = [&args[..], &["--format", "html"]].concat();
    let pdf = |upline: &mut Upline, out: &str| {
        upline.run(&[&args[..], &["--format", "pdf", "--out", out]].concat()).succeeds();
        pdf_texts(&fs::read(upline.path(out)).unwrap()).join("\n")
    };
    assert_eq!(upline.json(&args)["name"], json!(name.replace('\\', "")));
    let page = upline.run(&html).stdout;
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(&quot;Łukasz&quot;)&lt;/script&gt; &amp; Söhne"), "{page}");
    let text = pdf(&mut upline, "a.pdf");
    assert!(text.contains("alert(\"Lukasz\")</script> & Söhne"), "{text}");
    assert!(text.contains("Some letters are not in the font"), "{text}");

    upline.run(&["directory", "--erase", "A001"]).succeeds();
    assert_eq!(upline.json(&args)["name"], json!(null));
    let (page, text) = (upline.run(&html).stdout, pdf(&mut upline, "b.pdf"));
    assert!(!page.contains("script") && !text.contains("Lukasz"), "{page}{text}");
    assert!(!text.contains("Some letters"), "{text}");
    assert!(page.contains("<h1>Statement of A001 for 2025-06</h1>"), "{page}");
}

#[test]
fn a_month_without_entries_says_so_in_every_format() {
    let upline = Upline::with(&three_levels());
    let args = statement("A001", "2026-03");
    let said = upline.json(&args);
    assert_eq!((&said["lines"], &said["decisions"]), (&json!([]), &json!([])));
    assert_eq!(row(&said, "beginning"), row(&said, "ending"));
    assert_eq!(row(&said, "ending")[5], "500.00");
    assert_eq!(upline.run(&[&args[..], &["--format", "csv"]].concat()).stdout.lines().count(), 3);
    let nothing = "Nothing is dated in this month.";
    assert!(upline.run(&args).stdout.contains(nothing));
    assert!(upline.run(&[&args[..], &["--format", "html"]].concat()).stdout.contains(nothing));
    upline.run(&[&args[..], &["--format", "pdf", "--out", "a.pdf"]].concat()).succeeds();
    assert!(pdf_texts(&fs::read(upline.path("a.pdf")).unwrap()).contains(&nothing.to_owned()));
}

/// A premium of May that comes when May is closed stands in June's statement, which says so; and May as it was known
/// before stays what it was.
#[test]
fn what_a_closed_period_moved_stands_in_the_month_that_it_is_dated_in() {
    let upline = Upline::with(&covered());
    let may = upline.json(&statement("A001", "2025-05"));
    let position = may["position"].to_string();
    let late = r#"{"type":"period_closed","on":"2025-05-31"}
{"type":"premium_paid","on":"2025-05-15","carrier":"C1","policy":"P-1","amount":"100.00"}
"#;
    upline.write("late.jsonl", late);
    upline.run(&["import", "late.jsonl"]).succeeds();
    let june = upline.json(&statement("A001", "2025-06"));
    assert_eq!(row(&june, "chargebacks")[2], "-110.00");
    assert_eq!(row(&june, "covered")[2], "55.00");
    assert_eq!(june["decisions"][0]["on"], "2025-05-20");
    assert!(june["lines"][0]["why"].as_str().unwrap().ends_with("because the period is closed"), "{june}");
    let again = upline.json(&[&statement("A001", "2025-05")[..], &["--at-position", &position]].concat());
    assert_eq!(again, may);
    assert_eq!(upline.json(&statement("A001", "2025-05"))["lines"], may["lines"]);
}

#[test]
fn debt_that_rolled_up_is_owed_to_the_upline() {
    let mut book = three_levels();
    book += r#"{"type":"agent_released","on":"2025-07-01","producer":"A001","carrier":"C1","vesting":"none","debt":"rolls_up"}"#;
    let upline = Upline::with(&(book + "\n"));
    let agent = upline.json(&statement("A001", "2025-07"));
    assert_eq!(row(&agent, "rolled_up"), ["0.00", "0.00", "-400.00", "0.00", "0.00", "400.00", "400.00"]);
    let upline_of = upline.json(&statement("MGA", "2025-07"));
    assert_eq!(
        row(&upline_of, "rolled_up"),
        ["0.00", "0.00", "400.00", "0.00", "0.00", "-400.00", "-400.00"]
    );
    assert_eq!(upline.rows(&["tax", "--year", "2025", "--producer", "A001"])[0]["total"], "500.00");
}

#[test]
fn what_cannot_be_stated_is_said() {
    let upline = Upline::with(&three_levels());
    upline.run(&statement("A002", "2025-06")).fails(1, "unknown_producer: producer A002 was never added");
    for period in ["2025", "2025-6", "2025-13", "June", "2025-06-01", "1899-12"] {
        upline.run(&statement("A001", period)).fails(2, "a month is written YYYY-MM");
    }
    upline.run(&["statement", "--period", "2025-06"]).fails(2, "--producer");
    upline.run(&["tax", "--year", "25"]).fails(2, "a year is written YYYY");
    upline.run(&["tax", "--year", "2025", "--producer", "A002"]).fails(1, "unknown_producer");
    for command in
        [&["balance"][..], &["tax", "--year", "2025"], &["record", "period_closed", "--on", "2025-01-31"]]
    {
        for format in ["html", "pdf"] {
            upline
                .run(&[command, &["--format", format]].concat())
                .fails(2, "html and pdf are formats of statements");
        }
    }
}

/// An advance of 990.00 in December, premiums in December and January, a lapse in February.
fn over_new_year() -> String {
    let nine = r#"{"months":9}"#;
    let mut book = setup(
        &[("110", "1.10"), ("130", "1.30")],
        &[("IMO", "130", None, ""), ("A001", "110", Some("IMO"), nine)],
    );
    book += &issue("P-1", "1200.00", "A001").replace("2025-01-15", "2025-12-10");
    for on in ["2025-12-10", "2026-01-10"] {
        book += &premiums("P-1", "100.00", 1).replace("2025-01-15", on);
    }
    book + &lapse("2026-02-20", "P-1")
}

#[test]
fn an_advance_is_income_when_it_is_paid_or_when_it_is_earned() {
    let upline = Upline::with(&over_new_year());
    let totals = |year: &str, producer: &str| -> Vec<String> {
        let rows = upline.rows(&["tax", "--year", year, "--producer", producer]);
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| format!("{} {}", row["basis"].as_str().unwrap(), row["total"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(totals("2025", "A001"), ["cash 990.00", "loan 110.00"]);
    assert_eq!(totals("2026", "A001"), ["cash -770.00", "loan 110.00"]);
    // The upline is not advanced: what it earns over A001 is the same on both.
    assert_eq!(totals("2025", "IMO"), ["cash 20.00", "loan 20.00"]);
    assert_eq!(totals("2026", "IMO"), ["cash 20.00", "loan 20.00"]);
    assert!(totals("2024", "A001").is_empty() && totals("2027", "A001").is_empty());
    let answer = upline.json(&["tax", "--year", "2026"]);
    assert_eq!(answer["as_of"], "2026-12-31");
    assert_eq!(
        answer["rows"][0],
        json!({"producer":"A001","year":"2026","paid_by":"house","basis":"cash","commissions":"0.00","chargebacks":"770.00","covered":"0.00","adjustments":"0.00","total":"-770.00"})
    );
    assert_eq!(answer["rows"].as_array().unwrap().len(), 4);
}

#[test]
fn what_is_covered_is_income_and_what_is_only_owed_or_paid_out_is_not() {
    let row = |book: &str, basis: usize| -> Value {
        let upline = Upline::with(book);
        upline.rows(&["tax", "--year", "2025", "--producer", "A001"])[basis].take()
    };
    let (cash, loan) = (row(&covered(), 0), row(&covered(), 1));
    assert_eq!((&cash["commissions"], &cash["chargebacks"]), (&json!("990.00"), &json!("550.00")));
    assert_eq!((&cash["covered"], &cash["total"]), (&json!("275.00"), &json!("715.00")));
    assert_eq!((&loan["commissions"], &loan["chargebacks"]), (&json!("440.00"), &json!("0.00")));
    assert_eq!((&loan["covered"], &loan["total"]), (&json!("275.00"), &json!("715.00")));
    let more = covered()
        + r#"{"type":"chargeback_recorded","on":"2025-05-21","carrier":"C1","policy":"P-1","producer":"A001","amount":"40.00","reason":"audit"}
{"type":"adjustment_posted","on":"2025-05-21","producer":"A001","account":"debt","amount":"15.00","code":"FIX","approved_by":"Ann Lee"}
{"type":"repayment_received","on":"2025-05-22","producer":"A001","amount":"75.00"}
{"type":"lead_line_set","on":"2025-01-01","producer":"A001","limit":"500.00"}
{"type":"lead_charged","on":"2025-05-02","producer":"A001","amount":"120.00"}
{"type":"payout_made","on":"2025-05-31","producer":"A001","payable":"900.00","leads":"100.00","debt":"100.00","reserve":"60.00"}
"#;
    let (cash, loan) = (row(&more, 0), row(&more, 1));
    // Of the carrier's own chargeback of 40.00 half is covered too.
    assert_eq!(
        (&cash["chargebacks"], &cash["covered"], &cash["adjustments"]),
        (&json!("590.00"), &json!("295.00"), &json!("15.00"))
    );
    assert_eq!(
        (&loan["chargebacks"], &loan["covered"], &loan["adjustments"]),
        (&json!("40.00"), &json!("295.00"), &json!("15.00"))
    );
    assert_eq!((&cash["total"], &loan["total"]), (&json!("710.00"), &json!("710.00")));
}

/// A page is made for a printer: it needs nothing else, and repeats the headings of its tables.
#[test]
fn the_page_is_whole_in_itself() {
    let upline = Upline::with(&covered());
    let Done { stdout: page, .. } =
        upline.run(&[&statement("A001", "2025-05")[..], &["--format", "html"]].concat());
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(page.contains("@page") && page.contains("table-header-group") && page.contains("<thead>"));
    for foreign in ["<script", "<link", "<img", "http:", "https:", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    for tag in [
        "html", "head", "body", "table", "thead", "tbody", "tr", "td", "th", "p", "h1", "h2", "style",
        "title",
    ] {
        let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert!(page.contains("half covers 50%"), "{page}");
}

/// Whoever hands statements out hands them to everybody: a file each, the same as one by one.
#[test]
fn everybody_has_a_statement() {
    let upline = Upline::with(&covered());
    for format in ["table", "json", "csv", "html", "pdf"] {
        let extension = if format == "table" { "txt" } else { format };
        let all = ["statement", "--all", format, "--period", "2025-05", "--format", format];
        let done = upline.run(&all);
        done.succeeds();
        assert!(done.stderr.contains("statements are in"), "{done:?}");
        let mut names: Vec<String> = fs::read_dir(upline.path(format))
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, [format!("A001.{extension}"), format!("IMO.{extension}")]);
        upline
            .run(&[&statement("A001", "2025-05")[..], &["--format", format, "--out", "one"]].concat())
            .succeeds();
        let one = fs::read(upline.path("one")).unwrap();
        assert_eq!(one, fs::read(upline.path(format).join(&names[0])).unwrap(), "{format}");
        fs::remove_file(upline.path("one")).unwrap();
        // Nothing is written over.
        upline.run(&all).fails(1, "already exists");
    }
}
