//! What was proposed and waits for somebody else to decide: kept beside the log, which has only what binds it.
//!
//! # Shape
//! One file, `proposals.json`, which its owner alone can read: an object whose `proposals` are in the order in which they
//! were made, each with its id, who made it when (by the id that the directory knows), and its content. A content is
//! known by its canonical JSON: the members of every object sorted by their names, no white space.
//!
//! # Correctness
//! Nothing here is believed: the log has a keyed hash of each content ([`crate::DirectoryKey::proposal_commitment`]), and
//! says who proposed what when. The file is written to another name, synced, and then takes its place.

use serde_json::{Map, Value, json};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use upline_log::LogError;
use upline_log::disk::read_bounded;

/// The name of the file.
pub const PROPOSALS_FILE: &str = "proposals.json";

/// The largest such file, in bytes.
pub const PROPOSALS_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The largest content of one proposal, in bytes: a pay run for some tens of thousands of producers.
pub const PROPOSAL_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What the others may take, so that one more always has its place.
const KEPT_BYTES_MAX: usize = PROPOSALS_BYTES_MAX as usize - 2 * PROPOSAL_BYTES_MAX;

/// Its owner may read and write it, nobody else.
const MODE: u32 = 0o600;

/// A proposal as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalEntry {
    pub id: String,
    /// Who made it, by the id of a person in the directory.
    pub proposed_by: String,
    /// When.
    pub proposed_at: String,
    /// Whose account at a bank it is about, where it is about one: what is left once its content is erased.
    pub producer: Option<String>,
    /// What is proposed, as canonical JSON; none once it is erased.
    pub content: Option<String>,
}

/// What was proposed, in the order in which it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposals(Vec<ProposalEntry>);

impl Proposals {
    /// The file beside a log, where there is one.
    pub fn open(dir: &Path) -> Result<Option<Proposals>, LogError> {
        let path = dir.join(PROPOSALS_FILE);
        match read_bounded(&path, PROPOSALS_BYTES_MAX) {
            Ok(content) => Proposals::of_content(&content, &path).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(damaged("the file of what was proposed is larger than it can be", &path))
            }
            Err(error) => Err(LogError::io(format!("reading {}", path.display()))(error)),
        }
    }

    /// The proposals of a file's content. `path` is named where it is damaged.
    pub fn of_content(content: &[u8], path: &Path) -> Result<Proposals, LogError> {
        let none = || damaged("the file of what was proposed is none", path);
        let value: Value = serde_json::from_slice(content).map_err(|_| none())?;
        let entries = value.get("proposals").and_then(Value::as_array).ok_or_else(none)?;
        let read = |entry: &Value| {
            let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
            Some(ProposalEntry {
                id: text("id")?,
                proposed_by: text("proposed_by")?,
                proposed_at: text("proposed_at")?,
                producer: text("producer"),
                content: entry.get("content").map(canonical_json),
            })
        };
        entries.iter().map(read).collect::<Option<Vec<_>>>().map(Proposals).ok_or_else(none)
    }

    /// The content of its file.
    pub fn content(&self) -> String {
        let mut text = "{\"proposals\":[".to_owned();
        for (number, entry) in self.0.iter().enumerate() {
            text.push_str(if number == 0 { "\n" } else { ",\n" });
            let mut members = Map::new();
            members.insert("id".to_owned(), json!(entry.id));
            members.insert("proposed_by".to_owned(), json!(entry.proposed_by));
            members.insert("proposed_at".to_owned(), json!(entry.proposed_at));
            if let Some(producer) = &entry.producer {
                members.insert("producer".to_owned(), json!(producer));
            }
            let head = Value::Object(members).to_string();
            match &entry.content {
                // Canonical JSON is JSON: it need not be read to be written.
                Some(content) => {
                    text.push_str(head.strip_suffix('}').unwrap_or(&head));
                    text.push_str(",\"content\":");
                    text.push_str(content);
                    text.push('}');
                }
                None => text.push_str(&head),
            }
        }
        text.push_str("\n]}\n");
        text
    }

    /// Writes it down beside a log, whole and synced.
    pub fn save_to(&self, dir: &Path) -> Result<(), LogError> {
        let (path, new) = (dir.join(PROPOSALS_FILE), dir.join("proposals.json.new"));
        let content = self.content();
        if content.len() as u64 > PROPOSALS_BYTES_MAX {
            let most = PROPOSALS_BYTES_MAX / 1024 / 1024;
            return Err(LogError::Beside {
                what: format!("more was proposed and waits than {most} MiB hold"),
                place: format!("in {}", path.display()),
                repair: "decide about what waits",
            });
        }
        let write = || -> io::Result<()> {
            // One that was left there by a crash may be open to others.
            match fs::remove_file(&new) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&new)?;
            file.write_all(content.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            File::open(dir)?.sync_all()
        };
        write().map_err(LogError::io(format!("writing {}", path.display())))
    }

    pub fn entries(&self) -> impl Iterator<Item = &ProposalEntry> {
        self.0.iter()
    }

    pub fn get(&self, id: &str) -> Option<&ProposalEntry> {
        self.0.iter().find(|entry| entry.id == id)
    }

    /// Adds a proposal; one of the same id makes room for it.
    pub fn add(&mut self, entry: ProposalEntry) {
        self.0.retain(|known| known.id != entry.id);
        self.0.push(entry);
    }

    /// Keeps those of which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&ProposalEntry) -> bool) {
        self.0.retain(keep);
    }

    /// Erases the contents of which `erase` says so; says whether there was any.
    pub fn erase(&mut self, mut erase: impl FnMut(&ProposalEntry) -> bool) -> bool {
        let mut any = false;
        for entry in &mut self.0 {
            if entry.content.is_some() && erase(entry) {
                entry.content = None;
                any = true;
            }
        }
        any
    }

    /// Makes room for one more: the oldest contents that `may_go` go first.
    pub fn make_room(&mut self, may_go: impl Fn(&ProposalEntry) -> bool) {
        let bytes = |entry: &ProposalEntry| entry.content.as_ref().map_or(0, String::len);
        let mut all: usize = self.0.iter().map(bytes).sum();
        self.erase(|entry| {
            let goes = all > KEPT_BYTES_MAX && may_go(entry);
            if goes {
                all -= bytes(entry);
            }
            goes
        });
    }
}

