//! A file for beancount, whose accounts have a form of their own.
//!
//! An account of beancount begins with one of five roots, and each of its parts with an upper-case letter or a
//! digit; nothing but letters, digits and `-` may follow. [`account`] turns a name of ours into such a one so
//! that it can be read by a person and turned back.

use super::{Export, ExportError, days, policy_of};
use hashbrown::HashMap;
use std::fmt::Write as _;
use std::io::Write;
use upline_core::time::Day;
use upline_views::entries::Posted;

/// The only commodity.
const COMMODITY: &str = "USD";

/// Stands before a part that would else begin with something that a part must not begin with.
const BEGINNING: &str = "X-x";

/// Writes a transaction for each day of an event; accounts are opened at the end of the file, each on the day
/// of its first entry, as only then it is known which that is. Beancount goes by dates, not by lines.
#[derive(Debug)]
pub struct Beancount<W> {
    out: W,
    opened: HashMap<String, Day>,
}

impl<W: Write> Beancount<W> {
    /// Begins a file with what it holds as its title.
    pub fn new(mut out: W, title: &str) -> Result<Beancount<W>, ExportError> {
        writeln!(out, "option \"title\" \"{title}\"")?;
        writeln!(out, "option \"operating_currency\" \"{COMMODITY}\"")?;
        Ok(Beancount { out, opened: HashMap::new() })
    }

    fn open(&mut self, name: &str, on: Day) {
        match self.opened.get_mut(name) {
            Some(first) => *first = on.min(*first),
            None => {
                self.opened.insert(name.to_owned(), on);
            }
        }
    }
}

