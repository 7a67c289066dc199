//! Proofs. Verifying never panics, whatever the sizes, hashes and leaves. Of a real log, a root is reached
//! from a leaf, or an earlier root from a later one, by the one real proof alone: whatever else is changed,
//! or put in its place, is refused.
//!
//! A proof that is read from a text is written as that text. A checkpoint that a key opens says what the
//! key signed, whatever became of the note.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;
use upline_core::event::{Batch, Event, Identity};
use upline_core::fact::Body;
use upline_core::time::{Day, Moment};
use upline_formats::checkpoint::{PublicKey, SigningKey};
use upline_formats::proof::Proof;
use upline_fuzz::{Input, sound};
use upline_log::{
    EventLog, Hash, MemoryLog, Root, Tip, consistency_proof, inclusion_proof, verify_consistency,
    verify_inclusion,
};

const EVENTS: u64 = 70;

/// The pair of keys of the documentation of Go's `sumdb/note`: nobody's secret.
const SIGNING_KEY: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PUBLIC_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    match input.u8() % 5 {
        0 => anything(&mut input),
        1 => inclusion(&mut input),
        2 => consistency(&mut input),
        3 => proof_text(input.rest()),
        _ => checkpoint_text(&mut input),
    }
});

fn anything(input: &mut Input<'_>) {
    let (one, two) = (input.u64(), input.u64());
    let (old, new) = (Root(input.array()), Root(input.array()));
    let leaf = input.piece();
    let proof: Vec<Hash> = input.rest().chunks(32).map(|chunk| Input::new(chunk).array()).collect();
    assert!(!verify_inclusion(leaf, one, two, &proof, &new) || (1..=two).contains(&one));
    assert!(!verify_consistency((one, &old), (two, &new), &proof) || one <= two);
}

/// A log of different events, with its leaves and its roots.
struct Whole {
    log: MemoryLog,
    leaves: Vec<Vec<u8>>,
    /// After so many events.
    roots: Vec<Root>,
}

fn whole() -> &'static Whole {
    static WHOLE: OnceLock<Whole> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let mut log = sound(MemoryLog::new(), "a log");
        let mut batch = Batch::default();
        for n in 0..EVENTS {
            let (on, recorded_at) = (Day(20_000 + n as i32), Moment(n as i64));
            let identity = Identity::Derived { ordinal: 1 };
            let body = Body::PeriodClosed;
            batch.push(Event { on, recorded_at, identity, origin: None, remarks: None, body }, []);
        }
        sound(log.append(0, &batch), "appending");
        let leaves = (1..=EVENTS).map(|position| sound(log.leaf(position), "a leaf")).collect();
        let root = |size| match size {
            0 => Tip::default().root(),
            size => sound(log.tip_at(size), "a tip").root(),
        };
        let roots = (0..=EVENTS).map(root).collect();
        Whole { log, leaves, roots }
    })
}

/// Changes a proof a few times.
fn changed(input: &mut Input<'_>, mut proof: Vec<Hash>) -> Vec<Hash> {
    for _ in 0..input.u8() % 4 {
        let at = input.below(proof.len() as u64 + 1) as usize;
        match (input.u8() % 6, at < proof.len()) {
            (0, true) => change(input, &mut proof[at]),
            (1, true) => drop(proof.remove(at)),
            (2, true) => proof.insert(at, proof[at]),
            (3, true) => proof.swap(at, 0),
            (4, _) => proof.truncate(at),
            _ => proof.insert(at, input.array()),
        }
    }
    proof
}

fn change(input: &mut Input<'_>, hash: &mut Hash) {
    hash[input.below(32) as usize] ^= input.u8();
}

fn inclusion(input: &mut Input<'_>) {
    let Whole { log, leaves, roots } = whole();
    let (position, size) = (1 + input.below(EVENTS), 1 + input.below(EVENTS));
    let Ok(real) = inclusion_proof(log, position, size) else {
        return assert!(position > size);
    };
    assert!(verify_inclusion(&leaves[position as usize - 1], position, size, &real, &roots[size as usize]));
    // Any position and leaf under the root of this size, with a proof that was changed.
    let other = if input.u8().is_multiple_of(2) { position } else { input.below(EVENTS + 2) };
    let leaf = if input.u8().is_multiple_of(2) { position } else { 1 + input.below(EVENTS) };
    let mut leaf = leaves[leaf as usize - 1].clone();
    if input.u8().is_multiple_of(4) {
        let at = input.below(leaf.len() as u64) as usize;
        leaf[at] ^= input.u8();
    }
    let proof = changed(input, real);
    let exact = (1..=size).contains(&other)
        && leaf == leaves[other as usize - 1]
        && proof == sound(inclusion_proof(log, other, size), "a proof");
    assert_eq!(verify_inclusion(&leaf, other, size, &proof, &roots[size as usize]), exact);
    let mut root = roots[size as usize];
    change(input, &mut root.0);
    if root != roots[size as usize] {
        assert!(!verify_inclusion(&leaf, other, size, &proof, &root));
    }
}

fn consistency(input: &mut Input<'_>) {
    let Whole { log, roots, .. } = whole();
    let (old, new) = (input.below(EVENTS + 1), input.below(EVENTS + 1));
    let Ok(real) = consistency_proof(log, old, new) else {
        return assert!(old > new);
    };
    assert!(verify_consistency((old, &roots[old as usize]), (new, &roots[new as usize]), &real));
    // Any earlier size and root under the root of this size, with a proof that was changed.
    let other = if input.u8().is_multiple_of(2) { old } else { input.below(EVENTS + 2) };
    let mut root = roots[if input.u8().is_multiple_of(2) { old } else { input.below(EVENTS + 1) } as usize];
    if input.u8().is_multiple_of(4) {
        change(input, &mut root.0);
    }
    let proof = changed(input, real);
    let exact = other <= new
        && root == roots[other as usize]
        && proof == sound(consistency_proof(log, other, new), "a proof");
    assert_eq!(verify_consistency((other, &root), (new, &roots[new as usize]), &proof), exact);
}

fn proof_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Proof::parse(text) {
        Ok(proof) => assert_eq!(proof.write(), text),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn checkpoint_text(input: &mut Input<'_>) {
    let signing = sound(SigningKey::parse(SIGNING_KEY), "a signing key");
    let public = sound(PublicKey::parse(PUBLIC_KEY), "a public key");
    let (size, root) = (input.u64(), input.array());
    let note = sound(signing.sign(size, &root), "signing");
    let signed = sound(public.open(&note), "a checkpoint");
    assert!(signed.size == size && signed.root == root && signed.origin == public.name());
    // A part of the note gives way to whatever follows.
    let mut changed = note.into_bytes();
    let from = input.below(changed.len() as u64 + 1) as usize;
    let to = from + input.below((changed.len() - from) as u64 + 1) as usize;
    changed.splice(from..to, input.rest().iter().copied());
    let Ok(changed) = String::from_utf8(changed) else { return };
    match public.open(&changed) {
        Ok(opened) => assert!(opened == signed, "{opened:?} of {changed:?}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let _ = (PublicKey::parse(&changed), SigningKey::parse(&changed));
}
