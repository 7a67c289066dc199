//! Listening, and ending without losing what was accepted.

use crate::app::App;
use crate::connections;
use crate::router::router;
use crate::signing::Signing;
use crate::tls::Certificate;
use crate::webhooks::{HookError, sending};
use crate::who::Doors;
use axum_server::Handle;
use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto::Builder;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use upline_access::AccessError;
use upline_ledger::{Clock, Reader, WriterHandle};

/// How long those who are being answered may take when the server ends.
const GRACE: Duration = Duration::from_secs(20);

/// How long a client may take to say what it asks for.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest head of a request.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// How a server runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The directory of the ledger, with who may.
    pub dir: PathBuf,
    /// Listen on other addresses than loopback though nothing is encrypted.
    pub insecure: bool,
    /// How many bytes of facts a request may bring.
    pub facts_bytes_max: usize,
    /// What signs checkpoints and evidence, where there is a key.
    pub signing: Option<Signing>,
    /// What encrypts, where there is a certificate.
    pub certificate: Option<Certificate>,
    /// Requests a second of one asker.
    pub rate: NonZeroU32,
}

/// Why a server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// What is sent there can be read by others.
    #[error(
        "{0} can be reached from elsewhere, and nothing is encrypted: give a --certificate, listen on 127.0.0.1 behind a \
         server that encrypts, or say --insecure"
    )]
    Insecure(SocketAddr),
    /// It cannot encrypt with this.
    #[error("{0} and its private key cannot be used: {1}")]
    Certificate(PathBuf, std::io::Error),
    /// It cannot listen there.
    #[error("{0} cannot be listened on: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// Who may cannot be known.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Webhooks cannot be known or changed.
    #[error(transparent)]
    Hooks(#[from] HookError),
    /// The machine does not let it run.
    #[error("the server cannot run: {0}")]
    Run(#[from] std::io::Error),
}

impl ServeError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ServeError::Insecure(_) => "insecure",
            ServeError::Certificate(..) => "certificate",
            ServeError::Listen(..) => "listen",
            ServeError::Access(error) => error.code(),
            ServeError::Hooks(error) => error.code(),
            ServeError::Run(_) => "run",
        }
    }
}

impl Config {
    /// Refuses what nobody should serve with.
    pub fn check(&self) -> Result<(), ServeError> {
        if !self.listen.ip().is_loopback() && !self.insecure && self.certificate.is_none() {
            return Err(ServeError::Insecure(self.listen));
        }
        Ok(())
    }
}

/// Serves a ledger until a signal ends it; `listening` hears where. Returns once all that was accepted is answered.
pub fn serve(
    config: &Config,
    reader: Reader,
    writer: WriterHandle,
    clock: Arc<dyn Clock>,
    listening: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    config.check()?;
    let doors = Doors::open(&config.dir, config.certificate.is_some())?;
    let files = connections::allow_many();
    tracing::info!(files, "files and connections that may be open");
    let app = App::new(reader, writer, doors, &config.dir, clock, config.facts_bytes_max)?;
    let app = Arc::new(app.signing(config.signing.clone()).rate(config.rate));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let tls = match &config.certificate {
        Some(certificate) => {
            let unusable = |error| ServeError::Certificate(certificate.chain.clone(), error);
            Some((certificate.clone(), runtime.block_on(certificate.read()).map_err(unusable)?))
        }
        None => None,
    };
    let cannot = |error| ServeError::Listen(config.listen, error);
    let listener = TcpListener::bind(config.listen).map_err(cannot)?;
    listener.set_nonblocking(true)?;
    listening(listener.local_addr()?);
    runtime.block_on(async {
        let handle = Handle::new();
        tokio::spawn(end(handle.clone(), app.ending.clone())?);
        let hooks = tokio::spawn(sending::send(Arc::clone(&app), config.dir.clone()));
        let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
        match tls {
            Some((certificate, tls)) => {
                tokio::spawn(certificate.follow(tls.clone()));
                let mut server = axum_server::from_tcp_rustls(listener, tls)?.handle(handle);
                limit(server.http_builder());
                server.serve(service).await?;
            }
            None => {
                let mut server = axum_server::from_tcp(listener)?.handle(handle);
                limit(server.http_builder());
                server.serve(service).await?;
            }
        }
        hooks.await.map_err(std::io::Error::other)
    })?;
    Ok(())
}

/// What a client may take, and bring as a head.
fn limit(builder: &mut Builder<TokioExecutor>) {
    builder.http1().header_read_timeout(HEADER_TIMEOUT).max_buf_size(HEAD_BYTES_MAX);
}

/// Ends the server when a signal comes.
fn end(handle: Handle<SocketAddr>, ending: watch::Sender<bool>) -> std::io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        ending.send_replace(true);
        handle.graceful_shutdown(Some(GRACE));
    })
}
