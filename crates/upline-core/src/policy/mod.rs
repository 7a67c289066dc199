//! The life of a policy: what its premiums pay for, what they earn each payee, what a stop takes back, and whether it
//! counts as persisting. Its facts in effective order become dated movements of money; one policy at a time, nothing
//! of others.

mod earning;
pub mod persistency;
pub mod policy_state;
pub mod premium_status;
pub mod timeline;
