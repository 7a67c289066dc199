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
use ed25519_dalek::{Signature, VerifyingKey};
use rand_core::OsRng;
use sha2::{Digest, Sha256};
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
pub struct SigningKey(StandardSigner, VerifyingKey);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, hidden)", self.0.name())
    }
}

/// A key that checkpoints are verified with.
#[derive(Clone)]
pub struct PublicKey(StandardVerifier, String);

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
        let text = text.trim_end();
        let sound = || {
            let signer = (text.len() <= KEY_BYTES_MAX).then(|| StandardSigner::new(text).ok()).flatten()?;
            // Its last part: the type of the key, and its seed. No other part holds a `+` but the base64 of this one.
            let seed = BASE64.decode(text.splitn(5, '+').last()?).ok()?;
            let seed = <[u8; 32]>::try_from(seed.get(1..)?).ok()?;
            Some(SigningKey(signer, ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key()))
        };
        sound().ok_or(NotOne("this is no signing key: upline key makes one"))
    }

    /// The name of the log that it signs for.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The public key of its signatures.
    pub fn public(&self) -> Result<PublicKey, NotOne> {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.1.as_bytes());
        PublicKey::parse(&format!("{}+{:08x}+{}", self.name(), self.0.key_id(), BASE64.encode(key)))
    }

    /// A text that this key signs, with the signature.
    pub fn sign_text(&self, text: &str) -> Result<String, NotOne> {
        let unsigned = || NotOne("the text cannot be signed");
        let mut note = Note::new(text.as_bytes(), &[]).map_err(|_| unsigned())?;
        note.add_sigs(&[&self.0]).map_err(|_| unsigned())?;
        String::from_utf8(note.to_bytes()).map_err(|_| unsigned())
    }

    /// A signed checkpoint of the log that this key is for.
    pub fn sign(&self, size: u64, root: &HashBytes) -> Result<String, NotOne> {
        let text = format!("{}\n{size}\n{}\n", self.name(), BASE64.encode(root));
        self.sign_text(&text).map_err(|_| NotOne("the checkpoint cannot be signed"))
    }
}

impl PublicKey {
    /// The key of its text.
    pub fn parse(text: &str) -> Result<PublicKey, NotOne> {
        let text = text.trim_end();
        let sound = (text.len() <= KEY_BYTES_MAX).then(|| StandardVerifier::new(text).ok()).flatten();
        sound
            .map(|verifier| PublicKey(verifier, text.to_owned()))
            .ok_or(NotOne("this is no public key: it is one line, as NAME+0123abcd+BASE64, in the .pub file"))
    }

    /// Its text, as it is handed out.
    pub fn text(&self) -> String {
        self.1.clone()
    }

    /// The name of the log whose checkpoints it verifies.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The text of a note that this key signed.
    pub fn open_text(&self, note: &str) -> Result<String, NotOne> {
        let parsed = Note::from_bytes(note.as_bytes()).map_err(|_| NotOne("this is no signed text"))?;
        let known = VerifierList::new(vec![Box::new(self.0.clone())]);
        parsed.verify(&known).map_err(|_| NotOne("it is not signed by this key, or was changed"))?;
        String::from_utf8(parsed.text().to_vec()).map_err(|_| NotOne("what was signed is no text"))
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

/// The notes of a text that holds several, one after the other, each with its signatures.
pub fn notes(text: &str) -> Vec<String> {
    let (mut notes, mut note, mut signed) = (Vec::new(), String::new(), false);
    for line in text.lines() {
        let signature = line.starts_with(SIGNATURE);
        if signed && !signature {
            notes.push(std::mem::take(&mut note));
            signed = false;
            if line.is_empty() {
                continue; // what stands between two of them
            }
        }
        signed |= signature;
        note.push_str(line);
        note.push('\n');
    }
    if !note.is_empty() {
        notes.push(note);
    }
    notes
}

/// A key that a witness cosigns checkpoints with (c2sp.org/tlog-cosignature).
pub struct WitnessKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl WitnessKey {
    /// The key of its text: `NAME+ID+BASE64`, of the type of cosignatures.
    pub fn parse(text: &str) -> Result<WitnessKey, NotOne> {
        let none = || {
            NotOne("this is no key of a witness: it is one line, as NAME+0123abcd+BASE64, for cosignatures")
        };
        let mut parts = text.trim_end().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(none());
        };
        let bytes = BASE64.decode(key).map_err(|_| none())?;
        let (kind, key) = bytes.split_first().ok_or_else(none)?;
        let key = <[u8; 32]>::try_from(key).ok().filter(|_| *kind == COSIGNATURE).ok_or_else(none)?;
        let hash = Sha256::new().chain_update(name).chain_update(b"\n").chain_update(&bytes).finalize();
        let own: [u8; 4] = hash.get(..4).and_then(|id| id.try_into().ok()).ok_or_else(none)?;
        let hex: String = own.iter().map(|byte| format!("{byte:02x}")).collect();
        if hex != id {
            return Err(none());
        }
        Ok(WitnessKey {
            name: name.to_owned(),
            id: own,
            key: VerifyingKey::from_bytes(&key).map_err(|_| none())?,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When the witness cosigned a note, in seconds since 1970; `None` where no cosignature of it holds.
    pub fn cosigned(&self, note: &str) -> Option<u64> {
        let (text, signatures) = note.rsplit_once("\n\n")?;
        signatures.lines().find_map(|line| {
            let (name, signature) = line.strip_prefix(SIGNATURE)?.rsplit_once(' ')?;
            let bytes = BASE64.decode(signature).ok().filter(|_| name == self.name)?;
            let (id, rest) = bytes.split_first_chunk::<4>()?;
            let (time, signature) = rest.split_first_chunk::<8>()?;
            let (time, signature) = (u64::from_be_bytes(*time), Signature::from_slice(signature).ok()?);
            let message = format!("cosignature/v1\ntime {time}\n{text}\n");
            let holds = *id == self.id && self.key.verify_strict(message.as_bytes(), &signature).is_ok();
            holds.then_some(time)
        })
    }
}

/// What a line with a signature begins with.
const SIGNATURE: &str = "\u{2014} ";

/// The type of a key for signatures.
const ED25519: u8 = 1;

/// The type of a key for cosignatures.
const COSIGNATURE: u8 = 4;

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
