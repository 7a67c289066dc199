//! Who may: the users of a server, their roles, API tokens and sessions.
//!
//! # Shape
//! [`Access`] is what is kept, in the file `access.json` beside the ledger: users with their roles, and tokens.
//! [`Role::may`] is the table of who may do what. [`Access::log_in`] and [`Access::authenticate_token`] give an
//! [`Identity`]; [`Sessions`], in memory, keep that somebody is logged in. There is no HTTP here and no clock: the time
//! is passed in.
//!
//! # Correctness
//! Passwords are kept as argon2id, tokens as SHA-256 of what cannot be guessed; neither is kept or shown otherwise. An
//! unknown name, a wrong password and a wrong code are told alike, in the same time, and slow the next try down alike.
//! Whoever is disabled is out with the next request. Whoever pays, approves or gives rights needs a second factor.

mod access;
mod file;
mod guesses;
mod identity;
mod role;
mod secret;
mod sessions;
mod totp;
mod user;

pub use access::{Access, NewToken};
pub use file::{ACCESS_FILE, AccessError};
pub use identity::{Identity, LoginError};
pub use role::{Act, Role};
pub use secret::{Cost, random_text};
pub use sessions::Sessions;
pub use totp::{code_at, enrolment};
pub use user::{Token, User};
