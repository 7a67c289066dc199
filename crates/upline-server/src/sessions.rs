//! Logging in and out: a session for who approves, as a cookie that no script reads.

use crate::app::{App, text};
use crate::problem::Problem;
use crate::who::COOKIE;
use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The longest body of a login.
const LOGIN_BYTES_MAX: usize = 16 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    name: String,
    password: String,
    #[serde(default)]
    code: Option<String>,
}

/// Of a login.
pub fn schema() -> Value {
    json!({"type": "object", "required": ["name", "password"], "additionalProperties": false, "properties": {
        "name": {"type": "string"},
        "password": {"type": "string"},
        "code": {"type": "string", "description": "Of the second factor, where there is one"},
    }})
}

/// Begins a session.
pub async fn log_in(State(app): State<Arc<App>>, request: Request) -> Result<Response<Body>, Problem> {
    let (parts, body) = request.into_parts();
    let kind = text(&parts.headers, header::CONTENT_TYPE).unwrap_or_default();
    if kind.split(';').next().unwrap_or_default().trim() != "application/json" {
        let detail = "send it as application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", detail));
    }
    if !app.is_from_here(&parts.headers) {
        let detail = "this did not come from a page of this server";
        return Err(Problem::new(StatusCode::FORBIDDEN, "csrf", detail));
    }
    let wrong = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "malformed", detail);
    let bytes =
        axum::body::to_bytes(body, LOGIN_BYTES_MAX).await.map_err(|error| wrong(error.to_string()))?;
    let Login { name, password, code } =
        serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    let session = app.log_in(&name, &password, code.as_deref()).await?;
    let mut headers = HeaderMap::new();
    let cookie = HeaderValue::try_from(format!("{COOKIE}={session}"));
    headers.insert(header::COOKIE, cookie.map_err(|error| Problem::failed(error.to_string()))?);
    let answer = whoever(&app, &headers).await?;
    let secure = if app.doors.secure { "; Secure" } else { "" };
    set(answer, &format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Strict{secure}"))
}

/// Says who asks, and what its pages send with whatever they do.
pub async fn who(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response<Body>, Problem> {
    Ok(Json(whoever(&app, &headers).await?).into_response())
}

/// Ends the session.
pub async fn log_out(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response<Body>, Problem> {
    let asker = app.asker_who_acts(&headers).await?;
    let Some(csrf) = asker.csrf else {
        let detail = "a token is no session: revoke it with upline token revoke";
        return Err(Problem::new(StatusCode::NOT_FOUND, "no_session", detail));
    };
    app.log_out(&headers, &csrf);
    set(json!({"ended": true}), &format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"))
}

async fn whoever(app: &Arc<App>, headers: &HeaderMap) -> Result<Value, Problem> {
    let asker = app.asker(headers).await?;
    Ok(json!({"name": asker.name, "role": asker.role().as_str(), "second_factor": asker.second_factor(),
        "csrf": asker.csrf}))
}

fn set(answer: Value, cookie: &str) -> Result<Response<Body>, Problem> {
    let mut response = Json(answer).into_response();
    let cookie = HeaderValue::try_from(cookie).map_err(|error| Problem::failed(error.to_string()))?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}
