//! What carriers pay, and how they pay it (pay.md §§5, 6).

use super::content::Members;
use super::rename::{Rename, Term};
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ByCode, Code, Naming};
use crate::vocabulary::words;

/// Whom the lines of a carrier's statements pay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaysLine {
    /// Each payee by itself.
    #[default]
    Payee,
    /// The house, for all payees of a policy that it pays.
    Chain,
}

words!(PaysLine { Payee = "payee", Chain = "chain" });

/// How a carrier pays from a day on.
#[derive(Clone, Debug, PartialEq)]
pub struct CarrierPays<N: Naming> {
    pub carrier: N::Carrier,
    pub line: PaysLine,
}

impl<N: Naming> CarrierPays<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<CarrierPays<T>, R::Error> {
        Ok(CarrierPays { carrier: r.carrier("carrier", &self.carrier)?, line: self.line })
    }
}

impl CarrierPays<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("carrier", self.carrier.as_str());
        m.text("line", self.line.as_str());
    }
}

/// Money came in from a carrier, or was taken by it.
#[derive(Clone, Debug, PartialEq)]
pub struct CarrierDeposit<N: Naming> {
    pub carrier: N::Carrier,
    /// Below zero where the carrier took it.
    pub amount: Cents,
    /// What the bank calls it.
    pub reference: String,
    /// The statement that it pays, by the SHA-256 of its file.
    pub statement: Option<Code>,
}

impl<N: Naming> CarrierDeposit<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<CarrierDeposit<T>, R::Error> {
        let carrier = r.carrier("carrier", &self.carrier)?;
        if let Some(statement) = &self.statement {
            r.term(Term::Statement(statement))?;
        }
        let (reference, statement) = (self.reference.clone(), self.statement.clone());
        Ok(CarrierDeposit { carrier, amount: self.amount, reference, statement })
    }
}

impl CarrierDeposit<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("amount", self.amount);
        m.text("carrier", self.carrier.as_str());
        m.text("reference", &self.reference);
        m.optional_text("statement", self.statement.as_ref().map(Code::as_str));
    }
}
