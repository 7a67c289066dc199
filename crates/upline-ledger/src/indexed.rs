//! Balances at any point in time, ready to be asked; shared by whoever asks one ledger.
//!
//! # Correctness
//! The index answers at any position up to its own, so that one serves readers of different moments. It reads on when
//! somebody asks who knows more, and is asked together with the log that it read last: a reader whose own log ends
//! earlier could fill it with less than a chapter.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use upline_core::event::Position;
use upline_log::{EventLog, LogReader};
use upline_store::snapshots;
use upline_views::index::{Chapters, Index, IndexError, Keep};

/// An index that is made when it is first asked.
#[derive(Default)]
pub(crate) struct SharedIndex {
    keep: Keep,
    made: RwLock<Made>,
}

#[derive(Default)]
enum Made {
    #[default]
    NotYet,
    /// So much money moved that it cannot be added up in 64 bits.
    TooLarge,
    Index(Box<Index>, LogReader),
}

impl Made {
    /// Whether it knows everything up to a position.
    fn knows(&self, position: Position) -> bool {
        match self {
            Made::NotYet => false,
            Made::TooLarge => true,
            Made::Index(index, _) => index.position() >= position,
        }
    }
}

impl SharedIndex {
    /// An index that keeps this for further questions.
    pub(crate) fn keeping(keep: Keep) -> SharedIndex {
        SharedIndex { keep, made: RwLock::default() }
    }

    fn read(&self) -> RwLockReadGuard<'_, Made> {
        self.made.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    /// Asks the index of balances, brought up to this ledger's position. `None` for a log that so much money moved
    /// in that it cannot be added up in 64 bits.
    pub(crate) fn ask_index<T>(
        &self,
        ask: impl FnOnce(&Index, &dyn EventLog) -> Result<T, LedgerError>,
    ) -> Result<Option<T>, LedgerError> {
        if !self.index.read().knows(self.position()) {
            self.read_index_on()?;
        }
        match &*self.index.read() {
            Made::Index(index, log) => ask(index, log).map(Some),
            Made::NotYet | Made::TooLarge => Ok(None),
        }
    }

    /// Whether balances are answered from an index.
    pub fn is_indexed(&self) -> Result<bool, LedgerError> {
        Ok(self.ask_index(|_, _| Ok(()))?.is_some())
    }

    fn read_index_on(&self) -> Result<(), LedgerError> {
        let mut made = self.index.made.write().unwrap_or_else(PoisonError::into_inner);
        if made.knows(self.position()) {
            return Ok(()); // somebody else was at it
        }
        let log = self.log.reader();
        if let Made::Index(mut index, _) = std::mem::take(&mut *made)
            && index.read_on(&log, &mut |_, _| Ok(())).is_ok()
        {
            *made = Made::Index(index, log);
            return Ok(());
        }
        // The first one, or one that could not go on.
        let snapshots = self.dir().map_or_else(Vec::new, |dir| snapshots(dir, &log));
        *made = match Index::open(&log, Chapters::default(), self.index.keep, snapshots) {
            Ok(index) => Made::Index(Box::new(index), log),
            Err(IndexError::TooLarge) => Made::TooLarge,
            Err(error) => return Err(error.into()),
        };
        Ok(())
    }
}
