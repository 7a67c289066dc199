//! Why a fact was refused: a stable code, the field, and a sentence for a finance clerk (facts.md).

use std::fmt;

/// The stable code of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefusalCode {
    /// Not JSON or CSV, an unknown type or field, a wrong form.
    Malformed,
    /// A date out of range, before the policy's issue, or a recorded time that goes backwards.
    Dates,
    /// An amount that is zero, negative, too precise or too large.
    Amount,
    /// A carrier that was never added.
    UnknownCarrier,
    /// A producer that was never added.
    UnknownProducer,
    /// A product without any grid.
    UnknownProduct,
    /// A policy that was never issued.
    UnknownPolicy,
    /// A level that no grid of the carrier names.
    UnknownLevel,
    /// A coverage plan that was never published.
    UnknownPlan,
    /// A persistency definition that was never defined.
    UnknownDefinition,
    /// A statement that was never received.
    UnknownStatement,
    /// A proposal that was never made.
    UnknownProposal,
    /// A payout that was never made.
    UnknownPayout,
    /// An id recorded with other content, or a name that exists.
    Duplicate,
    /// Writing shares that do not sum to exactly 1.
    Shares,
    /// No contract where one is needed.
    NoContract,
    /// A contract that was ended by a release.
    Released,
    /// No grid in force, or a chain with a level that the grid lacks.
    NoGrid,
    /// An upline that would close a loop.
    Cycle,
    /// More premium reversed than was ever paid.
    OverReversed,
    /// Leads beyond the credit line.
    CreditLine,
    /// A period closed earlier than one that stands.
    ClosedPeriod,
    /// The machine's clock, or a trusted time, is too far from the other to be believed.
    Clock,
}

impl RefusalCode {
    /// The code as it is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            RefusalCode::Malformed => "malformed",
            RefusalCode::Dates => "dates",
            RefusalCode::Amount => "amount",
            RefusalCode::UnknownCarrier => "unknown_carrier",
            RefusalCode::UnknownProducer => "unknown_producer",
            RefusalCode::UnknownProduct => "unknown_product",
            RefusalCode::UnknownPolicy => "unknown_policy",
            RefusalCode::UnknownLevel => "unknown_level",
            RefusalCode::UnknownPlan => "unknown_plan",
            RefusalCode::UnknownDefinition => "unknown_definition",
            RefusalCode::UnknownStatement => "unknown_statement",
            RefusalCode::UnknownProposal => "unknown_proposal",
            RefusalCode::UnknownPayout => "unknown_payout",
            RefusalCode::Duplicate => "duplicate",
            RefusalCode::Shares => "shares",
            RefusalCode::NoContract => "no_contract",
            RefusalCode::Released => "released",
            RefusalCode::NoGrid => "no_grid",
            RefusalCode::Cycle => "cycle",
            RefusalCode::OverReversed => "over_reversed",
            RefusalCode::CreditLine => "credit_line",
            RefusalCode::ClosedPeriod => "closed_period",
            RefusalCode::Clock => "clock",
        }
    }
}

impl fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A fact that was not recorded, and why. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// The stable code.
    pub code: RefusalCode,
    /// The field at fault, where it is one.
    pub field: Option<&'static str>,
    /// What is wrong and what to do, in a sentence.
    pub message: String,
}

impl Refusal {
    /// A refusal because of one field.
    pub fn of(code: RefusalCode, field: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { code, field: Some(field), message: message.into() }
    }

    /// A refusal because of the whole line.
    pub fn whole(code: RefusalCode, message: impl Into<String>) -> Refusal {
        Refusal { code, field: None, message: message.into() }
    }
}
