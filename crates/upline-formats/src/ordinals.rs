//! Which of the identical lines of a file a fact is, and the id that follows (facts.md, `id`).

use hashbrown::{HashMap, HashSet};
use upline_core::content::{ContentKey, canonical};
use upline_core::event::Identity;
use upline_core::fact::Fact;
use upline_core::time::Day;
use uuid::Uuid;

/// A fact with its id and the key of its content.
#[derive(Clone, Debug, PartialEq)]
pub struct Identified {
    /// What was submitted.
    pub fact: Fact,
    /// Its id: the given one, or the derived one.
    pub id: Uuid,
    /// How the id is known.
    pub identity: Identity,
    /// What it says, in 128 bits: an id that was recorded with another key is a duplicate.
    pub content: ContentKey,
}

/// Counts the identical lines of one file.
///
/// Nearly every line is the only one of its content, so 16 bytes are kept of it; a counter only of those
/// that come again. Identical lines have the same date, and files mostly come in the order of dates: a set
/// for each date keeps the part that is looked at small.
#[derive(Default)]
pub struct Ordinals {
    seen: HashMap<Day, HashSet<ContentKey>>,
    again: HashMap<ContentKey, u32>,
    text: String,
}

impl Ordinals {
    /// Gives the next fact of the file its id. Only facts that bring none are counted.
    pub fn identify(&mut self, fact: Fact) -> Identified {
        self.text.clear();
        canonical(fact.on, fact.remarks.as_deref(), &fact.body, &mut self.text);
        let content = ContentKey::of(&self.text);
        let (id, identity) = match fact.id {
            Some(id) => (id, Identity::Given(id)),
            None => {
                let ordinal = self.next(fact.on, content);
                (content.id(&self.text, ordinal), Identity::Derived { ordinal })
            }
        };
        Identified { fact, id, identity, content }
    }

    fn next(&mut self, on: Day, content: ContentKey) -> u32 {
        if self.seen.entry(on).or_default().insert(content) {
            return 1;
        }
        let ordinal = self.again.entry(content).or_insert(1);
        // A file of four billion identical lines is beyond what can be imported.
        *ordinal = ordinal.saturating_add(1);
        *ordinal
    }
}
