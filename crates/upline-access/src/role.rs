//! Roles, and what each may do.

use serde::{Deserialize, Serialize};

/// What somebody is to a ledger. Everybody has one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads everything, and records nothing.
    Auditor,
    /// Records, reconciles, proposes what is paid, closes.
    Finance,
    /// Approves what others propose.
    Approver,
    /// Adds producers and contracts.
    Contracting,
    /// Sees itself and its downline.
    Agent,
    /// Gives rights, and sees no money.
    Admin,
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    /// Ask about everybody.
    ReadAll,
    /// Ask about oneself and one's downline.
    ReadOwn,
    /// Read the log, proofs and checks.
    Audit,
    /// Read what everybody's income is.
    Tax,
    /// Record facts of every type that one person answers for.
    RecordFacts,
    /// Record producers, contracts, grids and plans.
    RecordContracting,
    /// Receive carriers' statements and settle exceptions.
    Reconcile,
    /// Propose a pay run, a write-off or a restatement.
    ProposeMoney,
    /// Propose bank details.
    ProposeBank,
    /// Approve what somebody else proposes.
    Approve,
    /// Close a month.
    Close,
    /// Give rights.
    Administer,
    /// Send events on to other programs.
    Webhooks,
    /// See how the server is.
    Operate,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 6] =
        [Role::Auditor, Role::Finance, Role::Approver, Role::Contracting, Role::Agent, Role::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Auditor => "auditor",
            Role::Finance => "finance",
            Role::Approver => "approver",
            Role::Contracting => "contracting",
            Role::Agent => "agent",
            Role::Admin => "admin",
        }
    }

    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// The table of who may do what.
    pub fn may(self, act: Act) -> bool {
        use Role::{Admin, Agent, Approver, Auditor, Contracting, Finance};
        let who: &[Role] = match act {
            Act::ReadAll => &[Auditor, Finance, Approver, Contracting],
            Act::ReadOwn => &[Auditor, Finance, Approver, Contracting, Agent],
            Act::Audit | Act::Tax => &[Auditor, Finance, Approver],
            Act::RecordFacts | Act::Reconcile | Act::ProposeMoney | Act::Close | Act::Webhooks => &[Finance],
            Act::RecordContracting | Act::ProposeBank => &[Finance, Contracting],
            Act::Approve => &[Approver],
            Act::Administer => &[Admin],
            Act::Operate => &[Admin, Auditor],
        };
        who.contains(&self)
    }

    /// Whether a password is not enough: of those who pay, approve or give rights.
    pub fn needs_second_factor(self) -> bool {
        matches!(self, Role::Finance | Role::Approver | Role::Admin)
    }
}

impl Act {
    /// All of them.
    pub const ALL: [Act; 14] = [
        Act::ReadAll,
        Act::ReadOwn,
        Act::Audit,
        Act::Tax,
        Act::RecordFacts,
        Act::RecordContracting,
        Act::Reconcile,
        Act::ProposeMoney,
        Act::ProposeBank,
        Act::Approve,
        Act::Close,
        Act::Administer,
        Act::Webhooks,
        Act::Operate,
    ];

    /// Whether it moves money or gives rights: a second factor is needed where the role has one.
    pub fn is_grave(self) -> bool {
        matches!(self, Act::ProposeMoney | Act::ProposeBank | Act::Approve | Act::Close | Act::Administer)
    }

    /// Whether a person must do it: no token can.
    pub fn needs_a_person(self) -> bool {
        matches!(self, Act::Approve | Act::Administer)
    }
}
