//! ACH files are read back by a reader of its own, written from the positions that Nacha's rules give to fields.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use proptest::prelude::*;
use std::collections::BTreeSet;
use upline_core::money::Cents;
use upline_core::names::Code;
use upline_core::time::{Day, Moment};
use upline_formats::nacha::{self, Credit, NachaError, Originator};
use upline_store::Bank;

const EXAMPLE: &str = include_str!("../../../profiles/originator.toml");

/// What an entry says.
#[derive(Debug, PartialEq)]
struct Entry {
    class: String,
    code: String,
    routing: String,
    account: String,
    cents: u64,
    id: String,
    name: String,
    trace: String,
}

impl Entry {
    fn is_debit(&self) -> bool {
        match self.code.as_str() {
            "22" | "32" => false,
            "27" | "37" => true,
            other => panic!("transaction code {other}"),
        }
    }
}

/// What control records add up.
#[derive(Debug, Default, PartialEq)]
struct Sums {
    entries: u64,
    hash: u64,
    debits: u64,
    credits: u64,
}

impl Sums {
    fn add(&mut self, entry: &Entry) {
        self.entries += 1;
        self.hash += entry.routing[..8].parse::<u64>().unwrap();
        if entry.is_debit() { self.debits += entry.cents } else { self.credits += entry.cents }
    }

    /// A control holds the last ten digits of the hash.
    fn assert_told(&self, entries: &str, hash: &str, debits: &str, credits: &str) {
        assert_eq!(entries.parse::<u64>().unwrap(), self.entries);
        assert_eq!(hash.parse::<u64>().unwrap(), self.hash % 10_000_000_000);
        assert_eq!(debits.parse::<u64>().unwrap(), self.debits);
        assert_eq!(credits.parse::<u64>().unwrap(), self.credits);
        assert_eq!(self.debits, self.credits, "it balances");
    }
}

