//! Admission of policies: the chain that an issue freezes or a restatement puts in its place (rules §§3, 8),
//! and what may be reversed.

use super::admit::refuse_if;
use super::{Book, CHAIN_PLACES_MAX, History};
use crate::as_of::AsOf;
use crate::chain::{FrozenChain, FrozenPlace};
use crate::event::Position;
use crate::fact::{Body, ChainLink, PolicyIssued, PolicyRestated, Writing};
use crate::money::Cents;
use crate::names::{ByCode, ById, CarrierId, Code, GridId, PolicyName, ProducerId};
use crate::rate::Rate;
use crate::reference_data::Policy;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Day;

impl Book {
    pub(super) fn admit_issue(&self, on: Day, issued: &PolicyIssued<ByCode>) -> Result<Body<ById>, Refusal> {
        let carrier = self.carrier("carrier", &issued.carrier)?;
        refuse_if(!self.reference.has_product(carrier, &issued.product), || {
            let message = format!("carrier {} has no grid for product {}", issued.carrier, issued.product);
            Refusal::of(RefusalCode::UnknownProduct, "product", message)
        })?;
        let mut writing = Vec::with_capacity(issued.writing.len());
        for side in &issued.writing {
            let producer = self.producer("writing", &side.producer)?;
            writing.push(Writing { producer, share: side.share });
        }
        refuse_if(self.reference.policy_id(carrier, &issued.number).is_some(), || {
            let message = format!("policy {}/{} was issued already", issued.carrier, issued.number);
            Refusal::of(RefusalCode::Duplicate, "policy", message)
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
        let at = AsOf::day(on);
        let mut places = Vec::new();
        let mut next = Some(writing);
        while let Some(producer) = next {
            let Some(contract) = self.reference.contracts().at(producer, carrier, at) else {
                let with = self.reference.carriers().name(carrier).map_or("", Code::as_str);
                let name = self.reference.producers().name(producer).map_or("", Code::as_str);
                let role = if places.is_empty() { "writing producer" } else { "upline" };
                let message = format!("{role} {name} has no contract with carrier {with} on {on}");
                return Err(Refusal::of(RefusalCode::NoContract, "writing", message));
            };
            refuse_if(places.len() >= CHAIN_PLACES_MAX, || {
                let message = format!("the chain above {code} has more than {CHAIN_PLACES_MAX} places");
                Refusal::of(RefusalCode::NoContract, "writing", message)
            })?;
            next = contract.upline;
            // A released upline is no payee; a released producer writes nothing.
            if contract.is_released(on) {
                refuse_if(places.is_empty(), || {
                    let ended = contract.ended.unwrap_or(on);
                    let message = format!("writing producer {code} was released on {ended}, before {on}");
                    Refusal::of(RefusalCode::Released, "writing", message)
                })?;
                continue;
            }
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
            Refusal::of(RefusalCode::NoGrid, "product", message)
        };
        let id = self.reference.grid_in_force(carrier, product, on).ok_or_else(none)?;
        let row = self.reference.grids().get(id).ok_or_else(none)?;
        for place in sides.iter().flatten() {
            refuse_if(row.grid.bands(&place.level).is_none(), || {
                let who = self.reference.producers().name(place.producer).map_or("", Code::as_str);
                let level = &place.level;
                let message =
                    format!("the grid of product {product} in force on {on} lacks level {level} of {who}");
                Refusal::of(RefusalCode::NoGrid, "product", message)
            })?;
        }
        Ok(id)
    }

    pub(super) fn admit_restatement(
        &self,
        on: Day,
        restated: &PolicyRestated<ByCode>,
    ) -> Result<Body<ById>, Refusal> {
        let id = self.policy_id(&restated.policy)?;
        let chain = match &restated.chain {
            Some(sides) => Some(sides.iter().map(|side| self.links(side)).collect::<Result<Vec<_>, _>>()?),
            None => None,
        };
        let (_, policy) = self.policy_on(&restated.policy, on)?;
        if let Some(chain) = &chain {
            refuse_if(chain.len() != policy.writing.len(), || {
                let (given, written) = (chain.len(), policy.writing.len());
                let message =
                    format!("the chain has {given} sides, but policy {} has {written}", restated.policy);
                Refusal::of(RefusalCode::Malformed, "chain", message)
            })?;
        }
        let mut sides = Vec::with_capacity(policy.writing.len());
        match &chain {
            Some(chain) => {
                for side in chain {
                    sides.push(self.restated_side(policy, side)?);
                }
            }
            None => {
                for (producer, _) in &policy.writing {
                    let code = self.reference.producers().name(*producer);
                    let unknown =
                        || Refusal::of(RefusalCode::UnknownProducer, "chain", "a producer was never added");
                    sides.push(self.frozen_side(
                        policy.issue,
                        policy.carrier,
                        *producer,
                        code.ok_or_else(unknown)?,
                    )?);
                }
            }
        }
        let grid = self.grid_for(policy.issue, policy.carrier, &policy.product, &sides)?;
        let (correction, frozen) = (restated.correction.clone(), FrozenChain { grid, sides });
        Ok(Body::PolicyRestated(Box::new(PolicyRestated { policy: id, correction, chain, frozen })))
    }

    fn links(&self, side: &[ChainLink<ByCode>]) -> Result<Vec<ChainLink<ById>>, Refusal> {
        let link = |link: &ChainLink<ByCode>| {
            Ok(ChainLink { producer: self.producer("chain", &link.producer)?, level: link.level.clone() })
        };
        side.iter().map(link).collect()
    }

    /// The places of a corrected side: levels as given, advance terms as the contracts stand now for the
    /// issue date.
    fn restated_side(&self, policy: &Policy, side: &[ChainLink<ById>]) -> Result<Vec<FrozenPlace>, Refusal> {
        let at = AsOf { effective: policy.issue, known: Position::MAX };
        let mut places = Vec::with_capacity(side.len());
        for ChainLink { producer, level } in side {
            let name = self.reference.producers().name(*producer).map_or("", Code::as_str);
            refuse_if(!self.reference.has_level(policy.carrier, level), || {
                let message = format!("no grid of the policy's carrier names level {level} of {name}");
                Refusal::of(RefusalCode::UnknownLevel, "chain", message)
            })?;
            let contract = self.reference.contracts().at(*producer, policy.carrier, at).ok_or_else(|| {
                let message = format!("producer {name} had no contract with the carrier on {}", policy.issue);
                Refusal::of(RefusalCode::NoContract, "chain", message)
            })?;
            places.push(FrozenPlace { producer: *producer, level: level.clone(), advance: contract.advance });
        }
        Ok(places)
    }
}

fn admit_shares(writing: &[Writing<ByCode>]) -> Result<(), Refusal> {
    let mut sum = Some(Rate::ZERO);
    for side in writing {
        refuse_if(side.share == Rate::ZERO, || {
            let message = format!("the share of {} must be above 0", side.producer);
            Refusal::of(RefusalCode::Shares, "writing", message)
        })?;
        sum = sum.and_then(|sum| sum.checked_add(side.share));
    }
    refuse_if(sum != Some(Rate::ONE), || {
        let sum = sum.map_or_else(|| "more than 10".to_owned(), |sum| sum.to_string());
        Refusal::of(
            RefusalCode::Shares,
            "writing",
            format!("the writing shares sum to {sum}, but must sum to exactly 1"),
        )
    })
}

/// No more may be reversed in all than is known to have been paid in all, whatever the dates.
pub(super) fn admit_reversal(
    name: &PolicyName,
    row: &History,
    amount: Cents,
    months: u64,
) -> Result<(), Refusal> {
    let reversed = row.reversed.amount.checked_add(amount);
    refuse_if(reversed.is_none_or(|sum| sum > row.paid.amount), || {
        let (paid, gone) = (row.paid.amount, row.reversed.amount);
        let message = format!(
            "policy {name} was paid {paid} in all, of which {gone} is reversed; {amount} more is too much"
        );
        Refusal::of(RefusalCode::OverReversed, "amount", message)
    })?;
    refuse_if(row.reversed.months + months > row.paid.months, || {
        let (paid, gone) = (row.paid.months, row.reversed.months);
        let message = format!(
            "policy {name} was paid for {paid} months in all, of which {gone} are reversed; {months} more is too much"
        );
        Refusal::of(RefusalCode::OverReversed, "months", message)
    })
}
