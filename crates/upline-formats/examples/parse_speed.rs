//! Measures how fast facts are read on one core: form, canonical text and id, as an import needs them.
//!
//! `cargo run --release -p upline-formats --example parse_speed [FILE]`; without a file a million premium
//! lines are made up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::float_arithmetic)]

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;
use upline_formats::fact::parse_json_line;
use upline_formats::source::{Format, Source};

fn premiums(lines: u32) -> String {
    let mut out = String::new();
    for i in 0..lines {
        let (policy, month, cents) = (i % 50_000, i / 50_000 % 12 + 1, i % 97);
        writeln!(
            out,
            "{{\"type\":\"premium_paid\",\"on\":\"2025-{month:02}-01\",\"carrier\":\"C{:02}\",\
             \"policy\":\"P-{policy:07}\",\"amount\":\"100.{cents:02}\"}}",
            policy % 12
        )
        .unwrap();
    }
    out
}

fn main() {
    let source = match std::env::args().nth(1) {
        Some(file) => Source::open(Path::new(&file)).unwrap(),
        None => {
            let text = premiums(1_000_000);
            let start = Instant::now();
            let parsed = text.lines().filter(|line| parse_json_line(line.as_bytes()).is_ok()).count();
            println!("form alone: {:.0} lines/s", parsed as f64 / start.elapsed().as_secs_f64());
            Source::new("memory", Format::JsonLines, Box::new(std::io::Cursor::new(text))).unwrap()
        }
    };
    let start = Instant::now();
    let (mut lines, mut refused) = (0u64, 0u64);
    for chunk in source {
        for submitted in chunk.unwrap() {
            lines += 1;
            refused += u64::from(submitted.fact.is_err());
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("with ids: {lines} lines ({refused} refused), {:.0} lines/s", lines as f64 / seconds);
}
