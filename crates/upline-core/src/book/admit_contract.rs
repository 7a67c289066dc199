//! Admission of contracts, their changes and their releases (rules §§3, 8).

use super::Book;
use super::admit::refuse_if;
use crate::fact::{AgentReleased, ContractChanged, ProducerContracted};
use crate::terms::contract::Contract;
use crate::vocabulary::as_of::AsOf;
use crate::vocabulary::names::{ById, CarrierId, ProducerId};
use crate::vocabulary::refusal::{Refusal, RefusalCode};
use crate::vocabulary::time::Day;

impl Book {
    pub(super) fn judge_contracted(&self, on: Day, fact: &ProducerContracted<ById>) -> Result<(), Refusal> {
        let (producer, carrier) = (fact.producer, fact.carrier);
        let contracts = self.reference.contracts();
        let stands =
            contracts.at(producer, carrier, AsOf::day(on)).is_some_and(|contract| contract.ended.is_none());
        refuse_if(stands || contracts.begins_after(producer, carrier, on), || {
            let (producer, carrier) = (self.producer_text(producer), self.carrier_text(carrier));
            let message = format!("producer {producer} has a contract with carrier {carrier} already");
            Refusal::of(RefusalCode::Duplicate, "producer", message)
        })?;
        fact.upline.map_or(Ok(()), |upline| self.judge_upline(on, producer, upline, carrier))
    }

    pub(super) fn judge_changed(&self, on: Day, fact: &ContractChanged<ById>) -> Result<(), Refusal> {
        let (producer, carrier) = (fact.producer, fact.carrier);
        let stands = self.reference.contracts().at(producer, carrier, AsOf::day(on));
        let who = || format!("producer {}", self.producer_text(producer));
        self.judge_standing(on, stands, carrier, "producer", who)?;
        fact.upline.flatten().map_or(Ok(()), |upline| self.judge_upline(on, producer, upline, carrier))
    }

    /// Who stands above another has a contract with the carrier too, and no loop comes of it on any date.
    fn judge_upline(
        &self,
        on: Day,
        producer: ProducerId,
        upline: ProducerId,
        carrier: CarrierId,
    ) -> Result<(), Refusal> {
        let contracts = self.reference.contracts();
        let code = self.producer_text(upline);
        let contract = contracts.at(upline, carrier, AsOf::day(on));
        self.judge_standing(on, contract, carrier, "upline", || format!("upline {code}"))?;
        refuse_if(contracts.closes_loop(producer, upline, carrier, on), || {
            let producer = self.producer_text(producer);
            let message = format!("with {code} as upline, producer {producer} would be its own upline");
            Refusal::of(RefusalCode::Cycle, "upline", message)
        })
    }

    /// That a contract with a carrier is there, and no release has ended it before a day.
    fn judge_standing(
        &self,
        on: Day,
        contract: Option<Contract>,
        carrier: CarrierId,
        field: &'static str,
        who: impl Fn() -> String,
    ) -> Result<(), Refusal> {
        let carrier = self.carrier_text(carrier);
        let Some(contract) = contract else {
            let message = format!("{} has no contract with carrier {carrier} on {on}", who());
            return Err(Refusal::of(RefusalCode::NoContract, field, message));
        };
        refuse_if(contract.is_released(on), || {
            let message = format!("{} was released from carrier {carrier} before {on}", who());
            Refusal::of(RefusalCode::Released, field, message)
        })
    }

    pub(super) fn judge_release(&self, on: Day, fact: &AgentReleased<ById>) -> Result<(), Refusal> {
        let contracts = self.reference.contracts();
        let who = || format!("producer {}", self.producer_text(fact.producer));
        match fact.carrier {
            Some(carrier) => {
                let contract = contracts.at(fact.producer, carrier, AsOf::day(on));
                self.judge_standing(on, contract, carrier, "carrier", who)
            }
            None => refuse_if(!contracts.stands_anywhere(fact.producer, AsOf::day(on)), || {
                let message = format!("{} has no contract with any carrier on {on}", who());
                Refusal::of(RefusalCode::NoContract, "carrier", message)
            }),
        }
    }
}
