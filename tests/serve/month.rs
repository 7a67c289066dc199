//! A month's end over HTTP, told by who does what: finance takes in, settles and proposes; somebody else approves; finance
//! pays and closes; an auditor takes the proofs away.

use crate::common::Upline;
use crate::server::{Answered, Server, Session};
use serde_json::{Value, json};
use std::fs;

const BOOK: &str = include_str!("../data/month-end/book.jsonl");
const PROFILE: &str = include_str!("../data/month-end/aml.toml");
const STATEMENT: &str = include_str!("../data/month-end/june.csv");
const LATE: &str = include_str!("../data/month-end/late.jsonl");
const BANKS: &str = include_str!("../data/month-end/banks.csv");
const ORIGINATOR: &str = include_str!("../../profiles/originator.toml");

/// A ledger with a key, and the server that has it.
fn office() -> (Upline, Server) {
    let upline = Upline::new();
    upline.write("book.jsonl", BOOK);
    upline.run(&["import", "book.jsonl"]).succeeds();
    upline.run(&["key", "finance.key", "--name", "example.com/harbor"]).succeeds();
    let server = Server::start_with(&upline, &["--key", "finance.key"]);
    (upline, server)
}

#[track_caller]
fn refused(answer: &Answered, status: u16, code: &str) {
    assert_eq!(answer.kind, "application/problem+json", "{answer:?}");
    assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{answer:?}");
}

#[track_caller]
fn done(answer: Answered) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The files of a statement with its profile, as a browser sends them.
fn parts(profile: &str, statement: &str) -> String {
    let part = |name: &str, file: &str, text: &str| {
        format!(
            "--edge\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n{text}\r\n"
        )
    };
    format!(
        "{}{}--edge--\r\n",
        part("profile", "aml.toml", profile),
        part("statement", "june.csv", statement)
    )
}

const PARTS: &str = "multipart/form-data; boundary=edge";

fn takes_the_statement_in(server: &Server, finance: &str) -> u64 {
    let take = |query: &str| {
        server.send(&format!("/v1/carrier-statements?{query}"), finance, PARTS, &parts(PROFILE, STATEMENT))
    };
    refused(&take("total=3204.00"), 422, "control_total");
    let seen = done(take("total=3242.00&dry_run=true"));
    assert_eq!(
        (&seen["statements"][0]["open"], &seen["statements"][0]["statement"]),
        (&json!(3), &Value::Null)
    );
    let taken = done(take("total=3242.00"));
    let statement = taken["statements"][0]["statement"].as_u64().unwrap();
    assert_eq!(taken["received_before"], false);
    // The profile is kept from then on, and the same file again changes nothing.
    let kept = done(server.get("/v1/profiles", finance));
    assert_eq!((&kept["rows"][0]["profile"], &kept["rows"][0]["version"]), (&json!("aml-life"), &json!(1)));
    let address = "/v1/carrier-statements?profile=aml-life&name=june.csv";
    let again = done(server.send(address, finance, "text/csv", STATEMENT));
    assert_eq!((&again["received_before"], &again["position"]), (&json!(true), &taken["position"]));
    refused(
        &server.send("/v1/carrier-statements?profile=aml", finance, "text/csv", STATEMENT),
        404,
        "unknown_profile",
    );
    refused(&server.send("/v1/carrier-statements", finance, "text/csv", STATEMENT), 400, "parameter");
    // A statement may be long: what is wrong with this one is told.
    let long = format!("{STATEMENT}{}", "x".repeat(3 << 20));
    let told = server.send("/v1/carrier-statements", finance, PARTS, &parts(PROFILE, &long));
    refused(&told, 422, "malformed");
    refused(&server.send("/v1/carrier-statements", finance, PARTS, "--edge--"), 400, "parameter");
    refused(&server.send("/v1/carrier-statements", finance, "image/png", STATEMENT), 415, "media_type");
    statement
}

