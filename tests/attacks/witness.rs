//! Another history in the place of one that somebody has seen.

use super::common::{Upline, three_levels};
use super::on_both;
use std::fs;

fn record(upline: &Upline, carrier: &str) -> super::Done {
    upline.run(&["record", "carrier_added", "--on", "2025-01-01", "--carrier", carrier])
}

fn ready(upline: &Upline) {
    upline.write("book.jsonl", three_levels());
    upline.run(&["import", "book.jsonl"]).succeeds();
    upline.run(&["key", "audit.key", "--name", "example.com/book"]).succeeds();
}

/// Puts an older ledger, or another, in the place of this one.
fn replace(upline: &Upline, by: &str) {
    fs::rename(upline.path("ledger"), upline.path("replaced")).unwrap();
    fs::rename(upline.path(by), upline.path("ledger")).unwrap();
}

/// A key signed a shorter ledger after a longer one, and another history of the same length.
#[test]
fn a_key_signs_one_history_that_only_grows() {
    on_both(|upline| {
        ready(&upline);
        upline.run(&["backup", "older.tar"]).succeeds();
        record(&upline, "X").succeeds();
        upline.run(&["checkpoint", "--key", "audit.key", "--out", "one"]).succeeds();
        // Earlier positions of the same history may be signed.
        upline.run(&["checkpoint", "--key", "audit.key", "--at-position", "3", "--out", "early"]).succeeds();
        upline.run(&["--ledger", "older", "restore", "older.tar"]).succeeds();
        replace(&upline, "older");
        let sign = ["checkpoint", "--key", "audit.key", "--out", "two"];
        upline.run(&sign).fails(1, "it was set back, or is another");
        upline.run(&["close", "--through", "2025-12-31", "--key", "audit.key"]).fails(1, "it was set back");
        assert!(!upline.log().iter().any(|event| event["type"] == "period_closed"));
        record(&upline, "Y").succeeds();
        upline.run(&sign).fails(1, "this key signed another history");
        let id = upline.log()[0]["id"].as_str().unwrap().to_owned();
        upline
            .run(&["prove", "--event", &id, "--key", "audit.key"])
            .fails(1, "this key signed another history");
        assert!(!upline.path("two").exists());
    });
}

/// An older copy was put in the place of the ledger, and went on as if nothing had been.
#[test]
fn a_witness_stops_a_ledger_that_was_set_back_or_forked() {
    on_both(|upline| {
        for place in ["witness.log", "witnessed"] {
            let upline = if upline.path("ledger/log").exists() { Upline::in_files() } else { Upline::new() };
            ready(&upline);
            if place == "witnessed" {
                fs::create_dir(upline.path(place)).unwrap();
            }
            upline.run(&["checkpoint", "--key", "audit.key", "--witness", place]).succeeds();
            upline.run(&["backup", "older.tar"]).succeeds();
            record(&upline, "X").succeeds();
            // From now on each checkpoint goes there.
            upline.run(&["checkpoint", "--key", "audit.key"]).fails(0, "has seen");
            let verify = upline.run(&["verify"]);
            verify.succeeds();
            assert!(verify.stdout.contains("2 checkpoints of the witness"), "{}", verify.stdout);
            upline.run(&["--ledger", "older", "restore", "older.tar"]).succeeds();
            replace(&upline, "older");
            record(&upline, "Y").fails(1, "was set back, or is an older copy");
            upline.run(&["import", "book.jsonl"]).fails(1, "was set back");
            upline.run(&["balance"]).succeeds();
            assert_eq!(upline.run(&["verify"]).code, Some(1));
            // On purpose, it can go on; then it is a fork, and the witness knows.
            upline.run(&["checkpoint", "--forget-witness"]).succeeds();
            record(&upline, "Y").succeeds();
            fs::remove_file(upline.path("audit.key.signed")).unwrap();
            upline
                .run(&["checkpoint", "--key", "audit.key", "--witness", place])
                .fails(1, "has seen another history");
            assert!(!upline.path("ledger/witness").exists());
        }
    });
}

#[test]
fn a_witness_that_is_away_or_not_one_stops_too() {
    let upline = Upline::new();
    ready(&upline);
    upline.run(&["checkpoint", "--key", "audit.key", "--witness", "witness.log"]).succeeds();
    let held = upline.read("witness.log");
    fs::remove_file(upline.path("witness.log")).unwrap();
    record(&upline, "X").fails(1, "cannot be read");
    upline.write("witness.log", held.replace("\n18\n", "\n17\n"));
    record(&upline, "X").fails(1, "holds something else than checkpoints");
    upline.write("witness.log", &held);
    record(&upline, "X").succeeds();
    // One that was cut off while it was added does not count, and the next takes its place.
    upline.write("witness.log", format!("{held}\nexample.com/book\n19\nhalf"));
    record(&upline, "Z").succeeds();
    upline.run(&["checkpoint", "--key", "audit.key"]).succeeds();
    assert!(!upline.read("witness.log").contains("half") && upline.read("witness.log").starts_with(&held));
    upline.run(&["checkpoint", "--forget-witness"]).succeeds();
    fs::remove_file(upline.path("witness.log")).unwrap();
    record(&upline, "Y").succeeds();
}

