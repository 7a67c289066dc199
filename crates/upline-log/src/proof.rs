//! Proofs that the log's history was not rewritten (RFC 6962, section 2.1; RFC 9162, section 2.1).
//!
//! # Shape
//! An *inclusion* proof leads from an event's bytes to the root of a tree of some size; a *consistency* proof
//! from the root of an earlier tree to that of a later one. Either is a list of hashes, at most
//! [`PROOF_HASHES_MAX`].
//!
//! # Correctness
//! No node of the tree is stored but the peaks in each block's envelope. A complete subtree that ends with
//! some leaf is the fold of the last peaks in front of that leaf with it, so each hash of a proof is had
//! from one block. The two `verify_*` functions know nothing of a log, only hashes.

use crate::error::LogError;
use crate::log::EventLog;
use crate::tree::{Hash, Root, hash_leaf, hash_node};
use upline_core::event::Position;

/// More hashes than a proof over 2^63 leaves takes.
pub const PROOF_HASHES_MAX: usize = 63;

/// That an event stands at a position of a log of so many events.
pub fn inclusion_proof(log: &dyn EventLog, position: Position, size: u64) -> Result<Vec<Hash>, LogError> {
    let in_range = (1..=size).contains(&position) && size <= log.len();
    if !in_range {
        return Err(LogError::damaged(format!("it has no event {position} of {size}"), "in its tree"));
    }
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if position <= middle {
            proof.push(subtree(log, middle, end, size)?);
            end = middle;
        } else {
            proof.push(subtree(log, start, middle, size)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// That a log of so many events begins with the events of an earlier one. Empty where that is nothing to
/// prove: from an empty log, or to itself.
pub fn consistency_proof(log: &dyn EventLog, earlier: u64, size: u64) -> Result<Vec<Hash>, LogError> {
    if earlier > size || size > log.len() {
        return Err(LogError::damaged(
            format!("{earlier} events are not the first of {size}"),
            "in its tree",
        ));
    }
    if earlier == 0 || earlier == size {
        return Ok(Vec::new());
    }
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, size);
    while end != earlier {
        let middle = start + split(end - start);
        if earlier <= middle {
            proof.push(subtree(log, middle, end, size)?);
            end = middle;
        } else {
            proof.push(subtree(log, start, middle, size)?);
            start = middle;
        }
    }
    // Where the earlier tree is one complete subtree its root is known to whoever verifies.
    if start != 0 {
        proof.push(subtree(log, start, end, size)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether a proof leads from a leaf to a root.
pub fn verify_inclusion(leaf: &[u8], position: Position, size: u64, proof: &[Hash], root: &Root) -> bool {
    if position == 0 || position > size {
        return false;
    }
    let (mut index, mut last, mut hash) = (position - 1, size - 1, hash_leaf(leaf));
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if index & 1 == 1 || index == last {
            hash = hash_node(sibling, &hash);
            while index & 1 == 0 && index != 0 {
                index >>= 1;
                last >>= 1;
            }
        } else {
            hash = hash_node(&hash, sibling);
        }
        index >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root.0
}

/// Whether a proof leads from the root of an earlier tree to that of a later one.
pub fn verify_consistency(earlier: (u64, &Root), later: (u64, &Root), proof: &[Hash]) -> bool {
    let ((old, old_root), (new, new_root)) = (earlier, later);
    if old > new {
        return false;
    }
    if old == 0 || old == new {
        let same =
            if old == 0 { *old_root == crate::tree::Tree::default().root() } else { old_root == new_root };
        return proof.is_empty() && same && (new != 0 || old_root == new_root);
    }
    let known = old.is_power_of_two().then_some(old_root.0);
    let mut hashes = known.iter().chain(proof);
    let Some(first) = hashes.next() else { return false };
    let (mut index, mut last) = (old - 1, new - 1);
    while index & 1 == 1 {
        index >>= 1;
        last >>= 1;
    }
    let (mut from, mut to) = (*first, *first);
    for sibling in hashes {
        if last == 0 {
            return false;
        }
        if index & 1 == 1 || index == last {
            from = hash_node(sibling, &from);
            to = hash_node(sibling, &to);
            while index & 1 == 0 && index != 0 {
                index >>= 1;
                last >>= 1;
            }
        } else {
            to = hash_node(&to, sibling);
        }
        index >>= 1;
        last >>= 1;
    }
    last == 0 && from == old_root.0 && to == new_root.0
}

/// The largest power of two below a number of leaves, of which there are at least two.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// The hash over the leaves from `start` to before `end`: a complete subtree, or the last of the tree.
fn subtree(log: &dyn EventLog, start: u64, end: u64, size: u64) -> Result<Hash, LogError> {
    let leaves = end - start;
    let hash = if leaves.is_power_of_two() {
        log.tip_at(end - 1)?.tree.completed_by(&log.leaf(end)?, leaves.ilog2())
    } else {
        log.tip_at(size)?.tree.root_from(start)
    };
    hash.ok_or_else(|| {
        LogError::damaged("its tree has no such node", format!("over events {start} to {end}"))
    })
}
