//! Admission: a fact against the book (facts.md, "Refusals"). Of several codes the first counts: unknown
//! names in the order of the fields, dates against the policy, duplicates, shares, contract, grid, the
//! rest. Form, date range and amounts were checked when the line was read.

use super::{Book, CHAIN_PLACES_MAX, History, POLICY_PREMIUM_MAX};
use crate::chain::{FrozenChain, FrozenPlace};
use crate::contract::Sight;
use crate::coverage::Tier;
use crate::event::Position;
use crate::fact::{Body, CoveragePlan, Fact, PolicyIssued, Writing};
use crate::grid::Grid;
use crate::money::Cents;
use crate::names::{ByCode, ById, CarrierId, Code, GridId, PolicyId, PolicyName, ProducerId};
use crate::rate::Rate;
use crate::refusal::{Code as Why, Refusal};
use crate::register::Policy;
use crate::time::Day;

impl Book {
    /// Checks a fact and names it by dense ids. Changes nothing.
    pub fn admit(&self, fact: &Fact) -> Result<Body<ById>, Refusal> {
        match &fact.body {
            Body::CarrierAdded { carrier } => {
                refuse_if(self.register.carriers().find(carrier).is_some(), || exists("carrier", carrier))?;
                Ok(Body::CarrierAdded { carrier: carrier.clone() })
            }
            Body::ProducerAdded { producer, kind } => {
                refuse_if(self.register.producers().find(producer).is_some(), || {
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
                    Refusal::of(Why::Amount, "amount", message)
                })?;
                Ok(Body::PremiumPaid { policy: id, amount: *amount, months: *months })
            }
            Body::PremiumReversed { policy, amount, months, reason } => {
                let (id, row) = self.policy_on(policy, fact.on)?;
                let months_reversed = months.unwrap_or(row.terms.months_by_mode);
                admit_reversal(policy, self.history(id, policy)?, *amount, u64::from(months_reversed))?;
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
            _ => Err(Refusal::of(
                Why::Malformed,
                "type",
                "chargeback_assessed is recorded by the ledger itself; it cannot be submitted",
            )),
        }
    }

    fn carrier(&self, field: &'static str, code: &Code) -> Result<CarrierId, Refusal> {
        let unknown = || Refusal::of(Why::UnknownCarrier, field, format!("carrier {code} was never added"));
        self.register.carriers().find(code).ok_or_else(unknown)
    }

    fn producer(&self, field: &'static str, code: &Code) -> Result<ProducerId, Refusal> {
        let unknown = || Refusal::of(Why::UnknownProducer, field, format!("producer {code} was never added"));
        self.register.producers().find(code).ok_or_else(unknown)
    }

    fn plan(&self, plan: &Code) -> Result<Code, Refusal> {
        refuse_if(!self.register.has_plan(plan), || {
            Refusal::of(Why::UnknownPlan, "plan", format!("coverage plan {plan} was never published"))
        })?;
        Ok(plan.clone())
    }

    fn policy_id(&self, name: &PolicyName) -> Result<PolicyId, Refusal> {
        let carrier = self.carrier("carrier", &name.carrier)?;
        self.register.policy_id(carrier, &name.number).ok_or_else(|| {
            Refusal::of(Why::UnknownPolicy, "policy", format!("policy {name} was never issued"))
        })
    }

    /// The policy, and that the fact is not before its issue.
    fn policy_on(&self, name: &PolicyName, on: Day) -> Result<(PolicyId, &Policy), Refusal> {
        let id = self.policy_id(name)?;
        let unknown = || Refusal::of(Why::UnknownPolicy, "policy", format!("policy {name} was never issued"));
        let policy = self.register.policies().get(id).ok_or_else(unknown)?;
        refuse_if(on < policy.issue, || {
            let message = format!("{on} is before policy {name} was issued, on {}", policy.issue);
            Refusal::of(Why::Dates, "on", message)
        })?;
        Ok((id, policy))
    }

    fn history(&self, id: PolicyId, name: &PolicyName) -> Result<&History, Refusal> {
        self.histories.get(id).ok_or_else(|| {
            Refusal::of(Why::UnknownPolicy, "policy", format!("policy {name} was never issued"))
        })
    }

    fn admit_contract(&self, on: Day, body: &Body<ByCode>) -> Result<Body<ById>, Refusal> {
        let (producer, carrier, level, upline) = match body {
            Body::ProducerContracted { producer, carrier, level, upline, .. } => {
                (producer, carrier, Some(level), Some(upline.as_ref()))
            }
            Body::ContractChanged { producer, carrier, level, upline, .. } => {
                (producer, carrier, level.as_ref(), upline.as_ref().map(Option::as_ref))
            }
            _ => return Err(Refusal::whole(Why::Malformed, "this is no contract")),
        };
        let (who, with) = (self.producer("producer", producer)?, self.carrier("carrier", carrier)?);
        if let Some(level) = level {
            refuse_if(!self.register.has_level(with, level), || {
                let message = format!("no grid of carrier {carrier} names level {level}");
                Refusal::of(Why::UnknownLevel, "level", message)
            })?;
        }
        let above = upline
            .map(|u| u.map(|u| self.producer("upline", u).map(|id| (id, u))).transpose())
            .transpose()?;
        let sight = Sight { as_of: on, known: Position::MAX };
        let standing = self.register.contracts().at(who, with, sight);
        let begins = matches!(body, Body::ProducerContracted { .. });
        if begins {
            refuse_if(standing.is_some() || self.register.contracts().begins_after(who, with, on), || {
                let message = format!("producer {producer} has a contract with carrier {carrier} already");
                Refusal::of(Why::Duplicate, "producer", message)
            })?;
        } else {
            refuse_if(standing.is_none(), || {
                let message = format!("producer {producer} has no contract with carrier {carrier} on {on}");
                Refusal::of(Why::NoContract, "producer", message)
            })?;
        }
        if let Some(Some((upline, code))) = above {
            refuse_if(self.register.contracts().at(upline, with, sight).is_none(), || {
                let message = format!("upline {code} has no contract with carrier {carrier} on {on}");
                Refusal::of(Why::NoContract, "upline", message)
            })?;
            refuse_if(self.register.contracts().closes_loop(who, upline, with, on), || {
                let message = format!("with {code} as upline, producer {producer} would stand above itself");
                Refusal::of(Why::Cycle, "upline", message)
            })?;
        }
        let upline = above.map(|above| above.map(|(id, _)| id));
        Ok(match body {
            Body::ContractChanged { level, advance, .. } => Body::ContractChanged {
                producer: who,
                carrier: with,
                level: level.clone(),
                upline,
                advance: *advance,
            },
            Body::ProducerContracted { level, advance, .. } => Body::ProducerContracted {
                producer: who,
                carrier: with,
                level: level.clone(),
                upline: upline.flatten(),
                advance: *advance,
            },
            _ => return Err(Refusal::whole(Why::Malformed, "this is no contract")),
        })
    }

    fn admit_plan(&self, plan: &CoveragePlan<ByCode>) -> Result<Body<ById>, Refusal> {
        refuse_if(self.register.definition(&plan.definition).is_none(), || {
            let message = format!("persistency definition {} was never defined", plan.definition);
            Refusal::of(Why::UnknownDefinition, "definition", message)
        })?;
        Ok(Body::CoveragePlanPublished(Box::new(CoveragePlan {
            plan: plan.plan.clone(),
            definition: plan.definition.clone(),
            payer: self.producer("payer", &plan.payer)?,
            tiers: plan.tiers.iter().map(|tier| Tier { ..*tier }).collect(),
        })))
    }

    fn admit_issue(&self, on: Day, issued: &PolicyIssued<ByCode>) -> Result<Body<ById>, Refusal> {
        let carrier = self.carrier("carrier", &issued.carrier)?;
        refuse_if(!self.register.has_product(carrier, &issued.product), || {
            let message = format!("carrier {} has no grid for product {}", issued.carrier, issued.product);
            Refusal::of(Why::UnknownProduct, "product", message)
        })?;
        let mut writing = Vec::with_capacity(issued.writing.len());
        for side in &issued.writing {
            let producer = self.producer("writing", &side.producer)?;
            writing.push(Writing { producer, share: side.share });
        }
        refuse_if(self.register.policy_id(carrier, &issued.number).is_some(), || {
            let message = format!("policy {}/{} was issued already", issued.carrier, issued.number);
            Refusal::of(Why::Duplicate, "policy", message)
        })?;
        admit_shares(&issued.writing)?;
        let mut sides = Vec::with_capacity(writing.len());
        for (side, fact) in writing.iter().zip(&issued.writing) {
            sides.push(self.frozen_side(on, carrier, side.producer, &fact.producer)?);
        }
        let grid = self.grid_for(on, carrier, &issued.product, &sides)?;
        Ok(Body::PolicyIssued(Box::new(PolicyIssued {
            carrier,
            number: issued.number.clone(),
            product: issued.product.clone(),
            annual_premium: issued.annual_premium,
            mode: issued.mode,
            writing,
            state: issued.state.clone(),
            issue_age: issued.issue_age,
            frozen: FrozenChain { grid, sides },
        })))
    }

    /// The contracts from the writing producer up to the top, as they stand on the issue date (rules §3).
    fn frozen_side(
        &self,
        on: Day,
        carrier: CarrierId,
        writing: ProducerId,
        code: &Code,
    ) -> Result<Vec<FrozenPlace>, Refusal> {
        let sight = Sight { as_of: on, known: Position::MAX };
        let mut places = Vec::new();
        let mut next = Some(writing);
        while let Some(producer) = next {
            let Some(contract) = self.register.contracts().at(producer, carrier, sight) else {
                let with = self.register.carriers().name(carrier).map_or("", Code::as_str);
                let name = self.register.producers().name(producer).map_or("", Code::as_str);
                let role = if places.is_empty() { "writing producer" } else { "upline" };
                let message = format!("{role} {name} has no contract with carrier {with} on {on}");
                return Err(Refusal::of(Why::NoContract, "writing", message));
            };
            refuse_if(places.len() >= CHAIN_PLACES_MAX, || {
                let message = format!("the chain above {code} has more than {CHAIN_PLACES_MAX} places");
                Refusal::of(Why::NoContract, "writing", message)
            })?;
            next = contract.upline;
            places.push(FrozenPlace { producer, level: contract.level, advance: contract.advance });
        }
        Ok(places)
    }

    /// The grid in force, and that it has every level of the chain.
    fn grid_for(
        &self,
        on: Day,
        carrier: CarrierId,
        product: &Code,
        sides: &[Vec<FrozenPlace>],
    ) -> Result<GridId, Refusal> {
        let none = || {
            let message = format!("no grid of product {product} is in force on {on}; the first begins later");
            Refusal::of(Why::NoGrid, "product", message)
        };
        let id = self.register.grid_in_force(carrier, product, on).ok_or_else(none)?;
        let row = self.register.grids().get(id).ok_or_else(none)?;
        for place in sides.iter().flatten() {
            refuse_if(row.grid.bands(&place.level).is_none(), || {
                let who = self.register.producers().name(place.producer).map_or("", Code::as_str);
                let level = &place.level;
                let message =
                    format!("the grid of product {product} in force on {on} lacks level {level} of {who}");
                Refusal::of(Why::NoGrid, "product", message)
            })?;
        }
        Ok(id)
    }
}

fn refuse_if(wrong: bool, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
    if wrong { Err(refusal()) } else { Ok(()) }
}

fn exists(what: &'static str, code: &Code) -> Refusal {
    Refusal::of(Why::Duplicate, what, format!("{what} {code} was added already"))
}

fn admit_shares(writing: &[Writing<ByCode>]) -> Result<(), Refusal> {
    let mut sum = Some(Rate::ZERO);
    for side in writing {
        refuse_if(side.share == Rate::ZERO, || {
            let message = format!("the share of {} must be above 0", side.producer);
            Refusal::of(Why::Shares, "writing", message)
        })?;
        sum = sum.and_then(|sum| sum.checked_add(side.share));
    }
    refuse_if(sum != Some(Rate::ONE), || {
        let sum = sum.map_or_else(|| "more than 10".to_owned(), |sum| sum.to_string());
        Refusal::of(
            Why::Shares,
            "writing",
            format!("the writing shares sum to {sum}, but must sum to exactly 1"),
        )
    })
}

/// No more may be reversed in all than is known to have been paid in all, whatever the dates.
fn admit_reversal(name: &PolicyName, row: &History, amount: Cents, months: u64) -> Result<(), Refusal> {
    let reversed = row.reversed.amount.checked_add(amount);
    refuse_if(reversed.is_none_or(|sum| sum > row.paid.amount), || {
        let (paid, gone) = (row.paid.amount, row.reversed.amount);
        let message = format!(
            "policy {name} was paid {paid} in all, of which {gone} is reversed; {amount} more is too much"
        );
        Refusal::of(Why::OverReversed, "amount", message)
    })?;
    refuse_if(row.reversed.months + months > row.paid.months, || {
        let (paid, gone) = (row.paid.months, row.reversed.months);
        let message = format!(
            "policy {name} was paid for {paid} months in all, of which {gone} are reversed; {months} more is too much"
        );
        Refusal::of(Why::OverReversed, "months", message)
    })
}
