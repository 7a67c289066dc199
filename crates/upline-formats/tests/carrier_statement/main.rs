//! Statement files of carriers, read through profiles: the examples of the repository, what is refused and
//! in which words, and files damaged at random.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod damaged;
mod examples;
mod profiles;
mod refused_csv;
mod refused_xlsx;
mod workbook;

use std::fs;
use std::path::PathBuf;
use upline_formats::carrier_statement::{CarrierStatement, Profile, StatementError, read};

/// A file of the repository.
fn bytes(path: &str) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read(root.join(path)).unwrap()
}

fn text(path: &str) -> String {
    String::from_utf8(bytes(path)).unwrap()
}

/// A profile of the repository.
fn profile(name: &str) -> Profile {
    Profile::parse(&text(&format!("profiles/{name}.toml"))).unwrap()
}

fn life(csv: &str) -> Result<CarrierStatement, StatementError> {
    read(csv.as_bytes(), "july.csv", &profile("life-statement"))
}

/// Refused with this code, and a sentence that names the file and holds all of these.
#[track_caller]
fn refused(result: Result<CarrierStatement, StatementError>, code: &str, says: &[&str]) {
    let error = result.unwrap_err();
    let sentence = error.to_string();
    assert_eq!(error.code(), code, "{sentence}");
    assert!(sentence.starts_with(&format!("{}: ", error.file)), "{sentence}");
    for part in says {
        assert!(sentence.contains(part), "{part:?} is not in: {sentence}");
    }
}
