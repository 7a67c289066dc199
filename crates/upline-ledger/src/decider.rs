//! The recording decider: takes submitted facts one by one and turns them into events.
//!
//! **Correctness.** Ids and recorded times are judged first, then the fact against the book. What is
//! refused changes nothing. Everything recorded between two [`Decider::take`]s is one commit with one
//! `recorded_at`, save where an import is trusted to bring its own.

use crate::clock::Clock;
use crate::error::LedgerError;
use crate::ids::{Known, RecordedIds};
use crate::people::{LostTexts, NewText, Texts};
use std::collections::HashSet;
use std::sync::Arc;
use upline_core::book::{Book, Effects};
use upline_core::content::{ContentKey, Key};
use upline_core::event::{Batch, Event, Identity, Position};
use upline_core::fact::{
    Body, CarrierAdded, DirectoryKind, Fact, Personal, PersonalDataErased, ProducerAdded,
};
use upline_core::names::{ByCode, Code};
use upline_core::refusal::{Refusal, RefusalCode};
use upline_core::time::Moment;
use upline_formats::ordinals::Identified;
use upline_log::EventLog;
use upline_store::Directory;
use upline_views::event_ids::fact_id;
use uuid::Uuid;

/// How far a clock may be from what it is compared with, in microseconds: a day. Beyond that, one of the two is wrong.
const CLOCK_TOLERANCE_US: i64 = 24 * 3_600 * 1_000_000;

/// A fact with its id and its content's key, as a front door hands it in.
#[derive(Clone, Debug)]
pub struct Command {
    pub fact: Fact,
    /// Its id: given, or derived from its content.
    pub id: Uuid,
    /// How the id is known.
    pub identity: Identity,
    /// What its content is compared by.
    pub content: ContentKey,
    /// Id and content by which ledgers know it that hold in the log itself who said it; none where it says nobody.
    pub before: Option<(Uuid, ContentKey)>,
}

impl From<Identified> for Command {
    fn from(identified: Identified) -> Command {
        let Identified { fact, id, identity, content, before } = identified;
        Command { fact, id, identity, content, before }
    }
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was recorded at this position.
    Recorded(Position),
    /// It had been recorded before, from this file.
    AlreadyRecorded(Option<Arc<str>>),
    /// It was refused; nothing changed.
    Refused(Refusal),
}

/// Everything needed to decide about the next fact.
#[derive(Debug, Default)]
pub struct Decider {
    book: Book,
    ids: RecordedIds,
    last_recorded_at: Option<Moment>,
    /// Whether times are taken that cannot be true.
    pub(crate) accept_clock: bool,
    /// What was recorded and not yet taken.
    batch: Batch,
    /// When the commit that is being filled is recorded.
    commit_at: Option<Moment>,
    effects: Effects,
    /// What goes to the directory with the facts.
    entries: Vec<ForDirectory>,
    texts: Texts,
    /// Facts that are recorded, and have texts that the directory lacks.
    lost: LostTexts,
}

/// What the directory is told of a fact.
#[derive(Debug)]
pub(crate) enum ForDirectory {
    /// What is known of whom it adds or names.
    Keep(DirectoryKind, Code, Personal),
    /// That what was kept is erased.
    Erase(DirectoryKind, Code),
}

impl Decider {
    /// The decider of a log and the directory beside it: its book and ids, by replaying it.
    pub(crate) fn open(log: &dyn EventLog, directory: &Directory) -> Result<Decider, LedgerError> {
        let mut decider = Decider::default();
        decider.texts.load(directory);
        let mut text = String::new();
        for batch in log.read(1)? {
            let (first, batch) = batch?;
            for (position, (event, _)) in (first..).zip(batch.iter()) {
                decider.book.replay(position, event, &mut decider.effects)?;
                decider.last_recorded_at = Some(event.recorded_at);
                decider.texts.recorded(event.remarks.as_deref(), &event.body);
                if let Some((id, content)) =
                    fact_id(decider.book.reference_data(), position, event, &mut text)?
                {
                    decider.ids.add(id, content, &event.origin);
                    decider.book.know(id, position);
                }
            }
        }
        Ok(decider)
    }

    pub fn book(&self) -> &Book {
        &self.book
    }

    /// How many facts are recorded.
    pub fn facts(&self) -> usize {
        self.ids.count()
    }

