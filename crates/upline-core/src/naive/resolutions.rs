//! pay.md §7: what resolutions of exceptions post, and take back.

use super::Log;
use super::chains::version_on;
use super::exact::{ONE, exact, rounded};
use super::sheet::{Line, Sheet, difference};
use crate::fact::Body;
use crate::fact::statement::{Class, ExceptionResolved, LineKind, Resolution};
use crate::recorded::event::Position;
use crate::recorded::posting::Account;
use crate::vocabulary::names::{ById, Id, PolicyId, ProducerId};
use crate::vocabulary::time::Day;

impl Log<'_> {
    /// Notes what an event about statements moves: "a later resolution of the same line or amount first takes the entries
    /// of the earlier back"; a statement that is voided or replaced takes those of all its resolutions back.
    pub(super) fn resolve(&mut self, position: Position, body: &Body<ById>) {
        let gone = match body {
            Body::ExceptionResolved(resolved) => {
                let posts = posts(self, resolved);
                let key = (resolved.statement.clone(), resolved.exception.clone());
                let before = self.resolved.insert(key, posts.clone()).unwrap_or_default();
                self.resolutions.insert(position, difference(&before, &posts));
                return;
            }
            Body::StatementVoided(voided) => &voided.statement,
            Body::StatementReceived(received) => match &received.replaces {
                Some(replaced) => replaced,
                None => return,
            },
            _ => return,
        };
        let mut moved = Sheet::new();
        for (_, posted) in self.resolved.iter().filter(|((statement, _), _)| statement == gone) {
            for (line, amount) in posted {
                *moved.entry(*line).or_default() -= amount;
            }
        }
        self.resolved.retain(|(statement, _), _| statement != gone);
        self.resolutions.insert(position, moved);
    }
}

fn posts(log: &Log, resolved: &ExceptionResolved<ById>) -> Sheet {
    let mut sheet = Sheet::new();
    let Some(about) = resolved.about.as_deref() else { return sheet };
    let carrier = Account::Carrier(about.carrier);
    let mut post = |debit: Account, credit: Account, amount: i128| {
        *sheet.entry(Line::Account(debit)).or_default() += amount;
        *sheet.entry(Line::Account(credit)).or_default() -= amount;
    };
    let whole = i128::from(resolved.difference.0);
    match resolved.reason {
        Resolution::WrittenOff => post(Account::Writeoff, carrier, -whole),
        Resolution::Accepted => {
            let of = about.of.filter(|_| resolved.class == Class::WrongPayee);
            for (payee, amount) in [(about.producer, whole), (of, -whole)] {
                let Some(payee) = payee else { continue };
                for (who, part) in divided(log, about.policy, payee, amount) {
                    if about.kind == LineKind::Chargeback {
                        post(Account::Debt(who, Some(about.carrier), about.policy), carrier, -part);
                    } else {
                        post(carrier, Account::Payable(who, Some(about.carrier)), part);
                    }
                }
            }
        }
        Resolution::Booked | Resolution::Claimed => {}
    }
    sheet
}

/// "What is accepted (§7) is divided like them", the two of an assigned place.
fn divided(log: &Log, policy: Option<PolicyId>, payee: ProducerId, amount: i128) -> Vec<(ProducerId, i128)> {
    let places = || {
        let id = policy?;
        let issue = log.issues.get(id.index())?;
        Some(version_on(log, id, issue, Day(i32::MAX)).chain?.sides.concat())
    };
    let places = places().unwrap_or_default();
    let alone = places.iter().any(|place| place.producer == payee && place.assigned.is_none());
    let pair = places.iter().find_map(|place| {
        let assigned = place.assigned?;
        (place.producer == payee || assigned.to == payee).then_some((place.producer, assigned))
    });
    match pair.filter(|_| !alone) {
        None => vec![(payee, amount)],
        Some((from, assigned)) => {
            let kept = rounded(amount, [exact(assigned.keeps), ONE], 1, 1);
            vec![(from, kept), (assigned.to, amount - kept)]
        }
    }
}
