//! The events of the log as JSON, one a line.
//!
//! **Correctness.** Whoever may see only some producers is told of the events that concern them, with the entries of
//! their accounts alone; of what an event says, only where it names nobody else; and not where it stands in the log, so
//! that nothing shows how much others did meanwhile.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::ops::RangeInclusive;
use upline_core::as_of::AsOf;
use upline_core::event::{Event, Identity, Position};
use upline_core::fact::Body;
use upline_core::fact::types::Introduces;
use upline_core::money::Total;
use upline_core::names::{ByCode, Code, PolicyName, ProducerId};
use upline_core::posting::Posting;
use upline_core::reference_data::{ReferenceData, Unknown};
use upline_formats::event_json::{EntryLine, EventLine, PartLine};
use upline_formats::plain::harmless_json;
use upline_ledger::queries::{policy_id, producer_id};
use upline_ledger::{Following, Ledger, LedgerError, People};
use upline_views::Seen;
use upline_views::event_ids::EventIds;

/// Which events are shown.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only those of this policy.
    pub policy: Option<PolicyName>,
    /// Only those that name this producer or post to its accounts.
    pub producer: Option<Code>,
    /// Only those from this position on.
    pub from: Position,
}

/// Why events are not written.
#[derive(Debug)]
pub enum NotWritten {
    /// They cannot be read.
    Ledger(LedgerError),
    /// Nobody takes them.
    Output(io::Error),
}

impl From<LedgerError> for NotWritten {
    fn from(error: LedgerError) -> NotWritten {
        NotWritten::Ledger(error)
    }
}

impl From<io::Error> for NotWritten {
    fn from(error: io::Error) -> NotWritten {
        NotWritten::Output(error)
    }
}

/// Writes the events at a point, each with the entries that it posted.
pub fn write(ledger: &Ledger, at: AsOf, wanted: &Wanted, out: impl Write) -> Result<(), NotWritten> {
    let reference = ledger.reference_data(at.known)?;
    let policy_wanted = wanted.policy.as_ref().map(|name| policy_id(&reference, name)).transpose()?;
    let whose = wanted.producer.as_ref().map(|code| producer_id(&reference, code)).transpose()?;
    let mut lines = Lines { out, text: String::new(), ids: EventIds::default(), people: ledger.people()? };
    let mut failed = Ok(());
    ledger.events(at, 1, |seen| {
        let Seen { reference, position, event, policy, postings } = *seen;
        let shown = position >= wanted.from
            && (policy_wanted.is_none() || policy_wanted == policy)
            && whose.is_none_or(|producer| reference.concerns(&event.body, postings, producer));
        if failed.is_ok() {
            failed = lines.write(reference, position, event, postings, shown);
        }
    })?;
    failed?;
    lines.out.flush()?;
    Ok(())
}

/// What somebody may see of the events.
#[derive(Clone, Copy, Debug)]
pub enum View<'a> {
    All,
    /// Events of these types.
    Types(&'a [&'a str]),
    /// What concerns these producers.
    Of(&'a BTreeSet<Code>),
}

/// The events at some positions that somebody may see, each with its position. Reads only their blocks.
pub fn on(
    ledger: &Ledger,
    following: &Following,
    positions: RangeInclusive<Position>,
    view: View<'_>,
) -> Result<Vec<(Position, String)>, LedgerError> {
    let people = ledger.people_on(following)?;
    let (mut ids, mut found, mut failed) = (EventIds::default(), Vec::new(), None);
    ledger.events_on(following, positions.clone(), &mut |seen| {
        let line = part(seen, &people, &mut ids, positions.contains(&seen.position), view);
        match line {
            Ok(Some(line)) => found.push((seen.position, harmless_json(&line).into_owned())),
            Ok(None) => {}
            Err(unknown) => {
                failed.get_or_insert(unknown);
            }
        }
    })?;
    failed.map_or(Ok(found), |unknown| Err(unknown.into()))
}

