//! Users and tokens: added, changed, let in.

use crate::file::{self, AccessError, Stamp};
use crate::guesses::Guesses;
use crate::identity::{Identity, LoginError};
use crate::role::Role;
use crate::secret::{Cost, is_password, random, random_text, same, sha256};
use crate::totp;
use crate::user::{Token, User};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use upline_core::fact::same_person;
use upline_core::names::Code;
use upline_core::time::Moment;

const NAME_CHARS_MAX: usize = 64;
const PASSWORD_CHARS_MIN: usize = 12;
const PASSWORD_BYTES_MAX: usize = 1_024;
const TOKEN_DAYS_MAX: u16 = 366;

/// What the secret of a token begins with, so that one that leaks is found by who looks for it.
const TOKEN_PREFIX: &str = "upl_";

const DAY_US: i64 = 86_400_000_000;

/// A token that was made: the only time that it is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct NewToken {
    pub token: Token,
    /// What is sent.
    pub secret: String,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewToken").field("token", &self.token).finish_non_exhaustive()
    }
}

/// Who may.
pub struct Access {
    dir: PathBuf,
    users: Vec<User>,
    tokens: Vec<Token>,
    /// Which file they were read from.
    stamp: Stamp,
    guesses: Guesses,
    cost: Cost,
    /// What the password of nobody is compared with, so that an unknown name takes as long as a known one.
    nobody: String,
    /// Second factors that wait for their first code.
    pending: BTreeMap<String, String>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("users", &self.users).finish_non_exhaustive()
    }
}

impl Access {
    /// Reads who may, beside a ledger; nobody, where nobody was added.
    pub fn open(dir: &Path) -> Result<Access, AccessError> {
        Access::open_with(dir, Cost::USUAL)
    }

    /// The same, with another cost of hashing passwords.
    pub fn open_with(dir: &Path, cost: Cost) -> Result<Access, AccessError> {
        let stamp = file::stamp(dir);
        let (users, tokens) = file::read(dir)?;
        let nobody = cost.hash(&random_text()?)?;
        let (guesses, pending) = Default::default();
        Ok(Access { dir: dir.to_owned(), users, tokens, stamp, guesses, cost, nobody, pending })
    }

    /// Reads again who may, where somebody else changed it.
    pub fn refresh(&mut self) -> Result<(), AccessError> {
        let stamp = file::stamp(&self.dir);
        if stamp != self.stamp {
            (self.users, self.tokens) = file::read(&self.dir)?;
            self.stamp = stamp;
        }
        Ok(())
    }

    pub fn users(&self) -> &[User] {
        &self.users
    }

    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Adds a user, who cannot log in before it has a password.
    pub fn add_user(
        &mut self,
        name: &str,
        role: Role,
        producer: Option<Code>,
        now: Moment,
    ) -> Result<(), AccessError> {
        let seen = name.chars().all(|c| !c.is_control()) && !name.trim().is_empty() && name.trim() == name;
        if !seen || name.chars().count() > NAME_CHARS_MAX {
            return Err(AccessError::NoName);
        }
        if (role == Role::Agent) != producer.is_some() {
            return Err(AccessError::NoProducer);
        }
        self.change(|access| {
            if access.users.iter().any(|user| same_person(&user.name, name)) {
                return Err(AccessError::UserThere(name.to_owned()));
            }
            access.users.push(User {
                name: name.to_owned(),
                role,
                producer,
                disabled: false,
                created_at: now,
                password: None,
                totp: None,
                totp_step: 0,
            });
            Ok(())
        })
    }

    /// Gives a user another role.
    pub fn set_role(&mut self, name: &str, role: Role, producer: Option<Code>) -> Result<(), AccessError> {
        if (role == Role::Agent) != producer.is_some() {
            return Err(AccessError::NoProducer);
        }
        self.change(|access| {
            let user = access.user_mut(name)?;
            user.role = role;
            user.producer = producer;
            Ok(())
        })
    }

    /// Lets a user in no more, nor its tokens; or in again.
    pub fn disable(&mut self, name: &str, disabled: bool) -> Result<(), AccessError> {
        self.change(|access| {
            access.user_mut(name)?.disabled = disabled;
            Ok(())
        })
    }

    pub fn set_password(&mut self, name: &str, password: &str) -> Result<(), AccessError> {
        let long = password.chars().count() >= PASSWORD_CHARS_MIN && password.len() <= PASSWORD_BYTES_MAX;
        if !long || same_person(password, name) {
            return Err(AccessError::Weak);
        }
        let hash = self.cost.hash(password)?;
        self.change(|access| {
            access.user_mut(name)?.password = Some(hash);
            Ok(())
        })
    }

    /// Begins to give a user a second factor: its secret, to be confirmed with a code.
    pub fn enrol(&mut self, name: &str) -> Result<String, AccessError> {
        let name = self.user_mut(name)?.name.clone();
        let secret = totp::secret()?;
        self.pending.insert(name, secret.clone());
        Ok(secret)
    }

    /// Gives a user the second factor that waits, when a code shows that it has it.
    pub fn confirm(&mut self, name: &str, code: &str, now: Moment) -> Result<(), AccessError> {
        let not = || AccessError::NotConfirmed(name.to_owned());
        let secret = self.pending.get(name).cloned().ok_or_else(not)?;
        let step = totp::step_of(&secret, code, now).ok_or_else(not)?;
        self.pending.remove(name);
        self.change(|access| {
            let user = access.user_mut(name)?;
            (user.totp, user.totp_step) = (Some(secret), step);
            Ok(())
        })
    }

