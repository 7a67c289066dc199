//! The book: everything that deciding about the next fact needs, held in memory.
//!
//! **Shape.** [`Book::admit`] checks a fact against the book and names it by dense ids; it changes
//! nothing. [`Book::record`] adds an admitted event and says what follows from it: its postings, and the
//! events that the ledger records itself. Replaying a log is recording its facts again.
//!
//! **Correctness.** What may be admitted is limited so that no sum can overflow ([`POLICY_PREMIUM_MAX`]);
//! a book that meets an overflow or a missing row all the same says [`Impossible`], and its owner stops
//! before anything is stored.

mod admit;
mod admit_contract;
mod admit_money;
mod admit_people;
mod admit_policy;
mod admit_routes;
mod coverage;
mod debt;
mod policy;
mod proposals;
mod record;
mod resolutions;

pub use proposals::Proposed;
pub use record::{DerivedEvent, Effects};

use crate::debts::payout::Payouts;
use crate::debts::sides::smallest_from;
use crate::debts::{Debts, Owed, Payer};
use crate::policy::policy_state::{PayeeState, PolicyState};
use crate::policy::premium_status::{Overflow, PolicyFact};
use crate::policy::timeline::Cover;
use crate::recorded::event::Position;
use crate::recorded::posting::Posting;
use crate::terms::reference_data::{ReferenceData, Unknown};
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{Code, PolicyId, ProducerId, Table};
use crate::vocabulary::time::Day;
use hashbrown::{HashMap, HashSet};
use resolutions::StatementRow;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The most premium that one policy can be paid in all: a hundred times what a fact can carry. With
/// rates up to 10 no payee's figures can then leave the range of [`Cents`].
pub const POLICY_PREMIUM_MAX: Cents = Cents(90_000_000_000_000_000);

/// The most places in one chain.
pub const CHAIN_PLACES_MAX: usize = 64;

/// A state that cannot be: a defect of the program or a damaged log, never a mistake of its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// A sum that admission should have kept small.
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// An event names something that the log never introduced.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// What the log holds is not what follows from its facts.
    #[error("the log has an event at {0} that does not follow from the facts before it")]
    Diverged(Position),
}

/// Everything known so far.
#[derive(Clone, Debug, Default)]
pub struct Book {
    position: Position,
    reference: ReferenceData,
    histories: Table<PolicyId, History>,
    debts: Debts,
    leads: HashMap<ProducerId, Leads>,
    payouts: Payouts,
    /// The last day of a payout that does not say of which payables it was taken, by producer.
    paid_whole: HashMap<ProducerId, Day>,
    /// Persons of whom nobody can say any more who they were, by their ids.
    erased: HashSet<Code>,
    /// What was proposed, by its ids.
    proposals: HashMap<Code, Proposed>,
    /// How the statements that were received were read last, by the SHA-256 of their files.
    statements: HashMap<Code, StatementRow>,
    /// What the resolutions that stand posted, by the SHA-256 of the statement and the exception.
    resolved: BTreeMap<(Code, Code), Vec<Posting>>,
    /// No entry may be dated on or before this day any more.
    closed_through: Option<Day>,
    /// Kept between facts so that a fact in order costs no allocation.
    payees_before: Vec<PayeeState>,
}

/// What happened to a policy, and where it leads.
#[derive(Clone, Debug)]
struct History {
    /// In effective order.
    facts: Vec<PolicyFact>,
    state: PolicyState,
    /// From which day on each payee, by its number, forfeits; empty when nobody does.
    forfeits: Vec<Option<Day>>,
    covers: Vec<Cover>,
    paid: PremiumTotals,
    reversed: PremiumTotals,
    /// For which stop (by position) and payee a chargeback was assessed.
    assessed: Vec<(Position, u16)>,
}

/// Lead financing of a producer: dated changes of what it owes, and its credit line.
#[derive(Clone, Debug, Default)]
struct Leads {
    changes: Vec<(Day, Cents)>,
    lines: Vec<(Day, Position, Cents)>,
}

/// Premium paid or reversed in all, whatever the dates; what may be reversed depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct PremiumTotals {
    amount: Cents,
    months: u64,
}

impl Book {
    /// The position of the last event.
    pub fn position(&self) -> Position {
        self.position
    }

    /// What the log has introduced.
    pub fn reference_data(&self) -> &ReferenceData {
        &self.reference
    }

    /// The last day of the closed periods.
    pub fn closed_through(&self) -> Option<Day> {
        self.closed_through
    }

    /// How payouts are made, and to whom none.
    pub fn payouts(&self) -> &Payouts {
        &self.payouts
    }

    /// What a producer owes to a payer for chargebacks on a day, as known, and what stands to its credit there: what
    /// stays so from then on.
    pub fn owed(&self, producer: ProducerId, payer: Payer, on: Day) -> Result<Owed, Overflow> {
        self.debts.owed(producer, payer, on, self.reference.routes())
    }

    /// Says by which id the event at a position is known. Of payouts that is kept: they may come back.
    pub fn know(&mut self, id: Uuid, position: Position) {
        if self.payouts.made(position).is_some() {
            self.payouts.know_payout(id, position);
        }
    }

    /// What a producer owes for leads on a day, as known: what stays open from then on. Below zero where what stands
    /// to its credit stays one.
    pub fn open_leads(&self, producer: ProducerId, on: Day) -> Result<Cents, Overflow> {
        let mut changes: Vec<(Day, i128)> = self.leads.get(&producer).map_or_else(Vec::new, |leads| {
            leads.changes.iter().map(|(dated, amount)| (*dated, i128::from(amount.0))).collect()
        });
        changes.sort_by_key(|(dated, _)| *dated);
        let least = smallest_from(on, changes.iter().copied());
        let most = -smallest_from(on, changes.iter().map(|(dated, amount)| (*dated, -amount)));
        let open = if least > 0 { least } else { most.min(0) };
        i64::try_from(open).map(Cents).map_err(|_| Overflow)
    }

    /// The facts of a policy in effective order, and where they lead.
    pub fn policy(&self, id: PolicyId) -> Option<(&[PolicyFact], &PolicyState)> {
        self.histories.get(id).map(|history| (history.facts.as_slice(), &history.state))
    }
}
