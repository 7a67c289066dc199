//! `upline log`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code, policy};
use crate::cli::screen;
use std::io::{BufWriter, Write};
use upline_core::event::{Event, Identity, Position};
use upline_core::fact::Body;
use upline_core::names::{ByCode, Code, PolicyName};
use upline_core::posting::Posting;
use upline_core::reference_data::{ReferenceData, Unknown};
use upline_formats::event_json::{EntryLine, EventLine};
use upline_formats::plain::harmless_json;
use upline_ledger::queries::{policy_id, producer_id};
use upline_ledger::{LedgerError, People};
use upline_views::Seen;
use upline_views::event_ids::EventIds;

/// The events, one JSON object a line, each with the entries that it posted
#[derive(clap::Args)]
pub struct Log {
    /// Only events of this policy
    #[arg(long, value_name = "C/P", value_parser = policy)]
    policy: Option<PolicyName>,
    /// Only events that name this producer or post to its accounts
    #[arg(long, value_name = "P", value_parser = code)]
    producer: Option<Code>,
    /// Only events from this position on
    #[arg(long, value_name = "N", default_value_t = 1)]
    from: Position,
    #[command(flatten)]
    point: PointArgs,
}

impl Log {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let (ledger, at) = self.point.open(context)?;
        let reference = ledger.reference_data(at.known)?;
        let wanted = self.policy.as_ref().map(|name| policy_id(&reference, name)).transpose()?;
        let whose = self.producer.as_ref().map(|code| producer_id(&reference, code)).transpose()?;
        let mut lines = Lines {
            out: BufWriter::new(screen::stdout()),
            text: String::new(),
            ids: EventIds::default(),
            people: ledger.people()?,
        };
        let mut failed = Ok(());
        ledger.events(at, 1, |seen| {
            let Seen { reference, position, event, policy, postings } = *seen;
            let shown = position >= self.from
                && (wanted.is_none() || wanted == policy)
                && whose.is_none_or(|producer| reference.concerns(&event.body, postings, producer));
            if failed.is_ok() {
                failed = lines.write(reference, position, event, postings, shown);
            }
        })?;
        failed?;
        lines.out.flush()?;
        Ok(())
    }
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
    ) -> Result<(), Failure> {
        let lost = || Failure::from(LedgerError::from(Unknown(position)));
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
