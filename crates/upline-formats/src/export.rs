//! Entries in the formats of other tools: plain-text journals, spreadsheets, columns.
//!
//! Each writer takes the events one by one, in the order of the log, and keeps little of them, so that a ledger
//! may be larger than the memory. None knows a rule: what is written is what was posted.

pub mod beancount;
pub mod journal;
pub mod parquet;
pub mod rows;
pub mod xlsx;

use std::io;
use upline_core::money::{Cents, Total};
use upline_core::names::PolicyName;
use upline_views::entries::{Entry, Posted};

/// The columns of an entry where entries are rows, in this order.
pub const COLUMNS: [&str; 12] = [
    "position",
    "id",
    "cause",
    "type",
    "on",
    "recorded_at",
    "dated",
    "due",
    "policy",
    "debit",
    "credit",
    "amount",
];

/// Why entries could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The output failed.
    #[error(transparent)]
    Output(#[from] io::Error),
    /// The format cannot hold what is to be written.
    #[error("{0}")]
    Refused(String),
}

/// A format that entries are written in.
pub trait Export {
    /// Writes the entries of an event.
    fn event(&mut self, posted: &Posted) -> Result<(), ExportError>;

    /// Writes what stands at the end.
    fn finish(self) -> Result<(), ExportError>;
}

/// The entries of an event day by day. On each day they balance (rules §10), so each day is a transaction.
fn days(posted: &Posted) -> impl Iterator<Item = &[Entry]> {
    posted.entries.chunk_by(|a, b| a.dated == b.dated)
}

/// The policy that all of these entries are on.
fn policy_of(entries: &[Entry]) -> Option<&PolicyName> {
    let first = entries.first()?.policy.as_ref()?;
    entries.iter().all(|entry| entry.policy.as_ref() == Some(first)).then_some(first)
}

/// What an entry of this amount adds to the account that it credits, debit positive.
fn credited(amount: Cents) -> Total {
    -Total::from(amount)
}

#[cfg(test)]
mod tests {
    use super::*;
    use upline_core::time::{Day, Moment};
    use uuid::Uuid;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    /// An entry of 180.00 on the policy C1/P-77.
    pub fn entry(dated: &str, due: Option<&str>, debit: &str, credit: &str) -> Entry {
        Entry {
            dated: day(dated),
            due: due.map(day),
            policy: PolicyName::parse("C1/P-77"),
            debit: debit.into(),
            credit: credit.into(),
            amount: Cents(18_000),
        }
    }

    /// An event at position 10 with these entries.
    pub fn posted(entries: Vec<Entry>) -> Posted {
        Posted {
            position: 10,
            id: Uuid::from_u128(0xabc),
            cause: None,
            type_name: "policy_issued",
            on: day("2025-01-15"),
            recorded_at: Moment::parse("2025-01-16T09:00:00.25Z").unwrap(),
            entries,
        }
    }

    /// An event with entries on two days, one of them moved by a closed period.
    pub fn two_days() -> Posted {
        let mut posted = posted(vec![
            entry("2025-01-15", None, "unearned:MGA:C1:P-77", "payable:MGA:C1"),
            entry("2025-02-01", Some("2025-01-20"), "cash", "debt:MGA"),
        ]);
        posted.entries[1].policy = None;
        posted.entries[1].amount = Cents(-5);
        posted
    }

    #[test]
    fn a_policy_is_named_where_all_entries_are_on_it() {
        let mut posted = two_days();
        assert_eq!(policy_of(&posted.entries), None);
        posted.entries.truncate(1);
        assert_eq!(policy_of(&posted.entries).unwrap().to_string(), "C1/P-77");
        assert_eq!(policy_of(&[]), None);
    }
}
