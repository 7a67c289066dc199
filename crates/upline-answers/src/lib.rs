//! What a question to the ledger is answered with, for every front door: the command line, the API, the page.
//!
//! **Shape.** One module a question; its function takes the ledger, the [`point::Point`] asked for and what else the
//! question says, and gives a [`report::Report`]: rows of cells under named columns, which is written as a table, as
//! JSON (the stable contract) or as CSV.
//!
//! **Correctness.** Nothing is computed here: what a row says comes from one question to the ledger, so that all front
//! doors say the same.

pub mod accounts;
pub mod balance;
pub mod chain;
pub mod changes;
pub mod closings;
pub mod coverage;
pub mod downline;
pub mod events;
pub mod explain;
pub mod exports;
pub mod find;
pub mod income;
pub mod narrowed;
pub mod overrides;
pub mod pay_run;
pub mod payees;
pub mod persistency;
pub mod point;
pub mod proposals;
pub mod receivables;
pub mod report;
pub mod scope;
pub mod standing;
pub mod statements;

/// For whom rows are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// People, who read from left to right.
    People,
    /// Programs, which want every column, sorted by key.
    Programs,
}
