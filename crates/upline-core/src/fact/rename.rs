//! Every name that a fact has, in the order of its fields: put into other words, or only told.
//!
//! # Shape
//! [`Body::map`] hands each name to a [`Rename`] and makes the same body with what comes back. Ids become codes for
//! people, codes become ids when a fact is admitted; and whoever wants to know what a fact is about lets itself be told
//! ([`Body::each_name`]). So what a type names stands once, in its `map`.
//!
//! # Correctness
//! The order is that of the fields in `docs/facts.md`: of several unknown names the first is refused.

use super::Body;
use crate::vocabulary::names::{Code, Naming};
use std::convert::Infallible;

/// Puts other names in the place of those that a body has.
pub trait Rename<F: Naming, T: Naming> {
    /// Why a name has no other.
    type Error;

    /// A carrier, and the field that names it.
    fn carrier(&mut self, field: &'static str, carrier: &F::Carrier) -> Result<T::Carrier, Self::Error>;

    /// A producer, and the field that names it.
    fn producer(&mut self, field: &'static str, producer: &F::Producer) -> Result<T::Producer, Self::Error>;

    /// A policy; the fields are `carrier` and `policy`.
    fn policy(&mut self, policy: &F::Policy) -> Result<T::Policy, Self::Error>;

    /// The chain that an event froze.
    fn frozen(&mut self, frozen: &F::Frozen) -> Result<T::Frozen, Self::Error>;

    /// A payout, which the field `payout` names.
    fn payout(&mut self, payout: &F::Payout) -> Result<T::Payout, Self::Error>;

    /// Something that has no id, and goes by its code everywhere.
    fn term(&mut self, _term: Term<'_, T>) -> Result<(), Self::Error> {
        Ok(())
    }

    /// A name that the fact itself introduces.
    fn introduced(&mut self, _introduced: Introduced<'_, F>) {}
}

/// What has no id: it goes by its code everywhere. Carriers are in the new words already.
#[derive(Clone, Copy, Debug)]
pub enum Term<'a, T: Naming> {
    /// A product of a carrier, which has a grid.
    Product(&'a T::Carrier, &'a Code),
    /// A level of a carrier's grids.
    Level(&'a T::Carrier, &'a Code),
    /// A persistency definition.
    Definition(&'a Code),
    /// A coverage plan.
    Plan(&'a Code),
    /// A carrier's statement, by the SHA-256 of its file.
    Statement(&'a Code),
}

/// What is known from a fact on.
#[derive(Clone, Copy, Debug)]
pub enum Introduced<'a, F: Naming> {
    Carrier(&'a Code),
    Producer(&'a Code),
    /// A policy: its carrier and that carrier's number.
    Policy(&'a F::Carrier, &'a Code),
}

/// Whom or what a fact is about.
#[derive(Clone, Copy, Debug)]
pub enum Name<'a, N: Naming> {
    Carrier(&'a N::Carrier),
    Producer(&'a N::Producer),
    Policy(&'a N::Policy),
    /// The chain that an event froze, with all who stand in it.
    Frozen(&'a N::Frozen),
    /// A payout of somebody.
    Payout(&'a N::Payout),
    /// What the fact introduces.
    Introduced(Introduced<'a, N>),
}

impl<N: Naming> Body<N> {
    /// Tells every carrier, producer and policy that this is about, in the order of its fields.
    #[inline]
    pub fn each_name(&self, tell: impl FnMut(Name<'_, N>)) {
        let Ok(_) = self.map(&mut Teller(tell));
    }

    /// The policy that this names; not one that it introduces.
    #[inline]
    pub fn policy(&self) -> Option<N::Policy> {
        let mut found = None;
        self.each_name(|name| {
            if let Name::Policy(policy) = name {
                found = Some(policy.clone());
            }
        });
        found
    }
}

/// Names that are told and then forgotten.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Told;

impl Naming for Told {
    type Carrier = ();
    type Producer = ();
    type Policy = ();
    type Frozen = ();
    type Payout = ();
}

struct Teller<T>(T);

impl<N: Naming, T: FnMut(Name<'_, N>)> Rename<N, Told> for Teller<T> {
    type Error = Infallible;

    fn carrier(&mut self, _: &'static str, carrier: &N::Carrier) -> Result<(), Infallible> {
        (self.0)(Name::Carrier(carrier));
        Ok(())
    }

    fn producer(&mut self, _: &'static str, producer: &N::Producer) -> Result<(), Infallible> {
        (self.0)(Name::Producer(producer));
        Ok(())
    }

    fn policy(&mut self, policy: &N::Policy) -> Result<(), Infallible> {
        (self.0)(Name::Policy(policy));
        Ok(())
    }

    fn frozen(&mut self, frozen: &N::Frozen) -> Result<(), Infallible> {
        (self.0)(Name::Frozen(frozen));
        Ok(())
    }

    fn payout(&mut self, payout: &N::Payout) -> Result<(), Infallible> {
        (self.0)(Name::Payout(payout));
        Ok(())
    }

    fn introduced(&mut self, introduced: Introduced<'_, N>) {
        (self.0)(Name::Introduced(introduced));
    }
}
