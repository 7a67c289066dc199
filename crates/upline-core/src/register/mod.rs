//! The register: what the log has introduced — names, contracts, grids, definitions, plans, and each
//! policy with its frozen terms. Nothing in it depends on premiums, stops or money moved, so a view can
//! keep one at the cost of a few table rows.

mod naming;

use crate::chain::{FrozenChain, FrozenPlace, Payee, Places, Side, Terms};
use crate::contract::{Contract, ContractStep, Contracts};
use crate::event::Position;
use crate::fact::{Body, PolicyIssued};
use crate::grid::{Band, ChargebackRow, Grid};
use crate::names::{ById, CarrierId, Code, GridId, Names, PolicyId, ProducerId, Table};
use crate::persistency::Definition;
use crate::posting::{Account, Kind, Party, Posting};
use crate::rate::Rate;
use crate::time::Day;
use hashbrown::{HashMap, HashSet};
use std::sync::Arc;

/// A grid with its place in the two orders.
#[derive(Clone, Debug)]
pub struct GridRow {
    /// From which day on it is in force.
    pub on: Day,
    /// Where it stands in the log.
    pub position: Position,
    /// What it says.
    pub grid: Grid<ById>,
    /// Its chargeback table, shared by the policies that froze it.
    chargeback: Arc<[ChargebackRow]>,
}

/// A persistency definition with its place in the two orders.
#[derive(Clone, Debug)]
pub struct DefinitionRow {
    /// From which day on it holds.
    pub on: Day,
    /// Where it stands in the log.
    pub position: Position,
    /// What it says.
    pub terms: Definition,
}

/// A policy as it was issued.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The carrier.
    pub carrier: CarrierId,
    /// The carrier's number.
    pub number: Code,
    /// The issue date.
    pub issue: Day,
    /// Where the issue stands in the log.
    pub position: Position,
    /// Who wrote it, with what share.
    pub writing: Vec<(ProducerId, Rate)>,
    /// The chain that was frozen at issue.
    pub frozen: FrozenChain,
    /// What its timeline is computed from.
    pub terms: Terms,
    /// The payees, by their number.
    pub payees: Vec<Payee>,
}

/// An event names something that the log never introduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {0} names something that was never added")]
pub struct Unknown(pub Position);

/// Everything that the log has introduced so far.
#[derive(Clone, Debug, Default)]
pub struct Register {
    carriers: Names<CarrierId>,
    producers: Names<ProducerId>,
    policy_ids: HashMap<CarrierId, HashMap<Code, PolicyId>>,
    policies: Table<PolicyId, Policy>,
    contracts: Contracts,
    grids: Table<GridId, GridRow>,
    grids_of: HashMap<(CarrierId, Code), Vec<GridId>>,
    levels: HashSet<(CarrierId, Code)>,
    definitions: HashMap<Code, Vec<DefinitionRow>>,
    plans: HashSet<Code>,
    /// Chains that policies share, with their rates.
    places: HashMap<(GridId, Vec<FrozenPlace>), Arc<Places>>,
}

impl Register {
    /// The carriers.
    pub fn carriers(&self) -> &Names<CarrierId> {
        &self.carriers
    }

    /// The producers.
    pub fn producers(&self) -> &Names<ProducerId> {
        &self.producers
    }

    /// The policies.
    pub fn policies(&self) -> &Table<PolicyId, Policy> {
        &self.policies
    }

    /// The contracts.
    pub fn contracts(&self) -> &Contracts {
        &self.contracts
    }

    /// The grids.
    pub fn grids(&self) -> &Table<GridId, GridRow> {
        &self.grids
    }

    /// The policy of a carrier's number.
    pub fn policy_id(&self, carrier: CarrierId, number: &Code) -> Option<PolicyId> {
        self.policy_ids.get(&carrier)?.get(number).copied()
    }

    /// Every version of a persistency definition, in log order.
    pub fn definition(&self, code: &Code) -> Option<&[DefinitionRow]> {
        self.definitions.get(code).map(Vec::as_slice)
    }

