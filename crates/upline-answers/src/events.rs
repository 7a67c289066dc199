//! The events of the log as JSON, one a line.

use std::io::{self, Write};
use upline_core::as_of::AsOf;
use upline_core::event::{Event, Identity, Position};
use upline_core::fact::Body;
use upline_core::names::{ByCode, Code, PolicyName};
use upline_core::posting::Posting;
use upline_core::reference_data::{ReferenceData, Unknown};
use upline_formats::event_json::{EntryLine, EventLine};
use upline_formats::plain::harmless_json;
use upline_ledger::queries::{policy_id, producer_id};
use upline_ledger::{Ledger, LedgerError, People};
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
