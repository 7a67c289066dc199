//! Admission: a fact against the book (facts.md, "Refusals"). Of several codes the first counts: unknown
//! names in the order of the fields, dates against the policy, duplicates, shares, contract, grid, the
//! rest. Form, date range and amounts were checked when the line was read.

use super::{Book, History, POLICY_PREMIUM_MAX};
use crate::coverage::Tier;
use crate::fact::{AdjustmentPosted, Body, CoveragePlan, Fact, PayoutMade};
use crate::grid::Grid;
use crate::money::Cents;
use crate::names::{ByCode, ById, CarrierId, Code, PolicyId, PolicyName, ProducerId};
use crate::reference_data::Policy;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Day;

impl Book {
    /// Checks a fact and names it by dense ids. Changes nothing.
    pub fn admit(&self, fact: &Fact) -> Result<Body<ById>, Refusal> {
        match &fact.body {
            Body::CarrierAdded { carrier } => {
                refuse_if(self.reference.carriers().find(carrier).is_some(), || exists("carrier", carrier))?;
                Ok(Body::CarrierAdded { carrier: carrier.clone() })
            }
            Body::ProducerAdded { producer, kind } => {
                refuse_if(self.reference.producers().find(producer).is_some(), || {
                    exists("producer", producer)
                })?;
                Ok(Body::ProducerAdded { producer: producer.clone(), kind: *kind })
            }
            Body::GridPublished(grid) => {
                let carrier = self.carrier("carrier", &grid.carrier)?;
                Ok(Body::GridPublished(Box::new(Grid {
                    carrier,
                    product: grid.product.clone(),
                    line: grid.line,
                    levels: grid.levels.clone(),
                    chargeback: grid.chargeback.clone(),
                })))
            }
            Body::ProducerContracted { .. } | Body::ContractChanged { .. } => {
                self.admit_contract(fact.on, &fact.body)
            }
            Body::PersistencyDefined { definition, terms } => {
                Ok(Body::PersistencyDefined { definition: definition.clone(), terms: terms.clone() })
            }
            Body::CoveragePlanPublished(plan) => self.admit_plan(plan),
            Body::CoverageEnrolled { producer, plan } => {
                let producer = self.producer("producer", producer)?;
                Ok(Body::CoverageEnrolled { producer, plan: self.plan(plan)? })
            }
            Body::CoverageWithdrawn { producer, plan } => {
                let producer = self.producer("producer", producer)?;
                Ok(Body::CoverageWithdrawn { producer, plan: self.plan(plan)? })
            }
            Body::PolicyIssued(issued) => self.admit_issue(fact.on, issued),
            Body::PremiumPaid { policy, amount, months } => {
                let (id, _) = self.policy_on(policy, fact.on)?;
                let paid = self
                    .history(id, policy)?
                    .paid
                    .amount
                    .checked_add(*amount)
                    .filter(|sum| *sum <= POLICY_PREMIUM_MAX);
                refuse_if(paid.is_none(), || {
                    let message = format!(
                        "with {amount} more, policy {policy} would be paid over {POLICY_PREMIUM_MAX} in all"
                    );
                    Refusal::of(RefusalCode::Amount, "amount", message)
                })?;
                Ok(Body::PremiumPaid { policy: id, amount: *amount, months: *months })
            }
            Body::PremiumReversed { policy, amount, months, reason } => {
                let (id, row) = self.policy_on(policy, fact.on)?;
                let months_reversed = months.unwrap_or(row.terms.months_by_mode);
                super::admit_policy::admit_reversal(
                    policy,
                    self.history(id, policy)?,
                    *amount,
                    u64::from(months_reversed),
                )?;
                Ok(Body::PremiumReversed { policy: id, amount: *amount, months: *months, reason: *reason })
            }
            Body::PolicyStopped { policy, reason } => {
                Ok(Body::PolicyStopped { policy: self.policy_on(policy, fact.on)?.0, reason: *reason })
            }
            Body::PolicyReinstated { policy } => {
                Ok(Body::PolicyReinstated { policy: self.policy_on(policy, fact.on)?.0 })
            }
            Body::ChargebackRecorded { policy, producer, amount, reason } => {
                self.policy_id(policy)?; // its names are judged before its dates
                let producer = self.producer("producer", producer)?;
                let (policy, _) = self.policy_on(policy, fact.on)?;
                Ok(Body::ChargebackRecorded { policy, producer, amount: *amount, reason: reason.clone() })
            }
            Body::AgentReleased { .. } => self.admit_release(fact.on, &fact.body),
            Body::DebtRolledUp { producer, carrier } => Ok(Body::DebtRolledUp {
                producer: self.producer("producer", producer)?,
                carrier: self.carrier("carrier", carrier)?,
            }),
            Body::PolicyRestated(restated) => self.admit_restatement(fact.on, restated),
            Body::RepaymentReceived { producer, carrier, amount } => Ok(Body::RepaymentReceived {
                producer: self.producer("producer", producer)?,
                carrier: self.optional_carrier(carrier.as_ref())?,
                amount: *amount,
            }),
            Body::LeadLineSet { producer, limit } => {
                Ok(Body::LeadLineSet { producer: self.producer("producer", producer)?, limit: *limit })
            }
            Body::LeadCharged { producer, amount } => Ok(Body::LeadCharged {
                producer: self.admit_lead(fact.on, producer, *amount)?,
                amount: *amount,
            }),
            Body::LeadCredited { producer, amount } => {
                Ok(Body::LeadCredited { producer: self.producer("producer", producer)?, amount: *amount })
            }
            Body::AdjustmentPosted(adjustment) => {
                let producer = self.producer("producer", &adjustment.producer)?;
                let carrier = self.optional_carrier(adjustment.carrier.as_ref())?;
                Ok(Body::AdjustmentPosted(Box::new(AdjustmentPosted {
                    producer,
                    carrier,
                    account: adjustment.account,
                    amount: adjustment.amount,
                    code: adjustment.code.clone(),
                    approved_by: adjustment.approved_by.clone(),
                })))
            }
            Body::PayoutTermsSet { producer, terms } => Ok(Body::PayoutTermsSet {
                producer: producer.as_ref().map(|code| self.producer("producer", code)).transpose()?,
                terms: terms.clone(),
            }),
            Body::PayoutHeld { producer, reason } => {
                Ok(Body::PayoutHeld { producer: self.producer("producer", producer)?, reason: *reason })
            }
            Body::HoldLifted { producer, reason } => {
                Ok(Body::HoldLifted { producer: self.producer("producer", producer)?, reason: *reason })
            }
            Body::PayoutMade(payout) => self.admit_payout(fact.on, payout),
            Body::StatementReceived(statement) => {
                let read = (fact.on, (**statement).clone());
                refuse_if(self.statements.get(&statement.file) == Some(&read), || {
                    let message =
                        format!("the statement {} was received already, and read so", statement.file);
                    Refusal::of(RefusalCode::Duplicate, "file", message)
                })?;
                Ok(Body::StatementReceived(statement.clone()))
            }
            Body::ExceptionResolved(resolved) => {
                refuse_if(!self.statements.contains_key(&resolved.statement), || {
                    let message = format!("the statement {} was never received", resolved.statement);
                    Refusal::of(RefusalCode::UnknownStatement, "statement", message)
                })?;
                Ok(Body::ExceptionResolved(resolved.clone()))
            }
            Body::PeriodClosed => {
                refuse_if(self.closed_through.is_some_and(|closed| fact.on < closed), || {
                    let closed = self.closed_through.unwrap_or(fact.on);
                    let message =
                        format!("the period through {closed} is closed already, and {} is earlier", fact.on);
                    Refusal::of(RefusalCode::ClosedPeriod, "on", message)
                })?;
                Ok(Body::PeriodClosed)
            }
            Body::ChargebackAssessed { .. } | Body::ChargebackCovered(_) | Body::DebtMoved { .. } => {
                let own = fact.body.type_name();
                let message = format!("{own} is recorded by the ledger itself; it cannot be submitted");
                Err(Refusal::of(RefusalCode::Malformed, "type", message))
            }
        }
    }

