//! Every entry of a policy with a sentence why, for a clerk who must explain a balance (rules §§3–10).

use crate::projection::{Projection, Seen};
use crate::reasons::Reasons;
use upline_core::as_of::AsOf;
use upline_core::event::{Event, Position};
use upline_core::fact::{Body, PolicyStopped, PremiumPaid};
use upline_core::money::{Cents, Total};
use upline_core::names::{Code, PolicyId, ProducerId};
use upline_core::posting::Account;
use upline_core::premium_status::{Happening, Installment, PolicyFact, suspended};
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

/// A premium that posted nothing, as the policy was not in force on its day (rules §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspendedPremium {
    /// Where it stands.
    pub position: Position,
    /// Its day.
    pub on: Day,
    pub amount: Cents,
    /// The day of the reinstatement that applied it, with all that was in suspense.
    pub applied: Option<Day>,
}

/// Collects the entries of one policy.
#[derive(Debug)]
pub struct Explained {
    at: AsOf,
    policy: PolicyId,
    reasons: Reasons,
    rows: Vec<ExplainedEntry>,
    facts: Vec<PolicyFact>,
}

impl Explained {
    /// The entries of a policy that count at a point.
    pub fn new(at: AsOf, policy: PolicyId) -> Explained {
        Explained { at, policy, reasons: Reasons::default(), rows: Vec::new(), facts: Vec::new() }
    }

    /// The premiums that went to suspense, in effective order.
    pub fn suspended(&self) -> Vec<SuspendedPremium> {
        let mut facts = self.facts.clone();
        facts.sort_by_key(|fact| (fact.on, fact.position));
        let premium = |(fact, applied): (&PolicyFact, Option<Day>)| match fact.what {
            Happening::Premium(Installment { amount, .. }) => {
                Some(SuspendedPremium { position: fact.position, on: fact.on, amount, applied })
            }
            _ => None,
        };
        suspended(&facts).into_iter().filter_map(premium).collect()
    }

    /// The rows, in the order of the log.
    pub fn rows(self) -> Vec<ExplainedEntry> {
        self.rows
    }
}

/// What an event is to the question whether its policy is in force.
fn happening(event: &Event) -> Option<Happening> {
    match &event.body {
        Body::PremiumPaid(PremiumPaid { amount, .. }) => {
            Some(Happening::Premium(Installment { amount: *amount, months: 0 }))
        }
        Body::PolicyStopped(PolicyStopped { reason, .. }) => Some(Happening::Stop(*reason)),
        Body::PolicyReinstated(_) => Some(Happening::Reinstatement),
        _ => None,
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
        Account::Carrier(_) | Account::Cash | Account::Adjustment | Account::Opening | Account::Writeoff => {
            None
        }
    }
}

impl Projection for Explained {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, position, event, policy, postings } = *seen;
        if policy == Some(self.policy) {
            self.reasons.event(position, event, self.policy);
            if let Some(what) = happening(event).filter(|_| self.at.counts(event.on)) {
                self.facts.push(PolicyFact { on: event.on, position, what, by_mode: false });
            }
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
