//! Keeping a ledger: backups, restoring them, and what can be saved of a damaged one.

use crate::banks::uncommitted;
use crate::clock::Clock;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use upline_core::event::Position;
use upline_core::statement::StatementReceived;
use upline_log::disk::OsDisk;
use upline_log::{Engine, EventLog, LogError, OpenOptions, Root, Sealed, copy_log, salvage_any};
use upline_store::files::{file, file_names, keep_file};
use upline_store::{
    Directory, DirectoryKey, Proposals, Restored, WITNESS_FILE, read_backup, witness, write_backup,
};

/// Blocks of a backup that share one sync.
const BLOCKS_A_SYNC: usize = 64;

/// What could be saved of a damaged ledger.
pub struct Saved {
    /// The good part, to be asked as any ledger.
    pub ledger: Ledger,
    /// What is kept of names, where their file is whole.
    pub names: Option<Directory>,
    /// How far the log was acknowledged, where that can still be read.
    pub acknowledged: Option<Position>,
    /// Why the good part ends where it does.
    pub ends: String,
    /// How many events behind it are whole, but follow what is lost.
    pub behind: u64,
    /// The damaged ledger.
    dir: PathBuf,
}

/// What lies beside a log, and is in no fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Producers with bank details.
    pub banks: u64,
    /// Names and texts that were erased.
    pub erased: u64,
    /// Statements and profiles that are kept.
    pub files: u64,
    /// What of it is damaged or lost, in sentences.
    pub lost: Vec<String>,
}

impl Saved {
    /// What lies beside the log.
    pub fn beside(&self) -> Result<Beside, LedgerError> {
        let mut beside = Beside::default();
        match &self.names {
            Some(names) => {
                for (_, _, entry) in names.entries() {
                    beside.banks += u64::from(entry.bank.is_some());
                    beside.erased += u64::from(entry.erased);
                }
            }
            None => {
                beside.lost.push("the directory of names is damaged: the facts carry no names".to_owned())
            }
        }
        let key = DirectoryKey::open(&self.dir);
        if beside.banks > 0 && !matches!(key, Ok(Some(_))) {
            beside
                .lost
                .push("the key of the directory is gone: bank details have to be set again".to_owned());
        }
        let mut names: BTreeSet<String> = file_names(&self.dir)?.into_iter().collect();
        let (_, statements) = self.ledger.carrier_statements(self.ledger.position())?;
        for received in &statements.received {
            let StatementReceived { file, profile_file, .. } = &received.statement;
            names.extend([file, profile_file].map(ToString::to_string));
        }
        for name in names {
            match file(&self.dir, &name) {
                Ok(_) => beside.files += 1,
                Err(error) => beside.lost.push(error.finding()),
            }
        }
        if let (Some(names), Ok(key)) = (&self.names, key) {
            let wrong =
                self.ledger.with_decider(|decider| Ok(uncommitted(decider.book(), names, key.as_ref()).1))?;
            beside.lost.extend(wrong.into_iter().map(|wrong| format!("bank details: {wrong}")));
        }
        Ok(beside)
    }

    /// Writes what is whole of it into a directory, as it lies in a ledger's.
    pub fn write_beside(&self, to: &Path) -> Result<(), LedgerError> {
        if let Some(names) = &self.names {
            names.clone().save_to(Arc::new(OsDisk), to)?;
        }
        if let Ok(Some(key)) = DirectoryKey::open(&self.dir) {
            key.save_to(&OsDisk, to)?;
        }
        if let Ok(Some(proposals)) = Proposals::open(&self.dir) {
            proposals.save_to(to)?;
        }
        for name in file_names(&self.dir)? {
            if let Ok(content) = file(&self.dir, &name) {
                keep_file(to, &content)?;
            }
        }
        Ok(())
    }
}

impl Ledger {
    /// Writes the ledger as it was when it was opened, whether or not somebody is recording. `progress` hears
    /// positions: of verifying, then of writing.
    pub fn back_up(&self, out: impl Write, progress: &mut dyn FnMut(Position)) -> Result<(), LedgerError> {
        Ok(write_backup(&*self.log, &self.directory()?, self.dir(), out, progress)?)
    }

    /// Makes a ledger of a backup, kept by this engine, in a directory that is not there yet. It appears whole or not
    /// at all.
    pub fn restore(
        engine: Engine,
        input: impl Read,
        from: &Path,
        dir: &Path,
        progress: &mut dyn FnMut(Position),
    ) -> Result<(Position, Root), LedgerError> {
        let restoring = Building { dir, suffix: "restoring", what: "a restore" };
        restoring.build(engine, |log, unfinished| fill(log, input, from, unfinished, progress))
    }

