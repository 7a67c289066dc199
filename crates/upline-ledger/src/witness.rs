//! A place outside the ledger that remembers how long it was, and with which root.
//!
//! # Shape
//! The file `witness` in the ledger's directory says where: the public key of the checkpoints, a path, and the longest
//! checkpoint that was added. There is a file to which each checkpoint is added, or a directory in which each is a file
//! of its own. It goes along with
//! backups and copies, so that an older copy does not forget who has seen a newer one.
//!
//! # Correctness
//! Every checkpoint of the witness must be one of this ledger: whoever records is stopped by the longest that is not.
//! A witness that cannot be reached, or holds less than was added, stops too, until it is there or is forgotten on
//! purpose. A checkpoint that was cut off while it was added does not count, and the next takes its place.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use upline_core::event::Position;
use upline_formats::checkpoint::{CHECKPOINT_BYTES_MAX, Checkpoint, NotOne, PublicKey, notes};
use upline_log::Root;
use upline_log::disk::read_bounded;

pub(crate) use upline_store::WITNESS_FILE;

/// The most that a witness of one file may hold: some hundred thousand checkpoints.
const WITNESS_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How the names of checkpoints in a directory end.
const CHECKPOINT: &str = ".checkpoint";

/// Why a witness stops a ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// It cannot be read.
    #[error(
        "the witness {} cannot be read ({why}), and nothing is recorded without it: bring it back, or forget it with \
         upline checkpoint --forget-witness", path.display()
    )]
    Unreachable { path: PathBuf, why: String },
    /// What it holds is no checkpoint of this key.
    #[error("the witness {} holds something else than checkpoints of {name}: {error}", path.display())]
    Damaged { path: PathBuf, name: String, error: NotOne },
    /// It has seen more events than there are.
    #[error(
        "the witness {} has seen {size} events, and this ledger has only {own}: it was set back, or is an older copy. \
         Nothing is recorded in it; where that is right, forget the witness with upline checkpoint --forget-witness",
        path.display()
    )]
    SetBack { path: PathBuf, size: u64, own: Position },
    /// It has seen other events.
    #[error(
        "the witness {} has seen another history: its first {size} events have the root {seen}, and those of this ledger \
         {own}. Nothing is recorded in a fork", path.display()
    )]
    Fork { path: PathBuf, size: u64, seen: String, own: String },
}

impl WitnessError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            WitnessError::Unreachable { .. } => "witness_unreachable",
            WitnessError::Damaged { .. } => "witness_damaged",
            WitnessError::SetBack { .. } => "set_back",
            WitnessError::Fork { .. } => "other_history",
        }
    }
}

/// A witness that a ledger remembers.
pub struct Witness {
    path: PathBuf,
    key: PublicKey,
    /// How many events the longest checkpoint has that this ledger added.
    added: u64,
}

impl Witness {
    /// A witness in a file or directory, of the checkpoints of this key.
    pub fn at(path: &Path, key: PublicKey) -> io::Result<Witness> {
        Ok(Witness { path: std::path::absolute(path)?, key, added: 0 })
    }

