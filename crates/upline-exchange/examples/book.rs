//! Writes a generated book to stdout: `book POLICIES PRODUCERS SEED`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufWriter, Write};

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).map(|arg| arg.parse().expect("a number")).collect();
    let &[policies, producers, seed] = numbers.as_slice() else {
        eprintln!("book POLICIES PRODUCERS SEED");
        std::process::exit(2);
    };
    let narrow = |number: u64| u32::try_from(number).expect("a smaller number");
    let mut out = BufWriter::new(std::io::stdout().lock());
    let lines =
        upline_exchange::generate::generate(narrow(policies), narrow(producers), seed, &mut out).unwrap();
    out.flush().unwrap();
    eprintln!("{lines} lines");
}
