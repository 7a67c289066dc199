//! What a log on disk keeps to beyond what every log does: opening, refusing, repacking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod samples;

use samples::{premium, premiums};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use upline_core::event::Batch;
use upline_log::disk::simulated::SimulatedDisk;
use upline_log::{DiskLog, EventLog, LogError, SMALL_BLOCKS_MAX};

fn one(cents: i64) -> Batch {
    let mut batch = Batch::default();
    batch.push(premium(1, cents), []);
    batch
}

fn all(log: &DiskLog) -> Vec<Batch> {
    log.read(1).unwrap().map(|piece| piece.unwrap().1).collect()
}

fn events(log: &DiskLog) -> Vec<upline_core::event::Event> {
    all(log)
        .iter()
        .flat_map(|batch| batch.iter().map(|(event, _)| event.clone()).collect::<Vec<_>>())
        .collect()
}

#[test]
fn a_log_opens_where_it_was_left() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = DiskLog::create(dir.path()).unwrap();
    log.append(0, &premiums(1, 5_000)).unwrap();
    log.append(5_000, &one(7)).unwrap();
    let (tip, before) = (log.tip().clone(), all(&log));
    drop(log);
    let mut log = DiskLog::open(dir.path()).unwrap();
    assert_eq!((log.tip(), &all(&log)), (&tip, &before));
    assert_eq!(log.append(5_001, &one(8)).unwrap(), 5_002);
    log.verify(&mut |_| ()).unwrap();
}

#[test]
fn one_opens_it_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let log = DiskLog::create(dir.path()).unwrap();
    assert!(matches!(DiskLog::open(dir.path()), Err(LogError::InUse { .. })));
    assert!(matches!(DiskLog::create(dir.path()), Err(LogError::InUse { .. })));
    drop(log);
    assert!(matches!(DiskLog::create(dir.path()), Err(LogError::Exists { .. })));
    DiskLog::open(dir.path()).unwrap();
}

#[test]
fn a_log_that_lost_its_file_is_not_created_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = DiskLog::create(dir.path()).unwrap();
    log.append(0, &one(1)).unwrap();
    drop(log);
    fs::remove_file(dir.path().join("log")).unwrap();
    let tail = fs::read(dir.path().join("tail")).unwrap();
    assert!(matches!(DiskLog::create(dir.path()), Err(LogError::Damaged { .. })));
    assert!(matches!(DiskLog::open(dir.path()), Err(LogError::Damaged { .. })));
    assert_eq!(fs::read(dir.path().join("tail")).unwrap(), tail);
}

#[test]
fn opening_never_creates() {
    let dir = tempfile::tempdir().unwrap();
    let (none, empty) = (dir.path().join("none"), dir.path());
    for missing in [none.as_path(), empty] {
        let error = DiskLog::open(missing).err().unwrap();
        assert!(matches!(error, LogError::Missing { .. }));
        assert_eq!(
            error.to_string().split(": ").last().unwrap(),
            "check the path, or create a log there first"
        );
    }
    assert!(!none.exists() && fs::read_dir(empty).unwrap().next().is_none());
}

#[test]
fn small_blocks_become_full_ones_and_nothing_else_changes() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = DiskLog::create(dir.path()).unwrap();
    log.append(0, &premiums(1, 20_000)).unwrap();
    let full = log.blocks(1).count();
    for n in 0..50 {
        log.append(log.len(), &premiums(n, 3)).unwrap();
    }
    let (tip, before) = (log.tip().clone(), events(&log));
    assert_eq!(log.blocks(1).count(), full + 50);
    log.repack().unwrap();
    assert!(log.blocks(1).count() <= full + 1);
    assert_eq!((log.tip(), &events(&log)), (&tip, &before));
    log.verify(&mut |_| ()).unwrap();
    drop(log);
    let mut log = DiskLog::open(dir.path()).unwrap();
    assert_eq!((log.tip(), &events(&log)), (&tip, &before));
    log.append(tip.position(), &one(1)).unwrap();
    log.verify(&mut |_| ()).unwrap();
}