fn settles_what_is_open(server: &Server, finance: &str, rosa: &Session, statement: u64) {
    let settle = |exception: &str, reason: &str| {
        let body = json!({"exceptions": [format!("{statement}/{exception}")], "reason": reason, "note": "mail of July 2"});
        server.post("/v1/resolutions", finance, &body.to_string())
    };
    assert_eq!(done(settle("L4", "claimed"))["settled"][0]["difference"], "-90.00");
    refused(&settle("L4", "claimed"), 422, "resolved_already");
    // What nobody will pay takes two.
    refused(&settle("L7", "written_off"), 403, "four_eyes");
    let write_off = json!({"action": "write_off", "exceptions": [format!("{statement}/L7")], "note": "too small to ask for"});
    let proposed = done(server.post("/v1/proposals", finance, &write_off.to_string()));
    assert_eq!((&proposed["state"], &proposed["proposed_by"]), (&json!("open"), &json!("Fay")));
    let approved = done(server.post_from(&approval(&proposed), rosa, ""));
    assert_eq!(approved["exceptions"][0]["exception"], "L7");
    assert_eq!(done(server.send("/v1/facts", finance, "application/jsonl", LATE))["recorded"], 1);
    let open = done(server.get(&format!("/v1/carrier-statements?statement={statement}"), finance));
    assert_eq!(open["statements"][0]["open"], 0, "{open}");
}

fn approval(proposed: &Value) -> String {
    format!("/v1/proposals/{}/approval", proposed["proposal"].as_str().unwrap())
}

/// Contracting people know the accounts; somebody else says that they are right.
fn sets_the_accounts(upline: &Upline, server: &Server, rosa: &Session) {
    let contracting = server.token(upline, "Cleo", "contracting");
    for line in BANKS.lines().skip(1) {
        let [producer, routing, account, kind] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
        let change = json!({"action": "bank_change", "producer": producer, "routing": routing, "account": account,
            "account_kind": kind});
        let proposed = server.post("/v1/proposals", &contracting, &change.to_string());
        assert!(!proposed.body.contains(account), "no more of an account than its end: {proposed:?}");
        let set = done(server.post_from(&approval(&done(proposed)), rosa, ""));
        assert_eq!(set["new"], 1);
    }
    let pay = json!({"action": "pay_run", "through": "2026-06-30"}).to_string();
    refused(&server.post("/v1/proposals", &contracting, &pay), 403, "not_allowed");
}

fn pays(server: &Server, finance: &str, rosa: &Session) -> u64 {
    let pay = json!({"action": "pay_run", "through": "2026-06-30"}).to_string();
    let first = done(server.post("/v1/proposals", finance, &pay));
    let rejection = format!("/v1/proposals/{}/rejection", first["proposal"].as_str().unwrap());
    done(server.post_from(&rejection, rosa, &json!({"note": "not before the audit"}).to_string()));
    refused(&server.post_from(&approval(&first), rosa, ""), 422, "decided_already");
    let second = done(server.post("/v1/proposals", finance, &pay));
    let withdrawal = format!("/v1/proposals/{}/withdrawal", second["proposal"].as_str().unwrap());
    done(server.send(&withdrawal, finance, "", ""));
    let third = done(server.post("/v1/proposals", finance, &pay));
    assert_eq!(third["content"]["total"], "2621.60");
    // Neither who proposed it, nor a token of who may.
    refused(&server.send(&approval(&third), finance, "", ""), 403, "not_allowed");
    let waiting = done(server.get("/v1/proposals", finance));
    assert_eq!(waiting["rows"].as_array().unwrap().len(), 1, "{waiting}");
    let paid = done(server.post_from(&approval(&third), rosa, ""));
    assert_eq!((&paid["paid"], &paid["producers"]), (&json!("2621.60"), &json!(3)));
    let run = paid["run"].as_u64().unwrap();
    let write = |query: &str, text: &str| {
        server.send(&format!("/v1/pay-runs/{run}/payment-files{query}"), finance, "application/toml", text)
    };
    refused(&write("", "destination_name = 1"), 422, "originator");
    let file = write("", ORIGINATOR);
    assert_eq!(file.status, 200, "{file:?}");
    assert!(file.body.lines().all(|line| line.len() == 94) && file.body.starts_with("101"), "{}", file.body);
    assert_eq!(write("", ORIGINATOR).body, file.body, "the same options, the same bytes");
    refused(&write("?modifier=B", ORIGINATOR), 422, "other_file");
    assert_eq!(write("?modifier=B&again=true", ORIGINATOR).status, 200);
    run
}

