//! Many clients and one writer: facts that wait share a sync, and nobody is answered before it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use tokio::task::JoinSet;
use upline_core::content::{ContentKey, canonical};
use upline_core::event::{Batch, Identity, Position};
use upline_core::fact::{Body, Fact, ProducerAdded, ProducerKind};
use upline_core::refusal::RefusalCode;
use upline_core::time::Day;
use upline_ledger::decider::{Command, Outcome};
use upline_ledger::{Ledger, LedgerError, NotRecorded, SystemClock, Writer, WriterHandle};
use upline_log::{Blocks, EventLog, LogError, LogReader, MemoryLog, Sealed, Tip};
use upline_testing::{code, fact};

/// A log whose appends wait until they are let through, or fail.
struct Gated {
    log: MemoryLog,
    gate: Mutex<Receiver<bool>>,
    /// The length after each append.
    appends: Arc<Mutex<Vec<Position>>>,
}

impl EventLog for Gated {
    fn tip(&self) -> &Tip {
        self.log.tip()
    }

    fn append(&mut self, after: Position, batch: &Batch) -> Result<Position, LogError> {
        if !self.gate.lock().unwrap().recv().unwrap() {
            return Err(LogError::Poisoned { dir: "nowhere".into() });
        }
        let position = self.log.append(after, batch)?;
        self.appends.lock().unwrap().push(position);
        Ok(position)
    }

    fn append_blocks(&mut self, after: Position, blocks: Vec<Sealed>) -> Result<Position, LogError> {
        self.log.append_blocks(after, blocks)
    }

    fn rebuild_blocks(&mut self, after: Position, blocks: Vec<Sealed>) -> Result<Position, LogError> {
        self.log.rebuild_blocks(after, blocks)
    }

    fn blocks(&self, from: Position) -> Blocks {
        self.log.blocks(from)
    }

    fn reader(&self) -> LogReader {
        self.log.reader()
    }
}

struct Gate {
    writer: Writer,
    gate: Sender<bool>,
    appends: Arc<Mutex<Vec<Position>>>,
}

fn gated() -> Gate {
    let (gate, through) = channel();
    let appends = Arc::new(Mutex::new(Vec::new()));
    let (log, shared) = (MemoryLog::new().unwrap(), Arc::clone(&appends));
    let gated = Gated { log, gate: Mutex::new(through), appends: shared };
    let writer = Writer::start(Ledger::of(Box::new(gated), Box::new(SystemClock)));
    Gate { writer, gate, appends }
}

fn command(fact: Fact) -> Command {
    let mut text = String::new();
    canonical(fact.on, fact.remarks.as_deref(), &fact.body, &mut text);
    let content = ContentKey::of(&text);
    let identity = Identity::Derived { ordinal: 1 };
    Command { id: content.id(&text, 1), fact, identity, content, before: None }
}

fn producer(name: &str, kind: ProducerKind) -> Command {
    command(fact(Day(20_000), Body::ProducerAdded(ProducerAdded { producer: code(name), kind })))
}

fn send(tasks: &mut JoinSet<Result<Outcome, NotRecorded>>, client: &WriterHandle, command: Command) {
    let client = client.clone();
    tasks.spawn(async move { client.record(command).await });
}

#[tokio::test]
async fn facts_that_wait_share_a_sync() {
    let gated = gated();
    let client = gated.writer.handle();
    let mut tasks = JoinSet::new();
    for n in 0..64 {
        send(&mut tasks, &client, producer(&format!("A{n}"), ProducerKind::Agent));
    }
    // Each task has run up to its wait once this one goes on.
    tokio::task::yield_now().await;
    assert!(tasks.try_join_next().is_none(), "somebody was answered before anything was stored");
    (0..64).for_each(|_| gated.gate.send(true).unwrap());
    let mut positions: Vec<Position> = Vec::new();
    while let Some(answer) = tasks.join_next().await {
        let Outcome::Recorded(position) = answer.unwrap().unwrap() else { panic!("not recorded") };
        positions.push(position);
    }
    positions.sort_unstable();
    assert_eq!(positions, (1..=64).collect::<Vec<_>>());
    // One may have been on its way alone, and some been decided about meanwhile; all others waited together.
    let appends = gated.appends.lock().unwrap().clone();
    assert!(appends.len() <= 3 && appends.last() == Some(&64), "{appends:?}");
    drop(client);
    let ledger = gated.writer.stop().unwrap();
    assert_eq!(ledger.position(), 64);
}

