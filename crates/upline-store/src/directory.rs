//! The directory: names of people, their numbers and bank details, beside the log, so that they can be erased.
//!
//! # Shape
//! One small file, `directory.jsonl`, a JSON object a line and a last one with the CRC-32 of all before. It is
//! written whole each time: to a new file that is synced and then takes the old one's name. What is erased
//! keeps its code, so that importing its fact again does not bring the name back.
//!
//! # Correctness
//! The log never holds a name or a bank detail, so an erased one is nowhere in the ledger's files. A byte that
//! changed, or a file that is gone, is damage.

use crate::bank::Bank;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use upline_core::names::Code;
use upline_log::LogError;
use upline_log::disk::{Access, Disk, OsDisk};

/// The name of the file.
pub(crate) const FILE: &str = "directory.jsonl";

/// The largest directory, in bytes: some hundred thousand names.
pub const DIRECTORY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The kind of producers' entries.
const PRODUCER: &str = "producer";

// The members of bank details.
const ROUTING: &str = "routing";
const ACCOUNT: &str = "account";
const ACCOUNT_KIND: &str = "account_kind";

/// What the directory keeps of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The full name.
    pub name: Option<String>,
    /// The national producer number.
    pub npn: Option<String>,
    /// Where it wants its money.
    pub bank: Option<Bank>,
    /// Erased on request; what is here was cleared and stays clear.
    pub erased: bool,
}

/// What setting bank details came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankSet {
    /// There were none.
    New,
    /// There were others.
    Changed,
    /// They were there already.
    Unchanged,
}

