//! The events as they are recorded, as server-sent events: resumed with `Last-Event-ID`.

use crate::app::{App, pairs, text};
use crate::parameters::{FOLLOW, FROM, Given};
use crate::problem::Problem;
use crate::questions::Needs;
use crate::router::needed;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Response, Uri};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use upline_answers::events::{self, Wanted};
use upline_core::as_of::AsOf;
use upline_core::time::Day;

/// Events that are read together.
const EVENTS_AT_ONCE: u64 = 500;

/// How often it is looked whether more was recorded.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Where a listener is.
struct Place {
    app: Arc<App>,
    /// The next event that is sent.
    next: u64,
    /// Read and not sent.
    read: VecDeque<(u64, String)>,
    follow: bool,
}

/// Answers with the events from a position on.
pub async fn events(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let asker = app.asker(&headers).await?;
    if !asker.may(needed(Needs::Audit, &asker)) {
        return Err(Problem::not_allowed());
    }
    let given = Given::read(&[FROM, FOLLOW], pairs(uri.query()))?;
    let last = text(&headers, HeaderName::from_static("last-event-id"));
    let after = last.and_then(|last| last.parse::<u64>().ok()).map(|last| last.saturating_add(1));
    let next = after.or(given.number(FROM.name)).unwrap_or(1).max(1);
    let place = Place { app, next, read: VecDeque::new(), follow: given.flag(FOLLOW.name) };
    let sent = stream::unfold(place, |mut place| async move {
        loop {
            if let Some((position, json)) = place.read.pop_front() {
                let event = Event::default().id(position.to_string()).event("recorded").data(json);
                return Some((Ok::<Event, Infallible>(event), place));
            }
            let last = place.app.reader.now().position();
            if place.next <= last {
                place.read_on(last).await?;
            } else if place.follow {
                tokio::time::sleep(LOOK_EVERY).await;
            } else {
                return None;
            }
        }
    });
    Ok(Sse::new(sent).keep_alive(KeepAlive::default()).into_response())
}

impl Place {
    /// Reads the next events; `None` where they cannot be read, and the listener has to come back.
    async fn read_on(&mut self, last: u64) -> Option<()> {
        let (from, through) = (self.next, last.min(self.next.saturating_add(EVENTS_AT_ONCE - 1)));
        let read = self.app.ask(move |ledger| {
            let mut lines = Vec::new();
            let wanted = Wanted { from, ..Wanted::default() };
            let at = AsOf { effective: Day::LAST, known: through };
            events::write(&ledger, at, &wanted, &mut lines).map(|()| lines)
        });
        let lines = read.await.ok()?.ok()?;
        let text = String::from_utf8(lines).ok()?;
        self.read.extend((from..).zip(text.lines().map(str::to_owned)));
        self.next = through + 1;
        Some(())
    }
}
