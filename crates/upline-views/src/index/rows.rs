//! What blocks say that balances are made of: postings, and the events that introduce who is paid.

use super::seats::{Cell, Seats, payee_of};
use rayon::prelude::*;
use std::ops::RangeInclusive;
use upline_core::event::{Batch, Event, Position};
use upline_core::fact::Body;
use upline_core::names::PolicyId;
use upline_core::posting::{Kind, Posting};
use upline_core::time::Day;
use upline_log::{Block, Decoder, EventLog, LogError};

/// Money that moved: a cell changed by an amount, on a day, by the event at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Movement {
    pub position: Position,
    pub amount: i64,
    pub dated: Day,
    pub cell: Cell,
}

/// A posting of a payee, of which only the seat is to be found.
#[derive(Clone, Copy, Debug)]
struct Paid {
    position: Position,
    amount: i64,
    policy: PolicyId,
    dated: Day,
    number: u16,
    kind: Kind,
}

/// What some events in a row say.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Events that introduce something, in order.
    pub introducing: Vec<(Position, Event)>,
    /// Postings that are of no payee, in order.
    other: Vec<(Position, Posting)>,
    paid: Vec<Paid>,
}

/// Whether an event introduces who is paid.
fn introduces(event: &Event) -> bool {
    matches!(
        event.body,
        Body::CarrierAdded { .. }
            | Body::ProducerAdded { .. }
            | Body::PolicyIssued(_)
            | Body::PolicyRestated(_)
    )
}

impl Rows {
    /// The rows of the events of a batch at these positions.
    pub fn of_batch(first: Position, batch: &Batch, wanted: &RangeInclusive<Position>) -> Rows {
        let mut rows = Rows::default();
        for (position, (event, postings)) in (first..).zip(batch.iter()).filter(|(p, _)| wanted.contains(p)) {
            rows.take_postings(position, postings);
            if introduces(event) {
                rows.introducing.push((position, event.clone()));
            }
        }
        rows
    }

    fn of_block(
        decoder: &mut Decoder,
        block: &Block,
        wanted: &RangeInclusive<Position>,
    ) -> Result<Rows, LogError> {
        let events = block.count() as usize;
        let mut rows = Rows { paid: Vec::with_capacity(4 * events), ..Rows::default() };
        decoder.visit(block, |position, event, postings| {
            if wanted.contains(&position) {
                rows.take_postings(position, postings);
                if introduces(&event) {
                    rows.introducing.push((position, event));
                }
            }
        })?;
        Ok(rows)
    }

    #[inline]
    fn take_postings(&mut self, position: Position, postings: &[Posting]) {
        for posting in postings {
            let Posting { kind, dated, amount, .. } = *posting;
            match payee_of(posting) {
                Some((policy, number)) => {
                    self.paid.push(Paid { position, amount: amount.0, policy, dated, number, kind });
                }
                None => self.other.push((position, *posting)),
            }
        }
    }

    /// Gives numbers to what these events introduce; adds the policies that got further payees. `None` where
    /// one names what was never added.
    pub fn introduce(&self, seats: &mut Seats, further: &mut Vec<PolicyId>) -> Option<()> {
        let mut other = self.other.iter().peekable();
        for (position, event) in &self.introducing {
            while let Some((_, posting)) = other.next_if(|(at, _)| at < position) {
                seats.introduce(posting)?;
            }
            further.extend(seats.absorb(*position, event)?);
        }
        other.try_for_each(|(_, posting)| seats.introduce(posting))
    }

    /// Hands over the movements of these events, once everything that they name has a number. In the order of
    /// positions, save that those of no payee come last. `None` where one names what was never added.
    #[inline]
    pub fn each_movement(&self, seats: &Seats, mut each: impl FnMut(Movement)) -> Option<()> {
        for paid in &self.paid {
            let effects = seats.of_payee(paid.policy, paid.number, paid.kind)?;
            for (cell, sign) in effects.into_iter().flatten() {
                let Paid { position, dated, amount, .. } = *paid;
                each(Movement { position, amount: sign.wrapping_mul(amount), dated, cell });
            }
        }
        for (position, posting) in &self.other {
            for (cell, sign) in seats.of_accounts(posting)?.into_iter().flatten() {
                let (amount, dated) = (sign.wrapping_mul(posting.amount.0), posting.dated);
                each(Movement { position: *position, amount, dated, cell });
            }
        }
        Some(())
    }

    /// The movements of these events.
    pub fn movements(&self, seats: &Seats) -> Option<Vec<Movement>> {
        let mut movements = Vec::with_capacity(self.paid.len() * 5 / 4 + 2 * self.other.len());
        self.each_movement(seats, |movement| movements.push(movement))?;
        Some(movements)
    }
}

/// The rows of the events at these positions, block by block.
pub(super) fn read_rows(
    log: &dyn EventLog,
    wanted: RangeInclusive<Position>,
) -> Result<Vec<Rows>, LogError> {
    let mut blocks = Vec::new();
    for block in log.blocks(*wanted.start()) {
        let block = block?;
        if block.first() > *wanted.end() {
            break;
        }
        blocks.push(block);
    }
    // A log that is repacked while it is read may hand a position over twice.
    let mut next = *wanted.start();
    let mut parts = Vec::with_capacity(blocks.len());
    for block in &blocks {
        parts.push((block, next..=block.last().min(*wanted.end())));
        next = next.max(block.last() + 1);
    }
    let decode = |decoder: &mut Result<Decoder, LogError>, (block, wanted): &(&Block, RangeInclusive<Position>)| {
        match decoder {
            Ok(decoder) => Rows::of_block(decoder, block, wanted),
            Err(_) => Rows::of_block(&mut Decoder::new()?, block, wanted),
        }
    };
    parts.par_iter().map_init(Decoder::new, decode).collect()
}
