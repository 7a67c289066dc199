//! Where money goes: accounts at banks, and the files that told a bank to pay. No detail of an account is in the log.

use super::content::Members;
use super::rename::Rename;
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ByCode, Code, Naming};
use crate::vocabulary::time::Day;

/// For how many days nothing is paid to an account that took the place of another, where the fact does not say.
pub const BANK_HOLD_DAYS: u8 = 3;

/// A producer wants its money at an account. The details are in the directory, and only there.
#[derive(Clone, Debug, PartialEq)]
pub struct BankDetailsSet<N: Naming> {
    pub producer: N::Producer,
    /// A keyed hash of the details, in 64 hexadecimal digits: what is in the directory must have it.
    pub commitment: Code,
    /// Who approved them; not the actor.
    pub approved_by: String,
    /// Where they take the place of others: for how many days nothing is paid out; [`BANK_HOLD_DAYS`] where it does not
    /// say.
    pub hold_days: Option<u8>,
}

impl<N: Naming> BankDetailsSet<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<BankDetailsSet<T>, R::Error> {
        Ok(BankDetailsSet {
            producer: r.producer("producer", &self.producer)?,
            commitment: self.commitment.clone(),
            approved_by: self.approved_by.clone(),
            hold_days: self.hold_days,
        })
    }
}

impl BankDetailsSet<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.person("approved_by", &self.approved_by);
        m.text("commitment", self.commitment.as_str());
        m.optional("hold_days", self.hold_days);
        m.text("producer", self.producer.as_str());
    }
}

/// A file that tells a bank to pay a run was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentFileWritten {
    /// The position of the run's first payout.
    pub run: u64,
    /// The SHA-256 of the file.
    pub file: Code,
    /// When the bank is to pay.
    pub pay_on: Day,
    /// What it pays in all.
    pub total: Cents,
    /// To how many producers.
    pub credits: u32,
    /// The SHA-256 of who pays.
    pub originator: Code,
    /// The SHA-256 of the commitments of the accounts that are paid.
    pub accounts: Code,
}

impl PaymentFileWritten {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("accounts", self.accounts.as_str());
        m.plain("credits", self.credits);
        m.text("file", self.file.as_str());
        m.text("originator", self.originator.as_str());
        m.quoted("pay_on", self.pay_on);
        m.plain("run", self.run);
        m.money("total", self.total);
    }
}
