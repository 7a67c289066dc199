//! Webhooks: events sent on to other programs as they are recorded.
//!
//! # Shape
//! [`hooks`] keeps which there are, in a file that the command line and the server change; [`state`] how far each came,
//! in a file of its own that only the server writes; [`sending`] is the sender, a task for each; [`sign`] makes what a
//! receiver knows it by; [`routes`] is the API.
//!
//! # Correctness
//! A hook gets the events that it wants in their order, each at least once: how far it came is kept after an event was
//! taken, and before the next is sent. What is sent is signed as Standard Webhooks has it. No redirect is followed, and
//! of an answer only the status is read: nobody reaches through a hook what its address does not name. What is kept and
//! shown of a delivery is the event's id and position, the time, the status, and one word for what went wrong.

pub mod hooks;
pub mod routes;
pub mod sending;
pub mod sign;
pub mod state;

pub use hooks::{Hook, HookError, Hooks, NewHook};
pub use state::{Delivery, State};
