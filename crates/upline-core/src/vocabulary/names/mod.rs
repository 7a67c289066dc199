//! What things are called: codes given by people, and the dense numbers that stand for them inside.

mod code;
mod frozen;
mod ids;
mod naming;

pub use code::{Code, PolicyName};
pub use frozen::{AdvanceTerms, Assigned, FrozenChain, FrozenPlace};
pub use ids::{CarrierId, GridId, Id, Names, PolicyId, ProducerId, Table};
pub use naming::{ByCode, ById, Naming, PayoutName};
