//! Measures encoding, appending and decoding: `cargo run --release --example throughput -p upline-log`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::time::{Duration, Instant};
use upline_core::event::Batch;
use upline_log::{Decoder, DiskLog, Encoder, EventLog, Tip};

const EVENTS: u64 = 1_000_000;

fn tell(what: &str, took: Duration) {
    println!("{what}: {} thousand events/s", u128::from(EVENTS) * 1_000 / took.as_micros().max(1));
}

fn main() {
    let batch = samples::premiums(1, EVENTS);
    let began = Instant::now();
    let mut encoder = Encoder::after(&Tip::default()).unwrap();
    encoder.push_batch(&batch).unwrap();
    let blocks = encoder.finish().unwrap();
    tell("encode, hash and compress", began.elapsed());
    let stored: u64 = blocks.iter().map(|sealed| sealed.block().bytes().len() as u64).sum();
    println!("{} blocks, {} bytes stored per 1000 events", blocks.len(), stored * 1_000 / EVENTS);
    let largest = blocks.iter().map(|sealed| sealed.block().bytes().len()).max();
    println!("largest block {largest:?}, mean {}", stored / blocks.len() as u64);

    let (mut decoder, mut decoded) = (Decoder::new().unwrap(), Batch::default());
    let began = Instant::now();
    for sealed in &blocks {
        decoder.decode_into(sealed.block(), &mut decoded).unwrap();
    }
    tell("decode", began.elapsed());

    let dir = tempfile::tempdir().unwrap();
    let mut log = DiskLog::create(dir.path()).unwrap();
    let began = Instant::now();
    log.append_blocks(0, blocks).unwrap();
    tell("append", began.elapsed());
    drop(log);
    let began = Instant::now();
    let log = DiskLog::open(dir.path()).unwrap();
    println!("open: {:?}", began.elapsed());
    let began = Instant::now();
    let verified = log.verify(&mut |_| ()).unwrap();
    tell("verify", began.elapsed());
    println!("{} bytes per 1000 events before compression", verified.bytes * 1_000 / EVENTS);
    drop(log);

    let mut log = DiskLog::open(dir.path()).unwrap();
    let began = Instant::now();
    for n in 0..1_000 {
        log.append(EVENTS + n, &samples::premiums(n, 1)).unwrap();
    }
    println!("1000 appends of one event: {:?}", began.elapsed());
}
