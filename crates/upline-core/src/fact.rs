//! What goes into the ledger (facts.md): one set of bodies, named by code in a fact that someone submits
//! and by dense id in an event that was recorded.

use crate::chain::AdvanceTerms;
use crate::coverage::{CoverageDecision, Tier};
use crate::grid::{Grid, StopReason};
use crate::money::Cents;
use crate::names::{ByCode, Code, Naming};
use crate::persistency::Definition;
use crate::rate::Rate;
use crate::statement::{ExceptionResolved, StatementReceived};
use crate::time::{Day, Moment};
use uuid::Uuid;

macro_rules! words {
    ($type:ty { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $type {
            /// Every value, in the order of the specification.
            pub const ALL: &'static [$type] = &[$(<$type>::$variant),*];

            /// The word that facts and answers use.
            pub fn as_str(self) -> &'static str {
                match self { $(<$type>::$variant => $word),* }
            }

            /// The value of a word.
            pub fn parse(word: &str) -> Option<$type> {
                match word { $($word => Some(<$type>::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use words;

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

/// The kinds of producers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProducerKind {
    /// Independent marketing organization.
    Imo,
    /// Managing general agent.
    Mga,
    /// Agency.
    Agency,
    /// Agent.
    Agent,
}

/// How often premiums fall due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every six months.
    Semiannual,
    /// Every twelve months.
    Annual,
}

impl Mode {
    /// The months that a premium of this mode pays for, where it does not say.
    pub fn months(self) -> u8 {
        match self {
            Mode::Monthly => 1,
            Mode::Quarterly => 3,
            Mode::Semiannual => 6,
            Mode::Annual => 12,
        }
    }
}

/// Why a premium was reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReversalReason {
    /// Not sufficient funds.
    Nsf,
    /// Given back.
    Refund,
    /// Recorded by mistake.
    Error,
}

/// One writing producer of a policy and its share.
#[derive(Clone, Debug, PartialEq)]
pub struct Writing<N: Naming> {
    /// Who wrote it.
    pub producer: N::Producer,
    /// Its part of the commission; the shares of a policy sum to exactly 1.
    pub share: Rate,
}

/// A policy as it was issued.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyIssued<N: Naming> {
    /// The carrier.
    pub carrier: N::Carrier,
    /// The carrier's number of the policy.
    pub number: Code,
    /// The product; its grid in force on the issue date serves all years.
    pub product: Code,
    /// The premium of a year.
    pub annual_premium: Cents,
    /// How often premiums fall due.
    pub mode: Mode,
    /// Who wrote it.
    pub writing: Vec<Writing<N>>,
    /// The state of issue, free form.
    pub state: Option<String>,
    /// The age of the insured at issue.
    pub issue_age: Option<u8>,
    /// The chain that was frozen at issue (events only).
    pub frozen: N::Frozen,
}

/// A coverage plan as it was published (rules §7).
#[derive(Clone, Debug, PartialEq)]
pub struct CoveragePlan<N: Naming> {
    /// The plan's code.
    pub plan: Code,
    /// The persistency definition that it goes by.
    pub definition: Code,
    /// Who bears what is covered.
    pub payer: N::Producer,
    /// Above which ratio how much is covered.
    pub tiers: Vec<Tier>,
}

/// Whether a released producer goes on being paid (rules §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vesting {
    /// It does.
    Full,
    /// Only its advances go on being paid off.
    None,
}

words!(Vesting { Full = "full", None = "none" });

/// What becomes of a released producer's debt (rules §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebtTerms {
    /// It stays the producer's.
    Stays,
    /// It moves to the next payee above in each policy's frozen chain.
    RollsUp,
}

words!(DebtTerms { Stays = "stays", RollsUp = "rolls_up" });

/// The accounts that an adjustment can touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdjustedAccount {
    /// Cash due to the producer.
    Payable,
    /// Chargebacks that it owes.
    Debt,
    /// Lead financing that it owes.
    Leads,
    /// Withheld from its payouts.
    Reserve,
}

