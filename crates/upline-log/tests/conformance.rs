//! What every log keeps to, whatever engine it has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod samples;

use samples::{Dice, premium, premiums};
use upline_core::event::Batch;
use upline_core::time::Moment;
use upline_log::{
    BLOCK_BYTES_MAX, Decoder, DiskLog, Encoder, EventLog, LogError, MemoryLog, Root, SledLog, Tree,
    event_bytes,
};

/// Everything in a log from a position on, as one batch, after checking that the pieces join.
fn read(log: &dyn EventLog, from: u64) -> Batch {
    let mut all = Batch::default();
    let mut next = from.max(1);
    for piece in log.read(from).unwrap() {
        let (first, batch) = piece.unwrap();
        assert_eq!(first, next);
        assert!(!batch.is_empty());
        next += batch.len() as u64;
        batch.iter().for_each(|(event, postings)| all.push(event.clone(), postings.iter().copied()));
    }
    assert_eq!(next, log.len().max(from.max(1) - 1) + 1);
    all
}

fn join(batches: &[Batch]) -> Batch {
    let mut all = Batch::default();
    for (event, postings) in batches.iter().flat_map(Batch::iter) {
        all.push(event.clone(), postings.iter().copied());
    }
    all
}

fn root_of(batch: &Batch) -> Root {
    let mut tree = Tree::default();
    batch.iter().for_each(|(event, postings)| tree.push(&event_bytes(event, postings).unwrap()));
    tree.root()
}

fn one(cents: i64) -> Batch {
    let mut batch = Batch::default();
    batch.push(premium(1, cents), []);
    batch
}

/// Runs every case, each against a new log.
fn conforms(new: &mut dyn FnMut() -> Box<dyn EventLog>) {
    an_empty_log_is_empty(&mut *new());
    what_is_appended_is_read(&mut *new());
    a_read_begins_anywhere(&mut *new());
    another_position_is_refused(&mut *new());
    time_does_not_go_back(&mut *new());
    a_large_batch_takes_several_blocks(&mut *new());
    blocks_are_encoded_ahead(&mut *new());
    blocks_of_another_history_are_refused(&mut *new(), &mut *new());
    an_event_that_fits_no_block_is_refused(&mut *new());
    a_reader_sees_the_log_as_it_was(&mut *new());
    readers_see_whole_commits_while_others_are_appended(&mut *new());
}

/// Through many commits, so that small blocks are repacked under the readers.
fn readers_see_whole_commits_while_others_are_appended(log: &mut dyn EventLog) {
    let mut seen = Vec::new();
    for cents in 1..=150 {
        log.append(log.len(), &one(cents)).unwrap();
        seen.push((log.len(), log.root(), log.reader()));
    }
    for (position, root, mut reader) in seen {
        assert_eq!((reader.len(), reader.root()), (position, root));
        assert_eq!(root_of(&read(&reader, 1)), root);
        assert_eq!(reader.reader().len(), position);
        assert!(matches!(reader.append(position, &one(1)), Err(LogError::ReadOnly { .. })));
    }
}

fn an_empty_log_is_empty(log: &mut dyn EventLog) {
    assert_eq!((log.len(), log.is_empty(), log.last_recorded_at()), (0, true, None));
    assert_eq!(log.root(), Tree::default().root());
    assert!(read(log, 0).is_empty() && read(log, 1).is_empty());
    assert_eq!(log.append(0, &Batch::default()).unwrap(), 0);
    assert_eq!(log.verify(&mut |_| ()).unwrap().events, 0);
}

fn what_is_appended_is_read(log: &mut dyn EventLog) {
    let mut dice = Dice::new(11);
    let batches: Vec<Batch> = (0..40i64).map(|n| dice.batch(1 + n as u64 % 7, Moment(n / 2))).collect();
    let mut last = 0;
    for batch in &batches {
        let after = log.append(last, batch).unwrap();
        assert_eq!(after, last + batch.len() as u64);
        last = after;
    }
    let all = join(&batches);
    assert_eq!(read(log, 0), all);
    assert_eq!((log.len(), log.last_recorded_at()), (all.len() as u64, Some(Moment(19))));
    assert_eq!(log.root(), root_of(&all));
    let mut checked = Vec::new();
    let verified = log.verify(&mut |position| checked.push(position)).unwrap();
    assert_eq!((verified.events, verified.root), (last, Some(log.root())));
    assert_eq!(checked.last(), Some(&last));
}

fn a_read_begins_anywhere(log: &mut dyn EventLog) {
    for n in 0..5 {
        log.append(log.len(), &premiums(n, 10)).unwrap();
    }
    let all = read(log, 1);
    for from in [1, 2, 10, 11, 12, 49, 50, 51, 52, 1_000] {
        let tail = read(log, from);
        assert_eq!(tail.len() as u64, 51u64.saturating_sub(from), "from {from}");
        assert_eq!(tail.last(), all.last().filter(|_| from <= 50));
    }
}

fn another_position_is_refused(log: &mut dyn EventLog) {
    log.append(0, &one(1)).unwrap();
    for (after, batch) in [(0, one(2)), (2, one(2)), (u64::MAX, Batch::default())] {
        let refused = log.append(after, &batch).unwrap_err();
        assert!(matches!(refused, LogError::WrongPosition { expected, actual: 1 } if expected == after));
    }
    assert_eq!(read(log, 1), one(1));
    assert_eq!(log.append(1, &one(2)).unwrap(), 2);
}

