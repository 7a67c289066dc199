//! The types of facts and events: what each is called, by which number the log knows it, who may submit it, and what
//! it introduces.

use super::grid::StopReason;
use super::{Body, PolicyStopped};
use crate::vocabulary::names::Naming;

/// Who records facts of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitter {
    /// Whoever records facts.
    Anyone,
    /// The ledger alone, because of a fact.
    Ledger,
}

/// What is known from a fact of a type on, to whoever keeps reference data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Introduces {
    /// Nothing: it moves money or says what happened.
    Nothing,
    Carrier,
    Producer,
    Grid,
    /// A contract, a change of it or its end.
    Contract,
    /// A persistency definition.
    Definition,
    /// A coverage plan.
    Plan,
    /// Who takes part in a plan.
    Enrolment,
    /// A policy, or the chain that it should have frozen.
    Policy,
    /// Who is paid by whom.
    Route,
}

/// A type of facts or of events of the ledger's own.
#[derive(Debug, PartialEq, Eq)]
pub struct FactType {
    pub kind: Kind,
    /// What facts and answers call it.
    pub name: &'static str,
    /// What they call it where it has a second name.
    pub other_name: Option<&'static str>,
    /// Who records it.
    pub submitter: Submitter,
    /// What is known from it on.
    pub introduces: Introduces,
}

macro_rules! types {
    ($($number:literal $kind:ident $name:literal $(or $other:literal)?, $submitter:ident, $introduces:ident;)*) => {
        /// The types, by the numbers that they have in the log. They never change meaning and are never used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        // Each is documented where its fact is.
        pub enum Kind { $($kind = $number),* }

        /// All types, by number.
        pub const TYPES: &[&FactType] = &[$(Kind::$kind.fact_type()),*];

        impl Kind {
            /// The kind of a number in the log.
            pub fn of_number(number: u8) -> Option<Kind> {
                match number { $($number => Some(Kind::$kind),)* _ => None }
            }

            /// The row of the table.
            pub const fn fact_type(self) -> &'static FactType {
                match self { $(Kind::$kind => &FactType {
                    kind: Kind::$kind,
                    name: $name,
                    other_name: types!(@other $($other)?),
                    submitter: Submitter::$submitter,
                    introduces: Introduces::$introduces,
                }),* }
            }
        }
    };
    (@other) => { None };
    (@other $other:literal) => { Some($other) };
}

// Number in the log, variant, name; who submits it; what it introduces.
types! {
    1 CarrierAdded "carrier_added", Anyone, Carrier;
    2 ProducerAdded "producer_added", Anyone, Producer;
    3 GridPublished "grid_published", Anyone, Grid;
    4 ProducerContracted "producer_contracted", Anyone, Contract;
    5 ContractChanged "contract_changed", Anyone, Contract;
    6 PersistencyDefined "persistency_defined", Anyone, Definition;
    7 CoveragePlanPublished "coverage_plan_published", Anyone, Plan;
    8 CoverageEnrolled "coverage_enrolled", Anyone, Enrolment;
    9 CoverageWithdrawn "coverage_withdrawn", Anyone, Enrolment;
    10 PolicyIssued "policy_issued", Anyone, Policy;
    11 PremiumPaid "premium_paid", Anyone, Nothing;
    12 PremiumReversed "premium_reversed", Anyone, Nothing;
    13 PolicyStopped "policy_terminated" or "policy_lapsed", Anyone, Nothing;
    14 PolicyReinstated "policy_reinstated", Anyone, Nothing;
    15 ChargebackRecorded "chargeback_recorded", Anyone, Nothing;
    16 ChargebackAssessed "chargeback_assessed", Ledger, Nothing;
    17 AgentReleased "agent_released", Anyone, Contract;
    18 DebtRolledUp "debt_rolled_up", Anyone, Nothing;
    19 PolicyRestated "policy_restated", Anyone, Policy;
    20 RepaymentReceived "repayment_received", Anyone, Nothing;
    21 LeadLineSet "lead_line_set", Anyone, Nothing;
    22 LeadCharged "lead_charged", Anyone, Nothing;
    23 LeadCredited "lead_credited", Anyone, Nothing;
    24 AdjustmentPosted "adjustment_posted", Anyone, Nothing;
    25 PeriodClosed "period_closed", Anyone, Nothing;
    26 ChargebackCovered "chargeback_covered", Ledger, Nothing;
    27 DebtMoved "debt_moved", Ledger, Nothing;
    28 PayoutTermsSet "payout_terms_set", Anyone, Nothing;
    29 PayoutHeld "payout_held", Anyone, Nothing;
    30 HoldLifted "hold_lifted", Anyone, Nothing;
    31 PayoutMade "payout_made", Anyone, Nothing;
    32 StatementReceived "statement_received", Anyone, Nothing;
    33 ExceptionResolved "exception_resolved", Anyone, Nothing;
    34 BankDetailsSet "bank_details_set", Anyone, Nothing;
    35 PaymentFileWritten "payment_file_written", Anyone, Nothing;
    36 PersonalDataErased "personal_data_erased", Anyone, Nothing;
    37 ActionProposed "action_proposed", Anyone, Nothing;
    38 ActionDecided "action_decided", Anyone, Nothing;
    39 HouseSet "house_set", Anyone, Route;
    40 RouteSet "route_set", Anyone, Route;
    41 CommissionAssigned "commission_assigned", Anyone, Contract;
    42 AssignmentEnded "assignment_ended", Anyone, Contract;
    43 OpeningPosted "opening_posted", Anyone, Nothing;
    44 PayoutReturned "payout_returned", Anyone, Nothing;
    45 CarrierPays "carrier_pays", Anyone, Route;
    46 CarrierDeposit "carrier_deposit", Anyone, Nothing;
    47 StatementVoided "statement_voided", Anyone, Nothing;
}

