//! What every command is run with.

use crate::cli::failure::Failure;
use crate::cli::remote::{self, Host};
use crate::cli::report::Format;
use std::ffi::OsString;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::Arc;
use upline_ledger::{Ledger, Lent, OpenOptions, SystemClock};

/// The options of every command.
#[derive(Clone, Debug)]
pub struct Context {
    /// The directory of the ledger.
    pub dir: PathBuf,
    /// How answers are printed.
    pub format: Format,
    /// How long it waits for whoever has the ledger open, and what it is called meanwhile.
    pub options: OpenOptions,
    /// Whether facts are recorded though a clock cannot be right.
    pub accept_clock: bool,
    /// The words of the command, for whoever has the ledger open in its place.
    pub words: Vec<OsString>,
}

/// A ledger to ask: this command's own, or as whoever has it open shows it.
pub enum Opened {
    Own(Box<Ledger>),
    Shown(Arc<Ledger>),
}

impl Deref for Opened {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        match self {
            Opened::Own(ledger) => ledger,
            Opened::Shown(ledger) => ledger,
        }
    }
}

/// A ledger to record in: this command's own, or lent by whoever has it open.
pub enum ToRecord {
    Own(Box<Ledger>),
    Lent(Lent),
}

impl Deref for ToRecord {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        match self {
            ToRecord::Own(ledger) => ledger,
            ToRecord::Lent(ledger) => ledger,
        }
    }
}

impl DerefMut for ToRecord {
    fn deref_mut(&mut self) -> &mut Ledger {
        match self {
            ToRecord::Own(ledger) => ledger,
            ToRecord::Lent(ledger) => ledger,
        }
    }
}

impl Context {
    /// The same, of the ledger in another directory.
    pub fn of(&self, dir: PathBuf) -> Context {
        Context { dir, ..self.clone() }
    }

    /// Opens the ledger to ask it.
    pub fn open(&self) -> Result<Opened, Failure> {
        self.shown_or(|| Ledger::open(&self.dir, Box::new(SystemClock), &self.options))
    }

    /// Opens the ledger to look at it as it lies there, damage included. Changes nothing.
    pub fn open_untouched(&self) -> Result<Opened, Failure> {
        self.shown_or(|| Ledger::open_untouched(&self.dir, Box::new(SystemClock), &self.options))
    }

    fn shown_or(
        &self,
        open: impl FnOnce() -> Result<Ledger, upline_ledger::LedgerError>,
    ) -> Result<Opened, Failure> {
        if let Some(session) = self.session() {
            return Ok(Opened::Shown(session.reader().now()));
        }
        self.ask_elsewhere()?;
        Ok(Opened::Own(Box::new(open()?)))
    }

    /// Opens the ledger to record in it.
    pub fn open_to_record(&self) -> Result<ToRecord, Failure> {
        if let Some(session) = self.session() {
            let writer = session.writer().ok_or(Failure::Elsewhere(remote::YOURSELF))?;
            let mut lent = writer.lend()?;
            lent.accept_clock_from_now_on(self.accept_clock);
            return Ok(ToRecord::Lent(lent));
        }
        self.ask_elsewhere()?;
        Ok(ToRecord::Own(Box::new(self.open_here_to_record()?)))
    }

    /// Opens the ledger to record in it in this process, whoever else has it.
    pub fn open_here_to_record(&self) -> Result<Ledger, Failure> {
        let ledger = Ledger::open_to_record(&self.dir, Box::new(SystemClock), &self.options)?;
        Ok(if self.accept_clock { ledger.accept_clock() } else { ledger })
    }

    /// Where somebody has the ledger open and answers, the command is done there, and ends here.
    pub fn ask_elsewhere(&self) -> Result<(), Failure> {
        match remote::ask(&self.dir, &self.words)? {
            Some(code) => Err(Failure::Elsewhere(code)),
            None => Ok(()),
        }
    }

    /// Whether this command is done for who asked elsewhere.
    pub fn is_for_another(&self) -> bool {
        self.session().is_some()
    }

    /// Who asked elsewhere, about the ledger that this process has open.
    fn session(&self) -> Option<remote::Session> {
        remote::current().filter(|session| session.is_of(&self.dir))
    }

    /// Answers who asks while this process has the ledger for long; who wants to record waits. Where that cannot be,
    /// who asks waits too.
    pub fn answer_meanwhile(&self, ledger: &ToRecord) -> Option<Host> {
        match ledger {
            ToRecord::Own(ledger) => Host::open(&self.dir, ledger.reader(), None, crate::run).ok(),
            ToRecord::Lent(_) => None,
        }
    }
}
