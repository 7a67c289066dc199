//! Writes the seeds of the targets whose inputs nobody writes by hand: `cargo run --example seeds`, in fuzz/.
//! They are those of today's format; what runs found stays beside them.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use upline_core::event::{Batch, Event};
use upline_core::posting::Posting;
use upline_formats::proof::Proof;
use upline_fuzz::push_piece;
use upline_fuzz::sealing::{Envelope, pack, packed};
use upline_log::disk::simulated::SimulatedDisk;
use upline_log::{DiskLog, Encoder, EventLog, Tip, event_bytes};
use upline_store::Directory;
use upline_testing::{Recorded, full_books, shuffled};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

const DIR: &str = "ledger";

fn main() -> io::Result<()> {
    let recorded = book();
    let events: Vec<(&Event, &[Posting])> = recorded.batch.iter().collect();
    blocks(&one_of_each(&events))?;
    ledgers(&events)?;
    proofs()?;
    differential()
}

fn write(target: &str, name: &str, content: &[u8]) -> io::Result<()> {
    assert!(content.len() < 4096, "{target}/{name} has {} bytes", content.len());
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    fs::create_dir_all(&dir)?;
    fs::write(dir.join(name), content)
}

/// A book of many types of events.
fn book() -> Recorded {
    let mut runner = TestRunner::deterministic();
    let books = full_books().prop_flat_map(shuffled);
    let draw = |_| {
        let (book, order) = books.new_tree(&mut runner).unwrap().current();
        Recorded::of_full(&book.setup, &order)
    };
    (0..50)
        .map(draw)
        .max_by_key(|recorded| one_of_each(&recorded.batch.iter().collect::<Vec<_>>()).len())
        .unwrap()
}

/// The event of each type with the most bytes.
fn one_of_each<'e>(events: &[(&'e Event, &'e [Posting])]) -> Vec<(&'e Event, &'e [Posting])> {
    let mut each: Vec<(&Event, &[Posting])> = events.to_vec();
    each.sort_by_key(|(event, postings)| {
        (event.body.type_name(), std::cmp::Reverse(event_bytes(event, postings).unwrap().len()))
    });
    each.dedup_by_key(|(event, _)| event.body.type_name());
    each.sort_by_key(|(event, _)| event.recorded_at);
    each
}

fn blocks(events: &[(&Event, &[Posting])]) -> io::Result<()> {
    let mut encoder = Encoder::after(&Tip::default()).unwrap();
    let (mut pieces, mut bytes) = (Vec::new(), Vec::new());
    for (event, postings) in events {
        encoder.push(event, postings).unwrap();
        bytes.push(event_bytes(event, postings).unwrap());
        push_piece(&mut pieces, bytes.last().unwrap());
    }
    let block = encoder.finish().unwrap().remove(0).into_block_bytes();
    let kind = |kind: u8, rest: &[u8]| [&[kind], rest].concat();
    let at = |kind: u8, rest: &[u8]| [&[kind], &1u64.to_le_bytes()[..], rest].concat();
    let largest = bytes.iter().max_by_key(|bytes| bytes.len()).unwrap();
    write("blocks", "event-largest", &kind(0, largest))?;
    write("blocks", "event-smallest", &kind(0, bytes.iter().min_by_key(|bytes| bytes.len()).unwrap()))?;
    write("blocks", "block", &at(1, &block))?;
    write("blocks", "block-to-be-sealed", &at(2, &block))?;
    write("blocks", "events-of-each-type-as-they-are", &at(3, &pieces))?;
    write("blocks", "events-of-each-type-packed", &at(4, &pieces))?;
    write("blocks", "events-of-each-type-into-a-log", &kind(6, &pieces))?;
    // A closed period, recorded at 0: a number of one byte that takes three.
    write("blocks", "found-number-longer-than-it-needs", &[0, 25, 1, 251, 0, 0, 0, 0, 2, 1, 0, 0])?;
    let raw = bytes.concat();
    let mut anything = [&[5], &1u64.to_le_bytes()[..], &(events.len() as u16).to_le_bytes()].concat();
    anything.extend_from_slice(&(raw.len() as u32).to_le_bytes());
    anything.extend_from_slice(&events.last().unwrap().0.recorded_at.0.to_le_bytes());
    anything.extend_from_slice(&zstd::bulk::compress(&raw, 1).unwrap());
    write("blocks", "anything-packed", &anything)
}

