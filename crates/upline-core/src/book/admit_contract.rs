//! Admission of contracts, their changes and their releases (rules §§3, 8).

use super::Book;
use super::admit::refuse_if;
use crate::as_of::AsOf;
use crate::fact::Body;
use crate::names::{ByCode, ById};
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Day;

impl Book {
    pub(super) fn admit_contract(&self, on: Day, body: &Body<ByCode>) -> Result<Body<ById>, Refusal> {
        let (producer, carrier, level, upline) = match body {
            Body::ProducerContracted { producer, carrier, level, upline, .. } => {
                (producer, carrier, Some(level), Some(upline.as_ref()))
            }
            Body::ContractChanged { producer, carrier, level, upline, .. } => {
                (producer, carrier, level.as_ref(), upline.as_ref().map(Option::as_ref))
            }
            _ => return Err(Refusal::whole(RefusalCode::Malformed, "this is no contract")),
        };
        let (who, with) = (self.producer("producer", producer)?, self.carrier("carrier", carrier)?);
        if let Some(level) = level {
            refuse_if(!self.reference.has_level(with, level), || {
                let message = format!("no grid of carrier {carrier} names level {level}");
                Refusal::of(RefusalCode::UnknownLevel, "level", message)
            })?;
        }
        let above = upline
            .map(|u| u.map(|u| self.producer("upline", u).map(|id| (id, u))).transpose())
            .transpose()?;
        let at = AsOf::day(on);
        let standing = self.reference.contracts().at(who, with, at);
        let ended = standing.as_ref().and_then(|contract| contract.ended);
        let begins = matches!(body, Body::ProducerContracted { .. });
        if begins {
            refuse_if(
                (standing.is_some() && ended.is_none())
                    || self.reference.contracts().begins_after(who, with, on),
                || {
                    let message =
                        format!("producer {producer} has a contract with carrier {carrier} already");
                    Refusal::of(RefusalCode::Duplicate, "producer", message)
                },
            )?;
        } else {
            refuse_if(standing.is_none(), || {
                let message = format!("producer {producer} has no contract with carrier {carrier} on {on}");
                Refusal::of(RefusalCode::NoContract, "producer", message)
            })?;
            refuse_if(standing.is_some_and(|contract| contract.is_released(on)), || {
                let message = format!("producer {producer} was released from carrier {carrier} before {on}");
                Refusal::of(RefusalCode::Released, "producer", message)
            })?;
        }
        if let Some(Some((upline, code))) = above {
            let contract = self.reference.contracts().at(upline, with, at);
            refuse_if(contract.is_none(), || {
                let message = format!("upline {code} has no contract with carrier {carrier} on {on}");
                Refusal::of(RefusalCode::NoContract, "upline", message)
            })?;
            refuse_if(contract.is_some_and(|contract| contract.is_released(on)), || {
                let message = format!("upline {code} was released from carrier {carrier} before {on}");
                Refusal::of(RefusalCode::Released, "upline", message)
            })?;
            refuse_if(self.reference.contracts().closes_loop(who, upline, with, on), || {
                let message = format!("with {code} as upline, producer {producer} would stand above itself");
                Refusal::of(RefusalCode::Cycle, "upline", message)
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
            _ => return Err(Refusal::whole(RefusalCode::Malformed, "this is no contract")),
        })
    }

    pub(super) fn admit_release(&self, on: Day, body: &Body<ByCode>) -> Result<Body<ById>, Refusal> {
        let Body::AgentReleased { producer, carrier, vesting, debt, reason } = body else {
            return Err(Refusal::whole(RefusalCode::Malformed, "this is no release"));
        };
        let who = self.producer("producer", producer)?;
        let with = carrier.as_ref().map(|code| self.carrier("carrier", code)).transpose()?;
        let at = AsOf::day(on);
        let none =
            |why, what: String| Err(Refusal::of(why, "carrier", format!("producer {producer} {what}")));
        match (with, carrier) {
            (Some(with), Some(code)) => match self.reference.contracts().at(who, with, at) {
                None => {
                    return none(
                        RefusalCode::NoContract,
                        format!("has no contract with carrier {code} on {on}"),
                    );
                }
                Some(contract) if contract.is_released(on) => {
                    return none(
                        RefusalCode::Released,
                        format!("was released from carrier {code} before {on}"),
                    );
                }
                Some(_) => {}
            },
            _ => {
                if !self.reference.contracts().stands_anywhere(who, at) {
                    return none(
                        RefusalCode::NoContract,
                        format!("has no contract with any carrier on {on}"),
                    );
                }
            }
        }
        let (vesting, debt, reason) = (*vesting, *debt, reason.clone());
        Ok(Body::AgentReleased { producer: who, carrier: with, vesting, debt, reason })
    }
}
