//! What waits for a carrier: what is not due to who is paid only what was received (pay.md §3).
//!
//! # Shape
//! Of each producer and carrier the expected amounts of the house's time up to the run, less what lines of statements up
//! to it pay of them. An amount that somebody accepted or wrote off does not wait, one that is claimed does.
//!
//! # Correctness
//! It is worked out only where somebody is paid by what was received: the others' runs read no statement.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::reconcile::{Matched, Named};
use hashbrown::HashMap;
use upline_core::book::Book;
use upline_core::names::{CarrierId, ProducerId};
use upline_core::reconcile::LineKind;
use upline_core::statement::Resolution;
use upline_core::time::Day;

/// What waits, in cents, by producer and carrier; never below zero.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    amounts: HashMap<(ProducerId, CarrierId), i128>,
}

impl Waiting {
    /// What waits of a producer for a carrier.
    pub fn of(&self, producer: ProducerId, carrier: CarrierId) -> i128 {
        self.amounts.get(&(producer, carrier)).copied().unwrap_or(0)
    }
}

impl Ledger {
    /// What waits on the day of a run.
    pub(super) fn waiting(&self, book: &Book, through: Day) -> Result<Waiting, LedgerError> {
        let reference = book.reference_data();
        let since: HashMap<ProducerId, Day> = reference
            .producers()
            .iter()
            .filter_map(|(id, _)| Some((id, book.payouts().received_since(id, through)?)))
            .collect();
        let mut waiting = Waiting::default();
        if since.is_empty() {
            return Ok(waiting);
        }
        let Matched { expected, statements, decided, .. } = self.matched(self.position(), None, true)?;
        // What was paid of each amount, and which nobody waits for any more.
        let (mut paid, mut settled) = (vec![0i128; expected.len()], vec![false; expected.len()]);
        // The first day of the month of each carrier's first statement.
        let mut first: HashMap<CarrierId, Day> = HashMap::new();
        for (one, rows) in &statements {
            for carrier in one.profile.carriers().filter_map(|carrier| reference.carriers().find(carrier)) {
                let from = first.entry(carrier).or_insert(one.from);
                *from = one.from.min(*from);
            }
            for row in rows {
                let Some(place) = row.expected else { continue };
                if one.through <= through
                    && row.line.is_some()
                    && let Some(paid) = paid.get_mut(place)
                {
                    *paid += i128::from(row.received.0);
                }
                let decision = decided.get(&(one.file.clone(), row.name(one, &expected)));
                let done = decision.is_some_and(|decision| {
                    matches!(decision.reason, Resolution::Accepted | Resolution::WrittenOff)
                });
                if let Some(settled) = settled.get_mut(place).filter(|_| done) {
                    *settled = true;
                }
            }
        }
        for (item, (paid, settled)) in expected.iter().zip(paid.into_iter().zip(settled)) {
            let of_kind = matches!(item.kind, LineKind::Advance | LineKind::Earned | LineKind::Offset);
            let Some(carrier) = reference.carriers().find(&item.policy.carrier) else { continue };
            let before_statements = first.get(&carrier).is_some_and(|first| item.due < *first);
            if settled || !of_kind || item.due > through || before_statements {
                continue;
            }
            let mut left = paid;
            let last = item.parts.len().saturating_sub(1);
            for (n, (producer, amount)) in item.parts.iter().enumerate() {
                let amount = i128::from(amount.0);
                // A line for several pays them in the order of the chain; what is beyond is the last one's.
                let part = if n == last || amount.signum() != left.signum() {
                    if n == last { left } else { 0 }
                } else {
                    left.abs().min(amount.abs()) * amount.signum()
                };
                left -= part;
                let Some(producer) = reference.producers().find(producer) else { continue };
                if since.get(&producer).is_some_and(|since| item.due >= *since) {
                    *waiting.amounts.entry((producer, carrier)).or_default() += amount - part;
                }
            }
        }
        waiting.amounts.retain(|_, amount| *amount > 0);
        Ok(waiting)
    }
}
