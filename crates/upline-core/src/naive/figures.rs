//! §§4–8, a policy's figures by day: what its payees have and what is covered, by the chain that counts.

use super::chains::{Version, terms, version_on, versions};
use super::exact::{ONE, exact, rounded};
use super::payees::{Payee, Payees};
use super::premiums::Premiums;
use super::sheet::{Column, Line, Sheet, difference};
use super::{Decided, Issue, Log};
use crate::fact::{Body, PolicyStopped};
use crate::recorded::event::Position;
use crate::recorded::posting::Account;
use crate::vocabulary::names::{CarrierId, PolicyId, ProducerId};
use crate::vocabulary::time::Day;
use std::collections::{BTreeMap, BTreeSet};

/// Folds the facts of a policy up to a day, in effective order, and shows the state after each. The premiums
/// go first, then what they, or a stop, mean for each payee.
pub(super) fn fold(
    log: &Log,
    id: PolicyId,
    version: &Version,
    mut payees: Payees,
    as_of: Day,
    mut after: impl FnMut(Day, &Premiums, &Payees),
) {
    let mut premiums = Premiums::default();
    after(version.on, &premiums, &payees);
    for (on, fact) in log.facts_of(id, version.on, as_of) {
        premiums.follow(fact.body, version.mode);
        match fact.body {
            Body::PremiumPaid(_) | Body::PremiumReversed(_) => payees.earn(&premiums, on),
            Body::PolicyReinstated(_) => {
                payees.reinstate();
                payees.earn(&premiums, on);
            }
            Body::PolicyStopped(PolicyStopped { reason, .. }) => {
                payees.stop(fact.position, on, *reason, premiums.months_applied);
            }
            // Books know nothing else of a policy.
            _ => {}
        }
        after(on, &premiums, &payees);
    }
}

/// What moves on a policy on each day, with everything that is known: the figures of the day, by the chain
/// that counts on it, less those of the day before (§8: a restatement "recomputes a policy's whole timeline
/// with a corrected chain and posts the differences, not before the restatement's `on`").
pub(super) fn movements(log: &Log, id: PolicyId, issue: &Issue) -> BTreeMap<Day, Sheet> {
    let restatements = || log.restatements.get(&id).into_iter().flatten();
    let versions = versions(log, id, issue);
    let by_version: Vec<BTreeMap<Day, Sheet>> =
        versions.iter().map(|version| figures(log, id, issue, version)).collect();
    let mut days: BTreeSet<Day> = by_version.iter().flat_map(BTreeMap::keys).copied().collect();
    days.extend(restatements().map(|restated| restated.on));

    let mut found = BTreeMap::new();
    let mut before = Sheet::new();
    for day in days {
        // The n-th restatement's chain stands at n, the frozen one at 0.
        let counts = (1..).zip(restatements()).filter(|(_, r)| r.on <= day).last().map_or(0, |(n, _)| n);
        let figures = by_version.get(counts).and_then(|by_day: &BTreeMap<Day, Sheet>| {
            by_day.range(..=day).next_back().map(|(_, figures)| figures.clone())
        });
        let figures = figures.unwrap_or_default();
        found.insert(day, difference(&before, &figures));
        before = figures;
    }
    found
}

/// The cumulative figures of a version of a policy, at the end of each day on which something happened.
fn figures(log: &Log, id: PolicyId, issue: &Issue, version: &Version) -> BTreeMap<Day, Sheet> {
    let terms = terms(log, id, issue, version);
    let decided = decided(log, id);
    let carrier = issue.body.carrier;
    let mut by_day = BTreeMap::new();
    fold(log, id, version, Payees::issue(&terms), Day(i32::MAX), |day, _, payees| {
        let mut sheet = Sheet::new();
        for payee in payees.states() {
            enter_payee(&mut sheet, id, carrier, &payee);
        }
        for decision in &decided {
            let covered = decision.covered(payees);
            // "Where the carrier pays the producer itself … covered money is credited to `payable:P` instead."
            let to = if decision.direct {
                Account::Payable(decision.producer, None)
            } else {
                Account::Debt(decision.producer, Some(carrier), Some(id))
            };
            *sheet.entry(Line::Account(Account::Coverage(decision.payer))).or_default() += covered;
            *sheet.entry(Line::Account(to)).or_default() -= covered;
        }
        by_day.insert(day, sheet);
    });
    by_day
}

