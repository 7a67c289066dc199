//! Bytes as the files of a ledger's directory, packed as `sealing::pack` does, on a disk in memory. Opening
//! never panics: it opens or says why. To read and to append it opens the same, and reading changes no
//! file. What opens either verifies or says what is damaged. What verifies gives proofs that hold, takes an
//! event, and opens again with it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use upline_core::event::{Batch, Event, Identity};
use upline_core::fact::Body;
use upline_core::time::{Day, Moment};
use upline_fuzz::sealing::{NAMES, unpack};
use upline_fuzz::{fails, sound};
use upline_log::disk::simulated::SimulatedDisk;
use upline_log::{
    DiskLog, EventLog, LogError, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion,
};
use upline_store::Directory;

const DIR: &str = "ledger";

fuzz_target!(|bytes: &[u8]| {
    let files = unpack(bytes);
    let disk = || {
        let disk = SimulatedDisk::new();
        for (name, content) in NAMES.iter().zip(&files) {
            content.iter().for_each(|content| disk.put(&Path::new(DIR).join(name), content.clone()));
        }
        disk
    };
    check_directory(disk());
    let (to_read, to_append) = (disk(), disk());
    let before = contents(&to_read);
    let read = DiskLog::open_to_read_on(Arc::new(to_read.clone()), Path::new(DIR));
    let verified = match &read {
        Ok(log) => check_opened(log),
        Err(error) => {
            check_error(error);
            false
        }
    };
    assert!(contents(&to_read) == before, "reading changed a file");
    match (read, DiskLog::open_on(Arc::new(to_append.clone()), Path::new(DIR))) {
        (Ok(read), Ok(log)) => {
            assert!(read.tip() == log.tip() && log.unfinished_bytes() == 0);
            assert_eq!(check_opened(&log), verified);
            check_appending(log, &to_append, verified);
        }
        (Err(read), Err(append)) => assert_eq!(read.to_string(), append.to_string()),
        (read, append) => fails(format!("{read:?} to read, {append:?} to append")),
    }
});

fn contents(disk: &SimulatedDisk) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    disk.names().into_iter().map(|name| (name.clone(), disk.content(&name))).collect()
}

/// An error says what is wrong with the files.
fn check_error(error: &LogError) {
    let of_the_files =
        matches!(error, LogError::Damaged { .. } | LogError::NewerFormat { .. } | LogError::Missing { .. });
    assert!(of_the_files && !error.to_string().is_empty(), "{error:?}");
}

/// The directory of names opens and is written as what opens as the same, or is damaged.
fn check_directory(disk: SimulatedDisk) {
    let disk = Arc::new(disk);
    match Directory::open_on(disk.clone(), Path::new(DIR)) {
        Ok(directory) => {
            sound(directory.save(), "writing the directory of names");
            let again = sound(Directory::open_on(disk, Path::new(DIR)), "the directory of names again");
            assert!(again.entries().eq(directory.entries()));
            assert_eq!(again.content(), directory.content());
        }
        Err(error) => check_error(&error),
    }
}

/// Looks everywhere into a log that opened; says whether it verifies.
fn check_opened(log: &DiskLog) -> bool {
    let (size, root) = (log.len(), log.root());
    for error in sound(log.read(1), "reading").filter_map(Result::err) {
        check_error(&error);
    }
    let positions = [0, 1, 2, size / 2, size.saturating_sub(1), size, size.saturating_add(1), u64::MAX];
    for position in positions {
        log.tip_at(position).err().iter().for_each(check_error);
        log.leaf(position).err().iter().for_each(check_error);
        inclusion_proof(log, position, size).err().iter().for_each(check_error);
        consistency_proof(log, position, size).err().iter().for_each(check_error);
    }
    let verified = match log.verify(&mut |_| ()) {
        Ok(verified) => verified,
        Err(error) => {
            check_error(&error);
            return false;
        }
    };
    assert!(verified.events == size && verified.root.is_none_or(|verified| verified == root));
    for position in positions.into_iter().filter(|position| (1..=size).contains(position)) {
        let leaf = sound(log.leaf(position), "a leaf of a log that verifies");
        let proof = sound(inclusion_proof(log, position, size), "a proof of a log that verifies");
        assert!(verify_inclusion(&leaf, position, size, &proof, &root));
        let earlier = sound(log.tip_at(position), "a tip of a log that verifies").root();
        let proof = sound(consistency_proof(log, position, size), "a proof of a log that verifies");
        assert!(verify_consistency((position, &earlier), (size, &root), &proof));
    }
    true
}

/// Appends an event, repacks and opens again.
fn check_appending(mut log: DiskLog, disk: &SimulatedDisk, verified: bool) {
    let (size, recorded_at) = (log.len(), log.last_recorded_at().unwrap_or(Moment(0)));
    let (on, identity, body) = (Day(20_000), Identity::Derived { ordinal: 1 }, Body::PeriodClosed);
    let mut one = Batch::default();
    one.push(Event { on, recorded_at, identity, origin: None, remarks: None, body }, []);
    // Of a log that is damaged an error may come at any time, and nothing else.
    let done = log.append(size, &one).and_then(|_| log.repack());
    if let Err(error) = done {
        return assert!(!verified && !error.to_string().is_empty(), "{error:?}");
    }
    let tip = log.tip().clone();
    drop(log);
    let again = DiskLog::open_on(Arc::new(disk.clone()), Path::new(DIR));
    if verified {
        let again = sound(again, "opening again");
        assert!(again.tip() == &tip && tip.position() == size + 1);
        sound(again.verify(&mut |_| ()), "verifying what was appended");
    }
}
