//! The clock is passed in, so that nothing reads the time behind a test's back.

use upline_core::time::Moment;

/// Tells the time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Moment;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        chrono::Utc::now().into()
    }
}
