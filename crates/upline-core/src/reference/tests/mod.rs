//! The worked examples of the rules, and what the cases that come with them say.

mod book;
mod examples;
mod measured;
mod properties;
