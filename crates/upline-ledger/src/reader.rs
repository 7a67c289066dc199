//! Asking a ledger while somebody records in it.
//!
//! # Shape
//! A [`Reader`] gives the ledger as it is now: whole commits, and only what is durable. A question asks that one
//! ledger, so that all parts of an answer are of one moment. Readers are cheap and there may be many; they never wait
//! for the writer, and the writer never waits for them.
//!
//! # Correctness
//! The writer shows a commit to its readers once it is durable and before it answers whoever sent it: what was
//! acknowledged is seen by the next question. What is shown only grows. A reader of another process's ledger sees what
//! was durable when it was opened or last refreshed.

use crate::clock::Clock;
use crate::error::LedgerError;
use crate::indexed::SharedIndex;
use crate::ledger::Ledger;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use tokio::sync::watch;
use upline_core::event::Position;
use upline_log::{EventLog, LogError};
use upline_store::Directory;

/// Asks a ledger that goes on meanwhile. Clones see the same.
#[derive(Clone)]
pub struct Reader {
    readers: Arc<Readers>,
}

type Opening = Box<dyn Fn() -> Result<Ledger, LedgerError> + Send + Sync>;

/// What all readers of one ledger share.
pub(crate) struct Readers {
    now: RwLock<Arc<Ledger>>,
    /// Tells who waits that there is more.
    moved: watch::Sender<Position>,
    /// How it is opened again, where another process records.
    open: Option<Opening>,
    dir: Option<PathBuf>,
    clock: Arc<dyn Clock>,
    index: Arc<SharedIndex>,
}

impl Reader {
    /// A reader of a ledger that another process may be recording in: `open` opens it to read. For engines that let a
    /// ledger be opened while another process has it open.
    pub fn following(
        open: impl Fn() -> Result<Ledger, LedgerError> + Send + Sync + 'static,
    ) -> Result<Reader, LedgerError> {
        let readers = Readers::of(&open()?, Some(Box::new(open)));
        Ok(Reader { readers: Arc::new(readers) })
    }

    /// The ledger as it is now. It stays as it is, however long it is kept.
    pub fn now(&self) -> Arc<Ledger> {
        Arc::clone(&self.readers.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Wakes who waits for more: the last position that is shown, once [`Reader::now`] gives it.
    pub fn moved(&self) -> watch::Receiver<Position> {
        self.readers.moved.subscribe()
    }

    /// Looks for what another process has recorded since, and gives the ledger as it is then. A reader of this
    /// process's own writer follows it without.
    pub fn refresh(&self) -> Result<Arc<Ledger>, LedgerError> {
        if let Some(open) = &self.readers.open {
            let (before, opened) = (self.now(), open()?);
            let position = before.position();
            // Whoever put another ledger in its place is found out.
            if opened.position() < position || opened.root_at(position)? != before.root() {
                return Err(LogError::OtherHistory { position }.into());
            }
            self.readers.show(&*opened.log);
        }
        Ok(self.now())
    }
}

impl Readers {
    fn of(ledger: &Ledger, open: Option<Opening>) -> Readers {
        let (dir, clock, index) = (ledger.dir.clone(), Arc::clone(&ledger.clock), Arc::clone(&ledger.index));
        let now = shown(&*ledger.log, dir.clone(), Arc::clone(&clock), Arc::clone(&index));
        let moved = watch::Sender::new(now.position());
        Readers { now: RwLock::new(Arc::new(now)), moved, open, dir, clock, index }
    }

    /// Shows what is durable by now.
    pub(crate) fn show(&self, log: &dyn EventLog) {
        let ledger = shown(log, self.dir.clone(), Arc::clone(&self.clock), Arc::clone(&self.index));
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        // Two that refresh at once may come in either order.
        if ledger.position() >= now.position() {
            let position = ledger.position();
            *now = Arc::new(ledger);
            drop(now);
            self.moved.send_if_modified(|last| position > std::mem::replace(last, position.max(*last)));
        }
    }
}

/// The ledger of a log as it is, to be asked.
fn shown(log: &dyn EventLog, dir: Option<PathBuf>, clock: Arc<dyn Clock>, index: Arc<SharedIndex>) -> Ledger {
    Ledger {
        log: Box::new(log.reader()),
        dir,
        directory: Directory::default(),
        clock,
        accept_clock: false,
        actor: None,
        decider: None,
        index,
        readers: OnceLock::new(),
    }
}

impl Ledger {
    /// A reader that follows what is recorded in this ledger.
    pub fn reader(&self) -> Reader {
        let readers = self.readers.get_or_init(|| Arc::new(Readers::of(self, None)));
        Reader { readers: Arc::clone(readers) }
    }

    /// Shows the readers what was recorded.
    pub(crate) fn show(&self) {
        if let Some(readers) = self.readers.get() {
            readers.show(&*self.log);
        }
    }
}