#[test]
fn appending_repacks_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = DiskLog::create(dir.path()).unwrap();
    for n in 0..300 {
        log.append(n, &one(n as i64)).unwrap();
    }
    assert!(log.blocks(1).count() <= SMALL_BLOCKS_MAX + 1);
    log.verify(&mut |_| ()).unwrap();
}

#[test]
fn small_blocks_do_not_stay_behind_a_full_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = DiskLog::create(dir.path()).unwrap();
    for n in 0..20 {
        log.append(n, &one(n as i64)).unwrap();
    }
    log.append(20, &premiums(1, 10_000)).unwrap();
    assert_eq!(log.blocks(1).next().unwrap().unwrap().count(), 20);
    log.verify(&mut |_| ()).unwrap();
}

#[test]
fn what_was_acknowledged_is_not_to_be_tampered_with() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = DiskLog::create(dir.path()).unwrap();
    log.append(0, &premiums(1, 10)).unwrap();
    drop(log);
    let path = dir.path().join("acknowledged");
    let sound = fs::read_to_string(&path).unwrap();
    for wrong in [sound.replacen("10 ", "11 ", 1), String::new(), "x".repeat(95)] {
        fs::write(&path, wrong).unwrap();
        assert!(matches!(DiskLog::open(dir.path()), Err(LogError::Damaged { .. })));
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(DiskLog::open(dir.path()), Err(LogError::Damaged { .. })));
    fs::write(&path, sound).unwrap();
    assert_eq!(DiskLog::open(dir.path()).unwrap().len(), 10);
}

/// Of a small ledger every byte is flipped in `damaged.rs` of the ledger; here of a full block.
#[test]
fn every_byte_of_a_full_block_is_checked() {
    let disk = SimulatedDisk::new();
    let dir = Path::new("ledger");
    let mut log = DiskLog::create_on(Arc::new(disk.clone()), dir).unwrap();
    log.append(0, &premiums(1, 3_000)).unwrap();
    log.append(3_000, &one(1)).unwrap();
    let sound = disk.content(&dir.join("log")).unwrap();
    assert!(sound.len() > 32_768, "the block is full: {}", sound.len());
    for at in 0..sound.len() {
        let mut flipped = sound.clone();
        flipped[at] ^= 1 << (at % 8);
        disk.put(&dir.join("log"), flipped);
        let verified =
            DiskLog::open_to_read_on(Arc::new(disk.clone()), dir).and_then(|log| log.verify(&mut |_| ()));
        assert!(verified.is_err(), "byte {at} was flipped and not noticed");
    }
    disk.put(&dir.join("log"), sound);
    assert_eq!(DiskLog::open_to_read_on(Arc::new(disk), dir).unwrap().len(), 3_001);
}

/// Fuzzing found the way there: what follows the last position of all has none.
#[test]
fn a_frame_at_the_last_position_of_all_is_none() {
    let disk = SimulatedDisk::new();
    let dir = Path::new("ledger");
    drop(DiskLog::create_on(Arc::new(disk.clone()), dir).unwrap());
    let mut frame = [&[0xff; 16][..], &10u32.to_le_bytes()].concat();
    frame.extend(crc32fast::hash(&frame).to_le_bytes());
    frame.extend([0; 10]);
    let begin = disk.content(&dir.join("log")).unwrap();
    disk.put(&dir.join("log"), [&begin[..], &frame, &frame].concat());
    let log = DiskLog::open_to_read_on(Arc::new(disk.clone()), dir).unwrap();
    assert_eq!((log.len(), log.unfinished_bytes()), (0, 2 * frame.len() as u64));
    assert_eq!(DiskLog::open_on(Arc::new(disk), dir).unwrap().append(0, &one(1)).unwrap(), 1);
}
