//! Contracts of producers with carriers: they begin, change and end (rules §§3, 8).

use super::content::Members;
use super::rename::{Rename, Term};
use crate::vocabulary::names::{AdvanceTerms, ByCode, Code, Naming};
use crate::vocabulary::words;

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

/// A contract of a producer with a carrier begins.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerContracted<N: Naming> {
    pub producer: N::Producer,
    /// With whom.
    pub carrier: N::Carrier,
    /// At what level of the carrier's grids.
    pub level: Code,
    /// Under whom; none at the top.
    pub upline: Option<N::Producer>,
    /// What is paid in advance.
    pub advance: AdvanceTerms,
}

impl<N: Naming> ProducerContracted<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(
        &self,
        r: &mut R,
    ) -> Result<ProducerContracted<T>, R::Error> {
        let producer = r.producer("producer", &self.producer)?;
        let carrier = r.carrier("carrier", &self.carrier)?;
        r.term(Term::Level(&carrier, &self.level))?;
        let upline = self.upline.as_ref().map(|upline| r.producer("upline", upline)).transpose()?;
        Ok(ProducerContracted { producer, carrier, level: self.level.clone(), upline, advance: self.advance })
    }
}

impl ProducerContracted<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        if self.advance != AdvanceTerms::default() {
            m.advance(&self.advance);
        }
        m.text("carrier", self.carrier.as_str());
        m.text("level", self.level.as_str());
        m.text("producer", self.producer.as_str());
        m.optional_text("upline", self.upline.as_ref().map(|code| code.as_str()));
    }
}

/// A standing contract changes.
#[derive(Clone, Debug, PartialEq)]
pub struct ContractChanged<N: Naming> {
    pub producer: N::Producer,
    /// With whom.
    pub carrier: N::Carrier,
    /// The new level, if it changes.
    pub level: Option<Code>,
    /// The new upline, if it changes; `Some(None)` puts the producer at the top.
    pub upline: Option<Option<N::Producer>>,
    /// The new advance terms, if they change.
    pub advance: Option<AdvanceTerms>,
}

impl<N: Naming> ContractChanged<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<ContractChanged<T>, R::Error> {
        let producer = r.producer("producer", &self.producer)?;
        let carrier = r.carrier("carrier", &self.carrier)?;
        if let Some(level) = &self.level {
            r.term(Term::Level(&carrier, level))?;
        }
        let upline = match &self.upline {
            Some(Some(upline)) => Some(Some(r.producer("upline", upline)?)),
            Some(None) => Some(None),
            None => None,
        };
        Ok(ContractChanged { producer, carrier, level: self.level.clone(), upline, advance: self.advance })
    }
}

impl ContractChanged<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        if let Some(advance) = &self.advance {
            m.advance(advance);
        }
        m.text("carrier", self.carrier.as_str());
        m.optional_text("level", self.level.as_ref().map(|code| code.as_str()));
        m.text("producer", self.producer.as_str());
        match &self.upline {
            Some(Some(upline)) => m.text("upline", upline.as_str()),
            Some(None) => m.plain("upline", "null"),
            None => {}
        }
    }
}

/// A contract ends.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentReleased<N: Naming> {
    pub producer: N::Producer,
    /// With which carrier; none: with all (`*`).
    pub carrier: Option<N::Carrier>,
    /// Whether the producer goes on being paid.
    pub vesting: Vesting,
    /// What becomes of its debt.
    pub debt: DebtTerms,
    /// Why.
    pub reason: Option<String>,
}

impl<N: Naming> AgentReleased<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<AgentReleased<T>, R::Error> {
        Ok(AgentReleased {
            producer: r.producer("producer", &self.producer)?,
            carrier: self.carrier.as_ref().map(|carrier| r.carrier("carrier", carrier)).transpose()?,
            vesting: self.vesting,
            debt: self.debt,
            reason: self.reason.clone(),
        })
    }
}

impl AgentReleased<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("carrier", self.carrier.as_ref().map_or("*", |carrier| carrier.as_str()));
        m.text("debt", self.debt.as_str());
        m.text("producer", self.producer.as_str());
        m.optional_text("reason", self.reason.as_deref());
        m.text("vesting", self.vesting.as_str());
    }
}