    fn optional_carrier(&self, code: Option<&Code>) -> Result<Option<CarrierId>, Refusal> {
        code.map(|code| self.carrier("carrier", code)).transpose()
    }

    pub(super) fn carrier(&self, field: &'static str, code: &Code) -> Result<CarrierId, Refusal> {
        let unknown =
            || Refusal::of(RefusalCode::UnknownCarrier, field, format!("carrier {code} was never added"));
        self.reference.carriers().find(code).ok_or_else(unknown)
    }

    pub(super) fn producer(&self, field: &'static str, code: &Code) -> Result<ProducerId, Refusal> {
        let unknown =
            || Refusal::of(RefusalCode::UnknownProducer, field, format!("producer {code} was never added"));
        self.reference.producers().find(code).ok_or_else(unknown)
    }

    fn plan(&self, plan: &Code) -> Result<Code, Refusal> {
        refuse_if(!self.reference.has_plan(plan), || {
            Refusal::of(RefusalCode::UnknownPlan, "plan", format!("coverage plan {plan} was never published"))
        })?;
        Ok(plan.clone())
    }

    pub(super) fn policy_id(&self, name: &PolicyName) -> Result<PolicyId, Refusal> {
        let carrier = self.carrier("carrier", &name.carrier)?;
        self.reference.policy_id(carrier, &name.number).ok_or_else(|| {
            Refusal::of(RefusalCode::UnknownPolicy, "policy", format!("policy {name} was never issued"))
        })
    }

    /// The policy, and that the fact is not before its issue.
    pub(super) fn policy_on(&self, name: &PolicyName, on: Day) -> Result<(PolicyId, &Policy), Refusal> {
        let id = self.policy_id(name)?;
        let unknown =
            || Refusal::of(RefusalCode::UnknownPolicy, "policy", format!("policy {name} was never issued"));
        let policy = self.reference.policies().get(id).ok_or_else(unknown)?;
        refuse_if(on < policy.issue, || {
            let message = format!("{on} is before policy {name} was issued, on {}", policy.issue);
            Refusal::of(RefusalCode::Dates, "on", message)
        })?;
        Ok((id, policy))
    }

