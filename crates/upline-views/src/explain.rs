//! Every entry of a policy with a sentence why, for a clerk who must explain a balance (rules §§3–10).

use crate::point::Point;
use crate::scan::Fold;
use hashbrown::HashMap;
use upline_core::event::{Event, Position};
use upline_core::fact::Body;
use upline_core::grid::StopReason;
use upline_core::money::Total;
use upline_core::names::{Code, PolicyId, ProducerId};
use upline_core::posting::{Account, Kind, Party, Posting};
use upline_core::register::Register;
use upline_core::time::Day;

/// An entry and why it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The event that made it.
    pub position: Position,
    /// The fact that caused the event, for one of the ledger's own.
    pub cause: Option<Position>,
    /// The day on which it counts.
    pub dated: Day,
    /// Whose account it is, where it is a producer's.
    pub producer: Option<Code>,
    /// The account.
    pub account: String,
    /// How much; debit is positive.
    pub amount: Total,
    /// Why.
    pub why: String,
}

/// What a payee has on the policy so far, in the order of the log.
#[derive(Clone, Debug, Default)]
struct SoFar {
    advanced: Total,
    /// What moved the unearned advance, and as of which day.
    unearned: Vec<(Day, Total)>,
}

/// Collects the entries of one policy.
#[derive(Debug)]
pub struct Explained {
    at: Point,
    policy: PolicyId,
    /// The effective dates of the premiums known so far.
    premiums: Vec<Day>,
    payees: HashMap<u16, SoFar>,
    /// Reason and date of the stops, by position.
    stops: HashMap<Position, (StopReason, Day)>,
    rows: Vec<Row>,
}

impl Explained {
    /// The entries of a policy that count at a point.
    pub fn new(at: Point, policy: PolicyId) -> Explained {
        let (premiums, payees, stops) = (Vec::new(), HashMap::new(), HashMap::new());
        Explained { at, policy, premiums, payees, stops, rows: Vec::new() }
    }

    /// The rows, in the order of the log.
    pub fn rows(self) -> Vec<Row> {
        self.rows
    }

    /// What the event is, in a few words.
    fn occasion(&self, event: &Event) -> String {
        let on = event.on;
        match &event.body {
            Body::PolicyIssued(_) => "issue".to_owned(),
            Body::PremiumPaid { amount, .. } => {
                let n = self.premiums.iter().filter(|day| **day <= on).count().max(1);
                format!("{} premium, {amount} of {on}", ordinal(n))
            }
            Body::PremiumReversed { amount, reason, .. } => {
                let reason = reason.map(|reason| format!(" ({})", reason.as_str())).unwrap_or_default();
                format!("reversal{reason} of {amount} on {on}")
            }
            Body::PolicyStopped { reason, .. } => format!("{} on {on}", reason.as_str().replace('_', " ")),
            Body::PolicyReinstated { .. } => format!("reinstatement on {on}"),
            Body::ChargebackRecorded { reason, .. } => format!("chargeback by the carrier on {on}: {reason}"),
            Body::ChargebackCovered(decision) => match self.stops.get(&decision.stop) {
                Some((reason, day)) => {
                    format!("coverage of the {} of {day}", reason.as_str().replace('_', " "))
                }
                None => format!("coverage of the carrier's chargeback of {on}"),
            },
            Body::AgentReleased { vesting, .. } => format!("release on {on}, vesting {}", vesting.as_str()),
            Body::PolicyRestated(restated) => format!("correction {} of {on}", restated.correction),
            Body::DebtMoved { .. } => format!("debt rolled up on {on}"),
            Body::RepaymentReceived { amount, .. } => format!("repayment of {amount} on {on}"),
            Body::PayoutMade(_) => format!("payout of {on}"),
            _ => format!("{} on {on}", event.body.type_name().replace('_', " ")),
        }
    }

