//! §§9, 10: entries. Folded at once where no period was closed; by differences otherwise.

use super::chains::versions;
use super::debts::{credits, debts, debts_to, paid};
use super::figures::movements;
use super::routes::Source;
use super::sheet::{Entry, Line, Sheet, difference};
use super::{Issue, Log};
use crate::fact::{
    AdjustedAccount, Body, ChargebackRecorded, DebtMoved, LeadCharged, LeadCredited, PaidBy, PayoutPart,
    PolicyReinstated, PolicyStopped, PremiumPaid, PremiumReversed, RepaymentReceived,
};
use crate::recorded::event::{Event, Position};
use crate::recorded::posting::Account;
use crate::vocabulary::names::{ById, Id, PolicyId, ProducerId};
use crate::vocabulary::time::Day;
use std::collections::{BTreeMap, BTreeSet};

/// What stands in the books, as known at a position. Positions of the entries are not meant to be read where
/// no period was closed.
pub(super) fn entries(events: &[(Position, &Event)], known: Position) -> Vec<Entry> {
    let visible = || events.iter().filter(|(position, _)| *position <= known);
    let log = Log::read(events, known);
    let repaying = repaying(events, known);
    let paying = paying(&repaying, &log);
    if visible().any(|(_, event)| matches!(event.body, Body::PeriodClosed)) {
        let at_once = |log: &Log, id| paying.contains(&id) && ever_stopped(log, id);
        return differences(events, known, |_| true, at_once);
    }
    let mut entries = Vec::new();
    for (id, issue) in log.issued_by(Day(i32::MAX)) {
        for (dated, sheet) in movements(&log, id, issue) {
            let (position, source) = (issue.position, Source::ByDay);
            let entry = |(line, amount)| Entry { position, line, dated, amount, source };
            entries.extend(sheet.into_iter().map(entry));
        }
    }
    let known_then = if repaying.is_empty() {
        Vec::new()
    } else {
        differences(events, known, |id| paying.contains(&id), ever_stopped)
    };
    let mut owed: BTreeMap<ProducerId, Vec<Entry>> = BTreeMap::new();
    known_then.iter().for_each(|entry| note_owed(&mut owed, *entry));
    for &(position, event) in visible() {
        let owed = payer(event).and_then(|who| owed.get(&who)).map_or(&[][..], Vec::as_slice);
        let before = owed.partition_point(|entry| entry.position < position);
        for (line, amount) in fixed(&log, (position, event), owed.get(..before).unwrap_or_default()) {
            let source = source(&event.body, amount);
            entries.push(Entry { position, line, dated: event.on, amount, source });
        }
    }
    entries
}

/// The producers who repay, or are paid out: which debts that moves depends on what they owed then, and on the
/// order in which that came to be. A payout that recovers nothing may still bring credits to zero.
fn repaying(events: &[(Position, &Event)], known: Position) -> BTreeSet<ProducerId> {
    let visible = events.iter().filter(|(position, _)| *position <= known);
    visible.filter_map(|(_, event)| payer(event)).collect()
}

/// Whose debts an event moves in the way that was known then.
fn payer(event: &Event) -> Option<ProducerId> {
    match &event.body {
        Body::RepaymentReceived(RepaymentReceived { producer, .. }) => Some(*producer),
        Body::PayoutMade(payout) => Some(payout.producer),
        _ => None,
    }
}

/// Notes an entry of somebody's debt.
fn note_owed(owed: &mut BTreeMap<ProducerId, Vec<Entry>>, entry: Entry) {
    if let Line::Account(Account::Debt(who, ..)) = entry.line {
        owed.entry(who).or_default().push(entry);
    }
}

/// The policies whose debts they may move.
fn paying(repaying: &BTreeSet<ProducerId>, log: &Log) -> BTreeSet<PolicyId> {
    if repaying.is_empty() {
        return BTreeSet::new();
    }
    let stands_in = |id: PolicyId, issue: &Issue| {
        let chains = versions(log, id, issue).into_iter().filter_map(|version| version.chain);
        let mut places = chains.flat_map(|chain| chain.sides).flatten();
        places.any(|place| {
            let to = place.assigned.map(|assigned| assigned.to);
            [Some(place.producer), to].into_iter().flatten().any(|who| repaying.contains(&who))
        })
    };
    log.issued_by(Day(i32::MAX)).filter(|(id, issue)| stands_in(*id, issue)).map(|(id, _)| id).collect()
}

