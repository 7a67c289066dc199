//! What blocks say, taken apart: the events that introduce something, postings, and facts of policies.
//!
//! # Shape
//! A read model that is fast does not look at events one by one. Blocks are decoded into [`Rows`] on all cores,
//! each block on its own; what introduces something is then absorbed in order, and the rest is added up.
//!
//! # Correctness
//! Rows hold what the read models are made of and nothing of the rest; that these come out the same as event by
//! event is what the tests of each read model compare.

use crate::index::{Cell, Holders, payee_of};
use crate::persistency::{Fact, What};
use rayon::prelude::*;
use std::ops::RangeInclusive;
use upline_core::event::{Batch, Event, Position};
use upline_core::fact::Body;
use upline_core::fact::types::Introduces;
use upline_core::names::{ById, PolicyId};
use upline_core::posting::{Posting, PostingKind};
use upline_core::time::Day;
use upline_log::{Block, Decoder, EventLog, LogError};

/// Money that moved: a cell changed by an amount, on a day, by the event at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Movement {
    pub position: Position,
    pub amount: i64,
    pub dated: Day,
    pub cell: Cell,
}

/// A posting of a payee, of which only the holder is to be found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paid {
    pub position: Position,
    pub amount: i64,
    pub policy: PolicyId,
    pub dated: Day,
    pub number: u16,
    pub kind: PostingKind,
}

impl Paid {
    /// A posting of a payee; `None` for one of no payee.
    #[inline]
    pub fn of(position: Position, posting: &Posting) -> Option<Paid> {
        let (policy, number) = payee_of(posting)?;
        let Posting { kind, dated, amount, .. } = *posting;
        Some(Paid { position, amount: amount.0, policy, dated, number, kind })
    }
}

/// Whether the facts of policies are wanted as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Postings,
    PostingsAndFacts,
}

/// What some events in a row say.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Events that introduce something, in order.
    pub introducing: Vec<(Position, Event)>,
    /// Postings that are of no payee, in order.
    other: Vec<(Position, Posting)>,
    pub paid: Vec<Paid>,
    /// What happened to policies, in order; months that a premium does not say are still to be found.
    pub facts: Vec<(PolicyId, Fact)>,
}

/// Whether an event introduces something; most, such as premiums, do not.
#[inline]
fn introduces(body: &Body<ById>) -> bool {
    body.fact_type().introduces != Introduces::Nothing
}

impl Rows {
    /// The rows of the events of a batch at these positions.
    pub fn of_batch(first: Position, batch: &Batch, wanted: &RangeInclusive<Position>) -> Rows {
        let mut rows = Rows::default();
        for (position, (event, postings)) in (first..).zip(batch.iter()).filter(|(p, _)| wanted.contains(p)) {
            rows.take_postings(position, postings);
            if introduces(&event.body) {
                rows.introducing.push((position, event.clone()));
            }
        }
        rows
    }

    fn of_block(
        decoder: &mut Decoder,
        block: &Block,
        range: &RangeInclusive<Position>,
        wanted: Wanted,
    ) -> Result<Rows, LogError> {
        let events = block.count() as usize;
        let mut rows = Rows { paid: Vec::with_capacity(4 * events), ..Rows::default() };
        decoder.visit(block, |position, event, postings| {
            if range.contains(&position) {
                rows.take_postings(position, postings);
                if wanted == Wanted::PostingsAndFacts
                    && let Some((policy, what)) = What::of_event(&event.body)
                {
                    rows.facts.push((policy, Fact { position, on: event.on, what }));
                }
                if introduces(&event.body) {
                    rows.introducing.push((position, event));
                }
            }
        })?;
        Ok(rows)
    }

    #[inline]
    fn take_postings(&mut self, position: Position, postings: &[Posting]) {
        for posting in postings {
            match Paid::of(position, posting) {
                Some(paid) => self.paid.push(paid),
                None => self.other.push((position, *posting)),
            }
        }
    }

    /// Gives numbers to what these events introduce; adds the policies that got further payees. `None` where
    /// one names what was never added.
    pub fn introduce(&self, holders: &mut Holders, further: &mut Vec<PolicyId>) -> Option<()> {
        let mut other = self.other.iter().peekable();
        for (position, event) in &self.introducing {
            while let Some((_, posting)) = other.next_if(|(at, _)| at < position) {
                holders.introduce(posting)?;
            }
            further.extend(holders.absorb(*position, event)?);
        }
        other.try_for_each(|(_, posting)| holders.introduce(posting))
    }

    /// Hands over the movements of these events, once everything that they name has a number. In the order of
    /// positions, save that those of no payee come last. `None` where one names what was never added.
    #[inline]
    pub fn each_movement(&self, holders: &Holders, mut each: impl FnMut(Movement)) -> Option<()> {
        for paid in &self.paid {
            let effects = holders.of_payee(paid.policy, paid.number, paid.kind)?;
            for (cell, sign) in effects.into_iter().flatten() {
                let Paid { position, dated, amount, .. } = *paid;
                each(Movement { position, amount: sign.wrapping_mul(amount), dated, cell });
            }
        }
        for (position, posting) in &self.other {
            for (cell, sign) in holders.of_accounts(posting)?.into_iter().flatten() {
                let (amount, dated) = (sign.wrapping_mul(posting.amount.0), posting.dated);
                each(Movement { position: *position, amount, dated, cell });
            }
        }
        Some(())
    }

    /// The movements of these events.
    pub fn movements(&self, holders: &Holders) -> Option<Vec<Movement>> {
        let mut movements = Vec::with_capacity(self.paid.len() * 5 / 4 + 2 * self.other.len());
        self.each_movement(holders, |movement| movements.push(movement))?;
        Some(movements)
    }
}

/// The rows of the events at these positions, block by block.
pub(crate) fn read_rows(
    log: &dyn EventLog,
    range: RangeInclusive<Position>,
    wanted: Wanted,
) -> Result<Vec<Rows>, LogError> {
    let mut parts: Vec<(Block, RangeInclusive<Position>)> = Vec::new();
    // A log that is repacked while it is read may hand a position over twice.
    let mut next = *range.start();
    for block in log.blocks(next) {
        let block = block?;
        if block.first() > *range.end() {
            break;
        }
        let own = next..=block.last().min(*range.end());
        next = next.max(block.last() + 1);
        parts.push((block, own));
    }
    let decode = |decoder: &mut Result<Decoder, LogError>,
                  (block, own): &(Block, RangeInclusive<Position>)| {
        match decoder {
            Ok(decoder) => Rows::of_block(decoder, block, own, wanted),
            Err(_) => Rows::of_block(&mut Decoder::new()?, block, own, wanted),
        }
    };
    parts.par_iter().map_init(Decoder::new, decode).collect()
}

/// Hands over the rows of the events at these positions, stretch by stretch: the next one is decoded while one is
/// taken.
pub(crate) fn read_ahead<E: From<LogError> + Send>(
    log: &dyn EventLog,
    mut ranges: impl Iterator<Item = RangeInclusive<Position>>,
    wanted: Wanted,
    mut take: impl FnMut(Position, Vec<Rows>) -> Result<(), E> + Send,
) -> Result<(), E> {
    let read = |range: RangeInclusive<Position>| Ok((*range.end(), read_rows(log, range, wanted)?));
    let mut ready: Option<(Position, Vec<Rows>)> = ranges.next().map(read).transpose()?;
    while let Some((end, rows)) = ready {
        let next = ranges.next();
        let (taken, ahead) = rayon::join(|| take(end, rows), || next.map(read).transpose());
        taken?;
        ready = ahead?;
    }
    Ok(())
}
