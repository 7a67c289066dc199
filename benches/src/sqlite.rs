//! SQLite, in process.
//!
//! Recording: a row for each event with its bytes, and one for each entry; prepared statements, one
//! transaction a commit, WAL, `synchronous=FULL`, so that a commit is synced before it returns. It stores
//! what Upline decided: no rule is computed, no name known, nothing hashed. Into tables alone, which refuse
//! no fact that comes twice and answer nothing fast; and with the indexes that a ledger in SQLite would need
//! for that ([`Indexes`]).
//!
//! Asking: a table of entries, and whichever covering index is faster for the question.

use crate::book::Book;
use crate::commits::{Commit, EventRow};
use crate::entries::{Entry, FIGURES, Figures, each_entry};
use crate::measure::{Result, progress, timed};
use rusqlite::{Connection, params};
use std::fs;
use std::path::{Path, PathBuf};
use upline_core::names::ProducerId;
use upline_core::time::Day;

/// What SQLite keeps up beside its tables while it records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexes {
    /// Nothing.
    None,
    /// That no id comes twice.
    Ids,
    /// That, and a covering index of the entries, by which it can be asked as of any day.
    IdsAndEntries,
}

/// A database that is recorded in.
#[derive(Debug)]
pub struct Recording(Connection);

impl Recording {
    /// An empty one.
    pub fn create(path: &Path, indexes: Indexes) -> Result<Recording> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "cache_size", -65_536)?;
        connection.execute_batch(
            "CREATE TABLE events (position INTEGER PRIMARY KEY, type TEXT NOT NULL, dated INTEGER NOT NULL,
                recorded_at INTEGER NOT NULL, policy INTEGER, id BLOB NOT NULL, body BLOB NOT NULL);
            CREATE TABLE entries (position INTEGER NOT NULL, account INTEGER NOT NULL, dated INTEGER NOT NULL,
                amount INTEGER NOT NULL);",
        )?;
        if indexes != Indexes::None {
            connection.execute_batch("CREATE UNIQUE INDEX event_ids ON events (id);")?;
        }
        if indexes == Indexes::IdsAndEntries {
            let by_account = "CREATE INDEX entries_by_account ON entries (account, dated, amount);";
            connection.execute_batch(by_account)?;
        }
        Ok(Recording(connection))
    }

    /// Stores a commit, durably.
    pub fn commit(&mut self, commit: &Commit) -> Result<()> {
        let transaction = self.0.transaction()?;
        {
            let mut event =
                transaction.prepare_cached("INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
            let mut entry = transaction.prepare_cached("INSERT INTO entries VALUES (?1, ?2, ?3, ?4)")?;
            for row in &commit.events {
                let EventRow { position, type_name, on, recorded_at, policy, id, body, entries } = row;
                let position = i64::try_from(*position)?;
                event.execute(params![position, type_name, on.0, recorded_at, policy, id, body])?;
                for (account, dated, amount) in entries {
                    entry.execute(params![position, account, dated.0, amount])?;
                }
            }
        }
        Ok(transaction.commit()?)
    }
}

/// An order of the columns of a covering index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By producer and figure: groups come sorted, and every one is read whole.
    ByProducer,
    /// By date: only what counts is read, and has to be sorted.
    ByDate,
}

impl Order {
    /// Both.
    pub const ALL: [Order; 2] = [Order::ByProducer, Order::ByDate];

    fn index(self) -> (&'static str, &'static str) {
        match self {
            Order::ByProducer => ("by_producer", "(producer, figure, dated, amount)"),
            Order::ByDate => ("by_date", "(dated, producer, figure, amount)"),
        }
    }
}

/// The question for all balances: by this index, as of `?1`.
fn all_balances(order: Order) -> String {
    let (name, _) = order.index();
    format!(
        "SELECT producer, figure, SUM(amount) FROM entries INDEXED BY {name} WHERE dated <= ?1 \
         GROUP BY producer, figure HAVING SUM(amount) <> 0"
    )
}

/// The question for all balances as a program is given it.
pub fn all_balances_as_of(as_of: Day) -> String {
    all_balances(Order::ByProducer).replace("?1", &as_of.0.to_string())
}

