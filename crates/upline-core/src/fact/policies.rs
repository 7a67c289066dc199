//! Policies: issued, paid for, stopped, in force again, and their chains corrected (rules §§3, 4, 8).

use super::content::{Members, list, object};
use super::grid::StopReason;
use super::rename::{Introduced, Rename, Term};
use crate::vocabulary::money::Cents;
use crate::vocabulary::names::{ByCode, Code, Naming};
use crate::vocabulary::rate::Rate;
use crate::vocabulary::time::Day;
use crate::vocabulary::words;

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

words!(Mode { Monthly = "monthly", Quarterly = "quarterly", Semiannual = "semiannual", Annual = "annual" });

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

words!(ReversalReason { Nsf = "nsf", Refund = "refund", Error = "error" });

/// One writing producer of a policy and its share.
#[derive(Clone, Debug, PartialEq)]
pub struct Writing<N: Naming> {
    /// Who wrote it.
    pub producer: N::Producer,
    /// Its part of the commission; the shares of a policy sum to exactly 1.
    pub share: Rate,
}

/// A policy is issued and freezes its chain.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyIssued<N: Naming> {
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

impl<N: Naming> PolicyIssued<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<PolicyIssued<T>, R::Error> {
        let carrier = r.carrier("carrier", &self.carrier)?;
        r.introduced(Introduced::Policy(&self.carrier, &self.number));
        r.term(Term::Product(&carrier, &self.product))?;
        let mut writing = Vec::with_capacity(self.writing.len());
        for side in &self.writing {
            writing.push(Writing { producer: r.producer("writing", &side.producer)?, share: side.share });
        }
        Ok(PolicyIssued {
            carrier,
            number: self.number.clone(),
            product: self.product.clone(),
            annual_premium: self.annual_premium,
            mode: self.mode,
            writing,
            state: self.state.clone(),
            issue_age: self.issue_age,
            frozen: r.frozen(&self.frozen)?,
        })
    }
}

impl PolicyIssued<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("annual_premium", self.annual_premium);
        m.text("carrier", self.carrier.as_str());
        m.optional("issue_age", self.issue_age);
        m.text("mode", self.mode.as_str());
        m.text("policy", self.number.as_str());
        m.text("product", self.product.as_str());
        m.optional_text("state", self.state.as_deref());
        m.list("writing", &self.writing, |side, out| {
            object(out, |m| {
                m.text("producer", side.producer.as_str());
                m.rate("share", side.share);
            });
        });
    }
}

/// A premium was paid.
#[derive(Clone, Debug, PartialEq)]
pub struct PremiumPaid<N: Naming> {
    pub policy: N::Policy,
    pub amount: Cents,
    /// For how many months; none: as the policy's mode says.
    pub months: Option<u8>,
}

impl<N: Naming> PremiumPaid<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<PremiumPaid<T>, R::Error> {
        Ok(PremiumPaid { policy: r.policy(&self.policy)?, amount: self.amount, months: self.months })
    }
}

impl PremiumPaid<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("amount", self.amount);
        m.text("carrier", self.policy.carrier.as_str());
        m.optional("months", self.months);
        m.text("policy", self.policy.number.as_str());
    }
}

/// A premium was taken back.
#[derive(Clone, Debug, PartialEq)]
pub struct PremiumReversed<N: Naming> {
    pub policy: N::Policy,
    pub amount: Cents,
    /// For how many months; none: as the policy's mode says.
    pub months: Option<u8>,
    /// Why.
    pub reason: Option<ReversalReason>,
}

impl<N: Naming> PremiumReversed<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<PremiumReversed<T>, R::Error> {
        let policy = r.policy(&self.policy)?;
        Ok(PremiumReversed { policy, amount: self.amount, months: self.months, reason: self.reason })
    }
}

impl PremiumReversed<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.money("amount", self.amount);
        m.text("carrier", self.policy.carrier.as_str());
        m.optional("months", self.months);
        m.text("policy", self.policy.number.as_str());
        m.optional_text("reason", self.reason.map(|reason| reason.as_str()));
    }
}

/// A policy lapsed or was terminated.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyStopped<N: Naming> {
    pub policy: N::Policy,
    /// Why; [`StopReason::Lapse`] is the fact `policy_lapsed`.
    pub reason: StopReason,
}

impl<N: Naming> PolicyStopped<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<PolicyStopped<T>, R::Error> {
        Ok(PolicyStopped { policy: r.policy(&self.policy)?, reason: self.reason })
    }
}

