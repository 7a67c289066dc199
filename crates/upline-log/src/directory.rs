//! The directory: names of people and their numbers, beside the log, so that they can be erased.
//!
//! # Shape
//! One small file, `directory.jsonl`, a JSON object a line, written whole each time: to a new file that is
//! synced and then takes the old one's name. What is erased keeps its code, so that importing its fact
//! again does not bring the name back.
//!
//! # Correctness
//! The log never holds a name, so an erased one is nowhere in the ledger's files.

use crate::error::LogError;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The name of the file.
const FILE: &str = "directory.jsonl";

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
    path: Option<PathBuf>,
    entries: BTreeMap<(String, String), DirectoryEntry>,
}

impl Directory {
    /// The directory beside the log of a ledger.
    pub fn open(dir: &Path) -> Result<Directory, LogError> {
        let path = dir.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(LogError::Io { doing: "reading the directory".to_owned(), source }),
        };
        let mut entries = BTreeMap::new();
        for (number, line) in (1u64..).zip(text.lines()) {
            let damaged = || LogError::Damaged {
                what: format!("line {number} is no entry of a directory"),
                place: format!("in {}", path.display()),
            };
            let value: Value = serde_json::from_str(line).map_err(|_| damaged())?;
            let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
            let key = text("kind").zip(text("code")).ok_or_else(damaged)?;
            let erased = value.get("erased").and_then(Value::as_bool).unwrap_or(false);
            entries.insert(key, DirectoryEntry { name: text("name"), npn: text("npn"), erased });
        }
        Ok(Directory { path: Some(path), entries })
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
        let Some(path) = &self.path else { return Ok(()) };
        let failed = |source| LogError::Io { doing: "writing the directory".to_owned(), source };
        let new = path.with_extension("jsonl.new");
        let write = || -> io::Result<()> {
            let mut out = BufWriter::new(File::create(&new)?);
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
                writeln!(out, "{}", Value::Object(line))?;
            }
            out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&new, path)?;
            path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
        };
        write().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erased_name_is_nowhere_in_the_file_and_does_not_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut directory = Directory::open(dir.path()).unwrap();
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
    fn a_damaged_directory_says_where() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "{\"kind\":\"producer\",\"code\":\"A\"}\n{\"ki").unwrap();
        assert!(Directory::open(dir.path()).unwrap_err().to_string().contains("line 2"));
    }
}
