//! Many at once.

use crate::common::Upline;
use crate::server::Server;
use crate::{BOOK, premium};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

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
