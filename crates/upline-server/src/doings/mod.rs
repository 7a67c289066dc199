//! What is done over HTTP besides recording facts: one row of a table each, from which follow the routes, who may, and
//! the description.
//!
//! # Shape
//! A [`Doing`] is one use case of the ledger. It runs on the writer, between commits; a preview of it, with
//! `dry_run=true`, is a question.
//!
//! **Correctness.** Whatever is recorded has who asks as its actor. What takes two people is proposed here and approved
//! by another ([`proposing`]); the ledger has the last word on who that is.

mod month;
mod proposing;

use crate::app::{App, pairs, text};
use crate::parameters::{self as p, Given, Kind, Parameter};
use crate::problem::Problem;
use crate::reply::{Content, Form, Reply};
use crate::signing::Signing;
use crate::who::Asker;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, Response, StatusCode, header};
pub use month::XLSX;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;
use upline_access::Act;
use upline_core::names::Code;
use upline_ledger::Ledger;
use upline_ledger::reconcile::{PROFILE_BYTES_MAX, ReadStatement, STATEMENT_BYTES_MAX};

/// What a request brings.
#[derive(Clone, Copy, Debug)]
pub enum Brings {
    Nothing,
    /// JSON, of this schema.
    Json(fn() -> Value),
    /// A file of one of these media types, or, where parts are named, several as `multipart/form-data`.
    File {
        kinds: &'static [&'static str],
        parts: &'static [&'static str],
    },
}

/// The longest body of JSON.
const JSON_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The longest body that brings files: a statement with its profile.
const FILES_BYTES_MAX: usize = (STATEMENT_BYTES_MAX + 2 * PROFILE_BYTES_MAX) as usize;

/// The media type of several files.
const PARTS: &str = "multipart/form-data";

/// A file that came.
pub struct Part {
    /// What it is for; nothing where it is the whole body.
    pub name: String,
    /// What it is called.
    pub file_name: Option<String>,
    pub bytes: Vec<u8>,
}

/// Something that is to be done, as it came.
pub struct Order {
    pub asker: Asker,
    /// The parts of the path that are named.
    pub path: Vec<String>,
    pub given: Given,
    pub parts: Vec<Part>,
    pub form: Form,
    pub signing: Option<Signing>,
    /// The statement that came, once it is read.
    pub statement: Option<ReadStatement>,
}

/// Asks something before it is done.
pub type Preview = fn(&Ledger, &Order) -> Result<Reply, Problem>;

/// Does a part before the writer hears of it.
pub type Prepare = fn(&Ledger, &mut Order) -> Result<(), Problem>;

/// Something that can be done.
pub struct Doing {
    /// Its path below `/v1`, with `{names}`.
    pub path: &'static str,
    /// What one has to be allowed: one of these.
    pub acts: &'static [Act],
    /// What it does, in a sentence.
    pub says: &'static str,
    pub takes: &'static [Parameter],
    /// What the named parts of the path hold.
    pub named: &'static [(&'static str, Kind)],
    pub brings: Brings,
    /// The media types that it answers with.
    pub answers: &'static [&'static str],
    /// What `dry_run=true` asks.
    pub preview: Option<Preview>,
    /// What takes long and needs no writer: done before, so that it holds nobody up.
    pub prepare: Option<Prepare>,
    pub run: fn(&mut Ledger, &Order) -> Result<Reply, Problem>,
}

const JSON: &[&str] = &["application/json"];
const REPORT: &[&str] = &["application/json", "text/csv", "text/plain"];
const PROPOSAL_NAMED: &[(&str, Kind)] = &[("proposal", Kind::Code)];

