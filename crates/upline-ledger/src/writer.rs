//! One writer for many clients: facts that wait share a sync of the log.
//!
//! # Shape
//! A [`Writer`] is a thread that owns the ledger. A [`WriterHandle`] hands it a fact and waits; handles are cheap and
//! there may be many, in threads or in tasks. While the log is being synced further facts gather, are decided
//! about together, and stored together next. A use case of several steps, such as a pay run, is run between commits.
//!
//! # Correctness
//! Nobody is answered before the commit is durable that its answer rests on: not who was refused because of a
//! fact in front, nor who sent a fact that another had just sent. Where storing fails, all who wait are told so
//! and nothing of theirs is recorded; what the log refuses after that, it goes on refusing until it is opened
//! again.

use crate::decider::{Command, Outcome};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::reader::Reader;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};

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
    /// The writer was stopped before the fact's turn.
    #[error("the ledger is closed: open it again and hand the fact in again")]
    Stopped,
}

impl NotRecorded {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            NotRecorded::Failed(error) => error.code(),
            NotRecorded::Stopped => "stopped",
        }
    }
}

type Answering = oneshot::Sender<Result<Outcome, NotRecorded>>;

type UseCase = Box<dyn FnOnce(&mut Ledger) + Send>;

#[allow(clippy::large_enum_variant)] // nearly all are facts
enum Request {
    Record(Command, Answering),
    Run(UseCase),
    Lend(oneshot::Sender<Lent>),
}

/// The ledger of a [`Writer`], lent to who records in several steps. The writer waits until it is dropped.
pub struct Lent {
    ledger: OwnedMutexGuard<Ledger>,
}

impl Deref for Lent {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        &self.ledger
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.ledger.accept_clock_from_now_on(false);
        if std::thread::panicking() {
            // What it had decided and not stored is not known any more: the log is read again.
            self.ledger.decider = None;
        }
    }
}

/// The writer of a ledger. It ends when it is stopped or dropped and all handles are gone.
#[derive(Debug)]
pub struct Writer {
    handle: WriterHandle,
    thread: JoinHandle<Arc<Mutex<Ledger>>>,
}

/// Hands facts and use cases to a [`Writer`].
#[derive(Clone)]
pub struct WriterHandle {
    requests: mpsc::Sender<Request>,
    reader: Reader,
}

impl std::fmt::Debug for WriterHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WriterHandle").finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts the writer of a ledger that is open to record.
    pub fn start(ledger: Ledger) -> Writer {
        let reader = ledger.reader();
        let (requests, waiting) = mpsc::channel(FACTS_WAITING_MAX);
        let ledger = Arc::new(Mutex::new(ledger));
        let thread = std::thread::spawn(move || write(ledger, waiting));
        Writer { handle: WriterHandle { requests, reader }, thread }
    }

    pub fn handle(&self) -> WriterHandle {
        self.handle.clone()
    }

    /// A reader of what it has recorded.
    pub fn reader(&self) -> Reader {
        self.handle.reader()
    }

    /// Waits until all handles are gone and everything is recorded that they handed in. Gives the ledger back.
    pub fn stop(self) -> Result<Ledger, NotRecorded> {
        drop(self.handle);
        let ledger = self.thread.join().map_err(|_| NotRecorded::Stopped)?;
        Ok(Arc::into_inner(ledger).ok_or(NotRecorded::Stopped)?.into_inner())
    }
}

