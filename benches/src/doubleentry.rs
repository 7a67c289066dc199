//! The crate `doubleentry`: an immutable double-entry ledger, with a Merkle tree as the log here has one.
//!
//! What it does: checks that every entry balances and fits its accounts and periods, hashes it into its tree,
//! keeps balances and statements. What it does not: decide what is to be posted, and here, make anything
//! durable. Its `Journal` is in memory. Its store in SQLite is durable, and much slower: not measured here,
//! because it brings an asynchronous runtime and an SQL client along.
//!
//! What makes it easier for it: accounts without policies, opened beforehand and named by their handles;
//! drafts made beforehand; events that post nothing left out, though their facts count.

use crate::commits::{Commit, EventRow};
use crate::measure::Result;
use doubleentry::currency::USD;
use doubleentry::{AccountHandle, AccountKind, Amount, Date, Entry, Journal, LedgerId, date};
use upline_core::time::Day;

/// Years in which a generated book books anything, and some beyond.
const YEARS: std::ops::RangeInclusive<i32> = 2015..=2030;

/// 1970-01-01 as a Julian day.
const EPOCH_JULIAN: i32 = 2_440_588;

/// A journal in memory with its accounts open.
pub struct DoubleEntry {
    journal: Journal,
    handles: Vec<AccountHandle>,
}

impl DoubleEntry {
    /// An empty journal with these accounts.
    pub fn with(accounts: &[String]) -> Result<DoubleEntry> {
        let mut journal = Journal::new(LedgerId::new("upline/bench")?);
        let from = date!("2015-01-01");
        journal.declare_currency(USD, 2, from)?;
        for year in YEARS {
            journal.define_months(year, 1..=12)?;
        }
        let mut open = |name: &String| journal.open(name, AccountKind::Asset, from);
        let handles = accounts.iter().map(&mut open).collect::<std::result::Result<_, _>>()?;
        Ok(DoubleEntry { journal, handles })
    }

    /// The drafts of a commit: one for each event and day.
    pub fn drafts(&self, commit: &Commit) -> Result<Vec<Entry>> {
        let mut drafts = Vec::new();
        for event in &commit.events {
            let mut entries = event.entries.clone();
            entries.sort_by_key(|(_, dated, _)| *dated);
            for of_a_day in entries.chunk_by(|a, b| a.1 == b.1) {
                drafts.extend(self.draft(event, of_a_day)?);
            }
        }
        Ok(drafts)
    }

    fn draft(&self, event: &EventRow, entries: &[(u32, Day, i64)]) -> Result<Option<Entry>> {
        let Some((_, dated, _)) = entries.first() else { return Ok(None) };
        let booked = Date::from_julian_day(EPOCH_JULIAN + dated.0)?;
        let mut draft = Entry::new(format!("{}:{}", event.position, dated.0), booked);
        for (account, _, amount) in entries.iter().filter(|(_, _, amount)| *amount != 0) {
            let account = *self.handles.get(*account as usize).ok_or("an account that is not open")?;
            let size = Amount::from_minor(i128::from(amount.unsigned_abs()))?;
            draft =
                if *amount > 0 { draft.debit(account, size, USD) } else { draft.credit(account, size, USD) };
        }
        Ok((draft.postings().len() > 1).then_some(draft))
    }

    /// Records drafts as one batch.
    pub fn record(&mut self, drafts: Vec<Entry>) -> Result<()> {
        self.journal.record_batch(drafts)?;
        Ok(())
    }
}
