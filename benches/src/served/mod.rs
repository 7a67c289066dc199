//! The server under load, and the latency of one balance, beside a plain axum handler on SQLite: both asked over HTTP by
//! the same clients, in the same run.
//!
//! # Correctness
//! Balances of both are compared before they are timed. What was acknowledged to the writers is looked for in the log
//! after the server was killed.

mod client;
mod plain;

use crate::book::Book;
use crate::external::{run, upline};
use crate::measure::{Draw, Measured, Result, Statistic, Unit, progress};
use client::{Client, Load, Server};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use upline_core::time::Day;

/// Events of the book that is served.
const EVENTS: u64 = 100_000;

/// The day that is asked about.
const AS_OF: &str = "2100-12-31";

/// Questions of one client by itself, in so many turns.
const QUIET_QUESTIONS: usize = 500;
const QUIET_TURNS: usize = 5;

pub const WRITERS: usize = 64;
pub const READERS: usize = 200;

/// What is measured, as lines of a table.
pub fn measure(dir: &Path, seconds: u64) -> Result<()> {
    let upline = upline()?;
    let book = Book::of(dir, EVENTS, &upline)?;
    let scratch = tempfile::tempdir_in(dir)?;
    let ledger = scratch.path().join("ledger");
    // In the usual engine.
    run(&upline, &["--ledger".as_ref(), ledger.as_os_str(), "init".as_ref()])?;
    crate::book::import_into(&upline, &book.facts_file, &ledger)?;
    let token = token(&upline, &ledger)?;
    let policies = policies(&book.facts_file)?;
    let producers = crate::entries::balances(&book, Day::LAST)?;
    let names: Vec<String> = producers.1.iter().map(|code| code.as_str().to_owned()).collect();
    let database = plain::database(&book, &names, &scratch.path().join("plain.db"))?;

    let ours = Server::start(Command::new(&upline).arg("--ledger").arg(&ledger).args([
        "serve",
        "--listen",
        "127.0.0.1:0",
    ]))?;
    let plain = Server::start(Command::new(std::env::current_exe()?).arg("plain-server").arg(&database))?;
    let ask_ours = |name: &str| format!("/v1/balance?as_of={AS_OF}&producer={name}");
    let ask_plain = |name: &str| format!("/balance?as_of={AS_OF}&producer={name}");
    same_answers(&ours, &plain, &names, &token, (&ask_ours, &ask_plain))?;

    progress("one client by itself");
    let (mut quiet_ours, mut quiet_plain) = (Vec::new(), Vec::new());
    for turn in 0..QUIET_TURNS {
        for (server, ask, samples) in [
            (&ours, &ask_ours as &dyn Fn(&str) -> String, &mut quiet_ours),
            (&plain, &ask_plain, &mut quiet_plain),
        ] {
            let (mut client, mut draw) = (Client::connect(server.address, &token)?, Draw::new(turn as u64));
            for _ in 0..QUIET_QUESTIONS {
                let name = names.get(draw.below(names.len() as u64) as usize).ok_or("no producer")?;
                samples.push(client.get(&ask(name))?.1);
            }
        }
    }

    progress(format!("{WRITERS} writers and {READERS} readers, {seconds} s each"));
    let duration = Duration::from_secs(seconds);
    let premium = |number: u64| premium(&policies, number);
    let under_plain = Load { server: &plain, token: &token, write_to: "/entries", duration }.run(
        &names,
        &ask_plain,
        &|number| plain::entry(&names, number),
    )?;
    let under_ours = Load { server: &ours, token: &token, write_to: "/v1/facts", duration }
        .run(&names, &ask_ours, &premium)?;
    plain.kill()?;
    ours.kill()?;
    let lost = lost(&upline, &ledger, &under_ours.acknowledged)?;
    if lost > 0 {
        return Err(format!("{lost} acknowledged facts are lost").into());
    }

    println!(
        "| over HTTP, {} events | Upline | axum + SQLite | Upline takes |\n|---|--:|--:|--:|",
        book.events
    );
    row("one balance, one client", quiet_ours, quiet_plain)?;
    row("one balance, under load", under_ours.reads, under_plain.reads)?;
    row("one write, under load", under_ours.writes, under_plain.writes)?;
    println!(
        "\nUpline under load, for {seconds} s: {} facts acknowledged, {} balances answered, no error; killed with SIGKILL \
         after it: every acknowledged fact is in the log.\nSQLite: {} rows, {} balances.",
        under_ours.acknowledged.len(),
        under_ours.questions,
        under_plain.acknowledged.len(),
        under_plain.questions
    );
    Ok(())
}

