//! Which webhooks there are.

use crate::kept::{self, random};
use crate::webhooks::sign;
use axum::http::Uri;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use upline_core::fact::types::FactType;
use upline_core::time::Moment;

/// The name of the file.
pub const HOOKS_FILE: &str = "webhooks.json";

const LOCK_FILE: &str = ".webhooks.lock";
const VERSION: u32 = 1;
const HOOKS_MAX: usize = 32;
/// The highest position that all programs can write.
const FROM_MAX: u64 = (1 << 53) - 1;

const ADDRESS_BYTES_MAX: usize = 2_048;

/// Why webhooks are not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    #[error("{} cannot be read or written: {error}", path.display())]
    File {
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    #[error(
        "a webhook goes to an https address, or to http on this machine, without a name or password in it"
    )]
    Address,
    #[error("there are no events of the type {0}")]
    Type(String),
    #[error("there is no webhook {0}")]
    Unknown(String),
    #[error("there are {HOOKS_MAX} webhooks, and no more are possible: remove one first")]
    TooMany,
}

impl HookError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            HookError::File { .. } => "webhooks_file",
            HookError::Address => "webhook_address",
            HookError::Type(_) => "webhook_type",
            HookError::Unknown(_) => "unknown_webhook",
            HookError::TooMany => "webhooks_max",
        }
    }
}

/// A webhook.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    pub id: String,
    pub url: String,
    /// The types of events that it wants; all of them where it names none.
    pub types: Vec<String>,
    /// The first position that it wants; what is recorded from when the server first sees it where there is none.
    pub from: Option<u64>,
    pub secret: String,
    pub created_at: String,
    /// Who made it; nobody where the command line did.
    pub created_by: Option<String>,
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hook").field("id", &self.id).field("url", &self.url).finish_non_exhaustive()
    }
}

/// What a webhook is made of.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewHook {
    pub url: String,
    #[serde(default)]
    pub types: Vec<String>,
    #[serde(default, deserialize_with = "whole")]
    pub from: Option<u64>,
}

/// A whole number as JSON Schema has it: 3.0 is one.
fn whole<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(deserializer)? else { return Ok(None) };
    let text = number.to_string();
    let parsed =
        text.strip_suffix(".0").unwrap_or(&text).parse().ok().filter(|position| *position <= FROM_MAX);
    parsed.map(Some).ok_or_else(|| serde::de::Error::custom("from is a position: a whole number from 0 on"))
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    hooks: Vec<Hook>,
}

/// The webhooks of a ledger.
#[derive(Clone, Debug)]
pub struct Hooks {
    dir: PathBuf,
}

impl Hooks {
    /// Those beside a ledger.
    pub fn of(dir: &Path) -> Hooks {
        Hooks { dir: dir.to_owned() }
    }

    /// All of them.
    pub fn list(&self) -> Result<Vec<Hook>, HookError> {
        let path = self.dir.join(HOOKS_FILE);
        let failed = |error| HookError::File { path: path.clone(), error };
        let Some(bytes) = kept::read(&path).map_err(failed)? else { return Ok(Vec::new()) };
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|error| failed(error.into()))?;
        if kept.version != VERSION {
            return Err(failed(io::Error::other("it is of another version")));
        }
        Ok(kept.hooks)
    }

    /// Adds one; its secret is shown this once.
    pub fn add(&self, new: NewHook, by: Option<&str>, now: Moment) -> Result<Hook, HookError> {
        if !is_address(&new.url) {
            return Err(HookError::Address);
        }
        let known = |name: &str| FactType::named(name).is_some();
        if let Some(unknown) = new.types.iter().find(|name| !known(name)) {
            return Err(HookError::Type(unknown.clone()));
        }
        let made = || -> io::Result<(String, String)> {
            let id = random::<6>()?.iter().map(|byte| format!("{byte:02x}")).collect();
            Ok((id, sign::secret()?))
        };
        let (id, secret) = made().map_err(|error| self.failed(error))?;
        let NewHook { url, types, from } = new;
        let (created_at, created_by) = (now.to_string(), by.map(str::to_owned));
        let hook = Hook { id, url, types, from, secret, created_at, created_by };
        self.change(|hooks| {
            if hooks.len() >= HOOKS_MAX {
                return Err(HookError::TooMany);
            }
            hooks.push(hook.clone());
            Ok(())
        })?;
        Ok(hook)
    }

    /// Removes one.
    pub fn remove(&self, id: &str) -> Result<(), HookError> {
        self.change(|hooks| {
            let place = hooks.iter().position(|hook| hook.id == id);
            hooks.remove(place.ok_or_else(|| HookError::Unknown(id.to_owned()))?);
            Ok(())
        })
    }

    /// One of them.
    pub fn one(&self, id: &str) -> Result<Hook, HookError> {
        let found = self.list()?.into_iter().find(|hook| hook.id == id);
        found.ok_or_else(|| HookError::Unknown(id.to_owned()))
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Hook>) -> Result<(), HookError>) -> Result<(), HookError> {
        // Whoever else changes them meanwhile waits.
        let lock = || -> io::Result<File> {
            let path = self.dir.join(LOCK_FILE);
            let file = File::options().create(true).truncate(false).write(true).open(path)?;
            file.lock()?;
            Ok(file)
        };
        let _lock = lock().map_err(|error| self.failed(error))?;
        let mut hooks = self.list()?;
        change(&mut hooks)?;
        let text = serde_json::to_vec_pretty(&Kept { version: VERSION, hooks });
        let written =
            text.map_err(io::Error::from).and_then(|text| kept::write(&self.dir, HOOKS_FILE, &text));
        written.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> HookError {
        HookError::File { path: self.dir.join(HOOKS_FILE), error }
    }
}

/// Whether events may be sent there: encrypted, or to this machine.
fn is_address(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let plain = url.len() <= ADDRESS_BYTES_MAX && !host.is_empty() && !authority.as_str().contains('@');
    plain && (scheme == "https" || scheme == "http" && loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_encrypted_or_stays_on_the_machine() {
        for good in
            ["https://crm.example/in?a=b", "http://127.0.0.1:9000/", "http://[::1]/x", "http://localhost"]
        {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "http://crm.example/",
            "http://127.0.0.1.example/",
            "http://localhost.example/",
            "https://ann:secret@crm.example/",
            "http://crm.example@127.0.0.1/",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "//crm.example",
            "https://",
            "crm.example",
            "",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