/// All of them.
pub const DOINGS: &[Doing] = &[
    Doing {
        path: "/proposals",
        acts: &[Act::ProposeMoney, Act::ProposeBank],
        says: "Propose a pay run, other bank details, a restatement or a write-off, for somebody else to approve",
        takes: &[],
        named: &[],
        brings: Brings::Json(proposing::schema),
        answers: JSON,
        preview: None,
        prepare: None,
        run: proposing::propose,
    },
    Doing {
        path: "/proposals/{proposal}/approval",
        acts: &[Act::Approve],
        says: "Approve what somebody else proposed: it is done, in the same commit",
        takes: &[],
        named: PROPOSAL_NAMED,
        brings: Brings::Nothing,
        answers: JSON,
        preview: None,
        prepare: None,
        run: proposing::approve,
    },
    Doing {
        path: "/proposals/{proposal}/rejection",
        acts: &[Act::Approve],
        says: "Reject what somebody else proposed",
        takes: &[],
        named: PROPOSAL_NAMED,
        brings: Brings::Json(proposing::schema_of_rejection),
        answers: JSON,
        preview: None,
        prepare: None,
        run: proposing::reject,
    },
    Doing {
        path: "/proposals/{proposal}/withdrawal",
        acts: &[Act::ProposeMoney, Act::ProposeBank],
        says: "Take back what one proposed oneself",
        takes: &[],
        named: PROPOSAL_NAMED,
        brings: Brings::Nothing,
        answers: JSON,
        preview: None,
        prepare: None,
        run: proposing::withdraw,
    },
    Doing {
        path: "/carrier-statements",
        acts: &[Act::Reconcile],
        says: "Take a carrier's statement in, and match every line with what is expected",
        takes: &[p::PROFILE, p::FILE_NAME, p::PERIOD, p::ON, p::TOTAL, p::DRY_RUN],
        named: &[],
        brings: Brings::File {
            kinds: &["text/csv", "application/octet-stream", XLSX],
            parts: &["statement", "profile"],
        },
        answers: REPORT,
        preview: Some(month::preview_statement),
        prepare: Some(month::read_statement),
        run: month::receive_statement,
    },
    Doing {
        path: "/resolutions",
        acts: &[Act::Reconcile],
        says: "Settle exceptions of statements; one that nobody will pay is proposed as a write-off",
        takes: &[],
        named: &[],
        brings: Brings::Json(month::schema_of_resolution),
        answers: JSON,
        preview: None,
        prepare: None,
        run: month::resolve,
    },
    Doing {
        path: "/pay-runs/{run}/payment-files",
        acts: &[Act::ProposeMoney],
        says: "Write the ACH file that pays a recorded run; the body says who pays, as profiles/originator.toml does",
        takes: &[p::PAY_ON, p::MODIFIER, p::AGAIN, p::CONFIRM_SHARED],
        named: &[("run", Kind::Number)],
        brings: Brings::File { kinds: &["application/toml", "text/plain"], parts: &[] },
        answers: &["text/plain"],
        preview: None,
        prepare: None,
        run: month::payment_file,
    },
    Doing {
        path: "/closings",
        acts: &[Act::Close],
        says: "Check everything and close the period through a day; with dry_run=true says what blocks it",
        takes: &[p::CLOSE_THROUGH, p::WITHOUT, p::DRY_RUN],
        named: &[],
        brings: Brings::Nothing,
        answers: REPORT,
        preview: Some(month::check_close),
        prepare: None,
        run: month::close,
    },
];

/// Exceptions of statements, as `33/L7`.
fn exceptions() -> Value {
    let one = json!({"type": "string", "pattern": r"^[0-9]{1,15}/[A-Za-z0-9_.:-]{1,64}$"});
    json!({"type": "array", "minItems": 1, "items": one})
}

impl Order {
    /// The JSON that came, as what it should be.
    fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let bytes = self.parts.first().map(|part| part.bytes.as_slice()).unwrap_or_default();
        serde_json::from_slice(bytes)
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "malformed", error.to_string()))
    }

    /// The code that the path names.
    fn named_code(&self) -> Result<Code, Problem> {
        self.path.first().and_then(|code| Code::parse(code)).ok_or_else(Problem::not_found)
    }

    fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}

