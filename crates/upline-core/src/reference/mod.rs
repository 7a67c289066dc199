//! The rules once more, slowly: what the fast code is compared with.
//!
//! # Shape
//!
//! Every function takes the *events* and a point and starts from nothing: it filters to what is visible,
//! sorts by (effective date, position) and folds. Nothing is kept between calls, nothing that the ledger
//! derived is read: not the postings, not the frozen chain in the event of an issue, not the chargebacks
//! that the ledger assessed. Ids are counted here too (the n-th issue in the log is policy n).
//!
//! One file per part of the rules, each meant to be held beside its section:
//! `exact` (§2), `chains` (§3), `premiums` (§4, months and policy years), `payees` (§§4–6, money),
//! `persistency` (§7, measuring only). This file reads the log and writes the books (§§1, 10).
//!
//! # Correctness
//!
//! The vocabulary (events, codes, rates as they are written) is shared with the fast code, the arithmetic is
//! not: rounding, bands, rule lookup and defaults, chains and timelines are written again, with integers so
//! wide that they cannot overflow. Speed is no aim, but the work is linear in the log up to sorting.
//!
//! Not here: coverage decisions, releases, restatements, closed periods (§7 from the third bullet, §§8, 9).

mod chains;
mod exact;
mod payees;
mod persistency;
mod premiums;
#[cfg(test)]
mod tests;

pub use chains::{chain, chains};
pub use payees::Payee;
pub use persistency::{Persistency, Scope, Weight, persistency};

use crate::event::{Event, Position};
use crate::fact::{Body, PolicyIssued};
use crate::grid::Grid;
use crate::money::Total;
use crate::names::{ById, CarrierId, Code, GridId, Id, PolicyId, ProducerId};
use crate::posting::Account;
use crate::time::Day;
use chains::terms;
use payees::Payees;
use premiums::Premiums;
use std::collections::BTreeMap;

/// A point on the two clocks (§1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// What is effective on or before this day counts.
    pub as_of: Day,
    /// What stands in the log at this position or before is known.
    pub position: Position,
}

/// All accounts and overrides at a point (§10).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// The balance of each account in cents, debit positive; zero ones are left out.
    pub accounts: BTreeMap<Account, Total>,
    /// What uplines have from whom, by (upline, writing producer, carrier); rows of zeros are left out.
    pub overrides: BTreeMap<(ProducerId, ProducerId, CarrierId), Override>,
}

/// What an upline has from the business of one writing producer, in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Override {
    /// E: earned, after what stops took back.
    pub earned: Total,
    /// A: advanced at issue.
    pub advanced: Total,
    /// C: charged back.
    pub charged_back: Total,
    /// U: advanced, neither earned nor charged back.
    pub unearned: Total,
}

/// A policy at a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The carrier.
    pub carrier: CarrierId,
    /// False from a stop until the next reinstatement.
    pub in_force: bool,
    /// Months for which premium was applied, less those taken back.
    pub months_applied: u64,
    /// Amount in cents and months paid out of force, waiting for a reinstatement.
    pub suspense: (Total, u64),
    /// Amount in cents and months of reversals that found nothing to take yet.
    pub waiting: (Total, u64),
    /// Every place of every side, in order.
    pub payees: Vec<Payee>,
}

/// The books at a point, from the events in log order: the whole log or a prefix of it that reaches the
/// point's position.
pub fn books(events: &[(Position, &Event)], at: Point) -> Books {
    let log = Log::read(events, at.position);
    let mut books = Books::default();
    for (id, issue) in log.issued_by(at.as_of) {
        let policy = policy(&log, id, issue, at.as_of);
        for payee in &policy.payees {
            enter_payee(&mut books, id, policy.carrier, payee);
        }
        for fact in log.facts_of(id, at.as_of) {
            // The carrier asserts it: debt against carrier, by the amount (§6). No payee's state moves.
            if let Body::ChargebackRecorded { producer, amount, .. } = fact.body {
                let debt = Account::Debt(*producer, Some(policy.carrier), Some(id));
                *books.accounts.entry(debt).or_default() += Total::from(*amount);
                *books.accounts.entry(Account::Carrier(policy.carrier)).or_default() -= *amount;
            }
        }
    }
    books.accounts.retain(|_, balance| !balance.is_zero());
    books.overrides.retain(|_, row| *row != Override::default());
    books
}

/// Every policy that is visible at a point.
pub fn policies(events: &[(Position, &Event)], at: Point) -> BTreeMap<PolicyId, Policy> {
    let log = Log::read(events, at.position);
    log.issued_by(at.as_of).map(|(id, issue)| (id, policy(&log, id, issue, at.as_of))).collect()
}

/// The entries of §10 in sum: cash is PC, of which U is not earned yet and C is owed back; the carrier owes
/// what was earned. E + U + C − PC = 0.
fn enter_payee(books: &mut Books, policy: PolicyId, carrier: CarrierId, payee: &Payee) {
    let producer = payee.producer;
    let mut enter = |account, amount: Total| *books.accounts.entry(account).or_default() += amount;
    enter(Account::Carrier(carrier), payee.earned);
    enter(Account::Unearned(producer, carrier, policy), payee.unearned());
    enter(Account::Debt(producer, Some(carrier), Some(policy)), payee.charged_back);
    enter(Account::Payable(producer, Some(carrier)), -payee.credited);
    if payee.place >= 1 {
        let row = books.overrides.entry((producer, payee.writing, carrier)).or_default();
        row.earned += payee.earned;
        row.advanced += payee.advanced;
        row.charged_back += payee.charged_back;
        row.unearned += payee.unearned();
    }
}