/// Serves the plain handler; never ends by itself.
pub fn plain_server(database: &Path) -> Result<()> {
    plain::serve(database)
}

fn row(what: &str, ours: Vec<f64>, plain: Vec<f64>) -> Result<()> {
    let (ours, plain) = (Measured::new(Unit::Seconds, ours)?, Measured::new(Unit::Seconds, plain)?);
    for (word, by) in [("median", Statistic::Median), ("p99", Statistic::P99)] {
        let (ours, plain) = (ours.clone().by(by).figure(), plain.clone().by(by).figure());
        println!("| {what}, {word} | {:.2} ms | {:.2} ms | {:.2}x |", ours * 1e3, plain * 1e3, ours / plain);
    }
    Ok(())
}

/// A token of somebody who records and asks.
fn token(upline: &Path, ledger: &Path) -> Result<String> {
    let ledger = ["--ledger".as_ref(), ledger.as_os_str()];
    run(upline, &[&ledger[..], &["user", "add", "bench", "--role", "finance"].map(AsRef::as_ref)].concat())?;
    let mut new = Command::new(upline);
    new.args(ledger).args(["token", "new", "bench"]).stderr(Stdio::null());
    Ok(String::from_utf8(new.output()?.stdout)?.trim().to_owned())
}

/// Policies that never ended, by the facts of a book.
fn policies(facts: &Path) -> Result<Vec<(String, String)>> {
    let (mut issued, mut ended) = (Vec::new(), BTreeSet::new());
    for line in BufReader::new(File::open(facts)?).lines() {
        let fact: serde_json::Value = serde_json::from_str(&line?)?;
        let of =
            |name: &str| fact.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let policy = (of("carrier"), of("policy"));
        match of("type").as_str() {
            "policy_issued" => issued.push(policy),
            "policy_lapsed" | "policy_terminated" => drop(ended.insert(policy)),
            _ => {}
        }
    }
    issued.retain(|policy| !ended.contains(policy));
    if issued.is_empty() { Err("no policy is in force".into()) } else { Ok(issued) }
}

fn id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn premium(policies: &[(String, String)], number: u64) -> String {
    let place = number as usize % policies.len().max(1);
    let (carrier, policy) = policies.get(place).cloned().unwrap_or_default();
    serde_json::json!({"type": "premium_paid", "on": "2026-01-15", "carrier": carrier, "policy": policy,
        "amount": "100.00", "id": id(number)})
    .to_string()
}

type Asking<'a> = &'a dyn Fn(&str) -> String;

/// Refuses to time what does not answer the same.
fn same_answers(
    ours: &Server,
    plain: &Server,
    names: &[String],
    token: &str,
    (ask_ours, ask_plain): (Asking<'_>, Asking<'_>),
) -> Result<()> {
    let (mut ours, mut plain) =
        (Client::connect(ours.address, token)?, Client::connect(plain.address, token)?);
    for name in names.iter().take(200) {
        let said: serde_json::Value = serde_json::from_str(&ours.get(&ask_ours(name))?.0)?;
        let row = said.pointer("/rows/0").cloned().unwrap_or_default();
        let other: serde_json::Value = serde_json::from_str(&plain.get(&ask_plain(name))?.0)?;
        for figure in plain::FIGURES {
            let own = row.get(figure).and_then(serde_json::Value::as_str).unwrap_or("0.00");
            if other.get(figure).and_then(serde_json::Value::as_str) != Some(own) {
                return Err(format!("{name}: {said} is not {other}").into());
            }
        }
    }
    Ok(())
}

/// How many of these facts are not in the log.
fn lost(upline: &Path, ledger: &PathBuf, acknowledged: &[u64]) -> Result<usize> {
    progress("looking for what was acknowledged");
    let mut missing: BTreeSet<String> = acknowledged.iter().map(|number| id(*number)).collect();
    let mut log = Command::new(upline);
    log.arg("--ledger").arg(ledger).args(["log", "--as-of", AS_OF]).stdout(Stdio::piped());
    let mut child = log.spawn()?;
    let out = child.stdout.take().ok_or("no output")?;
    for line in BufReader::new(out).lines() {
        let event: serde_json::Value = serde_json::from_str(&line?)?;
        if let Some(id) = event.get("id").and_then(serde_json::Value::as_str) {
            missing.remove(id);
        }
    }
    if child.wait()?.success() { Ok(missing.len()) } else { Err("the log cannot be read".into()) }
}
