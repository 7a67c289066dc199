//! Admission of policies: the chain that an issue freezes or a restatement puts in its place (rules §§3, 8),
//! and what may be reversed.

use super::admit::{never_issued, refuse_if};
use super::{Book, CHAIN_PLACES_MAX, POLICY_PREMIUM_MAX};
use crate::fact::{
    ChainLink, PolicyIssued, PolicyRestated, PremiumPaid, PremiumReversed, RestatedChain, Writing,
};
use crate::terms::reference_data::Policy;
use crate::vocabulary::as_of::AsOf;
use crate::vocabulary::names::{ById, CarrierId, Code, FrozenChain, FrozenPlace, GridId, ProducerId};
use crate::vocabulary::rate::Rate;
use crate::vocabulary::refusal::{Refusal, RefusalCode};
use crate::vocabulary::time::Day;

impl Book {
    /// An issue is the first of its number, its shares are whole, and its chain can be frozen; which it is.
    pub(super) fn judge_issue(&self, on: Day, issued: &mut PolicyIssued<ById>) -> Result<(), Refusal> {
        refuse_if(self.reference.policy_id(issued.carrier, &issued.number).is_some(), || {
            let message =
                format!("policy {}/{} was issued already", self.carrier_text(issued.carrier), issued.number);
            Refusal::of(RefusalCode::Duplicate, "policy", message)
        })?;
        self.judge_shares(&issued.writing)?;
        let mut sides = Vec::with_capacity(issued.writing.len());
        for side in &issued.writing {
            sides.push(self.frozen_side(on, issued.carrier, side.producer)?);
        }
        let grid = self.grid_for(on, issued.carrier, &issued.product, &sides)?;
        issued.frozen = FrozenChain { grid, sides };
        Ok(())
    }

