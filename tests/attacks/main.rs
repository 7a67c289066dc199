//! The ledger attacked with its own commands and with edited files: each story, and what happens instead.
//!
//! A file for each kind of attack. Where the store is concerned, each runs on both engines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod clocks;
mod files;
mod memory;
mod money;
mod names;
mod salvage;
mod screens;
mod transactions;
mod witness;

use common::{Done, Upline};
use std::process::{Command, Stdio};

/// Runs a story on both engines.
fn on_both(story: impl Fn(Upline)) {
    story(Upline::new());
    story(Upline::in_files());
}

/// Runs a command under a limit of the shell, as `-v 524288` for its memory in KiB.
fn limited(upline: &Upline, limit: &str, args: &[&str]) -> Done {
    let script = format!("ulimit {limit}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_upline")]).args(args);
    command.current_dir(upline.path("")).env_remove("UPLINE_LEDGER").env_remove("UPLINE_LOG");
    Done::of(command.stdin(Stdio::null()).output().unwrap())
}
