//! Reading on as a ledger grows.
//!
//! # Shape
//! A [`Following`] keeps what is known of names. Whoever comes back with it reads only the blocks that hold what is asked
//! for; many may share one.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::people::People;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use upline_core::event::Position;
use upline_core::reference_data::ReferenceData;
use upline_views::{Scanner, Seen};

/// What those who follow one ledger share.
#[derive(Debug, Default)]
pub struct Following {
    known: RwLock<Scanner>,
    /// The texts of the directory as they were at a position.
    people: Mutex<Option<(Position, Arc<People>)>>,
}

impl Ledger {
    /// The events at some positions, an event of the ledger's own after its cause, which may stand before them. Reads
    /// only their blocks, and once what others have not read before.
    pub fn events_on(
        &self,
        following: &Following,
        positions: RangeInclusive<Position>,
        each: &mut dyn FnMut(&Seen<'_>),
    ) -> Result<(), LedgerError> {
        self.read_on(following)?;
        let known = following.known.read().unwrap_or_else(PoisonError::into_inner);
        Ok(known.again(&*self.log, positions, each)?)
    }

    /// What the log had introduced by this position, or by one after it.
    pub fn with_names<T>(
        &self,
        following: &Following,
        ask: impl FnOnce(&ReferenceData) -> T,
    ) -> Result<T, LedgerError> {
        self.read_on(following)?;
        let known = following.known.read().unwrap_or_else(PoisonError::into_inner);
        Ok(ask(known.reference()))
    }

    /// The texts that stand behind ids, read once for everybody who asks at the same position.
    pub fn people_on(&self, following: &Following) -> Result<Arc<People>, LedgerError> {
        let mut people = following.people.lock().unwrap_or_else(PoisonError::into_inner);
        let position = self.position();
        match &*people {
            Some((at, known)) if *at == position => Ok(Arc::clone(known)),
            _ => {
                let read = Arc::new(self.people()?);
                *people = Some((position, Arc::clone(&read)));
                Ok(read)
            }
        }
    }

    fn read_on(&self, following: &Following) -> Result<(), LedgerError> {
        let behind = |known: &Scanner| known.position() < self.position();
        if behind(&following.known.read().unwrap_or_else(PoisonError::into_inner)) {
            let mut known = following.known.write().unwrap_or_else(PoisonError::into_inner);
            known.scan(&*self.log, self.position(), &mut |_: &Seen<'_>| {})?;
        }
        Ok(())
    }
}
