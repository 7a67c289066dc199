//! One writer for many clients: facts that wait share a sync of the log.
//!
//! # Shape
//! A [`Recorder`] is a thread that owns the ledger. A [`Client`] hands it a fact and waits; clients are cheap and
//! there may be many, in threads or in tasks. While the log is being synced further facts gather, are decided
//! about together, and stored together next.
//!
//! # Correctness
//! Nobody is answered before the commit is durable that its answer rests on: not who was refused because of a
//! fact in front, nor who sent a fact that another had just sent. Where storing fails, all who wait are told so
//! and nothing of theirs is recorded; what the log refuses after that, it goes on refusing until it is opened
//! anew.

use crate::decider::{Command, Outcome};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Facts that share a sync at the most.
const FACTS_A_COMMIT_MAX: usize = 1_000;

/// Facts that may wait; who brings more waits to hand it in.
const FACTS_WAITING_MAX: usize = 4 * FACTS_A_COMMIT_MAX;

/// Why a fact was neither recorded nor refused.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotRecorded {
    /// The ledger failed. Nothing of the commit was recorded.
    #[error("{0}")]
    Failed(Arc<LedgerError>),
    /// The recorder was stopped before the fact's turn.
    #[error("the ledger is closed: open it again and hand the fact in again")]
    Stopped,
}

type Answering = oneshot::Sender<Result<Outcome, NotRecorded>>;

struct Request {
    command: Command,
    answer: Answering,
}

/// The writer of a ledger. It ends when it is stopped or dropped and all clients are gone.
#[derive(Debug)]
pub struct Recorder {
    requests: mpsc::Sender<Request>,
    thread: JoinHandle<Ledger>,
}

/// Hands facts to a [`Recorder`].
#[derive(Clone, Debug)]
pub struct Client {
    requests: mpsc::Sender<Request>,
}

impl Recorder {
    /// Starts the writer of a ledger that is open to record.
    pub fn start(ledger: Ledger) -> Recorder {
        let (requests, waiting) = mpsc::channel(FACTS_WAITING_MAX);
        let thread = std::thread::spawn(move || write(ledger, waiting));
        Recorder { requests, thread }
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        Client { requests: self.requests.clone() }
    }

    /// Waits until all clients are gone and everything is recorded that they handed in. Gives the ledger back.
    pub fn stop(self) -> Result<Ledger, NotRecorded> {
        drop(self.requests);
        self.thread.join().map_err(|_| NotRecorded::Stopped)
    }
}

impl Client {
    /// Records a fact; answers when that is durable, or when it is refused for good.
    pub async fn record(&self, command: Command) -> Result<Outcome, NotRecorded> {
        let (answer, answered) = oneshot::channel();
        let request = Request { command, answer };
        self.requests.send(request).await.map_err(|_| NotRecorded::Stopped)?;
        answered.await.map_err(|_| NotRecorded::Stopped)?
    }

    /// As [`Client::record`], for a thread that may wait.
    pub fn record_and_wait(&self, command: Command) -> Result<Outcome, NotRecorded> {
        let (answer, answered) = oneshot::channel();
        let request = Request { command, answer };
        self.requests.blocking_send(request).map_err(|_| NotRecorded::Stopped)?;
        answered.blocking_recv().map_err(|_| NotRecorded::Stopped)?
    }
}

fn write(mut ledger: Ledger, mut waiting: mpsc::Receiver<Request>) -> Ledger {
    let mut closed = false;
    while !closed {
        // Whoever waits shares the next commit, which is decided while the one before is being stored. After a
        // failure the ledger is asked again what it holds.
        let next = || {
            let mut requests = Vec::new();
            closed = waiting.blocking_recv_many(&mut requests, FACTS_A_COMMIT_MAX) == 0;
            let parts = requests.into_iter().map(|request| (request.command, request.answer));
            (!closed).then(|| parts.unzip())
        };
        let done = |clients: Vec<Answering>, stored: Result<Vec<Outcome>, LedgerError>| match stored {
            // A client that has gone does not want its answer.
            Ok(answers) => clients.into_iter().zip(answers).for_each(|(client, answer)| {
                let _ = client.send(Ok(answer));
            }),
            Err(error) => {
                let error = Arc::new(error);
                clients.into_iter().for_each(|client| {
                    let _ = client.send(Err(NotRecorded::Failed(Arc::clone(&error))));
                });
            }
        };
        if let Err(error) = ledger.commit_all(next, done) {
            tracing::error!(%error, "a commit was not recorded");
        }
    }
    ledger
}