/// What an unmounted share leaves is an empty directory.
#[test]
fn a_witness_that_lost_its_checkpoints_stops() {
    let upline = Upline::new();
    ready(&upline);
    fs::create_dir(upline.path("share")).unwrap();
    upline.run(&["checkpoint", "--key", "audit.key", "--witness", "share"]).succeeds();
    fs::rename(upline.path("share"), upline.path("unmounted")).unwrap();
    fs::create_dir(upline.path("share")).unwrap();
    record(&upline, "X").fails(1, "it lacks the checkpoint of 18 events");
    assert_eq!(upline.run(&["verify"]).code, Some(1));
    upline.run(&["checkpoint", "--key", "audit.key"]).fails(1, "it lacks the checkpoint");
    fs::remove_dir(upline.path("share")).unwrap();
    fs::rename(upline.path("unmounted"), upline.path("share")).unwrap();
    record(&upline, "X").succeeds();
}

/// The hashes of the evidence could be changed with its files.
#[test]
fn the_evidence_of_a_close_is_signed() {
    let upline = Upline::new();
    ready(&upline);
    upline
        .run(&[
            "close",
            "--through",
            "2025-12-31",
            "--key",
            "audit.key",
            "--without",
            "C1=no statements are kept",
        ])
        .succeeds();
    let verify =
        || upline.run(&["verify", "--evidence", "closed-2025-12-31", "--public-key", "audit.key.pub"]);
    verify().succeeds();
    assert!(verify().stdout.contains("The evidence verifies"), "{}", verify().stdout);
    let balances = upline.read("closed-2025-12-31/balances.csv");
    upline.write("closed-2025-12-31/balances.csv", balances.replace('1', "2"));
    assert_eq!(verify().code, Some(1));
    assert!(verify().stdout.contains("balances.csv is not the file that was signed"));
    upline.write("closed-2025-12-31/balances.csv", &balances);
    let sums = upline.read("closed-2025-12-31/SHA256SUMS");
    upline.write("closed-2025-12-31/SHA256SUMS", sums.replace('a', "b"));
    assert!(verify().stdout.contains("SHA256SUMS is not what was signed"));
    upline.write("closed-2025-12-31/SHA256SUMS", sums);
    upline.write("closed-2025-12-31/more.csv", "x");
    assert!(verify().stdout.contains("more.csv is none of them"));
    fs::remove_file(upline.path("closed-2025-12-31/more.csv")).unwrap();
    let signed = upline.read("closed-2025-12-31/SHA256SUMS.signed");
    upline.write("closed-2025-12-31/SHA256SUMS.signed", signed.replacen('a', "b", 1));
    verify().fails(1, "not signed by this key");
}

/// A public witness answers with a cosignature, which is added to the checkpoint.
#[test]
fn a_cosignature_of_a_witness_is_verified() {
    let upline = Upline::new();
    ready(&upline);
    upline.run(&["checkpoint", "--key", "audit.key", "--out", "june"]).succeeds();
    let (key, cosignature) = cosign(&upline.read("june"), 1_780_000_000);
    let verify = |key: &str| {
        upline.run(&["verify", "--checkpoint", "june", "--public-key", "audit.key.pub", "--witness-key", key])
    };
    assert_eq!(verify(&key).code, Some(1));
    assert!(
        verify(&key).stdout.contains("no cosignature of witness.example/w1 holds"),
        "{}",
        verify(&key).stdout
    );
    let note = upline.read("june");
    upline.write("june", format!("{note}{cosignature}"));
    verify(&key).succeeds();
    assert!(
        verify(&key).stdout.contains("witness.example/w1 saw it at 2026-05-28T20:26:40Z"),
        "{}",
        verify(&key).stdout
    );
    let (_, later) = cosign(&note, 1_780_000_001);
    let wrong =
        cosignature.trim_end().replace(&cosignature[cosignature.len() - 8..cosignature.len() - 1], "AAAAAA=");
    for bad in [wrong, later.replace("w1", "w2")] {
        upline.write("june", format!("{note}{bad}\n"));
        assert_ne!(verify(&key).code, Some(0));
    }
    upline.write("june", &note);
    verify("rubbish").fails(1, "no key of a witness");
}

/// What a witness answers (c2sp.org/tlog-cosignature), and its key.
fn cosign(note: &str, time: u64) -> (String, String) {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use ed25519_dalek::Signer as _;
    use sha2::Digest as _;
    let key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let mut public = vec![4];
    public.extend_from_slice(key.verifying_key().as_bytes());
    let name = "witness.example/w1";
    let hash = sha2::Sha256::new().chain_update(name).chain_update("\n").chain_update(&public).finalize();
    let (text, _) = note.rsplit_once("\n\n").unwrap();
    let signature = key.sign(format!("cosignature/v1\ntime {time}\n{text}\n").as_bytes());
    let mut bytes = hash[..4].to_vec();
    bytes.extend_from_slice(&time.to_be_bytes());
    bytes.extend_from_slice(&signature.to_bytes());
    let id: String = hash[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    (format!("{name}+{id}+{}", BASE64.encode(public)), format!("\u{2014} {name} {}\n", BASE64.encode(bytes)))
}