/// The entries of a book in a database of their own, made once.
pub fn entries_file(book: &Book, orders: &[Order]) -> Result<PathBuf> {
    let path = book.dir.join("entries.db");
    if path.exists() {
        return Ok(path);
    }
    progress(format!("making a database of the entries of {} events", book.events));
    let unfinished = book.dir.join("entries.unfinished.db");
    let _ = fs::remove_file(&unfinished);
    let mut connection = Connection::open(&unfinished)?;
    connection.pragma_update(None, "journal_mode", "OFF")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "cache_size", -524_288)?;
    connection.execute_batch(
        "CREATE TABLE entries (position INTEGER NOT NULL, dated INTEGER NOT NULL, producer INTEGER NOT NULL,
            figure INTEGER NOT NULL, amount INTEGER NOT NULL);",
    )?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5)")?;
        each_entry(book, |entry| {
            let Entry { position, dated, producer, figure, amount } = entry;
            let (position, figure) = (i64::try_from(position)?, i64::try_from(figure)?);
            insert.execute(params![position, dated.0, producer.0, figure, amount])?;
            Ok(())
        })?;
    }
    transaction.commit()?;
    for (name, columns) in orders.iter().map(|order| order.index()) {
        connection.execute_batch(&format!("CREATE INDEX {name} ON entries {columns};"))?;
    }
    connection.execute_batch("ANALYZE;")?;
    drop(connection);
    fs::rename(unfinished, &path)?;
    Ok(path)
}

/// A database of entries that is asked.
#[derive(Debug)]
pub struct Asked {
    connection: Connection,
    /// By which index all balances are had fastest.
    pub all_by: Order,
    /// By which index those of one producer are.
    pub one_by: Order,
}

impl Asked {
    /// Opens the database of a book that has both indexes, keeps it in memory, and finds out which is faster.
    pub fn open(book: &Book, days: &[Day]) -> Result<Asked> {
        let connection = Connection::open(entries_file(book, &Order::ALL)?)?;
        connection.pragma_update(None, "cache_size", -1_048_576)?;
        connection.pragma_update(None, "mmap_size", 4_294_967_296i64)?;
        let mut asked = Asked { connection, all_by: Order::ByProducer, one_by: Order::ByProducer };
        let fastest = |ask: &dyn Fn(Order, Day) -> Result<()>| -> Result<Order> {
            let mut fastest = (f64::INFINITY, Order::ByProducer);
            for order in Order::ALL {
                // The first time so that it is warm.
                for warm in [false, true] {
                    let ((), took) = timed(|| days.iter().try_for_each(|day| ask(order, *day)))?;
                    if warm && took < fastest.0 {
                        fastest = (took, order);
                    }
                }
            }
            Ok(fastest.1)
        };
        asked.all_by = fastest(&|order, day| asked.all_by(order, day, &mut Vec::new()))?;
        asked.one_by =
            fastest(&|order, day| asked.one_by(order, ProducerId(day.0.unsigned_abs()), day).map(drop))?;
        Ok(asked)
    }

    /// All balances as of a day that are not zero, in place of what is in the list.
    pub fn all(&self, as_of: Day, into: &mut Vec<(ProducerId, Figures)>) -> Result<()> {
        self.all_by(self.all_by, as_of, into)
    }

    fn all_by(&self, order: Order, as_of: Day, into: &mut Vec<(ProducerId, Figures)>) -> Result<()> {
        into.clear();
        let mut question = self.connection.prepare_cached(&all_balances(order))?;
        let mut rows = question.query([as_of.0])?;
        while let Some(row) = rows.next()? {
            let producer = ProducerId(row.get(0)?);
            if into.last().is_none_or(|(last, _)| *last != producer) {
                into.push((producer, [0; FIGURES]));
            }
            let figure = usize::from(row.get::<_, u8>(1)?);
            let place = into.last_mut().and_then(|(_, figures)| figures.get_mut(figure));
            *place.ok_or("a figure that nobody has")? = row.get(2)?;
        }
        Ok(())
    }

    /// The balance of one producer as of a day.
    pub fn of(&self, producer: ProducerId, as_of: Day) -> Result<Figures> {
        self.one_by(self.one_by, producer, as_of)
    }

    fn one_by(&self, order: Order, producer: ProducerId, as_of: Day) -> Result<Figures> {
        let (name, _) = order.index();
        // Figure by figure, so that the index by producer leads to exactly what is added up.
        let mut question = self.connection.prepare_cached(&format!(
            "SELECT figure, SUM(amount) FROM entries INDEXED BY {name} \
             WHERE producer = ?1 AND figure IN (0, 1, 2, 3, 4) AND dated <= ?2 GROUP BY figure",
        ))?;
        let mut rows = question.query(params![producer.0, as_of.0])?;
        let mut figures = [0; FIGURES];
        while let Some(row) = rows.next()? {
            let figure = usize::from(row.get::<_, u8>(0)?);
            *figures.get_mut(figure).ok_or("a figure that nobody has")? = row.get(1)?;
        }
        Ok(figures)
    }
}
