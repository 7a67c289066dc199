//! Where an export goes: under another name until it is whole.

use crate::cli::failure::{Failure, FileWrong};
use crate::cli::output::{NewDirectory, NewFile, SECRET, parent};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file of a month's entries, in its directory.
const ENTRIES: &str = "entries.parquet";

/// What the name of a month's directory begins with, as tools that know partitions have it.
const MONTH: &str = "month=";

/// A name that may be taken.
pub struct Place {
    out: PathBuf,
    /// Whether what has it is replaced.
    force: bool,
}

impl Place {
    /// A place for one file.
    pub fn for_file(out: &Path, force: bool) -> Result<Place, Failure> {
        let place = Place::new(out, force)?;
        if out.exists() && !out.is_file() {
            return Err(FileWrong::NoFile.of(out));
        }
        Ok(place)
    }

    /// A place for a directory. What is not an earlier export is never removed.
    pub fn for_directory(out: &Path, force: bool) -> Result<Place, Failure> {
        let place = Place::new(out, force)?;
        if place.out.exists() && !is_export(&place.out).map_err(|error| place.cannot(error))? {
            return Err(FileWrong::NoExport.of(&place.out));
        }
        Ok(place)
    }

    fn new(out: &Path, force: bool) -> Result<Place, Failure> {
        if out.file_name().is_none() {
            return Err(FileWrong::NoName.of(out));
        }
        if out.exists() && !force {
            return Err(FileWrong::ThereForce.of(out));
        }
        // Taken apart and put together without a slash at the end.
        Ok(Place { out: out.components().collect(), force })
    }

    /// Writes a file: `write` gets it, and the directory that it is in.
    pub fn file<T>(&self, write: impl FnOnce(&File, &Path) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut file = NewFile::create(&self.out, self.force)?;
        let done = self.told(write(file.file(), parent(&self.out)))?;
        file.place(SECRET)?;
        Ok(done)
    }

    /// Writes a directory: `write` gets what opens the file of a month.
    pub fn directory<T>(
        &self,
        write: impl FnOnce(&mut dyn FnMut(&str) -> io::Result<Reopened>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let place = NewDirectory::create(&self.out)?;
        let fill = || -> Result<T, Failure> {
            let mut files = Vec::new();
            let done = write(&mut |month| {
                let dir = place.partial().join(format!("{MONTH}{month}"));
                fs::create_dir(&dir)?;
                let path = dir.join(ENTRIES);
                File::create_new(&path)?;
                files.push(path.clone());
                Ok(Reopened(path))
            })?;
            for file in &files {
                File::open(file)?.sync_all()?;
                file.parent().map_or(Ok(()), sync)?;
            }
            Ok(done)
        };
        let done = self.told(fill())?;
        self.replace_directory(place)?;
        Ok(done)
    }

    /// A directory cannot be renamed over another: the earlier one steps aside first.
    fn replace_directory(&self, place: NewDirectory) -> Result<(), Failure> {
        let cannot = |error| self.cannot(error);
        if !self.out.exists() {
            return place.place();
        }
        // It holds an export and nothing else.
        let aside = NewDirectory::create(&self.out)?;
        let replaced = aside.partial().join("replaced");
        fs::rename(&self.out, &replaced).map_err(cannot)?;
        place.place().inspect_err(|_| {
            let _ = fs::rename(&replaced, &self.out); // as it was; the reason is told
        })
    }

    /// Says of what could not be written which file it was.
    fn told<T>(&self, done: Result<T, Failure>) -> Result<T, Failure> {
        done.map_err(|failure| match failure {
            Failure::Output(error) => self.cannot(error),
            other => other,
        })
    }

    fn cannot(&self, error: io::Error) -> Failure {
        FileWrong::Unwritten(error).of(&self.out)
    }
}

/// Whether a directory holds an export and nothing else.
fn is_export(dir: &Path) -> io::Result<bool> {
    if !dir.is_dir() {
        return Ok(false);
    }
    for month in fs::read_dir(dir)? {
        let month = month?;
        if !month.file_name().to_string_lossy().starts_with(MONTH) || !month.file_type()?.is_dir() {
            return Ok(false);
        }
        for file in fs::read_dir(month.path())? {
            if file?.file_name() != ENTRIES {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// A file that is open only while it is written to, as there may be more months than files that a process can
/// have open.
pub struct Reopened(PathBuf);

impl Write for Reopened {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().append(true).open(&self.0)?.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(()) // nothing waits
    }
}
