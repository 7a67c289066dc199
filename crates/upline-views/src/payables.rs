//! What moved on the payables and reserves of producers, day by day: what a pay run goes by (rules §8, pay.md §2).

use crate::projection::{Projection, Seen};
use hashbrown::HashMap;
use std::collections::BTreeMap;
use upline_core::event::Position;
use upline_core::fact::{Body, ProducerAdded, ProducerKind};
use upline_core::names::{CarrierId, Code, ProducerId};
use upline_core::posting::{Account, PostingKind};
use upline_core::sides::Move;
use upline_core::time::Day;

/// What moved on an account, in natural sign, by day.
pub type ByDay = BTreeMap<Day, i128>;

/// What moved on a payable, by day and kind. What a payout takes stands by itself, with its position: its order counts.
type ByKind = BTreeMap<(Day, PostingKind, Position), i128>;

/// The payables and the reserve of a producer.
#[derive(Debug, Default)]
pub struct OfProducer {
    payables: BTreeMap<Option<CarrierId>, ByKind>,
    pub reserve: ByDay,
}

impl OfProducer {
    /// What moved on each payable, by carrier, the one without first; by day, then position.
    pub fn payables(&self) -> impl Iterator<Item = (Option<CarrierId>, Vec<Move>)> + '_ {
        self.payables.iter().map(|(carrier, moves)| {
            let of = |(key, amount): (&(Day, PostingKind, Position), &i128)| {
                let (dated, kind, position) = *key;
                Move { dated, position, amount: *amount, kind }
            };
            let mut moves: Vec<Move> = moves.iter().map(of).collect();
            moves.sort_by_key(|moved| (moved.dated, moved.position));
            (*carrier, moves)
        })
    }
}

/// What moved on payables and reserves.
#[derive(Debug, Default)]
pub struct Payables {
    /// What kind of producer each is.
    pub kinds: HashMap<Code, ProducerKind>,
    pub moved: HashMap<ProducerId, OfProducer>,
}

impl Projection for Payables {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, position, event, postings, .. } = *seen;
        if let Body::ProducerAdded(ProducerAdded { producer, kind }) = &event.body {
            self.kinds.insert(producer.clone(), *kind);
        }
        for posting in postings {
            let Some((debit, credit)) = reference.accounts(posting) else { continue };
            let amount = i128::from(posting.amount.0);
            let taken = matches!(posting.kind, PostingKind::PartTaken | PostingKind::PartTakenByCarrier);
            for (account, amount) in [(debit, -amount), (credit, amount)] {
                match account {
                    Account::Payable(producer, carrier) => {
                        let key = (posting.dated, posting.kind, if taken { position } else { 0 });
                        let of = self.moved.entry(producer).or_default();
                        *of.payables.entry(carrier).or_default().entry(key).or_default() += amount;
                    }
                    Account::Reserve(producer) => {
                        let of = self.moved.entry(producer).or_default();
                        *of.reserve.entry(posting.dated).or_default() += amount;
                    }
                    _ => {}
                }
            }
        }
    }
}