/// Names by code. Carriers and producers have codes of their own: `("producer", "A001")`.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    file: Option<(Arc<dyn Disk>, PathBuf)>,
    entries: BTreeMap<(String, String), DirectoryEntry>,
    /// Whether it was changed since it was read or saved.
    changed: bool,
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
        let directory = Directory { file: Some((disk, dir.join(FILE))), ..Directory::default() };
        directory.save()?;
        Ok(directory)
    }

    /// As [`Directory::open`], on another disk.
    pub fn open_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<Directory, LogError> {
        let path = dir.join(FILE);
        let text = read(&*disk, &path)?;
        let entries = parse(&text, &path)?;
        Ok(Directory { file: Some((disk, path)), entries, changed: false })
    }

    /// The directory of a file's content. `path` is named where it is damaged.
    pub fn of_content(content: &[u8], path: &Path) -> Result<Directory, LogError> {
        Ok(Directory { entries: parse(content, path)?, ..Directory::default() })
    }

    /// The entries, by kind and code.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str, &DirectoryEntry)> {
        self.entries.iter().map(|((kind, code), entry)| (kind.as_str(), code.as_str(), entry))
    }

    /// The entry of a code.
    pub fn get(&self, kind: &str, code: &str) -> Option<&DirectoryEntry> {
        self.entries.get(&(kind.to_owned(), code.to_owned()))
    }

    /// The entry of a producer.
    pub fn producer(&self, code: &Code) -> Option<&DirectoryEntry> {
        self.get(PRODUCER, code.as_str())
    }

    /// Adds a name where there is no entry, or one with bank details alone; says whether it did. What was erased
    /// stays erased.
    pub fn add(&mut self, kind: &str, code: &str, name: Option<String>, npn: Option<String>) -> bool {
        let key = (kind.to_owned(), code.to_owned());
        match self.entries.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(DirectoryEntry { name, npn, ..DirectoryEntry::default() });
                self.changed = true;
                true
            }
            Entry::Occupied(occupied) => {
                let entry = occupied.into_mut();
                let nameless = entry.bank.is_some() && entry.name.is_none() && entry.npn.is_none();
                if !nameless || name.is_none() && npn.is_none() {
                    return false;
                }
                (entry.name, entry.npn) = (name, npn);
                self.changed = true;
                true
            }
        }
    }

    /// Sets the bank details of a producer. `None` where what was kept of it was erased: nothing is set then.
    pub fn set_bank(&mut self, producer: &Code, bank: Bank) -> Option<BankSet> {
        let entry = self.entries.entry((PRODUCER.to_owned(), producer.as_str().to_owned())).or_default();
        if entry.erased {
            return None;
        }
        let set = match &entry.bank {
            None => BankSet::New,
            Some(known) if *known == bank => BankSet::Unchanged,
            Some(_) => BankSet::Changed,
        };
        entry.bank = Some(bank);
        self.changed |= set != BankSet::Unchanged;
        Some(set)
    }

    /// Erases what is kept of a code; says whether anything was. A code without an entry, perhaps mistyped,
    /// stays free for whoever gets it.
    pub fn erase(&mut self, kind: &str, code: &str) -> bool {
        let Some(entry) = self.entries.get_mut(&(kind.to_owned(), code.to_owned())) else { return false };
        let cleared = DirectoryEntry { erased: true, ..DirectoryEntry::default() };
        let before = std::mem::replace(entry, cleared);
        self.changed = true;
        before != DirectoryEntry { erased: before.erased, ..DirectoryEntry::default() }
    }

    /// As [`Directory::erase`], also of a code without an entry: nothing is kept of it later either.
    pub fn erase_for_good(&mut self, kind: &str, code: &str) {
        let entry = self.entries.entry((kind.to_owned(), code.to_owned())).or_default();
        *entry = DirectoryEntry { erased: true, ..DirectoryEntry::default() };
        self.changed = true;
    }

    /// Whether it was changed since it was read or saved.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// Writes it down where it was changed.
    pub fn save_changes(&mut self) -> Result<(), LogError> {
        if self.changed {
            self.save()?;
            self.changed = false;
        }
        Ok(())
    }

    /// Writes it down, whole and synced.
    pub fn save(&self) -> Result<(), LogError> {
        let Some((disk, path)) = &self.file else { return Ok(()) };
        let content = self.content();
        if content.len() as u64 > DIRECTORY_BYTES_MAX {
            let most = DIRECTORY_BYTES_MAX / 1024 / 1024;
            return Err(LogError::Beside {
                what: format!("more names and notes were to be kept than {most} MiB hold"),
                place: format!("in {}", path.display()),
                repair: "leave out notes, which are kept there with the names",
            });
        }
        let new = path.with_extension("jsonl.new");
        let write = || -> io::Result<()> {
            let file = disk.open(&new, Access::Anew)?;
            file.write_at(content.as_bytes(), 0)?;
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
            if let Some(Bank { routing, account, kind }) = &entry.bank {
                line.insert(ROUTING.to_owned(), json!(routing.as_str()));
                line.insert(ACCOUNT.to_owned(), json!(account.in_full()));
                line.insert(ACCOUNT_KIND.to_owned(), json!(kind.as_str()));
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

/// How a directory comes back that is lost.
const REPAIR: &str = "put the directory.jsonl of a backup in its place, or start an empty one with upline directory \
    --rebuild; then importing the facts again brings the names back, and upline directory --bank the bank details";

fn damaged(what: impl Into<String>, path: &Path) -> LogError {
    LogError::Beside { what: what.into(), place: format!("in {}", path.display()), repair: REPAIR }
}

fn read(disk: &dyn Disk, path: &Path) -> Result<Vec<u8>, LogError> {
    let read = || -> io::Result<Vec<u8>> {
        let file = disk.open(path, Access::Read)?;
        if file.bytes()? > DIRECTORY_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut content = vec![0; usize::try_from(file.bytes()?).map_err(io::Error::other)?];
        file.read_at(&mut content, 0)?;
        Ok(content)
    };
    read().map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => {
            let most = DIRECTORY_BYTES_MAX / 1024 / 1024;
            damaged(
                format!("the directory of names is larger than {most} MiB, the most that it can be"),
                path,
            )
        }
        io::ErrorKind::NotFound => damaged("the directory of names is missing", path),
        _ => LogError::io(format!("reading {}", path.display()))(error),
    })
}

fn parse(content: &[u8], path: &Path) -> Result<BTreeMap<(String, String), DirectoryEntry>, LogError> {
    let changed = || damaged("the checksum of the directory of names does not hold", path);
    let text = std::str::from_utf8(content).map_err(|_| changed())?;
    let end = text.strip_suffix('\n').map_or(0, |text| text.rfind('\n').map_or(0, |at| at + 1));
    let (lines, last) = text.split_at_checked(end).ok_or_else(changed)?;
    if last != last_line(lines) {
        return Err(changed());
    }
    let mut entries = BTreeMap::new();
    for (number, line) in (1u64..).zip(lines.lines()) {
        let damaged = || damaged(format!("line {number} is no entry of a directory of names"), path);
        let value: Value = serde_json::from_str(line).map_err(|_| damaged())?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let key = text("kind").zip(text("code")).ok_or_else(damaged)?;
        let erased = value.get("erased").and_then(Value::as_bool).unwrap_or(false);
        let bank = match (text(ROUTING), text(ACCOUNT), text(ACCOUNT_KIND)) {
            (None, None, None) => None,
            (Some(routing), Some(account), Some(kind)) => {
                Some(Bank::parse(&routing, &account, &kind).map_err(|_| damaged())?)
            }
            _ => return Err(damaged()),
        };
        entries.insert(key, DirectoryEntry { name: text("name"), npn: text("npn"), bank, erased });
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
            assert!(matches!(Directory::open(dir.path()), Err(LogError::Beside { .. })), "byte {at}");
            fs::write(dir.path().join(FILE), &sound[..at]).unwrap();
            assert!(matches!(Directory::open(dir.path()), Err(LogError::Beside { .. })), "cut at {at}");
        }
        fs::write(dir.path().join(FILE), sound).unwrap();
        assert_eq!(Directory::open(dir.path()).unwrap().entries().count(), 1);
    }

    #[test]
    fn bank_details_are_kept_beside_the_name_and_erased_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let bank = |account: &str| Bank::parse("011000015", account, "savings").unwrap();
        let code = |text: &str| Code::parse(text).unwrap();
        let mut directory = Directory::create(dir.path()).unwrap();
        directory.add("producer", "A001", Some("Ana Ruiz".to_owned()), None);
        let without = directory.content();
        assert_eq!(directory.set_bank(&code("A001"), bank("987654")), Some(BankSet::New));
        assert_eq!(directory.set_bank(&code("A001"), bank("987654")), Some(BankSet::Unchanged));
        assert_eq!(directory.set_bank(&code("A001"), bank("987655")), Some(BankSet::Changed));
        // Nobody told its name yet; it still comes, once.
        assert_eq!(directory.set_bank(&code("B002"), bank("1")), Some(BankSet::New));
        assert!(directory.add("producer", "B002", Some("Bo".to_owned()), None));
        assert!(!directory.add("producer", "B002", Some("Someone else".to_owned()), None));
        directory.save().unwrap();

        let mut directory = Directory::open(dir.path()).unwrap();
        let ana = directory.producer(&code("A001")).unwrap();
        assert_eq!((ana.name.as_deref(), ana.bank.clone()), (Some("Ana Ruiz"), Some(bank("987655"))));
        assert_eq!(directory.producer(&code("B002")).unwrap().name.as_deref(), Some("Bo"));
        assert!(directory.erase("producer", "A001") && directory.erase("producer", "B002"));
        assert_eq!(directory.set_bank(&code("A001"), bank("987655")), None);
        directory.save().unwrap();
        let text = fs::read_to_string(dir.path().join(FILE)).unwrap();
        assert!(!text.contains("98765") && !text.contains("011000015") && !text.contains("Ruiz"), "{text}");

        // Who has none is written as ever.
        let line = r#"{"kind":"producer","code":"A001","name":"Ana Ruiz"}"#;
        assert!(without.starts_with(&format!("{line}\n")), "{without}");
    }

    #[test]
    fn bank_details_that_do_not_hold_are_damage() {
        let path = Path::new("directory.jsonl");
        for bank in [
            r#""routing":"011000016","account":"1","account_kind":"savings""#,
            r#""routing":"011000015","account":"1""#,
            r#""account_kind":"savings""#,
        ] {
            let line = format!("{{\"kind\":\"producer\",\"code\":\"A001\",{bank}}}\n");
            let content = format!("{line}{}", last_line(&line));
            let error = Directory::of_content(content.as_bytes(), path).unwrap_err().to_string();
            assert!(error.contains("line 1 is no entry"), "{error}");
        }
    }
}
