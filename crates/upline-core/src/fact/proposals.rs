//! What one person proposes and another decides. What is proposed is not in the log, only what binds it.

use super::content::Members;
use crate::vocabulary::names::Code;
use crate::vocabulary::words;

/// What can be proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// What is due is paid out.
    PayRun,
    /// A producer wants its money at another account.
    BankChange,
    /// Chains are corrected.
    Restatement,
    /// Exceptions of statements are written off.
    WriteOff,
}

words!(Action {
    PayRun = "pay_run",
    BankChange = "bank_change",
    Restatement = "restatement",
    WriteOff = "write_off",
});

/// What becomes of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Somebody else wants it done.
    Approved,
    /// Somebody else does not.
    Rejected,
    /// Who proposed it takes it back.
    Withdrawn,
}

words!(Decision { Approved = "approved", Rejected = "rejected", Withdrawn = "withdrawn" });

/// Somebody, the actor, proposes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionProposed {
    /// What it is called by.
    pub proposal: Code,
    pub action: Action,
    /// A keyed hash of what is proposed, in 64 hexadecimal digits: what is approved must have it.
    pub commitment: Code,
}

impl ActionProposed {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("action", self.action.as_str());
        m.text("commitment", self.commitment.as_str());
        m.text("proposal", self.proposal.as_str());
    }
}

/// Somebody, the actor, decides about a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionDecided {
    pub proposal: Code,
    pub decision: Decision,
}

impl ActionDecided {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("decision", self.decision.as_str());
        m.text("proposal", self.proposal.as_str());
    }
}
