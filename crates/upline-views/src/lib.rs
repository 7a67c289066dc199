//! Read models: what the log says about balances, accounts, persistency, overrides and hierarchies, at
//! any [`Point`] — as of a day, as known at a position.
//!
//! **Shape.** A view is a [`Fold`] over the events up to a position. [`scan`] reads the blocks of a log,
//! decodes them on all cores and feeds the folds in order, together with the register of names and frozen
//! chains that it keeps on the way.
//!
//! **Correctness.** Money is the sum of what was posted; nothing here knows a rule of commission. The
//! naive reference of `upline-core` computes the same from the facts alone, and tests and `verify` compare.

pub mod accounts;
pub mod agent_statement;
pub mod balance;
pub mod changes;
pub mod coverage;
pub mod expected;
pub mod explain;
pub mod hierarchy;
mod histories;
pub mod income;
pub mod index;
pub mod overrides;
mod period;
pub mod persistency;
mod point;
mod reasons;
mod replay;
mod rows;
mod scan;

pub use period::Period;
pub use point::Point;
pub use replay::{ReadModels, replay_overrides, replay_standings};
pub use scan::{Fold, ScanError, scan};
