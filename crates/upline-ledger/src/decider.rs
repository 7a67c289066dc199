//! The recording decider: takes submitted facts one by one and turns them into events.
//!
//! **Correctness.** Ids and recorded times are judged first, then the fact against the book. What is
//! refused changes nothing. Everything recorded between two [`Decider::take`]s is one commit with one
//! `recorded_at`, save where an import is trusted to bring its own.

use crate::clock::Clock;
use crate::error::LedgerError;
use crate::ids::{Known, RecordedIds};
use std::sync::Arc;
use upline_core::book::{Book, Effects};
use upline_core::content::{ContentKey, canonical};
use upline_core::event::{Batch, Event, Identity, Position};
use upline_core::fact::{Body, CarrierAdded, Fact, Personal, ProducerAdded};
use upline_core::names::{ByCode, Code};
use upline_core::refusal::{Refusal, RefusalCode};
use upline_core::time::Moment;
use upline_formats::ordinals::Identified;
use upline_log::EventLog;
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
}

impl From<Identified> for Command {
    fn from(identified: Identified) -> Command {
        let Identified { fact, id, identity, content } = identified;
        Command { fact, id, identity, content }
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
    /// What goes to the directory once the facts are stored: kind, code, and what is known.
    personal: Vec<(&'static str, Code, Personal)>,
}

impl Decider {
    /// The decider of a log: its book and ids, by replaying it.
    pub fn open(log: &dyn EventLog) -> Result<Decider, LedgerError> {
        let mut decider = Decider::default();
        let mut text = String::new();
        for batch in log.read(1)? {
            let (first, batch) = batch?;
            for (position, (event, _)) in (first..).zip(batch.iter()) {
                decider.book.replay(position, event, &mut decider.effects)?;
                decider.last_recorded_at = Some(event.recorded_at);
                if let Some((id, content)) =
                    fact_id(decider.book.reference_data(), position, event, &mut text)?
                {
                    decider.ids.add(id, content, &event.origin);
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
        let Command { mut fact, id, identity, content } = command;
        let personal = fact.personal.take();
        match self.ids.look_up(id, content) {
            Known::New => {}
            Known::Same(origin) => {
                self.note_personal(&fact.body, personal);
                return Ok(Outcome::AlreadyRecorded(origin));
            }
            Known::Other => {
                let message = format!("id {id} is recorded already, with other content");
                return Ok(Outcome::Refused(Refusal::of(RefusalCode::Duplicate, "id", message)));
            }
        }
        let recorded_at = match self.recorded_at(&fact, trust_recorded_at, clock) {
            Ok(recorded_at) => recorded_at,
            Err(refusal) => return Ok(Outcome::Refused(refusal)),
        };
        let body = match self.book.admit(&fact) {
            Ok(body) => body,
            Err(refusal) => return Ok(Outcome::Refused(refusal)),
        };
        self.note_personal(&fact.body, personal);
        let (on, origin, remarks) = (fact.on, origin.clone(), fact.remarks);
        self.ids.add(id, content, &origin);
        let event = Event { on, recorded_at, identity, origin, remarks, body };
        let position = self.book.record(event, &mut self.effects, &mut self.batch)?;
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
        match body {
            Body::CarrierAdded(CarrierAdded { carrier }) => {
                self.personal.push(("carrier", carrier.clone(), *personal))
            }
            Body::ProducerAdded(ProducerAdded { producer, .. }) => {
                self.personal.push(("producer", producer.clone(), *personal))
            }
            _ => {}
        }
    }

    /// Takes what goes to the directory.
    pub fn take_personal(&mut self) -> Vec<(&'static str, Code, Personal)> {
        std::mem::take(&mut self.personal)
    }

    /// When a fact is recorded: now, or as it says where that is trusted; never before what is recorded. A time that
    /// cannot be true is refused, as it would stamp all that comes after it.
    fn recorded_at(&mut self, fact: &Fact, trusted: bool, clock: &dyn Clock) -> Result<Moment, Refusal> {
        let last = self.last_recorded_at.unwrap_or(Moment::EARLIEST);
        let too_far = |ahead: Moment, now: Moment| {
            !self.accept_clock && ahead.0.saturating_sub(now.0) > CLOCK_TOLERANCE_US
        };
        if let Some(moment) = fact.recorded_at.filter(|_| trusted) {
            let now = clock.now();
            if moment >= last && too_far(moment, now) {
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
        let commit_at = *self.commit_at.get_or_insert_with(|| clock.now());
        if too_far(last, commit_at) {
            let message = format!(
                "this machine's clock says {commit_at}, more than a day before {last}, when the last fact was \
                 recorded: one of the two is wrong. Set the clock right, or record all the same with --accept-clock, \
                 as of {last}"
            );
            return Err(Refusal::whole(RefusalCode::Clock, message));
        }
        Ok(commit_at.max(last))
    }

    /// How many events wait to be taken.
    pub fn waiting(&self) -> usize {
        self.batch.len()
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
    canonical(fact.on, fact.remarks.as_deref(), &fact.body, &mut text);
    let content = ContentKey::of(&text);
    let mut ordinal = 1;
    while !will_do(content.id(&text, ordinal), content) {
        ordinal += 1;
    }
    Command { id: content.id(&text, ordinal), identity: Identity::Derived { ordinal }, content, fact }
}
