//! The operating system as the log uses it, behind a small trait: so that tests can stand in for a disk that
//! fails, tears what it writes, and forgets what was not synced.
//!
//! # Shape
//! [`Disk`] opens, renames and locks; a [`DiskFile`] is read and written at offsets. [`OsDisk`] is the real
//! one.
//!
//! # Correctness
//! What a crash may undo: everything written to a file since its last [`DiskFile::sync`], in any part and
//! order; every name given or taken in a directory since its last [`Disk::sync_dir`].

pub mod simulated;

use rustix::fs::OFlags;
use std::fmt::Debug;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To be read; it must be there.
    Read,
    /// To be read and written; it must be there.
    Write,
    /// Empty, to be read and written, whether or not it was there.
    Anew,
}

/// Where files are kept.
pub trait Disk: Send + Sync + Debug {
    /// Opens a file.
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>>;

    /// Whether there is a file of this name.
    fn is_file(&self, path: &Path) -> bool;

    /// Makes a directory and those above it, where they are missing.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Gives a file another name, in place of the file that has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Locks a file, which is made where it is missing, until what is returned is dropped. `None` when it is
    /// locked already.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>>;
}

/// An open file.
pub trait DiskFile: Send + Sync + Debug {
    /// How long it is, in bytes.
    fn bytes(&self) -> io::Result<u64>;

    /// Fills a buffer from an offset on.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes all of this at an offset. Where it fails, any part of it may be written.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts it, or makes it longer by zeros.
    fn set_bytes(&self, bytes: u64) -> io::Result<()>;

    /// Makes its content and length durable.
    fn sync(&self) -> io::Result<()>;
}

/// A lock, held until it is dropped.
pub trait DiskLock: Send + Sync + Debug {
    /// Writes down who holds it, in place of who held it before. Need not be durable.
    fn note(&self, who: &str) -> io::Result<()>;
}

/// The files of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsDisk;

impl Disk for OsDisk {
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>> {
        let mut options = File::options();
        options.read(true).write(access != Access::Read);
        options.create(access == Access::Anew).truncate(access == Access::Anew);
        Ok(Box::new(open_file(&mut options, path)?))
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>> {
        let file = open_file(File::options().create(true).truncate(false).write(true), path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Opens a file. Something else in its place is refused, not waited for, as a named pipe would be.
fn open_file(options: &mut fs::OpenOptions, path: &Path) -> io::Result<File> {
    let file = options.custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(no_file()) }
}

/// Opens a file of a ledger to read it; something else in its place is refused.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    open_file(File::options().read(true), path)
}

/// What a file of a ledger holds, which has at most so many bytes.
pub fn read_bounded(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let file = open_to_read(path)?;
    let bytes = file.metadata()?.len();
    let too_large = || {
        io::Error::new(io::ErrorKind::FileTooLarge, format!("it has {bytes} bytes, and may have {bytes_max}"))
    };
    if bytes > bytes_max {
        return Err(too_large());
    }
    let length = usize::try_from(bytes).map_err(|_| too_large())?;
    let mut content = Vec::new();
    content.try_reserve_exact(length).map_err(|_| io::ErrorKind::OutOfMemory)?;
    // What has grown meanwhile is not read on.
    file.take(bytes).read_to_end(&mut content)?;
    Ok(content)
}

/// Refuses a directory in which something lies that is neither a file nor a directory.
pub fn check_entries(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let kind = match fs::metadata(&path) {
            // A name that leads nowhere is told by whoever needs it; one that is gone was being replaced.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other?.file_type(),
        };
        // Through which others ask whoever has the ledger open; after a kill nobody listens on it.
        let is_asked_through = kind.is_socket() && path.file_name().is_some_and(|name| name == "socket");
        if !kind.is_file() && !kind.is_dir() && !is_asked_through {
            return Err(io::Error::new(
                no_file().kind(),
                format!("{} is no file: remove it", path.display()),
            ));
        }
    }
    Ok(())
}

fn no_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is no file: a pipe, a socket or a device")
}

impl DiskFile for File {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_exact_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn set_bytes(&self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

impl DiskLock for File {
    fn note(&self, who: &str) -> io::Result<()> {
        self.set_len(0)?;
        self.write_all_at(who.as_bytes(), 0)
    }
}
