//! Debts and payouts: who owes what of which policy since when, and how what is due is divided into what is recovered,
//! withheld and paid.

pub mod payout;

mod lots;
pub mod sides;

pub(crate) use lots::{DebtKey, Debts, touches_debt};
pub use lots::{Lot, Owed, Payer};