impl Kind {
    /// The number that stands for it in the log.
    pub fn number(self) -> u8 {
        self as u8
    }
}

impl FactType {
    /// The type of a name.
    pub fn named(name: &str) -> Option<&'static FactType> {
        TYPES.iter().copied().find(|one| one.names().any(|known| known == name))
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        [Some(self.name), self.other_name].into_iter().flatten()
    }
}

impl<N: Naming> Body<N> {
    /// Its type. The one place that goes from the variants to the table.
    #[inline]
    pub fn kind(&self) -> Kind {
        match self {
            Body::CarrierAdded(_) => Kind::CarrierAdded,
            Body::ProducerAdded(_) => Kind::ProducerAdded,
            Body::GridPublished(_) => Kind::GridPublished,
            Body::ProducerContracted(_) => Kind::ProducerContracted,
            Body::ContractChanged(_) => Kind::ContractChanged,
            Body::PersistencyDefined(_) => Kind::PersistencyDefined,
            Body::CoveragePlanPublished(_) => Kind::CoveragePlanPublished,
            Body::CoverageEnrolled(_) => Kind::CoverageEnrolled,
            Body::CoverageWithdrawn(_) => Kind::CoverageWithdrawn,
            Body::PolicyIssued(_) => Kind::PolicyIssued,
            Body::PremiumPaid(_) => Kind::PremiumPaid,
            Body::PremiumReversed(_) => Kind::PremiumReversed,
            Body::PolicyStopped(_) => Kind::PolicyStopped,
            Body::PolicyReinstated(_) => Kind::PolicyReinstated,
            Body::ChargebackRecorded(_) => Kind::ChargebackRecorded,
            Body::ChargebackAssessed(_) => Kind::ChargebackAssessed,
            Body::AgentReleased(_) => Kind::AgentReleased,
            Body::DebtRolledUp(_) => Kind::DebtRolledUp,
            Body::PolicyRestated(_) => Kind::PolicyRestated,
            Body::RepaymentReceived(_) => Kind::RepaymentReceived,
            Body::LeadLineSet(_) => Kind::LeadLineSet,
            Body::LeadCharged(_) => Kind::LeadCharged,
            Body::LeadCredited(_) => Kind::LeadCredited,
            Body::AdjustmentPosted(_) => Kind::AdjustmentPosted,
            Body::PeriodClosed => Kind::PeriodClosed,
            Body::ChargebackCovered(_) => Kind::ChargebackCovered,
            Body::DebtMoved(_) => Kind::DebtMoved,
            Body::PayoutTermsSet(_) => Kind::PayoutTermsSet,
            Body::PayoutHeld(_) => Kind::PayoutHeld,
            Body::HoldLifted(_) => Kind::HoldLifted,
            Body::PayoutMade(_) => Kind::PayoutMade,
            Body::StatementReceived(_) => Kind::StatementReceived,
            Body::ExceptionResolved(_) => Kind::ExceptionResolved,
            Body::BankDetailsSet(_) => Kind::BankDetailsSet,
            Body::PaymentFileWritten(_) => Kind::PaymentFileWritten,
            Body::PersonalDataErased(_) => Kind::PersonalDataErased,
            Body::ActionProposed(_) => Kind::ActionProposed,
            Body::ActionDecided(_) => Kind::ActionDecided,
            Body::HouseSet(_) => Kind::HouseSet,
            Body::RouteSet(_) => Kind::RouteSet,
            Body::CommissionAssigned(_) => Kind::CommissionAssigned,
            Body::AssignmentEnded(_) => Kind::AssignmentEnded,
            Body::OpeningPosted(_) => Kind::OpeningPosted,
            Body::PayoutReturned(_) => Kind::PayoutReturned,
            Body::CarrierPays(_) => Kind::CarrierPays,
            Body::CarrierDeposit(_) => Kind::CarrierDeposit,
            Body::StatementVoided(_) => Kind::StatementVoided,
        }
    }

    /// The row of its type.
    #[inline]
    pub fn fact_type(&self) -> &'static FactType {
        self.kind().fact_type()
    }

    /// The type's name as facts and answers print it.
    pub fn type_name(&self) -> &'static str {
        let FactType { name, other_name, .. } = self.fact_type();
        match self {
            Body::PolicyStopped(PolicyStopped { reason: StopReason::Lapse, .. }) => {
                other_name.unwrap_or(name)
            }
            _ => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_run_from_one_and_names_are_used_once() {
        let numbers: Vec<u8> = TYPES.iter().map(|one| one.kind.number()).collect();
        assert_eq!(numbers, (1..=47).collect::<Vec<u8>>());
        assert!(numbers.iter().all(|&number| Kind::of_number(number).map(Kind::number) == Some(number)));
        assert_eq!((Kind::of_number(0), Kind::of_number(48)), (None, None));
        let names: Vec<&str> = TYPES.iter().flat_map(|one| one.names()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(names.iter().all(|name| FactType::named(name).is_some()));
    }
}
