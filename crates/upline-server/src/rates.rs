//! How much one asker may ask for: so many requests a second, and a burst.

use crate::problem::Problem;
use axum::http::{HeaderMap, StatusCode, header};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

/// Requests a second of one asker, where nothing else is said.
pub const RATE: NonZeroU32 = NonZeroU32::MIN.saturating_add(9_999);

/// Requests a second from one address whose asker nobody knows yet: the log-in, the health of the server.
const UNKNOWN: NonZeroU32 = NonZeroU32::MIN.saturating_add(499);

/// Askers are forgotten that have not asked for a while, each time so many requests came.
const TIDY_EVERY: u64 = 65_536;

/// Counts the requests of every asker: by what it shows, or by its address where it shows nothing.
pub struct Rates {
    known: DefaultKeyedRateLimiter<u64>,
    unknown: DefaultKeyedRateLimiter<Option<IpAddr>>,
    requests: AtomicU64,
}

impl Rates {
    /// So many requests a second for each asker, and as many at once.
    pub fn new(rate: NonZeroU32) -> Rates {
        let (known, unknown) = (Quota::per_second(rate), Quota::per_second(UNKNOWN.min(rate)));
        Rates {
            known: RateLimiter::keyed(known),
            unknown: RateLimiter::keyed(unknown),
            requests: AtomicU64::new(0),
        }
    }

    /// Refuses one request too many.
    pub fn check(&self, headers: &HeaderMap, from: Option<IpAddr>) -> Result<(), Problem> {
        if self.requests.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.known.retain_recent();
            self.unknown.retain_recent();
        }
        let shown = headers.get(header::AUTHORIZATION).or_else(|| headers.get(header::COOKIE));
        let within = match shown {
            Some(shown) => {
                let mut hasher = DefaultHasher::new();
                shown.as_bytes().hash(&mut hasher);
                self.known.check_key(&hasher.finish()).is_ok()
            }
            None => self.unknown.check_key(&from).is_ok(),
        };
        if within {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many",
            "you ask too often: try again in a second",
        ))
    }
}