    /// Whether a coverage plan was published.
    pub fn has_plan(&self, plan: &Code) -> bool {
        self.plans.contains(plan)
    }

    /// Whether any grid of the carrier names the level.
    pub fn has_level(&self, carrier: CarrierId, level: &Code) -> bool {
        self.levels.contains(&(carrier, level.clone()))
    }

    /// Whether the product has any grid.
    pub fn has_product(&self, carrier: CarrierId, product: &Code) -> bool {
        self.grids_of.contains_key(&(carrier, product.clone()))
    }

    /// The grid of a product in force on a day: the latest by effective date, then position.
    pub fn grid_in_force(&self, carrier: CarrierId, product: &Code, on: Day) -> Option<GridId> {
        let ids = self.grids_of.get(&(carrier, product.clone()))?;
        let rows = ids.iter().filter_map(|id| self.grids.get(*id).map(|row| (id, row)));
        let in_force = rows.filter(|(_, row)| row.on <= on);
        in_force.max_by_key(|(_, row)| (row.on, row.position)).map(|(id, _)| *id)
    }

    /// The accounts that a posting debits and credits. `None` for a party that is not of its kind, or names
    /// that this register does not know.
    pub fn accounts(&self, posting: &Posting) -> Option<(Account, Account)> {
        let on = posting.policy;
        let policy = || Some((on?, self.policies.get(on?)?));
        let contra = match (posting.kind, posting.party) {
            (
                Kind::Advance | Kind::EarnedAgainst | Kind::EarnedBeyond | Kind::Chargeback,
                Party::Payee(number),
            ) => {
                let (id, policy) = policy()?;
                let (producer, carrier) = (policy.payees.get(usize::from(number))?.producer, policy.carrier);
                let unearned = Account::Unearned(producer, carrier, id);
                let payable = Account::Payable(producer, Some(carrier));
                match posting.kind {
                    Kind::Advance => (unearned, payable),
                    Kind::EarnedAgainst => (Account::Carrier(carrier), unearned),
                    Kind::EarnedBeyond => (Account::Carrier(carrier), payable),
                    _ => (Account::Debt(producer, Some(carrier), on), unearned),
                }
            }
            (Kind::CarrierChargeback, Party::Producer(producer)) => {
                let carrier = policy()?.1.carrier;
                (Account::Debt(producer, Some(carrier), on), Account::Carrier(carrier))
            }
            (Kind::Covered, Party::Pair(producer, payer)) => {
                (Account::Coverage(payer), Account::Debt(producer, Some(policy()?.1.carrier), on))
            }
            (Kind::RolledUp, Party::Pair(from, to)) => {
                let carrier = Some(policy()?.1.carrier);
                (Account::Debt(to, carrier, on), Account::Debt(from, carrier, on))
            }
            (Kind::Recourse, Party::Pair(from, to)) => (Account::Recourse(from), Account::Recourse(to)),
            (Kind::LeadsCharged, Party::Producer(producer)) => (Account::Leads(producer), Account::Cash),
            (Kind::LeadsCredited, Party::Producer(producer)) => (Account::Cash, Account::Leads(producer)),
            (Kind::Repaid, Party::Contract(producer, carrier)) => {
                (Account::Cash, Account::Debt(producer, carrier, on))
            }
            (Kind::RepaidBeyond, Party::Contract(producer, carrier)) => {
                (Account::Cash, Account::Payable(producer, carrier))
            }
            (Kind::AdjustedPayable, Party::Contract(producer, carrier)) => {
                (Account::Adjustment, Account::Payable(producer, carrier))
            }
            (Kind::AdjustedDebt, Party::Contract(producer, carrier)) => {
                (Account::Adjustment, Account::Debt(producer, carrier, on))
            }
            (Kind::AdjustedLeads, Party::Contract(producer, _)) => {
                (Account::Adjustment, Account::Leads(producer))
            }
            (Kind::AdjustedReserve, Party::Contract(producer, _)) => {
                (Account::Adjustment, Account::Reserve(producer))
            }
            _ => return None,
        };
        Some(contra)
    }

