//! The commission ledger as an application: its use cases, one function and one commit each, for every front door.
//!
//! **Shape.** A [`Ledger`] owns the log. Recording decides: a [`decider::Decider`] holds the book and the ids of all
//! facts and is made by replaying the log when the first fact comes. Questions are answered by views over the log and
//! need no decider. Whoever serves many gives the ledger to a [`Writer`], whose handles record and run use cases, and
//! has [`Reader`]s of it, which never wait for the writer.
//!
//! | use case | function |
//! |---|---|
//! | record | [`Ledger::record_all`], [`Ledger::commit`], [`WriterHandle::record`] |
//! | import | [`Ledger::import`] |
//! | ask | [`queries`], [`producer_statements`], [`entries`], [`standing`] |
//! | reconcile | [`Ledger::receive_statement`], [`Ledger::preview_statement`], [`Ledger::reconciliation`] |
//! | resolve | [`Ledger::resolve`] |
//! | follow the money of carriers | [`receivables`] |
//! | pay | [`Ledger::pay`], [`Ledger::payout`], [`Ledger::pay_run`], [`Ledger::pay_again`] |
//! | propose, decide | [`Ledger::propose`], [`Ledger::approve`], [`Ledger::reject`], [`Ledger::withdraw`] |
//! | close | [`Ledger::close`], [`Ledger::check_close`], [`Ledger::evidence`] |
//! | verify, prove | [`Ledger::verify`], [`proofs`] |
//! | back up, restore, salvage | [`backup`] |
//!
//! **Correctness.** What fails is a [`LedgerError`] with a stable code, and then nothing is recorded. A clock is passed
//! in. Nothing here knows the engine of the log or the bytes of a format.

pub mod backup;
mod banks;
mod clock;
pub mod close;
pub mod decider;
pub mod entries;
mod error;
mod following;
mod ids;
pub mod import;
mod indexed;
mod ledger;
mod over_time;
pub mod pay;
mod people;
pub mod producer_statements;
pub mod proofs;
pub mod proposals;
pub mod queries;
mod reader;
pub mod receivables;
pub mod reconcile;
mod record;
pub mod resolve;
pub mod standing;
pub mod verify;
pub mod witness;
mod writer;

pub use banks::{BankError, BanksOrder, BanksSet};
pub use clock::{Clock, SystemClock};
pub use error::{ErrorClass, LedgerError};
pub use following::Following;
pub use ledger::{KnownAt, Ledger};
pub use people::People;
pub use reader::Reader;
pub use upline_log::{Engine, OpenOptions, Root};
pub use upline_store::{
    AccountKind, AccountNumber, Bank, Directory, DirectoryEntry, NotBank, RoutingNumber, sha256,
};
pub use writer::{Lent, NotRecorded, Writer, WriterHandle};
