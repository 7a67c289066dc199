//! The directory: names of people and their numbers, beside the log, so that they can be erased.
//!
//! # Shape
//! One small file, `directory.jsonl`, a JSON object a line and a last one with the CRC-32 of all before. It is
//! written whole each time: to a new file that is synced and then takes the old one's name. What is erased
//! keeps its code, so that importing its fact again does not bring the name back.
//!
//! # Correctness
//! The log never holds a name, so an erased one is nowhere in the ledger's files. A byte that changed, or a
//! file that is gone, is damage.

use crate::disk::{Access, Disk, OsDisk};
use crate::error::LogError;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of the file.
pub(crate) const FILE: &str = "directory.jsonl";

/// What the directory keeps of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The full name.
    pub name: Option<String>,
    /// The national producer number.
    pub npn: Option<String>,
    /// Erased on request; what is here was cleared and stays clear.
    pub erased: bool,
}

/// Names by code. Carriers and producers have codes of their own: `("producer", "A001")`.
#[derive(Debug, Default)]
pub struct Directory {
    file: Option<(Arc<dyn Disk>, PathBuf)>,
    entries: BTreeMap<(String, String), DirectoryEntry>,
}

impl Directory {
    /// An empty directory beside the log of a ledger, in place of one that is there.
    pub fn create(dir: &Path) -> Result<Directory, LogError> {
        Directory::create_on(Arc::new(OsDisk), dir)
    }

    /// The directory beside the log of a ledger.
    pub fn open(dir: &Path) -> Result<Directory, LogError> {
        Directory::open_on(Arc::new(OsDisk), dir)
    }

    /// As [`Directory::create`], on another disk.
    pub fn create_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<Directory, LogError> {
        let directory = Directory { file: Some((disk, dir.join(FILE))), entries: BTreeMap::new() };
        directory.save()?;
        Ok(directory)
    }

    /// As [`Directory::open`], on another disk.
    pub fn open_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<Directory, LogError> {
        let path = dir.join(FILE);
        let text = read(&*disk, &path)?;
        let entries = parse(&text, &path)?;
        Ok(Directory { file: Some((disk, path)), entries })
    }

    /// The directory of a file's content. `path` is named where it is damaged.
    pub fn of_content(content: &[u8], path: &Path) -> Result<Directory, LogError> {
        Ok(Directory { file: None, entries: parse(content, path)? })
    }

    /// The entries, by kind and code.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str, &DirectoryEntry)> {
        self.entries.iter().map(|((kind, code), entry)| (kind.as_str(), code.as_str(), entry))
    }

    /// The entry of a code.
    pub fn get(&self, kind: &str, code: &str) -> Option<&DirectoryEntry> {
        self.entries.get(&(kind.to_owned(), code.to_owned()))
    }

    /// Adds an entry where there is none; says whether it did. What was erased stays erased.
    pub fn add(&mut self, kind: &str, code: &str, name: Option<String>, npn: Option<String>) -> bool {
        let key = (kind.to_owned(), code.to_owned());
        if self.entries.contains_key(&key) {
            return false;
        }
        self.entries.insert(key, DirectoryEntry { name, npn, erased: false });
        true
    }

    /// Erases what is kept of a code; says whether anything was. A code without an entry, perhaps mistyped,
    /// stays free for whoever gets it.
    pub fn erase(&mut self, kind: &str, code: &str) -> bool {
        let Some(entry) = self.entries.get_mut(&(kind.to_owned(), code.to_owned())) else { return false };
        let cleared = DirectoryEntry { erased: true, ..DirectoryEntry::default() };
        let before = std::mem::replace(entry, cleared);
        before.name.is_some() || before.npn.is_some()
    }

    /// Writes it down, whole and synced.
    pub fn save(&self) -> Result<(), LogError> {
        let Some((disk, path)) = &self.file else { return Ok(()) };
        let new = path.with_extension("jsonl.new");
        let write = || -> io::Result<()> {
            let file = disk.open(&new, Access::Anew)?;
            file.write_at(self.content().as_bytes(), 0)?;
            file.sync()?;
            disk.rename(&new, path)?;
            path.parent().map_or(Ok(()), |dir| disk.sync_dir(dir))
        };
        write().map_err(LogError::io(format!("writing {}", path.display())))
    }

    /// Writes it down beside another log.
    pub fn save_to(self, disk: Arc<dyn Disk>, dir: &Path) -> Result<(), LogError> {
        Directory { file: Some((disk, dir.join(FILE))), ..self }.save()
    }

    /// The content of its file.
    pub fn content(&self) -> String {
        let mut text = String::new();
        for ((kind, code), entry) in &self.entries {
            let mut line = Map::new();
            line.insert("kind".to_owned(), json!(kind));
            line.insert("code".to_owned(), json!(code));
            for (member, text) in [("name", &entry.name), ("npn", &entry.npn)] {
                if let Some(text) = text {
                    line.insert(member.to_owned(), json!(text));
                }
            }
            if entry.erased {
                line.insert("erased".to_owned(), json!(true));
            }
            text.push_str(&Value::Object(line).to_string());
            text.push('\n');
        }
        let last = last_line(&text);
        text.push_str(&last);
        text
    }
}