impl<W: Write> Export for Beancount<W> {
    fn event(&mut self, posted: &Posted) -> Result<(), ExportError> {
        let Posted { position, id, cause, type_name, .. } = posted;
        for entries in days(posted) {
            let Some(first) = entries.first() else { continue };
            let policy = policy_of(entries).map(ToString::to_string).unwrap_or_default();
            writeln!(self.out, "\n{} * \"{type_name}\" \"{policy}\"", first.dated)?;
            writeln!(self.out, "  position: {position}\n  id: \"{id}\"")?;
            if let Some(cause) = cause {
                writeln!(self.out, "  cause: \"{cause}\"")?;
            }
            for entry in entries {
                for (name, amount) in
                    [(&entry.debit, entry.amount.into()), (&entry.credit, super::credited(entry.amount))]
                {
                    self.open(name, entry.dated);
                    writeln!(self.out, "  {}  {amount} {COMMODITY}", account(name))?;
                    writeln!(self.out, "    account: \"{name}\"")?;
                    if let Some(due) = entry.due {
                        writeln!(self.out, "    due: {due}")?;
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), ExportError> {
        let mut opened: Vec<(&String, &Day)> = self.opened.iter().collect();
        opened.sort();
        writeln!(self.out)?;
        for (name, on) in opened {
            writeln!(self.out, "{on} open {} {COMMODITY}", account(name))?;
        }
        Ok(self.out.flush()?)
    }
}

/// The account of beancount for one of ours: `payable:a1:C1` is `Liabilities:Payable:X-xa1:C1`.
pub fn account(name: &str) -> String {
    let (kind, keys) = name.split_once(':').map_or((name, None), |(kind, keys)| (kind, Some(keys)));
    let mut account = root(kind).to_owned();
    account.push(':');
    let mut letters = kind.chars();
    account.extend(letters.next().map(|first| first.to_ascii_uppercase()));
    account.extend(letters);
    for part in keys.into_iter().flat_map(|keys| keys.split(':')) {
        account.push(':');
        write_part(part, &mut account);
    }
    account
}

/// The root that an account belongs under, by what it is (rules §10).
fn root(kind: &str) -> &'static str {
    match kind {
        "payable" | "reserve" => "Liabilities",
        "coverage" | "writeoff" => "Expenses",
        "adjustment" | "opening" => "Equity",
        // Unearned advances, debt, leads, recourse, what carriers owe, cash.
        _ => "Assets",
    }
}

/// A part of a name. A `-` before a small letter stands for what a part cannot hold: `-d` for a dot, `-u` for
/// an underscore, `-s` for a slash, `-c` for a colon inside a code (`%3A`), `-h` for a hyphen that would be taken
/// for one of these, and `X-x` at the beginning for nothing.
fn write_part(part: &str, out: &mut String) {
    let begins = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    if !part.starts_with(begins) {
        out.push_str(BEGINNING);
    }
    let mut rest = part.chars();
    while let Some(c) = rest.next() {
        match c {
            '-' if rest.as_str().starts_with(begins) => out.push('-'),
            '-' => out.push_str("-h"),
            '.' => out.push_str("-d"),
            '_' => out.push_str("-u"),
            '/' => out.push_str("-s"),
            '%' if rest.as_str().starts_with("3A") => {
                rest = rest.as_str().get(2..).unwrap_or_default().chars();
                out.push_str("-c");
            }
            c if c.is_ascii_alphanumeric() => out.push(c),
            // No code holds such a character (facts.md); if one came to, two accounts must not become one.
            c => {
                let _ = write!(out, "-z{}Z", u32::from(c));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::two_days;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_event_is_a_transaction_for_each_of_its_days() {
        let mut out = Vec::new();
        let mut file = Beancount::new(&mut out, "Entries as of a day").unwrap();
        file.event(&two_days()).unwrap();
        file.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"option "title" "Entries as of a day"
option "operating_currency" "USD"

2025-01-15 * "policy_issued" "C1/P-77"
  position: 10
  id: "00000000-0000-0000-0000-000000000abc"
  Assets:Unearned:MGA:C1:P-77  180.00 USD
    account: "unearned:MGA:C1:P-77"
  Liabilities:Payable:MGA:C1  -180.00 USD
    account: "payable:MGA:C1"

2025-02-01 * "policy_issued" ""
  position: 10
  id: "00000000-0000-0000-0000-000000000abc"
  Assets:Cash  -0.05 USD
    account: "cash"
    due: 2025-01-20
  Assets:Debt:MGA  0.05 USD
    account: "debt:MGA"
    due: 2025-01-20

2025-02-01 open Assets:Cash USD
2025-02-01 open Assets:Debt:MGA USD
2025-01-15 open Liabilities:Payable:MGA:C1 USD
2025-01-15 open Assets:Unearned:MGA:C1:P-77 USD
"#
        );
    }

    /// A late fact may be dated before what was recorded earlier.
    #[test]
    fn an_account_is_open_from_its_first_day_whichever_came_first() {
        let mut out = Vec::new();
        let mut file = Beancount::new(&mut out, "").unwrap();
        let mut posted = two_days();
        file.event(&posted).unwrap();
        posted.entries[0].dated = Day::parse("2024-12-31").unwrap();
        file.event(&posted).unwrap();
        file.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("\n2024-12-31 open Liabilities:Payable:MGA:C1 USD\n"), "{text}");
    }

    #[test]
    fn an_account_can_be_read_by_a_person() {
        for (name, account_of) in [
            ("cash", "Assets:Cash"),
            ("adjustment", "Equity:Adjustment"),
            ("opening", "Equity:Opening"),
            ("writeoff", "Expenses:Writeoff"),
            ("coverage:IMO", "Expenses:Coverage:IMO"),
            ("reserve:A001", "Liabilities:Reserve:A001"),
            ("payable:a1:C1", "Liabilities:Payable:X-xa1:C1"),
            ("debt:A.B_1:C1:P/77-x", "Assets:Debt:A-dB-u1:C1:P-s77-hx"),
            ("carrier:9-9--", "Assets:Carrier:9-9-h-h"),
            ("recourse:X-x", "Assets:Recourse:X-hx"),
            ("leads:%3A", "Assets:Leads:X-x-c"),
            ("payable:A%3AC1", "Liabilities:Payable:A-cC1"),
        ] {
            assert_eq!(account(name), account_of, "{name}");
        }
    }

    /// The name of ours for an account of beancount: what the document says, read backwards.
    fn name(account: &str) -> String {
        let mut parts = account.split(':').skip(1);
        let mut name = parts.next().unwrap().to_ascii_lowercase();
        for part in parts {
            name.push(':');
            let mut rest = part.strip_prefix(BEGINNING).unwrap_or(part).chars();
            while let Some(c) = rest.next() {
                let escaped = c == '-' && rest.as_str().starts_with(|c: char| c.is_ascii_lowercase());
                name.push(if escaped {
                    match rest.next().unwrap() {
                        'd' => '.',
                        'u' => '_',
                        's' => '/',
                        'h' => '-',
                        'c' => '%',
                        other => panic!("-{other} stands for nothing"),
                    }
                } else {
                    c
                });
            }
        }
        // No code holds a `%`, so what stands for one is the beginning of `%3A`.
        name.replace('%', "%3A")
    }

    fn names() -> impl Strategy<Value = String> {
        let kinds = ["carrier", "payable", "unearned", "debt", "leads", "reserve", "coverage", "recourse"];
        let key = "([-A-Za-z0-9_./]|%3A){1,8}|[-xXhdusc_]{1,5}";
        (proptest::sample::select(kinds.to_vec()), proptest::collection::vec(key, 1..4))
            .prop_map(|(kind, keys)| format!("{kind}:{}", keys.join(":")))
    }

    proptest! {
        /// What can be turned back cannot be the same for two.
        #[test]
        fn an_account_can_be_turned_back_into_its_name(name_of_ours in names()) {
            let account = account(&name_of_ours);
            prop_assert_eq!(name(&account), name_of_ours);
        }

        #[test]
        fn an_account_is_of_the_form_that_beancount_takes(name_of_ours in names()) {
            for part in account(&name_of_ours).split(':') {
                let begins = part.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit());
                prop_assert!(begins && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{part}");
            }
        }
    }
}