words!(AdjustedAccount { Payable = "payable", Debt = "debt", Leads = "leads", Reserve = "reserve" });

/// A policy whose chain was wrong, and the one that it should have frozen (rules §8).
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyRestated<N: Naming> {
    /// Which policy.
    pub policy: N::Policy,
    /// The correction that it belongs to; all entries of one correction share it.
    pub correction: Code,
    /// For each writing side who stands in the chain at what level; none: as the contracts stand now for
    /// the issue date.
    pub chain: Option<Vec<Vec<ChainLink<N>>>>,
    /// The chain that it froze (events only).
    pub frozen: N::Frozen,
}

/// A place of a corrected chain.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainLink<N: Naming> {
    /// Who.
    pub producer: N::Producer,
    /// At what level.
    pub level: Code,
}

/// A correction by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct AdjustmentPosted<N: Naming> {
    /// Whose account.
    pub producer: N::Producer,
    /// With which carrier, where it belongs to one.
    pub carrier: Option<N::Carrier>,
    /// Which account.
    pub account: AdjustedAccount,
    /// How much, from the producer's side: positive is in its favour.
    pub amount: Cents,
    /// The reason's code.
    pub code: Code,
    /// Who approved it; not the actor.
    pub approved_by: String,
}

/// What a fact or an event says.
///
/// The last variants are events that the ledger records itself; no fact carries them.
#[derive(Clone, Debug, PartialEq)]
pub enum Body<N: Naming> {
    /// A carrier is known from now on.
    CarrierAdded {
        /// Its code.
        carrier: Code,
    },
    /// A producer is known from now on.
    ProducerAdded {
        /// Its code.
        producer: Code,
        /// What it is.
        kind: ProducerKind,
    },
    /// What a carrier pays for a product, from a day on.
    GridPublished(Box<Grid<N>>),
    /// A contract of a producer with a carrier begins.
    ProducerContracted {
        /// Who.
        producer: N::Producer,
        /// With whom.
        carrier: N::Carrier,
        /// At what level of the carrier's grids.
        level: Code,
        /// Under whom; none at the top.
        upline: Option<N::Producer>,
        /// What is paid in advance.
        advance: AdvanceTerms,
    },
    /// A standing contract changes.
    ContractChanged {
        /// Who.
        producer: N::Producer,
        /// With whom.
        carrier: N::Carrier,
        /// The new level, if it changes.
        level: Option<Code>,
        /// The new upline, if it changes; `Some(None)` puts the producer at the top.
        upline: Option<Option<N::Producer>>,
        /// The new advance terms, if they change.
        advance: Option<AdvanceTerms>,
    },
    /// A way to measure persistency.
    PersistencyDefined {
        /// Its code.
        definition: Code,
        /// How it measures.
        terms: Definition,
    },
    /// A coverage plan.
    CoveragePlanPublished(Box<CoveragePlan<N>>),
    /// A producer takes part in a plan.
    CoverageEnrolled {
        /// Who.
        producer: N::Producer,
        /// In which plan.
        plan: Code,
    },
    /// A producer leaves a plan.
    CoverageWithdrawn {
        /// Who.
        producer: N::Producer,
        /// Which plan.
        plan: Code,
    },
    /// A policy is issued and freezes its chain.
    PolicyIssued(Box<PolicyIssued<N>>),
    /// A premium was paid.
    PremiumPaid {
        /// For which policy.
        policy: N::Policy,
        /// How much.
        amount: Cents,
        /// For how many months; none: as the policy's mode says.
        months: Option<u8>,
    },
    /// A premium was taken back.
    PremiumReversed {
        /// Of which policy.
        policy: N::Policy,
        /// How much.
        amount: Cents,
        /// For how many months; none: as the policy's mode says.
        months: Option<u8>,
        /// Why.
        reason: Option<ReversalReason>,
    },
    /// A policy lapsed or was terminated.
    PolicyStopped {
        /// Which.
        policy: N::Policy,
        /// Why; [`StopReason::Lapse`] is the fact `policy_lapsed`.
        reason: StopReason,
    },
    /// A stopped policy is in force again.
    PolicyReinstated {
        /// Which.
        policy: N::Policy,
    },
    /// A chargeback that the carrier asserts and the ledger did not compute.
    ChargebackRecorded {
        /// On which policy.
        policy: N::Policy,
        /// Who owes it.
        producer: N::Producer,
        /// How much.
        amount: Cents,
        /// What the carrier says.
        reason: String,
    },
    /// A contract ends.
    AgentReleased {
        /// Whose.
        producer: N::Producer,
        /// With which carrier; none: with all (`*`).
        carrier: Option<N::Carrier>,
        /// Whether the producer goes on being paid.
        vesting: Vesting,
        /// What becomes of its debt.
        debt: DebtTerms,
        /// Why.
        reason: Option<String>,
    },
    /// A released producer's debt moves up again.
    DebtRolledUp {
        /// Whose.
        producer: N::Producer,
        /// With which carrier.
        carrier: N::Carrier,
    },
    /// A policy's chain is corrected.
    PolicyRestated(Box<PolicyRestated<N>>),
    /// A producer paid back what it owes.
    RepaymentReceived {
        /// Who.
        producer: N::Producer,
        /// To which carrier's chargebacks; none: to all.
        carrier: Option<N::Carrier>,
        /// How much.
        amount: Cents,
    },
    /// The credit line for leads.
    LeadLineSet {
        /// Whose.
        producer: N::Producer,
        /// Up to how much.
        limit: Cents,
    },
    /// Leads were bought on credit.
    LeadCharged {
        /// By whom.
        producer: N::Producer,
        /// For how much.
        amount: Cents,
    },
    /// Leads were given back or paid.
    LeadCredited {
        /// By whom.
        producer: N::Producer,
        /// For how much.
        amount: Cents,
    },
    /// A correction by hand.
    AdjustmentPosted(Box<AdjustmentPosted<N>>),
    /// How payouts are made from a day on.
    PayoutTermsSet {
        /// To whom; none: to everybody without terms of its own.
        producer: Option<N::Producer>,
        /// The terms.
        terms: PayoutTerms,
    },
    /// Nothing is paid out to a producer from a day on.
    PayoutHeld {
        /// To whom.
        producer: N::Producer,
        /// Why.
        reason: HoldReason,
    },
    /// A hold ends.
    HoldLifted {
        /// Whose.
        producer: N::Producer,
        /// Which.
        reason: HoldReason,
    },
    /// What was due to a producer was paid out, less what it owed and what was withheld.
    PayoutMade(Box<PayoutMade<N>>),
    /// A carrier's statement came in.
    StatementReceived(Box<StatementReceived>),
    /// An exception of a statement was settled.
    ExceptionResolved(Box<ExceptionResolved>),
    /// No entry may be dated on or before the effective date any more.
    PeriodClosed,
    /// The ledger's own: a chargeback's coverage was decided.
    ChargebackCovered(Box<CoverageDecision<N>>),
    /// The ledger's own: the open debt of a policy moved up.
    DebtMoved {
        /// Of which policy.
        policy: N::Policy,
        /// From whom.
        from: N::Producer,
        /// To whom.
        to: N::Producer,
        /// How much.
        amount: Cents,
    },
    /// The ledger's own: a stop's chargeback of one payee became positive.
    ChargebackAssessed {
        /// On which policy.
        policy: N::Policy,
        /// Who owes it.
        producer: N::Producer,
        /// The payee's index in the policy's frozen chain.
        payee: u16,
        /// The position of the stop.
        stop: u64,
        /// How much, when it became positive.
        amount: Cents,
        /// The rule that set it.
        rule: crate::grid::Rule,
        /// What the payee keeps of what it was credited.
        kept: Cents,
    },
}

