//! What one would write in an afternoon: an axum handler that adds up the entries of a producer in SQLite, by a covering
//! index, and one that inserts some, durably. It knows no rules, keeps no history, and asks nobody who they are.

use crate::book::Book;
use crate::entries::each_entry;
use crate::measure::Result;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use rusqlite::{Connection, OpenFlags, params};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use upline_core::time::Day;

/// The figures that are compared.
pub const FIGURES: [&str; 5] = ["payable", "unearned", "debt", "leads", "reserve"];

/// Connections that answer questions.
const CONNECTIONS: usize = 4;

/// The entries of a book, with the names of its producers.
pub fn database(book: &Book, names: &[String], path: &Path) -> Result<PathBuf> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.execute_batch(
        "CREATE TABLE producers (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
        CREATE TABLE entries (producer INTEGER NOT NULL, figure INTEGER NOT NULL, dated INTEGER NOT NULL,
            amount INTEGER NOT NULL);",
    )?;
    let transaction = connection.transaction()?;
    {
        let mut producer = transaction.prepare("INSERT INTO producers VALUES (?1, ?2)")?;
        for (id, name) in names.iter().enumerate() {
            producer.execute(params![i64::try_from(id)?, name])?;
        }
        let mut insert = transaction.prepare("INSERT INTO entries VALUES (?1, ?2, ?3, ?4)")?;
        each_entry(book, |entry| {
            let figure = i64::try_from(entry.figure)?;
            insert.execute(params![entry.producer.0, figure, entry.dated.0, entry.amount])?;
            Ok(())
        })?;
    }
    transaction.commit()?;
    connection
        .execute_batch("CREATE INDEX by_producer ON entries (producer, figure, dated, amount); ANALYZE;")?;
    Ok(path.to_owned())
}

/// What a writer sends.
pub fn entry(names: &[String], number: u64) -> String {
    let name = names.get(number as usize % names.len().max(1)).cloned().unwrap_or_default();
    json!({"producer": name, "on": "2026-01-15", "amount": 10_000}).to_string()
}

struct App {
    writing: Mutex<Connection>,
    reading: Mutex<Vec<Connection>>,
    turns: tokio::sync::Semaphore,
}

/// Serves them, on two threads as Upline does.
pub fn serve(database: &Path) -> Result<()> {
    let writing = Connection::open(database)?;
    writing.pragma_update(None, "synchronous", "FULL")?;
    let reading: Vec<Connection> = (0..CONNECTIONS)
        .map(|_| Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY))
        .collect::<std::result::Result<_, _>>()?;
    let turns = tokio::sync::Semaphore::new(CONNECTIONS);
    let app = Arc::new(App { writing: Mutex::new(writing), reading: Mutex::new(reading), turns });
    let router =
        Router::new().route("/balance", get(balance)).route("/entries", post(record)).with_state(app);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("Listening on http://{}", listener.local_addr()?);
        axum::serve(listener, router).await?;
        Ok(())
    })
}

type Answer = std::result::Result<Json<Value>, (StatusCode, String)>;

fn failed(error: impl std::fmt::Display) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

async fn balance(State(app): State<Arc<App>>, Query(asked): Query<HashMap<String, String>>) -> Answer {
    let turn = app.turns.acquire().await.map_err(failed)?;
    let asking = Arc::clone(&app);
    let answer = tokio::task::spawn_blocking(move || {
        let take = || asking.reading.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = take().ok_or("no connection")?;
        let answer = sums(&connection, &asked);
        asking.reading.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        answer
    });
    let answer = answer.await.map_err(failed)?.map_err(failed)?;
    drop(turn);
    Ok(Json(answer))
}

fn sums(connection: &Connection, asked: &HashMap<String, String>) -> Result<Value> {
    let producer = asked.get("producer").ok_or("no producer")?;
    let as_of = asked.get("as_of").and_then(|day| Day::parse(day)).ok_or("no day")?;
    let mut question = connection.prepare_cached(
        "SELECT figure, SUM(amount) FROM entries WHERE producer = (SELECT id FROM producers WHERE code = ?1) \
         AND figure IN (0, 1, 2, 3, 4) AND dated <= ?2 GROUP BY figure",
    )?;
    let mut answer = json!({"producer": producer});
    let mut figures = [0i64; FIGURES.len()];
    let mut rows = question.query(params![producer, as_of.0])?;
    while let Some(row) = rows.next()? {
        let figure: usize = row.get::<_, u8>(0)?.into();
        *figures.get_mut(figure).ok_or("a figure that nobody has")? = row.get(1)?;
    }
    for (name, cents) in FIGURES.iter().zip(figures) {
        let sign = if cents < 0 { "-" } else { "" };
        let text = format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100);
        answer.as_object_mut().ok_or("no object")?.insert((*name).to_owned(), json!(text));
    }
    Ok(answer)
}

async fn record(State(app): State<Arc<App>>, Json(sent): Json<Value>) -> Answer {
    let stored = tokio::task::spawn_blocking(move || -> Result<i64> {
        let text = |name: &str| sent.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let day = Day::parse(&text("on")).ok_or("no day")?;
        let amount = sent.get("amount").and_then(Value::as_i64).ok_or("no amount")?;
        let connection = app.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut insert = connection
            .prepare_cached("INSERT INTO entries SELECT id, 0, ?2, ?3 FROM producers WHERE code = ?1")?;
        insert.execute(params![text("producer"), day.0, amount])?;
        Ok(connection.last_insert_rowid())
    });
    let row = stored.await.map_err(failed)?.map_err(failed)?;
    Ok(Json(json!({"row": row})))
}
