//! The reference data: what the log has introduced — names, contracts, grids, definitions, plans, and each
//! policy with its frozen terms. Nothing in it depends on premiums, stops or money moved, so a view can
//! keep one at the cost of a few table rows.

mod mentions;
mod naming;

pub use mentions::Mentions;

use crate::fact::grid::{Band, ChargebackRow, Grid};
use crate::fact::persistency::Definition;
use crate::fact::types::Introduces;
use crate::fact::{
    AgentReleased, AssignmentEnded, Body, CarrierAdded, CarrierPays, CommissionAssigned, ContractChanged,
    CorrectedIssue, CoverageEnrolled, CoveragePlan, CoverageWithdrawn, HouseSet, Mode, PersistencyDefined,
    PolicyIssued, PolicyRestated, ProducerAdded, ProducerContracted, RouteSet, Vesting,
};
use crate::recorded::posting::{Account, Payees, Posting};
use crate::terms::chain::{Assigned, FrozenChain, FrozenPlace, Payee, Places, Side, Terms, renumbered};
use crate::terms::contract::{Contract, ContractStep, Contracts};
use crate::terms::routes::{Assignments, Routes};
use crate::vocabulary::as_of::{AsOf, Dated, Position, in_force};
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ById, CarrierId, Code, GridId, Names, PolicyId, ProducerId, Table};
use crate::vocabulary::rate::Rate;
use crate::vocabulary::time::Day;
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

/// A coverage plan with its place in the two orders.
#[derive(Clone, Debug)]
pub struct PlanRow {
    /// From which day on it holds.
    pub on: Day,
    /// Where it stands in the log.
    pub position: Position,
    /// What it says.
    pub plan: CoveragePlan<ById>,
}

impl Dated for DefinitionRow {
    fn on(&self) -> Day {
        self.on
    }

    fn position(&self) -> Position {
        self.position
    }
}

impl Dated for PlanRow {
    fn on(&self) -> Day {
        self.on
    }

    fn position(&self) -> Position {
        self.position
    }
}

/// A release with its place in the two orders.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    /// With which carrier; none: with all.
    pub carrier: Option<CarrierId>,
    /// The last day of the contract.
    pub on: Day,
    /// Where it stands in the log.
    pub position: Position,
    /// Whether the producer goes on being paid.
    pub vesting: Vesting,
}

/// An enrolment in a coverage plan, or a withdrawal from it.
#[derive(Clone, Debug)]
struct Enrolment {
    on: Day,
    position: Position,
    plan: Code,
    enrolled: bool,
}

/// A correction of a policy.
#[derive(Clone, Debug)]
pub struct Restatement {
    /// From which day on its differences are dated.
    pub on: Day,
    /// Where it stands in the log.
    pub position: Position,
    /// The carrier's number from then on.
    pub number: Code,
    pub product: Code,
    /// The chain.
    pub frozen: FrozenChain,
    /// The chain with its rates, the issue date and the premium.
    pub terms: Terms,
    /// The number of each of its payees among all that the policy ever had.
    pub numbers: Vec<u16>,
}

/// A policy as it stands at a point: as it was issued, or as it was last corrected.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    pub number: &'a Code,
    pub product: &'a Code,
    pub frozen: &'a FrozenChain,
    pub terms: &'a Terms,
    /// The number of each payee of its chain among all that the policy ever had.
    pub numbers: &'a [u16],
}

/// A policy as it was issued, and as it was restated.
#[derive(Clone, Debug)]
pub struct Policy {
    pub carrier: CarrierId,
    /// The carrier's number.
    pub number: Code,
    pub product: Code,
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
    /// The payees, by their number: those of the issue, then those that restatements added.
    pub payees: Vec<Payee>,
    /// The numbers of the payees at issue: 0, 1, 2, ….
    pub numbers: Vec<u16>,
    /// Its restatements, in the order of their recording.
    pub restatements: Vec<Restatement>,
}

impl Policy {
    /// What the producer wrote of it, all its sides together. `None` where it wrote nothing of it.
    pub fn share_of(&self, producer: ProducerId) -> Option<Rate> {
        let mut shares = self.writing.iter().filter(|(who, _)| *who == producer).map(|(_, share)| *share);
        let first = shares.next()?;
        Some(shares.fold(first, |sum, share| sum.checked_add(share).unwrap_or(sum)))
    }

