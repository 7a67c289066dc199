//! What everything above is said in: names and numbers for carriers, producers and policies, money and rates, days
//! and positions, words, and how something is refused. Nothing here knows what a fact is.

pub mod as_of;
pub mod money;
pub mod names;
pub mod rate;
pub mod refusal;
pub mod time;
mod words;

pub(crate) use words::words;
