//! Texts that can name people: ids in the log, the texts in the directory.
//!
//! # Shape
//! [`Texts`] gives ids to the texts of facts while they are decided; [`Ledger::people`] gives the texts back.
//!
//! # Correctness
//! Ids are given in the order of the log, so that the same facts make the same history. A text that is erased leaves its
//! id; the same text in a later fact gets another.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use hashbrown::HashMap;
use upline_core::event::Event;
use upline_core::fact::persons::{replace_texts, roles, text_id, text_number, texts};
use upline_core::fact::{Body, DirectoryKind, Fact, Personal, PersonalDataErased, Remarks, person_key};
use upline_core::names::{ById, Code, Naming};
use upline_core::refusal::{Refusal, RefusalCode};
use upline_store::{DIRECTORY_BYTES_MAX, Directory, sha256};
use upline_views::event_ids::EventIds;
use upline_views::{Projection, Seen, scan};
use uuid::Uuid;

/// A text that is new to the directory.
pub(crate) struct NewText {
    kind: DirectoryKind,
    id: String,
    text: String,
}

impl NewText {
    /// As an entry of the directory.
    pub(crate) fn entry(self) -> Option<(DirectoryKind, Code, Personal)> {
        let personal = Personal { name: Some(self.text), npn: None };
        Some((self.kind, Code::parse(&self.id)?, personal))
    }
}

/// The highest number that an id may have, so that there is always a next one.
const NUMBER_MAX: u64 = 1 << 53;

/// The ids of the texts that are known.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    ids: HashMap<(DirectoryKind, String), String>,
    /// The highest number that was given, of persons and of notes.
    persons: u64,
    notes: u64,
    /// How many bytes the texts have.
    bytes: u64,
}

impl Texts {
    /// Takes in the texts of a directory.
    pub fn load(&mut self, directory: &Directory) {
        for (kind, code, entry) in directory.entries() {
            let Some(kind) = DirectoryKind::parse(kind).filter(|kind| is_text(*kind)) else { continue };
            self.used(kind, code);
            if let Some(text) = &entry.name {
                self.bytes += text.len() as u64;
                self.ids.insert((kind, key(kind, text)), code.to_owned());
            }
        }
    }

    /// Takes in the ids of a recorded event.
    pub fn recorded<N: Naming>(&mut self, remarks: Option<&Remarks>, body: &Body<N>) {
        texts(remarks, body).for_each(|(kind, text)| self.used(kind, text));
    }

    fn used(&mut self, kind: DirectoryKind, id: &str) {
        let number = text_number(kind, id).filter(|number| *number <= NUMBER_MAX).unwrap_or_default();
        let highest = self.highest(kind);
        *highest = number.max(*highest);
    }

    fn highest(&mut self, kind: DirectoryKind) -> &mut u64 {
        if kind == DirectoryKind::Note { &mut self.notes } else { &mut self.persons }
    }

    /// Puts ids in the place of a fact's texts; gives those that are new, which count once [`Texts::take`] has them.
    ///
    /// An id that stands in the fact already must have been given, or else somebody could be named who comes later. Where
    /// times are trusted, as in what was salvaged, it may be one that was given in another ledger.
    pub fn put_ids(&self, fact: &mut Fact, trusted: bool) -> Result<Vec<NewText>, Refusal> {
        let (mut new, mut refusal) = (Vec::<NewText>::new(), None);
        let (mut persons, mut notes, mut bytes) = (self.persons, self.notes, self.bytes);
        replace_texts(&mut fact.remarks, &mut fact.body, |kind, text| {
            let highest = if kind == DirectoryKind::Note { &mut notes } else { &mut persons };
            if let Some(number) = text_number(kind, text) {
                if number > if trusted { NUMBER_MAX } else { *highest } {
                    let message =
                        format!("{text} stands for no {} that is known: write what it is", kind.as_str());
                    refusal.get_or_insert(Refusal::whole(RefusalCode::Malformed, message));
                }
                *highest = number.max(*highest);
                return None;
            }
            let same = |known: &&NewText| known.kind == kind && key(kind, &known.text) == key(kind, text);
            if let Some(id) = self.ids.get(&(kind, key(kind, text))) {
                return Some(id.clone());
            }
            if let Some(known) = new.iter().find(same) {
                return Some(known.id.clone());
            }
            *highest += 1;
            bytes += text.len() as u64;
            let id = text_id(kind, *highest);
            new.push(NewText { kind, id: id.clone(), text: text.to_owned() });
            Some(id)
        });
        if bytes > DIRECTORY_BYTES_MAX / 2 {
            let most = DIRECTORY_BYTES_MAX / 2 / 1024 / 1024;
            let message =
                format!("there is no room for more texts: notes and names have at most {most} MiB in all");
            refusal.get_or_insert(Refusal::of(RefusalCode::Malformed, "note", message));
        }
        refusal.map_or(Ok(new), Err)
    }

    /// Refuses to erase what was never kept.
    pub fn check_erasure<N: Naming>(&self, body: &Body<N>, trusted: bool) -> Result<(), Refusal> {
        let Body::PersonalDataErased(PersonalDataErased { kind, code }) = body else { return Ok(()) };
        let highest = match kind {
            DirectoryKind::Person => self.persons,
            DirectoryKind::Note => self.notes,
            DirectoryKind::Carrier | DirectoryKind::Producer => return Ok(()),
        };
        let known = text_number(*kind, code.as_str());
        if known.is_some_and(|number| number <= if trusted { NUMBER_MAX } else { highest }) {
            return Ok(());
        }
        let message = format!("{code} stands for no {} that is known", kind.as_str());
        Err(Refusal::of(RefusalCode::Malformed, "code", message))
    }