    /// The policy as it stands: of the corrections recorded up to a position and effective up to a day, the last
    /// recorded.
    pub fn version(&self, as_of: Day, known: Position) -> Version<'_> {
        let seen = |restated: &&Restatement| restated.position <= known && restated.on <= as_of;
        match self.restatements.iter().rev().find(seen) {
            Some(Restatement { number, product, frozen, terms, numbers, .. }) => {
                Version { number, product, frozen, terms, numbers }
            }
            None => {
                let Policy { number, product, frozen, terms, numbers, .. } = self;
                Version { number, product, frozen, terms, numbers }
            }
        }
    }

    /// The policy as it was last corrected, whatever the dates.
    pub fn latest(&self) -> Version<'_> {
        self.version(Day::LAST, Position::MAX)
    }

    /// The earliest day on which it was issued, of all that were said.
    pub fn first_issue(&self) -> Day {
        let corrected = self.restatements.iter().map(|restated| restated.terms.issue);
        corrected.fold(self.issue, Day::min)
    }
}

/// An event names something that the log never introduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {0} names something that was never added")]
pub struct Unknown(pub Position);

/// Everything that the log has introduced so far.
#[derive(Clone, Debug, Default)]
pub struct ReferenceData {
    carriers: Names<CarrierId>,
    producers: Names<ProducerId>,
    policy_ids: HashMap<CarrierId, HashMap<Code, PolicyId>>,
    policies: Table<PolicyId, Policy>,
    contracts: Contracts,
    assignments: Assignments,
    routes: Routes,
    grids: Table<GridId, GridRow>,
    grids_of: HashMap<(CarrierId, Code), Vec<GridId>>,
    levels: HashSet<(CarrierId, Code)>,
    definitions: HashMap<Code, Vec<DefinitionRow>>,
    plans: HashMap<Code, Vec<PlanRow>>,
    enrolments: HashMap<ProducerId, Vec<Enrolment>>,
    releases: HashMap<ProducerId, Vec<Release>>,
    /// The policies that each producer is or was a payee of.
    policies_of: Table<ProducerId, Vec<PolicyId>>,
    /// Under which numbers policies are shown: those of this day, or else the latest.
    shown: Option<Day>,
    /// Chains that policies share, with their rates.
    places: HashMap<(GridId, Vec<FrozenPlace>), Arc<Places>>,
}

impl ReferenceData {
    pub fn carriers(&self) -> &Names<CarrierId> {
        &self.carriers
    }

    pub fn producers(&self) -> &Names<ProducerId> {
        &self.producers
    }

    pub fn policies(&self) -> &Table<PolicyId, Policy> {
        &self.policies
    }

    pub fn contracts(&self) -> &Contracts {
        &self.contracts
    }

    /// What producers assign to others.
    pub fn assignments(&self) -> &Assignments {
        &self.assignments
    }

    /// Who is paid by whom.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

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

    /// The codes of all definitions, in order.
    pub fn definition_codes(&self) -> Vec<&Code> {
        let mut codes: Vec<&Code> = self.definitions.keys().collect();
        codes.sort();
        codes
    }

    /// Whether a coverage plan was published.
    pub fn has_plan(&self, plan: &Code) -> bool {
        self.plans.contains_key(plan)
    }

    /// The policies that a producer is or was a payee of, in the order of their issue.
    pub fn policies_of(&self, producer: ProducerId) -> &[PolicyId] {
        self.policies_of.get(producer).map_or(&[], Vec::as_slice)
    }

