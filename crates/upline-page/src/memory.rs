//! What pages ask for again and again, and a walk over the log finds: remembered for the position that it is of.

use std::sync::{Arc, Mutex, PoisonError};
use upline_core::event::Position;
use upline_core::reference_data::ReferenceData;
use upline_ledger::{Directory, Ledger, LedgerError};
use upline_views::times::Times;

/// What is remembered of a ledger. Derived, and right by its position: what is of another is found anew.
#[derive(Default)]
pub struct Memory {
    times: Remembered<Times>,
    reference: Remembered<ReferenceData>,
    directory: Remembered<Directory>,
}

type Remembered<T> = Mutex<Option<(Position, Arc<T>)>>;

/// What is remembered of a position, or is found now; who asks meanwhile waits for it.
fn remembered<T>(
    memory: &Remembered<T>,
    position: Position,
    find: impl FnOnce() -> Result<T, LedgerError>,
) -> Result<Arc<T>, LedgerError> {
    let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, known)) = memory.as_ref().filter(|(of, _)| *of == position) {
        debug_assert_eq!(*of, position);
        return Ok(Arc::clone(known));
    }
    let found = Arc::new(find()?);
    *memory = Some((position, Arc::clone(&found)));
    Ok(found)
}

impl Memory {
    /// Where the clocks of a ledger can stand.
    pub fn times(&self, ledger: &Ledger) -> Result<Arc<Times>, LedgerError> {
        remembered(&self.times, ledger.position(), || ledger.times(ledger.position()))
    }

    /// What the log has introduced.
    pub fn reference(&self, ledger: &Ledger) -> Result<Arc<ReferenceData>, LedgerError> {
        remembered(&self.reference, ledger.position(), || ledger.reference_data(ledger.position()))
    }

    /// The names. Every change of them comes with an event.
    pub fn directory(&self, ledger: &Ledger) -> Result<Arc<Directory>, LedgerError> {
        remembered(&self.directory, ledger.position(), || ledger.directory())
    }
}
