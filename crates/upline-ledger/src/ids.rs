//! Which facts are recorded already, and from which file (facts.md: `id`).

use hashbrown::HashMap;
use std::sync::Arc;
use upline_core::content::ContentKey;
use uuid::Uuid;

/// The ids of all recorded facts.
#[derive(Debug, Default)]
pub struct RecordedIds {
    /// From which file each came, as an index of `origins`.
    from: HashMap<[u8; 16], u32>,
    /// The contents of those whose id is not their content's key: given ids, and repeated lines.
    contents: HashMap<[u8; 16], ContentKey>,
    origins: Vec<Option<Arc<str>>>,
}

/// What is known of an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    New,
    /// The same fact is recorded; from this file.
    Same(Option<Arc<str>>),
    /// Another fact is recorded under it.
    Other,
}

impl RecordedIds {
    /// What is known of an id, for a fact of this content.
    pub fn look_up(&self, id: Uuid, content: ContentKey) -> Known {
        let key = id.into_bytes();
        let Some(origin) = self.from.get(&key) else { return Known::New };
        let recorded = self.contents.get(&key).copied().unwrap_or(ContentKey(id.as_u128()));
        if recorded != content {
            return Known::Other;
        }
        Known::Same(usize::try_from(*origin).ok().and_then(|i| self.origins.get(i).cloned()).flatten())
    }

    /// Notes a recorded fact.
    pub fn add(&mut self, id: Uuid, content: ContentKey, origin: &Option<Arc<str>>) {
        let index = match self.origins.last() {
            // Facts of a file follow each other.
            Some(last) if last == origin => self.origins.len() - 1,
            _ => self.origins.iter().position(|known| known == origin).unwrap_or_else(|| {
                self.origins.push(origin.clone());
                self.origins.len() - 1
            }),
        };
        let key = id.into_bytes();
        self.from.insert(key, u32::try_from(index).unwrap_or(u32::MAX));
        if content.0 != id.as_u128() {
            self.contents.insert(key, content);
        }
    }

    /// How many facts are recorded.
    pub fn count(&self) -> usize {
        self.from.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_only_with_the_same_content() {
        let mut ids = RecordedIds::default();
        let (given, content) = (Uuid::from_u128(7), ContentKey(99));
        assert_eq!(ids.look_up(given, content), Known::New);
        let file: Option<Arc<str>> = Some("a.jsonl".into());
        ids.add(given, content, &file);
        assert_eq!(ids.look_up(given, content), Known::Same(file));
        assert_eq!(ids.look_up(given, ContentKey(98)), Known::Other);
        // A derived id is its content's key; it may be given explicitly later.
        ids.add(Uuid::from_u128(5), ContentKey(5), &None);
        assert_eq!(ids.look_up(Uuid::from_u128(5), ContentKey(5)), Known::Same(None));
        assert_eq!(ids.look_up(Uuid::from_u128(5), ContentKey(6)), Known::Other);
    }
}
