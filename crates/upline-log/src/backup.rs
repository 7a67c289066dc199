//! A whole ledger in one file.
//!
//! # Shape
//! A tar archive of a ledger's files, `log`, `tail`, `acknowledged` and `directory.jsonl` in this order, the tail
//! empty, and then the statements that are kept, `statements/` and their hashes, sorted: unpacked, it is the ledger.
//! The same ledger makes the same bytes.
//!
//! # Correctness
//! What is written is a log as it was when it was opened, verified while it is written. Reading one checks
//! every block against the one in front, and takes nothing that is not what a backup holds.

use crate::acknowledged::{self, LINE_BYTES};
use crate::block::{BLOCK_BYTES_MAX, Block};
use crate::block_file::{FRAME_BYTES, LOG_MAGIC, MAGIC_BYTES, Place, TAIL_MAGIC, push_frame};
use crate::directory::{self, Directory};
use crate::disk_log::{LOG, TAIL};
use crate::encoder::Sealed;
use crate::error::LogError;
use crate::examine::{check, examine};
use crate::kept::{self, KEPT_BYTES_MAX, kept, kept_names};
use crate::log::EventLog;
use crate::tip::Tip;
use std::io::{self, Read, Write};
use std::path::Path;
use upline_core::event::Position;

/// The largest directory of names that is read from a backup, in bytes.
pub const DIRECTORY_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// What may be done with the files of an unpacked backup.
const MODE: u32 = 0o644;

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
    let bytes = MAGIC_BYTES as u64 + verified.blocks * FRAME_BYTES as u64 + verified.bytes_stored;
    let mut tar = tar::Builder::new(out);
    let mut frames = Frames { log, next: 1, bytes: LOG_MAGIC.to_vec(), read: 0, progress };
    tar.append_data(&mut header(bytes), LOG, &mut frames).map_err(failed())?;
    tar.append_data(&mut header(MAGIC_BYTES as u64), TAIL, &TAIL_MAGIC[..]).map_err(failed())?;
    for (name, content) in
        [(acknowledged::FILE, acknowledged::line(log.tip())), (directory::FILE, names.content())]
    {
        tar.append_data(&mut header(content.len() as u64), name, content.as_bytes()).map_err(failed())?;
    }
    for name in dir.map_or_else(|| Ok(Vec::new()), kept_names)? {
        let content = dir.map_or_else(|| Ok(Vec::new()), |dir| kept(dir, &name))?;
        let path = format!("{}/{name}", kept::DIR);
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

/// The bytes of a log's file, read block by block.
struct Frames<'a> {
    log: &'a dyn EventLog,
    /// The position of the next block.
    next: Position,
    bytes: Vec<u8>,
    /// How many of these bytes were read.
    read: usize,
    progress: &'a mut dyn FnMut(Position),
}

impl Read for Frames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.bytes.len() && self.next <= self.log.len() {
            self.bytes.clear();
            self.read = 0;
            for block in self.log.blocks(self.next).take(16) {
                let block = block.map_err(io::Error::other)?;
                push_frame(&mut self.bytes, &block);
                self.next = block.last() + 1;
            }
            (self.progress)(self.next - 1);
        }
        let mut rest = self.bytes.get(self.read..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.read += count;
        Ok(count)
    }
}

