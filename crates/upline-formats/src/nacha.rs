//! ACH files: credits to accounts at banks in the United States, as Nacha's operating rules have them.
//!
//! # Shape
//! A file is lines of 94 characters: a header (1), batches (5, entries 6, 8), a control (9), and nines up to a
//! whole block of ten. One batch pays people (PPD), one pays companies (CCD). Lines end with a line feed, which
//! no rule asks for: of the banks that mind, some refuse a carriage return and some want one.
//!
//! # Correctness
//! Each batch has the debit of the payer's own account that balances it, as several entries where one cannot
//! carry it. Nothing that a bank acts on is ever cut: not an amount, not an account. Names are cut, and codes where
//! they stay different. The same input makes the same bytes.

mod originator;
mod text;

pub use originator::{NotOriginator, ORIGINATOR_BYTES_MAX, Originator};

use std::collections::HashMap;
use std::fmt::Write as _;
use text::{fitted, folded};
use upline_core::money::{Cents, Total};
use upline_core::names::Code;
use upline_core::time::{Day, Moment};
use upline_store::{AccountKind, Bank};

/// The most that one entry carries: 99,999,999.99.
pub const ENTRY_CENTS_MAX: Cents = Cents(9_999_999_999);

/// The most that a batch or a file carries: 9,999,999,999.99.
pub const FILE_CENTS_MAX: Cents = Cents(999_999_999_999);

/// The most entries that a batch can count.
pub const BATCH_ENTRIES_MAX: usize = 999_999;

/// The longest reference, in characters.
pub const REFERENCE_CHARS_MAX: usize = ID_CHARS;

const RECORD_CHARS: usize = 94;
const BLOCK_RECORDS: u64 = 10;
const ID_CHARS: usize = 15;
const NAME_CHARS: usize = 22;

/// Digits of an entry hash: what does not fit is dropped on the left.
const HASH_MODULUS: u64 = 10_000_000_000;

/// A batch of debits and credits.
const MIXED: &str = "200";

/// Why there is no file, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NachaError(String);

/// Money for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Who gets it. Of a longer code the first 15 characters stand in the file.
    pub producer: Code,
    /// Its name, where one is kept; else the code stands in its place.
    pub name: Option<String>,
    /// Its account.
    pub bank: Bank,
    /// A person's account is credited by PPD, a company's by CCD.
    pub person: bool,
    /// How much; more than nothing.
    pub amount: Cents,
}

/// The file that credits everybody on a day, in the order given. `modifier` tells files of one day apart (`A` to `Z`,
/// then `0` to `9`). `reference` names the payment on the payer's own statement.
pub fn write(
    originator: &Originator,
    effective: Day,
    created: Moment,
    modifier: char,
    credits: &[Credit],
    reference: &str,
) -> Result<String, NachaError> {
    if !modifier.is_ascii_uppercase() && !modifier.is_ascii_digit() {
        let but = "files of one day are told apart by A to Z, then 0 to 9";
        return Err(NachaError(format!("the modifier is {modifier:?}, but {but}")));
    }
    let reference_folded = folded(reference);
    if reference_folded.len() > REFERENCE_CHARS_MAX {
        let but = format!("an ACH file has room for {REFERENCE_CHARS_MAX} characters");
        return Err(NachaError(format!("the reference is {reference:?}, but {but}")));
    }
    check(credits)?;
    let mut file = AchFile {
        originator,
        effective: date(effective),
        reference: &reference_folded,
        text: String::new(),
        records: 0,
        batches: 0,
        totals: Totals::default(),
    };
    file.header(created, modifier);
    for (class, person) in [("PPD", true), ("CCD", false)] {
        let mut paid = credits.iter().filter(|credit| credit.person == person).peekable();
        if paid.peek().is_some() {
            file.batch(class, paid);
        }
    }
    Ok(file.end())
}

/// Refuses what a file cannot say, or what somebody should look at before it is paid.
fn check(credits: &[Credit]) -> Result<(), NachaError> {
    if credits.is_empty() {
        return Err(NachaError("nobody is paid: an ACH file has at least one entry".to_owned()));
    }
    let mut ids: HashMap<&str, &Code> = HashMap::new();
    let mut total = Total::ZERO;
    for Credit { producer, amount, .. } in credits {
        if !amount.is_positive() {
            let but = "an ACH entry carries more than nothing";
            return Err(NachaError(format!("producer {producer} is to be paid {amount}, but {but}")));
        }
        if *amount > ENTRY_CENTS_MAX {
            let but =
                format!("an ACH entry carries at most {ENTRY_CENTS_MAX}: pay it otherwise, or in parts");
            return Err(NachaError(format!("producer {producer} is to be paid {amount}, but {but}")));
        }
        match ids.insert(identification(producer), producer) {
            Some(other) if other == producer => {
                return Err(NachaError(format!("producer {producer} is to be paid twice in one ACH file")));
            }
            Some(other) => {
                let both = format!("producers {other} and {producer}");
                let why =
                    format!("have the same first {ID_CHARS} characters, all that an ACH entry has room for");
                return Err(NachaError(format!("{both} {why}: pay them in two files")));
            }
            None => total += *amount,
        }
    }
    if total > FILE_CENTS_MAX.into() {
        let but = format!("an ACH file carries at most {FILE_CENTS_MAX}: pay in two files");
        return Err(NachaError(format!("{total} is to be paid, but {but}")));
    }
    let people = credits.iter().filter(|credit| credit.person).count();
    // The debits that balance a batch are entries too.
    let room = BATCH_ENTRIES_MAX - OFFSETS_MAX;
    if people > room || credits.len() - people > room {
        let but = format!("a batch of an ACH file has room for {room}: pay in two files");
        return Err(NachaError(format!("{} producers are to be paid, but {but}", credits.len())));
    }
    Ok(())
}

