//! Commands on a ledger that another process has open: the same answers, through a socket in its directory.

use super::BOOK;
use crate::common::{Done, Upline};
use crate::server::Server;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Stdio;

/// What is asked with and without a server. The first line of `verify` and its kind would name what a reader cannot see.
const QUESTIONS: &[&str] = &[
    "balance --as-of 2025-06-30",
    "balance --as-of 2025-06-30 --format json",
    "balance --as-of 2025-12-31 --by policy --format csv",
    "accounts --as-of 2025-12-31",
    "persistency --as-of 2025-12-31 --definition p4 --downline",
    "overrides --as-of 2025-12-31",
    "coverage --as-of 2025-12-31 --explain",
    "explain --policy C1/P-101 --as-of 2025-12-31",
    "chain --policy C1/P-101 --as-of 2025-12-31",
    "downline --producer IMO --carrier C1 --as-of 2025-12-31",
    "changes --as-of 2025-06-30 --between 2025-06-30T23:59:59Z 2025-12-31T00:00:00Z",
    "statement --producer A001 --month 2025-06",
    "tax --year 2025",
    "payout --through 2025-12-31",
    "reconcile",
    "log --policy C1/P-101",
    "directory",
    "export hledger - --as-of 2025-12-31",
    "verify",
    "snapshots",
    "proposals --all",
    "balance --producer NOBODY",
    "explain --policy C1/P-999",
    "balance --at-position 100000",
];

#[test]
fn every_answer_is_the_same_whoever_has_the_ledger_open() {
    for upline in [Upline::with(BOOK), Upline::with_in_files(BOOK)] {
        let ask = || -> Vec<Done> {
            QUESTIONS.iter().map(|words| upline.run(&words.split(' ').collect::<Vec<_>>())).collect()
        };
        let before = ask();
        let server = Server::start(&upline);
        for ((words, before), after) in QUESTIONS.iter().zip(&before).zip(ask()) {
            assert_eq!((before.code, &before.stdout), (after.code, &after.stdout), "{words}");
            assert_eq!(before.stderr, after.stderr, "{words}");
        }
        drop(server);
    }
}

#[test]
fn what_is_recorded_through_a_server_is_seen_there_at_once_and_stays() {
    for upline in [Upline::with(BOOK), Upline::with_in_files(BOOK)] {
        let server = Server::start(&upline);
        let token = server.token(&upline, "Ann", "auditor");
        let premium = ["--on", "2026-01-15", "--carrier", "C1", "--policy", "P-102", "--amount", "100.00"];
        upline.run(&[&["record", "premium_paid"], &premium[..]].concat()).succeeds();
        upline.run(&[&["record", "premium_paid"], &premium[..]].concat()).succeeds();
        assert_eq!(server.get("/v1/status", &token).json()["position"], 75);
        let line =
            r#"{"type":"premium_paid","on":"2026-02-15","carrier":"C1","policy":"P-102","amount":"100.00"}"#;
        upline.feed(&["import", "-"], line.as_bytes()).succeeds();
        upline.write("more.jsonl", line.replace("-02-", "-03-"));
        upline.run(&["import", "more.jsonl"]).succeeds();
        upline.run(&["record", "premium_paid", "--on", "2026-01-15"]).fails(1, "malformed");
        upline.run(&["snapshots", "--rebuild"]).succeeds();
        upline.run(&["backup", "kept.upline"]).succeeds();
        assert_eq!(upline.verified().0, 77);
        assert_eq!(server.get("/v1/status", &token).json()["position"], 77);
        server.end();
        assert!(!upline.path("ledger/socket").exists());
        assert_eq!(upline.verified().0, 77);
    }
}

#[test]
fn a_long_import_answers_who_asks_with_what_is_whole() {
    let upline = Upline::with(BOOK);
    let mut import = upline.command(&["import", "-"]);
    let mut import = import.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = import.stdin.take().unwrap();
    let premium = |day: u32| {
        format!(
            r#"{{"type":"premium_paid","on":"2026-01-{day:02}","carrier":"C1","policy":"P-102","amount":"1.00"}}"#
        )
    };
    writeln!(lines, "{}", premium(1)).unwrap();
    while !upline.path("ledger/socket").exists() {
        std::thread::yield_now();
    }
    // It reads on, and has the ledger; what it holds is not recorded yet.
    let balance = upline.run(&["balance", "--format", "json"]);
    balance.succeeds();
    assert_eq!(balance.json()["position"], 74);
    upline
        .run(&["--wait", "0", "resolve", "30/L4", "--reason", "claimed", "--by", "Dana"])
        .fails(3, "import");
    writeln!(lines, "{}", premium(2)).unwrap();
    drop(lines);
    assert!(import.wait().unwrap().success());
    assert_eq!(upline.json(&["balance"])["position"], 76);
}

#[test]
fn an_asker_that_is_gone_takes_its_import_with_it() {
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let mut import = upline.command(&["import", "-"]);
    let mut import =
        import.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = import.stdin.take().unwrap();
    let line = r#"{"type":"premium_paid","on":"2026-01-15","carrier":"C1","policy":"P-102","amount":"1.00"}"#;
    writeln!(lines, "{line}").unwrap();
    import.kill().unwrap();
    import.wait().unwrap();
    // The writer has it back: others record.
    upline
        .run(&[
            "record",
            "premium_paid",
            "--on",
            "2026-03-15",
            "--carrier",
            "C1",
            "--policy",
            "P-102",
            "--amount",
            "2.00",
        ])
        .succeeds();
    assert_eq!(upline.json(&["balance"])["position"], 75);
    server.end();
}

#[test]
fn rubbish_on_the_socket_and_other_versions_harm_nobody() {
    let upline = Upline::with(BOOK);
    let server = Server::start(&upline);
    let socket = upline.path("ledger/socket");
    for rubbish in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"h\xff\xff\xff\xff", b"h\0\0\0\x02{}", b"", b"x\0\0\0\0"]
    {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(rubbish).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        assert!(!said.starts_with(b"o"), "{said:?}");
    }
    let mut stream = UnixStream::connect(&socket).unwrap();
    let hello = br#"{"version":"0.0.1/9"}"#;
    stream.write_all(&[&b"h\0\0\0"[..], &[u8::try_from(hello.len()).unwrap()], hello].concat()).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.contains("use the same"), "{said}");
    upline.run(&["balance"]).succeeds();
    server.end();
}

#[test]
fn a_socket_that_nobody_listens_on_is_none() {
    let upline = Upline::with(BOOK);
    drop(UnixListener::bind(upline.path("ledger/socket")).unwrap());
    upline.run(&["balance"]).succeeds();
    let server = Server::start(&upline);
    upline.run(&["balance"]).succeeds();
    server.end();
}

#[test]
fn a_ledger_deep_below_has_a_socket_too() {
    let upline = Upline::bare();
    let deep = "a-folder-with-a-long-name/".repeat(6) + "ledger";
    std::fs::create_dir_all(upline.path(&deep)).unwrap();
    upline.run(&["--ledger", &deep, "init"]).succeeds();
    upline.write("book.jsonl", BOOK);
    upline.run(&["--ledger", &deep, "import", "--trust-recorded-at", "book.jsonl"]).succeeds();
    let server = Server::of(upline.command(&["--ledger", &deep, "serve", "--listen", "127.0.0.1:0"]));
    upline.run(&["--ledger", &deep, "--wait", "0", "balance"]).succeeds();
    server.end();
}