    /// Makes a token of a user that ends after so many days.
    pub fn new_token(
        &mut self,
        name: &str,
        label: &str,
        days: u16,
        now: Moment,
    ) -> Result<NewToken, AccessError> {
        if !(1..=TOKEN_DAYS_MAX).contains(&days) {
            return Err(AccessError::NoExpiry);
        }
        let user = self.user_mut(name)?.name.clone();
        let id: String = random::<6>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let secret = format!("{TOKEN_PREFIX}{id}_{}", random_text()?);
        let expires_at = Moment(now.0.saturating_add(i64::from(days) * DAY_US));
        let label = label.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
        let (created_at, revoked_at) = (now, None);
        let token = Token { id, user, label, created_at, expires_at, revoked_at, sha256: sha256(&secret) };
        self.change(|access| {
            access.tokens.push(token.clone());
            Ok(())
        })?;
        Ok(NewToken { token, secret })
    }

    /// Ends a token.
    pub fn revoke(&mut self, id: &str, now: Moment) -> Result<(), AccessError> {
        self.change(|access| {
            let token = access.tokens.iter_mut().find(|token| token.id == id);
            let token = token.ok_or_else(|| AccessError::UnknownToken(id.to_owned()))?;
            token.revoked_at.get_or_insert(now);
            Ok(())
        })
    }

    /// Lets a user in who says its name, its password and, where it has a second factor, a code.
    pub fn log_in(
        &mut self,
        name: &str,
        password: &str,
        code: Option<&str>,
        now: Moment,
    ) -> Result<Identity, LoginError> {
        if name.chars().count() > NAME_CHARS_MAX || password.len() > PASSWORD_BYTES_MAX {
            return Err(LoginError::Bad);
        }
        let tried = name.trim().to_lowercase();
        if let Some(seconds) = self.guesses.wait(&tried, now) {
            return Err(LoginError::Wait { seconds });
        }
        let user = self.users.iter().find(|user| same_person(&user.name, name)).filter(|user| !user.disabled);
        let hash = user.and_then(|user| user.password.as_ref());
        let known = is_password(password, hash.unwrap_or(&self.nobody)) && hash.is_some();
        let step = match user.and_then(|user| Some((user.totp.as_ref()?, user.totp_step))) {
            Some((secret, last)) => {
                totp::step_of(secret, code.unwrap_or_default(), now).filter(|step| *step > last)
            }
            None => Some(0),
        };
        let (Some(user), true, Some(step)) = (user, known, step) else {
            self.guesses.wrong(&tried, now);
            return Err(LoginError::Bad);
        };
        let identity = of(user, None, user.totp.is_some());
        self.guesses.right(&tried);
        if step > 0 {
            // A code that cannot be remembered could be used twice.
            let kept = self.change(|access| {
                let user = access.user_mut(name)?;
                // Nor may another server take it.
                if user.totp_step >= step {
                    return Err(AccessError::NotConfirmed(name.to_owned()));
                }
                user.totp_step = step;
                Ok(())
            });
            kept.map_err(|_| LoginError::Bad)?;
        }
        Ok(identity)
    }

    /// Whose a token is, while it holds.
    pub fn authenticate_token(&self, secret: &str, now: Moment) -> Result<Identity, LoginError> {
        let id = secret.strip_prefix(TOKEN_PREFIX).and_then(|rest| rest.split_once('_')).map(|(id, _)| id);
        let token = self.tokens.iter().find(|token| Some(token.id.as_str()) == id).ok_or(LoginError::Bad)?;
        let holds =
            same(&token.sha256, &sha256(secret)) && token.revoked_at.is_none() && now < token.expires_at;
        let user = self.user(&token.user).filter(|_| holds).ok_or(LoginError::Bad)?;
        Ok(of(user, Some(token.id.clone()), false))
    }

    /// Who a user is by now, of one that logged in before.
    pub(crate) fn identity(&self, name: &str, second_factor: bool) -> Option<Identity> {
        Some(of(self.user(name)?, None, second_factor))
    }

    /// A user that may come in.
    fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name && !user.disabled)
    }

    fn user_mut(&mut self, name: &str) -> Result<&mut User, AccessError> {
        let user = self.users.iter_mut().find(|user| same_person(&user.name, name));
        user.ok_or_else(|| AccessError::UnknownUser(name.to_owned()))
    }

    fn admins(&self) -> usize {
        self.users.iter().filter(|user| user.role == Role::Admin && !user.disabled).count()
    }

    /// Changes who may, on disk and here, or not at all.
    fn change(
        &mut self,
        change: impl FnOnce(&mut Access) -> Result<(), AccessError>,
    ) -> Result<(), AccessError> {
        // Whoever else changes it meanwhile waits; what was changed before is built upon.
        let _lock = file::lock(&self.dir)?;
        self.refresh()?;
        let (users, tokens, admins) = (self.users.clone(), self.tokens.clone(), self.admins());
        let changed = change(self).and_then(|()| match self.admins() {
            0 if admins > 0 => Err(AccessError::LastAdmin),
            _ => file::write(&self.dir, &self.users, &self.tokens),
        });
        self.stamp = if changed.is_ok() { file::stamp(&self.dir) } else { self.stamp };
        if changed.is_err() {
            (self.users, self.tokens) = (users, tokens);
        }
        changed
    }
}

fn of(user: &User, token: Option<String>, second_factor: bool) -> Identity {
    let (name, role, producer) = (user.name.clone(), user.role, user.producer.clone());
    Identity { user: name, role, producer, token, second_factor }
}
