//! Dense numbers for whatever has a balance.
//!
//! # Shape
//! A *holder* is a producer with a carrier, or with none. It has four *cells*, each a sum of money: payable,
//! debt, then unearned (with a carrier) or leads (with none), and reserve. A payee of a policy is its holder.
//!
//! # Correctness
//! Numbers are given in the order in which the log introduces what they stand for, so that a ledger's are the
//! same whenever they are counted.

use crate::balance::{Figure, place_of};
use hashbrown::HashMap;
use upline_core::chain::{Payee, renumbered};
use upline_core::event::{Event, Position};
use upline_core::fact::{Body, CarrierAdded, ProducerAdded};
use upline_core::names::{CarrierId, Code, Id, PolicyId, ProducerId, Table};
use upline_core::posting::{Party, Payees, Posting, PostingKind};

/// How many cells a holder has.
pub(crate) const LANES: u32 = 4;

const PAYABLE: u32 = 0;
const DEBT: u32 = 1;
const UNEARNED: u32 = 2;

/// A sum of money of a holder.
pub(crate) type Cell = u32;

/// A producer with a carrier, or with none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Holder {
    pub producer: ProducerId,
    pub carrier: Option<CarrierId>,
}

/// The number of a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HolderId(pub u32);

impl Id for HolderId {
    fn at(index: usize) -> HolderId {
        HolderId(u32::try_from(index).unwrap_or(u32::MAX))
    }
    fn index(self) -> usize {
        self.0 as usize
    }
}

impl Holder {
    /// What its lanes are.
    pub fn figures(self) -> [Figure; LANES as usize] {
        let third = if self.carrier.is_some() { Figure::Unearned } else { Figure::Leads };
        [Figure::Payable, Figure::Debt, third, Figure::Reserve]
    }
}

/// The holder, and the place in its policy, of a payee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PayeeHolder {
    pub holder: HolderId,
    pub side: u16,
    pub place: u16,
    /// Whether it has the assigned part of the place.
    pub assigned: bool,
}

/// Where the payees of a policy stand among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PolicyPayees {
    pub carrier: CarrierId,
    pub first: u32,
    pub count: u16,
}

/// Everything that has a number.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    pub carriers: Table<CarrierId, Code>,
    /// Producers, each with where it was added.
    pub producers: Table<ProducerId, (Code, Position)>,
    pub holders: Table<HolderId, Holder>,
    ids: HashMap<Holder, HolderId>,
    holders_of: Table<ProducerId, Vec<HolderId>>,
    pub policies: Table<PolicyId, PolicyPayees>,
    payees: Vec<PayeeHolder>,
}

impl Holders {
    pub fn cells(&self) -> usize {
        self.holders.len() * LANES as usize
    }

    /// The holders of a producer.
    pub fn of(&self, producer: ProducerId) -> &[HolderId] {
        self.holders_of.get(producer).map_or(&[], Vec::as_slice)
    }

    /// The number of a holder, which is given to one that has none yet.
    pub fn holder(&mut self, holder: Holder) -> HolderId {
        if let Some(known) = self.ids.get(&holder) {
            return *known;
        }
        self.add_holder(holder)
    }

    /// Gives the next number to a holder that has none.
    pub fn add_holder(&mut self, holder: Holder) -> HolderId {
        let id = self.holders.push(holder);
        self.ids.insert(holder, id);
        self.holders_of.entry(holder.producer).push(id);
        id
    }

    /// The payees of a policy.
    pub fn payees_of(&self, policy: PolicyPayees) -> &[PayeeHolder] {
        let first = policy.first as usize;
        self.payees.get(first..first + usize::from(policy.count)).unwrap_or_default()
    }

    /// Adds a policy with its payees.
    pub fn add_policy(
        &mut self,
        carrier: CarrierId,
        payees: impl IntoIterator<Item = PayeeHolder>,
    ) -> PolicyId {
        let placed = self.place(carrier, payees);
        self.policies.push(placed)
    }

    /// Gives a policy other payees.
    pub fn replace_payees(
        &mut self,
        policy: PolicyId,
        payees: impl IntoIterator<Item = PayeeHolder>,
    ) -> Option<()> {
        let carrier = self.policies.get(policy)?.carrier;
        let placed = self.place(carrier, payees);
        *self.policies.get_mut(policy)? = placed;
        Some(())
    }

    fn place(&mut self, carrier: CarrierId, payees: impl IntoIterator<Item = PayeeHolder>) -> PolicyPayees {
        // More than four billion payees do not fit into memory; the count of one policy is a u16 by its numbers.
        let first = u32::try_from(self.payees.len()).unwrap_or(u32::MAX);
        self.payees.extend(payees);
        let count = u16::try_from(self.payees.len() - first as usize).unwrap_or(u16::MAX);
        PolicyPayees { carrier, first, count }
    }

