//! The key that signs checkpoints, where the server has one.

use crate::problem::Problem;
use axum::http::StatusCode;
use std::sync::{Arc, Mutex, PoisonError};
use upline_formats::checkpoint::SigningKey;
use upline_ledger::Ledger;

/// Why nothing is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSigned {
    /// The stable code.
    pub code: &'static str,
    /// A sentence for people.
    pub why: String,
}

/// Signs with a key that remembers what it signed last.
pub trait Signs: Send {
    /// Refuses a ledger that does not continue what was signed before.
    fn check(&self, ledger: &Ledger) -> Result<(), NotSigned>;

    /// Signs the first so many events.
    fn sign(&self, ledger: &Ledger, size: u64) -> Result<String, NotSigned>;

    /// Remembers that the first so many events are signed for, and gives the key that signs.
    fn key(&self, ledger: &Ledger, size: u64) -> Result<&SigningKey, NotSigned>;
}

/// A key that requests share, one after the other.
#[derive(Clone)]
pub struct Signing(Arc<Mutex<dyn Signs>>);

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signing").finish_non_exhaustive()
    }
}

impl Signing {
    pub fn new(signs: impl Signs + 'static) -> Signing {
        Signing(Arc::new(Mutex::new(signs)))
    }

    /// The key, for what cannot be done without one.
    pub fn required(signing: Option<&Signing>) -> Result<&Signing, Problem> {
        signing.ok_or_else(|| {
            let detail = "the server has no key to sign with: start it with upline serve --key FILE";
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no_key", detail)
        })
    }

    pub fn check(&self, ledger: &Ledger) -> Result<(), Problem> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).check(ledger)?)
    }

    pub fn sign(&self, ledger: &Ledger, size: u64) -> Result<String, Problem> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).sign(ledger, size)?)
    }

    /// Runs what signs with the key itself, for the first so many events.
    pub fn with_key<T>(
        &self,
        ledger: &Ledger,
        size: u64,
        run: impl FnOnce(&SigningKey) -> T,
    ) -> Result<T, Problem> {
        let signs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(run(signs.key(ledger, size)?))
    }
}

impl From<NotSigned> for Problem {
    fn from(NotSigned { code, why }: NotSigned) -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, why)
    }
}
