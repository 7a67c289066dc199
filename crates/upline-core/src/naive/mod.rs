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
//! `persistency` (§7, measuring), `decisions` (§7, coverage), `debts` (§8, repayments), `roll_ups` (§8),
//! `routes` and `resolutions` (pay.md §§1, 2, 7), `figures` (a policy by day, restated and covered: §§7, 8) and `entries` (§§9, 10). This file reads the log
//! and writes the books (§1).
//!
//! What was decided on what was known then is decided again here: `chain`, `restated`, `decision`, `decisions`
//! and `moved` say what the log must hold. The books take the recorded chains of restatements, the recorded
//! decisions and the recorded roll-ups as they are, so that a difference shows in one place only.
//!
//! # Correctness
//!
//! The vocabulary (events, codes, rates as they are written) is shared with the fast code, the arithmetic is
//! not: rounding, bands, rule lookup and defaults, chains and timelines are written again, with integers so
//! wide that they cannot overflow. Speed is no aim, but the work is linear in the log up to sorting.

mod chains;
mod debts;
mod decisions;
mod entries;
mod exact;
mod figures;
mod payees;
mod persistency;
mod premiums;
mod resolutions;
mod roll_ups;
mod routes;
mod sheet;
#[cfg(test)]
mod tests;

pub use chains::{chain, chains, restated};
pub use decisions::{decision, decisions};
pub use payees::Payee;
pub use persistency::{Persistency, Scope, Weight, persistency};
pub use roll_ups::{Moved, moved};

use crate::fact::coverage::CoverageDecision;
use crate::fact::grid::Grid;
use crate::fact::{
    Body, ContractChanged, PaidBy, PolicyIssued, PolicyReinstated, PolicyRestated, PolicyStopped,
    PremiumPaid, PremiumReversed, ProducerContracted,
};
use crate::recorded::event::{Event, Position};
use crate::recorded::posting::Account;
use crate::vocabulary::money::Total;
use crate::vocabulary::names::{ById, CarrierId, Code, GridId, Id, PolicyId, ProducerId};
use crate::vocabulary::time::Day;
use chains::version_on;
use entries::entries;
use figures::policy;
use routes::paid_by;
use sheet::{Column, Entry, Line, Sheet};
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

impl Policy {
    fn before_anything(carrier: CarrierId) -> Policy {
        let nothing = (Total::ZERO, 0);
        let (suspense, waiting) = (nothing, nothing);
        Policy { carrier, in_force: true, months_applied: 0, suspense, waiting, payees: Vec::new() }
    }
}

/// The books at a point, from the events in log order: the whole log or a prefix of it that reaches the
/// point's position.
pub fn books(events: &[(Position, &Event)], at: Point) -> Books {
    sum(&entries(events, at.position), at.as_of)
}

/// The books as of each of some days, as known at a position.
pub fn books_on(events: &[(Position, &Event)], known: Position, days: &[Day]) -> Vec<Books> {
    let entries = entries(events, known);
    days.iter().map(|day| sum(&entries, *day)).collect()
}

/// The books as entry by entry, event by event, they came to be: the same as [`books`], which folds at once
/// where no period was closed.
pub fn books_event_by_event(events: &[(Position, &Event)], at: Point) -> Books {
    sum(&entries::event_by_event(events, at.position), at.as_of)
}

fn sum(entries: &[Entry], as_of: Day) -> Books {
    let mut books = Books::default();
    for entry in entries.iter().filter(|entry| entry.dated <= as_of) {
        let amount = Total(entry.amount);
        match entry.line {
            Line::Account(account) => *books.accounts.entry(account).or_default() += amount,
            Line::Override(key, column) => {
                let row = books.overrides.entry(key).or_default();
                *match column {
                    Column::Earned => &mut row.earned,
                    Column::Advanced => &mut row.advanced,
                    Column::ChargedBack => &mut row.charged_back,
                    Column::Unearned => &mut row.unearned,
                } += amount;
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
    let issued = log.issued_by(Day(i32::MAX)).filter(|(id, issue)| {
        let as_of = at.as_of;
        version_on(&log, *id, issue, as_of).on <= as_of
    });
    issued.map(|(id, issue)| (id, policy(&log, id, issue, at.as_of))).collect()
}

/// What is known at a position, sorted out by what it concerns, each list in effective order.
#[derive(Default)]
struct Log<'a> {
    /// By policy id.
    issues: Vec<Issue<'a>>,
    facts: BTreeMap<PolicyId, Vec<Fact<'a>>>,
    contracts: BTreeMap<(ProducerId, CarrierId), Vec<Fact<'a>>>,
    grids: BTreeMap<(CarrierId, &'a Code), Vec<Published<'a>>>,
    grids_so_far: usize,
    releases: Vec<Fact<'a>>,
    houses: Vec<Fact<'a>>,
    routes: Vec<Fact<'a>>,
    assignments: Vec<Fact<'a>>,
    /// What of the cash of each payout has not come back.
    paid_out: BTreeMap<Position, i128>,
    /// What the resolutions that stand posted, by statement and exception.
    resolved: BTreeMap<(Code, Code), Sheet>,
    /// What each event about statements moved.
    resolutions: BTreeMap<Position, Sheet>,
    /// What each return brought back, by its position.
    returns: BTreeMap<Position, i128>,
    /// In log order.
    restatements: BTreeMap<PolicyId, Vec<Restated<'a>>>,
    /// Decisions about coverage, in log order.
    decisions: BTreeMap<PolicyId, Vec<Decided<'a>>>,
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

/// A correction of a policy, from the day on which it counts.
struct Restated<'a> {
    on: Day,
    body: &'a PolicyRestated<ById>,
}

/// A decision about coverage.
struct Decided<'a> {
    decision: &'a CoverageDecision<ById>,
    position: Position,
    /// Whether the carrier paid the producer itself on the chargeback's date, as known at the decision.
    direct: bool,
}

/// A grid from the day on which it counts.
struct Published<'a> {
    on: Day,
    position: Position,
    id: GridId,
    grid: &'a Grid<ById>,
}

/// Facts of one day count in log order.
fn in_order<'a>(list: &mut Vec<Fact<'a>>, fact: Fact<'a>) {
    list.insert(list.partition_point(|known| known.on <= fact.on), fact);
}

