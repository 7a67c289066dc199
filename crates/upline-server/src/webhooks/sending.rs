//! Sending events to webhooks, a task for each.

use crate::app::App;
use crate::kept::random;
use crate::webhooks::hooks::{HOOKS_FILE, Hook, Hooks};
use crate::webhooks::sign::signature;
use crate::webhooks::state::{Delivery, State};
use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use upline_answers::events::{self, View};
use upline_core::time::Moment;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

/// How often it is looked whether somebody changed which webhooks there are.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Events that are read together.
const EVENTS_AT_ONCE: u64 = 500;

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// The bytes of a receiver's head that are read; nothing of its body is.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// How long is waited before the second try, and at the most.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// How long a receiver may take nothing until no more is sent.
const GIVE_UP_US: i64 = 5 * 86_400_000_000;

/// A webhook that runs.
struct Running {
    hook: Hook,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Sends to all webhooks of a ledger, whoever changes them, until the server ends.
pub async fn send(app: Arc<App>, dir: PathBuf) {
    let hooks = Hooks::of(&dir);
    let mut running: BTreeMap<String, Running> = BTreeMap::new();
    let (mut ending, mut seen) = (app.ending.subscribe(), None);
    while !*ending.borrow_and_update() {
        let stamp = std::fs::metadata(dir.join(HOOKS_FILE)).ok();
        let stamp = stamp.map(|of| (of.ino(), of.len(), of.mtime(), of.mtime_nsec()));
        if stamp != seen {
            match hooks.list() {
                Ok(listed) => {
                    change(&app, &dir, &mut running, listed).await;
                    seen = stamp;
                }
                Err(error) => tracing::error!(%error, "webhooks are not known"),
            }
        }
        tokio::select! {
            _ = ending.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    for (_, one) in running {
        one.stop.send_replace(true);
        let _ = one.task.await; // it has told what it had to tell
    }
}

/// Ends what is there no more, and begins what is new.
async fn change(
    app: &Arc<App>,
    dir: &std::path::Path,
    running: &mut BTreeMap<String, Running>,
    listed: Vec<Hook>,
) {
    let gone: Vec<String> =
        running.keys().filter(|id| listed.iter().all(|hook| hook.id != **id)).cloned().collect();
    for id in gone {
        let Some(one) = running.remove(&id) else { continue };
        one.stop.send_replace(true);
        let _ = one.task.await;
        if let Err(error) = State::remove(dir, &one.hook.id) {
            tracing::warn!(%error, "what was kept of a webhook stays");
        }
    }
    for hook in listed {
        if running.contains_key(&hook.id) {
            continue;
        }
        let (stop, stopped) = watch::channel(false);
        let sender = Sender { app: Arc::clone(app), dir: dir.to_owned(), hook: hook.clone(), stopped };
        let task = tokio::spawn(sender.run());
        running.insert(hook.id.clone(), Running { hook, stop, task });
    }
}

/// Sends to one webhook.
struct Sender {
    app: Arc<App>,
    dir: PathBuf,
    hook: Hook,
    stopped: watch::Receiver<bool>,
}

/// The webhook ends: it is removed, the server ends, or nothing is taken any more.
struct Ended;

/// What a receiver said.
struct Told {
    status: Option<u16>,
    error: Option<&'static str>,
}

impl Told {
    fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

impl Sender {
    async fn run(mut self) {
        let mut moved = self.app.reader.moved();
        let mut state = match State::read(&self.dir, &self.hook.id) {
            Ok(Some(state)) => state,
            Ok(None) => {
                let now = *moved.borrow_and_update();
                let position = self.hook.from.map_or(now, |from| from.saturating_sub(1));
                State { position, ..State::default() }
            }
            Err(error) => {
                // What is not known is not guessed: nothing is sent twice from the beginning, nor left out.
                return tracing::error!(%error, "how far a webhook came is not known: remove it and add it anew");
            }
        };
        let agent = agent();
        while state.disabled.is_none() {
            if self.keep(&state).is_err() || self.send_on(&agent, &mut state, &mut moved).await.is_err() {
                break;
            }
        }
        let _ = self.keep(&state);
    }

    /// Sends what is there, or waits until there is more.
    async fn send_on(
        &mut self,
        agent: &ureq::Agent,
        state: &mut State,
        moved: &mut watch::Receiver<u64>,
    ) -> Result<(), Ended> {
        let last = *moved.borrow_and_update();
        if state.position >= last {
            return tokio::select! {
                _ = self.stopped.changed() => Err(Ended),
                moved = moved.changed() => moved.map_err(|_| Ended),
            };
        }
        let (from, through) = (state.position + 1, last.min(state.position + EVENTS_AT_ONCE));
        let (app, types) = (Arc::clone(&self.app), self.hook.types.clone());
        let read = self.app.ask(move |ledger| {
            let types: Vec<&str> = types.iter().map(String::as_str).collect();
            let view = if types.is_empty() { View::All } else { View::Types(&types) };
            events::on(&ledger, &app.following, from..=through, view)
        });
        let Ok(Ok(read)) = read.await else {
            tracing::warn!("events for a webhook cannot be read now");
            return self.wait(FIRST_WAIT).await;
        };
        for (position, body) in read {
            self.deliver(agent, state, position, &body).await?;
            state.position = position;
            self.keep(state)?;
        }
        state.position = through;
        Ok(())
    }

    /// Sends an event until it is taken.
    async fn deliver(
        &mut self,
        agent: &ureq::Agent,
        state: &mut State,
        position: u64,
        body: &str,
    ) -> Result<(), Ended> {
        let event: serde_json::Value = serde_json::from_str(body).map_err(|_| Ended)?;
        let id = event.get("id").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let mut attempt = 0;
        loop {
            if *self.stopped.borrow() {
                return Err(Ended);
            }
            attempt += 1;
            let (now, began) = (self.app.clock.now(), Instant::now());
            let told = self.post(agent, &id, position, now, body).await;
            state.tried(Delivery {
                id: id.clone(),
                position,
                at: now.to_string(),
                attempt,
                status: told.status,
                error: told.error.map(str::to_owned),
                took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            });
            if told.is_taken() {
                state.failing_since = None;
                return Ok(());
            }
            let since = state.failing_since.get_or_insert_with(|| now.to_string());
            let failing_us = Moment::parse(since).map_or(0, |since| now.0.saturating_sub(since.0));
            if told.status == Some(410) {
                state.disabled = Some("the receiver says that it is gone for good".to_owned());
            } else if failing_us > GIVE_UP_US {
                state.disabled = Some(format!("nothing was taken since {since}"));
            }
            if state.disabled.is_some() {
                return Err(Ended);
            }
            self.keep(state)?;
            self.wait(wait(attempt)).await?;
        }
    }

    async fn post(&self, agent: &ureq::Agent, id: &str, position: u64, now: Moment, body: &str) -> Told {
        let timestamp = now.0.div_euclid(1_000_000);
        let Some(signed) = signature(&self.hook.secret, id, timestamp, body) else {
            return Told { status: None, error: Some("secret") };
        };
        let request = agent
            .post(&self.hook.url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", signed)
            .header("upline-position", position.to_string());
        let body = body.to_owned();
        let sent =
            tokio::task::spawn_blocking(move || request.send(body).map(|answer| answer.status().as_u16()));
        match sent.await {
            Ok(Ok(status)) => Told { status: Some(status), error: None },
            Ok(Err(error)) => Told { status: None, error: Some(word(&error)) },
            Err(_) => Told { status: None, error: Some("defect") },
        }
    }

    async fn wait(&mut self, wait: Duration) -> Result<(), Ended> {
        tokio::select! {
            _ = self.stopped.changed() => Err(Ended),
            () = tokio::time::sleep(wait) => Ok(()),
        }
    }

    fn keep(&self, state: &State) -> Result<(), Ended> {
        state.write(&self.dir, &self.hook.id).map_err(|error: io::Error| {
            // What cannot be kept would be sent again and again.
            tracing::error!(%error, "how far a webhook came cannot be kept: nothing more is sent");
            Ended
        })
    }
}

/// How long is waited after so many tries: twice as long each time, half of it by chance.
fn wait(attempt: u32) -> Duration {
    let whole = FIRST_WAIT.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1))).min(LONGEST_WAIT);
    let chance = random::<1>().map_or(0, |[byte]| u32::from(byte));
    whole / 2 + whole / 2 * chance / 255
}

/// One word for what went wrong.
fn word(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "timeout",
        ureq::Error::HostNotFound => "host",
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed => "connection",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "tls",
        _ => "protocol",
    }
}

/// What sends: no redirects, no proxy, the certificates that the machine trusts.
fn agent() -> ureq::Agent {
    let trusted = rustls_native_certs::load_native_certs().certs;
    let trusted: Vec<Certificate<'static>> =
        trusted.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::Specific(Arc::new(trusted)))
        .unversioned_rustls_crypto_provider(provider)
        .build();
    let config = ureq::Agent::config_builder()
        .tls_config(tls)
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .max_response_header_size(HEAD_BYTES_MAX)
        .user_agent(concat!("upline/", env!("CARGO_PKG_VERSION")))
        .build();
    config.into()
}
