//! What was agreed: contracts with all their steps and releases, the chain that a policy froze with its rates, and
//! the reference data that knows every name, grid, definition, plan and policy that the log introduced. Nothing here
//! depends on premiums, stops or money moved.

pub mod chain;
pub mod contract;
pub mod reference_data;
pub mod routes;
