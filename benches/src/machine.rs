//! What was measured on: figures mean nothing without it.

use crate::external;
use std::fs;
use std::path::Path;

/// The machine and the versions of everything that was measured, as a list in Markdown.
pub fn facts(dir: &Path) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_else(unknown);
    let load = first_line("/proc/loadavg").unwrap_or_else(unknown);
    let version = |program: &str| external::version(program).unwrap_or_else(|| "not installed".to_owned());
    let lines = [
        ("CPU", format!("{}, {cores} cores", field("/proc/cpuinfo", "model name").unwrap_or_else(unknown))),
        ("memory", memory),
        ("files", format!("on {}", file_system(dir).unwrap_or_else(unknown))),
        ("kernel", first_line("/proc/sys/kernel/osrelease").unwrap_or_else(unknown)),
        ("load when it began", load),
        ("rustc", version("rustc")),
        ("SQLite", format!("{} in process, {} as a program", rusqlite::version(), version("sqlite3"))),
        ("doubleentry", "0.8".to_owned()),
        ("DuckDB", version("duckdb")),
        ("hledger", version("hledger")),
    ];
    lines.iter().map(|(name, fact)| format!("- {name}: {fact}\n")).collect()
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn first_line(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.lines().next()?.to_owned())
}

/// What stands behind a name and a colon in a file.
pub fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs.into_iter().find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
}

/// The kind of file system that a directory lies on: a sync in memory costs nothing.
fn file_system(dir: &Path) -> Option<String> {
    let dir = dir.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let mount = |line: &str| {
        let mut words = line.split(' ').skip(1);
        let (at, kind) = (words.next()?, words.next()?);
        dir.starts_with(at).then(|| (at.len(), kind.to_owned()))
    };
    mounts.lines().filter_map(mount).max().map(|(_, kind)| kind)
}
