//! Admission of who is paid by whom, of what came back, and of balances that are brought along (pay.md §14).

use super::Book;
use super::admit::refuse_if;
use crate::fact::{
    AdjustedAccount, AssignmentEnded, CommissionAssigned, OpeningPosted, PaidBy, PayoutReturned, RouteSet,
};
use crate::vocabulary::as_of::AsOf;
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ById, CarrierId, ProducerId};
use crate::vocabulary::refusal::{Refusal, RefusalCode};
use crate::vocabulary::time::Day;

impl Book {
    /// Who is paid by a carrier has a contract with it, and no payout after that day leaves open of what it was taken.
    pub(super) fn judge_route(&self, on: Day, route: &RouteSet<ById>) -> Result<(), Refusal> {
        if route.paid_by == PaidBy::House {
            return Ok(());
        }
        if let Some(producer) = route.producer {
            refuse_if(!self.is_contracted(producer, route.carrier, on), || {
                let who = self.producer_text(producer);
                let whom = route.carrier.map_or("any carrier".to_owned(), |carrier| {
                    format!("carrier {}", self.carrier_text(carrier))
                });
                let message = format!("producer {who} has no contract with {whom} on {on}");
                Refusal::of(RefusalCode::NoContract, "producer", message)
            })?;
        }
        let whose = |who: &ProducerId| route.producer.is_none_or(|producer| producer == *who);
        let last = self.paid_whole.iter().filter(|(who, last)| whose(who) && **last >= on);
        last.map(|(who, last)| (*last, *who)).max().map_or(Ok(()), |(last, who)| {
            let who = self.producer_text(who);
            let message = format!(
                "producer {who} was paid on {last} by a payout without parts, which does not say what it paid: a \
                 route by which the carrier pays begins after that day"
            );
            Err(Refusal::of(RefusalCode::Dates, "on", message))
        })
    }

    fn is_contracted(&self, producer: ProducerId, carrier: Option<CarrierId>, on: Day) -> bool {
        let (contracts, at) = (self.reference.contracts(), AsOf::day(on));
        match carrier {
            Some(carrier) => {
                contracts.at(producer, carrier, at).is_some_and(|contract| !contract.is_released(on))
            }
            None => contracts.stands_anywhere(producer, at),
        }
    }

    /// Whether any carrier pays a producer itself on a day.
    pub(super) fn paid_by_a_carrier(&self, producer: ProducerId, on: Day) -> Option<CarrierId> {
        let mut carriers = self.reference.carriers().iter().map(|(carrier, _)| carrier);
        let routes = self.reference.routes();
        carriers.find(|carrier| routes.paid_by(producer, *carrier, on) == PaidBy::Carrier)
    }

    pub(super) fn judge_assignment(&self, assigned: &CommissionAssigned<ById>) -> Result<(), Refusal> {
        refuse_if(assigned.producer == assigned.to, || {
            let who = self.producer_text(assigned.producer);
            let message = format!("producer {who} cannot assign a part of its commissions to itself");
            Refusal::of(RefusalCode::Malformed, "to", message)
        })
    }

    /// What ends must stand.
    pub(super) fn judge_end_of_assignment(
        &self,
        on: Day,
        ended: &AssignmentEnded<ById>,
    ) -> Result<(), Refusal> {
        let standing = self.reference.assignments().at(ended.producer, ended.carrier, AsOf::day(on));
        refuse_if(standing.is_none(), || {
            let (who, whom) = (self.producer_text(ended.producer), self.carrier_text(ended.carrier));
            let message = format!("producer {who} assigns nothing of carrier {whom}'s commissions on {on}");
            Refusal::of(RefusalCode::NoContract, "producer", message)
        })
    }

    /// A carrier stands with a payable or a debt, a policy with a debt.
    pub(super) fn judge_opening(&self, on: Day, opening: &OpeningPosted<ById>) -> Result<(), Refusal> {
        let account = opening.account;
        let of_carrier = matches!(account, AdjustedAccount::Payable | AdjustedAccount::Debt);
        refuse_if(opening.carrier.is_some() && !of_carrier, || {
            let message = format!("{} is of no carrier", account.as_str());
            Refusal::of(RefusalCode::Malformed, "carrier", message)
        })?;
        refuse_if(opening.policy.is_some() && account != AdjustedAccount::Debt, || {
            let message = format!("{} is of no policy", account.as_str());
            Refusal::of(RefusalCode::Malformed, "policy", message)
        })?;
        opening.policy.map_or(Ok(()), |policy| self.policy_on(policy, on).map(drop))
    }

    /// No more comes back of a payout than was paid in cash, and not before it was.
    pub(super) fn judge_return(&self, on: Day, returned: &PayoutReturned<ById>) -> Result<(), Refusal> {
        let Some(made) = self.payouts.made(returned.payout.position) else {
            return Err(unknown_payout(&returned.payout.id));
        };
        refuse_if(on < made.on, || {
            let message = format!("{on} is before the payout was made, on {}", made.on);
            Refusal::of(RefusalCode::Dates, "on", message)
        })?;
        let amount = returned.amount.unwrap_or(made.out);
        refuse_if(!amount.is_positive() || amount > made.out, || {
            let out = made.out;
            let message = if out == Cents::ZERO {
                "nothing of the cash of this payout is left that could come back".to_owned()
            } else {
                format!("{amount} is more than the {out} of this payout that have not come back yet")
            };
            Refusal::of(RefusalCode::Amount, "amount", message)
        })
    }
}

pub(super) fn unknown_payout(id: &uuid::Uuid) -> Refusal {
    Refusal::of(RefusalCode::UnknownPayout, "payout", format!("payout {id} was never made"))
}