    /// The releases of a producer that concern a policy: from its carrier, not before its issue.
    pub fn releases<'a>(
        &'a self,
        producer: ProducerId,
        policy: &'a Policy,
    ) -> impl Iterator<Item = &'a Release> + 'a {
        let releases = self.releases.get(&producer).into_iter().flatten();
        let issue = policy.latest().terms.issue;
        releases.filter(move |r| r.carrier.is_none_or(|carrier| carrier == policy.carrier) && issue <= r.on)
    }

    /// From which day on each payee of a policy forfeits; empty when nobody does (rules §8).
    pub fn forfeits(&self, policy: &Policy) -> Vec<Option<Day>> {
        let from = |payee: &Payee| {
            if payee.assigned {
                return None;
            }
            let unvested = self.releases(payee.producer, policy).filter(|r| r.vesting == Vesting::None);
            unvested.map(|release| release.on).min()
        };
        let forfeits: Vec<Option<Day>> = policy.payees.iter().map(from).collect();
        if forfeits.iter().any(Option::is_some) { forfeits } else { Vec::new() }
    }

    /// The plan that a producer is enrolled in on a day — of several the last enrolled — in the version in
    /// force on that day.
    pub fn plan_on(&self, producer: ProducerId, on: Day) -> Option<&PlanRow> {
        let mut enrolled: Vec<&Enrolment> = Vec::new();
        for enrolment in self.enrolments.get(&producer)?.iter().take_while(|enrolment| enrolment.on <= on) {
            enrolled.retain(|known| known.plan != enrolment.plan);
            if enrolment.enrolled {
                enrolled.push(enrolment);
            }
        }
        in_force(self.plans.get(&enrolled.last()?.plan)?, AsOf::day(on))
    }

    /// The version of a definition in force on a day; before its first day, its first version.
    pub fn definition_on(&self, code: &Code, on: Day) -> Option<&DefinitionRow> {
        let versions = self.definitions.get(code)?;
        in_force(versions, AsOf::day(on)).or_else(|| versions.iter().min_by_key(|row| (row.on, row.position)))
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
        let rows = ids.iter().filter_map(|id| self.grids.get(*id).map(|row| (row.on, row.position, *id)));
        in_force(rows, AsOf::day(on)).map(|(.., id)| id)
    }

    /// The accounts that a posting debits and credits. `None` for a party that is not of its kind, or names
    /// that this reference data does not know.
    pub fn accounts(&self, posting: &Posting) -> Option<(Account, Account)> {
        posting.accounts(self)
    }

    /// Takes the event at a position in. Events that introduce nothing change nothing.
    pub fn absorb(&mut self, position: Position, on: Day, body: &Body<ById>) -> Result<(), Unknown> {
        if body.fact_type().introduces == Introduces::Nothing {
            return Ok(());
        }
        match body {
            Body::CarrierAdded(CarrierAdded { carrier }) => {
                self.carriers.add(carrier.clone());
            }
            Body::ProducerAdded(ProducerAdded { producer, .. }) => {
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
            Body::ProducerContracted(ProducerContracted { producer, carrier, level, upline, advance }) => {
                let (level, ended) = (level.clone(), None);
                let contract = Contract { level, upline: *upline, advance: *advance, ended };
                self.contracts.add(*producer, *carrier, on, position, ContractStep::Begins(contract));
            }
            Body::ContractChanged(ContractChanged { producer, carrier, level, upline, advance }) => {
                let step = ContractStep::Changes { level: level.clone(), upline: *upline, advance: *advance };
                self.contracts.add(*producer, *carrier, on, position, step);
            }
            Body::CommissionAssigned(CommissionAssigned { producer, carrier, to, keeps }) => {
                let assigned = Some(Assigned { to: *to, keeps: *keeps });
                self.assignments.set(*producer, *carrier, on, position, assigned);
            }
            Body::AssignmentEnded(AssignmentEnded { producer, carrier }) => {
                self.assignments.set(*producer, *carrier, on, position, None);
            }
            Body::HouseSet(HouseSet { producer }) => self.routes.set_house(on, position, *producer),
            Body::RouteSet(RouteSet { producer, carrier, paid_by }) => {
                self.routes.set_route((*producer, *carrier), on, position, *paid_by);
            }
            Body::CarrierPays(CarrierPays { carrier, line }) => {
                self.routes.set_line(*carrier, on, position, *line);
            }
            Body::PersistencyDefined(PersistencyDefined { definition, terms }) => {
                let row = DefinitionRow { on, position, terms: terms.clone() };
                self.definitions.entry(definition.clone()).or_default().push(row);
            }
            Body::CoveragePlanPublished(plan) => {
                let row = PlanRow { on, position, plan: (**plan).clone() };
                self.plans.entry(plan.plan.clone()).or_default().push(row);
            }
            Body::CoverageEnrolled(CoverageEnrolled { producer, plan }) => {
                self.enrol(*producer, on, position, plan, true)
            }
            Body::CoverageWithdrawn(CoverageWithdrawn { producer, plan }) => {
                self.enrol(*producer, on, position, plan, false)
            }
            Body::AgentReleased(AgentReleased { producer, carrier, vesting, .. }) => {
                match carrier {
                    Some(carrier) => {
                        self.contracts.add(*producer, *carrier, on, position, ContractStep::Ends)
                    }
                    None => self.contracts.end_all(*producer, on, position),
                }
                let release = Release { carrier: *carrier, on, position, vesting: *vesting };
                self.releases.entry(*producer).or_default().push(release);
            }
            Body::PolicyIssued(issued) => self.issue(position, on, issued).ok_or(Unknown(position))?,
            Body::PolicyRestated(restated) => {
                self.restate(position, on, restated).ok_or(Unknown(position))?
            }
            // Whatever a type introduces is taken in above.
            _ => return Err(Unknown(position)),
        }
        Ok(())
    }

    fn enrol(&mut self, producer: ProducerId, on: Day, position: Position, plan: &Code, enrolled: bool) {
        let enrolments = self.enrolments.entry(producer).or_default();
        let place = enrolments.partition_point(|known| (known.on, known.position) <= (on, position));
        enrolments.insert(place, Enrolment { on, position, plan: plan.clone(), enrolled });
    }

    fn issue(&mut self, position: Position, on: Day, issued: &PolicyIssued<ById>) -> Option<()> {
        let writing: Vec<(ProducerId, Rate)> = issued.writing.iter().map(|w| (w.producer, w.share)).collect();
        let premium =
            Premium { issue: on, annual: issued.annual_premium, months_by_mode: issued.mode.months() };
        let terms = self.terms(premium, &writing, &issued.frozen)?;
        let payees: Vec<Payee> = terms.payees().collect();
        let policy = Policy {
            carrier: issued.carrier,
            number: issued.number.clone(),
            product: issued.product.clone(),
            issue: on,
            position,
            writing,
            frozen: issued.frozen.clone(),
            numbers: (0..).zip(&payees).map(|(number, _)| number).collect(),
            payees,
            terms,
            restatements: Vec::new(),
        };
        let producers: Vec<ProducerId> = policy.payees.iter().map(|payee| payee.producer).collect();
        let id = self.policies.push(policy);
        self.policy_ids.entry(issued.carrier).or_default().insert(issued.number.clone(), id);
        self.note_payees(id, producers);
        Some(())
    }

    fn restate(&mut self, position: Position, on: Day, restated: &PolicyRestated<ById>) -> Option<()> {
        let policy = self.policies.get(restated.policy)?;
        let (old, writing, carrier) = (policy.latest(), policy.writing.clone(), policy.carrier);
        let issue = restated.issue.as_deref();
        let corrected =
            |of: fn(&CorrectedIssue) -> Option<&Code>, old: &Code| issue.and_then(of).unwrap_or(old).clone();
        let number = corrected(|issue| issue.number.as_ref(), old.number);
        let product = corrected(|issue| issue.product.as_ref(), old.product);
        let months = issue.and_then(|issue| issue.mode).map(Mode::months);
        let premium = Premium {
            issue: issue.and_then(|issue| issue.on).unwrap_or(old.terms.issue),
            annual: issue.and_then(|issue| issue.annual_premium).unwrap_or(old.terms.annual_premium),
            months_by_mode: months.unwrap_or(old.terms.months_by_mode),
        };
        let terms = self.terms(premium, &writing, &restated.frozen)?;
        self.policy_ids.entry(carrier).or_default().insert(number.clone(), restated.policy);
        let policy = self.policies.get_mut(restated.policy)?;
        let before = policy.payees.len();
        let numbers = renumbered(&mut policy.payees, terms.payees())?;
        let (had, added) = policy.payees.split_at(before);
        let is_new = |payee: &&Payee| had.iter().all(|known| known.producer != payee.producer);
        let added = added.iter().filter(is_new).map(|payee| payee.producer).collect();
        let frozen = restated.frozen.clone();
        policy.restatements.push(Restatement { on, position, number, product, frozen, terms, numbers });
        self.note_payees(restated.policy, added);
        Some(())
    }

    fn note_payees(&mut self, id: PolicyId, producers: Vec<ProducerId>) {
        for producer in producers {
            let policies = self.policies_of.entry(producer);
            if policies.last() != Some(&id) {
                policies.push(id);
            }
        }
    }

    /// The terms of a frozen chain: shares summed up, and the rates of its grid.
    fn terms(
        &mut self,
        premium: Premium,
        writing: &[(ProducerId, Rate)],
        chain: &FrozenChain,
    ) -> Option<Terms> {
        let row = self.grids.get(chain.grid)?;
        let mut sides = Vec::with_capacity(chain.sides.len());
        let mut from = Rate::ZERO;
        for ((_, share), frozen) in writing.iter().zip(&chain.sides) {
            let through = from.checked_add(*share)?;
            let key = (chain.grid, frozen.clone());
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
        let (chargeback, chargeback_months) = (Arc::clone(&row.chargeback), row.grid.chargeback_months);
        let Premium { issue, annual: annual_premium, months_by_mode } = premium;
        Some(Terms { issue, annual_premium, months_by_mode, sides, chargeback, chargeback_months })
    }
}

impl Payees for ReferenceData {
    fn payee(&self, policy: PolicyId, number: u16) -> Option<ProducerId> {
        Some(self.policies.get(policy)?.payees.get(usize::from(number))?.producer)
    }

    fn carrier(&self, policy: PolicyId) -> Option<CarrierId> {
        Some(self.policies.get(policy)?.carrier)
    }
}

/// What a policy's premium is, and from which day on, whatever its chain.
#[derive(Clone, Copy)]
struct Premium {
    issue: Day,
    annual: Cents,
    months_by_mode: u8,
}
