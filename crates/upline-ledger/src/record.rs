//! Recording facts: deciding about them, and storing what was decided.

use crate::clock::Clock;
use crate::decider::{Command, Decider, ForDirectory, Outcome};
use crate::error::LedgerError;
use crate::import::{self, ImportLine, ImportMode, ImportOptions, ImportReport, OnRefused};
use crate::ledger::Ledger;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use upline_core::event::{Batch, Position};
use upline_core::fact::{Fact, Personal};
use upline_core::time::Moment;
use upline_formats::source::SourceError;
use upline_log::LogError;
use upline_store::Directory;

/// Commits that may wait to be stored: none but the one that was decided while another is being stored, so that
/// the facts behind it gather.
const COMMITS_AHEAD_MAX: usize = 0;

impl Ledger {
    /// Imports the lines of one file. A chunk that is an error says why the file could not be read further. `refused`
    /// hears of the lines that are.
    pub fn import(
        &mut self,
        options: &ImportOptions,
        chunks: impl Iterator<Item = Result<Vec<ImportLine>, SourceError>>,
        refused: &mut OnRefused<'_>,
    ) -> Result<ImportReport, LedgerError> {
        let mut decider = self.take_decider()?;
        let directory = &mut self.directory;
        let keep_names = |decider: &mut Decider| keep_names(directory, decider);
        let (report, stored) =
            import::import(&mut *self.log, &mut decider, &*self.clock, options, chunks, refused, keep_names)?;
        if options.mode != ImportMode::DryRun {
            self.bring_texts_back(decider.take_lost())?;
        }
        // A decider that decided more than was stored is thrown away; the log knows better.
        self.decider = stored.then_some(decider);
        self.show();
        Ok(report)
    }

    /// Records facts which bring no id, each of which must be new: all of them in one commit, or none where one is
    /// refused or recorded already. Says where they stand.
    pub fn record_all(&mut self, facts: Vec<Fact>) -> Result<Vec<Position>, LedgerError> {
        self.commit_whole(|_, deciding| facts.into_iter().map(|fact| deciding.once(fact)).collect())
    }

