//! What goes into the ledger (facts.md): one set of bodies, named by code in a fact that someone submits
//! and by dense id in an event that was recorded.
//!
//! # Shape
//! Plain data, a family of facts a file. A fact's struct says which fields it has, its `map` which names are among
//! them, its `fields` what its canonical text is; [`types`] is the table of all. The rules about facts stand on the
//! floors above.

mod banks;
pub mod content;
mod contracts;
pub mod coverage;
mod debts;
mod deposits;
pub mod grid;
mod openings;
mod payouts;
mod people;
pub mod persistency;
pub mod persons;
mod policies;
mod proposals;
pub mod rename;
mod routes;
pub mod statement;
pub mod types;

pub use banks::{BANK_HOLD_DAYS, BankDetailsSet, PaymentFileWritten};
pub use contracts::{AgentReleased, ContractChanged, DebtTerms, ProducerContracted, Vesting};
pub use coverage::{CoverageDecision, CoverageEnrolled, CoveragePlan, CoverageWithdrawn};
pub use debts::{
    AdjustedAccount, AdjustmentPosted, ChargebackAssessed, ChargebackRecorded, DebtMoved, DebtRolledUp,
    LeadCharged, LeadCredited, LeadLineSet, RepaymentReceived,
};
pub use deposits::{CarrierDeposit, CarrierPays, PaysLine};
pub use openings::OpeningPosted;
pub use payouts::{
    HoldLifted, HoldReason, PayoutBasis, PayoutHeld, PayoutMade, PayoutPart, PayoutReturned, PayoutTerms,
    PayoutTermsSet, ReserveTier,
};
pub use people::{CarrierAdded, DirectoryKind, PersonalDataErased, ProducerAdded, ProducerKind};
pub use persistency::PersistencyDefined;
pub use persons::{names_nobody, person_key, same_person};
pub use policies::{
    ChainLink, CorrectedIssue, Mode, PolicyIssued, PolicyReinstated, PolicyRestated, PolicyStopped,
    PremiumPaid, PremiumReversed, RestatedChain, ReversalReason, Writing,
};
pub use proposals::{Action, ActionDecided, ActionProposed, Decision};
pub use routes::{AssignmentEnded, CommissionAssigned, HouseSet, PaidBy, RouteSet};
pub use types::{FactType, Kind, Submitter};

use crate::vocabulary::names::{ByCode, Naming};
use crate::vocabulary::time::{Day, Moment};
use content::Members;
use grid::Grid;
use rename::Rename;
use statement::{ExceptionResolved, StatementReceived, StatementVoided};
use uuid::Uuid;

/// A fact as it was submitted: well-formed, not yet checked against the book.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The idempotency key, where one was given.
    pub id: Option<Uuid>,
    /// The effective date.
    pub on: Day,
    /// When it was recorded elsewhere; honoured for trusted imports only.
    pub recorded_at: Option<Moment>,
    /// Free text that is kept.
    pub remarks: Option<Box<Remarks>>,
    /// Personal data for the directory; never part of the log or of the content.
    pub personal: Option<Box<Personal>>,
    /// What it says.
    pub body: Body<ByCode>,
}

/// Free text that comes with a fact and is kept as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Where the fact comes from.
    pub source: Option<String>,
    /// What somebody noted.
    pub note: Option<String>,
    /// Who submitted it.
    pub actor: Option<String>,
}

/// What the directory keeps of a carrier or producer, and can erase.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Personal {
    /// The full name.
    pub name: Option<String>,
    /// The national producer number.
    pub npn: Option<String>,
}

