//! The events as they are recorded, as server-sent events: resumed with `Last-Event-ID`.
//!
//! **Shape.** Those who follow share what is known of names ([`Following`]) and read only the blocks that are new to
//! them. Nobody polls: the reader wakes who waits when it has moved.
//!
//! **Correctness.** Who may audit sees every event, who contracts those that it records; an agent sees what concerns
//! itself and its downline, and not where that stands in the log: its ids are marks ([`crate::resume`]), it does not
//! choose where to begin, and events of others send nothing and wake nobody visibly. Whether the asker still may is
//! looked up again before every reading.

use crate::app::{App, pairs, text};
use crate::orders::CONTRACTING;
use crate::parameters::{FOLLOW, FROM, Given};
use crate::problem::Problem;
use crate::who::Asker;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use upline_access::Act;
use upline_answers::events::{self, View};
use upline_answers::scope::Scope;

/// Events that are read together, of those that one sees all and of those that sees few.
const EVENTS_AT_ONCE: u64 = 500;
const FILTERED_AT_ONCE: u64 = 10_000;

/// How often it is looked up whether who waits still may.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Where a listener is.
struct Place {
    app: Arc<App>,
    headers: HeaderMap,
    /// The next event that is read.
    next: u64,
    /// Read and not sent: ids and events.
    read: VecDeque<(String, String)>,
    follow: bool,
    moved: watch::Receiver<u64>,
    ending: watch::Receiver<bool>,
    _turn: OwnedSemaphorePermit,
}

/// Whether somebody may follow what it may see of the events.
pub fn may_follow(asker: &Asker) -> bool {
    asker.may(Act::Audit) || asker.may(Act::RecordContracting) || asker.is_agent()
}

/// Answers with the events from a position on.
pub async fn events(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let asker = app.asker(&headers).await?;
    if !may_follow(&asker) {
        return Err(Problem::not_allowed());
    }
    let given = Given::read(&[FROM, FOLLOW], pairs(uri.query()))?;
    let next = first(&app, &asker, &given, text(&headers, HeaderName::from_static("last-event-id")))?;
    let busy = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too many follow at once: try again");
    let turn = Arc::clone(&app.followers).try_acquire_owned().map_err(|_| busy())?;
    let (moved, ending) = (app.reader.moved(), app.ending.subscribe());
    let (follow, read) = (given.flag(FOLLOW.name), VecDeque::new());
    let place = Place { app, headers, next, read, follow, moved, ending, _turn: turn };
    let sent = stream::unfold(place, |mut place| async move {
        let (id, json) = place.next().await?;
        let event = Event::default().id(id).event("recorded").data(json);
        Some((Ok::<Event, Infallible>(event), place))
    });
    Ok(Sse::new(sent).keep_alive(KeepAlive::default()).into_response())
}

/// Where a listener begins.
fn first(app: &App, asker: &Asker, given: &Given, last: Option<&str>) -> Result<u64, Problem> {
    let last = last.filter(|last| !last.is_empty());
    let from = given.number(FROM.name);
    let after = match (&asker.scope, last) {
        (Scope::Only(_), _) if from.is_some_and(|from| from > 1) => {
            // Whoever may choose where to begin finds out where its events stand.
            let detail = "you go on with Last-Event-ID, or from 1";
            return Err(Problem::new(StatusCode::FORBIDDEN, "not_allowed", detail));
        }
        (_, None) => None,
        (Scope::Only(_), Some(mark)) => Some(app.marks.position(&asker.name, mark)),
        (Scope::Everybody, Some(last)) => Some(last.parse().ok()),
    };
    match after {
        None => Ok(from.unwrap_or(1).max(1)),
        Some(Some(after)) => Ok(u64::saturating_add(after, 1)),
        Some(None) => {
            Err(Problem::parameter("Last-Event-ID", "this is no id of an event that was sent to you"))
        }
    }
}

impl Place {
    /// The next event that is sent; `None` at the end, or where the listener has to come back.
    async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some(event) = self.read.pop_front() {
                return Some(event);
            }
            let last = *self.moved.borrow_and_update();
            if self.next <= last {
                self.read_on(last).await?;
                continue;
            }
            if !self.follow || *self.ending.borrow_and_update() {
                return None;
            }
            tokio::select! {
                moved = self.moved.changed() => moved.ok()?,
                ending = self.ending.changed() => ending.ok()?,
                () = tokio::time::sleep(LOOK_EVERY) => {
                    self.app.asker(&self.headers).await.ok().filter(may_follow)?;
                }
            }
        }
    }

    /// Reads the next events.
    async fn read_on(&mut self, last: u64) -> Option<()> {
        let asker = self.app.asker(&self.headers).await.ok().filter(may_follow)?;
        let all = asker.may(Act::Audit);
        let at_once = if all { EVENTS_AT_ONCE } else { FILTERED_AT_ONCE };
        let (from, through) = (self.next, last.min(self.next.saturating_add(at_once - 1)));
        let app = Arc::clone(&self.app);
        let read = self.app.ask(move |ledger| {
            let view = match &asker.scope {
                Scope::Only(own) => View::Of(own),
                Scope::Everybody if all => View::All,
                Scope::Everybody => View::Types(CONTRACTING),
            };
            let events = events::on(&ledger, &app.following, from..=through, view)?;
            let named = events.into_iter().map(|(position, line)| match &asker.scope {
                Scope::Only(_) => (app.marks.mark(&asker.name, position), line),
                Scope::Everybody => (position.to_string(), line),
            });
            Ok::<Vec<_>, upline_ledger::LedgerError>(named.collect())
        });
        self.read.extend(read.await.ok()?.ok()?);
        self.next = through + 1;
        Some(())
    }
}
