//! Events sent on to other programs.

use crate::common::Upline;
use crate::receiver::{Came, Receiver};
use crate::server::Server;
use crate::{BOOK, premium};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn record(server: &Server, finance: &str, numbers: std::ops::Range<u64>) {
    for number in numbers {
        assert_eq!(server.post("/v1/facts", finance, &premium(number).to_string()).status, 200);
    }
}

fn add(server: &Server, finance: &str, hook: Value) -> Value {
    let answer = server.post("/v1/webhooks", finance, &hook.to_string());
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

/// Asks until something is so.
#[track_caller]
fn until(mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not come to be");
        std::thread::yield_now();
    }
}

#[test]
fn events_are_sent_on_signed_in_order_and_until_they_are_taken() {
    for upline in [Upline::with(BOOK), Upline::with_in_files(BOOK)] {
        let server = Server::start(&upline);
        let finance = server.token(&upline, "Fay", "finance");
        let receiver = Receiver::start(&["200 OK", "500 Failed", "503 Busy", "204 Taken"]);
        let hook = add(&server, &finance, json!({"url": receiver.url}));
        let (id, secret) = (hook["id"].as_str().unwrap(), hook["secret"].as_str().unwrap());
        record(&server, &finance, 0..4);
        // The second is sent three times, and the third waits for it.
        let came: Vec<Came> = (0..6).map(|_| receiver.next()).collect();
        let positions: Vec<u64> = came.iter().map(Came::position).collect();
        let first = positions[0];
        let wanted = [first, first + 1, first + 1, first + 1, first + 2, first + 3];
        assert_eq!(positions, wanted);
        for one in &came {
            assert!(one.is_signed(secret) && !one.is_signed("whsec_AAAA"), "{one:?}");
            assert_eq!(one.json()["id"], one.header("webhook-id"));
            assert_eq!(one.header("upline-position"), one.position().to_string());
        }
        let address = format!("/v1/webhooks/{id}/deliveries");
        until(|| server.get(&address, &finance).json()["rows"].as_array().unwrap().len() == 6);
        let tries = server.get(&address, &finance).json()["rows"].clone();
        let tried: Vec<(u64, u64)> = tries
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["attempt"].as_u64().unwrap(), row["status"].as_u64().unwrap()))
            .collect();
        assert_eq!(tried, [(1, 200), (1, 500), (2, 503), (3, 204), (1, 204), (1, 204)]);
        let listed = server.get("/v1/webhooks", &finance);
        assert!(!listed.body.contains("whsec_") && !listed.body.contains("secret"), "{}", listed.body);
        assert_eq!(listed.json()["rows"][0]["state"], "active");
        assert_eq!(listed.json()["rows"][0]["position"], first + 3);
        server.end();
        // The command line says the same, of what is kept beside the log.
        let said = upline.json(&["webhook", "deliveries", id]);
        assert_eq!(said["rows"].as_array().unwrap().len(), 6);
        assert_eq!(said["rows"][1]["status"], 500);
        let events = upline.log();
        let sent: Vec<Value> = [0, 1, 4, 5].iter().map(|number| came[*number].json()).collect();
        assert_eq!(sent, events[first as usize - 1..], "what is sent is what the log says");
    }
}

#[test]
fn what_was_not_taken_is_sent_after_a_kill() {
    let upline = Upline::with(BOOK);
    let before = upline.log().len() as u64;
    let server = Server::start(&upline);
    let finance = server.token(&upline, "Fay", "finance");
    let receiver = Receiver::start(&["204 Taken", "204 Taken", "500 Failed"]);
    add(&server, &finance, json!({"url": receiver.url}));
    record(&server, &finance, 0..10);
    let mut taken: Vec<u64> = (0..3).map(|_| receiver.next().position()).collect();
    assert_eq!(taken, [before + 1, before + 2, before + 3], "the third is refused");
    server.kill();
    taken.pop();
    // What came until the server was dead was refused.
    while !receiver.is_empty() {}
    receiver.answer(&["204 Taken"]);
    let server = Server::start(&upline);
    while *taken.last().unwrap() < before + 10 {
        taken.push(receiver.next().position());
    }
    // Each at least once, and none before the one in front of it: one that was taken may come again.
    for (one, next) in taken.iter().zip(&taken[1..]) {
        assert!(*next == one + 1 || next <= one, "{taken:?}");
    }
    for position in before + 1..=before + 10 {
        assert!(taken.contains(&position), "{position} of {taken:?}");
    }
    server.end();
}

#[test]
fn webhooks_are_added_and_removed_while_the_server_runs_and_go_nowhere_else() {
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let finance = server.token(&upline, "Fay", "finance");
    let elsewhere = Receiver::start(&["204 Taken"]);
    let moved = format!("302 Found\r\nlocation: {}", elsewhere.url);
    let receiver = Receiver::start(&[&moved, "204 Taken"]);
    let added = upline.json(&["webhook", "add", &receiver.url, "--type", "policy_lapsed", "--from", "1"]);
    let lapses: Vec<Value> =
        upline_log(&server, &finance).into_iter().filter(|event| event["type"] == "policy_lapsed").collect();
    assert!(!lapses.is_empty());
    assert_eq!(receiver.next().json(), lapses[0]);
    for lapse in &lapses {
        let came = receiver.next();
        assert!(came.is_signed(added["secret"].as_str().unwrap()));
        assert_eq!(came.json(), *lapse, "the first again, as it was not taken");
    }
    assert!(elsewhere.is_empty(), "no redirect is followed");
    let id = added["id"].as_str().unwrap();
    let tries = server.get(&format!("/v1/webhooks/{id}/deliveries"), &finance).json();
    assert_eq!(tries["rows"][0]["status"], 302);
    upline.run(&["webhook", "remove", id]).succeeds();
    assert_eq!(upline.json(&["webhook", "list"])["rows"], json!([]));
    assert_eq!(server.get(&format!("/v1/webhooks/{id}/deliveries"), &finance).status, 404);
    // Gone for good is gone for good.
    let gone = Receiver::start(&["410 Gone"]);
    let hook = add(&server, &finance, json!({"url": gone.url, "from": 1}));
    assert_eq!(gone.next().position(), 1);
    until(|| server.get("/v1/webhooks", &finance).json()["rows"][0]["state"] == "disabled");
    assert_eq!(
        server.remove(&format!("/v1/webhooks/{}", hook["id"].as_str().unwrap()), &finance).status,
        204
    );
    for (hook, status, code) in [
        (json!({"url": "http://crm.example/in"}), 422, "webhook_address"),
        (json!({"url": "https://ann:secret@crm.example/in"}), 422, "webhook_address"),
        (json!({"url": receiver.url, "types": ["nonsense"]}), 422, "webhook_type"),
        (json!({"url": receiver.url, "surplus": 1}), 400, "malformed"),
    ] {
        let told = server.post("/v1/webhooks", &finance, &hook.to_string());
        assert_eq!((told.status, told.json()["code"].clone()), (status, json!(code)), "{hook}");
    }
    upline.run(&["webhook", "remove", "nonsense"]).fails(1, "there is no webhook nonsense");
    let auditor = server.token(&upline, "Ann", "auditor");
    assert_eq!(server.get("/v1/webhooks", &auditor).status, 403);
    server.end();
}

fn upline_log(server: &Server, finance: &str) -> Vec<Value> {
    let log = server.get("/v1/log?as_of=2100-12-31", finance).body;
    log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
