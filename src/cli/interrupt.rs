//! Signals that end long work at a place where it can end.

use crate::cli::remote;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Knows whether somebody wants this program to end.
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Waits for SIGINT and SIGTERM from now on. They end nothing by themselves any more.
    pub fn watch() -> io::Result<Interrupt> {
        if let Some(session) = remote::current() {
            return Ok(Interrupt(session.watch()));
        }
        let caught = Arc::new(AtomicUsize::new(0));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::flag::register_usize(signal, Arc::clone(&caught), signal.unsigned_abs() as usize)?;
        }
        Ok(Interrupt(caught))
    }

    /// The signal that came.
    pub fn signal(&self) -> Option<i32> {
        i32::try_from(self.0.load(Ordering::Relaxed)).ok().filter(|signal| *signal != 0)
    }
}
