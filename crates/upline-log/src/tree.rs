//! The Merkle tree over the events' bytes (RFC 6962, section 2.1; SHA-256).
//!
//! # Shape
//! Only the peaks are kept: the roots of the complete subtrees, the largest and oldest first, one for every
//! bit that is set in the number of leaves. A leaf is hashed behind a byte 0x00, an inner node behind 0x01.
//!
//! # Correctness
//! The peaks and the number of leaves are all that is needed to add leaves and to say the root. They do not
//! depend on how the leaves were grouped.

use sha2::{Digest, Sha256};
use std::fmt;

pub const HASH_BYTES: usize = 32;

/// A SHA-256.
pub type Hash = [u8; HASH_BYTES];

/// The head of the tree: whoever knows it can tell that no event before it was changed, added or removed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Root(pub [u8; 32]);

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The tree so far, without its leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    leaves: u64,
    peaks: Vec<Hash>,
}

impl Tree {
    /// A tree of these peaks. `None` when they are not as many as the leaves need.
    pub(crate) fn of_peaks(leaves: u64, peaks: Vec<Hash>) -> Option<Tree> {
        (peaks.len() == leaves.count_ones() as usize).then_some(Tree { leaves, peaks })
    }

    /// The roots of the complete subtrees, the largest first.
    pub(crate) fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// The root of the complete subtree of this height that ends with a leaf which would come next. `None`
    /// when none ends there.
    pub(crate) fn completed_by(&self, leaf: &[u8], height: u32) -> Option<Hash> {
        if self.leaves.trailing_ones() < height {
            return None;
        }
        let lefts = self.peaks.iter().rev().take(height as usize);
        Some(lefts.fold(hash_leaf(leaf), |right, left| hash_node(left, &right)))
    }

    /// The hash over the leaves from one on that begins a peak to the last.
    pub(crate) fn root_from(&self, start: u64) -> Option<Hash> {
        let mut before = 0;
        let mut skipped = 0;
        for bit in (0..u64::BITS).rev().map(|bit| 1u64 << bit).filter(|bit| self.leaves & bit != 0) {
            if before >= start {
                break;
            }
            before += bit;
            skipped += 1;
        }
        let mut peaks = self.peaks.get(skipped..).filter(|_| before == start)?.iter().rev();
        let last = peaks.next()?;
        Some(peaks.fold(*last, |right, left| hash_node(left, &right)))
    }

    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// Adds an event's bytes.
    pub fn push(&mut self, leaf: &[u8]) {
        let mut peak = hash_leaf(leaf);
        // Two subtrees of a size make one of the next: as often as the count ends in ones.
        for _ in 0..self.leaves.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                peak = hash_node(&left, &peak);
            }
        }
        self.peaks.push(peak);
        self.leaves += 1;
    }

    /// The head of the tree; of an empty one the hash of nothing.
    pub fn root(&self) -> Root {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Root(Sha256::digest([]).into()) };
        Root(peaks.fold(*last, |right, left| hash_node(left, &right)))
    }
}

pub(crate) fn hash_leaf(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

/// The hash of an inner node.
pub(crate) fn hash_node(left: &Hash, right: &Hash) -> Hash {
    // In one piece, which is faster than three updates.
    let mut node = [1; 1 + 2 * HASH_BYTES];
    let (_, hashes) = node.split_at_mut(1);
    let (first, second) = hashes.split_at_mut(HASH_BYTES);
    first.copy_from_slice(left);
    second.copy_from_slice(right);
    Sha256::digest(node).into()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn the_root_is_that_of_the_definition() {
        let leaves: Vec<Vec<u8>> = (0u8..=130).map(|n| vec![n; usize::from(n)]).collect();
        let mut tree = Tree::default();
        for count in 0..leaves.len() {
            assert_eq!(tree.root().0, head(&leaves[..count]), "{count} leaves");
            assert_eq!(tree.peaks().len(), count.count_ones() as usize);
            tree.push(&leaves[count]);
        }
    }

    #[test]
    fn the_root_is_that_of_the_published_test_vectors() {
        // Of the Certificate Transparency reference tests.
        let leaves: [&[u8]; 3] = [&[], &[0x00], &[0x10]];
        let mut tree = Tree::default();
        let mut roots = vec![tree.root().to_string()];
        for leaf in leaves {
            tree.push(leaf);
            roots.push(tree.root().to_string());
        }
        assert_eq!(
            roots,
            [
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            ]
        );
    }
}
