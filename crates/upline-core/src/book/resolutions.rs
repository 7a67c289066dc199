//! What the resolution of a statement's exception posts, and when that is taken back (pay.md §7).

use super::record::posting;
use super::{Book, Effects, Impossible};
use crate::fact::statement::{About, Class, ExceptionResolved, LineKind, Resolution, StatementReceived};
use crate::policy::premium_status::Overflow;
use crate::recorded::posting::{Party, Posting, PostingKind};
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ById, Code, PolicyId, ProducerId};
use crate::vocabulary::rate::{Rate, portion};
use crate::vocabulary::time::Day;

/// A statement as it was read last.
#[derive(Clone, Debug)]
pub(super) struct StatementRow {
    pub on: Day,
    pub statement: StatementReceived,
    /// Whether it was neither voided nor replaced since.
    pub stands: bool,
}

impl Book {
    /// Whether a statement was received, and neither voided nor replaced.
    pub(super) fn statement_stands(&self, file: &Code) -> bool {
        self.statements.get(file).is_some_and(|row| row.stands)
    }

    /// A decision about an exception: what the one before posted is taken back first.
    pub(super) fn resolve(
        &mut self,
        on: Day,
        resolved: &ExceptionResolved<ById>,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let posted = self.posted_by(on, resolved).ok_or(Overflow)?;
        let key = (resolved.statement.clone(), resolved.exception.clone());
        let before = if posted.is_empty() {
            self.resolved.remove(&key)
        } else {
            self.resolved.insert(key, posted.clone())
        };
        taken_back(on, before.unwrap_or_default(), effects)?;
        effects.postings.extend(posted);
        Ok(())
    }

    /// A statement that is voided or replaced: what its resolutions posted is taken back.
    pub(super) fn unresolve(
        &mut self,
        on: Day,
        file: &Code,
        effects: &mut Effects,
    ) -> Result<(), Impossible> {
        let of: Vec<(Code, Code)> =
            self.resolved.keys().filter(|(statement, _)| statement == file).cloned().collect();
        for key in of {
            taken_back(on, self.resolved.remove(&key).unwrap_or_default(), effects)?;
        }
        if let Some(row) = self.statements.get_mut(file) {
            row.stands = false;
        }
        Ok(())
    }

    /// `None` on an overflow.
    fn posted_by(&self, on: Day, resolved: &ExceptionResolved<ById>) -> Option<Vec<Posting>> {
        let Some(about) = resolved.about.as_deref() else { return Some(Vec::new()) };
        let About { carrier, policy, .. } = *about;
        let back = Cents::ZERO.checked_sub(resolved.difference)?;
        if resolved.difference.is_zero() {
            return Some(Vec::new());
        }
        Some(match resolved.reason {
            Resolution::Booked | Resolution::Claimed => Vec::new(),
            Resolution::WrittenOff => {
                vec![posting(PostingKind::WrittenOff, policy, Party::Carrier(carrier), on, back)]
            }
            Resolution::Accepted => {
                let mut posted = self.accepted(on, about, about.producer, resolved.difference)?;
                if resolved.class == Class::WrongPayee {
                    posted.extend(self.accepted(on, about, about.of, back)?);
                }
                posted
            }
        })
    }

    /// An amount that the carrier's figure gives a payee more than was computed; where a part of its place is assigned,
    /// divided like that.
    fn accepted(
        &self,
        on: Day,
        about: &About<ById>,
        payee: Option<ProducerId>,
        amount: Cents,
    ) -> Option<Vec<Posting>> {
        let Some(payee) = payee else { return Some(Vec::new()) };
        let mut posted = Vec::new();
        for (who, amount) in self.divided(about.policy, payee, amount)? {
            let (kind, amount) = match about.kind {
                LineKind::Chargeback => (PostingKind::AcceptedDebt, Cents::ZERO.checked_sub(amount)?),
                _ => (PostingKind::AcceptedPayable, amount),
            };
            if !amount.is_zero() {
                let party = Party::Contract(who, Some(about.carrier));
                posted.push(posting(kind, about.policy, party, on, amount));
            }
        }
        Some(posted)
    }

    fn divided(
        &self,
        policy: Option<PolicyId>,
        payee: ProducerId,
        amount: Cents,
    ) -> Option<Vec<(ProducerId, Cents)>> {
        let policy = policy.and_then(|policy| self.reference.policies().get(policy));
        let assigned = policy.and_then(|policy| policy.latest().terms.assignment_of(payee));
        let Some((from, assigned)) = assigned else { return Some(vec![(payee, amount)]) };
        let kept = portion(amount, assigned.keeps, Rate::ONE, 1, 1)?;
        Some(vec![(from, kept), (assigned.to, amount.checked_sub(kept)?)])
    }
}

fn taken_back(on: Day, posted: Vec<Posting>, effects: &mut Effects) -> Result<(), Impossible> {
    for before in posted {
        let amount = Cents::ZERO.checked_sub(before.amount).ok_or(Overflow)?;
        effects.postings.push(posting(before.kind, before.policy, before.party, on, amount));
    }
    Ok(())
}
