//! A whole ledger in one file.
//!
//! # Shape
//! A tar archive of a ledger's files, `log`, `tail`, `acknowledged`, `directory.jsonl` and, where they are there,
//! `directory.key`, `witness` and `proposals.json` in this order, the tail empty, and then the statements that are kept, `statements/` and their hashes,
//! sorted: unpacked, it is the ledger.
//! The same ledger makes the same bytes.
//!
//! # Correctness
//! What is written is a log as it was when it was opened, verified while it is written. Reading one checks
//! every block against the one in front, and takes nothing that is not what a backup holds.

use crate::commitment::{DirectoryKey, KEY_FILE, KEY_FILE_BYTES};
use crate::directory::{self, DIRECTORY_BYTES_MAX, Directory};
use crate::files::{self, FILE_BYTES_MAX, file, file_names};
use crate::proposals::{PROPOSALS_BYTES_MAX, PROPOSALS_FILE, Proposals};
use std::io::{self, Read, Write};
use std::path::Path;
use upline_core::event::Position;
use upline_log::disk::read_bounded;
use upline_log::log_file::{
    ACKNOWLEDGED, EMPTY_TAIL, LOG, LogFile, LogFileError, TAIL, acknowledged_line, read_log_file,
};
use upline_log::{EventLog, LogError, Sealed, Tip, examine};

/// What may be done with the files of an unpacked backup: by their owner alone.
const MODE: u32 = 0o600;

/// Writes a backup, with the statements that are kept in a directory. `progress` hears the position of the last event, twice over: of verifying, of writing.
pub fn write_backup(
    log: &dyn EventLog,
    names: &Directory,
    dir: Option<&Path>,
    out: impl Write,
    progress: &mut dyn FnMut(Position),
) -> Result<(), LogError> {
    let examined = examine(log, progress);
    if let Some((_, error)) = examined.wrong.into_iter().next() {
        return Err(error);
    }
    let verified = examined.verified;
    let failed = || LogError::io("writing the backup");
    let mut tar = tar::Builder::new(out);
    let bytes = LogFile::bytes(&verified);
    tar.append_data(&mut header(bytes), LOG, LogFile::of(log, progress)).map_err(failed())?;
    tar.append_data(&mut header(EMPTY_TAIL.len() as u64), TAIL, EMPTY_TAIL).map_err(failed())?;
    let key = dir.map_or(Ok(None), DirectoryKey::open)?;
    let mut beside = vec![(ACKNOWLEDGED, acknowledged_line(log.tip())), (directory::FILE, names.content())];
    beside.extend(key.map(|key| (KEY_FILE, key.content())));
    beside.extend(dir.map_or(Ok(None), witness)?.map(|witness| (WITNESS_FILE, witness)));
    let proposals = dir.map_or(Ok(None), Proposals::open)?;
    beside.extend(proposals.map(|proposals| (PROPOSALS_FILE, proposals.content())));
    for (name, content) in beside {
        tar.append_data(&mut header(content.len() as u64), name, content.as_bytes()).map_err(failed())?;
    }
    for name in dir.map_or_else(|| Ok(Vec::new()), file_names)? {
        let content = dir.map_or_else(|| Ok(Vec::new()), |dir| file(dir, &name))?;
        let path = format!("{}/{name}", files::DIR);
        tar.append_data(&mut header(content.len() as u64), path, &content[..]).map_err(failed())?;
    }
    tar.into_inner().and_then(|mut out| out.flush()).map_err(failed())
}

fn header(bytes: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes);
    header.set_mode(MODE);
    header.set_mtime(0);
    header
}

/// What a backup holds besides blocks and statements.
pub struct Restored {
    /// Where the log ends.
    pub tip: Tip,
    pub names: Directory,
    /// What binds the log to the bank details, where there are any.
    pub key: Option<DirectoryKey>,
    /// Who has seen its checkpoints, where somebody has.
    pub witness: Option<String>,
    /// What was proposed, where anything was.
    pub proposals: Option<Proposals>,
}

/// The file that says who has seen a ledger's checkpoints.
pub const WITNESS_FILE: &str = "witness";

/// The most that such a file says.
const WITNESS_BYTES_MAX: u64 = 64 * 1024;

/// What the file in a directory says.
pub fn witness(dir: &Path) -> Result<Option<String>, LogError> {
    let path = dir.join(WITNESS_FILE);
    match read_bounded(&path, WITNESS_BYTES_MAX) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LogError::io(format!("reading {}", path.display()))(error)),
        Ok(content) => Ok(String::from_utf8(content).ok()),
    }
}

