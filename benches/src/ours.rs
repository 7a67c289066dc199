//! Upline, as the rows measure it that need more than recording.

use crate::entries::Figures;
use crate::facts::{commands, recorded};
use crate::measure::{Result, timed};
use std::path::Path;
use upline_core::as_of::AsOf;
use upline_core::names::{Code, ProducerId};
use upline_ledger::Writer;
use upline_ledger::import::ImportLine;
use upline_ledger::{Ledger, SystemClock};
use upline_log::{EventLog, OpenOptions, open_log_to_read};
use upline_store::snapshots;
use upline_views::balance::{BalanceRow, By};
use upline_views::index::{Chapters, Index, Keep};
use upline_views::persistency::Scope;
use upline_views::{ReadModels, replay_premium_histories};

/// The definition of persistency that is measured: one that every generated book has.
const DEFINITION: &str = "P13";

/// Balances out of the index in time, open and warm.
pub struct WarmIndex {
    log: Box<dyn EventLog>,
    index: Index,
}

impl WarmIndex {
    /// The index of a ledger.
    pub fn open(ledger: &Path) -> Result<WarmIndex> {
        let log = open_log_to_read(ledger, &OpenOptions::default())?;
        let index = Index::open(&*log, Chapters::default(), Keep::Windows, snapshots(ledger, &*log))?;
        index.warm(&*log)?;
        Ok(WarmIndex { log, index })
    }

    /// The balances that are not zero, as `upline balance` shows them.
    pub fn all(&self, at: AsOf) -> Result<Vec<BalanceRow>> {
        Ok(self.index.balances(&*self.log, at, By::Producer)?)
    }

    /// The balance of one producer, over all carriers.
    pub fn of(&self, producer: ProducerId, at: AsOf) -> Result<Figures> {
        let mut sum: Figures = Figures::default();
        for (_, f) in self.index.balances_of(&*self.log, at, producer)? {
            for (sum, figure) in sum.iter_mut().zip([f.payable, f.unearned, f.debt, f.leads, f.reserve]) {
                *sum += i64::try_from(figure.0)?;
            }
        }
        Ok(sum)
    }
}

/// Asks for the persistency of every producer at a point; says how many have a cohort.
pub type Persistency = Box<dyn FnMut(AsOf) -> Result<usize>>;

/// Opens a ledger and keeps what answers about persistency.
pub fn persistency(ledger: &Path) -> Result<Persistency> {
    let log = open_log_to_read(ledger, &OpenOptions::default())?;
    let (reference, premium_histories) = replay_premium_histories(&*log, log.len())?;
    let code = Code::parse(DEFINITION).ok_or("no code")?;
    let version = reference.definition(&code).and_then(|versions| versions.last());
    let terms = version.ok_or("the book defines no such persistency")?.terms.clone();
    let ask = move |at| Ok(premium_histories.measure(&reference, at, &terms, Scope::Own, None)?.len());
    Ok(Box::new(ask))
}

/// Reads a whole log into all read models, from nothing; says how many events it read.
pub fn cold_replay(ledger: &Path) -> Result<u64> {
    Ok(ReadModels::replay(&*open_log_to_read(ledger, &OpenOptions::default())?)?.index.position())
}

/// Records the facts of many clients at once, each client on a thread of its own: one fact after the other,
/// the next when the one before is durable. Says how many seconds that took.
pub fn at_once(ledger: Ledger, facts_of_clients: Vec<Vec<ImportLine>>) -> Result<f64> {
    let commands = facts_of_clients.into_iter().map(commands).collect::<Result<Vec<_>>>()?;
    let writer = Writer::start(ledger);
    let ((), took) = timed(|| {
        std::thread::scope(|scope| {
            let start = |own: Vec<_>| {
                let client = writer.handle();
                scope.spawn(move || {
                    own.into_iter().try_for_each(|fact| recorded(client.record_and_wait(fact)?))
                })
            };
            let clients: Vec<_> = commands.into_iter().map(start).collect();
            clients.into_iter().try_for_each(|client| client.join().map_err(|_| "a client panicked")?)
        })
    })?;
    writer.stop()?;
    Ok(took)
}

/// Opens a ledger to record in it: everything is known that deciding needs.
pub fn recording(dir: &Path) -> Result<Ledger> {
    let mut ledger = Ledger::open_to_record(dir, Box::new(SystemClock), &OpenOptions::default())?;
    ledger.commit(Vec::new())?;
    Ok(ledger)
}

/// Opens a ledger to record in it and to ask it everything: all read models, warm.
pub fn everything(dir: &Path) -> Result<(Ledger, ReadModels)> {
    Ok((recording(dir)?, ReadModels::replay(&*open_log_to_read(dir, &OpenOptions::default())?)?))
}
