//! The trial balance: every account with its balance (rules §10).

use crate::projection::{Projection, Seen};
use hashbrown::HashMap;
use upline_core::as_of::AsOf;
use upline_core::money::Total;
use upline_core::posting::Account;
use upline_core::reference_data::ReferenceData;

/// Sums postings by account, debit positive.
#[derive(Debug)]
pub struct Accounts {
    at: AsOf,
    sums: HashMap<Account, Total>,
}

impl Accounts {
    /// The accounts at a point.
    pub fn new(at: AsOf) -> Accounts {
        Accounts { at, sums: HashMap::new() }
    }

    /// Every account that is not zero, debit positive.
    pub fn sums(&self) -> impl Iterator<Item = (Account, Total)> + '_ {
        self.sums.iter().map(|(account, sum)| (*account, *sum)).filter(|(_, sum)| !sum.is_zero())
    }

    /// The rows that are not zero by name, sorted.
    pub fn rows(&self, reference: &ReferenceData) -> Vec<(String, Total)> {
        let mut rows: Vec<(String, Total)> =
            self.sums().filter_map(|(account, sum)| Some((reference.account_name(account)?, sum))).collect();
        rows.sort();
        rows
    }
}

impl Projection for Accounts {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, postings, .. } = *seen;
        for posting in postings.iter().filter(|posting| self.at.counts(posting.dated)) {
            if let Some((debit, credit)) = reference.accounts(posting) {
                *self.sums.entry(debit).or_default() += posting.amount;
                *self.sums.entry(credit).or_default() -= posting.amount;
            }
        }
    }
}
