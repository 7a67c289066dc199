//! Checkpoints: how long a log is and what its tree's root is, signed, so that it cannot be denied later.
//!
//! # Shape
//! A checkpoint is a signed note as C2SP describes it (c2sp.org/tlog-checkpoint, c2sp.org/signed-note): the
//! log's name, its size in events and its root, and an Ed25519 signature by a key of that name. Keys are
//! written as Go's `sumdb/note` writes them: `NAME+ID+BASE64`, a signing key behind `PRIVATE+KEY+`.
//!
//! # Correctness
//! A checkpoint is only ever had from a note whose signature was verified. A signing key is never shown.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rand_core::OsRng;
use signed_note::{Note, Signer as _, StandardSigner, StandardVerifier, Verifier as _, VerifierList};
use std::fmt;

/// The longest checkpoint that is read, in bytes: room for a hundred signatures of witnesses.
pub const CHECKPOINT_BYTES_MAX: usize = 64 * 1024;

/// The longest key that is read, in bytes.
pub const KEY_BYTES_MAX: usize = 1024;

/// The bytes of a SHA-256.
pub type HashBytes = [u8; 32];

/// Why a key or a checkpoint is none, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotOne(pub &'static str);

/// How long a log is and what its root is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log, which is that of its key.
    pub origin: String,
    /// How many events it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: HashBytes,
}

/// A key that signs checkpoints.
pub struct SigningKey(StandardSigner);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, hidden)", self.0.name())
    }
}

/// A key that checkpoints are verified with.
#[derive(Clone)]
pub struct PublicKey(StandardVerifier);

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}+{:08x})", self.0.name(), self.0.key_id())
    }
}

/// A new pair of keys of this name, as text: the signing key and the public one.
pub fn generate_keys(name: &str) -> Result<(String, String), NotOne> {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && c != '+';
    if name.is_empty() || name.len() > KEY_BYTES_MAX / 2 || !name.chars().all(plain) {
        return Err(NotOne(
            "the name of a log is not empty and holds no space, no + and no control character",
        ));
    }
    Ok(signed_note::generate_key(&mut OsRng, name))
}

impl SigningKey {
    /// The key of its text.
    pub fn parse(text: &str) -> Result<SigningKey, NotOne> {
        let sound =
            (text.len() <= KEY_BYTES_MAX).then(|| StandardSigner::new(text.trim_end()).ok()).flatten();
        sound.map(SigningKey).ok_or(NotOne("this is no signing key: upline key makes one"))
    }

    /// The name of the log that it signs for.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// A signed checkpoint of the log that this key is for.
    pub fn sign(&self, size: u64, root: &HashBytes) -> Result<String, NotOne> {
        let text = format!("{}\n{size}\n{}\n", self.name(), BASE64.encode(root));
        let unsigned = || NotOne("the checkpoint cannot be signed");
        let mut note = Note::new(text.as_bytes(), &[]).map_err(|_| unsigned())?;
        note.add_sigs(&[&self.0]).map_err(|_| unsigned())?;
        String::from_utf8(note.to_bytes()).map_err(|_| unsigned())
    }
}

impl PublicKey {
    /// The key of its text.
    pub fn parse(text: &str) -> Result<PublicKey, NotOne> {
        let text = text.trim_end();
        let sound = (text.len() <= KEY_BYTES_MAX).then(|| StandardVerifier::new(text).ok()).flatten();
        sound
            .map(PublicKey)
            .ok_or(NotOne("this is no public key: it is one line, as NAME+0123abcd+BASE64, in the .pub file"))
    }

    /// The name of the log whose checkpoints it verifies.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The checkpoint of a note that this key signed. Signatures of others are passed over.
    pub fn open(&self, note: &str) -> Result<Checkpoint, NotOne> {
        if note.len() > CHECKPOINT_BYTES_MAX {
            return Err(NotOne("this is longer than any checkpoint"));
        }
        let parsed = Note::from_bytes(note.as_bytes()).map_err(|_| NotOne("this is no signed checkpoint"))?;
        let known = VerifierList::new(vec![Box::new(self.0.clone())]);
        parsed
            .verify(&known)
            .map_err(|_| NotOne("the checkpoint is not signed by this key, or was changed"))?;
        let checkpoint = std::str::from_utf8(parsed.text()).ok().and_then(parse);
        let checkpoint = checkpoint.ok_or(NotOne("what was signed is no checkpoint"))?;
        if checkpoint.origin != self.name() {
            return Err(NotOne("the checkpoint is of another log than the key"));
        }
        Ok(checkpoint)
    }
}