/// An event as somebody may see it; `None` where there is nothing to see.
fn part(
    seen: &Seen<'_>,
    people: &People,
    ids: &mut EventIds,
    wanted: bool,
    view: View<'_>,
) -> Result<Option<String>, Unknown> {
    let Seen { reference, position, event, policy, postings } = *seen;
    let lost = || Unknown(position);
    let (id, cause) = ids.next(reference, position, event)?;
    let type_name = event.body.type_name();
    let own = match view {
        View::All => None,
        View::Types(types) if types.contains(&type_name) => None,
        View::Types(_) => return Ok(None),
        View::Of(own) => Some(own),
    };
    if !wanted {
        return Ok(None);
    }
    let mut text = String::new();
    let Some(own) = own else {
        let named = people.named(event);
        let event = named.as_ref().unwrap_or(event);
        let body: Body<ByCode> = reference.named(&event.body).ok_or_else(lost)?;
        let entries = entries(reference, postings).ok_or_else(lost)?;
        let (on, recorded_at, remarks) = (event.on, event.recorded_at, event.remarks.as_deref());
        EventLine { position, id, cause, on, recorded_at, remarks, body: &body, entries: &entries }
            .write(&mut text);
        return Ok(Some(text));
    };
    let ids = own.iter().filter_map(|code| reference.producers().find(code));
    let producers: Vec<ProducerId> = ids.collect();
    if !producers.iter().any(|producer| reference.concerns(&event.body, postings, *producer)) {
        return Ok(None);
    }
    let mut entries = Vec::new();
    for posting in postings {
        let (debit, credit) = reference.accounts(posting).ok_or_else(lost)?;
        let amount = Total::from(posting.amount);
        for (account, amount) in [(debit, amount), (credit, -amount)] {
            if account.producer().is_some_and(|producer| producers.contains(&producer)) {
                let account = reference.account_name(account).ok_or_else(lost)?;
                entries.push(EntryLine { account, amount, dated: posting.dated });
            }
        }
    }
    let mentions = reference.mentions(&event.body);
    let named =
        !mentions.producers.is_empty() && mentions.producers.iter().all(|one| producers.contains(one));
    // What names only these producers tells of nobody else, unless it is a chain with its rates.
    let told = named && event.body.fact_type().introduces != Introduces::Policy;
    let body = told.then(|| reference.named(&event.body).ok_or_else(lost)).transpose()?;
    let policy = policy.map(|id| reference.policy_name(id).ok_or_else(lost)).transpose()?;
    let (on, recorded_at) = (event.on, event.recorded_at);
    let (body, policy, entries) = (body.as_ref(), policy.as_ref(), entries.as_slice());
    PartLine { id, on, recorded_at, type_name, body, policy, entries }.write(&mut text);
    Ok(Some(text))
}

struct Lines<W: Write> {
    out: W,
    text: String,
    ids: EventIds,
    people: People,
}

impl<W: Write> Lines<W> {
    fn write(
        &mut self,
        reference: &ReferenceData,
        position: Position,
        event: &Event,
        postings: &[Posting],
        shown: bool,
    ) -> Result<(), NotWritten> {
        let lost = || NotWritten::from(LedgerError::from(Unknown(position)));
        if !shown && matches!(event.identity, Identity::Caused { .. }) {
            return Ok(());
        }
        let (id, cause) = self.ids.next(reference, position, event).map_err(|_| lost())?;
        if !shown {
            return Ok(());
        }
        let named = self.people.named(event);
        let event = named.as_ref().unwrap_or(event);
        let body: Body<ByCode> = reference.named(&event.body).ok_or_else(lost)?;
        let entries = entries(reference, postings).ok_or_else(lost)?;
        let line = EventLine {
            position,
            id,
            cause,
            on: event.on,
            recorded_at: event.recorded_at,
            remarks: event.remarks.as_deref(),
            body: &body,
            entries: &entries,
        };
        self.text.clear();
        line.write(&mut self.text);
        self.text.push('\n');
        self.out.write_all(harmless_json(&self.text).as_bytes())?;
        Ok(())
    }
}

/// The postings as entries, debit positive.
fn entries(reference: &ReferenceData, postings: &[Posting]) -> Option<Vec<EntryLine>> {
    let mut entries = Vec::with_capacity(2 * postings.len());
    for posting in postings {
        let (debit, credit) = reference.accounts(posting)?;
        let amount = posting.amount.into();
        entries.push(EntryLine { account: reference.account_name(debit)?, amount, dated: posting.dated });
        entries.push(EntryLine {
            account: reference.account_name(credit)?,
            amount: -amount,
            dated: posting.dated,
        });
    }
    Some(entries)
}
