//! From dense ids back to codes, for people.

use super::ReferenceData;
use crate::fact::Body;
use crate::fact::rename::Rename;
use crate::recorded::posting::Account;
use crate::vocabulary::names::{
    ByCode, ById, CarrierId, Code, FrozenChain, PolicyId, PolicyName, ProducerId,
};
use std::fmt;

impl ReferenceData {
    pub fn policy_name(&self, id: PolicyId) -> Option<PolicyName> {
        let policy = self.policies.get(id)?;
        Some(PolicyName {
            carrier: self.carriers.name(policy.carrier)?.clone(),
            number: policy.number.clone(),
        })
    }

    /// The name of an account: its kind and its keys, as `debt:A001:C1:P-77`.
    pub fn account_name(&self, account: Account) -> Option<String> {
        let producer = |id| Some(Key(self.producers.name(id)?.as_str()));
        let carrier = |id| Some(Key(self.carriers.name(id)?.as_str()));
        let number = |id| Some(Key(self.policies.get(id)?.number.as_str()));
        let with = |c: Option<CarrierId>| match c {
            Some(c) => Some(format!(":{}", carrier(c)?)),
            None => Some(String::new()),
        };
        let on = |n: Option<PolicyId>| match n {
            Some(n) => Some(format!(":{}", number(n)?)),
            None => Some(String::new()),
        };
        Some(match account {
            Account::Carrier(c) => format!("carrier:{}", carrier(c)?),
            Account::Payable(p, c) => format!("payable:{}{}", producer(p)?, with(c)?),
            Account::Unearned(p, c, n) => format!("unearned:{}:{}:{}", producer(p)?, carrier(c)?, number(n)?),
            Account::Debt(p, c, n) => format!("debt:{}{}{}", producer(p)?, with(c)?, on(n)?),
            Account::Leads(p) => format!("leads:{}", producer(p)?),
            Account::Reserve(p) => format!("reserve:{}", producer(p)?),
            Account::Coverage(p) => format!("coverage:{}", producer(p)?),
            Account::Cash => "cash".to_owned(),
            Account::Recourse(p) => format!("recourse:{}", producer(p)?),
            Account::Adjustment => "adjustment".to_owned(),
        })
    }

    /// The body of an event with names in place of ids. `None` for an id that this reference data does not know.
    pub fn named(&self, body: &Body<ById>) -> Option<Body<ByCode>> {
        body.map(&mut Codes(self)).ok()
    }
}

/// A code as a part of an account's name, where `:` stands between the parts: one inside the code is `%3A`, so that
/// no two accounts have one name. No code holds a `%` (facts.md).
struct Key<'a>(&'a str);

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = self.0.split(':');
        f.write_str(parts.next().unwrap_or_default())?;
        parts.try_for_each(|part| write!(f, "%3A{part}"))
    }
}

/// Puts codes in the place of ids.
struct Codes<'r>(&'r ReferenceData);

/// An id that stands for nothing.
struct Unnamed;

impl Rename<ById, ByCode> for Codes<'_> {
    type Error = Unnamed;

    fn carrier(&mut self, _: &'static str, carrier: &CarrierId) -> Result<Code, Unnamed> {
        self.0.carriers.name(*carrier).cloned().ok_or(Unnamed)
    }

    fn producer(&mut self, _: &'static str, producer: &ProducerId) -> Result<Code, Unnamed> {
        self.0.producers.name(*producer).cloned().ok_or(Unnamed)
    }

    fn policy(&mut self, policy: &PolicyId) -> Result<PolicyName, Unnamed> {
        self.0.policy_name(*policy).ok_or(Unnamed)
    }

    fn frozen(&mut self, _: &FrozenChain) -> Result<(), Unnamed> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Producer `A` with carrier `C1`, and producer `A:C1` without one, were both `payable:A:C1`, so that a liability
        /// vanished in files for other programs.
        #[test]
        fn the_keys_of_a_name_can_be_read_back(keys in proptest::collection::vec("[-A-Za-z0-9_.:/]{1,8}", 1..4)) {
            let name = keys.iter().map(|key| Key(key).to_string()).collect::<Vec<_>>().join(":");
            let back: Vec<String> = name.split(':').map(|key| key.replace("%3A", ":")).collect();
            prop_assert_eq!(back, keys);
        }
    }
}