/// Name, size and root; lines behind them are extensions, which may be anything but empty.
fn parse(text: &str) -> Option<Checkpoint> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
    if origin.is_empty() || lines.any(str::is_empty) {
        return None;
    }
    Some(Checkpoint { origin: origin.to_owned(), size: decimal(size)?, root: hash(root)? })
}

/// A number as it is written shortest.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}

/// A hash in base64.
pub(crate) fn hash(text: &str) -> Option<HashBytes> {
    BASE64.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of seed 32 × 07; what other implementations make of it too.
    const SIGNING: &str =
        "PRIVATE+KEY+example.com/upline/ledger+8ec3b142+AQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
    const PUBLIC: &str = "example.com/upline/ledger+8ec3b142+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
    const NOTE: &str = "example.com/upline/ledger
7
LwPMWyZye0hIwhxQbNcgwWN9lAsd/T8rDtIMDALG8l4=

— example.com/upline/ledger jsOxQgXO4WaCbpYw+n41OugJ1WhzckiT/hYGK3OKckekliVWxMKEP5PGORXEoEOFnlrONUpb/OhqKZEFFoyfH4Bk3Qg=
";

    #[test]
    fn a_checkpoint_is_written_and_read_as_others_do() {
        let root = hash("LwPMWyZye0hIwhxQbNcgwWN9lAsd/T8rDtIMDALG8l4=").unwrap();
        assert_eq!(SigningKey::parse(SIGNING).unwrap().sign(7, &root).unwrap(), NOTE);
        let checkpoint = PublicKey::parse(PUBLIC).unwrap().open(NOTE).unwrap();
        assert_eq!(
            (checkpoint.origin.as_str(), checkpoint.size, checkpoint.root),
            ("example.com/upline/ledger", 7, root)
        );
    }

    #[test]
    fn a_changed_checkpoint_is_refused_whatever_the_byte() {
        let key = PublicKey::parse(PUBLIC).unwrap();
        for at in 0..NOTE.len() {
            for bit in 0..8 {
                let mut changed = NOTE.as_bytes().to_vec();
                changed[at] ^= 1 << bit;
                if let Ok(changed) = String::from_utf8(changed) {
                    assert!(key.open(&changed).is_err(), "byte {at}, bit {bit}");
                }
            }
        }
        for end in (0..NOTE.len()).filter(|end| NOTE.is_char_boundary(*end)) {
            assert!(key.open(&NOTE[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn signatures_of_witnesses_are_passed_over() {
        let witnessed = format!("{NOTE}— witness.example Zm9vYmFyYmF6\n");
        assert_eq!(PublicKey::parse(PUBLIC).unwrap().open(&witnessed).unwrap().size, 7);
    }

    #[test]
    fn another_log_s_key_or_checkpoint_is_refused() {
        let (signing, public) = generate_keys("example.com/other").unwrap();
        let other = SigningKey::parse(&signing).unwrap();
        let note = other.sign(7, &[1; 32]).unwrap();
        assert!(PublicKey::parse(PUBLIC).unwrap().open(&note).is_err());
        assert!(PublicKey::parse(&public).unwrap().open(NOTE).is_err());
        assert_eq!(PublicKey::parse(&public).unwrap().open(&note).unwrap().size, 7);
    }

    #[test]
    fn keys_are_never_shown_and_rubbish_is_none() {
        let key = SigningKey::parse(SIGNING).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(example.com/upline/ledger, hidden)");
        for text in ["", "PRIVATE+KEY+", PUBLIC, &SIGNING[..60], &"x".repeat(KEY_BYTES_MAX + 1)] {
            assert!(SigningKey::parse(text).is_err(), "{text}");
        }
        for text in ["", "a+b+c", SIGNING, &PUBLIC[..40]] {
            assert!(PublicKey::parse(text).is_err(), "{text}");
        }
        for name in ["", "two words", "a+b", "line\nline"] {
            assert!(generate_keys(name).is_err(), "{name}");
        }
    }
}
