//! The log on a disk that fails, tears, forgets what was not synced, and fills up: nothing that was
//! acknowledged is lost, and what is found is a history that was appended.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod samples;

use samples::{Dice, premium, premiums};
use std::path::Path;
use std::sync::Arc;
use upline_core::event::{Batch, Event, Identity};
use upline_core::fact::Remarks;
use upline_core::time::Moment;
use upline_log::disk::simulated::{Fault, SimulatedDisk};
use upline_log::{DiskLog, Encoder, EventLog, LogError};

/// What a power cut leaves is drawn so often for each operation; `UPLINE_LONG` draws more.
const IMAGES: u64 = 4;
const IMAGES_LONG: u64 = 100;

fn images() -> u64 {
    if std::env::var_os("UPLINE_LONG").is_some() { IMAGES_LONG } else { IMAGES }
}

fn dir() -> &'static Path {
    Path::new("ledger")
}

/// A fact with what it caused: events that belong together.
fn group(dice: &mut Dice, caused: u32, batch: &mut Batch) {
    batch.push(premium(1, dice.below(1_000_000) as i64), []);
    for ordinal in 1..=caused {
        let mut event = premium(2, dice.below(1_000_000) as i64);
        event.identity = Identity::Caused { by: 1, ordinal };
        batch.push(event, []);
    }
}

/// A fact with what it caused, that takes full blocks and a small one: the first half is full of notes.
fn lopsided_group(dice: &mut Dice, batch: &mut Batch) {
    let mut plain = Batch::default();
    group(dice, 179, &mut plain);
    for (n, (event, _)) in plain.iter().enumerate() {
        let mut event = event.clone();
        if n < 90 {
            let note: String = (0..1_000).map(|_| char::from(b'!' + dice.below(94) as u8)).collect();
            event.remarks = Some(Box::new(Remarks { note: Some(note), ..Remarks::default() }));
        }
        batch.push(event, []);
    }
}

/// Appends as a ledger sees them: single facts, facts with consequences, whole files.
fn script() -> Vec<Batch> {
    let mut dice = Dice::new(7);
    let mut appends = Vec::new();
    for n in 0..90u64 {
        let mut batch = Batch::default();
        match n {
            70 => batch = premiums(n, 6_000),
            71 => batch = premiums(n, 100),
            75 => group(&mut dice, 9_000, &mut batch),
            80 => lopsided_group(&mut dice, &mut batch),
            _ if n % 9 == 0 => {
                for _ in 0..dice.below(100) + 1 {
                    let caused = dice.below(4) as u32;
                    group(&mut dice, caused, &mut batch);
                }
            }
            _ => group(&mut dice, (n % 3) as u32, &mut batch),
        }
        let mut timed = Batch::default();
        for (event, postings) in batch.iter() {
            timed.push(Event { recorded_at: Moment(n as i64), ..event.clone() }, postings.iter().copied());
        }
        appends.push(timed);
    }
    appends
}

/// Where each append ends.
fn ends(script: &[Batch]) -> Vec<u64> {
    let mut last = 0;
    script
        .iter()
        .map(|batch| {
            last += batch.len() as u64;
            last
        })
        .collect()
}

fn events(log: &DiskLog) -> Vec<Event> {
    let mut all = Vec::new();
    for piece in log.read(1).unwrap() {
        all.extend(piece.unwrap().1.iter().map(|(event, _)| event.clone()));
    }
    all
}

/// Plays the script from where the log stands; returns the last position that was acknowledged.
fn play(log: &mut DiskLog, script: &[Batch]) -> (u64, Option<LogError>) {
    let ends = ends(script);
    for (batch, end) in script.iter().zip(ends) {
        if end <= log.len() {
            continue;
        }
        if let Err(error) = log.append(log.len(), batch) {
            return (log.len(), Some(error));
        }
    }
    (log.len(), None)
}

/// A log that was found must hold what was acknowledged, and nothing but the beginning of the history, up to
/// the end of a fact's consequences.
fn check(log: &DiskLog, acknowledged: u64, history: &[Event], what: &str) {
    assert!(log.len() >= acknowledged, "{what}: {} of {acknowledged}", log.len());
    let found = events(log);
    assert_eq!(found.len() as u64, log.len(), "{what}");
    assert!(found == history[..found.len()], "{what}: another history");
    let next = history.get(found.len());
    assert!(next.is_none_or(|event| event.cause().is_none()), "{what}: ends within a fact's consequences");
    log.verify(&mut |_| ()).unwrap();
}

struct Whole {
    script: Vec<Batch>,
    history: Vec<Event>,
    root: String,
    operations: u64,
}

fn whole() -> Whole {
    let script = script();
    let disk = SimulatedDisk::new();
    let mut log = DiskLog::create_on(Arc::new(disk.clone()), dir()).unwrap();
    assert!(play(&mut log, &script).1.is_none());
    let history = events(&log);
    Whole { root: log.root().to_string(), operations: disk.operations(), script, history }
}

