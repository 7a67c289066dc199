//! The real program, and the power goes: what it does to the files of a ledger of the usual engine is written down,
//! write by write and sync by sync, and images are made of what a disk may hold afterwards.
//!
//! At a point drawn from one seed everything that was synced is there. Of every write since then each sector of 512
//! bytes is kept or lost; of names given and taken since the directory was synced, the first ones, in order. Each image
//! must open, verify and hold what was acknowledged by then, and doing the same again must end in the history of an
//! undisturbed run, to the root. `UPLINE_LONG` makes ten times as many.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{Done, Upline};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const SEED: u64 = 680;
const IMAGES: u64 = 200;
const SECTOR: usize = 512;

/// Numbers of a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

/// One thing that was done to a file.
#[derive(Clone, Debug)]
enum Step {
    Create(String),
    Write(String, usize, Vec<u8>),
    Cut(String, usize),
    Sync(String),
    Rename(String, String),
    Remove(String),
}

/// Takes a journal apart; paths become names within the ledger.
fn steps(mut journal: &[u8], dir: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut take = |count: usize| {
        let (taken, rest) = journal.split_at(count);
        journal = rest;
        (taken.to_vec(), rest.is_empty())
    };
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    let name = |bytes: Vec<u8>| {
        let path = String::from_utf8(bytes).unwrap();
        path.strip_prefix(dir).unwrap().trim_start_matches('/').to_owned()
    };
    loop {
        let kind = take(1).0[0];
        let length = number(&take(4).0);
        let path = name(take(length).0);
        let offset = number(&take(8).0);
        let length = number(&take(8).0);
        let (bytes, last) = take(length);
        steps.push(match kind {
            b'C' => Step::Create(path),
            b'W' => Step::Write(path, offset, bytes),
            b'T' => Step::Cut(path, offset),
            b'S' => Step::Sync(path),
            b'R' => Step::Rename(path, name(bytes)),
            b'U' => Step::Remove(path),
            other => panic!("{other}"),
        });
        if last {
            return steps;
        }
    }
}

/// A file: what is durable of it, and what was done to it since.
#[derive(Clone, Default)]
struct File {
    durable: Vec<u8>,
    since: Vec<(usize, Option<Vec<u8>>)>,
}

impl File {
    fn write(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
        content.resize(content.len().max(at + bytes.len()), 0);
        content[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn sync(&mut self) {
        for (at, bytes) in std::mem::take(&mut self.since) {
            match bytes {
                Some(bytes) => File::write(&mut self.durable, at, &bytes),
                None => self.durable.resize(at, 0),
            }
        }
    }

    /// What a power cut may leave.
    fn left(&self, dice: &mut Dice) -> Vec<u8> {
        let mut content = self.durable.clone();
        for (at, bytes) in &self.since {
            // All of it, nothing, or some sectors.
            let fate = dice.below(3);
            match bytes {
                None if fate > 0 => content.resize(*at, 0),
                None => {}
                Some(_) if fate == 0 => {}
                Some(bytes) => {
                    let mut from = 0;
                    while from < bytes.len() {
                        let to = (((at + from) / SECTOR + 1) * SECTOR - at).min(bytes.len());
                        if fate == 1 || dice.below(2) == 0 {
                            File::write(&mut content, at + from, &bytes[from..to]);
                        }
                        from = to;
                    }
                }
            }
        }
        content
    }
}

type Names = BTreeMap<String, usize>;

/// A directory of files on a disk.
#[derive(Clone, Default)]
struct Disk {
    files: Vec<File>,
    names: Names,
    durable_names: Names,
    /// What the names were after each change since they were last durable.
    names_since: Vec<Names>,
    acknowledged: u64,
}

impl Disk {
    fn file(&mut self, name: &str) -> &mut File {
        let id = self.names[name];
        &mut self.files[id]
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Create(name) => {
                self.files.push(File::default());
                self.names.insert(name.clone(), self.files.len() - 1);
                self.names_since.push(self.names.clone());
            }
            Step::Write(name, at, bytes) => {
                if name == "acknowledged" {
                    let line = String::from_utf8(bytes.clone()).unwrap();
                    self.acknowledged = line[..20].parse().unwrap();
                }
                self.file(name).since.push((*at, Some(bytes.clone())));
            }
            Step::Cut(name, length) => self.file(name).since.push((*length, None)),
            Step::Sync(name) if name.is_empty() => {
                self.durable_names = self.names.clone();
                self.names_since.clear();
            }
            // A directory within the ledger: its names count with the others.
            Step::Sync(name) if !self.names.contains_key(name) => {}
            Step::Sync(name) => self.file(name).sync(),
            Step::Rename(from, to) => {
                let id = self.names.remove(from).unwrap();
                self.names.insert(to.clone(), id);
                self.names_since.push(self.names.clone());
            }
            Step::Remove(name) => {
                self.names.remove(name);
                self.names_since.push(self.names.clone());
            }
        }
    }

    /// Makes a directory of what a power cut may leave.
    fn make(&self, dice: &mut Dice, dir: &Path) {
        let kept = usize::try_from(dice.below(self.names_since.len() as u64 + 1)).unwrap();
        let names = kept.checked_sub(1).map_or(&self.durable_names, |last| &self.names_since[last]);
        let _ = fs::remove_dir_all(dir);
        fs::create_dir_all(dir).unwrap();
        for (name, id) in names {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, self.files[*id].left(dice)).unwrap();
        }
    }
}

