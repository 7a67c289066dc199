//! The ledger as its front doors use it.

use crate::clock::Clock;
use crate::decider::{Command, Decider, Outcome};
use crate::error::LedgerError;
use crate::import::{self, Line, Options, Report};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, OnceLock};
use upline_core::as_of::AsOf;
use upline_core::event::{Batch, Position};
use upline_core::fact::Fact;
use upline_core::names::Code;
use upline_core::time::{Day, Moment};
use upline_log::{
    Engine, EventLog, LogError, OpenOptions, Root, open_log, open_log_to_read, open_log_untouched,
};
use upline_store::{Directory, remove_snapshots, snapshots};
use upline_views::index::{Chapters, Index, IndexError, Keep, write_snapshots};

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

/// Commits that may wait to be stored: none but the one that was decided while another is being stored, so that
/// the facts behind it gather.
const COMMITS_AHEAD_MAX: usize = 0;

/// A ledger that is open.
pub struct Ledger {
    pub(crate) log: Box<dyn EventLog>,
    /// Where it is; nowhere for a log of another engine.
    dir: Option<PathBuf>,
    /// The names, for who records.
    pub(crate) directory: Directory,
    clock: Box<dyn Clock>,
    /// Made when the first fact is to be recorded; questions do without.
    pub(crate) decider: Option<Decider>,
    /// Made when the first question needs it. `None` for a log that it cannot be made of.
    index: OnceLock<Option<Index>>,
    /// What the index keeps for further questions.
    keep: Keep,
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
    pub fn open(dir: &Path, clock: Box<dyn Clock>) -> Result<Ledger, LedgerError> {
        let log = open_log_to_read(dir, &OpenOptions::usual())?;
        Ok(Ledger { dir: Some(dir.to_owned()), ..Ledger::of(log, clock) })
    }

    /// Opens the ledger of a directory to look at it as it lies there, damage included. Changes nothing, whatever
    /// keeps it.
    pub fn open_untouched(dir: &Path, clock: Box<dyn Clock>) -> Result<Ledger, LedgerError> {
        let log = open_log_untouched(dir, &OpenOptions::usual())?;
        Ok(Ledger { dir: Some(dir.to_owned()), ..Ledger::of(log, clock) })
    }

    /// Opens the ledger of a directory to record in it. One has it open so at a time.
    pub fn open_to_record(dir: &Path, clock: Box<dyn Clock>) -> Result<Ledger, LedgerError> {
        let log = open_log(dir, &OpenOptions::usual())?;
        Ok(Ledger { dir: Some(dir.to_owned()), directory: Directory::open(dir)?, ..Ledger::of(log, clock) })
    }

    /// The ledger of a log, whatever engine keeps it; its directory is in memory.
    pub fn of(log: Box<dyn EventLog>, clock: Box<dyn Clock>) -> Ledger {
        Ledger {
            log,
            dir: None,
            directory: Directory::default(),
            clock,
            decider: None,
            index: OnceLock::new(),
            keep: Keep::Nothing,
        }
    }

