//! Small inputs that want much: each under a limit of 512 MB, and each ends in a sentence.

use super::common::{Done, Upline, three_levels};
use super::{limited, on_both};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::Write;
use std::process::Command;

/// In KiB, of addresses.
const MEMORY: &str = "-v 524288";

/// More than any machine of ours has.
const HUGE: u64 = 60 * 1024 * 1024 * 1024;

#[track_caller]
fn ends_in_a_sentence(done: &Done, code: i32, because: &str) {
    done.fails(code, because);
    assert!(!done.stderr.contains("memory allocation"), "{done:?}");
}

fn gzip(text: &str, times: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    (0..times).for_each(|_| encoder.write_all(text.as_bytes()).unwrap());
    encoder.finish().unwrap()
}

/// 78 KB of gzip: every refusal was kept.
#[test]
fn a_file_of_refusals_takes_no_memory() {
    let upline = Upline::new();
    let bomb = gzip("x\n", 3_000_000);
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    upline.write("bomb.jsonl.gz", bomb);
    let done = limited(&upline, MEMORY, &["import", "--format", "json", "bomb.jsonl.gz"]);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    let answer = done.json();
    assert_eq!(answer["refused"], 3_000_000);
    assert_eq!(answer["refused_by_code"]["malformed"], 3_000_000);
    assert_eq!(answer["refusals"].as_array().unwrap().len(), 1_000);
    let words = limited(&upline, MEMORY, &["import", "bomb.jsonl.gz"]);
    assert!(
        words.stdout.contains("3000000 lines refused") && words.stdout.contains("3000000 malformed"),
        "{}",
        words.stdout
    );
    // A hundred thousand of them are written down as they come.
    upline.write("small.jsonl.gz", gzip("x\n", 100_000));
    limited(&upline, MEMORY, &["import", "--keep-going", "small.jsonl.gz"]).fails(1, "");
    assert_eq!(upline.read("small.jsonl.gz.refused.jsonl").lines().count(), 100_000);
    // One line without an end, and long lines.
    upline.write("line.jsonl.gz", gzip(&"x".repeat(1 << 20), 1_000));
    limited(&upline, MEMORY, &["import", "line.jsonl.gz"]).fails(1, "");
    upline.write("long.jsonl.gz", gzip(&format!("{}\n", "x".repeat(60_000)), 20_000));
    limited(&upline, MEMORY, &["import", "long.jsonl.gz"]).fails(1, "");
    upline.verified();
}

/// Notes go to the directory, which is held in memory.
#[test]
fn notes_without_end_are_refused() {
    let upline = Upline::new();
    let filler = "x".repeat(3_900);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for n in 0..20_000 {
        let line = format!(
            "{{\"type\":\"carrier_added\",\"on\":\"2025-01-01\",\"carrier\":\"C{n}\",\"note\":\"{n} {filler}\"}}\n"
        );
        encoder.write_all(line.as_bytes()).unwrap();
    }
    upline.write("notes.jsonl.gz", encoder.finish().unwrap());
    let done = limited(&upline, MEMORY, &["import", "--format", "json", "notes.jsonl.gz"]);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(done.json()["refusals"][0]["message"].as_str().unwrap().contains("no room for more texts"));
    assert_eq!(upline.verified().0, 0);
}