impl<'a> Log<'a> {
    fn read(events: &[(Position, &'a Event)], known: Position) -> Log<'a> {
        let mut log = Log::default();
        for &(position, event) in events.iter().take_while(|(position, _)| *position <= known) {
            log.add(position, event);
        }
        log
    }

    /// Adds the next event, where it stands in effective order.
    fn add(&mut self, position: Position, event: &'a Event) {
        let on = event.on;
        let fact = Fact { on, position, body: &event.body };
        match &event.body {
            Body::GridPublished(grid) => {
                let published = Published { on, position, id: GridId::at(self.grids_so_far), grid };
                let list = self.grids.entry((grid.carrier, &grid.product)).or_default();
                list.insert(list.partition_point(|known| known.on <= on), published);
                self.grids_so_far += 1;
            }
            Body::ProducerContracted(ProducerContracted { producer, carrier, .. })
            | Body::ContractChanged(ContractChanged { producer, carrier, .. }) => {
                in_order(self.contracts.entry((*producer, *carrier)).or_default(), fact);
            }
            Body::PolicyIssued(body) => self.issues.push(Issue { on, position, body }),
            Body::PayoutMade(payout) => {
                let cash = payout.cash().filter(|_| payout.paid_by.is_none()).map_or(0, |cash| cash.0.into());
                self.paid_out.insert(position, cash);
            }
            Body::PayoutReturned(returned) => {
                let left = self.paid_out.entry(returned.payout.position).or_default();
                let amount = returned.amount.map_or(*left, |amount| amount.0.into());
                *left -= amount;
                self.returns.insert(position, amount);
            }
            Body::AgentReleased(_) => self.releases.push(fact),
            Body::ExceptionResolved(_) | Body::StatementVoided(_) | Body::StatementReceived(_) => {
                self.resolve(position, &event.body);
            }
            Body::HouseSet(_) => self.houses.push(fact),
            Body::RouteSet(_) => self.routes.push(fact),
            Body::CommissionAssigned(_) | Body::AssignmentEnded(_) => self.assignments.push(fact),
            Body::PremiumPaid(PremiumPaid { policy, .. })
            | Body::PremiumReversed(PremiumReversed { policy, .. })
            | Body::PolicyStopped(PolicyStopped { policy, .. })
            | Body::PolicyReinstated(PolicyReinstated { policy }) => {
                in_order(self.facts.entry(*policy).or_default(), fact)
            }
            Body::PolicyRestated(restated) => {
                let body = restated;
                self.restatements.entry(body.policy).or_default().push(Restated { on, body });
            }
            Body::ChargebackCovered(decision) => {
                let carrier = self.issues.get(decision.policy.index()).map(|issue| issue.body.carrier);
                let direct = carrier.is_some_and(|carrier| {
                    paid_by(self, position, decision.producer, carrier, on) == PaidBy::Carrier
                });
                self.decisions.entry(decision.policy).or_default().push(Decided {
                    decision,
                    position,
                    direct,
                });
            }
            // The rest is no matter of timelines; what the ledger assessed itself is a consequence,
            // never a cause (§6).
            _ => {}
        }
    }

    /// The policies issued on or before a day.
    fn issued_by(&self, as_of: Day) -> impl Iterator<Item = (PolicyId, &Issue<'a>)> {
        let numbered = self.issues.iter().enumerate().map(|(n, issue)| (PolicyId::at(n), issue));
        numbered.filter(move |(_, issue)| issue.on <= as_of)
    }

    /// A policy's facts on or before a day, in effective order, none before its issue date: those dated earlier count on
    /// it (pay.md §11).
    fn facts_of(&self, policy: PolicyId, issue: Day, as_of: Day) -> Vec<(Day, &Fact<'a>)> {
        let facts = self.facts.get(&policy).into_iter().flatten();
        let mut facts: Vec<(Day, &Fact)> = facts.map(|fact| (fact.on.max(issue), fact)).collect();
        facts.retain(|(on, _)| *on <= as_of);
        facts.sort_by_key(|(on, fact)| (*on, fact.position));
        facts
    }
}
