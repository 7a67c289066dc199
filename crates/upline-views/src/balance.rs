//! Balances: the sum of the postings that count (rules §10).

use crate::projection::{Projection, Seen};
use hashbrown::HashMap;
use upline_core::as_of::AsOf;
use upline_core::money::Total;
use upline_core::names::{CarrierId, Code, PolicyId, ProducerId};
use upline_core::posting::Account;
use upline_core::reference_data::ReferenceData;

/// How finely balances are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// One row a producer.
    Producer,
    /// One row a producer and carrier.
    Carrier,
    /// One row a producer, carrier and policy.
    Policy,
}

/// A producer's figures, each in its natural sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Cash due to the producer.
    pub payable: Total,
    /// Advances not yet earned.
    pub unearned: Total,
    /// Chargebacks that it owes.
    pub debt: Total,
    /// Lead financing that it owes.
    pub leads: Total,
    /// Withheld from its payouts.
    pub reserve: Total,
}

/// One of the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    Payable,
    Unearned,
    Debt,
    Leads,
    Reserve,
}

impl std::ops::AddAssign for Figures {
    fn add_assign(&mut self, other: Figures) {
        self.payable += other.payable;
        self.unearned += other.unearned;
        self.debt += other.debt;
        self.leads += other.leads;
        self.reserve += other.reserve;
    }
}

impl Figures {
    /// Adds to a figure, in its natural sign.
    pub(crate) fn add(&mut self, figure: Figure, amount: i128) {
        match figure {
            Figure::Payable => self.payable.0 += amount,
            Figure::Unearned => self.unearned.0 += amount,
            Figure::Debt => self.debt.0 += amount,
            Figure::Leads => self.leads.0 += amount,
            Figure::Reserve => self.reserve.0 += amount,
        }
    }

    /// payable + reserve − debt − leads; unearned is shown beside it, not in it.
    pub fn net(&self) -> Total {
        Total(self.payable.0 + self.reserve.0 - self.debt.0 - self.leads.0)
    }

    /// The sums of both.
    pub fn plus(mut self, other: &Figures) -> Figures {
        self.payable += other.payable;
        self.unearned += other.unearned;
        self.debt += other.debt;
        self.leads += other.leads;
        self.reserve += other.reserve;
        self
    }

    /// True when every figure is 0.00.
    pub fn is_zero(&self) -> bool {
        *self == Figures::default()
    }
}

/// A row of balances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceRow {
    pub producer: Code,
    /// With which carrier, where rows are told apart by it.
    pub carrier: Option<Code>,
    /// The carrier's policy number, where rows are told apart by it.
    pub policy: Option<Code>,
    pub figures: Figures,
}

type Key = (ProducerId, Option<CarrierId>, Option<PolicyId>);

/// Sums postings into balances.
#[derive(Debug)]
pub struct Balances {
    at: AsOf,
    by: By,
    figures: HashMap<Key, Figures>,
}

impl Balances {
    /// Balances at a point.
    pub fn new(at: AsOf, by: By) -> Balances {
        Balances { at, by, figures: HashMap::new() }
    }

    /// The rows that are not zero, sorted by their keys, null first.
    pub fn rows(&self, reference: &ReferenceData) -> Vec<BalanceRow> {
        let named = |(key, figures): (&Key, &Figures)| {
            let policy = key.2.and_then(|id| reference.policies().get(id));
            let at = self.at;
            Some(BalanceRow {
                producer: reference.producers().name(key.0)?.clone(),
                carrier: key.1.and_then(|id| reference.carriers().name(id)).cloned(),
                policy: policy.map(|policy| policy.version(at.effective, at.known).number.clone()),
                figures: *figures,
            })
        };
        let mut rows: Vec<BalanceRow> =
            self.figures.iter().filter(|(_, f)| !f.is_zero()).filter_map(named).collect();
        rows.sort_by(|a, b| (&a.producer, &a.carrier, &a.policy).cmp(&(&b.producer, &b.carrier, &b.policy)));
        rows
    }
}

impl Projection for Balances {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, postings, .. } = *seen;
        for posting in postings.iter().filter(|posting| self.at.counts(posting.dated)) {
            let Some((debit, credit)) = reference.accounts(posting) else { continue };
            for (account, sign) in [(debit, 1i128), (credit, -1i128)] {
                let Some(place) = place_of(account) else { continue };
                let Place { producer, carrier, figure, natural } = place;
                let key = match self.by {
                    By::Producer => (producer, None, None),
                    By::Carrier => (producer, carrier, None),
                    By::Policy => (producer, carrier, carrier.and(posting.policy)),
                };
                let amount = sign * i128::from(natural) * i128::from(posting.amount.0);
                self.figures.entry(key).or_default().add(figure, amount);
            }
        }
    }
}

/// Where an account stands in the balances.
pub(crate) struct Place {
    /// Whose balance it belongs to.
    pub producer: ProducerId,
    pub carrier: Option<CarrierId>,
    pub figure: Figure,
    /// 1 where a debit adds to the figure, -1 where a credit does.
    pub natural: i64,
}

/// Where an account stands in the balances; `None` for one that is nobody's.
pub(crate) fn place_of(account: Account) -> Option<Place> {
    let place = |producer, carrier, figure, natural| Some(Place { producer, carrier, figure, natural });
    match account {
        Account::Payable(producer, carrier) => place(producer, carrier, Figure::Payable, -1),
        Account::Unearned(producer, carrier, _) => place(producer, Some(carrier), Figure::Unearned, 1),
        Account::Debt(producer, carrier, _) => place(producer, carrier, Figure::Debt, 1),
        Account::Leads(producer) => place(producer, None, Figure::Leads, 1),
        Account::Reserve(producer) => place(producer, None, Figure::Reserve, -1),
        Account::Carrier(_)
        | Account::Coverage(_)
        | Account::Cash
        | Account::Recourse(_)
        | Account::Adjustment
        | Account::Opening
        | Account::Writeoff => None,
    }
}
