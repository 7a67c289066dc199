//! Proofs as files, to be carried to a machine that has no ledger.
//!
//! # Shape
//! Of an event: a C2SP tlog-proof (c2sp.org/tlog-proof@v1), with the event's bytes as its extra data. Of an
//! earlier checkpoint: the body of C2SP's add-checkpoint request (c2sp.org/tlog-witness): `old SIZE`. Both are
//! hashes in base64, an empty line, and the signed checkpoint that they lead to.
//!
//! # Correctness
//! Reading one says nothing yet: its checkpoint's signature and its hashes are still to be verified.

use crate::checkpoint::{CHECKPOINT_BYTES_MAX, HashBytes, NotOne, decimal, hash};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// The first line of a proof of an event.
const INCLUSION: &str = "c2sp.org/tlog-proof@v1";

/// The most hashes that a proof may hold.
pub const HASHES_MAX: usize = 63;

/// The longest proof that is read, in bytes: the largest event in base64, the hashes and a checkpoint.
pub const PROOF_BYTES_MAX: usize = 2 * 1024 * 1024 + CHECKPOINT_BYTES_MAX;

/// A proof as it is written to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// That an event is in the log.
    Event {
        /// The event's bytes.
        leaf: Vec<u8>,
        /// Where it stands, from 1.
        position: u64,
        /// From the leaf's sibling to the root's child.
        hashes: Vec<HashBytes>,
        /// The signed checkpoint that it leads to, as text.
        checkpoint: String,
    },
    /// That the log of an earlier checkpoint is the beginning of this one.
    Since {
        /// How many events the earlier one had.
        earlier: u64,
        /// As RFC 6962 orders them.
        hashes: Vec<HashBytes>,
        /// The signed checkpoint of the later log, as text.
        checkpoint: String,
    },
}

impl Proof {
    /// The signed checkpoint that it leads to, as text.
    pub fn checkpoint(&self) -> &str {
        match self {
            Proof::Event { checkpoint, .. } | Proof::Since { checkpoint, .. } => checkpoint,
        }
    }

    /// The text of its file.
    pub fn write(&self) -> String {
        let (mut text, hashes, checkpoint) = match self {
            Proof::Event { leaf, position, hashes, checkpoint } => {
                let index = position.saturating_sub(1);
                (format!("{INCLUSION}\nextra {}\nindex {index}\n", BASE64.encode(leaf)), hashes, checkpoint)
            }
            Proof::Since { earlier, hashes, checkpoint } => (format!("old {earlier}\n"), hashes, checkpoint),
        };
        for hash in hashes {
            text.push_str(&BASE64.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(checkpoint);
        text
    }

    /// The proof of a file's text.
    pub fn parse(text: &str) -> Result<Proof, NotOne> {
        if text.len() > PROOF_BYTES_MAX {
            return Err(NotOne("this is longer than any proof"));
        }
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or(NotOne("this is no proof: it has no empty line"))?;
        let (checkpoint, mut lines) = (checkpoint.to_owned(), head.split('\n'));
        let first = lines.next().unwrap_or_default();
        if first == INCLUSION {
            let extra = lines.next().and_then(|line| line.strip_prefix("extra "));
            let leaf = extra.and_then(|extra| BASE64.decode(extra).ok());
            let leaf = leaf.ok_or(NotOne("the proof does not bring the event's bytes (line 2, extra)"))?;
            let index = lines.next().and_then(|line| decimal(line.strip_prefix("index ")?));
            let position = index.and_then(|index| index.checked_add(1));
            let position =
                position.ok_or(NotOne("the proof does not say where the event stands (line 3, index)"))?;
            return Ok(Proof::Event { leaf, position, hashes: hashes(lines)?, checkpoint });
        }
        let earlier = first.strip_prefix("old ").and_then(decimal);
        let earlier = earlier
            .ok_or(NotOne("this is no proof: its first line is neither of those that one begins with"))?;
        Ok(Proof::Since { earlier, hashes: hashes(lines)?, checkpoint })
    }
}

fn hashes<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<HashBytes>, NotOne> {
    let hashes = lines.map(hash).take(HASHES_MAX + 1).collect::<Option<Vec<_>>>();
    let hashes = hashes.ok_or(NotOne("a line of the proof is no hash"))?;
    if hashes.len() > HASHES_MAX {
        return Err(NotOne("the proof has more hashes than any"));
    }
    Ok(hashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKPOINT: &str =
        "example.com/log\n7\nLwPMWyZye0hIwhxQbNcgwWN9lAsd/T8rDtIMDALG8l4=\n\n— example.com/log Zm9v\n";

    #[test]
    fn a_proof_comes_back_as_it_was_written() {
        let checkpoint = CHECKPOINT.to_owned();
        let event =
            Proof::Event { leaf: b"hello".to_vec(), position: 5, hashes: vec![[1; 32], [2; 32]], checkpoint };
        let text = event.write();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra aGVsbG8=\nindex 4\nAQEBAQ"), "{text}");
        assert_eq!(Proof::parse(&text).unwrap(), event);
        for (earlier, hashes) in [(0, vec![]), (3, vec![[9; 32]])] {
            let since = Proof::Since { earlier, hashes, checkpoint: CHECKPOINT.to_owned() };
            assert_eq!(Proof::parse(&since.write()).unwrap(), since);
        }
    }

    #[test]
    fn rubbish_is_no_proof() {
        let many = format!(
            "old 3\n{}\n{CHECKPOINT}",
            format!("{}\n", BASE64.encode([1; 32])).repeat(HASHES_MAX + 1)
        );
        let long = "x".repeat(PROOF_BYTES_MAX + 1);
        for text in [
            "",
            "\n\n",
            "old 03\n\nx",
            "old -1\n\nx",
            "old 3\nnot base64\n\nx",
            "c2sp.org/tlog-proof@v1\n\nx",
            "c2sp.org/tlog-proof@v1\nextra aGVsbG8=\nindex 18446744073709551615\n\nx",
            &many,
            &long,
        ] {
            assert!(Proof::parse(text).is_err(), "{}", &text[..text.len().min(60)]);
        }
    }
}
