//! The entries that count at a point, for exports.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_views::entries::{Posted, posted};
use upline_views::event_ids::EventIds;

impl Ledger {
    /// Hands over every event that has entries at a point, in the order of the log, and tells `progress` the
    /// position that was reached. Keeps no more than an event at a time; ends with the first error of `each`.
    pub fn entries<E: From<LedgerError>>(
        &self,
        at: AsOf,
        mut progress: impl FnMut(Position),
        mut each: impl FnMut(&Posted) -> Result<(), E>,
    ) -> Result<(), E> {
        // Every entry names its accounts as they are called at the point, whatever a policy was called when it was posted.
        let mut reference = self.reference_data(at.known)?;
        reference.show_numbers_of(at.effective);
        let mut ids = EventIds::default();
        for batch in self.log.read(1).map_err(LedgerError::from)? {
            let (first, batch) = batch.map_err(LedgerError::from)?;
            for (position, (event, postings)) in (first..=at.known).zip(batch.iter()) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use upline_core::money::Total;
    use upline_core::time::Day;
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
                Err(LedgerError::KeepsNoFiles)
            },
        );
        assert_eq!((ended.unwrap_err().to_string(), seen), ("this ledger keeps no files".to_owned(), 1));
    }
}
