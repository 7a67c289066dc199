//! What lies beside the log of a ledger, and is no part of it: a room each.
//!
//! # Shape
//! - [`Directory`]: names of people and their bank details, which can be erased.
//! - [`DirectoryKey`]: what binds the log to bank details and proposals.
//! - [`Proposals`]: what was proposed and waits for somebody else to decide.
//! - [`files`]: carriers' statements and the profiles that read them, under their SHA-256.
//! - [`Snapshot`]: what was computed from the log up to a position; [`Column`]s are the numbers in it.
//! - [`write_backup`], [`read_backup`]: a ledger in one file, the log with all that lies beside it.
//!
//! # Correctness
//! The log knows nothing of these. Names and files have checksums of their own; what is derived can be thrown away.

mod backup;
mod bank;
mod column;
mod commitment;
mod directory;
pub mod files;
mod proposals;
mod snapshot;

pub use backup::{Restored, WITNESS_FILE, read_backup, witness, write_backup};
pub use bank::{ACCOUNT_CHARS_MAX, AccountKind, AccountNumber, Bank, NotBank, RoutingNumber};
pub use column::{Column, ColumnReader};
pub use commitment::DirectoryKey;
pub use directory::{BankSet, DIRECTORY_BYTES_MAX, Directory, DirectoryEntry};
pub use files::sha256;
pub use proposals::{
    PROPOSAL_BYTES_MAX, PROPOSALS_BYTES_MAX, PROPOSALS_FILE, ProposalEntry, Proposals, canonical_json,
};
pub use snapshot::{Snapshot, remove_snapshots, snapshot_files, snapshots};
