//! Many at once, and malice.

use crate::common::Upline;
use crate::server::Server;
use crate::{BOOK, premium};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const WRITERS: u64 = 16;
const FACTS_EACH: u64 = 25;
const READERS: usize = 8;

/// Facts from many clients while others ask; then the server is killed: everything that was acknowledged is there.
#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    for upline in [Upline::with(BOOK), Upline::with_in_files(BOOK)] {
        let server = Server::start(&upline);
        let (finance, auditor) =
            (server.token(&upline, "Fay", "finance"), server.token(&upline, "Ann", "auditor"));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let (server, finance) = (&server, &finance);
                    scope.spawn(move || {
                        for number in 0..FACTS_EACH {
                            let fact = premium(writer * FACTS_EACH + number).to_string();
                            let answer = server.post("/v1/facts", finance, &fact);
                            assert_eq!(answer.status, 200, "{answer:?}");
                        }
                    })
                })
                .collect();
            for _ in 0..READERS {
                let (server, auditor, done) = (&server, &auditor, &done);
                scope.spawn(move || {
                    let mut last = 0;
                    while !done.load(Ordering::Relaxed) {
                        let answer = server.get("/v1/balance?as_of=2026-12-31", auditor);
                        assert_eq!(answer.status, 200, "{answer:?}");
                        let position = answer.json()["position"].as_u64().unwrap();
                        assert!(position >= last, "what is shown only grows");
                        last = position;
                    }
                });
            }
            let whole: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
            done.store(true, Ordering::Relaxed);
            whole.into_iter().for_each(|writer| writer.unwrap());
        });
        server.kill();
        let ids: BTreeSet<String> =
            upline.log().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
        for number in 0..WRITERS * FACTS_EACH {
            assert!(ids.contains(premium(number)["id"].as_str().unwrap()), "{number} was acknowledged");
        }
        upline.verified();
    }
}

/// Slow, broken, huge and idle clients stop nobody.
#[test]
fn bad_clients_stop_nobody() {
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let finance = server.token(&upline, "Fay", "finance");
    let address = server.base().strip_prefix("http://").unwrap().to_owned();
    let connect = || {
        let stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    };
    let mut idle: Vec<TcpStream> = (0..200).map(|_| connect()).collect();
    // One that stops in the middle of its head, and one in the middle of its body.
    idle[0].write_all(b"GET /v1/balance HTTP/1.1\r\nhost: x\r\nauthor").unwrap();
    let head = format!(
        "POST /v1/facts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {finance}\r\ncontent-type: application/jsonl\r\n\
         content-length: 1000000\r\n\r\n{{\"type\":"
    );
    idle[1].write_all(head.as_bytes()).unwrap();
    // A head that never ends.
    let mut flood = connect();
    let line = format!("x-{}: {}\r\n", "a".repeat(100), "b".repeat(8_000));
    let mut sent = flood.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n");
    for _ in 0..1_000 {
        sent = sent.and_then(|()| flood.write_all(line.as_bytes()));
    }
    let mut told = Vec::new();
    let _ = flood.read_to_end(&mut told);
    let told = String::from_utf8_lossy(&told).into_owned();
    assert!(sent.is_err() || told.starts_with("HTTP/1.1 431") || told.is_empty(), "{told}");
    // Rubbish.
    let mut rubbish = connect();
    rubbish.write_all(&[0xff; 4_096]).unwrap();
    let _ = rubbish.read(&mut [0; 64]);
    // Too much, by far.
    let mut huge = connect();
    let head = format!(
        "POST /v1/facts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {finance}\r\ncontent-type: application/json\r\n\
         content-length: 1073741824\r\n\r\n"
    );
    huge.write_all(head.as_bytes()).unwrap();
    let piece = vec![b' '; 1 << 20];
    let mut whole = Ok(());
    for _ in 0..64 {
        whole = whole.and_then(|()| huge.write_all(&piece));
    }
    let mut told = [0; 12];
    if whole.is_ok() {
        huge.read_exact(&mut told).unwrap();
        assert_eq!(&told, b"HTTP/1.1 413");
    }
    // Everybody else is answered meanwhile.
    assert_eq!(server.post("/v1/facts", &finance, &premium(1).to_string()).status, 200);
    assert_eq!(server.get("/v1/balance", &finance).status, 200);
    drop(idle);
    server.end();
    upline.verified();
}
