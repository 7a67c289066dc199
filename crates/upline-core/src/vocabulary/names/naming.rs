//! Two ways to name what a fact is about: as people do, and as the log does.

use super::{CarrierId, Code, FrozenChain, PolicyId, PolicyName, ProducerId};
use crate::vocabulary::as_of::Position;
use std::fmt;
use uuid::Uuid;

/// How a fact or event names carriers, producers and policies: by code (as people do) or by dense id
/// (as the log and the views do). One set of bodies serves both.
pub trait Naming: Clone + fmt::Debug + PartialEq {
    /// Names a carrier.
    type Carrier: Clone + fmt::Debug + PartialEq;
    /// Names a producer.
    type Producer: Clone + fmt::Debug + PartialEq;
    /// Names a policy.
    type Policy: Clone + fmt::Debug + PartialEq;
    /// What an issue freezes: nothing in a fact, the chain in an event.
    type Frozen: Clone + fmt::Debug + PartialEq;
    /// Names a payout.
    type Payout: Clone + fmt::Debug + PartialEq;
}

/// Names as people give them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ByCode;

impl Naming for ByCode {
    type Carrier = Code;
    type Producer = Code;
    type Policy = PolicyName;
    type Frozen = ();
    type Payout = Uuid;
}

/// Dense ids: the n-th carrier, producer or policy that the log introduced, from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ById;

impl Naming for ById {
    type Carrier = CarrierId;
    type Producer = ProducerId;
    type Policy = PolicyId;
    type Frozen = FrozenChain;
    type Payout = PayoutName;
}

/// A payout as the log names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayoutName {
    /// Where it stands.
    pub position: Position,
    /// Its id.
    pub id: Uuid,
    /// Who was paid.
    pub producer: ProducerId,
}