/// Appends whatever is left of the script, in pieces that follow each other, and compares the end.
fn goes_on(log: &mut DiskLog, whole: &Whole, what: &str) {
    let ends = ends(&whole.script);
    let reached = ends.iter().position(|end| *end > log.len()).unwrap_or(ends.len());
    // Within an append of many blocks a crash may leave the first of them.
    if let Some(end) = ends.get(reached) {
        let begun = (log.len() + whole.script[reached].len() as u64 - end) as usize;
        let mut rest = Batch::default();
        for (event, postings) in whole.script[reached].iter().skip(begun) {
            rest.push(event.clone(), postings.iter().copied());
        }
        log.append(log.len(), &rest).unwrap();
    }
    assert!(play(log, &whole.script).1.is_none(), "{what}");
    assert_eq!(log.root().to_string(), whole.root, "{what}");
    check(log, whole.history.len() as u64, &whole.history, what);
}

#[test]
fn a_power_cut_at_any_operation_loses_nothing_that_was_acknowledged() {
    let whole = whole();
    for operation in 1..=whole.operations {
        let disk = SimulatedDisk::new();
        disk.fail_at(operation, Fault::PowerCut);
        let created = DiskLog::create_on(Arc::new(disk.clone()), dir());
        let Ok(mut log) = created else {
            let left = disk.crashed(operation);
            match DiskLog::open_on(Arc::new(left.clone()), dir()) {
                Ok(log) => assert_eq!(log.len(), 0),
                // Nobody was told that there is a log. What is there can be created over, or says so.
                Err(LogError::Missing { .. }) => drop(DiskLog::create_on(Arc::new(left), dir()).unwrap()),
                Err(LogError::Damaged { .. }) => {}
                Err(error) => panic!("{operation}: {error}"),
            }
            continue;
        };
        let (acknowledged, error) = play(&mut log, &whole.script);
        drop(log);
        assert!(error.is_some(), "operation {operation} was never reached");
        for image in 0..images() {
            let what = format!("power cut at operation {operation}, image {image}");
            let left = disk.crashed(operation * 1_000 + image);
            let reader = DiskLog::open_to_read_on(Arc::new(left.clone()), dir());
            let reader = reader.unwrap_or_else(|error| panic!("{what}: {error}"));
            check(&reader, acknowledged, &whole.history, &what);
            let mut log = DiskLog::open_on(Arc::new(left.clone()), dir()).unwrap();
            assert_eq!(log.len(), reader.len(), "{what}: a writer finds what a reader found");
            check(&log, acknowledged, &whole.history, &what);
            if image == 0 {
                goes_on(&mut log, &whole, &what);
            }
        }
    }
}

#[test]
fn after_any_operation_that_fails_or_tears_the_log_refuses_to_write_until_it_is_opened_again() {
    let whole = whole();
    for operation in 6..=whole.operations {
        for fault in [Fault::Fails, Fault::Tears] {
            let what = format!("operation {operation} {fault:?}");
            let disk = SimulatedDisk::new();
            let mut log = DiskLog::create_on(Arc::new(disk.clone()), dir()).unwrap();
            disk.fail_at(operation, fault);
            let (acknowledged, error) = play(&mut log, &whole.script);
            if error.is_none() {
                continue; // it hit the sync of what was acknowledged, when the log was closed
            }
            assert!(matches!(error, Some(LogError::Io { .. })), "{what}");
            let refused = log.append(log.len(), &premiums(1, 1)).unwrap_err();
            assert!(matches!(refused, LogError::Poisoned { .. }), "{what}: {refused}");
            assert!(matches!(log.repack(), Err(LogError::Poisoned { .. })), "{what}");
            drop(log);
            let mut log = DiskLog::open_on(Arc::new(disk.clone()), dir()).unwrap();
            check(&log, acknowledged, &whole.history, &what);
            goes_on(&mut log, &whole, &what);
        }
    }
}

#[test]
fn a_full_disk_leaves_a_log_that_is_read_and_written_to_once_there_is_room() {
    let whole = whole();
    for step in 0..40 {
        let what = format!("step {step}");
        let disk = SimulatedDisk::new();
        let mut log = DiskLog::create_on(Arc::new(disk.clone()), dir()).unwrap();
        disk.set_room(Some(disk.bytes() + 300 + step * 5_000));
        let (acknowledged, error) = play(&mut log, &whole.script);
        let Some(error) = error else { continue };
        assert!(error.to_string().contains("no storage space"), "{error}");
        assert!(events(&log) == whole.history[..acknowledged as usize], "{what}: readable while it is full");
        drop(log);
        let reader = DiskLog::open_to_read_on(Arc::new(disk.clone()), dir()).unwrap();
        check(&reader, acknowledged, &whole.history, &what);
        disk.set_room(None);
        let mut log = DiskLog::open_on(Arc::new(disk), dir()).unwrap();
        goes_on(&mut log, &whole, &what);
    }
}

