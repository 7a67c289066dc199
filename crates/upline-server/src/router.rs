//! The routes: those of the table of questions, what is done, the description, and how the server is.

use crate::app::{App, pairs, text};
use crate::description::description;
use crate::doings::{DOINGS, Doing};
use crate::orders::{self, Lines};
use crate::parameters::{DRY_RUN, FOLLOW, FROM, Given, Parameter};
use crate::problem::Problem;
use crate::questions::{Needs, QUESTIONS, Question};
use crate::sessions;
use crate::webhooks::routes as webhooks;
use crate::who::Asker;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use upline_access::Act;

/// What one has to be allowed to reach a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Everybody reaches it, logged in or not.
    Anybody,
    /// Who may ask this.
    Ask(Needs),
    /// Who may see at least some of the events.
    Follow,
    /// Who may do one of these.
    Do(&'static [Act]),
    /// Whoever is logged in; what it shows or does depends on the role.
    Known,
}

/// A route with what one needs to reach it: everything that the server answers below `/v1`.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub rule: Rule,
    pub says: &'static str,
    pub takes: &'static [Parameter],
}

/// The routes below `/v1` that are no questions.
pub const OTHERS: &[Route] = &[
    Route {
        method: "POST",
        path: "/facts",
        rule: Rule::Known,
        says: "Record facts: one, a list, or a line each; answers when they are durable",
        takes: &[DRY_RUN],
    },
    Route {
        method: "GET",
        path: "/events",
        rule: Rule::Follow,
        says: "The events that the asker may see as they are recorded, as server-sent events",
        takes: &[FROM, FOLLOW],
    },
    Route {
        method: "POST",
        path: "/session",
        rule: Rule::Anybody,
        says: "Log in: gives a session as a cookie, and the CSRF token that whatever it does sends as X-CSRF-Token",
        takes: &[],
    },
    Route { method: "GET", path: "/session", rule: Rule::Known, says: "Who asks", takes: &[] },
    Route { method: "DELETE", path: "/session", rule: Rule::Known, says: "Log out", takes: &[] },
    Route { method: "GET", path: "/openapi.json", rule: Rule::Anybody, says: "This description", takes: &[] },
];

/// All routes below `/v1`, each with its rule.
pub fn routes() -> Vec<Route> {
    let question = |question: &Question| Route {
        method: "GET",
        path: question.path,
        rule: Rule::Ask(question.needs),
        says: question.says,
        takes: question.takes,
    };
    let doing = |doing: &Doing| Route {
        method: "POST",
        path: doing.path,
        rule: Rule::Do(doing.acts),
        says: doing.says,
        takes: doing.takes,
    };
    let others = OTHERS.iter().chain(webhooks::ROUTES).copied();
    QUESTIONS.iter().map(question).chain(DOINGS.iter().map(doing)).chain(others).collect()
}

/// Everything that the server answers.
pub fn router(app: Arc<App>) -> Router {
    let mut v1 = Router::new();
    for question in QUESTIONS {
        v1 = v1.route(
            question.path,
            get(
                move |State(app): State<Arc<App>>, path: RawPathParams, uri: Uri, headers: HeaderMap| async move {
                    let path = path.iter().map(|(_, value)| value.to_owned()).collect();
                    asked(&app, question, path, &uri, &headers).await
                },
            ),
        );
    }
    for doing in DOINGS {
        v1 = v1.route(
            doing.path,
            post(move |State(app): State<Arc<App>>, path: RawPathParams, request: Request| async move {
                let path = path.iter().map(|(_, value)| value.to_owned()).collect();
                crate::doings::done(&app, doing, path, request).await
            }),
        );
    }
    let session = get(sessions::who).post(sessions::log_in).delete(sessions::log_out);
    let v1 = v1
        .route("/session", session)
        .route("/facts", post(facts))
        .route("/events", get(crate::events::events))
        .route("/openapi.json", get(|| async { axum::Json(description()) }))
        .merge(webhooks::router());
    Router::new()
        .nest("/v1", v1)
        .merge(crate::page::routes())
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "this is not done to this")
        })
        .layer(middleware::from_fn_with_state(Arc::clone(&app), around))
        .with_state(app)
}

async fn asked(
    app: &Arc<App>,
    question: &'static Question,
    path: Vec<String>,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response<Body>, Problem> {
    let asker = app.asker(headers).await?;
    if !asker.may(needed(question.needs, &asker)) {
        return Err(Problem::not_allowed());
    }
    for ((_, kind), value) in question.named.iter().zip(&path) {
        if !kind.takes(value) {
            return Err(Problem::not_found());
        }
    }
    app.answer(question, path, uri.query(), headers, asker).await
}

/// What an asker has to be allowed for a question.
pub fn needed(needs: Needs, asker: &Asker) -> Act {
    match needs {
        Needs::Own if asker.is_agent() => Act::ReadOwn,
        Needs::Own | Needs::All => Act::ReadAll,
        Needs::Tax => Act::Tax,
        Needs::Audit => Act::Audit,
    }
}

async fn facts(State(app): State<Arc<App>>, request: Request) -> Result<Response<Body>, Problem> {
    let (parts, body) = request.into_parts();
    let asker = app.asker_who_acts(&parts.headers).await?;
    if !asker.may(Act::RecordFacts) && !asker.may(Act::RecordContracting) {
        return Err(Problem::not_allowed());
    }
    let given = Given::read(&[DRY_RUN], pairs(parts.uri.query()))?;
    let kind = text(&parts.headers, header::CONTENT_TYPE).unwrap_or_default();
    let lines = match kind.split(';').next().unwrap_or_default().trim() {
        "application/json" => Lines::Json,
        "application/jsonl" | "application/x-ndjson" => Lines::JsonLines,
        _ => {
            let detail = "facts come as application/json or, a fact a line, as application/jsonl";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", detail));
        }
    };
    let answer = orders::facts(&app, &asker, lines, given.flag(DRY_RUN.name), body).await?;
    Ok(axum::Json(answer).into_response())
}

/// Refuses a body that is not JSON.
pub fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = text(headers, header::CONTENT_TYPE).unwrap_or_default();
    if kind.split(';').next().unwrap_or_default().trim() == "application/json" {
        return Ok(());
    }
    let detail = "this comes as application/json";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", detail))
}

async fn ready(State(app): State<Arc<App>>) -> Result<Response<Body>, Problem> {
    if *app.ending.borrow() {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "ending", "the server is about to end"));
    }
    // The writer answers between commits: a poisoned or stopped one does not.
    app.writer.run(|_| ()).await?;
    Ok(axum::Json(json!({"ready": true})).into_response())
}

async fn metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response<Body>, Problem> {
    if !app.asker(&headers).await?.may(Act::Operate) {
        return Err(Problem::not_allowed());
    }
    let text = app.metrics.write(app.reader.now().position());
    let kind = HeaderValue::from_static("text/plain; version=0.0.4");
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

/// Around every request: an id, what is counted, and the headers that browsers obey.
async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response<Body> {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let id = app.doors.request_id();
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|from| from.0.ip());
    let mut response = match app.rates.check(request.headers(), from) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let route = route.unwrap_or_else(|| "none".to_owned());
    let (status, took) = (response.status().as_u16(), began.elapsed());
    let counted = if KNOWN.contains(&method) { method.as_str() } else { "OTHER" };
    app.metrics.answered(counted, &route, status, took);
    tracing::info!(request = %id, method = counted, route, status, took_us = took.as_micros() as u64, "answered");
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        // A document to print brings its own.
        let name = HeaderName::from_static(name);
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if app.doors.secure {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

const KNOWN: [Method; 5] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE];

const HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
];
