//! How far a webhook came, and what became of the last deliveries.

use crate::kept;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::io;
use std::path::Path;

/// Deliveries that are kept of each webhook.
const DELIVERIES_MAX: usize = 100;

/// A try to deliver an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The id of the event.
    pub id: String,
    pub position: u64,
    pub at: String,
    /// Which try it was, from 1.
    pub attempt: u32,
    /// What the receiver answered, where it did.
    pub status: Option<u16>,
    /// One word for what went wrong.
    pub error: Option<String>,
    pub took_ms: u64,
}

/// How far a webhook came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The last position that is done with.
    pub position: u64,
    /// Since when nothing was taken.
    pub failing_since: Option<String>,
    /// Why nothing is sent any more.
    pub disabled: Option<String>,
    pub deliveries: VecDeque<Delivery>,
}

fn name(id: &str) -> String {
    format!("webhook-{id}.json")
}

impl State {
    /// How far a webhook came; `None` where it has yet to begin.
    pub fn read(dir: &Path, id: &str) -> io::Result<Option<State>> {
        let Some(bytes) = kept::read(&dir.join(name(id)))? else { return Ok(None) };
        Ok(Some(serde_json::from_slice(&bytes)?))
    }

    pub fn write(&self, dir: &Path, id: &str) -> io::Result<()> {
        kept::write(dir, &name(id), &serde_json::to_vec(self)?)
    }

    /// Forgets a webhook.
    pub fn remove(dir: &Path, id: &str) -> io::Result<()> {
        match std::fs::remove_file(dir.join(name(id))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Notes a delivery, and forgets the oldest.
    pub fn tried(&mut self, delivery: Delivery) {
        if self.deliveries.len() >= DELIVERIES_MAX {
            self.deliveries.pop_front();
        }
        self.deliveries.push_back(delivery);
    }

    /// What it does, in a word.
    pub fn word(&self) -> &'static str {
        match self {
            State { disabled: Some(_), .. } => "disabled",
            State { failing_since: Some(_), .. } => "failing",
            _ => "active",
        }
    }
}
