//! The rules of Upline's commission ledger: money, dates, facts, chains, timelines, accounts,
//! persistency. Pure functions over plain data: no I/O, no clock, no store, no async, no logging.
//!
//! # Floors
//! Each knows only those before it in this list:
//!
//! 1. [`vocabulary`]: names, money, rates, days, positions, refusals.
//! 2. [`fact`]: what is said, as plain data, and the table of all types.
//! 3. [`recorded`]: what the log keeps of it: events and postings.
//! 4. [`terms`]: contracts, frozen chains, and the reference data of everything that was introduced.
//! 5. [`policy`]: the life of a policy: premiums, what they earn, stops, persistency.
//! 6. [`debts`]: who owes what since when, and what is paid out.
//! 7. [`reconcile`]: carriers' statements against what was expected.
//! 8. [`book`]: all of it together: a fact is admitted or refused, and recorded with what follows.
//! 9. [`naive`]: everything once more, slowly: what the fast code is compared with.
//!
//! The sections in the docs (§) are those of the rules of the ledger; `docs/rules.md` names what each
//! section says and which module implements it.

pub mod vocabulary;

pub mod fact;

pub mod recorded;

pub mod terms;

pub mod policy;

pub mod debts;

pub mod reconcile;

pub mod book;

pub mod naive;

pub use debts::{Owed, Payer, payout, sides};
pub use fact::{content, coverage, grid, statement};
pub use policy::{persistency, policy_state, premium_status, timeline};
pub use recorded::{event, posting};
pub use terms::{chain, contract, reference_data, routes};
pub use vocabulary::{as_of, money, names, rate, refusal, time};
