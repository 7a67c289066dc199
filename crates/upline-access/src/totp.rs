//! Codes of a second factor, by time (RFC 6238): six digits, a new one every thirty seconds.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use upline_core::time::Moment;

const STEP_SECONDS: i64 = 30;

/// The step of a moment.
pub(crate) fn step(now: Moment) -> i64 {
    now.0.div_euclid(STEP_SECONDS * 1_000_000)
}

/// The code of a secret at a step; none where the secret is no secret.
pub(crate) fn code(secret: &str, step: i64) -> Option<String> {
    let key = BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).ok()?;
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let from = usize::from(hash.last()? & 0x0f);
    let four: [u8; 4] = hash.get(from..from + 4)?.try_into().ok()?;
    let number = u32::from_be_bytes(four) & 0x7fff_ffff;
    Some(format!("{:06}", number % 1_000_000))
}

/// The code of a secret at a moment.
pub fn code_at(secret: &str, now: Moment) -> Option<String> {
    code(secret, step(now))
}

/// The step of which a code is, now or one step beside: clocks differ.
pub(crate) fn step_of(secret: &str, given: &str, now: Moment) -> Option<i64> {
    let now = step(now);
    let mut found = None;
    for step in [now - 1, now, now + 1] {
        // All three are tried, whichever fits.
        if code(secret, step).is_some_and(|code| crate::secret::same(&code, given)) {
            found = Some(step);
        }
    }
    found
}

/// A new secret of 160 bits, in base 32.
pub(crate) fn secret() -> Result<String, crate::AccessError> {
    Ok(BASE32_NOPAD.encode(&crate::secret::random::<20>()?))
}

/// What an authenticator is told, mostly as a picture.
pub fn enrolment(user: &str, secret: &str) -> String {
    let name: String =
        user.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
    format!("otpauth://totp/Upline:{name}?secret={secret}&issuer=Upline")
}
