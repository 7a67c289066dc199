//! What goes wrong, as `application/problem+json` (RFC 9457) with the ledger's stable codes.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use upline_answers::scope::NotSeen;
use upline_core::refusal::Refusal;
use upline_ledger::{ErrorClass, LedgerError, NotRecorded};

/// The media type of problems.
pub const PROBLEM: &str = "application/problem+json";

/// A request that is not done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    /// The stable code.
    pub code: &'static str,
    /// A sentence for people: what is wrong, and what to do.
    pub detail: String,
    /// The field of the fact, or the parameter, that is wrong.
    pub field: Option<String>,
    /// Of many facts: all that are refused, as far as they are told.
    pub refusals: Vec<Value>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, code, detail: detail.into(), field: None, refusals: Vec::new() }
    }

    /// A parameter is wrong.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Problem {
        let field = Some(name.to_owned());
        Problem { field, ..Problem::new(StatusCode::BAD_REQUEST, "parameter", detail) }
    }

    /// There is nothing here, or nothing that this asker may see: the two are told alike.
    pub fn not_found() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here that you may see")
    }

    /// Nobody knows who asks.
    pub fn nobody() -> Problem {
        let detail = "say who asks: log in, or send a token as Authorization: Bearer upl_…";
        Problem::new(StatusCode::UNAUTHORIZED, "nobody", detail)
    }

    /// Who asks may not.
    pub fn not_allowed() -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "not_allowed", "your role does not include this")
    }

    /// Two people answer for it.
    pub fn four_eyes(what: &str) -> Problem {
        let detail = format!("{what} is proposed by one and approved by another: POST /v1/proposals");
        Problem::new(StatusCode::FORBIDDEN, "four_eyes", detail)
    }

    /// A defect, or a machine that fails.
    pub fn failed(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", detail)
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Problem {
        let status = match error.class() {
            ErrorClass::NotFound => StatusCode::NOT_FOUND,
            ErrorClass::Refused => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorClass::Store => StatusCode::SERVICE_UNAVAILABLE,
            ErrorClass::Defect => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let field = match &error {
            LedgerError::Refused(refusal) => refusal.field.map(str::to_owned),
            _ => None,
        };
        Problem { field, ..Problem::new(status, error.code(), error.to_string()) }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        // What a fact names and is not there is not what the request asked for.
        let field = refusal.field.map(str::to_owned);
        Problem {
            field,
            ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, refusal.code.as_str(), refusal.message)
        }
    }
}

impl From<NotSeen> for Problem {
    fn from(error: NotSeen) -> Problem {
        match error {
            NotSeen::NotThere => Problem::not_found(),
            NotSeen::Ledger(error) => error.into(),
        }
    }
}

impl From<NotRecorded> for Problem {
    fn from(error: NotRecorded) -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let Problem { status, code, detail, field, refusals } = self;
        let mut body = json!({"type": format!("urn:upline:problem:{code}"),
            "title": status.canonical_reason().unwrap_or("Problem"), "status": status.as_u16(), "code": code,
            "detail": detail});
        if let Some(members) = body.as_object_mut() {
            members.extend(field.map(|field| ("field".to_owned(), json!(field))));
            if !refusals.is_empty() {
                members.insert("refusals".to_owned(), Value::Array(refusals));
            }
        }
        let mut response = (status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}