#[test]
fn a_month_is_closed_by_those_who_may_and_never_by_one_alone() {
    let (upline, server) = office();
    let finance = server.token(&upline, "Fay", "finance");
    let rosa = server.log_in("Rosa", &server.person(&upline, "Rosa", "approver"));
    let statement = takes_the_statement_in(&server, &finance);
    refused(&server.send("/v1/closings?through=2026-06-30", &finance, "", ""), 422, "not_closed");
    let blocked = done(server.send("/v1/closings?through=2026-06-30&dry_run=true", &finance, "", ""));
    let red: Vec<&Value> =
        blocked["rows"].as_array().unwrap().iter().filter(|row| row["state"] == "red").collect();
    assert_eq!((red.len(), &red[0]["check"]), (1, &json!("reconciliation")), "{blocked}");
    settles_what_is_open(&server, &finance, &rosa, statement);
    sets_the_accounts(&upline, &server, &rosa);
    let run = pays(&server, &finance, &rosa);
    let closed = done(server.send("/v1/closings?through=2026-06-30", &finance, "", ""));
    assert_eq!(closed["evidence"], "/v1/closings/2026-06-30");
    let list = done(server.get("/v1/closings", &finance));
    assert_eq!(list["rows"][1], json!({"through": "2026-06-30", "closed_at": closed["closed_at"]}));
    let evidence = done(server.get("/v1/closings/2026-06-30", &finance));
    let files = evidence["files"].as_array().unwrap();
    fs::create_dir(upline.path("evidence")).unwrap();
    for file in files {
        upline.write(&format!("evidence/{}", file["name"].as_str().unwrap()), file["text"].as_str().unwrap());
    }
    assert_eq!(server.get("/v1/closings/2026-06-30?format=tar", &finance).kind, "application/x-tar");
    refused(&server.get("/v1/closings/2026-05-01", &finance), 404, "not_found");
    server.end();
    upline.run(&["verify", "--evidence", "evidence", "--public-key", "finance.key.pub"]).succeeds();
    // Whatever was recorded says who did it.
    let events = upline.log();
    let actors: Vec<(&str, &str)> = events
        .iter()
        .filter(|event| event["position"].as_u64() > Some(29) && event.get("cause").is_none())
        .map(|event| (event["type"].as_str().unwrap(), event["actor"].as_str().unwrap_or("nobody")))
        .collect();
    for (what, who) in &actors {
        let expected: &[&str] = match *what {
            "action_proposed" | "bank_details_set" => &["Fay", "Cleo"],
            "action_decided" => &["Rosa", "Fay"],
            _ => &["Fay"],
        };
        assert!(expected.contains(who), "{what} of {who}: {actors:?}");
    }
    assert!(events.iter().any(|event| event["type"] == "payout_made" && event["position"] == run));
    upline.verified();
}

#[test]
fn nobody_approves_what_they_proposed_nor_without_a_second_factor() {
    let (upline, server) = office();
    let rosa = server.person(&upline, "Rosa", "approver");
    // Rosa is an approver now, and was somebody who proposed before.
    server.end();
    let proposed = upline.json(&["propose", "pay-run", "--through", "2026-06-30", "--actor", "rosa"]);
    let server = Server::start_with(&upline, &["--key", "finance.key"]);
    let session = server.log_in("Rosa", &rosa);
    refused(&server.post_from(&approval(&proposed), &session, ""), 422, "same_person");
    let rejection = approval(&proposed).replace("approval", "rejection");
    refused(&server.post_from(&rejection, &session, "{}"), 422, "same_person");
    let unknown = approval(&json!({"proposal": "pay_run-0"}));
    refused(&server.post_from(&unknown, &session, ""), 404, "unknown_proposal");
    // Without the token of the session a page does nothing.
    let forged = Session { csrf: "0".repeat(64), ..session };
    refused(&server.post_from(&approval(&proposed), &forged, ""), 403, "csrf");
    // With a password alone one sees, and approves nothing.
    upline.run(&["user", "add", "Ed", "--role", "approver"]).succeeds();
    upline.feed(&["user", "password", "Ed"], b"correct horse battery\n").succeeds();
    let ed = server.log_in("Ed", "");
    let told = server.post_from(&approval(&proposed), &ed, "");
    refused(&told, 403, "not_allowed");
    assert!(told.body.contains("second factor"), "{told:?}");
    // Nor does a token of who may.
    let token = upline.json(&["token", "new", "Rosa"])["token"].as_str().unwrap().to_owned();
    let told = server.send(&approval(&proposed), &token, "", "");
    refused(&told, 403, "not_allowed");
    assert!(told.body.contains("log in"), "{told:?}");
    // And no fact of one person says that two decided.
    let finance = server.token(&upline, "Fay", "finance");
    let facts = [
        json!({"type": "action_decided", "on": "2026-07-01", "proposal": proposed["proposal"], "decision": "approved"}),
        json!({"type": "payout_made", "on": "2026-06-30", "producer": "A001", "payable": "1.00"}),
        json!({"type": "bank_details_set", "on": "2026-06-30", "producer": "A001", "approved_by": "Rosa",
            "commitment": "0".repeat(64)}),
    ];
    for fact in facts {
        refused(&server.post("/v1/facts", &finance, &fact.to_string()), 403, "four_eyes");
    }
    server.end();
    assert_eq!(upline.rows(&["proposals"])[0]["proposal"], proposed["proposal"], "it still waits");
}

