//! What is done over HTTP: facts recorded, as JSON or as lines of JSON.
//!
//! **Correctness.** The actor of a fact is who sends it, whatever the fact says. A body is taken in whole before the
//! writer hears of it, so that a slow sender holds nobody up. An answer comes when everything is durable.

use crate::app::App;
use crate::problem::Problem;
use crate::who::Asker;
use axum::body::{Body, HttpBody};
use axum::http::StatusCode;
use futures_util::StreamExt;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Seek, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};
use upline_access::Act;
use upline_answers::balance::{FIGURES, figures};
use upline_core::fact::{Body as FactBody, Fact};
use upline_core::names::ByCode;
use upline_core::refusal::{Refusal, RefusalCode};
use upline_core::statement::Resolution;
use upline_formats::fact::parse_json_line_by;
use upline_formats::ordinals::Ordinals;
use upline_formats::source::{Format, Source};
use upline_ledger::decider::Outcome;
use upline_ledger::import::{ImportLine, ImportMode, ImportOptions, ImportReport, RefusedLine};
use upline_ledger::{Ledger, LedgerError};

/// The longest body of JSON; what is longer comes as lines.
const JSON_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long a body of JSON may take, and the next piece of one of lines.
const PATIENCE: Duration = Duration::from_secs(30);

/// Types of facts that who contracts producers records.
pub const CONTRACTING: &[&str] = &[
    "carrier_added",
    "producer_added",
    "grid_published",
    "producer_contracted",
    "contract_changed",
    "persistency_defined",
    "coverage_plan_published",
    "coverage_enrolled",
    "coverage_withdrawn",
    "agent_released",
];

/// How facts come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// A fact, or a list of facts, in JSON.
    Json,
    /// A fact a line.
    JsonLines,
}

/// Records the facts of a body.
pub async fn facts(
    app: &Arc<App>,
    asker: &Asker,
    lines: Lines,
    dry_run: bool,
    body: Body,
) -> Result<Value, Problem> {
    let began = Instant::now();
    app.metrics.handed_in(1);
    let done = match lines {
        Lines::Json => json_facts(app, asker, dry_run, body).await,
        Lines::JsonLines => lined_facts(app, asker, dry_run, body).await,
    };
    app.metrics.done(1, began.elapsed());
    done
}

async fn json_facts(app: &Arc<App>, asker: &Asker, dry_run: bool, body: Body) -> Result<Value, Problem> {
    check_size(&body, JSON_BYTES_MAX)?;
    let bytes = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, JSON_BYTES_MAX)).await;
    let bytes = bytes.map_err(|_| stalled())?.map_err(|_| too_large(JSON_BYTES_MAX))?;
    let is_list = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let facts: Vec<&RawValue> = if is_list {
        serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?
    } else {
        vec![serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?]
    };
    if let ([fact], false) = (facts.as_slice(), dry_run || is_list) {
        // A fact by itself shares its sync with others.
        let fact = asker.fact(fact.get().as_bytes())?;
        let identified = Ordinals::default().identify(fact);
        let id = identified.id;
        let (recorded, already) = match app.writer.record(identified.into()).await? {
            Outcome::Recorded(_) => (1, 0),
            Outcome::AlreadyRecorded(_) => (0, 1),
            Outcome::Refused(refusal) => return Err(refusal.into()),
        };
        let ledger = app.reader.now();
        return Ok(json!({"id": id.to_string(), "recorded": recorded, "already_recorded": already,
            "position": ledger.position(), "root": ledger.root().to_string()}));
    }
    let mut ordinals = Ordinals::default();
    let mut lines = Vec::with_capacity(facts.len());
    for (number, fact) in (1..).zip(facts) {
        let fact = match asker.fact(fact.get().as_bytes()) {
            Ok(fact) => Ok(ordinals.identify(fact).into()),
            Err(Denied::Refused(refusal)) => Err(refusal),
            Err(Denied::Problem(problem)) => return Err(problem),
        };
        lines.push(ImportLine { number, content: fact, raw: None });
    }
    let report = app.writer.run(move |ledger| import(ledger, dry_run, std::iter::once(Ok(lines)))).await??;
    told(app, &report, dry_run)
}

async fn lined_facts(app: &Arc<App>, asker: &Asker, dry_run: bool, body: Body) -> Result<Value, Problem> {
    let cannot = |error: std::io::Error| Problem::failed(format!("the body cannot be kept: {error}"));
    let mut kept = tempfile::tempfile().map_err(cannot)?;
    check_size(&body, app.facts_bytes_max)?;
    let (mut stream, mut bytes) = (body.into_data_stream(), 0);
    while let Some(piece) = tokio::time::timeout(PATIENCE, stream.next()).await.map_err(|_| stalled())? {
        let piece = piece.map_err(|_| malformed("the body was broken off".to_owned()))?;
        bytes += piece.len();
        if bytes > app.facts_bytes_max {
            return Err(too_large(app.facts_bytes_max));
        }
        kept.write_all(&piece).map_err(cannot)?;
    }
    kept.rewind().map_err(cannot)?;
    let asker = asker.clone();
    let report = app.writer.run(move |ledger| lined(ledger, &asker, dry_run, kept)).await??;
    told(app, &report, dry_run)
}

