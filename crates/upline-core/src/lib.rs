//! The rules of Upline's commission ledger: money, dates, facts, chains, timelines, accounts,
//! persistency. Pure functions over plain data: no I/O, no clock, no store, no async, no logging.
//!
//! The sections in the docs (§) are those of the rules of the ledger; `docs/rules.md` names what each
//! section says and which module implements it.

pub mod as_of;
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
pub mod naive;
pub mod names;
pub mod payout;
pub mod persistency;
pub mod policy_state;
pub mod posting;
pub mod premium_status;
pub mod rate;
pub mod reconcile;
pub mod reference_data;
pub mod refusal;
pub mod statement;
pub mod time;
pub mod timeline;