trait BlockBytes {
    fn into_block_bytes(self) -> Vec<u8>;
}

impl BlockBytes for upline_log::Sealed {
    fn into_block_bytes(self) -> Vec<u8> {
        self.block().bytes().to_vec()
    }
}

fn batch(events: &[(&Event, &[Posting])]) -> Batch {
    let mut batch = Batch::default();
    events.iter().for_each(|(event, postings)| batch.push((*event).clone(), postings.iter().copied()));
    batch
}

/// The files of a ledger, in the order of `sealing::NAMES`.
fn files(disk: &SimulatedDisk) -> [Vec<u8>; 4] {
    ["log", "tail", "acknowledged", "directory.jsonl"]
        .map(|name| disk.content(&Path::new(DIR).join(name)).unwrap_or_default())
}

fn ledgers(events: &[(&Event, &[Posting])]) -> io::Result<()> {
    // What a fact caused stays in one append with it.
    let starts: Vec<usize> = (0..events.len()).filter(|at| events[*at].0.cause().is_none()).collect();
    let upto = |count: usize| starts.iter().copied().rfind(|at| *at <= count).unwrap();
    let new = || {
        let disk = SimulatedDisk::new();
        let mut directory = Directory::create_on(Arc::new(disk.clone()), Path::new(DIR)).unwrap();
        directory.add("producer", "A", Some("Ana \"Nita\" Ruiz".to_owned()), Some("123".to_owned()));
        directory.add("carrier", "C1", Some("Ashford Life".to_owned()), None);
        directory.erase("producer", "A");
        directory.save().unwrap();
        let log = DiskLog::create_on(Arc::new(disk.clone()), Path::new(DIR)).unwrap();
        (disk, log)
    };
    let packed_as = |flags: u8, [log, tail, acknowledged, directory]: &[Vec<u8>; 4]| {
        let ends = if flags == 0 { 0 } else { packed::AS_IT_ENDS };
        pack(&[(flags, log), (1 | flags, tail), (2 | flags | ends, acknowledged), (3, directory)])
    };
    let (disk, log) = new();
    drop(log);
    write("ledger", "empty", &packed_as(0, &files(&disk)))?;

    // Some small blocks in the tail.
    let (disk, mut log) = new();
    let cuts = [0, upto(9), upto(14), upto(20)];
    for cut in cuts.windows(2) {
        log.append(cut[0] as u64, &batch(&events[cut[0]..cut[1]])).unwrap();
    }
    drop(log);
    let small = files(&disk);
    write("ledger", "tail-of-three-blocks", &packed_as(0, &small))?;
    write("ledger", "tail-of-three-blocks-to-be-sealed", &packed_as(packed::SEALED, &small))?;

    // The same blocks, brought into the log and still in the tail, as a crash leaves them.
    let [_, tail, acknowledged, directory] = &small;
    let in_log = [b"UPLINE  LOG  01\n", &tail[16..]].concat();
    let only_log = [in_log.clone(), tail[..16].to_vec(), acknowledged.clone(), directory.clone()];
    write("ledger", "log-of-three-blocks", &packed_as(0, &only_log))?;
    write("ledger", "log-of-three-blocks-to-be-sealed", &packed_as(packed::SEALED, &only_log))?;
    let both = [in_log.clone(), tail.clone(), acknowledged.clone(), directory.clone()];
    write("ledger", "blocks-in-both-files", &packed_as(0, &both))?;
    // Half of a write behind what was acknowledged.
    let half = [
        small[0].clone(),
        [tail.as_slice(), &tail[16..100]].concat(),
        acknowledged.clone(),
        directory.clone(),
    ];
    write("ledger", "half-a-write", &packed_as(0, &half))?;
    // A block at the last position of all, and a frame behind it.
    let end = [&b"UPLINE  LOG  01\n"[..], &block_at(u64::MAX, events[0]), &frame_of(1, 1, &[0])].concat();
    let end = [end, tail[..16].to_vec(), acknowledged.clone(), directory.clone()];
    write("ledger", "the-last-position-of-all", &packed_as(packed::SEALED, &end))?;
    let short =
        [small[0].clone(), tail[..tail.len() - 100].to_vec(), acknowledged.clone(), directory.clone()];
    write("ledger", "shorter-than-acknowledged", &packed_as(0, &short))
}