/// The canonical text of a value: the members of every object sorted by their names, no white space.
pub fn canonical_json(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| name.as_str());
            write_items(out, ['{', '}'], sorted, |out, (name, value)| {
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            });
        }
        Value::Array(items) => write_items(out, ['[', ']'], items, |out, item| write_canonical(item, out)),
        plain => out.push_str(&plain.to_string()),
    }
}

fn write_items<T>(
    out: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    write: impl Fn(&mut String, T),
) {
    out.push(open);
    for (number, item) in items.into_iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(close);
}

fn damaged(what: &str, path: &Path) -> LogError {
    let repair = "put the proposals.json of a backup in its place, or remove it and propose again what waits";
    LogError::Beside { what: what.to_owned(), place: format!("in {}", path.display()), repair }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn entry(id: &str, content: &str) -> ProposalEntry {
        let (proposed_by, proposed_at) = ("person:1".to_owned(), "2026-07-01T00:00:00Z".to_owned());
        ProposalEntry {
            id: id.to_owned(),
            proposed_by,
            proposed_at,
            producer: None,
            content: Some(content.to_owned()),
        }
    }

    #[test]
    fn what_is_saved_is_read_back_and_its_owner_s_alone() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Proposals::open(dir.path()).unwrap(), None);
        let mut proposals = Proposals::default();
        proposals.add(entry("pay_run-1", r#"{"a":1}"#));
        proposals.add(ProposalEntry {
            producer: Some("A".to_owned()),
            ..entry("bank_change-2", r#"{"b":"987654"}"#)
        });
        fs::write(dir.path().join("proposals.json.new"), "left by a crash").unwrap();
        proposals.save_to(dir.path()).unwrap();
        assert_eq!(Proposals::open(dir.path()).unwrap().unwrap(), proposals);
        let mode = fs::metadata(dir.path().join(PROPOSALS_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(
            proposals.erase(|entry| entry.producer.is_some())
                && !proposals.erase(|one| one.id == "bank_change-2")
        );
        proposals.save_to(dir.path()).unwrap();
        for file in fs::read_dir(dir.path()).unwrap() {
            assert!(!fs::read_to_string(file.unwrap().path()).unwrap().contains("987654"));
        }
        assert_eq!(Proposals::open(dir.path()).unwrap().unwrap(), proposals);
    }

    #[test]
    fn a_text_that_says_the_same_is_the_same() {
        let of = |text: &str| canonical_json(&serde_json::from_str(text).unwrap());
        let one = of(r#"{"b":[1, {"y":null,"x":"\u00e9\n"}], "a":"2.50"}"#);
        assert_eq!(one, r#"{"a":"2.50","b":[1,{"x":"é\n","y":null}]}"#);
        assert_eq!(of(&one), one);
        assert_ne!(of(r#"{"a":"2.5"}"#), of(r#"{"a":"2.50"}"#));
    }

    #[test]
    fn what_is_no_such_file_is_damage() {
        for wrong in ["", "{", "[]", "{}", r#"{"proposals":[{}]}"#, r#"{"proposals":[{"id":1}]}"#] {
            let error = Proposals::of_content(wrong.as_bytes(), Path::new("x")).unwrap_err();
            assert_eq!(error.code(), "damaged_beside", "{wrong}");
        }
    }

    #[test]
    fn the_oldest_that_are_decided_make_room() {
        let mut proposals = Proposals::default();
        let large = "x".repeat(PROPOSAL_BYTES_MAX);
        for id in ["1", "2", "3", "4"] {
            proposals.add(entry(id, &large));
        }
        proposals.make_room(|entry| entry.id != "1");
        let kept: Vec<bool> = proposals.entries().map(|entry| entry.content.is_some()).collect();
        assert_eq!(kept, [true, false, false, true]);
    }
}