/// Whether a stop of a policy is known. Until then nobody owes anything on it.
fn ever_stopped(log: &Log, policy: PolicyId) -> bool {
    let facts = log.facts.get(&policy).into_iter().flatten();
    facts.into_iter().any(|fact| matches!(fact.body, Body::PolicyStopped(_)))
}

/// Rules §10: "recording a fact posts the difference between the timeline with it and without it, date by
/// date", and §9: what would fall in a closed period is dated the first open day.
pub(super) fn event_by_event(events: &[(Position, &Event)], known: Position) -> Vec<Entry> {
    differences(events, known, |_| true, |_, _| true)
}

/// The same of the wanted policies. Those that must be are followed event by event, as the rules say it. Of
/// the others it is enough to look at each closing and at the end: from one closing to the next the first open
/// day is the same, so what their events post adds up to the difference of their timelines then and now.
fn differences(
    events: &[(Position, &Event)],
    known: Position,
    wanted: impl Fn(PolicyId) -> bool,
    at_once: impl Fn(&Log, PolicyId) -> bool,
) -> Vec<Entry> {
    let mut books = Differences {
        log: Log::default(),
        entries: Vec::new(),
        timelines: BTreeMap::new(),
        owed: BTreeMap::new(),
        first_open_day: Day(i32::MIN),
    };
    let mut later = BTreeSet::new();
    for &(position, event) in events.iter().take_while(|(position, _)| *position <= known) {
        let closes = matches!(event.body, Body::PeriodClosed);
        if closes {
            books.settle(std::mem::take(&mut later), position);
        }
        books.log.add(position, event);
        let owed = payer(event).and_then(|who| books.owed.get(&who)).map_or(&[][..], Vec::as_slice);
        let fixed = fixed(&books.log, (position, event), owed);
        let due = |(line, amount)| (event.on, line, amount, source(&event.body, amount));
        books.post(position, fixed.into_iter().map(due).collect());
        let concerned = concerned(&books.log, &event.body).into_iter().map(|(id, _)| id);
        let concerned = concerned.filter(|id| wanted(*id));
        let (now, then) = concerned.partition::<BTreeSet<_>, _>(|id| at_once(&books.log, *id));
        books.settle(now, position);
        later.extend(then);
        if closes {
            books.first_open_day = books.first_open_day.max(event.on.next());
        }
    }
    books.settle(later, known);
    books.entries
}

/// Books that come to be by differences.
struct Differences<'a> {
    log: Log<'a>,
    entries: Vec<Entry>,
    /// The timelines as they were posted last.
    timelines: BTreeMap<PolicyId, BTreeMap<Day, Sheet>>,
    /// The entries of each producer's debts.
    owed: BTreeMap<ProducerId, Vec<Entry>>,
    first_open_day: Day,
}

impl Differences<'_> {
    /// Posts what the timelines of policies have moved by since they were posted last.
    fn settle(&mut self, policies: BTreeSet<PolicyId>, position: Position) {
        let mut due = Vec::new();
        for id in policies {
            let Some(issue) = self.log.issues.get(id.index()) else { continue };
            let with = movements(&self.log, id, issue);
            let without = self.timelines.remove(&id).unwrap_or_default();
            let days: BTreeSet<Day> = with.keys().chain(without.keys()).copied().collect();
            for day in days {
                let of = |timeline: &BTreeMap<Day, Sheet>| timeline.get(&day).cloned().unwrap_or_default();
                let moved = difference(&of(&without), &of(&with));
                due.extend(moved.into_iter().map(|(line, amount)| (day, line, amount, Source::ByDay)));
            }
            self.timelines.insert(id, with);
        }
        self.post(position, due);
    }

    fn post(&mut self, position: Position, due: Vec<(Day, Line, i128, Source)>) {
        let first_open_day = self.first_open_day;
        let entry = |(due, line, amount, source): (Day, Line, i128, Source)| Entry {
            position,
            line,
            dated: due.max(first_open_day),
            amount,
            source,
        };
        for entry in due.into_iter().map(entry) {
            note_owed(&mut self.owed, entry);
            self.entries.push(entry);
        }
    }
}

