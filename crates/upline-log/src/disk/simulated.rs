//! A disk in memory that fails, tears what it writes, forgets what was not synced, and fills up: what tests
//! put under a log.
//!
//! # Shape
//! It counts every operation that changes something. A [`Fault`] hits the n-th. [`SimulatedDisk::crashed`]
//! draws from a seed what a power cut would have left, and returns that as another disk.
//!
//! # Correctness
//! After a crash a file holds what it held when it was last synced, and of each later write any set of its
//! sectors of [`SECTOR_BYTES`]. Names hold as of the last sync of the directory, and a prefix of what came
//! later. After a failed sync what was written stays visible and is never made durable by a later sync, as
//! Linux does it.

use crate::disk::{Access, Disk, DiskFile, DiskLock};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a disk writes whole or not at all.
pub const SECTOR_BYTES: usize = 512;

/// What goes wrong at an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails and does nothing.
    Fails,
    /// Of a write only the first half is written, up to a sector's end, before it fails; else as [`Fault::Fails`].
    Tears,
    /// The power goes: this and everything after it fails.
    PowerCut,
}

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct SimulatedDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    files: Vec<FileState>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    /// What became of names since the last sync of the directory.
    name_changes: Vec<NameChange>,
    locked: BTreeSet<PathBuf>,
    operations: u64,
    fault: Option<(u64, Fault)>,
    no_power: bool,
    /// How many bytes all files together may take.
    room_bytes: Option<u64>,
}

#[derive(Clone, Debug)]
enum NameChange {
    Created(PathBuf, usize),
    Renamed(PathBuf, PathBuf),
}

#[derive(Clone, Debug, Default)]
struct FileState {
    now: Vec<u8>,
    durable: Vec<u8>,
    /// Since the last sync.
    changes: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Written { offset: usize, bytes: Vec<u8> },
    Length(usize),
}

impl SimulatedDisk {
    /// An empty disk.
    pub fn new() -> SimulatedDisk {
        SimulatedDisk::default()
    }

    /// How many operations have changed something so far.
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Makes an operation to come fail, counted as [`SimulatedDisk::operations`] counts, from 1.
    pub fn fail_at(&self, operation: u64, fault: Fault) {
        self.state().fault = Some((operation, fault));
    }

    /// Says how many bytes all files together may take; `None` for no bound.
    pub fn set_room(&self, bytes: Option<u64>) {
        self.state().room_bytes = bytes;
    }

    /// How many bytes all files together take.
    pub fn bytes(&self) -> u64 {
        self.state().bytes()
    }

    /// What a power cut now would leave, drawn from a seed.
    pub fn crashed(&self, seed: u64) -> SimulatedDisk {
        let state = self.state();
        let mut dice = Dice(seed);
        let files = state.files.iter().map(|file| file.crashed(&mut dice)).collect();
        let mut names = state.durable_names.clone();
        let kept = dice.below(state.name_changes.len() as u64 + 1);
        for change in state.name_changes.iter().take(kept as usize) {
            change.apply(&mut names);
        }
        let after = State { files, durable_names: names.clone(), names, ..State::default() };
        SimulatedDisk { state: Arc::new(Mutex::new(after)) }
    }

    /// What a file holds.
    pub fn content(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        let file = state.names.get(path).and_then(|index| state.files.get(*index))?;
        Some(file.now.clone())
    }

    /// Puts a file in place, durably.
    pub fn put(&self, path: &Path, bytes: Vec<u8>) {
        let mut state = self.state();
        let file = FileState { durable: bytes.clone(), now: bytes, changes: Vec::new() };
        let known = state.names.get(path).copied();
        let index = known.unwrap_or(state.files.len());
        match state.files.get_mut(index) {
            Some(held) => *held = file,
            None => state.files.push(file),
        }
        state.names.insert(path.to_owned(), index);
        state.durable_names.insert(path.to_owned(), index);
    }

    /// Takes a file away.
    pub fn remove(&self, path: &Path) {
        let mut state = self.state();
        state.names.remove(path);
        state.durable_names.remove(path);
    }

    /// The names of all files.
    pub fn names(&self) -> Vec<PathBuf> {
        self.state().names.keys().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn bytes(&self) -> u64 {
        self.names.values().filter_map(|index| self.files.get(*index)).map(|file| file.now.len() as u64).sum()
    }

    /// Counts an operation; the fault that hits it, if one does.
    fn operate(&mut self) -> Option<Fault> {
        self.operations += 1;
        let hit = self.fault.filter(|(operation, _)| *operation == self.operations).map(|(_, fault)| fault);
        self.no_power |= hit == Some(Fault::PowerCut);
        if self.no_power { Some(Fault::PowerCut) } else { hit }
    }

    fn file(&mut self, index: usize) -> io::Result<&mut FileState> {
        self.files.get_mut(index).ok_or_else(|| io::Error::other("no such file"))
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            NameChange::Created(path, index) => {
                names.insert(path.clone(), *index);
            }
            NameChange::Renamed(from, to) => {
                if let Some(index) = names.remove(from) {
                    names.insert(to.clone(), index);
                }
            }
        }
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Change::Length(length) => content.resize(*length, 0),
            Change::Written { offset, bytes } => {
                let end = offset + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                if let Some(place) = content.get_mut(*offset..end) {
                    place.copy_from_slice(bytes);
                }
            }
        }
    }
}