/// The most debits that balance a batch.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a hundred and one
const OFFSETS_MAX: usize = (FILE_CENTS_MAX.0 / ENTRY_CENTS_MAX.0 + 1) as usize;

/// What of a code stands in an entry. Letters stay as they are, since codes that differ by them are others.
fn identification(producer: &Code) -> &str {
    let code = producer.as_str();
    code.get(..ID_CHARS).unwrap_or(code)
}

/// What a control record says of the entries before it.
#[derive(Default)]
struct Totals {
    entries: u64,
    hash: u64,
    debits: i64,
    credits: i64,
}

impl Totals {
    fn add(&mut self, other: &Totals) {
        self.entries += other.entries;
        self.hash = (self.hash + other.hash) % HASH_MODULUS;
        self.debits += other.debits;
        self.credits += other.credits;
    }
}

/// Which way an entry moves money, seen from the account.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Credit,
    Debit,
}

/// A file while it is written.
struct AchFile<'a> {
    originator: &'a Originator,
    effective: String,
    reference: &'a str,
    text: String,
    records: u64,
    batches: u64,
    totals: Totals,
}

impl AchFile<'_> {
    fn record(&mut self, record: std::fmt::Arguments<'_>) {
        let start = self.text.len();
        // A String takes what is written.
        let _ = writeln!(self.text, "{record}");
        debug_assert_eq!(self.text.len() - start, RECORD_CHARS + 1);
        self.records += 1;
    }

    fn header(&mut self, created: Moment, modifier: char) {
        let Originator { destination, destination_name, origin_id, origin_name, .. } = self.originator;
        let (date, minute) = (date(created.day()), created.0.div_euclid(60_000_000).rem_euclid(24 * 60));
        let (hour, minute) = (minute / 60, minute % 60);
        self.record(format_args!(
            "101 {destination}{origin_id:>10}{date}{hour:02}{minute:02}{modifier}094101{destination_name:<23}\
             {origin_name:<23}{:8}",
            ""
        ));
    }

    fn batch<'c>(&mut self, class: &str, credits: impl Iterator<Item = &'c Credit>) {
        self.batches += 1;
        let Originator { company_name, company_id, entry_description, originating_dfi, offset, .. } =
            self.originator;
        let (reference, effective, number) = (self.reference, self.effective.clone(), self.batches);
        // No descriptive date; the settlement date is filled in by the operator; 1: the originator is a bank's client.
        self.record(format_args!(
            "5{MIXED}{company_name:<16}{reference:<20}{company_id:<10}{class}{entry_description:<10}{:6}{effective}\
             {:3}1{originating_dfi}{number:07}",
            "", ""
        ));
        let mut totals = Totals::default();
        for credit in credits {
            let name = fitted(credit.name.as_deref().unwrap_or_default(), NAME_CHARS);
            let name = if name.is_empty() { fitted(credit.producer.as_str(), NAME_CHARS) } else { name };
            let id = identification(&credit.producer);
            self.entry(&mut totals, Way::Credit, &credit.bank, credit.amount.0, id, &name);
        }
        let mut left = totals.credits;
        while left > 0 {
            let amount = left.min(ENTRY_CENTS_MAX.0);
            self.entry(&mut totals, Way::Debit, offset, amount, reference, company_name);
            left -= amount;
        }
        let Totals { entries, hash, debits, credits } = totals;
        self.record(format_args!(
            "8{MIXED}{entries:06}{hash:010}{debits:012}{credits:012}{company_id:<10}{:25}{originating_dfi}{number:07}",
            ""
        ));
        self.totals.add(&totals);
    }

    fn entry(&mut self, batch: &mut Totals, way: Way, bank: &Bank, amount: i64, id: &str, name: &str) {
        let code = match (bank.kind, way) {
            (AccountKind::Checking, Way::Credit) => "22",
            (AccountKind::Checking, Way::Debit) => "27",
            (AccountKind::Savings, Way::Credit) => "32",
            (AccountKind::Savings, Way::Debit) => "37",
        };
        let (dfi, _) = bank.routing.parts();
        let moved = match way {
            Way::Credit => Totals { credits: amount, ..Totals::default() },
            Way::Debit => Totals { debits: amount, ..Totals::default() },
        };
        batch.add(&Totals { entries: 1, hash: dfi.parse().unwrap_or_default(), ..moved });
        let (routing, account) = (&bank.routing, bank.account.in_full());
        let (sender, trace) = (&self.originator.originating_dfi, self.totals.entries + batch.entries);
        // No discretionary data, no addenda.
        self.record(format_args!(
            "6{code}{routing}{account:<17}{amount:010}{id:<15}{name:<22}{:2}0{sender}{trace:07}",
            ""
        ));
    }

    fn end(mut self) -> String {
        let blocks = (self.records + 1).div_ceil(BLOCK_RECORDS);
        let batches = self.batches;
        let Totals { entries, hash, debits, credits } = self.totals;
        self.record(format_args!(
            "9{batches:06}{blocks:06}{entries:08}{hash:010}{debits:012}{credits:012}{:39}",
            ""
        ));
        while self.records < blocks * BLOCK_RECORDS {
            self.record(format_args!("{:9<RECORD_CHARS$}", ""));
        }
        self.text
    }
}

/// `YYMMDD`.
fn date(day: Day) -> String {
    day.to_string().chars().filter(char::is_ascii_digit).skip(2).collect()
}
