//! The ledger attacked with its own commands and with edited files: each story, and what happens instead.
//!
//! A file for each kind of attack. Where the store is concerned, each runs on both engines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod clocks;
mod money;
mod names;

use common::Upline;

/// Runs a story on both engines.
fn on_both(story: impl Fn(Upline)) {
    story(Upline::new());
    story(Upline::in_files());
}