/// A block of one event behind its frame; the checksums are for `sealing` to make.
fn block_at(position: u64, (event, postings): (&Event, &[Posting])) -> Vec<u8> {
    let payload = event_bytes(event, postings).unwrap();
    let (raw_bytes, recorded_at) = (payload.len() as u32, event.recorded_at.0);
    let envelope = Envelope { first: position, count: 1, codec: 0, raw_bytes, recorded_at };
    frame_of(position, position, &envelope.around(&payload))
}

fn frame_of(first: u64, last: u64, block: &[u8]) -> Vec<u8> {
    let bytes = block.len() as u32;
    [&first.to_le_bytes()[..], &last.to_le_bytes(), &bytes.to_le_bytes(), &[0; 4], block].concat()
}

fn proofs() -> io::Result<()> {
    let mut anything = vec![0; 1];
    anything.extend_from_slice(&[3, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]);
    anything.extend((0..200u8).map(|n| n.wrapping_mul(37)));
    write("proofs", "anything", &anything)?;
    anything[1..17].fill(0xff);
    write("proofs", "anything-of-the-largest-sizes", &anything)?;
    write("proofs", "inclusion", &[1, 10, 0, 50, 0, 0, 0, 1, 0, 0, 0, 0])?;
    write("proofs", "inclusion-changed", &[1, 10, 0, 50, 0, 0, 0, 1, 2, 1, 0, 0, 5, 0, 1, 3, 0, 1, 9])?;
    let checkpoint =
        "example.com/log\n7\nLwPMWyZye0hIwhxQbNcgwWN9lAsd/T8rDtIMDALG8l4=\n\n— example.com/log Zm9v\n";
    let (hashes, checkpoint) = ([[1; 32], [2; 32]].to_vec(), checkpoint.to_owned());
    let event = Proof::Event { leaf: b"hello".to_vec(), position: 5, hashes, checkpoint: checkpoint.clone() };
    write("proofs", "text-of-an-event", &[&[3], event.write().as_bytes()].concat())?;
    let since = Proof::Since { earlier: 3, hashes: vec![[9; 32]], checkpoint };
    write("proofs", "text-since", &[&[3], since.write().as_bytes()].concat())?;
    let changed = [&[4][..], &7u64.to_le_bytes(), &[5; 32], &[13, 0, 1, 0], b"8"].concat();
    write("proofs", "checkpoint-changed", &changed)?;
    write("proofs", "consistency", &[2, 20, 0, 50, 0, 0, 0, 1, 0])?;
    write("proofs", "consistency-changed", &[2, 32, 0, 50, 0, 1, 33, 0, 1, 32, 0, 1, 2, 2, 0, 0, 5, 0, 1])
}

fn differential() -> io::Result<()> {
    let mut state = 1u64;
    let mut noise = |bytes: usize| -> Vec<u8> {
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        };
        (0..bytes).map(|_| next()).collect()
    };
    for (kind, name) in (0u8..).zip(["policies", "every-fact", "closed-periods", "order-free"]) {
        let mut points = |seed: u8| [vec![kind], noise(12), vec![seed; 8]].concat();
        write("differential", name, &points(7))?;
        let mut changed = points(9);
        for n in 0u8..60 {
            // Changes of every kind, behind some what they need more than a place.
            changed.push(n);
            changed.extend(noise(if n % 6 < 4 { 4 } else { 8 }));
        }
        write("differential", &format!("{name}-changed"), &changed)?;
    }
    Ok(())
}