    /// Takes a fact in.
    pub fn submit(
        &mut self,
        command: Command,
        origin: &Option<Arc<str>>,
        trust_recorded_at: bool,
        clock: &dyn Clock,
    ) -> Result<Outcome, LedgerError> {
        let Command { mut fact, id, mut identity, mut content, before } = command;
        // Facts are compared as if every policy had only the number of its issue; the id stays that of what was said.
        if let Some(body) = self.book.reference_data().as_issued(&fact.body) {
            let (on, remarks) = (fact.on, fact.remarks.as_deref());
            content = Key::of(on, remarks, &body, |_| 1, &mut String::new()).content;
            identity = Identity::Given(id);
        }
        let personal = fact.personal.take();
        let mut known = self.ids.look_up(id, content);
        let mut as_before = false;
        if let (Known::New | Known::Other, Some((id, content))) = (&known, before) {
            let same = self.ids.look_up(id, content);
            as_before = matches!(same, Known::Same(_));
            known = if as_before { same } else { known };
        }
        match known {
            Known::New => {}
            Known::Same(origin) => {
                self.note_personal(&fact.body, personal);
                // An older program left the texts of its facts in the log.
                if !as_before && self.texts.lacks(&fact) {
                    self.lost.note(id, &fact);
                }
                return Ok(Outcome::AlreadyRecorded(origin));
            }
            Known::Other => {
                let message = format!("id {id} is recorded already, with other content");
                return Ok(Outcome::Refused(Refusal::of(RefusalCode::Duplicate, "id", message)));
            }
        }
        if let Err(refusal) = self.texts.check_erasure(&fact.body, trust_recorded_at) {
            return Ok(Outcome::Refused(refusal));
        }
        let texts = match self.texts.put_ids(&mut fact, trust_recorded_at) {
            Ok(texts) => texts,
            Err(refusal) => return Ok(Outcome::Refused(refusal)),
        };
        let recorded_at = match self.recorded_at(&fact, trust_recorded_at, clock) {
            Ok(recorded_at) => recorded_at,
            Err(refusal) => return Ok(Outcome::Refused(refusal)),
        };
        let body = match self.book.admit(&fact) {
            Ok(body) => body,
            Err(refusal) => return Ok(Outcome::Refused(refusal)),
        };
        self.note_personal(&fact.body, personal);
        self.texts.recorded(fact.remarks.as_deref(), &fact.body);
        self.texts.take(&texts);
        let kept = texts.into_iter().filter_map(NewText::entry);
        self.entries.extend(kept.map(|(kind, code, text)| ForDirectory::Keep(kind, code, text)));
        if let Body::PersonalDataErased(PersonalDataErased { kind, code }) = &fact.body {
            self.texts.forget(*kind, code.as_str());
            self.entries.push(ForDirectory::Erase(*kind, code.clone()));
        }
        let (on, origin, remarks) = (fact.on, origin.clone(), fact.remarks);
        self.ids.add(id, content, &origin);
        let event = Event { on, recorded_at, identity, origin, remarks, body };
        let position = self.book.record(event, &mut self.effects, &mut self.batch)?;
        self.book.know(id, position);
        self.last_recorded_at = Some(recorded_at);
        Ok(Outcome::Recorded(position))
    }

    /// Makes a command of a fact that brings no id: recorded once, however often it is submitted.
    pub fn once(fact: Fact) -> Command {
        of_ordinal(fact, |_, _| true)
    }

    /// Makes a command of a fact that happens now, also where one of the same content is recorded: it gets the
    /// id of the next identical line of a file.
    pub fn another(&self, fact: Fact) -> Command {
        of_ordinal(fact, |id, content| self.ids.look_up(id, content) == Known::New)
    }

    fn note_personal(&mut self, body: &Body<ByCode>, personal: Option<Box<Personal>>) {
        let Some(personal) = personal else { return };
        let (kind, code) = match body {
            Body::CarrierAdded(CarrierAdded { carrier }) => (DirectoryKind::Carrier, carrier),
            Body::ProducerAdded(ProducerAdded { producer, .. }) => (DirectoryKind::Producer, producer),
            _ => return,
        };
        self.entries.push(ForDirectory::Keep(kind, code.clone(), *personal));
    }

    /// Takes the facts whose texts were lost with a directory.
    pub(crate) fn take_lost(&mut self) -> LostTexts {
        std::mem::take(&mut self.lost)
    }

    /// Takes what goes to the directory.
    pub(crate) fn take_entries(&mut self) -> Vec<ForDirectory> {
        std::mem::take(&mut self.entries)
    }

