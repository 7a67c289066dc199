//! The evidence of a close, checked without the ledger that it came from.

use crate::cli::failure::{Failure, FileWrong};
use crate::cli::files::{read, read_bytes};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use upline_formats::checkpoint::{CHECKPOINT_BYTES_MAX, PublicKey};
use upline_ledger::sha256;
use upline_ledger::verify::{Check, Verification};

/// The most that a file of it may have.
const FILE_BYTES_MAX: u64 = 1024 * 1024 * 1024;

const SUMS: &str = "SHA256SUMS";
const SIGNED_SUMS: &str = "SHA256SUMS.signed";
const CHECKPOINT: &str = "checkpoint.txt";

/// Checks that the files of a folder are those whose hashes this key signed, all of them and no other.
pub fn verify(folder: &Path, key: &PublicKey) -> Result<Verification, Failure> {
    let path = folder.join(SIGNED_SUMS);
    let sums = key
        .open_text(&read(&path, CHECKPOINT_BYTES_MAX)?)
        .map_err(|error| FileWrong::NotOne(error).of(&path))?;
    let signed = format!("{} signed the hashes of {} files", key.name(), sums.lines().count());
    let mut checks = vec![Check { name: "signature", ok: true, detail: signed }];
    let mut named = BTreeSet::from([SUMS.to_owned(), SIGNED_SUMS.to_owned()]);
    let mut same =
        Check { name: "files", ok: true, detail: "all have the hashes that were signed".to_owned() };
    for line in sums.lines() {
        let Some((hash, name)) = line.split_once("  ").filter(|(_, name)| !name.contains('/')) else {
            same = Check { ok: false, detail: format!("{line:?} names no file"), ..same };
            continue;
        };
        named.insert(name.to_owned());
        match read_bytes(&folder.join(name), FILE_BYTES_MAX) {
            Ok(content) if sha256(&content) == hash => {}
            Ok(_) => {
                same = Check { ok: false, detail: format!("{name} is not the file that was signed"), ..same }
            }
            Err(_) => {
                same = Check { ok: false, detail: format!("{name} is missing, or cannot be read"), ..same }
            }
        }
    }
    // Who has no key goes by this one.
    if read(&folder.join(SUMS), CHECKPOINT_BYTES_MAX).ok().as_deref() != Some(sums.as_str()) {
        same = Check { ok: false, detail: format!("{SUMS} is not what was signed"), ..same };
    }
    checks.push(same);
    let unreadable = |error| FileWrong::Unreadable(error).of(folder);
    let there = fs::read_dir(folder).map_err(unreadable)?.flatten();
    let more = there.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let more: Vec<String> = more.filter(|name| !named.contains(name)).collect();
    let detail = match more.first() {
        None => "there is no other file".to_owned(),
        Some(first) => format!("{first} is none of them"),
    };
    checks.push(Check { name: "complete", ok: more.is_empty(), detail });
    let note = read(&folder.join(CHECKPOINT), CHECKPOINT_BYTES_MAX)?;
    let checkpoint = key.open(&note).map_err(|error| FileWrong::NotOne(error).of(folder.join(CHECKPOINT)))?;
    let root = upline_ledger::Root(checkpoint.root).to_string();
    Ok(Verification { events: checkpoint.size, root, checks, notes: Vec::new() })
}
