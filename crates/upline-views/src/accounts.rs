//! The trial balance: every account with what stands on it (rules §10).

use crate::point::Point;
use crate::scan::Fold;
use hashbrown::HashMap;
use upline_core::event::{Event, Position};
use upline_core::money::Total;
use upline_core::names::PolicyId;
use upline_core::posting::{Account, Posting};
use upline_core::register::Register;

/// Sums postings by account, debit positive.
#[derive(Debug)]
pub struct Accounts {
    at: Point,
    sums: HashMap<Account, Total>,
}

impl Accounts {
    /// The accounts at a point.
    pub fn new(at: Point) -> Accounts {
        Accounts { at, sums: HashMap::new() }
    }

    /// Every account that is not zero, debit positive.
    pub fn sums(&self) -> impl Iterator<Item = (Account, Total)> + '_ {
        self.sums.iter().map(|(account, sum)| (*account, *sum)).filter(|(_, sum)| !sum.is_zero())
    }

    /// The rows that are not zero by name, sorted.
    pub fn rows(&self, register: &Register) -> Vec<(String, Total)> {
        let mut rows: Vec<(String, Total)> =
            self.sums().filter_map(|(account, sum)| Some((register.account_name(account)?, sum))).collect();
        rows.sort();
        rows
    }
}

impl Fold for Accounts {
    fn absorb(
        &mut self,
        register: &Register,
        _: Position,
        _: &Event,
        _: Option<PolicyId>,
        postings: &[Posting],
    ) {
        for posting in postings.iter().filter(|posting| self.at.counts(posting)) {
            if let Some((debit, credit)) = register.accounts(posting) {
                *self.sums.entry(debit).or_default() += posting.amount;
                *self.sums.entry(credit).or_default() -= posting.amount;
            }
        }
    }
}
