//! Dense numbers for whatever has a balance.
//!
//! # Shape
//! A *seat* is a producer with a carrier, or with none. It has four *cells*, each a sum of money: payable,
//! debt, then unearned (with a carrier) or leads (with none), and reserve. A payee of a policy is its seat.
//!
//! # Correctness
//! Numbers are given in the order in which the log introduces what they stand for, so that a ledger's are the
//! same whenever they are counted.

use crate::balance::{Figure, place_of};
use hashbrown::HashMap;
use upline_core::chain::{Payee, renumbered};
use upline_core::event::{Event, Position};
use upline_core::fact::Body;
use upline_core::names::{CarrierId, Code, Id, PolicyId, ProducerId, Table};
use upline_core::posting::{Kind, Party, Payees, Posting};

/// How many cells a seat has.
pub(crate) const LANES: u32 = 4;

const PAYABLE: u32 = 0;
const DEBT: u32 = 1;
const UNEARNED: u32 = 2;

/// A sum of money of a seat.
pub(crate) type Cell = u32;

/// A producer with a carrier, or with none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Seat {
    pub producer: ProducerId,
    pub carrier: Option<CarrierId>,
}

/// The number of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SeatId(pub u32);

impl Id for SeatId {
    fn at(index: usize) -> SeatId {
        SeatId(u32::try_from(index).unwrap_or(u32::MAX))
    }
    fn index(self) -> usize {
        self.0 as usize
    }
}

impl Seat {
    /// What its lanes are.
    pub fn figures(self) -> [Figure; LANES as usize] {
        let third = if self.carrier.is_some() { Figure::Unearned } else { Figure::Leads };
        [Figure::Payable, Figure::Debt, third, Figure::Reserve]
    }
}

/// The seat, and the place in its policy, of a payee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PayeeSeat {
    pub seat: SeatId,
    pub side: u16,
    pub place: u16,
}

/// Where the payees of a policy stand among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PolicySeats {
    pub carrier: CarrierId,
    pub first: u32,
    pub count: u16,
}

/// Everything that has a number.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    pub carriers: Table<CarrierId, Code>,
    /// Producers, each with where it was added.
    pub producers: Table<ProducerId, (Code, Position)>,
    pub seats: Table<SeatId, Seat>,
    ids: HashMap<Seat, SeatId>,
    seats_of: Table<ProducerId, Vec<SeatId>>,
    pub policies: Table<PolicyId, PolicySeats>,
    payees: Vec<PayeeSeat>,
}

