//! What moved on the payables and reserves of producers, day by day: what a pay run goes by (rules §8).

use crate::projection::{Projection, Seen};
use hashbrown::HashMap;
use std::collections::BTreeMap;
use upline_core::fact::{Body, ProducerAdded, ProducerKind};
use upline_core::names::{Code, ProducerId};
use upline_core::posting::Account;
use upline_core::time::Day;

/// What moved on an account, in natural sign, by day.
pub type ByDay = BTreeMap<Day, i128>;

/// What moved on payables and reserves.
#[derive(Debug, Default)]
pub struct Payables {
    /// What kind of producer each is.
    pub kinds: HashMap<Code, ProducerKind>,
    /// The payable and the reserve of each.
    pub moved: HashMap<ProducerId, (ByDay, ByDay)>,
}

impl Projection for Payables {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, event, postings, .. } = *seen;
        if let Body::ProducerAdded(ProducerAdded { producer, kind }) = &event.body {
            self.kinds.insert(producer.clone(), *kind);
        }
        for posting in postings {
            let Some((debit, credit)) = reference.accounts(posting) else { continue };
            let amount = i128::from(posting.amount.0);
            for (account, amount) in [(debit, -amount), (credit, amount)] {
                let days = match account {
                    Account::Payable(producer, _) => &mut self.moved.entry(producer).or_default().0,
                    Account::Reserve(producer) => &mut self.moved.entry(producer).or_default().1,
                    _ => continue,
                };
                *days.entry(posting.dated).or_default() += amount;
            }
        }
    }
}