/// What a fact or an event says.
///
/// The last variants are events that the ledger records itself; no fact carries them.
#[derive(Clone, Debug, PartialEq)]
pub enum Body<N: Naming> {
    /// A carrier is known from now on.
    CarrierAdded(CarrierAdded),
    /// A producer is known from now on.
    ProducerAdded(ProducerAdded),
    /// What a carrier pays for a product, from a day on.
    GridPublished(Box<Grid<N>>),
    /// A contract of a producer with a carrier begins.
    ProducerContracted(ProducerContracted<N>),
    /// A standing contract changes.
    ContractChanged(ContractChanged<N>),
    /// A way to measure persistency.
    PersistencyDefined(PersistencyDefined),
    CoveragePlanPublished(Box<CoveragePlan<N>>),
    /// A producer takes part in a plan.
    CoverageEnrolled(CoverageEnrolled<N>),
    /// A producer leaves a plan.
    CoverageWithdrawn(CoverageWithdrawn<N>),
    /// A policy is issued and freezes its chain.
    PolicyIssued(Box<PolicyIssued<N>>),
    /// A premium was paid.
    PremiumPaid(PremiumPaid<N>),
    /// A premium was taken back.
    PremiumReversed(PremiumReversed<N>),
    /// A policy lapsed or was terminated.
    PolicyStopped(PolicyStopped<N>),
    /// A stopped policy is in force again.
    PolicyReinstated(PolicyReinstated<N>),
    /// A chargeback that the carrier asserts and the ledger did not compute.
    ChargebackRecorded(ChargebackRecorded<N>),
    /// A contract ends.
    AgentReleased(AgentReleased<N>),
    /// A released producer's debt moves up again.
    DebtRolledUp(DebtRolledUp<N>),
    /// A policy's chain is corrected.
    PolicyRestated(Box<PolicyRestated<N>>),
    /// A producer paid back what it owes.
    RepaymentReceived(RepaymentReceived<N>),
    /// The credit line for leads.
    LeadLineSet(LeadLineSet<N>),
    /// Leads were bought on credit.
    LeadCharged(LeadCharged<N>),
    /// Leads were given back or paid.
    LeadCredited(LeadCredited<N>),
    /// A correction by hand.
    AdjustmentPosted(Box<AdjustmentPosted<N>>),
    /// How payouts are made from a day on.
    PayoutTermsSet(PayoutTermsSet<N>),
    /// Nothing is paid out to a producer from a day on.
    PayoutHeld(PayoutHeld<N>),
    /// A hold ends.
    HoldLifted(HoldLifted<N>),
    /// What was due to a producer was paid out, less what it owed and what was withheld.
    PayoutMade(Box<PayoutMade<N>>),
    /// A carrier's statement came in.
    StatementReceived(Box<StatementReceived>),
    /// An exception of a statement was settled.
    ExceptionResolved(Box<ExceptionResolved<N>>),
    /// No entry may be dated on or before the effective date any more.
    PeriodClosed,
    /// A producer wants its money at an account.
    BankDetailsSet(Box<BankDetailsSet<N>>),
    /// A file that pays a run was written.
    PaymentFileWritten(Box<PaymentFileWritten>),
    /// What the directory kept of somebody was erased.
    PersonalDataErased(PersonalDataErased),
    /// Somebody proposes something that somebody else is to decide.
    ActionProposed(Box<ActionProposed>),
    /// A proposal is decided.
    ActionDecided(ActionDecided),
    /// Who runs the ledger from a day on.
    HouseSet(HouseSet<N>),
    /// By whom a producer is paid from a day on.
    RouteSet(RouteSet<N>),
    /// A producer assigns a part of its commissions.
    CommissionAssigned(CommissionAssigned<N>),
    /// An assignment ends.
    AssignmentEnded(AssignmentEnded<N>),
    /// A balance is brought along.
    OpeningPosted(Box<OpeningPosted<N>>),
    /// The bank sent a payout back.
    PayoutReturned(Box<PayoutReturned<N>>),
    /// Whom the lines of a carrier's statements pay, from a day on.
    CarrierPays(CarrierPays<N>),
    /// Money came in from a carrier.
    CarrierDeposit(Box<CarrierDeposit<N>>),
    /// A statement does not count any more.
    StatementVoided(StatementVoided),
    /// The ledger's own: a chargeback's coverage was decided.
    ChargebackCovered(Box<CoverageDecision<N>>),
    /// The ledger's own: the open debt of a policy moved up.
    DebtMoved(DebtMoved<N>),
    /// The ledger's own: a stop's chargeback of one payee became positive.
    ChargebackAssessed(ChargebackAssessed<N>),
}

