//! Wrong tries: after some of them the next one has to wait, whoever it names and whatever it says.

use std::collections::BTreeMap;
use upline_core::time::Moment;

/// Wrong tries that cost nothing.
const FREE: u32 = 5;

/// The longest wait, in microseconds: a quarter of an hour.
const WAIT_US_MAX: i64 = 15 * 60 * 1_000_000;

/// Names of which tries are remembered; the oldest are forgotten first.
const NAMES_MAX: usize = 10_000;

/// Wrong tries by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guesses {
    of: BTreeMap<String, (u32, Moment)>,
}

impl Guesses {
    /// How many seconds a try has to wait; none where it may be made.
    pub fn wait(&self, name: &str, now: Moment) -> Option<u64> {
        let (wrong, last) = self.of.get(name)?;
        let beyond = wrong.checked_sub(FREE)?;
        let wait_us = 1_000_000_i64.checked_shl(beyond.min(20)).unwrap_or(WAIT_US_MAX).min(WAIT_US_MAX);
        let left_us = last.0.saturating_add(wait_us).saturating_sub(now.0);
        u64::try_from(left_us).ok().filter(|left| *left > 0).map(|left| left.div_ceil(1_000_000))
    }

    pub fn wrong(&mut self, name: &str, now: Moment) {
        if self.of.len() >= NAMES_MAX && !self.of.contains_key(name) {
            let oldest = self.of.iter().min_by_key(|(_, (_, last))| *last).map(|(name, _)| name.clone());
            oldest.and_then(|oldest| self.of.remove(&oldest));
        }
        let (wrong, last) = self.of.entry(name.to_owned()).or_insert((0, now));
        *wrong = wrong.saturating_add(1);
        *last = now;
    }

    pub fn right(&mut self, name: &str) {
        self.of.remove(name);
    }
}