impl Seats {
    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.seats.len() * LANES as usize
    }

    /// The seats of a producer.
    pub fn of(&self, producer: ProducerId) -> &[SeatId] {
        self.seats_of.get(producer).map_or(&[], Vec::as_slice)
    }

    /// The number of a seat, which is given to one that has none yet.
    pub fn seat(&mut self, seat: Seat) -> SeatId {
        if let Some(known) = self.ids.get(&seat) {
            return *known;
        }
        self.add_seat(seat)
    }

    /// Gives the next number to a seat that has none.
    pub fn add_seat(&mut self, seat: Seat) -> SeatId {
        let id = self.seats.push(seat);
        self.ids.insert(seat, id);
        self.seats_of.entry(seat.producer).push(id);
        id
    }

    /// The payees of a policy.
    pub fn payees_of(&self, policy: PolicySeats) -> &[PayeeSeat] {
        let first = policy.first as usize;
        self.payees.get(first..first + usize::from(policy.count)).unwrap_or_default()
    }

    /// Adds a policy with its payees.
    pub fn add_policy(
        &mut self,
        carrier: CarrierId,
        payees: impl IntoIterator<Item = PayeeSeat>,
    ) -> PolicyId {
        let placed = self.place(carrier, payees);
        self.policies.push(placed)
    }

    /// Gives a policy other payees.
    pub fn replace_payees(
        &mut self,
        policy: PolicyId,
        payees: impl IntoIterator<Item = PayeeSeat>,
    ) -> Option<()> {
        let carrier = self.policies.get(policy)?.carrier;
        let placed = self.place(carrier, payees);
        *self.policies.get_mut(policy)? = placed;
        Some(())
    }

    fn place(&mut self, carrier: CarrierId, payees: impl IntoIterator<Item = PayeeSeat>) -> PolicySeats {
        // More than four billion payees do not fit into memory; the count of one policy is a u16 by its numbers.
        let first = u32::try_from(self.payees.len()).unwrap_or(u32::MAX);
        self.payees.extend(payees);
        let count = u16::try_from(self.payees.len() - first as usize).unwrap_or(u16::MAX);
        PolicySeats { carrier, first, count }
    }

    /// Takes in what an event introduces. Says which policy got further payees. `None` where it names what was
    /// never added.
    pub fn absorb(&mut self, position: Position, event: &Event) -> Option<Option<PolicyId>> {
        match &event.body {
            Body::CarrierAdded { carrier } => {
                self.carriers.push(carrier.clone());
            }
            Body::ProducerAdded { producer, .. } => {
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
                let known = |p: &PayeeSeat| {
                    let producer = self.seats.get(p.seat)?.producer;
                    Some(Payee { producer, side: p.side, place: p.place })
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

    fn seated(&mut self, carrier: CarrierId, payees: &[Payee]) -> Vec<PayeeSeat> {
        let seat = |p: &Payee| PayeeSeat {
            seat: self.seat(Seat { producer: p.producer, carrier: Some(carrier) }),
            side: p.side,
            place: p.place,
        };
        payees.iter().map(seat).collect()
    }

    /// Gives numbers to the seats that a posting moves money of.
    pub fn introduce(&mut self, posting: &Posting) -> Option<()> {
        let (debit, credit) = posting.accounts(&*self)?;
        for place in [debit, credit].into_iter().filter_map(place_of) {
            self.seat(Seat { producer: place.producer, carrier: place.carrier });
        }
        Some(())
    }

    /// The cells that a posting of a payee changes, each with its sign: the same as by its accounts (a test of
    /// each kind says so), without looking anything up but the seat.
    #[inline]
    pub fn of_payee(&self, policy: PolicyId, number: u16, kind: Kind) -> Option<Effects> {
        let policy = self.policies.get(policy).filter(|policy| number < policy.count)?;
        let payee = self.payees.get(policy.first as usize + usize::from(number))?;
        let cell = |lane| payee.seat.0 * LANES + lane;
        Some(match kind {
            Kind::Advance => [Some((cell(UNEARNED), 1)), Some((cell(PAYABLE), 1))],
            Kind::EarnedAgainst => [Some((cell(UNEARNED), -1)), None],
            Kind::EarnedBeyond => [Some((cell(PAYABLE), 1)), None],
            Kind::Chargeback => [Some((cell(DEBT), 1)), Some((cell(UNEARNED), -1))],
            _ => return None,
        })
    }

    /// The cells that any posting changes, by its accounts. `None` where a seat or account is not known.
    pub fn of_accounts(&self, posting: &Posting) -> Option<Effects> {
        let (debit, credit) = posting.accounts(self)?;
        let mut effects = [None, None];
        for ((account, sign), effect) in [(debit, 1), (credit, -1)].into_iter().zip(&mut effects) {
            let Some(place) = place_of(account) else { continue };
            let seat = Seat { producer: place.producer, carrier: place.carrier };
            let id = self.ids.get(&seat)?;
            let lane = (0u32..).zip(seat.figures()).find(|(_, figure)| *figure == place.figure)?.0;
            *effect = Some((id.0 * LANES + lane, sign * place.natural));
        }
        Some(effects)
    }
}

/// Up to two cells, each with 1 or -1.
pub(crate) type Effects = [Option<(Cell, i64)>; 2];

impl Payees for Seats {
    fn payee(&self, policy: PolicyId, number: u16) -> Option<ProducerId> {
        let payee = self.payees_of(*self.policies.get(policy)?).get(usize::from(number)).copied()?;
        Some(self.seats.get(payee.seat)?.producer)
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
            Kind::Advance | Kind::EarnedAgainst | Kind::EarnedBeyond | Kind::Chargeback,
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
        let mut seats = Seats::default();
        seats.seat(Seat { producer: ProducerId(7), carrier: None });
        let seat = seats.seat(Seat { producer: ProducerId(7), carrier: Some(CarrierId(3)) });
        let policy = seats.add_policy(CarrierId(3), [PayeeSeat { seat, side: 0, place: 0 }]);
        for kind in Kind::ALL {
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
            let fast = seats.of_payee(policy, 0, *kind);
            assert_eq!(sorted(fast), sorted(seats.of_accounts(&posting)), "{kind:?}");
            assert_eq!(payee_of(&posting).is_some(), fast.is_some(), "{kind:?}");
        }
        assert!(seats.of_payee(policy, 1, Kind::Advance).is_none());
    }
}
