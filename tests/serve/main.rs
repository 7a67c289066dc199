//! The real server over HTTP: what it answers, who it lets in, what it keeps when it is killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../common/mod.rs"]
mod common;
mod elsewhere;
mod events;
mod hostile;
mod load;
mod month;
mod operated;
mod receiver;
mod server;
mod webhooks;

use common::Upline;
use serde_json::{Value, json};
use server::Server;

const BOOK: &str = include_str!("../../src/commands/demo/book.jsonl");

fn premium(number: u64) -> Value {
    json!({"type": "premium_paid", "on": "2026-01-15", "carrier": "C1", "policy": "P-102", "amount": "100.00",
        "id": format!("00000000-0000-4000-8000-{number:012}")})
}

#[test]
fn the_server_says_what_the_command_line_says() {
    for upline in [Upline::with(BOOK), Upline::with_in_files(BOOK)] {
        let questions = [
            ("/v1/balance?as_of=2025-12-31", "balance --as-of 2025-12-31"),
            (
                "/v1/balance?as_of=2025-06-30&known_at=2025-06-30T23:59:59Z&by=carrier",
                "balance --as-of 2025-06-30 --known-at 2025-06-30T23:59:59Z --by carrier",
            ),
            ("/v1/accounts?as_of=2025-12-31&at_position=40", "accounts --as-of 2025-12-31 --at-position 40"),
            (
                "/v1/persistency?as_of=2025-12-31&definition=p4&downline=true",
                "persistency --as-of 2025-12-31 --definition p4 --downline",
            ),
            ("/v1/overrides?as_of=2025-12-31", "overrides --as-of 2025-12-31"),
            ("/v1/coverage?as_of=2025-12-31&explain=true", "coverage --as-of 2025-12-31 --explain"),
            (
                "/v1/policies/C1/P-101/entries?as_of=2025-12-31",
                "explain --as-of 2025-12-31 --policy C1/P-101",
            ),
            ("/v1/policies/C1/P-101/chain?as_of=2025-12-31", "chain --as-of 2025-12-31 --policy C1/P-101"),
            (
                "/v1/producers/MGA1/downline?as_of=2025-12-31&carrier=C1",
                "downline --as-of 2025-12-31 --producer MGA1 --carrier C1",
            ),
            ("/v1/income?year=2025", "tax --year 2025"),
            (
                "/v1/changes?as_of=2025-06-30&from_time=2025-06-30T23:59:59Z&to_time=2025-12-31T00:00:00Z",
                "changes --as-of 2025-06-30 --between 2025-06-30T23:59:59Z 2025-12-31T00:00:00Z",
            ),
            ("/v1/pay-run?through=2025-12-31", "payout --through 2025-12-31"),
            ("/v1/producers/A001/statements/2025-06", "statement --producer A001 --period 2025-06"),
            ("/v1/carrier-statements", "reconcile"),
        ];
        let said: Vec<Value> = questions
            .iter()
            .map(|(_, command)| upline.json(&command.split(' ').collect::<Vec<_>>()))
            .collect();
        let log = upline.run(&["log", "--as-of", "2025-12-31", "--policy", "C1/P-101"]).stdout;
        let table = upline.run(&["balance", "--as-of", "2025-12-31"]).stdout;
        let csv = upline.run(&["balance", "--as-of", "2025-12-31", "--format", "csv"]).stdout;
        let server = Server::start(&upline);
        let auditor = server.token(&upline, "Ann", "auditor");
        for ((address, _), said) in questions.iter().zip(said) {
            assert_eq!(server.get(address, &auditor).json(), said, "{address}");
        }
        let events = server.get("/v1/log?as_of=2025-12-31&policy=C1/P-101", &auditor);
        assert_eq!(events.body, log);
        let answer = server.get("/v1/balance?as_of=2025-12-31&format=table", &auditor);
        assert_eq!((answer.body, answer.kind.as_str()), (table, "text/plain; charset=utf-8"));
        assert_eq!(server.get("/v1/balance?as_of=2025-12-31&format=csv", &auditor).body, csv);
        server.end();
        upline.verified();
    }
}

#[test]
fn who_records_is_who_is_let_in_whatever_the_fact_says() {
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let finance = server.token(&upline, "Fay", "finance");
    let mut fact = premium(1);
    fact["actor"] = json!("Somebody Else");
    assert_eq!(server.post("/v1/facts", &finance, &fact.to_string()).status, 200);
    let again = server.post("/v1/facts", &finance, &fact.to_string()).json();
    assert_eq!(
        (&again["recorded"], &again["already_recorded"]),
        (&json!(0), &json!(1)),
        "it is recorded once"
    );
    // A lifted hold needs an actor, and has one though the fact names nobody.
    let list = json!([premium(2), premium(3)]).to_string();
    assert_eq!(server.post("/v1/facts", &finance, &list).json()["recorded"], 2);
    server.end();
    let events = upline.log();
    let recorded: Vec<&Value> = events.iter().filter(|event| event["on"] == "2026-01-15").collect();
    assert_eq!(recorded.len(), 3);
    assert!(recorded.iter().all(|event| event["actor"] == "Fay"), "{recorded:?}");
}

