//! What carriers are expected to pay, as their statements show it (rules §4–§6).
//!
//! # Shape
//! An advance, what is earned beyond it, and chargebacks are paid or taken. What is earned against an advance moves
//! no money: a statement that shows it has it twice, as earned and as offset.
//!
//! # Correctness
//! The amounts are those of the postings, by the day on which they would count had no period been closed. What a
//! later event posts for a day on which something is expected already changes that: whenever facts come, the same is
//! expected. Only premiums make amounts of their own, so that two of one day stay two; and so do their reversals.

use crate::projection::{Projection, Seen};
use hashbrown::{HashMap, HashSet};
use upline_core::event::Position;
use upline_core::fact::{Body, PaidBy, PaysLine, PolicyStopped, PremiumPaid};
use upline_core::money::Cents;
use upline_core::names::{Code, PolicyId, PolicyName, ProducerId};
use upline_core::posting::{Account, PostingKind};
use upline_core::reconcile::{Expected, LineKind};
use upline_core::reference_data::ReferenceData;
use upline_core::time::Day;

/// Collects what carriers are expected to pay.
#[derive(Debug)]
pub struct Expectations {
    /// The carriers; of each whether its statements show what is earned against advances, and from which day on.
    carriers: HashMap<Code, (bool, Day)>,
    items: HashMap<(PolicyId, ProducerId, LineKind), Vec<Item>>,
    /// The days on which policies stopped.
    stops: HashSet<(PolicyId, Day)>,
}

#[derive(Clone, Copy, Debug)]
struct Item {
    due: Day,
    amount: i128,
    position: Position,
    ordinal: u32,
    premium: Option<Cents>,
}

/// Amounts that are expected as one, with whose each is.
type Parts = Vec<(ProducerId, Item)>;

/// What an event makes expected together.
type Key = (PolicyId, ProducerId, LineKind, Day);

impl Expectations {
    /// Of these carriers; with each whether its statements show earned and offset lines apart, and the first day that
    /// is asked for.
    pub fn of(carriers: HashMap<Code, (bool, Day)>) -> Expectations {
        Expectations { carriers, items: HashMap::new(), stops: HashSet::new() }
    }

    /// What is expected, by the day on which it is due: of those whom the house pays on that day, an assigned place as one
    /// amount of who assigns, and by whole chains of the house where the carrier pays so (pay.md §§2, 4, 5).
    pub fn rows(self, reference: &ReferenceData) -> Vec<Expected> {
        let routes = reference.routes();
        // A chain's are one amount of a day, an assigned place's one of an event.
        let mut sums: HashMap<(Key, Position), Parts> = HashMap::new();
        let mut alone = Vec::new();
        for ((id, producer, kind), items) in self.items {
            let Some(policy) = reference.policies().get(id) else { continue };
            for item in items.into_iter().filter(|item| item.amount != 0) {
                if routes.paid_by(producer, policy.carrier, item.due) == PaidBy::Carrier {
                    continue;
                }
                let chain = routes.line_of(policy.carrier, item.due) == PaysLine::Chain;
                let house = routes.house_on(item.due).filter(|_| chain);
                let assigned = policy.latest().terms.assignment_of(producer).map(|(from, _)| from);
                match house.or(assigned) {
                    Some(payee) => {
                        let key = ((id, payee, kind, item.due), if chain { 0 } else { item.position });
                        sums.entry(key).or_default().push((producer, item));
                    }
                    None => alone.push((id, producer, kind, vec![(producer, item)])),
                }
            }
        }
        let sums = sums.into_iter().map(|(((id, payee, kind, _), _), parts)| (id, payee, kind, parts));
        let all = alone.into_iter().chain(sums);
        let mut rows: Vec<Expected> =
            all.filter_map(|(id, payee, kind, parts)| expected(reference, id, payee, kind, parts)).collect();
        rows.sort_by(|a, b| {
            let key = |row: &Expected| (row.due, row.position, row.ordinal);
            key(a)
                .cmp(&key(b))
                .then_with(|| (&a.policy, &a.producer, a.kind).cmp(&(&b.policy, &b.producer, b.kind)))
        });
        rows
    }
}

