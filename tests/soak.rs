//! Random commands of several processes on one ledger, killed and starved of disk in between: whatever was acknowledged
//! is there once, and the ledger verifies. An hour with `UPLINE_LONG=1`, or as
//! many seconds as `UPLINE_SOAK_SECONDS` says; else a few.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{Done, Upline, three_levels};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const SECONDS: u64 = 5;
const SECONDS_LONG: u64 = 3_600;

/// How many processes are at it at a time.
const WORKERS: u64 = 3;

/// A random number generator that is the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// What became of the carriers that were to be recorded: whether that was acknowledged.
type Journal = Mutex<BTreeMap<String, bool>>;

#[test]
fn random_commands_with_kills_and_full_disks_lose_nothing() {
    let long = std::env::var_os("UPLINE_LONG").is_some();
    let wanted = std::env::var("UPLINE_SOAK_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let seconds = wanted.unwrap_or(if long { SECONDS_LONG } else { SECONDS });
    let lasts = Duration::from_secs(seconds) / 2;
    for (engine, upline) in
        [("the usual one", Upline::with(&three_levels())), ("files", Upline::with_in_files(&three_levels()))]
    {
        upline.run(&["key", "audit.key", "--name", "example.com/book"]).succeeds();
        let journal = Journal::default();
        let began = Instant::now();
        std::thread::scope(|scope| {
            for worker in 0..WORKERS {
                let (upline, journal) = (&upline, &journal);
                scope.spawn(move || {
                    let mut dice = Dice(worker + 1);
                    let mut count = 0;
                    while began.elapsed() < lasts {
                        count += 1;
                        one(upline, journal, &format!("{worker}-{count}"), &mut dice);
                    }
                });
            }
        });
        let (_, root) = upline.verified();
        let mut recorded: BTreeMap<String, u64> = BTreeMap::new();
        for event in upline.log() {
            if event["type"] == "carrier_added" {
                *recorded.entry(event["carrier"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
        let journal = journal.into_inner().unwrap();
        for (carrier, acknowledged) in &journal {
            let times = recorded.get(carrier).copied().unwrap_or_default();
            assert!(
                times == 1 || (!acknowledged && times == 0),
                "{engine}: {carrier} is there {times} times"
            );
        }
        assert!(journal.values().filter(|acknowledged| **acknowledged).count() > 2, "{engine}: {journal:?}");
        // Derived files come back the same.
        let balances = upline.rows(&["balance", "--as-of", "2026-01-01"]);
        upline.run(&["snapshots", "--rebuild"]).succeeds();
        assert_eq!(upline.rows(&["balance", "--as-of", "2026-01-01"]), balances);
        assert_eq!(upline.verified().1, root);
    }
}

/// One random command.
fn one(upline: &Upline, journal: &Journal, name: &str, dice: &mut Dice) {
    let carrier = |n: u64| format!("X{name}-{n}");
    let line = |n: u64| {
        format!("{{\"type\":\"carrier_added\",\"on\":\"2025-01-01\",\"carrier\":\"{}\"}}\n", carrier(n))
    };
    let (file, backup) = (format!("{name}.jsonl"), format!("{name}.tar"));
    let mut carriers = vec![carrier(0)];
    let one = ["record", "carrier_added", "--on", "2025-01-01", "--carrier", &carriers[0].clone()]
        .map(str::to_owned);
    let command: Vec<String> = match dice.below(10) {
        0..=3 => one.to_vec(),
        4..=5 => {
            let many = 1 + dice.below(3_000);
            carriers = (0..many).map(carrier).collect();
            upline.write(&file, (0..many).map(line).collect::<String>());
            vec!["import".to_owned(), file.clone()]
        }
        6 => ["balance", "--as-of", "2025-12-31"].map(str::to_owned).to_vec(),
        7 => vec!["backup".to_owned(), backup.clone()],
        8 => ["checkpoint", "--key", "audit.key"].map(str::to_owned).to_vec(),
        _ => ["log", "--from", "10"].map(str::to_owned).to_vec(),
    };
    let records = matches!(command[0].as_str(), "record" | "import");
    let args: Vec<&str> = command.iter().map(String::as_str).collect();
    // A file may not grow beyond so many blocks, as on a full disk.
    let full = dice.below(6) == 0;
    let limit = if full { format!("ulimit -f {};", 1 + dice.below(900)) } else { String::new() };
    let script = format!("{limit} exec \"$0\" --wait 60 \"$@\"");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_upline")]).args(&args).current_dir(upline.path(""));
    let mut child = shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    if dice.below(4) == 0 {
        // After a random number of looks at it, however long they take.
        for _ in 0..dice.below(20_000) {
            if child.try_wait().unwrap().is_some() {
                break;
            }
        }
        child.kill().unwrap();
    }
    let done = Done::of(child.wait_with_output().unwrap());
    if records {
        let acknowledged = done.code == Some(0);
        journal.lock().unwrap().extend(carriers.into_iter().map(|carrier| (carrier, acknowledged)));
    }
    for left in [file, backup] {
        let _ = std::fs::remove_file(upline.path(&left));
    }
    // Killed by us, refused for want of room, or done.
    assert!(matches!(done.code, None | Some(0 | 1 | 3)), "{args:?}: {done:?}");
}
