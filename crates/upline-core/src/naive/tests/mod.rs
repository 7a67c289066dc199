//! The worked examples of the rules, and what the cases that come with them say.

mod book;
mod decided;
mod examples;
mod later;
mod measured;
mod properties;
