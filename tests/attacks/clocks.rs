//! Clocks that cannot be right, and positions that are not there yet.

use super::on_both;
use serde_json::json;

/// A fact of 2099 stamped everything after it 2099, silently and for good.
#[test]
fn a_time_that_cannot_be_is_refused() {
    on_both(|upline| {
        let fact = |code: &str, recorded_at: &str| {
            json!({"type": "carrier_added", "on": "2025-01-01", "carrier": code, "recorded_at": recorded_at})
                .to_string()
        };
        let trusted = ["import", "--trust-recorded-at", "--format", "json", "-"];
        let done = upline.feed(&trusted, fact("C1", "2099-01-01T00:00:00Z").as_bytes());
        assert_eq!(done.code, Some(1));
        let refusal = done.json()["refusals"][0].clone();
        assert_eq!(
            (&refusal["code"], &refusal["field"]),
            (&json!("clock"), &json!("recorded_at")),
            "{refusal}"
        );
        assert!(refusal["message"].as_str().unwrap().contains("--accept-clock"), "{refusal}");
        // A clock may be a little wrong.
        let soon = chrono::Utc::now() + chrono::Duration::hours(23);
        let soon = soon.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        upline.feed(&trusted, fact("C1", &soon).as_bytes()).succeeds();
        upline.run(&["record", "carrier_added", "--on", "2025-01-01", "--carrier", "C2"]).succeeds();
        // Whoever knows better records all the same, and is told what follows.
        let accepted = [&trusted[..], &["--accept-clock"]].concat();
        let done = upline.feed(&accepted, fact("C3", "2099-01-01T00:00:00Z").as_bytes());
        done.succeeds();
        assert!(done.stderr.contains("all that is recorded is stamped 2099-01-01T00:00:00Z"), "{done:?}");
        let record = ["record", "carrier_added", "--on", "2025-01-01", "--carrier", "C4"];
        let done = upline.run(&record);
        done.fails(1, "clock: this machine's clock says");
        done.fails(1, "--accept-clock");
        let done = upline.run(&[&["--accept-clock"], &record[..]].concat());
        done.succeeds();
        assert_eq!(upline.log().last().unwrap()["recorded_at"], "2099-01-01T00:00:00Z");
        upline.verified();
    });
}

/// It was answered at the end of the log.
#[test]
fn a_position_beyond_the_log_is_refused() {
    on_both(|upline| {
        upline.run(&["record", "carrier_added", "--on", "2025-01-01", "--carrier", "C1"]).succeeds();
        for question in ["balance", "accounts", "log", "directory", "tax --year 2025"] {
            let words: Vec<&str> = question.split(' ').collect();
            let asked = upline.run(&[&words[..], &["--at-position", "2"]].concat());
            if question == "directory" {
                asked.fails(2, "--at-position");
            } else {
                asked.fails(1, "the log ends at position 1, and 2 is beyond it");
            }
            if question != "directory" {
                upline.run(&[&words[..], &["--at-position", "1"]].concat()).succeeds();
            }
        }
    });
}