/// How payouts are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PayoutTerms {
    /// What would be paid below this is carried forward.
    pub minimum: Cents,
    /// What is withheld until the reserve has reached so much; the tiers ascend.
    pub reserve: Vec<ReserveTier>,
}

/// A tier of a reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReserveTier {
    /// Until the reserve has reached this.
    pub to: Cents,
    /// This part of a payout is withheld.
    pub rate: Rate,
}

/// Why nothing is paid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldReason {
    /// The producer's licence is missing or has lapsed.
    Licence,
    /// So is its errors and omissions insurance.
    ErrorsAndOmissions,
    /// Something is in dispute.
    Dispute,
}

/// A payout. What is paid in cash is the payable less the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct PayoutMade<N: Naming> {
    /// To whom.
    pub producer: N::Producer,
    /// How much of what was due this settles; below zero where it is a credit that becomes due.
    pub payable: Cents,
    /// Of that, against lead financing.
    pub leads: Cents,
    /// Against chargebacks, oldest first, less debts that stand below zero, which are brought to zero.
    pub debt: Cents,
    /// Withheld.
    pub reserve: Cents,
}

impl<N: Naming> PayoutMade<N> {
    /// What is paid in cash. `None` where the parts are more than the whole.
    pub fn cash(&self) -> Option<Cents> {
        let rest = self.payable.checked_sub(self.leads)?.checked_sub(self.debt)?;
        rest.checked_sub(self.reserve).filter(|cash| cash.0 >= 0)
    }
}

