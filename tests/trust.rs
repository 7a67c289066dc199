//! What an auditor and an operator do with the real program: checkpoints, proofs, backups, salvage.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{Upline, premiums, three_levels};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// A ledger with a key, `audit.key`, and a checkpoint `first` of its first ten events.
fn audited() -> Upline {
    let upline = Upline::with(&three_levels());
    upline.run(&["key", "audit.key", "--name", "example.com/book"]).succeeds();
    upline.run(&["checkpoint", "--key", "audit.key", "--at-position", "10", "--out", "first"]).succeeds();
    upline
}

const PUBLIC: [&str; 2] = ["--public-key", "audit.key.pub"];

/// Runs with the public key.
fn verify(upline: &Upline, args: &[&str]) -> Value {
    let done = upline.run(&[&["verify", "--json"][..], args, &PUBLIC].concat());
    assert!(matches!(done.code, Some(0 | 1)), "{done:?}");
    assert_eq!(done.json()["ok"] == true, done.code == Some(0), "{done:?}");
    done.json()
}

/// The check of a name.
fn check<'a>(answer: &'a Value, name: &str) -> &'a Value {
    answer["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()
}

#[test]
fn every_event_is_proved_on_a_machine_without_the_ledger() {
    let upline = audited();
    let elsewhere = Upline::bare();
    fs::copy(upline.path("audit.key.pub"), elsewhere.path("audit.key.pub")).unwrap();
    upline.run(&["checkpoint", "--key", "audit.key", "--out", "last"]).succeeds();
    fs::copy(upline.path("last"), elsewhere.path("last")).unwrap();
    for event in upline.log() {
        let (id, position) = (event["id"].as_str().unwrap(), &event["position"]);
        let out = format!("{position}.tlog-proof");
        let to = ["--to", "last", "--out", &out];
        upline.run(&[&["prove", "--event", id][..], &to, &PUBLIC].concat()).succeeds();
        fs::copy(upline.path(&out), elsewhere.path(&out)).unwrap();
        let answer = verify(&elsewhere, &["--proof", &out, "--checkpoint", "last"]);
        assert_eq!(answer["ok"], true, "{answer}");
        let said = check(&answer, "inclusion")["detail"].as_str().unwrap();
        let (kind, on) = (event["type"].as_str().unwrap(), event["on"].as_str().unwrap());
        assert!(said.contains(&format!("event {position} of 18")), "{said}");
        assert!(said.contains(kind) && said.contains(on), "{said}");
        // With what is printed nobody proves another event.
        let proof = elsewhere.read(&out);
        let index = position.as_u64().unwrap() - 1;
        let other = proof.replace(&format!("\nindex {index}\n"), &format!("\nindex {}\n", (index + 1) % 18));
        elsewhere.write("other", other);
        assert_eq!(verify(&elsewhere, &["--proof", "other"])["ok"], false);
        fs::remove_file(elsewhere.path(&out)).unwrap();
    }
}

