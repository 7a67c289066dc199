//! What a question is answered with over HTTP: a report as JSON, CSV or a table, or bytes of another kind.
//!
//! **Correctness.** A long list comes in pages that are all of one position, whatever is recorded meanwhile; nothing of
//! an answer is kept by caches without asking again.

use crate::parameters::{Given, ROWS_MAX};
use crate::problem::Problem;
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderValue, LINK, VARY,
};
use axum::http::{Response, StatusCode};
use serde_json::{Value, json};
use std::io::Write;
use upline_answers::events::NotWritten;
use upline_answers::report::Report;
use upline_ledger::Ledger;

/// What a document to print may do: be styled.
const PRINTED: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// In what form an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    Csv,
    Table,
}

impl Form {
    /// By the parameter, or by the header `Accept`.
    pub fn of(given: &Given, accept: Option<&str>) -> Form {
        match given.word("format") {
            Some("csv") => return Form::Csv,
            Some("table") => return Form::Table,
            Some(_) => return Form::Json,
            None => {}
        }
        let accept = accept.unwrap_or_default();
        let first = |kind: &str| accept.find(kind);
        match (first("application/json"), first("text/csv"), first("text/plain")) {
            (None, Some(_), None) => Form::Csv,
            (None, None, Some(_)) => Form::Table,
            (None, Some(csv), Some(table)) => {
                if csv < table {
                    Form::Csv
                } else {
                    Form::Table
                }
            }
            _ => Form::Json,
        }
    }
}

/// Writes an answer that is too long to be held.
pub type Writing = Box<dyn FnOnce(&Ledger, &mut dyn Write) -> Result<(), NotWritten> + Send>;

/// What an answer says.
pub enum Content {
    Whole(Vec<u8>),
    /// Written while it is sent.
    Streamed(Writing),
}

/// An answer on its way out.
pub struct Reply {
    pub content_type: &'static str,
    pub content: Content,
    /// The name under which a browser keeps it.
    pub file_name: Option<String>,
    /// Where the next page begins.
    pub next: Option<String>,
}

impl Reply {
    pub fn json(value: &Value) -> Reply {
        let body = upline_formats::plain::harmless_json(&value.to_string()).into_owned().into_bytes();
        Reply::bytes("application/json", body)
    }

    pub fn bytes(content_type: &'static str, body: Vec<u8>) -> Reply {
        Reply { content_type, content: Content::Whole(body), file_name: None, next: None }
    }

    /// The page of a report that is asked for, in this form.
    pub fn report(mut report: Report, given: &Given, form: Form) -> Result<Reply, Problem> {
        let next = page(&mut report, given)?;
        if let Some(next) = &next {
            report.closing.push(("next", json!(next)));
            report.footer = None;
        }
        let mut body = Vec::new();
        let (content_type, written) = match form {
            Form::Json => ("application/json", report.write_json(&mut body)),
            Form::Csv => ("text/csv; charset=utf-8", report.write_csv(&mut body)),
            Form::Table => ("text/plain; charset=utf-8", report.write_table(&mut body)),
        };
        written.map_err(|error| Problem::failed(error.to_string()))?;
        Ok(Reply { next, ..Reply::bytes(content_type, body) })
    }

    /// An answer that is written while it is sent.
    pub fn streamed(content_type: &'static str, writing: Writing) -> Reply {
        Reply { content: Content::Streamed(writing), ..Reply::bytes(content_type, Vec::new()) }
    }

    /// The response, with what it is of; its content comes apart where it is streamed.
    pub fn into_response(self, body: Body, etag: Option<&str>) -> Response<Body> {
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        let name = self.file_name.map(|name| format!("inline; filename=\"{name}\""));
        let link = self.next.map(|next| format!("<?cursor={next}>; rel=\"next\""));
        if self.content_type.starts_with("text/html") {
            // A document by itself, which brings its style along and does nothing.
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PRINTED));
        }
        for (header, value) in [(CONTENT_DISPOSITION, name), (LINK, link)] {
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                headers.insert(header, value);
            }
        }
        of(&mut response, etag);
        response
    }
}

/// Nothing changed since the asker asked last.
pub fn not_modified(etag: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    of(&mut response, Some(etag));
    response
}

fn of(response: &mut Response<Body>, etag: Option<&str>) {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(VARY, HeaderValue::from_static("Accept, Authorization, Cookie"));
    if let Some(etag) = etag.and_then(|etag| HeaderValue::try_from(etag).ok()) {
        headers.insert(ETAG, etag);
    }
}

/// Leaves the rows of the page that is asked for, and says where the next one begins.
fn page(report: &mut Report, given: &Given) -> Result<Option<String>, Problem> {
    let limit = given.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(ROWS_MAX);
    let before = given.cursor().map_or(0, |(_, before)| before);
    let rows = report.rows.len();
    report.rows.drain(..before.min(rows));
    let more = report.rows.len() > limit;
    report.rows.truncate(limit);
    let position = report.members.iter().find(|(name, _)| *name == "position");
    let position = position.and_then(|(_, value)| value.as_u64()).unwrap_or_default();
    Ok(more.then(|| format!("{position}.{}", before + limit)))
}