impl<N: Naming> Body<N> {
    /// The type's name as facts and answers print it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Body::CarrierAdded { .. } => "carrier_added",
            Body::ProducerAdded { .. } => "producer_added",
            Body::GridPublished(_) => "grid_published",
            Body::ProducerContracted { .. } => "producer_contracted",
            Body::ContractChanged { .. } => "contract_changed",
            Body::PersistencyDefined { .. } => "persistency_defined",
            Body::CoveragePlanPublished(_) => "coverage_plan_published",
            Body::CoverageEnrolled { .. } => "coverage_enrolled",
            Body::CoverageWithdrawn { .. } => "coverage_withdrawn",
            Body::PolicyIssued(_) => "policy_issued",
            Body::PremiumPaid { .. } => "premium_paid",
            Body::PremiumReversed { .. } => "premium_reversed",
            Body::PolicyStopped { reason: StopReason::Lapse, .. } => "policy_lapsed",
            Body::PolicyStopped { .. } => "policy_terminated",
            Body::PolicyReinstated { .. } => "policy_reinstated",
            Body::ChargebackRecorded { .. } => "chargeback_recorded",
            Body::AgentReleased { .. } => "agent_released",
            Body::DebtRolledUp { .. } | Body::DebtMoved { .. } => "debt_rolled_up",
            Body::PolicyRestated(_) => "policy_restated",
            Body::RepaymentReceived { .. } => "repayment_received",
            Body::LeadLineSet { .. } => "lead_line_set",
            Body::LeadCharged { .. } => "lead_charged",
            Body::LeadCredited { .. } => "lead_credited",
            Body::AdjustmentPosted(_) => "adjustment_posted",
            Body::PayoutTermsSet { .. } => "payout_terms_set",
            Body::PayoutHeld { .. } => "payout_held",
            Body::HoldLifted { .. } => "hold_lifted",
            Body::PayoutMade(_) => "payout_made",
            Body::StatementReceived(_) => "statement_received",
            Body::ExceptionResolved(_) => "exception_resolved",
            Body::PeriodClosed => "period_closed",
            Body::ChargebackAssessed { .. } => "chargeback_assessed",
            Body::ChargebackCovered(_) => "chargeback_covered",
        }
    }
}

words!(HoldReason { Licence = "licence", ErrorsAndOmissions = "e_and_o", Dispute = "dispute" });
words!(ProducerKind { Imo = "imo", Mga = "mga", Agency = "agency", Agent = "agent" });
words!(Mode { Monthly = "monthly", Quarterly = "quarterly", Semiannual = "semiannual", Annual = "annual" });
words!(ReversalReason { Nsf = "nsf", Refund = "refund", Error = "error" });