/// Reads a backup: hands over every block, verified, and every statement, and returns the rest.
pub fn read_backup(
    input: impl Read,
    path: &Path,
    take: &mut dyn FnMut(Sealed) -> Result<(), LogError>,
    keep: &mut dyn FnMut(&[u8]) -> Result<(), LogError>,
) -> Result<Restored, LogError> {
    let none = |what: &str| LogError::NoBackup { path: path.to_owned(), what: what.to_owned() };
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => none("it ends too early"),
        // What tar says of bytes that are none of its own quotes them, whatever they are.
        io::ErrorKind::Other | io::ErrorKind::InvalidData => none("it is no tar archive, or a damaged one"),
        _ => LogError::io(format!("reading {}", path.display()))(error),
    };
    let mut archive = tar::Archive::new(input);
    // As they are: no entry of ours needs another that says more about it, which tar would read whole.
    let mut entries = archive.entries().map_err(failed)?.raw(true);
    let mut next = |name: &str| -> Result<_, LogError> {
        let entry = entries.next().ok_or_else(|| none(&format!("it has no {name}")))?.map_err(failed)?;
        let right = entry.path_bytes().as_ref() == name.as_bytes() && entry.header().entry_type().is_file();
        if right { Ok(entry) } else { Err(none(&format!("it does not hold {name} where it should"))) }
    };
    let mut log = next(LOG)?;
    let bytes = log.size();
    let tip = read_log_file(&mut log, bytes, take).map_err(|error| match error {
        LogFileError::Io(error) => failed(error),
        LogFileError::NotWhole(what) => none(&what),
        LogFileError::Log(error) => error,
    })?;
    let mut content = |name: &str, bytes_max: u64| -> Result<Vec<u8>, LogError> {
        let mut entry = next(name)?;
        if entry.size() > bytes_max {
            return Err(none(&format!("its {name} is larger than any")));
        }
        whole(&mut entry).map_err(failed)
    };
    if content(TAIL, EMPTY_TAIL.len() as u64)? != EMPTY_TAIL {
        return Err(none("its tail is not empty"));
    }
    if content(ACKNOWLEDGED, acknowledged_line(&tip).len() as u64)? != acknowledged_line(&tip).as_bytes() {
        return Err(none("its log does not end where it says"));
    }
    let names = Directory::of_content(&content(directory::FILE, DIRECTORY_BYTES_MAX)?, path)?;
    let (mut last, mut key, mut witness, mut proposals) = (String::new(), None, None, None);
    for entry in entries {
        let mut entry = entry.map_err(failed)?;
        let name = std::str::from_utf8(&entry.path_bytes()).map(str::to_owned).unwrap_or_default();
        if name == KEY_FILE && last.is_empty() && key.is_none() && entry.size() == KEY_FILE_BYTES {
            key = DirectoryKey::parse(&whole(&mut entry).map_err(failed)?);
            if key.is_none() {
                return Err(none("the key of its directory is none"));
            }
            continue;
        }
        if name == WITNESS_FILE && last.is_empty() && witness.is_none() && entry.size() <= WITNESS_BYTES_MAX {
            let content = whole(&mut entry).map_err(failed)?;
            witness = Some(String::from_utf8(content).map_err(|_| none("its witness is no text"))?);
            continue;
        }
        let fits = last.is_empty() && proposals.is_none() && entry.size() <= PROPOSALS_BYTES_MAX;
        if name == PROPOSALS_FILE && fits {
            proposals = Some(Proposals::of_content(&whole(&mut entry).map_err(failed)?, path)?);
            continue;
        }
        let name = name.strip_prefix(files::DIR).and_then(|name| name.strip_prefix('/')).unwrap_or_default();
        if !files::is_name(name) || name <= last.as_str() || !entry.header().entry_type().is_file() {
            return Err(none("it holds more than a ledger"));
        }
        if entry.size() > FILE_BYTES_MAX {
            return Err(none("a statement in it is larger than any"));
        }
        let content = whole(&mut entry).map_err(failed)?;
        if files::sha256(&content) != name {
            return Err(none("a statement in it is not the one that it is named for"));
        }
        keep(&content)?;
        name.clone_into(&mut last);
    }
    Ok(Restored { tip, names, key, witness, proposals })
}

/// What an entry holds, whose size was looked at.
fn whole(entry: &mut tar::Entry<'_, impl Read>) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let bytes = usize::try_from(entry.size()).map_err(io::Error::other)?;
    content.try_reserve_exact(bytes).map_err(|_| io::ErrorKind::OutOfMemory)?;
    entry.read_to_end(&mut content)?;
    if content.len() == bytes { Ok(content) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
