//! Whom an asker may see: everybody, or a producer and its downline.
//!
//! **Correctness.** What lies outside is told like what does not exist, before anything is looked up.

use crate::report::{Cell, Report};
use serde_json::Value;
use std::collections::BTreeSet;
use upline_core::as_of::AsOf;
use upline_core::names::Code;
use upline_ledger::{Following, Ledger, LedgerError};
use upline_views::hierarchy::downline;

/// Whom an asker may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    Everybody,
    /// These producers, and nobody else exists.
    Only(BTreeSet<Code>),
}

/// Why somebody sees nothing.
#[derive(Debug)]
pub enum NotSeen {
    /// It is not there, or not for this asker: the two are told alike.
    NotThere,
    Ledger(LedgerError),
}

impl From<LedgerError> for NotSeen {
    fn from(error: LedgerError) -> NotSeen {
        NotSeen::Ledger(error)
    }
}

impl Scope {
    /// A producer and everybody below it today, with any carrier.
    pub fn below(ledger: &Ledger, following: &Following, producer: &Code) -> Result<Scope, LedgerError> {
        let at = AsOf { effective: ledger.today(), known: ledger.position() };
        ledger.with_names(following, |reference| {
            let mut seen = BTreeSet::from([producer.clone()]);
            if let Some(top) = reference.producers().find(producer) {
                for (carrier, _) in reference.carriers().iter() {
                    seen.extend(
                        downline(reference, top, carrier, at).into_iter().map(|below| below.producer),
                    );
                }
            }
            Scope::Only(seen)
        })
    }

    pub fn sees(&self, producer: &Code) -> bool {
        match self {
            Scope::Everybody => true,
            Scope::Only(seen) => seen.contains(producer),
        }
    }

    /// Refuses a producer that the asker may not see.
    pub fn check(&self, producer: Option<&Code>) -> Result<(), NotSeen> {
        match producer {
            Some(producer) if !self.sees(producer) => Err(NotSeen::NotThere),
            _ => Ok(()),
        }
    }

    /// Leaves the rows of whom the asker may see, by this column.
    pub fn narrow(&self, mut report: Report, column: &str) -> Report {
        let Scope::Only(seen) = self else { return report };
        let index = report.columns.iter().position(|name| *name == column);
        let sees = |name: &str| Code::parse(name).is_some_and(|code| seen.contains(&code));
        report.rows.retain(|row| match index.and_then(|index| row.get(index)) {
            Some(Cell::Text(name)) => sees(name),
            _ => false,
        });
        for (_, value) in &mut report.closing {
            if let Value::Array(members) = value {
                members.retain(|member| member.get(column).and_then(Value::as_str).is_some_and(sees));
            }
        }
        report.footer = None;
        report
    }
}
