//! Every entry of a policy with a sentence why, for a clerk who must explain a balance (rules §§3–10).

use crate::projection::{Projection, Seen};
use crate::reasons::Reasons;
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::money::Total;
use upline_core::names::{Code, PolicyId, ProducerId};
use upline_core::posting::Account;
use upline_core::time::Day;

/// An entry and why it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedEntry {
    /// The event that made it.
    pub position: Position,
    /// The fact that caused the event, for one of the ledger's own.
    pub cause: Option<Position>,
    /// The day on which it counts.
    pub dated: Day,
    /// Whose account it is, where it is a producer's.
    pub producer: Option<Code>,
    pub account: String,
    /// How much; debit is positive.
    pub amount: Total,
    pub why: String,
}

/// Collects the entries of one policy.
#[derive(Debug)]
pub struct Explained {
    at: AsOf,
    policy: PolicyId,
    reasons: Reasons,
    rows: Vec<ExplainedEntry>,
}

impl Explained {
    /// The entries of a policy that count at a point.
    pub fn new(at: AsOf, policy: PolicyId) -> Explained {
        Explained { at, policy, reasons: Reasons::default(), rows: Vec::new() }
    }

    /// The rows, in the order of the log.
    pub fn rows(self) -> Vec<ExplainedEntry> {
        self.rows
    }
}

fn owner(account: Account) -> Option<ProducerId> {
    match account {
        Account::Payable(producer, _)
        | Account::Unearned(producer, ..)
        | Account::Debt(producer, ..)
        | Account::Leads(producer)
        | Account::Reserve(producer)
        | Account::Coverage(producer)
        | Account::Recourse(producer) => Some(producer),
        Account::Carrier(_) | Account::Cash | Account::Adjustment => None,
    }
}

impl Projection for Explained {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, position, event, policy, postings } = *seen;
        if policy == Some(self.policy) {
            self.reasons.event(position, event, self.policy);
        }
        let wanted = Some(self.policy);
        for posting in postings.iter().filter(|posting| posting.policy == wanted) {
            self.reasons.posting(posting);
            let Some((debit, credit)) = reference.accounts(posting).filter(|_| self.at.counts(posting.dated))
            else {
                continue;
            };
            let why = self.reasons.why(reference, event, posting);
            for (account, amount) in [(debit, posting.amount.into()), (credit, -Total::from(posting.amount))]
            {
                self.rows.push(ExplainedEntry {
                    position,
                    cause: event.cause(),
                    dated: posting.dated,
                    producer: owner(account).and_then(|id| reference.producers().name(id)).cloned(),
                    account: reference.account_name(account).unwrap_or_default(),
                    amount,
                    why: why.clone(),
                });
            }
        }
    }
}
