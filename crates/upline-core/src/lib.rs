//! The rules of Upline's commission ledger: money, dates, facts, chains, timelines, accounts,
//! persistency. Pure functions over plain data: no I/O, no clock, no store, no async, no logging.
//!
//! The sections in the docs (§) are those of the rules of the ledger; `docs/rules.md` names what each
//! section says and which module implements it.

pub mod book;
pub mod chain;
pub mod content;
pub mod contract;
pub mod coverage;
pub mod debts;
mod earning;
pub mod event;
pub mod fact;
pub mod grid;
pub mod money;
pub mod names;
pub mod payout;
pub mod persistency;
pub mod policy_state;
pub mod posting;
pub mod rate;
pub mod reconcile;
pub mod reference;
pub mod refusal;
pub mod register;
pub mod standing;
pub mod statement;
pub mod time;
pub mod timeline;