    /// Keeps in memory what answers balances, for who will ask often.
    pub fn keep_warm(mut self) -> Ledger {
        self.keep = Keep::Windows;
        self
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
            KnownAt::Position(position) => position.min(self.log.len()),
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

    /// Balances at any point, ready to be asked: from the snapshots and what was recorded since. `None` for a log
    /// that so much money moved in that it cannot be added up in 64 bits.
    pub fn index(&self) -> Result<Option<&Index>, LedgerError> {
        if let Some(index) = self.index.get() {
            return Ok(index.as_ref());
        }
        let snapshots = self.dir.as_deref().map_or_else(Vec::new, |dir| snapshots(dir, &*self.log));
        let index = match Index::open(&*self.log, Chapters::default(), self.keep, snapshots) {
            Ok(index) => Some(index),
            Err(IndexError::TooLarge) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(self.index.get_or_init(|| index).as_ref())
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
    pub fn renew_snapshots(
        dir: &Path,
        progress: &mut (dyn FnMut(Position) + Send),
    ) -> Result<u64, LedgerError> {
        let log = open_log(dir, &OpenOptions::usual())?;
        remove_snapshots(dir)?;
        stored_in(dir, &*log, progress)
    }

    /// The names of carriers and producers.
    pub fn directory(&self) -> Result<Directory, LedgerError> {
        Ok(self.dir.as_deref().map_or_else(|| Ok(Directory::default()), Directory::open)?)
    }

    /// Puts an empty directory in the place of one that is damaged or lost. Importing the facts again brings
    /// the names back.
    pub fn renew_directory(dir: &Path) -> Result<(), LedgerError> {
        let _alone = open_log(dir, &OpenOptions::usual())?;
        Directory::create(dir)?;
        Ok(())
    }

    /// Erases what the directory keeps of a producer; says whether anything was kept.
    pub fn erase_producer(&mut self, producer: &Code) -> Result<bool, LedgerError> {
        let erased = self.directory.erase("producer", producer.as_str());
        self.directory.save()?;
        Ok(erased)
    }

    /// Imports the lines of one file. A chunk that is an error says why the file could not be read further.
    pub fn import(
        &mut self,
        options: &Options,
        chunks: impl Iterator<Item = Result<Vec<Line>, String>>,
    ) -> Result<Report, LedgerError> {
        let mut decider = self.take_decider()?;
        let directory = &mut self.directory;
        let keep_names = |decider: &mut Decider| keep_names(directory, decider);
        let (report, stored) =
            import::import(&mut *self.log, &mut decider, &*self.clock, options, chunks, keep_names)?;
        // A decider that decided more than was stored is thrown away; the log knows better.
        self.decider = stored.then_some(decider);
        self.read_on();
        Ok(report)
    }

    /// Records a fact, which brings no id, once.
    pub fn record(&mut self, fact: Fact) -> Result<Outcome, LedgerError> {
        let answers = self.commit(vec![Decider::once(fact)])?;
        answers.into_iter().next().ok_or_else(|| LedgerError::Input("nothing was submitted".to_owned()))
    }

    /// Records facts of several front doors at once, with one sync of the log: all of them, or, where storing
    /// fails, none. Says what became of each.
    pub fn commit(&mut self, commands: Vec<Command>) -> Result<Vec<Outcome>, LedgerError> {
        let mut decider = self.take_decider()?;
        let (batch, answers) = decide(&mut decider, &mut self.directory, &*self.clock, commands)?;
        if !batch.is_empty() {
            self.log.append(self.log.len(), &batch)?;
        }
        self.decider = Some(decider);
        self.read_on();
        Ok(answers)
    }

    /// Records commits as they come, each as [`Ledger::commit`] does: the next ones are decided while one is being
    /// stored. `done` hears of each, in order, once it is durable, or that it is not; after a failure nothing more
    /// is decided that builds on what was not stored. Ends with the commits, or with the first failure.
    pub fn commit_all<C: Send>(
        &mut self,
        mut next: impl FnMut() -> Option<(Vec<Command>, C)>,
        done: impl Fn(C, Result<Vec<Outcome>, LedgerError>) + Sync,
    ) -> Result<(), LedgerError> {
        let mut decider = self.take_decider()?;
        let Ledger { log, directory, clock, .. } = self;
        let (to_store, decided) = sync_channel::<(C, Batch, Vec<Outcome>)>(COMMITS_AHEAD_MAX);
        let stop = AtomicBool::new(false);
        let whole = std::thread::scope(|scope| {
            let storing = scope.spawn(|| {
                let mut failed: Option<Arc<LedgerError>> = None;
                for (client, batch, answers) in decided {
                    let stored = match &failed {
                        Some(error) => Err(LedgerError::NotStored(Arc::clone(error))),
                        None if batch.is_empty() => Ok(()),
                        None => log.append(log.len(), &batch).map(|_| ()).map_err(LedgerError::from),
                    };
                    let stored = stored.map_err(|error| {
                        stop.store(true, Ordering::Release);
                        let error = failed.get_or_insert_with(|| Arc::new(error));
                        LedgerError::NotStored(Arc::clone(error))
                    });
                    done(client, stored.map(|()| answers));
                }
                failed
            });
            let mut deciding = Ok(());
            while let Some((commands, client)) = next() {
                match decide(&mut decider, directory, &**clock, commands) {
                    Ok((batch, answers)) => {
                        // It has gone only where it panicked.
                        if to_store.send((client, batch, answers)).is_err() || stop.load(Ordering::Acquire) {
                            break;
                        }
                    }
                    Err(error) => {
                        let error = Arc::new(error);
                        done(client, Err(LedgerError::NotStored(Arc::clone(&error))));
                        deciding = Err(LedgerError::NotStored(error));
                        break;
                    }
                }
            }
            drop(to_store);
            let storing = storing.join().map_err(|_| {
                let source = std::io::Error::other("its thread panicked");
                LedgerError::from(LogError::Io { doing: "storing a commit".to_owned(), source })
            });
            match storing? {
                Some(error) => Err(LedgerError::NotStored(error)),
                None => deciding,
            }
        });
        // A decider that decided what is not stored is thrown away.
        self.decider = whole.is_ok().then_some(decider);
        self.read_on();
        whole
    }

    pub(crate) fn take_decider(&mut self) -> Result<Decider, LedgerError> {
        self.decider.take().map_or_else(|| Decider::open(&*self.log), Ok)
    }

    /// Brings the index up to what was recorded; one that cannot be is made anew when it is asked for.
    fn read_on(&mut self) {
        let Some(Some(index)) = self.index.get_mut() else { return };
        if index.read_on(&*self.log, &mut |_, _| Ok(())).is_err() {
            self.index = OnceLock::new();
        }
    }
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

/// Decides about the facts of one commit, and keeps the names that came with them.
fn decide(
    decider: &mut Decider,
    directory: &mut Directory,
    clock: &dyn Clock,
    commands: Vec<Command>,
) -> Result<(Batch, Vec<Outcome>), LedgerError> {
    let mut answers = Vec::with_capacity(commands.len());
    for command in commands {
        answers.push(decider.submit(command, &None, false, clock)?);
    }
    keep_names(directory, decider)?;
    Ok((decider.take(), answers))
}

/// Saves the names that came with facts which are about to be stored.
fn keep_names(directory: &mut Directory, decider: &mut Decider) -> Result<(), LedgerError> {
    let mut changed = false;
    for (kind, code, personal) in decider.take_personal() {
        changed |= directory.add(kind, code.as_str(), personal.name, personal.npn);
    }
    if changed {
        directory.save()?;
    }
    Ok(())
}
