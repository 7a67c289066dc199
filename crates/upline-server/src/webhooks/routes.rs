//! Webhooks over HTTP: for whom reads everything and records.

use crate::app::{App, pairs};
use crate::description::problem;
use crate::parameters::Given;
use crate::problem::Problem;
use crate::router::{Route, Rule};
use crate::webhooks::hooks::{Hook, HookError, Hooks, NewHook};
use crate::webhooks::state::State;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State as Shared};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::{delete, get};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use upline_access::Act;
use upline_core::fact::types::TYPES;

/// The longest body of a webhook.
const BYTES_MAX: usize = 64 * 1024;

const WHO: Rule = Rule::Do(&[Act::Webhooks]);

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/webhooks",
        rule: WHO,
        says: "The webhooks, without their secrets",
        takes: &[],
    },
    Route {
        method: "POST",
        path: "/webhooks",
        rule: WHO,
        says: "Send events on as they are recorded; the secret that they are signed with is shown this once",
        takes: &[],
    },
    Route { method: "DELETE", path: "/webhooks/{webhook}", rule: WHO, says: "Send no more", takes: &[] },
    Route {
        method: "GET",
        path: "/webhooks/{webhook}/deliveries",
        rule: WHO,
        says: "The last tries to deliver, the oldest first",
        takes: &[],
    },
];

/// What answers them.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/webhooks", get(list).post(add))
        .route("/webhooks/{webhook}", delete(remove))
        .route("/webhooks/{webhook}/deliveries", get(deliveries))
}

impl From<HookError> for Problem {
    fn from(error: HookError) -> Problem {
        let status = match &error {
            HookError::File { .. } => StatusCode::SERVICE_UNAVAILABLE,
            HookError::Address | HookError::Type(_) => StatusCode::UNPROCESSABLE_ENTITY,
            HookError::Unknown(_) => StatusCode::NOT_FOUND,
            HookError::TooMany => StatusCode::CONFLICT,
        };
        Problem::new(status, error.code(), error.to_string())
    }
}

/// Who asks, if it may; nothing is looked up before.
async fn may(app: &Arc<App>, headers: &HeaderMap, uri: &Uri, acts: bool) -> Result<(Hooks, String), Problem> {
    let asker = if acts { app.asker_who_acts(headers).await? } else { app.asker(headers).await? };
    if !asker.may(Act::Webhooks) {
        return Err(Problem::not_allowed());
    }
    Given::read(&[], pairs(uri.query()))?;
    Ok((Hooks::of(app.dir()), asker.name))
}

async fn list(
    Shared(app): Shared<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let (hooks, _) = may(&app, &headers, &uri, false).await?;
    let rows: Result<Vec<Value>, Problem> = hooks.list()?.iter().map(|hook| shown(&app, hook)).collect();
    Ok(axum::Json(json!({"rows": rows?})).into_response())
}

async fn add(Shared(app): Shared<Arc<App>>, request: Request) -> Result<Response<Body>, Problem> {
    let (parts, body) = request.into_parts();
    let (hooks, who) = may(&app, &parts.headers, &parts.uri, true).await?;
    crate::router::is_json(&parts.headers)?;
    let malformed = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "malformed", detail);
    let bytes = axum::body::to_bytes(body, BYTES_MAX).await.map_err(|_| {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "a webhook has at most 64 KiB")
    })?;
    let mut new: NewHook = serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
    // It begins with what is recorded from now on, whenever the sender first sees it.
    new.from.get_or_insert(app.reader.now().position() + 1);
    let hook = hooks.add(new, Some(&who), app.clock.now())?;
    let mut answer = shown(&app, &hook)?;
    if let Some(members) = answer.as_object_mut() {
        members.insert("secret".to_owned(), json!(hook.secret));
    }
    Ok((StatusCode::CREATED, axum::Json(answer)).into_response())
}

