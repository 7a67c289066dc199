//! How a server is run: encrypted, by settings, within limits, with a log that names nobody.

use super::BOOK;
use crate::common::Upline;
use crate::server::Server;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn with_a_certificate_it_serves_encrypted_and_its_cookies_are_secure() {
    let upline = Upline::with(BOOK);
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    upline.write("chain.pem", made.cert.pem());
    upline.write("private.pem", made.signing_key.serialize_pem());
    let private = upline.path("private.pem");
    std::fs::set_permissions(&private, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let words =
        ["serve", "--listen", "127.0.0.1:0", "--certificate", "chain.pem", "--private-key", "private.pem"];
    upline.run(&words).fails(1, "others can read or change this key");
    std::fs::set_permissions(&private, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let server = Server::start_with(&upline, &words[3..]);
    assert!(server.base().starts_with("https://"), "{}", server.base());
    let port = server.base().rsplit_once(':').unwrap().1;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let root = ureq::tls::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let tls = ureq::tls::TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(ureq::tls::RootCerts::new_with_certs(&[root]))
        .build();
    let agent: ureq::Agent =
        ureq::Agent::config_builder().tls_config(tls).http_status_as_error(false).build().into();
    let answer = agent.get(format!("https://localhost:{port}/healthz")).call().unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    let name = upline.run(&["user", "add", "ann", "--role", "auditor"]);
    name.succeeds();
    upline.feed(&["user", "password", "ann"], b"correct horse battery\n").succeeds();
    let login = agent
        .post(format!("https://localhost:{port}/v1/session"))
        .header("content-type", "application/json")
        .send(r#"{"name":"ann","password":"correct horse battery"}"#)
        .unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("Secure") && cookie.contains("HttpOnly"), "{cookie}");
    assert!(std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_ok_and(|plain| {
        plain.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let (mut said, mut plain) = (Vec::new(), plain);
        std::io::Write::write_all(&mut plain, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let _ = plain.read_to_end(&mut said);
        !said.starts_with(b"HTTP/1.1 200")
    }));
}

#[test]
fn settings_come_from_flags_then_the_environment_then_a_file() {
    let upline = Upline::with(BOOK);
    upline.write("upline.toml", "listen = \"127.0.0.1:7001\"\nrate = 50\nfacts_max = 1\n");
    let printed = |words: &[&str], environment: &[(&str, &str)]| {
        let mut command =
            upline.command(&[&["serve", "--print-config", "--config", "upline.toml"], words].concat());
        let output = command.envs(environment.iter().copied()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let by_file = printed(&[], &[]);
    assert!(by_file.contains("listen = \"127.0.0.1:7001\" # file\n"), "{by_file}");
    assert!(by_file.contains("insecure = false # usual\n"), "{by_file}");
    let by_environment = printed(&[], &[("UPLINE_LISTEN", "127.0.0.1:7002")]);
    assert!(by_environment.contains("listen = \"127.0.0.1:7002\" # environment"), "{by_environment}");
    let by_flag = printed(&["--listen", "127.0.0.1:7003"], &[("UPLINE_LISTEN", "127.0.0.1:7002")]);
    assert!(by_flag.contains("listen = \"127.0.0.1:7003\""), "{by_flag}");
    upline.write("wrong.toml", "listen = \"127.0.0.1:7001\"\nlissen = 1\n");
    upline
        .run(&["serve", "--config", "wrong.toml"])
        .fails(1, "wrong.toml is no file of settings: TOML parse error at line 2");
}

#[test]
fn who_asks_too_often_is_told_to_come_back_and_others_are_served() {
    let upline = Upline::with(BOOK);
    let server = Server::start_with(&upline, &["--rate", "5"]);
    let (often, seldom) = (server.token(&upline, "Ann", "auditor"), server.token(&upline, "Fay", "finance"));
    let mut statuses = Vec::new();
    for _ in 0..40 {
        statuses.push(server.get("/v1/status", &often).status);
    }
    assert!(statuses.contains(&200) && statuses.contains(&429), "{statuses:?}");
    let told = (0..40).map(|_| server.get("/v1/status", &often)).find(|told| told.status == 429).unwrap();
    assert_eq!(told.json()["code"], "too_many");
    assert_eq!(server.get("/v1/status", &seldom).status, 200);
}

#[test]
fn its_log_is_json_and_names_nobody_and_no_amount() {
    let upline = Upline::with(BOOK);
    let mut command = upline.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("UPLINE_LOG", "info").env("UPLINE_LOG_FORMAT", "json");
    let server = Server::of(command);
    let token = server.token(&upline, "Annabel", "auditor");
    for address in ["/v1/balance?producer=A001", "/v1/policies/C1/P-101/entries", "/producers/A001"] {
        assert_eq!(server.get(address, &token).status, 200, "{address}");
    }
    let log = server.end();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    let routes: Vec<&str> = lines.iter().filter_map(|line| line["route"].as_str()).collect();
    assert!(routes.contains(&"/v1/balance") && routes.contains(&"/producers/{producer}"), "{log}");
    assert!(lines.iter().filter(|line| line["route"].is_string()).all(|line| line["request"].is_string()));
    for name in ["A001", "P-101", "Annabel", "990.00"] {
        assert!(!log.contains(name), "the log names {name}: {log}");
    }
}

#[test]
fn completions_and_man_pages_are_installed_for_every_command() {
    let upline = Upline::bare();
    upline.run(&["help", "--install", "there"]).succeeds();
    let bash =
        std::fs::read_to_string(upline.path("there/share/bash-completion/completions/upline")).unwrap();
    let help = upline.run(&["help"]).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let mut found = 0;
    for line in commands.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("    ")) {
        let name = line.split_whitespace().next().unwrap();
        if name == "help" {
            continue;
        }
        let page = upline.path(&format!("there/share/man/man1/upline-{name}.1"));
        assert!(std::fs::read_to_string(&page).unwrap().contains(".TH"), "{name}");
        assert!(bash.contains(name), "{name}");
        assert!(upline.run(&["help", name]).stdout.contains("Usage: upline"), "{name}");
        found += 1;
    }
    assert!(found > 30, "{help}");
    upline.run(&["help", "nosuch"]).fails(1, "nosuch is no command");
}