/// Reads a backup: hands over every block, verified, and every statement, and returns where the log ends and the
/// names.
pub fn read_backup(
    input: impl Read,
    path: &Path,
    take: &mut dyn FnMut(Sealed) -> Result<(), LogError>,
    keep: &mut dyn FnMut(&[u8]) -> Result<(), LogError>,
) -> Result<(Tip, Directory), LogError> {
    let none = |what: &str| LogError::NoBackup { path: path.to_owned(), what: what.to_owned() };
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => none("it ends too early"),
        // What tar says of bytes that are none of its own quotes them, whatever they are.
        io::ErrorKind::Other | io::ErrorKind::InvalidData => none("it is no tar archive, or a damaged one"),
        _ => LogError::io(format!("reading {}", path.display()))(error),
    };
    let mut archive = tar::Archive::new(input);
    let mut entries = archive.entries().map_err(failed)?;
    let mut next = |name: &str| -> Result<_, LogError> {
        let entry = entries.next().ok_or_else(|| none(&format!("it has no {name}")))?.map_err(failed)?;
        let right = entry.path_bytes().as_ref() == name.as_bytes() && entry.header().entry_type().is_file();
        if right { Ok(entry) } else { Err(none(&format!("it does not hold {name} where it should"))) }
    };
    let mut log = next(LOG)?;
    let mut magic = [0; MAGIC_BYTES];
    log.read_exact(&mut magic).map_err(failed)?;
    if magic != LOG_MAGIC {
        return Err(none("its log does not begin as a log of this format does"));
    }
    let mut tip = Tip::default();
    let mut rest = log.size().saturating_sub(MAGIC_BYTES as u64);
    while rest > 0 {
        let block = read_block(&mut log, rest, &tip, &none).map_err(|error| match error {
            ReadError::Log(error) => error,
            ReadError::Io(error) => failed(error),
        })?;
        rest = rest.saturating_sub((FRAME_BYTES + block.bytes().len()) as u64);
        check(&tip, &block).map_err(|(_, error)| error)?;
        let after = block.tip().clone();
        if rest == 0 && !block.is_complete() {
            return Err(none("its log ends within what one fact caused"));
        }
        take(Sealed::known(block, tip))?;
        tip = after;
    }
    let mut content = |name: &str, bytes_max: u64| -> Result<Vec<u8>, LogError> {
        let mut entry = next(name)?;
        if entry.size() > bytes_max {
            return Err(none(&format!("its {name} is larger than any")));
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(failed)?;
        Ok(content)
    };
    if content(TAIL, MAGIC_BYTES as u64)? != TAIL_MAGIC {
        return Err(none("its tail is not empty"));
    }
    if content(acknowledged::FILE, LINE_BYTES as u64)? != acknowledged::line(&tip).as_bytes() {
        return Err(none("its log does not end where it says"));
    }
    let names = Directory::of_content(&content(directory::FILE, DIRECTORY_BYTES_MAX)?, path)?;
    let mut last = String::new();
    for entry in entries {
        let mut entry = entry.map_err(failed)?;
        let name = std::str::from_utf8(&entry.path_bytes()).map(str::to_owned).unwrap_or_default();
        let name = name.strip_prefix(kept::DIR).and_then(|name| name.strip_prefix('/')).unwrap_or_default();
        if !kept::is_name(name) || name <= last.as_str() || !entry.header().entry_type().is_file() {
            return Err(none("it holds more than a ledger"));
        }
        if entry.size() > KEPT_BYTES_MAX {
            return Err(none("a statement in it is larger than any"));
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(failed)?;
        if kept::sha256(&content) != name {
            return Err(none("a statement in it is not the one that it is named for"));
        }
        keep(&content)?;
        name.clone_into(&mut last);
    }
    Ok((tip, names))
}

enum ReadError {
    Log(LogError),
    Io(io::Error),
}

/// The next block of a log's file, of which so many bytes are left.
fn read_block(
    log: &mut impl Read,
    left: u64,
    before: &Tip,
    none: &dyn Fn(&str) -> LogError,
) -> Result<Block, ReadError> {
    let wrong =
        || ReadError::Log(none(&format!("what effects event {} in it is no block", before.position())));
    let mut frame = [0; FRAME_BYTES];
    if left < FRAME_BYTES as u64 {
        return Err(wrong());
    }
    log.read_exact(&mut frame).map_err(ReadError::Io)?;
    let place =
        Place::of_frame(&frame, 0).filter(|place| place.first == before.position() + 1).ok_or_else(wrong)?;
    let length = place.bytes as usize;
    if length > BLOCK_BYTES_MAX || FRAME_BYTES as u64 + u64::from(place.bytes) > left {
        return Err(wrong());
    }
    let mut bytes = vec![0; length];
    log.read_exact(&mut bytes).map_err(ReadError::Io)?;
    let block = Block::parse(place.first, bytes).map_err(ReadError::Log)?;
    if block.last() == place.last { Ok(block) } else { Err(wrong()) }
}
