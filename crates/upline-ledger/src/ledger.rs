//! The ledger as its front doors use it.

use crate::clock::Clock;
use crate::desk::Desk;
use crate::error::LedgerError;
use crate::import::{self, Line, Options, Report};
use std::path::{Path, PathBuf};
use upline_core::event::Position;
use upline_core::names::Code;
use upline_core::time::{Day, Moment};
use upline_log::{Directory, Engine, EventLog, Root, open_log, open_log_to_read};
use upline_views::Point;

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

/// A ledger that is open.
pub struct Ledger {
    pub(crate) log: Box<dyn EventLog>,
    /// Where it is; nowhere for a log of another engine.
    dir: Option<PathBuf>,
    /// The names, for who records.
    directory: Directory,
    clock: Box<dyn Clock>,
    /// Made when the first fact is to be recorded; questions do without.
    desk: Option<Desk>,
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

    /// Opens the ledger of a directory to ask it, whether or not somebody is recording. Writes nothing.
    pub fn open(dir: &Path, clock: Box<dyn Clock>) -> Result<Ledger, LedgerError> {
        let log = open_log_to_read(dir)?;
        Ok(Ledger { dir: Some(dir.to_owned()), ..Ledger::of(log, clock) })
    }

    /// Opens the ledger of a directory to record in it. One has it open so at a time.
    pub fn open_to_record(dir: &Path, clock: Box<dyn Clock>) -> Result<Ledger, LedgerError> {
        let log = open_log(dir)?;
        Ok(Ledger { dir: Some(dir.to_owned()), directory: Directory::open(dir)?, ..Ledger::of(log, clock) })
    }

    /// The ledger of a log, whatever engine keeps it; its directory is in memory.
    pub fn of(log: Box<dyn EventLog>, clock: Box<dyn Clock>) -> Ledger {
        Ledger { log, dir: None, directory: Directory::default(), clock, desk: None }
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
    pub fn point(&self, as_of: Option<Day>, known: KnownAt) -> Result<Point, LedgerError> {
        let position = match known {
            KnownAt::Everything => self.log.len(),
            KnownAt::Position(position) => position.min(self.log.len()),
            KnownAt::Moment(moment) => self.position_at(moment)?,
        };
        Ok(Point { as_of: as_of.unwrap_or_else(|| self.today()), position })
    }

    /// The position of the last event recorded at or before a moment.
    pub fn position_at(&self, moment: Moment) -> Result<Position, LedgerError> {
        let mut known = 0;
        for block in self.log.blocks(1) {
            let block = block?;
            if block.tip().recorded_at().is_some_and(|last| last <= moment) {
                known = block.tip().position();
                continue;
            }
            let batch = upline_log::Decoder::new()?.decode(&block)?;
            let seen = batch.iter().take_while(|(event, _)| event.recorded_at <= moment).count();
            return Ok(known + seen as Position);
        }
        Ok(known)
    }

    /// The names of carriers and producers.
    pub fn directory(&self) -> Result<Directory, LedgerError> {
        Ok(self.dir.as_deref().map_or_else(|| Ok(Directory::default()), Directory::open)?)
    }

    /// Puts an empty directory in the place of one that is damaged or lost. Importing the facts again brings
    /// the names back.
    pub fn renew_directory(dir: &Path) -> Result<(), LedgerError> {
        let _alone = open_log(dir)?;
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
        let mut desk = match self.desk.take() {
            Some(desk) => desk,
            None => Desk::open(&*self.log)?,
        };
        let directory = &mut self.directory;
        let keep_names = |desk: &mut Desk| -> Result<(), LedgerError> {
            let mut changed = false;
            for (kind, code, personal) in desk.take_personal() {
                changed |= directory.add(kind, code.as_str(), personal.name, personal.npn);
            }
            if changed {
                directory.save()?;
            }
            Ok(())
        };
        let (report, stored) =
            import::import(&mut *self.log, &mut desk, &*self.clock, options, chunks, keep_names)?;
        // A desk that decided more than was stored is thrown away; the log knows better.
        self.desk = stored.then_some(desk);
        Ok(report)
    }
}