    /// Makes the same ledger in a directory that is not there yet, kept by another engine: the same events, with the
    /// same root wherever a block ends, of the one or of the other. Names and kept files go along. It appears whole or
    /// not at all.
    pub fn copy_to(
        &self,
        engine: Engine,
        dir: &Path,
        progress: &mut dyn FnMut(Position),
    ) -> Result<(Position, Root), LedgerError> {
        let copying = Building { dir, suffix: "copying", what: "a copy" };
        copying.build(engine, |log, unfinished| {
            copy_log(&*self.log, log, progress)?;
            let Some(from) = self.dir() else { return Ok(()) };
            for name in file_names(from)? {
                keep_file(unfinished, &file(from, &name)?)?;
            }
            if let Some(key) = DirectoryKey::open(from)? {
                key.save_to(&OsDisk, unfinished)?;
            }
            if let Some(proposals) = Proposals::open(from)? {
                proposals.save_to(unfinished)?;
            }
            keep_witness(witness(from)?, unfinished)?;
            Directory::open(from)?.save_to(Arc::new(OsDisk), unfinished)
        })
    }

    /// Checks a backup as restoring it would, and says where its log ends.
    pub fn check_backup(
        input: impl Read,
        from: &Path,
        progress: &mut dyn FnMut(Position),
    ) -> Result<(Position, Root), LedgerError> {
        let mut take = |block: Sealed| {
            progress(block.after().position());
            Ok(())
        };
        let Restored { tip, .. } = read_backup(input, from, &mut take, &mut |_| Ok(()))?;
        Ok((tip.position(), tip.root()))
    }

    /// Opens what is provably good of a ledger that may be damaged. Writes nothing there.
    pub fn salvage(dir: &Path, clock: Box<dyn Clock>, options: &OpenOptions) -> Result<Saved, LedgerError> {
        let saved = salvage_any(dir, options)?;
        let (acknowledged, ends, behind) = (saved.acknowledged, saved.ends.clone(), saved.behind);
        let names = Directory::open(dir).ok();
        let ledger = Ledger::of(Box::new(saved), clock);
        Ok(Saved { ledger, names, acknowledged, ends, behind, dir: dir.to_owned() })
    }
}

/// A ledger that is made beside its place, and gets its name once it is whole.
struct Building<'a> {
    dir: &'a Path,
    suffix: &'a str,
    /// What makes it.
    what: &'a str,
}

impl Building<'_> {
    fn build(
        &self,
        engine: Engine,
        fill: impl FnOnce(&mut dyn EventLog, &Path) -> Result<(), LogError>,
    ) -> Result<(Position, Root), LedgerError> {
        let Building { dir, suffix, what } = *self;
        if dir.exists() {
            return Err(LogError::Exists { dir: dir.to_owned() }.into());
        }
        let unfinished = with_suffix(dir, suffix);
        if unfinished.exists() {
            return Err(LedgerError::Unfinished { path: unfinished, what: what.to_owned() });
        }
        let mut log = engine.create(&unfinished)?;
        let filled = fill(&mut *log, &unfinished);
        let end = (log.len(), log.root());
        drop(log);
        let placed = filled.and_then(|()| {
            let place = || -> std::io::Result<()> {
                fs::rename(&unfinished, dir)?;
                let up = dir.parent().filter(|up| !up.as_os_str().is_empty()).unwrap_or(Path::new("."));
                fs::File::open(up)?.sync_all()
            };
            place().map_err(|source| LogError::Io { doing: format!("making {}", dir.display()), source })
        });
        if let Err(error) = placed {
            // It is ours, and of no use; should it stay, it says by its name what it is.
            let _ = fs::remove_dir_all(&unfinished);
            return Err(error.into());
        }
        Ok(end)
    }
}

fn with_suffix(dir: &Path, suffix: &str) -> PathBuf {
    let mut path = dir.as_os_str().to_owned();
    path.push(".");
    path.push(suffix);
    PathBuf::from(path)
}

fn fill(
    log: &mut dyn EventLog,
    input: impl Read,
    from: &Path,
    dir: &Path,
    progress: &mut dyn FnMut(Position),
) -> Result<(), LogError> {
    let mut some: Vec<Sealed> = Vec::new();
    let mut take = |sealed: Sealed| {
        some.push(sealed);
        if some.len() >= BLOCKS_A_SYNC {
            log.rebuild_blocks(log.len(), std::mem::take(&mut some))?;
            progress(log.len());
        }
        Ok(())
    };
    let Restored { tip, names, key, witness, proposals } =
        read_backup(input, from, &mut take, &mut |file| keep_file(dir, file).map(drop))?;
    log.rebuild_blocks(log.len(), some)?;
    if *log.tip() != tip {
        let what = "what was restored does not end as the backup does".to_owned();
        return Err(LogError::NoBackup { path: from.to_owned(), what });
    }
    if let Some(key) = key {
        key.save_to(&OsDisk, dir)?;
    }
    if let Some(proposals) = proposals {
        proposals.save_to(dir)?;
    }
    keep_witness(witness, dir)?;
    names.save_to(Arc::new(OsDisk), dir)
}

/// Who has seen a ledger's checkpoints has seen those of its copies.
fn keep_witness(witness: Option<String>, dir: &Path) -> Result<(), LogError> {
    let path = dir.join(WITNESS_FILE);
    witness.map_or(Ok(()), |said| {
        fs::write(&path, said).map_err(LogError::io(format!("writing {}", path.display())))
    })
}
