//! The ledger as its front doors use it.

use crate::clock::Clock;
use crate::decider::Decider;
use crate::error::LedgerError;
use crate::indexed::SharedIndex;
use crate::reader::Readers;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::fact::{Body, DirectoryKind, Fact, PersonalDataErased, Remarks};
use upline_core::names::Code;
use upline_core::time::{Day, Moment};
use upline_log::disk::OsDisk;
use upline_log::{Engine, EventLog, OpenOptions, Root, open_log, open_log_to_read, open_log_untouched};
use upline_store::{Directory, remove_snapshots, snapshots};
use upline_views::index::{Chapters, IndexError, Keep, write_snapshots};
use upline_views::{Seen, scan};

/// Up to when a question knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownAt {
    /// All that is recorded.
    Everything,
    /// What was recorded at or before this moment.
    Moment(Moment),
    /// What was recorded at or before this position.
    Position(Position),
}

/// A ledger that is open. Whoever has it asks and records; who has it only to read, or has the ledger of a
/// [`crate::Reader`], asks.
pub struct Ledger {
    pub(crate) log: Box<dyn EventLog>,
    /// Where it is; nowhere for a log of another engine.
    pub(crate) dir: Option<PathBuf>,
    /// The names, for who records.
    pub(crate) directory: Directory,
    pub(crate) clock: Arc<dyn Clock>,
    /// Whether facts are recorded though a clock cannot be right.
    pub(crate) accept_clock: bool,
    /// Who does what is being done, where that is known.
    pub(crate) actor: Option<String>,
    /// Made when the first fact is to be recorded; questions do without.
    pub(crate) decider: Option<Decider>,
    /// Made when the first question needs it.
    pub(crate) index: Arc<SharedIndex>,
    /// Who follows it, where somebody does.
    pub(crate) readers: OnceLock<Arc<Readers>>,
}

impl Ledger {
    /// Makes an empty ledger in a directory that has none.
    pub fn create(dir: &Path, clock: Box<dyn Clock>) -> Result<Ledger, LedgerError> {
        Ledger::create_in(Engine::default(), dir, clock)
    }

    /// Makes an empty ledger whose log this engine keeps.
    pub fn create_in(engine: Engine, dir: &Path, clock: Box<dyn Clock>) -> Result<Ledger, LedgerError> {
        let log = engine.create(dir)?;
        Ok(Ledger { dir: Some(dir.to_owned()), directory: Directory::create(dir)?, ..Ledger::of(log, clock) })
    }

    /// Opens the ledger of a directory to ask it. Whether that waits for who is recording depends on its engine.
    pub fn open(dir: &Path, clock: Box<dyn Clock>, options: &OpenOptions) -> Result<Ledger, LedgerError> {
        let log = open_log_to_read(dir, options)?;
        Ok(Ledger { dir: Some(dir.to_owned()), ..Ledger::of(log, clock) })
    }

    /// Opens the ledger of a directory to look at it as it lies there, damage included. Changes nothing, whatever
    /// keeps it.
    pub fn open_untouched(
        dir: &Path,
        clock: Box<dyn Clock>,
        options: &OpenOptions,
    ) -> Result<Ledger, LedgerError> {
        let log = open_log_untouched(dir, options)?;
        Ok(Ledger { dir: Some(dir.to_owned()), ..Ledger::of(log, clock) })
    }

    /// Opens the ledger of a directory to record in it. One has it open so at a time.
    pub fn open_to_record(
        dir: &Path,
        clock: Box<dyn Clock>,
        options: &OpenOptions,
    ) -> Result<Ledger, LedgerError> {
        let log = open_log(dir, options)?;
        let ledger =
            Ledger { dir: Some(dir.to_owned()), directory: Directory::open(dir)?, ..Ledger::of(log, clock) };
        ledger.check_witness()?;
        Ok(ledger)
    }

