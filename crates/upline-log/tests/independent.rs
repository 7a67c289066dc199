//! The log against a reader that was written from docs/log-format.md alone: what that reader finds in the
//! bytes is what was recorded, down to every field, and where it refuses the log does too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "independent/mod.rs"] // this file has the same name
mod independent;
mod printed;
mod samples;

use independent::{Files, Ledger, decode, hex};
use printed::{body, envelope, posting};
use samples::{Dice, EVENT_TYPES, premium, premiums};
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use upline_core::event::{Batch, Event, Identity};
use upline_core::names::Code;
use upline_core::posting::Posting;
use upline_core::time::Moment;
use upline_log::{DiskLog, EventLog, event_bytes, event_from_bytes};
use upline_store::{Bank, Directory};

#[track_caller]
fn assert_same(found: &independent::Event, position: u64, event: &Event, postings: &[Posting]) {
    assert_eq!(
        (found.position, found.on, found.recorded_at, found.name),
        (position, event.on.0, event.recorded_at.0, event.body.type_name()),
    );
    assert_eq!((&found.envelope, &found.body), (&envelope(event), &body(&event.body)), "event {position}");
    let show = |p: &independent::Posting| {
        format!("{} of {} on {:?} {:?}: {}", p.kind, p.party, p.policy, (p.dated, p.due), p.cents)
    };
    let found_postings: Vec<String> = found.postings.iter().map(show).collect();
    assert_eq!(found_postings, postings.iter().map(posting).collect::<Vec<_>>(), "event {position}");
}

/// Both readers find the same in a directory; returns what the independent one found.
#[track_caller]
fn check_ledger(dir: &Path) -> Ledger {
    let found = independent::read(dir).unwrap();
    let log = DiskLog::open_to_read(dir).unwrap();
    assert_eq!((found.events.len() as u64, hex(&found.root)), (log.len(), log.root().to_string()));
    let mut events = found.events.iter();
    let mut position = 0;
    for piece in log.read(1).unwrap() {
        for (event, postings) in piece.unwrap().1.iter() {
            position += 1;
            assert_same(events.next().unwrap(), position, event, postings);
        }
    }
    assert_eq!(events.next(), None);
    found
}

fn write(dir: &Path, files: &Files) {
    fs::write(dir.join("acknowledged"), &files.acknowledged).unwrap();
    fs::write(dir.join("tail"), &files.tail).unwrap();
    fs::write(dir.join("log"), &files.log).unwrap();
}

/// A fact and as many events as it caused, so that they take several blocks which belong together.
fn caused(dice: &mut Dice, after: u64, count: u32) -> Batch {
    let mut batch = Batch::default();
    batch.push(premium(7, 100), Vec::new());
    for ordinal in 1..=count {
        let event_type = 1 + dice.below(EVENT_TYPES);
        let mut event = dice.event(event_type, Moment::parse("2026-07-02T03:04:05.678901Z").unwrap());
        event.identity = Identity::Caused { by: after + 1, ordinal };
        let postings = dice.postings(&event);
        batch.push(event, postings);
    }
    batch
}

#[test]
fn an_empty_ledger_is_read() {
    let dir = TempDir::new().unwrap();
    drop(DiskLog::create(dir.path()).unwrap());
    assert_eq!(check_ledger(dir.path()).acknowledged, 0);
}

#[test]
fn what_was_recorded_is_found() {
    for seed in 1..=4 {
        let dir = TempDir::new().unwrap();
        let mut log = DiskLog::create(dir.path()).unwrap();
        let mut dice = Dice::new(seed);
        let mut moment = -5;
        let mut append = |log: &mut DiskLog, count: u64| {
            moment += 3;
            log.append(log.len(), &dice.batch(count, Moment(moment))).unwrap();
        };
        append(&mut log, 3);
        assert_eq!(check_ledger(dir.path()).blocks, (0, 1));
        for count in 1..30 {
            append(&mut log, count % 4 + 1);
        }
        check_ledger(dir.path());
        append(&mut log, 6_000);
        // Enough small ones that those of the tail are made into full blocks more than once.
        for _ in 0..200 {
            append(&mut log, 1 + seed);
        }
        drop(log);
        let found = check_ledger(dir.path());
        assert!(found.blocks.0 > 5 && found.blocks.1 > 0, "{:?}", found.blocks);
        assert_eq!(found.acknowledged, found.events.len() as u64);
    }
}