/// The policies whose timeline an event may move.
pub(super) fn concerned<'l, 'a>(log: &'l Log<'a>, body: &Body<ById>) -> Vec<(PolicyId, &'l Issue<'a>)> {
    let one = |id: &PolicyId| log.issues.get(id.index()).map(|issue| (*id, issue)).into_iter().collect();
    match body {
        Body::AgentReleased(_) => log.issued_by(Day(i32::MAX)).collect(),
        Body::PolicyIssued(_) => one(&PolicyId::at(log.issues.len().saturating_sub(1))),
        Body::PremiumPaid(PremiumPaid { policy, .. })
        | Body::PremiumReversed(PremiumReversed { policy, .. })
        | Body::PolicyStopped(PolicyStopped { policy, .. })
        | Body::PolicyReinstated(PolicyReinstated { policy }) => one(policy),
        Body::PolicyRestated(restated) => one(&restated.policy),
        Body::ChargebackCovered(decision) => one(&decision.policy),
        _ => Vec::new(),
    }
}

/// Of whom what an event moves of a debt is (pay.md §2).
fn source(body: &Body<ById>, amount: i128) -> Source {
    match body {
        Body::AdjustmentPosted(_)
        | Body::ExceptionResolved(_)
        | Body::StatementVoided(_)
        | Body::StatementReceived(_) => Source::House,
        Body::RepaymentReceived(_) => Source::Takes(Some(PaidBy::House)),
        Body::PayoutMade(payout) if payout.paid_by.is_some() => Source::Takes(Some(PaidBy::Carrier)),
        Body::PayoutMade(_) => Source::Takes(Some(PaidBy::House)),
        Body::DebtMoved(_) if amount < 0 => Source::Takes(None),
        _ => Source::ByDay,
    }
}

