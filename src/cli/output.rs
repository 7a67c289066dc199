//! Files that a command leaves behind.
//!
//! **Correctness.** A file is written under a name that nobody can guess, readable by its owner alone, and gets its own
//! name once it is whole and synced: nothing is followed, and nothing is replaced that was there before, unless that
//! is asked for. What is left of a command that was killed says by its name what it is.

use crate::cli::failure::{Failure, FileWrong};
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile, TempDir};

/// What everybody may do with what is not secret.
pub const PUBLIC: u32 = 0o644;

/// What its owner alone may do with a file.
pub const SECRET: u32 = 0o600;

/// A file that gets its name when it is whole. Dropped before, it is gone.
pub struct NewFile {
    partial: NamedTempFile,
    to: PathBuf,
    force: bool,
}

impl NewFile {
    /// Begins a file. One of its name is left alone, unless it is to be replaced.
    pub fn create(to: &Path, force: bool) -> Result<NewFile, Failure> {
        if to.file_name().is_none() {
            return Err(FileWrong::NoName.of(to));
        }
        match fs::symlink_metadata(to) {
            Ok(there) if there.is_dir() => return Err(FileWrong::NoFile.of(to)),
            Ok(there) if force && !there.is_file() && !there.is_symlink() => {
                return Err(FileWrong::NoFile.of(to));
            }
            Ok(_) if !force => return Err(FileWrong::There.of(to)),
            _ => {}
        }
        Ok(NewFile { force, ..NewFile::create_beside(to)? })
    }

    /// Begins a file that may get another name than this one.
    pub fn create_beside(to: &Path) -> Result<NewFile, Failure> {
        let partial = Builder::new().prefix(&prefix(to)).suffix(".partial").tempfile_in(parent(to));
        let partial = partial.map_err(|error| FileWrong::Unwritten(error).of(to))?;
        Ok(NewFile { partial, to: to.to_owned(), force: false })
    }

    pub fn file(&mut self) -> &mut File {
        self.partial.as_file_mut()
    }

    /// Where it lies meanwhile.
    pub fn partial(&self) -> &Path {
        self.partial.path()
    }

    /// Gives it its name, with what others may do with it.
    pub fn place(self, mode: u32) -> Result<(), Failure> {
        let NewFile { partial, to, force } = self;
        let place = || -> io::Result<()> {
            partial.as_file().set_permissions(Permissions::from_mode(mode))?;
            partial.as_file().sync_all()?;
            let placed = if force { partial.persist(&to) } else { partial.persist_noclobber(&to) };
            placed.map_err(|error| error.error)?;
            File::open(parent(&to))?.sync_all()
        };
        place().map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => FileWrong::There.of(&to),
            _ => FileWrong::Unwritten(error).of(&to),
        })
    }

    /// Gives it this name, in the place of what has it only where that is asked for.
    pub fn place_as(self, to: &Path, force: bool, mode: u32) -> Result<(), Failure> {
        NewFile { to: to.to_owned(), force, ..self }.place(mode)
    }

    /// Writes all of it, and gives it its name.
    pub fn fill(mut self, content: &[u8], mode: u32) -> Result<(), Failure> {
        let written = self.file().write_all(content);
        written.map_err(|error| FileWrong::Unwritten(error).of(&self.to))?;
        self.place(mode)
    }
}

/// A directory that gets its name when it is whole. Dropped before, it is gone.
pub struct NewDirectory {
    partial: TempDir,
    to: PathBuf,
}

impl NewDirectory {
    /// Begins a directory.
    pub fn create(to: &Path) -> Result<NewDirectory, Failure> {
        if to.file_name().is_none() {
            return Err(FileWrong::NoName.of(to));
        }
        let cannot = |error| FileWrong::Unwritten(error).of(to);
        fs::create_dir_all(parent(to)).map_err(cannot)?;
        let partial = Builder::new().prefix(&prefix(to)).suffix(".partial").tempdir_in(parent(to));
        Ok(NewDirectory { partial: partial.map_err(cannot)?, to: to.to_owned() })
    }

    /// Where it lies meanwhile.
    pub fn partial(&self) -> &Path {
        self.partial.path()
    }

    /// Gives it its name, which nothing has.
    pub fn place(self) -> Result<(), Failure> {
        let NewDirectory { partial, to } = self;
        let place = || -> io::Result<()> {
            File::open(partial.path())?.sync_all()?;
            if fs::symlink_metadata(&to).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(partial.path(), &to)?;
            // Its name is another now: there is nothing to remove.
            let _ = partial.keep();
            File::open(parent(&to))?.sync_all()
        };
        place().map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => FileWrong::There.of(&to),
            _ => FileWrong::Unwritten(error).of(&to),
        })
    }
}

/// What the name of something unfinished begins with.
fn prefix(to: &Path) -> String {
    let name = to.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    format!(".{name}.")
}

/// The directory that something is in.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|up| !up.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
