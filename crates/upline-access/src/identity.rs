//! Who somebody is found to be, and what it may do.

use crate::role::{Act, Role};
use upline_core::names::Code;

/// Somebody who is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name of the user.
    pub user: String,
    pub role: Role,
    /// Of an agent: who it is in the ledger.
    pub producer: Option<Code>,
    /// The token by which it is known; none where it logged in itself.
    pub token: Option<String>,
    /// Whether it has shown a second factor.
    pub second_factor: bool,
}

impl Identity {
    /// What its role may, as far as it has shown who it is.
    pub fn may(&self, act: Act) -> bool {
        let shown = match &self.token {
            Some(_) => !act.needs_a_person(),
            None => self.second_factor || !act.is_grave() || !self.role.needs_second_factor(),
        };
        self.role.may(act) && shown
    }
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// The name, the password or the code is wrong: which, nobody is told.
    #[error("the name, the password or the code is wrong")]
    Bad,
    /// There were too many wrong tries.
    #[error("too many wrong tries: wait {seconds} seconds, then try again")]
    Wait {
        /// How long, at least.
        seconds: u64,
    },
}

impl LoginError {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            LoginError::Bad => "bad_login",
            LoginError::Wait { .. } => "wait",
        }
    }
}
