//! Benchmarks of the parts that recording, replaying and asking are made of: `cargo bench -p upline-bench`.
//!
//! Each is of a small generated book, in elements a second, and takes some seconds.

#[allow(dead_code)] // a part of it is for whole books
#[path = "../src/facts.rs"]
mod facts;

/// What of the benchmark program's module its facts need.
mod measure {
    pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
}

use criterion::{BatchSize, Criterion, Throughput};
use facts::Facts;
use measure::Result;
use std::hint::black_box;
use std::time::Duration;
use upline_core::as_of::AsOf;
use upline_core::book::{Book, Effects};
use upline_core::event::{Batch, Event, Identity, Position};
use upline_core::fact::{Body, Fact};
use upline_core::posting::Posting;
use upline_core::reference_data::ReferenceData;
use upline_core::time::{Day, Moment};
use upline_formats::fact::parse_json_line;
use upline_formats::generate::generate;
use upline_ledger::{Ledger, SystemClock};
use upline_log::{Block, Decoder, DiskLog, Encoder, EventLog, OpenOptions, Tip, open_log_to_read};
use upline_views::balance::{Balances, By};
use upline_views::{Projection, Seen};

/// The book: some ten thousand facts.
const POLICIES: u32 = 300;
const PRODUCERS: u32 = 60;

/// Facts of a benchmark that takes many at once.
const FACTS: usize = 1_000;

fn main() -> Result<()> {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut text = Vec::new();
    generate(POLICIES, PRODUCERS, 1, &mut text)?;
    let text = String::from_utf8(text)?;
    let dir = tempfile::tempdir()?;
    let mut ledger = Ledger::create(&dir.path().join("ledger"), Box::new(SystemClock))?;
    Facts::of_text(text.clone())?.import(&mut ledger, usize::MAX)?;
    drop(ledger);
    let log = open_log_to_read(&dir.path().join("ledger"), &OpenOptions::default())?;
    let blocks = log.blocks(1).collect::<std::result::Result<Vec<Block>, _>>()?;

    parse(&mut criterion, &text);
    decide(&mut criterion, &text)?;
    encode_and_decode(&mut criterion, &blocks)?;
    append(&mut criterion, &blocks)?;
    fold(&mut criterion, &blocks)?;
    criterion.final_summary();
    Ok(())
}

/// A line of JSON becomes a fact.
fn parse(criterion: &mut Criterion, text: &str) {
    let lines: Vec<&str> = text.lines().rev().take(FACTS).collect();
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Elements(lines.len() as u64));
    group.bench_function("JSON line", |bencher| {
        bencher.iter(|| lines.iter().filter(|line| parse_json_line(line.as_bytes()).is_ok()).count());
    });
    group.finish();
}

/// A book admits a premium and records it, with everything that follows.
fn decide(criterion: &mut Criterion, text: &str) -> Result<()> {
    let facts = text.lines().map(|line| parse_json_line(line.as_bytes()));
    let facts = facts.collect::<std::result::Result<Vec<Fact>, _>>()?;
    let (before, after) = facts.split_at(facts.len().saturating_sub(2 * FACTS));
    let mut book = Book::default();
    record(&mut book, before)?;
    let premiums = after.iter().filter(|fact| matches!(fact.body, Body::PremiumPaid(_)));
    let premiums: Vec<Fact> = premiums.filter(|fact| book.admit(fact).is_ok()).take(FACTS).cloned().collect();
    let mut group = criterion.benchmark_group("decide");
    group.throughput(Throughput::Elements(premiums.len() as u64));
    group.bench_function("premium", |bencher| {
        let recorded = |mut book: Book| record(&mut book, &premiums).map(|batch| (book, batch));
        bencher.iter_batched(|| book.clone(), recorded, BatchSize::LargeInput);
    });
    group.finish();
    Ok(())
}

fn record(book: &mut Book, facts: &[Fact]) -> Result<Batch> {
    let (mut effects, mut batch) = (Effects::default(), Batch::default());
    for fact in facts {
        let (on, identity) = (fact.on, Identity::Derived { ordinal: 1 });
        let body = book.admit(fact)?;
        let event = Event { on, recorded_at: Moment(1), identity, origin: None, remarks: None, body };
        book.record(event, &mut effects, &mut batch)?;
    }
    Ok(batch)
}

/// Events are encoded, hashed into the tree and compressed; and a block becomes events again.
fn encode_and_decode(criterion: &mut Criterion, blocks: &[Block]) -> Result<()> {
    let block = blocks.iter().max_by_key(|block| block.count()).ok_or("no block")?;
    let batch = block.decode()?;
    let mut group = criterion.benchmark_group("block");
    group.throughput(Throughput::Elements(batch.len() as u64));
    group.bench_function("encode, hash, compress", |bencher| {
        bencher.iter(|| {
            let mut encoder = Encoder::after(&Tip::default())?;
            encoder.push_batch(&batch)?;
            encoder.finish()
        });
    });
    let (mut decoder, mut decoded) = (Decoder::new()?, Batch::default());
    group.bench_function("decode", |bencher| bencher.iter(|| decoder.decode_into(block, &mut decoded)));
    group.finish();
    Ok(())
}

/// Events are appended to a log in files, and synced.
fn append(criterion: &mut Criterion, blocks: &[Block]) -> Result<()> {
    let batch = blocks.first().ok_or("no block")?.decode()?;
    let premium = |(event, _): &(&Event, &[Posting])| matches!(event.body, Body::PremiumPaid(_));
    let premiums: Vec<(&Event, &[Posting])> = batch.iter().filter(premium).take(FACTS).collect();
    let mut group = criterion.benchmark_group("append, sync");
    for count in [1, premiums.len()] {
        let dir = tempfile::tempdir()?;
        let mut log = DiskLog::create(dir.path())?;
        let mut batch = Batch::default();
        for (event, postings) in premiums.iter().take(count) {
            // All at one time: a log takes no time that goes back.
            batch.push(Event { recorded_at: Moment(1), ..(*event).clone() }, postings.iter().copied());
        }
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("{count} a commit"), |bencher| {
            bencher.iter(|| log.append(log.len(), &batch));
        });
    }
    group.finish();
    Ok(())
}

/// Events are added up into balances.
fn fold(criterion: &mut Criterion, blocks: &[Block]) -> Result<()> {
    let mut reference = ReferenceData::default();
    let mut events = Vec::new();
    for block in blocks {
        let batch = block.decode()?;
        for (position, (event, _)) in (block.first()..).zip(batch.iter()) {
            reference.absorb(position, event.on, &event.body)?;
        }
        events.push((block.first(), batch));
    }
    let count: usize = events.iter().map(|(_, batch)| batch.len()).sum();
    let everything = AsOf { effective: Day(i32::MAX), known: Position::MAX };
    let mut group = criterion.benchmark_group("fold");
    group.throughput(Throughput::Elements(count as u64));
    group.bench_function("balances", |bencher| {
        bencher.iter(|| {
            let mut balances = Balances::new(everything, By::Producer);
            for (first, batch) in &events {
                for (position, (event, postings)) in (*first..).zip(batch.iter()) {
                    balances.apply(&Seen { reference: &reference, position, event, policy: None, postings });
                }
            }
            black_box(balances)
        });
    });
    group.finish();
    Ok(())
}
