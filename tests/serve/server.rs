//! A server that runs as long as a test.

use crate::common::Upline;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use upline_access::{Access, code_at};
use upline_core::time::Moment;
use upline_ledger::{Clock, SystemClock};

/// A server of a test's ledger.
pub struct Server {
    child: Child,
    base: String,
    agent: ureq::Agent,
}

/// Somebody who is logged in.
pub struct Session {
    pub cookie: String,
    pub csrf: String,
}

/// What it answered.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub kind: String,
    pub etag: String,
    pub policy: String,
    pub body: String,
}

impl Answered {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Server {
    /// Starts it, and waits until it listens.
    pub fn start(upline: &Upline) -> Server {
        Server::start_with(upline, &[])
    }

    /// The same, with further options.
    pub fn start_with(upline: &Upline, options: &[&str]) -> Server {
        Server::of(upline.command(&[&["serve", "--listen", "127.0.0.1:0"], options].concat()))
    }

    /// Starts it by this command, and waits until it listens.
    pub fn of(mut command: Command) -> Server {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(base) = line.trim_end().strip_prefix("Listening on ") else {
            let mut told = String::new();
            child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
            panic!("it does not listen: {line} {told}");
        };
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Server { base: base.to_owned(), child, agent: config.into() }
    }

    /// The most memory that it ever had.
    pub fn highest_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let highest = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        highest.trim().trim_end_matches(" kB").parse().unwrap()
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    /// Adds a user, and gives a token of it.
    pub fn token(&self, upline: &Upline, name: &str, role: &str) -> String {
        upline.run(&["user", "add", name, "--role", role]).succeeds();
        upline.json(&["token", "new", name])["token"].as_str().unwrap().to_owned()
    }

    /// Adds a user with a password and, where its role needs one, a second factor; gives the secret of that.
    pub fn person(&self, upline: &Upline, name: &str, role: &str) -> String {
        upline.run(&["user", "add", name, "--role", role]).succeeds();
        upline.feed(&["user", "password", name], b"correct horse battery\n").succeeds();
        let mut access = Access::open(&upline.path("ledger")).unwrap();
        let secret = access.enrol(name).unwrap();
        // A code of a minute ago shows it, so that the one of now can still be used.
        let before = Moment(SystemClock.now().0 - 60_000_000);
        access.confirm(name, &code_at(&secret, before).unwrap(), before).unwrap();
        secret
    }

    /// Logs a person in.
    pub fn log_in(&self, name: &str, secret: &str) -> Session {
        let code = code_at(secret, SystemClock.now()).filter(|_| !secret.is_empty());
        let login = json!({"name": name, "password": "correct horse battery", "code": code}).to_string();
        let request = self.agent.post(format!("{}/v1/session", self.base));
        let response = request.header("content-type", "application/json").send(login).unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        let csrf = answered(response).json()["csrf"].as_str().unwrap().to_owned();
        Session { cookie: cookie.split(';').next().unwrap().to_owned(), csrf }
    }

    /// What a page of a session does.
    pub fn post_from(&self, address: &str, session: &Session, body: &str) -> Answered {
        let request = self.agent.post(format!("{}{address}", self.base));
        let request = request.header("cookie", &session.cookie).header("x-csrf-token", &session.csrf);
        let request =
            if body.is_empty() { request } else { request.header("content-type", "application/json") };
        answered(request.send(body).unwrap())
    }

    /// Adds a user who is this producer, and gives a token of it.
    pub fn agent_token(&self, upline: &Upline, name: &str, producer: &str) -> String {
        upline.run(&["user", "add", name, "--role", "agent", "--producer", producer]).succeeds();
        upline.json(&["token", "new", name])["token"].as_str().unwrap().to_owned()
    }

    /// An answer that goes on.
    pub fn stream(&self, address: &str, token: &str) -> impl Read + use<> {
        let request = self.agent.get(format!("{}{address}", self.base));
        let answer = request.header("authorization", format!("Bearer {token}")).call().unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        answer.into_body().into_reader()
    }

    pub fn get(&self, address: &str, token: &str) -> Answered {
        self.get_with(address, token, "x-nothing", "")
    }

    pub fn get_if_other(&self, address: &str, token: &str, etag: &str) -> Answered {
        self.get_with(address, token, "if-none-match", etag)
    }

    pub fn get_after(&self, address: &str, token: &str, last: &str) -> Answered {
        self.get_with(address, token, "last-event-id", last)
    }

    fn get_with(&self, address: &str, token: &str, name: &str, value: &str) -> Answered {
        let request = self.agent.get(format!("{}{address}", self.base)).header(name, value);
        answered(request.header("authorization", format!("Bearer {token}")).call().unwrap())
    }

    /// What it answers, where that is no text.
    pub fn bytes(&self, address: &str, token: &str) -> Vec<u8> {
        let request = self.agent.get(format!("{}{address}", self.base));
        let request = request.header("authorization", format!("Bearer {token}"));
        let mut response = request.call().unwrap();
        assert_eq!(response.status(), 200);
        response.body_mut().read_to_vec().unwrap()
    }

    pub fn post(&self, address: &str, token: &str, body: &str) -> Answered {
        self.send(address, token, "application/json", body)
    }

    pub fn send(&self, address: &str, token: &str, kind: &str, body: &str) -> Answered {
        let request = self.agent.post(format!("{}{address}", self.base)).header("content-type", kind);
        answered(request.header("authorization", format!("Bearer {token}")).send(body).unwrap())
    }

    pub fn remove(&self, address: &str, token: &str) -> Answered {
        let request = self.agent.delete(format!("{}{address}", self.base));
        answered(request.header("authorization", format!("Bearer {token}")).call().unwrap())
    }

    /// Ends it as a service manager does; it must end well.
    pub fn end(mut self) -> String {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status:?}");
        let mut told = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        told
    }

    /// Ends it as a power cut does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed leaves no server behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answered(mut response: ureq::http::Response<ureq::Body>) -> Answered {
    let header = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (status, kind, etag) = (response.status().as_u16(), header("content-type"), header("etag"));
    let policy = header("content-security-policy");
    let body = response.body_mut().with_config().limit(1 << 30).read_to_string().unwrap();
    Answered { status, kind, etag, policy, body }
}