/// What stands behind the entries.
fn last_line(entries: &str) -> String {
    format!("{{\"crc32\":\"{:08x}\"}}\n", crc32fast::hash(entries.as_bytes()))
}

fn read(disk: &dyn Disk, path: &Path) -> Result<Vec<u8>, LogError> {
    let read = || -> io::Result<Vec<u8>> {
        let file = disk.open(path, Access::Read)?;
        let mut content = vec![0; usize::try_from(file.bytes()?).map_err(io::Error::other)?];
        file.read_at(&mut content, 0)?;
        Ok(content)
    };
    read().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            LogError::damaged("the directory of names is missing", format!("in {}", path.display()))
        }
        _ => LogError::io(format!("reading {}", path.display()))(error),
    })
}

fn parse(content: &[u8], path: &Path) -> Result<BTreeMap<(String, String), DirectoryEntry>, LogError> {
    let place = || format!("in {}", path.display());
    let changed = || LogError::damaged("its checksum does not hold", place());
    let text = std::str::from_utf8(content).map_err(|_| changed())?;
    let end = text.strip_suffix('\n').map_or(0, |text| text.rfind('\n').map_or(0, |at| at + 1));
    let (lines, last) = text.split_at_checked(end).ok_or_else(changed)?;
    if last != last_line(lines) {
        return Err(changed());
    }
    let mut entries = BTreeMap::new();
    for (number, line) in (1u64..).zip(lines.lines()) {
        let damaged = || LogError::damaged(format!("line {number} is no entry of a directory"), place());
        let value: Value = serde_json::from_str(line).map_err(|_| damaged())?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let key = text("kind").zip(text("code")).ok_or_else(damaged)?;
        let erased = value.get("erased").and_then(Value::as_bool).unwrap_or(false);
        entries.insert(key, DirectoryEntry { name: text("name"), npn: text("npn"), erased });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_erased_name_is_nowhere_in_the_file_and_does_not_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut directory = Directory::create(dir.path()).unwrap();
        assert!(directory.add(
            "producer",
            "A001",
            Some("Ana \"Nita\" Ruiz".to_owned()),
            Some("123".to_owned())
        ));
        directory.save().unwrap();
        let mut directory = Directory::open(dir.path()).unwrap();
        assert_eq!(directory.get("producer", "A001").unwrap().name.as_deref(), Some("Ana \"Nita\" Ruiz"));
        assert!(directory.erase("producer", "A001"));
        directory.save().unwrap();
        for file in fs::read_dir(dir.path()).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            assert!(!text.contains("Ruiz") && !text.contains("123"), "{text}");
        }
        let mut directory = Directory::open(dir.path()).unwrap();
        assert!(!directory.add("producer", "A001", Some("Ana Ruiz".to_owned()), None));
        assert!(directory.get("producer", "A001").unwrap().erased);
        // A mistyped code is not barred.
        assert!(!directory.erase("producer", "A0O1"));
        assert!(directory.add("producer", "A0O1", Some("Bo".to_owned()), None));
    }

    #[test]
    fn a_damaged_directory_is_told() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Directory::open(dir.path()).unwrap_err().to_string().contains("missing"));
        let mut directory = Directory::create(dir.path()).unwrap();
        directory.add("producer", "A001", Some("Ana Ruiz".to_owned()), None);
        directory.save().unwrap();
        let sound = fs::read(dir.path().join(FILE)).unwrap();
        for at in 0..sound.len() {
            let mut flipped = sound.clone();
            flipped[at] ^= 1;
            fs::write(dir.path().join(FILE), flipped).unwrap();
            assert!(matches!(Directory::open(dir.path()), Err(LogError::Damaged { .. })), "byte {at}");
            fs::write(dir.path().join(FILE), &sound[..at]).unwrap();
            assert!(matches!(Directory::open(dir.path()), Err(LogError::Damaged { .. })), "cut at {at}");
        }
        fs::write(dir.path().join(FILE), sound).unwrap();
        assert_eq!(Directory::open(dir.path()).unwrap().entries().count(), 1);
    }
}