    fn why(&mut self, register: &Register, event: &Event, posting: &Posting) -> String {
        let occasion = self.occasion(event);
        let amount = Total::from(posting.amount);
        let (sign, size) = if amount.0 < 0 { (-1, -amount) } else { (1, amount) };
        let did = |forth: &'static str, back: &'static str| if sign > 0 { forth } else { back };
        let mut what = match posting.kind {
            Kind::Advance => did("is paid in advance", "is taken back of the advance").to_owned(),
            Kind::EarnedAgainst => {
                did("earned, pays off the advance", "earned is taken back, unearned again").to_owned()
            }
            Kind::EarnedBeyond => {
                did("earned beyond the advance, due in cash", "earned is taken back from what is due")
                    .to_owned()
            }
            Kind::Chargeback => {
                did("charged back: it was not earned", "of the chargeback is corrected").to_owned()
            }
            Kind::CarrierChargeback => "charged back, as the carrier asserts".to_owned(),
            Kind::Covered => did("of the chargeback is covered", "of the cover is taken back").to_owned(),
            Kind::RolledUp => "of debt moves to the upline".to_owned(),
            Kind::Recourse => "may the upline claim back for it".to_owned(),
            Kind::Repaid => "paid off the debt".to_owned(),
            Kind::RepaidBeyond => "was paid beyond the debt and is due again".to_owned(),
            Kind::LeadsCharged => "of leads bought on credit".to_owned(),
            Kind::LeadsCredited => "of leads credited".to_owned(),
            Kind::AdjustedPayable | Kind::AdjustedDebt | Kind::AdjustedLeads | Kind::AdjustedReserve => {
                "adjusted by hand".to_owned()
            }
            Kind::PaidLeads => "of what was due goes against leads".to_owned(),
            Kind::PaidDebt => "of what was due goes against the debt".to_owned(),
            Kind::Withheld => "of what was due goes into the reserve".to_owned(),
            Kind::PaidOut => "paid out".to_owned(),
        };
        if let Party::Payee(number) = posting.party {
            if matches!(posting.kind, Kind::EarnedAgainst | Kind::EarnedBeyond) {
                what.push_str(&level(register, self.policy, number));
            }
            what.push_str(&self.unearned_after(number, posting));
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
    fn unearned_after(&mut self, number: u16, posting: &Posting) -> String {
        let so_far = self.payees.entry(number).or_default();
        match posting.kind {
            Kind::Advance => {
                so_far.advanced += posting.amount;
                so_far.unearned.push((posting.due, posting.amount.into()));
            }
            Kind::EarnedAgainst | Kind::Chargeback => {
                so_far.unearned.push((posting.due, -Total::from(posting.amount)));
            }
            _ => {}
        }
        if so_far.advanced.is_zero() || posting.kind == Kind::EarnedBeyond {
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
fn level(register: &Register, policy: PolicyId, number: u16) -> String {
    let at = || {
        let policy = register.policies().get(policy)?;
        let restated = policy.restatements.iter().rev().map(|r| (&r.terms, &r.numbers));
        for (terms, numbers) in restated.chain([(&policy.terms, &policy.numbers)]) {
            let Some(index) = numbers.iter().position(|known| *known == number) else { continue };
            let places =
                terms.sides.iter().flat_map(|s| s.places.frozen.iter().zip(&s.places.own_first_year));
            let (place, rate) = places.into_iter().nth(index)?;
            return Some(format!(" at level {} ({} in year 1)", place.level, rate.percent()));
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

fn owner(account: Account) -> Option<ProducerId> {
    match account {
        Account::Payable(producer, _)
        | Account::Unearned(producer, ..)
        | Account::Debt(producer, ..)
        | Account::Leads(producer)
        | Account::Reserve(producer)
        | Account::Coverage(producer)
        | Account::Recourse(producer) => Some(producer),
        Account::Carrier(_) | Account::Cash | Account::Adjustment => None,
    }
}

impl Fold for Explained {
    fn absorb(
        &mut self,
        register: &Register,
        position: Position,
        event: &Event,
        policy: Option<PolicyId>,
        postings: &[Posting],
    ) {
        if policy == Some(self.policy) {
            match &event.body {
                Body::PremiumPaid { .. } => self.premiums.push(event.on),
                Body::PolicyStopped { reason, .. } => {
                    self.stops.insert(position, (*reason, event.on));
                }
                _ => {}
            }
        }
        let wanted = Some(self.policy);
        for posting in postings.iter().filter(|posting| posting.policy == wanted) {
            let why = self.why(register, event, posting);
            let Some((debit, credit)) = register.accounts(posting).filter(|_| self.at.counts(posting)) else {
                continue;
            };
            for (account, amount) in [(debit, posting.amount.into()), (credit, -Total::from(posting.amount))]
            {
                self.rows.push(Row {
                    position,
                    cause: event.cause(),
                    dated: posting.dated,
                    producer: owner(account).and_then(|id| register.producers().name(id)).cloned(),
                    account: register.account_name(account).unwrap_or_default(),
                    amount,
                    why: why.clone(),
                });
            }
        }
    }
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