/// Does what came, or says why not.
pub async fn done(
    app: &Arc<App>,
    doing: &'static Doing,
    path: Vec<String>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let (parts, body) = request.into_parts();
    let asker = app.asker_who_acts(&parts.headers).await?;
    if !doing.acts.iter().any(|act| asker.may(*act)) {
        return Err(asker.refused(doing.acts));
    }
    if doing.named.iter().zip(&path).any(|((_, kind), value)| !kind.takes(value)) {
        return Err(Problem::not_found());
    }
    let given = Given::read(doing.takes, pairs(parts.uri.query()))?;
    let form = Form::of(&given, text(&parts.headers, header::ACCEPT));
    let parts = brought(doing, &parts.headers, body).await?;
    let signing = app.signing.clone();
    let mut order = Order { asker, path, given, parts, form, signing, statement: None };
    if let Some(prepare) = doing.prepare {
        order = app.ask(move |ledger| prepare(&ledger, &mut order).map(|()| order)).await??;
    }
    let reply = match doing.preview {
        Some(preview) if order.given.flag(p::DRY_RUN.name) => {
            app.ask(move |ledger| preview(&ledger, &order)).await??
        }
        _ => {
            let began = Instant::now();
            app.metrics.handed_in(1);
            let run = move |ledger: &mut Ledger| {
                let name = order.asker.name.clone();
                ledger.acting(&name, |ledger| (doing.run)(ledger, &order))
            };
            let done = app.writer.run(run).await;
            app.metrics.done(1, began.elapsed());
            done??
        }
    };
    let mut reply = reply;
    match std::mem::replace(&mut reply.content, Content::Whole(Vec::new())) {
        Content::Whole(bytes) => Ok(reply.into_response(Body::from(bytes), None)),
        Content::Streamed(_) => Err(Problem::failed("what is done is answered whole")),
    }
}

/// What a request brings, whole and of the right kind.
async fn brought(doing: &Doing, headers: &HeaderMap, body: Body) -> Result<Vec<Part>, Problem> {
    let said = text(headers, header::CONTENT_TYPE).unwrap_or_default();
    let kind = said.split(';').next().unwrap_or_default().trim();
    let whole = |bytes: Vec<u8>| vec![Part { name: String::new(), file_name: None, bytes }];
    match doing.brings {
        Brings::Nothing => {
            let bytes = read(body, 0).await.map_err(|_| {
                Problem::new(StatusCode::BAD_REQUEST, "malformed", "this is done without a body")
            })?;
            Ok(whole(bytes))
        }
        Brings::Json(_) if kind == "application/json" => Ok(whole(read(body, JSON_BYTES_MAX).await?)),
        Brings::File { kinds, .. } if kinds.contains(&kind) => Ok(whole(read(body, FILES_BYTES_MAX).await?)),
        Brings::File { parts, .. } if kind == PARTS && !parts.is_empty() => {
            let bytes = read(body, FILES_BYTES_MAX).await?;
            parted(said, parts, bytes).await
        }
        Brings::Json(_) => Err(not_taken("application/json")),
        Brings::File { kinds, .. } => Err(not_taken(&kinds.join(" or "))),
    }
}

async fn read(body: Body, bytes_max: usize) -> Result<Vec<u8>, Problem> {
    let bytes = axum::body::to_bytes(body, bytes_max).await.map_err(|_| {
        let detail = format!("a body has at most {} MiB here", bytes_max / 1024 / 1024);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    })?;
    Ok(bytes.to_vec())
}

/// The parts of a body, of those that may stand in it.
async fn parted(said: &str, names: &[&str], bytes: Vec<u8>) -> Result<Vec<Part>, Problem> {
    let wrong = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "malformed", detail);
    let request = Request::builder().header(header::CONTENT_TYPE, said).body(Body::from(bytes));
    let mut request = request.map_err(|error| wrong(error.to_string()))?;
    // How long it may be was looked at when it was read.
    DefaultBodyLimit::disable().apply(&mut request);
    let multipart = Multipart::from_request(request, &()).await;
    let mut multipart = multipart.map_err(|error| wrong(error.to_string()))?;
    let mut parts: Vec<Part> = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(|error| wrong(error.to_string()))? {
        let (name, file_name) =
            (field.name().unwrap_or_default().to_owned(), field.file_name().map(str::to_owned));
        if !names.contains(&name.as_str()) || parts.iter().any(|part| part.name == name) {
            return Err(wrong(format!("a part is one of {}, each once", names.join(", "))));
        }
        let bytes = field.bytes().await.map_err(|error| wrong(error.to_string()))?.to_vec();
        parts.push(Part { name, file_name, bytes });
    }
    Ok(parts)
}

fn not_taken(kinds: &str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", format!("send it as {kinds}"))
}
