//! The commits of a stretch of a book, as the alternatives record them: what Upline decided, so that they
//! need not, with the bytes that Upline stores of it.

use crate::book::Book;
use crate::entries::each_event;
use crate::facts::COMMIT_FACTS;
use crate::measure::{Draw, Result};
use std::collections::HashMap;
use upline_core::event::{Batch, Event, Position};
use upline_core::names::{CarrierId, Code, ProducerId};
use upline_core::posting::{Account, Posting};
use upline_core::reference_data::ReferenceData;
use upline_core::time::Day;
use upline_log::{Encoder, OpenOptions, event_bytes, open_log_to_read};
use upline_views::Seen;

/// An event as a row of a table.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// Where it stands.
    pub position: Position,
    pub type_name: &'static str,
    /// Its effective date.
    pub on: Day,
    /// When it was recorded, in microseconds.
    pub recorded_at: i64,
    /// The policy that it concerns.
    pub policy: Option<u32>,
    /// 16 bytes that are as random as an id is: SQLite keeps them apart where it is to.
    pub id: [u8; 16],
    /// All of it, as the log encodes it.
    pub body: Vec<u8>,
    /// Its entries: which account, when, how much, debit positive. One for each side of a posting.
    pub entries: Vec<(u32, Day, i64)>,
}

/// What is made durable at once.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// How many facts it records.
    pub facts: usize,
    /// The events that they became.
    pub events: Vec<EventRow>,
    /// What Upline stores for them.
    pub stored: Vec<u8>,
}

/// Stretches of a book, and the accounts that they move.
#[derive(Debug, Default)]
pub struct Stretches {
    /// Commits of [`COMMIT_FACTS`] facts.
    pub thousands: Vec<Commit>,
    /// Commits of one fact, that follow on these.
    pub ones: Vec<Commit>,
    /// The names of the accounts, by number.
    pub accounts: Vec<String>,
}

/// Reads a stretch of a book behind its first facts: so many commits of many facts, then so many of one.
pub fn stretches(book: &Book, skip: usize, thousands: usize, ones: usize) -> Result<Stretches> {
    let log = open_log_to_read(&book.ledger, &OpenOptions::default())?;
    let mut reading = Reading::default();
    let mut facts = 0;
    // Which commit a fact goes into, counted from 1 behind those that are skipped; None outside of the
    // stretch.
    let commit_of = |fact: usize| {
        let within = fact.checked_sub(skip + 1)?;
        let of_thousands = within / COMMIT_FACTS;
        let commit =
            if of_thousands < thousands { of_thousands } else { within - thousands * (COMMIT_FACTS - 1) };
        (commit < thousands + ones).then_some(commit + 1)
    };
    each_event(&book.ledger, Position::MAX, |seen| {
        let Seen { reference, position, event, postings, .. } = *seen;
        let is_fact = event.cause().is_none();
        facts += usize::from(is_fact);
        let commit = commit_of(facts);
        if commit != reading.open {
            reading.close(thousands)?;
            reading.open = commit;
        }
        if commit.is_none() {
            return Ok(());
        }
        if reading.encoder.is_none() {
            reading.encoder = Some(Encoder::after(&log.tip_at(position - 1)?)?);
        }
        reading.commit.facts += usize::from(is_fact);
        reading.add(reference, position, event, postings)
    })?;
    reading.close(thousands)?;
    Ok(reading.found)
}

/// An account without its policy: fewer accounts are easier for the alternatives.
type AccountKey = (&'static str, Option<ProducerId>, Option<CarrierId>);

#[derive(Default)]
struct Reading {
    found: Stretches,
    numbers: HashMap<AccountKey, u32>,
    encoder: Option<Encoder>,
    /// The number of the commit that is being filled.
    open: Option<usize>,
    commit: Commit,
    batch: Batch,
}

impl Reading {
    fn add(
        &mut self,
        reference: &ReferenceData,
        position: Position,
        event: &Event,
        postings: &[Posting],
    ) -> Result<()> {
        let mut entries = Vec::with_capacity(2 * postings.len());
        for posting in postings {
            let (debit, credit) = reference.accounts(posting).ok_or("a posting names what nobody knows")?;
            entries.push((self.number(reference, debit)?, posting.dated, posting.amount.0));
            entries.push((self.number(reference, credit)?, posting.dated, -posting.amount.0));
        }
        self.commit.events.push(EventRow {
            position,
            type_name: event.body.type_name(),
            on: event.on,
            recorded_at: event.recorded_at.0,
            policy: reference.policy_of(&event.body).map(|policy| policy.0),
            id: random_bytes(position),
            body: event_bytes(event, postings)?,
            entries,
        });
        self.batch.push(event.clone(), postings.iter().copied());
        Ok(())
    }

    /// Adds the open commit to those that were found, with its bytes.
    fn close(&mut self, thousands: usize) -> Result<()> {
        let (mut commit, batch) = (std::mem::take(&mut self.commit), std::mem::take(&mut self.batch));
        let Some(encoder) = self.encoder.as_mut().filter(|_| !batch.is_empty()) else { return Ok(()) };
        encoder.push_batch(&batch)?;
        for sealed in encoder.finish()? {
            commit.stored.extend_from_slice(sealed.block().bytes());
        }
        let Stretches { thousands: many, ones, .. } = &mut self.found;
        if many.len() < thousands {
            many.push(commit)
        } else {
            ones.push(commit)
        }
        Ok(())
    }

    fn number(&mut self, reference: &ReferenceData, account: Account) -> Result<u32> {
        let key = match account {
            Account::Carrier(carrier) => ("carrier", None, Some(carrier)),
            Account::Payable(producer, carrier) => ("payable", Some(producer), carrier),
            Account::Unearned(producer, carrier, _) => ("unearned", Some(producer), Some(carrier)),
            Account::Debt(producer, carrier, _) => ("debt", Some(producer), carrier),
            Account::Leads(producer) => ("leads", Some(producer), None),
            Account::Reserve(producer) => ("reserve", Some(producer), None),
            Account::Coverage(producer) => ("coverage", Some(producer), None),
            Account::Recourse(producer) => ("recourse", Some(producer), None),
            Account::Cash => ("cash", None, None),
            Account::Adjustment | Account::Opening | Account::Writeoff => ("adjustment", None, None),
        };
        if let Some(number) = self.numbers.get(&key) {
            return Ok(*number);
        }
        let number = u32::try_from(self.found.accounts.len())?;
        let (kind, producer, carrier) = key;
        let producer = producer.and_then(|id| reference.producers().name(id));
        let carrier = carrier.and_then(|id| reference.carriers().name(id));
        // Not by colons: those make accounts below accounts, which doubleentry lets nothing be posted to.
        let names = [Some(kind), producer.map(Code::as_str), carrier.map(Code::as_str)];
        self.found.accounts.push(names.into_iter().flatten().collect::<Vec<_>>().join("."));
        self.numbers.insert(key, number);
        Ok(number)
    }
}

fn random_bytes(seed: u64) -> [u8; 16] {
    let mut draw = Draw::new(seed);
    let mut half = || draw.below(u64::MAX).to_le_bytes();
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip([half(), half()].into_iter().flatten()) {
        *to = from;
    }
    bytes
}
