//! What the log keeps: events with the postings that they caused.

pub use crate::vocabulary::as_of::Position;

use crate::fact::{Body, Remarks};
use crate::recorded::posting::Posting;
use crate::vocabulary::names::ById;
use crate::vocabulary::time::{Day, Moment};
use std::sync::Arc;
use uuid::Uuid;

/// How an event's id is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The fact brought it.
    Given(Uuid),
    /// It follows from the content and its ordinal (from 1) among identical lines of its file.
    Derived {
        /// Which of the identical lines it was.
        ordinal: u32,
    },
    /// The ledger recorded the event itself, because of another.
    Caused {
        /// The position of the event that caused it.
        by: Position,
        /// Which of the events of that cause, from 1.
        ordinal: u32,
    },
}

/// Something that was recorded. Never changed, never removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The effective date.
    pub on: Day,
    /// When this ledger learned of it.
    pub recorded_at: Moment,
    /// How its id is known.
    pub identity: Identity,
    /// The name of the file that brought it.
    pub origin: Option<Arc<str>>,
    /// Free text that came with it.
    pub remarks: Option<Box<Remarks>>,
    /// What it says.
    pub body: Body<ById>,
}

impl Event {
    /// The position of the fact that caused it, for an event of the ledger's own.
    pub fn cause(&self) -> Option<Position> {
        match self.identity {
            Identity::Caused { by, .. } => Some(by),
            Identity::Given(_) | Identity::Derived { .. } => None,
        }
    }
}

/// Events that follow each other in the log, with their postings. The unit in which a log is written and
/// read: one vector of events and one of postings, so that an event costs no allocation of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    events: Vec<Event>,
    postings: Vec<Posting>,
    /// Where the postings of each event end.
    ends: Vec<usize>,
}

impl Batch {
    /// Adds an event and its postings.
    pub fn push(&mut self, event: Event, postings: impl IntoIterator<Item = Posting>) {
        self.postings.extend(postings);
        self.events.push(event);
        self.ends.push(self.postings.len());
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// True without any event.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The events in order, each with its postings.
    pub fn iter(&self) -> impl Iterator<Item = (&Event, &[Posting])> {
        let mut start = 0;
        self.events.iter().zip(&self.ends).map(move |(event, &end)| {
            let postings = self.postings.get(start..end).unwrap_or(&[]);
            start = end;
            (event, postings)
        })
    }

    /// The event at an index, from 0, with its postings.
    pub fn get(&self, index: usize) -> Option<(&Event, &[Posting])> {
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        Some((self.events.get(index)?, self.postings.get(start..*self.ends.get(index)?)?))
    }

    /// The last event.
    pub fn last(&self) -> Option<&Event> {
        self.events.last()
    }

    /// Empties the batch, keeping its memory.
    pub fn clear(&mut self) {
        self.events.clear();
        self.postings.clear();
        self.ends.clear();
    }
}
