//! Secrets: made, hashed, compared without telling how much was right.

use crate::file::AccessError;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What a password's hash costs: memory in KiB, and passes over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl Cost {
    /// As OWASP's cheat sheet on storing passwords has it: 19 MiB, two passes.
    pub const USUAL: Cost = Cost { memory_kib: 19 * 1_024, passes: 2 };

    fn argon2(self) -> Result<Argon2<'static>, AccessError> {
        let params = Params::new(self.memory_kib, self.passes, 1, None).map_err(|_| AccessError::NoHash)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// The hash of a password, with a salt of its own.
    pub(crate) fn hash(self, password: &str) -> Result<String, AccessError> {
        let salt = SaltString::encode_b64(&random::<16>()?).map_err(|_| AccessError::NoHash)?;
        let hash = self.argon2()?.hash_password(password.as_bytes(), &salt);
        Ok(hash.map_err(|_| AccessError::NoHash)?.to_string())
    }
}

/// Whether a password is the one of this hash.
pub(crate) fn is_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], AccessError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| AccessError::NoRandom)?;
    Ok(bytes)
}

/// Text that nobody can guess: 43 characters.
pub fn random_text() -> Result<String, AccessError> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// The SHA-256 of a text, in hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two texts are the same, in a time that does not depend on how far they are.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
