//! Slow, broken, huge and idle clients stop nobody, and take no memory that is missed.

use crate::common::Upline;
use crate::server::Server;
use crate::{BOOK, premium};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What a server may have taken at its highest.
const MEMORY_KIB_MAX: u64 = 500 * 1024;

/// Connections that say nothing.
const IDLE: u64 = 10_000;

/// Files that the test and the server open besides.
const OTHER_FILES: u64 = 500;

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.base().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// Everybody else is answered, and the server has not grown.
#[track_caller]
fn goes_on(server: &Server, finance: &str, number: u64) {
    assert_eq!(server.post("/v1/facts", finance, &premium(number).to_string()).status, 200);
    assert_eq!(server.get("/v1/balance", finance).status, 200);
    let kib = server.highest_kib();
    assert!(kib < MEMORY_KIB_MAX, "the server took {} MiB", kib / 1024);
}

/// The status that a connection is answered with; nothing where it was closed.
fn status(stream: &mut TcpStream) -> Option<String> {
    let mut told = [0; 12];
    stream.read_exact(&mut told).ok()?;
    Some(String::from_utf8_lossy(&told).into_owned())
}

#[test]
fn thousands_of_connections_that_say_nothing_or_half_of_it() {
    let own = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: own.maximum, maximum: own.maximum }).unwrap();
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let idle = IDLE.min(allowed.saturating_sub(OTHER_FILES));
    println!("{idle} idle connections, as {allowed} files may be open");
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let finance = server.token(&upline, "Fay", "finance");
    let mut connections: Vec<TcpStream> = (0..idle).map(|_| connect(&server)).collect();
    goes_on(&server, &finance, 1);
    // Heads that stop in the middle, as long as heads may be. Whoever waited too long is cut off, and may be.
    let half = format!("GET /v1/balance HTTP/1.1\r\nhost: x\r\nx-long: {}", "a".repeat(15_000));
    for connection in connections.iter_mut().take(2_000) {
        let _ = connection.write_all(half.as_bytes());
    }
    goes_on(&server, &finance, 2);
    drop(connections);
    server.end();
    upline.verified();
}

#[test]
fn heads_that_never_end_and_rubbish() {
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let finance = server.token(&upline, "Fay", "finance");
    for _ in 0..20 {
        let mut flood = connect(&server);
        let line = format!("x-{}: {}\r\n", "a".repeat(100), "b".repeat(8_000));
        let mut sent = flood.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n");
        for _ in 0..1_000 {
            sent = sent.and_then(|()| flood.write_all(line.as_bytes()));
        }
        let told = status(&mut flood);
        assert!(told.as_deref().is_none_or(|told| told == "HTTP/1.1 431"), "{told:?}");
        let mut many = connect(&server);
        let lines: String = (0..300).map(|number| format!("x-{number}: y\r\n")).collect();
        many.write_all(format!("GET / HTTP/1.1\r\nhost: x\r\n{lines}\r\n").as_bytes()).unwrap();
        assert_eq!(status(&mut many).as_deref(), Some("HTTP/1.1 431"));
        let mut rubbish = connect(&server);
        let _ = rubbish.write_all(&[0xff; 4_096]);
        let told = status(&mut rubbish);
        assert!(told.as_deref().is_none_or(|told| told == "HTTP/1.1 400"), "{told:?}");
    }
    goes_on(&server, &finance, 1);
    server.end();
}

#[test]
fn bodies_of_a_gigabyte_and_bodies_that_stop() {
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let finance = server.token(&upline, "Fay", "finance");
    let head = |kind: &str, length: &str| {
        format!(
            "POST /v1/facts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {finance}\r\n\
             content-type: application/{kind}\r\n{length}\r\n\r\n"
        )
    };
    // Ones that stop in the middle hold nobody up.
    let mut stopped: Vec<TcpStream> = (0..50).map(|_| connect(&server)).collect();
    for stream in &mut stopped {
        let half = format!("{}{{\"type\":", head("jsonl", "content-length: 1000000"));
        stream.write_all(half.as_bytes()).unwrap();
    }
    // One that says how long it is, is refused before it comes.
    for kind in ["json", "jsonl"] {
        let mut huge = connect(&server);
        huge.write_all(head(kind, "content-length: 1073741824").as_bytes()).unwrap();
        assert_eq!(status(&mut huge).as_deref(), Some("HTTP/1.1 413"), "{kind}");
    }
    // One that does not, as soon as it is too long.
    for kind in ["json", "jsonl"] {
        let mut huge = connect(&server);
        huge.write_all(head(kind, "transfer-encoding: chunked").as_bytes()).unwrap();
        let mut piece = format!("{:x}\r\n", 1 << 20).into_bytes();
        piece.extend(vec![b' '; 1 << 20]);
        piece.extend(b"\r\n");
        let mut sent = 0;
        while sent < 1_024 && huge.write_all(&piece).is_ok() {
            sent += 1;
        }
        assert!(sent < 1_024, "nobody takes a gigabyte");
    }
    goes_on(&server, &finance, 1);
    drop(stopped);
    server.end();
    upline.verified();
}

#[test]
fn those_who_ask_for_everything_and_read_it_slowly() {
    let upline = Upline::new();
    upline.run(&["generate", "--policies", "600", "--producers", "100", "--out", "book.jsonl"]).succeeds();
    upline.run(&["import", "book.jsonl"]).succeeds();
    let server = Server::start(&upline);
    let finance = server.token(&upline, "Fay", "finance");
    let ask = |address: &str| {
        let mut stream = connect(&server);
        let head = format!("GET {address} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {finance}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    // Each has all of the log coming, and reads its first line.
    let mut slow: Vec<TcpStream> = (0..100).map(|_| ask("/v1/log?as_of=2100-12-31")).collect();
    let told: Vec<Option<String>> = slow.iter_mut().map(status).collect();
    assert!(told.iter().any(|told| told.as_deref() == Some("HTTP/1.1 200")), "{told:?}");
    for told in &told {
        let told = told.as_deref().unwrap();
        assert!(["HTTP/1.1 200", "HTTP/1.1 503"].contains(&told), "{told}");
    }
    slow.extend((0..100).map(|_| ask("/v1/events")));
    slow.extend((0..100).map(|_| ask("/v1/accounts?as_of=2100-12-31")));
    assert_eq!(server.get("/v1/balance?as_of=2100-12-31", &finance).status, 200);
    let producer =
        serde_json::json!({"type": "producer_added", "on": "2026-01-01", "producer": "NEW", "kind": "agent"});
    assert_eq!(server.post("/v1/facts", &finance, &producer.to_string()).status, 200);
    let kib = server.highest_kib();
    assert!(kib < MEMORY_KIB_MAX, "the server took {} MiB", kib / 1024);
    drop(slow);
    // Once they are gone there is room for whoever reads.
    let whole = loop {
        let answer = server.get("/v1/log?as_of=2100-12-31", &finance);
        if answer.status == 200 {
            break answer.body;
        }
        assert_eq!(answer.status, 503);
    };
    assert_eq!(whole.lines().count() as u64, server.get("/v1/status", &finance).json()["position"]);
    server.end();
}
