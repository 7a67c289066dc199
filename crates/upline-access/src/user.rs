//! Users and their tokens, as they are kept.

use crate::role::Role;
use serde::{Deserialize, Serialize};
use upline_core::names::Code;
use upline_core::time::Moment;

/// Somebody who may.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub role: Role,
    /// Of an agent: who it is in the ledger.
    pub producer: Option<Code>,
    pub disabled: bool,
    pub created_at: Moment,
    /// The hash of the password.
    pub(crate) password: Option<String>,
    /// The secret of the second factor, in base 32.
    pub(crate) totp: Option<String>,
    /// The step of the last code: each is used once.
    pub(crate) totp_step: i64,
}

impl User {
    /// Whether it can log in by itself.
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// Whether it has a second factor.
    pub fn has_second_factor(&self) -> bool {
        self.totp.is_some()
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("name", &self.name).field("role", &self.role).finish_non_exhaustive()
    }
}

/// A token for programs: what it says is shown once, and kept as a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The part of it that is no secret.
    pub id: String,
    /// Whose it is.
    pub user: String,
    /// What it is for.
    pub label: String,
    pub created_at: Moment,
    pub expires_at: Moment,
    pub revoked_at: Option<Moment>,
    pub(crate) sha256: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("id", &self.id).field("user", &self.user).finish_non_exhaustive()
    }
}

/// A user in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptUser {
    name: String,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    producer: Option<String>,
    disabled: bool,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    totp: Option<String>,
    totp_step: i64,
}

/// A token in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptToken {
    id: String,
    user: String,
    label: String,
    created_at: String,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    sha256: String,
}

impl From<&User> for KeptUser {
    fn from(user: &User) -> KeptUser {
        KeptUser {
            name: user.name.clone(),
            role: user.role,
            producer: user.producer.as_ref().map(|code| code.to_string()),
            disabled: user.disabled,
            created_at: user.created_at.to_string(),
            password: user.password.clone(),
            totp: user.totp.clone(),
            totp_step: user.totp_step,
        }
    }
}

impl KeptUser {
    /// The user, where it is one.
    pub fn read(self) -> Option<User> {
        let producer = match self.producer {
            Some(code) => Some(Code::parse(&code)?),
            None => None,
        };
        if (self.role == Role::Agent) != producer.is_some() {
            return None;
        }
        Some(User {
            name: self.name,
            role: self.role,
            producer,
            disabled: self.disabled,
            created_at: Moment::parse(&self.created_at)?,
            password: self.password,
            totp: self.totp,
            totp_step: self.totp_step,
        })
    }
}

impl From<&Token> for KeptToken {
    fn from(token: &Token) -> KeptToken {
        KeptToken {
            id: token.id.clone(),
            user: token.user.clone(),
            label: token.label.clone(),
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at.to_string(),
            revoked_at: token.revoked_at.map(|at| at.to_string()),
            sha256: token.sha256.clone(),
        }
    }
}

impl KeptToken {
    /// The token, where it is one.
    pub fn read(self) -> Option<Token> {
        let revoked_at = match self.revoked_at {
            Some(at) => Some(Moment::parse(&at)?),
            None => None,
        };
        Some(Token {
            id: self.id,
            user: self.user,
            label: self.label,
            created_at: Moment::parse(&self.created_at)?,
            expires_at: Moment::parse(&self.expires_at)?,
            revoked_at,
            sha256: self.sha256,
        })
    }
}
