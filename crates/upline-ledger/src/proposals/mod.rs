//! Four eyes: what one person proposes is done once another approves it.
//!
//! # Shape
//! [`Ledger::propose`] records that something was proposed, with a keyed hash of it; the content waits in
//! `proposals.json` beside the log. [`Ledger::approve`] records in one commit that it was approved and all that follows,
//! by the same functions that do it without a proposal. Who proposed it is the actor of what follows.
//!
//! # Correctness
//! The log says who proposed and who decided; the file is believed only as far as its hash is the one in the log. A pay
//! run is approved as it was seen, to the cent of every row. The file is written before a proposal is recorded and
//! cleaned after a decision is: what a crash leaves in it counts for nothing, and goes with the next change.

mod decide;
mod kept;
mod list;
mod propose;

use crate::banks::BanksSet;
use crate::pay::PaidOut;
use crate::resolve::Settled;
use upline_core::event::Position;
use upline_core::fact::{Action, Decision};
use upline_core::names::Code;
use upline_core::time::{Day, Moment};
use upline_store::Bank;

pub use upline_formats::proposal::Content;
pub use upline_store::PROPOSAL_BYTES_MAX;

/// Something that is to be proposed.
#[derive(Clone, Debug)]
pub enum Proposal {
    /// What is due through a day is paid out.
    PayRun { through: Day },
    /// A producer wants its money at another account.
    BankChange {
        producer: Code,
        bank: Bank,
        /// For how many days nothing is paid there; none: as long as usual.
        hold_days: Option<u8>,
        /// Whether it is known that several producers share the account.
        shared: bool,
    },
    /// Chains are corrected, by facts of the type `policy_restated` as lines of JSON.
    Restatement { facts: Vec<String> },
    /// Exceptions of statements are written off.
    WriteOff {
        /// Each by its statement and its name in it.
        exceptions: Vec<(Position, Code)>,
        /// Why.
        note: Option<String>,
        /// The day of the decision; without one today.
        on: Option<Day>,
    },
}

/// Something that was proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// What it is called by.
    pub id: Code,
    /// Where it stands.
    pub position: Position,
}

/// What approving came to.
#[derive(Clone, Debug)]
pub struct Approved {
    /// Where the approval stands.
    pub position: Position,
    /// What was done.
    pub done: Done,
}

/// What was done once it was approved.
#[derive(Clone, Debug)]
pub enum Done {
    PayRun(PaidOut),
    BankChange(BanksSet),
    /// Where the facts stand.
    Restatement(Vec<Position>),
    WriteOff(Vec<Settled>),
}

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalState {
    /// Nobody has decided.
    Open,
    Approved,
    Rejected,
    Withdrawn,
}

impl ProposalState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            ProposalState::Open => "open",
            ProposalState::Approved => Decision::Approved.as_str(),
            ProposalState::Rejected => Decision::Rejected.as_str(),
            ProposalState::Withdrawn => Decision::Withdrawn.as_str(),
        }
    }

    fn of(decision: Option<Decision>) -> ProposalState {
        match decision {
            None => ProposalState::Open,
            Some(Decision::Approved) => ProposalState::Approved,
            Some(Decision::Rejected) => ProposalState::Rejected,
            Some(Decision::Withdrawn) => ProposalState::Withdrawn,
        }
    }
}

/// A proposal as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalRow {
    /// What it is called by.
    pub id: Code,
    pub action: Action,
    pub proposed_by: String,
    pub proposed_at: Moment,
    /// Where it stands.
    pub position: Position,
    /// What was noted with it.
    pub note: Option<String>,
    pub state: ProposalState,
    pub decided_by: Option<String>,
    pub decided_at: Option<Moment>,
    /// What was noted with the decision.
    pub decision_note: Option<String>,
    /// What is proposed, in a sentence; of an account no more than its end.
    pub summary: String,
}

/// A proposal with what is proposed, for who decides about it.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposalDetail {
    pub row: ProposalRow,
    /// What is proposed; `None` where it is erased.
    pub content: Option<Content>,
}

/// Why something is not proposed, or nothing is decided about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProposalError {
    /// There is no such proposal.
    #[error("{0} was never proposed")]
    Unknown(Code),
    /// Somebody has decided.
    #[error("{id} is {} already, by {by}", .decision.as_str())]
    DecidedAlready { id: Code, decision: Decision, by: String },
    /// Who proposed it decides.
    #[error("{0} proposed it: somebody else decides, and who proposed it can only withdraw it")]
    SamePerson(String),
    /// Somebody else takes it back.
    #[error("{0} proposed it, and only who proposed it withdraws it: reject it")]
    NotTheProposer(String),
    /// Nobody can say who proposed it.
    #[error(
        "who proposed {0} was erased, so that nobody can say that somebody else approves it: reject it, and propose it \
         again"
    )]
    ProposerErased(Code),
    /// Somebody is not named.
    #[error("say who proposes, and who decides")]
    Nobody,
    /// There is nothing to do.
    #[error("{0}")]
    Nothing(&'static str),
    /// Something other than a restatement is among the facts.
    #[error(
        "fact {number} is {what}, and a restatement consists of policy_restated without id, times, note and actor"
    )]
    NoRestatement {
        /// Of them, from 1.
        number: usize,
        what: String,
    },
    /// It cannot be kept.
    #[error("what is proposed is larger than {} MiB: propose it in parts", PROPOSAL_BYTES_MAX / 1024 / 1024)]
    TooLarge,
    /// An amount in it cannot be written down.
    #[error("an amount in what is proposed is larger than a fact can carry")]
    Amount,
    /// What would be done now is not what was proposed.
    #[error(
        "{0} would pay other than what was proposed, as something was recorded since or days have passed: withdraw it or \
         reject it, and propose it again"
    )]
    Outdated(Code),
    /// What is kept is not what was proposed.
    #[error("what is kept of {0} in proposals.json is not what was proposed: somebody changed it. Reject it")]
    Differs(Code),
    /// Nothing is kept any more.
    #[error("what was proposed as {0} is not kept any more: reject it, and propose it again")]
    Lost(Code),
    /// A file pays only a pay run.
    #[error("{0} is no pay run, and no file pays it")]
    NoPayRun(Code),
}

impl ProposalError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ProposalError::Unknown(_) => "unknown_proposal",
            ProposalError::DecidedAlready { .. } => "decided_already",
            ProposalError::SamePerson(_) => "same_person",
            ProposalError::NotTheProposer(_) => "not_the_proposer",
            ProposalError::ProposerErased(_) => "proposer_erased",
            ProposalError::Nobody => "nobody_named",
            ProposalError::Nothing(_) => "nothing_proposed",
            ProposalError::NoRestatement { .. } => "no_restatement",
            ProposalError::TooLarge => "proposal_too_large",
            ProposalError::Amount => "amount",
            ProposalError::Outdated(_) => "proposal_outdated",
            ProposalError::Differs(_) => "proposal_differs",
            ProposalError::Lost(_) => "proposal_lost",
            ProposalError::NoPayRun(_) => "no_pay_run",
        }
    }
}