    /// Whether a fact has texts that are not known.
    pub fn lacks(&self, fact: &Fact) -> bool {
        let unknown = |(kind, text): (DirectoryKind, &str)| {
            text_number(kind, text).is_none() && !self.ids.contains_key(&(kind, key(kind, text)))
        };
        texts(fact.remarks.as_deref(), &fact.body).any(unknown)
    }

    /// Takes texts in whose fact is recorded.
    pub fn take(&mut self, new: &[NewText]) {
        for NewText { kind, id, text } in new {
            self.used(*kind, id);
            self.bytes += text.len() as u64;
            self.ids.insert((*kind, key(*kind, text)), id.clone());
        }
    }

    /// Forgets a text that is erased.
    pub fn forget(&mut self, kind: DirectoryKind, id: &str) {
        self.ids.retain(|(of, _), known| *of != kind || known != id);
    }
}

fn is_text(kind: DirectoryKind) -> bool {
    matches!(kind, DirectoryKind::Person | DirectoryKind::Note)
}

/// What texts of a kind are told apart by.
fn key(kind: DirectoryKind, text: &str) -> String {
    // A note may be long, and there may be many.
    if kind == DirectoryKind::Person { person_key(text) } else { sha256(text.as_bytes()) }
}

/// How many bytes of lost texts are held until they are brought back. The rest comes back with the next import.
const LOST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The texts of facts that are recorded already and came again, where the directory lacks some: by the fact's id, each
/// in its role.
#[derive(Debug, Default)]
pub(crate) struct LostTexts {
    by_id: HashMap<Uuid, [Option<String>; 3]>,
    bytes: usize,
}

impl LostTexts {
    /// Notes the texts of a fact.
    pub fn note(&mut self, id: Uuid, fact: &Fact) {
        let came = roles(fact.remarks.as_deref(), &fact.body).map(|(_, text)| text.map(str::to_owned));
        self.bytes += came.iter().flatten().map(String::len).sum::<usize>();
        if self.bytes <= LOST_BYTES_MAX {
            self.by_id.insert(id, came);
        }
    }
}

/// The texts that are kept, by id.
#[derive(Clone, Debug, Default)]
pub struct People(HashMap<String, String>);

impl People {
    /// Those of a directory.
    pub fn of(directory: &Directory) -> People {
        let texts = directory.entries().filter(|(kind, ..)| DirectoryKind::parse(kind).is_some_and(is_text));
        People(texts.filter_map(|(_, id, entry)| Some((id.to_owned(), entry.name.clone()?))).collect())
    }

    /// The text of an id; what is no id, or erased, as it is.
    pub fn text<'a>(&'a self, id: &'a str) -> &'a str {
        self.0.get(id).map_or(id, String::as_str)
    }

    /// Puts the texts in the place of ids.
    pub fn put_texts<N: Naming>(&self, remarks: &mut Option<Box<Remarks>>, body: &mut Body<N>) {
        replace_texts(remarks, body, |_, id| self.0.get(id).cloned());
    }

    /// An event with the texts in the place of ids; `None` where that is how it stands.
    pub fn named(&self, event: &Event) -> Option<Event> {
        let known = |(_, id): (DirectoryKind, &str)| self.0.contains_key(id);
        if self.0.is_empty() || !texts(event.remarks.as_deref(), &event.body).any(known) {
            return None;
        }
        let mut named = event.clone();
        self.put_texts::<ById>(&mut named.remarks, &mut named.body);
        Some(named)
    }
}

/// A projection that sees the texts in the place of ids, as people read them.
pub(crate) struct Named<'a, P> {
    pub people: &'a People,
    pub projection: &'a mut P,
}

impl<P: Projection> Projection for Named<'_, P> {
    fn apply(&mut self, seen: &Seen<'_>) {
        match self.people.named(seen.event) {
            None => self.projection.apply(seen),
            Some(event) => self.projection.apply(&Seen { event: &event, ..*seen }),
        }
    }
}

impl Ledger {
    /// Brings texts back to a directory that lost them: those of facts that are recorded, and came again. What is
    /// erased stays erased.
    pub(crate) fn bring_texts_back(&mut self, lost: LostTexts) -> Result<(), LedgerError> {
        if lost.by_id.is_empty() {
            return Ok(());
        }
        let (mut ids, mut found) = (EventIds::default(), Vec::new());
        scan(&*self.log, self.log.len(), &mut |seen: &Seen<'_>| {
            let Ok((id, _)) = ids.next(seen.reference, seen.position, seen.event) else { return };
            let Some(came) = lost.by_id.get(&id) else { return };
            let recorded = roles(seen.event.remarks.as_deref(), &seen.event.body);
            for ((kind, id), text) in recorded.into_iter().zip(came) {
                if let (Some(id), Some(text)) = (id.filter(|id| text_number(kind, id).is_some()), text) {
                    found.push((kind, id.to_owned(), text.clone()));
                }
            }
        })?;
        for (kind, id, text) in found.into_iter().filter(|(kind, _, text)| text_number(*kind, text).is_none())
        {
            self.directory.add(kind.as_str(), &id, Some(text), None);
        }
        Ok(self.directory.save_changes()?)
    }

    /// The texts that stand behind ids, as far as they are kept.
    pub fn people(&self) -> Result<People, LedgerError> {
        Ok(People::of(&self.directory()?))
    }
}