impl<N: Naming> Body<N> {
    /// The same with other names, asked for in the order of the fields.
    #[inline]
    pub fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<Body<T>, R::Error> {
        Ok(match self {
            Body::CarrierAdded(fact) => Body::CarrierAdded(fact.map(r)?),
            Body::ProducerAdded(fact) => Body::ProducerAdded(fact.map(r)?),
            Body::GridPublished(fact) => Body::GridPublished(Box::new(fact.map(r)?)),
            Body::ProducerContracted(fact) => Body::ProducerContracted(fact.map(r)?),
            Body::ContractChanged(fact) => Body::ContractChanged(fact.map(r)?),
            Body::PersistencyDefined(fact) => Body::PersistencyDefined(fact.map(r)?),
            Body::CoveragePlanPublished(fact) => Body::CoveragePlanPublished(Box::new(fact.map(r)?)),
            Body::CoverageEnrolled(fact) => Body::CoverageEnrolled(fact.map(r)?),
            Body::CoverageWithdrawn(fact) => Body::CoverageWithdrawn(fact.map(r)?),
            Body::PolicyIssued(fact) => Body::PolicyIssued(Box::new(fact.map(r)?)),
            Body::PremiumPaid(fact) => Body::PremiumPaid(fact.map(r)?),
            Body::PremiumReversed(fact) => Body::PremiumReversed(fact.map(r)?),
            Body::PolicyStopped(fact) => Body::PolicyStopped(fact.map(r)?),
            Body::PolicyReinstated(fact) => Body::PolicyReinstated(fact.map(r)?),
            Body::ChargebackRecorded(fact) => Body::ChargebackRecorded(fact.map(r)?),
            Body::AgentReleased(fact) => Body::AgentReleased(fact.map(r)?),
            Body::DebtRolledUp(fact) => Body::DebtRolledUp(fact.map(r)?),
            Body::PolicyRestated(fact) => Body::PolicyRestated(Box::new(fact.map(r)?)),
            Body::RepaymentReceived(fact) => Body::RepaymentReceived(fact.map(r)?),
            Body::LeadLineSet(fact) => Body::LeadLineSet(fact.map(r)?),
            Body::LeadCharged(fact) => Body::LeadCharged(fact.map(r)?),
            Body::LeadCredited(fact) => Body::LeadCredited(fact.map(r)?),
            Body::AdjustmentPosted(fact) => Body::AdjustmentPosted(Box::new(fact.map(r)?)),
            Body::PayoutTermsSet(fact) => Body::PayoutTermsSet(fact.map(r)?),
            Body::PayoutHeld(fact) => Body::PayoutHeld(fact.map(r)?),
            Body::HoldLifted(fact) => Body::HoldLifted(fact.map(r)?),
            Body::PayoutMade(fact) => Body::PayoutMade(Box::new(fact.map(r)?)),
            Body::StatementReceived(fact) => Body::StatementReceived(Box::new(fact.map(r)?)),
            Body::ExceptionResolved(fact) => Body::ExceptionResolved(Box::new(fact.map(r)?)),
            Body::PeriodClosed => Body::PeriodClosed,
            Body::BankDetailsSet(fact) => Body::BankDetailsSet(Box::new(fact.map(r)?)),
            Body::PaymentFileWritten(fact) => Body::PaymentFileWritten(fact.clone()),
            Body::PersonalDataErased(fact) => Body::PersonalDataErased(fact.clone()),
            Body::ActionProposed(fact) => Body::ActionProposed(fact.clone()),
            Body::ActionDecided(fact) => Body::ActionDecided(fact.clone()),
            Body::HouseSet(fact) => Body::HouseSet(fact.map(r)?),
            Body::RouteSet(fact) => Body::RouteSet(fact.map(r)?),
            Body::CommissionAssigned(fact) => Body::CommissionAssigned(fact.map(r)?),
            Body::AssignmentEnded(fact) => Body::AssignmentEnded(fact.map(r)?),
            Body::OpeningPosted(fact) => Body::OpeningPosted(Box::new(fact.map(r)?)),
            Body::PayoutReturned(fact) => Body::PayoutReturned(Box::new(fact.map(r)?)),
            Body::CarrierPays(fact) => Body::CarrierPays(fact.map(r)?),
            Body::CarrierDeposit(fact) => Body::CarrierDeposit(Box::new(fact.map(r)?)),
            Body::StatementVoided(fact) => Body::StatementVoided(fact.map(r)?),
            Body::ChargebackCovered(fact) => Body::ChargebackCovered(Box::new(fact.map(r)?)),
            Body::DebtMoved(fact) => Body::DebtMoved(fact.map(r)?),
            Body::ChargebackAssessed(fact) => Body::ChargebackAssessed(fact.map(r)?),
        })
    }
}

