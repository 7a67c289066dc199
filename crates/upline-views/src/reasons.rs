//! Why an entry was made, in a sentence for a clerk who must explain it (rules §§3–10).

use hashbrown::HashMap;
use upline_core::chain::Part;
use upline_core::event::{Event, Position};
use upline_core::fact::{
    AgentReleased, Body, ChargebackRecorded, PolicyStopped, PremiumPaid, PremiumReversed, RepaymentReceived,
};
use upline_core::grid::StopReason;
use upline_core::money::Total;
use upline_core::names::PolicyId;
use upline_core::posting::{Party, Posting, PostingKind};
use upline_core::rate::Rate;
use upline_core::reference_data::ReferenceData;
use upline_core::time::Day;

/// What a payee has on a policy so far, in the order of the log.
#[derive(Clone, Debug, Default)]
struct SoFar {
    advanced: Total,
    /// What moved the unearned advance, and as of which day.
    unearned: Vec<(Day, Total)>,
}

/// Remembers of the events what the sentences need.
#[derive(Debug, Default)]
pub(crate) struct Reasons {
    /// The effective dates of the premiums known so far.
    premiums: HashMap<PolicyId, Vec<Day>>,
    /// Reason and date of the stops.
    stops: HashMap<Position, (StopReason, Day)>,
    payees: HashMap<(PolicyId, u16), SoFar>,
}

impl Reasons {
    /// Takes in an event of a policy, before its postings.
    pub fn event(&mut self, position: Position, event: &Event, policy: PolicyId) {
        match &event.body {
            Body::PremiumPaid(_) => self.premiums.entry(policy).or_default().push(event.on),
            Body::PolicyStopped(PolicyStopped { reason, .. }) => {
                self.stops.insert(position, (*reason, event.on));
            }
            _ => {}
        }
    }

    /// Takes in a posting, before anything is said about it. A payee's must be taken in from its first on.
    pub fn posting(&mut self, posting: &Posting) {
        let (Party::Payee(number), Some(policy)) = (posting.party, posting.policy) else { return };
        let so_far = self.payees.entry((policy, number)).or_default();
        match posting.kind {
            PostingKind::Advance => {
                so_far.advanced += posting.amount;
                so_far.unearned.push((posting.due, posting.amount.into()));
            }
            PostingKind::EarnedAgainst | PostingKind::Chargeback => {
                so_far.unearned.push((posting.due, -Total::from(posting.amount)));
            }
            _ => {}
        }
    }

    /// What the event is, in a few words.
    fn occasion(&self, event: &Event, policy: Option<PolicyId>) -> String {
        let on = event.on;
        match &event.body {
            Body::PolicyIssued(_) => "issue".to_owned(),
            Body::PremiumPaid(PremiumPaid { amount, .. }) => {
                let known = policy.and_then(|policy| self.premiums.get(&policy)).into_iter().flatten();
                let n = known.filter(|day| **day <= on).count().max(1);
                format!("{} premium, {amount} of {on}", ordinal(n))
            }
            Body::PremiumReversed(PremiumReversed { amount, reason, .. }) => {
                let reason = reason.map(|reason| format!(" ({})", reason.as_str())).unwrap_or_default();
                format!("reversal{reason} of {amount} on {on}")
            }
            Body::PolicyStopped(PolicyStopped { reason, .. }) => {
                format!("{} on {on}", reason.as_str().replace('_', " "))
            }
            Body::PolicyReinstated(_) => format!("reinstatement on {on}"),
            Body::ChargebackRecorded(ChargebackRecorded { reason, .. }) => {
                format!("chargeback by the carrier on {on}: {reason}")
            }
            Body::ChargebackCovered(decision) => match self.stops.get(&decision.stop) {
                Some((reason, day)) => {
                    format!("coverage of the {} of {day}", reason.as_str().replace('_', " "))
                }
                None => format!("coverage of the carrier's chargeback of {on}"),
            },
            Body::AgentReleased(AgentReleased { vesting, .. }) => {
                format!("release on {on}, vesting {}", vesting.as_str())
            }
            Body::PolicyRestated(restated) => format!("correction {} of {on}", restated.correction),
            Body::DebtMoved(_) => format!("debt rolled up on {on}"),
            Body::AdjustmentPosted(posted) => {
                format!("adjustment {} of {on}, approved by {}", posted.code, posted.approved_by)
            }
            Body::RepaymentReceived(RepaymentReceived { amount, .. }) => {
                format!("repayment of {amount} on {on}")
            }
            Body::PayoutMade(_) => format!("payout of {on}"),
            Body::ExceptionResolved(resolved) => {
                format!("decision of {on} about {} of a statement", resolved.exception)
            }
            Body::StatementVoided(_) => format!("statement voided on {on}"),
            Body::StatementReceived(_) => format!("statement replaced on {on}"),
            Body::CarrierDeposit(deposit) => format!("deposit {} of {on}", deposit.reference),
            Body::OpeningPosted(_) => format!("opening balance of {on}"),
            Body::PayoutReturned(returned) => format!("payout returned ({}) on {on}", returned.code),
            _ => format!("{} on {on}", event.body.type_name().replace('_', " ")),
        }
    }

