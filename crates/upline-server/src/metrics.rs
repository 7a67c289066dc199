//! What a server counts, in the text format of Prometheus: no names, no amounts.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The upper ends of the classes of durations, in microseconds.
const CLASSES_US: [u64; 9] =
    [1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000, 10_000_000];

/// A distribution of durations.
#[derive(Clone, Copy, Debug, Default)]
struct Durations {
    classes: [u64; CLASSES_US.len()],
    count: u64,
    sum_us: u64,
}

impl Durations {
    fn add(&mut self, took: Duration) {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for (class, end) in self.classes.iter_mut().zip(CLASSES_US) {
            *class += u64::from(took_us <= end);
        }
        self.count += 1;
        self.sum_us = self.sum_us.saturating_add(took_us);
    }

    fn write(&self, out: &mut String, name: &str, labels: &str) {
        let comma = if labels.is_empty() { "" } else { "," };
        for (class, end) in self.classes.iter().zip(CLASSES_US) {
            let end = seconds(end);
            let _ = writeln!(out, "{name}_bucket{{{labels}{comma}le=\"{end}\"}} {class}");
        }
        let _ = writeln!(out, "{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {}", self.count);
        let _ = writeln!(out, "{name}_sum{{{labels}}} {}", seconds(self.sum_us));
        let _ = writeln!(out, "{name}_count{{{labels}}} {}", self.count);
    }
}

/// Microseconds as seconds, exactly.
fn seconds(us: u64) -> String {
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

/// What a server counts.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Requests by method, route and status.
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    /// How long requests of a route took.
    took: Mutex<BTreeMap<String, Durations>>,
    /// How long facts waited until they were durable.
    commits: Mutex<Durations>,
    /// Facts that wait to be recorded.
    queue: AtomicU64,
}

impl Metrics {
    /// A request was answered.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((method.to_owned(), route.to_owned(), status)).or_default() += 1;
        drop(requests);
        let mut durations = self.took.lock().unwrap_or_else(PoisonError::into_inner);
        durations.entry(route.to_owned()).or_default().add(took);
    }

    /// So many facts are handed in.
    pub fn handed_in(&self, facts: u64) {
        self.queue.fetch_add(facts, Ordering::Relaxed);
    }

    /// So many facts are durable, or refused.
    pub fn done(&self, facts: u64, took: Duration) {
        self.queue.fetch_sub(facts, Ordering::Relaxed);
        self.commits.lock().unwrap_or_else(PoisonError::into_inner).add(took);
    }

    /// All of it, with the position of the log.
    pub fn write(&self, position: u64) -> String {
        let mut out = String::new();
        let head = |out: &mut String, name: &str, kind: &str, help: &str| {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        };
        head(&mut out, "upline_position", "gauge", "Position of the last event that readers see");
        let _ = writeln!(out, "upline_position {position}");
        head(&mut out, "upline_queue_facts", "gauge", "Facts handed in and not yet durable");
        let _ = writeln!(out, "upline_queue_facts {}", self.queue.load(Ordering::Relaxed));
        head(&mut out, "upline_commit_seconds", "histogram", "From handing facts in to their being durable");
        self.commits.lock().unwrap_or_else(PoisonError::into_inner).write(
            &mut out,
            "upline_commit_seconds",
            "",
        );
        head(&mut out, "upline_requests_total", "counter", "Requests by method, route and status");
        for ((method, route, status), count) in &*self.requests.lock().unwrap_or_else(PoisonError::into_inner)
        {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            let _ = writeln!(out, "upline_requests_total{{{labels}}} {count}");
        }
        head(&mut out, "upline_request_seconds", "histogram", "How long requests took, by route");
        for (route, durations) in &*self.took.lock().unwrap_or_else(PoisonError::into_inner) {
            durations.write(&mut out, "upline_request_seconds", &format!("route=\"{route}\""));
        }
        out
    }
}