impl Body<ByCode> {
    /// The members of its canonical text, in the order of their names.
    fn fields(&self, m: &mut Members<'_, '_>) {
        match self {
            Body::CarrierAdded(fact) => fact.fields(m),
            Body::ProducerAdded(fact) => fact.fields(m),
            Body::GridPublished(fact) => fact.fields(m),
            Body::ProducerContracted(fact) => fact.fields(m),
            Body::ContractChanged(fact) => fact.fields(m),
            Body::PersistencyDefined(fact) => fact.fields(m),
            Body::CoveragePlanPublished(fact) => fact.fields(m),
            Body::CoverageEnrolled(fact) => fact.fields(m),
            Body::CoverageWithdrawn(fact) => fact.fields(m),
            Body::PolicyIssued(fact) => fact.fields(m),
            Body::PremiumPaid(fact) => fact.fields(m),
            Body::PremiumReversed(fact) => fact.fields(m),
            Body::PolicyStopped(fact) => fact.fields(m),
            Body::PolicyReinstated(fact) => fact.fields(m),
            Body::ChargebackRecorded(fact) => fact.fields(m),
            Body::AgentReleased(fact) => fact.fields(m),
            Body::DebtRolledUp(fact) => fact.fields(m),
            Body::PolicyRestated(fact) => fact.fields(m),
            Body::RepaymentReceived(fact) => fact.fields(m),
            Body::LeadLineSet(fact) => fact.fields(m),
            Body::LeadCharged(fact) => fact.fields(m),
            Body::LeadCredited(fact) => fact.fields(m),
            Body::AdjustmentPosted(fact) => fact.fields(m),
            Body::PayoutTermsSet(fact) => fact.fields(m),
            Body::PayoutHeld(fact) => fact.fields(m),
            Body::HoldLifted(fact) => fact.fields(m),
            Body::PayoutMade(fact) => fact.fields(m),
            Body::StatementReceived(fact) => fact.fields(m),
            Body::ExceptionResolved(fact) => fact.fields(m),
            Body::PeriodClosed => {}
            Body::BankDetailsSet(fact) => fact.fields(m),
            Body::PaymentFileWritten(fact) => fact.fields(m),
            Body::PersonalDataErased(fact) => fact.fields(m),
            Body::ActionProposed(fact) => fact.fields(m),
            Body::ActionDecided(fact) => fact.fields(m),
            Body::HouseSet(fact) => fact.fields(m),
            Body::RouteSet(fact) => fact.fields(m),
            Body::CommissionAssigned(fact) => fact.fields(m),
            Body::AssignmentEnded(fact) => fact.fields(m),
            Body::OpeningPosted(fact) => fact.fields(m),
            Body::PayoutReturned(fact) => fact.fields(m),
            Body::CarrierPays(fact) => fact.fields(m),
            Body::CarrierDeposit(fact) => fact.fields(m),
            Body::StatementVoided(fact) => fact.fields(m),
            Body::ChargebackCovered(fact) => fact.fields(m),
            Body::DebtMoved(fact) => fact.fields(m),
            Body::ChargebackAssessed(fact) => fact.fields(m),
        }
    }
}
