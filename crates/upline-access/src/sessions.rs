//! Who is logged in: in memory, and over when the server ends.

use crate::access::Access;
use crate::file::AccessError;
use crate::identity::Identity;
use crate::secret::{random, random_text, same, sha256};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::collections::BTreeMap;
use upline_core::time::Moment;

/// A session ends when nothing was asked for so long, in microseconds: half an hour.
const IDLE_US_MAX: i64 = 30 * 60 * 1_000_000;

/// And after so long whatever happens: twelve hours.
const LIFE_US_MAX: i64 = 12 * 3_600 * 1_000_000;

/// Sessions at once; the one that was idle longest ends for another.
const SESSIONS_MAX: usize = 10_000;

/// Who is logged in. Of the id, which a browser sends, only the hash is kept.
pub struct Sessions {
    of: BTreeMap<String, Session>,
    key: [u8; 32],
}

#[derive(Clone, Debug)]
struct Session {
    user: String,
    second_factor: bool,
    began: Moment,
    seen: Moment,
}

impl Sessions {
    /// Nobody is logged in.
    pub fn new() -> Result<Sessions, AccessError> {
        Ok(Sessions { of: BTreeMap::new(), key: random()? })
    }

    /// Begins a session; gives its id.
    pub fn begin(&mut self, identity: &Identity, now: Moment) -> Result<String, AccessError> {
        if self.of.len() >= SESSIONS_MAX {
            let oldest = self.of.iter().min_by_key(|(_, session)| session.seen).map(|(id, _)| id.clone());
            oldest.and_then(|oldest| self.of.remove(&oldest));
        }
        let id = random_text()?;
        let (user, second_factor) = (identity.user.clone(), identity.second_factor);
        self.of.insert(sha256(&id), Session { user, second_factor, began: now, seen: now });
        Ok(id)
    }

    /// Whose a session is, as that user is by now; none where it is over.
    pub fn identity(&mut self, id: &str, access: &Access, now: Moment) -> Option<Identity> {
        let key = sha256(id);
        let session = self.of.get_mut(&key)?;
        let over = now.0.saturating_sub(session.seen.0) > IDLE_US_MAX
            || now.0.saturating_sub(session.began.0) > LIFE_US_MAX;
        let identity = access.identity(&session.user, session.second_factor).filter(|_| !over);
        session.seen = session.seen.max(now);
        if identity.is_none() {
            self.of.remove(&key);
        }
        identity
    }

    /// What a page of a session sends with whatever it does.
    pub fn csrf(&self, id: &str) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(id.as_bytes());
        Some(mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Whether that is what was sent, of a session that there is.
    pub fn check_csrf(&self, id: &str, given: &str) -> bool {
        self.of.contains_key(&sha256(id)) && self.csrf(id).is_some_and(|csrf| same(&csrf, given))
    }

    /// Ends a session.
    pub fn end(&mut self, id: &str) {
        self.of.remove(&sha256(id));
    }

    /// Ends all sessions of a user.
    pub fn end_all_of(&mut self, user: &str) {
        self.of.retain(|_, session| session.user != user);
    }
}