    /// The contracts from the writing producer up to the top, as they stand on the issue date (rules §3).
    fn frozen_side(
        &self,
        on: Day,
        carrier: CarrierId,
        writing: ProducerId,
    ) -> Result<Vec<FrozenPlace>, Refusal> {
        let at = AsOf::day(on);
        let code = || self.producer_text(writing);
        let mut places = Vec::new();
        let mut next = Some(writing);
        while let Some(producer) = next {
            let Some(contract) = self.reference.contracts().at(producer, carrier, at) else {
                let (with, name) = (self.carrier_text(carrier), self.producer_text(producer));
                let role = if places.is_empty() { "writing producer" } else { "upline" };
                let message = format!("{role} {name} has no contract with carrier {with} on {on}");
                return Err(Refusal::of(RefusalCode::NoContract, "writing", message));
            };
            refuse_if(places.len() >= CHAIN_PLACES_MAX, || {
                let message = format!("the chain above {} has more than {CHAIN_PLACES_MAX} places", code());
                Refusal::of(RefusalCode::NoContract, "writing", message)
            })?;
            next = contract.upline;
            // A released upline is no payee; a released producer writes nothing.
            if contract.is_released(on) {
                refuse_if(places.is_empty(), || {
                    let (code, ended) = (code(), contract.ended.unwrap_or(on));
                    let message = format!("writing producer {code} was released on {ended}, before {on}");
                    Refusal::of(RefusalCode::Released, "writing", message)
                })?;
                continue;
            }
            let assigned = self.reference.assignments().at(producer, carrier, at);
            places.push(FrozenPlace { producer, level: contract.level, advance: contract.advance, assigned });
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
                let (who, level) = (self.producer_text(place.producer), &place.level);
                let message =
                    format!("the grid of product {product} in force on {on} lacks level {level} of {who}");
                Refusal::of(RefusalCode::NoGrid, "product", message)
            })?;
        }
        Ok(id)
    }

    /// A restatement gives every writing side a chain that can be frozen; which it is. What it leaves out stays as it
    /// was last corrected (pay.md §11).
    pub(super) fn judge_restatement(
        &self,
        on: Day,
        restated: &mut PolicyRestated<ById>,
    ) -> Result<(), Refusal> {
        let policy = self.reference.policies().get(restated.policy).ok_or_else(never_issued)?;
        let stands = policy.latest();
        let corrected = restated.issue.as_deref();
        let product = corrected.and_then(|issue| issue.product.as_ref()).unwrap_or(stands.product);
        refuse_if(!self.reference.has_product(policy.carrier, product), || {
            let carrier = self.carrier_text(policy.carrier);
            let message = format!("carrier {carrier} has no grid for product {product}");
            Refusal::of(RefusalCode::UnknownProduct, "issue", message)
        })?;
        let issue = corrected.and_then(|issue| issue.on).unwrap_or(stands.terms.issue);
        let earliest = issue.min(stands.terms.issue);
        refuse_if(on < earliest, || {
            let name = self.policy_text(restated.policy);
            let message = format!("{on} is before policy {name} was issued, on {earliest}");
            Refusal::of(RefusalCode::Dates, "on", message)
        })?;
        if let Some(number) = corrected.and_then(|issue| issue.number.as_ref()) {
            let other = self.reference.policy_id(policy.carrier, number).filter(|id| *id != restated.policy);
            refuse_if(other.is_some(), || {
                let carrier = self.carrier_text(policy.carrier);
                let message = format!("another policy of carrier {carrier} has or had the number {number}");
                Refusal::of(RefusalCode::Duplicate, "issue", message)
            })?;
        }
        let mut sides = Vec::with_capacity(policy.writing.len());
        match &restated.chain {
            RestatedChain::Places(chain) => {
                refuse_if(chain.len() != policy.writing.len(), || {
                    let (given, written) = (chain.len(), policy.writing.len());
                    let name = self.policy_text(restated.policy);
                    let message = format!("the chain has {given} sides, but policy {name} has {written}");
                    Refusal::of(RefusalCode::Malformed, "chain", message)
                })?;
                for side in chain {
                    sides.push(self.restated_side(policy, issue, side)?);
                }
            }
            RestatedChain::Contracts => {
                for (producer, _) in &policy.writing {
                    sides.push(self.frozen_side(issue, policy.carrier, *producer)?);
                }
            }
            RestatedChain::Same => sides.clone_from(&stands.frozen.sides),
        }
        let same_rates =
            restated.chain == RestatedChain::Same && (product, issue) == (stands.product, stands.terms.issue);
        let grid = if same_rates {
            stands.frozen.grid
        } else {
            self.grid_for(issue, policy.carrier, product, &sides)?
        };
        restated.frozen = FrozenChain { grid, sides };
        Ok(())
    }

    /// The places of a corrected side: levels as given, advance terms and assignments as they stand now for the issue
    /// date.
    fn restated_side(
        &self,
        policy: &Policy,
        issue: Day,
        side: &[ChainLink<ById>],
    ) -> Result<Vec<FrozenPlace>, Refusal> {
        let at = AsOf::day(issue);
        let mut places = Vec::with_capacity(side.len());
        for ChainLink { producer, level } in side {
            let name = self.producer_text(*producer);
            refuse_if(!self.reference.has_level(policy.carrier, level), || {
                let message = format!("no grid of the policy's carrier names level {level} of {name}");
                Refusal::of(RefusalCode::UnknownLevel, "chain", message)
            })?;
            let contract = self.reference.contracts().at(*producer, policy.carrier, at).ok_or_else(|| {
                let message = format!("producer {name} had no contract with the carrier on {issue}");
                Refusal::of(RefusalCode::NoContract, "chain", message)
            })?;
            let assigned = self.reference.assignments().at(*producer, policy.carrier, at);
            let (level, advance) = (level.clone(), contract.advance);
            places.push(FrozenPlace { producer: *producer, level, advance, assigned });
        }
        Ok(places)
    }

    fn judge_shares(&self, writing: &[Writing<ById>]) -> Result<(), Refusal> {
        let mut sum = Some(Rate::ZERO);
        for side in writing {
            refuse_if(side.share == Rate::ZERO, || {
                let message = format!("the share of {} must be above 0", self.producer_text(side.producer));
                Refusal::of(RefusalCode::Shares, "writing", message)
            })?;
            sum = sum.and_then(|sum| sum.checked_add(side.share));
        }
        refuse_if(sum != Some(Rate::ONE), || {
            let sum = sum.map_or_else(|| "more than 10".to_owned(), |sum| sum.to_string());
            let message = format!("the writing shares sum to {sum}, but must sum to exactly 1");
            Refusal::of(RefusalCode::Shares, "writing", message)
        })
    }

    /// A premium keeps what a policy was paid in all within [`POLICY_PREMIUM_MAX`].
    pub(super) fn judge_premium(&self, on: Day, paid: &PremiumPaid<ById>) -> Result<(), Refusal> {
        self.policy_on(paid.policy, on)?;
        let (amount, history) = (paid.amount, self.histories.get(paid.policy).ok_or_else(never_issued)?);
        let sum = history.paid.amount.checked_add(amount);
        refuse_if(sum.is_none_or(|sum| sum > POLICY_PREMIUM_MAX), || {
            let policy = self.policy_text(paid.policy);
            let message =
                format!("with {amount} more, policy {policy} would be paid over {POLICY_PREMIUM_MAX} in all");
            Refusal::of(RefusalCode::Amount, "amount", message)
        })
    }

    /// No more may be reversed in all than is known to have been paid in all, whatever the dates.
    pub(super) fn judge_reversal(&self, on: Day, fact: &PremiumReversed<ById>) -> Result<(), Refusal> {
        let policy = self.policy_on(fact.policy, on)?;
        let row = self.histories.get(fact.policy).ok_or_else(never_issued)?;
        let (amount, months) =
            (fact.amount, u64::from(fact.months.unwrap_or(policy.latest().terms.months_by_mode)));
        let name = || self.policy_text(fact.policy);
        let reversed = row.reversed.amount.checked_add(amount);
        refuse_if(reversed.is_none_or(|sum| sum > row.paid.amount), || {
            let (name, paid, gone) = (name(), row.paid.amount, row.reversed.amount);
            let message = format!(
                "policy {name} was paid {paid} in all, of which {gone} is reversed; {amount} more is too much"
            );
            Refusal::of(RefusalCode::OverReversed, "amount", message)
        })?;
        refuse_if(row.reversed.months + months > row.paid.months, || {
            let (name, paid, gone) = (name(), row.paid.months, row.reversed.months);
            let message = format!(
                "policy {name} was paid for {paid} months in all, of which {gone} are reversed; {months} more is too much"
            );
            Refusal::of(RefusalCode::OverReversed, "months", message)
        })
    }
}