#[test]
fn a_reader_beside_a_writer_finds_whole_histories() {
    let whole = whole();
    let disk = SimulatedDisk::new();
    let mut log = DiskLog::create_on(Arc::new(disk.clone()), dir()).unwrap();
    for batch in &whole.script {
        let before = DiskLog::open_to_read_on(Arc::new(disk.clone()), dir()).unwrap();
        log.append(log.len(), batch).unwrap();
        let after = DiskLog::open_to_read_on(Arc::new(disk.clone()), dir()).unwrap();
        assert_eq!((after.len(), after.root()), (log.len(), log.root()));
        // What was opened before goes on being readable, whatever was repacked.
        assert_eq!(
            before.blocks(1).map(|block| u64::from(block.unwrap().count())).sum::<u64>(),
            before.len()
        );
    }
    assert!(matches!(DiskLog::open_on(Arc::new(disk.clone()), dir()), Err(LogError::InUse { .. })));
    let mut reader = DiskLog::open_to_read_on(Arc::new(disk), dir()).unwrap();
    assert!(matches!(reader.append(reader.len(), &premiums(1, 1)), Err(LogError::ReadOnly { .. })));
}

/// One seed, one run: what fails can be run again.
#[test]
fn the_same_seed_leaves_the_same_disk() {
    let whole = whole();
    let left = |seed| {
        let disk = SimulatedDisk::new();
        disk.fail_at(200, Fault::PowerCut);
        let mut log = DiskLog::create_on(Arc::new(disk.clone()), dir()).unwrap();
        play(&mut log, &whole.script);
        let left = disk.crashed(seed);
        left.names().iter().map(|name| left.content(name)).collect::<Vec<_>>()
    };
    assert_eq!(left(5), left(5));
}

/// The small blocks at the end were merged into several, each of which counted: on a full disk the first came into `log`,
/// ended within a block of `tail`, and hid all that came behind it, acknowledged as it was.
#[test]
fn a_full_disk_while_small_blocks_are_merged_loses_nothing() {
    let mut failed = 0;
    for room in (0..24).map(|n| n * 150) {
        let disk = SimulatedDisk::new();
        let mut log = DiskLog::create_on(Arc::new(disk.clone()), dir()).unwrap();
        let mut ends = Vec::new();
        // Alike, so that they are small as stored and large as they are read.
        for n in 0..70u64 {
            let mut batch = Batch::default();
            (0..1_800).for_each(|_| batch.push(premium(1, n as i64), []));
            disk.set_room((n > 60).then(|| disk.bytes() + room));
            match log.append(log.len(), &batch) {
                Ok(end) => ends.push((end, log.root())),
                Err(_) => break,
            }
            disk.set_room(None);
        }
        failed += u64::from(ends.len() < 70);
        drop(log);
        disk.set_room(None);
        let (end, root) = *ends.last().unwrap();
        let mut log = DiskLog::open_on(Arc::new(disk.clone()), dir()).unwrap();
        assert_eq!((log.len(), log.root()), (end, root), "room {room}");
        log.verify(&mut |_| {}).unwrap();
        log.append(end, &premiums(9, 10)).unwrap();
    }
    assert!(failed > 3, "{failed}");
}

/// A file that is imported is one transaction of many blocks: wherever the power goes, all of it is there or nothing.
#[test]
fn a_transaction_of_many_blocks_is_there_whole_or_not_at_all() {
    let append = |disk: &SimulatedDisk| -> Result<(), LogError> {
        let mut log = DiskLog::open_on(Arc::new(disk.clone()), dir())?;
        let mut encoder = Encoder::of_transaction(log.tip())?;
        encoder.push_batch(&premiums(3, 12_000))?;
        let blocks = encoder.finish()?;
        assert!(blocks.len() > 3, "{}", blocks.len());
        log.append_blocks(log.len(), blocks).map(|_| ())
    };
    let begun = || {
        let disk = SimulatedDisk::new();
        let mut log = DiskLog::create_on(Arc::new(disk.clone()), dir()).unwrap();
        log.append(0, &premiums(1, 50)).unwrap();
        drop(log);
        disk
    };
    let whole = begun();
    let before = whole.operations();
    append(&whole).unwrap();
    let (mut nothing, mut all) = (0, 0);
    for operation in before + 1..=whole.operations() {
        for fault in [Fault::Fails, Fault::Tears, Fault::PowerCut] {
            let disk = begun();
            disk.fail_at(operation, fault);
            let appended = append(&disk).is_ok();
            for seed in 0..images() {
                let left = disk.crashed(seed);
                let log = DiskLog::open_on(Arc::new(left), dir()).unwrap();
                log.verify(&mut |_| {}).unwrap();
                match log.len() {
                    50 => nothing += 1,
                    12_050 => all += 1,
                    other => panic!("{other} events after operation {operation}, {fault:?}"),
                }
                assert!(!appended || log.len() == 12_050, "operation {operation}, {fault:?}");
            }
        }
    }
    assert!(nothing > 0 && all > 0, "{nothing} {all}");
}
