//! Upline over HTTP: an API for programs and a page for people, beside one writer and any number of readers.
//!
//! **Shape.** [`questions`] is the table of what can be asked, [`doings`] of what can be done, beside
//! the facts that [`orders`] records; the router, who may, and
//! the description of the API ([`description`]) follow from the two. A question runs on a thread for blocking work, over
//! the ledger as the [`upline_ledger::Reader`] shows it at that moment; what records goes through the
//! [`upline_ledger::WriterHandle`], whose facts share a sync.
//!
//! **Correctness.** Who asks is known before anything is looked up ([`who`]); what one may not see is told like what
//! does not exist. The actor of every fact is who is logged in, never who a request says. An answer is of one position
//! of the log; what was acknowledged is on disk.

pub mod app;
pub mod columns;
pub mod connections;
pub mod description;
pub mod doings;
pub mod events;
pub mod kept;
pub mod metrics;
pub mod orders;
pub mod page;
pub mod parameters;
pub mod problem;
mod proved;
pub mod questions;
pub mod rates;
pub mod reply;
pub mod resume;
pub mod router;
pub mod serve;
pub mod sessions;
pub mod signing;
pub mod streaming;
pub mod tls;
pub mod webhooks;
pub mod who;

pub use serve::{Config, ServeError, serve};
pub use signing::{NotSigned, Signing, Signs};
