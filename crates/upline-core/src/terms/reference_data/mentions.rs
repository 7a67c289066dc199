//! Whom and what an event is about: the carriers, producers and policies among its names.

use super::ReferenceData;
use crate::fact::Body;
use crate::fact::rename::{Introduced, Name};
use crate::fact::types::Introduces;
use crate::recorded::posting::Posting;
use crate::vocabulary::names::{ById, CarrierId, PolicyId, ProducerId};

/// Whom and what an event is about, each in the order of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    pub carriers: Vec<CarrierId>,
    pub producers: Vec<ProducerId>,
    pub policies: Vec<PolicyId>,
}

impl ReferenceData {
    /// Whom and what an event is about, once it is absorbed. With a frozen chain, all who stand in it.
    pub fn mentions(&self, body: &Body<ById>) -> Mentions {
        let mut mentions = Mentions::default();
        body.each_name(|name| match name {
            Name::Carrier(carrier) => mentions.carriers.push(*carrier),
            Name::Producer(producer) => mentions.producers.push(*producer),
            Name::Policy(policy) => mentions.policies.push(*policy),
            Name::Frozen(frozen) => {
                for place in frozen.sides.iter().flatten() {
                    mentions.producers.push(place.producer);
                    mentions.producers.extend(place.assigned.map(|assigned| assigned.to));
                }
            }
            Name::Payout(payout) => mentions.producers.push(payout.producer),
            Name::Introduced(Introduced::Carrier(code)) => mentions.carriers.extend(self.carriers.find(code)),
            Name::Introduced(Introduced::Producer(code)) => {
                mentions.producers.extend(self.producers.find(code));
            }
            Name::Introduced(Introduced::Policy(carrier, number)) => {
                mentions.policies.extend(self.policy_id(*carrier, number));
            }
        });
        mentions
    }

    /// The policy that an event is about, once the event is absorbed.
    pub fn policy_of(&self, body: &Body<ById>) -> Option<PolicyId> {
        let mut policy = None;
        body.each_name(|name| match name {
            Name::Policy(id) => policy = Some(*id),
            Name::Introduced(Introduced::Policy(carrier, number)) => {
                policy = self.policy_id(*carrier, number)
            }
            _ => {}
        });
        policy
    }

    /// Whether an event is about a producer: it names it, moves money on its accounts, or is about a policy that it is
    /// paid on, as a whole: naming no producer, or its chain.
    pub fn concerns(&self, body: &Body<ById>, postings: &[Posting], producer: ProducerId) -> bool {
        let mentions = self.mentions(body);
        if mentions.producers.contains(&producer) {
            return true;
        }
        let of_a_whole_policy =
            mentions.producers.is_empty() || body.fact_type().introduces == Introduces::Policy;
        let paid_on = |id: &PolicyId| {
            let payees = self.policies.get(*id).into_iter().flat_map(|policy| &policy.payees);
            payees.into_iter().any(|payee| payee.producer == producer)
        };
        let accounts = |posting: &Posting| {
            let (debit, credit) = self.accounts(posting)?;
            Some([debit, credit].into_iter().any(|account| account.producer() == Some(producer)))
        };
        (of_a_whole_policy && mentions.policies.iter().any(paid_on))
            || postings.iter().any(|posting| accounts(posting).unwrap_or(false))
    }
}
