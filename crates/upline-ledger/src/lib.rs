//! The commission ledger as an application, used by every front door: record facts, ask questions,
//! verify.
//!
//! **Shape.** A [`Ledger`] owns the log. Recording goes through a [`decider::Decider`], which holds the book and
//! the ids of all facts and is made by replaying the log when the first fact comes. Questions are answered
//! by views over the log and need no decider.
//!
//! **Correctness.** A clock is passed in. Nothing here knows the engine of the log or a format of files.

mod banks;
pub mod carrier_statements;
mod clock;
pub mod closing;
pub mod decider;
pub mod entries;
mod error;
mod ids;
pub mod import;
pub mod keeping;
mod ledger;
pub mod pay;
pub mod producer_statements;
pub mod proofs;
pub mod queries;
pub mod recorder;
pub mod verify;

pub use banks::BanksSet;
pub use clock::{Clock, SystemClock};
pub use error::LedgerError;
pub use ledger::{KnownAt, Ledger};
pub use proofs::describe_event;
pub use upline_log::{Engine, OpenOptions, Root, verify_consistency, verify_inclusion};
pub use upline_store::{
    AccountKind, AccountNumber, Bank, Directory, DirectoryEntry, NotBank, RoutingNumber, sha256,
};
