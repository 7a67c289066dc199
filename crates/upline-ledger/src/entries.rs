//! The entries of double entry one by one, for other tools (rules §10).

use crate::decider::EventIds;
use crate::error::LedgerError;
use crate::ledger::Ledger;
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
    /// The policy that it is on, where it is on one.
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
    /// Its id.
    pub id: Uuid,
    /// The id of the fact that caused it, for an event of the ledger's own.
    pub cause: Option<Uuid>,
    /// Its type.
    pub type_name: &'static str,
    /// Its effective date.
    pub on: Day,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// Its entries that count at the point, by the day they are dated; never none.
    pub entries: Vec<Entry>,
}

impl Ledger {
    /// Hands over every event that has entries at a point, in the order of the log, and tells `progress` the
    /// position that was reached. Keeps no more than an event at a time; ends with the first error of `each`.
    pub fn entries<E: From<LedgerError>>(
        &self,
        at: AsOf,
        mut progress: impl FnMut(Position),
        mut each: impl FnMut(&Posted) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut reference = ReferenceData::default();
        let mut ids = EventIds::default();
        for batch in self.log.read(1).map_err(LedgerError::from)? {
            let (first, batch) = batch.map_err(LedgerError::from)?;
            for (position, (event, postings)) in (first..=at.known).zip(batch.iter()) {
                reference.absorb(position, event.on, &event.body).map_err(LedgerError::from)?;
                let posted =
                    posted(&reference, &mut ids, at, position, event, postings).map_err(LedgerError::from)?;
                if let Some(posted) = posted {
                    each(&posted)?;
                }
            }
            let read = first + batch.len() as Position;
            progress(read.saturating_sub(1).min(at.known));
            if read > at.known {
                break;
            }
        }
        Ok(())
    }
}

/// The event with its entries; `None` where none counts.
fn posted(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use upline_core::money::Total;
    use upline_log::{EventLog, MemoryLog};
    use upline_testing::{Recorded, books_with_closed_periods};

    fn ledger(recorded: &Recorded) -> Ledger {
        let mut log = MemoryLog::new().unwrap();
        log.append(0, &recorded.batch).unwrap();
        Ledger::of(Box::new(log), Box::new(SystemClock))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn entries_add_up_to_the_accounts_at_any_point(
            book in books_with_closed_periods(), days in 0..2_000_i32, part in 0..=8_u64,
        ) {
            let ledger = ledger(&Recorded::of_full(&book.setup, &book.facts));
            let as_of = Day(Day::parse("2024-01-01").unwrap().0 + days);
            let at = AsOf { effective: as_of, known: ledger.position() * part / 8 };
            let mut sums: BTreeMap<String, Total> = BTreeMap::new();
            let (mut last, mut reached) = (0, 0);
            ledger.entries(at, |position| reached = position, |posted| -> Result<(), LedgerError> {
                assert!(posted.position > last && !posted.entries.is_empty());
                last = posted.position;
                assert!(posted.entries.is_sorted_by_key(|entry| entry.dated));
                for entry in &posted.entries {
                    assert!(entry.dated <= as_of && entry.due != Some(entry.dated));
                    *sums.entry(entry.debit.clone()).or_default() += entry.amount;
                    *sums.entry(entry.credit.clone()).or_default() -= entry.amount;
                }
                Ok(())
            }).unwrap();
            prop_assert!(last <= at.known && reached <= at.known);
            sums.retain(|_, sum| !sum.is_zero());
            prop_assert_eq!(sums.into_iter().collect::<Vec<_>>(), ledger.accounts(at).unwrap());
        }
    }

    /// Who cannot write on is not handed the rest.
    #[test]
    fn the_first_error_ends_it() {
        use proptest::strategy::ValueTree;
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let book = books_with_closed_periods().new_tree(&mut runner).unwrap().current();
        let ledger = ledger(&Recorded::of_full(&book.setup, &book.facts));
        let at = AsOf { effective: Day::LAST, known: ledger.position() };
        let mut seen = 0;
        let ended = ledger.entries(
            at,
            |_| (),
            |_| {
                seen += 1;
                Err(LedgerError::Input("full".into()))
            },
        );
        assert_eq!((ended.unwrap_err().to_string(), seen), ("full".to_owned(), 1));
    }
}