/// A header says how much follows, and a reader believed it.
#[test]
fn a_backup_that_claims_much_is_refused() {
    let upline = Upline::with(&three_levels());
    upline.run(&["backup", "sound.tar"]).succeeds();
    let restore = |name: &str| limited(&upline, MEMORY, &["--ledger", "again", "restore", name]);
    // All zeros, and huge without taking room.
    File::create(upline.path("sparse.tar")).unwrap().set_len(HUGE).unwrap();
    ends_in_a_sentence(&restore("sparse.tar"), 3, "no whole backup");
    let sound = std::fs::read(upline.path("sound.tar")).unwrap();
    // Each of its entries said to be huge; and an entry in front that says more about the next.
    let mut at = 0;
    let mut headers = Vec::new();
    while sound[at] != 0 {
        headers.push(at);
        let size = u64::from_str_radix(std::str::from_utf8(&sound[at + 124..at + 135]).unwrap(), 8).unwrap();
        at += 512 + size.next_multiple_of(512) as usize;
    }
    for (at, kind) in
        headers.iter().flat_map(|at| [(*at, b'0'), (*at, b'L'), (*at, b'K'), (*at, b'x'), (*at, b'S')])
    {
        let mut header = tar::Header::from_byte_slice(&sound[at..at + 512]).clone();
        header.set_size(HUGE);
        header.set_entry_type(tar::EntryType::new(kind));
        header.set_cksum();
        let mut forged = sound[..at].to_vec();
        forged.extend_from_slice(header.as_bytes());
        upline.write("forged.tar", forged);
        File::options()
            .write(true)
            .open(upline.path("forged.tar"))
            .unwrap()
            .set_len(HUGE + at as u64 + 1024)
            .unwrap();
        ends_in_a_sentence(&restore("forged.tar"), 3, "no whole backup");
        assert!(!upline.path("again").exists());
    }
    limited(&upline, MEMORY, &["--ledger", "again", "restore", "sound.tar"]).succeeds();
}

/// A directory of names of 60 GB, and other files that are too large to be what they should be.
#[test]
fn a_file_of_the_ledger_that_is_huge_is_refused() {
    on_both(|upline| {
        upline.write("book.jsonl", three_levels());
        upline.run(&["import", "book.jsonl"]).succeeds();
        for name in ["directory.jsonl", "directory.key", "witness", "acknowledged", "db", "conf"] {
            if name != "witness"
                && name != "directory.key"
                && !upline.path(&format!("ledger/{name}")).exists()
            {
                continue; // of the other engine
            }
            let path = upline.path(&format!("ledger/{name}"));
            let before = std::fs::read(&path).ok();
            File::options()
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .unwrap()
                .set_len(HUGE)
                .unwrap();
            let done = limited(&upline, MEMORY, &["verify"]);
            assert!(matches!(done.code, Some(1 | 3)), "{name}: {done:?}");
            assert!(!done.stderr.contains("memory allocation"), "{name}: {done:?}");
            let record = ["record", "carrier_added", "--on", "2025-01-01", "--carrier", "C9"];
            if name != "directory.key" {
                let done = limited(&upline, MEMORY, &record);
                assert!(matches!(done.code, Some(1 | 3)), "{name}: {done:?}");
            }
            match before {
                Some(content) => std::fs::write(&path, content).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
        }
        limited(&upline, MEMORY, &["verify"]).succeeds();
    });
}

/// A named pipe in the place of a file was waited for, for ever.
#[test]
fn a_pipe_in_the_ledger_is_refused() {
    on_both(|upline| {
        upline.write("book.jsonl", three_levels());
        upline.run(&["import", "book.jsonl"]).succeeds();
        let names: Vec<String> = std::fs::read_dir(upline.path("ledger"))
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_type().unwrap().is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .chain(["directory.key".to_owned(), "something".to_owned()])
            .collect();
        for name in names {
            let (path, aside) = (upline.path(&format!("ledger/{name}")), upline.path("aside"));
            let moved = path.exists();
            if moved {
                std::fs::rename(&path, &aside).unwrap();
            }
            assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
            for args in [
                &["balance"][..],
                &["verify"],
                &["backup", "backup.tar"],
                &["salvage", "facts.jsonl"],
                &["record", "carrier_added", "--on", "2025-01-01", "--carrier", "C9"],
            ] {
                let done = upline.run(args);
                assert!(matches!(done.code, Some(1 | 3)), "{name}, {args:?}: {done:?}");
                assert!(!done.stderr.is_empty(), "{name}, {args:?}: {done:?}");
            }
            std::fs::remove_file(&path).unwrap();
            if moved {
                std::fs::rename(&aside, &path).unwrap();
            }
        }
        upline.verified();
    });
}
