//! Proofs over a log: every event of it, every earlier log, and none that is spoiled.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod samples;

use samples::{premium, premiums};
use sha2::{Digest, Sha256};
use upline_core::event::Batch;
use upline_log::{
    EventLog, Hash, MemoryLog, Root, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion,
};

/// A log of so many events in blocks of different sizes.
fn log_of(events: u64) -> MemoryLog {
    let mut log = MemoryLog::new().unwrap();
    while log.len() < events {
        let some = premiums(log.len(), (events - log.len()).min(1 + log.len() % 5));
        log.append(log.len(), &some).unwrap();
    }
    log
}

/// The definition of RFC 6962, word by word.
fn head(leaves: &[Vec<u8>]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => Sha256::digest([&[0], leaf.as_slice()].concat()).into(),
        _ => {
            let mut split = 1;
            while split * 2 < leaves.len() {
                split *= 2;
            }
            let (left, right) = leaves.split_at(split);
            Sha256::digest([&[1], &head(left)[..], &head(right)[..]].concat()).into()
        }
    }
}

fn leaves(log: &MemoryLog) -> Vec<Vec<u8>> {
    (1..=log.len()).map(|position| log.leaf(position).unwrap()).collect()
}

fn root(leaves: &[Vec<u8>]) -> Root {
    Root(head(leaves))
}

/// What a proof becomes when something is wrong with it.
fn spoiled(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all: Vec<Vec<Hash>> = (0..proof.len())
        .map(|index| {
            let mut wrong = proof.to_vec();
            wrong[index][5] ^= 1;
            wrong
        })
        .collect();
    all.push([proof, &[[7; 32]]].concat());
    if !proof.is_empty() {
        all.push(proof[1..].to_vec());
        all.push(proof[..proof.len() - 1].to_vec());
    }
    all
}

#[test]
fn every_event_of_every_log_is_proved_and_nothing_else() {
    let whole = log_of(40);
    let leaves = leaves(&whole);
    for size in 1..=40u64 {
        let root = root(&leaves[..size as usize]);
        assert_eq!(whole.tip_at(size).unwrap().root(), root);
        for position in 1..=size {
            let proof = inclusion_proof(&whole, position, size).unwrap();
            let leaf = &leaves[position as usize - 1];
            assert!(verify_inclusion(leaf, position, size, &proof, &root), "{position} of {size}");
            for wrong in spoiled(&proof) {
                assert!(!verify_inclusion(leaf, position, size, &wrong, &root), "{position} of {size}");
            }
            assert!(!verify_inclusion(b"another", position, size, &proof, &root));
            assert!(!verify_inclusion(leaf, position % size + 1, size, &proof, &root) || size == 1);
            assert!(!verify_inclusion(leaf, 0, size, &proof, &root));
            assert!(!verify_inclusion(leaf, position, position - 1, &proof, &root));
        }
    }
}

#[test]
fn every_earlier_log_is_proved_to_be_the_beginning_of_the_later_one() {
    let whole = log_of(40);
    let leaves = leaves(&whole);
    let roots: Vec<Root> = (0..=40).map(|size| root(&leaves[..size])).collect();
    for later in 0..=40u64 {
        for earlier in 0..=later {
            let proof = consistency_proof(&whole, earlier, later).unwrap();
            let (old, new) = (&roots[earlier as usize], &roots[later as usize]);
            assert!(verify_consistency((earlier, old), (later, new), &proof), "{earlier} to {later}");
            for wrong in spoiled(&proof) {
                assert!(!verify_consistency((earlier, old), (later, new), &wrong), "{earlier} to {later}");
            }
            let another = Root([9; 32]);
            assert!(!verify_consistency((earlier, &another), (later, new), &proof));
            assert!(
                !verify_consistency((earlier, old), (later, &another), &proof) || earlier == 0 && later > 0
            );
        }
        assert!(!verify_consistency((later + 1, &roots[0]), (later, &roots[later as usize]), &[]));
    }
}

#[test]
fn a_rewritten_history_has_no_proof() {
    let (mine, mut theirs) = (log_of(30), MemoryLog::new().unwrap());
    for piece in mine.read(1).unwrap() {
        let (first, mut batch) = piece.unwrap();
        if first <= 3 && 3 < first + batch.len() as u64 {
            let mut changed = Batch::default();
            for (position, (event, postings)) in (first..).zip(batch.iter()) {
                let other = premium(3, 1);
                changed.push(if position == 3 { other } else { event.clone() }, postings.iter().copied());
            }
            batch = changed;
        }
        theirs.append(first - 1, &batch).unwrap();
    }
    let before = mine.tip_at(20).unwrap().root();
    let proof = consistency_proof(&theirs, 20, 30).unwrap();
    assert!(!verify_consistency((20, &before), (30, &theirs.root()), &proof));
    assert!(verify_consistency(
        (20, &before),
        (30, &mine.root()),
        &consistency_proof(&mine, 20, 30).unwrap()
    ));
}

/// The oracle of another project says the same.
#[test]
fn an_independent_implementation_accepts_the_proofs() {
    let log = log_of(300);
    let hashes = |proof: Vec<Hash>| proof.into_iter().map(tlog_tiles::Hash).collect::<Vec<_>>();
    for (position, size) in [(1, 1), (1, 300), (300, 300), (129, 257), (77, 200), (256, 256)] {
        let root = tlog_tiles::Hash(log.tip_at(size).unwrap().root().0);
        let leaf = tlog_tiles::record_hash(&log.leaf(position).unwrap());
        let proof = hashes(inclusion_proof(&log, position, size).unwrap());
        tlog_tiles::check_record(&proof, size, root, position - 1, leaf).unwrap();
        if position < size {
            let old = tlog_tiles::Hash(log.tip_at(position).unwrap().root().0);
            let proof = hashes(consistency_proof(&log, position, size).unwrap());
            tlog_tiles::check_tree(&proof, size, root, position, old).unwrap();
        }
    }
}