    /// When a fact is recorded: now, or as it says where that is trusted; never before what is recorded. A time that
    /// cannot be true is refused, as it would stamp all that comes after it.
    fn recorded_at(&mut self, fact: &Fact, trusted: bool, clock: &dyn Clock) -> Result<Moment, Refusal> {
        let last = self.last_recorded_at.unwrap_or(Moment::EARLIEST);
        if let Some(moment) = fact.recorded_at.filter(|_| trusted) {
            let now = *self.commit_at.get_or_insert_with(|| clock.now());
            if moment >= last && self.is_too_far(moment, now) {
                let message = format!(
                    "recorded_at {moment} is more than a day ahead of this machine's clock, {now}: nothing could be \
                     recorded before it any more. Correct it, or record it all the same with --accept-clock"
                );
                return Err(Refusal::of(RefusalCode::Clock, "recorded_at", message));
            }
            if moment < last {
                let message =
                    format!("recorded_at {moment} is before {last}, when the last fact was recorded");
                return Err(Refusal::of(RefusalCode::Dates, "recorded_at", message));
            }
            return Ok(moment);
        }
        self.commit_time(clock.now())
    }

    /// The time of the commit that is being filled: the first that was asked for, and not before the last fact's.
    fn commit_time(&mut self, now: Moment) -> Result<Moment, Refusal> {
        let last = self.last_recorded_at.unwrap_or(Moment::EARLIEST);
        let commit_at = *self.commit_at.get_or_insert(now);
        if self.is_too_far(last, commit_at) {
            let message = format!(
                "this machine's clock says {commit_at}, more than a day before {last}, when the last fact was \
                 recorded: one of the two is wrong. Set the clock right, or record all the same with --accept-clock, \
                 as of {last}"
            );
            return Err(Refusal::whole(RefusalCode::Clock, message));
        }
        Ok(commit_at.max(last))
    }

    /// When a fact that is decided now would be recorded.
    pub fn would_record_at(&mut self, clock: &dyn Clock) -> Result<Moment, Refusal> {
        self.commit_time(clock.now())
    }

    /// Whether a time lies further ahead of another than a clock may be wrong.
    fn is_too_far(&self, ahead: Moment, now: Moment) -> bool {
        !self.accept_clock && ahead.0.saturating_sub(now.0) > CLOCK_TOLERANCE_US
    }

    /// What was decided and not taken.
    pub fn decided(&self) -> &Batch {
        &self.batch
    }

    /// Whether facts would be recorded now, one after the other. Records nothing.
    pub(crate) fn dry_run(&self, facts: &[Fact]) -> Result<(), LedgerError> {
        let (mut book, mut seen) = (self.book.clone(), HashSet::new());
        let (mut effects, mut batch) = (Effects::default(), Batch::default());
        let recorded_at = self.last_recorded_at.unwrap_or(Moment::EARLIEST);
        for fact in facts {
            let Command { fact, id, identity, content, .. } = Decider::once(fact.clone());
            if self.ids.look_up(id, content) != Known::New || !seen.insert(id) {
                return Err(LedgerError::RecordedAlready);
            }
            let body = book.admit(&fact)?;
            let event =
                Event { on: fact.on, recorded_at, identity, origin: None, remarks: fact.remarks, body };
            let position = book.record(event, &mut effects, &mut batch)?;
            book.know(id, position);
        }
        Ok(())
    }

    /// How many events wait to be taken.
    pub fn waiting(&self) -> usize {
        self.batch.len()
    }

    /// Takes what was recorded since the last time, of a commit that goes on.
    pub fn take_part(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    /// Takes what was recorded since the last time; that is one commit.
    pub fn take(&mut self) -> Batch {
        self.commit_at = None;
        std::mem::take(&mut self.batch)
    }
}

/// The command of a fact with the first ordinal whose id will do.
fn of_ordinal(fact: Fact, will_do: impl Fn(Uuid, ContentKey) -> bool) -> Command {
    let mut text = String::new();
    let (on, remarks, body) = (fact.on, fact.remarks.as_deref(), &fact.body);
    let mut ordinal = 1;
    let key = loop {
        let key = Key::of(on, remarks, body, |_| ordinal, &mut text);
        if will_do(key.id, key.content) {
            break key;
        }
        ordinal += 1;
    };
    let noted = remarks.is_some_and(|remarks| remarks.note.is_some());
    let identity = if noted { Identity::Given(key.id) } else { Identity::Derived { ordinal } };
    Command { id: key.id, identity, content: key.content, before: None, fact }
}
