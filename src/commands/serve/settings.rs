//! How a server runs: by flags, the environment, a file, and what is usual, in this order.

use crate::cli::failure::{Failure, FileWrong};
use crate::cli::files;
use crate::cli::screen::{self, say};
use crate::cli::signing::Signer;
use serde::Deserialize;
use std::fmt::Display;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use upline_formats::checkpoint::SigningKey;
use upline_ledger::Ledger;
use upline_server::rates::RATE;
use upline_server::tls::Certificate;
use upline_server::{Config, NotSigned, Signing, Signs};

/// The longest file of settings.
const FILE_BYTES_MAX: usize = 64 * 1024;

/// Where a server listens where nothing is said.
const LISTEN: &str = "127.0.0.1:8080";

/// The longest body of facts where nothing is said, in MiB.
const FACTS_MAX: usize = 256;

/// What can be set; what is not set is as usual.
#[derive(clap::Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", env = "UPLINE_LISTEN")]
    listen: Option<SocketAddr>,
    /// Listen on an address that others reach, though nothing is encrypted
    #[arg(long, env = "UPLINE_INSECURE", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    insecure: Option<bool>,
    /// The certificate to encrypt with, and those above it (PEM); a renewed one is taken within a minute
    #[arg(long, value_name = "FILE", env = "UPLINE_CERTIFICATE", requires = "private_key")]
    certificate: Option<PathBuf>,
    /// The certificate's private key (PEM), readable by its owner alone
    #[arg(long, value_name = "FILE", env = "UPLINE_PRIVATE_KEY")]
    private_key: Option<PathBuf>,
    /// The longest body of facts, in MiB [default: 256]
    #[arg(long, value_name = "MIB", env = "UPLINE_FACTS_MAX")]
    facts_max: Option<NonZeroUsize>,
    /// Requests a second of one asker [default: 10000]
    #[arg(long, value_name = "N", env = "UPLINE_RATE")]
    rate: Option<NonZeroU32>,
    /// The key that signs checkpoints, proofs and the evidence of a close, made by upline key
    #[arg(long, value_name = "FILE", env = "UPLINE_KEY", hide_env_values = true)]
    key: Option<PathBuf>,
    /// Which of them a file says, by name.
    #[arg(skip)]
    #[serde(skip)]
    of_file: Vec<&'static str>,
}

impl Settings {
    /// Those of a server that listens there.
    pub fn at(listen: SocketAddr) -> Settings {
        Settings { listen: Some(listen), ..Settings::default() }
    }

    /// These, and for what they do not say what a file says.
    pub fn or_file(mut self, file: Option<&Path>) -> Result<Settings, Failure> {
        let Some(path) = file else { return Ok(self) };
        let text = files::read(path, FILE_BYTES_MAX)?;
        let said: Settings =
            toml::from_str(&text).map_err(|error| FileWrong::NoSettings(error.to_string()).of(path))?;
        // What is named in a file lies beside it.
        let beside = |named: PathBuf| path.parent().map_or_else(|| named.clone(), |dir| dir.join(&named));
        take(&mut self.of_file, "listen", &mut self.listen, said.listen);
        take(&mut self.of_file, "insecure", &mut self.insecure, said.insecure);
        take(&mut self.of_file, "certificate", &mut self.certificate, said.certificate.map(beside));
        take(&mut self.of_file, "private_key", &mut self.private_key, said.private_key.map(beside));
        take(&mut self.of_file, "facts_max", &mut self.facts_max, said.facts_max);
        take(&mut self.of_file, "rate", &mut self.rate, said.rate);
        take(&mut self.of_file, "key", &mut self.key, said.key.map(beside));
        Ok(self)
    }

    /// Prints what holds, as a file of settings, each with where it comes from.
    pub fn print(&self) -> Result<(), Failure> {
        let listen = self.listen.map_or_else(|| LISTEN.to_owned(), |listen| listen.to_string());
        self.line("listen", self.listen.is_some(), format!("\"{listen}\""))?;
        self.line("insecure", self.insecure.is_some(), self.insecure.unwrap_or_default())?;
        self.path("certificate", self.certificate.as_deref())?;
        self.path("private_key", self.private_key.as_deref())?;
        self.line(
            "facts_max",
            self.facts_max.is_some(),
            self.facts_max.map_or(FACTS_MAX, NonZeroUsize::get),
        )?;
        self.line("rate", self.rate.is_some(), self.rate.unwrap_or(RATE))?;
        self.path("key", self.key.as_deref())
    }

    fn line(&self, name: &str, is_said: bool, value: impl Display) -> Result<(), Failure> {
        say!(screen::stdout(), "{name} = {value} # {}", self.source(name, is_said))?;
        Ok(())
    }

    fn path(&self, name: &str, path: Option<&Path>) -> Result<(), Failure> {
        match path {
            Some(path) => self.line(name, true, format!("{:?}", path.display().to_string())),
            None => Ok(say!(screen::stdout(), "# {name} is not set")?),
        }
    }

    fn source(&self, name: &str, is_said: bool) -> &'static str {
        if !is_said {
            return "usual";
        }
        if self.of_file.contains(&name) {
            return "file";
        }
        let variable = format!("UPLINE_{}", name.to_uppercase());
        if std::env::var_os(variable).is_some() { "environment, or a flag" } else { "flag" }
    }

    /// How a server with them runs on a ledger.
    pub fn config(&self, dir: &Path) -> Result<Config, Failure> {
        let signer = self.key.as_deref().map(Signer::open).transpose()?;
        let certificate = match (&self.certificate, &self.private_key) {
            (Some(chain), Some(private_key)) => {
                let secret = std::fs::metadata(private_key);
                let mode = secret.map_err(|error| FileWrong::UnreadableKey(error).of(private_key))?.mode();
                if mode & 0o077 != 0 {
                    return Err(FileWrong::Exposed(mode & 0o777).of(private_key));
                }
                Some(Certificate { chain: chain.clone(), private_key: private_key.clone() })
            }
            (None, None) => None,
            _ => {
                let message =
                    "a certificate and its private key come together: set certificate and private_key";
                return Err(Failure::Arguments(message.to_owned()));
            }
        };
        let listen = match self.listen {
            Some(listen) => listen,
            None => LISTEN.parse().map_err(|_| Failure::Arguments(format!("{LISTEN} is no address")))?,
        };
        Ok(Config {
            listen,
            dir: dir.to_owned(),
            insecure: self.insecure.unwrap_or_default(),
            facts_bytes_max: self.facts_max.map_or(FACTS_MAX, NonZeroUsize::get).saturating_mul(1024 * 1024),
            signing: signer.map(|signer| Signing::new(OfServer(signer))),
            certificate,
            rate: self.rate.unwrap_or(RATE),
        })
    }
}

/// Takes a setting from a file where nothing else says it.
fn take<T>(of_file: &mut Vec<&'static str>, name: &'static str, own: &mut Option<T>, said: Option<T>) {
    if own.is_none() && said.is_some() {
        *own = said;
        of_file.push(name);
    }
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