    /// The ledger of a log, whatever engine keeps it; its directory is in memory.
    pub fn of(log: Box<dyn EventLog>, clock: Box<dyn Clock>) -> Ledger {
        Ledger {
            log,
            dir: None,
            directory: Directory::default(),
            clock: Arc::from(clock),
            accept_clock: false,
            actor: None,
            decider: None,
            index: Arc::default(),
            readers: OnceLock::new(),
        }
    }

    /// Keeps in memory what answers balances, for who will ask often.
    pub fn keep_warm(mut self) -> Ledger {
        self.index = Arc::new(SharedIndex::keeping(Keep::Windows));
        self
    }

    /// Records facts though this machine's clock, or a time that is trusted, cannot be right.
    pub fn accept_clock(self) -> Ledger {
        Ledger { accept_clock: true, ..self }
    }

    /// Whether facts are recorded from now on though a clock cannot be right.
    pub fn accept_clock_from_now_on(&mut self, accept: bool) {
        self.accept_clock = accept;
    }

    /// What the last fact was recorded at and what the clock says, where the clock has yet to come there.
    pub fn ahead_of_clock(&self) -> Option<(Moment, Moment)> {
        let now = self.clock.now();
        self.log.last_recorded_at().filter(|last| *last > now).map(|last| (last, now))
    }

    /// Where it is; nowhere for a log of another engine.
    pub(crate) fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    /// The position of the last event.
    pub fn position(&self) -> Position {
        self.log.len()
    }

    /// The head of the tree over all events.
    pub fn root(&self) -> Root {
        self.log.root()
    }

    /// The head of the tree over the events up to a position.
    pub fn root_at(&self, position: Position) -> Result<Root, LedgerError> {
        Ok(self.log.tip_at(position)?.root())
    }

    /// Today, by the ledger's clock in UTC.
    pub fn today(&self) -> Day {
        self.clock.now().day()
    }

    /// The point that a question asks for. Without a day: today.
    pub fn point(&self, as_of: Option<Day>, known: KnownAt) -> Result<AsOf, LedgerError> {
        let position = match known {
            KnownAt::Everything => self.log.len(),
            KnownAt::Position(position) if position > self.log.len() => {
                return Err(LedgerError::UnknownPosition { asked: position, last: self.log.len() });
            }
            KnownAt::Position(position) => position,
            KnownAt::Moment(moment) => self.position_at(moment)?,
        };
        Ok(AsOf { effective: as_of.unwrap_or_else(|| self.today()), known: position })
    }

    /// The position of the last event recorded at or before a moment. Reads a block for each halving of the log.
    pub fn position_at(&self, moment: Moment) -> Result<Position, LedgerError> {
        // Times never decrease, so that everything up to `known` was recorded by then, and nothing from `later` on.
        let (mut known, mut later) = (0, self.log.len() + 1);
        while later - known > 1 {
            let block = self.log.block_with(known + (later - known) / 2)?;
            if block.recorded_at().is_some_and(|last| last <= moment) {
                known = block.last();
                continue;
            }
            let mut seen = block.first() - 1;
            upline_log::Decoder::new()?.visit(&block, |position, event, _| {
                if event.recorded_at <= moment {
                    seen = position;
                }
            })?;
            if seen >= block.first() {
                return Ok(seen);
            }
            later = block.first();
        }
        Ok(known)
    }

    /// Stores the snapshots that the log has come to need. `progress` hears of the position that is reached.
    pub fn store_snapshots(&self, progress: &mut (dyn FnMut(Position) + Send)) -> Result<u64, LedgerError> {
        self.dir.as_deref().map_or(Ok(0), |dir| stored_in(dir, &*self.log, progress))
    }

    /// The snapshots that can be used: the position that each covers and the bytes that it takes.
    pub fn stored_snapshots(&self) -> Vec<(Position, u64)> {
        let stored = self.dir.as_deref().map_or_else(Vec::new, |dir| snapshots(dir, &*self.log));
        stored.iter().map(|snapshot| (snapshot.last(), snapshot.bytes())).collect()
    }