/// The entries of §10 in sum: cash is PC, of which U is not earned yet and C is owed back; the carrier owes
/// what was earned. E + U + C − PC = 0.
fn enter_payee(sheet: &mut Sheet, policy: PolicyId, carrier: CarrierId, payee: &Payee) {
    let producer = payee.producer;
    let mut enter = |line, amount: i128| *sheet.entry(line).or_default() += amount;
    enter(Line::Account(Account::Carrier(carrier)), payee.earned.0);
    enter(Line::Account(Account::Unearned(producer, carrier, policy)), payee.unearned().0);
    enter(Line::Account(Account::Debt(producer, Some(carrier), Some(policy))), payee.charged_back.0);
    enter(Line::Account(Account::Payable(producer, Some(carrier))), -payee.credited.0);
    if payee.place >= 1 || payee.assigned {
        let mut column = |column, amount| {
            enter(Line::Override((producer, payee.writing, carrier), column), amount);
        };
        column(Column::Earned, payee.earned.0);
        column(Column::Advanced, payee.advanced.0);
        column(Column::ChargedBack, payee.charged_back.0);
        column(Column::Unearned, payee.unearned().0);
    }
}

/// A decision about a stop and the writing place of a side.
struct OfStop {
    side: usize,
    stop: Position,
    producer: ProducerId,
    payer: ProducerId,
    /// In units of 10^-28.
    cover: i128,
    /// Whether it is paid to the producer, whose debt stays whole.
    direct: bool,
}

impl OfStop {
    /// "Covers what C gained by that stop: if that moves later, covered moves with it at the decided rate."
    /// Nothing by a chain in which another producer wrote that side.
    fn covered(&self, payees: &Payees) -> i128 {
        let mut states = payees.states().into_iter().filter(|payee| payee.place == 0 && !payee.assigned);
        let payee = states.find(|payee| (payee.side, payee.producer) == (self.side, self.producer));
        let Some(payee) = payee.filter(|_| !payees.was_reinstated(self.stop)) else { return 0 };
        let gain = payees.gain(payee.side, payee.place, self.stop).unwrap_or(0);
        rounded(gain, [self.cover, ONE], 1, 1)
    }
}

/// The decisions about stops of a policy that cover something.
fn decided(log: &Log, id: PolicyId) -> Vec<OfStop> {
    let decided = log.decisions.get(&id).into_iter().flatten();
    let of_stop = |decided: &Decided| {
        let decision = decided.decision;
        Some(OfStop {
            side: usize::from(decision.side?),
            stop: decision.stop,
            producer: decision.producer,
            payer: decision.payer,
            cover: decision.tier.map_or(0, |tier| exact(tier.cover)),
            direct: decided.direct,
        })
    };
    decided.filter_map(of_stop).collect()
}

/// A writing place of a policy, charged back by a stop, as everything known says.
#[derive(Clone, Copy)]
pub(super) struct WritingGain {
    pub(super) side: usize,
    pub(super) producer: ProducerId,
    pub(super) stop: Position,
    pub(super) gain: i128,
}

/// What each stop charges back from each writing place, by the chain as it was last restated.
pub(super) fn writing_gains(log: &Log, id: PolicyId, issue: &Issue) -> Vec<WritingGain> {
    let version = version_on(log, id, issue, Day(i32::MAX));
    let terms = terms(log, id, issue, &version);
    let mut gains = Vec::new();
    fold(log, id, &version, Payees::issue(&terms), Day(i32::MAX), |_, _, payees| {
        gains.clear();
        for payee in payees.states().into_iter().filter(|payee| payee.place == 0 && !payee.assigned) {
            gains.extend(payees.stops().map(|stop| WritingGain {
                side: payee.side,
                producer: payee.producer,
                stop,
                gain: payees.gain(payee.side, 0, stop).unwrap_or(0),
            }));
        }
    });
    gains
}

/// A policy as of a day.
pub(super) fn policy(log: &Log, id: PolicyId, issue: &Issue, as_of: Day) -> super::Policy {
    let version = version_on(log, id, issue, as_of);
    let terms = terms(log, id, issue, &version);
    let mut found = None;
    fold(log, id, &version, Payees::issue(&terms), as_of, |_, premiums, payees| {
        found = Some(super::Policy {
            carrier: issue.body.carrier,
            in_force: premiums.in_force,
            months_applied: premiums.months_applied,
            suspense: (crate::vocabulary::money::Total(premiums.suspense.amount), premiums.suspense.months),
            waiting: (crate::vocabulary::money::Total(premiums.waiting.amount), premiums.waiting.months),
            payees: payees.states(),
        });
    });
    // The state after the issue is always shown.
    found.unwrap_or_else(|| super::Policy::before_anything(issue.body.carrier))
}