#[test]
fn proofs_and_entries_are_what_the_command_line_writes() {
    let (upline, server) = office();
    let auditor = server.token(&upline, "Ann", "auditor");
    let finance = server.token(&upline, "Fay", "finance");
    let head = done(server.get("/v1/checkpoint", &auditor));
    upline.write("before.checkpoint", head["checkpoint"].as_str().unwrap());
    let premium = LATE.lines().next().unwrap();
    let recorded = done(server.post("/v1/facts", &finance, premium));
    let event = server.get(&format!("/v1/proofs/events/{}", recorded["id"].as_str().unwrap()), &auditor);
    upline.write("event.proof", &event.body);
    let goes_on = server.get(&format!("/v1/proofs/consistency?from={}", head["position"]), &auditor);
    upline.write("goes-on.proof", &goes_on.body);
    let signed = server.get("/v1/checkpoint?format=table", &auditor);
    assert_eq!(signed.kind, "text/plain; charset=utf-8");
    upline.write("after.checkpoint", &signed.body);
    refused(&server.get("/v1/proofs/consistency?from=9000", &auditor), 422, "too_short");
    let nobody = "/v1/proofs/events/00000000-0000-4000-8000-000000000000";
    refused(&server.get(nobody, &auditor), 404, "unknown_event");
    let exports: Vec<(&str, String)> = ["hledger", "beancount", "csv"]
        .into_iter()
        .map(|form| (form, server.get(&format!("/v1/exports/{form}?as_of=2026-06-30"), &auditor).body))
        .collect();
    let book = server.bytes("/v1/exports/xlsx?as_of=2026-06-30", &auditor);
    assert!(book.starts_with(b"PK"), "a workbook is a zip");
    let months = server.bytes("/v1/exports/parquet?as_of=2026-06-30", &auditor);
    assert!(months.windows(4).any(|bytes| bytes == b"PAR1"), "files of Parquet");
    refused(&server.get("/v1/exports/pdf", &auditor), 404, "not_found");
    server.end();
    let key = ["--public-key", "finance.key.pub"];
    upline.run(&[&["verify", "--proof", "event.proof"], &key[..]].concat()).succeeds();
    let since = ["verify", "--proof", "goes-on.proof", "--checkpoint", "before.checkpoint"];
    upline.run(&[&since, &key[..]].concat()).succeeds();
    upline.run(&[&["verify", "--checkpoint", "after.checkpoint"], &key[..]].concat()).succeeds();
    for (form, body) in exports {
        assert_eq!(body, upline.run(&["export", form, "-", "--as-of", "2026-06-30"]).stdout, "{form}");
    }
    // Without a key the head is told unsigned, and nothing is proved or closed.
    let server = Server::start(&upline);
    let head = done(server.get("/v1/checkpoint", &auditor));
    assert_eq!((&head["checkpoint"], head["root"].as_str().map(str::len)), (&Value::Null, Some(64)));
    refused(&server.get("/v1/proofs/consistency?from=1", &auditor), 422, "no_key");
    refused(&server.send("/v1/closings?through=2026-06-30", &finance, "", ""), 422, "no_key");
    server.end();
}