fn time_does_not_go_back(log: &mut dyn EventLog) {
    let at = |moment: i64| Dice::new(3).batch(2, Moment(moment));
    log.append(0, &at(100)).unwrap();
    let refused = log.append(2, &at(99)).unwrap_err();
    assert!(matches!(
        refused,
        LogError::RecordedBackwards { position: 3, recorded_at: Moment(99), last: Moment(100) }
    ));
    let within = log.append(2, &join(&[at(100), at(101), at(100)])).unwrap_err();
    assert!(matches!(within, LogError::RecordedBackwards { position: 7, .. }), "{within}");
    assert_eq!((log.len(), log.append(2, &at(100)).unwrap()), (2, 4));
}

fn a_large_batch_takes_several_blocks(log: &mut dyn EventLog) {
    let batch = join(&[premiums(1, 30_000), Dice::new(5).batch(3_000, Moment(i64::MAX))]);
    assert_eq!(log.append(0, &batch).unwrap(), 33_000);
    assert_eq!(read(log, 0), batch);
    assert_eq!(log.root(), root_of(&batch));
    let sizes: Vec<usize> = log.blocks(1).map(|block| block.unwrap().bytes().len()).collect();
    assert!(sizes.len() > 2 && sizes.iter().all(|size| *size <= BLOCK_BYTES_MAX), "{sizes:?}");
    log.verify(&mut |_| ()).unwrap();
}

fn blocks_are_encoded_ahead(log: &mut dyn EventLog) {
    log.append(0, &one(1)).unwrap();
    let tip = log.tip().clone();
    let batch = premiums(2, 20_000);
    let (blocks, ahead) = std::thread::scope(|threads| {
        let encode = || {
            let mut encoder = Encoder::after(&tip).unwrap();
            encoder.push_batch(&batch).unwrap();
            let mut blocks = encoder.take_full();
            assert!(!blocks.is_empty());
            blocks.extend(encoder.finish().unwrap());
            (blocks, encoder.tip().clone())
        };
        threads.spawn(encode).join().unwrap()
    });
    assert_eq!(log.append_blocks(1, blocks).unwrap(), 20_001);
    assert_eq!(*log.tip(), ahead);
    assert_eq!(read(log, 2), batch);
    let mut decoder = Decoder::new().unwrap();
    let decoded: Vec<Batch> = log.blocks(2).map(|block| decoder.decode(&block.unwrap()).unwrap()).collect();
    assert_eq!(join(&decoded), batch);
    log.verify(&mut |_| ()).unwrap();
}

fn blocks_of_another_history_are_refused(log: &mut dyn EventLog, other: &mut dyn EventLog) {
    log.append(0, &one(1)).unwrap();
    other.append(0, &one(2)).unwrap();
    let sealed = |tip| {
        let mut encoder = Encoder::after(tip).unwrap();
        encoder.push_batch(&one(3)).unwrap();
        encoder.finish().unwrap()
    };
    let foreign = sealed(other.tip());
    assert!(matches!(log.append_blocks(1, foreign), Err(LogError::OtherHistory { position: 1 })));
    let own = sealed(log.tip());
    let twice = [own.clone(), own.clone()].concat();
    assert!(matches!(log.append_blocks(1, twice), Err(LogError::WrongPosition { expected: 1, actual: 2 })));
    assert!(matches!(log.append_blocks(2, own.clone()), Err(LogError::WrongPosition { .. })));
    assert_eq!(log.append_blocks(1, own).unwrap(), 2);
}

fn an_event_that_fits_no_block_is_refused(log: &mut dyn EventLog) {
    let mut dice = Dice::new(9);
    let mut noise = |count: usize| -> Batch {
        let mut event = premium(1, 1);
        let text: String = (0..count).map(|_| char::from(33 + dice.below(94) as u8)).collect();
        event.remarks = Some(Box::new(upline_core::fact::Remarks { note: Some(text), ..Default::default() }));
        let mut batch = one(1);
        batch.push(event, []);
        batch
    };
    let refused = log.append(0, &noise(90_000)).unwrap_err();
    assert!(matches!(refused, LogError::EventTooLarge { .. }), "{refused}");
    assert!(matches!(log.append(0, &noise(2_000_000)), Err(LogError::EventTooLarge { .. })));
    let fits = noise(60_000);
    assert_eq!((log.len(), log.append(0, &fits).unwrap()), (0, 2));
    assert_eq!(log.append(2, &join(&[fits.clone(), fits.clone()])).unwrap(), 6);
    assert_eq!(read(log, 0), join(&[fits.clone(), fits.clone(), fits]));
}

fn a_reader_sees_the_log_as_it_was(log: &mut dyn EventLog) {
    for n in 0..3 {
        log.append(n, &one(n as i64)).unwrap();
    }
    let mut reader = log.read(1).unwrap();
    let mut seen = reader.next().unwrap().unwrap().1.len();
    // Enough small appends to make a log repack them.
    for n in 3..300 {
        log.append(n, &one(n as i64)).unwrap();
    }
    seen += reader.map(|piece| piece.unwrap().1.len()).sum::<usize>();
    assert_eq!(seen, 3);
    assert_eq!(read(log, 1).len(), 300);
}

#[test]
fn the_log_in_memory_conforms() {
    conforms(&mut || Box::new(MemoryLog::new().unwrap()));
}

#[test]
fn the_log_in_sled_conforms() {
    let dir = tempfile::tempdir().unwrap();
    let mut count = 0;
    conforms(&mut || {
        count += 1;
        Box::new(SledLog::create(&dir.path().join(count.to_string())).unwrap())
    });
}

#[test]
fn the_log_on_disk_conforms() {
    let dir = tempfile::tempdir().unwrap();
    let mut count = 0;
    conforms(&mut || {
        count += 1;
        Box::new(DiskLog::create(&dir.path().join(count.to_string())).unwrap())
    });
}
