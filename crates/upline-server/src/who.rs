//! Who asks: by a token, or by the session of a browser.
//!
//! **Correctness.** Whoever acts from a browser sends the session's CSRF token too, and comes from this server's own
//! pages. Guesses are counted, and hashed two at a time, so that guessing stops nobody else.

use crate::app::{App, text};
use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tokio::sync::Semaphore;
use upline_access::{Access, AccessError, Act, Identity, LoginError, Role, Sessions};
use upline_answers::scope::Scope;
use upline_core::names::Code;

/// The cookie of a session.
pub const COOKIE: &str = "upline_session";

/// The header of a session's CSRF token.
const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");

/// Passwords that are hashed at once: each takes 19 MiB.
const HASHES_AT_ONCE: usize = 2;

/// Who may, and who is in.
pub struct Doors {
    access: Mutex<Access>,
    sessions: Mutex<Sessions>,
    hashing: Semaphore,
    /// The downline of the agent who asked last, at the position where it was looked up.
    scopes: Mutex<Vec<(Code, u64, Scope)>>,
    /// Whether the connection is encrypted.
    pub secure: bool,
    requests: AtomicU64,
    started: u64,
}

/// Agents whose downlines are remembered.
const SCOPES_MAX: usize = 256;

/// Who asks.
#[derive(Clone, Debug)]
pub struct Asker {
    pub name: String,
    identity: Identity,
    pub scope: Scope,
    /// The CSRF token of its session; none of a token.
    pub csrf: Option<String>,
}

impl Asker {
    pub fn may(&self, act: Act) -> bool {
        self.identity.may(act)
    }

    pub fn is_agent(&self) -> bool {
        self.identity.role == Role::Agent
    }

    /// Whether it has shown a second factor.
    pub fn second_factor(&self) -> bool {
        self.identity.second_factor
    }

    /// Why it may do none of these, as far as its role may.
    pub fn refused(&self, acts: &[Act]) -> Problem {
        let detail = match &self.identity.token {
            _ if !acts.iter().any(|act| self.identity.role.may(*act)) => return Problem::not_allowed(),
            Some(_) => "a person does this: log in, a token cannot",
            None => "this needs a second factor: log in with one",
        };
        Problem { detail: detail.to_owned(), ..Problem::not_allowed() }
    }

    pub fn role(&self) -> Role {
        self.identity.role
    }
}

impl Doors {
    /// Reads who may, beside the ledger.
    pub fn open(dir: &Path, secure: bool) -> Result<Doors, AccessError> {
        let started = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Ok(Doors {
            access: Mutex::new(Access::open(dir)?),
            sessions: Mutex::new(Sessions::new()?),
            hashing: Semaphore::new(HASHES_AT_ONCE),
            scopes: Mutex::default(),
            secure,
            requests: AtomicU64::new(0),
            started: u64::try_from(started.as_millis()).unwrap_or_default(),
        })
    }

    /// A number that no other request of this server has, nor of one before.
    pub fn request_id(&self) -> String {
        format!("{:x}-{:x}", self.started, self.requests.fetch_add(1, Ordering::Relaxed))
    }
}

impl App {
    /// Who asks a question.
    pub async fn asker(self: &Arc<App>, headers: &HeaderMap) -> Result<Asker, Problem> {
        let (identity, csrf) = self.identity(headers)?;
        let scope = match &identity.producer {
            Some(producer) if identity.role == Role::Agent => self.scope(producer.clone()).await?,
            _ => Scope::Everybody,
        };
        Ok(Asker { name: identity.user.clone(), identity, scope, csrf })
    }

    /// Who does something: from a browser only with its session's CSRF token.
    pub async fn asker_who_acts(self: &Arc<App>, headers: &HeaderMap) -> Result<Asker, Problem> {
        let asker = self.asker(headers).await?;
        if asker.csrf.is_some() {
            let given = text(headers, CSRF).unwrap_or_default();
            let sessions = self.doors.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            let session = session(headers).unwrap_or_default();
            if !self.is_from_here(headers) || !sessions.check_csrf(session, given) {
                let detail = "this did not come from a page of this server: send its CSRF token";
                return Err(Problem::new(StatusCode::FORBIDDEN, "csrf", detail));
            }
        }
        Ok(asker)
    }

    fn identity(&self, headers: &HeaderMap) -> Result<(Identity, Option<String>), Problem> {
        let now = self.clock.now();
        let mut access = self.doors.access.lock().unwrap_or_else(PoisonError::into_inner);
        access.refresh().map_err(|error| Problem::failed(error.to_string()))?;
        if let Some(said) = text(headers, header::AUTHORIZATION) {
            let (scheme, token) = said.split_once(' ').ok_or_else(Problem::nobody)?;
            if !scheme.eq_ignore_ascii_case("bearer") {
                return Err(Problem::nobody());
            }
            let identity = access.authenticate_token(token.trim(), now).map_err(|_| Problem::nobody())?;
            return Ok((identity, None));
        }
        let id = session(headers).ok_or_else(Problem::nobody)?;
        let mut sessions = self.doors.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = sessions.identity(id, &access, now).ok_or_else(Problem::nobody)?;
        let csrf = sessions.csrf(id);
        Ok((identity, csrf))
    }

    async fn scope(self: &Arc<App>, producer: Code) -> Result<Scope, Problem> {
        let position = self.reader.now().position();
        {
            let scopes = self.doors.scopes.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, _, scope)) = scopes.iter().find(|(of, at, _)| *of == producer && *at == position)
            {
                return Ok(scope.clone());
            }
        }
        let of = producer.clone();
        let app = Arc::clone(self);
        let scope = self.ask(move |ledger| Scope::below(&ledger, &app.following, &of)).await??;
        let mut scopes = self.doors.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        scopes.retain(|(of, _, _)| *of != producer);
        if scopes.len() == SCOPES_MAX {
            scopes.remove(0);
        }
        scopes.push((producer, position, scope.clone()));
        Ok(scope)
    }

    /// Whether a browser says that a request comes from this server's own pages.
    pub fn is_from_here(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = text(headers, header::ORIGIN) else { return true };
        let host = text(headers, header::HOST).unwrap_or_default();
        origin.split_once("://").is_some_and(|(_, from)| from == host)
    }

    /// Logs somebody in; gives the session.
    pub async fn log_in(&self, name: &str, password: &str, code: Option<&str>) -> Result<String, Problem> {
        let _turn = self.doors.hashing.acquire().await.map_err(|_| Problem::nobody())?;
        let now = self.clock.now();
        let tried = tokio::task::block_in_place(|| {
            let mut access = self.doors.access.lock().unwrap_or_else(PoisonError::into_inner);
            match access.refresh() {
                Ok(()) => access.log_in(name, password, code, now),
                Err(error) => {
                    tracing::error!(%error, "who may cannot be read");
                    Err(LoginError::Bad)
                }
            }
        });
        let identity = tried.map_err(|error| {
            let status =
                if error.code() == "wait" { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNAUTHORIZED };
            Problem::new(status, error.code(), error.to_string())
        })?;
        let mut sessions = self.doors.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.begin(&identity, now).map_err(|error| Problem::failed(error.to_string()))
    }

    /// Ends a session, where its CSRF token says so.
    pub fn log_out(&self, headers: &HeaderMap, csrf: &str) -> bool {
        let Some(id) = session(headers) else { return false };
        let mut sessions = self.doors.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let may = sessions.check_csrf(id, csrf);
        if may {
            sessions.end(id);
        }
        may
    }
}

/// The session that a browser sends.
fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = text(headers, header::COOKIE)?;
    cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}