/// What is expected together, of parts in the order of the chain. `None` where nothing is, or a name is not known.
fn expected(
    reference: &ReferenceData,
    id: PolicyId,
    payee: ProducerId,
    kind: LineKind,
    mut parts: Parts,
) -> Option<Expected> {
    let policy = reference.policies().get(id)?;
    let place = |who: ProducerId| policy.payees.iter().position(|payee| payee.producer == who);
    parts.sort_by_key(|(who, item)| (place(*who), item.position, item.ordinal));
    let (_, first) = *parts.iter().min_by_key(|(_, item)| (item.position, item.ordinal))?;
    let amount: i128 = parts.iter().map(|(_, item)| item.amount).sum();
    let cents = |amount: i128| Cents(i64::try_from(amount).unwrap_or(i64::MAX));
    let named = |(who, item): &(ProducerId, Item)| {
        Some((reference.producers().name(*who)?.clone(), cents(item.amount)))
    };
    (amount != 0).then_some(())?;
    Some(Expected {
        policy: PolicyName {
            carrier: reference.carriers().name(policy.carrier)?.clone(),
            number: policy.latest().number.clone(),
        },
        producer: reference.producers().name(payee)?.clone(),
        kind,
        due: first.due,
        amount: cents(amount),
        position: first.position,
        ordinal: first.ordinal,
        premium: first.premium,
        parts: parts.iter().map(named).collect::<Option<_>>()?,
    })
}

/// Whom a posting pays or charges.
fn producer_of(debit: Account, credit: Account) -> Option<ProducerId> {
    let of = |account| match account {
        Account::Payable(producer, _) | Account::Unearned(producer, ..) | Account::Debt(producer, ..) => {
            Some(producer)
        }
        _ => None,
    };
    of(debit).or_else(|| of(credit))
}

impl Projection for Expectations {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, position, event, policy, postings } = *seen;
        if let Body::PolicyStopped(PolicyStopped { policy, .. }) = &event.body {
            self.stops.insert((*policy, event.on));
        }
        let mut ordinal = 0;
        let mut sums: Vec<(Key, i128)> = Vec::new();
        for posting in postings {
            let Some(id) = posting.policy.or(policy) else { continue };
            let carrier = reference.policies().get(id).map(|policy| policy.carrier);
            let carrier = carrier.and_then(|carrier| reference.carriers().name(carrier));
            let Some((gross, from)) = carrier.and_then(|carrier| self.carriers.get(carrier)) else {
                continue;
            };
            if posting.due < *from {
                continue;
            }
            let amount = i128::from(posting.amount.0);
            let of_premium = matches!(event.body, Body::PremiumPaid(_)) && event.on == posting.due;
            let kinds: &[(LineKind, i128)] = match posting.kind {
                PostingKind::Advance => &[(LineKind::Advance, amount)],
                PostingKind::EarnedBeyond => &[(LineKind::Earned, amount)],
                PostingKind::Chargeback | PostingKind::CarrierChargeback => {
                    &[(LineKind::Chargeback, -amount)]
                }
                // What a stop forgives or takes back of what was earned, its chargeback has in it.
                PostingKind::EarnedAgainst
                    if *gross && (of_premium || !self.stops.contains(&(id, posting.due))) =>
                {
                    &[(LineKind::Earned, amount), (LineKind::Offset, -amount)]
                }
                _ => continue,
            };
            let accounts = reference.accounts(posting);
            let Some(producer) = accounts.and_then(|(debit, credit)| producer_of(debit, credit)) else {
                continue;
            };
            for (kind, amount) in kinds {
                let key = (id, producer, *kind, posting.due);
                match sums.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, sum)) => *sum += amount,
                    None => sums.push((key, *amount)),
                }
            }
        }
        for ((id, producer, kind, due), mut amount) in sums {
            let items = self.items.entry((id, producer, kind)).or_default();
            let of_premiums = matches!(kind, LineKind::Earned | LineKind::Offset);
            let reversed = of_premiums && matches!(event.body, Body::PremiumReversed(_));
            for item in items.iter_mut().rev().filter(|item| item.due == due && !reversed) {
                if item.amount.signum() == -amount.signum() {
                    let part = amount.abs().min(item.amount.abs()) * amount.signum();
                    item.amount += part;
                    amount -= part;
                }
            }
            let alone = reversed || (of_premiums && matches!(event.body, Body::PremiumPaid(_)));
            if let Some(item) =
                items.iter_mut().rev().find(|item| item.due == due && item.amount != 0 && !alone)
            {
                item.amount += amount;
                amount = 0;
            }
            if amount == 0 {
                continue;
            }
            ordinal += 1;
            let premium = match (&event.body, kind) {
                (Body::PolicyIssued(policy), LineKind::Advance) => Some(policy.annual_premium),
                (Body::PremiumPaid(PremiumPaid { amount, .. }), _) => Some(*amount),
                _ => None,
            };
            items.push(Item { due, amount, position, ordinal, premium });
        }
    }
}