    /// Why a posting of an event was made.
    pub fn why(&self, reference: &ReferenceData, event: &Event, posting: &Posting) -> String {
        let occasion = self.occasion(event, posting.policy);
        let amount = Total::from(posting.amount);
        let (sign, size) = if amount.0 < 0 { (-1, -amount) } else { (1, amount) };
        let did = |forth: &'static str, back: &'static str| if sign > 0 { forth } else { back };
        let mut what = match posting.kind {
            PostingKind::Advance => did("is paid in advance", "is taken back of the advance").to_owned(),
            PostingKind::EarnedAgainst => {
                did("earned, pays off the advance", "earned is taken back, unearned again").to_owned()
            }
            PostingKind::EarnedBeyond => {
                did("earned beyond the advance, due in cash", "earned is taken back from what is due")
                    .to_owned()
            }
            PostingKind::Chargeback => {
                did("charged back: it was not earned", "of the chargeback is corrected").to_owned()
            }
            PostingKind::CarrierChargeback => "charged back, as the carrier asserts".to_owned(),
            PostingKind::Covered => {
                did("of the chargeback is covered", "of the cover is taken back").to_owned()
            }
            PostingKind::RolledUp => "of debt moves to the upline".to_owned(),
            PostingKind::Recourse => "may the upline claim back for it".to_owned(),
            PostingKind::Repaid => "paid off the debt".to_owned(),
            PostingKind::RepaidBeyond => "was paid beyond the debt and is due again".to_owned(),
            PostingKind::LeadsCharged => "of leads bought on credit".to_owned(),
            PostingKind::LeadsCredited => "of leads credited".to_owned(),
            PostingKind::AdjustedPayable
            | PostingKind::AdjustedDebt
            | PostingKind::AdjustedLeads
            | PostingKind::AdjustedReserve => "adjusted by hand".to_owned(),
            PostingKind::PaidLeads => "of what was due goes against leads".to_owned(),
            PostingKind::PaidDebt => "of what was due goes against the debt".to_owned(),
            PostingKind::Withheld => "of what was due goes into the reserve".to_owned(),
            PostingKind::PaidOut => "paid out".to_owned(),
            PostingKind::OpenedPayable => "was due before this ledger began".to_owned(),
            PostingKind::OpenedDebt => "of debt was brought along".to_owned(),
            PostingKind::OpenedLeads => "owed for leads was brought along".to_owned(),
            PostingKind::OpenedReserve => "of reserve was brought along".to_owned(),
            PostingKind::CoveredDirectly => did(
                "of the chargeback is covered and due: the carrier takes the whole of it",
                "of the cover is taken back",
            )
            .to_owned(),
            PostingKind::PartTaken => {
                did("of what was due is paid", "below what was due is settled").to_owned()
            }
            PostingKind::PartTakenByCarrier => {
                did("of what was due is paid by the carrier", "below what was due is settled by the carrier")
                    .to_owned()
            }
            PostingKind::PaidDebtByCarrier => {
                "of what was due goes against the debt to the carrier".to_owned()
            }
            PostingKind::PaidByCarrier => "paid out by the carrier".to_owned(),
            PostingKind::AcceptedPayable => did(
                "more is paid by the carrier than was computed, and accepted",
                "less is paid by the carrier than was computed, and accepted",
            )
            .to_owned(),
            PostingKind::AcceptedDebt => did(
                "more is charged back by the carrier than was computed, and accepted",
                "less is charged back by the carrier than was computed, and accepted",
            )
            .to_owned(),
            PostingKind::WrittenOff => "is not claimed from the carrier, and written off".to_owned(),
            PostingKind::Deposited => "came in from the carrier".to_owned(),
            PostingKind::Returned => "came back from the bank and is due again".to_owned(),
        };
        if let (Party::Payee(number), Some(policy)) = (posting.party, posting.policy) {
            if matches!(posting.kind, PostingKind::EarnedAgainst | PostingKind::EarnedBeyond) {
                what.push_str(&level(reference, policy, number));
            }
            what.push_str(&self.unearned_after(policy, number, posting));
        }
        let mut why = format!("{occasion}: {size} {what}");
        if posting.due != event.on {
            why.push_str(&format!("; as of {}, which this corrects", posting.due));
        }
        if posting.dated != posting.due {
            why.push_str(&format!("; dated {} because the period is closed", posting.dated));
        }
        why
    }

