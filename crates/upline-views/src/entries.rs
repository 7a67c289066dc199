//! The entries of double entry one by one, for other tools (rules §10).

use crate::event_ids::EventIds;
use upline_core::as_of::AsOf;
use upline_core::event::{Event, Position};
use upline_core::money::Cents;
use upline_core::names::PolicyName;
use upline_core::posting::Posting;
use upline_core::reference_data::{ReferenceData, Unknown};
use upline_core::time::{Day, Moment};
use uuid::Uuid;

/// A debit and a credit of one amount on two accounts, on one date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The day on which it counts.
    pub dated: Day,
    /// The day on which it would count, where a closed period moved it (rules §9).
    pub due: Option<Day>,
    pub policy: Option<PolicyName>,
    /// The account that it debits, such as `unearned:A001:C1:P-77`.
    pub debit: String,
    /// The account that it credits, such as `payable:A001:C1`.
    pub credit: String,
    /// How much; negative takes an earlier entry of its kind back.
    pub amount: Cents,
}

/// An event with the entries that it posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Where the event stands.
    pub position: Position,
    pub id: Uuid,
    /// The id of the fact that caused it, for an event of the ledger's own.
    pub cause: Option<Uuid>,
    pub type_name: &'static str,
    /// Its effective date.
    pub on: Day,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// Its entries that count at the point, by the day they are dated; never none.
    pub entries: Vec<Entry>,
}

/// The event with its entries; `None` where none counts.
pub fn posted(
    reference: &ReferenceData,
    ids: &mut EventIds,
    at: AsOf,
    position: Position,
    event: &Event,
    postings: &[Posting],
) -> Result<Option<Posted>, Unknown> {
    // Also of an event without entries: what it caused may have some, and takes its id from this one's.
    let (id, cause) = ids.next(reference, position, event)?;
    let mut entries = Vec::new();
    for posting in postings.iter().filter(|posting| at.counts(posting.dated)) {
        entries.push(entry(reference, posting).ok_or(Unknown(position))?);
    }
    entries.sort_by_key(|entry| entry.dated);
    let type_name = event.body.type_name();
    let (on, recorded_at) = (event.on, event.recorded_at);
    let posted = Posted { position, id, cause, type_name, on, recorded_at, entries };
    Ok((!posted.entries.is_empty()).then_some(posted))
}

fn entry(reference: &ReferenceData, posting: &Posting) -> Option<Entry> {
    let (debit, credit) = reference.accounts(posting)?;
    let policy = match posting.policy {
        Some(id) => Some(reference.policy_name(id)?),
        None => None,
    };
    Some(Entry {
        dated: posting.dated,
        due: (posting.due != posting.dated).then_some(posting.due),
        policy,
        debit: reference.account_name(debit)?,
        credit: reference.account_name(credit)?,
        amount: posting.amount,
    })
}