/// Folds the facts of a policy up to a day, in effective order. The premiums go first, then what they, or a
/// stop, mean for each payee.
fn policy(log: &Log, id: PolicyId, issue: &Issue, as_of: Day) -> Policy {
    let terms = terms(log, issue);
    let mut premiums = Premiums::default();
    let mut payees = Payees::issue(&terms);
    for fact in log.facts_of(id, as_of) {
        premiums.follow(fact.body, issue.body.mode);
        match fact.body {
            Body::PremiumPaid { .. } | Body::PremiumReversed { .. } | Body::PolicyReinstated { .. } => {
                payees.earn(&premiums);
            }
            Body::PolicyStopped { reason, .. } => payees.stop(*reason, premiums.months_applied),
            // Books know nothing else of a policy; what the ledger assessed itself has no effect of its own.
            _ => {}
        }
    }
    Policy {
        carrier: issue.body.carrier,
        in_force: premiums.in_force,
        months_applied: premiums.months_applied,
        suspense: (Total(premiums.suspense.amount), premiums.suspense.months),
        waiting: (Total(premiums.waiting.amount), premiums.waiting.months),
        payees: payees.states(),
    }
}

/// What is known at a position, sorted out by what it concerns, each list in effective order.
#[derive(Default)]
struct Log<'a> {
    /// By policy id.
    issues: Vec<Issue<'a>>,
    facts: BTreeMap<PolicyId, Vec<Fact<'a>>>,
    contracts: BTreeMap<(ProducerId, CarrierId), Vec<Fact<'a>>>,
    grids: BTreeMap<(CarrierId, &'a Code), Vec<Published<'a>>>,
}

/// An issue of a policy.
struct Issue<'a> {
    on: Day,
    position: Position,
    body: &'a PolicyIssued<ById>,
}

/// An event that concerns a policy or a contract.
struct Fact<'a> {
    on: Day,
    position: Position,
    body: &'a Body<ById>,
}

/// A grid from the day on which it counts.
struct Published<'a> {
    on: Day,
    position: Position,
    id: GridId,
    grid: &'a Grid<ById>,
}

impl<'a> Log<'a> {
    fn read(events: &[(Position, &'a Event)], known: Position) -> Log<'a> {
        let mut log = Log::default();
        let mut grids_so_far = 0;
        for &(position, event) in events.iter().take_while(|(position, _)| *position <= known) {
            let on = event.on;
            let fact = Fact { on, position, body: &event.body };
            match &event.body {
                Body::GridPublished(grid) => {
                    let published = Published { on, position, id: GridId::at(grids_so_far), grid };
                    log.grids.entry((grid.carrier, &grid.product)).or_default().push(published);
                    grids_so_far += 1;
                }
                Body::ProducerContracted { producer, carrier, .. }
                | Body::ContractChanged { producer, carrier, .. } => {
                    log.contracts.entry((*producer, *carrier)).or_default().push(fact);
                }
                Body::PolicyIssued(body) => log.issues.push(Issue { on, position, body }),
                Body::PremiumPaid { policy, .. }
                | Body::PremiumReversed { policy, .. }
                | Body::PolicyStopped { policy, .. }
                | Body::PolicyReinstated { policy }
                | Body::ChargebackRecorded { policy, .. } => {
                    log.facts.entry(*policy).or_default().push(fact);
                }
                // What the ledger assessed itself is a consequence, never a cause (§6).
                Body::ChargebackAssessed { .. } => {}
                Body::CarrierAdded { .. } | Body::ProducerAdded { .. } => {}
                Body::PersistencyDefined { .. }
                | Body::CoveragePlanPublished(_)
                | Body::CoverageEnrolled { .. }
                | Body::CoverageWithdrawn { .. } => {}
                _ => {}
            }
        }
        for list in log.facts.values_mut().chain(log.contracts.values_mut()) {
            list.sort_by_key(|fact| (fact.on, fact.position));
        }
        for list in log.grids.values_mut() {
            list.sort_by_key(|published| (published.on, published.position));
        }
        log
    }

    /// The policies issued on or before a day.
    fn issued_by(&self, as_of: Day) -> impl Iterator<Item = (PolicyId, &Issue<'a>)> {
        let numbered = self.issues.iter().enumerate().map(|(n, issue)| (PolicyId::at(n), issue));
        numbered.filter(move |(_, issue)| issue.on <= as_of)
    }

    /// A policy's facts on or before a day, in effective order.
    fn facts_of(&self, policy: PolicyId, as_of: Day) -> impl Iterator<Item = &Fact<'a>> {
        self.facts.get(&policy).into_iter().flatten().take_while(move |fact| fact.on <= as_of)
    }
}