fn lined(ledger: &mut Ledger, asker: &Asker, dry_run: bool, kept: File) -> Result<ImportReport, Problem> {
    let source = Source::new("body", Format::JsonLines, Box::new(kept)).map_err(LedgerError::from)?;
    let source = source.by_actor(&asker.name);
    let mut denied = None;
    let mut chunks = source.map(|chunk| {
        let lines = chunk?.into_iter().map(|submitted| {
            let number = submitted.line;
            let content = submitted.fact.and_then(|identified| match asker.may_record(&identified.fact) {
                Ok(()) => Ok(identified.into()),
                Err(problem) => {
                    let message = problem.detail.clone();
                    denied.get_or_insert(problem);
                    Err(Refusal::of(RefusalCode::Malformed, "type", message))
                }
            });
            ImportLine { number, content, raw: None }
        });
        Ok(lines.collect())
    });
    let report = import(ledger, dry_run, &mut chunks)?;
    drop(chunks);
    match denied {
        Some(problem) => Err(problem),
        None => Ok(report),
    }
}

fn import(
    ledger: &mut Ledger,
    dry_run: bool,
    chunks: impl Iterator<Item = Result<Vec<ImportLine>, upline_formats::source::SourceError>>,
) -> Result<ImportReport, LedgerError> {
    let mode = if dry_run { ImportMode::DryRun } else { ImportMode::AllOrNothing };
    let options = ImportOptions { mode, trust_recorded_at: false, origin: None, commit_every: None };
    ledger.import(&options, chunks, &mut |_, _| {})
}

/// What became of facts, or all that is wrong with them.
fn told(app: &App, report: &ImportReport, dry_run: bool) -> Result<Value, Problem> {
    if let Some(first) = report.refused.first.first() {
        let code = first.refusal.code.as_str();
        let detail = match report.refused.count {
            1 => format!("fact {} is refused, and nothing is recorded: {}", first.line, first.refusal),
            count => format!(
                "{count} facts are refused, and nothing is recorded; fact {}: {}",
                first.line, first.refusal
            ),
        };
        let refusals = report.refused.first.iter().map(|RefusedLine { line, refusal }| {
            json!({"line": line, "field": refusal.field, "code": refusal.code.as_str(),
                "message": refusal.message})
        });
        let refusals = refusals.collect();
        return Err(Problem { refusals, ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail) });
    }
    let mut answer = json!({
        "recorded": report.recorded,
        "already_recorded": report.already_recorded,
        "events": report.events,
        "position": report.position,
        "root": if dry_run { Value::Null } else { json!(app.reader.now().root().to_string()) },
    });
    if let (Some(members), true) = (answer.as_object_mut(), dry_run) {
        let changes = report.would_change.iter().map(|row| {
            let named = FIGURES.iter().zip(figures(&row.figures));
            let named = named.map(|(name, figure)| ((*name).to_owned(), json!(figure.to_string())));
            let producer = ("producer".to_owned(), json!(row.producer.as_str()));
            Value::Object(std::iter::once(producer).chain(named).collect())
        });
        members.insert("would_change".to_owned(), Value::Array(changes.collect()));
    }
    Ok(answer)
}

/// Why a fact is not recorded.
#[derive(Debug)]
enum Denied {
    /// The fact is wrong.
    Refused(Refusal),
    /// Who sends it may not.
    Problem(Problem),
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Problem {
        match denied {
            Denied::Refused(refusal) => refusal.into(),
            Denied::Problem(problem) => problem,
        }
    }
}

impl Asker {
    /// The fact of some JSON as this asker records it.
    fn fact(&self, json: &[u8]) -> Result<Fact, Denied> {
        let fact = parse_json_line_by(json, &self.name).map_err(Denied::Refused)?;
        self.may_record(&fact).map_err(Denied::Problem)?;
        Ok(fact)
    }

    /// Refuses a fact that is not for this asker to record, or not alone.
    fn may_record(&self, fact: &Fact) -> Result<(), Problem> {
        let type_name = fact.body.type_name();
        if takes_two(&fact.body) {
            return Err(Problem::four_eyes(type_name));
        }
        let may = self.may(Act::RecordFacts)
            || self.may(Act::RecordContracting) && CONTRACTING.contains(&type_name);
        if may { Ok(()) } else { Err(Problem::not_allowed()) }
    }
}

/// Whether two people answer for it: it is proposed and approved.
fn takes_two(body: &FactBody<ByCode>) -> bool {
    match body {
        FactBody::PolicyRestated(_)
        | FactBody::PayoutMade(_)
        | FactBody::BankDetailsSet(_)
        | FactBody::ActionProposed(_)
        | FactBody::ActionDecided(_) => true,
        FactBody::ExceptionResolved(resolved) => resolved.reason == Resolution::WrittenOff,
        _ => false,
    }
}

fn malformed(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", detail)
}

fn stalled() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "stalled", "the body did not go on: send it again")
}

/// Refuses a body that says that it is too large, before it comes.
fn check_size(body: &Body, most: usize) -> Result<(), Problem> {
    let most_bytes = u64::try_from(most).unwrap_or(u64::MAX);
    if body.size_hint().lower() > most_bytes { Err(too_large(most)) } else { Ok(()) }
}

fn too_large(bytes: usize) -> Problem {
    let detail = format!("a body has at most {} MiB here", bytes / 1024 / 1024);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}