#[test]
fn the_example_of_the_document_is_read() {
    let example = "0b01 fd6a5e3c1f30ab0c00 01086a756c792e637376 00 0201 fb36a1 fc70110100fb204e00 \
                   02 0200 0301 fbf055 fbe803";
    let digits: String = example.split_whitespace().collect();
    let bytes: Vec<u8> =
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
    let mut rest = &bytes[..];
    let event = independent::event(&mut rest, 1).unwrap();
    assert_eq!((rest, event.name), (&[][..], "premium_paid"));
    assert_eq!(event.body, "policy=70000 amount=10000 months=-");
    assert_eq!(event.envelope, "\"july.csv\" - derived 1");
    let (ours, postings) = event_from_bytes(&bytes).unwrap();
    assert_same(&event, 1, &ours, &postings);
    assert_eq!(postings.len(), 2);
}

#[test]
fn both_readers_refuse_the_same_events() {
    let mut dice = Dice::new(11);
    let (mut read, mut refused, mut longer) = (0, 0, 0);
    for n in 0..30_000 {
        let event = dice.event(1 + n % EVENT_TYPES, Moment(7));
        let mut bytes = event_bytes(&event, &dice.postings(&event)).unwrap();
        for _ in 0..dice.below(3) {
            let at = dice.below(bytes.len() as u64) as usize;
            match dice.below(4) {
                0 => bytes[at] ^= 1 << dice.below(8),
                1 => bytes[at] = [0, 1, 2, 3, 4, 250, 251, 252, 253, 254, 255][dice.below(11) as usize],
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, dice.next() as u8),
            }
            if bytes.is_empty() {
                break;
            }
        }
        let mut rest = &bytes[..];
        let found = independent::event(&mut rest, 1).and_then(|event| match rest {
            [] => Ok(event),
            _ => Err("more behind it".to_owned()),
        });
        match (found, event_from_bytes(&bytes)) {
            (Ok(found), Ok((event, postings))) => {
                assert_same(&found, 1, &event, &postings);
                read += 1;
            }
            (Err(_), Err(_)) => refused += 1,
            // The document knows no number of more bytes than it needs; ours reads one all the same.
            (Err(error), Ok(_)) if error == independent::LONGER => longer += 1,
            (found, ours) => panic!("{}\n{found:?}\n{ours:?}", hex(&bytes)),
        }
    }
    assert!(read > 8_000 && refused > 8_000 && longer < 100, "{read} {refused} {longer}");
}

/// A ledger with names, and after so many events blocks in the tail.
fn small_ledger(dir: &Path, events: u64) -> Files {
    let mut log = DiskLog::create(dir).unwrap();
    log.append(0, &premiums(1, events)).unwrap();
    for n in 0..3 {
        log.append(log.len(), &premiums(n, 2)).unwrap();
    }
    let mut directory = Directory::create(dir).unwrap();
    directory.add("carrier", "ACME", Some("\"Acme\" \\ Söhne\n🙂\u{1}".to_owned()), None);
    directory.add("producer", "P-1", Some("Ann".to_owned()), Some("123".to_owned()));
    directory.add("producer", "P-2", Some("Zebedee".to_owned()), None);
    let bank = |account: &str| Bank::parse("123456780", account, "savings").unwrap();
    for (producer, account) in [("P-1", "12-34"), ("P-2", "99")] {
        assert!(directory.set_bank(&Code::parse(producer).unwrap(), bank(account)).is_some());
    }
    assert!(directory.erase("producer", "P-2"));
    directory.save().unwrap();
    drop(log);
    Files::read(dir).unwrap()
}

#[test]
fn names_are_read() {
    let dir = TempDir::new().unwrap();
    small_ledger(dir.path(), 20);
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let mut names = check_ledger(dir.path()).names;
    names.iter_mut().for_each(|name| name.sort());
    names.sort();
    assert_eq!(
        names,
        [
            pairs(&[
                ("account", "12-34"),
                ("account_kind", "savings"),
                ("code", "P-1"),
                ("kind", "producer"),
                ("name", "Ann"),
                ("npn", "123"),
                ("routing", "123456780"),
            ]),
            pairs(&[("code", "ACME"), ("kind", "carrier"), ("name", "\"Acme\" \\ Söhne\n🙂\u{1}")]),
            pairs(&[("code", "P-2"), ("erased", "true"), ("kind", "producer")]),
        ]
    );
}

