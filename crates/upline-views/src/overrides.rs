//! Overrides: what each upline earns over each writing producer (rules §§3–6).

use crate::projection::{Projection, Seen};
use crate::rows::{Paid, Rows};
use hashbrown::HashMap;
use upline_core::as_of::AsOf;
use upline_core::money::{Cents, Total};
use upline_core::names::{CarrierId, Code, PolicyId, ProducerId, Table};
use upline_core::posting::PostingKind;
use upline_core::reference_data::ReferenceData;
use upline_core::time::Day;

/// What an upline has over a writing producer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Override {
    /// Earned, against advances and beyond them.
    pub earned: Total,
    /// Paid in advance.
    pub advanced: Total,
    pub charged_back: Total,
    /// Of the advances, not yet earned.
    pub unearned: Total,
}

/// A row of overrides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideRow {
    /// Who earns.
    pub upline: Code,
    /// Over whom.
    pub writing: Code,
    pub carrier: Code,
    pub figures: Override,
}

type Key = (ProducerId, ProducerId, CarrierId);

/// Where the figures of a payee are.
type Slot = u32;

/// Of who wrote the policy: it has no override.
const NOWHERE: Slot = Slot::MAX;

/// Where the slots of a policy's payees are.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    first: u32,
    count: u16,
}

/// Sums postings into overrides.
#[derive(Debug)]
pub struct Overrides {
    at: AsOf,
    from: Option<Day>,
    slots: HashMap<Key, u32>,
    figures: Vec<(Key, Override)>,
    /// The slot of each payee, policy behind policy; and where those of each policy are.
    payees: Vec<Slot>,
    policies: Table<PolicyId, Known>,
}

impl Overrides {
    /// Overrides at a point, of entries dated from a day on.
    pub fn new(at: AsOf, from: Option<Day>) -> Overrides {
        let (slots, figures, payees) = (HashMap::new(), Vec::new(), Vec::new());
        Overrides { at, from, slots, figures, payees, policies: Table::default() }
    }

    /// Every upline's figures by ids.
    pub fn figures(&self) -> impl Iterator<Item = (Key, Override)> + '_ {
        self.figures.iter().copied().filter(|(_, f)| *f != Override::default())
    }

    /// The rows that are not zero, sorted by their keys.
    pub fn rows(&self, reference: &ReferenceData) -> Vec<OverrideRow> {
        let named = |((upline, writing, carrier), figures): (Key, Override)| {
            Some(OverrideRow {
                upline: reference.producers().name(upline)?.clone(),
                writing: reference.producers().name(writing)?.clone(),
                carrier: reference.carriers().name(carrier)?.clone(),
                figures,
            })
        };
        let mut rows: Vec<OverrideRow> = self.figures().filter_map(named).collect();
        rows.sort_by(|a, b| (&a.upline, &a.writing, &a.carrier).cmp(&(&b.upline, &b.writing, &b.carrier)));
        rows
    }

    /// Takes in what blocks say; the reference data has absorbed what they introduce.
    pub(crate) fn take(&mut self, reference: &ReferenceData, rows: &[Rows]) {
        for paid in rows.iter().flat_map(|part| &part.paid) {
            self.add(reference, paid);
        }
    }

    #[inline]
    fn add(&mut self, reference: &ReferenceData, paid: &Paid) {
        let known = self.policies.get(paid.policy).copied().unwrap_or_default();
        let slot = if paid.number < known.count {
            self.payees.get(known.first as usize + usize::from(paid.number)).copied()
        } else {
            self.learn(reference, paid)
        };
        let in_time = self.at.effective >= paid.dated && self.from.is_none_or(|from| paid.dated >= from);
        let figures = slot.filter(|_| in_time).and_then(|slot| self.figures.get_mut(slot as usize));
        let Some((_, figures)) = figures else { return };
        let amount = Cents(paid.amount);
        match paid.kind {
            PostingKind::Advance => {
                figures.advanced += amount;
                figures.unearned += amount;
            }
            PostingKind::EarnedAgainst => {
                figures.earned += amount;
                figures.unearned -= amount;
            }
            PostingKind::EarnedBeyond => figures.earned += amount,
            PostingKind::Chargeback => {
                figures.charged_back += amount;
                figures.unearned -= amount;
            }
            _ => {}
        }
    }

    /// Gives slots to the payees of a policy that is met for the first time, or with payees that are new to it.
    fn learn(&mut self, reference: &ReferenceData, paid: &Paid) -> Option<Slot> {
        let policy = reference.policies().get(paid.policy)?;
        let first = u32::try_from(self.payees.len()).ok()?;
        for payee in &policy.payees {
            let writing =
                policy.writing.get(usize::from(payee.side)).filter(|_| payee.place > 0 || payee.assigned);
            let key = writing.map(|(writing, _)| (payee.producer, *writing, policy.carrier));
            let slot = key.map_or(NOWHERE, |key| {
                *self.slots.entry(key).or_insert_with(|| {
                    self.figures.push((key, Override::default()));
                    u32::try_from(self.figures.len() - 1).unwrap_or(NOWHERE)
                })
            });
            self.payees.push(slot);
        }
        let count = u16::try_from(policy.payees.len()).unwrap_or(u16::MAX);
        *self.policies.entry(paid.policy) = Known { first, count };
        self.payees.get(first as usize + usize::from(paid.number)).copied()
    }
}

impl Projection for Overrides {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, position, postings, .. } = *seen;
        for posting in postings {
            if let Some(paid) = Paid::of(position, posting) {
                self.add(reference, &paid);
            }
        }
    }
}