    /// Records in one commit what a use case decides, one fact after the other; where it fails, nothing. It sees the
    /// time of the commit and where its facts will stand, and whatever else must be there with them is there when it
    /// ends.
    pub(crate) fn commit_whole<T, E: From<LedgerError>>(
        &mut self,
        use_case: impl FnOnce(&Ledger, &mut Deciding<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut decider = self.take_decider()?;
        let actor = self.actor.as_deref();
        let mut deciding = Deciding { decider: &mut decider, clock: &*self.clock, actor };
        let done = match use_case(self, &mut deciding) {
            Ok(done) => done,
            Err(why) => {
                // A decider that decided what is not stored is thrown away; one that decided nothing goes on.
                if decider.waiting() == 0 {
                    drop((decider.take_entries(), decider.take()));
                    self.decider = Some(decider);
                }
                return Err(why);
            }
        };
        let batch = decider.take();
        keep_names(&mut self.directory, &mut decider)?;
        if !batch.is_empty() {
            self.log.append(self.log.len(), &batch).map_err(LedgerError::from)?;
        }
        self.decider = Some(decider);
        self.show();
        Ok(done)
    }

    /// Runs a use case that somebody does: whatever it records and names nobody has this actor.
    pub fn acting<T>(&mut self, actor: &str, use_case: impl FnOnce(&mut Ledger) -> T) -> T {
        let before = self.actor.replace(actor.to_owned());
        let done = use_case(self);
        self.actor = before;
        done
    }

    /// Records facts of several front doors at once, with one sync of the log: all of them, or, where storing
    /// fails, none. Says what became of each.
    pub fn commit(&mut self, commands: Vec<Command>) -> Result<Vec<Outcome>, LedgerError> {
        let mut decider = self.take_decider()?;
        let (batch, outcomes) = decide(&mut decider, &mut self.directory, &*self.clock, commands)?;
        if !batch.is_empty() {
            self.log.append(self.log.len(), &batch)?;
        }
        self.decider = Some(decider);
        self.show();
        Ok(outcomes)
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
        let Ledger { log, directory, clock, readers, .. } = self;
        let (to_store, decided) = sync_channel::<(C, Batch, Vec<Outcome>)>(COMMITS_AHEAD_MAX);
        let stop = AtomicBool::new(false);
        let whole = std::thread::scope(|scope| {
            let storing = scope.spawn(|| {
                let mut failed: Option<Arc<LedgerError>> = None;
                for (client, batch, outcomes) in decided {
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
                    // Before anybody is answered, so that who was answered sees it.
                    if let Some(readers) = readers.get().filter(|_| stored.is_ok()) {
                        readers.show(&**log);
                    }
                    done(client, stored.map(|()| outcomes));
                }
                failed
            });
            let mut deciding = Ok(());
            while let Some((commands, client)) = next() {
                match decide(&mut decider, directory, &**clock, commands) {
                    Ok((batch, outcomes)) => {
                        // It has gone only where it panicked.
                        if to_store.send((client, batch, outcomes)).is_err() || stop.load(Ordering::Acquire) {
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
        whole
    }

    /// The decider of the log, which is put back by whoever stored what it decided.
    fn take_decider(&mut self) -> Result<Decider, LedgerError> {
        let mut decider =
            self.decider.take().map_or_else(|| Decider::open(&*self.log, &self.directory), Ok)?;
        decider.accept_clock = self.accept_clock;
        Ok(decider)
    }

    /// Makes the decider, for who asks it before it records.
    pub(crate) fn load_decider(&mut self) -> Result<(), LedgerError> {
        self.decider = Some(self.take_decider()?);
        Ok(())
    }

    /// Asks the decider of the log; one that was not made is made for this question.
    pub(crate) fn with_decider<T>(
        &self,
        ask: impl FnOnce(&Decider) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        match &self.decider {
            Some(decider) => ask(decider),
            None => ask(&Decider::open(&*self.log, &self.directory()?)?),
        }
    }
}

/// What a use case decides with: its facts become one commit, of one time.
pub(crate) struct Deciding<'a> {
    pub decider: &'a mut Decider,
    clock: &'a dyn Clock,
    /// Who does it, of facts that name nobody.
    actor: Option<&'a str>,
}

impl Deciding<'_> {
    /// When the commit is recorded.
    pub fn recorded_at(&mut self) -> Result<Moment, LedgerError> {
        Ok(self.decider.would_record_at(self.clock)?)
    }

    /// Decides about a fact which is to be recorded once.
    pub fn once(&mut self, fact: Fact) -> Result<Position, LedgerError> {
        self.submit(Decider::once(self.by_somebody(fact)))
    }

    /// Decides about a fact which happens now, also where one of the same content is recorded.
    pub fn another(&mut self, fact: Fact) -> Result<Position, LedgerError> {
        let fact = self.by_somebody(fact);
        let command = self.decider.another(fact);
        self.submit(command)
    }

    /// The fact with who does it, where it does not say that itself.
    fn by_somebody(&self, mut fact: Fact) -> Fact {
        if let Some(actor) = self.actor {
            fact.remarks.get_or_insert_default().actor.get_or_insert_with(|| actor.to_owned());
        }
        fact
    }

    fn submit(&mut self, command: Command) -> Result<Position, LedgerError> {
        match self.decider.submit(command, &None, false, self.clock)? {
            Outcome::Recorded(position) => Ok(position),
            Outcome::AlreadyRecorded(_) => Err(LedgerError::RecordedAlready),
            Outcome::Refused(refusal) => Err(refusal.into()),
        }
    }
}

/// Decides about the facts of one commit, and keeps the names that came with them.
fn decide(
    decider: &mut Decider,
    directory: &mut Directory,
    clock: &dyn Clock,
    commands: Vec<Command>,
) -> Result<(Batch, Vec<Outcome>), LedgerError> {
    let mut outcomes = Vec::with_capacity(commands.len());
    for command in commands {
        outcomes.push(decider.submit(command, &None, false, clock)?);
    }
    keep_names(directory, decider)?;
    // An import brings back what a directory lost; it would only gather here.
    drop(decider.take_lost());
    Ok((decider.take(), outcomes))
}

/// Saves what goes to the directory with facts which are about to be stored, and what else changed in it.
fn keep_names(directory: &mut Directory, decider: &mut Decider) -> Result<(), LedgerError> {
    for entry in decider.take_entries() {
        match entry {
            ForDirectory::Keep(kind, code, Personal { name, npn }) => {
                directory.add(kind.as_str(), code.as_str(), name, npn);
            }
            ForDirectory::Erase(kind, code) => directory.erase_for_good(kind.as_str(), code.as_str()),
        }
    }
    Ok(directory.save_changes()?)
}
