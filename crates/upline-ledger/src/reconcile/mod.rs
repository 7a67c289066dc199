//! Carriers' statements: taken in, kept, and matched with what the ledger expects of carriers.
//!
//! # Shape
//! A [`StatementFile`] is read through its profile into a [`ReadStatement`], which needs no ledger.
//! [`Ledger::receive_statement`] keeps both files beside the log and records the receipt, a fact with their SHA-256;
//! [`Ledger::preview_statement`] shows the same report and records nothing. [`Ledger::reconciliation`] reads every
//! statement that is kept with the profile that it was received with, names its policies and producers, and has the
//! rules of `upline_core::reconcile` say what became of every line.
//!
//! # Correctness
//! Derived anew each time from the log and the files that it names, so that the same position gives the same answer.
//! A policy is found by its exact number, then by the profile's alias; a producer by the alias of its writing number,
//! then by its code. Whatever would fail is told before anything is recorded.
//!
//! [`Ledger::receive_statement`]: crate::Ledger::receive_statement
//! [`Ledger::preview_statement`]: crate::Ledger::preview_statement
//! [`Ledger::reconciliation`]: crate::Ledger::reconciliation

mod error;
mod kept;
mod matched;
mod read;
mod receive;

pub use error::ReconcileError;
pub use matched::{Found, Incoming, Reconciled, State};
pub(crate) use matched::{Matched, Named};
pub use read::{PROFILE_BYTES_MAX, ReadStatement, STATEMENT_BYTES_MAX, StatementFile};
pub use receive::TakenIn;
