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
use upline_core::fact::persons::{replace_texts, text_id, text_number, texts};
use upline_core::fact::{Body, DirectoryKind, Fact, Personal, Remarks, person_key};
use upline_core::names::{ById, Code, Naming};
use upline_store::Directory;
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

/// The ids of the texts that are known.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    ids: HashMap<(DirectoryKind, String), String>,
    /// The highest number that was given, of persons and of notes.
    persons: u64,
    notes: u64,
}

impl Texts {
    /// Takes in the texts of a directory.
    pub fn load(&mut self, directory: &Directory) {
        for (kind, code, entry) in directory.entries() {
            let Some(kind) = DirectoryKind::parse(kind).filter(|kind| is_text(*kind)) else { continue };
            self.used(kind, code);
            if let Some(text) = &entry.name {
                self.ids.insert((kind, key(kind, text)), code.to_owned());
            }
        }
    }

    /// Takes in the ids of a recorded event.
    pub fn recorded<N: Naming>(&mut self, remarks: Option<&Remarks>, body: &Body<N>) {
        texts(remarks, body).for_each(|(kind, text)| self.used(kind, text));
    }

    fn used(&mut self, kind: DirectoryKind, id: &str) {
        let number = text_number(kind, id).unwrap_or_default();
        let highest = self.highest(kind);
        *highest = number.max(*highest);
    }

    fn highest(&mut self, kind: DirectoryKind) -> &mut u64 {
        if kind == DirectoryKind::Note { &mut self.notes } else { &mut self.persons }
    }

    /// Puts ids in the place of a fact's texts; gives those that are new, which count once [`Texts::take`] has them.
    pub fn put_ids(&self, fact: &mut Fact) -> Vec<NewText> {
        let (mut new, mut persons, mut notes) = (Vec::<NewText>::new(), self.persons, self.notes);
        replace_texts(&mut fact.remarks, &mut fact.body, |kind, text| {
            if text_number(kind, text).is_some() {
                return None; // it stands for its text already
            }
            let same = |known: &&NewText| known.kind == kind && key(kind, &known.text) == key(kind, text);
            if let Some(id) = self.ids.get(&(kind, key(kind, text))) {
                return Some(id.clone());
            }
            if let Some(known) = new.iter().find(same) {
                return Some(known.id.clone());
            }
            let number = if kind == DirectoryKind::Note { &mut notes } else { &mut persons };
            *number += 1;
            let id = text_id(kind, *number);
            new.push(NewText { kind, id: id.clone(), text: text.to_owned() });
            Some(id)
        });
        new
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
    if kind == DirectoryKind::Person { person_key(text) } else { text.to_owned() }
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
    pub(crate) fn bring_texts_back(&mut self, lost: Vec<(Uuid, Fact)>) -> Result<(), LedgerError> {
        if lost.is_empty() {
            return Ok(());
        }
        let by_id: HashMap<Uuid, Fact> = lost.into_iter().collect();
        let (mut ids, mut found) = (EventIds::default(), Vec::new());
        scan(&*self.log, self.log.len(), &mut |seen: &Seen<'_>| {
            let Ok((id, _)) = ids.next(seen.reference, seen.position, seen.event) else { return };
            let Some(fact) = by_id.get(&id) else { return };
            let recorded = texts(seen.event.remarks.as_deref(), &seen.event.body);
            let came = texts(fact.remarks.as_deref(), &fact.body);
            for ((kind, id), (_, text)) in recorded.zip(came) {
                if text_number(kind, id).is_some() && text_number(kind, text).is_none() {
                    found.push((kind, id.to_owned(), text.to_owned()));
                }
            }
        })?;
        for (kind, id, text) in found {
            self.directory.add(kind.as_str(), &id, Some(text), None);
        }
        Ok(self.directory.save_changes()?)
    }

    /// The texts that stand behind ids, as far as they are kept.
    pub fn people(&self) -> Result<People, LedgerError> {
        Ok(People::of(&self.directory()?))
    }
}