async fn remove(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let (hooks, _) = may(&app, &headers, &uri, true).await?;
    hooks.remove(&id)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn deliveries(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let (hooks, _) = may(&app, &headers, &uri, false).await?;
    let state = state(&app, &hooks.one(&id)?)?;
    Ok(axum::Json(json!({"rows": state.deliveries})).into_response())
}

fn state(app: &App, hook: &Hook) -> Result<State, Problem> {
    let failed = |error: std::io::Error| Problem::failed(format!("how far it came cannot be read: {error}"));
    Ok(State::read(app.dir(), &hook.id).map_err(failed)?.unwrap_or_default())
}

/// A webhook as it is shown.
fn shown(app: &App, hook: &Hook) -> Result<Value, Problem> {
    let state = state(app, hook)?;
    Ok(json!({"id": hook.id, "url": hook.url, "types": hook.types, "created_at": hook.created_at,
        "created_by": hook.created_by, "position": state.position, "state": state.word(),
        "failing_since": state.failing_since, "note": state.disabled}))
}

/// What the description of the API says of bodies: what the routes take and what they answer with.
pub fn describe(route: &Route, of: &mut Map<String, Value>) {
    let hook = json!({"type": "object",
    "required": ["id", "url", "types", "created_at", "position", "state"],
    "properties": {
        "id": {"type": "string"}, "url": {"type": "string"},
        "types": {"type": "array", "items": {"type": "string"}},
        "created_at": {"type": "string", "format": "date-time"},
        "created_by": {"type": ["string", "null"]},
        "position": {"type": "integer", "description": "The last position that is done with"},
        "state": {"type": "string", "enum": ["active", "failing", "disabled"]},
        "failing_since": {"type": ["string", "null"]},
        "note": {"type": ["string", "null"]},
        "secret": {"type": "string", "description": "Shown once"},
    }});
    let delivery = json!({"type": "object", "required": ["id", "position", "at", "attempt", "took_ms"],
    "properties": {
        "id": {"type": "string", "format": "uuid"}, "position": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"}, "attempt": {"type": "integer"},
        "status": {"type": ["integer", "null"]}, "error": {"type": ["string", "null"]},
        "took_ms": {"type": "integer"},
    }});
    let rows = |item: Value| {
        json!({"type": "object", "required": ["rows"],
        "properties": {"rows": {"type": "array", "items": item}}})
    };
    let (status, schema) = match (route.method, route.path) {
        ("POST", _) => ("201", Some(hook)),
        ("DELETE", _) => ("204", None),
        (_, "/webhooks") => ("200", Some(rows(hook))),
        _ => ("200", Some(rows(delivery))),
    };
    if route.path.contains("{webhook}") {
        let id = json!({"name": "webhook", "in": "path", "required": true,
            "schema": {"type": "string", "pattern": "^[0-9a-f]{12}$"}});
        of.insert("parameters".to_owned(), json!([id]));
    }
    if route.method == "POST" {
        let types: Vec<&str> = TYPES.iter().flat_map(|of| of.names()).collect();
        let new = json!({"type": "object", "required": ["url"], "additionalProperties": false,
        "properties": {
            "url": {"type": "string", "maxLength": 2048,
                "description": "https, or http to this machine"},
            "types": {"type": "array", "items": {"type": "string", "enum": types}},
            "from": {"type": ["integer", "null"], "minimum": 0, "maximum": 9_007_199_254_740_991_u64,
                "description": "The first position that is sent; default: what is recorded from now on"},
        }});
        of.insert(
            "requestBody".to_owned(),
            json!({"required": true, "content": {"application/json": {"schema": new}}}),
        );
    }
    if let Some(responses) = of.get_mut("responses").and_then(Value::as_object_mut) {
        responses.remove("200");
        if route.method == "POST" {
            for (status, says) in [
                ("409", "There are as many as there may be"),
                ("413", "The body is too large"),
                ("415", "A webhook does not come in this form"),
            ] {
                responses.insert(status.to_owned(), problem(says));
            }
        }
        let mut answer = json!({"description": route.says});
        if let (Some(schema), Some(members)) = (schema, answer.as_object_mut()) {
            members.insert("content".to_owned(), json!({"application/json": {"schema": schema}}));
        }
        responses.insert(status.to_owned(), answer);
    }
}