impl FileState {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.changes.push(change);
    }

    /// What is left of it when the power goes.
    fn crashed(&self, dice: &mut Dice) -> FileState {
        let mut left = self.durable.clone();
        // Of three: all of it came to the disk, nothing, or some sectors.
        let mode = dice.below(3);
        for change in &self.changes {
            match change {
                _ if mode == 0 => change.apply(&mut left),
                _ if mode == 1 => {}
                Change::Length(_) => {
                    if dice.below(2) == 0 {
                        change.apply(&mut left);
                    }
                }
                Change::Written { offset, bytes } => {
                    let mut done = 0;
                    while done < bytes.len() {
                        let at = offset + done;
                        let sector = (SECTOR_BYTES - at % SECTOR_BYTES).min(bytes.len() - done);
                        if dice.below(2) == 0 {
                            let part = bytes.get(done..done + sector).unwrap_or_default().to_vec();
                            Change::Written { offset: at, bytes: part }.apply(&mut left);
                        }
                        done += sector;
                    }
                }
            }
        }
        FileState { now: left.clone(), durable: left, changes: Vec::new() }
    }
}

fn failed() -> io::Error {
    io::Error::other("the simulated disk failed")
}

fn missing() -> io::Error {
    io::Error::from(io::ErrorKind::NotFound)
}

impl Disk for SimulatedDisk {
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        let known = state.names.get(path).copied();
        let index = match (access, known) {
            (Access::Read | Access::Write, None) => return Err(missing()),
            (Access::Read | Access::Write, Some(index)) => index,
            (Access::Anew, _) => {
                if state.operate().is_some() {
                    return Err(failed());
                }
                match known {
                    Some(index) => {
                        state.file(index)?.change(Change::Length(0));
                        index
                    }
                    None => {
                        let index = state.files.len();
                        state.files.push(FileState::default());
                        state.names.insert(path.to_owned(), index);
                        state.name_changes.push(NameChange::Created(path.to_owned(), index));
                        index
                    }
                }
            }
        };
        Ok(Box::new(SimulatedFile { disk: self.clone(), index, access }))
    }

    fn is_file(&self, path: &Path) -> bool {
        self.state().names.contains_key(path)
    }

    fn create_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.operate().is_some() {
            return Err(failed());
        }
        if !state.names.contains_key(from) {
            return Err(missing());
        }
        let change = NameChange::Renamed(from.to_owned(), to.to_owned());
        change.apply(&mut state.names);
        state.name_changes.push(change);
        Ok(())
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.operate().is_some() {
            return Err(failed());
        }
        state.durable_names = state.names.clone();
        state.name_changes.clear();
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>> {
        if !self.state().locked.insert(path.to_owned()) {
            return Ok(None);
        }
        Ok(Some(Box::new(SimulatedLock { disk: self.clone(), path: path.to_owned() })))
    }
}

#[derive(Debug)]
struct SimulatedLock {
    disk: SimulatedDisk,
    path: PathBuf,
}

impl DiskLock for SimulatedLock {
    fn note(&self, _: &str) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for SimulatedLock {
    fn drop(&mut self) {
        self.disk.state().locked.remove(&self.path);
    }
}

#[derive(Debug)]
struct SimulatedFile {
    disk: SimulatedDisk,
    index: usize,
    access: Access,
}

impl SimulatedFile {
    fn writable(&self) -> io::Result<()> {
        if self.access == Access::Read { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
    }
}

impl DiskFile for SimulatedFile {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.disk.state().file(self.index)?.now.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        let content = &state.file(self.index)?.now;
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let part = start.checked_add(buffer.len()).and_then(|end| content.get(start..end));
        buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.writable()?;
        let mut state = self.disk.state();
        let fault = state.operate();
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let grown = (offset + bytes.len()).saturating_sub(state.file(self.index)?.now.len()) as u64;
        let full = state.room_bytes.is_some_and(|room| state.bytes() + grown > room);
        // Half of it, up to the end of a sector.
        let torn = ((offset + bytes.len() / 2) / SECTOR_BYTES * SECTOR_BYTES).saturating_sub(offset);
        let fitting = match fault {
            None if full => torn,
            None => bytes.len(),
            Some(Fault::Tears | Fault::PowerCut) => torn,
            Some(Fault::Fails) => 0,
        };
        let part = bytes.get(..fitting).unwrap_or_default().to_vec();
        if !part.is_empty() {
            state.file(self.index)?.change(Change::Written { offset, bytes: part });
        }
        match fault {
            Some(_) => Err(failed()),
            None if full => Err(io::ErrorKind::StorageFull.into()),
            None => Ok(()),
        }
    }

    fn set_bytes(&self, bytes: u64) -> io::Result<()> {
        self.writable()?;
        let mut state = self.disk.state();
        if state.operate().is_some() {
            return Err(failed());
        }
        let length = usize::try_from(bytes).map_err(io::Error::other)?;
        state.file(self.index)?.change(Change::Length(length));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        let fault = state.operate();
        let file = state.file(self.index)?;
        if fault == Some(Fault::PowerCut) {
            return Err(failed());
        }
        for change in std::mem::take(&mut file.changes) {
            // After a failure the next sync succeeds, and does not bring this back.
            if fault.is_none() {
                change.apply(&mut file.durable);
            }
        }
        if fault.is_some() { Err(failed()) } else { Ok(()) }
    }
}

/// Numbers of a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below.max(1)
    }
}