    /// The policy that an event concerns, once the event is absorbed.
    pub fn policy_of(&self, body: &Body<ById>) -> Option<PolicyId> {
        match body {
            Body::PolicyIssued(issued) => self.policy_id(issued.carrier, &issued.number),
            Body::PremiumPaid { policy, .. }
            | Body::PremiumReversed { policy, .. }
            | Body::PolicyStopped { policy, .. }
            | Body::PolicyReinstated { policy }
            | Body::ChargebackRecorded { policy, .. }
            | Body::ChargebackAssessed { policy, .. }
            | Body::DebtMoved { policy, .. } => Some(*policy),
            Body::PolicyRestated(restated) => Some(restated.policy),
            Body::ChargebackCovered(decision) => Some(decision.policy),
            _ => None,
        }
    }

    /// Takes the event at a position in. Events that introduce nothing change nothing.
    pub fn absorb(&mut self, position: Position, on: Day, body: &Body<ById>) -> Result<(), Unknown> {
        match body {
            Body::CarrierAdded { carrier } => {
                self.carriers.add(carrier.clone());
            }
            Body::ProducerAdded { producer, .. } => {
                self.producers.add(producer.clone());
            }
            Body::GridPublished(grid) => {
                for (level, _) in &grid.levels {
                    self.levels.insert((grid.carrier, level.clone()));
                }
                let chargeback = Arc::from(grid.chargeback.as_slice());
                let id = self.grids.push(GridRow { on, position, grid: (**grid).clone(), chargeback });
                self.grids_of.entry((grid.carrier, grid.product.clone())).or_default().push(id);
            }
            Body::ProducerContracted { producer, carrier, level, upline, advance } => {
                let contract = Contract { level: level.clone(), upline: *upline, advance: *advance };
                self.contracts.add(*producer, *carrier, on, position, ContractStep::Begins(contract));
            }
            Body::ContractChanged { producer, carrier, level, upline, advance } => {
                let step = ContractStep::Changes { level: level.clone(), upline: *upline, advance: *advance };
                self.contracts.add(*producer, *carrier, on, position, step);
            }
            Body::PersistencyDefined { definition, terms } => {
                let row = DefinitionRow { on, position, terms: terms.clone() };
                self.definitions.entry(definition.clone()).or_default().push(row);
            }
            Body::CoveragePlanPublished(plan) => {
                self.plans.insert(plan.plan.clone());
            }
            Body::PolicyIssued(issued) => {
                let terms = self.terms(issued).ok_or(Unknown(position))?;
                let id = self.policies.push(Policy {
                    carrier: issued.carrier,
                    number: issued.number.clone(),
                    issue: on,
                    position,
                    writing: issued.writing.iter().map(|w| (w.producer, w.share)).collect(),
                    frozen: issued.frozen.clone(),
                    payees: terms.payees().collect(),
                    terms,
                });
                self.policy_ids.entry(issued.carrier).or_default().insert(issued.number.clone(), id);
            }
            _ => {}
        }
        Ok(())
    }

    /// The terms of a frozen chain: shares summed up, and the rates of its grid.
    fn terms(&mut self, issued: &PolicyIssued<ById>) -> Option<Terms> {
        let row = self.grids.get(issued.frozen.grid)?;
        let mut sides = Vec::with_capacity(issued.frozen.sides.len());
        let mut from = Rate::ZERO;
        for (writing, frozen) in issued.writing.iter().zip(&issued.frozen.sides) {
            let through = from.checked_add(writing.share)?;
            let key = (issued.frozen.grid, frozen.clone());
            let places = match self.places.get(&key) {
                Some(places) => Arc::clone(places),
                None => {
                    let bands: Option<Vec<&[Band]>> =
                        frozen.iter().map(|p| row.grid.bands(&p.level)).collect();
                    let places = Arc::new(Places::new(frozen.clone(), &bands?));
                    self.places.insert(key, Arc::clone(&places));
                    places
                }
            };
            sides.push(Side { from, through, places });
            from = through;
        }
        Some(Terms {
            annual_premium: issued.annual_premium,
            months_by_mode: issued.mode.months(),
            sides,
            chargeback: Arc::clone(&row.chargeback),
        })
    }
}