    /// Takes in what an event introduces. Says which policy got further payees. `None` where it names what was
    /// never added.
    pub fn absorb(&mut self, position: Position, event: &Event) -> Option<Option<PolicyId>> {
        match &event.body {
            Body::CarrierAdded(CarrierAdded { carrier }) => {
                self.carriers.push(carrier.clone());
            }
            Body::ProducerAdded(ProducerAdded { producer, .. }) => {
                self.producers.push((producer.clone(), position));
            }
            Body::PolicyIssued(issued) => {
                let carrier = issued.carrier;
                let payees: Vec<Payee> = issued.frozen.payees().collect();
                let seated = self.seated(carrier, &payees);
                self.add_policy(carrier, seated);
            }
            Body::PolicyRestated(restated) => {
                let policy = *self.policies.get(restated.policy)?;
                let known = |p: &PayeeHolder| {
                    let producer = self.holders.get(p.holder)?.producer;
                    Some(Payee { producer, side: p.side, place: p.place, assigned: p.assigned })
                };
                let mut payees = self.payees_of(policy).iter().map(known).collect::<Option<Vec<_>>>()?;
                renumbered(&mut payees, restated.frozen.payees())?;
                if payees.len() > usize::from(policy.count) {
                    let seated = self.seated(policy.carrier, &payees);
                    self.replace_payees(restated.policy, seated)?;
                    return Some(Some(restated.policy));
                }
            }
            _ => {}
        }
        Some(None)
    }

    fn seated(&mut self, carrier: CarrierId, payees: &[Payee]) -> Vec<PayeeHolder> {
        let holder = |p: &Payee| PayeeHolder {
            holder: self.holder(Holder { producer: p.producer, carrier: Some(carrier) }),
            side: p.side,
            place: p.place,
            assigned: p.assigned,
        };
        payees.iter().map(holder).collect()
    }

    /// Gives numbers to the holders that a posting moves money of.
    pub fn introduce(&mut self, posting: &Posting) -> Option<()> {
        let (debit, credit) = posting.accounts(&*self)?;
        for place in [debit, credit].into_iter().filter_map(place_of) {
            self.holder(Holder { producer: place.producer, carrier: place.carrier });
        }
        Some(())
    }

    /// The cells that a posting of a payee changes, each with its sign: the same as by its accounts (a test of
    /// each kind says so), without looking anything up but the holder.
    #[inline]
    pub fn of_payee(&self, policy: PolicyId, number: u16, kind: PostingKind) -> Option<Effects> {
        let policy = self.policies.get(policy).filter(|policy| number < policy.count)?;
        let payee = self.payees.get(policy.first as usize + usize::from(number))?;
        let cell = |lane| payee.holder.0 * LANES + lane;
        Some(match kind {
            PostingKind::Advance => [Some((cell(UNEARNED), 1)), Some((cell(PAYABLE), 1))],
            PostingKind::EarnedAgainst => [Some((cell(UNEARNED), -1)), None],
            PostingKind::EarnedBeyond => [Some((cell(PAYABLE), 1)), None],
            PostingKind::Chargeback => [Some((cell(DEBT), 1)), Some((cell(UNEARNED), -1))],
            _ => return None,
        })
    }

    /// The cells that any posting changes, by its accounts. `None` where a holder or account is not known.
    pub fn of_accounts(&self, posting: &Posting) -> Option<Effects> {
        let (debit, credit) = posting.accounts(self)?;
        let mut effects = [None, None];
        for ((account, sign), effect) in [(debit, 1), (credit, -1)].into_iter().zip(&mut effects) {
            let Some(place) = place_of(account) else { continue };
            let holder = Holder { producer: place.producer, carrier: place.carrier };
            let id = self.ids.get(&holder)?;
            let lane = (0u32..).zip(holder.figures()).find(|(_, figure)| *figure == place.figure)?.0;
            *effect = Some((id.0 * LANES + lane, sign * place.natural));
        }
        Some(effects)
    }
}

/// Up to two cells, each with 1 or -1.
pub(crate) type Effects = [Option<(Cell, i64)>; 2];

impl Payees for Holders {
    fn payee(&self, policy: PolicyId, number: u16) -> Option<ProducerId> {
        let payee = self.payees_of(*self.policies.get(policy)?).get(usize::from(number)).copied()?;
        Some(self.holders.get(payee.holder)?.producer)
    }

    fn carrier(&self, policy: PolicyId) -> Option<CarrierId> {
        Some(self.policies.get(policy)?.carrier)
    }
}

/// Whether the fast way is for this posting.
#[inline]
pub(crate) fn payee_of(posting: &Posting) -> Option<(PolicyId, u16)> {
    match (posting.kind, posting.party, posting.policy) {
        (
            PostingKind::Advance
            | PostingKind::EarnedAgainst
            | PostingKind::EarnedBeyond
            | PostingKind::Chargeback,
            Party::Payee(number),
            Some(policy),
        ) => Some((policy, number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upline_core::money::Cents;
    use upline_core::time::Day;

    #[test]
    fn the_fast_way_changes_the_cells_of_the_accounts() {
        let mut holders = Holders::default();
        holders.holder(Holder { producer: ProducerId(7), carrier: None });
        let holder = holders.holder(Holder { producer: ProducerId(7), carrier: Some(CarrierId(3)) });
        let policy =
            holders.add_policy(CarrierId(3), [PayeeHolder { holder, side: 0, place: 0, assigned: false }]);
        for kind in PostingKind::ALL {
            let party = Party::Payee(0);
            let day = Day(1);
            let posting =
                Posting { kind: *kind, policy: Some(policy), party, dated: day, due: day, amount: Cents(1) };
            let sorted = |effects: Option<Effects>| {
                effects.map(|effects| {
                    let mut known: Vec<(Cell, i64)> = effects.into_iter().flatten().collect();
                    known.sort_unstable();
                    known
                })
            };
            let fast = holders.of_payee(policy, 0, *kind);
            assert_eq!(sorted(fast), sorted(holders.of_accounts(&posting)), "{kind:?}");
            assert_eq!(payee_of(&posting).is_some(), fast.is_some(), "{kind:?}");
        }
        assert!(holders.of_payee(policy, 1, PostingKind::Advance).is_none());
    }
}