#[test]
fn a_history_that_goes_on_is_proved_and_one_that_was_rewritten_is_found_out() {
    let upline = audited();
    let prove = |out: &str| {
        let since = ["prove", "--since", "first", "--key", "audit.key", "--out", out];
        upline.run(&[&since[..], &PUBLIC].concat())
    };
    prove("since").succeeds();
    assert_eq!(verify(&upline, &["--proof", "since", "--checkpoint", "first"])["ok"], true);
    assert_eq!(verify(&upline, &["--checkpoint", "first"])["ok"], true);

    // The keeper of the ledger makes another history, one cent less, and signs it with the same key.
    let forged = Upline::with(&three_levels().replacen("\"1200.00\"", "\"1199.99\"", 1));
    for file in ["audit.key", "audit.key.pub", "first"] {
        fs::copy(upline.path(file), forged.path(file)).unwrap();
    }
    let answer = verify(&forged, &["--checkpoint", "first"]);
    assert_eq!((&answer["ok"], &check(&answer, "tree")["ok"]), (&Value::Bool(false), &Value::Bool(true)));
    assert!(check(&answer, "checkpoint")["detail"].as_str().unwrap().contains("not those of the checkpoint"));
    let since = ["prove", "--since", "first", "--key", "audit.key"];
    forged.run(&[&since[..], &PUBLIC].concat()).fails(1, "not those of the checkpoint");
    // A proof of its own does not help: it does not lead from the checkpoint that was kept.
    forged.run(&["checkpoint", "--key", "audit.key", "--at-position", "10", "--out", "own"]).succeeds();
    let own = ["prove", "--since", "own", "--key", "audit.key", "--out", "proof"];
    forged.run(&[&own[..], &PUBLIC].concat()).succeeds();
    let answer = verify(&forged, &["--proof", "proof", "--checkpoint", "first"]);
    assert_eq!(
        (&answer["ok"], &check(&answer, "consistency")["ok"]),
        (&Value::Bool(false), &Value::Bool(false))
    );
    // And a shorter history is none either.
    let shorter = Upline::with(&three_levels().lines().take(8).map(|l| format!("{l}\n")).collect::<String>());
    for file in ["audit.key.pub", "first"] {
        fs::copy(upline.path(file), shorter.path(file)).unwrap();
    }
    let answer = verify(&shorter, &["--checkpoint", "first"]);
    assert!(check(&answer, "checkpoint")["detail"].as_str().unwrap().contains("has only 8"), "{answer}");
}