/// What an event moves that is no timeline: it stays as it was recorded. Debit positive. `owed` are the entries before
/// it of the debts of whom it pays or who pays.
fn fixed(log: &Log, (position, event): (Position, &Event), owed: &[Entry]) -> Sheet {
    let carrier_of = |policy: PolicyId| log.issues.get(policy.index()).map(|issue| issue.body.carrier);
    let debt = |producer, policy| Account::Debt(producer, carrier_of(policy), Some(policy));
    let mut moved = Sheet::new();
    let mut post = |debit: Account, credit: Account, amount: i128| {
        *moved.entry(Line::Account(debit)).or_default() += amount;
        *moved.entry(Line::Account(credit)).or_default() -= amount;
    };
    match &event.body {
        // "The carrier asserts it: debt against carrier, by the amount" (§6).
        Body::ChargebackRecorded(ChargebackRecorded { policy, producer, amount, .. }) => {
            if let Some(carrier) = carrier_of(*policy) {
                post(debt(*producer, *policy), Account::Carrier(carrier), amount.0.into());
            }
        }
        // "Money already covered for a `chargeback_recorded` stays" (§7).
        Body::ChargebackCovered(decision) if decision.side.is_none() => {
            let decided = log.decisions.get(&decision.policy).into_iter().flatten();
            let direct = decided.into_iter().any(|decided| decided.position == position && decided.direct);
            let of = if direct {
                Account::Payable(decision.producer, None)
            } else {
                debt(decision.producer, decision.policy)
            };
            post(Account::Coverage(decision.payer), of, decision.covered.0.into());
        }
        Body::DebtMoved(DebtMoved { policy, from, to, amount }) => {
            post(debt(*to, *policy), debt(*from, *policy), amount.0.into());
            post(Account::Recourse(*from), Account::Recourse(*to), amount.0.into());
        }
        Body::RepaymentReceived(RepaymentReceived { producer, carrier, amount }) => {
            let paid = paid(&debts(owed, *producer, *carrier), event.on, amount.0.into());
            for (account, amount) in &paid {
                post(Account::Cash, *account, *amount);
            }
            let rest = i128::from(amount.0) - paid.values().sum::<i128>();
            post(Account::Cash, Account::Payable(*producer, *carrier), rest);
        }
        // §10, payout: debit payable; credit leads, debt oldest first, reserve, then cash; of a carrier's payout the
        // rest goes to it instead (pay.md §2).
        Body::PayoutMade(payout) => {
            let producer = payout.producer;
            let owed = debts_to((log, position), owed, producer, payout.paid_by, event.on);
            let credits = credits(&owed, event.on);
            let gross = i128::from(payout.debt.0) + credits.values().sum::<i128>();
            let mut left = i128::from(payout.payable.0);
            let against = paid(&owed, event.on, gross).into_iter();
            let mut taken = vec![(Account::Payable(producer, None), left)];
            match (payout.paid_by, &payout.parts) {
                (Some(carrier), _) => taken = vec![(Account::Payable(producer, Some(carrier)), left)],
                (None, Some(parts)) => {
                    let of = |part: &PayoutPart<ById>| {
                        (Account::Payable(producer, part.carrier), i128::from(part.amount.0))
                    };
                    taken = parts.iter().map(of).collect();
                }
                (None, None) => {}
            }
            let mut credited: Vec<(Account, i128)> = against.collect();
            credited.extend(credits.into_iter().map(|(account, credit)| (account, -credit)));
            credited.push((Account::Leads(producer), payout.leads.0.into()));
            credited.push((Account::Reserve(producer), payout.reserve.0.into()));
            left -= credited.iter().map(|(_, amount)| amount).sum::<i128>();
            credited.push((payout.paid_by.map_or(Account::Cash, Account::Carrier), left));
            for (account, amount) in taken {
                *moved.entry(Line::Account(account)).or_default() += amount;
            }
            for (account, amount) in credited {
                *moved.entry(Line::Account(account)).or_default() -= amount;
            }
        }
        // pay.md §8: "debit `cash`, credit `payable:P` (without carrier)".
        Body::PayoutReturned(returned) => {
            let amount = log.returns.get(&position).copied().unwrap_or(0);
            post(Account::Cash, Account::Payable(returned.payout.producer, None), amount);
        }
        Body::CarrierDeposit(deposit) => {
            post(Account::Cash, Account::Carrier(deposit.carrier), deposit.amount.0.into());
        }
        Body::ExceptionResolved(_) | Body::StatementVoided(_) | Body::StatementReceived(_) => {
            moved = log.resolutions.get(&position).cloned().unwrap_or_default();
        }
        // pay.md §11: "against the account `opening`, in the natural sign of their account".
        Body::OpeningPosted(opening) => {
            let (producer, carrier, amount) = (opening.producer, opening.carrier, opening.amount.0.into());
            match opening.account {
                AdjustedAccount::Payable => {
                    post(Account::Opening, Account::Payable(producer, carrier), amount);
                }
                AdjustedAccount::Reserve => post(Account::Opening, Account::Reserve(producer), amount),
                AdjustedAccount::Debt => {
                    post(Account::Debt(producer, carrier, opening.policy), Account::Opening, amount);
                }
                AdjustedAccount::Leads => post(Account::Leads(producer), Account::Opening, amount),
            }
        }
        Body::LeadCharged(LeadCharged { producer, amount }) => {
            post(Account::Leads(*producer), Account::Cash, amount.0.into());
        }
        Body::LeadCredited(LeadCredited { producer, amount }) => {
            post(Account::Cash, Account::Leads(*producer), amount.0.into());
        }
        Body::AdjustmentPosted(adjustment) => {
            let (producer, carrier) = (adjustment.producer, adjustment.carrier);
            let account = match adjustment.account {
                AdjustedAccount::Payable => Account::Payable(producer, carrier),
                AdjustedAccount::Debt => Account::Debt(producer, carrier, None),
                AdjustedAccount::Leads => Account::Leads(producer),
                AdjustedAccount::Reserve => Account::Reserve(producer),
            };
            post(Account::Adjustment, account, adjustment.amount.0.into());
        }
        _ => {}
    }
    moved.retain(|_, amount| *amount != 0);
    moved
}
