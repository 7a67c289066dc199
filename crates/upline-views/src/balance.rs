//! Balances: the sum of the postings that count (rules §10).

use crate::point::Point;
use crate::scan::Fold;
use hashbrown::HashMap;
use upline_core::event::{Event, Position};
use upline_core::money::Total;
use upline_core::names::{CarrierId, Code, PolicyId, ProducerId};
use upline_core::posting::{Account, Posting};
use upline_core::register::Register;

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

impl Figures {
    /// payable + reserve − debt − leads; unearned is shown beside it, not in it.
    pub fn net(&self) -> Total {
        Total(self.payable.0 + self.reserve.0 - self.debt.0 - self.leads.0)
    }

    /// True when every figure is 0.00.
    pub fn is_zero(&self) -> bool {
        *self == Figures::default()
    }
}

/// A row of balances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Who.
    pub producer: Code,
    /// With which carrier, where rows are told apart by it.
    pub carrier: Option<Code>,
    /// The carrier's policy number, where rows are told apart by it.
    pub policy: Option<Code>,
    /// How much.
    pub figures: Figures,
}

type Key = (ProducerId, Option<CarrierId>, Option<PolicyId>);

/// Sums postings into balances.
#[derive(Debug)]
pub struct Balances {
    at: Point,
    by: By,
    figures: HashMap<Key, Figures>,
}

impl Balances {
    /// Balances at a point.
    pub fn new(at: Point, by: By) -> Balances {
        Balances { at, by, figures: HashMap::new() }
    }

    /// The rows that are not zero, sorted by their keys, null first.
    pub fn rows(&self, register: &Register) -> Vec<Row> {
        let named = |(key, figures): (&Key, &Figures)| {
            let policy = key.2.and_then(|id| register.policies().get(id));
            Some(Row {
                producer: register.producers().name(key.0)?.clone(),
                carrier: key.1.and_then(|id| register.carriers().name(id)).cloned(),
                policy: policy.map(|policy| policy.number.clone()),
                figures: *figures,
            })
        };
        let mut rows: Vec<Row> =
            self.figures.iter().filter(|(_, f)| !f.is_zero()).filter_map(named).collect();
        rows.sort_by(|a, b| (&a.producer, &a.carrier, &a.policy).cmp(&(&b.producer, &b.carrier, &b.policy)));
        rows
    }
}

impl Fold for Balances {
    fn absorb(
        &mut self,
        register: &Register,
        _: Position,
        _: &Event,
        _: Option<PolicyId>,
        postings: &[Posting],
    ) {
        for posting in postings.iter().filter(|posting| self.at.counts(posting)) {
            let Some((debit, credit)) = register.accounts(posting) else { continue };
            for (account, sign) in [(debit, 1i128), (credit, -1i128)] {
                let Some((producer, carrier)) = owner(account) else { continue };
                let key = match self.by {
                    By::Producer => (producer, None, None),
                    By::Carrier => (producer, carrier, None),
                    By::Policy => (producer, carrier, carrier.and(posting.policy)),
                };
                let figures = self.figures.entry(key).or_default();
                let amount = sign * i128::from(posting.amount.0);
                match account {
                    Account::Payable(..) => figures.payable.0 -= amount,
                    Account::Unearned(..) => figures.unearned.0 += amount,
                    Account::Debt(..) => figures.debt.0 += amount,
                    Account::Leads(_) => figures.leads.0 += amount,
                    Account::Reserve(_) => figures.reserve.0 -= amount,
                    _ => {}
                }
            }
        }
    }
}

/// Whose balance the account belongs to, and with which carrier.
fn owner(account: Account) -> Option<(ProducerId, Option<CarrierId>)> {
    match account {
        Account::Payable(producer, carrier) | Account::Debt(producer, carrier, _) => {
            Some((producer, carrier))
        }
        Account::Unearned(producer, carrier, _) => Some((producer, Some(carrier))),
        Account::Leads(producer) | Account::Reserve(producer) => Some((producer, None)),
        Account::Carrier(_)
        | Account::Coverage(_)
        | Account::Cash
        | Account::Recourse(_)
        | Account::Adjustment => None,
    }
}
