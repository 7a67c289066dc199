//! `upline serve`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::remote::Host;
use crate::cli::screen::{self, note, say};
use crate::cli::signing::Signer;
use crate::commands::snapshots;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use upline_access::Access;
use upline_formats::checkpoint::SigningKey;
use upline_ledger::{Ledger, SystemClock, Writer};
use upline_server::{Config, NotSigned, Signing, Signs};

/// Serve the ledger over HTTP: an API for programs, beside one writer and any number of readers
///
/// Who may is set with upline user and upline token. Ends with SIGINT or SIGTERM, when everything that was accepted is
/// recorded and answered. While it runs, it does what other commands on this ledger ask for, with the same output and exit codes.
#[derive(clap::Args)]
pub struct Serve {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", env = "UPLINE_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Listen on an address that others reach, though nothing is encrypted
    #[arg(long)]
    insecure: bool,
    /// The longest body of facts, in MiB
    #[arg(long, value_name = "MIB", default_value = "256")]
    facts_max: NonZeroUsize,
    /// The key that signs checkpoints, proofs and the evidence of a close, made by upline key
    #[arg(long, value_name = "FILE", env = "UPLINE_KEY", hide_env_values = true)]
    key: Option<PathBuf>,
}

/// A key that remembers what it signed last.
struct OfServer(Signer);

impl Signs for OfServer {
    fn check(&self, ledger: &Ledger) -> Result<(), NotSigned> {
        self.0.check(ledger).map(|_| ()).map_err(not_signed)
    }

    fn sign(&self, ledger: &Ledger, size: u64) -> Result<String, NotSigned> {
        self.0.sign(ledger, size).map_err(not_signed)
    }

    fn key(&self, ledger: &Ledger, size: u64) -> Result<&SigningKey, NotSigned> {
        self.0.note(ledger, size).map_err(not_signed)?;
        Ok(self.0.key())
    }
}

fn not_signed(failure: Failure) -> NotSigned {
    NotSigned {
        code: failure.code().unwrap_or("unsigned"),
        why: failure.sentence(Path::new("")).unwrap_or_default(),
    }
}

impl Serve {
    /// Serves there, and is as usual otherwise.
    pub fn at(listen: SocketAddr) -> Serve {
        Serve { listen, insecure: false, facts_max: NonZeroUsize::MIN.saturating_add(255), key: None }
    }

    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let signer = self.key.as_deref().map(Signer::open).transpose()?;
        let config = Config {
            listen: self.listen,
            dir: context.dir.clone(),
            insecure: self.insecure,
            facts_bytes_max: self.facts_max.get().saturating_mul(1024 * 1024),
            signing: signer.map(|signer| Signing::new(OfServer(signer))),
        };
        config.check()?;
        let writer = Writer::start(context.open_here_to_record()?.keep_warm());
        let (reader, handle) = (writer.reader(), writer.handle());
        // Where no socket can be made, other commands wait, as they would for any that has the ledger.
        let answering = Host::open(&context.dir, writer.reader(), Some(writer.handle()), crate::run);
        if let Err(error) = &answering {
            note(&format!(
                "upline: other commands on this ledger will wait, as its socket cannot be made: {error}"
            ));
        }
        let nobody = Access::open(&context.dir)?.users().is_empty();
        let served = upline_server::serve(&config, reader, handle, Arc::new(SystemClock), |address| {
            // Where nobody reads that it is there, it serves all the same.
            let _ = say!(screen::stdout(), "Listening on http://{address}");
            if nobody {
                note("Nobody may ask yet: upline user add NAME --role ROLE, and upline token new NAME.");
            }
        });
        // It ends once the commands that it is doing are done.
        drop(answering);
        let ledger = writer.stop()?;
        snapshots::store(&ledger);
        Ok(served?)
    }
}
