//! From dense ids back to codes, for people.

use super::ReferenceData;
use crate::coverage::CoverageDecision;
use crate::fact::{
    AdjustmentPosted, Body, ChainLink, CoveragePlan, PayoutMade, PolicyIssued, PolicyRestated, Writing,
};
use crate::grid::Grid;
use crate::names::{ByCode, ById, CarrierId, PolicyId, PolicyName};
use crate::posting::Account;

impl ReferenceData {
    /// The name of a policy.
    pub fn policy_name(&self, id: PolicyId) -> Option<PolicyName> {
        let policy = self.policies.get(id)?;
        Some(PolicyName {
            carrier: self.carriers.name(policy.carrier)?.clone(),
            number: policy.number.clone(),
        })
    }

    /// The name of an account: its kind and its keys, as `debt:A001:C1:P-77`.
    pub fn account_name(&self, account: Account) -> Option<String> {
        let producer = |id| self.producers.name(id);
        let carrier = |id| self.carriers.name(id);
        let number = |id| self.policies.get(id).map(|policy| &policy.number);
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
        let carrier = |id| self.carriers.name(id).cloned();
        let producer = |id| self.producers.name(id).cloned();
        let policy = |id| self.policy_name(id);
        Some(match body {
            Body::CarrierAdded { carrier } => Body::CarrierAdded { carrier: carrier.clone() },
            Body::ProducerAdded { producer, kind } => {
                Body::ProducerAdded { producer: producer.clone(), kind: *kind }
            }
            Body::GridPublished(grid) => Body::GridPublished(Box::new(Grid {
                carrier: carrier(grid.carrier)?,
                product: grid.product.clone(),
                line: grid.line,
                levels: grid.levels.clone(),
                chargeback: grid.chargeback.clone(),
            })),
            Body::ProducerContracted { producer: who, carrier: with, level, upline, advance } => {
                Body::ProducerContracted {
                    producer: producer(*who)?,
                    carrier: carrier(*with)?,
                    level: level.clone(),
                    upline: match upline {
                        Some(upline) => Some(producer(*upline)?),
                        None => None,
                    },
                    advance: *advance,
                }
            }
            Body::ContractChanged { producer: who, carrier: with, level, upline, advance } => {
                Body::ContractChanged {
                    producer: producer(*who)?,
                    carrier: carrier(*with)?,
                    level: level.clone(),
                    upline: match upline {
                        Some(Some(upline)) => Some(Some(producer(*upline)?)),
                        Some(None) => Some(None),
                        None => None,
                    },
                    advance: *advance,
                }
            }
            Body::PersistencyDefined { definition, terms } => {
                Body::PersistencyDefined { definition: definition.clone(), terms: terms.clone() }
            }
            Body::CoveragePlanPublished(plan) => Body::CoveragePlanPublished(Box::new(CoveragePlan {
                plan: plan.plan.clone(),
                definition: plan.definition.clone(),
                payer: producer(plan.payer)?,
                tiers: plan.tiers.clone(),
            })),
            Body::CoverageEnrolled { producer: who, plan } => {
                Body::CoverageEnrolled { producer: producer(*who)?, plan: plan.clone() }
            }
            Body::CoverageWithdrawn { producer: who, plan } => {
                Body::CoverageWithdrawn { producer: producer(*who)?, plan: plan.clone() }
            }
            Body::PolicyIssued(issued) => Body::PolicyIssued(Box::new(PolicyIssued {
                carrier: carrier(issued.carrier)?,
                number: issued.number.clone(),
                product: issued.product.clone(),
                annual_premium: issued.annual_premium,
                mode: issued.mode,
                writing: issued
                    .writing
                    .iter()
                    .map(|w| Some(Writing { producer: producer(w.producer)?, share: w.share }))
                    .collect::<Option<Vec<_>>>()?,
                state: issued.state.clone(),
                issue_age: issued.issue_age,
                frozen: (),
            })),
            Body::PremiumPaid { policy: id, amount, months } => {
                Body::PremiumPaid { policy: policy(*id)?, amount: *amount, months: *months }
            }
            Body::PremiumReversed { policy: id, amount, months, reason } => Body::PremiumReversed {
                policy: policy(*id)?,
                amount: *amount,
                months: *months,
                reason: *reason,
            },
            Body::PolicyStopped { policy: id, reason } => {
                Body::PolicyStopped { policy: policy(*id)?, reason: *reason }
            }
            Body::PolicyReinstated { policy: id } => Body::PolicyReinstated { policy: policy(*id)? },
            Body::ChargebackRecorded { policy: id, producer: who, amount, reason } => {
                Body::ChargebackRecorded {
                    policy: policy(*id)?,
                    producer: producer(*who)?,
                    amount: *amount,
                    reason: reason.clone(),
                }
            }
            Body::AgentReleased { producer: who, carrier: with, vesting, debt, reason } => {
                Body::AgentReleased {
                    producer: producer(*who)?,
                    carrier: match with {
                        Some(with) => Some(carrier(*with)?),
                        None => None,
                    },
                    vesting: *vesting,
                    debt: *debt,
                    reason: reason.clone(),
                }
            }
            Body::DebtRolledUp { producer: who, carrier: with } => {
                Body::DebtRolledUp { producer: producer(*who)?, carrier: carrier(*with)? }
            }
            Body::PolicyRestated(restated) => Body::PolicyRestated(Box::new(PolicyRestated {
                policy: policy(restated.policy)?,
                correction: restated.correction.clone(),
                chain: match &restated.chain {
                    Some(sides) => {
                        Some(sides.iter().map(|side| self.named_side(side)).collect::<Option<Vec<_>>>()?)
                    }
                    None => None,
                },
                frozen: (),
            })),
            Body::RepaymentReceived { producer: who, carrier: with, amount } => Body::RepaymentReceived {
                producer: producer(*who)?,
                carrier: match with {
                    Some(with) => Some(carrier(*with)?),
                    None => None,
                },
                amount: *amount,
            },
            Body::PayoutTermsSet { producer: who, terms } => Body::PayoutTermsSet {
                producer: match who {
                    Some(who) => Some(producer(*who)?),
                    None => None,
                },
                terms: terms.clone(),
            },
            Body::PayoutHeld { producer: who, reason } => {
                Body::PayoutHeld { producer: producer(*who)?, reason: *reason }
            }
            Body::HoldLifted { producer: who, reason } => {
                Body::HoldLifted { producer: producer(*who)?, reason: *reason }
            }
            Body::PayoutMade(payout) => {
                let PayoutMade { payable, leads, debt, reserve, .. } = **payout;
                let producer = producer(payout.producer)?;
                Body::PayoutMade(Box::new(PayoutMade { producer, payable, leads, debt, reserve }))
            }
            Body::StatementReceived(statement) => Body::StatementReceived(statement.clone()),
            Body::ExceptionResolved(resolved) => Body::ExceptionResolved(resolved.clone()),
            Body::LeadLineSet { producer: who, limit } => {
                Body::LeadLineSet { producer: producer(*who)?, limit: *limit }
            }
            Body::LeadCharged { producer: who, amount } => {
                Body::LeadCharged { producer: producer(*who)?, amount: *amount }
            }
            Body::LeadCredited { producer: who, amount } => {
                Body::LeadCredited { producer: producer(*who)?, amount: *amount }
            }
            Body::AdjustmentPosted(adjustment) => Body::AdjustmentPosted(Box::new(AdjustmentPosted {
                producer: producer(adjustment.producer)?,
                carrier: match adjustment.carrier {
                    Some(with) => Some(carrier(with)?),
                    None => None,
                },
                account: adjustment.account,
                amount: adjustment.amount,
                code: adjustment.code.clone(),
                approved_by: adjustment.approved_by.clone(),
            })),
            Body::PeriodClosed => Body::PeriodClosed,
            Body::ChargebackCovered(decision) => Body::ChargebackCovered(Box::new(CoverageDecision {
                policy: policy(decision.policy)?,
                producer: producer(decision.producer)?,
                side: decision.side,
                stop: decision.stop,
                chargeback: decision.chargeback,
                covered: decision.covered,
                payer: producer(decision.payer)?,
                plan: decision.plan.clone(),
                plan_version: decision.plan_version,
                definition: decision.definition.clone(),
                definition_version: decision.definition_version,
                basis: decision.basis,
                persistency: decision.persistency,
                tier: decision.tier,
                reason: decision.reason,
            })),
            Body::DebtMoved { policy: id, from, to, amount } => Body::DebtMoved {
                policy: policy(*id)?,
                from: producer(*from)?,
                to: producer(*to)?,
                amount: *amount,
            },
            Body::ChargebackAssessed { policy: id, producer: who, payee, stop, amount, rule, kept } => {
                Body::ChargebackAssessed {
                    policy: policy(*id)?,
                    producer: producer(*who)?,
                    payee: *payee,
                    stop: *stop,
                    amount: *amount,
                    rule: *rule,
                    kept: *kept,
                }
            }
        })
    }

    fn named_side(&self, side: &[ChainLink<ById>]) -> Option<Vec<ChainLink<ByCode>>> {
        let link = |link: &ChainLink<ById>| {
            let producer = self.producers.name(link.producer)?.clone();
            Some(ChainLink { producer, level: link.level.clone() })
        };
        side.iter().map(link).collect()
    }
}
