//! Where somebody goes on who must not know where in the log that is.
//!
//! **Correctness.** A mark is a position, encrypted with a key of this ledger for one asker: the keystream follows from
//! a code of authentication over asker and position (the SIV construction), so that equal marks are equal positions, a
//! mark tells nothing else, and one that was not made here for this asker is none. The key is kept beside the ledger,
//! for its owner alone; without it marks are no longer known, and whoever has one begins anew.

use crate::kept;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::io;
use std::path::Path;

/// The name of the file with the key.
const KEY_FILE: &str = "resume.key";

/// Makes and reads marks.
pub struct Marks {
    key: [u8; 32],
}

impl Marks {
    /// With the key of a ledger, which is made where there is none.
    pub fn open(dir: &Path) -> io::Result<Marks> {
        let key = match kept::read(&dir.join(KEY_FILE))? {
            Some(key) => {
                key.try_into().map_err(|_| io::Error::other("the key of marks is damaged: remove it"))?
            }
            None => {
                let key = kept::random()?;
                kept::write(dir, KEY_FILE, &key)?;
                key
            }
        };
        Ok(Marks { key })
    }

    /// The mark of a position, for one asker.
    pub fn mark(&self, asker: &str, position: u64) -> String {
        let code = self.code(asker, position);
        format!("{code:016x}{:016x}", position ^ self.stream(code))
    }

    /// The position of a mark that was made for this asker.
    pub fn position(&self, asker: &str, mark: &str) -> Option<u64> {
        let hexadecimal = mark.len() == 32 && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (code, hidden) = mark.split_at_checked(16).filter(|_| hexadecimal)?;
        let (code, hidden) = (u64::from_str_radix(code, 16).ok()?, u64::from_str_radix(hidden, 16).ok()?);
        let position = hidden ^ self.stream(code);
        (self.code(asker, position) == code).then_some(position)
    }

    fn code(&self, asker: &str, position: u64) -> u64 {
        self.first(&[b"mark", &position.to_be_bytes(), asker.as_bytes()])
    }

    fn stream(&self, code: u64) -> u64 {
        self.first(&[b"hide", &code.to_be_bytes()])
    }

    /// The first bytes of a code over these parts, of which only the last is of any length.
    fn first(&self, parts: &[&[u8]]) -> u64 {
        // A key of any length will do.
        let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(&self.key) else { return 0 };
        parts.iter().for_each(|part| hmac.update(part));
        hmac.finalize().into_bytes().iter().take(8).fold(0, |all, byte| all << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_of_one_asker_and_one_ledger_and_outlives_the_server() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let marks = Marks::open(dir.path()).unwrap();
        for position in [1, 2, 70_000, u64::MAX] {
            let mark = marks.mark("ann", position);
            assert_eq!(Marks::open(dir.path()).unwrap().position("ann", &mark), Some(position));
            assert_eq!(marks.position("bob", &mark), None);
            assert_eq!(Marks::open(other.path()).unwrap().position("ann", &mark), None);
            assert_eq!(marks.position("ann", &format!("{position}")), None);
        }
        // Nothing shows that two stand side by side.
        let (one, next) = (marks.mark("ann", 1), marks.mark("ann", 2));
        assert!(one.bytes().zip(next.bytes()).filter(|(one, next)| one == next).count() < 16);
    }
}