impl PolicyStopped<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.policy(&self.policy);
        // The type already says that it lapsed.
        if self.reason != StopReason::Lapse {
            m.text("reason", self.reason.as_str());
        }
    }
}

/// A stopped policy is in force again.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyReinstated<N: Naming> {
    pub policy: N::Policy,
}

impl<N: Naming> PolicyReinstated<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<PolicyReinstated<T>, R::Error> {
        Ok(PolicyReinstated { policy: r.policy(&self.policy)? })
    }
}

impl PolicyReinstated<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.policy(&self.policy);
    }
}

/// A policy whose chain was wrong, and the one that it should have frozen (rules §8).
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyRestated<N: Naming> {
    pub policy: N::Policy,
    /// The correction that it belongs to; all entries of one correction share it.
    pub correction: Code,
    pub chain: RestatedChain<N>,
    /// How it should have been issued, where that was wrong; only what is corrected.
    pub issue: Option<Box<CorrectedIssue>>,
    /// The chain that it froze (events only).
    pub frozen: N::Frozen,
}

/// The chain that a policy should have frozen.
#[derive(Clone, Debug, PartialEq)]
pub enum RestatedChain<N: Naming> {
    /// That of the contracts, as they stand now for the issue date.
    Contracts,
    /// For each writing side who stands in it at what level.
    Places(Vec<Vec<ChainLink<N>>>),
    /// The one that it has (pay.md §11).
    Same,
}

/// How a policy should have been issued: what of it is corrected (pay.md §11).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorrectedIssue {
    /// The issue date.
    pub on: Option<Day>,
    pub product: Option<Code>,
    pub annual_premium: Option<Cents>,
    pub mode: Option<Mode>,
    pub state: Option<String>,
    pub issue_age: Option<u8>,
    /// The number that the carrier gave it.
    pub number: Option<Code>,
}

impl CorrectedIssue {
    fn fields(&self, m: &mut Members<'_, '_>) {
        if let Some(amount) = self.annual_premium {
            m.money("annual_premium", amount);
        }
        m.optional("issue_age", self.issue_age);
        m.optional_text("mode", self.mode.map(|mode| mode.as_str()));
        if let Some(on) = self.on {
            m.quoted("on", on);
        }
        m.optional_text("policy", self.number.as_ref().map(|number| number.as_str()));
        m.optional_text("product", self.product.as_ref().map(|product| product.as_str()));
        m.optional_text("state", self.state.as_deref());
    }
}

/// A place of a corrected chain.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainLink<N: Naming> {
    pub producer: N::Producer,
    pub level: Code,
}

impl<N: Naming> PolicyRestated<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<PolicyRestated<T>, R::Error> {
        let policy = r.policy(&self.policy)?;
        let mut link = |link: &ChainLink<N>| {
            Ok(ChainLink { producer: r.producer("chain", &link.producer)?, level: link.level.clone() })
        };
        let mut side = |side: &Vec<ChainLink<N>>| side.iter().map(&mut link).collect::<Result<Vec<_>, _>>();
        let chain = match &self.chain {
            RestatedChain::Places(sides) => {
                RestatedChain::Places(sides.iter().map(&mut side).collect::<Result<Vec<_>, _>>()?)
            }
            RestatedChain::Contracts => RestatedChain::Contracts,
            RestatedChain::Same => RestatedChain::Same,
        };
        let frozen = r.frozen(&self.frozen)?;
        let (correction, issue) = (self.correction.clone(), self.issue.clone());
        Ok(PolicyRestated { policy, correction, chain, issue, frozen })
    }
}

impl PolicyRestated<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("carrier", self.policy.carrier.as_str());
        match &self.chain {
            RestatedChain::Contracts => m.text("chain", "contracts"),
            RestatedChain::Places(sides) => {
                m.list("chain", sides, |side, out| list(out, side, ChainLink::write));
            }
            RestatedChain::Same => {}
        }
        m.text("correction", self.correction.as_str());
        if let Some(issue) = &self.issue {
            m.object("issue", |m| issue.fields(m));
        }
        m.text("policy", self.policy.number.as_str());
    }
}

impl ChainLink<ByCode> {
    fn write(&self, out: &mut String) {
        object(out, |m| {
            m.text("level", self.level.as_str());
            m.text("producer", self.producer.as_str());
        });
    }
}
