//! From dense ids back to codes, for people.

use super::ReferenceData;
use crate::fact::Body;
use crate::fact::rename::Rename;
use crate::recorded::posting::Account;
use crate::vocabulary::as_of::Position;
use crate::vocabulary::names::{
    ByCode, ById, CarrierId, Code, FrozenChain, PayoutName, PolicyId, PolicyName, ProducerId,
};
use crate::vocabulary::time::Day;
use std::convert::Infallible;
use std::fmt;
use uuid::Uuid;

impl ReferenceData {
    /// Shows policies under the numbers that stand on a day, in place of the latest ones (pay.md §11).
    pub fn show_numbers_of(&mut self, day: Day) {
        self.shown = Some(day);
    }

    /// The number under which a policy is shown.
    pub fn policy_number(&self, id: PolicyId) -> Option<&Code> {
        let policy = self.policies.get(id)?;
        Some(policy.version(self.shown.unwrap_or(Day::LAST), Position::MAX).number)
    }

    pub fn policy_name(&self, id: PolicyId) -> Option<PolicyName> {
        let carrier = self.carriers.name(self.policies.get(id)?.carrier)?.clone();
        Some(PolicyName { carrier, number: self.policy_number(id)?.clone() })
    }

    /// The name of a policy as it was issued, by which its facts are known whatever numbers it got since.
    pub fn issued_name(&self, id: PolicyId) -> Option<PolicyName> {
        let policy = self.policies.get(id)?;
        Some(PolicyName {
            carrier: self.carriers.name(policy.carrier)?.clone(),
            number: policy.number.clone(),
        })
    }

    /// A fact that names its policies as they were issued; none where it does so already, or they are not known.
    pub fn as_issued(&self, body: &Body<ByCode>) -> Option<Body<ByCode>> {
        let mut renamed = AsIssued { reference: self, changed: false };
        let Ok(body) = body.map(&mut renamed);
        renamed.changed.then_some(body)
    }

    /// The name of an account: its kind and its keys, as `debt:A001:C1:P-77`.
    pub fn account_name(&self, account: Account) -> Option<String> {
        let producer = |id| Some(Key(self.producers.name(id)?.as_str()));
        let carrier = |id| Some(Key(self.carriers.name(id)?.as_str()));
        let number = |id| Some(Key(self.policy_number(id)?.as_str()));
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
            Account::Opening => "opening".to_owned(),
            Account::Writeoff => "writeoff".to_owned(),
        })
    }

    /// The body of an event with names in place of ids. `None` for an id that this reference data does not know.
    pub fn named(&self, body: &Body<ById>) -> Option<Body<ByCode>> {
        body.map(&mut Codes { reference: self, policy: ReferenceData::policy_name }).ok()
    }

    /// The same with policies named as they were issued: what ids are derived from.
    pub fn named_as_issued(&self, body: &Body<ById>) -> Option<Body<ByCode>> {
        body.map(&mut Codes { reference: self, policy: ReferenceData::issued_name }).ok()
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
struct Codes<'r> {
    reference: &'r ReferenceData,
    /// What policies are called.
    policy: fn(&ReferenceData, PolicyId) -> Option<PolicyName>,
}

/// An id that stands for nothing.
struct Unnamed;

/// Puts the numbers of the issues in the place of later ones.
struct AsIssued<'r> {
    reference: &'r ReferenceData,
    changed: bool,
}

impl Rename<ByCode, ByCode> for AsIssued<'_> {
    type Error = Infallible;

    fn carrier(&mut self, _: &'static str, carrier: &Code) -> Result<Code, Infallible> {
        Ok(carrier.clone())
    }

    fn producer(&mut self, _: &'static str, producer: &Code) -> Result<Code, Infallible> {
        Ok(producer.clone())
    }

    fn policy(&mut self, policy: &PolicyName) -> Result<PolicyName, Infallible> {
        let carrier = self.reference.carriers.find(&policy.carrier);
        let id = carrier.and_then(|carrier| self.reference.policy_id(carrier, &policy.number));
        let issued = id.and_then(|id| self.reference.issued_name(id)).unwrap_or_else(|| policy.clone());
        self.changed |= issued != *policy;
        Ok(issued)
    }

    fn payout(&mut self, payout: &Uuid) -> Result<Uuid, Infallible> {
        Ok(*payout)
    }

    fn frozen(&mut self, (): &()) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Rename<ById, ByCode> for Codes<'_> {
    type Error = Unnamed;

    fn carrier(&mut self, _: &'static str, carrier: &CarrierId) -> Result<Code, Unnamed> {
        self.reference.carriers.name(*carrier).cloned().ok_or(Unnamed)
    }

    fn producer(&mut self, _: &'static str, producer: &ProducerId) -> Result<Code, Unnamed> {
        self.reference.producers.name(*producer).cloned().ok_or(Unnamed)
    }

    fn policy(&mut self, policy: &PolicyId) -> Result<PolicyName, Unnamed> {
        (self.policy)(self.reference, *policy).ok_or(Unnamed)
    }

    fn payout(&mut self, payout: &PayoutName) -> Result<Uuid, Unnamed> {
        Ok(payout.id)
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