    /// Where the advance stands after a posting, as of the posting's day.
    fn unearned_after(&self, policy: PolicyId, number: u16, posting: &Posting) -> String {
        let Some(so_far) = self.payees.get(&(policy, number)) else { return String::new() };
        if so_far.advanced.is_zero() || posting.kind == PostingKind::EarnedBeyond {
            return String::new();
        }
        // A late premium stands before a stop that is known already: what counts is what was due by its day.
        let due = so_far.unearned.iter().filter(|(due, _)| *due <= posting.due);
        let mut unearned = Total::ZERO;
        due.for_each(|(_, amount)| unearned += *amount);
        format!("; {unearned} of {} still unearned", so_far.advanced)
    }
}

/// ` at level 110 (110%)`, with the first year's rate.
fn level(reference: &ReferenceData, policy: PolicyId, number: u16) -> String {
    let at = || {
        let policy = reference.policies().get(policy)?;
        let restated = policy.restatements.iter().rev().map(|r| (&r.terms, &r.numbers));
        for (terms, numbers) in restated.chain([(&policy.terms, &policy.numbers)]) {
            let Some(index) = numbers.iter().position(|known| *known == number) else { continue };
            let seats = terms.sides.iter().flat_map(|s| s.places.seats().iter().map(move |seat| (s, seat)));
            let (side, seat) = seats.into_iter().nth(index)?;
            let (place, rate) =
                (side.places.frozen.get(seat.place)?, side.places.own_first_year.get(seat.place)?);
            let part = match (seat.part, place.assigned) {
                (Part::Kept(keeps), _) => format!(", of which {} is kept", keeps.percent()),
                (Part::Assigned, Some(assigned)) => {
                    format!(", of which {} is assigned", Rate::ONE.above(assigned.keeps).percent())
                }
                _ => String::new(),
            };
            return Some(format!(" at level {} ({} in year 1){part}", place.level, rate.percent()));
        }
        None
    };
    at().unwrap_or_default()
}

/// 1st, 2nd, 3rd, 4th, … 11th, … 21st.
fn ordinal(n: usize) -> String {
    let end = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_read_as_people_say_them() {
        let said: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 112].into_iter().map(ordinal).collect();
        assert_eq!(said, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"]);
    }
}
