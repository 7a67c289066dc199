//! Balances that are brought along from another ledger (pay.md §11).

use super::AdjustedAccount;
use super::content::Members;
use super::rename::Rename;
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ByCode, Naming};

/// A balance that stood before this ledger began, against the account `opening`.
#[derive(Clone, Debug, PartialEq)]
pub struct OpeningPosted<N: Naming> {
    pub producer: N::Producer,
    /// With which carrier: of a payable, or of a debt.
    pub carrier: Option<N::Carrier>,
    /// On which of that carrier's policies: of a debt.
    pub policy: Option<N::Policy>,
    pub account: AdjustedAccount,
    /// In the natural sign of the account: a debt above zero is owed.
    pub amount: Cents,
}

impl<N: Naming> OpeningPosted<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<OpeningPosted<T>, R::Error> {
        let producer = r.producer("producer", &self.producer)?;
        let carrier = self.carrier.as_ref().map(|carrier| r.carrier("carrier", carrier)).transpose()?;
        let policy = self.policy.as_ref().map(|policy| r.policy(policy)).transpose()?;
        Ok(OpeningPosted { producer, carrier, policy, account: self.account, amount: self.amount })
    }
}

impl OpeningPosted<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("account", self.account.as_str());
        m.money("amount", self.amount);
        m.optional_text("carrier", self.carrier.as_ref().map(|carrier| carrier.as_str()));
        m.optional_text("policy", self.policy.as_ref().map(|policy| policy.number.as_str()));
        m.text("producer", self.producer.as_str());
    }
}
