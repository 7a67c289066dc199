//! Following what is recorded, as far as one may see it.

use crate::common::Upline;
use crate::server::Server;
use crate::{BOOK, premium};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};

/// The ids and events of a body.
fn sent(body: &str) -> Vec<(String, Value)> {
    let member = |name: &'static str| body.lines().filter_map(move |line| line.strip_prefix(name));
    let data = member("data: ").map(|json| serde_json::from_str(json).unwrap());
    member("id: ").map(str::to_owned).zip(data).collect()
}

fn events(body: &str) -> Vec<Value> {
    sent(body).into_iter().map(|(_, event)| event).collect()
}

/// A stream of events that goes on.
struct Followed(Box<dyn BufRead>);

impl Followed {
    fn start(server: &Server, address: &str, token: &str) -> Followed {
        Followed(Box::new(BufReader::new(server.stream(address, token))))
    }

    /// The next event, or `None` at the end.
    fn next(&mut self) -> Option<Value> {
        let mut line = String::new();
        while self.0.read_line(&mut line).unwrap() > 0 {
            if let Some(json) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(json).unwrap());
            }
            line.clear();
        }
        None
    }
}

#[test]
fn events_are_read_on_from_any_position() {
    for upline in [Upline::with(BOOK), Upline::with_in_files(BOOK)] {
        let log = upline.log();
        let server = Server::start(&upline);
        let auditor = server.token(&upline, "Ann", "auditor");
        for from in 1..=log.len() + 1 {
            let answer = server.get(&format!("/v1/events?from={from}"), &auditor);
            assert_eq!(answer.kind, "text/event-stream");
            assert_eq!(events(&answer.body), log[from - 1..], "from {from} to the end");
        }
        let resumed = server.get_after("/v1/events?from=1", &auditor, "72");
        assert_eq!(events(&resumed.body), log[72..], "after the last that was seen");
        assert_eq!(server.get_after("/v1/events", &auditor, "here").status, 400);
        server.end();
    }
}

#[test]
fn who_follows_hears_of_what_is_recorded_until_it_may_no_more() {
    let upline = Upline::with(BOOK);
    let last = upline.log().len();
    let server = Server::start(&upline);
    let finance = server.token(&upline, "Fay", "finance");
    let tokens: Vec<String> = ["Ann", "Abe", "Ada"].map(|name| server.token(&upline, name, "auditor")).into();
    // A flag stands by itself too.
    let addresses = [format!("/v1/events?follow&from={last}"), format!("/v1/events?from={last}&follow=true")];
    let mut followers: Vec<Followed> = tokens
        .iter()
        .zip(addresses.iter().cycle())
        .map(|(token, address)| Followed::start(&server, address, token))
        .collect();
    for follower in &mut followers {
        assert_eq!(follower.next().unwrap()["position"], last);
    }
    for number in 0..5 {
        assert_eq!(server.post("/v1/facts", &finance, &premium(number).to_string()).status, 200);
        let heard: Vec<Value> = followers.iter_mut().map(|follower| follower.next().unwrap()).collect();
        assert_eq!(heard[0]["id"], premium(number)["id"]);
        assert!(heard.iter().all(|event| *event == heard[0]));
    }
    upline.run(&["user", "disable", "Ann"]).succeeds();
    assert_eq!(server.post("/v1/facts", &finance, &premium(9).to_string()).status, 200);
    assert!(followers[0].next().is_none(), "who may no more hears nothing");
    assert_eq!(followers[1].next().unwrap()["id"], premium(9)["id"]);
    // Who follows does not hold up a server that ends.
    server.end();
    assert!(followers[1].next().is_none());
}

#[test]
fn an_agent_follows_its_own_and_learns_nothing_of_others() {
    let upline = Upline::with(BOOK);
    let log = upline.log();
    let server = Server::start(&upline);
    let finance = server.token(&upline, "Fay", "finance");
    let agent = server.agent_token(&upline, "Abel", "A001");
    let other = server.agent_token(&upline, "Bea", "A002");
    let answer = server.get("/v1/events", &agent);
    let seen = sent(&answer.body);
    assert!(!seen.is_empty() && seen.len() < log.len());
    for name in ["A002", "A003", "MGA1", "\"IMO\"", "IMO:", "carrier:", "position", "actor", "cause"] {
        assert!(!answer.body.contains(name), "{name} in {}", answer.body);
    }
    // What it sees adds up to what the ledger says of it.
    let payable = |events: &[(String, Value)]| -> i64 {
        let entries = events.iter().flat_map(|(_, event)| event["entries"].as_array().unwrap());
        let own = entries.filter(|entry| entry["account"].as_str().unwrap().starts_with("payable:A001"));
        own.map(|entry| entry["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap()).sum()
    };
    let balance = server.get("/v1/balance?as_of=2100-12-31&producer=A001", &agent).json();
    let said = balance["rows"][0]["payable"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    assert_eq!(-payable(&seen), said);
    // It goes on where it was, by a mark that is its own, and is told no place in the log.
    let (mark, _) = &seen[3];
    assert_eq!(sent(&server.get_after("/v1/events", &agent, mark).body), seen[4..]);
    assert_eq!(server.get_after("/v1/events", &other, mark).status, 400);
    assert_eq!(server.get_after("/v1/events", &agent, "4").status, 400);
    assert_eq!(
        server.get("/v1/events?from=40", &agent).status,
        403,
        "it could find out where its events are"
    );
    let numbers = seen.iter().map(|(id, _)| id).filter(|id| id.len() != 32);
    assert_eq!(numbers.count(), 0);
    // What concerns others sends it nothing; what concerns it comes at once.
    let (mark, _) = &seen[seen.len() - 1];
    let producer = json!({"type": "producer_added", "on": "2026-01-01", "producer": "A900", "kind": "agent"});
    assert_eq!(server.post("/v1/facts", &finance, &producer.to_string()).status, 200);

    let mut paid = premium(1);
    paid["policy"] = json!("P-101");
    assert_eq!(server.post("/v1/facts", &finance, &paid.to_string()).status, 200);
    let rest = sent(&server.get_after("/v1/events", &agent, mark).body);
    assert_eq!(rest.iter().map(|(_, event)| &event["id"]).next(), Some(&paid["id"]), "{rest:?}");
    server.end();
}

#[test]
fn contracting_people_follow_what_they_record() {
    let upline = Upline::with(BOOK);
    let log = upline.log();
    let server = Server::start(&upline);
    let contracting = server.token(&upline, "Cleo", "contracting");
    let seen = events(&server.get("/v1/events", &contracting).body);
    let types = [
        "carrier_added",
        "producer_added",
        "grid_published",
        "producer_contracted",
        "contract_changed",
        "persistency_defined",
        "coverage_plan_published",
        "coverage_enrolled",
        "coverage_withdrawn",
        "agent_released",
    ];
    let wanted: Vec<Value> =
        log.into_iter().filter(|event| types.contains(&event["type"].as_str().unwrap())).collect();
    assert_eq!(seen, wanted);
    let admin = server.token(&upline, "Al", "admin");
    assert_eq!(server.get("/v1/events", &admin).status, 403, "who gives rights sees no money");
    server.end();
}