#[test]
fn a_wrong_fact_is_told_with_its_code_and_nothing_of_its_list_is_recorded() {
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let finance = server.token(&upline, "Fay", "finance");
    let before = server.get("/v1/status", &finance).json();
    let mut wrong = premium(2);
    wrong["policy"] = json!("P-404");
    let list = json!([premium(1), wrong]).to_string();
    let told = server.post("/v1/facts", &finance, &list);
    assert_eq!((told.status, told.kind.as_str()), (422, "application/problem+json"));
    assert_eq!(told.json()["code"], "unknown_policy");
    let lines = format!("{}\n{}\n", premium(1), wrong);
    let told = server.send("/v1/facts", &finance, "application/jsonl", &lines);
    assert_eq!((told.status, told.json()["code"].clone()), (422, json!("unknown_policy")));
    let told = server.post("/v1/facts?dry_run=true", &finance, &json!([premium(1)]).to_string()).json();
    assert_eq!(told["would_change"][0]["producer"], "A001", "{told}");
    for (body, status) in [("", 400), ("{", 400), ("[1]", 422), ("{\"type\":\"nonsense\"}", 422)] {
        assert_eq!(server.post("/v1/facts", &finance, body).status, status, "{body:?}");
    }
    assert_eq!(server.send("/v1/facts", &finance, "text/plain", "x").status, 415);
    let restated = json!({"type": "policy_restated", "on": "2025-06-01", "carrier": "C1", "policy": "P-101",
        "correction": "K1", "chain": "contracts"});
    let told = server.post("/v1/facts", &finance, &restated.to_string());
    assert_eq!((told.status, told.json()["code"].clone()), (403, json!("four_eyes")));
    assert_eq!(server.get("/v1/status", &finance).json(), before, "nothing was recorded");
    let lines = format!("{}\n{}\n", premium(1), premium(2));
    let told = server.send("/v1/facts", &finance, "application/jsonl", &lines).json();
    assert_eq!(told["recorded"], 2, "{told}");
    server.end();
}

#[test]
fn contracting_people_record_contracts_and_no_premiums() {
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let contracting = server.token(&upline, "Cleo", "contracting");
    let producer = json!({"type": "producer_added", "on": "2026-01-01", "producer": "A900", "kind": "agent"});
    assert_eq!(server.post("/v1/facts", &contracting, &producer.to_string()).status, 200);
    let told = server.post("/v1/facts", &contracting, &premium(1).to_string());
    assert_eq!((told.status, told.json()["code"].clone()), (403, json!("not_allowed")));
    let lines = format!("{producer}\n{}\n", premium(1));
    assert_eq!(server.send("/v1/facts", &contracting, "application/jsonl", &lines).status, 403);
    server.end();
}

#[test]
fn nothing_is_sent_twice_to_who_has_it() {
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let finance = server.token(&upline, "Fay", "finance");
    let first = server.get("/v1/balance?as_of=2025-12-31", &finance);
    let again = server.get_if_other("/v1/balance?as_of=2025-12-31", &finance, &first.etag);
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(server.post("/v1/facts", &finance, &premium(1).to_string()).status, 200);
    let other = server.get_if_other("/v1/balance?as_of=2025-12-31", &finance, &first.etag);
    assert_eq!(other.status, 200, "the log has another root");
    // A page goes on where the one before ended, at its position.
    let whole = server.get("/v1/accounts?as_of=2026-12-31", &finance).json();
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("/v1/accounts?as_of=2026-12-31&limit=3{cursor}"), &finance).json();
        rows.extend(page["rows"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
        server.post("/v1/facts", &finance, &premium(2 + rows.len() as u64).to_string());
    }
    assert_eq!(Value::Array(rows), whole["rows"]);
    server.end();
}

#[test]
fn tokens_end_and_wrong_ones_are_nobody() {
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let auditor = server.token(&upline, "Ann", "auditor");
    assert_eq!(server.get("/v1/balance", &auditor).status, 200);
    let wrong = format!("{}x", &auditor[..auditor.len() - 1]);
    for token in [wrong.as_str(), "", "upl_", "upl_00_", "Basic"] {
        let told = server.get("/v1/balance", token);
        assert_eq!((told.status, told.json()["code"].clone()), (401, json!("nobody")), "{token}");
    }
    // The command line changes who may while the server runs.
    upline.run(&["user", "disable", "Ann"]).succeeds();
    assert_eq!(server.get("/v1/balance", &auditor).status, 401, "out with the next request");
    upline.run(&["user", "enable", "Ann"]).succeeds();
    assert_eq!(server.get("/v1/balance", &auditor).status, 200);
    let tokens = upline.json(&["token", "list"]);
    upline.run(&["token", "revoke", tokens["rows"][0]["id"].as_str().unwrap()]).succeeds();
    assert_eq!(server.get("/v1/balance", &auditor).status, 401);
    server.end();
}

#[test]
fn what_others_could_read_is_not_served_unencrypted() {
    let upline = Upline::with(BOOK);
    upline.run(&["serve", "--listen", "0.0.0.0:0"]).fails(1, "nothing is encrypted");
    // And a server that cannot have the ledger says who has it.
    let server = Server::start(&upline);
    upline.run(&["serve", "--listen", "127.0.0.1:0", "--wait", "0"]).fails(3, "upline");
    server.end();
}

#[test]
fn the_description_names_every_route_and_the_headers_are_strict() {
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let described = server.get("/v1/openapi.json", "").json();
    assert_eq!(described["openapi"], "3.1.0");
    for path in ["/v1/balance", "/v1/facts", "/v1/policies/{carrier}/{number}/entries"] {
        assert!(described["paths"][path].is_object(), "{path}");
    }
    let told = server.get("/v1/nowhere", "");
    assert_eq!((told.status, told.kind.as_str()), (404, "application/problem+json"));
    assert!(told.policy.starts_with("default-src 'none'"), "{}", told.policy);
    assert_eq!(server.get("/healthz", "").body, "ok\n");
    assert_eq!(server.get("/readyz", "").json(), json!({"ready": true}));
    assert_eq!(server.get("/metrics", "").status, 401);
    let auditor = server.token(&upline, "Ann", "auditor");
    assert!(server.get("/metrics", &auditor).body.contains("upline_position 74\n"));
    server.end();
}
