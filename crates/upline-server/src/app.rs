//! What all requests share, and how a question is answered.

use crate::metrics::Metrics;
use crate::parameters::Given;
use crate::problem::Problem;
use crate::questions::{Asked, Question};
use crate::rates::{RATE, Rates};
use crate::reply::{Content, Form, Reply, not_modified};
use crate::resume::Marks;
use crate::signing::Signing;
use crate::streaming::streamed;
use crate::who::{Asker, Doors};
use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, header};
use sha2::{Digest, Sha256};
use std::io;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use upline_answers::scope::Scope;
use upline_ledger::{Clock, Following, Ledger, Reader, WriterHandle};
use upline_page::Memory;

/// Questions that are answered at once; others wait for their turn.
const QUESTIONS_AT_ONCE: usize = 4;

/// Questions that may wait for their turn; one more is told to come back.
const QUESTIONS_WAITING_MAX: usize = 1_024;

/// Those who follow the events at once.
const FOLLOWERS_MAX: usize = 1_024;

/// Answers that are written while they are sent, at once: each has a thread.
const STREAMS_MAX: usize = 32;

/// What all requests share.
pub struct App {
    pub reader: Reader,
    pub writer: WriterHandle,
    pub doors: Doors,
    pub clock: Arc<dyn Clock>,
    pub metrics: Metrics,
    /// What the pages remember.
    pub memory: Memory,
    /// How much one asker may ask for.
    pub rates: Rates,
    /// How many bytes of facts a request may bring.
    pub facts_bytes_max: usize,
    /// What signs checkpoints, where the server has a key.
    pub signing: Option<Signing>,
    /// What those who follow the events share.
    pub following: Following,
    pub followers: Arc<Semaphore>,
    pub marks: Marks,
    /// The directory of the ledger.
    dir: PathBuf,
    /// Becomes true when the server ends: who follows does not hold it up.
    pub ending: watch::Sender<bool>,
    /// Answers that are written while they are sent.
    streams: Arc<Semaphore>,
    turns: Semaphore,
    waiting: Semaphore,
}

impl App {
    pub fn new(
        reader: Reader,
        writer: WriterHandle,
        doors: Doors,
        dir: &Path,
        clock: Arc<dyn Clock>,
        facts_bytes_max: usize,
    ) -> io::Result<App> {
        Ok(App {
            reader,
            writer,
            doors,
            clock,
            metrics: Metrics::default(),
            memory: Memory::default(),
            rates: Rates::new(RATE),
            facts_bytes_max,
            signing: None,
            following: Following::default(),
            followers: Arc::new(Semaphore::new(FOLLOWERS_MAX)),
            marks: Marks::open(dir)?,
            dir: dir.to_owned(),
            ending: watch::Sender::new(false),
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            turns: Semaphore::new(QUESTIONS_AT_ONCE),
            waiting: Semaphore::new(QUESTIONS_WAITING_MAX),
        })
    }

    /// The directory of the ledger.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The same, with so many requests a second for each asker.
    pub fn rate(self, rate: NonZeroU32) -> App {
        App { rates: Rates::new(rate), ..self }
    }

    /// The same, with what signs.
    pub fn signing(self, signing: Option<Signing>) -> App {
        App { signing, ..self }
    }

    /// Does blocking work with the ledger as it is now, when it is its turn.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(Arc<Ledger>) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let busy =
            || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too many ask at once: try again");
        let waiting = self.waiting.try_acquire().map_err(|_| busy())?;
        let turn = self.turns.acquire().await.map_err(|_| busy())?;
        drop(waiting);
        let ledger = self.reader.now();
        let done = tokio::task::spawn_blocking(move || work(ledger)).await;
        drop(turn);
        done.map_err(|_| Problem::failed("this question stopped: it is a defect of the program"))
    }

    /// The turn of an answer that is written while it is sent.
    fn stream(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let busy =
            |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too many read at once: try again");
        Arc::clone(&self.streams).try_acquire_owned().map_err(busy)
    }

    /// Answers a question.
    pub async fn answer(
        self: &Arc<App>,
        question: &'static Question,
        path: Vec<String>,
        query: Option<&str>,
        headers: &HeaderMap,
        asker: Asker,
    ) -> Result<Response<Body>, Problem> {
        let given = Given::read(question.takes, pairs(query))?;
        let form = Form::of(&given, text(headers, header::ACCEPT));
        let seen = text(headers, header::IF_NONE_MATCH).map(str::to_owned);
        let query = query.unwrap_or_default().to_owned();
        let signing = self.signing.clone();
        let answered = self.ask(move |ledger| -> Result<Answered, Problem> {
            let etag = etag(&ledger, &given, &path, &query, form, &asker.scope)?;
            if seen.is_some_and(|seen| seen.split(',').any(|one| one.trim() == etag)) {
                return Ok(Answered::Before(etag));
            }
            let (path, scope, signing) = (&path, &asker.scope, signing.as_ref());
            let asked = Asked { ledger: &ledger, path, given: &given, form, scope, signing };
            let reply = (question.ask)(&asked)?;
            Ok(Answered::Now(reply, etag, ledger))
        });
        match answered.await?? {
            Answered::Before(etag) => Ok(not_modified(&etag)),
            Answered::Now(mut reply, etag, ledger) => {
                let body = match std::mem::replace(&mut reply.content, Content::Whole(Vec::new())) {
                    Content::Whole(bytes) => Body::from(bytes),
                    Content::Streamed(writing) => streamed(self.stream()?, ledger, writing).await?,
                };
                Ok(reply.into_response(body, Some(&etag)))
            }
        }
    }
}

enum Answered {
    /// The asker has it.
    Before(String),
    Now(Reply, String, Arc<Ledger>),
}

/// The parameters of a query, decoded.
pub fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    let decoded = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(
        &format!("/?{}", query.unwrap_or_default()).parse().unwrap_or_default(),
    );
    decoded.map(|pairs| pairs.0).unwrap_or_default()
}

/// A header as text.
pub fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// What an answer is of: the root of what is known, the day where none is said, the question, and who sees it.
fn etag(
    ledger: &Ledger,
    given: &Given,
    path: &[String],
    query: &str,
    form: Form,
    scope: &Scope,
) -> Result<String, Problem> {
    let at = given.point()?.at(ledger)?;
    let root = ledger.root_at(at.known)?;
    let scope = match scope {
        Scope::Everybody => String::new(),
        Scope::Only(seen) => seen.iter().map(|code| format!("{code} ")).collect(),
    };
    let of = format!("{root}\n{}\n{}\n{path:?}\n{query}\n{form:?}\n{scope}", ledger.position(), at.effective);
    let digest = Sha256::digest(of.as_bytes());
    let short: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("\"{short}\""))
}
