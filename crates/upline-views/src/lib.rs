//! Read models: what the log says about balances, accounts, persistency, overrides and hierarchies, at
//! any [`AsOf`] — as of a day, as known at a position.
//!
//! **Shape.** A view is a [`Projection`] over the events up to a position. [`scan`] reads the blocks of a log,
//! decodes them on all cores and feeds the projections in order, together with the reference data of names and frozen
//! chains that it keeps on the way.
//!
//! **Correctness.** Money is the sum of what was posted; nothing here knows a rule of commission. The
//! naive reference of `upline-core` computes the same from the facts alone, and tests and `verify` compare.

pub mod accounts;
pub mod balance;
pub mod carrier_statements;
pub mod changes;
pub mod closings;
pub mod coverage;
pub mod entries;
pub mod event_ids;
pub mod expected;
pub mod explain;
pub mod hierarchy;
mod histories;
pub mod income;
pub mod index;
pub mod overrides;
pub mod payables;
mod period;
pub mod persistency;
pub mod producer_statement;
mod projection;
pub mod proposals;
mod reasons;
mod replay;
mod rows;
pub mod times;

pub use period::Period;
pub use projection::{Projection, ScanError, Scanner, Seen, scan};
pub use replay::{ReadModels, replay_overrides, replay_premium_histories};