/// Facts, each at a time of its own, in files: one large, then one by one.
fn book(upline: &Upline) -> Vec<String> {
    let generate = ["generate", "--policies", "40", "--producers", "20", "--seed", "11", "--out", "book"];
    upline.run(&generate).succeeds();
    let timed = |line: &str| {
        format!("{},\"recorded_at\":\"2026-01-01T00:00:00Z\"}}\n", line.strip_suffix('}').unwrap())
    };
    let lines: Vec<String> = upline.read("book").lines().map(timed).collect();
    let (many, rest) = lines.split_at(lines.len() - 72);
    let (many, more) = many.split_at(many.len() / 2);
    let mut files = vec![many.concat(), more.concat()];
    files.extend(rest.iter().cloned());
    for (number, file) in files.iter().enumerate() {
        upline.write(&format!("facts-{number}"), file);
    }
    (0..files.len()).map(|number| format!("facts-{number}")).collect()
}

/// What was done to the ledger's files, in `init` and an import of each file; and how much of it was `init`.
fn recorded(upline: &Upline, files: &[String]) -> (Vec<Step>, usize) {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/journal.c");
    let shim = upline.path("journal.so");
    let mut compile = Command::new("cc");
    compile.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&shim).args([source, "-ldl", "-lpthread"]);
    assert!(compile.status().unwrap().success());
    let dir = upline.path("ledger");
    let run = |args: &[&str]| {
        let mut command = upline.command(&[&["--ledger", dir.to_str().unwrap()], args].concat());
        command.env("LD_PRELOAD", &shim).env("UPLINE_JOURNAL", upline.path("journal"));
        let done = command.env("UPLINE_JOURNAL_OF", &dir).stdin(Stdio::null()).output().unwrap();
        Done::of(done).succeeds();
    };
    let so_far = || steps(&fs::read(upline.path("journal")).unwrap(), dir.to_str().unwrap());
    run(&["init"]);
    let begun = so_far().len();
    for some in files.chunks(3) {
        // A commit for each file; some in one process, so that no opening lies between.
        run(&[&["import", "--trust-recorded-at"], &some.iter().map(String::as_str).collect::<Vec<_>>()[..]]
            .concat());
    }
    (so_far(), begun)
}

#[test]
fn the_power_goes_and_nothing_acknowledged_is_lost() {
    let upline = Upline::bare();
    let files = book(&upline);
    let (steps, begun) = recorded(&upline, &files);
    let expected = upline.verified();
    let syncs = (begun..steps.len()).filter(|at| matches!(steps[*at], Step::Sync(_))).collect::<Vec<_>>();
    assert!(syncs.len() > 100, "{}", syncs.len());
    let again: Vec<&str> = ["--ledger", "image", "import", "--trust-recorded-at"]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    let images = if std::env::var_os("UPLINE_LONG").is_some() { 10 * IMAGES } else { IMAGES };
    let mut dice = Dice(SEED);
    // Every other cut just before or after a sync, the others anywhere.
    let mut cuts: Vec<usize> = (0..images)
        .map(|nth| match nth % 4 {
            0 => syncs[dice.below(syncs.len() as u64) as usize],
            1 => syncs[dice.below(syncs.len() as u64) as usize] + 1,
            _ => begun + dice.below((steps.len() - begun) as u64) as usize,
        })
        .collect();
    cuts.sort_unstable();
    let (mut disk, mut taken) = (Disk::default(), 0);
    for (nth, cut) in cuts.into_iter().enumerate() {
        steps[taken..cut].iter().for_each(|step| disk.take(step));
        taken = cut;
        disk.make(&mut dice, &upline.path("image"));
        let what = format!("image {nth}, cut before step {cut}, {} acknowledged", disk.acknowledged);
        let verify = upline.run(&["--ledger", "image", "verify", "--format", "json"]);
        assert_eq!(verify.code, Some(0), "{what}: {verify:?}");
        let left = verify.json()["events"].as_u64().unwrap();
        assert!(left >= disk.acknowledged, "{what}: {left} are left");
        let done = upline.run(&again);
        assert_eq!(done.code, Some(0), "{what}: {done:?}");
        let ended = upline.json(&["--ledger", "image", "balance"]);
        let ended = (ended["position"].as_u64(), ended["root"].as_str());
        assert_eq!(ended, (Some(expected.0), Some(&*expected.1)), "{what}");
        if nth % 16 == 0 {
            assert_eq!(upline.json(&["--ledger", "image", "verify"])["ok"], true, "{what}");
        }
    }
}