#[test]
fn every_changed_or_missing_byte_is_noticed() {
    type Pick = fn(&mut Files) -> &mut Vec<u8>;
    let files: [(&str, Pick, u64); 4] = [
        ("acknowledged", |files| &mut files.acknowledged, 20),
        ("directory.jsonl", |files| files.directory.as_mut().unwrap(), 20),
        ("tail", |files| &mut files.tail, 20),
        ("log", |files| &mut files.log, 2_500),
    ];
    for (name, file, events) in files {
        let dir = TempDir::new().unwrap();
        let sound = small_ledger(dir.path(), events);
        let ledger = decode(&sound).unwrap();
        assert_eq!((ledger.blocks.0 > 0, ledger.blocks.1 > 0), (name == "log", true));
        let length = file(&mut sound.clone()).len();
        // Every byte where it means something of its own; of the packed ones in the log some.
        for at in (0..length).filter(|at| length < 2_000 || *at < 300 || at % 499 == 0 || at + 9 > length) {
            let mut changed = sound.clone();
            file(&mut changed)[at] ^= 1 << (at % 8);
            assert!(decode(&changed).is_err(), "{name}: byte {at}");
            let mut cut = sound.clone();
            file(&mut cut).truncate(at);
            assert!(decode(&cut).is_err(), "{name}: cut at {at}");
        }
        let mut longer = sound.clone();
        file(&mut longer).extend_from_slice(b"7\n");
        // What a crash left behind the last block is no part of the ledger. Other files are all or nothing.
        let expected = (name == "tail" || name == "log").then_some(&ledger);
        assert_eq!(decode(&longer).ok().as_ref(), expected, "{name}: longer");
    }
}

/// What a write that was not acknowledged left, cut or damaged anywhere: both readers say what counts.
#[test]
fn what_a_crash_leaves_counts_for_both_the_same() {
    let dir = TempDir::new().unwrap();
    let mut log = DiskLog::create(dir.path()).unwrap();
    let mut dice = Dice::new(5);
    log.append(0, &dice.batch(700, Moment(1))).unwrap();
    let acknowledged = fs::read(dir.path().join("acknowledged")).unwrap();
    let (before, log_before) = (log.len(), fs::metadata(dir.path().join("log")).unwrap().len() as usize);
    let fact = caused(&mut dice, before, 1_500);
    log.append(before, &fact).unwrap();
    log.append(log.len(), &premiums(3, 2_500)).unwrap();
    log.append(log.len(), &premiums(4, 3)).unwrap();
    let all = log.len();
    drop(log);
    let whole = Files { acknowledged, ..Files::read(dir.path()).unwrap() };
    let mut lengths = std::collections::BTreeSet::new();
    for n in 0..90 {
        let mut files = whole.clone();
        let at = log_before + dice.below((files.log.len() - log_before) as u64) as usize;
        match n % 3 {
            0 => files.log.truncate(at),
            1 => files.log[at] ^= 1 << (n % 8),
            _ => {
                let at = dice.below(files.tail.len() as u64) as usize;
                files.tail.truncate(at.max(16));
            }
        }
        let dir = TempDir::new().unwrap();
        write(dir.path(), &files);
        match decode(&files) {
            Ok(_) => lengths.insert(check_ledger(dir.path()).events.len() as u64),
            Err(error) => {
                let ours = DiskLog::open_to_read(dir.path()).and_then(|log| log.verify(&mut |_| ()));
                assert!(ours.is_err(), "{n}: {error}");
                false
            }
        };
    }
    write(dir.path(), &whole);
    assert_eq!(check_ledger(dir.path()).events.len() as u64, all);
    assert!(lengths.len() > 2 && lengths.iter().all(|length| *length >= before), "{lengths:?}");
    let within = before + 1..before + fact.len() as u64;
    assert!(
        lengths.contains(&before) && !lengths.iter().any(|length| within.contains(length)),
        "{lengths:?}"
    );
}

/// A reader that read `acknowledged` and `tail` before a commit and `log` after it; a crash leaves the same.
#[test]
fn blocks_that_stand_in_both_files_are_read_once() {
    let dir = TempDir::new().unwrap();
    let mut log = DiskLog::create(dir.path()).unwrap();
    for n in 0..10 {
        log.append(log.len(), &premiums(n, 2)).unwrap();
    }
    let before = Files::read(dir.path()).unwrap();
    log.append(log.len(), &premiums(7, 6_000)).unwrap();
    drop(log);
    let after = Files::read(dir.path()).unwrap();
    assert_ne!(before.tail, after.tail);
    write(dir.path(), &Files { log: after.log.clone(), ..before });
    let found = check_ledger(dir.path());
    assert_eq!((found.acknowledged, found.blocks.1), (20, 0));
    assert!(found.events.len() > 1_000 && found.events.len() <= 6_020);
}

/// A ledger that an earlier build wrote is read by both for ever.
#[test]
fn the_kept_ledger_is_read() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden/ledger-1");
    assert_eq!(check_ledger(&kept).events.len(), 71);
}
