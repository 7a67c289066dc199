//! Where an export goes: under another name until it is whole.

use crate::cli::failure::{Failure, FileWrong};
use std::ffi::OsString;
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
    /// The name until all is written.
    partial: PathBuf,
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
        for dir in [&place.out, &place.partial] {
            if dir.exists() && !is_export(dir).map_err(|error| place.cannot(error))? {
                return Err(FileWrong::NoExport.of(dir));
            }
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
        let out: PathBuf = out.components().collect();
        let partial = beside(&out, ".partial");
        Ok(Place { out, partial })
    }

    /// Writes a file: `write` gets it, and the directory that it is in.
    pub fn file<T>(&self, write: impl FnOnce(&File, &Path) -> Result<T, Failure>) -> Result<T, Failure> {
        let done = self.written(|| {
            let file = File::create(&self.partial)?;
            let done = write(&file, self.parent())?;
            file.sync_all()?;
            fs::rename(&self.partial, &self.out)?;
            Ok(done)
        });
        if done.is_err() {
            // The reason is told; should half a file stay, its name says so.
            let _ = fs::remove_file(&self.partial);
        }
        done
    }

    /// Writes a directory: `write` gets what opens the file of a month.
    pub fn directory<T>(
        &self,
        write: impl FnOnce(&mut dyn FnMut(&str) -> io::Result<Reopened>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let done = self.written(|| {
            if self.partial.exists() {
                fs::remove_dir_all(&self.partial)?;
            }
            fs::create_dir(&self.partial)?;
            let mut files = Vec::new();
            let done = write(&mut |month| {
                let dir = self.partial.join(format!("{MONTH}{month}"));
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
            sync(&self.partial)?;
            self.replace_directory()?;
            Ok(done)
        });
        if done.is_err() {
            let _ = fs::remove_dir_all(&self.partial);
        }
        done
    }

    /// A directory cannot be renamed over another: the earlier one steps aside first.
    fn replace_directory(&self) -> io::Result<()> {
        if !self.out.exists() {
            return fs::rename(&self.partial, &self.out);
        }
        let replaced = beside(&self.out, ".replaced");
        fs::rename(&self.out, &replaced)?;
        if let Err(error) = fs::rename(&self.partial, &self.out) {
            let _ = fs::rename(&replaced, &self.out); // as it was; the reason is told
            return Err(error);
        }
        fs::remove_dir_all(&replaced)
    }

    /// Runs this, makes the name durable, and says which file it was that could not be written.
    fn written<T>(&self, write: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let done = write().and_then(|done| {
            sync(self.parent())?;
            Ok(done)
        });
        done.map_err(|failure| match failure {
            Failure::Output(error) => self.cannot(error),
            other => other,
        })
    }

    fn cannot(&self, error: io::Error) -> Failure {
        FileWrong::Unwritten(error).of(&self.out)
    }

    fn parent(&self) -> &Path {
        self.out.parent().filter(|up| !up.as_os_str().is_empty()).unwrap_or(Path::new("."))
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

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
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