/// The field at these positions, counted from 1 as the rules count.
fn field(record: &str, first: usize, last: usize) -> &str {
    &record[first - 1..last]
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads a file and holds it to the rules; returns its entries.
fn read(file: &str) -> Vec<Entry> {
    assert!(file.ends_with('\n'));
    let records: Vec<&str> = file.lines().collect();
    for record in &records {
        assert_eq!(record.len(), 94, "{record}");
        assert!(record.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{record}");
    }
    assert_eq!(records.len() % 10, 0);

    let header = records[0];
    assert_eq!((field(header, 1, 3), field(header, 35, 40)), ("101", "094101"));
    assert!(field(header, 4, 4) == " " && digits(field(header, 5, 13)) && digits(field(header, 24, 33)));

    let (mut entries, mut file_sums) = (Vec::new(), Sums::default());
    let (mut batches, mut traces) = (0, BTreeSet::new());
    let mut at = 1;
    while records[at].starts_with('5') {
        let open = records[at];
        batches += 1;
        at += 1;
        assert_eq!((field(open, 2, 4), field(open, 79, 79)), ("200", "1"));
        assert!(["PPD", "CCD"].contains(&field(open, 51, 53)));
        assert_eq!((field(open, 64, 69), field(open, 76, 78)), ("      ", "   "));
        assert_eq!(field(open, 88, 94).parse::<u64>().unwrap(), batches);
        let (mut sums, mut last_trace) = (Sums::default(), 0);
        while records[at].starts_with('6') {
            let record = records[at];
            at += 1;
            let entry = Entry {
                class: field(open, 51, 53).to_owned(),
                code: field(record, 2, 3).to_owned(),
                routing: field(record, 4, 12).to_owned(),
                account: field(record, 13, 29).trim_end().to_owned(),
                cents: field(record, 30, 39).parse().unwrap(),
                id: field(record, 40, 54).trim_end().to_owned(),
                name: field(record, 55, 76).trim_end().to_owned(),
                trace: field(record, 80, 94).to_owned(),
            };
            assert_eq!(field(record, 77, 79), "  0");
            let weights = [3, 7, 1, 3, 7, 1, 3, 7, 1];
            let sum: u32 =
                entry.routing.chars().zip(weights).map(|(c, weight)| c.to_digit(10).unwrap() * weight).sum();
            assert!(sum.is_multiple_of(10) && sum > 0, "{}", entry.routing);
            assert!(entry.cents > 0 && !entry.account.is_empty() && !entry.name.is_empty());
            assert_eq!(entry.trace[..8], *field(open, 80, 87));
            let trace: u64 = entry.trace.parse().unwrap();
            assert!(trace > last_trace && traces.insert(trace), "traces ascend and are used once");
            last_trace = trace;
            sums.add(&entry);
            file_sums.add(&entry);
            entries.push(entry);
        }
        let close = records[at];
        at += 1;
        assert_eq!(field(close, 1, 4), "8200");
        sums.assert_told(
            field(close, 5, 10),
            field(close, 11, 20),
            field(close, 21, 32),
            field(close, 33, 44),
        );
        assert_eq!(field(close, 45, 54), field(open, 41, 50));
        assert_eq!(field(close, 55, 79), " ".repeat(25));
        assert_eq!(field(close, 80, 94), field(open, 80, 94));
    }
    let control = records[at];
    assert_eq!(field(control, 1, 1), "9");
    assert_eq!(field(control, 2, 7).parse::<u64>().unwrap(), batches);
    assert_eq!(field(control, 8, 13).parse::<usize>().unwrap(), records.len() / 10);
    file_sums.assert_told(
        field(control, 14, 21),
        field(control, 22, 31),
        field(control, 32, 43),
        field(control, 44, 55),
    );
    assert_eq!(field(control, 56, 94), " ".repeat(39));
    let filler = &records[at + 1..];
    assert!(filler.len() < 10 && filler.iter().all(|record| *record == "9".repeat(94)));
    entries
}

fn originator() -> Originator {
    Originator::parse(EXAMPLE).unwrap()
}

fn credit(producer: &str, name: Option<&str>, person: bool, cents: i64) -> Credit {
    Credit {
        producer: Code::parse(producer).unwrap(),
        name: name.map(str::to_owned),
        bank: Bank::parse("987654320", "12-345 6789", "checking").unwrap(),
        person,
        amount: Cents(cents),
    }
}

fn write_with(modifier: char, credits: &[Credit], reference: &str) -> Result<String, NachaError> {
    let (effective, created) = (Day::parse("2025-07-18"), Moment::parse("2025-07-16T23:07:59Z"));
    nacha::write(&originator(), effective.unwrap(), created.unwrap(), modifier, credits, reference)
}

fn write(credits: &[Credit]) -> Result<String, NachaError> {
    write_with('A', credits, "Run 2025-07-15")
}

#[track_caller]
fn refused(file: Result<String, NachaError>, sentence: &str) {
    let error = file.unwrap_err().to_string();
    assert!(error.contains(sentence), "{error}");
}

#[test]
fn a_small_file_is_this_text() {
    let mut savings = credit("A002", None, true, 5);
    savings.bank = Bank::parse("123456780", "X1", "savings").unwrap();
    let credits = [
        credit("A001", Some("José Müller-Łopez de la Santísima"), true, 123_456),
        credit("MGA", Some("Quill & Sons"), false, 70_000),
        savings,
    ];
    let file = write(&credits).unwrap();
    let expected = "\
101 12345678019876543212507162307A094101FIRST INVENTED BANK    INVENTED MARKETING INC         |
5200INVENTED MKTG   RUN 2025-07-15      1987654321PPDCOMMISSION      250718   1123456780000001|
62298765432012-345 6789      0000123456A001           JOSE MULLER-LOPEZ DE L  0123456780000001|
632123456780X1               0000000005A002           A002                    0123456780000002|
627123456780000111222333     0000123461RUN 2025-07-15 INVENTED MKTG           0123456780000003|
820000000301234567880000001234610000001234611987654321                         123456780000001|
5200INVENTED MKTG   RUN 2025-07-15      1987654321CCDCOMMISSION      250718   1123456780000002|
62298765432012-345 6789      0000070000MGA            QUILL & SONS            0123456780000004|
627123456780000111222333     0000070000RUN 2025-07-15 INVENTED MKTG           0123456780000005|
820000000201111111100000000700000000000700001987654321                         123456780000002|
9000002000002000000050234567898000000193461000000193461                                       |
"
    .replace('|', "")
        + &format!("{}\n", "9".repeat(94)).repeat(9);
    assert_eq!(file, expected);
    assert_eq!(read(&file).len(), 5);
    assert_eq!(write(&credits).unwrap(), file, "the same input makes the same bytes");
}

#[test]
fn a_batch_of_more_than_one_entry_can_carry_is_balanced_by_several() {
    let most = nacha::ENTRY_CENTS_MAX.0;
    let credits: Vec<Credit> = (0..3).map(|n| credit(&format!("A{n}"), None, true, most - n)).collect();
    let entries = read(&write(&credits).unwrap());
    let debits: Vec<u64> = entries.iter().filter(|entry| entry.is_debit()).map(|entry| entry.cents).collect();
    assert_eq!(debits, [9_999_999_999, 9_999_999_999, 9_999_999_996]);
}

#[test]
fn a_name_without_likeness_in_ascii_gives_way_to_the_code() {
    let entries = read(&write(&[credit("a-7", Some("\u{e000}"), false, 1)]).unwrap());
    assert_eq!((entries[0].name.as_str(), entries[0].id.as_str()), ("A-7", "a-7"));
}

#[test]
fn what_a_file_cannot_say_is_refused_in_a_sentence() {
    let most = nacha::ENTRY_CENTS_MAX.0;
    refused(write(&[]), "nobody is paid");
    refused(write(&[credit("A001", None, true, 0)]), "producer A001 is to be paid 0.00");
    refused(write(&[credit("A001", None, true, -1)]), "producer A001 is to be paid -0.01");
    refused(
        write(&[credit("A001", None, true, most + 1)]),
        "producer A001 is to be paid 100000000.00, but an ACH entry carries at most 99999999.99",
    );
    let twice = [credit("A001", None, true, 1), credit("A001", None, false, 2)];
    refused(write(&twice), "producer A001 is to be paid twice");
    let alike = [credit("AGENCY-OF-TAMPA-1", None, true, 1), credit("AGENCY-OF-TAMPA-2", None, true, 2)];
    refused(write(&alike), "producers AGENCY-OF-TAMPA-1 and AGENCY-OF-TAMPA-2 have the same first 15");
    assert_eq!(read(&write(&alike[..1]).unwrap())[0].id, "AGENCY-OF-TAMPA");
    let many: Vec<Credit> = (0..101).map(|n| credit(&format!("A{n}"), None, n > 50, most)).collect();
    refused(write(&many), "10099999998.99 is to be paid, but an ACH file carries at most 9999999999.99");
    let crowd: Vec<Credit> = (0..1_000_000).map(|n| credit(&n.to_string(), None, true, 1)).collect();
    refused(write(&crowd), "1000000 producers are to be paid, but a batch of an ACH file has room for");
    let one = [credit("A001", None, true, 1)];
    for modifier in ['a', 'É', ' '] {
        refused(write_with(modifier, &one, ""), "A to Z, then 0 to 9");
    }
    refused(write_with('9', &one, "Run of 2025-07-15"), "has room for 15 characters");
    read(&write_with('9', &one, "").unwrap());
}

#[test]
fn an_originator_s_file_that_is_wrong_says_where_and_what() {
    let wrong = |from: &str, to: &str| {
        assert!(EXAMPLE.contains(from), "{from}");
        Originator::parse(&EXAMPLE.replace(from, to)).unwrap_err().to_string()
    };
    let place = |key: &str| EXAMPLE.lines().position(|line| line.starts_with(key)).unwrap() + 1;
    for (from, to, key, sentence) in [
        (
            "routing = \"123456780\"\ndest",
            "routing = \"123456789\"\ndest",
            "destination_routing",
            "check digit",
        ),
        ("First Invented Bank", "First Invented Bank of Somewhere", "destination_name", "1 to 23"),
        ("Invented Marketing Inc", "\u{e000}", "origin_name", "1 to 23 characters"),
        ("INVENTED MKTG", "INVENTED MARKETING", "company_name", "1 to 16 characters"),
        ("origin_id = \"1987654321\"", "origin_id = \"19-7654321\"", "origin_id", "mostly 1 and the EIN"),
        ("company_id = \"1987654321\"", "company_id = \"\"", "company_id", "9 or 10 digits"),
        ("\"COMMISSION\"", "\"COMMISSIONS\"", "entry_description", "1 to 10 characters"),
        ("\"12345678\"", "\"1234567A\"", "originating_dfi", "first 8 digits"),
        ("000111222333", "000/111", "account", "holds '/'"),
        ("kind = \"checking\"", "kind = \"cheque\"", "kind", "checking or savings"),
        ("company_name =", "compnay_name =", "company_name", "unknown field `compnay_name`"),
        ("company_id = \"1987654321\"", "company_id = 1987654321", "company_id", "invalid type: integer"),
    ] {
        let error = wrong(from, to);
        assert!(error.contains(sentence) && error.starts_with(&format!("line {}, ", place(key))), "{error}");
    }
    assert!(Originator::parse("company_id =").unwrap_err().to_string().starts_with("line 1, column"));
    assert!(wrong("origin_name = \"Invented Marketing Inc\"\n", "").contains("missing field `origin_name`"));
    let without = EXAMPLE.replace("entry_description = \"COMMISSION\"\n", "");
    assert_eq!(Originator::parse(&without).unwrap(), originator());
}

fn routing() -> impl Strategy<Value = String> {
    (1_u32..100_000_000).prop_map(|eight| {
        let eight = format!("{eight:08}");
        let sum: u32 =
            eight.chars().zip([3, 7, 1, 3, 7, 1, 3, 7]).map(|(c, w)| c.to_digit(10).unwrap() * w).sum();
        format!("{eight}{}", (10 - sum % 10) % 10)
    })
}

prop_compose! {
    fn paid()(
        routing in routing(),
        account in "[A-Za-z0-9]([A-Za-z0-9 -]{0,15}[A-Za-z0-9])?",
        savings in any::<bool>(),
        name in prop::option::of("\\PC{0,40}"),
        person in any::<bool>(),
        cents in prop_oneof![1..=1_000_000_i64, 1..=nacha::ENTRY_CENTS_MAX.0],
    ) -> Credit {
        let kind = if savings { "savings" } else { "checking" };
        let bank = Bank::parse(&routing, &account, kind).unwrap();
        Credit { producer: Code::parse("A").unwrap(), name, bank, person, amount: Cents(cents) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_file_adds_up_balances_and_pays_everybody_what_is_due(mut credits in prop::collection::vec(paid(), 1..60)) {
        for (n, credit) in credits.iter_mut().enumerate() {
            credit.producer = Code::parse(&format!("P-{n:03}")).unwrap();
        }
        let entries = read(&write(&credits).unwrap());
        let paid: Vec<&Entry> = entries.iter().filter(|entry| !entry.is_debit()).collect();
        prop_assert_eq!(paid.len(), credits.len());
        for credit in &credits {
            let entry = paid.iter().find(|entry| entry.id == credit.producer.as_str()).unwrap();
            prop_assert_eq!(entry.cents, u64::try_from(credit.amount.0).unwrap());
            prop_assert_eq!(entry.routing.as_str(), credit.bank.routing.as_str());
            prop_assert_eq!(entry.account.as_str(), credit.bank.account.in_full());
            prop_assert_eq!(entry.class.as_str(), if credit.person { "PPD" } else { "CCD" });
            let savings = credit.bank.kind.as_str() == "savings";
            prop_assert_eq!(entry.code.as_str(), if savings { "32" } else { "22" });
        }
        for debit in entries.iter().filter(|entry| entry.is_debit()) {
            prop_assert_eq!((debit.routing.as_str(), debit.account.as_str()), ("123456780", "000111222333"));
        }
    }
}