#[tokio::test]
async fn the_same_fact_from_two_clients_is_recorded_once_and_both_wait_for_it() {
    let gated = gated();
    let client = gated.writer.handle();
    let mut tasks = JoinSet::new();
    send(&mut tasks, &client, producer("A", ProducerKind::Agent));
    send(&mut tasks, &client, producer("A", ProducerKind::Agent));
    send(&mut tasks, &client, producer("A", ProducerKind::Imo));
    tokio::task::yield_now().await;
    assert!(tasks.try_join_next().is_none());
    gated.gate.send(true).unwrap();
    let mut kinds = Vec::new();
    while let Some(answer) = tasks.join_next().await {
        kinds.push(match answer.unwrap().unwrap() {
            Outcome::Recorded(position) => format!("recorded at {position}"),
            Outcome::AlreadyRecorded(_) => "already recorded".to_owned(),
            Outcome::Refused(refusal) => {
                assert_eq!(refusal.code, RefusalCode::Duplicate);
                "refused".to_owned()
            }
        });
    }
    kinds.sort_unstable();
    assert_eq!(kinds, ["already recorded", "recorded at 1", "refused"]);
}

#[tokio::test]
async fn where_storing_fails_all_who_wait_are_told_and_nothing_is_recorded() {
    let gated = gated();
    let client = gated.writer.handle();
    let mut tasks = JoinSet::new();
    send(&mut tasks, &client, producer("A", ProducerKind::Agent));
    send(&mut tasks, &client, producer("B", ProducerKind::Agent));
    tokio::task::yield_now().await;
    // The second commit fails with the first, or by itself, where the writer took the first fact alone.
    gated.gate.send(false).unwrap();
    gated.gate.send(false).unwrap();
    while let Some(answer) = tasks.join_next().await {
        assert!(matches!(answer.unwrap(), Err(NotRecorded::Failed(_))));
    }
    drop(client);
    drop(gated.gate);
    let ledger = gated.writer.stop().unwrap();
    assert_eq!(ledger.position(), 0);
}

#[test]
fn who_waits_while_the_store_breaks_down_is_told_and_the_writer_goes_on() {
    let gated = gated();
    let client = gated.writer.handle();
    // Its gate is gone, so that every append panics.
    drop(gated.gate);
    assert!(matches!(client.record_and_wait(producer("A", ProducerKind::Agent)), Err(NotRecorded::Stopped)));
    assert!(matches!(client.record_and_wait(producer("B", ProducerKind::Agent)), Err(NotRecorded::Stopped)));
    drop(client);
    assert_eq!(gated.writer.stop().unwrap().position(), 0);
}

#[test]
fn commits_are_decided_while_others_are_stored_and_end_with_the_first_failure() {
    let (gate, through) = channel();
    let appends = Arc::new(Mutex::new(Vec::new()));
    let (log, shared) = (MemoryLog::new().unwrap(), Arc::clone(&appends));
    let gated = Gated { log, gate: Mutex::new(through), appends: shared };
    let mut ledger = Ledger::of(Box::new(gated), Box::new(SystemClock));
    let of = |names: &[&str]| names.iter().map(|n| producer(n, ProducerKind::Agent)).collect::<Vec<_>>();
    let stored = Mutex::new(Vec::new());
    let done = |nth: usize, answers: Result<Vec<Outcome>, LedgerError>| {
        stored.lock().unwrap().push((nth, answers.map(|answers| answers.len()).ok()));
    };
    // The second fails, and nothing behind it is stored.
    [true, false].into_iter().for_each(|through| gate.send(through).unwrap());
    let mut commits = [of(&["A", "B"]), of(&["C"]), of(&["D"]), of(&["E"])].into_iter().zip(1..);
    assert!(ledger.commit_all(|| commits.next(), done).is_err());
    let told = std::mem::take(&mut *stored.lock().unwrap());
    assert_eq!(told[..2], [(1, Some(2)), (2, None)]);
    assert!(told[2..].iter().all(|(_, answers)| answers.is_none()), "{told:?}");
    assert_eq!(ledger.position(), 2);
    // It goes on from what is stored.
    [true, true].into_iter().for_each(|through| gate.send(through).unwrap());
    let mut commits = [of(&["A", "C"]), of(&["D"])].into_iter().zip(1..);
    ledger.commit_all(|| commits.next(), done).unwrap();
    assert_eq!(*stored.lock().unwrap(), [(1, Some(2)), (2, Some(1))]);
    assert_eq!((ledger.position(), appends.lock().unwrap().clone()), (4, vec![2, 3, 4]));
}