    /// Removes all snapshots and stores them again.
    pub fn renew_snapshots(&self, progress: &mut (dyn FnMut(Position) + Send)) -> Result<u64, LedgerError> {
        let Some(dir) = self.dir.as_deref() else { return Ok(0) };
        remove_snapshots(dir)?;
        stored_in(dir, &*self.log, progress)
    }

    /// The names of carriers and producers.
    pub fn directory(&self) -> Result<Directory, LedgerError> {
        Ok(self.dir.as_deref().map_or_else(|| Ok(Directory::default()), Directory::open)?)
    }

    /// Puts an empty directory in the place of one that is damaged or lost. Importing the facts again brings
    /// the names back.
    pub fn renew_directory(dir: &Path, options: &OpenOptions) -> Result<(), LedgerError> {
        let log = open_log(dir, options)?;
        Ok(emptied(&*log)?.save_to(Arc::new(OsDisk), dir)?)
    }

    /// The same, of a ledger that is open to record.
    pub fn empty_directory(&mut self) -> Result<(), LedgerError> {
        if let Some(dir) = self.dir.clone() {
            emptied(&*self.log)?.save_to(Arc::new(OsDisk), &dir)?;
            self.directory = Directory::open(&dir)?;
            // It knew the names that were there.
            self.decider = None;
        }
        Ok(())
    }

    /// Whether the log says that something was erased.
    fn is_erased(&self, of: DirectoryKind, what: &Code) -> Result<bool, LedgerError> {
        let mut erased = false;
        scan(&*self.log, self.log.len(), &mut |seen: &Seen<'_>| {
            if let Body::PersonalDataErased(PersonalDataErased { kind, code }) = &seen.event.body {
                erased |= *kind == of && code == what;
            }
        })?;
        Ok(erased)
    }

    /// Erases what the directory keeps under a code, for good, and records that, without what it was. Says whether
    /// anything was kept.
    pub fn erase(
        &mut self,
        kind: DirectoryKind,
        code: &Code,
        actor: Option<String>,
    ) -> Result<bool, LedgerError> {
        // What waits to become its account goes too, whatever the directory has.
        let waiting = kind == DirectoryKind::Producer && self.erase_proposed_bank(code)?;
        // One that was cut off between the directory and the log, or made by an earlier version, is recorded now.
        let entry = self.directory.get(kind.as_str(), code.as_str());
        if entry.is_none_or(|entry| entry.erased) && (entry.is_none() || self.is_erased(kind, code)?) {
            return Ok(waiting);
        }
        let code = code.clone();
        self.commit_whole(|_, deciding| {
            let on = deciding.recorded_at()?.day();
            let remarks = actor.map(|actor| Box::new(Remarks { actor: Some(actor), ..Remarks::default() }));
            let body = Body::PersonalDataErased(PersonalDataErased { kind, code });
            deciding.another(Fact { id: None, on, recorded_at: None, remarks, personal: None, body })
        })
        .map(|_| true)
    }
}

/// An empty directory, in which what a log says was erased stays erased.
fn emptied(log: &dyn EventLog) -> Result<Directory, LedgerError> {
    let mut directory = Directory::default();
    scan(log, log.len(), &mut |seen: &Seen<'_>| {
        if let Body::PersonalDataErased(PersonalDataErased { kind, code }) = &seen.event.body {
            directory.erase_for_good(kind.as_str(), code.as_str());
        }
    })?;
    Ok(directory)
}

/// Stores the snapshots of a log that are missing; none where sums might not fit into them.
fn stored_in(
    dir: &Path,
    log: &dyn EventLog,
    progress: &mut (dyn FnMut(Position) + Send),
) -> Result<u64, LedgerError> {
    match write_snapshots(dir, log, Chapters::default(), progress) {
        Err(IndexError::TooLarge) => Ok(0),
        other => Ok(other?),
    }
}