#[test]
fn what_does_not_fit_says_what_and_where() {
    let upline = audited();
    let id = upline.log()[3]["id"].as_str().unwrap().to_owned();
    let fails = |args: &[&str], because: &str| upline.run(args).fails(1, because);
    let public = |args: &[&'static str]| [args, &PUBLIC[..]].concat();
    // Whoever can read a key can sign.
    fs::set_permissions(upline.path("audit.key"), fs::Permissions::from_mode(0o640)).unwrap();
    fails(&["checkpoint", "--key", "audit.key"], "chmod 600");
    fs::set_permissions(upline.path("audit.key"), fs::Permissions::from_mode(0o600)).unwrap();
    fails(&["checkpoint", "--key", "none.key"], "none.key: the key cannot be read");
    fails(&["key", "audit.key", "--name", "x"], "already exists");
    fails(&["key", "new.key", "--name", "two words"], "no space");
    fails(&["checkpoint", "--key", "audit.key", "--out", "first"], "already exists");
    fails(&["checkpoint", "--key", "audit.key", "--at-position", "99"], "only 18 events");
    fs::copy(upline.path("audit.key.pub"), upline.path("public.key")).unwrap();
    fs::set_permissions(upline.path("public.key"), fs::Permissions::from_mode(0o600)).unwrap();
    fails(&["checkpoint", "--key", "public.key"], "no signing key");
    fails(
        &public(&["prove", "--event", "00000000-0000-0000-0000-000000000000", "--to", "first"]),
        "no event has the id",
    );
    let late = upline.log()[15]["id"].as_str().unwrap().to_owned();
    fails(
        &[&["prove", "--event", late.as_str(), "--to", "first"][..], &PUBLIC].concat(),
        "after the checkpoint",
    );
    upline.run(&["prove", "--event", &id]).fails(2, "--key");
    upline.run(&["verify", "--checkpoint", "first"]).fails(2, "--public-key");
    upline.write("rubbish", b"\xff\xfe\x00");
    upline.write("words", "not a proof at all");
    for file in ["rubbish", "words", "book.jsonl", "none"] {
        fails(&[&["verify", "--proof", file][..], &PUBLIC].concat(), file);
        fails(&[&["verify", "--checkpoint", file][..], &PUBLIC].concat(), file);
    }
    // Another key's checkpoint.
    upline.run(&["key", "other.key", "--name", "example.com/book"]).succeeds();
    upline.run(&["checkpoint", "--key", "other.key", "--out", "other"]).succeeds();
    fails(&public(&["verify", "--checkpoint", "other"]), "not signed by this key");
    // The key is nowhere in what is printed.
    let secret = upline.read("audit.key");
    let secret = secret.trim().splitn(5, '+').last().unwrap().to_owned();
    let debug =
        upline.command(&["checkpoint", "--key", "audit.key"]).env("UPLINE_LOG", "trace").output().unwrap();
    let said = [debug.stdout, debug.stderr].concat();
    assert!(!String::from_utf8(said).unwrap().contains(&secret));
}

#[test]
fn every_answer_names_the_root_it_was_computed_from() {
    let upline = audited();
    let (_, root) = upline.verified();
    let first: Value = serde_json::from_str(
        &upline.run(&["checkpoint", "--key", "audit.key", "--at-position", "10", "--format", "json"]).stdout,
    )
    .unwrap();
    for question in [
        &["balance"][..],
        &["accounts"],
        &["overrides"],
        &["coverage"],
        &["chain", "--policy", "C1/P-1"],
        &["explain", "--policy", "C1/P-1"],
        &["downline", "--producer", "IMO", "--carrier", "C1"],
    ] {
        let answer = upline.json(question);
        assert_eq!(
            (&answer["position"], &answer["root"]),
            (&18.into(), &root.as_str().into()),
            "{question:?}"
        );
        let answer = upline.json(&[question, &["--at-position", "10"]].concat());
        assert_eq!((&answer["position"], &answer["root"]), (&10.into(), &first["root"]), "{question:?}");
    }
    let changes =
        ["changes", "--as-of", "2025-12-31", "--between", "2020-01-01T00:00:00Z", "2200-01-01T00:00:00Z"];
    assert_eq!(upline.json(&changes)["root"], root.as_str());
    upline.write("more", premiums("P-1", "100.00", 1).replace("01-15", "05-20"));
    let imported = upline.json(&["import", "more"]);
    assert_eq!(imported["root"], upline.verified().1.as_str());
}

/// The answers of a ledger on some dates.
fn books(upline: &Upline, ledger: &str) -> Vec<Value> {
    let ask = |args: &[&str]| upline.rows(&[&["--ledger", ledger][..], args].concat());
    let mut all = Vec::new();
    for day in ["2023-06-30", "2024-02-29", "2026-12-31"] {
        all.push(ask(&["balance", "--by", "policy", "--as-of", day]));
        all.push(ask(&["accounts", "--as-of", day]));
        all.push(ask(&["overrides", "--as-of", day]));
        all.push(ask(&["coverage", "--as-of", day]));
    }
    all.push(ask(&["directory"]));
    all
}

fn generated() -> Upline {
    let upline = Upline::new();
    let book = ["generate", "--policies", "300", "--producers", "40", "--seed", "5", "--out", "book.jsonl"];
    upline.run(&book).succeeds();
    upline.run(&["import", "book.jsonl"]).succeeds();
    upline
}

#[test]
fn a_backup_restores_to_the_same_root_and_its_facts_make_the_same_books() {
    let upline = generated();
    let (events, root) = upline.verified();
    let made = upline.json(&["backup", "a.tar"]);
    assert_eq!((&made["position"], &made["root"]), (&events.into(), &root.as_str().into()));
    upline.run(&["backup", "b.tar"]).succeeds();
    assert_eq!(fs::read(upline.path("a.tar")).unwrap(), fs::read(upline.path("b.tar")).unwrap());
    upline.run(&["backup", "a.tar"]).fails(1, "already exists");

    let restored = upline.json(&["--ledger", "restored", "restore", "a.tar"]);
    assert_eq!((&restored["position"], &restored["root"]), (&events.into(), &root.as_str().into()));
    upline.run(&["--ledger", "restored", "verify"]).succeeds();
    let expected = books(&upline, "ledger");
    assert_eq!(books(&upline, "restored"), expected);
    upline.run(&["--ledger", "restored", "restore", "a.tar"]).fails(3, "already");
    fs::create_dir(upline.path("cut.restoring")).unwrap();
    upline.run(&["--ledger", "cut", "restore", "a.tar"]).fails(1, "cut.restoring exists");
    // What is restored is recorded in as before.
    upline.run(&["--ledger", "restored", "import", "book.jsonl"]).succeeds();
    assert_eq!(upline.json(&["--ledger", "restored", "verify"])["root"], root.as_str());

    upline.run(&["--ledger", "restored", "salvage", "facts.jsonl"]).succeeds();
    upline.run(&["--ledger", "again", "init"]).succeeds();
    upline.run(&["--ledger", "again", "import", "--trust-recorded-at", "facts.jsonl"]).succeeds();
    assert_eq!(books(&upline, "again"), expected);
    upline.run(&["--ledger", "again", "verify"]).succeeds();
    // Whoever has the first file imports it a second time in vain.
    let repeated = upline.json(&["--ledger", "again", "import", "book.jsonl"]);
    assert_eq!(repeated["recorded"], 0, "{repeated}");
}

#[test]
fn a_backup_that_was_changed_restores_nothing() {
    let upline = Upline::with(&three_levels());
    upline.run(&["backup", "a.tar"]).succeeds();
    let sound = fs::read(upline.path("a.tar")).unwrap();
    let (_, root) = upline.verified();
    let mut refused = 0;
    let mut check = |changed: &[u8], what: &str| {
        upline.write("changed.tar", changed);
        let done = upline.run(&["--ledger", "new", "restore", "changed.tar", "--format", "json"]);
        if done.code == Some(0) {
            // It hit what tar pads with, or who unpacks it: the ledger is the same.
            assert_eq!(done.json()["root"], root.as_str(), "{what}");
            fs::remove_dir_all(upline.path("new")).unwrap();
        } else {
            refused += 1;
            assert_eq!(done.code, Some(3), "{done:?}");
        }
        assert!(!upline.path("new").exists() && !upline.path("new.restoring").exists(), "{what}");
    };
    for at in (0..sound.len()).step_by(61) {
        let mut changed = sound.clone();
        changed[at] ^= 0x10;
        check(&changed, &format!("byte {at}"));
        check(&sound[..at], &format!("cut at {at}"));
    }
    assert!(refused > 10, "{refused}");
    // What is no backup is said without quoting it.
    upline.write("noise.tar", (0..3_000u32).map(|n| (n * n / 7 % 256) as u8).collect::<Vec<_>>());
    let noise = upline.run(&["--ledger", "new", "restore", "noise.tar"]);
    noise.fails(3, "noise.tar is no whole backup");
    assert!(
        noise.stderr.trim_end().chars().all(|c| !c.is_control()) && noise.stderr.len() < 200,
        "{noise:?}"
    );
    for (name, rubbish) in [("none.tar", None), ("text.tar", Some("hello\n".repeat(1_000)))] {
        if let Some(rubbish) = rubbish {
            upline.write(name, rubbish);
        }
        let done = upline.run(&["--ledger", "new", "restore", name]);
        assert!(matches!(done.code, Some(1 | 3)) && done.stderr.contains(name), "{done:?}");
    }
}

#[test]
fn what_is_provably_good_of_a_damaged_ledger_is_written_down() {
    let upline = generated();
    fs::rename(upline.path("ledger"), upline.path("usual")).unwrap();
    upline.run(&["copy", "usual", "ledger", "--engine", "files"]).succeeds();
    let all = upline.json(&["salvage", "all.jsonl"]);
    assert_eq!(all["whole"], true, "{all}");
    let lines: Vec<String> = upline.read("all.jsonl").lines().map(str::to_owned).collect();
    assert_eq!(lines.len() as u64, all["facts"].as_u64().unwrap());

    let log = fs::read(upline.path("ledger/log")).unwrap();
    let mut lengths = Vec::new();
    for (nth, share) in [1, 30, 60, 95].iter().enumerate() {
        let mut damaged = log.clone();
        let at = log.len() * share / 100;
        damaged[at..at + 3].copy_from_slice(b"BAD");
        upline.write("ledger/log", damaged);
        let out = format!("part{nth}.jsonl");
        let done = upline.run(&["salvage", &out]);
        done.fails(1, "facts");
        let part = upline.read(&out);
        assert!(part.lines().eq(lines.iter().take(part.lines().count())), "the beginning, fact for fact");
        lengths.push(part.lines().count());
        upline.run(&["--ledger", &format!("part{nth}"), "init"]).succeeds();
        let import = ["--ledger", &format!("part{nth}"), "import", "--trust-recorded-at", &out];
        upline.run(&import).succeeds();
    }
    assert!(lengths.is_sorted() && lengths[0] < lengths[3] && lengths[3] < lines.len(), "{lengths:?}");
    upline.write("ledger/log", &log);
    // Files that are gone.
    for file in ["acknowledged", "tail", "directory.jsonl", "log"] {
        let path = upline.path(&format!("ledger/{file}"));
        let held = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let done = upline.run(&["salvage", &format!("without-{file}")]);
        assert_eq!(done.code, Some(1), "{file}: {done:?}");
        fs::write(&path, held).unwrap();
    }
    upline.run(&["--ledger", "nowhere", "salvage", "x"]).fails(3, "no ledger");
    upline.verified();
}

#[test]
fn a_lost_directory_of_names_is_started_anew_and_filled_again() {
    let upline = generated();
    let names = upline.rows(&["directory"]);
    assert!(!names.as_array().unwrap().is_empty());
    fs::remove_file(upline.path("ledger/directory.jsonl")).unwrap();
    upline.run(&["import", "book.jsonl"]).fails(3, "directory of names is missing");
    upline.run(&["balance"]).succeeds();
    upline.run(&["directory", "--rebuild"]).succeeds();
    upline.run(&["import", "book.jsonl"]).succeeds();
    assert_eq!(upline.rows(&["directory"]), names);
}

#[test]
fn a_ledger_of_another_engine_has_the_same_history() {
    let upline = generated();
    let timed = |line: &str| {
        format!("{},\"recorded_at\":\"2026-01-01T00:00:00Z\"}}\n", line.strip_suffix('}').unwrap())
    };
    upline.write("timed", upline.read("book.jsonl").lines().map(timed).collect::<String>());
    for engine in upline_ledger::Engine::NAMES {
        upline.run(&["--ledger", engine, "init", "--engine", engine]).succeeds();
        upline.run(&["--ledger", engine, "import", "--trust-recorded-at", "timed"]).succeeds();
    }
    let of = |ledger: &str| upline.json(&["--ledger", ledger, "verify"])["root"].clone();
    let [usual, other] = upline_ledger::Engine::NAMES;
    assert_eq!(of(usual), of(other));
    assert_eq!(books(&upline, other), books(&upline, usual));
    upline.run(&["--ledger", other, "backup", "other.tar"]).succeeds();
    upline.run(&["--ledger", "restored", "restore", "other.tar"]).succeeds();
    assert_eq!(of("restored"), of(usual));
    assert_eq!(upline.json(&["--ledger", other, "salvage", "facts"])["whole"], true);
    upline.run(&["--ledger", other, "init"]).fails(3, "already");
    // Copied there and back.
    for (from, to, engine) in [(usual, "there", other), ("there", "back", usual), (other, "same", other)] {
        upline.run(&["copy", from, to, "--engine", engine]).succeeds();
        assert_eq!(of(to), of(usual), "{from} to {to}");
        assert_eq!(books(&upline, to), books(&upline, usual));
        let names = |ledger: &str| upline.read(&format!("{ledger}/directory.jsonl"));
        assert_eq!(names(to), names(from));
    }
    upline.run(&["copy", usual, "there"]).fails(3, "already");
    upline.run(&["copy", "nowhere", "anywhere"]).fails(3, "no ledger");
}
