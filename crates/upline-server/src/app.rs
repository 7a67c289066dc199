//! What all requests share, and how a question is answered.

use crate::metrics::Metrics;
use crate::parameters::Given;
use crate::problem::Problem;
use crate::questions::{Asked, Question};
use crate::reply::{Content, Form, Reply, Writing, not_modified};
use crate::resume::Marks;
use crate::scope::Scope;
use crate::who::{Asker, Doors};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Response, StatusCode, header};
use futures_util::stream;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc, watch};
use upline_answers::events::NotWritten;
use upline_ledger::{Clock, Following, Ledger, Reader, WriterHandle};

/// Questions that are answered at once; others wait for their turn.
const QUESTIONS_AT_ONCE: usize = 4;

/// Questions that may wait for their turn; one more is told to come back.
const QUESTIONS_WAITING_MAX: usize = 1_024;

/// Those who follow the events at once.
const FOLLOWERS_MAX: usize = 1_024;

/// Bytes of a streamed answer that are sent together, and how many such pieces may wait for a slow reader.
const PIECE_BYTES: usize = 64 * 1024;
const PIECES_WAITING_MAX: usize = 8;

/// What all requests share.
pub struct App {
    pub reader: Reader,
    pub writer: WriterHandle,
    pub doors: Doors,
    pub clock: Arc<dyn Clock>,
    pub metrics: Metrics,
    /// How many bytes of facts a request may bring.
    pub facts_bytes_max: usize,
    /// What those who follow the events share.
    pub following: Following,
    pub followers: Arc<Semaphore>,
    pub marks: Marks,
    /// The directory of the ledger.
    dir: PathBuf,
    /// Becomes true when the server ends: who follows does not hold it up.
    pub ending: watch::Sender<bool>,
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
            facts_bytes_max,
            following: Following::default(),
            followers: Arc::new(Semaphore::new(FOLLOWERS_MAX)),
            marks: Marks::open(dir)?,
            dir: dir.to_owned(),
            ending: watch::Sender::new(false),
            turns: Semaphore::new(QUESTIONS_AT_ONCE),
            waiting: Semaphore::new(QUESTIONS_WAITING_MAX),
        })
    }

    /// The directory of the ledger.
    pub fn dir(&self) -> &Path {
        &self.dir
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
        let answered = self.ask(move |ledger| -> Result<Answered, Problem> {
            let etag = etag(&ledger, &given, &path, &query, form, &asker.scope)?;
            if seen.is_some_and(|seen| seen.split(',').any(|one| one.trim() == etag)) {
                return Ok(Answered::Before(etag));
            }
            let (path, scope) = (&path, &asker.scope);
            let reply = (question.ask)(&Asked { ledger: &ledger, path, given: &given, form, scope })?;
            Ok(Answered::Now(reply, etag, ledger))
        });
        match answered.await?? {
            Answered::Before(etag) => Ok(not_modified(&etag)),
            Answered::Now(mut reply, etag, ledger) => {
                let body = match std::mem::replace(&mut reply.content, Content::Whole(Vec::new())) {
                    Content::Whole(bytes) => Body::from(bytes),
                    Content::Streamed(writing) => streamed(ledger, writing).await?,
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

/// A body that is written while it is sent. What fails before its first piece is told as a problem; what fails later
/// breaks the connection off, so that nobody takes a part for the whole.
async fn streamed(ledger: Arc<Ledger>, writing: Writing) -> Result<Body, Problem> {
    let (pieces, mut sent) = mpsc::channel::<Result<Bytes, io::Error>>(PIECES_WAITING_MAX);
    let (failed, why) = tokio::sync::oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let mut out = Pieces { pieces, piece: Vec::with_capacity(PIECE_BYTES) };
        let written = writing(&ledger, &mut out);
        let written = written.and_then(|()| out.flush().map_err(NotWritten::Output));
        if let Err(error) = written {
            let broken = io::Error::other("the answer is not whole");
            // Somebody waits for it as long as nothing was sent.
            if let Err(NotWritten::Ledger(error)) = failed.send(error) {
                tracing::warn!(%error, "an answer was broken off");
            }
            let _ = out.pieces.blocking_send(Err(broken));
        }
    });
    let first = sent.recv().await;
    match first {
        Some(Err(_)) => match why.await {
            Ok(NotWritten::Ledger(error)) => Err(error.into()),
            _ => Err(Problem::failed("the answer cannot be written")),
        },
        first => {
            let rest = stream::unfold(sent, |mut sent| async move { Some((sent.recv().await?, sent)) });
            Ok(Body::from_stream(stream::StreamExt::chain(stream::iter(first), rest)))
        }
    }
}

/// Sends what is written on, in pieces.
struct Pieces {
    pieces: mpsc::Sender<Result<Bytes, io::Error>>,
    piece: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        self.pieces.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
