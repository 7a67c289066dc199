//! Which of the identical lines of a file a fact is, and the id that follows (facts.md, `id`).

use hashbrown::{HashMap, HashSet};
use upline_core::content::{ContentKey, Key};
use upline_core::event::Identity;
use upline_core::fact::Fact;
use upline_core::fact::persons::texts;
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
    /// Id and content by which ledgers know it that hold who said it, and what was noted, in the log itself; none where
    /// it says neither.
    pub before: Option<(Uuid, ContentKey)>,
}

/// Counts the identical lines of one file.
#[derive(Default)]
pub struct Ordinals {
    counted: Counted,
    /// The same of lines with all that they say.
    before: Counted,
    text: String,
}

impl Ordinals {
    /// Gives the next fact of the file its id. Only facts that bring none are counted.
    pub fn identify(&mut self, fact: Fact) -> Identified {
        let (on, remarks, body) = (fact.on, fact.remarks.as_deref(), &fact.body);
        let noted = remarks.is_some_and(|remarks| remarks.note.is_some());
        let mut ordinal = 1;
        let counted = |of: &mut Counted, key| if fact.id.is_some() { 1 } else { of.next(on, key) };
        let count = |key| {
            ordinal = counted(&mut self.counted, key);
            ordinal
        };
        let Key { id: derived, content } = Key::of(on, remarks, body, count, &mut self.text);
        let before = texts(remarks, body).next().is_some().then(|| {
            let count = |key| counted(&mut self.before, key);
            let Key { id, content } = Key::of_everything(on, remarks, body, count, &mut self.text);
            (fact.id.unwrap_or(id), content)
        });
        let (id, identity) = match fact.id {
            Some(id) => (id, Identity::Given(id)),
            // The note is not in the log: its id cannot be derived again.
            None if noted => (derived, Identity::Given(derived)),
            None => (derived, Identity::Derived { ordinal }),
        };
        Identified { fact, id, identity, content, before }
    }
}

/// How often which line was met.
///
/// Nearly every line is the only one of its content, so 16 bytes are kept of it; a counter only of those
/// that come again. Identical lines have the same date, and files mostly come in the order of dates: a set
/// for each date keeps the part that is looked at small.
#[derive(Default)]
struct Counted {
    seen: HashMap<Day, HashSet<ContentKey>>,
    again: HashMap<ContentKey, u32>,
}

impl Counted {
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