impl WriterHandle {
    /// A reader of what the writer has recorded.
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// Records a fact; answers when that is durable, or when it is refused for good.
    pub async fn record(&self, command: Command) -> Result<Outcome, NotRecorded> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Record(command, answer)).await.map_err(|_| NotRecorded::Stopped)?;
        answered.await.map_err(|_| NotRecorded::Stopped)?
    }

    /// As [`WriterHandle::record`], for a thread that may wait.
    pub fn record_and_wait(&self, command: Command) -> Result<Outcome, NotRecorded> {
        let (answer, answered) = oneshot::channel();
        self.requests.blocking_send(Request::Record(command, answer)).map_err(|_| NotRecorded::Stopped)?;
        answered.blocking_recv().map_err(|_| NotRecorded::Stopped)?
    }

    /// Runs a use case that records, such as [`Ledger::resolve`] or [`Ledger::pay`], between commits.
    pub async fn run<T: Send + 'static>(
        &self,
        use_case: impl FnOnce(&mut Ledger) -> T + Send + 'static,
    ) -> Result<T, NotRecorded> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(request(use_case, answer)).await.map_err(|_| NotRecorded::Stopped)?;
        answered.await.map_err(|_| NotRecorded::Stopped)
    }

    /// As [`WriterHandle::run`], for a thread that may wait.
    pub fn run_and_wait<T: Send + 'static>(
        &self,
        use_case: impl FnOnce(&mut Ledger) -> T + Send + 'static,
    ) -> Result<T, NotRecorded> {
        let (answer, answered) = oneshot::channel();
        self.requests.blocking_send(request(use_case, answer)).map_err(|_| NotRecorded::Stopped)?;
        answered.blocking_recv().map_err(|_| NotRecorded::Stopped)
    }

    /// Lends the ledger to a thread that may wait, between commits.
    pub fn lend(&self) -> Result<Lent, NotRecorded> {
        let (answer, answered) = oneshot::channel();
        self.requests.blocking_send(Request::Lend(answer)).map_err(|_| NotRecorded::Stopped)?;
        answered.blocking_recv().map_err(|_| NotRecorded::Stopped)
    }
}

fn request<T: Send + 'static>(
    use_case: impl FnOnce(&mut Ledger) -> T + Send + 'static,
    answer: oneshot::Sender<T>,
) -> Request {
    Request::Run(Box::new(move |ledger| {
        // A client that has gone does not want its answer.
        let _ = answer.send(use_case(ledger));
    }))
}

/// What was handed in and is not done.
struct Waiting {
    requests: mpsc::Receiver<Request>,
    /// Taken, in their order.
    taken: VecDeque<Request>,
    closed: bool,
}

impl Waiting {
    /// Waits until there is something to do; says whether there is.
    fn wait(&mut self) -> bool {
        if self.taken.is_empty() && !self.closed {
            let mut taken = Vec::new();
            self.closed = self.requests.blocking_recv_many(&mut taken, FACTS_A_COMMIT_MAX) == 0;
            self.taken.extend(taken);
        }
        !self.taken.is_empty()
    }

    /// The facts that come before the next use case: they share a commit.
    fn facts(&mut self) -> Option<(Vec<Command>, Vec<Answering>)> {
        self.wait();
        let (mut commands, mut clients) = (Vec::new(), Vec::new());
        while let Some(request) = self.taken.pop_front() {
            match request {
                Request::Record(command, answer) => {
                    commands.push(command);
                    clients.push(answer);
                }
                other @ (Request::Run(_) | Request::Lend(_)) => {
                    self.taken.push_front(other);
                    break;
                }
            }
        }
        (!commands.is_empty()).then_some((commands, clients))
    }

    /// What is next, where that is no fact.
    fn other(&mut self) -> Option<Request> {
        let is_other = self.taken.front().is_some_and(|next| !matches!(next, Request::Record(..)));
        if is_other { self.taken.pop_front() } else { None }
    }
}

fn write(ledger: Arc<Mutex<Ledger>>, requests: mpsc::Receiver<Request>) -> Arc<Mutex<Ledger>> {
    let mut waiting = Waiting { requests, taken: VecDeque::new(), closed: false };
    while waiting.wait() {
        let other = waiting.other();
        if let Some(Request::Lend(to)) = other {
            // Whoever does not want it any more gives it back at once.
            let _ = to.send(Lent { ledger: Arc::clone(&ledger).blocking_lock_owned() });
            continue;
        }
        let mut ledger = ledger.blocking_lock();
        if let Some(Request::Run(use_case)) = other {
            use_case(&mut ledger);
            continue;
        }
        // Whoever waits shares the next commit, which is decided while the one before is being stored. After a
        // failure the ledger is asked again what it holds.
        if let Err(error) = ledger.commit_all(|| waiting.facts(), answer) {
            tracing::error!(%error, "a commit was not recorded");
        }
    }
    ledger
}

/// Tells the clients of a commit what became of their facts.
fn answer(clients: Vec<Answering>, stored: Result<Vec<Outcome>, LedgerError>) {
    match stored {
        // A client that has gone does not want its answer.
        Ok(outcomes) => clients.into_iter().zip(outcomes).for_each(|(client, outcome)| {
            let _ = client.send(Ok(outcome));
        }),
        Err(error) => {
            let error = Arc::new(error);
            clients.into_iter().for_each(|client| {
                let _ = client.send(Err(NotRecorded::Failed(Arc::clone(&error))));
            });
        }
    }
}