    /// The witness of the ledger in a directory, where it has one.
    pub fn of(dir: &Path) -> Result<Option<Witness>, LedgerError> {
        let file = dir.join(WITNESS_FILE);
        let unreadable = |why: String| WitnessError::Unreachable { path: file.clone(), why };
        let content = match read_bounded(&file, CHECKPOINT_BYTES_MAX as u64) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| unreadable(error.to_string()))?,
        };
        let said = String::from_utf8(content).ok();
        let parse = |text: &str| {
            let (key, rest) = text.strip_suffix('\n')?.split_once('\n')?;
            let (added, path) = rest.split_once(' ')?;
            Some((PublicKey::parse(key).ok()?, added.parse().ok()?, PathBuf::from(path)))
        };
        let (key, added, path) = said
            .as_deref()
            .and_then(parse)
            .ok_or_else(|| unreadable("it does not say where the witness is".to_owned()))?;
        Ok(Some(Witness { path, key, added }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Has the ledger in a directory remember it, and how far it has seen.
    fn remember(&self, dir: &Path) -> io::Result<()> {
        let (file, new) = (dir.join(WITNESS_FILE), dir.join(format!("{WITNESS_FILE}.new")));
        let mut written = File::create(&new)?;
        writeln!(written, "{}\n{} {}", self.key.text(), self.added, self.path.display())?;
        written.sync_all()?;
        fs::rename(&new, &file)?;
        File::open(dir)?.sync_all()
    }

    /// Has the ledger in a directory forget its witness; says whether it had one.
    pub fn forget(dir: &Path) -> io::Result<bool> {
        match fs::remove_file(dir.join(WITNESS_FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            other => other.and_then(|()| File::open(dir)?.sync_all()).map(|()| true),
        }
    }

    /// Adds a checkpoint of the ledger in a directory, durably. What the witness holds stays as it is.
    pub fn add(&mut self, dir: &Path, checkpoint: &Checkpoint, note: &str) -> io::Result<()> {
        if fs::symlink_metadata(&self.path).is_ok_and(|found| found.is_symlink()) {
            let why = "the witness is a symbolic link: name what it leads to";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        if self.path.is_dir() {
            let path = self.path.join(format!("{:020}{CHECKPOINT}", checkpoint.size));
            if !path.exists() {
                let new = path.with_extension("new");
                let mut file = File::create(&new)?;
                file.write_all(note.as_bytes())?;
                file.sync_all()?;
                fs::rename(&new, &path)?;
                File::open(&self.path)?.sync_all()?;
            }
        } else {
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(&self.path)?;
            let mut held = String::new();
            Read::by_ref(&mut file).take(WITNESS_BYTES_MAX).read_to_string(&mut held)?;
            let whole = whole_notes(&held);
            // What was cut off there would hide what comes behind it.
            if whole.len() < held.len() {
                file.set_len(whole.len() as u64)?;
            }
            let between = if whole.is_empty() { "" } else { "\n" };
            file.write_all(format!("{between}{note}").as_bytes())?;
            file.sync_all()?;
        }
        self.added = self.added.max(checkpoint.size);
        self.remember(dir)
    }

    /// The checkpoints that it holds, the shortest first.
    pub fn checkpoints(&self) -> Result<Vec<Checkpoint>, WitnessError> {
        let unreachable = |error: io::Error| {
            let (path, why) = (self.path.clone(), error.to_string());
            WitnessError::Unreachable { path, why }
        };
        let mut texts = Vec::new();
        if self.path.is_dir() {
            for entry in fs::read_dir(&self.path).map_err(unreachable)? {
                let path = entry.map_err(unreachable)?.path();
                if path.to_string_lossy().ends_with(CHECKPOINT) {
                    texts.push(read_bounded(&path, CHECKPOINT_BYTES_MAX as u64).map_err(unreachable)?);
                }
            }
        } else {
            texts.push(read_bounded(&self.path, WITNESS_BYTES_MAX).map_err(unreachable)?);
        }
        let mut checkpoints = Vec::new();
        for text in &texts {
            for note in notes(whole_notes(&String::from_utf8_lossy(text))) {
                let opened = self.key.open(&note).map_err(|error| WitnessError::Damaged {
                    path: self.path.clone(),
                    name: self.key.name().to_owned(),
                    error,
                })?;
                checkpoints.push(opened);
            }
        }
        checkpoints.sort_by_key(|checkpoint| checkpoint.size);
        if checkpoints.last().map_or(0, |last| last.size) < self.added {
            let why = format!("it lacks the checkpoint of {} events that was added", self.added);
            return Err(WitnessError::Unreachable { path: self.path.clone(), why });
        }
        Ok(checkpoints)
    }
}

/// The text up to the end of its last note that is whole: one that ends with a signature and the end of its line.
fn whole_notes(text: &str) -> &str {
    let mut end = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if line.starts_with('\u{2014}') && line.ends_with('\n') {
            end = at;
        }
    }
    text.get(..end).unwrap_or_default()
}

impl Ledger {
    /// Refuses a ledger of which its witness has seen another history, or a longer one. Whoever records asks for the
    /// longest checkpoint alone: the earlier ones follow from it.
    pub(crate) fn check_witness(&self) -> Result<(), LedgerError> {
        let Some(witness) = self.dir().map_or(Ok(None), Witness::of)? else { return Ok(()) };
        if let Some(last) = witness.checkpoints()?.last() {
            self.compare(&witness, last)?;
        }
        Ok(())
    }

    /// Compares every checkpoint of the witness; says how many there are, where there is one.
    pub(crate) fn compare_witness(&self) -> Result<Option<usize>, LedgerError> {
        let Some(witness) = self.dir().map_or(Ok(None), Witness::of)? else { return Ok(None) };
        let checkpoints = witness.checkpoints()?;
        checkpoints.iter().try_for_each(|checkpoint| self.compare(&witness, checkpoint))?;
        Ok(Some(checkpoints.len()))
    }

    /// Compares a checkpoint with this ledger.
    pub fn compare(&self, witness: &Witness, seen: &Checkpoint) -> Result<(), LedgerError> {
        let (path, size, own) = (witness.path.clone(), seen.size, self.position());
        if size > own {
            return Err(WitnessError::SetBack { path, size, own }.into());
        }
        let (seen, own) = (Root(seen.root), self.root_at(size)?);
        if seen == own {
            return Ok(());
        }
        Err(WitnessError::Fork { path, size, seen: seen.to_string(), own: own.to_string() }.into())
    }
}