    pub(super) fn history(&self, id: PolicyId, name: &PolicyName) -> Result<&History, Refusal> {
        self.histories.get(id).ok_or_else(|| {
            Refusal::of(RefusalCode::UnknownPolicy, "policy", format!("policy {name} was never issued"))
        })
    }

    fn admit_plan(&self, plan: &CoveragePlan<ByCode>) -> Result<Body<ById>, Refusal> {
        refuse_if(self.reference.definition(&plan.definition).is_none(), || {
            let message = format!("persistency definition {} was never defined", plan.definition);
            Refusal::of(RefusalCode::UnknownDefinition, "definition", message)
        })?;
        Ok(Body::CoveragePlanPublished(Box::new(CoveragePlan {
            plan: plan.plan.clone(),
            definition: plan.definition.clone(),
            payer: self.producer("payer", &plan.payer)?,
            tiers: plan.tiers.iter().map(|tier| Tier { ..*tier }).collect(),
        })))
    }

    /// A payout recovers no more than is owed, less what stands to the producer's credit, and pays no less than
    /// nothing.
    fn admit_payout(&self, on: Day, payout: &PayoutMade<ByCode>) -> Result<Body<ById>, Refusal> {
        let (code, producer) = (&payout.producer, self.producer("producer", &payout.producer)?);
        refuse_if(payout.cash().is_none(), || {
            let message = format!("leads, debt and reserve are more than the payable of {}", payout.payable);
            Refusal::of(RefusalCode::Amount, "payable", message)
        })?;
        let nothing = [payout.payable, payout.leads, payout.debt, payout.reserve] == [Cents::ZERO; 4];
        refuse_if(nothing, || {
            Refusal::of(RefusalCode::Amount, "payable", "a payout of nothing is none".to_owned())
        })?;
        let too_large = || {
            Refusal::of(
                RefusalCode::Amount,
                "debt",
                format!("what {code} owes is beyond what can be counted"),
            )
        };
        let debt = self.open_debt(producer, on).map_err(|_| too_large())?;
        let credit = self.credit(producer, on).map_err(|_| too_large())?;
        let least = Cents::ZERO.checked_sub(credit).ok_or_else(too_large)?;
        let leads = self.open_leads(producer, on).map_err(|_| too_large())?;
        refuse_if(payout.leads < leads.min(Cents::ZERO), || {
            let message =
                format!("{} is more than what stands to {code}'s credit of leads on {on}", payout.leads);
            Refusal::of(RefusalCode::Amount, "leads", message)
        })?;
        refuse_if(payout.debt < least, || {
            let message =
                format!("{} is more than the {credit} that stand to {code}'s credit on {on}", payout.debt);
            Refusal::of(RefusalCode::Amount, "debt", message)
        })?;
        let owed = [
            ("leads", payout.leads, leads.max(Cents::ZERO)),
            ("debt", payout.debt, debt.checked_sub(credit).ok_or_else(too_large)?),
        ];
        for (field, amount, open) in owed {
            refuse_if(amount > open, || {
                let message = format!("{amount} is more than the {field} of {open} that {code} owes on {on}");
                Refusal::of(RefusalCode::Amount, field, message)
            })?;
        }
        let PayoutMade { payable, leads, debt, reserve, .. } = *payout;
        Ok(Body::PayoutMade(Box::new(PayoutMade { producer, payable, leads, debt, reserve })))
    }

    fn admit_lead(&self, on: Day, code: &Code, amount: Cents) -> Result<ProducerId, Refusal> {
        let producer = self.producer("producer", code)?;
        let leads = self.leads.get(&producer);
        let lines = leads.into_iter().flat_map(|leads| &leads.lines).filter(|(from, ..)| *from <= on);
        let line = lines.max_by_key(|(from, position, _)| (*from, *position)).map(|(.., limit)| *limit);
        let changes = leads.into_iter().flat_map(|leads| &leads.changes).filter(|(dated, _)| *dated <= on);
        let owed: i128 = changes.map(|(_, amount)| i128::from(amount.0)).sum::<i128>();
        let Some(line) = line else {
            let message = format!("producer {code} has no credit line for leads on {on}");
            return Err(Refusal::of(RefusalCode::CreditLine, "amount", message));
        };
        refuse_if(owed + i128::from(amount.0) > i128::from(line.0), || {
            let owed = crate::money::Total(owed);
            let message = format!(
                "producer {code} owes {owed} for leads on {on}; {amount} more is beyond its line of {line}"
            );
            Refusal::of(RefusalCode::CreditLine, "amount", message)
        })?;
        Ok(producer)
    }
}

pub(super) fn refuse_if(wrong: bool, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
    if wrong { Err(refusal()) } else { Ok(()) }
}

fn exists(what: &'static str, code: &Code) -> Refusal {
    Refusal::of(RefusalCode::Duplicate, what, format!("{what} {code} was added already"))
}
